"""A relay in a process of its own that can kill whoever talks to it, at any word, before it answers.

What it accepted is in its log before its 250 leaves, so the log is the truth. Whom to kill, and where, stands in
memory that it shares with the harness. `quiet()` is when all that was said to it has been heard: only then is the
log to be counted, else a late line lands in the next trial.
"""

import mmap
import os
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import IO

from tests.smtp_sink import Received, SmtpSink


class Word(IntEnum):
    """Where the relay can strike: what it has just heard, or, at KEPT, what it has just put on its disk."""

    NEVER = 0
    CONNECT = 1
    EHLO = 2
    MAIL = 3
    RCPT = 4
    DATA = 5
    BODY = 6  # the first line of it
    DOT = 7  # heard, not yet accepted
    KEPT = 8  # accepted, and the 250 has not left


_ORDER = struct.Struct("iii")


class Orders:
    """Memory shared with forked processes: whom to kill, at which word, and the how manieth time."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, _ORDER.size)

    def give(self, pid: int, word: Word, nth: int) -> None:
        self._shared[:] = _ORDER.pack(pid, word, nth)

    def withdraw(self) -> None:
        self.give(0, Word.NEVER, 0)

    def heard(self, word: Word) -> None:
        """Kills, where this is the time for it."""
        pid, wanted, nth = _ORDER.unpack(self._shared[:])
        if not pid or word != wanted:
            return
        if nth > 1:
            self.give(pid, word, nth - 1)
            return
        self.withdraw()
        os.kill(pid, signal.SIGKILL)


class _Striking(SmtpSink):
    def __init__(self, log: Path, orders: Orders) -> None:
        self._orders = orders
        super().__init__(log)

    def fault_at(self, place: str) -> str | None:
        if place in Word.__members__:
            self._orders.heard(Word[place])
        return super().fault_at(place)

    def keep(self, received: Received) -> None:
        super().keep(received)
        self._orders.heard(Word.KEPT)


@dataclass
class Relay:
    """The relay as the harness has it."""

    port: int
    orders: Orders
    _log: IO[str]
    _ask: int
    _answer: int

    def quiet(self) -> None:
        """Returns once the relay has heard all that was said to it."""
        # It takes connections in order: once it greets this one, there is none before it that it does not know.
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.recv(512)
            last.sendall(b"QUIT\r\n")
            last.recv(512)
        os.write(self._ask, b"?")
        if os.read(self._answer, 1) != b".":
            raise RuntimeError("somebody still talks to the relay")

    def accepted(self) -> list[Received]:
        """What it accepted since it was last asked."""
        import json

        return [Received(**json.loads(line)) for line in self._log]


@contextmanager
def relay(folder: Path) -> Iterator[Relay]:
    """A relay, forked: call this before there are threads."""
    orders, log = Orders(), folder / "accepted.jsonl"
    log.touch()
    questions, answers, ready = os.pipe(), os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        for end in (questions[1], answers[0], ready[0]):
            os.close(end)  # so that it hears when the harness is gone
        _serve(log, orders, questions[0], answers[1], ready[1])
    port = int(os.read(ready[0], 16))
    try:
        with log.open(encoding="ascii") as stream:
            yield Relay(port, orders, stream, questions[1], answers[0])
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        for end in (*questions, *answers, *ready):
            os.close(end)


def _serve(log: Path, orders: Orders, questions: int, answers: int, ready: int) -> None:
    with _Striking(log, orders) as sink:
        os.write(ready, str(sink.port).encode())
        while os.read(questions, 1):
            os.write(answers, b"." if sink.is_left() else b"!")
    os._exit(0)
