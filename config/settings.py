"""Where an office's home is and what its environment says. Read once a command; nothing is read at import."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.errors import UsageRefused

DEFAULT_HOME = "duban-home"


@dataclass(frozen=True, slots=True)
class Settings:
    """`env` is the environment that `${NAME}` in addresses refers to; it is never stored or shown."""

    home: Path
    database_url: str
    today: date | None
    env: Mapping[str, str]

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
    def templates(self) -> Path:
        """Message templates of the office's own; absent in most homes."""
        return self.home / "templates"

    @property
    def evidence(self) -> Path:
        return self.home / "evidence"

    @property
    def outbox(self) -> Path:
        """Where the `file:` channel writes."""
        return self.home / "outbox"

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
        today=_day(env.get("DUBAN_TODAY")),
        env=env,
    )


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageRefused(f"环境变量 DUBAN_TODAY 的值“{text}”不是日期。", "请写成 2023-06-26 的形式。") from error
