"""Hands letters to a mail server, one at a time, over one SMTP connection that is kept open.

The final dot is the point of no return: what fails before it is proved unsent, and what gets no answer after
it is unknown. So the body goes out first, then the mark is committed, and the dot follows alone. No queue and
no retries here, but for one: a kept connection that turns out to be stale is replaced, before the dot.
"""

import base64
import functools
import re
import select
import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from notifications.addresses import Mailbox, Security
from notifications.outcome import Letter, Mark, Outcome, OutcomeKind


@dataclass(frozen=True, slots=True)
class Patience:
    """The longest each wait may last, in seconds of the monotonic clock."""

    connect: float = 30.0  # TCP, and the handshake where TLS comes first
    command: float = 60.0  # the whole reply to one command; of the body, a piece that does not move
    before_dot: float = 300.0  # one hand-over up to the dot, with a second connection where one is needed
    after_dot: float = 600.0  # the answer to the dot
    idle: float = 30.0  # a connection unused for longer is replaced without asking
    leave: float = 5.0  # the answer to QUIT


PATIENCE = Patience()

_LONGEST_REPLY = 65_536  # bytes; a server that says more at once is out of order
_LONGEST_REASON = 200
_PLAIN = re.compile(r"[!-;=?-~]+")  # ASCII without blanks and <>: cannot break out of an SMTP line
_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")

