"""The poll against the walk: whole histories of an office, told to both, must give the same notices run by run.

Some histories are drawn by a seed and large, some by hypothesis and small; those at the end are short and their
outcome is reckoned by hand. What the poll does for speed must never show in what it says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from config.policy import DEFAULT_POLICY
from models.directory import Directory, StandIn
from models.errors import RunRefused
from models.ladder import Policy
from models.lifecycle import Role, Stage
from models.store.board import clocks_of, notices_of_measure
from models.store.engine import Store
from models.store.posting import MANY_ARMED, watermark
from models.tables import MessageState, Unsaid
from models.tables.core import RUN, SNAPSHOT
from tests.histories import (
    START,
    Announce,
    Deliver,
    Draughtsman,
    Found,
    HandToLead,
    History,
    Hold,
    Key,
    Open,
    Player,
    Readdress,
    Redate,
    Regroup,
    Resume,
    Rule,
    Run,
    Step,
    Stop,
    deliver,
    draw,
    messages_of,
    notices_of,
    worked_days,
)
from tests.offices import (
    FILE_BOX,
    NO_ADDRESS,
    OTHER_BOX,
    PLAIN_DIRECTORY,
    Books,
    Opening,
    Row,
    calendar,
    empty_store,
    policy,
    replaced,
    undone,
)
from tests.walk import DAY

SEEDS = range(6)
EVERYBODY = tuple(one.code for one in PLAIN_DIRECTORY.parties)
OTHERS = tuple(code for code in EVERYBODY if code != "D1")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with empty_store(tmp_path_factory.mktemp("home")) as opened:
        yield opened


def play(store: Store, history: History, kind: type[Player] = Player) -> int:
    """Tells a history to poll and walk, and undoes it. Returns how many notices were compared."""
    with undone(store) as connection:
        player = kind.of(connection, history, START)
        player.play(history.steps)
    return player.compared


# Drawn histories


@pytest.mark.parametrize("seed", SEEDS)
def test_a_long_history_is_told_as_the_walk_tells_it(store: Store, seed: int) -> None:
    compared = play(store, draw(Random(seed)))
    assert compared > 250, f"seed {seed} draws a history in which little happens"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 3), st.integers(1, 7))
def test_a_short_history_is_told_as_the_walk_tells_it(store: Store, chance: Random, clocks: int, runs: int) -> None:
    play(store, draw(chance, measures=2, runs=runs, open_at_first=clocks))


class Restless(Player):
    """An office that rewords its policy before each run, so that every clock always meets the full windows."""

    def _run(self, on: date) -> None:
        version = len(self.told)
        self.books.policy = replace(self.books.policy, digest=f"{self.books.policy.digest[:40]}-{version}")
        super()._run(on)


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_full_windows_at_every_run_say_the_same_as_crossing_ones(store: Store, seed: int) -> None:
    assert play(store, draw(Random(seed)), Restless) > 250


def test_so_many_armed_clocks_that_all_are_looked_at_say_the_same(store: Store) -> None:
    chance = Random(1)
    drawn = Draughtsman(chance, measures=40, runs=2, open_at_first=20)
    few = drawn.history()
    day = drawn.day + DAY
    many = drawn._open(few.rows, MANY_ARMED + 1, day)
    later = (Run(day), Deliver(day, ("D1", "D2", "L1")), Run(day + DAY))
    assert play(store, replace(few, steps=(*few.steps, many, *later))) > MANY_ARMED


# Catching up

UNGATED = DEFAULT_POLICY.read_text(encoding="utf-8").replace(", served: unit", "")
GAPS = ((3, 0), (6, 1), (11, 2), (23, 3), (60, 4))


@dataclass(frozen=True)
class Ended:
    """All that an office ever said."""

    notices: dict[Key, Found]

    def last_words(self) -> dict[tuple[int, str], Key]:
        """For each clock and party the newest notice that was not superseded."""
        said = [(one.on, key) for key, one in self.notices.items() if one.unsaid != "superseded"]
        return {(key[0], key[3]): key for _, key in sorted(said)}


def end_of(store: Store, seed: int, run_days: Sequence[date], rules: Policy, accepted: bool) -> Ended:
    """What was said by runs on these days over one drawn set of clocks, with nothing else happening."""
    drawn = Draughtsman(Random(seed), measures=30, runs=0, open_at_first=60).history()
    with undone(store) as connection:
        player = Player.of(connection, drawn, START)
        player.books.policy = rules
        player.play(drawn.steps)
        for day in run_days:
            player.books.run(day)
            if accepted:
                player.play([Deliver(day, tuple(one.code for one in drawn.parties.parties))])
        return Ended(notices_of(connection))


def working_days(first: date, how_many: int) -> list[date]:
    return [worked_days().add(first, n) for n in range(1, how_many + 1)]


@pytest.mark.parametrize(("missed", "seed"), GAPS)
def test_catching_up_posts_what_day_by_day_posts_and_says_the_last_of_it(store: Store, missed: int, seed: int) -> None:
    days = working_days(date(2023, 4, 3), missed)
    daily = end_of(store, seed, days, policy(UNGATED), accepted=False)
    at_once = end_of(store, seed, days[-1:], policy(UNGATED), accepted=False)
    assert {key: one.on for key, one in daily.notices.items()} == {key: one.on for key, one in at_once.notices.items()}
    assert daily.last_words() == at_once.last_words()
    said = [(key[0], key[3]) for key, one in at_once.notices.items() if one.unsaid is None and one.kind != "address"]
    assert len(said) == len(set(said)), "a run says one rung to a party about a clock"


@pytest.mark.parametrize(("missed", "seed"), GAPS)
def test_catching_up_tells_whom_day_by_day_tells_but_for_those_held_back_until_the_unit_was(
    store: Store, missed: int, seed: int
) -> None:
    first, *days = working_days(date(2023, 4, 3), missed + 4)
    gap, after = days[: missed - 1], days[missed - 1 :]
    daily = end_of(store, seed, [first, *gap], policy(), accepted=True)
    at_once = end_of(store, seed, [first, *gap[-1:]], policy(), accepted=True)
    behind = daily.last_words().keys() ^ at_once.last_words().keys()
    held_back = {pair for pair, key in daily.last_words().items() if key[2].startswith(GATED)}
    assert behind <= held_back
    then_daily = end_of(store, seed, [first, *gap, *after], policy(), accepted=True)
    then_at_once = end_of(store, seed, [first, *gap[-1:], *after], policy(), accepted=True)
    assert then_daily.last_words().keys() == then_at_once.last_words().keys()


GATED = ("complete/+5wd", "complete/+10wd")


# Reckoned by hand
#
# April 2023: the 5th is a day off, Sunday the 23rd is worked, the 29th to 3 May are off. Measure 1 is D1's and 4 is
# D4's, which has no address; L1 leads both. A notice is written "MM-DD party rung", and why it was not said.


def d(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


def opened(due: str, on: str, *, measure: str = "1", stage: Stage = Stage.COMPLETE, opens: str = "") -> Open:
    return Open((Opening(measure, stage, d(due), d(opens or on)),), d(on))


def ran(*days: str) -> list[Step]:
    return [Run(d(day)) for day in days]


def ran_and_accepted(*days: str) -> list[Step]:
    return [step for day in days for step in (Run(d(day)), Deliver(d(day), EVERYBODY))]


TWO_ROLES = replaced(
    replaced(PLAIN_DIRECTORY, "D1", roles=frozenset({Role.UNIT, Role.SUPERVISION})),
    "L1",
    roles=frozenset({Role.LEAD, Role.HEAD}),
)


@dataclass(frozen=True)
class Story:
    """A sentence of the design, what happens, and all that must have been posted at the end."""

    sentence: str
    steps: Sequence[Step]
    posted: str
    parties: Directory = PLAIN_DIRECTORY


# Before 14 April the 10th working day is 30 March, the third the 11th. After 3 April the fifth is the 11th, the tenth
# the 18th. Before 28 April the tenth is the 17th, since the 23rd is worked. After 27 March the 5th is 3 April and the
# 10th 11 April.
STORIES = (
    Story(
        "a clock opened late is told its present rung at once, and none before it",
        [opened("04-14", "04-10"), *ran("04-10")],
        """04-10 D1 complete/-10wd
           04-10 L1 complete/-10wd""",
    ),
    Story(
        "a second run on a day adds nothing",
        [opened("04-14", "04-11"), *ran("04-11", "04-11", "04-11")],
        """04-11 D1 complete/-3wd
           04-11 L1 complete/-10wd""",
    ),
    Story(
        "a second run on a day handles what was opened since",
        [opened("04-14", "04-11"), *ran("04-11"), opened("04-11", "04-11", stage=Stage.MILESTONE), *ran("04-11")],
        """04-11 D1 complete/-3wd
           04-11 L1 complete/-10wd
           04-11 D1 milestone/0""",
    ),
    Story(
        "a second run on a day handles what was re-dated since",
        [opened("04-14", "04-11"), *ran("04-11"), Redate(1, d("04-28"), d("04-11")), *ran("04-11", "04-17")],
        """04-11 D1 complete/-3wd
           04-11 L1 complete/-10wd
           04-11 D1 complete/-20wd of 04-28
           04-17 D1 complete/-10wd of 04-28
           04-17 L1 complete/-10wd of 04-28""",
    ),
    Story(
        "a new date re-arms the ladder: its present rung is said although it was said for the old date",
        [opened("04-28", "04-17"), *ran("04-17"), Redate(1, d("04-26"), d("04-18")), *ran("04-18")],
        """04-17 D1 complete/-10wd
           04-17 L1 complete/-10wd
           04-18 D1 complete/-10wd of 04-26
           04-18 L1 complete/-10wd of 04-26""",
    ),
    Story(
        "of the rungs that one run posts to a party only the last is said",
        [opened("04-03", "04-03"), *ran("04-11")],
        """04-03 D1 complete/0 superseded
           04-04 D1 complete/+1wd superseded
           04-11 D1 complete/+5wd
           04-03 L1 complete/0 superseded
           04-04 L1 complete/+1wd
           04-04 S1 complete/+1wd""",
    ),
    Story(
        "a run on a rest day adds nothing of its own and loses nothing that was armed on it",
        [opened("04-28", "04-04"), *ran("04-04"), opened("04-06", "04-05"), *ran("04-05", "04-06")],
        """04-04 D1 complete/-20wd
           04-06 D1 complete/0
           04-06 L1 complete/0""",
    ),
    Story(
        "a run on a rest day handles the working days before it, under their own dates",
        [opened("04-06", "04-04"), *ran("04-04", "04-08")],
        """04-04 D1 complete/-3wd
           04-04 L1 complete/-10wd
           04-06 D1 complete/0 superseded
           04-06 L1 complete/0 superseded
           04-07 D1 complete/+1wd
           04-07 L1 complete/+1wd
           04-07 S1 complete/+1wd""",
    ),
    Story(
        "the first run of a home may be on a rest day: its watermark is the day before its first clock",
        [opened("04-07", "04-07"), *ran("04-08", "04-09")],
        """04-07 D1 complete/0
           04-07 L1 complete/0""",
    ),
    Story(
        "a clock opened on a rest day takes part from the working day after it",
        [opened("04-10", "04-08"), *ran("04-08", "04-10")],
        """04-10 D1 complete/0
           04-10 L1 complete/0""",
    ),
    Story(
        "a clock takes part from its opening, though somebody opened it days before and runs saw that",
        [opened("04-28", "04-06"), opened("04-06", "04-06", opens="04-12"), *ran("04-06", "04-07", "04-11", "04-12")],
        """04-06 D1 complete/-20wd
           04-12 D1 complete/+1wd
           04-12 L1 complete/+1wd
           04-12 S1 complete/+1wd""",
    ),
    Story(
        "a clock to be opened inside a gap takes part from its opening",
        [opened("04-28", "04-06"), *ran("04-06"), opened("04-11", "04-07", opens="04-10"), *ran("04-11")],
        """04-06 D1 complete/-20wd
           04-10 D1 complete/-3wd superseded
           04-10 L1 complete/-10wd superseded
           04-11 D1 complete/0
           04-11 L1 complete/0""",
    ),
    Story(
        "clocks opened after a run that found no clock at all are handled on that day",
        [*ran("04-10"), opened("04-10", "04-10"), *ran("04-10", "04-11")],
        """04-10 D1 complete/0
           04-10 L1 complete/0
           04-11 D1 complete/+1wd
           04-11 L1 complete/+1wd
           04-11 S1 complete/+1wd""",
    ),
    Story(
        "a stopped clock says nothing, not even for the days before it was stopped",
        [opened("04-10", "04-07"), *ran("04-07"), Stop(1, d("04-12")), *ran("04-12")],
        """04-07 D1 complete/-3wd
           04-07 L1 complete/-10wd""",
    ),
    Story(
        "a held clock says nothing; resumed, it says its present rung",
        [opened("04-10", "04-07"), *ran("04-07"), Hold(1, d("04-07")), *ran("04-10", "04-11"), Resume(1, d("04-12")),
         *ran("04-12")],
        """04-07 D1 complete/-3wd
           04-07 L1 complete/-10wd
           04-12 D1 complete/+1wd
           04-12 L1 complete/+1wd
           04-12 S1 complete/+1wd""",
    ),
    Story(
        "the unit accepted an earlier notice in an earlier run: all of the rung hear on its day",
        [opened("04-03", "04-03"), *ran_and_accepted("04-03", "04-11")],
        """04-03 D1 complete/0
           04-03 L1 complete/0
           04-04 D1 complete/+1wd superseded
           04-04 L1 complete/+1wd superseded
           04-04 S1 complete/+1wd
           04-11 D1 complete/+5wd
           04-11 L1 complete/+5wd
           04-11 A1 complete/+5wd""",
    ),
    Story(
        "an acceptance of the same day lets nobody hear, not in a second run either; the next day does",
        [opened("03-27", "04-03"), *ran_and_accepted("04-03"), *ran("04-03", "04-04")],
        """04-03 D1 complete/+5wd
           04-03 S1 complete/+1wd
           04-04 L1 complete/+5wd
           04-04 A1 complete/+5wd""",
    ),
    Story(
        "while nothing was accepted nobody else hears, however often the rung repeats",
        [opened("03-27", "04-03"), *ran("04-03", "04-11", "04-18"), Deliver(d("04-20"), ("D1",)),
         *ran("04-20", "04-21")],
        """04-03 D1 complete/+5wd
           04-03 S1 complete/+1wd
           04-21 L1 complete/+5wd
           04-21 A1 complete/+10wd#2
           04-21 H1 complete/+10wd#2""",
    ),
    Story(
        "where the unit has no address the general group hears of that, once a clock and due date",
        [opened("03-27", "04-03", measure="4"), *ran_and_accepted("04-03", "04-11", "04-18"),
         Redate(1, d("04-11"), d("04-18")), *ran_and_accepted("04-18", "04-19", "05-04")],
        """04-03 D4 complete/+5wd no_address
           04-03 S1 complete/+1wd
           04-03 G1 complete/address
           04-18 D4 complete/+5wd of 04-11 no_address
           04-18 S1 complete/+1wd of 04-11
           04-18 G1 complete/address of 04-11""",
    ),
    Story(
        "a unit that gets an address hears what it missed, and once it was told those held back hear their rung",
        # Ten working days after 20 March is 3 April: the unit stands on +5wd, A1 and H1 on +10wd#1.
        [opened("03-20", "04-03", measure="4"), *ran("04-03"), Readdress("D4", FILE_BOX, d("04-04")),
         *ran_and_accepted("04-04", "04-06")],
        """04-03 D4 complete/+5wd
           04-03 S1 complete/+1wd
           04-03 G1 complete/address
           04-06 L1 complete/+5wd
           04-06 A1 complete/+10wd#1
           04-06 H1 complete/+10wd#1""",
    ),
    Story(
        "of all that a party missed the newest is said",
        [opened("04-07", "04-03", measure="4"), *ran("04-03", "04-07", "04-10"), Readdress("D4", FILE_BOX, d("04-11")),
         *ran("04-11", "04-12")],
        """04-03 D4 complete/-3wd no_address
           04-03 L1 complete/-10wd
           04-07 D4 complete/0 no_address
           04-07 L1 complete/0
           04-10 D4 complete/+1wd
           04-10 L1 complete/+1wd
           04-10 S1 complete/+1wd""",
    ),
    Story(
        "what a party missed is not said where the same run says a later rung to it, not even later on",
        [opened("04-07", "04-03", measure="4"), *ran("04-03"), Readdress("D4", FILE_BOX, d("04-07")),
         *ran("04-07"), Readdress("D4", NO_ADDRESS, d("04-07")), Readdress("D4", FILE_BOX, d("04-07")), *ran("04-07")],
        """04-03 D4 complete/-3wd no_address
           04-03 L1 complete/-10wd
           04-07 D4 complete/0
           04-07 L1 complete/0""",
    ),
    Story(
        "of what a party missed in one run the later rung is the newest, though the other has the higher number",
        # 3 April is +5wd of 27 March: there D4 stands as unit, posted first, and on +1wd as supervision, posted after.
        [opened("03-27", "04-03", measure="4"), *ran("04-03"), Readdress("D4", FILE_BOX, d("04-04")), *ran("04-04")],
        """04-03 D4 complete/+1wd superseded
           04-03 D4 complete/+5wd
           04-03 S1 complete/+1wd
           04-03 G1 complete/address""",
        replaced(PLAIN_DIRECTORY, "D4", roles=frozenset({Role.UNIT, Role.SUPERVISION})),
    ),
    Story(
        "that it had no address does not keep a unit that is the general group too from what it missed",
        [opened("03-27", "04-03", measure="4"), *ran("04-03"), Readdress("D4", FILE_BOX, d("04-04")), *ran("04-04")],
        """04-03 D4 complete/+5wd
           04-03 S1 complete/+1wd
           04-03 D4 complete/address no_address
           04-03 G1 complete/address""",
        replaced(PLAIN_DIRECTORY, "D4", roles=frozenset({Role.UNIT, Role.GENERAL})),
    ),
    Story(
        "what a party missed waits for a run that handles a working day",
        [opened("04-06", "04-04", measure="4"), *ran("04-04"), Readdress("D4", FILE_BOX, d("04-05")), *ran("04-05")],
        """04-04 D4 complete/-3wd no_address
           04-04 L1 complete/-10wd""",
    ),
    Story(
        "and is said by that run, also where an earlier one saw the address on a rest day",
        [opened("04-14", "04-04", measure="4"), *ran("04-04"), Readdress("D4", FILE_BOX, d("04-05")),
         *ran("04-05", "04-06")],
        """04-04 D4 complete/-10wd
           04-04 L1 complete/-10wd""",
    ),
    Story(
        "what a party missed on a stopped clock or for another due date is never said",
        [opened("04-14", "04-04", measure="4"), opened("04-14", "04-04", measure="4"), *ran("04-04"),
         Readdress("D4", FILE_BOX, d("04-06")), Stop(1, d("04-06")), Redate(2, d("06-30"), d("04-06")), *ran("04-06")],
        """04-04 D4 complete/-10wd no_address
           04-04 D4 complete/-10wd no_address
           04-04 L1 complete/-10wd
           04-04 L1 complete/-10wd""",
    ),
    Story(
        "what a party missed on a held clock waits until the clock runs again",
        [opened("04-14", "04-04", measure="4"), *ran("04-04"), Hold(1, d("04-04")),
         Readdress("D4", FILE_BOX, d("04-06")),
         *ran("04-06"), Resume(1, d("04-07")), *ran("04-07")],
        """04-04 D4 complete/-10wd
           04-04 L1 complete/-10wd""",
    ),
    Story(
        "a lead that gets an address hears what it missed too, and a general group not of an address since found",
        [opened("03-27", "04-03", measure="4"), *ran_and_accepted("04-03"), Readdress("G1", FILE_BOX, d("04-04")),
         Readdress("D4", FILE_BOX, d("04-04")), *ran_and_accepted("04-04"), *ran("04-06"),
         Readdress("L1", FILE_BOX, d("04-07")), *ran("04-07")],
        """04-03 D4 complete/+5wd
           04-03 S1 complete/+1wd
           04-03 G1 complete/address no_address
           04-06 L1 complete/+5wd
           04-06 A1 complete/+5wd""",
        replaced(replaced(PLAIN_DIRECTORY, "G1", addresses=()), "L1", addresses=()),
    ),
    Story(
        "a unit that loses its address between two rungs is heard of by the general group on the first day after",
        [opened("03-27", "04-03"), *ran("04-03"), Readdress("D1", NO_ADDRESS, d("04-06")), *ran("04-13")],
        """04-03 D1 complete/+5wd
           04-03 S1 complete/+1wd
           04-04 G1 complete/address""",
    ),
    Story(
        "a unit whose address refuses for good is heard of by the general group, once, and those held back wait",
        [opened("03-27", "04-03"), *ran("04-03"), Deliver(d("04-03"), OTHERS, ("D1",)),
         *ran("04-04"), Deliver(d("04-04"), EVERYBODY), *ran("04-11"), Deliver(d("04-11"), OTHERS, ("D1",)),
         *ran("04-12")],
        """04-03 D1 complete/+5wd
           04-03 S1 complete/+1wd
           04-04 G1 complete/address""",
    ),
    Story(
        "once it has another address it hears what was refused, and then those held back hear",
        [opened("03-27", "04-03"), *ran("04-03"), Deliver(d("04-03"), OTHERS, ("D1",)), *ran("04-04"),
         Readdress("D1", OTHER_BOX, d("04-04")), Deliver(d("04-04"), EVERYBODY), *ran("04-06")],
        """04-03 D1 complete/+5wd
           04-03 S1 complete/+1wd
           04-04 G1 complete/address
           04-06 L1 complete/+5wd
           04-06 A1 complete/+5wd""",
    ),
    Story(
        "an acceptance shows that a unit can be reached again: another clock of it is no news for the general group",
        [opened("03-27", "04-03"), *ran("04-03"), Deliver(d("04-03"), OTHERS, ("D1",)),
         opened("04-14", "04-03"), *ran("04-03"), Deliver(d("04-03"), EVERYBODY),
         opened("03-27", "04-04"), *ran("04-04")],
        """04-03 D1 complete/+5wd
           04-03 S1 complete/+1wd
           04-03 G1 complete/address
           04-03 D1 complete/-10wd
           04-03 L1 complete/-10wd
           04-04 D1 complete/+5wd
           04-04 S1 complete/+1wd""",
    ),
    Story(
        "it is the first acceptance that counts: a later one holds nobody back again",
        [opened("04-03", "04-03"), *ran_and_accepted("04-03"), *ran("04-11"), Deliver(d("04-18"), EVERYBODY),
         *ran("04-18")],
        """04-03 D1 complete/0
           04-03 L1 complete/0
           04-04 D1 complete/+1wd superseded
           04-04 L1 complete/+1wd superseded
           04-04 S1 complete/+1wd
           04-11 D1 complete/+5wd
           04-11 L1 complete/+5wd
           04-11 A1 complete/+5wd
           04-18 A1 complete/+10wd#1
           04-18 H1 complete/+10wd#1""",
    ),
    Story(
        "a unit told on the day itself that has no address any more is heard of by the general group",
        [opened("03-27", "04-03"), *ran_and_accepted("04-03"), Readdress("D1", NO_ADDRESS, d("04-03")),
         *ran("04-03", "04-04")],
        """04-03 D1 complete/+5wd
           04-03 S1 complete/+1wd
           04-03 G1 complete/address
           04-04 L1 complete/+5wd
           04-04 A1 complete/+5wd""",
    ),
    Story(
        "that a unit has no address is said beside what the ladder says to the general group",
        # The tangled policy: the general group hears at +3d, and is held back at +5wd.
        [Rule(2), opened("04-10", "04-10", measure="4"), *ran("04-10", "04-17")],
        """04-10 D4 complete/0 no_address
           04-10 L1 complete/0
           04-10 S1 complete/-3wd
           04-10 H1 complete/0
           04-12 D4 complete/+2wd superseded
           04-12 L1 complete/+2wd
           04-12 S1 complete/+2wd
           04-13 G1 complete/+3d
           04-17 D4 complete/+5wd no_address
           04-17 G1 complete/address""",
    ),
    Story(
        "the later day goes before the later rung",
        # The tangled policy again: +2wd of Monday the 10th is the 12th, +3d, which stands before it, the 13th.
        [Rule(2), opened("04-10", "04-10"), *ran("04-10", "04-13")],
        """04-10 D1 complete/0
           04-10 L1 complete/0
           04-10 S1 complete/-3wd
           04-10 H1 complete/0
           04-12 D1 complete/+2wd superseded
           04-12 L1 complete/+2wd
           04-12 S1 complete/+2wd
           04-13 D1 complete/+3d
           04-13 G1 complete/+3d""",
        replaced(PLAIN_DIRECTORY, "D1", roles=frozenset({Role.UNIT, Role.GENERAL})),
    ),
    Story(
        "the day noted is the first that calls for a notice, though a later day of the run does for another role",
        # The tangled policy: +5wd is the 17th, +8wd the 20th. Told on the 18th, the unit lets others hear on the 19th.
        [Rule(2), opened("04-10", "04-10"), *ran("04-10", "04-12"), Deliver(d("04-18"), ("D1",)), *ran("04-20")],
        """04-10 D1 complete/0 superseded
           04-10 L1 complete/0 superseded
           04-10 H1 complete/0 expired
           04-10 S1 complete/-3wd superseded
           04-12 D1 complete/+2wd
           04-12 L1 complete/+2wd
           04-12 S1 complete/+2wd
           04-13 D1 complete/+3d superseded
           04-13 G1 complete/+3d superseded
           04-17 D1 complete/+5wd superseded
           04-19 L1 complete/+5wd
           04-19 G1 complete/+5wd
           04-20 D1 complete/+8wd
           04-20 S1 complete/+8wd
           04-20 H1 complete/+8wd""",
        replaced(PLAIN_DIRECTORY, "D1", roles=frozenset({Role.UNIT, Role.GENERAL})),
    ),
    Story(
        "another policy is looked at anew, also where its first run is on a rest day",
        [opened("04-14", "04-06"), *ran("04-07"), Rule(1), *ran("04-08", "04-10")],
        """04-06 D1 complete/-10wd
           04-06 L1 complete/-10wd
           04-10 D1 complete/-10d
           04-10 L1 complete/-10d""",
    ),
    Story(
        "another calendar steps over no rung that it moved to a day already handled",
        # With the 12th and 13th off the third working day before the 14th is no longer the 11th but the 7th.
        [opened("04-14", "04-06"), *ran("04-10"), Announce(1), *ran("04-11")],
        """04-06 D1 complete/-10wd
           04-06 L1 complete/-10wd
           04-11 D1 complete/-3wd""",
    ),
    Story(
        "nor where the first run by it is on a rest day",
        [opened("04-14", "04-06"), *ran("04-07"), Announce(1), *ran("04-08", "04-10")],
        """04-06 D1 complete/-10wd
           04-06 L1 complete/-10wd
           04-10 D1 complete/-3wd""",
    ),
    Story(
        "a second run on a day that a notice has set off in between adds nothing",
        [opened("04-28", "04-12"), *ran("04-12"), Announce(1), opened("04-12", "04-12"), *ran("04-12", "04-14")],
        """04-12 D1 complete/-20wd
           04-14 D1 complete/+1wd
           04-14 L1 complete/+1wd
           04-14 S1 complete/+1wd""",
    ),
    Story(
        "a party in two roles has a rung said to it once",
        [opened("04-10", "04-10"), *ran("04-10", "04-11")],
        """04-10 D1 complete/0
           04-10 L1 complete/0
           04-11 D1 complete/+1wd
           04-11 L1 complete/+1wd
           04-11 S1 complete/+1wd""",
        TWO_ROLES,
    ),
    Story(
        "of two rungs on which a party stands in two roles the later one is said",
        # 3 April is the tenth working day after 20 March: D1 stands on +5wd, and as supervision on +1wd.
        [opened("03-20", "04-03"), *ran_and_accepted("04-03"), *ran("04-04")],
        """04-03 D1 complete/+1wd superseded
           04-03 D1 complete/+5wd
           04-03 S1 complete/+1wd
           04-04 L1 complete/+5wd superseded
           04-04 L1 complete/+10wd#1
           04-04 A1 complete/+10wd#1
           04-04 H1 complete/+10wd#1""",
        TWO_ROLES,
    ),
    Story(
        "a party that joins a group hears of the present rung at once, and the group not again",
        [opened("04-10", "04-10"), *ran("04-11"), Regroup("D3", Role.SUPERVISION, True, d("04-12")), *ran("04-12")],
        """04-10 D1 complete/0 superseded
           04-10 L1 complete/0 superseded
           04-11 D1 complete/+1wd
           04-11 L1 complete/+1wd
           04-11 S1 complete/+1wd
           04-12 D3 complete/+1wd""",
    ),
    Story(
        "another lead hears of the present rung at once",
        [opened("04-10", "04-10"), *ran("04-10"), HandToLead("1", "L2", d("04-10")), *ran("04-10")],
        """04-10 D1 complete/0
           04-10 L1 complete/0
           04-10 L2 complete/0""",
    ),
)  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.sentence)
def test_the_design_sentence_by_sentence(store: Store, story: Story) -> None:
    rows = (Row("1"), Row("4", unit="D4"))
    with undone(store) as connection:
        player = Player.of(connection, History(story.parties, rows, ()), START)
        player.play(story.steps)
        first_due = next(one.due_on for step in story.steps if isinstance(step, Open) for one in step.openings)
        found = notices_of(connection)
    several_clocks = len({key[0] for key in found}) > 1
    written = sorted(written_as(key, one, None if several_clocks else first_due) for key, one in found.items())
    assert written == sorted(line.strip() for line in story.posted.splitlines())


