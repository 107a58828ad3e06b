"""Limits that name a day: a date, however it is typed, a weekday, a word like 明天, or the eve of a festival.

Rules of kind date. What names a month, a quarter, a year or a week: stretches.py.
"""

import re
from datetime import date, timedelta

from models.timelimit import festivals
from models.timelimit.days import add_months, month_end
from models.timelimit.limit import LimitKind
from models.timelimit.rule import (
    ALONE,
    AMBIGUOUS,
    BEFORE,
    BY,
    DASH,
    DAY,
    FROM,
    FULL_YEAR,
    HOUR,
    MONTH,
    NO_YEAR,
    SURE,
    WEEKDAYS,
    YEAR,
    Read,
    Reading,
    Rule,
    Standing,
    Trait,
    ambiguous,
    dated,
    rule,
)


def _day(match: re.Match[str], at: Standing) -> Reading:
    month, day = int(match["month"]), int(match["day"])
    reading = dated(match, at, lambda year: date(year, month, day))
    weekday = _WEEKDAY.search(match[0])
    agrees = not weekday or reading.due_on is None or WEEKDAYS.index(weekday[1]) % 7 == reading.due_on.weekday()
    return ambiguous(reading) if not agrees or _MIDNIGHT.search(match[0]) else reading


_MIDNIGHT = re.compile(r"(?<![0-9])0{1,2}(?:[时点]|:00)")
"""7月1日0时前 ends with the day before."""
_WEEKDAY = re.compile(r"(?:星期|周)([1-7一二三四五六日天])")


def _day_in_marks(match: re.Match[str], at: Standing) -> Reading:
    """2023.6.30; and 23.6.30, as two digits are a year only where that is near."""
    return dated(match, at, lambda year: date(year, int(match["month"]), int(match["day"])))


def _day_in_short_marks(match: re.Match[str], at: Standing) -> Reading:
    """6.30前 is a day; 6.30 alone may be a number, and 6.3 may have been 6.30 before a spreadsheet took its nought."""
    reading = dated(match, at, lambda year: date(year, int(match["month"]), int(match["day"])))
    lost = match["mark"] == "." and match["day"] in ("1", "2", "3")
    return reading if match["by"] and not lost else ambiguous(reading)


def _serial(match: re.Match[str], at: Standing) -> Reading:
    """The number under which spreadsheets keep a day, counted from 30 December 1899; sure where it is near."""
    day = date(1899, 12, 30) + timedelta(days=int(match["serial"]))
    return Reading(day, SURE if 0 <= (day - at.anchor).days <= _NEAR else AMBIGUOUS)


_NEAR = 6 * 365


def _day_word(match: re.Match[str], at: Standing) -> Reading:
    """明天 is told from the day of writing, which is taken to be the anchor; 次日 from the date before it."""
    days = {"今": 0, "当": 0, "即": 0, "明": 1, "次": 1, "后": 2}[match["word"][0]]
    return Reading(
        at.seen_from(match["word"]) + timedelta(days=days), SURE if match["word"][0] in "明后" else AMBIGUOUS
    )


def _day_of_some_month(match: re.Match[str], at: Standing) -> Reading:
    """24日前: of the first month in which it is not past."""
    day, month = int(match["day"]), at.anchor.replace(day=1)
    for _ in range(12):
        if day <= month_end(month.year, month.month).day and month.replace(day=day) >= at.anchor:
            return Reading(month.replace(day=day), AMBIGUOUS)
        month = add_months(month, 1)
    raise ValueError("no such day of a month")


def _weekday(match: re.Match[str], at: Standing) -> Reading:
    """周五前: the first one that is not past."""
    ahead = (WEEKDAYS.index(match["weekday"]) % 7 - at.anchor.weekday()) % 7
    return Reading(at.anchor + timedelta(days=ahead), AMBIGUOUS)


def _festival(match: re.Match[str], at: Standing) -> Reading:
    """Before a festival is up to its eve. Before 春节 people stop working at different days, and of two festivals
    either may be meant: a person should look.
    """
    name = match["festival"]
    reading = dated(match, at, lambda year: festivals.eve(name, year))
    return ambiguous(reading) if name == "春节" or match["other"] else reading


# --- The rules, specific before general

