"""Whose days were used: stories by hand, then any story the rules allow, held against a walk day by day.

14 June 2023 is a Wednesday; 17 and 18 June are a weekend.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from config.calendars import load_calendar
from models.days_spent import HOLDER_ZH, Change, Holder, days_spent
from models.lifecycle import Action, ClosureClass, Role, Stage, State
from models.workdays import Amendment, WorkCalendar
from tests.models.test_permission import Life

DAY = timedelta(days=1)
REAL = load_calendar(None)


def d(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


def story(text: str) -> list[Change]:
    """A line a change: day, action, the state after it."""
    rows = [row.split() for row in text.strip().splitlines()]
    return [Change(d(on_day), Action(action), State(state)) for on_day, action, state in rows]


STRAIGHT = """
06-01 assign            assigned
06-05 accept            in_progress
06-09 submit_self_check self_checked
06-12 pass_check        verified
06-14 open_review       under_review
06-20 approve           closed
"""


def spent(text: str, until: str) -> dict[str, int]:
    """The holders that had any days."""
    found = days_spent(story(text), d(until), REAL)
    assert list(found) == list(Holder)
    return {holder.value: days for holder, days in found.items() if days}


# fmt: off
TOLD = [
    (STRAIGHT, "06-20", {"unit": 6, "supervision": 3, "review": 4}, "from assignment to closure"),
    (STRAIGHT, "07-30", {"unit": 6, "supervision": 3, "review": 4}, "after the closure nobody has it"),
    ("06-14 assign assigned", "06-14", {}, "the day of assignment is nobody's"),
    ("06-14 assign assigned", "06-15", {"unit": 1}, "the day after it is the unit's, whole"),
    ("06-14 assign assigned", "06-18", {"unit": 2}, "a weekend adds nothing"),
    ("06-17 assign assigned", "06-19", {"unit": 1}, "assigned on a Saturday"),
    ("", "06-14", {}, "a draft is nobody's"),
    ("06-14 assign assigned\n06-14 submit_self_check self_checked\n06-14 pass_check verified\n"
     "06-14 open_review under_review\n06-14 approve closed", "06-30", {}, "all in one day"),
    ("06-12 assign assigned\n06-14 submit_self_check self_checked\n06-14 fail_check in_progress", "06-16",
     {"unit": 4}, "handed in and sent back in one day: it stays the unit's"),
    ("06-12 assign assigned\n06-14 withdraw withdrawn", "06-30", {"unit": 2}, "withdrawn"),
    # Holds
    ("06-12 assign assigned\n06-13 hold assigned\n06-16 resume assigned", "06-20",
     {"unit": 3, "hold": 3}, "held from the day after, to the day of resuming"),
    ("06-12 assign assigned\n06-13 hold assigned", "06-20", {"unit": 1, "hold": 5}, "held still"),
    ("06-12 assign assigned\n06-13 submit_self_check self_checked\n06-14 hold self_checked\n"
     "06-15 resume self_checked", "06-16", {"unit": 1, "supervision": 2, "hold": 1}, "held at supervision"),
    ("06-12 assign assigned\n06-13 hold assigned\n06-15 report_progress assigned", "06-16",
     {"unit": 1, "hold": 3}, "progress may be reported meanwhile, and it stays held"),
    ("06-12 assign assigned\n06-13 hold assigned\n06-15 withdraw withdrawn", "06-20",
     {"unit": 1, "hold": 2}, "withdrawn while held"),
    # Follow-ups
    ("06-12 approve following_up\n06-14 follow_up_report following_up\n06-19 follow_up_check following_up", "06-20",
     {"unit": 3, "supervision": 3}, "reported, then supervision's until it is checked"),
    ("06-12 approve following_up\n06-14 follow_up_report following_up\n06-15 hold following_up\n"
     "06-16 resume following_up", "06-19", {"unit": 2, "supervision": 2, "hold": 1}, "held after the report"),
    ("06-12 approve following_up\n06-14 follow_up_report following_up\n06-15 fail_follow_up in_progress", "06-19",
     {"unit": 4, "supervision": 1}, "found wanting: the unit's again"),
    ("06-12 approve following_up\n06-14 follow_up_report following_up\n06-15 reopen in_progress\n"
     "06-16 submit_self_check self_checked\n06-19 pass_check verified\n06-19 open_review under_review\n"
     "06-19 approve following_up", "06-20", {"unit": 4, "supervision": 2}, "a report of an earlier cycle is over"),
    ("06-12 approve closed\n06-14 look_back following_up\n06-16 follow_up_report following_up\n"
     "06-19 follow_up_check closed\n06-20 look_back following_up", "06-21",
     {"unit": 3, "supervision": 1}, "closed, looked back on, closed, looked back on"),
    ("06-12 approve closed\n06-14 reopen in_progress", "06-16", {"unit": 2}, "closed days are nobody's"),
    # What no holder depends on
    ("06-12 assign assigned\n06-13 accept in_progress\n06-14 ask_extension in_progress\n"
     "06-15 decide_extension in_progress\n06-16 hand_over in_progress", "06-19",
     {"unit": 5}, "more than one thing done, one holder"),
]
# fmt: on


@pytest.mark.parametrize(("text", "until", "expected", "_"), TOLD, ids=[row[-1] for row in TOLD])
def test_whose_days_were_used(text: str, until: str, expected: dict[str, int], _: str) -> None:
    assert spent(text, until) == expected


def test_what_happened_after_the_day_asked_about_is_not_counted() -> None:
    """As of an earlier day, as a rehearsal that was set back asks."""
    assert spent(STRAIGHT, "06-12") == {"unit": 6, "supervision": 1}
    assert spent(STRAIGHT, "06-07") == {"unit": 4}
    assert spent(STRAIGHT, "05-31") == {}


def test_every_holder_has_a_name() -> None:
    assert list(HOLDER_ZH) == list(Holder)
    assert len(set(HOLDER_ZH.values())) == len(Holder)


# Any story


@dataclass
class Walk:
    """The same count by walking over the days: at the start of each it is asked whose the measure is."""

    told: list[tuple[Change, str]]
    """Each change with whose the measure was after it, as the clocks of the life said."""

    def spent(self, until: date, calendar: WorkCalendar) -> dict[str, int]:
        found: dict[str, int] = {}
        day = self.told[0][0].on_day
        while day < until:
            day += DAY
            holder = [whose for change, whose in self.told if change.on_day < day][-1]
            if calendar.is_workday(day) and holder:
                found[holder] = found.get(holder, 0) + 1
        return found


HELD_BY = {
    Stage.ACCEPT: "unit",
    Stage.COMPLETE: "unit",
    Stage.FOLLOW_UP: "unit",
    Stage.CHECK: "supervision",
    Stage.OPEN_REVIEW: "supervision",
    Stage.REVIEW: "review",
}


def whose(life: Life) -> str:
    """By the clock that runs, which is not how `days_spent` knows it."""
    if life.state in (State.CLOSED, State.WITHDRAWN):
        return ""
    if life.held:
        return "hold"
    (holder,) = {HELD_BY[stage] for stage in life.stages if stage in HELD_BY}
    return holder


moves = st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0, 0, 1, 1, 2, 3, 5, 11, 30])), max_size=50)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """The real one, or one with a closure somewhere and a worked weekend."""
    start = date(2023, 6, 1) + DAY * draw(st.integers(0, 90))
    off = frozenset(start + DAY * n for n in range(draw(st.integers(1, 20))))
    work = frozenset({date(2023, 6, 17), date(2023, 7, 1), date(2023, 7, 2)}) - off
    return draw(st.just(REAL) | st.just(WorkCalendar(overlay=[Amendment("放假", off=off, work=work)])))


@settings(max_examples=200, deadline=None)
@given(moves, st.sampled_from(ClosureClass), st.booleans(), st.integers(0, 40), calendars())
def test_the_days_of_any_story_are_those_a_walk_counts(
    moves: list[tuple[int, int]], closure: ClosureClass, major: bool, after: int, calendar: WorkCalendar
) -> None:
    day, life = date(2023, 6, 1), Life(major, closure)
    life.take(Action.ASSIGN, "general", Role.GENERAL)
    told = [(Change(day, Action.ASSIGN, life.state), whose(life))]
    for choice, days in moves:
        ways = [(action, role) for role in Role for action in life.options(role, role) if action != Action.WITHDRAW]
        action, role = ways[choice % len(ways)]
        life.take(action, role, role)
        day += DAY * days
        told.append((Change(day, action, life.state), whose(life)))
    until = day + DAY * after
    found = days_spent([change for change, _ in told], until, calendar)
    assert {holder.value: days for holder, days in found.items() if days} == Walk(told).spent(until, calendar)
    event(f"ended {life.state}")
    if all(holder for _, holder in told[:-1]):
        end = until if told[-1][1] else day
        assert sum(found.values()) == calendar.workdays_between(told[0][0].on_day, end)
