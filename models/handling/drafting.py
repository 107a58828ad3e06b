"""Rows of a ledger written as drafts, and drafts that follow a changed ledger: in sets, without an object a row.

Runs inside the import's transaction. A ledger of 100,000 rows goes in by some hundred statements.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    String,
    Table,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from models.errors import StaleVersion
from models.ledger.content import Field, due_of
from models.ledger.difference import ChangedRow
from models.ledger.rows import LedgerRow
from models.lifecycle import State
from models.tables.core import COOPERATION, CYCLE, FEEDBACK_PROBLEM, MEASURE, MILESTONE

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class RoundGround:
    """The round that rows are written under, and the rows of the parties by their code."""

    round_id: int
    ends_on: date
    parties: Mapping[str, int]


def add_drafts(connection: Connection, ground: RoundGround, rows: Sequence[LedgerRow], state: State) -> list[int]:
    """Writes each row as a measure after those the round has, and gives their ids in the rows' order."""
    if not rows:
        return []
    problems = problem_ids(connection, ground.round_id, rows)
    of_round = MEASURE.c.round_id == ground.round_id
    last = connection.scalar(select(func.max(MEASURE.c.position)).where(of_round)) or 0
    fixed = {"round_id": ground.round_id, "state": state, "version": 1, "follow_up": "", "progress": ""}
    _write(connection, MEASURE, (
        {**fixed, "position": position, **_columns(row, ground, problems)}
        for position, row in enumerate(rows, start=last + 1)
    ))  # fmt: skip
    fresh = select(MEASURE.c.id).where(of_round, MEASURE.c.position > last).order_by(MEASURE.c.position)
    ids = list(connection.scalars(fresh))
    _write(connection, COOPERATION, _cooperations(zip(ids, rows, strict=True), ground))
    _write(connection, MILESTONE, _milestones(zip(ids, rows, strict=True)))
    return ids


def follow(connection: Connection, ground: RoundGround, changed: Sequence[ChangedRow]) -> None:
    """Lets drafts become what their changed rows say. Raises StaleVersion where one is no longer the draft it was."""
    if not changed:
        return
    problems = problem_ids(connection, ground.round_id, [one.row for one in changed])
    alike: dict[frozenset[Field], list[ChangedRow]] = {}
    for one in changed:
        if fields := one.fields_followed:
            alike.setdefault(fields, []).append(one)
    for fields, rows in alike.items():
        _update(connection, ground, fields, rows, problems)
        pairs = [(one.known.measure_id, one.row) for one in rows]
        if Field.COOPERATING in fields:
            _forget(connection, COOPERATION, rows)
            _write(connection, COOPERATION, _cooperations(pairs, ground))
        if Field.LIMIT in fields:
            _forget(connection, MILESTONE, rows)
            _write(connection, MILESTONE, _milestones(pairs))
    if any(Field.PROBLEM in fields for fields in alike):
        connection.execute(text(_WITHOUT_MEASURE), {"round": ground.round_id})


def free_numbers(connection: Connection, changed: Iterable[ChangedRow]) -> None:
    """Takes their numbers from drafts that are about to get others, so that no two have the same on the way.

    What stands there meanwhile begins with a blank, as no number that was read does.
    """
    freed = [{"of": one.known.measure_id} for one in changed if Field.NO in one.fields_followed]
    if freed:
        moved = (MEASURE.c.id == bindparam("of"), MEASURE.c.state == State.DRAFTED)
        connection.execute(update(MEASURE).where(*moved).values(no=literal(" ") + cast(MEASURE.c.id, String)), freed)


def put_in_order(connection: Connection, round_id: int, measure_ids: Sequence[int]) -> None:
    """Gives these measures the order of the file: they share out the places they have, the others keep theirs."""
    placed = select(MEASURE.c.id, MEASURE.c.position).where(MEASURE.c.round_id == round_id)
    positions: dict[int, int] = {row[0]: row[1] for row in connection.execute(placed)}
    wanted = zip(measure_ids, sorted(positions[one] for one in measure_ids), strict=True)
    moved = [{"of": one, "to": position} for one, position in wanted if positions[one] != position]
    if moved:
        statement = update(MEASURE).where(MEASURE.c.id == bindparam("of")).values(position=bindparam("to"))
        connection.execute(statement, moved)


def remember(connection: Connection, seq: int, contents: Iterable[tuple[int, str]]) -> None:
    """Keeps what each measure's row said in this import, in place of what it said before."""
    rows = ({"measure": measure_id, "seq": seq, "content": content} for measure_id, content in contents)
    for chunk in _chunks(rows):
        connection.execute(text(_REMEMBER), chunk)


def open_settled_cycles(connection: Connection, measure_ids: Iterable[int], on_day: date, seq: int) -> None:
    """What an earlier round settled stands in a cycle of its own, without a clock."""
    fixed = {"n": 1, "opened_on": on_day, "opened_seq": seq, "statement": ""}
    _write(connection, CYCLE, ({"measure_id": measure_id, **fixed} for measure_id in measure_ids))


