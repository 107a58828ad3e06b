"""Reads an office's service.yaml: on which port the service listens, and at what times it runs and delivers.

Runs when `duban serve` starts. A home without the file is served by the defaults. A pause that an office wants stands
here and nowhere else: Prefect's own pauses do not outlive a restart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from config.clock import OFFICE_ZONE
from config.yaml_settings import SettingsReader, settings_document, settings_text
from models.errors import ServiceRefused

PORTS = range(1, 65536)
MINUTES = range(1, 60)
_TIME = re.compile(r"(\d{1,2})[:：](\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class DailyTimes:
    """When the daily run starts. Every day of the week: make-up days fall on weekends, and a rest day costs nothing."""

    at: time = time(8, 30)
    paused: bool = False

    @property
    def cron(self) -> str:
        return f"{self.at.minute} {self.at.hour} * * *"

    def last_due(self, now: datetime) -> datetime:
        """The latest moment up to `now` at which a daily run was due, in the office's zone."""
        here = now.astimezone(ZoneInfo(OFFICE_ZONE))
        due = here.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)
        return due if due <= here else due - timedelta(days=1)

    def next_due(self, now: datetime) -> datetime:
        """The first moment after `now` at which a daily run is due."""
        return self.last_due(now) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DeliverTimes:
    """Every how many minutes the outbox is looked at, from which full hour of the day until which."""

    every: int = 5
    opens: int = 7
    closes: int = 20
    paused: bool = False

    @property
    def cron(self) -> str:
        return f"*/{self.every} {self.opens}-{self.closes - 1} * * *"

    def are_open(self, now: datetime) -> bool:
        """Whether messages may go out at this moment."""
        return not self.paused and self.opens <= now.astimezone(ZoneInfo(OFFICE_ZONE)).hour < self.closes

    def next_due(self, now: datetime) -> datetime:
        """The first moment after `now` at which the outbox is looked at. Each full hour begins anew."""
        here = now.astimezone(ZoneInfo(OFFICE_ZONE)).replace(second=0, microsecond=0)
        minute = (here.minute // self.every + 1) * self.every
        full = here.replace(minute=0)
        found = full + (timedelta(minutes=minute) if minute < 60 else timedelta(hours=1))
        if self.opens <= found.hour < self.closes:
            return found
        opening = found.replace(hour=self.opens, minute=0)
        return opening if opening >= found else opening + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Service:
    """How an office wants to be served."""

    port: int = 4200
    daily: DailyTimes = DailyTimes()
    deliver: DeliverTimes = DeliverTimes()


def load_service(path: Path) -> Service:
    """Reads and checks the file; the defaults where there is none. Raises ServiceRefused with every problem."""
    content = settings_text(path, "服务设置", ServiceRefused)
    if content is None:
        return Service()
    reader = _Reader()
    service = reader.service(settings_document(path, content, reader.problems, "服务设置", ServiceRefused))
    if reader.problems:
        cure = "请按提示修改后重试；不写的项目按默认办理。"
        raise ServiceRefused(f"服务设置 {path.name} 有{len(reader.problems)}处问题，未采用。", reader.problems, cure)
    return service


class _Reader(SettingsReader):
    """What each key of service.yaml means."""

    def service(self, document: object) -> Service:
        body = self.mapping(document, "", ("port", "daily", "deliver"))
        return Service(
            port=self.number(body, "port", 4200, PORTS, "端口"),
            daily=self.daily(body.get("daily", {})),
            deliver=self.deliver(body.get("deliver", {})),
        )

    def daily(self, raw: object) -> DailyTimes:
        body = self.mapping(raw, "daily", ("at", "paused"))
        return DailyTimes(self.time(body, "daily.at", time(8, 30)), self.flag(body, "daily.paused"))

    def deliver(self, raw: object) -> DeliverTimes:
        body = self.mapping(raw, "deliver", ("every", "from", "until", "paused"))
        every = self.number(body, "deliver.every", 5, MINUTES, "间隔的分钟数")
        opens, closes = (self.hour(body, f"deliver.{key}", hour) for key, hour in (("from", 7), ("until", 20)))
        if closes <= opens:
            self.wrong("deliver.until", f"应晚于 from（{opens:02}:00）", f"{closes:02}:00")
        return DeliverTimes(every, opens, closes, self.flag(body, "deliver.paused"))

    def flag(self, body: Mapping[str, object], where: str) -> bool:
        found = body.get(where.rpartition(".")[2], False)
        if not isinstance(found, bool):
            self.wrong(where, "应为 true（暂停）或 false", found)
        return found is True

    def time(self, body: Mapping[str, object], where: str, otherwise: time) -> time:
        found = body.get(where.rpartition(".")[2], f"{otherwise:%H:%M}")
        match = _TIME.fullmatch(found) if isinstance(found, str) else None
        if match and int(match[1]) < 24 and int(match[2]) < 60:
            return time(int(match[1]), int(match[2]))
        self.wrong(where, f'时刻写法不对，应如 "08:30"{_unquoted(found)}', found)
        return otherwise

    def hour(self, body: Mapping[str, object], where: str, otherwise: int) -> int:
        found = body.get(where.rpartition(".")[2], f"{otherwise:02}:00")
        match = _TIME.fullmatch(found) if isinstance(found, str) else None
        if match and match[2] == "00" and int(match[1]) <= 24:
            return int(match[1])
        self.wrong(where, f'应为整点，如 "07:00"{_unquoted(found)}', found)
        return otherwise


def _unquoted(found: object) -> str:
    """YAML reads 20:00 without quotes as the number 1200."""
    return "，须加引号" if isinstance(found, int) else ""
