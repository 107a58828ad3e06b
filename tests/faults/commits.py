"""Death at a commit: a SQLite connection that ends its process before, inside or after the commit it is told to.

It takes the place of the driver's own connection through SQLAlchemy's `do_connect`, in a forked process only. What a
commit is known by is what it writes: a run, a phase of the delivery record, the bytes of letters.
"""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, event

from models.tables import AttemptPhase


class Writes(StrEnum):
    """What a transaction commits. One that ends a message may hold the marker of the next."""

    PLAN = "plan"
    SITTING = "sitting"  # of the home, counted before a delivery and after it
    CLAIM = "claim"
    BYTES = "bytes"
    MARKER = "marker"
    RESULT = "result"


class When(StrEnum):
    BEFORE = "before"
    INSIDE = "inside"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Death:
    """Die at the `nth` commit that writes this. `delay`, in seconds, is how far inside."""

    when: When
    writes: Writes
    nth: int
    delay: float = 0.0


_BY_PHASE = {AttemptPhase.LEASED: Writes.CLAIM, AttemptPhase.HANDING_OVER: Writes.MARKER}
_PHASES = {phase.value for phase in AttemptPhase}


Row = Sequence[object] | Mapping[str, object]
"""The parameters of a statement, by place or by name."""


def written_by(statement: str, rows: Iterable[Row]) -> set[Writes]:
    """What this statement writes, of the things that a commit is known by."""
    begins = " ".join(statement.split()[:3]).upper()
    if begins == "INSERT INTO RUN":
        return {Writes.PLAN}
    if begins == "UPDATE HOME SET" and "sitting" in statement:
        return {Writes.SITTING}
    if begins == "INSERT INTO PAYLOAD":
        return {Writes.BYTES}
    if begins == "INSERT INTO ATTEMPT":
        values = {value for row in rows for value in (row.values() if isinstance(row, Mapping) else row)}
        phases = {value for value in values if isinstance(value, str) and value in _PHASES}
        return {_BY_PHASE.get(AttemptPhase(phase), Writes.RESULT) for phase in phases}
    return set()


class Watching(sqlite3.Connection):
    """A connection that knows what its transaction writes, and tells `at_commit`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.writes: set[Writes] = set()

    def cursor(self, *_: Any) -> "WatchingCursor":  # type: ignore[override]
        return super().cursor(WatchingCursor)

    def rollback(self) -> None:
        self.writes.clear()
        super().rollback()


class WatchingCursor(sqlite3.Cursor):
    connection: Watching

    def execute(self, statement: str, parameters: Any = ()) -> "WatchingCursor":
        self.connection.writes |= written_by(statement, [parameters])
        super().execute(statement, parameters)
        return self

    def executemany(self, statement: str, parameters: Any) -> "WatchingCursor":
        rows = list(parameters)
        self.connection.writes |= written_by(statement, rows)
        super().executemany(statement, rows)
        return self


def die_at(death: Death, came_back: Callable[[], None]) -> None:
    """From now on every connection of this process that SQLAlchemy opens is one that may end it.

    `came_back` hears that the commit returned before that.
    """
    left = death.nth
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # it ends the process on the spot, as SIGKILL does

    class Dying(Watching):
        def commit(self) -> None:
            nonlocal left
            mine = death.writes in self.writes
            self.writes.clear()
            left -= mine
            if not mine or left:
                super().commit()
                return
            if death.when is When.BEFORE:
                kill_myself()
            if death.when is When.INSIDE:
                signal.setitimer(signal.ITIMER_REAL, death.delay)
            super().commit()
            came_back()
            kill_myself()

    use_connections(Dying)


def use_connections(kind: type[sqlite3.Connection]) -> None:
    def connect(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> sqlite3.Connection:
        return sqlite3.connect(*arguments, factory=kind, **options)

    event.listen(Engine, "do_connect", connect)


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # the signal is on its way
