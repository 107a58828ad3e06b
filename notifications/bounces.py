"""Reports of non-delivery 退信, as mail systems send them (RFC 3464): which message failed, and why. Pure.

Reads the bytes of a mail that somebody saved; who may record what it says is decided in models/handling/messages.py.
A report that only speaks of a delay is no failure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.parser import HeaderParser

from notifications.senders.said import one_line

MOST_BYTES = 4 * 1024 * 1024
"""A report holds at most the mail that it returns, and relays cut off what is large."""
_MOST_NESTED = 12
"""Parts within parts: a report has four, and somebody may have forwarded it."""
_NESTED = re.compile(rb"(?:\A|[\r\n])content-type:\s*(?:multipart|message)/", re.IGNORECASE)
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![^\s(])")
_XTEXT = re.compile(r"\+([0-9A-Fa-f]{2})")
_NAMES = ("original-envelope-id", "x-original-message-id", "original-message-id")
"""Fields of a report under which the Message-ID of what failed is found, where nothing was returned."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says of one recipient. `message_ids` are those it may be about, with angle brackets.

    `action` as the report gives it ("failed", "delayed" …), `status` the code of RFC 3463, `diagnostic` one line.
    """

    message_ids: tuple[str, ...]
    action: str
    status: str
    diagnostic: str

    @property
    def is_failure(self) -> bool:
        return self.action == "failed"


def bounces_in(content: bytes) -> list[Bounce]:
    """What a report says, one for each recipient; empty where the mail is no report, or nested as none is."""
    if len(_NESTED.findall(content)) > _MOST_NESTED:
        return []
    mail = message_from_bytes(content, policy=policy.compat32)
    parts = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    if not parts:
        return []
    blocks = [block for part in parts for block in _within(part)]
    ids = tuple(dict.fromkeys((*_returned(mail), *_named(mail, blocks))))
    told = (
        Bounce(ids, _field(block, "action").lower(), _status(block), _diagnostic(block))
        for block in blocks
        if block["action"]
    )
    return list(dict.fromkeys(told))


def _within(part: Message) -> list[Message]:
    """What a part holds: the mail that was returned; of a report the fields of the message, then of each recipient."""
    inside = part.get_payload()
    return [block for block in inside if isinstance(block, Message)] if isinstance(inside, list) else []


def _returned(mail: Message) -> Iterator[str]:
    """The Message-IDs in what was returned: the whole mail, or its headers only."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            yield from (_bracketed(_field(one, "message-id")) for one in _within(part) if one["message-id"])
        elif kind == "text/rfc822-headers":
            body = part.get_payload(decode=True)
            headers = HeaderParser().parsestr(body.decode("utf-8", "replace") if isinstance(body, bytes) else "")
            if headers["message-id"]:
                yield _bracketed(str(headers["message-id"]))


def _named(mail: Message, blocks: list[Message]) -> Iterator[str]:
    for block in (*blocks, mail):
        for name in _NAMES:
            if written := _field(block, name):
                yield _bracketed(_XTEXT.sub(lambda code: chr(int(code[1], 16)), written))


def _bracketed(written: str) -> str:
    return f"<{''.join(one_line(written).split()).strip('<>')}>"


def _field(block: Message, name: str) -> str:
    """One line of it: what a file says is shown on a terminal, and kept."""
    return one_line(str(block[name] or ""))


def _status(block: Message) -> str:
    """The code alone: some systems write words behind it. Empty where it is none of RFC 3463."""
    found = _STATUS.match(_field(block, "status"))
    return found[0] if found else ""


def _diagnostic(block: Message) -> str:
    """What the other system said, without the name of its protocol."""
    kind, semicolon, said = _field(block, "diagnostic-code").partition(";")
    return (said if semicolon else kind).strip()
