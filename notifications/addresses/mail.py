"""Mail addresses: what a mailto or mailtos URL means, once its secrets are filled in.

Apprise reads the URL; what it would let pass in silence, drop or guess is refused here. Nothing is sent.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from notifications.addresses.quiet import apprise_held_quiet
from notifications.addresses.values import Mailbox, Security
from notifications.addresses.written import login_fault

MAIL_SCHEMES = frozenset({"mailto", "mailtos"})

_PLAIN_MAIL = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.-]+")  # ASCII without blanks and <>: safe in an SMTP line
_PLAIN_RECIPIENT = re.compile(r"(?<=[?&]to=)[a-z0-9._-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+(?=&|$)")
_ANYBODY = "anybody@recipient.example"
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MODES = {"insecure": Security.NONE, "starttls": Security.STARTTLS, "ssl": Security.TLS}
_IMPLICIT_TLS_PORT = 465
_NOT_FOLLOWED = ("cc", "bcc", "reply", "pgp", "wkd")  # would change who reads a message, and how

_BROKEN = "邮件地址无效，应写作 mailtos://用户名:密码@邮件服务器/?from=发件人&to=收件人"


def recipient_domain(reference: str) -> str:
    """What may be shown of whom a mail address is for; empty where none can be read."""
    _, _, query = reference.partition("?")
    recipient = parse_qs(query).get("to", [""])[0]
    domain = recipient.rpartition("@")[2].lower()
    return domain if _DOMAIN.fullmatch(domain) else ""


def mailbox(url: str) -> Mailbox | str:
    """What the URL means, or what is wrong with it. URLs that differ in a plain recipient only are read once."""
    found = _PLAIN_RECIPIENT.findall(url)
    if len(found) != 1:
        return _by_apprise(url)
    alike = _by_apprise(_PLAIN_RECIPIENT.sub(_ANYBODY, url))
    return alike if isinstance(alike, str) else replace(alike, recipient=found[0])


@lru_cache(maxsize=64)
def _by_apprise(url: str) -> Mailbox | str:
    """What Apprise makes of the URL, or what is wrong with it."""
    with apprise_held_quiet():
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
    names = [name.lower() for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)]
    if reason := login_fault(url):
        return reason
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
