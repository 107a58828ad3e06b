"""What stays open and until when, what is kept up, and what comes next: only what the record knows. PURE.

Each open measure is in exactly one of the groups of what comes next, and each group is a figure with its rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from models.answers.progress.values import Figure, MeasureProgress, Row
from models.lifecycle import ClosureClass, State
from notifications.reports.progress.account import WAITING
from notifications.reports.progress.phrases import rows_zh, sentence
from notifications.words.sentences import day_zh

Rule = Callable[[MeasureProgress], bool]

_GROUPS: tuple[tuple[str, str, Rule], ...] = (
    ("drafted", "尚未交办的措施", lambda one: one.state is State.DRAFTED),
    ("held", "挂起的措施", lambda one: one.held),
    ("waiting", "已自查上报、尚未通过销号审核的措施", lambda one: one.state in WAITING),
    ("overdue", "已超过时限、尚未自查上报的措施", lambda one: one.overdue_days is not None),
    ("in_time", "尚未到期的措施", lambda one: one.due_on is not None),
    ("undated", "已交办、没有确定日期的措施", lambda _: True),
)
"""The first whose rule holds takes the measure."""


def open_measures(measures: Sequence[MeasureProgress]) -> list[MeasureProgress]:
    """Those that are neither accepted nor withdrawn, by due date; those without one come last."""
    found = [one for one in measures if not one.accepted and not one.withdrawn]
    return sorted(found, key=lambda one: one.due_on or date.max)


def sustained_measures(measures: Sequence[MeasureProgress]) -> list[MeasureProgress]:
    """Those to be kept up for good, by the day on which they are looked at again; those without one come last."""
    found = [one for one in measures if one.accepted and one.closure is ClosureClass.SUSTAINED]
    return sorted(found, key=lambda one: one.next_follow_up or date.max)


def next_figures(measures: Sequence[MeasureProgress]) -> dict[str, Figure]:
    """What comes next, in groups; empty ones included."""
    rows: dict[str, list[Row]] = {key: [] for key, *_ in _GROUPS}
    for one in measures:
        if not one.accepted and not one.withdrawn:
            rows[next(key for key, _, holds in _GROUPS if holds(one))].append(_row(one))
    watched = [one for one in measures if one.state is State.FOLLOWING_UP and one.next_follow_up]
    late = [one for one in watched if one.follow_up_overdue_days is not None]
    ahead = [one for one in watched if one.follow_up_overdue_days is None]
    figures = [Figure(f"next.{key}", zh, tuple(rows[key])) for key, zh, _ in _GROUPS]
    figures.append(Figure("next.late_follow_up", "已过回头看时限、应抓紧报告的措施", tuple(map(_row, late))))
    figures.append(Figure("next.follow_up", "已定下次回头看时限、尚未到期的措施", tuple(map(_row, ahead))))
    return {figure.key: figure for figure in figures}


def next_steps(
    measures: Sequence[MeasureProgress], figures: Mapping[str, Figure], own: Sequence[str]
) -> list[str]:  # fmt: skip
    """One sentence for each group that has any, then the office's own words."""
    return [*_known(measures, figures), *map(sentence, own)]


def _known(measures: Sequence[MeasureProgress], figures: Mapping[str, Figure]) -> Iterator[str]:
    for key, said, end in (
        ("overdue", "抓紧完成已超过时限的{}", ""),
        ("in_time", "按时限完成尚未到期的{}", _span(measures, figures["next.in_time"], lambda one: one.due_on)),
        ("waiting", "核查、审核已自查上报的{}", ""),
        ("undated", "确定{}的完成时限", ""),
        ("held", "挂起的{}，待恢复后继续办理", ""),
        ("drafted", "交办尚未交办的{}", ""),
        ("late_follow_up", "抓紧完成{}已超过时限的回头看", ""),
        ("follow_up", "对{}按期开展回头看", _follow_ups(measures, figures["next.follow_up"])),
    ):
        figure = figures[f"next.{key}"]
        if figure.value:
            yield f"{said.format(f'{figure.value}条措施（{rows_zh(figure.rows)}）')}{end}。"


def _span(
    measures: Sequence[MeasureProgress], figure: Figure, day_of: Callable[[MeasureProgress], date | None]
) -> str:  # fmt: skip
    days = _days(measures, figure, day_of)
    if not days:
        return ""
    if days[0] == days[-1]:
        return f"，时限为{day_zh(days[0])}"
    return f"，时限最早为{day_zh(days[0])}，最晚为{day_zh(days[-1])}"


def _follow_ups(measures: Sequence[MeasureProgress], figure: Figure) -> str:
    days = _days(measures, figure, lambda one: one.next_follow_up)
    return f"，最近一次的时限为{day_zh(days[0])}" if days else ""


def _days(
    measures: Sequence[MeasureProgress], figure: Figure, day_of: Callable[[MeasureProgress], date | None]
) -> list[date]:  # fmt: skip
    keys = {row.key for row in figure.rows}
    return sorted(day for one in measures if f"措施{one.no}" in keys and (day := day_of(one)))


def _row(measure: MeasureProgress) -> Row:
    return Row(f"措施{measure.no}", measure.text)
