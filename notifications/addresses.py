"""Where a message can go: reads an address of directory.yaml into a destination a sender understands.

An address is an Apprise URL in which `${NAME}` stands for an environment variable, or `file:`, which is ours
and writes into the home. Apprise checks the URL; nothing is sent here, and nothing of a URL is ever logged.
A secret lives in a `Mailbox` (whose repr hides it) and nowhere else; the reasons given here hold none.
"""

import logging
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, quote


class Channel(StrEnum):
    """By what kind of sender an address is served."""

    FILE = "file"
    SMTP = "smtp"
    OTHER = "other"  # nobody yet: `resolve` answers with a fault, so nothing is ever tried


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


Destination = FileBox | Mailbox


@dataclass(frozen=True, slots=True)
class AddressFault:
    """Why an address cannot be used: a Chinese sentence for the office, free of secrets."""

    channel: Channel
    reason: str


_SCHEME = re.compile(r"([a-z][a-z0-9]*)://", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PLAIN_MAIL = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.-]+")  # ASCII without blanks and <>: safe in an SMTP line
_PLAIN_RECIPIENT = re.compile(r"(?<=[?&]to=)[a-z0-9._-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+(?=&|$)")
_ANYBODY = "anybody@recipient.example"
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MAIL_SCHEMES = frozenset({"mailto", "mailtos"})
_MODES = {"insecure": Security.NONE, "starttls": Security.STARTTLS, "ssl": Security.TLS}
_IMPLICIT_TLS_PORT = 465
_NOT_FOLLOWED = ("cc", "bcc", "reply", "pgp", "wkd")  # would change who reads a message, and how

_BROKEN = "邮件地址无效，应写作 mailtos://用户名:密码@邮件服务器/?from=发件人&to=收件人"


def channel_of(reference: str) -> Channel:
    """Which kind of sender this address asks for; says nothing about whether it is valid."""
    if reference.strip().lower().startswith("file:"):
        return Channel.FILE
    return Channel.SMTP if _scheme(reference) in _MAIL_SCHEMES else Channel.OTHER


def is_served(reference: str) -> bool:
    """Whether some sender of ours serves this kind of address. Says nothing about whether it is valid."""
    return channel_of(reference) is not Channel.OTHER


def label(reference: str) -> str:
    """What may be shown and logged of an address: its scheme, and for mail the recipient's domain."""
    channel = channel_of(reference)
    if channel is Channel.FILE:
        return "file:"
    scheme = _scheme(reference)
    if channel is Channel.SMTP and (domain := _recipient_domain(reference)):
        return f"{scheme}:{domain}"
    return f"{scheme}:" if scheme else "无效地址"


def check(reference: str, env: Mapping[str, str]) -> str | None:
    """What is wrong with this address in this environment, or None. Connects to nothing."""
    found = resolve(reference, env)
    return found.reason if isinstance(found, AddressFault) else None


def resolve(reference: str, env: Mapping[str, str]) -> Destination | AddressFault:
    """The destination an address means, with the secrets of `env` filled in. Takes about half a millisecond.

    A host written with a port is taken as it stands. A bare mail domain that Apprise knows ("@qq.com") keeps
    Apprise's meaning: that provider's server. `mailtos` on port 465 speaks TLS from the first byte.
    """
    written = reference.strip()
    channel = channel_of(written)
    if channel is Channel.FILE:
        is_bare = written.lower() == "file:"
        return FileBox() if is_bare else AddressFault(channel, "“file:”之后不应再写内容，信件一律存入发件夹")
    if channel is Channel.OTHER:
        return AddressFault(channel, _unsupported(written))
    if reason := _cannot_fill(written, env):
        return AddressFault(channel, reason)
    found = _mailbox(_VARIABLE.sub(lambda match: quote(env[match[1]], safe="", errors="replace"), written))
    return AddressFault(channel, found) if isinstance(found, str) else found


def _scheme(reference: str) -> str:
    match = _SCHEME.match(reference.strip())
    return match[1].lower() if match else ""


def _recipient_domain(reference: str) -> str:
    _, _, query = reference.partition("?")
    recipient = parse_qs(query).get("to", [""])[0]
    domain = recipient.rpartition("@")[2].lower()
    return domain if _DOMAIN.fullmatch(domain) else ""


def _unsupported(written: str) -> str:
    known = "目前可用的地址以 mailtos://、mailto:// 或 file: 开头"
    scheme = _scheme(written)
    return f"暂不支持“{scheme}://”地址，{known}" if scheme else f"地址无效，{known}"


