"""What people read: measures with their clocks, notices with their fate, messages. Read-only queries as frozen rows.

Used by the command line, the brief and the composing of messages. Decides nothing and words nothing.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, TextClause, and_, func, or_, select, text

from models.activity import ActivityEvent
from models.closure import EvidenceKind
from models.ladder import ADDRESS_RUNG, Colour, MessageKind, NoticeKind
from models.lifecycle import ClosureClass, Role, Stage, State
from models.news import NewsKind
from models.store.posting_sql import in_message
from models.tables import MessageState, Unsaid
from models.tables.core import DEADLINE, EVENT, MEASURE, MESSAGE, PARTY, ROUND, RUN, SNAPSHOT
from models.timelimit import LimitKind


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice with everything that words need. `message_state` is None where it is in no message."""

    id: int
    measure: str
    round_code: str
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
class NewsRow:
    """A news with everything that words need: the measure, what was done by whom (from the event), and its fate.

    `payload` is the event's: reason, dates, what is missing. `by_party` is the name of the party acted for. `person`
    is a code. `message_state` is None where it is in no message.
    """

    id: int
    seq: int
    measure: str
    round_code: str
    problem: str
    text: str
    limit_text: str
    round_name: str
    unit: str
    lead: str
    closure: ClosureClass
    role: Role
    kind: NewsKind
    party: str
    party_name: str
    on_day: date
    due_on: date | None
    person: str
    by_party: str
    payload: Mapping[str, Any]
    unsaid: Unsaid | None
    message_state: MessageState | None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as it stands. `header_id` is None until it was first composed; `run_id` where an action caused it.

    `party` is a code, so is `received_by`, who signed for it 签收.
    """

    id: int
    run_id: int | None
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
    part: int
    parts: int
    accepted_on: date | None
    received_on: date | None
    received_by: str
    notice_ids: str


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure with its most pressing open clock (None where nothing runs); a referral's only where none else runs.

    A draft may lack unit or lead: their codes are "" then, their names 未定.
    """

    id: int
    no: str
    round_code: str
    problem: str
    text: str
    part_of: str
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
    percent: int | None
    progress: str
    stage: Stage | None
    clock_due_on: date | None
    held_on: date | None
    holder: str | None
    holder_name: str | None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of a measure, running or stopped. `late_by`: working days, where it was met late."""

    stage: Stage
    holder: str
    due_on: date
    first_due_on: date
    opened_on: date
    stopped_on: date | None
    outcome: str | None
    served_on: date | None
    held_on: date | None
    held_days: int | None
    late_by: int | None
    taken_up_on: date | None


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A file of a measure: in which cycle, what it is evidence of, and which content under that name it is."""

    cycle: int
    kind: EvidenceKind
    name: str
    version: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """A single-person exception, whether it holds or not."""

    person: str
    granted_by: str
    reason: str
    since: date
    until: date | None
    ended_on: date | None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until) and not self._ended(day)

    def _ended(self, day: date) -> bool:
        return self.ended_on is not None and self.ended_on <= day


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


_Row = TypeVar("_Row", NoticeRow, NewsRow, MessageRow, MeasureRow)


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


def news(connection: Connection, on_day: date | None = None) -> list[NewsRow]:
    """Every news, or those of one day, in the order of their events."""
    if on_day is None:
        return _news(connection, "", {})
    return _news(connection, "WHERE w.on_day = :on", {"on": on_day.isoformat()})


