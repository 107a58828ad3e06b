"""The listener that speaks SMTP."""

import hashlib
import json
import socket
from pathlib import Path

from tests.faults.listener import Kind, Orders, Word
from tests.faults.verdict import Copy
from tests.smtp_sink import CLOSE, TAKE_AND_CLOSE, Received, SmtpSink

_MOODS: tuple[tuple[Word, str], ...] = (
    (Word.CONNECT, "421 4.3.2 too busy"),
    (Word.MAIL, "421 4.3.2 going down"),
    (Word.RCPT, "450 4.2.0 greylisted"),
    (Word.DATA, CLOSE),
    (Word.BODY, CLOSE),
    (Word.DOT, "451 4.3.0 not taken"),
    (Word.DOT, CLOSE),
    (Word.DOT, TAKE_AND_CLOSE),
)


class _Striking(SmtpSink):
    def __init__(self, log: Path, orders: Orders) -> None:
        self._orders = orders
        super().__init__(log)

    def fault_at(self, place: str) -> str | None:
        if place not in Word.__members__:
            return super().fault_at(place)
        self._orders.heard(Word[place])
        mood = self._orders.mood_at(Word[place])
        return None if mood is None else _MOODS[mood][1]

    def keep(self, received: Received) -> None:
        super().keep(received)
        self._orders.heard(Word.KEPT)


def _last(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.recv(512)
        line.sendall(b"QUIT\r\n")
        line.recv(512)


def _read(line: str) -> Copy:
    taken = Received(**json.loads(line))
    return Copy(taken.message_id, hashlib.sha256(taken.payload.encode("latin-1")).hexdigest())


RELAY = Kind(
    make=_Striking,
    last=_last,
    read=_read,
    words=(Word.CONNECT, Word.EHLO, Word.MAIL, Word.RCPT, Word.DATA, Word.BODY, Word.DOT, Word.KEPT),
    once=frozenset({Word.CONNECT, Word.EHLO}),
    moods=tuple(word for word, _ in _MOODS),
)
