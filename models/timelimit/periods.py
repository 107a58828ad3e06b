"""Limits that count from a day: the rules of kind period.

The day counted from is not itself counted (Civil Code, articles 201 to 203); months end on the matching day. Which
day that is, the words before tell: starts.py.
"""

import re
from datetime import date, timedelta

from models.timelimit.days import add_months, month_end
from models.timelimit.limit import LimitFlag, LimitKind, WorkingDays
from models.timelimit.rule import ALONE, AMBIGUOUS, DASH, SURE, WITHIN, Reading, Rule, Standing, rule

PROVISIONAL = frozenset({LimitFlag.PROVISIONAL})
WORKDAYS = frozenset({LimitFlag.WORKDAYS})

# --- How far


def _range(match: re.Match[str]) -> frozenset[LimitFlag]:
    """Of 3至5年 the longer holds, and a person should look."""
    return AMBIGUOUS if match["least"] else SURE


def _months(match: re.Match[str], at: Standing) -> Reading:
    """Half a month more is 15 days more."""
    end = add_months(at.anchor, int(match["count"]))
    return Reading(end + timedelta(days=15) if match["half"] else end, _range(match))


def _quarters(match: re.Match[str], at: Standing) -> Reading:
    return Reading(add_months(at.anchor, 3 * int(match["count"])), _range(match))


def _years(match: re.Match[str], at: Standing) -> Reading:
    return Reading(add_months(at.anchor, 12 * int(match["count"]) + (6 if match["half"] else 0)), _range(match))


def _days(match: re.Match[str], at: Standing) -> Reading:
    return Reading(at.anchor + timedelta(days=int(match["count"])), _range(match))


def _weeks(match: re.Match[str], at: Standing) -> Reading:
    return Reading(at.anchor + timedelta(weeks=int(match["count"])), _range(match))


def _hours(match: re.Match[str], at: Standing) -> Reading:
    """In whole days; what is no whole number of them ends on the last day that is wholly inside."""
    days, over = divmod(int(match["count"]), 24)
    return Reading(at.anchor + timedelta(days=days), AMBIGUOUS if over else SURE)


def _half_month(_match: re.Match[str], at: Standing) -> Reading:
    return Reading(at.anchor + timedelta(days=15))


def _half_year(_match: re.Match[str], at: Standing) -> Reading:
    return Reading(add_months(at.anchor, 6))


def _workdays(match: re.Match[str], at: Standing) -> Reading:
    due_on = at.calendar.add_workdays(at.anchor, int(match["count"]))
    unsettled = any_provisional(at.calendar, at.anchor, due_on)
    return Reading(due_on, WORKDAYS | _range(match) | (PROVISIONAL if unsettled else SURE))


def any_provisional(calendar: WorkingDays, after: date, until: date) -> bool:
    return any(calendar.is_provisional(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))


def _long_term_until(match: re.Match[str], at: Standing) -> Reading:
    """长期(3-5年) has an end after all; whether it is meant as one, a person should say."""
    reading = _years(match, at)
    return Reading(reading.due_on, reading.flags | AMBIGUOUS | {LimitFlag.SUSTAINED})


# --- Counted back


def counted_back(rule: Rule, match: re.Match[str], base: date, calendar: WorkingDays) -> Reading:
    """The day a period before `base`: 6月30日前10个工作日. Always for a person to look at."""
    count = int(match.groupdict().get("count") or 0)
    if rule.name == "workdays_within":
        return Reading(calendar.add_workdays(base, -count), WORKDAYS | AMBIGUOUS)
    days = {"days_within": count, "weeks_within": 7 * count, "half_month_within": 15}.get(rule.name)
    if days is not None:
        return Reading(base - timedelta(days=days), AMBIGUOUS)
    months = {"months_within": count, "years_within": 12 * count, "quarters_within": 3 * count, "half_year_within": 6}
    if rule.name not in months:
        raise ValueError("nothing that counts back in days")
    last_of_month = base == month_end(base.year, base.month)
    back = add_months(base, -months[rule.name])
    return Reading(month_end(back.year, back.month) if last_of_month else back, AMBIGUOUS)


# --- The rules

_LEAST = rf"(?:(?P<least>[1-9][0-9]{{0,2}})(?:个?月|[日天周年]|个?工作日)?{DASH})?"
_COUNT = rf"(?<![0-9./第上下每近满]){_LEAST}(?P<count>[1-9][0-9]{{0,2}})"
_UNLESS_AGAIN = r"(?![0-9半])"
_END = rf"(?:的?(?:时间|期限)?{WITHIN}|{ALONE})"


def _period(name: str, needs: str, pattern: str, read: object) -> Rule:
    return rule(name, LimitKind.PERIOD, needs, pattern, read)  # type: ignore[arg-type]


PERIODS: tuple[Rule, ...] = (
    rule(
        "long_term_until",
        LimitKind.PERIOD,
        "长 年",
        rf"中?长期(?:坚持|整改|推进)?[(,:]?{_COUNT}(?P<half>半)?年(?:内|以上)?\)?",
        _long_term_until,
    ),
    _period("months_within", "个 月", rf"{_COUNT}个(?P<half>半)?月(?P<more>)(?:的?时间)?{_END}", _months),
    _period("quarters_within", "季", rf"{_COUNT}个季度{_END}", _quarters),
    _period("workdays_within", "工营交", rf"{_COUNT}个?(?:工作|营业|交易)日{_END}", _workdays),
    _period("days_within", "天然历", rf"{_COUNT}(?:天|个?自然[日天]|个?日历[日天])(?:时间)?{_END}", _days),
    _period("days_within", "日 内", rf"{_COUNT}日(?:的?时间)?{WITHIN}", _days),
    _period("weeks_within", "周星礼", rf"{_COUNT}(?:周|个?星期|个?礼拜)(?:时间)?{_END}", _weeks),
    _period("hours_within", "小", rf"(?<![0-9./第])(?P<least>)(?P<count>[1-9][0-9]{{0,2}})个?小时{_END}", _hours),
    _period("half_month_within", "半 月", rf"(?<![0-9个])半个?月(?:时间)?{_END}", _half_month),
    _period("half_year_within", "半 年", rf"(?<![0-9个上下每年])半年(?:时间)?{_END}", _half_year),
    _period(
        "years_within",
        "年",
        rf"(?<![0-9])(?:(?P<least>[1-9])年?{DASH})?(?P<count>[1-9])(?:年(?P<half>半)?|个年度)(?:时间)?{_END}",
        _years,
    ),
)
