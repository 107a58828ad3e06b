"""The look ahead: which days it reaches, what it says of each clock, and that it stays short in a terminal."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from config.calendars import load_calendar
from models.lifecycle import Stage
from models.store.due import DueRow
from notifications.reports.coming import Coming, coming_cells, coming_lines, coming_of, last_day_ahead

CALENDAR = load_calendar(None)
MONDAY = date(2023, 6, 26)
DUE = DueRow(date(2023, 6, 28), "32", "经常开展警示教育", Stage.CHECK, "督办组")


def test_it_reaches_to_the_fifth_working_day_over_rest_days_and_holidays() -> None:
    assert last_day_ahead(MONDAY, CALENDAR) == date(2023, 7, 3)
    assert last_day_ahead(date(2023, 9, 28), CALENDAR) == date(2023, 10, 11), "over the holidays of October"


@pytest.mark.parametrize(
    ("due_on", "day", "left"),
    [
        (date(2023, 6, 28), "2023-06-28（周三）", "2个工作日"),
        (date(2023, 7, 1), "2023-07-01（周六）", "4个工作日"),
        (date(2023, 6, 27), "2023-06-27（周二）", "1个工作日"),
    ],
)
def test_a_clock_is_shown_by_its_day_of_the_week_and_the_working_days_left(due_on: date, day: str, left: str) -> None:
    (row,) = coming_of([replace(DUE, due_on=due_on)], 1, MONDAY, CALENDAR).rows
    assert coming_cells(row, MONDAY) == (day, left, "32", "督查核查", "督办组", "经常开展警示教育")


def test_what_is_due_on_the_rest_days_next_is_due_by_today() -> None:
    friday = date(2023, 6, 30)
    (row,) = coming_of([replace(DUE, due_on=date(2023, 7, 1))], 1, friday, CALENDAR).rows
    assert coming_cells(row, friday)[1] == "今日为到期前最后一个工作日"


def test_a_date_that_rests_on_days_not_announced_is_called_so() -> None:
    far = date(2035, 3, 1)
    (row,) = coming_of([replace(DUE, due_on=far + timedelta(1))], 1, far, CALENDAR).rows
    assert row.provisional
    assert "推算日期" in coming_cells(row, far)[0]


def test_a_terminal_shows_a_line_a_day() -> None:
    found = [DUE, replace(DUE, measure="33"), replace(DUE, due_on=date(2023, 6, 30), stage=Stage.COMPLETE, holder="甲")]
    assert list(coming_lines(coming_of(found, 3, MONDAY, CALENDAR))) == [
        "今后五个工作日（至2023-07-03）到期的时限3项：",
        "  2023-06-28（周三）：32 督查核查（督办组），33 督查核查（督办组）",
        "  2023-06-30（周五）：32 整改（甲）",
    ]


def test_a_day_with_very_many_is_cut_short_and_says_so() -> None:
    found = [replace(DUE, measure=str(no)) for no in range(1, 41)]
    _, line, rest = coming_lines(coming_of(found, 100, MONDAY, CALENDAR))
    assert line.endswith("10 督查核查（督办组） 等40项")
    assert rest == "  另有60项未在此列出。"


def test_where_nothing_falls_due_a_terminal_says_nothing() -> None:
    assert list(coming_lines(Coming(date(2023, 7, 3), 0, ()))) == []
