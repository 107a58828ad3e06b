"""Limits that count from a day: the rules of kind period.

The day counted from is not itself counted (Civil Code, articles 201 to 203); months end on the matching day. Which
day that is, the words before tell: starts.py.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from models.timelimit.days import add_months, month_end
from models.timelimit.limit import LimitFlag, LimitKind, WorkingDays
from models.timelimit.rule import ALONE, AMBIGUOUS, DASH, SURE, WITHIN, Reading, Rule, Standing, rule

PROVISIONAL = frozenset({LimitFlag.PROVISIONAL})
WORKDAYS = frozenset({LimitFlag.WORKDAYS})

# --- How far

Move = Callable[[re.Match[str], date, WorkingDays, int], date]
"""The day so far after the one given, or before it where the last argument is -1."""


def _count(match: re.Match[str]) -> int:
    return int(match["count"])


def _by_months(base: date, months: int) -> date:
    """Counted back from the end of a month it is the end of a month."""
    day = add_months(base, months)
    from_an_end = months < 0 and base == month_end(base.year, base.month)
    return month_end(day.year, day.month) if from_an_end else day


def _months(match: re.Match[str], base: date, _calendar: WorkingDays, way: int) -> date:
    """Half a month more is 15 days more."""
    return _by_months(base, way * _count(match)) + timedelta(days=15 * way if match["half"] else 0)


def _quarters(match: re.Match[str], base: date, _calendar: WorkingDays, way: int) -> date:
    return _by_months(base, way * 3 * _count(match))


def _years(match: re.Match[str], base: date, _calendar: WorkingDays, way: int) -> date:
    return _by_months(base, way * (12 * _count(match) + (6 if match["half"] else 0)))


def _days(match: re.Match[str], base: date, _calendar: WorkingDays, way: int) -> date:
    return base + timedelta(days=way * _count(match))


def _weeks(match: re.Match[str], base: date, _calendar: WorkingDays, way: int) -> date:
    return base + timedelta(weeks=way * _count(match))


def _workdays(match: re.Match[str], base: date, calendar: WorkingDays, way: int) -> date:
    return calendar.add_workdays(base, way * _count(match))


def _half_month(_match: re.Match[str], base: date, _calendar: WorkingDays, way: int) -> date:
    return base + timedelta(days=15 * way)


def _half_year(_match: re.Match[str], base: date, _calendar: WorkingDays, way: int) -> date:
    return _by_months(base, 6 * way)


# --- What to know of it


def _range(match: re.Match[str]) -> frozenset[LimitFlag]:
    """Of 3至5年 the longer holds, and a person should look."""
    return AMBIGUOUS if match.groupdict().get("least") else SURE


def _hours(match: re.Match[str], at: Standing) -> Reading:
    """In whole days; what is no whole number of them ends on the last day that is wholly inside."""
    days, over = divmod(_count(match), 24)
    return Reading(at.anchor + timedelta(days=days), AMBIGUOUS if over else SURE)


def _long_term(match: re.Match[str], at: Standing) -> Reading:
    """长期(3-5年) has an end after all; whether it is meant as one, a person should say."""
    return Reading(_years(match, at.anchor, at.calendar, 1), AMBIGUOUS | {LimitFlag.SUSTAINED})


def any_provisional(calendar: WorkingDays, after: date, until: date) -> bool:
    """Whether the arrangement of any day after the first up to the last is not announced yet."""
    return any(calendar.is_provisional(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))


# --- The rules

_LEAST = rf"(?:(?P<least>[1-9][0-9]{{0,2}})(?:个?月|[日天周年]|个?工作日)?{DASH})?"
_COUNT = rf"(?<![0-9./第上下每近满]){_LEAST}(?P<count>[1-9][0-9]{{0,2}})"
_END = rf"(?:的?(?:时间|期限)?{WITHIN}|{ALONE})"


def _period(name: str, needs: str, pattern: str, move: Move) -> Rule:
    """A period of calendar days, months or years: on from the anchor, and back from a day."""

    def read(match: re.Match[str], at: Standing) -> Reading:
        return Reading(move(match, at.anchor, at.calendar, 1), _range(match))

    def back(match: re.Match[str], at: Standing) -> Reading:
        return Reading(move(match, at.anchor, at.calendar, -1), AMBIGUOUS)

    return rule(name, LimitKind.PERIOD, needs, pattern, read, back=back)


def _period_of_workdays(name: str, needs: str, pattern: str) -> Rule:
    """Likewise of working days, of which some may not be settled."""

    def read(match: re.Match[str], at: Standing) -> Reading:
        due_on = _workdays(match, at.anchor, at.calendar, 1)
        unsettled = any_provisional(at.calendar, at.anchor, due_on)
        return Reading(due_on, WORKDAYS | _range(match) | (PROVISIONAL if unsettled else SURE))

    def back(match: re.Match[str], at: Standing) -> Reading:
        return Reading(_workdays(match, at.anchor, at.calendar, -1), WORKDAYS | AMBIGUOUS)

    return rule(name, LimitKind.PERIOD, needs, pattern, read, back=back)


PERIODS: tuple[Rule, ...] = (
    rule(
        "long_term_until",
        LimitKind.PERIOD,
        "长 年",
        rf"中?长期(?:坚持|整改|推进)?[(,:]?{_COUNT}(?P<half>半)?年(?:内|以上)?\)?",
        _long_term,
    ),
    _period("months_within", "个 月", rf"{_COUNT}个(?P<half>半)?月(?:的?时间)?{_END}", _months),
    _period("quarters_within", "季", rf"{_COUNT}个季度{_END}", _quarters),
    _period_of_workdays("workdays_within", "工营交", rf"{_COUNT}个?(?:工作|营业|交易)日{_END}"),
    _period("days_within", "天然历", rf"{_COUNT}(?:天|个?自然[日天]|个?日历[日天])(?:时间)?{_END}", _days),
    _period("days_within", "日 内", rf"{_COUNT}日(?:的?时间)?{WITHIN}", _days),
    _period("weeks_within", "周星礼", rf"{_COUNT}(?:周|个?星期|个?礼拜)(?:时间)?{_END}", _weeks),
    rule("hours_within", LimitKind.PERIOD, "小", rf"(?<![0-9./第])(?P<count>[1-9][0-9]{{0,2}})个?小时{_END}", _hours),
    _period("half_month_within", "半 月", rf"(?<![0-9个])半个?月(?:时间)?{_END}", _half_month),
    _period("half_year_within", "半 年", rf"(?<![0-9个上下每年])半年(?!报)(?:时间)?{_END}", _half_year),
    _period(
        "years_within",
        "年",
        rf"(?<![0-9])(?:(?P<least>[1-9])年?{DASH})?(?P<count>[1-9])(?:年(?P<half>半)?|个年度)(?:时间)?{_END}",
        _years,
    ),
)