_KIND_BY_CLASS = {2: OutcomeKind.ACCEPTED, 4: OutcomeKind.RETRY, 5: OutcomeKind.REJECTED}
_ABOUT_US = frozenset({530, 534, 535, 538})
"""Refusals of our login, whatever command they answer: no recipient is dead because of them."""
_FAULTS: tuple[tuple[type[Exception], str, str], ...] = (  # the first that fits
    (TimeoutError, "timeout", "等候邮件服务器超时"),
    (ConnectionRefusedError, "refused", "邮件服务器拒绝连接"),
    (socket.gaierror, "dns", "查不到邮件服务器的网络地址"),
    (ssl.SSLCertVerificationError, "tls", "邮件服务器的证书未通过检查"),
    (ssl.SSLError, "tls", "与邮件服务器的加密连接失败"),
    (smtplib.SMTPServerDisconnected, "lost", "与邮件服务器的连接中断"),
    (smtplib.SMTPException, "unsupported", "邮件服务器不支持地址中要求的加密或登录方式"),
    (OSError, "lost", "与邮件服务器的连接中断"),
    (ValueError, "garbled", "邮件服务器的名称或答复无法识别"),  # no host name at all, or AUTH without sense
)


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The process's one TLS context, with the system's trusted certificates: making one takes long."""
    return ssl.create_default_context()


class SmtpSender:
    """Serves one mail server under one login; the envelope comes with each letter. One thread at a time."""

    def __init__(self, server: Mailbox, patience: Patience = PATIENCE, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._patience = patience
        self._tls = tls
        self._secrets = _spellings(server.user, server.password)
        self._line: _Line | None = None

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        """Whatever the server or the network does becomes an Outcome; what `mark` raises passes through."""
        if not (_PLAIN.fullmatch(letter.sender) and _PLAIN.fullmatch(letter.recipient)):
            return Outcome(OutcomeKind.REJECTED, "address", "发件人或收件人地址无效")
        try:
            ready = self._up_to_the_dot(letter)
            if isinstance(ready, Outcome):
                return ready
            if not mark():
                self._drop()  # closing before the dot is how SMTP takes a letter back
                return Outcome(OutcomeKind.FENCED)
            return self._past_the_dot(ready)
        except BaseException:
            self._drop()  # a broken-off dialogue must not be taken up again
            raise

    def close(self) -> None:
        """Takes leave of the server, without waiting long for one that does not answer."""
        if self._line:
            with suppress(OSError):
                self._line.allow(self._patience.leave, self._patience.leave)
                self._line.docmd("QUIT")
        self._drop()

    def _up_to_the_dot(self, letter: Letter) -> "_Line | Outcome":
        """The connection on which only the dot is missing, or why the letter is proved unsent."""
        deadline = monotonic() + self._patience.before_dot
        body = _as_data(letter.payload)
        if kept := self._kept_line():
            kept.allow(self._patience.command, self._patience.before_dot)
            with suppress(OSError):
                return self._dialogue(kept, letter, body)
            self._drop()
        try:
            self._line = _Line(self._server, self._context(), self._patience, deadline)
            self._line.begin()
            return self._dialogue(self._line, letter, body)
        except (OSError, ValueError) as fault:  # all of smtplib's and ssl's errors are OSErrors
            self._drop()
            return self._unsent(fault)

    def _past_the_dot(self, line: "_Line") -> Outcome:
        line.allow(self._patience.after_dot, self._patience.after_dot)
        try:
            line.pour(b".\r\n")
            code, text = line.getreply()
        except smtplib.SMTPResponseException as busy:  # 421: not taken, and the line is closing
            self._drop()
            return self._unsent(busy)
        except TimeoutError:
            self._drop()
            return Outcome(OutcomeKind.UNKNOWN, "timeout", "信件已交出，等候邮件服务器答复超时")
        except OSError:
            self._drop()
            return Outcome(OutcomeKind.UNKNOWN, "lost", "信件已交出，邮件服务器未答复而连接中断")
        kind = _KIND_BY_CLASS.get(code // 100, OutcomeKind.UNKNOWN)
        if kind is OutcomeKind.UNKNOWN:
            self._drop()
        return Outcome(kind, str(code), _one_line(text, self._secrets))

    def _kept_line(self) -> "_Line | None":
        """The open connection, unless it has been idle for long or the server has meanwhile hung up."""
        line = self._line
        if line and (monotonic() - line.heard_at > self._patience.idle or not line.is_silent()):
            self._drop()
        return self._line

    def _context(self) -> ssl.SSLContext | None:
        return None if self._server.security is Security.NONE else self._tls or tls_context()

    def _dialogue(self, line: "_Line", letter: Letter, body: bytes) -> "_Line | Outcome":
        """MAIL, RCPT, DATA and the body. A refusal is an Outcome; OSError where the line is of no use."""
        if line.is_dirty:
            line.reset()
        for command, wanted in _commands(line, letter, body):
            code, text = line.docmd(command)
            if code // 100 != wanted:
                line.is_dirty = True
                return self._refused(code, text)
        line.pour(body)
        if not line.is_silent():
            # It refuses already, or has hung up. Without the dot that is no doubt but a proof.
            refusal = self._refused(*line.getreply())
            self._drop()
            return refusal
        return line

    def _refused(self, code: int, text: bytes) -> Outcome:
        """What a refusal before the dot means. Raises OSError where the reply is none (a 250 to DATA)."""
        if code // 100 not in (4, 5):
            raise smtplib.SMTPResponseException(code, text)
        kind = OutcomeKind.RETRY if code in _ABOUT_US else _KIND_BY_CLASS[code // 100]
        return Outcome(kind, str(code), _one_line(text, self._secrets))

    def _unsent(self, fault: Exception) -> Outcome:
        """The channel's fault, or a 421: the recipient is not to blame, and another time may do."""
        if isinstance(fault, smtplib.SMTPResponseException):
            said = _one_line(fault.smtp_error, self._secrets)
            return Outcome(OutcomeKind.RETRY, str(fault.smtp_code), said)
        code, reason = next((code, reason) for of, code, reason in _FAULTS if isinstance(fault, of))
        return Outcome(OutcomeKind.RETRY, code, reason)

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line:
            line.close()


