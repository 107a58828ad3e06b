"""What SQLAlchemy needs of a SQLite driver, over apsw, so that the product's own statements and settings meet the
noting file system. In its place `use_driver` puts it, in a forked process only.

apsw offers no shared memory to a file system of ours, so under WAL one connection holds the database alone, and all
who ask for one take turns at it: WAL in exclusive mode, which writes and syncs just as it does otherwise.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import apsw
from sqlalchemy import Engine, event

from tests.faults.power.disk import Step
from tests.faults.power.vfs import NAME, NotingVfs

CHECKPOINT_PAGES = 40
"""Far fewer than SQLite's thousand, so that a short run comes by a checkpoint."""
_turn = threading.Lock()
"""Held while a commit comes back and what it left is looked at, so that no other comes between."""


Parameters = Sequence[Any] | Mapping[str, Any]


class Driver:
    """In use until the process ends. `close` lets go of what SQLAlchemy does not know to be shared."""

    def __init__(self, vfs: NotingVfs, alone: "list[_Alone]") -> None:
        self._vfs = vfs
        self._alone = alone

    def close(self) -> None:
        for one in self._alone:
            one.raw.close()


def use_driver(note: Callable[[Step], object], acknowledge: Callable[[str], object], *, shared: bool) -> Driver:
    """From now on every connection of this process that SQLAlchemy opens is noted; `acknowledge` hears, after each
    commit, the digest of what the database holds. `shared`: for WAL."""
    vfs = NotingVfs(note)
    alone: list[_Alone] = []

    def connect(_dialect: object, _record: object, arguments: list[Any], _options: dict[str, Any]) -> "Connection":
        if not shared:
            return Connection(_opened(arguments[0]), acknowledge, _Free())
        if not alone:
            alone.append(_Alone(_opened(arguments[0])))
            alone[0].raw.execute("PRAGMA locking_mode=EXCLUSIVE")
            alone[0].raw.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        return Connection(alone[0].raw, acknowledge, alone[0])

    event.listen(Engine, "do_connect", connect)
    return Driver(vfs, alone)


def _opened(path: str) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    return apsw.Connection(path, vfs=NAME, flags=flags)


class _Free:
    """Connections that SQLite itself keeps apart."""

    def begin(self) -> None: ...

    def end(self) -> None: ...


class _Alone(_Free):
    """One connection for all: who begins a transaction has it until its end."""

    def __init__(self, raw: apsw.Connection) -> None:
        self.raw = raw
        self._lock = threading.Lock()

    def begin(self) -> None:
        if not self._lock.acquire(timeout=20):
            raise sqlite3.OperationalError("database is locked")

    def end(self) -> None:
        self._lock.release()


class Connection:
    """A connection of PEP 249, as far as SQLAlchemy's SQLite dialect goes."""

    def __init__(self, raw: apsw.Connection, acknowledge: Callable[[str], object], turns: _Free) -> None:
        self.isolation_level: str | None = None
        self._raw = raw
        self._acknowledge = acknowledge
        self._turns = turns
        self._in_transaction = False

    def cursor(self) -> "Cursor":
        return Cursor(self)

    def execute(self, statement: str, parameters: Parameters = ()) -> "Cursor":
        return self.cursor().execute(statement, parameters)

    def create_function(self, name: str, arguments: int, function: Callable[..., Any], **_: object) -> None:
        self._raw.create_scalar_function(name, function, arguments)

    def commit(self) -> None:
        if self._in_transaction:
            with _turn:
                self._end("COMMIT")
                self._acknowledge(content_of(self._raw.execute))

    def rollback(self) -> None:
        if self._in_transaction:
            self._end("ROLLBACK")

    def close(self) -> None:
        self.rollback()
        if not isinstance(self._turns, _Alone):
            self._raw.close()

    def run(self, statement: str, parameters: Parameters) -> tuple[list[Any], Any, int]:
        """Rows, their description, and how many rows were changed."""
        if self._in_transaction:
            return self._run(statement, parameters)
        self._turns.begin()
        try:
            return self._run(statement, parameters)
        finally:
            self._in_transaction = self._raw.in_transaction
            if not self._in_transaction:
                self._turns.end()

    def _run(self, statement: str, parameters: Parameters) -> tuple[list[Any], Any, int]:
        before = self._raw.total_changes()
        described: list[Any] = []

        def look(cursor: apsw.Cursor, _statement: str, _bindings: object) -> bool:
            described.append(cursor.get_description())
            return True

        cursor = self._raw.cursor()
        cursor.exec_trace = look
        try:
            rows = list(cursor.execute(statement, parameters))
        except apsw.Error as error:
            raise _translated(error) from error
        changed = self._raw.changes() if self._raw.total_changes() != before else 0
        return rows, _description(described), changed

    def insert_id(self) -> int:
        return self._raw.last_insert_rowid()

    def _end(self, statement: str) -> None:
        try:
            self._raw.execute(statement)
        except apsw.Error as error:
            raise _translated(error) from error
        finally:
            if not self._raw.in_transaction:
                self._in_transaction = False
                self._turns.end()


class Cursor:
    """A cursor of PEP 249 that has read everything when `execute` comes back."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._rows: Iterator[Any] = iter(())

    def execute(self, statement: str, parameters: Parameters = ()) -> "Cursor":
        rows, self.description, self.rowcount = self.connection.run(statement, parameters)
        self._rows = iter(rows)
        self.lastrowid = self.connection.insert_id()
        return self

    def executemany(self, statement: str, many: Sequence[Parameters]) -> "Cursor":
        self.rowcount = sum(self.connection.run(statement, parameters)[2] for parameters in many)
        self.description = None
        return self

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return [row for _, row in zip(range(size or self.arraysize), self._rows, strict=False)]

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def close(self) -> None:
        self._rows = iter(())


def content_of(execute: Callable[[str], Any]) -> str:
    """A digest of all that a database holds."""
    found = hashlib.sha256()
    for (table,) in sorted(execute("SELECT name FROM sqlite_master WHERE type = 'table'")):
        for row in execute(f"SELECT * FROM {table}"):
            found.update(repr(tuple(row)).encode())
    return found.hexdigest()


def _description(described: Sequence[Any]) -> Any:
    """As PEP 249 has it; None where a statement gives no rows."""
    columns = described[-1] if described else ()
    return tuple((column[0], None, None, None, None, None, None) for column in columns) or None


def _translated(error: apsw.Error) -> sqlite3.Error:
    if isinstance(error, apsw.ConstraintError):
        return sqlite3.IntegrityError(str(error))
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return sqlite3.OperationalError("database is locked")
    return sqlite3.OperationalError(str(error))
