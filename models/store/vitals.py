"""How delivery stands as a whole, in numbers: for whoever watches over an office's duban from outside. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select, text

from models.tables import AttemptPhase, MessageState
from models.tables.core import ATTEMPT, CHANNEL_GATE, MESSAGE, RUN
from models.tables.outbox import UNFINISHED, UNRESOLVED


@dataclass(frozen=True, slots=True)
class Counters:
    """Messages by state and lines of the delivery record by phase, each word present. `ambiguous`: doubts on record.

    `unresolved` wait for a person. Of what was accepted, a person of the party signed for `received` 签收.
    """

    messages: Mapping[MessageState, int]
    attempts: Mapping[AttemptPhase, int]
    ambiguous: int
    unresolved: int
    received: int
    unreceived: int
    gates_closed: int


@dataclass(frozen=True, slots=True)
class RunSeen:
    """The newest daily run. `finished_at` is None while it goes on, or where it was broken off."""

    on: date
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class GateSeen:
    """A channel that failed when it was last used, and has since then. `label` may be shown."""

    key: str
    label: str
    since: datetime
    until: datetime
    reason: str


def counters(connection: Connection, now: datetime) -> Counters:
    states = dict(_counted(connection, "SELECT state, count(*) FROM message GROUP BY state"))
    phases = dict(_counted(connection, "SELECT phase, count(*) FROM attempt GROUP BY phase"))
    ambiguous, received = connection.execute(text(_SUMS)).one()
    return Counters(
        messages={state: states.get(state.value, 0) for state in MessageState},
        attempts={phase: phases.get(phase.value, 0) for phase in AttemptPhase},
        ambiguous=ambiguous,
        unresolved=connection.scalar(select(func.count()).select_from(MESSAGE).where(text(UNRESOLVED))) or 0,
        received=received,
        unreceived=states.get(MessageState.ACCEPTED.value, 0) - received,
        gates_closed=connection.scalar(select(func.count()).where(CHANNEL_GATE.c.closed_until > now)) or 0,
    )


def oldest_due(connection: Connection, now: datetime) -> timedelta | None:
    """How long the message that is due for longest has been so; None where none waits to be handed over.

    A message is due from when its run began or its action was done, and stays so while it is tried; anew from when a
    person, or another address, sent it on again.
    """
    due = connection.execute(_OLDEST_DUE).scalar()
    return max(now - due, timedelta()) if due else None


def failing_gates(connection: Connection) -> list[GateSeen]:
    """The channels that failed last, by name."""
    gate = CHANNEL_GATE.c
    query = select(gate.key, gate.label, gate.failing_since, gate.closed_until, gate.reason)
    found = connection.execute(query.where(gate.failures > 0).order_by(gate.label, gate.key))
    return [GateSeen(*row) for row in found]


def waiting_at(connection: Connection) -> Mapping[tuple[str, int], int]:
    """How many messages wait to be handed over, by the code of their party and the number of its address."""
    return {(code, number): count for code, number, count in connection.execute(_WAITING)}


def newest_run(connection: Connection) -> RunSeen | None:
    row = connection.execute(
        select(RUN.c.on_day, RUN.c.started_at, RUN.c.finished_at).order_by(RUN.c.id.desc()).limit(1)
    ).first()
    return RunSeen(*row) if row else None


def last_hand_over(connection: Connection) -> datetime | None:
    """When a message was last about to leave; None where none ever was."""
    found: datetime | None = connection.scalar(
        select(func.max(ATTEMPT.c.at)).where(ATTEMPT.c.phase == AttemptPhase.HANDING_OVER)
    )
    return found


def _counted(connection: Connection, statement: str) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in connection.execute(text(statement))]


_SUMS = """
SELECT coalesce(sum(ambiguous), 0), coalesce(sum(state = 'accepted' AND received_on IS NOT NULL), 0) FROM message"""
_OLDEST_DUE = text(f"""
SELECT min(max(coalesce(r.started_at, e.at), coalesce(
  (SELECT max(a.at) FROM attempt a WHERE a.message_id = m.id AND a.phase = 'resolved'), ''))) AS due
FROM message m
LEFT JOIN run r ON r.id = m.run_id
LEFT JOIN news w ON m.kind = 'action' AND w.id = json_extract(m.notice_ids, '$[0]')
LEFT JOIN event e ON e.seq = w.event_seq
WHERE m.{UNFINISHED}""").columns(due=MESSAGE.c.next_try_at.type)
_WAITING = text(f"""
SELECT p.code, m.address_no, count(*) FROM message m JOIN party p ON p.id = m.party_id
WHERE m.{UNFINISHED} GROUP BY p.code, m.address_no""")
