"""An outbox with messages in it, for tests of the store's outbox and of delivery; and the death of processes.

The messages are written straight to the tables, as a daily run leaves them. Nothing is patched.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, insert, select, text, update

from models.directory import Directory
from models.ladder import MessageKind, NoticeKind
from models.lifecycle import Role, Stage
from models.migrations.versions.v0004_delivery import MOVES
from models.store.engine import Store
from models.store.outbox import Batch, claim
from models.store.parties import party_ids
from models.tables import AttemptPhase, MessageState
from models.tables.core import ATTEMPT, DEADLINE, MESSAGE, NOTICE, PAYLOAD, RUN
from tests.offices import PLAIN_DIRECTORY, Books, Opening, Row, empty_store

ON = date(2023, 6, 26)
NOW = datetime(2023, 6, 26, 0, 30, tzinfo=UTC)

UNITS = ("D1", "D2", "D3")
_KINDS = {MessageKind.DIGEST: (NoticeKind.URGE, "complete/-3wd"),
          MessageKind.ESCALATION: (NoticeKind.OVERDUE, "complete/+1wd")}  # fmt: skip


@dataclass(frozen=True)
class Outbox:
    """A store whose round has one measure for each of the units D1, D2 and D3, all of them led by L1."""

    store: Store
    database: Path

    def clock(self, unit: str = "D1") -> int:
        """Opens a clock of this unit's measure, due in three days."""
        with self.store.writing() as connection:
            return _open(connection, unit)

    def message(self, party: str = "D1", *clocks: int, kind: MessageKind = MessageKind.DIGEST) -> int:
        """A planned message that tells the party of these clocks, or of a new one where none is given."""
        with self.store.writing() as connection:
            return _post(connection, party, clocks, kind)

    def messages(self, *parties: str) -> list[int]:
        """A planned digest for each of these parties, each about a clock of its own."""
        with self.store.writing() as connection:
            return [_post(connection, party, (), MessageKind.DIGEST) for party in parties]

    def claim(self, owner: str = "me", now: datetime = NOW, limit: int = 50, on_day: date = ON) -> Batch:
        with self.store.writing() as connection:
            return claim(connection, owner, now, limit, on_day)

    def row(self, message: int) -> RowMapping:
        """The message as it stands, with its bytes as `payload` and `payload_sha256`."""
        bytes_of = (PAYLOAD.c.content.label("payload"), PAYLOAD.c.sha256.label("payload_sha256"))
        query = select(MESSAGE, *bytes_of).outerjoin(PAYLOAD, PAYLOAD.c.message_id == MESSAGE.c.id)
        with self.store.reading() as connection:
            return connection.execute(query.where(MESSAGE.c.id == message)).mappings().one()

    def state(self, message: int) -> MessageState:
        state: MessageState = self.row(message)["state"]
        return state

    def phases(self, message: int) -> list[tuple[int, AttemptPhase]]:
        """The delivery record of a message in order: number of the attempt, and what happened."""
        query = select(ATTEMPT.c.n, ATTEMPT.c.phase).where(ATTEMPT.c.message_id == message)
        order = list(AttemptPhase)
        with self.store.reading() as connection:
            found = connection.execute(query).tuples().all()
        return sorted(found, key=lambda line: (line[0], order.index(line[1])))

    def put(self, message: int, state: MessageState) -> None:
        """Brings the message into this state by moves that a message may make."""
        way = _way(self.state(message), state)
        with self.store.writing() as connection:
            for step in way:
                connection.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(state=step))

    def scalar(self, statement: str, **values: object) -> Any:
        with self.store.reading() as connection:
            return connection.scalar(text(statement), values)

    def change(self, statement: str, **values: object) -> None:
        """What somebody else writes in between."""
        with self.store.writing() as connection:
            connection.execute(text(statement), values)

    def dump(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """Every row of every table, as it lies on the disk."""
        with closing(sqlite3.connect(self.database)) as raw:
            tables = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {name: raw.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables}


def _way(start: MessageState, end: MessageState) -> Sequence[str]:
    """The shortest row of moves from one state to another."""
    ways: list[tuple[str, ...]] = [(start,)]
    for way in ways:
        if way[-1] == end:
            return way[1:]
        ways += [(*way, move) for move in MOVES[way[-1]] if move not in way]
    raise AssertionError(f"no way from {start} to {end}")


_RUN: Mapping[str, object] = {
    "on_day": ON, "posted_through": ON, "seen_seq": 0, "policy_digest": "", "calendar_digest": "",
    "directory_digest": "", "via": "test", "started_at": NOW,
}  # fmt: skip


def _open(connection: Connection, unit: str) -> int:
    opening = Opening(f"M-{unit}", Stage.COMPLETE, ON + timedelta(days=3), ON - timedelta(days=60))
    return Books(connection).open(opening, on=ON)[0]


def _post(connection: Connection, party: str, clocks: tuple[int, ...], kind: MessageKind) -> int:
    told = clocks or (_open(connection, party if party in UNITS else "D1"),)
    run_id = _insert(connection, RUN, _RUN)
    common = {"run_id": run_id, "party_id": party_ids(connection)[party], "on_day": ON}
    role = Role.UNIT if party in UNITS else Role.LEAD
    found = [{**common, "role": role, **_notice(connection, clock, kind)} for clock in told]
    notices = [_insert(connection, NOTICE, notice) for notice in found]
    said = {"kind": kind, "state": MessageState.PLANNED, "notice_ids": json.dumps(notices)}
    return _insert(connection, MESSAGE, {**common, **said})


def _insert(connection: Connection, table: Table, values: Mapping[str, object]) -> int:
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key
    return int(key[0])


def _notice(connection: Connection, clock: int, kind: MessageKind) -> dict[str, object]:
    due_on = connection.scalar(select(DEADLINE.c.due_on).where(DEADLINE.c.id == clock))
    notice_kind, rung = _KINDS[kind]
    return {"deadline_id": clock, "due_on": due_on, "kind": notice_kind, "rung": rung}


@contextmanager
def an_outbox(folder: Path, directory: Directory = PLAIN_DIRECTORY) -> Iterator[Outbox]:
    """An outbox without messages, in a database of its own."""
    with empty_store(folder) as store:
        with store.writing() as connection:
            Books(connection, directory).set_up([Row(f"M-{unit}", unit) for unit in UNITS], ON)
        yield Outbox(store, folder / "duban.db")


@contextmanager
def a_copy(content: bytes, folder: Path) -> Iterator[Outbox]:
    """An outbox from the bytes of a database."""
    database = folder / "duban.db"
    database.write_bytes(content)
    store = Store(f"sqlite:///{database}")
    try:
        yield Outbox(store, database)
    finally:
        store.close()


class Moments:
    """A clock for tests: stands still until it is told to go on."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@contextmanager
def another_process() -> Iterator["Process"]:
    """A living process that is not this one; it is gone at the end at the latest."""
    name = "from models.store.owners import this_process; print(this_process(), flush=True)"
    program = f"import sys; {name}; sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", f"{program}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield Process(process, process.stdout.readline().strip())
        process.kill()


@dataclass(frozen=True)
class Process:
    """A process and the name it gives itself as an owner."""

    process: "subprocess.Popen[str]"
    name: str

    def kill(self) -> None:
        """kill -9. The process is a zombie until `bury`."""
        os.kill(self.process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)

    def bury(self) -> None:
        self.process.wait()