def problem_ids(connection: Connection, round_id: int, rows: Iterable[LedgerRow]) -> dict[str, int]:
    """The feedback problems of the round by their text; those that only these rows name are added in their order."""
    listed = select(FEEDBACK_PROBLEM.c.text, FEEDBACK_PROBLEM.c.id, FEEDBACK_PROBLEM.c.position)
    of_round = listed.where(FEEDBACK_PROBLEM.c.round_id == round_id)
    known = connection.execute(of_round).all()
    texts = {row[0] for row in known}
    last = max((row[2] for row in known), default=0)
    fresh = [said for said in dict.fromkeys(row.problem for row in rows) if said not in texts]
    _write(connection, FEEDBACK_PROBLEM, (
        {"round_id": round_id, "position": position, "text": said}
        for position, said in enumerate(fresh, start=last + 1)
    ))  # fmt: skip
    return {row[0]: row[1] for row in (connection.execute(of_round) if fresh else known)}


def _columns(row: LedgerRow, ground: RoundGround, problems: Mapping[str, int]) -> dict[str, Any]:
    """What a row says, as the columns of a measure."""
    return {
        "no": row.no,
        "problem_id": problems[row.problem],
        "text": row.text,
        "part_of": row.part_of,
        "unit_id": ground.parties[row.unit] if row.unit else None,
        "lead_id": ground.parties[row.lead] if row.lead else None,
        "closure": row.closure,
        "major": row.major,
        "limit_text": row.limit_text,
        "limit_kind": row.limit.kind,
        "limit_rule": row.limit.rule,
        "limit_note": row.limit.reason,
        "due_on": due_of(row, ground.ends_on),
    }


_COLUMNS_OF: Mapping[Field, tuple[str, ...]] = {
    Field.NO: ("no",), Field.PROBLEM: ("problem_id",), Field.TEXT: ("text",), Field.PART_OF: ("part_of",),
    Field.LEAD: ("lead_id",), Field.UNIT: ("unit_id",), Field.COOPERATING: (), Field.CLOSURE: ("closure",),
    Field.MAJOR: ("major",),
    Field.LIMIT: ("limit_text", "limit_kind", "limit_rule", "limit_note", "due_on"),
}  # fmt: skip


def _update(
    connection: Connection, ground: RoundGround, fields: frozenset[Field], rows: Sequence[ChangedRow],
    problems: Mapping[str, int],
) -> None:  # fmt: skip
    names = [name for field in Field if field in fields for name in _COLUMNS_OF[field]]
    unmoved = (MEASURE.c.id == bindparam("of"), MEASURE.c.version == bindparam("seen"))
    statement = update(MEASURE).where(*unmoved, MEASURE.c.state == State.DRAFTED)
    statement = statement.values(
        {name: bindparam(f"new_{name}") for name in names} | {"version": MEASURE.c.version + 1}
    )
    for one in rows:
        columns = _columns(one.row, ground, problems)
        values = {f"new_{name}": columns[name] for name in names}
        done = connection.execute(statement, {"of": one.known.measure_id, "seen": one.known.version, **values})
        if not done.rowcount:
            found = connection.scalar(select(MEASURE.c.version).where(MEASURE.c.id == one.known.measure_id))
            raise StaleVersion(one.known.no, one.known.version, found or 0)


def _forget(connection: Connection, table: Table, rows: Sequence[ChangedRow]) -> None:
    of = table.c.measure_id == bindparam("of")
    connection.execute(delete(table).where(of), [{"of": one.known.measure_id} for one in rows])


def _cooperations(pairs: Iterable[tuple[int, LedgerRow]], ground: RoundGround) -> Iterator[dict[str, Any]]:
    for measure_id, row in pairs:
        for code in row.cooperating:
            yield {"measure_id": measure_id, "party_id": ground.parties[code]}


def _milestones(pairs: Iterable[tuple[int, LedgerRow]]) -> Iterator[dict[str, Any]]:
    for measure_id, row in pairs:
        for n, (due_on, step) in enumerate(zip(row.limit.milestones, row.limit.steps, strict=True), 1):
            yield {"measure_id": measure_id, "n": n, "text": step or f"阶段节点{n}", "due_on": due_on}


def _write(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    for chunk in _chunks(rows):
        connection.execute(insert(table), chunk)


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


_REMEMBER = """
INSERT INTO importedrow (measure_id, event_seq, content) VALUES (:measure, :seq, :content)
ON CONFLICT (measure_id) DO UPDATE SET event_seq = excluded.event_seq, content = excluded.content"""

_WITHOUT_MEASURE = """
DELETE FROM feedbackproblem
WHERE round_id = :round AND id NOT IN (SELECT problem_id FROM measure WHERE round_id = :round)"""
