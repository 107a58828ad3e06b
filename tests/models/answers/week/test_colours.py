"""The order and meaning of colours come from the ladders alone."""

from models.answers.week.colours import meanings
from models.ladder import Colour, Policy
from models.lifecycle import Stage
from tests.histories import POLICIES
from tests.offices import policy

BLUE, GREEN, YELLOW, ORANGE, RED = Colour


def of(ladder: str, rest: str = "") -> Policy:
    return policy(f"name: 测试\nstages:\n  complete:\n    limit: ledger\n    ladder:\n{ladder}{rest}")


def rung(at: str, colour: Colour) -> str:
    return f"      - {{at: {at}, to: [unit], kind: urge, colour: {colour}}}\n"


def test_the_later_a_colour_comes_the_graver_it_is() -> None:
    assert [one.colour for one in meanings(policy())] == [RED, YELLOW, GREEN]
    assert [one.colour for one in meanings(policy(POLICIES[1]))][:3] == [RED, YELLOW, GREEN]


def test_another_office_s_red_is_a_first_reminder() -> None:
    found = [one.colour for one in meanings(of(rung("-5wd", RED) + rung("0", BLUE) + rung("+3wd", GREEN)))]
    assert found.index(GREEN) < found.index(BLUE) < found.index(RED)


def test_a_colour_of_another_ladder_goes_where_that_ladder_has_it() -> None:
    accept = (
        "  accept:\n    limit: 2wd\n    ladder:\n" + rung("+1wd", YELLOW) + rung("+2wd", ORANGE) + rung("+3wd", RED)
    )
    found = [one.colour for one in meanings(of(rung("-5wd", YELLOW) + rung("+1wd", RED), accept))]
    assert found[:3] == [RED, ORANGE, YELLOW]


def test_each_colour_says_where_it_begins() -> None:
    red = next(one for one in meanings(policy()) if one.colour is RED)
    begins = {stage: at.text for stage, at in red.begins}
    assert begins[Stage.COMPLETE] == "+1wd"  # the two rungs after it are red as well and begin nothing
    assert begins[Stage.ACCEPT] == "+3wd"
    assert len(begins) == len(red.begins) == len(Stage)


def test_a_colour_that_no_ladder_has_is_not_spoken_of() -> None:
    assert BLUE not in {one.colour for one in meanings(policy())}
