"""How single messages went: their delivery record, what went out, and which wait for a person. Reads only.

For the command line, the brief and the desk; delivery as a whole, in numbers, is in vitals.py. Words nothing.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select, text

from models.store import board
from models.store.board import MessageRow
from models.tables import AttemptPhase
from models.tables.columns import LARGEST_ID
from models.tables.core import ATTEMPT, MESSAGE, PAYLOAD
from models.tables.outbox import UNRESOLVED


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
    return sorted((AttemptRow(*row) for row in rows), key=lambda entry: (entry.n, entry.at, order.index(entry.phase)))


def handed_to(connection: Connection, message_ids: Iterable[int]) -> Mapping[int, HandedTo]:
    """Where each of these messages was last handed to, and what was last answered."""
    found: dict[int, HandedTo] = {}
    for message_id, channel, enhanced in connection.execute(_HANDED_TO, {"ids": json.dumps(list(message_ids))}):
        before = found.get(message_id, HandedTo())
        found[message_id] = HandedTo(channel or before.channel, enhanced or before.enhanced)
    return found


def message(connection: Connection, message_id: int) -> MessageRow | None:
    """One message as the listing gives it."""
    if message_id > LARGEST_ID:
        return None
    return next(iter(board.messages(connection, which=MESSAGE.c.id == message_id)), None)


def content_of(connection: Connection, message_id: int) -> bytes | None:
    """The bytes of a message as they last went out, or would; None before it was composed."""
    found: bytes | None = connection.scalar(select(PAYLOAD.c.content).where(PAYLOAD.c.message_id == message_id))
    return found


def with_header(connection: Connection, header_id: str) -> int | None:
    """The message that went out under this Message-ID, with its angle brackets."""
    return connection.scalar(select(MESSAGE.c.id).where(MESSAGE.c.header_id == header_id))


def unresolved(connection: Connection) -> list[MessageRow]:
    """Messages that wait for a person's word, oldest first."""
    return board.messages(connection, which=text(UNRESOLVED))


_HANDED_TO = text("""
SELECT a.message_id, a.channel, a.enhanced FROM json_each(:ids) j JOIN attempt a ON a.message_id = j.value
WHERE a.channel <> '' OR a.enhanced <> '' ORDER BY a.message_id, a.n""")
