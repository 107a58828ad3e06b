"""Rows written as drafts in sets: a few statements for many rows, each row with what belongs to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, event

from flows.office import Office
from models.handling.drafting import CHUNK, RoundGround, add_drafts
from models.ledger.rows import LedgerRow
from models.lifecycle import State
from models.tables import Round
from tests.handling_fixtures import SPEC, Line, reading_of


@contextmanager
def watched(connection: Connection) -> Iterator[dict[str, list[int]]]:
    """For each table that is inserted into, how many rows each statement brings."""
    inserted: dict[str, list[int]] = {}

    def note(_1: object, _2: object, statement: str, parameters: Any, _3: object, many: bool) -> None:
        match statement.split():
            case ["INSERT", "INTO", table, *_]:
                inserted.setdefault(table, []).append(len(parameters) if many else 1)

    event.listen(connection, "before_cursor_execute", note)
    yield inserted
    event.remove(connection, "before_cursor_execute", note)


def rows_of(office: Office, count: int) -> list[LedgerRow]:
    """So many rows, each under a problem of its own, every one with a cooperating unit and an earlier stage."""
    several = "2023年4月30日前完成排查，2023年6月30日前建立制度"
    (row,) = reading_of(office, Line("1", limit=several, cooperating="D2")).rows
    return [replace(row, no=str(no), problem=f"问题{no}", text=f"措施{no}") for no in range(1, count + 1)]


def test_many_rows_are_written_by_few_statements_and_all_of_them(office: Office) -> None:
    rows = rows_of(office, CHUNK + 2)
    with office.acting(date(2023, 3, 27)) as (session, _):
        made = Round(code=SPEC.code, name=SPEC.name, feedback_on=SPEC.feedback_on, ends_on=SPEC.ends_on)
        session.add(made)
        session.flush()
        assert made.id
        connection = session.connection()
        parties = dict(connection.exec_driver_sql("SELECT code, id FROM party").tuples().all())
        with watched(connection) as inserted:
            ids = add_drafts(connection, RoundGround(made.id, SPEC.ends_on, parties), rows, State.DRAFTED)
        assert set(inserted) == {"feedbackproblem", "measure", "cooperation", "milestone"}
        assert all(counts == [CHUNK, 2] for counts in inserted.values())
        written = connection.exec_driver_sql(
            "SELECT m.id, m.no, m.position, f.text, count(DISTINCT c.party_id), count(DISTINCT s.id) FROM measure m"
            " JOIN feedbackproblem f ON f.id = m.problem_id JOIN cooperation c ON c.measure_id = m.id"
            " JOIN milestone s ON s.measure_id = m.id GROUP BY m.id ORDER BY m.position"
        )
        assert [tuple(row) for row in written] == [
            (measure_id, row.no, place, row.problem, 1, 1)
            for place, (measure_id, row) in enumerate(zip(ids, rows, strict=True), 1)
        ]
