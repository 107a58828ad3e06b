"""Addresses of chat robots: wecombot://KEY, dingtalk://[SECRET@]TOKEN, feishu://[SECRET@]TOKEN, lark://[SECRET@]TOKEN.

Apprise reads and checks the URL, but for what it does not know: a signing secret of Feishu's, and whom a message calls
(`?mentions=`). Where the robots of an office are is said in its channels.yaml; else they are their makers'.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

from config.channels import Channels
from notifications.addresses.quiet import apprise_held_quiet
from notifications.addresses.values import Channel, Robot
from notifications.addresses.written import parameters

EVERYBODY = "@all"
MOBILE = re.compile(r"\+?[0-9]{11,14}")
_USER = re.compile(r"[A-Za-z0-9_.-]{1,64}(?:@[A-Za-z0-9_.-]{1,64})?")


@dataclass(frozen=True, slots=True)
class Make:
    """One make of robots: its name in channels.yaml, where its maker has it, and how it is called."""

    name: str
    channel: Channel
    zh: str
    home: str
    path: str
    token: str  # what Apprise calls it
    signs: bool
    calls_mobiles: bool
    written: str


_FEISHU_PATH = "/open-apis/bot/v2/hook/"
MAKES: Mapping[str, Make] = MappingProxyType({
    "wecombot": Make("wecom", Channel.WECOM, "企业微信群机器人", "https://qyapi.weixin.qq.com",
                     "/cgi-bin/webhook/send?key=", "key", False, True, "wecombot://KEY"),
    "dingtalk": Make("dingtalk", Channel.DINGTALK, "钉钉群机器人", "https://oapi.dingtalk.com",
                     "/robot/send?access_token=", "token", True, True, "dingtalk://SECRET@TOKEN"),
    "feishu": Make("feishu", Channel.FEISHU, "飞书群机器人", "https://open.feishu.cn",
                   _FEISHU_PATH, "token", True, False, "feishu://SECRET@TOKEN"),
    "lark": Make("lark", Channel.FEISHU, "Lark群机器人", "https://open.larksuite.com",
                 _FEISHU_PATH, "token", True, False, "lark://SECRET@TOKEN"),
})  # fmt: skip
"""The makes by the scheme of their addresses."""
_PARAMETERS = frozenset({"mentions", "key", "token", "secret", "to"})


def robot(scheme: str, url: str, channels: Channels) -> Robot | str:
    """What the URL means, or what is wrong with it."""
    make = MAKES[scheme]
    read = _by_apprise(scheme, url)
    if isinstance(read, str):
        return read
    token, secret, targets = read
    mentions = _mentions(url, targets)
    if wrong := [name for name in mentions if not _may_be_called(make, name)]:
        return f"{make.zh}地址的 mentions 有{len(wrong)}处无法识别，{_who_may_be_called(make)}"
    base = channels.robots.get(make.name)
    # Of a gateway the whole path may have been written.
    called = (base or make.home).removesuffix(make.path.partition("?")[0].rstrip("/")) + make.path
    return Robot(make.channel, scheme, called + quote(token, safe=""), secret, mentions, base is not None)


@lru_cache(maxsize=64)
def _by_apprise(scheme: str, url: str) -> tuple[str, str, tuple[str, ...]] | str:
    """Token, signing secret and mobiles, as Apprise reads them; or what is wrong."""
    make = MAKES[scheme]
    broken = f"{make.zh}地址无效，应写作 {make.written}"
    if unknown := {name for name, _ in parameters(url)} - _PARAMETERS:
        # The names may be pieces of a token that was not written as it should be: they are not repeated.
        return f"{make.zh}地址有{len(unknown)}个参数不能识别，只能写 mentions"
    with apprise_held_quiet():
        import apprise
        from apprise.manager_plugins import NotificationManager

        parsed: Any = NotificationManager()[scheme].parse_url(url)  # type: ignore[no-untyped-call]
        if not parsed or not apprise.Apprise.instantiate(dict(parsed)):
            return broken
    return _read(make, parsed, broken)


def _read(make: Make, parsed: Mapping[str, Any], broken: str) -> tuple[str, str, tuple[str, ...]] | str:
    """The same, of what Apprise has made of the URL; it lets pass what no robot has."""
    path = parsed["fullpath"] or "/"
    secret = unquote(parsed.get("secret") or parsed["user"] or parsed["qsd"].get("secret") or "")
    if parsed["password"] or parsed["port"] or (path != "/" and "targets" not in parsed):
        return broken
    if secret and not (make.signs and secret.isascii() and secret.isprintable() and " " not in secret):
        return f"{make.zh}的签名密钥无效" if make.signs else f"{make.zh}没有签名密钥，应写作 {make.written}"
    targets = tuple(parsed.get("targets") or ())
    if any(not MOBILE.fullmatch(target) for target in targets):  # Apprise would drop it
        return f"{make.zh}地址中 TOKEN 之后只能写手机号"
    return str(parsed[make.token]), secret, targets


def _mentions(url: str, targets: Sequence[str]) -> tuple[str, ...]:
    asked = dict(parameters(url)).get("mentions", "")
    return tuple(dict.fromkeys([*targets, *(name for name in re.split(r"[\s,，;；]+", asked) if name)]))


def _may_be_called(make: Make, name: str) -> bool:
    if MOBILE.fullmatch(name):
        return make.calls_mobiles
    return name == EVERYBODY or _USER.fullmatch(name) is not None


def _who_may_be_called(make: Make) -> str:
    mobiles = "、手机号" if make.calls_mobiles else ""
    return f"可写成员的用户编号{mobiles}或 {EVERYBODY}，以逗号分隔"
