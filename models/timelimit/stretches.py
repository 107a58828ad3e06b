"""Limits that name a stretch of time: a month or a tenth of it, a quarter, a half, a year, a five-year plan, a week.

Rules of kind date. A stretch is due on its last day; what stands before one (7月前) is due before it begins, and is
ambiguous. What names a day: points.py.
"""

import re
from datetime import date, timedelta

from models.timelimit.days import add_months, month_end, quarter_end, ten_days_end, ten_days_eve, week_end
from models.timelimit.limit import LimitKind
from models.timelimit.rule import (
    ALONE,
    AMBIGUOUS,
    BEFORE,
    BY,
    DASH,
    FROM,
    FULL_YEAR,
    INFERRED,
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

_ONE = timedelta(days=1)

# --- Months and their tenths


def _month_last(match: re.Match[str], at: Standing) -> Reading:
    month = _month_number(match)
    return dated(match, at, lambda year: month_end(year, month))


def _month_half(match: re.Match[str], at: Standing) -> Reading:
    """上半月 ends with the 15th."""
    month, first = _month_number(match), match["half"] == "上"
    return dated(match, at, lambda year: date(year, month, 15) if first else month_end(year, month))


def _month_inside(match: re.Match[str], at: Standing) -> Reading:
    """3月内 without a year may be a slip for 3个月内."""
    reading = _month_last(match, at)
    return ambiguous(reading) if reading.flags & INFERRED else reading


def _month_eve(match: re.Match[str], at: Standing) -> Reading:
    month = _month_number(match)
    return ambiguous(dated(match, at, lambda year: date(year, month, 1) - _ONE))


def _month_tenth(match: re.Match[str], at: Standing) -> Reading:
    month, part = _month_number(match), match["part"][-1]
    return dated(match, at, lambda year: ten_days_end(year, month, part))


def _month_tenth_eve(match: re.Match[str], at: Standing) -> Reading:
    month, part = _month_number(match), match["part"][-1]
    return ambiguous(dated(match, at, lambda year: ten_days_eve(year, month, part)))


def _month_vague(match: re.Match[str], at: Standing) -> Reading:
    """月初 and 月中 have no agreed last day: taken as those of 上旬 and 中旬."""
    month, part = _month_number(match), {"初": "上", "中": "中"}[match["part"]]
    return ambiguous(dated(match, at, lambda year: ten_days_end(year, month, part)))


def _month_typo(match: re.Match[str], at: Standing) -> Reading:
    """2023年6底: 月 was left out."""
    return ambiguous(_month_last(match, at))


def _month_number(match: re.Match[str]) -> int:
    month = int(match["month"])
    if not 1 <= month <= 12:
        raise ValueError("no such month")
    return month


def _month_in_marks(match: re.Match[str], at: Standing) -> Reading:
    """2023.06 is June; 2023.1 may have been 2023.10 before a spreadsheet took its nought."""
    reading = _month_last(match, at)
    unsure = match["month"] == "1" or (match["from_month"] and "-" in match[0][5:] and not match[0].endswith("月"))
    return ambiguous(reading) if unsure else reading


def _from_this_month(match: re.Match[str], at: Standing) -> tuple[int, int]:
    """Year and month of 本月, 下月: told from the anchor."""
    which = match["which"]
    ahead = which.count("下") + which.count("再") + (which[0] == "次")
    first = add_months(at.seen_from(which).replace(day=1), ahead)
    return first.year, first.month


def _this_month(match: re.Match[str], at: Standing) -> Reading:
    year, month = _from_this_month(match, at)
    if match["day"]:
        due_on = date(year, month, int(match["day"]))
    elif match["part"]:
        due_on = ten_days_end(year, month, match["part"])
    elif match["eve"]:
        return Reading(date(year, month, 1) - _ONE, AMBIGUOUS)
    else:
        due_on = month_end(year, month)
    return Reading(due_on, AMBIGUOUS if match["which"][0] in "次月" else SURE)


# --- Quarters, halves, years


def _quarter_last(match: re.Match[str], at: Standing) -> Reading:
    return dated(match, at, lambda year: quarter_end(year, _quarter_number(match)))


def _quarter_number(match: re.Match[str]) -> int:
    return int(match["quarter"] or match["q"])


def _quarter_in_year(match: re.Match[str], at: Standing) -> Reading:
    """2026Q1, and quarters with or without a year in Chinese."""
    if match["bare"]:
        return Reading(quarter_end(int(match["bare"]), _quarter_number(match)))
    return _quarter_last(match, at)


def _quarter_inside(match: re.Match[str], at: Standing) -> Reading:
    """1季度内 without a year may be a slip for 1个季度内."""
    reading = _quarter_last(match, at)
    return ambiguous(reading) if reading.flags & INFERRED else reading


def _quarter_eve(match: re.Match[str], at: Standing) -> Reading:
    return ambiguous(dated(match, at, lambda year: date(year, _quarter_number(match) * 3 - 2, 1) - _ONE))


def _this_quarter(match: re.Match[str], at: Standing) -> Reading:
    base = at.seen_from(match["which"] or "本")
    first = date(base.year, (base.month - 1) // 3 * 3 + 1, 1)
    first = add_months(first, 3 * match["which"].count("下"))
    if match["eve"]:
        return Reading(first - _ONE, AMBIGUOUS)
    return Reading(month_end(first.year, first.month + 2), SURE if match["which"] else AMBIGUOUS)


def _half_last(match: re.Match[str], at: Standing) -> Reading:
    return dated(match, at, lambda year: month_end(year, 6 if match["half"] == "上" else 12))


def _half_eve(match: re.Match[str], at: Standing) -> Reading:
    return ambiguous(dated(match, at, lambda year: date(year, 1 if match["half"] == "上" else 7, 1) - _ONE))


def _half_other(match: re.Match[str], at: Standing) -> Reading:
    """本半年, 下个半年 are told from the anchor; 下半年 is the second half of the year."""
    first = date(at.anchor.year, 1 if at.anchor.month < 7 else 7, 1)
    first = add_months(first, 6 if match["which"].startswith("下") else 0)
    return Reading(month_end(first.year, first.month + 5))


def _year_last(match: re.Match[str], at: Standing) -> Reading:
    return dated(match, at, lambda year: date(year, 12, 31))


def _whole_year(match: re.Match[str], at: Standing) -> Reading:
    """全年 may mean by its end, or all through it."""
    return ambiguous(_year_last(match, at))


def _year_middle(match: re.Match[str], at: Standing) -> Reading:
    return ambiguous(dated(match, at, lambda year: date(year, 6, 30)))


def _year_eve(match: re.Match[str], at: Standing) -> Reading:
    return ambiguous(dated(match, at, lambda year: date(year, 1, 1) - _ONE))


_PLANS = {"十二五": 2015, "十三五": 2020, "十四五": 2025, "十五五": 2030, "十六五": 2035}


def _plan_last(match: re.Match[str], _at: Standing) -> Reading:
    """A five-year plan ends with its fifth year; 十四五 ran to 2025."""
    return Reading(date(_PLANS[match["plan"]], 12, 31))


# --- Weeks


def _this_week(match: re.Match[str], at: Standing) -> Reading:
    sunday = week_end(at.anchor) + timedelta(
        weeks=len(match["which"].replace("个", "")) if "下" in match["which"] else 0
    )
    if match["weekday"]:
        return Reading(sunday - timedelta(days=6 - WEEKDAYS.index(match["weekday"]) % 7))
    if match["eve"]:
        return Reading(sunday - timedelta(weeks=1), AMBIGUOUS)
    return Reading(sunday)


# --- The rules, specific before general

_IN_YEAR = rf"(?:{YEAR}|{NO_YEAR})"
_FROM_YEAR = rf"(?:(?<![0-9])20[0-9]{{2}}年?{DASH})?"
_WHOLE_YEAR = YEAR.replace("|[1-4][0-9])", ")", 1)
"""A number of two digits is a year before a month or an end, and alone rather a length: 有效期30年."""
_MONTHS = rf"{FROM}(?P<month>[0-9]{{1,2}})月份?"
_MONTH_END = rf"{FROM}(?P<month>[0-9]{{1,2}})月(?:份|月)?月?"
_QUARTER = (
    rf"(?:第?(?P<from_quarter>[1-4])(?:季度?)?(?:{DASH}|、))?(?:(?:前|第)?(?P<quarter>[1-4])季度?|[Qq](?P<q>[1-4]))"
)
_HALF = r"(?P<half>[上下])半年度?"


def _stretch(name: str, needs: str, pattern: str, read: Read, trait: Trait | None = None) -> Rule:
    return rule(name, LimitKind.DATE, needs, pattern, read, trait=trait)


STRETCHES: tuple[Rule, ...] = (
    _stretch("month_tenth_before", "旬", rf"{_IN_YEAR}{_MONTHS}(?P<part>[上中]?[上中下])旬{BEFORE}", _month_tenth_eve),
    _stretch(
        "month_tenth",
        "旬",
        rf"{_IN_YEAR}{_MONTHS}(?:[上中]旬{DASH})?(?P<part>[上中]?[上中下])旬[底末]?{BY}",
        _month_tenth,
    ),
    _stretch("month_half", "半 月", rf"{_IN_YEAR}{_MONTHS}(?P<half>[上下])半月{BY}", _month_half),
    _stretch("month_end", "月 底末", rf"{_IN_YEAR}{_MONTH_END}[底末]{BY}", _month_last),
    _stretch("month_vague", "月 初中", rf"{_IN_YEAR}{_MONTHS}(?P<part>[初中]){BY}", _month_vague),
    _stretch("month_before", "月 前", rf"{_IN_YEAR}{_MONTHS}{BEFORE}", _month_eve),
    _stretch("month_inside", "月 内", rf"{_IN_YEAR}{_MONTHS}[之以]?内", _month_inside),
    _stretch("month", "月", rf"{_IN_YEAR}{_MONTHS}{ALONE}", _month_last),
    _stretch("month_marks_before", "-./ 前", rf"{FULL_YEAR}[-./]{FROM}{MONTH}(?![0-9])月?{BEFORE}", _month_eve),
    _stretch("month_marks_tenth", "-./ 旬", rf"{FULL_YEAR}[-./]{FROM}{MONTH}月?(?P<part>[上中下])旬{BY}", _month_tenth),
    _stretch("month_marks_end", "-./ 底末", rf"{FULL_YEAR}[-./]{FROM}{MONTH}月?[底末]{BY}", _month_last),
    _stretch("month_marks", "-./", rf"{FULL_YEAR}[-./]{FROM}{MONTH}(?![0-9./])(?:月份?)?{ALONE}", _month_in_marks),
    _stretch(
        "month_digits",
        "0",
        rf"{FULL_YEAR}(?P<from_month>)(?P<month>0[1-9]|1[0-2])(?![0-9年月个]){BY}{ALONE}",
        _month_in_marks,
    ),
    _stretch(
        "this_month",
        "月 本这当次下",
        r"(?<![0-9每上下])(?P<which>本月|这个?月|当月|次月|[下再]?下1?个?月)份?"
        rf"(?:(?P<eve>{BEFORE})|(?:(?P<day>[0-9]{{1,2}})[日号]|(?P<part>[上中下])旬|[底末])?{BY})(?!度|[0-9])",
        _this_month,
    ),
    _stretch(
        "this_month_end",
        "月 底末内",
        r"(?<![0-9每本上下个当次这该各逐按元正腊年])(?P<which>月)(?P<eve>)(?P<day>)(?P<part>)(?:[底末]前?|内(?!容))",
        _this_month,
    ),
    _stretch(
        "this_quarter_end",
        "季 底末",
        rf"(?<![0-9每本上下个当次这该各逐按第])(?P<which>)季度?[底末](?P<eve>){BY}",
        _this_quarter,
    ),
    _stretch("month_end_typo", "年 底末", rf"{YEAR}{MONTH}[底末]{BY}", _month_typo),
    _stretch("quarter_end", "季Qq 底末", rf"{_IN_YEAR}{_QUARTER}[底末]{BY}", _quarter_last),
    _stretch("quarter_before", "季Qq 前", rf"{_IN_YEAR}{_QUARTER}{BEFORE}", _quarter_eve),
    _stretch("quarter_inside", "季Qq 内", rf"{_IN_YEAR}{_QUARTER}[之以]?内", _quarter_inside),
    _stretch(
        "quarter",
        "季Qq",
        rf"(?:(?<![0-9])(?P<bare>20[0-9]{{2}})(?=[Qq])|{_IN_YEAR}){_QUARTER}{ALONE}",
        _quarter_in_year,
    ),
    _stretch(
        "this_quarter",
        "季 本当这下",
        rf"(?<![每下])(?P<which>本|当|这个?|下{{1,2}}1?个?)季度?(?:(?P<eve>{BEFORE})|[底末]?{BY}){ALONE}",
        _this_quarter,
    ),
    _stretch("half_before", "半 前", rf"{_IN_YEAR}{_HALF}{BEFORE}", _half_eve),
    _stretch("half", "半 上下", rf"{_IN_YEAR}(?:上、)?{_HALF}(?:[底末]{BY}|[之以]?内|{ALONE})", _half_last),
    _stretch("this_half", "半 本下", rf"(?P<which>本|下个)半年度?[底末]?{BY}", _half_other),
    _stretch("year_end", "年 底末", rf"{YEAR}年?[底末]{BY}", _year_last),
    _stretch("year_middle", "年 中", rf"(?:{YEAR}年?|{NO_YEAR}年)中(?!旬){BY}", _year_middle),
    _stretch("year_before", "年 前", rf"{_WHOLE_YEAR}{BEFORE}", _year_eve),
    _stretch(
        "year", "年", rf"(?:(?<![0-9])20[0-9]{{2}}年?{DASH})?{_WHOLE_YEAR}(?:[年度]?[之以]?内|全年|{ALONE})", _year_last
    ),
    _stretch("whole_year", "全", rf"{NO_YEAR}(?:贯穿)?全年{ALONE}", _whole_year),
    _stretch("this_year_end", "年岁 底末终", rf"{NO_YEAR}(?:年[底末终]|岁末){BY}", _year_last),
    _stretch("this_year", "年 内", rf"{NO_YEAR}年(?:度?[之以]?内)", _year_last),
    _stretch(
        "five_year_plan",
        "五",
        r"(?<![一二三四五六七八九十])[\"“]?(?P<plan>十[二三四五六]五)[\"”]?(?:规划)?(?:期间|时期|期?末|[之期]?内|收官之?年?|结束前?)",
        _plan_last,
    ),
    _stretch(
        "this_week",
        "周星 本这下",
        r"(?<![每下])(?P<which>本|这|下个?|下下)(?:周|星期)"
        rf"(?:内?[( ]?(?:周|星期|礼拜)?(?P<weekday>[一二三四五六日天1-7])|(?P<eve>{BEFORE})|[内末底])?{BY}(?![0-9期])",
        _this_week,
    ),
)

LOOSE_STRETCHES: tuple[Rule, ...] = (
    _stretch("month_loose", "月", rf"{_IN_YEAR}{_MONTHS}", _month_last, Trait.LOOSE),
    _stretch("quarter_loose", "季", rf"{_IN_YEAR}{_QUARTER}", _quarter_last, Trait.LOOSE),
    _stretch("half_loose", "半", rf"{_IN_YEAR}{_HALF}", _half_last, Trait.LOOSE),
    _stretch("year_loose", "年今", rf"{_WHOLE_YEAR}(?!年?[初前]|[春夏秋冬])", _year_last),
)
"""Stretches of time that go on into other words (3月启动试点). Only asked where no other rule finds a day."""
