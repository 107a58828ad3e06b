"""The brief's look ahead: which open clocks fall due in the next working days, by day. Values and words only.

Read in flows/steps.py, shown by the brief on the command line and on Prefect's page. Decides nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from models.lifecycle import STAGE_ZH, Stage
from models.store.due import DueRow
from models.workdays import WorkCalendar
from notifications.words.sentences import when_zh

WORKDAYS_AHEAD = 5
MOST_COMING = 500
"""Clocks that a brief looks at; of more it says how many."""
_MOST_A_DAY = 10
COLUMNS = ("到期日", "还有", "措施", "环节", "办理方", "整改措施")
"""The longest last: Prefect's page breaks no line in a table, so what is wide pushes the rest out of sight."""
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class ComingRow:
    """One clock that falls due. `days`: working days left; `provisional`: the date rests on a year not announced."""

    due_on: date
    days: int
    provisional: bool
    measure_no: str
    text: str
    stage: Stage
    holder: str


@dataclass(frozen=True, slots=True)
class Coming:
    """What falls due after the brief's day, up to `until`. `total` counts also what is not among the rows."""

    until: date
    total: int
    rows: tuple[ComingRow, ...]


def last_day_ahead(on_day: date, calendar: WorkCalendar) -> date:
    """The last day that the look ahead reaches: the fifth working day after this one."""
    return calendar.add_workdays(on_day, WORKDAYS_AHEAD)


def coming_of(found: Iterable[DueRow], total: int, on_day: date, calendar: WorkCalendar) -> Coming:
    """The look ahead from that day."""
    rows = tuple(
        ComingRow(
            due_on=row.due_on,
            days=calendar.workdays_between(on_day, row.due_on),
            provisional=calendar.provisional_between(on_day, row.due_on) is not None,
            measure_no=row.measure,
            text=row.text,
            stage=row.stage,
            holder=row.holder,
        )
        for row in found
    )
    return Coming(last_day_ahead(on_day, calendar), total, rows)


def coming_cells(row: ComingRow, on_day: date) -> tuple[str, ...]:
    """One line of a table under COLUMNS."""
    left = when_zh(row.due_on, row.days, on_day).removeprefix("还有")
    return _day_zh(row), left, row.measure_no, STAGE_ZH[row.stage], row.holder, row.text


def coming_lines(coming: Coming) -> Iterator[str]:
    """For a terminal: a heading, then a line a day. Nothing where nothing falls due."""
    if not coming.rows:
        return
    yield f"{coming_title(coming)}："
    for _, of_day in groupby(coming.rows, key=lambda row: row.due_on):
        rows = list(of_day)
        named = "，".join(f"{row.measure_no} {STAGE_ZH[row.stage]}（{row.holder}）" for row in rows[:_MOST_A_DAY])
        more = f" 等{len(rows)}项" if len(rows) > _MOST_A_DAY else ""
        yield f"  {_day_zh(rows[0])}：{named}{more}"
    if left_out := left_out_zh(coming):
        yield f"  {left_out}"


def coming_title(coming: Coming) -> str:
    return f"今后五个工作日（至{coming.until}）到期的时限{coming.total}项"


def left_out_zh(coming: Coming) -> str:
    """A sentence where not all are listed."""
    rest = coming.total - len(coming.rows)
    return f"另有{rest}项未在此列出。" if rest else ""


def _day_zh(row: ComingRow) -> str:
    """The date with its day of the week: 2023-07-01（周六）"""
    provisional = "，推算日期" if row.provisional else ""
    return f"{row.due_on}（周{_WEEKDAYS[row.due_on.weekday()]}{provisional}）"
