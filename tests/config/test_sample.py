"""The rehearsal's sample: 34 measures read without a complaint, and a story that leaves each rung to show."""

from collections import Counter
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml

import config
from config.calendars import load_calendar
from config.directory import load_directory
from models.directory import Directory
from models.ledger.rows import LedgerReading, LedgerRow
from models.ledger.table.reader import read_ledger
from models.lifecycle import ClosureClass, Role
from models.timelimit import LimitKind
from models.workdays import WorkCalendar

SAMPLE = Path(config.__file__).with_name("sample") if config.__file__ else Path()
FEEDBACK, ASSIGNED, ROUND_END, TOLD = (
    date(2023, 3, 25),
    date(2023, 3, 27),
    date(2023, 6, 25),
    date(2023, 6, 26),
)
IMMEDIATE = 5
"""Working days from assignment, as the default policy has it."""


@cache
def calendar() -> WorkCalendar:
    return load_calendar(None)


@cache
def directory() -> Directory:
    return load_directory(SAMPLE / "directory.yaml")


@cache
def reading() -> LedgerReading:
    return read_ledger(SAMPLE / "ledger.xlsx", directory(), FEEDBACK, calendar())


def story() -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = yaml.safe_load((SAMPLE / "story.yaml").read_text(encoding="utf-8"))
    return steps


def done(action: str) -> dict[str, date]:
    """The day of this action for each measure that saw it."""
    return {no: step["on"] for step in story() if step["action"] == action for no in step["measures"]}


def due_on(row: LedgerRow) -> date:
    if row.limit.kind is LimitKind.IMMEDIATE:
        return calendar().add_workdays(ASSIGNED, IMMEDIATE)
    return row.limit.due_on or ROUND_END


def test_it_reads_without_a_complaint() -> None:
    assert (reading().problems, reading().warnings) == ((), ())
    assert [row.no for row in reading().rows] == [str(no) for no in range(1, 35)]


def test_measures_by_heading_in_order() -> None:
    headings = [len(list(rows)) for _, rows in groupby(row.problem for row in reading().rows)]
    assert headings == [3, 4, 3, 3, 3, 3, 3, 4, 4, 3, 1]
    assert len({row.text for row in reading().rows}) == 34


def test_measures_by_closure_class() -> None:
    counts = Counter(row.closure for row in reading().rows)
    assert counts == {ClosureClass.SETTLED: 6, ClosureClass.MECHANISM: 21, ClosureClass.SUSTAINED: 7}


@pytest.mark.parametrize("row", reading().rows, ids=lambda row: str(row.no))
def test_every_limit_gives_a_date_or_needs_none(row: LedgerRow) -> None:
    assert row.limit.due_on or row.limit.kind in {LimitKind.IMMEDIATE, LimitKind.SUSTAINED}
    assert not row.limit.confirm
    assert due_on(row) >= ASSIGNED


def test_limits_are_written_as_offices_write_them() -> None:
    rules = {row.limit.rule for row in reading().rows}
    kinds = {row.limit.kind for row in reading().rows}
    assert len(rules) >= 7
    assert kinds == {LimitKind.DATE, LimitKind.PERIOD, LimitKind.IMMEDIATE, LimitKind.SUSTAINED}


def test_every_unit_and_lead_has_a_measure() -> None:
    assert {row.unit for row in reading().rows} == {party.code for party in directory().holding(Role.UNIT)}
    assert {row.lead for row in reading().rows} == {party.code for party in directory().holding(Role.LEAD)}
    assert 3 <= sum(row.major for row in reading().rows) <= 4
    assert any(len(row.cooperating) > 1 for row in reading().rows)


def test_only_one_unit_cannot_be_reached_and_nothing_leaves_the_home() -> None:
    addresses = {party.code: party.addresses for party in directory().parties}
    assert [code for code, written in addresses.items() if not written] == ["D08"]
    assert {address for written in addresses.values() for address in written} == {"file:"}


def test_everybody_has_someone_to_act_and_one_person_acts_for_two() -> None:
    assert all(party.people for party in directory().parties)
    people = Counter(person.code for party in directory().parties for person in party.people)
    assert sorted(people.values())[-2:] == [1, 2]


def test_one_stand_in_receives_on_the_day_of_the_telling() -> None:
    (party,) = (party for party in directory().parties if party.stand_ins)
    receiver = directory().receiver(party.code, TOLD)
    assert receiver is not None
    assert receiver != party
    assert receiver.roles == party.roles
    (person,) = receiver.people
    assert [seat.party for seat in directory().seats_of(person.code, TOLD)] == [receiver, party]
    assert [seat.party for seat in directory().seats_of(person.code, ASSIGNED)] == [receiver]


def test_nobody_of_the_sample_is_disabled() -> None:
    assert not any(person.disabled for party in directory().parties for person in party.people)


# --- The story


def test_the_story_goes_forward_on_working_days() -> None:
    days = [step["on"] for step in story()]
    assert days == sorted(days)
    assert all(calendar().is_workday(day) and ASSIGNED < day < TOLD for day in days)


def test_each_step_is_whole() -> None:
    known = {row.no for row in reading().rows}
    for step in story():
        keys = {"on", "action", "measures"} | ({"statement"} if step["action"] == "self_check" else set())
        assert set(step) == keys
        assert set(step["measures"]) <= known
    steps = [(step["action"], no) for step in story() for no in step["measures"]]
    assert len(steps) == len(set(steps))
    assert {action for action, _ in steps} == {"accept", "self_check"}


def test_most_measures_are_accepted_at_once_some_late_some_never() -> None:
    on_time = calendar().add_workdays(ASSIGNED, 2)
    accepted = done("accept")
    assert sum(day <= on_time for day in accepted.values()) > 25
    assert any(day > on_time for day in accepted.values())
    assert {row.no for row in reading().rows} - set(accepted) == {"26", "30"}


def test_what_is_self_checked_was_accepted_and_is_on_time() -> None:
    limits = {row.no: due_on(row) for row in reading().rows}
    accepted = done("accept")
    assert len(done("self_check")) >= 12
    assert all(accepted[no] <= day <= limits[no] for no, day in done("self_check").items())


@pytest.mark.parametrize("offset", [-20, -10, -3, 0, 1, 5, 10, 15])
def test_an_open_measure_comes_to_each_rung_on_the_day_of_the_telling(offset: int) -> None:
    open_rows = [row for row in reading().rows if row.no not in done("self_check")]
    assert any(calendar().add_workdays(due_on(row), offset) == TOLD for row in open_rows)


def test_a_measure_five_days_overdue_belongs_to_the_unit_that_cannot_be_reached_and_one_to_another() -> None:
    late = {row.unit for row in reading().rows if calendar().add_workdays(due_on(row), 5) == TOLD}
    assert "D08" in late
    assert len(late) > 1
