"""The burn-down: measures still open day by day, which of them wait for their units, against what the due dates plan.

A drawing of facts from models/answers/course; nothing is counted here but what stands in words beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from models.answers.course.values import BurnDown, Point, count_on
from notifications.reports.pictures.canvas import Picture, figure
from notifications.reports.pictures.days import (
    BLUE,
    BROWN,
    FAINT,
    GREY,
    INK,
    PALE_BLUE,
    PAPER,
    SMALL,
    Key,
    draw_days,
    draw_frame,
    draw_head,
    draw_keys,
    draw_line,
    keys_height,
    line_sign,
    month_day_zh,
    patch_sign,
    round_zh,
)
from notifications.reports.pictures.lettering import Lettering

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Look = Mapping[str, Any]
WIDTH, HEIGHT = 160.0, 110.0
_FIRST_PLAN: _Look = {"color": BROWN, "linewidth": 1.4, "linestyle": (0, (5, 2))}
_PRESENT_PLAN: _Look = {"color": INK, "linewidth": 1.4, "linestyle": (0, (1, 1.2))}
_OPEN: _Look = {"color": BLUE, "linewidth": 2.4}
_WITH_UNITS: _Look = {"facecolor": PALE_BLUE, "edgecolor": PALE_BLUE, "linewidth": 0}
_BEING_CHECKED: _Look = {"facecolor": PAPER, "edgecolor": BLUE, "hatch": "////", "linewidth": 0}


def draw(facts: BurnDown, letters: Lettering, mark: str) -> Picture:
    """`mark` stands before the title, as that of a rehearsal."""
    title, lines = f"{mark}整改进展：未销号措施与计划", [round_zh(facts.round, letters, WIDTH), *_told(facts)]
    sheet = figure(WIDTH, HEIGHT)
    head = draw_head(sheet, letters, title, lines)
    keys = list(_keys(facts))
    foot = 5.5 + keys_height(letters, keys, WIDTH)
    box = (13 / WIDTH, foot / HEIGHT, (WIDTH - 22) / WIDTH, (HEIGHT - foot - head - 4) / HEIGHT)
    axes = sheet.add_axes(box)
    _draw_axes(axes, letters, facts)
    _draw_course(axes, letters, facts)
    _draw_plans(axes, facts)
    _draw_lines(axes, letters, facts)
    draw_keys(sheet, letters, keys)
    return Picture.of(sheet, title, lines)


def shown_from(facts: BurnDown) -> date:
    """The first day of the axis."""
    return min(facts.round.feedback_on, facts.round.on_day)


def shown_until(facts: BurnDown) -> date:
    """The last day of the axis: what is due soon after the end of the round is shown too, and words have room."""
    begin = facts.round.feedback_on
    end = max(facts.round.ends_on, facts.round.on_day, begin + timedelta(days=7))
    due = [point.day for point in facts.planned_now if point.day <= end + (end - begin) * 0.3]
    return max([end + (end - begin) * 0.22, *due]) + timedelta(days=2)


def _told(facts: BurnDown) -> Iterator[str]:
    """What the picture says, in words."""
    day, left = facts.round.on_day, count_on(facts.open, facts.round.on_day)
    waiting = count_on(facts.with_units, day)
    withdrawn = f"（另有{facts.withdrawn}条已作废，不计）" if facts.withdrawn else ""
    yield f"共{facts.total}条{withdrawn}，已销号或转入长期坚持{facts.total - left}条，未销号{left}条。"
    planned = facts.total - count_on(facts.planned_now, day)
    due = f"到期应上报{planned}条，实际已上报{facts.total - waiting}条（其中{left - waiting}条待核查或审核）"
    undated = f"；{facts.undated}条没有时限" if facts.undated else ""
    later = f"；{facts.due_later}条的时限在整改期满之后" if facts.due_later else ""
    yield f"{due}{later}{undated}。"


def _keys(facts: BurnDown) -> Iterator[Key]:
    yield line_sign(**_OPEN), "未销号（实际）"
    yield patch_sign(**_WITH_UNITS), "待责任单位上报"
    yield patch_sign(**{**_BEING_CHECKED, "linewidth": 0.4}), "已上报，待核查或审核"
    yield line_sign(**_FIRST_PLAN), "计划余数（按最初时限）"
    if facts.moved:
        yield line_sign(**_PRESENT_PLAN), f"计划余数（按现时限，{facts.moved}条已改期）"


def _draw_axes(axes: "Axes", letters: Lettering, facts: BurnDown) -> None:
    draw_frame(axes)
    draw_days(axes, letters, shown_from(facts), shown_until(facts))
    top = max(facts.total, 1)
    axes.set_ylim(0, top * 1.06)
    step = next(step for step in _steps() if top / step <= 6)
    axes.set_yticks(range(0, top + 1, step))
    for number in range(0, top + 1, step):
        axes.axhline(number, color=FAINT, linewidth=0.5, zorder=0.5)
        letters.write(axes, -0.012, number, str(number), SMALL, across="right", colour=GREY,
                      at=axes.get_yaxis_transform())  # fmt: skip
    letters.write(axes, -0.012, 1.015, "条", SMALL, across="right", up="bottom", colour=GREY, at=axes.transAxes)


def _draw_course(axes: "Axes", letters: Lettering, facts: BurnDown) -> None:
    """What happened, up to the day looked at, with the numbers of that day."""
    day = facts.round.on_day
    days = sorted({point.day for point in (*facts.open, *facts.with_units) if point.day <= day} | {day})
    ordinals = [one.toordinal() for one in days]
    left, waiting = _counts(facts.open, days), _counts(facts.with_units, days)
    axes.fill_between(ordinals, 0, waiting, step="post", zorder=1, **_WITH_UNITS)
    axes.fill_between(ordinals, waiting, left, step="post", zorder=1, **_BEING_CHECKED)
    axes.plot(ordinals, left, drawstyle="steps-post", zorder=4, **_OPEN)
    axes.plot(ordinals[-1:], left[-1:], marker="o", markersize=5, zorder=7, color=BLUE)
    _draw_numbers(axes, letters, facts, left[-1], waiting[-1])


def _draw_plans(axes: "Axes", facts: BurnDown) -> None:
    end = shown_until(facts)
    plans = [(facts.planned_first, _FIRST_PLAN)] + [(facts.planned_now, _PRESENT_PLAN)] * bool(facts.moved)
    for points, look in plans:
        days = sorted({point.day for point in points if point.day < end} | {end})
        axes.plot([one.toordinal() for one in days], _counts(points, days), drawstyle="steps-post", zorder=5, **look)


def _draw_lines(axes: "Axes", letters: Lettering, facts: BurnDown) -> None:
    """Today and the end of the round, their words away from each other and from the edges."""
    today, over = facts.round.on_day, facts.round.ends_on
    begin, end = shown_from(facts), shown_until(facts)
    for day, words, colour, style, is_earlier in (
        (over, "整改期满", GREY, (0, (6, 2, 1, 2)), over < today), (today, "今日", INK, "-", today <= over),
    ):  # fmt: skip
        has_room = (day - begin) > (end - begin) * 0.2
        across = "right" if is_earlier and has_room else "left"
        draw_line(axes, letters, day, f"{words} {month_day_zh(day)}", colour=colour, style=style, across=across)


def _draw_numbers(axes: "Axes", letters: Lettering, facts: BurnDown, left: int, waiting: int) -> None:
    """The numbers of the day looked at, each beside its line and none over another."""
    from matplotlib.patheffects import withStroke

    day = facts.round.on_day
    planned = count_on(facts.planned_now, day)
    numbers = [(left, f"未销号{left}"), (waiting, f"待上报{waiting}"), (planned, f"计划应余{planned}")]
    gap = axes.get_ylim()[1] * 0.07
    rim = withStroke(linewidth=2.5, foreground=PAPER)
    for up, words in _apart(numbers, gap, axes.get_ylim()[1]):
        letters.write(axes, day.toordinal(), up, words, SMALL, aside=3, zorder=8, path_effects=[rim])


def _apart(numbers: Sequence[tuple[int, str]], gap: float, top: float) -> Iterator[tuple[float, str]]:
    """Places at the numbers or so far from them that words have a gap between each other, the highest first."""
    room = top - gap / 2
    places = []
    for n, (number, words) in enumerate(sorted(numbers, reverse=True)):
        least = gap * (len(numbers) - n - 0.5)
        room = max(min(number, room), least)
        places.append((room, words))
        room -= gap
    yield from places


def _counts(points: Sequence[Point], days: Sequence[date]) -> list[int]:
    return [count_on(points, day) for day in days]


def _steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 …"""
    return (number * 10**power for power in range(9) for number in (1, 2, 5))
