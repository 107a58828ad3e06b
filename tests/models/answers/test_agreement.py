"""Report, brief, pictures and calendars of one office say the same of it. The numbers here were counted by hand."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.office import Office
from flows.steps import run_day
from models.answers.course import reading as course
from models.answers.course.values import BurnDown, Clocks, Heat, count_on
from models.answers.open_clocks import running_by_party
from models.answers.progress.reading import progress
from models.answers.progress.values import Progress
from models.answers.week.reading import week_facts
from models.answers.week.values import UnitWeek, WeekFacts
from models.handling.accountability import take_up
from models.handling.case import By
from models.handling.supervision_check import fail_check
from models.lifecycle import Stage, State
from models.store.rounds import round_meant
from tests.handling_fixtures import ACCOUNTABILITY, CREW, Line, act, bring_to, hand_out, small_office, take_in
from tests.models.answers.progress.lived_in import TODAY

TOTAL, WITHDRAWN = 17, 3  # measures 1 to 20 without 9, 13 and 20
OPEN = 11  # 5 6 7 8 10 11 14 15 16 17 19
TO_HAND_IN = 8  # of those without 11, 15 and 19
CLOSED, FOLLOWED_UP = 3, 3  # 1 2 4, and 3 12 18
OVERDUE = 2  # 6 and 17, past their limit
HELD = 1  # 10


class Said(NamedTuple):
    report: Progress
    week: WeekFacts
    burn_down: BurnDown
    heat: Heat
    clocks: Clocks
    calendars: int


def said_of(office: Office, day: date) -> Said:
    with office.store.reading() as at:
        return Said(
            progress(at, "2023", day, office.calendar),
            week_facts(at, "2023", day, office.policy, office.calendar),
            course.burn_down(at, "2023", day),
            course.heat(at, "2023", day),
            course.clocks(at, "2023", day, office.calendar),
            sum(map(len, running_by_party(at, round_meant(at, "2023").id).values())),
        )


@pytest.fixture(scope="module")
def said(lived_in_office: Office) -> Said:
    return said_of(lived_in_office, TODAY)


def test_how_many_measures_there_are(said: Said) -> None:
    total = UnitWeek.total(said.week.units)
    assert said.report.figures["measures.all"].value == said.burn_down.total == total.open + total.done == TOTAL
    assert said.report.figures["measures.withdrawn"].value == said.burn_down.withdrawn == WITHDRAWN
    assert said.week.withdrawn == WITHDRAWN


def test_how_many_are_open_and_how_many_done(said: Said) -> None:
    total = UnitWeek.total(said.week.units)
    assert said.report.figures["measures.open.all"].value == total.open == OPEN
    assert count_on(said.burn_down.open, TODAY) == OPEN
    assert count_on(said.burn_down.with_units, TODAY) == TO_HAND_IN
    assert said.report.figures["measures.accepted"].value == total.done == CLOSED + FOLLOWED_UP
    assert (total.closed, total.following_up, total.live) == (CLOSED, FOLLOWED_UP, OPEN + FOLLOWED_UP)


def test_how_many_are_past_their_limit_or_held(said: Said) -> None:
    limits = [one for one in said.week.overdue if one.clock.stage is Stage.COMPLETE]
    bars = [one for one in said.clocks.bars if one.stage is Stage.COMPLETE and one.is_overdue(TODAY)]
    assert said.report.figures["measures.overdue"].value == len(limits) == len(bars) == OVERDUE
    assert sum(load.overdue for load in said.heat.cells.values()) == OVERDUE
    assert said.report.figures["measures.held"].value == UnitWeek.total(said.week.units).held == HELD
    assert said.heat.held == HELD


def test_calendars_have_the_clocks_that_run(said: Said) -> None:
    running = [bar for bar in said.clocks.bars if bar.held_on is None]
    assert said.calendars == len(running) == len(said.clocks.bars) - HELD
    assert len(said.week.overdue) == sum(bar.is_overdue(TODAY) for bar in running)


def test_the_first_date_is_that_with_which_the_cycle_began(tmp_path: Path) -> None:
    """A return starts another clock, whose date is later."""
    returned = date(2023, 4, 27)
    with small_office(tmp_path, CREW) as office:
        take_in(office, Line("1", "2023年4月28日前"))
        hand_out(office, "1", date(2023, 3, 27))
        bring_to(office, State.SELF_CHECKED, date(2023, 4, 26), "1")
        act(office, returned, fail_check, "1", By("s1-a", reason="佐证不足"))
        said = said_of(office, date(2023, 5, 4))
    first, now = date(2023, 4, 28), said.report.measures[0].due_on
    assert now is not None
    assert now > first
    assert said.report.measures[0].first_due_on == first
    assert (said.burn_down.moved, count_on(said.burn_down.planned_first, first)) == (1, 0)
    bar = next(bar for bar in said.clocks.bars if bar.stage is Stage.COMPLETE)
    assert (bar.due_on, bar.moved) == (now, True)
    (listed,) = (one for one in (*said.week.due, *said.week.due_next) if one.stage is Stage.COMPLETE)
    assert (listed.due_on, listed.first_due_on) == (now, first)


def test_an_overdue_clock_of_a_closed_measure_stands_apart(tmp_path: Path) -> None:
    """A closure does not undo having been late; no unit has an open measure any more."""
    with small_office(tmp_path, CREW) as office:
        take_in(office, Line("1", "2023年4月28日前"))
        bring_to(office, State.IN_PROGRESS, date(2023, 3, 27), "1")
        for day in (date(2023, 4, 28), date(2023, 5, 9)):
            run_day(office, day)
        act(office, date(2023, 5, 10), take_up, "1", ACCOUNTABILITY)
        bring_to(office, State.CLOSED, date(2023, 5, 11), "1")
        said = said_of(office, date(2023, 7, 3))
    total = UnitWeek.total(said.week.units)
    assert [(one.clock.stage, one.of_closed) for one in said.week.overdue] == [(Stage.REFER, True)]
    assert (said.week.overdue_of_closed, total.live, total.late, total.done) == (1, 0, 0, 1)
