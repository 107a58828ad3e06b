"""How single messages went: their delivery record, what went out, and which wait for a person. Reads only.

For the command line, the brief and the desk; delivery as a whole, in numbers, is in vitals.py. Words nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, or_, select

from models.ladder import MessageKind
from models.store import board
from models.store.board import MessageRow
from models.tables import AttemptPhase, MessageState
from models.tables.core import ATTEMPT, MESSAGE, PAYLOAD

DEAD_OR_UNKNOWN = (MessageState.REJECTED, MessageState.UNKNOWN, MessageState.BOUNCED, MessageState.EXPIRED)
"""States that a message leaves by a person's word only."""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A line of the delivery record (see tables/outbox.py)."""

    n: int
    phase: AttemptPhase
    at: datetime
    owner: str
    channel: str
    code: str
    enhanced: str
    reason: str
    took_ms: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class HandedTo:
    """The channel of a message's last marker, and the enhanced code of its last answer; empty where there is none."""

    channel: str = ""
    enhanced: str = ""


def attempts_of(connection: Connection, message_id: int) -> list[AttemptRow]:
    """The delivery record of a message, in the order in which it was written."""
    columns = (ATTEMPT.c[field.name] for field in fields(AttemptRow))
    rows = connection.execute(select(*columns).where(ATTEMPT.c.message_id == message_id))
    order = list(AttemptPhase)
    return sorted((AttemptRow(*row) for row in rows), key=lambda line: (line.n, line.at, order.index(line.phase)))


def handed_to(connection: Connection, message_ids: Iterable[int]) -> Mapping[int, HandedTo]:
    """Where each of these messages was last handed to, and what was last answered."""
    wanted = set(message_ids)
    columns = (ATTEMPT.c.message_id, ATTEMPT.c.channel, ATTEMPT.c.enhanced)
    told = select(*columns).where(or_(ATTEMPT.c.channel != "", ATTEMPT.c.enhanced != ""))
    found: dict[int, HandedTo] = {}
    for message_id, channel, enhanced in connection.execute(told.order_by(ATTEMPT.c.n)):
        if message_id in wanted:
            before = found.get(message_id, HandedTo())
            found[message_id] = HandedTo(channel or before.channel, enhanced or before.enhanced)
    return found


def message(connection: Connection, message_id: int) -> MessageRow | None:
    """One message as the listing gives it."""
    return next((row for row in board.messages(connection) if row.id == message_id), None)


def content_of(connection: Connection, message_id: int) -> bytes | None:
    """The bytes of a message as they last went out, or would; None before it was composed."""
    found: bytes | None = connection.scalar(select(PAYLOAD.c.content).where(PAYLOAD.c.message_id == message_id))
    return found


def with_header(connection: Connection, header_id: str) -> int | None:
    """The message that went out under this Message-ID, with its angle brackets."""
    return connection.scalar(select(MESSAGE.c.id).where(MESSAGE.c.header_id == header_id))


def unresolved(connection: Connection) -> list[MessageRow]:
    """Messages that wait for a person's word, oldest first."""
    return [row for row in board.messages(connection, DEAD_OR_UNKNOWN) if is_unresolved(row)]


def is_unresolved(row: MessageRow) -> bool:
    """Whether a message waits for a person's word. An expired reminder does not: its clock says more by now."""
    return row.state in DEAD_OR_UNKNOWN and (
        row.state is not MessageState.EXPIRED or row.kind is MessageKind.ESCALATION
    )
