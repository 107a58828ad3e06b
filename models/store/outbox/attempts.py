"""The delivery record: entries are appended, never changed; triggers refuse anything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, ScalarSelect, and_, exists, func, select
from sqlalchemy.sql import ColumnElement

from models.tables import AttemptPhase
from models.tables.columns import stored
from models.tables.core import ATTEMPT, MESSAGE


@dataclass(frozen=True, slots=True)
class Entry:
    """One phase of one try, as it is to be written (see tables/outbox.py, Attempt)."""

    message_id: int
    n: int
    phase: AttemptPhase
    at: datetime
    owner: str
    code: str = ""
    reason: str = ""
    enhanced: str = ""
    took_ms: int | None = None


def append(connection: Connection, entries: Sequence[Entry]) -> None:
    if entries:
        # To the driver as it stands: of what a hand-over costs, the detour by statement objects was a tenth.
        connection.exec_driver_sql(_APPEND, [_values(entry) for entry in entries])


def append_marker(connection: Connection, entry: Entry, channel: str) -> None:
    """The entry of a marker: which channel, and the hash of the bytes that are kept for it."""
    connection.exec_driver_sql(_APPEND_MARKER, {**_values(entry), "channel": channel})


def resent_by_word() -> ColumnElement[bool]:
    """Whether a person said of a frozen message, after its newest marker, that it shall be sent again; as a column of a
    query of messages."""
    marker = (ATTEMPT.c.message_id == MESSAGE.c.id, ATTEMPT.c.phase == AttemptPhase.HANDING_OVER)
    newest = select(func.max(ATTEMPT.c.n)).where(*marker).correlate(MESSAGE).scalar_subquery()
    word = ATTEMPT.alias("word")
    said = (word.c.message_id == MESSAGE.c.id, word.c.phase == AttemptPhase.RESOLVED, word.c.n >= newest)
    return and_(MESSAGE.c.frozen, exists().where(*said).correlate(MESSAGE))


def tried_since(now: datetime) -> ScalarSelect[datetime]:
    """When a message was first tried since it was last said to be sent anew; as a column of a query of messages. Tries
    of a clock that ran ahead do not count."""
    word = ATTEMPT.alias("anew")
    said = (word.c.message_id == MESSAGE.c.id, word.c.phase == AttemptPhase.RESOLVED)
    anew = func.coalesce(select(func.max(word.c.n)).where(*said).correlate(MESSAGE).scalar_subquery(), 0)
    tries = (ATTEMPT.c.message_id == MESSAGE.c.id, ATTEMPT.c.phase == AttemptPhase.LEASED, ATTEMPT.c.n > anew)
    return select(func.min(ATTEMPT.c.at)).where(*tries, ATTEMPT.c.at <= now).correlate(MESSAGE).scalar_subquery()


def _values(entry: Entry) -> dict[str, object]:
    return {
        "message_id": entry.message_id, "n": entry.n, "phase": entry.phase.value, "at": stored(entry.at),
        "owner": entry.owner, "code": entry.code, "reason": entry.reason, "enhanced": entry.enhanced,
        "took_ms": entry.took_ms,
    }  # fmt: skip


_COLUMNS = "message_id, n, phase, at, owner, code, reason, enhanced, channel, sha256, took_ms"
_APPEND = f"""
INSERT INTO attempt ({_COLUMNS})
VALUES (:message_id, :n, :phase, :at, :owner, :code, :reason, :enhanced, '', '', :took_ms)"""
_APPEND_MARKER = f"""
INSERT INTO attempt ({_COLUMNS})
VALUES (:message_id, :n, :phase, :at, :owner, :code, :reason, :enhanced, :channel,
  coalesce((SELECT sha256 FROM payload WHERE message_id = :message_id), ''), :took_ms)"""
