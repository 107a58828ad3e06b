"""What stays open and comes next: every open measure in one group, days as the record has them, nothing made up."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from models.answers.progress.values import MeasureProgress
from models.lifecycle import ClosureClass, State
from notifications.reports.progress.remaining import next_figures, next_steps, open_measures, sustained_measures
from tests.notifications.reports.progress.rounds import closed, measure


def steps_of(*measures: MeasureProgress, own: tuple[str, ...] = ()) -> list[str]:
    return next_steps(measures, next_figures(measures), own)


def test_what_comes_next_is_what_is_open() -> None:
    follow_up = date(2023, 12, 26)
    assert steps_of(
        measure("1", overdue_days=2), measure("2"), measure("3", due_on=date(2023, 8, 31)), measure("4"), measure("5"),
        measure("6", state=State.VERIFIED), measure("7", due_on=None), measure("8", held=True, overdue_days=None),
        measure("9", state=State.DRAFTED), closed("10", ClosureClass.SUSTAINED, next_follow_up=follow_up),
        closed("11"), measure("12", state=State.WITHDRAWN), closed("13", ClosureClass.SUSTAINED),
        closed("14", ClosureClass.SUSTAINED, next_follow_up=date(2023, 6, 1), follow_up_overdue_days=3),
        own=("检查制度执行", "总结。"),
    ) == [
        "抓紧完成已超过时限的1条措施（措施1）。",
        "按时限完成尚未到期的4条措施（措施2至5），时限最早为2023年7月31日，最晚为2023年8月31日。",
        "核查、审核已自查上报的1条措施（措施6）。",
        "确定1条措施（措施7）的完成时限。",
        "挂起的1条措施（措施8），待恢复后继续办理。",
        "交办尚未交办的1条措施（措施9）。",
        "抓紧完成1条措施（措施14）已超过时限的回头看。",
        "对1条措施（措施10）按期开展回头看，最近一次的时限为2023年12月26日。",
        "检查制度执行。", "总结。",
    ]  # fmt: skip


def test_where_all_is_done_nothing_comes_next() -> None:
    assert steps_of(closed("1"), measure("2", state=State.WITHDRAWN)) == []
    assert open_measures([closed("1")]) == sustained_measures([closed("1")]) == []


def test_one_day_is_said_once() -> None:
    assert steps_of(measure("1"), measure("2")) == [
        "按时限完成尚未到期的2条措施（措施1、措施2），时限为2023年7月31日。"
    ]


def test_what_is_open_stands_by_its_day() -> None:
    early, none = date(2023, 5, 1), None
    found = open_measures([measure("1", due_on=none), measure("2"), measure("3", due_on=early), closed("4")])
    assert [one.no for one in found] == ["3", "2", "1"]


DRAWN = st.tuples(st.sampled_from(State), st.booleans(), st.booleans(), st.booleans())


@given(st.lists(DRAWN, max_size=8))
def test_every_open_measure_is_in_one_group(drawn: list[tuple[State, bool, bool, bool]]) -> None:
    measures = [
        measure(
            str(n), state=state, held=held, overdue_days=1 if late else None, due_on=date(2023, 7, 1) if due else None
        )
        for n, (state, held, late, due) in enumerate(drawn, 1)
    ]
    groups = [figure for figure in next_figures(measures).values() if not figure.key.endswith("follow_up")]
    grouped = sorted(row.key for figure in groups for row in figure.rows)
    assert grouped == sorted(f"措施{one.no}" for one in open_measures(measures))
