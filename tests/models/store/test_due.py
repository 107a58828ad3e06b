"""Which open clocks fall due: the right ones, in order, counted, and found by the index."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from flows.office import Office
from models.lifecycle import Stage
from models.store import due
from models.store.due import DueRow, falling_due
from tests.handling_fixtures import Line, hand_out, small_office, take_in

MONDAY, ACCEPT_BY = date(2023, 3, 27), date(2023, 3, 29)
FIRST, SECOND = date(2023, 4, 28), date(2023, 5, 5)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with small_office(tmp_path) as found:
        take_in(found, Line("1", limit="2023年5月5日前"), Line("2", limit="2023年4月28日前", unit="D2"))
        for no in ("1", "2"):
            hand_out(found, no, MONDAY)
        yield found


def asked(office: Office, after: date, until: date, most: int = 10) -> tuple[int, list[DueRow]]:
    with office.store.reading() as connection:
        return falling_due(connection, after, until, most)


def test_open_clocks_of_every_stage_are_found_by_their_day(office: Office) -> None:
    total, rows = asked(office, MONDAY, SECOND)
    found = [(row.due_on, row.measure, row.stage, row.holder) for row in rows]
    assert total == 4
    assert found == [
        (ACCEPT_BY, "1", Stage.ACCEPT, "单位D1"),
        (ACCEPT_BY, "2", Stage.ACCEPT, "单位D2"),
        (FIRST, "2", Stage.COMPLETE, "单位D2"),
        (SECOND, "1", Stage.COMPLETE, "单位D1"),
    ]


def test_the_day_it_starts_from_is_left_out_and_the_last_is_not(office: Office) -> None:
    assert [row.measure for row in asked(office, FIRST, SECOND)[1]] == ["1"]
    assert asked(office, SECOND, date(2023, 12, 31)) == (0, [])


@pytest.mark.parametrize(
    "change",
    ["stopped_on = '2023-04-03', outcome = 'met'", "held_on = '2023-04-03', held_days = 3"],
    ids=["stopped", "held"],
)
def test_a_clock_that_does_not_run_does_not_fall_due(office: Office, change: str) -> None:
    with office.store.writing() as connection:
        connection.execute(text(f"UPDATE deadline SET {change} WHERE due_on = '{FIRST}'"))
    assert asked(office, ACCEPT_BY, FIRST) == (0, [])


def test_of_many_only_the_first_are_read_and_all_are_counted(office: Office) -> None:
    total, rows = asked(office, MONDAY, SECOND, most=1)
    assert (total, [row.measure for row in rows]) == (4, ["1"])


def test_it_looks_into_the_index_of_open_clocks_and_not_through_all(office: Office) -> None:
    values = {"after": str(MONDAY), "until": str(SECOND), "most": 10}
    with office.store.reading() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {due._FALLING_DUE}"), values).all()
    told = [str(row[3]) for row in plan]
    assert any("deadline_open (stage=? AND due_on>? AND due_on<?)" in line for line in told), told
    assert not any(line.startswith("SCAN deadline") for line in told), told
