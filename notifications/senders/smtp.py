"""Hands letters to a mail server, one at a time, over one SMTP connection that is kept open.

The final dot is the point of no return: what fails before it is proved unsent, and what gets no answer after
it is unknown. So the body goes out first, then the mark is committed, and the dot follows alone. No queue and
no retries here, but for one: a kept connection that turns out to be stale is replaced, before the dot.
"""

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic

from config.secrets import striker
from notifications.addresses import Mailbox, Security
from notifications.outcome import Letter, Mark, Outcome, OutcomeKind
from notifications.senders.said import one_line
from notifications.senders.smtp_connection import PATIENCE, GarbledError, NoEncryptionError, Patience, SmtpConnection
from notifications.senders.tls import tls_context

_PLAIN = re.compile(r"[!-;=?-~]+")  # ASCII without blanks and <>: cannot break out of an SMTP line
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?!\S)")

_KIND_BY_CLASS = {2: OutcomeKind.ACCEPTED, 4: OutcomeKind.RETRY, 5: OutcomeKind.REJECTED}
_ABOUT_US = frozenset({454, 530, 534, 535, 538})
"""Refusals of our login or line (RFC 4954, RFC 3207), whatever command they answer: no recipient dies of them."""
_ABOUT_A_RECIPIENT = frozenset({454})
"""To RCPT it is a relay's "not now, for this one" (Postfix, "454 4.7.1 Relay access denied")."""
_FAULTS: tuple[tuple[type[Exception], str, str], ...] = (  # the first that fits
    (TimeoutError, "timeout", "等候邮件服务器超时"),
    (ConnectionRefusedError, "refused", "邮件服务器拒绝连接"),
    (socket.gaierror, "dns", "查不到邮件服务器的网络地址"),
    (ssl.SSLCertVerificationError, "tls", "邮件服务器的证书未通过检查"),
    (NoEncryptionError, "tls", "与邮件服务器未能建立地址中要求的加密连接，未以明文发送"),
    (ssl.SSLEOFError, "lost", "与邮件服务器的连接中断"),
    (ssl.SSLError, "tls", "与邮件服务器的加密连接失败"),
    (GarbledError, "garbled", "邮件服务器的答复无法识别"),
    (smtplib.SMTPServerDisconnected, "lost", "与邮件服务器的连接中断"),
    (smtplib.SMTPException, "unsupported", "邮件服务器不支持地址中要求的登录方式"),
    (OSError, "lost", "与邮件服务器的连接中断"),
    (ValueError, "garbled", "邮件服务器的名称或答复无法识别"),  # no host name at all, or AUTH without sense
)


