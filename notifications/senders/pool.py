"""Keeps one sender for each place letters go to, so that a whole delivery uses the same few connections.

Lives as long as a delivery run. It sends nothing itself. A sender is used by one thread at a time, but that of a mail
server by as many as it has connections.
"""

import ssl
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from notifications.addresses import Destination, FileBox, Hook, Mailbox, Robot, Service
from notifications.outcome import Letter, Mark, Outcome, Sender
from notifications.senders.file import FileSender
from notifications.senders.http import HttpSender
from notifications.senders.http_exchange import HTTP_PATIENCE, HttpPatience
from notifications.senders.other import OtherSender
from notifications.senders.smtp import SmtpSender
from notifications.senders.smtp_connection import PATIENCE, Patience


class Senders:
    """`outbox` is the folder of the home that `file:` addresses write into. `patience` with mail servers, `http` with
    robots and webhooks, and whose certificates they may have: by default those that this machine trusts;
    `connections` to one mail server at most."""

    def __init__(
        self,
        outbox: Path,
        patience: Patience = PATIENCE,
        tls: ssl.SSLContext | None = None,
        connections: int = 1,
        http: HttpPatience = HTTP_PATIENCE,
    ) -> None:
        self._file = FileSender(outbox)
        self._patience = patience
        self._http = http
        self._tls = tls
        self._connections = connections
        self._by_server: dict[tuple[str, ...], _Connections] = {}
        self._by_address: dict[Destination, Sender] = {}

    def sender_for(self, destination: Destination) -> Sender:
        """The sender for this destination: the same one for all recipients of one server and login, or of one robot."""
        if isinstance(destination, FileBox):
            return self._file
        if not isinstance(destination, Mailbox):
            if destination not in self._by_address:
                self._by_address[destination] = self._made(destination)
            return self._by_address[destination]
        key = _server_of(destination)
        if key not in self._by_server:
            self._by_server[key] = _Connections(lambda: SmtpSender(destination, self._patience, self._tls))
        return self._by_server[key]

    def _made(self, destination: Robot | Hook | Service) -> Sender:
        if isinstance(destination, Service):
            return OtherSender(destination, self._http)
        return HttpSender(destination, self._http, self._tls)

    def at_once(self, sender: Sender) -> int:
        """How many threads may hand over by this sender at the same time."""
        return self._connections if isinstance(sender, _Connections) else 1

    def close(self) -> None:
        """Closes every connection. The senders given out must not be used any more."""
        for sender in self._by_server.values():
            sender.close()
        self._by_server.clear()


class _Connections:
    """The connections to one mail server. Who hands over takes the one used last, or opens another."""

    def __init__(self, make: Callable[[], SmtpSender]) -> None:
        self._make = make
        self._free: list[SmtpSender] = []
        self._lock = Lock()
        self._is_closed = False

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        with self._lock:
            sender = self._free.pop() if self._free else self._make()
        try:
            return sender.hand_over(letter, mark)
        finally:
            self._take_back(sender)

    def close(self) -> None:
        """Closes what is not in use; the rest closes when its hand-over comes to an end."""
        with self._lock:
            self._is_closed = True
            free, self._free = self._free, []
        for sender in free:
            sender.close()

    def _take_back(self, sender: SmtpSender) -> None:
        with self._lock:
            if not self._is_closed:
                self._free.append(sender)
                return
        sender.close()


def _server_of(mailbox: Mailbox) -> tuple[str, ...]:
    # With the password: after a change of it nobody may go on with the old one.
    return mailbox.host, str(mailbox.port), mailbox.security, mailbox.user, mailbox.password
