"""Mornings without a daily run: told on the day itself by doctor, and afterwards by the next brief."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.mornings import is_missing, late, late_zh

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 10, 12)
WEEK = [MONDAY + timedelta(days=n) for n in range(5)]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "workday", "finished", "missing"),
    [
        (at(MONDAY, 9, 59), True, [], False),
        (at(MONDAY, 10), True, [], True),
        (at(MONDAY, 23, 59), True, [], True),
        (at(MONDAY, 10), False, [], False),
        (at(MONDAY, 10), True, [at(MONDAY, 8, 31)], False),
        (at(MONDAY, 18), True, [at(MONDAY, 17)], False),
        (at(MONDAY, 10), True, [at(MONDAY - timedelta(days=1), 8, 31)], True),
    ],
)
def test_todays_run_is_missing_from_ten_on(
    now: datetime, workday: bool, finished: list[datetime], missing: bool
) -> None:
    assert is_missing(now, workday, finished) is missing


def test_a_morning_counts_once_it_is_over_and_only_by_what_finished_that_day() -> None:
    finished = [at(WEEK[0], 8, 31), at(WEEK[1], 10, 1), at(WEEK[3], 10), at(WEEK[3], 16)]
    assert late(WEEK, finished, at(WEEK[4], 9, 59)) == [WEEK[1], WEEK[2]]
    assert late(WEEK, finished, at(WEEK[4], 10)) == [WEEK[1], WEEK[2], WEEK[4]]


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(0, 59)), max_size=8),
    st.tuples(st.integers(0, 7), st.integers(0, 23)),
)
def test_it_is_what_a_look_at_each_day_gives(ends: list[tuple[int, int, int]], then: tuple[int, int]) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(7)]
    finished = [at(days[n], hour, minute) for n, hour, minute in ends]
    now = at(MONDAY + timedelta(days=then[0]), then[1])
    slow = []
    for day in days:
        over, in_time = at(day, 10) <= now, False
        for end in finished:
            in_time = in_time or at(day, 0) <= end <= at(day, 10)
        if over and not in_time:
            slow.append(day)
    assert late(days, finished, now) == slow


def test_the_line_names_the_first_days_and_counts_them_all() -> None:
    assert late_zh([]) == ""
    assert late_zh(WEEK[:2]).startswith("2026-10-12、2026-10-13没有在10时前完成日常运行。")
    assert late_zh([*WEEK, MONDAY + timedelta(days=7)]).startswith(
        "2026-10-12、2026-10-13、2026-10-14、2026-10-15、2026-10-16等6个工作日没有在10时前完成日常运行。"
    )