class _Line(smtplib.SMTP):
    """smtplib's client with waits that end: a reply is bounded in time and size, however slowly it drips.

    A 421 is raised wherever it comes: the server is about to close the line.
    """

    def __init__(self, server: Mailbox, context: ssl.SSLContext | None, patience: Patience, deadline: float) -> None:
        super().__init__(local_hostname="")  # else smtplib asks the DNS for our own name
        self.is_dirty = False  # a transaction was begun and refused
        self.heard_at = monotonic()
        self._host = server.host  # what smtplib's STARTTLS holds the certificate against
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
        self.ehlo_or_helo_if_needed()
        if server.security is Security.STARTTLS:
            self.starttls(context=self._context)
            if self._heard:  # said in the clear, to be taken as said under TLS
                raise smtplib.SMTPServerDisconnected("spoke before TLS")
            self.ehlo_or_helo_if_needed()
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
        sock = self._open_socket()
        watch = select.poll()
        watch.register(sock, select.POLLIN)
        return not self._heard and not watch.poll(0)

    def getreply(self) -> tuple[int, bytes]:
        until = monotonic() + self._step
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._read_line(until)
            size += len(line) + 1
            match = _REPLY.fullmatch(line)
            if not match or size > _LONGEST_REPLY:
                raise smtplib.SMTPServerDisconnected("not a reply")
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
        sock = socket.create_connection((host, port), self._left(monotonic() + self._patience.connect))
        # The dot is a small write after a large one: Nagle would hold it back until the body is acknowledged.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context and self._server.security is Security.TLS:
            return self._context.wrap_socket(sock, server_hostname=host)
        return sock

    def _read_line(self, until: float) -> bytes:
        while True:
            line, end, rest = self._heard.partition(b"\n")
            if end:
                self._heard = rest
                return line.rstrip()
            if len(line) > _LONGEST_REPLY:
                raise smtplib.SMTPServerDisconnected("endless line")
            piece = self._patient_socket(until).recv(4096)
            if not piece:
                raise smtplib.SMTPServerDisconnected("closed")
            self._heard += piece

    def _patient_socket(self, until: float) -> socket.socket:
        sock = self._open_socket()
        sock.settimeout(self._left(until))
        return sock

    def _open_socket(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        return self.sock

    def _left(self, until: float) -> float:
        left = min(until, self._deadline) - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _commands(line: _Line, letter: Letter, body: bytes) -> Sequence[tuple[str, int]]:
    """What to say before the body, each with the class of reply (2xx, 3xx) that lets it go on."""
    options = f" SIZE={len(body)}" if line.has_extn("size") else ""
    if line.has_extn("8bitmime") and not body.isascii():
        options += " BODY=8BITMIME"
    return (f"MAIL FROM:<{letter.sender}>{options}", 2), (f"RCPT TO:<{letter.recipient}>", 2), ("DATA", 3)


def _as_data(payload: bytes) -> bytes:
    """The payload as DATA carries it, without the final dot: CRLF only, and leading dots doubled.

    A letter has CRLF already. A lone CR or LF would let some servers see a final dot where there is none.
    """
    text = b"\n" + payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n") + b"\n"
    return text.replace(b"\n.", b"\n..")[1:].replace(b"\n", b"\r\n")


def _address_literal(sock: socket.socket) -> str:
    """How we name ourselves in EHLO: our end of this line, which takes no DNS and is never untrue."""
    address = str(sock.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _spellings(user: str, password: str) -> tuple[str, ...]:
    """The login as it stands and as AUTH spells it, longest first: a server may say back what it was told."""
    plain = f"\0{user}\0{password}"
    coded = [base64.b64encode(text.encode()).decode() for text in (plain, user, password)]
    return tuple(sorted((text for text in (*coded, user, password) if text), key=len, reverse=True))


def _one_line(said: bytes | str, secrets: Sequence[str]) -> str:
    """What a server said, fit to be stored and shown."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    for secret in secrets:
        text = text.replace(secret, "***")
    words = "".join(mark if mark.isprintable() else " " for mark in text).split()
    return " ".join(words)[:_LONGEST_REASON]
