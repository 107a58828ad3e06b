"""Keeps one sender for each place letters go to, so that a whole batch uses one connection a mail server.

Lives as long as a delivery run, in one thread. It sends nothing itself.
"""

import ssl
from pathlib import Path

from notifications.addresses import Destination, FileBox, Mailbox
from notifications.outcome import Sender
from notifications.senders.file import FileSender
from notifications.senders.smtp import SmtpSender
from notifications.senders.smtp_line import PATIENCE, Patience


class Senders:
    """`outbox` is the folder of the home that `file:` addresses write into. `patience` with mail servers, and whose
    certificates they may have: by default those that this machine trusts."""

    def __init__(self, outbox: Path, patience: Patience = PATIENCE, tls: ssl.SSLContext | None = None) -> None:
        self._file = FileSender(outbox)
        self._patience = patience
        self._tls = tls
        self._by_server: dict[tuple[str, ...], SmtpSender] = {}

    def sender_for(self, destination: Destination) -> Sender:
        """The sender for this destination: the same one for all recipients of one server and login."""
        if isinstance(destination, FileBox):
            return self._file
        key = _server_of(destination)
        if key not in self._by_server:
            self._by_server[key] = SmtpSender(destination, self._patience, self._tls)
        return self._by_server[key]

    def close(self) -> None:
        """Closes every connection. The senders given out must not be used any more."""
        for sender in self._by_server.values():
            sender.close()
        self._by_server.clear()


def _server_of(mailbox: Mailbox) -> tuple[str, ...]:
    # With the password: after a change of it nobody may go on with the old one.
    return mailbox.host, str(mailbox.port), mailbox.security, mailbox.user, mailbox.password
