"""What people read: measures with their clocks, notices with their fate, messages. Read-only queries as frozen rows.

Used by the command line, the brief and the composing of messages. Decides nothing and words nothing.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, select, text

from models.ladder import ADDRESS_RUNG, Colour, MessageKind, NoticeKind
from models.lifecycle import ClosureClass, Role, Stage, State
from models.store.posting_sql import message_kind
from models.tables import MessageState, Unsaid
from models.tables.core import DEADLINE, EVENT, MESSAGE, PARTY, RUN, SNAPSHOT
from models.timelimit import LimitKind


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice with everything that words need. `message_state` is None where it is in no message."""

    id: int
    measure: str
    problem: str
    text: str
    limit_text: str
    round_name: str
    unit: str
    lead: str
    stage: Stage
    due_on: date
    rung: str
    kind: NoticeKind
    role: Role
    party: str
    party_name: str
    on_day: date
    unsaid: Unsaid | None
    message_state: MessageState | None
    message_reason: str
    colour: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as it stands. `header_id` is None until it was first composed."""

    id: int
    run_id: int
    party: str
    on_day: date
    kind: MessageKind
    state: MessageState
    attempts: int
    ambiguous: int
    code: str
    reason: str
    address_no: int
    header_id: str | None
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure with its most pressing open clock (None where nothing runs)."""

    id: int
    no: str
    round_code: str
    problem: str
    text: str
    unit: str
    unit_name: str
    lead: str
    lead_name: str
    state: State
    closure: ClosureClass
    major: bool
    limit_text: str
    limit_kind: LimitKind
    limit_note: str
    due_on: date | None
    version: int
    stage: Stage | None
    clock_due_on: date | None
    holder_name: str | None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of a measure, running or stopped."""

    stage: Stage
    holder: str
    due_on: date
    first_due_on: date
    opened_on: date
    stopped_on: date | None
    outcome: str | None
    served_on: date | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the record about a measure."""

    seq: int
    at: datetime
    on_day: date
    action: str
    person: str
    party: str
    from_state: str
    to_state: str
    payload: Mapping[str, Any]


_Row = TypeVar("_Row", NoticeRow, MessageRow, MeasureRow)


def notices(connection: Connection) -> list[NoticeRow]:
    """Every notice, in the order they were posted; superseded ones included."""
    return _notices(connection, "", {})


def notices_between(connection: Connection, first: date, last: date) -> list[NoticeRow]:
    """The notices of these days, both included, in the order they were posted; superseded ones included."""
    days = {"first": first.isoformat(), "last": last.isoformat()}
    return _notices(connection, _BETWEEN, days)


def notices_said_late(connection: Connection, on_day: date) -> list[NoticeRow]:
    """Notices of earlier days that went into a message of this day, since their party had no address before."""
    return _notices(connection, _SAID_LATE, {"on": on_day.isoformat()})


