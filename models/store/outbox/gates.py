"""Gates: how fast a channel may be used, and for how long not at all. Shared by all processes, in the database.

A token bucket and a breaker for each channel. The caller's transaction begins as IMMEDIATE, so that no two processes
take the same token. What a closed gate means for a message is decided in notifications/endings.py.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, select, update
from sqlalchemy.dialects.sqlite import insert

from models.store.outbox.values import Closed, Gate, Paced
from models.store.outbox.waits import LONGEST_WAIT, backoff, binds
from models.tables.core import CHANNEL_GATE

SHORTEST_PAUSE = timedelta(seconds=1)
_AHEAD = timedelta(minutes=1)
"""Processes that wait for the same lock read the clock a little before or after each other. Who counted at a moment
farther ahead had a clock that ran ahead."""
_WHOLE = 1 - 1e-9
"""What counts as a whole token: sums of fractions miss by less."""


def enter_gate(connection: Connection, gate: Gate, now: datetime) -> Paced | Closed | None:
    """Lets one message through, which takes a token where the channel has a pace; else why not, and until when."""
    row = _row(connection, gate.key)
    if closed := _closed(row, now):
        return closed
    if gate.per_minute is None:
        return None
    tokens = _tokens(row, gate, now)
    if tokens < _WHOLE:
        if row and row["counted_at"] > now + _AHEAD:
            _keep(connection, gate, now, tokens=tokens, counted_at=now)  # else nothing flows in until that moment
        return Paced(now + timedelta(minutes=(1 - tokens) / gate.per_minute, microseconds=1))
    _keep(connection, gate, now, tokens=tokens - 1, counted_at=now)
    return None


def close_gate(connection: Connection, gate: Gate, asked_s: float | None, reason: str, now: datetime) -> Closed:
    """Closes the gate after a failure of the channel: as long as the channel asked for, else by failures in a row.

    What was under way when it was closed and fails as well is no further failure.
    """
    row = _row(connection, gate.key)
    before = _closed(row, now)
    failures = (row["failures"] if row else 0) + (before is None)
    until = now + pause(asked_s, failures)
    if before:
        until = max(before.until, until) if asked_s is not None else before.until
    since: datetime = (row["failing_since"] if row else None) or now
    _keep(connection, gate, now, closed_until=until, failures=failures, failing_since=since, reason=reason)
    return Closed(until, since, reason)


def reopen_gate(connection: Connection, key: str, now: datetime) -> None:
    """The channel answered as it should: its failures are over. A pause it asked for meanwhile goes on."""
    row = _row(connection, key)
    if row and row["failures"] and not _closed(row, now):
        healed = {"failures": 0, "failing_since": None, "closed_until": None, "reason": ""}
        connection.execute(update(CHANNEL_GATE).where(CHANNEL_GATE.c.key == key).values(**healed))


def failing_gates(connection: Connection) -> Mapping[str, Closed]:
    """The gates whose channel failed last, by key, closed or to be tried again."""
    found = connection.execute(select(CHANNEL_GATE).where(CHANNEL_GATE.c.failures > 0)).mappings()
    return {row["key"]: Closed(row["closed_until"], row["failing_since"], row["reason"]) for row in found}


def pause(asked_s: float | None, failures: int) -> timedelta:
    """How long a channel is left alone: 1 second to a day where it asked, else by failures in a row."""
    if asked_s is None:
        return backoff(failures)
    asked = min(max(asked_s, SHORTEST_PAUSE.total_seconds()), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=asked)


def _row(connection: Connection, key: str) -> RowMapping | None:
    return connection.execute(select(CHANNEL_GATE).where(CHANNEL_GATE.c.key == key)).mappings().first()


def _closed(row: RowMapping | None, now: datetime) -> Closed | None:
    until: datetime | None = row["closed_until"] if row else None
    if row is None or until is None or not binds(until, now):
        return None
    return Closed(until, row["failing_since"], row["reason"])


def _tokens(row: RowMapping | None, gate: Gate, now: datetime) -> float:
    if row is None or gate.per_minute is None:
        return gate.burst
    kept: float = row["tokens"]
    gone = max(now - row["counted_at"], timedelta())  # nothing flows in for a clock that was set back
    return min(float(gate.burst), kept + float(gone / timedelta(minutes=1)) * gate.per_minute)


def _keep(connection: Connection, gate: Gate, now: datetime, **changes: object) -> None:
    fresh = {"key": gate.key, "label": gate.label, "tokens": gate.burst, "counted_at": now, "failures": 0, "reason": ""}
    statement = insert(CHANNEL_GATE).values({**fresh, **changes})
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changes))