class SmtpSender:
    """Serves one mail server under one login; the envelope comes with each letter. One thread at a time."""

    def __init__(self, server: Mailbox, patience: Patience = PATIENCE, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._patience = patience
        self._tls = tls
        self._strike = striker(_as_told(server.user, server.password))
        self._connection: SmtpConnection | None = None

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
            return self._past_the_dot(ready) if ready.is_silent() else self._taken_back(ready)
        except BaseException:
            self._drop()  # a broken-off dialogue must not be taken up again
            raise

    def close(self) -> None:
        """Takes leave of the server, without waiting long for one that does not answer."""
        if self._connection:
            with suppress(OSError):
                self._connection.allow(self._patience.leave, self._patience.leave)
                self._connection.docmd("QUIT")
        self._drop()

    def _up_to_the_dot(self, letter: Letter) -> SmtpConnection | Outcome:
        """The connection on which only the dot is missing, or why the letter is proved unsent."""
        deadline = monotonic() + self._patience.before_dot
        body = _as_data(letter.payload)
        if kept := self._kept():
            kept.allow(self._patience.command, self._patience.before_dot)
            with suppress(OSError):
                return self._dialogue(kept, letter, body)
            self._drop()
        try:
            self._connection = SmtpConnection(self._server, self._context(), self._patience, deadline)
            self._connection.begin()
            return self._dialogue(self._connection, letter, body)
        except (OSError, ValueError) as fault:  # all of smtplib's and ssl's errors are OSErrors
            self._drop()
            return self._unsent(fault)

    def _past_the_dot(self, connection: SmtpConnection) -> Outcome:
        connection.allow(self._patience.after_dot, self._patience.after_dot)
        try:
            connection.pour(b".\r\n")
            code, text = connection.getreply()
        except smtplib.SMTPResponseException as busy:  # 421: not taken, and the line is closing
            self._drop()
            return self._unsent(busy)
        except TimeoutError:
            self._drop()
            return Outcome(OutcomeKind.UNKNOWN, "timeout", "信件已交出，等候邮件服务器答复超时")
        except GarbledError:
            self._drop()
            return Outcome(OutcomeKind.UNKNOWN, "garbled", "信件已交出，邮件服务器的答复无法识别")
        except OSError:
            self._drop()
            return Outcome(OutcomeKind.UNKNOWN, "lost", "信件已交出，邮件服务器未答复而连接中断")
        if code // 100 not in _KIND_BY_CLASS:
            self._drop()
            return self._said(OutcomeKind.UNKNOWN, code, text)
        return self._said(_kind_of(code), code, text)

    def _taken_back(self, connection: SmtpConnection) -> Outcome:
        """It refused or hung up while the marker was committed: without the dot that is no doubt but a proof."""
        connection.allow(self._patience.command, self._patience.command)
        try:
            return self._refused(*connection.getreply())
        except OSError as fault:
            return self._unsent(fault)
        finally:
            self._drop()

    def _kept(self) -> SmtpConnection | None:
        """The open connection, unless it has been idle for long or the server has meanwhile hung up."""
        connection = self._connection
        if connection and (monotonic() - connection.heard_at > self._patience.idle or not connection.is_silent()):
            self._drop()
        return self._connection

    def _context(self) -> ssl.SSLContext | None:
        return None if self._server.security is Security.NONE else self._tls or tls_context()

    def _dialogue(self, connection: SmtpConnection, letter: Letter, body: bytes) -> SmtpConnection | Outcome:
        """MAIL, RCPT, DATA and the body. A refusal is an Outcome; OSError where the line is of no use."""
        if connection.is_dirty:
            connection.reset()
        for command, wanted in _commands(connection, letter, body):
            code, text = connection.docmd(command)
            if code // 100 != wanted:
                connection.is_dirty = True
                return self._refused(code, text, to_recipient=command.startswith("RCPT"))
        try:
            connection.pour(body)
        except OSError:
            if connection.is_silent():
                raise
            # What it said before it hung up tells more than the broken connection.
        if not connection.is_silent():
            # It refuses already, or has hung up. Without the dot that is no doubt but a proof.
            refusal = self._refused(*connection.getreply())
            self._drop()
            return refusal
        return connection

    def _refused(self, code: int, text: bytes, to_recipient: bool = False) -> Outcome:
        """What a refusal before the dot means. Raises OSError where the reply is none (a 250 to DATA)."""
        if code // 100 not in (4, 5):
            raise smtplib.SMTPResponseException(code, text)
        return self._said(_kind_of(code, to_recipient), code, text)

    def _unsent(self, fault: Exception) -> Outcome:
        """The channel's fault, or a 421: the recipient is not to blame, and another time may do."""
        if isinstance(fault, smtplib.SMTPResponseException):
            return self._said(OutcomeKind.PAUSED, fault.smtp_code, fault.smtp_error)
        code, reason = next((code, reason) for of, code, reason in _FAULTS if isinstance(fault, of))
        return Outcome(OutcomeKind.PAUSED, code, reason)

    def _said(self, kind: OutcomeKind, code: int, text: bytes | str) -> Outcome:
        reason = one_line(text, self._strike)
        return Outcome(kind, str(code), reason, enhanced=_enhanced(code, reason))

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


def _kind_of(code: int, to_recipient: bool = False) -> OutcomeKind:
    """What a reply of the classes 2, 4 and 5 means; `to_recipient`: it answers RCPT."""
    if code in _ABOUT_US and not (to_recipient and code in _ABOUT_A_RECIPIENT):
        return OutcomeKind.PAUSED
    return _KIND_BY_CLASS[code // 100]


def _enhanced(code: int, reason: str) -> str:
    """The code of RFC 3463 that a reply begins with; none where it contradicts the reply's own class."""
    found = _ENHANCED.match(reason)
    return found[1] if found and found[1][0] == str(code)[0] else ""


def _commands(connection: SmtpConnection, letter: Letter, body: bytes) -> Sequence[tuple[str, int]]:
    """What to say before the body, each with the class of reply (2xx, 3xx) that lets it go on."""
    options = f" SIZE={len(body)}" if connection.has_extn("size") else ""
    if connection.has_extn("8bitmime") and not body.isascii():
        options += " BODY=8BITMIME"
    return (f"MAIL FROM:<{letter.sender}>{options}", 2), (f"RCPT TO:<{letter.recipient}>", 2), ("DATA", 3)


def _as_data(payload: bytes) -> bytes:
    """The payload as DATA carries it, without the final dot: CRLF only, and leading dots doubled.

    A letter has CRLF already. A lone CR or LF would let some servers see a final dot where there is none.
    """
    text = b"\n" + payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n") + b"\n"
    return text.replace(b"\n.", b"\n..")[1:].replace(b"\n", b"\r\n")


def _as_told(user: str, password: str) -> tuple[str, ...]:
    """The login as it stands and as AUTH says it: a server may say back what it was told."""
    coded = (base64.b64encode(text.encode()).decode() for text in (f"\0{user}\0{password}", user, password))
    return (user, password, *coded)
