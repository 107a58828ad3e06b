"""The floor of delivery: how many ready messages a second one kept-open SMTP connection carries here.

    python -m bench.handover [--letters 1000] [--runs 5] [--journal-mode WAL] [--synchronous FULL] ...

Twice: alone, and with one committed acceptance row for each message. The sink is aiosmtpd on 127.0.0.1, in a
process of its own. Composing, claiming and fencing are the product's, and not in here.
"""

import argparse
import asyncio
import json
import multiprocessing
import smtplib
import sqlite3
import sys
import tempfile
from base64 import encodebytes
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter

from aiosmtpd import smtp as aiosmtp

_HOST = "127.0.0.1"
_SENDER = "ledger@example.test"
_WARM_UP = 20
_TIMEOUT_S = 20.0
_LINE = "r7 2026-12-02 健全公务用车管理细则（第123条）\n"


class JournalMode(StrEnum):
    """SQLite's journals that survive a crash."""

    WAL = "WAL"
    DELETE = "DELETE"
    TRUNCATE = "TRUNCATE"
    PERSIST = "PERSIST"


class Synchronous(IntEnum):
    """How far a commit waits for the disk; the numbers are SQLite's own."""

    OFF = 0
    NORMAL = 1
    FULL = 2
    EXTRA = 3


@dataclass(frozen=True, slots=True)
class Durability:
    """How the acceptance rows are kept. `synchronous` belongs to a connection, so a file cannot carry it."""

    journal_mode: JournalMode = JournalMode.WAL
    synchronous: Synchronous = Synchronous.FULL


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages a second over several runs of one loop; `per_s` is the median."""

    per_s: float
    lowest: float
    highest: float
    runs: int


def ready_letters(count: int, body_bytes: int = 3000) -> tuple[bytes, ...]:
    """Messages as they go out: ASCII headers, base64 of about `body_bytes` of Chinese text, CRLF lines."""
    text = _LINE * max(1, body_bytes // len(_LINE.encode()))
    body = encodebytes(text.encode()).replace(b"\n", b"\r\n").decode("ascii")
    return tuple((_head(number) + body).encode("ascii") for number in range(count))


def _head(number: int) -> str:
    fields = (
        f"From: {_SENDER}",
        f"To: u{number}@example.test",
        f"Subject: rectification {number}",
        f"Message-ID: <{number}@example.test>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    )
    return "\r\n".join(fields) + "\r\n\r\n"


def measure_loop(
    letters: Sequence[bytes], port: int, commit_to: Path | None, durability: Durability | None = None
) -> float:
    """Seconds to hand `letters` over on one connection that is already open, waiting for the answer to each.

    With `commit_to`, one row is committed there after each answer; opening the file is not counted, and
    `durability` is WAL with FULL if not given. Raises smtplib.SMTPException when a letter is not taken, and
    sqlite3.Error; ValueError if SQLite does not give the journal mode asked for.
    """
    smtp = smtplib.SMTP(_HOST, port, local_hostname="bench.test", timeout=_TIMEOUT_S)
    with smtp, _acceptances(commit_to, durability or Durability()) as accept:
        smtp.ehlo()
        start = perf_counter()
        for number, letter in enumerate(letters):
            smtp.sendmail(_SENDER, [f"u{number}@example.test"], letter)
            accept(number)
        return perf_counter() - start


@contextmanager
def _acceptances(database: Path | None, durability: Durability) -> Iterator[Callable[[int], None]]:
    """What to call with the number of each letter taken."""
    if database is None:
        yield lambda _: None
        return
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        _set_durability(connection, durability)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS acceptance"
            " (id INTEGER PRIMARY KEY, letter TEXT NOT NULL, code TEXT NOT NULL, accepted_at TEXT NOT NULL)"
        )

        def commit(number: int) -> None:
            # Without BEGIN an INSERT is a transaction of its own: one durable commit a message.
            row = (f"<{number}@example.test>", "250", "2026-11-23T09:00:00+08:00")
            connection.execute("INSERT INTO acceptance (letter, code, accepted_at) VALUES (?, ?, ?)", row)

        yield commit


def _set_durability(connection: sqlite3.Connection, durability: Durability) -> None:
    (given,) = connection.execute(f"PRAGMA journal_mode = {durability.journal_mode}").fetchone()
    if given.upper() != durability.journal_mode:
        raise ValueError(f"SQLite keeps journal_mode {given}, not {durability.journal_mode}")
    connection.execute(f"PRAGMA synchronous = {int(durability.synchronous)}")


class _TakesEverything:
    """What aiosmtpd asks about each message."""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: ARG002, N802
        return "250 OK"


def _serve(port_to: Connection) -> None:
    asyncio.run(_serve_for_ever(port_to))


async def _serve_for_ever(port_to: Connection) -> None:
    # A fixed hostname: aiosmtpd otherwise asks the resolver for one at each connection.
    server = await asyncio.get_running_loop().create_server(
        lambda: aiosmtp.SMTP(_TakesEverything(), hostname="sink.test"), _HOST, 0
    )
    port_to.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


@contextmanager
def sink() -> Iterator[int]:
    """The port of an SMTP server in another process, which takes every message and keeps none.

    Raises TimeoutError or EOFError if it does not come up.
    """
    processes = multiprocessing.get_context("spawn")
    port_from, port_to = processes.Pipe(duplex=False)
    process = processes.Process(target=_serve, args=(port_to,), daemon=True)
    process.start()
    port_to.close()  # ours, so that a sink that dies early is seen as the end of the pipe
    try:
        if not port_from.poll(_TIMEOUT_S):
            raise TimeoutError("the sink did not come up")
        yield port_from.recv()
    finally:
        process.terminate()
        process.join()
        port_from.close()


def rate(count: int, seconds: Sequence[float]) -> Rate:
    """The rate of a loop over `count` letters that took `seconds`, run by run."""
    per_s = [count / took for took in seconds]
    return Rate(round(median(per_s), 1), round(min(per_s), 1), round(max(per_s), 1), len(per_s))


def measure(letters: Sequence[bytes], runs: int, scratch: Path, durability: Durability) -> tuple[Rate, Rate]:
    """The rates without and with a committed row; the two take turns, so that a busy spell falls on both."""
    alone, committed = [], []
    with sink() as port, tempfile.TemporaryDirectory(dir=scratch) as folder:
        measure_loop(letters[:_WARM_UP], port, None)
        for turn in range(runs):
            alone.append(measure_loop(letters, port, None))
            committed.append(measure_loop(letters, port, Path(folder, f"{turn}.db"), durability))
    return rate(len(letters), alone), rate(len(letters), committed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.handover")
    parser.add_argument("--letters", type=int, default=1000)
    parser.add_argument("--body-bytes", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--journal-mode", type=JournalMode, choices=list(JournalMode), default=JournalMode.WAL)
    parser.add_argument("--synchronous", choices=[level.name for level in Synchronous], default="FULL")
    parser.add_argument("--scratch", type=Path, help="a folder on the disk to be measured, not on a RAM disk")
    chosen = parser.parse_args(arguments)
    durability = Durability(chosen.journal_mode, Synchronous[chosen.synchronous])
    letters = ready_letters(chosen.letters, chosen.body_bytes)
    cases = ("alone", f"committed, {durability.journal_mode} {durability.synchronous.name}")
    rates = measure(letters, chosen.runs, chosen.scratch, durability)
    for case, found in zip(cases, rates, strict=True):
        print(json.dumps({"case": case, **asdict(found), "letters": len(letters), "bytes": len(letters[0])}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
