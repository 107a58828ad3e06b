"""A rendered message as RFC 5322 bytes: multipart/alternative, text and HTML, all of it 7-bit.

Runs once a message, just before its first hand-over. The bytes are written here and not by the email
package, which takes twenty times as long; tests hold both to the same reading. Nothing is random: the same
message gives the same bytes. This is no general mail composer: no attachments, one recipient.
"""

import hashlib
import hmac
import re
import uuid
from base64 import b64encode, encodebytes
from datetime import datetime
from email.utils import format_datetime

from models.errors import UsageRefused
from notifications.outcome import Letter
from notifications.words.wording import Rendered

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_NAMED = re.compile(r"([^<>]*)<([^<>]*)>")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LINE = 76
"""Octets of a header line that holds an encoded word (RFC 2047, section 2)."""
_FRAME = len("=?utf-8?b??=")
_WORD = (75 - _FRAME) // 4 * 3
"""Octets of text in one encoded word, which is at most 75 octets long."""


def message_id_for(key: bytes, *parts: str, domain: str) -> str:
    """A Message-ID in angle brackets. The same parts give the same one; without the key none can be guessed.

    Raises UsageRefused where `domain` is not a plain ASCII domain name.
    """
    if not _DOMAIN.fullmatch(domain):
        raise UsageRefused(f"“{domain}”不能用作消息编号的域名。", "请在设置中改用由字母、数字和点组成的域名。")
    # Each part is led by its length, so that ("ab", "c") and ("a", "bc") differ.
    told = b"".join(b"%d:%b" % (len(part), part) for part in (text.encode() for text in parts))
    return f"<{hmac.digest(key, told, 'sha256').hex()[:32]}@{domain}>"


def idempotency_key(message_id: str) -> str:
    """The Message-ID as a UUID, for programs: the same for every copy of a message (RFC 2392 makes a URL of it)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mid:{message_id.strip('<>')}"))


def build_letter(
    rendered: Rendered, *, message_id: str, sender: str, recipient: str, recipient_name: str, date: datetime
) -> Letter:
    """The letter to one recipient, with CRLF lines.

    `sender` is an address, or a name and an address ("督办系统 <duban@example.cn>"). A recipient that is no
    mail address (a party's code, in the file channel) is shown by name alone. `date` is aware. Line breaks
    and control characters in any of them become spaces. Raises UsageRefused where `sender` holds no address.
    """
    if date.tzinfo is None:
        raise ValueError("a letter's date must be aware")
    sender_name, sender_address = _split_sender(sender)
    message_id, recipient = _clean(message_id), _clean(recipient)
    boundary = "=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32]
    lines = [
        f"Date: {format_datetime(date)}",
        f"Message-ID: {message_id}",
        _mailbox("From: ", sender_name, sender_address),
        _mailbox("To: ", _clean(recipient_name), recipient),
        f"Subject: {_encoded(_clean(rendered.subject), used=len('Subject: '))}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
        "",
        *_part("plain", rendered.text, boundary),
        *_part("html", rendered.html, boundary),
        f"--{boundary}--",
        "",
    ]
    return Letter(message_id, "\r\n".join(lines).encode("ascii"), sender_address, recipient)


def _clean(text: str) -> str:
    """One line that no header can be hidden in: control characters and lone surrogates become a space."""
    return " ".join(_UNSAFE.sub(" ", text).split())


def _split_sender(sender: str) -> tuple[str, str]:
    # Not by email.utils.parseaddr, whose strictness differs between releases of Python.
    cleaned = _clean(sender)
    named = _NAMED.fullmatch(cleaned)
    name, address = (named[1].strip().strip('"'), named[2]) if named else ("", cleaned)
    if not _ADDRESS.fullmatch(address):
        raise UsageRefused(f"发件地址“{cleaned}”不是有效的邮件地址。", "请在通知地址的 from 参数中写明发件邮箱。")
    return name, address


def _mailbox(header: str, name: str, address: str) -> str:
    """A From or To header. What is no address becomes a group without members, which every reader accepts."""
    if not _ADDRESS.fullmatch(address):
        return f"{header}{_encoded(name or address, used=len(header))} :;"
    if not name:
        return f"{header}{address}"
    phrase = header + _encoded(name, used=len(header))
    last_line = len(phrase) - phrase.rfind("\n") - 1
    fold = " " if last_line + len(address) + 3 <= _LINE else "\r\n "
    return f"{phrase}{fold}<{address}>"


def _encoded(text: str, *, used: int) -> str:
    """RFC 2047 words, folded; the first line already holds `used` octets. A character is never cut in two."""
    octets = text.encode()
    words, start, room = [], 0, min(_WORD, (_LINE - used - _FRAME) // 4 * 3)
    while start < len(octets):
        end = start + room
        while end < len(octets) and octets[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        words.append(f"=?utf-8?b?{b64encode(octets[start:end]).decode()}?=")
        start, room = end, _WORD
    return "\r\n ".join(words)


def _part(subtype: str, text: str, boundary: str) -> tuple[str, ...]:
    return (
        f"--{boundary}",
        f'Content-Type: text/{subtype}; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        "",
        _base64(text),
    )


def _base64(text: str) -> str:
    """Base64 in lines of 76, of the text in the form MIME wants: every line ended by CRLF, the last too."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    ended = unix if unix.endswith("\n") else unix + "\n"
    octets = ended.replace("\n", "\r\n").encode("utf-8", "replace")
    return encodebytes(octets).decode("ascii").rstrip("\n").replace("\n", "\r\n")
