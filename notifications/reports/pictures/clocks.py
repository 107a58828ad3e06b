"""The running clocks, a bar each from opening to due date: rest days shaded, what is overdue hatched, today a line.

A drawing of facts from models/answers/course. A page of A4 holds so many; more go on further pages, and each page
tells how many others there are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from models.answers.course.values import ClockBar, Clocks
from models.lifecycle import STAGE_ZH
from models.workdays import WorkCalendar
from notifications.reports.pictures.canvas import Picture, figure
from notifications.reports.pictures.days import (
    BLUE,
    FAINT,
    GREY,
    INK,
    PALE_BLUE,
    PAPER,
    RED,
    SMALL,
    Key,
    draw_head,
    draw_keys,
    keys_height,
    line_sign,
    marks,
    month_day_zh,
    patch_sign,
    point_sign,
    round_zh,
)
from notifications.reports.pictures.lettering import Lettering

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 160.0
A_PAGE = 36
"""Clocks on one page: 160 by 225 mm, what A4 leaves between the margins of an official document."""
WEEKS_BACK, WEEKS_AHEAD = 14, 14
"""How far the axis of days reaches at most; a bar that goes on beyond it ends in a sign."""
_ROW = 5.0
_TEXT, _STAGE, _HOLDER, _DAYS, _DUE, _LEFT = 4.0, 49.0, 62.0, 79.0, 132.0, 147.0
"""Where the columns begin, in mm; bars lie between _DAYS and _DUE."""
_RUNNING: Mapping[str, Any] = {"facecolor": PALE_BLUE, "edgecolor": BLUE, "linewidth": 0.6}
# One direction only: LibreOffice fills what crossed lines enclose.
_LATE: Mapping[str, Any] = {"facecolor": PAPER, "edgecolor": RED, "hatch": "//////", "linewidth": 0.6}
_HELD: Mapping[str, Any] = {"facecolor": PAPER, "edgecolor": GREY, "linewidth": 0.8, "linestyle": (0, (2, 1.5))}
_REST: Mapping[str, Any] = {"facecolor": "black", "edgecolor": "none", "linewidth": 0, "alpha": 0.1}
_PROVISIONAL: Mapping[str, Any] = {"facecolor": "none", "edgecolor": "#b5b5b5", "hatch": "....", "linewidth": 0}


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the clocks, which page of how many, and the days of its axis."""

    bars: tuple[ClockBar, ...]
    number: int
    pages: int
    others: int
    first: date
    last: date


