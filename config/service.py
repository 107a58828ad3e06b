"""Reads an office's service.yaml: on which port the service listens, and at what times it runs and delivers.

Runs when `duban serve` starts. A home without the file is served by the defaults. A pause that an office wants stands
here and nowhere else: Prefect's own pauses do not outlive a restart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from config.clock import OFFICE_ZONE
from config.yaml_keys import load_yaml
from models.errors import Problem, ServiceRefused

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
    content = _text(path)
    if content is None:
        return Service()
    reader = _Reader()
    service = reader.service(_document(path, content, reader.problems))
    if reader.problems:
        cure = "请按提示修改后重试；不写的项目按默认办理。"
        raise ServiceRefused(f"服务设置 {path.name} 有{len(reader.problems)}处问题，未采用。", reader.problems, cure)
    return service


class _Reader:
    """Turns YAML values into settings and collects what is wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, where: str, text: str, found: object) -> None:
        self.problems.append(Problem(text, where, value=_shown(found)))

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

    def mapping(self, value: object, where: str, known: Sequence[str]) -> Mapping[str, object]:
        """A mapping of known keys; an empty one for anything else, which is told."""
        if value is None and not where:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(where or "文件", "应为“键: 值”的形式", value)
            return {}
        for key in value:
            if key not in known:
                place = f"{where}.{_shown(key)}" if where else _shown(key)
                self.problems.append(Problem(f"不认识的键，可用：{'、'.join(known)}", place))
        return {str(key): found for key, found in value.items()}

    def number(self, body: Mapping[str, object], where: str, otherwise: int, allowed: range, what: str) -> int:
        found = body.get(where.rpartition(".")[2], otherwise)
        if isinstance(found, int) and not isinstance(found, bool) and found in allowed:
            return found
        self.wrong(where, f"{what}应为{allowed[0]}到{allowed[-1]}之间的整数", found)
        return otherwise

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


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ServiceRefused(f"服务设置 {path.name} 不是 UTF-8 文本。", [], "请另存为 UTF-8 编码后重试。") from error
    except OSError as error:
        raise ServiceRefused(f"读不了服务设置 {path}。", [], "请检查它是否为文件、是否有权读取。") from error


def _document(path: Path, content: str, problems: list[Problem]) -> object:
    """What the file says; repeated keys are told. Raises ServiceRefused where it is no YAML."""
    try:
        document, repeated = load_yaml(content)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        broken = Problem("写法有误", f"第{mark.line + 1}行" if mark else "")
        raise ServiceRefused(f"服务设置 {path.name} 不是合法的 YAML。", [broken], "请检查缩进、冒号和引号。") from error
    problems += repeated
    return document


def _shown(value: object) -> str:
    """What was found, fit for one line of a message."""
    if isinstance(value, list | dict):
        return "一列" if isinstance(value, list) else "一组键和值"
    if value is None:
        return "未填写"
    shown = "".join(char if char.isprintable() else "\ufffd" for char in str(value))
    return shown if len(shown) <= 40 else f"{shown[:40]}……"