def written_as(key: Key, one: Found, usual: date | None) -> str:
    _, due_on, rung, code = key
    due = f" of {due_on:%m-%d}" if usual and due_on != usual else ""
    return f"{one.on:%m-%d} {code} {rung}{due}{f' {one.unsaid}' if one.unsaid else ''}"


# What a run leaves behind


def test_what_a_unit_missed_goes_out_with_the_run_that_finds_an_address(store: Store) -> None:
    """It shares that run's message with what is new, counts as no new notice, and is shown with that message."""
    with undone(store) as connection:
        player = Player.of(connection, History(PLAIN_DIRECTORY, (Row("4", unit="D4"),), ()), START)
        player.play([opened("03-20", "04-03", measure="4"), *ran("04-03"), Readdress("D4", FILE_BOX, d("04-04"))])
        books = player.books
        alone = books.run(d("04-04"))
        assert (alone.notices, alone.messages) == (0, 1)
        assert messages_of(connection, alone.run_id) == {("D4", "escalation"): {(1, d("03-20"), "complete/+5wd", "D4")}}
        assert shown(connection, "complete/+5wd") == (d("04-03"), None, MessageState.PLANNED)
        deliver(connection, d("04-04"), EVERYBODY)
        assert shown(connection, "complete/+5wd") == (d("04-03"), None, MessageState.ACCEPTED)
        assert clocks_of(connection, 1)[0].served_on == d("04-04")


