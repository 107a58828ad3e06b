"""Limits that come again and again: the rules of kind recurring.

The day they give is the next one, the anchor included. A recurrence without a day in it (每季度) is due by the end
of its stretch. 每学期 recurs too, but its days are a school's to say.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from models.timelimit.days import add_months, first_on_or_after, month_end, quarter_end, ten_days_end, week_end
from models.timelimit.limit import LimitFlag, LimitKind
from models.timelimit.periods import PROVISIONAL, WORKDAYS, any_provisional
from models.timelimit.rule import AMBIGUOUS, CLOCK, DASH, SURE, WEEKDAYS, Read, Reading, Rule, Standing, rule


def _first(days: Iterator[date], anchor: date) -> Reading:
    return Reading(next(day for day in days if day >= anchor))


def _months_from(day: date) -> Iterator[tuple[int, int]]:
    first = day.replace(day=1)
    while True:
        yield first.year, first.month
        first = add_months(first, 1)


def _monthly(match: re.Match[str], at: Standing) -> Reading:
    """By the next of its days (clamped to the month's end), by its tenth, or by its end."""
    days = [int(day) for day in re.findall(r"[0-9]{1,2}", match["days"] or "")]
    if not all(1 <= day <= 31 for day in days):
        raise ValueError("no such day of a month")

    def in_month(year: int, month: int) -> Iterator[date]:
        last = month_end(year, month)
        if not days:
            yield ten_days_end(year, month, match["part"]) if match["part"] else last
        yield from (last.replace(day=min(day, last.day)) for day in days)

    return _first((day for month in _months_from(at.anchor) for day in in_month(*month)), at.anchor)


def _monthly_workday(match: re.Match[str], at: Standing) -> Reading:
    """By the n-th working day of the month, or its last."""

    def in_month(year: int, month: int) -> date:
        if match["count"]:
            return at.calendar.add_workdays(date(year, month, 1) - timedelta(days=1), int(match["count"]))
        return at.calendar.add_workdays(month_end(year, month) + timedelta(days=1), -1)

    due_on = next(day for day in (in_month(*month) for month in _months_from(at.anchor)) if day >= at.anchor)
    unsettled = any_provisional(
        at.calendar, due_on.replace(day=1) - timedelta(days=1), month_end(due_on.year, due_on.month)
    )
    return Reading(due_on, WORKDAYS | (PROVISIONAL if unsettled else SURE))


def _quarterly(match: re.Match[str], at: Standing) -> Reading:
    """By a day of its first or last month, by the end of its first month, or by its own end."""
    which, day = match["which"] or "", match["day"]
    part = match["part"]
    offset = {"首": 0, "第1": 0, "头1": 0, "第2": 1, "次": 0}.get(which, 2)

    def in_month(year: int, month: int) -> date:
        last = month_end(year, month)
        if day:
            return last.replace(day=min(int(day), last.day))
        return ten_days_end(year, month, part) if part else last

    quarter = date(at.anchor.year, (at.anchor.month - 1) // 3 * 3 + 1, 1)
    days = (in_month(year, month) for year, month in _months_from(quarter) if (month - 1) % 3 == offset)
    unclear = which == "次" or (
        (day or part) and not which
    )  # the month after the quarter, or its second; of which month?
    return Reading(_first(days, at.anchor).due_on, AMBIGUOUS if unclear else SURE)


def _half_yearly(_match: re.Match[str], at: Standing) -> Reading:
    return Reading(month_end(at.anchor.year, 6 if at.anchor.month <= 6 else 12))


def _yearly(_match: re.Match[str], at: Standing) -> Reading:
    return Reading(date(at.anchor.year, 12, 31))


def _yearly_on(match: re.Match[str], at: Standing) -> Reading:
    """On the next of the days or months that are named (每年6月、12月底前); of a span, on its last."""
    named = [_named_day(words, at) for words in _NAMED.finditer(match["days"])]
    return Reading(named[-1] if _SPAN.search(match["days"]) else min(named))


_NAMED = re.compile(
    r"(?P<month>[0-9]{1,2})月份?(?:(?P<day>[0-9]{1,2})(?![次个天家])[日号]?|(?P<part>[上中下])旬)?|(?P<quarter>[1-4])季度|(?P<half>[上下])半年|年[底末]"
)


_SPAN = re.compile(DASH)


def _named_day(words: re.Match[str], at: Standing) -> date:
    month, day, part, quarter, half = words.group("month", "day", "part", "quarter", "half")

    def in_year(year: int) -> date:
        if quarter:
            return quarter_end(year, int(quarter))
        if not month:
            return month_end(year, 6 if half == "上" else 12)
        if part:
            return ten_days_end(year, int(month), part)
        return date(year, int(month), int(day)) if day else month_end(year, int(month))

    return first_on_or_after(at.anchor, at.anchor.year, in_year)


def _weekly(match: re.Match[str], at: Standing) -> Reading:
    """On the next of its weekdays, else by Sunday."""
    named = _WEEKDAY.findall(match["weekdays"] or "")
    if not named:
        return Reading(week_end(at.anchor))
    ahead = ((WEEKDAYS.index(weekday) % 7 - at.anchor.weekday()) % 7 for weekday in named)
    return Reading(at.anchor + timedelta(days=min(ahead)), AMBIGUOUS if _SPAN.search(match["weekdays"]) else SURE)


_WEEKDAY = re.compile(f"[{WEEKDAYS}]")


_UNKNOWN_START = frozenset({LimitFlag.UNKNOWN_START})


def _every_few(_match: re.Match[str], _at: Standing) -> Reading:
    """每2个月: nothing says when the first one was, so any day would be a guess."""
    return Reading(None, _UNKNOWN_START)


def _daily(match: re.Match[str], at: Standing) -> Reading:
    if "工作" not in match[0]:
        return Reading(at.anchor)
    return Reading(at.calendar.add_workdays(at.anchor - timedelta(days=1), 1), WORKDAYS)


def _by_school_term(_match: re.Match[str], _at: Standing) -> Reading:
    return Reading(None, _UNKNOWN_START)


def _recurring(name: str, needs: str, pattern: str, read: Read) -> Rule:
    return rule(name, LimitKind.RECURRING, needs, pattern, read)


_NO_PLAN = r"(?!度?(?:计划|进度|提[高升]|下降|递增|增长|减少|要求|分解|目标|工作要点))"
_EVERY = r"(?:[每各]1?个?|[逐按分])"
_BY = rf"{CLOCK}(?:[之以]?前|[之以]?内|为?止)?"
_DAY = r"[0-9]{1,2}(?:[日号]|(?=[之以]?前|[、,和及;。]|$))"
_DAYS = rf"[0-9]{{1,2}}月份?(?:{_DAY}|[上中下]旬)?[底末]?(?![0-9])|第?[1-4]季度|[上下]半年"
_TIMES = r"(?:至少|不少于|不低于|各)?[0-9一两]{1,2}次"

_WEEKDAY_NAME = r"(?:周|星期|礼拜)?[一二三四五六日天1-7]"
_MORE_WEEKDAYS = rf"(?:(?:[、和及,]|{DASH}){_WEEKDAY_NAME}){{0,4}}"
_NO_WEEKDAY = r"[次个天篇家件份条项名人场轮遍至到~-]"

RECURRENCES: tuple[Rule, ...] = (
    _recurring(
        "yearly_on",
        "年 每",
        rf"每1?年度?的?于?(?P<days>(?:{_DAYS})(?:[、和及,与至到—-](?:{_DAYS})){{0,3}}[底末]?|年[底末]){_BY}",
        _yearly_on,
    ),
    _recurring(
        "every_few",
        "每次",
        rf"(?:每隔?|(?<![0-9一-龥])(?=[2-9]个?(?:周|星期|月|季度|年|[天日])[1一]次))[2-9]个?(?:周|星期|月|季度|年|[天日]){_BY}|每双周",
        _every_few,
    ),
    _recurring(
        "half_yearly",
        "半 每按次",
        rf"每1?个?半年度?[底末]?{_BY}|(?<![上下年])半年(?:开展|组织|召开)?{_TIMES}|按半年(?:度)?",
        _half_yearly,
    ),
    _recurring(
        "quarterly",
        "季 每逐按分次",
        rf"{_EVERY}季度?{_NO_PLAN}(?:(?:的)?(?P<which>首|次|末|最后1|第[123]|头1)个?月份?)?(?:的)?(?:(?:[0-9]{{1,2}}[日号]?{DASH})?(?P<day>[0-9]{{1,2}})[日号]|(?P<part>[上中下])旬|[底末])?{_BY}"
        rf"|(?<![0-9第下本上])1?个?季度(?:开展|组织|召开)?{_TIMES}",
        _quarterly,
    ),
    _recurring(
        "monthly_workday",
        "工",
        rf"{_EVERY}月的?(?:[第前](?P<count>[1-9]|1[0-9])|最后1)个?工作日{_BY}",
        _monthly_workday,
    ),
    _recurring(
        "monthly",
        "月 每逐按分次",
        rf"{_EVERY}月{_NO_PLAN}(?:的)?(?:(?:[0-9]{{1,2}}[日号]?{DASH})?(?P<days>[0-9]{{1,2}}(?:[日号]?[、和及][0-9]{{1,2}}){{0,3}})(?:[日号]|(?=[之以]?前))|(?P<part>[上中下])旬|月?[底末]|最后1[天日])?{_BY}(?![0-9]{{1,2}}(?![0-9次个篇家件份条项轮遍]))"
        rf"|(?<![0-9一-龥])1?个?月(?:开展|组织|召开)?{_TIMES}",
        _monthly,
    ),
    _recurring(
        "weekly",
        "周星 每逐按分次",
        rf"(?:每1?个?|[逐按])(?:周|星期){_NO_PLAN}"
        rf"(?:的?(?P<weekdays>[( ]?{_WEEKDAY_NAME}{_MORE_WEEKDAYS})(?!{_NO_WEEKDAY}))?{_BY}|"
        rf"(?<![0-9一-龥])1?周{_TIMES}",
        _weekly,
    ),
    _recurring("daily", "每", r"每1?个?(?:工作日|[天日])", _daily),
    _recurring("school_term", "学 每", r"每1?个?学[期年]", _by_school_term),
    _recurring(
        "yearly",
        "年 每逐按次",
        rf"(?:每1?年|逐年|按年)度?{_NO_PLAN}(?![初中])[底末]?{_BY}|(?<![0-9])1年(?:开展|组织|召开)?{_TIMES}",
        _yearly,
    ),
)
