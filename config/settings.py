"""Where an office's home is and what its environment says. Read once a command; nothing is read at import."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from models.errors import UsageRefused

DEFAULT_HOME = "duban-home"
DAYS_FROM, DAYS_UNTIL = date(2000, 1, 1), date(2100, 12, 31)
"""A day outside is a slip of the pen: no calendar of working days reaches there."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """`env` is the environment that `${NAME}` in addresses refers to; it is never stored or shown."""

    home: Path
    database_url: str
    today: date | None
    env: Mapping[str, str] = field(repr=False)

    @property
    def database(self) -> Path:
        return self.home / "duban.db"

    @property
    def policy(self) -> Path:
        return self.home / "policy.yaml"

    @property
    def directory(self) -> Path:
        return self.home / "directory.yaml"

    @property
    def calendar(self) -> Path:
        """The office's calendar overlay; absent in most homes."""
        return self.home / "calendar.yaml"

    @property
    def columns(self) -> Path:
        """Headings of the office's own ledgers; absent in most homes."""
        return self.home / "columns.yaml"

    @property
    def service(self) -> Path:
        """On which port and at what times the office is served; absent in most homes."""
        return self.home / "service.yaml"

    @property
    def channels(self) -> Path:
        """Which hosts webhooks may reach, and where chat robots are; absent in most homes."""
        return self.home / "channels.yaml"

    @property
    def report(self) -> Path:
        """Who reports, where people may turn, by which formula; absent in most homes."""
        return self.home / "report.yaml"

    @property
    def templates(self) -> Path:
        """Message templates of the office's own; absent in most homes."""
        return self.home / "templates"

    @property
    def evidence(self) -> Path:
        return self.home / "evidence"

    @property
    def inbox(self) -> Path:
        """Where files are laid for forms that name them: a form of Prefect carries no files itself."""
        return self.home / "inbox"

    @property
    def outbox(self) -> Path:
        """Where the `file:` channel writes."""
        return self.home / "outbox"

    @property
    def log(self) -> Path:
        """The program's own log."""
        return self.home / "duban.log"

    @property
    def story(self) -> Path:
        """What people did, in a rehearsal that plays itself; only in the sample."""
        return self.home / "story.yaml"


def load_settings(env: Mapping[str, str]) -> Settings:
    """Reads DUBAN_HOME, DUBAN_DATABASE_URL and DUBAN_TODAY. Raises UsageRefused for a date that is none."""
    home = Path(env.get("DUBAN_HOME") or DEFAULT_HOME).absolute()
    return Settings(
        home=home,
        database_url=env.get("DUBAN_DATABASE_URL") or f"sqlite:///{home / 'duban.db'}",
        today=_today(env.get("DUBAN_TODAY")),
        env=env,
    )


def font_file(env: Mapping[str, str]) -> Path | None:
    """The font that pictures shall be lettered with, where DUBAN_FONT names one."""
    given = env.get("DUBAN_FONT")
    return Path(given).expanduser().absolute() if given else None


def read_day(text: str) -> date:
    """A day as people write it to a command, 2023-06-26. Raises ValueError with a Chinese sentence."""
    if not _DAY.fullmatch(text):
        raise ValueError(f"“{text}”不是日期，应写成 2023-06-26 的形式。")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"日历上没有“{text}”这一天。") from None
    if not DAYS_FROM <= day <= DAYS_UNTIL:
        raise ValueError(f"“{text}”不在{DAYS_FROM.year}年至{DAYS_UNTIL.year}年之间，请核对年份。")
    return day


def _today(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return read_day(text)
    except ValueError as error:
        raise UsageRefused(f"环境变量 DUBAN_TODAY 的值不对：{error}", "请改正或去掉该环境变量。") from error