def test_what_a_unit_missed_shares_a_message_with_what_is_new(store: Store) -> None:
    with undone(store) as connection:
        player = Player.of(connection, History(PLAIN_DIRECTORY, (Row("4", unit="D4"),), ()), START)
        player.play([opened("03-20", "04-03", measure="4"), *ran("04-03"), Readdress("D4", FILE_BOX, d("04-04"))])
        player.play([opened("03-27", "04-04", measure="4"), opened("04-14", "04-04", measure="4")])
        posted = player.books.run(d("04-04"))
        assert {key: {clock for clock, *_ in said} for key, said in messages_of(connection, posted.run_id).items()} == {
            ("D4", "escalation"): {1, 2},
            ("D4", "digest"): {3},
            ("S1", "escalation"): {2},
            ("L1", "digest"): {3},
        }


def shown(connection: Connection, rung: str) -> tuple[date, Unsaid | None, MessageState | None]:
    """The one notice of a rung as listings show it: its day, why it was not said, how its message stands."""
    (row,) = (one for one in notices_of_measure(connection, 1) if one.rung == rung)
    return row.on_day, row.unsaid, row.message_state


def test_a_day_before_the_watermark_is_refused_and_leaves_no_run(store: Store) -> None:
    with undone(store) as connection:
        player = office_with_a_clock(connection, opened("04-14", "04-10"))
        player.books.run(d("04-12"))
        with pytest.raises(RunRefused, match="2023-04-11 早于已处理到的日期 2023-04-12"):
            player.books.run(d("04-11"))
        assert connection.scalar(select(func.count()).select_from(RUN)) == 1


