"""Reads an address of directory.yaml into a destination. Nothing is sent here, and nothing of a URL is ever logged.

An address is an Apprise URL in which `${NAME}` stands for an environment variable, or `file:`, which is ours and
writes into the home. Apprise checks each URL; the reasons given here hold no secret.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from config.channels import NO_CHANNELS, Channels
from notifications.addresses.hooks import HOOK_SCHEMES, hook
from notifications.addresses.mail import MAIL_SCHEMES, mailbox, recipient_domain
from notifications.addresses.robots import MAKES, robot
from notifications.addresses.services import SERVICE_SCHEMES, service
from notifications.addresses.values import AddressFault, Channel, Destination, FileBox, Hook, Robot

_SCHEME = re.compile(r"([a-z0-9]+)://", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def channel_of(reference: str) -> Channel:
    """Which kind of sender this address asks for; says nothing about whether it is valid."""
    if reference.strip().lower().startswith("file:"):
        return Channel.FILE
    scheme = _scheme(reference)
    if scheme in MAIL_SCHEMES:
        return Channel.SMTP
    if scheme in HOOK_SCHEMES:
        return Channel.WEBHOOK
    return MAKES[scheme].channel if scheme in MAKES else Channel.OTHER


def is_served(reference: str) -> bool:
    """Whether some sender of ours serves this kind of address. Says nothing about whether it is valid."""
    return channel_of(reference) is not Channel.OTHER or _scheme(reference) in SERVICE_SCHEMES


def label(reference: str) -> str:
    """What may be shown and logged of an address: its scheme, and for mail the recipient's domain."""
    channel = channel_of(reference)
    if channel is Channel.FILE:
        return "file:"
    scheme = _scheme(reference)
    if channel is Channel.SMTP and (domain := recipient_domain(reference)):
        return f"{scheme}:{domain}"
    return f"{scheme}:" if scheme else "无效地址"


def check(reference: str, env: Mapping[str, str], channels: Channels = NO_CHANNELS) -> str | None:
    """What is wrong with this address in this environment, or None. Connects to nothing."""
    found = resolve(reference, env, channels)
    return found.reason if isinstance(found, AddressFault) else None


def caution(reference: str) -> str | None:
    """What an office should weigh about an address that works, or None."""
    if channel_of(reference) is not Channel.OTHER or not is_served(reference):
        return None
    return f"经第三方服务“{_scheme(reference)}”发送，消息内容会交给该服务，且不易查明是否送达"


def resolve(reference: str, env: Mapping[str, str], channels: Channels = NO_CHANNELS) -> Destination | AddressFault:
    """The destination an address means, with the secrets of `env` filled in. Takes about half a millisecond.

    A host written with a port is taken as it stands. A bare mail domain that Apprise knows ("@qq.com") keeps
    Apprise's meaning: that provider's server. `mailtos` on port 465 speaks TLS from the first byte.
    """
    written = reference.strip()
    channel = channel_of(written)
    if channel is Channel.FILE:
        is_bare = written.lower() == "file:"
        return FileBox() if is_bare else AddressFault(channel, "“file:”之后不应再写内容，信件一律存入发件夹")
    if not is_served(written):
        return AddressFault(channel, _unsupported(written))
    if reason := _cannot_fill(written, env):
        return AddressFault(channel, reason)
    found = _read(_VARIABLE.sub(lambda match: quote(env[match[1]], safe="", errors="replace"), written), channels)
    if isinstance(found, Robot | Hook):
        return replace(found, filled_in=tuple(env[name] for name in dict.fromkeys(_VARIABLE.findall(written))))
    return AddressFault(channel, found) if isinstance(found, str) else found


def _read(url: str, channels: Channels) -> Destination | str:
    scheme = _scheme(url)
    if scheme in MAIL_SCHEMES:
        return mailbox(url)
    if scheme in MAKES:
        return robot(scheme, url, channels)
    return hook(url, channels) if scheme in HOOK_SCHEMES else service(scheme, url, channels)


def _scheme(reference: str) -> str:
    match = _SCHEME.match(reference.strip())
    return match[1].lower() if match else ""


def _unsupported(written: str) -> str:
    known = "可用的地址以 mailtos://、wecombot://、dingtalk://、feishu://、jsons:// 或 file: 开头"
    scheme = _scheme(written)
    return f"不支持“{scheme}://”地址，{known}" if scheme else f"地址无效，{known}"


def _cannot_fill(written: str, env: Mapping[str, str]) -> str | None:
    if missing := [name for name in _VARIABLE.findall(written) if not env.get(name)]:
        return f"环境变量 {'、'.join(dict.fromkeys(missing))} 未设置或为空"
    if "${" in _VARIABLE.sub("", written):
        return "环境变量引用有误，应写作 ${名称}，名称由英文字母、数字和下划线组成"
    return None