def pages_of(facts: Clocks) -> int:
    return max(1, -(-len(facts.bars) // A_PAGE))


def page(facts: Clocks, number: int) -> Page:
    """The clocks of that page, 1 the first. PURE. Raises ValueError for a page that there is not."""
    pages, day = pages_of(facts), facts.round.on_day
    if not 1 <= number <= pages:
        raise ValueError(f"no page {number} of {pages}")
    bars = facts.bars[(number - 1) * A_PAGE : number * A_PAGE]
    first = min([day - timedelta(weeks=2), *(min(bar.opened_on, bar.due_on) for bar in bars)])
    last = max([day + timedelta(weeks=2), *(bar.due_on for bar in bars)]) + timedelta(days=2)
    first = max(first - timedelta(days=2), day - timedelta(weeks=WEEKS_BACK))
    return Page(bars, number, pages, len(facts.bars) - len(bars), first, min(last, day + timedelta(weeks=WEEKS_AHEAD)))


def draw(facts: Clocks, calendar: WorkCalendar, letters: Lettering, mark: str, number: int = 1) -> Picture:
    """One page. `mark` stands before the title, as that of a rehearsal."""
    shown = page(facts, number)
    title, lines = f"{mark}在计时限一览", [round_zh(facts.round, letters, WIDTH), *_told(facts, shown)]
    keys = list(_keys())
    rows, foot, head = max(len(shown.bars), 1), 2.0 + keys_height(letters, keys, WIDTH), 17.4 + 4.6 * len(lines)
    height = head + rows * _ROW + foot
    sheet = figure(WIDTH, height)
    draw_head(sheet, letters, title, lines)
    axes = sheet.add_axes((_DAYS / WIDTH, foot / height, (_DUE - _DAYS - 2) / WIDTH, rows * _ROW / height))
    axes.set_axis_off()
    axes.set_xlim(shown.first.toordinal(), shown.last.toordinal() + 1)
    axes.set_ylim(rows, 0)
    _draw_calendar(axes, calendar, shown)
    _draw_head(axes, letters, shown, facts.round.on_day)
    for row, bar in enumerate(shown.bars):
        _draw_words(axes, letters, row, bar, facts.round.on_day)
        _draw_bar(axes, row, bar, shown, facts.round.on_day)
    draw_keys(sheet, letters, keys)
    return Picture.of(sheet, title, lines)


def _told(facts: Clocks, shown: Page) -> Iterator[str]:
    day = facts.round.on_day
    late, held = sum(bar.is_overdue(day) for bar in facts.bars), sum(bar.held_on is not None for bar in facts.bars)
    suspended = f"；另有挂起{held}项" if held else ""
    counted = f"在计时限{len(facts.bars) - held}项，其中超期{late}项{suspended}"
    yield f"{counted}。"
    if shown.others:
        where = f"第{shown.number}页（共{shown.pages}页）"
        yield f"按时限先后排列，{where}：本页{len(shown.bars)}项，另有{shown.others}项。"


def _keys() -> Iterator[Key]:
    yield patch_sign(**_RUNNING), "起算至时限"
    yield patch_sign(**_LATE), "已超期"
    yield patch_sign(**_HELD), "挂起"
    yield patch_sign(**_REST), "休息日"
    yield patch_sign(**{**_PROVISIONAL, "linewidth": 0.3}), "推算的日期"
    yield line_sign(color=INK, linewidth=1.2), "今日"
    yield point_sign(color=GREY, marker=">", markersize=4), "超出图外"


def _draw_calendar(axes: "Axes", calendar: WorkCalendar, shown: Page) -> None:
    """Rest days shaded, days that a notice may still change dotted, the beginnings of months lined."""
    days = [shown.first + timedelta(days=n) for n in range((shown.last - shown.first).days + 1)]
    for first, last in _runs(days, [not calendar.is_workday(day) for day in days]):
        axes.axvspan(first.toordinal(), last.toordinal() + 1, zorder=3, **_REST)
    for first, last in _runs(days, [calendar.is_provisional(day) for day in days]):
        axes.axvspan(first.toordinal(), last.toordinal() + 1, zorder=0.2, **_PROVISIONAL)
    for row in range(len(shown.bars) + 1):
        axes.plot([0, 1], [row, row], transform=axes.get_yaxis_transform(), color=FAINT, linewidth=0.4, zorder=0.3)


def _runs(days: Sequence[date], wanted: Sequence[bool]) -> Iterator[tuple[date, date]]:
    """The first and the last of each row of neighbouring days that are wanted."""
    for is_wanted, run in groupby(zip(days, wanted, strict=True), key=lambda one: one[1]):
        found = [day for day, _ in run]
        if is_wanted:
            yield found[0], found[-1]


def _draw_head(axes: "Axes", letters: Lettering, shown: Page, on_day: date) -> None:
    for words, left in (
        ("编号　措施", _TEXT),
        ("环节", _STAGE),
        ("办理方", _HOLDER),
        ("时限", _DUE),
        ("工作日", _LEFT),
    ):
        letters.write(axes, _across(left), -0.35, words, SMALL, up="bottom", colour=GREY,
                      at=axes.get_yaxis_transform())  # fmt: skip
    today = on_day.toordinal() + 0.5
    for day, words in marks(shown.first, shown.last, years=False):
        axes.axvline(day.toordinal(), color="#bdbdbd", linewidth=0.5, zorder=0.4)
        if (shown.last - day).days > (shown.last - shown.first).days * 0.1:
            letters.write(axes, day.toordinal(), -0.35, words, SMALL, up="bottom", colour=GREY)
    axes.plot([today, today], [-0.2, len(shown.bars)], color=INK, linewidth=1.2, zorder=5, clip_on=False)
    letters.write(axes, today, -1.15, f"今日 {month_day_zh(on_day)}", SMALL, across="center", up="bottom")


def _draw_words(axes: "Axes", letters: Lettering, row: int, bar: ClockBar, on_day: date) -> None:
    size, late = 7.0, bar.is_overdue(on_day)
    cells = (
        (f"{bar.no}　{bar.text}", _TEXT, _STAGE), (STAGE_ZH[bar.stage], _STAGE, _HOLDER), (bar.holder, _HOLDER, _DAYS),
        (bar.due_on.isoformat(), _DUE, _LEFT), (_left_zh(bar, on_day), _LEFT, WIDTH - 1),
    )  # fmt: skip
    for words, left, right in cells:
        shown = letters.shortened(words, size, (right - left - 1.5) * 72 / 25.4)
        colour = RED if late and left == _LEFT else INK
        letters.write(axes, _across(left), row + 0.5, shown, size, colour=colour, at=axes.get_yaxis_transform())


def _left_zh(bar: ClockBar, on_day: date) -> str:
    if bar.held_on:
        return "挂起"
    about = "约" if bar.provisional else ""
    if bar.is_overdue(on_day):
        return f"超{about}{-bar.days}"
    return "今日" if bar.due_on == on_day else f"余{about}{bar.days}"


def _draw_bar(axes: "Axes", row: int, bar: ClockBar, shown: Page, on_day: date) -> None:
    opened, due, today = bar.opened_on.toordinal(), bar.due_on.toordinal() + 1, on_day.toordinal() + 0.5
    low, high = shown.first.toordinal(), shown.last.toordinal() + 1
    _draw_part(axes, row, max(opened, low), min(due, high), _HELD if bar.held_on else _RUNNING)
    if bar.is_overdue(on_day):
        _draw_part(axes, row, max(due, low), today, _LATE)
    for beyond, at, sign in ((min(opened, due) < low, low, "<"), (due > high, high, ">")):
        if beyond:
            axes.plot([at], [row + 0.5], marker=sign, markersize=4, color=GREY, zorder=6, clip_on=False)


def _draw_part(axes: "Axes", row: int, left: float, right: float, look: Mapping[str, Any]) -> None:
    from matplotlib.patches import Rectangle

    if right > left:
        axes.add_patch(Rectangle((left, row + 0.22), right - left, 0.56, zorder=2, **look))


def _across(mm: float) -> float:
    """A place across the sheet in parts of the width that bars have."""
    return (mm - _DAYS) / (_DUE - _DAYS - 2)
