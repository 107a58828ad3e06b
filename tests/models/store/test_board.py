"""What people read: notices by day whatever run posted them, with their colour and fate; measures with their clocks."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.office import Office
from flows.steps import run_day
from models.lifecycle import Stage, State
from models.store import board
from models.tables import MessageState
from tests.handling_fixtures import Line, hand_out, small_office, take_in

MONDAY, TUESDAY, THURSDAY, FRIDAY = (date(2023, 3, day) for day in (27, 28, 30, 31))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Two measures assigned on a Monday, to be accepted by 29 March: urged from 30 March on."""
    with small_office(tmp_path) as found:
        take_in(found, Line("1", limit="2023年4月28日前"), Line("2", limit="2023年4月28日前", unit="D2"))
        for no in ("1", "2"):
            hand_out(found, no, MONDAY)
        yield found


def shown(office: Office, first: date, last: date) -> list[tuple[str, str, str]]:
    with office.store.reading() as connection:
        return [(str(row.on_day), row.measure, row.rung) for row in board.notices_between(connection, first, last)]


def test_the_notices_of_a_day_are_found_whichever_run_posted_them(office: Office) -> None:
    run_day(office, TUESDAY)
    run_day(office, date(2023, 4, 4))  # catches up on Thursday to Tuesday
    run_day(office, date(2023, 4, 4))
    assert shown(office, TUESDAY, TUESDAY) == []
    thursday = shown(office, THURSDAY, THURSDAY)
    assert {(measure, rung) for _, measure, rung in thursday} == {("1", "accept/+1wd"), ("2", "accept/+1wd")}
    with office.store.reading() as connection:
        everything = [(str(r.on_day), r.measure, r.rung) for r in board.notices(connection)]
    assert shown(office, MONDAY, date(2023, 4, 4)) == everything
    by_day = [row for day in (30, 31) for row in shown(office, date(2023, 3, day), date(2023, 3, day))]
    assert sorted(by_day) == sorted(row for row in everything if row[0] <= "2023-03-31")


def test_a_notice_shows_how_its_message_went(office: Office) -> None:
    run_day(office, THURSDAY, deliver=False)
    with office.store.reading() as connection:
        assert {row.message_state for row in board.notices(connection)} == {MessageState.PLANNED}
    run_day(office, FRIDAY)
    with office.store.reading() as connection:
        assert {row.message_state for row in board.notices(connection)} == {MessageState.ACCEPTED}


def test_two_rungs_of_one_name_keep_their_own_colours() -> None:
    rungs = [{"at": "0", "to": ["unit"], "colour": "yellow"}, {"at": "0", "to": ["lead"], "colour": "red"}]
    found = board.colours(json.dumps({"stages": {"complete": {"ladder": rungs}}}))
    assert found == {("complete/0", "unit"): "yellow", ("complete/0", "lead"): "red"}


def test_a_measure_shows_the_clock_that_is_due_first(office: Office) -> None:
    with office.store.reading() as connection:
        (first, second) = board.measures(connection)
    assert (first.no, first.state, first.stage, first.clock_due_on) == (
        "1", State.ASSIGNED, Stage.ACCEPT, date(2023, 3, 29),
    )  # fmt: skip
    assert (second.unit, second.holder_name) == ("D2", "单位D2")