def news_by_id(connection: Connection, ids: Iterable[int]) -> list[NewsRow]:
    """The news with these numbers, in the order of their events."""
    return _news(connection, "WHERE w.id IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(list(ids))})


def news_of_measure(connection: Connection, measure_id: int) -> list[NewsRow]:
    return _news(connection, "WHERE w.measure_id = :measure", {"measure": measure_id})


def messages(
    connection: Connection, states: Collection[MessageState] = (), on_day: date | None = None,
    which: ColumnElement[bool] | TextClause | None = None,
) -> list[MessageRow]:  # fmt: skip
    """Every message, or those in some states, of one day or for which that holds, oldest first."""
    columns = [PARTY.c.code if f.name == "party" else MESSAGE.c[f.name] for f in fields(MessageRow)]
    query = select(*columns).join(PARTY, PARTY.c.id == MESSAGE.c.party_id).order_by(MESSAGE.c.id)
    if states:
        query = query.where(MESSAGE.c.state.in_(states))
    if on_day:
        of_run = MESSAGE.c.run_id.in_(select(RUN.c.id).where(RUN.c.on_day == on_day))
        query = query.where(or_(of_run, and_(MESSAGE.c.run_id.is_(None), MESSAGE.c.on_day == on_day)))
    if which is not None:
        query = query.where(which)
    return [MessageRow(*row) for row in connection.execute(query)]


def measures(connection: Connection) -> list[MeasureRow]:
    """Every measure in the ledger's order, each with the open clock that is due first."""
    return _measures(connection, "", {})


def measure(connection: Connection, measure_id: int) -> MeasureRow:
    """One measure as `measures` gives it."""
    (found,) = _measures(connection, "WHERE m.id = :id", {"id": measure_id})
    return found


def count_rounds(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(ROUND)) or 0


def is_first_with_number(connection: Connection, measure_id: int, no: str) -> bool:
    """Whether no measure before this one has the same number, in whatever case."""
    first = connection.scalar(select(func.min(MEASURE.c.id)).where(func.lower(MEASURE.c.no) == no.lower()))
    return bool(first == measure_id)


def cooperating_with(connection: Connection, measure_id: int) -> list[str]:
    """The names of the units that cooperate in a measure."""
    rows = connection.execute(text(_COOPERATING), {"measure": measure_id})
    return list(rows.scalars())


def clocks_of(connection: Connection, measure_id: int) -> list[ClockRow]:
    c = DEADLINE.c
    columns = (
        c.stage, PARTY.c.name, c.due_on, c.first_due_on, c.opened_on, c.stopped_on, c.outcome, c.served_on, c.held_on,
        c.held_days, c.late_by, c.taken_up_on,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(PARTY, PARTY.c.id == DEADLINE.c.holder_id)
        .where(DEADLINE.c.measure_id == measure_id)
        .order_by(DEADLINE.c.id)
    )
    return [ClockRow(*row) for row in connection.execute(query)]


def evidence_of(connection: Connection, measure_id: int) -> list[EvidenceRow]:
    rows = connection.execute(text(_EVIDENCE), {"measure": measure_id})
    return [EvidenceRow(n, EvidenceKind(kind), *rest) for n, kind, *rest in rows]


def exceptions(connection: Connection, on_day: date | None = None) -> list[ExceptionRow]:
    """Every single-person exception, or those that hold on a day."""
    rows = connection.execute(text(_EXCEPTIONS)).all()
    found = [ExceptionRow(r[0], r[1], r[2], date.fromisoformat(r[3]), _day(r[4]), _day(r[5])) for r in rows]
    return [one for one in found if on_day is None or one.holds_on(on_day)]


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def events_of(connection: Connection, measure_id: int) -> list[EventRow]:
    columns = (EVENT.c[field.name] for field in fields(EventRow))
    query = select(*columns).where(EVENT.c.measure_id == measure_id).order_by(EVENT.c.seq)
    return [EventRow(**{**row, "payload": json.loads(row["payload"])}) for row in connection.execute(query).mappings()]


def last_action_day(connection: Connection) -> date | None:
    """The latest day on which somebody acted on a measure, or logged an activity."""
    acted = or_(EVENT.c.measure_id.is_not(None), EVENT.c.action.in_(ActivityEvent))
    found: date | None = connection.scalar(select(func.max(EVENT.c.on_day)).where(acted))
    return found


def colours(policy_content: str) -> dict[tuple[str, str], str]:
    """The colour of each rung, by its name (repeats without their number) and role, as a stored policy says."""
    stages = json.loads(policy_content)["stages"]
    return {
        (f"{stage}/{rung['at']}", role): rung["colour"]
        for stage, body in stages.items()
        for rung in body["ladder"]
        for role in rung["to"]
    }


def _measures(connection: Connection, where: str, values: Mapping[str, object]) -> list[MeasureRow]:
    rows = connection.execute(text(_MEASURES.replace("{where}", where)), values).mappings()
    return [_typed(MeasureRow, dict(row)) for row in rows]


def _news(connection: Connection, where: str, values: Mapping[str, object]) -> list[NewsRow]:
    rows = connection.execute(text(_NEWS.replace("{where}", where)), values).mappings()
    return [
        _typed(NewsRow, {**row, "kind": NewsKind(row["kind"]), "payload": json.loads(row["payload"])}) for row in rows
    ]


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
        if isinstance(value, str) and not isinstance(value, StrEnum) and name in _WORDS:
            value = _WORDS[name](value)
        elif name.endswith(("due_on", "on_day", "held_on")) and isinstance(value, str):
            value = date.fromisoformat(value)
        elif name == "major":
            value = bool(value)
        values[name] = value
    return kind(**values)


_NOTICES = f"""
SELECT n.id, m.no AS measure, r.code AS round_code, f.text AS problem, m.text, m.limit_text, r.name AS round_name,
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
LEFT JOIN message g ON {in_message("n", "g")}
{{where}}
ORDER BY n.id"""

_NEWS = """
SELECT w.id, w.event_seq AS seq, m.no AS measure, r.code AS round_code, f.text AS problem, m.text, m.limit_text,
       r.name AS round_name, u.name AS unit, l.name AS lead, m.closure, w.role, w.kind, p.code AS party,
       p.name AS party_name, w.on_day, w.due_on, e.person, coalesce(b.name, e.party) AS by_party, e.payload, w.unsaid,
       CASE WHEN w.unsaid IS NULL THEN g.state END AS message_state
FROM news w
JOIN event e ON e.seq = w.event_seq
JOIN measure m ON m.id = w.measure_id
JOIN feedbackproblem f ON f.id = m.problem_id
JOIN round r ON r.id = m.round_id
JOIN party u ON u.id = m.unit_id
JOIN party l ON l.id = m.lead_id
JOIN party p ON p.id = w.party_id
LEFT JOIN party b ON b.code = e.party
LEFT JOIN message g ON g.id = w.message_id
{where}
ORDER BY w.id"""

_EVIDENCE = """
SELECT y.n, e.kind, e.name, e.version, e.size, e.sha256
FROM evidence e JOIN cycle y ON y.id = e.cycle_id WHERE y.measure_id = :measure ORDER BY e.id"""

_COOPERATING = """
SELECT p.name FROM cooperation c JOIN party p ON p.id = c.party_id WHERE c.measure_id = :measure ORDER BY p.code"""

_EXCEPTIONS = "SELECT person, granted_by, reason, since, until, ended_on FROM singlepersonexception ORDER BY id"

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
SELECT m.id, m.no, r.code AS round_code, f.text AS problem, m.text, m.part_of, coalesce(u.code, '') AS unit,
       coalesce(u.name, '未定') AS unit_name, coalesce(l.code, '') AS lead, coalesce(l.name, '未定') AS lead_name,
       m.state, m.closure, m.major, m.limit_text, m.limit_kind, m.limit_note, m.due_on, m.version, m.percent,
       m.progress, c.stage, c.due_on AS clock_due_on, c.held_on, h.code AS holder, h.name AS holder_name
FROM measure m
JOIN round r ON r.id = m.round_id
JOIN feedbackproblem f ON f.id = m.problem_id
LEFT JOIN party u ON u.id = m.unit_id
LEFT JOIN party l ON l.id = m.lead_id
LEFT JOIN deadline c ON c.id = (
  SELECT d.id FROM deadline d WHERE d.measure_id = m.id AND d.stopped_on IS NULL
  ORDER BY d.stage = 'refer', d.due_on, d.id LIMIT 1)
LEFT JOIN party h ON h.id = c.holder_id
{where}
ORDER BY m.round_id, m.position"""
