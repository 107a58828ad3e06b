"""Reads an office's channels.yaml: which hosts webhooks may reach, where its chat robots are, how mail is handed over.

Runs when something is delivered and in `duban doctor`. Without the file no webhook goes anywhere, and robots are where
their makers have them. Nothing is connected to here, and no secret stands in this file: those are in the addresses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from config.yaml_settings import SettingsReader, settings_document, settings_text
from models.errors import ChannelsRefused

ROBOTS = ("wecom", "dingtalk", "feishu", "lark")
CONNECTIONS = range(1, 9)
HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]"
"""How a host may be written: a name, an IPv4 address, or an IPv6 address in brackets."""
_WHAT = "通道设置"
_LISTED = re.compile(rf"(?P<host>{HOST})(?::(?P<port>[0-9]{{1,5}}))?")
_BASE = re.compile(rf"https?://(?P<host>{HOST})(?::(?P<port>[0-9]{{1,5}}))?(?P<path>(?:/[A-Za-z0-9._~%-]+)*)/?")


@dataclass(frozen=True, slots=True)
class Channels:
    """What an office says about its channels. `webhook_hosts` are lower case, with a port or without."""

    webhook_hosts: frozenset[str] = frozenset()
    robots: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # ROBOTS by name: the base URL
    smtp_connections: int = 1

    def may_reach(self, host: str, port: int) -> bool:
        """Whether the office listed this host: for all its ports, or for this one."""
        name = host.lower().strip("[]")
        bare = f"[{name}]" if ":" in name else name
        return bare in self.webhook_hosts or f"{bare}:{port}" in self.webhook_hosts


NO_CHANNELS = Channels()


def load_channels(path: Path) -> Channels:
    """Reads and checks the file; the defaults where there is none. Raises ChannelsRefused with every problem."""
    content = settings_text(path, _WHAT, ChannelsRefused)
    if content is None:
        return NO_CHANNELS
    reader = _Reader()
    channels = reader.channels(settings_document(path, content, reader.problems, _WHAT, ChannelsRefused))
    if reader.problems:
        cure = "请按提示修改后重试；不写的项目按默认办理。"
        raise ChannelsRefused(f"{_WHAT} {path.name} 有{len(reader.problems)}处问题，未采用。", reader.problems, cure)
    return channels


class _Reader(SettingsReader):
    """What each key of channels.yaml means."""

    def channels(self, document: object) -> Channels:
        body = self.mapping(document, "", ("webhook_hosts", "robots", "smtp"))
        smtp = self.mapping(body.get("smtp", {}), "smtp", ("connections",))
        return Channels(
            webhook_hosts=self.hosts(body.get("webhook_hosts", [])),
            robots=self.robots(body.get("robots", {})),
            smtp_connections=self.number(smtp, "smtp.connections", 1, CONNECTIONS, "同时使用的连接数"),
        )

    def hosts(self, raw: object) -> frozenset[str]:
        if not isinstance(raw, list):
            self.wrong("webhook_hosts", "应为一列主机", raw)
            return frozenset()
        found = set()
        for place, entry in enumerate(raw, 1):
            match = _LISTED.fullmatch(entry) if isinstance(entry, str) else None
            if match and _is_port(match["port"]):
                found.add(entry.lower())
            else:
                self.wrong(f"webhook_hosts[{place}]", "应为主机名或“主机名:端口”，如 oa.example.cn:8443", entry)
        return frozenset(found)

    def robots(self, raw: object) -> Mapping[str, str]:
        found = {}
        for name, base in self.mapping(raw, "robots", ROBOTS).items():
            match = _BASE.fullmatch(base) if isinstance(base, str) else None
            if match and _is_port(match["port"]):
                found[name] = str(base).rstrip("/")
            elif name in ROBOTS:
                # What is wrong is not repeated: a whole robot URL with its key may have been pasted in.
                self.wrong(f"robots.{name}", "应为 https://主机名[:端口][/路径]，不带密钥和参数", "已隐去")
        return MappingProxyType(found)


def _is_port(written: str | None) -> bool:
    return written is None or 0 < int(written) < 65536