_TIME = rf"(?:[ T][0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)?{BY}"
_SO = r"(?:份?[底末]?\(|份)?"  # 6月(15日前)
_D = r"(?:[日号]{1,2}|(?=[之以]?前|$|[,;。)]))"
_DAYS = rf"(?:(?P<first_day>[0-9]{{1,2}})[日号]?{DASH})?{DAY}"
_FESTIVALS = "|".join(sorted(festivals.NAMES, key=len, reverse=True))


def _point(name: str, needs: str, pattern: str, read: Read, trait: Trait | None = Trait.WHOLE_DAY) -> Rule:
    return rule(name, LimitKind.DATE, needs, pattern, read, trait=trait)


POINTS: tuple[Rule, ...] = (
    _point("full_date", "年 月", rf"{YEAR}{FROM}{MONTH}月{_SO}{_DAYS}{_D}{_TIME}", _day),
    _point(
        "full_date_mixed", "年", rf"{FULL_YEAR}年(?P<month>[0-9]{{1,2}})[-./]{DAY}(?![0-9年月季])[日号]?{_TIME}", _day
    ),
    _point("full_date_mixed_month", "-./ 月", rf"{FULL_YEAR}[-./]{MONTH}月{DAY}(?![0-9])[日号]?{_TIME}", _day),
    _point(
        "full_date_marks",
        "-./",
        rf"{FULL_YEAR}(?P<mark>[-./]){MONTH}(?P=mark){DAY}(?![0-9年月季])[日号]?{_TIME}",
        _day_in_marks,
    ),
    _point(
        "full_date_digits",
        "0",
        rf"{FULL_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})(?![0-9年月个])[日号]?{_TIME}",
        _day,
    ),
    _point(
        "short_year_marks",
        "-./",
        rf"(?<![0-9./-])(?P<year>[1-4][0-9])(?P<mark>[-./]){MONTH}(?P=mark){DAY}(?![0-9./年月季-])[日号]?{_TIME}",
        _day_in_marks,
    ),
    _point("month_day", "月", rf"{NO_YEAR}{FROM}{MONTH}月{_SO}{_DAYS}{_D}{_TIME}", _day),
    _point(
        "month_day_marks",
        "-./ 日号前止",
        rf"(?<![0-9./年-])(?:[0-9]{{1,2}}[./][0-9]{{1,2}}{DASH})?{MONTH}(?P<mark>[./-]){DAY}"
        r"(?P<by>[日号]?(?:[之以]?前(?!后)|为?止)|[日号](?!内))",
        _day_in_short_marks,
    ),
    _point(
        "month_day_marks_alone",
        "-./",
        rf"(?:^|(?<=[,;、:(于在至到—~-]))(?:[0-9]{{1,2}}[./][0-9]{{1,2}}{DASH})?{MONTH}(?P<mark>[./-]){DAY}(?P<by>)"
        r"(?=$|[,;、。)\n]|[-—–~至到](?=[0-9])|完成|整改|落实|办结)",
        _day_in_short_marks,
    ),
    _point("serial", "45", r"^(?P<serial>4[0-9]{4}|5[0-4][0-9]{3})(?:\.0)?$", _serial),
    _point(
        "weekday",
        "周星",
        rf"(?<![本这下每上各周0-9])(?:周|星期)(?P<weekday>[一二三四五六日天1-7]){BY}{ALONE}",
        _weekday,
    ),
    _point(
        "day_only",
        "日号 前止",
        rf"(?<![0-9月年第每]){DAY}[日号]{HOUR}(?:{BEFORE}|为?止)",
        _day_of_some_month,
        Trait.BARE_DAY,
    ),
    _point(
        "day_word",
        "今明后当次 天日早晚",
        rf"(?P<word>今[天日]|明[天日早晚]|(?<!大)后天|当[天日]|次日){BY}(?!起|[之以]?后){ALONE}",
        _day_word,
    ),
    _point(
        "festival",
        "前 节元一国春清端秋四",
        rf"(?:{YEAR}|(?<![0-9一二三四五六七八九十年去双]))[\"“]?(?:(?P<other>{_FESTIVALS})(?:佳?节)?[、和及]?)?(?P<festival>{_FESTIVALS})[\"”]?(?:佳?节)?(?:假期|长假|期间)?{BEFORE}",
        _festival,
        None,
    ),
)
