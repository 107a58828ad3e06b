"""Units by weeks: how many limits of completion fall due for whom in which week, the overdue ones marked.

A drawing of facts from models/answers/course. Where there are more units or weeks than a page holds, those beyond
are summed in a row or column of their own, so that every sum holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from models.answers.course.values import Heat, Load, monday
from notifications.reports.pictures.canvas import Picture, figure
from notifications.reports.pictures.days import (
    BLUE,
    GREY,
    INK,
    PALE_RED,
    PAPER,
    PLAIN,
    RED,
    SMALL,
    Key,
    draw_head,
    draw_keys,
    keys_height,
    patch_sign,
    round_zh,
)
from notifications.reports.pictures.lettering import Lettering

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 160.0
MOST_UNITS, MOST_WEEKS, WEEKS_BACK = 24, 13, 5
"""Rows and columns of weeks that a page holds; of more weeks, how many before this one are shown by themselves."""
DARK_RED = "#7d0f0f"
_EARLIER, _LATER = "更早", "更晚"
_NAMES, _ROW, _HEAD = 34.0, 7.4, 8.0
_SHADES = ("#e6eff7", "#cddff0", "#b0cbe4", "#8fb4d8")
"""From few to many; black letters on the darkest have a contrast of 8."""
_OVERDUE: Mapping[str, Any] = {"facecolor": PALE_RED, "edgecolor": "#e3958f", "hatch": "\\\\\\\\", "linewidth": 0}


@dataclass(frozen=True, slots=True)
class Column:
    """Weeks that are shown as one: from the first Monday to the last."""

    words: str
    first: date
    last: date

    @property
    def is_week(self) -> bool:
        """Whether it is one week by itself."""
        return self.words not in (_EARLIER, _LATER)


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown: names of rows, columns, and the load of each cell, sums at the end of both."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    loads: tuple[tuple[Load, ...], ...]


def table(facts: Heat) -> Table:
    """The facts as rows and columns, with what goes beyond a page summed. PURE."""
    columns = tuple(columns_of(facts))
    shown = facts.units if len(facts.units) <= MOST_UNITS else facts.units[: MOST_UNITS - 1]
    rest = facts.units[len(shown) :]
    groups = [(name, {name}) for name in shown] + [(f"其余{len(rest)}个单位", set(rest))] * bool(rest)
    groups += [("合计", set(facts.units))]
    loads = [tuple(_loads(facts, units, columns)) for _, units in groups]
    return Table(tuple(name for name, _ in groups), columns, tuple(loads))


def columns_of(facts: Heat) -> Iterator[Column]:
    """Week by week, this one always among them; far ones together."""
    this, weeks = monday(facts.round.on_day), {week for _, week in facts.cells} | {monday(facts.round.on_day)}
    first, last = min(weeks), max(weeks)
    if (last - first).days // 7 < MOST_WEEKS:
        begin, end = first, last
    else:
        begin = max(first, this - timedelta(weeks=WEEKS_BACK))
        end = min(last, begin + timedelta(weeks=MOST_WEEKS - 1))
        begin = max(first, end - timedelta(weeks=MOST_WEEKS - 1))
    if first < begin:
        yield Column(_EARLIER, first, begin - timedelta(weeks=1))
    week = begin
    while week <= end:
        yield Column(f"{week.month}/{week.day}", week, week)
        week += timedelta(weeks=1)
    if end < last:
        yield Column(_LATER, end + timedelta(weeks=1), last)


def _loads(facts: Heat, units: set[str], columns: Sequence[Column]) -> Iterator[Load]:
    for column in (*columns, Column("", date.min, date.max)):
        cells = [load for (unit, week), load in facts.cells.items()
                 if unit in units and column.first <= week <= column.last]  # fmt: skip
        yield Load(sum(load.due for load in cells), sum(load.overdue for load in cells))


def draw(facts: Heat, letters: Lettering, mark: str) -> Picture:
    """`mark` stands before the title, as that of a rehearsal."""
    shown = table(facts)
    title, lines = (
        f"{mark}各单位整改时限分布（按周）",
        [round_zh(facts.round, letters, WIDTH), _told(facts, shown.loads[-1][-1])],
    )
    rows = len(shown.names)
    most = max((load.due for row in shown.loads[:-1] for load, column in zip(row, shown.columns, strict=False)
                if column.is_week), default=0)  # fmt: skip
    keys = list(_keys(most))
    foot, head = 2.0 + keys_height(letters, keys, WIDTH), 19.1 + _HEAD
    height = head + rows * _ROW + foot
    sheet = figure(WIDTH, height)
    draw_head(sheet, letters, title, lines)
    axes = sheet.add_axes((_NAMES / WIDTH, foot / height, (WIDTH - _NAMES - 4) / WIDTH, rows * _ROW / height))
    axes.set_axis_off()
    axes.set_xlim(0, len(shown.columns) + 1)
    axes.set_ylim(rows, 0)
    _draw_names(axes, letters, shown, monday(facts.round.on_day))
    for y, loads in enumerate(shown.loads):
        for x, load in enumerate(loads):
            is_sum = y == rows - 1 or x == len(shown.columns)
            is_week = not is_sum and shown.columns[x].is_week
            _draw_cell(axes, letters, x, y, load, "none" if is_sum else _shade(load.due, most) if is_week else PAPER)
    _draw_week(axes, shown, monday(facts.round.on_day))
    draw_keys(sheet, letters, keys)
    return Picture.of(sheet, title, lines)


def _told(facts: Heat, total: Load) -> str:
    what = "整改时限" if facts.stopped else "未完成的整改时限"
    held = f"；另有{facts.held}项挂起，不列入" if facts.held else ""
    return f"{what}{total.due}项，其中超期{total.overdue}项{held}。"


def _keys(most: int) -> Iterator[Key]:
    for number, shade in enumerate(_SHADES):
        counts = [count for count in range(1, most + 1) if _shade(count, most) == shade]
        if counts:
            words = str(counts[0]) if len(counts) == 1 else f"{counts[0]}至{counts[-1]}"
            yield (
                patch_sign(facecolor=shade, edgecolor=GREY, linewidth=0.3),
                f"{words}项" if number else f"{words}项到期",
            )
    yield patch_sign(**{**_OVERDUE, "linewidth": 0.8}), "有超期（“超”后为项数）"
    yield patch_sign(facecolor=PAPER, edgecolor=INK, linewidth=1.2), "本周（各列为周一日期）"


def _shade(count: int, most: int) -> str:
    if count == 0:
        return PAPER
    return _SHADES[min((count - 1) * len(_SHADES) // max(most, len(_SHADES)), len(_SHADES) - 1)]


def _draw_names(axes: "Axes", letters: Lettering, shown: Table, this: date) -> None:
    left = axes.get_yaxis_transform()
    for y, name in enumerate(shown.names):
        room = (_NAMES - 6) * 72 / 25.4
        letters.write(axes, -0.015, y + 0.5, letters.shortened(name, PLAIN, room), PLAIN, across="right", at=left)
    for x, column in enumerate(shown.columns):
        words = "本周" if column.is_week and column.first == this else column.words
        letters.write(axes, x + 0.5, -0.18, words, 7.0, across="center", up="bottom",
                      colour=INK if words == "本周" else GREY)  # fmt: skip
    for x, words in _months(shown.columns):
        letters.write(axes, x + 0.1, -0.72, words, SMALL, up="bottom", colour=GREY)
    letters.write(axes, len(shown.columns) + 0.5, -0.18, "合计", 7.0, across="center", up="bottom", colour=INK)


def _months(columns: Sequence[Column]) -> Iterator[tuple[int, str]]:
    """At which column a month begins, and its name; the year stands where two columns give it room."""
    told: int | None = None
    weeks = [(x, column.first) for x, column in enumerate(columns) if column.is_week]
    for month, run in groupby(weeks, key=lambda one: (one[1].year, one[1].month)):
        found = list(run)
        with_year = month[0] != told and len(found) > 1
        told = month[0] if with_year else told
        yield found[0][0], f"{month[0]}年{month[1]}月" if with_year else f"{month[1]}月"


def _draw_cell(axes: "Axes", letters: Lettering, x: int, y: int, load: Load, shade: str) -> None:
    from matplotlib.patches import Rectangle

    box = (x + 0.03, y + 0.03), 0.94, 0.94
    if shade != "none":
        axes.add_patch(Rectangle(*box, facecolor=shade, edgecolor="#c8c8c8", linewidth=0.4))
        if load.overdue:
            axes.add_patch(Rectangle(*box, **_OVERDUE))
            axes.add_patch(Rectangle(*box, fill=False, edgecolor=RED, linewidth=1.0))
    if not load.due:
        return
    up = 0.3 if load.overdue else 0.0
    letters.write(axes, x + 0.5, y + 0.5 - up / 2 * 1.1, str(load.due), PLAIN, across="center")
    if load.overdue:
        letters.write(axes, x + 0.5, y + 0.74, f"超{load.overdue}", 6.5, across="center", colour=DARK_RED)


def _draw_week(axes: "Axes", shown: Table, this: date) -> None:
    """A frame around the column of this week."""
    from matplotlib.patches import Rectangle

    for x, column in enumerate(shown.columns):
        if column.is_week and column.first == this:
            axes.add_patch(Rectangle((x, 0), 1, len(shown.names), fill=False, edgecolor=INK, linewidth=1.2, zorder=5,
                                     clip_on=False))  # fmt: skip
    for y in (0, len(shown.names) - 1, len(shown.names)):
        axes.axhline(y, color=BLUE, linewidth=0.8, clip_on=False, zorder=3)
