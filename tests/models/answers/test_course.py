"""The course of a round: counted day by day, against a slow count, and read from what people did."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.office import Office
from models.answers.course import reading as course
from models.answers.course.counting import counted
from models.answers.course.values import Course, Load, Point, RoundFacts, count_on, monday
from models.errors import NotFound
from models.handling.case import By
from models.handling.holding import hold
from models.handling.reassignment import withdraw
from models.lifecycle import Stage, State
from tests.handling_fixtures import (
    CREW,
    GENERAL,
    SUPERVISION,
    Line,
    act,
    bring_to,
    hand_out,
    small_office,
    take_in,
)

FIRST = date(2023, 3, 25)
FACTS = RoundFacts("2023", "2023年整改", FIRST, date(2023, 6, 25), date(2023, 5, 31))
DAYS = st.integers(-5, 120).map(lambda n: FIRST + timedelta(days=n))
COURSES = st.builds(
    lambda first, now, changes, began_as: Course(
        first, now if first else None, tuple(sorted(dict(changes).items())), began_as
    ),
    st.none() | DAYS, DAYS, st.lists(st.tuples(DAYS, st.sampled_from(State)), max_size=6), st.sampled_from(State),
)  # fmt: skip


def every_day() -> Iterator[date]:
    day = FIRST
    while day <= FACTS.on_day:
        yield day
        day += timedelta(days=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(COURSES, max_size=8))
def test_the_count_of_each_day_is_that_of_looking_at_each_measure(courses: list[Course]) -> None:
    found = counted(FACTS, courses)
    kept = [one for one in courses if one.state_on(FACTS.on_day) is not State.WITHDRAWN]
    assert (found.total, found.withdrawn) == (len(kept), len(courses) - len(kept))
    for day in every_day():
        states = [one.state_on(day).value for one in kept]
        to_hand_in = sum(state in {"drafted", "assigned", "in_progress"} for state in states)
        handed_in = sum(state in {"self_checked", "verified", "under_review"} for state in states)
        assert count_on(found.open, day) == to_hand_in + handed_in, day
        assert count_on(found.with_units, day) == to_hand_in, day
        for points, due in (
            (found.planned_first, [one.first_due_on for one in kept]),
            (found.planned_now, [one.due_on for one in kept]),
        ):
            assert count_on(points, day) == sum(one is None or one > day for one in due), day


def test_a_state_is_the_last_one_up_to_that_day() -> None:
    one = Course(None, None, ((date(2023, 4, 3), State.ASSIGNED), (date(2023, 5, 4), State.CLOSED)))
    days = (date(2023, 4, 2), date(2023, 4, 3), date(2023, 5, 3), date(2023, 5, 4), date(2024, 1, 1))
    wanted = (State.DRAFTED, State.ASSIGNED, State.ASSIGNED, State.CLOSED, State.CLOSED)
    assert [one.state_on(day) for day in days] == list(wanted)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Seven measures: closed, late, held, a draft without a date, handed in, and two withdrawn, of which one was handed
    in before. Only to be read."""
    with small_office(tmp_path_factory.mktemp("worked"), CREW) as crew:
        take_in(crew, Line("1"), Line("2", "2023年5月8日前", unit="D2"), Line("3", "2023年4月20日前", unit="D2"),
                Line("4", "待定"), Line("5"), Line("6"), Line("7"))  # fmt: skip
        for no in ("1", "2", "3", "5", "6", "7"):
            hand_out(crew, no, date(2023, 3, 27))
        bring_to(crew, State.CLOSED, date(2023, 4, 10), "1")
        act(crew, date(2023, 4, 11), hold, "3", _because(SUPERVISION))
        act(crew, date(2023, 4, 12), withdraw, "5", _because(GENERAL))
        for no in ("6", "7"):
            bring_to(crew, State.SELF_CHECKED, date(2023, 4, 13), no)
        act(crew, date(2023, 4, 14), withdraw, "7", _because(GENERAL))
        yield crew


def _because(by: By) -> By:
    return By(by.person, reason="另行安排")


def test_a_burn_down_is_read_from_the_record(worked: Office) -> None:
    with worked.store.reading() as connection:
        found = course.burn_down(connection, None, date(2023, 5, 10))
    assert (found.total, found.withdrawn, found.undated, found.moved, found.due_later) == (5, 2, 1, 0, 2)
    assert found.open == (Point(FIRST, 5), Point(date(2023, 4, 10), 4))
    assert found.with_units == (Point(FIRST, 5), Point(date(2023, 4, 10), 4), Point(date(2023, 4, 13), 3))
    assert [(point.day.isoformat(), point.count) for point in found.planned_now] == [
        ("2023-03-25", 5), ("2023-04-20", 4), ("2023-05-08", 3), ("2023-06-30", 1)]  # fmt: skip


def test_a_round_imported_as_closed_was_never_open(tmp_path: Path) -> None:
    with small_office(tmp_path, CREW) as crew:
        take_in(crew, Line("1"), Line("2"), closed=True)
        with crew.store.reading() as connection:
            found = course.burn_down(connection, None, date(2023, 5, 10))
    assert (found.total, found.open, found.with_units) == (2, (Point(FIRST, 0),), (Point(FIRST, 0),))


def test_weeks_count_what_runs_and_leave_out_what_is_held(worked: Office) -> None:
    with worked.store.reading() as connection:
        heat = partial(course.heat, connection, "2023", date(2023, 5, 10))
        running, every = heat(), heat(stopped=True)
    name = next(one.name for one in worked.directory.parties if one.code == "D2")
    other = next(one.name for one in worked.directory.parties if one.code == "D1")
    assert (running.units, running.held) == ((name,), 1)
    assert running.cells == {(name, date(2023, 5, 8)): Load(1, 1)}
    assert every.cells == {**running.cells, (other, date(2023, 6, 26)): Load(2, 0)}


def test_clocks_are_those_that_run_first_due_first_held_last(worked: Office) -> None:
    with worked.store.reading() as connection:
        found = course.clocks(connection, "2023", date(2023, 5, 10), worked.calendar)
    assert [(bar.no, bar.stage, bar.held_on is not None) for bar in found.bars] == [
        ("2", Stage.ACCEPT, False), ("6", Stage.CHECK, False), ("2", Stage.COMPLETE, False),
        ("3", Stage.ACCEPT, True), ("3", Stage.COMPLETE, True),
    ]  # fmt: skip
    late = found.bars[2]
    assert (late.days, late.is_overdue(date(2023, 5, 10)), late.provisional) == (-2, True, False)
    assert not found.bars[4].is_overdue(date(2023, 5, 10))


def test_another_round_is_not_found(worked: Office) -> None:
    with worked.store.reading() as connection, pytest.raises(NotFound):
        course.burn_down(connection, "2022", date(2023, 5, 10))


def test_a_week_begins_on_monday() -> None:
    assert {monday(date(2023, 6, 26) + timedelta(days=n)) for n in range(7)} == {date(2023, 6, 26)}
