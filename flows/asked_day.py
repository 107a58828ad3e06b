"""The day that a run of daily_run or deliver is asked for, whatever a page or a program handed in. No Prefect here."""

import os
from datetime import date

from config import clock
from config.settings import read_day
from models.errors import FormRefused
from notifications.words.sentences import one_line

_SHOWN = 40


def asked_day(on: object) -> date | None:
    """The day; None where none was asked for. Raises FormRefused for what is no day."""
    if on is None or not str(on).strip():
        return None
    try:
        return read_day(_short(on))
    except ValueError as error:
        raise FormRefused(f"办理日期（on）填写有误：{error}", (), "请改正后重新提交，或不填。") from error


def named_by_day(title: str, on: object) -> str:
    """A run by its day, also where the day was not given or is none."""
    return f"{title} {_short(on or os.environ.get('DUBAN_TODAY') or clock.today())}"


def _short(on: object) -> str:
    line = one_line(str(on))
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
