"""Addresses of programs: json://HOST/PATH and jsons://HOST/PATH, which take JSON by HTTP or HTTPS.

Apprise reads the URL. A host must stand on the office's list (channels.yaml): an address in a directory must not be
able to make this machine call whatever it likes. Nothing is sent here.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlencode

from config.channels import HOST, Channels
from notifications.addresses.quiet import apprise_held_quiet
from notifications.addresses.values import Hook
from notifications.addresses.written import http_port, login_fault, parameters

HOOK_SCHEMES = frozenset({"json", "jsons"})
_BROKEN = "网络接口地址无效，应写作 jsons://主机名/路径"
UNLISTED = "所写的主机未列入 channels.yaml 的 webhook_hosts"
"""The host is not named: what was read as one may be a piece of a password."""
_HOST = re.compile(HOST)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_OURS = frozenset({
    "host", "content-length", "content-type", "transfer-encoding", "connection", "idempotency-key", "expect", "te",
    "trailer", "upgrade", "user-agent", "accept-encoding",
})  # fmt: skip
"""Headers that the sender writes itself."""


def hook(url: str, channels: Channels) -> Hook | str:
    """What the URL means, or what is wrong with it."""
    found = _by_apprise(url)
    if isinstance(found, Hook) and not channels.may_reach(found.host, found.port):
        return UNLISTED
    return found


@lru_cache(maxsize=64)
def _by_apprise(url: str) -> Hook | str:
    with apprise_held_quiet():
        import apprise
        from apprise.plugins.custom_json import NotifyJSON

        parsed: Any = NotifyJSON.parse_url(url)  # type: ignore[no-untyped-call]
        if not parsed or not apprise.Apprise.instantiate(dict(parsed)):
            return _BROKEN
    return login_fault(url) or _read(url, parsed)


def _read(url: str, parsed: Mapping[str, Any]) -> Hook | str:
    """A Hook from what Apprise has made of the URL."""
    host = str(parsed["host"])
    secure = parsed["schema"] == "jsons"
    port = parsed["port"] or http_port(secure)
    if not _HOST.fullmatch(host) or parsed["port"] == 0 or port > 65535:
        return "网络接口的主机名或端口无效"
    if reason := _not_ours(url, parsed):
        return reason
    asked = urlencode(parsed["params"])
    path = quote(parsed["fullpath"] or "/", safe="/%:@!$&'()*+,;=~-._")
    called = f"{'https' if secure else 'http'}://{host}:{port}{path}{'?' if asked else ''}{asked}"
    return Hook(host.strip("[]"), port, called, tuple(_headers(parsed)))


def _not_ours(url: str, parsed: Mapping[str, Any]) -> str | None:
    """What Apprise would let pass, or do in another way than we."""
    if any(name[:1] not in {"+", "-"} and name != "method" for name, _ in parameters(url)):
        return "网络接口地址只支持“+信头=值”和“-参数=值”两种参数"
    if str(parsed.get("method", "POST")).upper() != "POST":
        return "网络接口只支持 POST"
    for name, value in _headers(parsed):
        if not _HEADER.fullmatch(name) or not (value.isascii() and value.isprintable()):
            return "网络接口地址的信头无效，只能由英文字母、数字和符号组成"
        if name.lower() in _OURS:
            return f"信头 {name} 由系统填写，不能自定义"
    return None


def _headers(parsed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those written with “+”, and a login as HTTP's basic authentication."""
    found = [(str(name), str(value)) for name, value in parsed["headers"].items()]
    if parsed["user"]:
        login = f"{unquote(parsed['user'])}:{unquote(parsed['password'] or '')}"
        found.append(("Authorization", f"Basic {b64encode(login.encode()).decode()}"))
    return found
