"""The listener that speaks as chat robots and webhooks do. A message is known by its number and its robot's token."""

import hashlib
import json
import re
import socket
from pathlib import Path

from tests.chat_server import RESET, TAKE_AND_BREAK, TAKE_AND_RESET, ChatServer, Reply, Taken
from tests.faults.listener import Kind, Orders, Word
from tests.faults.verdict import Copy

_MOODS: tuple[str | Reply, ...] = (
    RESET,
    TAKE_AND_RESET,
    TAKE_AND_BREAK,
    Reply(429, headers={"Retry-After": "60"}),
    Reply(503),
)
_NUMBER = re.compile(r"〔编号 ([0-9]+)〕")


class _Striking(ChatServer):
    def __init__(self, log: Path, orders: Orders) -> None:
        self._orders = orders
        super().__init__(log)

    def fault_at(self, at: str) -> str | Reply | None:
        self._orders.heard(Word.REQUEST)
        mood = self._orders.mood_at(Word.REQUEST)
        return None if mood is None else _MOODS[mood]

    def keep(self, taken: Taken) -> None:
        super().keep(taken)
        self._orders.heard(Word.KEPT)


def name_of(token: str, number: int) -> str:
    return f"{token}/{number}"


def _last(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: last\r\n\r\n")
        line.recv(512)


def _read(line: str) -> Copy:
    taken = Taken(**json.loads(line))
    found = _NUMBER.findall(taken.words)
    if not found:
        raise RuntimeError(f"a message without its number: {taken.words}")
    return Copy(name_of(taken.token, int(found[-1])), hashlib.sha256(taken.words.encode()).hexdigest())


GATEWAY = Kind(
    make=_Striking,
    last=_last,
    read=_read,
    words=(Word.REQUEST, Word.KEPT),
    once=frozenset(),
    moods=(Word.REQUEST,) * len(_MOODS),
)
