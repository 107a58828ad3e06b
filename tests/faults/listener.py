"""A server in a process of its own, which outlives whoever talks to it, and can kill it at any word before it answers.

Whom to kill, and where, stands in memory that it shares with the harness. What it took is in its log before its answer
leaves, so the log is the truth. `quiet()` is when all that was said to it has been heard: only then is the log to be
counted, else a late line lands in the next trial.
"""

import mmap
import os
import signal
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import IO, Protocol

from tests.faults.verdict import Copy


class Word(IntEnum):
    """Where a server can strike: what it has just heard, or, at KEPT, what it has just put on its disk."""

    NEVER = 0
    CONNECT = 1
    EHLO = 2
    MAIL = 3
    RCPT = 4
    DATA = 5
    BODY = 6  # the first line of it
    DOT = 7  # heard, not yet accepted
    KEPT = 8  # accepted, and the answer has not left
    REQUEST = 9  # of HTTP: its headers heard, its body not yet read


_KILL, _MOOD = struct.Struct("iii"), struct.Struct("iii")
_QUIET_S = 5.0


class Orders:
    """Memory shared with forked processes: whom to kill, at which word and the how manieth time; and a mood, the
    place in a list of what the server may do besides, at its word and the how manieth time."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, _KILL.size + _MOOD.size)

    def give(self, pid: int, word: Word, nth: int) -> None:
        self._shared[: _KILL.size] = _KILL.pack(pid, word, nth)

    def withdraw(self) -> None:
        self.give(0, Word.NEVER, 0)

    def heard(self, word: Word) -> None:
        """Kills, where this is the time for it."""
        pid, wanted, nth = _KILL.unpack(self._shared[: _KILL.size])
        if not pid or word != wanted:
            return
        if nth > 1:
            self.give(pid, word, nth - 1)
            return
        self.withdraw()
        os.kill(pid, signal.SIGKILL)

    def set_mood(self, place: int, word: Word, nth: int) -> None:
        self._shared[_KILL.size :] = _MOOD.pack(place, word, nth)

    def mood_at(self, word: Word) -> int | None:
        """The place of what to do here in place of the usual, where this is the time for it."""
        place, wanted, nth = _MOOD.unpack(self._shared[_KILL.size :])
        if not nth or word != wanted:
            return None
        self.set_mood(place, word, nth - 1)
        return int(place) if nth == 1 else None


class Server(Protocol):
    """What is served in the other process."""

    port: int


@dataclass(frozen=True)
class Kind:
    """A kind of listener: how to make its server, what it can be struck at, and its `moods`, by their words.

    `last` makes a connection after all others, and comes back once it was answered: a server takes them in order.
    """

    make: Callable[[Path, Orders], Server]
    last: Callable[[int], None]
    read: Callable[[str], Copy]
    words: tuple[Word, ...]
    once: frozenset[Word]  # words that come once a connection, not once a message
    moods: tuple[Word, ...]


@dataclass
class Listener:
    """The server as the harness has it."""

    kind: Kind
    port: int
    orders: Orders
    _log: IO[str]
    _ask: int
    _answer: int

    def quiet(self) -> None:
        """Returns once it has heard all that was said to it. Its mood is over then."""
        self.orders.set_mood(0, Word.NEVER, 0)
        self.kind.last(self.port)
        os.write(self._ask, b"?")
        if os.read(self._answer, 1) != b".":
            raise RuntimeError("somebody still talks to the server")

    def accepted(self) -> list[Copy]:
        """What it took since it was last asked."""
        return [self.kind.read(line) for line in self._log]


@contextmanager
def listener(kind: Kind, folder: Path) -> Iterator[Listener]:
    """A server of this kind, forked: call this before there are threads."""
    orders, log = Orders(), folder / "accepted.jsonl"
    log.touch()
    questions, answers, ready = os.pipe(), os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        for end in (questions[1], answers[0], ready[0]):
            os.close(end)  # so that it hears when the harness is gone
        _serve(lambda: kind.make(log, orders), questions[0], answers[1], ready[1])
    port = int(os.read(ready[0], 16))
    try:
        with log.open(encoding="utf-8") as stream:
            yield Listener(kind, port, orders, stream, questions[1], answers[0])
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        for end in (*questions, *answers, *ready):
            os.close(end)


def _serve(make: Callable[[], Server], questions: int, answers: int, ready: int) -> None:
    server = make()
    own = set(threading.enumerate())
    os.write(ready, str(server.port).encode())
    while os.read(questions, 1):
        os.write(answers, b"." if _are_gone(own) else b"!")
    os._exit(0)


def _are_gone(own: set[threading.Thread]) -> bool:
    """Whether every thread that serves a connection has come to its end, soon."""
    until = time.monotonic() + _QUIET_S
    while set(threading.enumerate()) - own:
        if time.monotonic() > until:
            return False
        time.sleep(0.0005)
    return True
