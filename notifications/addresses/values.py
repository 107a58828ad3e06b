"""What an address means: destinations that a sender understands. Values only.

A secret lives in one of these (whose reprs hide it) and nowhere else. `filled_in`: what the environment gave for the
`${…}` of an address, wherever it went.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar


class Channel(StrEnum):
    """By what kind of sender an address is served."""

    FILE = "file"
    SMTP = "smtp"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"  # and Lark, its name abroad
    WEBHOOK = "webhook"
    OTHER = "other"  # one of Apprise's further services


class Security(StrEnum):
    """How the line to a mail server is kept secret. There is no falling back from one to a weaker one."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte


@dataclass(frozen=True, slots=True)
class FileBox:
    """The outbox folder of the home."""

    channel: ClassVar[Channel] = Channel.FILE


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One recipient, and the mail server that takes messages for it. Without a password nobody logs in."""

    channel: ClassVar[Channel] = Channel.SMTP

    host: str
    port: int
    security: Security
    user: str = field(repr=False)
    password: str = field(repr=False)
    sender: str  # envelope from
    recipient: str  # envelope to


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot of a chat group. `url` holds its token; with `secret` its requests are signed.

    `mentions` are whom each message calls: user ids, mobile numbers, or "@all". `is_listed`: the office itself said
    where such robots are, so a plain line and a private network are meant.
    """

    channel: Channel  # WECOM, DINGTALK or FEISHU
    scheme: str
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    mentions: tuple[str, ...] = ()
    is_listed: bool = False
    filled_in: tuple[str, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Hook:
    """A program of the office's own that takes JSON. Its host is on the office's list."""

    channel: ClassVar[Channel] = Channel.WEBHOOK

    host: str
    port: int
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    filled_in: tuple[str, ...] = field(default=(), repr=False, compare=False)
    is_listed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Service:
    """One of Apprise's further services, as its whole URL. `longest` characters of text fit into one message."""

    channel: ClassVar[Channel] = Channel.OTHER

    scheme: str
    url: str = field(repr=False)
    longest: int = 32_768


Destination = FileBox | Mailbox | Robot | Hook | Service


@dataclass(frozen=True, slots=True)
class AddressFault:
    """Why an address cannot be used: a Chinese sentence for the office, free of secrets."""

    channel: Channel
    reason: str