def _cannot_fill(written: str, env: Mapping[str, str]) -> str | None:
    if missing := [name for name in _VARIABLE.findall(written) if not env.get(name)]:
        return f"环境变量 {'、'.join(dict.fromkeys(missing))} 未设置或为空"
    if "${" in _VARIABLE.sub("", written):
        return "环境变量引用有误，应写作 ${名称}，名称由英文字母、数字和下划线组成"
    return None


def _mailbox(url: str) -> Mailbox | str:
    """What the URL means, or what is wrong with it. URLs that differ in a plain recipient only are read once."""
    found = _PLAIN_RECIPIENT.findall(url)
    if len(found) != 1:
        return _by_apprise(url)
    alike = _by_apprise(_PLAIN_RECIPIENT.sub(_ANYBODY, url))
    return alike if isinstance(alike, str) else replace(alike, recipient=found[0])


@lru_cache(maxsize=64)
def _by_apprise(url: str) -> Mailbox | str:
    """What Apprise makes of the URL, or what is wrong with it."""
    with _apprise_held_quiet():
        import apprise
        from apprise.plugins.email import NotifyEmail

        parsed: Any = NotifyEmail.parse_url(url)  # type: ignore[no-untyped-call]
        if not parsed:
            return _BROKEN
        if reason := _not_ours(url, parsed):
            return reason
        mail = apprise.Apprise.instantiate(_as_written(parsed))
    return _read(mail, parsed) if mail else _BROKEN


def _not_ours(url: str, parsed: Mapping[str, Any]) -> str | None:
    """What Apprise would let pass in silence, and we must not."""
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    names = [name.lower() for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)]
    if authority.count("@") > 1:
        # Apprise would connect to whatever follows the first one: possibly a piece of a password.
        return "用户名或密码中的“@”应写作 %40，或改用 ${环境变量} 引用"
    if len(parsed["targets"]) != 1 or names.count("to") > 1:
        return "一个邮件地址必须有且只有一个收件人，用 to= 写明"
    if refused := [name for name in _NOT_FOLLOWED if name in names]:
        return f"邮件地址不支持参数 {'、'.join(refused)}"
    if parsed["headers"]:
        return "邮件地址不支持自定义信头"
    if not parsed["verify"]:
        return "不支持跳过证书检查，请将邮件服务器的证书加入系统信任"
    return None


def _as_written(parsed: dict[str, Any]) -> dict[str, Any]:
    """Keeps Apprise from moving a host given with its port, and from STARTTLS where it cannot work."""
    pinned = dict(parsed)
    if pinned["port"] and not pinned["smtp_host"]:
        pinned["smtp_host"] = pinned["host"]
    if pinned["schema"] == "mailtos" and pinned["port"] == _IMPLICIT_TLS_PORT:
        pinned.setdefault("secure_mode", "ssl")
    return pinned


def _read(mail: Any, parsed: Mapping[str, Any]) -> Mailbox | str:
    """A Mailbox from Apprise's e-mail object, which drops and guesses where it does not understand."""
    host, sender = mail.smtp_host.strip("[]"), mail.from_addr[1]
    recipient = mail.targets[0][1] if len(mail.targets) == 1 else ""
    if not host or parsed["port"] == 0 or mail.port > 65535:
        return "邮件服务器的名称或端口无效"
    if not _is_what_was_written(recipient, parsed["targets"][0]):
        return "收件人地址无效，只能是一个由英文字母、数字和符号组成的邮件地址"
    if not _is_what_was_written(sender, parsed["from_addr"]):
        return "发件人地址无效，只能是一个由英文字母、数字和符号组成的邮件地址"
    user, password = mail.user or "", mail.password or ""
    if not ((user + password).isascii() and (user + password).isprintable()):
        return "用户名和密码只能由英文字母、数字和符号组成"
    return Mailbox(host, mail.port, _MODES[mail.secure_mode], user, password, sender, recipient)


def _is_what_was_written(address: str, written: str) -> bool:
    """Whether Apprise took the address whole: it reads "san@b.cn" out of "张san@b.cn", somebody else's."""
    whole = "@" not in written or written.strip() == address or written.strip().endswith(f"<{address}>")
    return whole and _PLAIN_MAIL.fullmatch(address) is not None


_quiet = threading.Lock()


@contextmanager
def _apprise_held_quiet() -> Iterator[None]:
    """Apprise logs URLs it cannot load, and its import warns of modules that Python will drop."""
    logger = logging.getLogger("apprise")
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        was_disabled, logger.disabled = logger.disabled, True
        try:
            yield
        finally:
            logger.disabled = was_disabled
