"""The days that limits end on: ends of months, tenths of months, matching days months on, first occurrences. PURE."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

_LEAP_GAP = 9  # between two 29 Februaries lie at most eight years


def add_months(day: date, months: int) -> date:
    """The matching day `months` months on, or the month's last day where there is none (31 Jan + 1)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def quarter_end(year: int, quarter: int) -> date:
    return month_end(year, quarter * 3)


def ten_days_end(year: int, month: int, part: str) -> date:
    """The last day of a month's 上旬, 中旬 or 下旬: the 10th, the 20th, the month's own."""
    return month_end(year, month) if part == "下" else date(year, month, {"上": 10, "中": 20}[part])


def ten_days_eve(year: int, month: int, part: str) -> date:
    """The day before a month's 上旬, 中旬 or 下旬 begins."""
    return date(year, month, {"上": 1, "中": 11, "下": 21}[part]) - timedelta(days=1)


def week_end(day: date) -> date:
    """The Sunday of the week that this day is in; weeks begin on Monday."""
    return day + timedelta(days=6 - day.weekday())


def first_on_or_after(not_before: date, year: int, day_of: Callable[[int], date]) -> date:
    """The first of `day_of(year)`, `day_of(year + 1)` … that is not before the day given.

    A year that has no such day (29 February) is passed over. Raises ValueError where no year has it.
    """
    for candidate in range(year, year + _LEAP_GAP):
        try:
            day = day_of(candidate)
        except ValueError:
            continue
        if day >= not_before:
            return day
    raise ValueError("no such day in any year")