def notices_by_id(connection: Connection, ids: Iterable[int]) -> list[NoticeRow]:
    """The notices with these numbers, in order of number."""
    return _notices(connection, "WHERE n.id IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(list(ids))})


def notices_of_run(connection: Connection, run_id: int) -> list[NoticeRow]:
    return _notices(
        connection,
        "WHERE n.id > (SELECT notices_after FROM run WHERE id = :run)"
        " AND n.id <= (SELECT notices_until FROM run WHERE id = :run)",
        {"run": run_id},
    )


def notices_of_measure(connection: Connection, measure_id: int) -> list[NoticeRow]:
    return _notices(connection, "WHERE c.measure_id = :measure", {"measure": measure_id})


def messages(
    connection: Connection, states: Collection[MessageState] = (), on_day: date | None = None
) -> list[MessageRow]:
    """Every message, or those in some states or of one day, oldest first."""
    columns = [PARTY.c.code if f.name == "party" else MESSAGE.c[f.name] for f in fields(MessageRow)]
    query = select(*columns).join(PARTY, PARTY.c.id == MESSAGE.c.party_id).order_by(MESSAGE.c.id)
    if states:
        query = query.where(MESSAGE.c.state.in_(states))
    if on_day:
        query = query.where(MESSAGE.c.run_id.in_(select(RUN.c.id).where(RUN.c.on_day == on_day)))
    return [MessageRow(*row) for row in connection.execute(query)]


def measures(connection: Connection) -> list[MeasureRow]:
    """Every measure in the ledger's order, each with the open clock that is due first."""
    return [_typed(MeasureRow, dict(row)) for row in connection.execute(text(_MEASURES)).mappings()]


def clocks_of(connection: Connection, measure_id: int) -> list[ClockRow]:
    c = DEADLINE.c
    columns = (c.stage, PARTY.c.name, c.due_on, c.first_due_on, c.opened_on, c.stopped_on, c.outcome, c.served_on)
    query = (
        select(*columns)
        .join(PARTY, PARTY.c.id == DEADLINE.c.holder_id)
        .where(DEADLINE.c.measure_id == measure_id)
        .order_by(DEADLINE.c.id)
    )
    return [ClockRow(*row) for row in connection.execute(query)]


def events_of(connection: Connection, measure_id: int) -> list[EventRow]:
    columns = (EVENT.c[field.name] for field in fields(EventRow))
    query = select(*columns).where(EVENT.c.measure_id == measure_id).order_by(EVENT.c.seq)
    return [EventRow(**{**row, "payload": json.loads(row["payload"])}) for row in connection.execute(query).mappings()]


def colours(policy_content: str) -> dict[tuple[str, str], str]:
    """The colour of each rung, by its name (repeats without their number) and role, as a stored policy says."""
    stages = json.loads(policy_content)["stages"]
    return {
        (f"{stage}/{rung['at']}", role): rung["colour"]
        for stage, body in stages.items()
        for rung in body["ladder"]
        for role in rung["to"]
    }


def _notices(connection: Connection, where: str, values: Mapping[str, object]) -> list[NoticeRow]:
    painted: dict[str, dict[tuple[str, str], str]] = {}
    found = []
    for row in connection.execute(text(_NOTICES.replace("{where}", where)), values).mappings():
        digest = row["policy_digest"]
        if digest not in painted:
            content = connection.scalar(select(SNAPSHOT.c.content).where(SNAPSHOT.c.digest == digest))
            painted[digest] = colours(content or '{"stages": {}}')
        name, _, _ = row["rung"].partition("#")
        unpainted = Colour.RED.value if name.endswith(f"/{ADDRESS_RUNG}") else ""
        found.append(_typed(NoticeRow, {**row, "colour": painted[digest].get((name, row["role"]), unpainted)}))
    return found


_WORDS: Mapping[str, type] = {
    "stage": Stage, "kind": NoticeKind, "role": Role, "unsaid": Unsaid, "message_state": MessageState, "state": State,
    "closure": ClosureClass, "limit_kind": LimitKind,
}  # fmt: skip


def _typed(kind: type[_Row], row: Mapping[str, Any]) -> _Row:
    """A row of plain SQL as its frozen value: words become enums, ISO text becomes days."""
    values = {}
    for name in (field.name for field in fields(kind)):
        value = row[name]
        if value is not None and name in _WORDS:
            value = _WORDS[name](value)
        elif name.endswith(("due_on", "on_day")) and isinstance(value, str):
            value = date.fromisoformat(value)
        elif name == "major":
            value = bool(value)
        values[name] = value
    return kind(**values)


_NOTICES = f"""
SELECT n.id, m.no AS measure, f.text AS problem, m.text, m.limit_text, r.name AS round_name,
       u.name AS unit, l.name AS lead, c.stage, n.due_on, n.rung, n.kind, n.role,
       p.code AS party, p.name AS party_name, n.on_day, n.unsaid,
       CASE WHEN n.unsaid IS NULL THEN g.state END AS message_state,
       CASE WHEN n.unsaid IS NULL THEN g.reason ELSE '' END AS message_reason, run.policy_digest
FROM notice n
JOIN deadline c ON c.id = n.deadline_id
JOIN measure m ON m.id = c.measure_id
JOIN feedbackproblem f ON f.id = m.problem_id
JOIN round r ON r.id = m.round_id
JOIN party u ON u.id = c.unit_id
JOIN party l ON l.id = c.lead_id
JOIN party p ON p.id = n.party_id
JOIN run ON run.id = n.run_id
LEFT JOIN message g ON g.run_id = n.run_id AND g.party_id = n.party_id
  AND g.kind = {message_kind("n.kind")}
{{where}}
ORDER BY n.id"""

_BETWEEN = """
WHERE n.on_day BETWEEN :first AND :last
  AND n.id > (SELECT notices_after FROM run WHERE on_day >= :first ORDER BY id LIMIT 1)
  AND n.id <= (
    SELECT max(notices_until) FROM run
    WHERE on_day <= coalesce((SELECT min(on_day) FROM run WHERE on_day >= :last), :last))"""
"""A day is handled by the first run on or after it, and looked at again by further runs on that same day only."""

_SAID_LATE = """
WHERE n.on_day < :on AND n.id IN (
  SELECT j.value FROM message m, json_each(m.notice_ids) j
  WHERE m.run_id IN (SELECT id FROM run WHERE on_day = :on))"""

_MEASURES = """
SELECT m.id, m.no, r.code AS round_code, f.text AS problem, m.text, u.code AS unit, u.name AS unit_name,
       l.code AS lead, l.name AS lead_name, m.state, m.closure, m.major, m.limit_text, m.limit_kind, m.limit_note,
       m.due_on, m.version, c.stage, c.due_on AS clock_due_on, h.name AS holder_name
FROM measure m
JOIN round r ON r.id = m.round_id
JOIN feedbackproblem f ON f.id = m.problem_id
JOIN party u ON u.id = m.unit_id
JOIN party l ON l.id = m.lead_id
LEFT JOIN deadline c ON c.id = (
  SELECT d.id FROM deadline d WHERE d.measure_id = m.id AND d.stopped_on IS NULL ORDER BY d.due_on, d.id LIMIT 1)
LEFT JOIN party h ON h.id = c.holder_id
ORDER BY m.round_id, m.position"""
