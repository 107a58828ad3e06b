"""The files that imports are measured on: ledgers like any other, the same every time, in every kind."""

from datetime import date
from pathlib import Path

import pytest

from bench.importing import FEEDBACK_ON, WRITERS, rows, write_directory
from config.calendars import load_calendar
from config.directory import load_directory
from models.ledger.table.reader import read_ledger
from models.timelimit import LimitKind

COUNT = 60


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_a_generated_file_is_a_ledger_without_problems(tmp_path: Path, kind: str) -> None:
    ledger, directory = tmp_path / f"台账.{kind}", tmp_path / "directory.yaml"
    WRITERS[kind](ledger, COUNT)
    write_directory(directory)
    reading = read_ledger(ledger, load_directory(directory), FEEDBACK_ON, load_calendar(None))
    assert (reading.problems, len(reading.rows)) == ((), COUNT)
    assert {row.limit.kind for row in reading.rows} >= {LimitKind.DATE, LimitKind.PERIOD, LimitKind.IMMEDIATE}
    assert any(row.cooperating for row in reading.rows)
    assert all(row.limit.due_on is None or row.limit.due_on > date(2026, 1, 1) for row in reading.rows)


def test_it_is_the_same_every_time() -> None:
    assert list(rows(COUNT)) == list(rows(COUNT))
