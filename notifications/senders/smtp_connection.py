"""One connection to a mail server on which every wait ends: replies are bounded in time and size.

Made for a hand-over, kept for the next. It knows the dialogue up to the login; what is said then, and what a refusal
means, is the sender's (smtp.py).
"""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from time import monotonic
from typing import Any

from notifications.addresses import Mailbox, Security
from notifications.senders.connecting import connected, left
from notifications.senders.looking_up import addresses_of
from notifications.senders.tls import under_tls


@dataclass(frozen=True, slots=True)
class Patience:
    """The longest each wait may last, in seconds of the monotonic clock."""

    connect: float = 30.0  # DNS and TCP, and the handshake where TLS comes first
    command: float = 60.0  # the whole reply to one command; of the body, a piece that does not move
    before_dot: float = 300.0  # one hand-over up to the dot, with a second connection where one is needed
    after_dot: float = 600.0  # the answer to the dot
    idle: float = 30.0  # a connection unused for longer is replaced without asking
    leave: float = 5.0  # the answer to QUIT


PATIENCE = Patience()

_LONGEST_REPLY = 65_536  # bytes; a server that says more at once is out of order
_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")
_NO_EHLO = frozenset({500, 502})
"""How a server says that it does not know EHLO (RFC 5321, 4.1.1.1). What else it says against it is a refusal."""


class GarbledError(smtplib.SMTPException):
    """What came is no reply, or none to what was asked."""


class NoEncryptionError(smtplib.SMTPException):
    """The address asks for encryption, and there is none: not offered, taken away on the way, or no handshake."""


class SmtpConnection(smtplib.SMTP):
    """smtplib's client with waits that end, however slowly a reply drips.

    A 421 is raised wherever it comes: the server is about to close the line.
    """

    def __init__(self, server: Mailbox, context: ssl.SSLContext | None, patience: Patience, deadline: float) -> None:
        super().__init__(local_hostname="")  # else smtplib asks the DNS for our own name
        self.is_dirty = False  # a transaction was begun and refused
        self.heard_at = monotonic()
        self._server = server
        self._context = context
        self._patience = patience
        self._heard = b""
        self._step = patience.command
        self._deadline = deadline

    def allow(self, step: float, within: float) -> None:
        """From now on each reply may take `step` seconds, and all of them together `within`."""
        self._step = step
        self._deadline = monotonic() + within

    def begin(self) -> None:
        """Connects, greets, secures and logs in, or raises; the caller closes."""
        server = self._server
        code, text = self.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        self.local_hostname = _address_literal(self._open_socket())
        self._greet()
        if server.security is Security.STARTTLS:
            self._start_tls()
            self._greet()
        if server.user and server.password:
            self.login(server.user, server.password)

    def reset(self) -> None:
        """Forgets the refused transaction."""
        code, text = self.docmd("RSET")
        if code != 250:
            raise smtplib.SMTPResponseException(code, text)
        self.is_dirty = False

    def pour(self, content: bytes) -> None:
        """Writes all of it. Raises OSError."""
        rest = memoryview(content)
        while rest:
            rest = rest[self._patient_socket(monotonic() + self._step).send(rest) :]

    def is_silent(self) -> bool:
        """Whether the server has neither spoken out of turn nor hung up."""
        if self._heard:
            return False
        sock = self._open_socket()
        sock.settimeout(0)
        try:
            # Read and not only watched: under TLS there is traffic that says nothing, and words that wait inside.
            self._heard = sock.recv(4096)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            """Broken: the next wait for a reply says how."""
        return False

    def send(self, s: Any) -> None:
        """smtplib's own way of sending a command."""
        self.pour(s.encode("ascii") if isinstance(s, str) else s)

    def getreply(self) -> tuple[int, bytes]:
        until = monotonic() + self._step
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._read_line(until)
            size += len(line) + 1
            match = _REPLY.fullmatch(line)
            if not match or size > _LONGEST_REPLY:
                raise GarbledError("not a reply")
            lines.append(match[3] or b"")
            if match[2] != b"-":
                break
        code, text = int(match[1]), b"\n".join(lines)
        if code == 421:
            raise smtplib.SMTPResponseException(code, text)
        self.heard_at = monotonic()
        return code, text

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        """smtplib's own hook for a socket of another make."""
        until = min(monotonic() + self._patience.connect, self._deadline)
        return connected(addresses_of(host, port, left(until)), until, self._prepared)

    def _prepared(self, sock: socket.socket, until: float) -> socket.socket:
        return self._secured(sock, until) if self._server.security is Security.TLS else sock

    def _greet(self) -> None:
        code, text = self.ehlo()
        if code in _NO_EHLO:
            code, text = self.helo()
        if code // 100 != 2:
            raise smtplib.SMTPHeloError(code, text)

    def _start_tls(self) -> None:
        if not self.has_extn("starttls"):
            raise NoEncryptionError("not offered")
        code, text = self.docmd("STARTTLS")
        if code != 220:
            raise smtplib.SMTPResponseException(code, text)
        if self._heard:  # said in the clear, to be taken as said under TLS
            raise NoEncryptionError("spoke before TLS")
        self.sock = self._secured(self._open_socket(), monotonic() + self._step)
        # RFC 3207: what was said in the clear, by whomever, is to be forgotten.
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def _secured(self, sock: socket.socket, until: float) -> socket.socket:
        """The socket under TLS. Raises OSError: NoEncryptionError too where the line is torn within the handshake."""
        assert self._context is not None
        try:
            return under_tls(sock, self._context, self._server.host, min(until, self._deadline))
        except (TimeoutError, ssl.SSLCertVerificationError, ValueError):
            sock.close()
            raise
        except OSError as fault:
            sock.close()
            raise NoEncryptionError("no handshake") from fault

    def _read_line(self, until: float) -> bytes:
        while True:
            line, end, rest = self._heard.partition(b"\n")
            if end:
                self._heard = rest
                return line.rstrip()
            if len(line) > _LONGEST_REPLY:
                raise GarbledError("endless line")
            piece = self._patient_socket(until).recv(4096)
            if not piece:
                raise smtplib.SMTPServerDisconnected("closed")
            self._heard += piece

    def _patient_socket(self, until: float) -> socket.socket:
        sock = self._open_socket()
        sock.settimeout(left(min(until, self._deadline)))
        return sock

    def _open_socket(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        return self.sock


def _address_literal(sock: socket.socket) -> str:
    """How we name ourselves in EHLO: our end of this line, which takes no DNS and is never untrue."""
    address = str(sock.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