def test_a_new_homes_watermark_is_the_day_before_its_first_clock(store: Store) -> None:
    with undone(store) as connection:
        player = office_with_a_clock(connection, opened("04-14", "04-10", opens="04-12"))
        assert watermark(connection) == d("04-11")
        with pytest.raises(RunRefused):
            player.books.run(d("04-10"))
        assert player.books.run(d("04-11")).days == ()
        assert player.books.run(d("04-12")).days == (d("04-12"),)


def test_a_home_without_clocks_has_no_watermark_until_it_runs(store: Store) -> None:
    with undone(store) as connection:
        player = Player.of(connection, History(PLAIN_DIRECTORY, (Row("1"),), ()), START)
        assert watermark(connection) is None
        player.books.run(d("04-10"))
        assert watermark(connection) == d("04-10")


def test_a_run_on_a_rest_day_moves_the_watermark(store: Store) -> None:
    with undone(store) as connection:
        player = office_with_a_clock(connection, opened("04-14", "04-07"))
        player.books.run(d("04-07"))
        assert player.books.run(d("04-09")).days == ()
        assert watermark(connection) == d("04-09")
        with pytest.raises(RunRefused):
            player.books.run(d("04-08"))


def test_a_unit_without_an_address_can_be_told_while_a_stand_in_receives_for_it(store: Store) -> None:
    # Due on Friday 7 April: -3wd is the 3rd, +5wd the 14th. D1 stands in from the 6th to the 10th: what D4 missed on
    # the 3rd is said to D1 on the 6th, what it misses on the 14th to nobody.
    stand_in = StandIn("D1", d("04-06"), d("04-10"))
    parties = replaced(PLAIN_DIRECTORY, "D4", stand_ins=(stand_in,))
    with undone(store) as connection:
        books = Books(connection, parties)
        books.set_up([Row("4", unit="D4")], START)
        books.open(Opening("4", Stage.COMPLETE, d("04-07"), d("04-03")), on=d("04-03"))
        for day in ("04-03", "04-04", "04-06", "04-07", "04-10", "04-11", "04-14"):
            books.run(d(day))
            deliver(connection, d(day), EVERYBODY)
        found = {(key[2], key[3]): one.unsaid for key, one in notices_of(connection).items()}
    assert {rung: unsaid for (rung, code), unsaid in found.items() if code == "D4"} == {
        "complete/-3wd": None,
        "complete/0": None,
        "complete/+1wd": None,
        "complete/+5wd": "no_address",
    }
    assert found["complete/+5wd", "A1"] is None, "D4 was told through its stand-in"
    assert ("complete/address", "G1") not in found


def test_each_run_keeps_the_policy_calendar_and_directory_it_decided_with(store: Store) -> None:
    with undone(store) as connection:
        player = office_with_a_clock(connection, opened("04-14", "04-07"))
        books = player.books
        player.play([*ran("04-07"), Rule(1), Announce(1), Readdress("D2", NO_ADDRESS, d("04-10")), *ran("04-10")])
        digests = {
            "policy": {policy().digest, books.policy.digest},
            "calendar": {calendar().digest, books.calendar.digest},
            "directory": {PLAIN_DIRECTORY.digest, books.directory.digest},
        }
        for kind, expected in digests.items():
            kept = connection.execute(select(SNAPSHOT.c.digest).where(SNAPSHOT.c.kind == kind)).scalars()
            used = connection.execute(select(RUN.c[f"{kind}_digest"])).scalars()
            assert set(kept) == set(used) == expected
            assert len(expected) == 2


def office_with_a_clock(connection: Connection, opening: Open) -> Player:
    player = Player.of(connection, History(PLAIN_DIRECTORY, (Row("1"),), ()), START)
    player.play([opening])
    return player
