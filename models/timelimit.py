"""A 完成时限 as people write it, read into a kind and a due date. PURE.

`parse_time_limit` runs when a ledger is imported and behind `duban timelimit`. The grammar is a flat, ordered
table of rules (`RULES`), searched left to right in normalised text; only a few neutral words may stand
between what they find. It never guesses in silence: text it cannot account for asks for a look (`confirm`),
and what it cannot read has no date and says why. It sets no house defaults: what is immediate or sustained
has no date here, and policy and round give it one.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

LONGEST = 1000
"""Characters that are read at most. A cell longer than this holds no time limit, but a report."""


class WorkingDays(Protocol):
    """What is asked of a working-day calendar."""

    def add_workdays(self, day: date, n: int, /) -> date:
        """The n-th working day after `day`."""

    def is_provisional(self, day: date, /) -> bool:
        """Whether the arrangement for `day` has not been announced yet."""


class LimitKind(StrEnum):
    """What sort of limit a text sets."""

    DATE = "date"
    PERIOD = "period"
    RECURRING = "recurring"
    IMMEDIATE = "immediate"
    SUSTAINED = "sustained"
    UNRESOLVED = "unresolved"


class LimitFlag(StrEnum):
    """What else is to be known about a limit. Those in `_WHY` ask a person to look."""

    YEAR_INFERRED = "year_inferred"
    NEXT_YEAR = "next_year"
    SUSTAINED = "sustained"
    IMMEDIATE = "immediate"
    SEVERAL = "several"
    RESIDUE = "residue"
    AMBIGUOUS = "ambiguous"
    IMPOSSIBLE = "impossible"
    UNKNOWN_START = "unknown_start"
    PAST = "past"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """What a 完成时限 says.

    `text` is as written. `span` is where the deciding words stand in `normalise(text)`, not in `text`;
    (0, 0) where nothing was read. `rule` names the rule that read them, "" likewise. `due_on` is the last
    day that is still in time; immediate, sustained and unresolved limits have none. `confirm` means that a
    person must look before anything runs on it, and `reason` (Chinese) why; it is empty where all is sure.
    `milestones` are the earlier days of several that are stages of one measure, in order.
    """

    text: str
    kind: LimitKind
    due_on: date | None
    rule: str
    span: tuple[int, int]
    flags: frozenset[LimitFlag]
    confirm: bool
    reason: str
    milestones: tuple[date, ...] = ()

    @property
    def matched(self) -> str:
        """The deciding words, normalised."""
        return normalise(self.text)[slice(*self.span)]


def add_months(day: date, months: int) -> date:
    """The matching day `months` months on, or the month's last day where there is none (31 Jan + 1)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# --- Normalisation: NFKC, no spaces, digits for Chinese numerals that count something ---------------------

_DIGITS = "一二三四五六七八九"
_VALUE = {digit: value for value, digit in enumerate(_DIGITS, 1)}
_YEAR_DIGITS = str.maketrans(f"〇零○O{_DIGITS}", "0000123456789")
_NUMERALS = f"〇零○{_DIGITS}两十百千"

_BLANK = r"\s\u200b-\u200d\u2060\ufeff"
# A blank inside a number stays: "1 5日内" is not 15 days.
_LOOSE_BLANK = re.compile(rf"(?<![0-9{_NUMERALS}{_BLANK}])[{_BLANK}]++|[{_BLANK}]++(?![0-9{_NUMERALS}])")
_YEAR_IN_WORDS = re.compile(rf"(?<![0-9{_NUMERALS}])[{_DIGITS}][〇零○O0{_DIGITS}]{{3}}(?=年)")
# Only whole numbers, and only before what they count: 统一, 一把手, 2十日 and 两三个月 stay as they are.
_COUNT_IN_WORDS = re.compile(rf"(?<![0-9{_NUMERALS}])[{_NUMERALS}]{{1,3}}(?=个|年|月|日|号|天|周|季度|工作日)")


@lru_cache(maxsize=4096)
def _compatible(character: str) -> str:
    """NFKC of one character, but ①, ² and ㏠ stay: "①5日内" is an item number, not 15 days."""
    plain = unicodedata.normalize("NFKC", character)
    return character if len(plain) > 1 or unicodedata.category(character) == "No" else plain


def _in_digits(match: re.Match[str]) -> str:
    """一 to 九十九 in digits; anything else as it stands."""
    words = match[0]
    if words == "两" or words in _VALUE:
        return str(_VALUE.get(words, 2))
    tens, ten, ones = words.partition("十")
    if not ten or (tens and tens not in _VALUE) or (ones and ones not in _VALUE):
        return words
    return str(_VALUE.get(tens, 1) * 10 + _VALUE.get(ones, 0))


def normalise(text: str) -> str:
    """`text` with plain width, without blanks (but inside numbers), dates and counts in Arabic digits."""
    plain = _LOOSE_BLANK.sub("", "".join(map(_compatible, text)))
    plain = _YEAR_IN_WORDS.sub(lambda match: match[0].translate(_YEAR_DIGITS), plain)
    return _COUNT_IN_WORDS.sub(_in_digits, plain)


# --- What the rules say about days -----------------------------------------------------------------------


class Reading(NamedTuple):
    """The last day that is in time (None: the limit has no day of its own), and what to know of it."""

    due_on: date | None
    flags: frozenset[LimitFlag] = frozenset()


_INFERRED = frozenset({LimitFlag.YEAR_INFERRED})
_INFERRED_NEXT = _INFERRED | {LimitFlag.NEXT_YEAR}
_AMBIGUOUS = frozenset({LimitFlag.AMBIGUOUS})
_PROVISIONAL = frozenset({LimitFlag.PROVISIONAL})


def _in_year(year: str | None, anchor: date, day_of: Callable[[int], date]) -> Reading:
    """`day_of` the written year, or its first occurrence on or after the anchor."""
    if year is not None:
        return Reading(day_of(int(year)))
    for candidate in range(anchor.year, anchor.year + 9):  # between two 29 Februaries lie at most eight years
        try:
            day = day_of(candidate)
        except ValueError:
            continue
        if day >= anchor:
            return Reading(day, _INFERRED_NEXT if day.year > anchor.year else _INFERRED)
    raise ValueError("no such day in any year")


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _full_date(match: re.Match[str], _anchor: date, _calendar: WorkingDays) -> Reading:
    year, month, day = match.group("year", "month", "day")
    return Reading(date(int(year), int(month), int(day)))


def _month_day(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    month, day = int(match["month"]), int(match["day"])
    return _in_year(None, anchor, lambda year: date(year, month, day))


def _end_of_month(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    return _in_year(match["year"], anchor, lambda year: _month_end(year, int(match["month"])))


def _before_month(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    def eve(year: int) -> date:
        return date(year, int(match["month"]), 1) - timedelta(days=1)

    due_on, flags = _in_year(match["year"], anchor, eve)
    return Reading(due_on, flags | _AMBIGUOUS)


def _end_of_quarter(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    return _in_year(match["year"], anchor, lambda year: _month_end(year, int(match["quarter"]) * 3))


def _before_quarter(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    def eve(year: int) -> date:
        return date(year, int(match["quarter"]) * 3 - 2, 1) - timedelta(days=1)

    due_on, flags = _in_year(match["year"], anchor, eve)
    return Reading(due_on, flags | _AMBIGUOUS)


def _end_of_year(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    return _in_year(match["year"], anchor, lambda year: date(year, 12, 31))


def _end_of_this_year(_match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    return _in_year(None, anchor, lambda year: date(year, 12, 31))


def _start(match: re.Match[str]) -> frozenset[LimitFlag]:
    """A named inspecting body may be another than this round's: its feedback day is then not the anchor."""
    return _AMBIGUOUS if match["body"] else frozenset()


def _months_within(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    return Reading(add_months(anchor, int(match["count"])), _start(match))


def _days_within(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    return Reading(anchor + timedelta(days=int(match["count"])), _start(match))


def _weeks_within(match: re.Match[str], anchor: date, _calendar: WorkingDays) -> Reading:
    return Reading(anchor + timedelta(weeks=int(match["count"])), _start(match))


def _workdays_within(match: re.Match[str], anchor: date, calendar: WorkingDays) -> Reading:
    due_on = calendar.add_workdays(anchor, int(match["count"]))
    counted = (anchor + timedelta(days=n) for n in range(1, (due_on - anchor).days + 1))
    unsettled = any(map(calendar.is_provisional, counted))
    return Reading(due_on, _start(match) | _PROVISIONAL if unsettled else _start(match))


def _no_day(_match: re.Match[str], _anchor: date, _calendar: WorkingDays) -> Reading:
    return Reading(None)


# --- The rules, specific before general ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to write a limit.

    `read` gets the match, the anchor and the calendar, and raises ValueError or OverflowError for a day that
    does not exist. `pattern` repeats nothing without bound, so that no text can make it run away.
    """

    name: str
    kind: LimitKind
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], date, WorkingDays], Reading]


_YEAR = r"(?<![0-9])(?P<year>20[0-9]{2})年"
# A month, quarter or year end that somebody gave another year than the anchor's is not ours to date:
# 明年6月底, 23年6月30日, 每年12月底, 上年底, and the 5 of 2.5个月.
_NO_YEAR = r"(?<![0-9年度./\-—~明后去次来上前下翌每学财周半当第])"
_MONTH, _DAY = r"(?P<month>[0-9]{1,2})", r"(?P<day>[0-9]{1,2})"
_QUARTER = r"第?(?P<quarter>[1-4])季度"
_BY = r"(?:[之以]?前|以内|为?止)?"
_BEFORE = r"[之以]?前"
_FEEDBACK = (
    r"(?:[自从在]?(?:[收接]到)?(?P<body>(?:巡视|巡察|督查|督察|督导|检查)组?)?反馈(?:意见|问题|报告)?"
    r"(?:之日起|之日后|[之以]?后),?)?"
)
_COUNT = rf"{_FEEDBACK}(?<![0-9./\-—~第])(?P<count>[1-9][0-9]{{0,2}})"
_WITHIN = r"[之以]?内"


def _rule(name: str, kind: LimitKind, pattern: str, read: Callable[..., Reading]) -> Rule:
    return Rule(name, kind, re.compile(pattern), read)


RULES: tuple[Rule, ...] = (
    _rule("full_date", LimitKind.DATE, rf"{_YEAR}{_MONTH}月{_DAY}[日号]{_BY}", _full_date),
    _rule(
        "full_date_marks",
        LimitKind.DATE,
        rf"(?<![0-9])(?P<year>20[0-9]{{2}})(?P<mark>[-./]){_MONTH}(?P=mark){_DAY}(?![0-9])[日号]?{_BY}",
        _full_date,
    ),
    _rule(
        "full_date_digits",
        LimitKind.DATE,
        rf"(?<![0-9])(?P<year>20[0-9]{{2}})(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})(?![0-9]){_BY}",
        _full_date,
    ),
    _rule("month_day", LimitKind.DATE, rf"{_NO_YEAR}{_MONTH}月{_DAY}[日号]{_BY}", _month_day),
    _rule("month_end", LimitKind.DATE, rf"(?:{_YEAR}|{_NO_YEAR}){_MONTH}月份?[底末]{_BY}", _end_of_month),
    _rule("month_before", LimitKind.DATE, rf"(?:{_YEAR}|{_NO_YEAR}){_MONTH}月份?{_BEFORE}", _before_month),
    _rule("quarter_end", LimitKind.DATE, rf"(?:{_YEAR}|{_NO_YEAR}){_QUARTER}[底末]{_BY}", _end_of_quarter),
    _rule("quarter_before", LimitKind.DATE, rf"(?:{_YEAR}|{_NO_YEAR}){_QUARTER}{_BEFORE}", _before_quarter),
    _rule("year_end", LimitKind.DATE, rf"{_YEAR}年?[底末]{_BY}", _end_of_year),
    _rule("this_year_end", LimitKind.DATE, rf"{_NO_YEAR}(?:[今本]年?)?年[底末]{_BY}", _end_of_this_year),
    _rule("months_within", LimitKind.PERIOD, rf"{_COUNT}个月{_WITHIN}", _months_within),
    _rule("workdays_within", LimitKind.PERIOD, rf"{_COUNT}个?工作日{_WITHIN}", _workdays_within),
    _rule("days_within", LimitKind.PERIOD, rf"{_COUNT}[日天]{_WITHIN}", _days_within),
    _rule("weeks_within", LimitKind.PERIOD, rf"{_COUNT}周{_WITHIN}", _weeks_within),
    _rule(
        "immediate",
        LimitKind.IMMEDIATE,
        r"[立即][行知查整说][立即][改行]|边[查整]边改|(?:立即|马上)整改",
        _no_day,
    ),
    _rule(
        "sustained",
        LimitKind.SUSTAINED,
        r"(?:长期|持续|常态化?)(?:坚持|推进|整改|落实)|[长常]抓不懈|长期",
        _no_day,
    ),
)

# --- Between the limits ----------------------------------------------------------------------------------

# The only words that may stand around a limit without making it doubtful. Each has one place: 完成 after a
# limit is neutral, but before a period ("整改完成3个月内") it is the event that the period counts from.
_STOP = r"[,;、。.()]"
_LEAD = r"(?:应|须)?(?:于|在|最迟于?|不[晚迟]于|截至|截止[到至]?)?"
_LABEL = r"(?:(?:完成|整改)(?:时限|期限|时间):)?"
_DONE = r"(?:全部|全面)?(?:完成|整改|落实|办结)?(?:完成|整改|落实|到位)?(?:到位)?"
_AND = r"(?:并且?|且|同时)"
_NEUTRAL_FIRST = re.compile(rf"{_STOP}*{_LABEL}{_LEAD}")
_NEUTRAL_BETWEEN = re.compile(rf"(?:{_DONE}(?:{_STOP}+{_AND}?|{_AND}){_LEAD})?")
_NEUTRAL_LAST = re.compile(rf"{_DONE}{_STOP}*")

# Other words only ask for a look, but not these: another time we cannot read, and a turn that makes the date
# before it a start (起, 至, —) or no limit at all (前后).
_OTHER_TIME = re.compile(r"[0-9](?:[年月日号天周旬]|个月|个?工作日|季度)|[明次后去翌上下每各]个?[年月季周半]|[农阴]历")
_NOT_BY_THEN = re.compile(r"[之以]?后|起|至|到(?!位)|[-—~]")


class _Found(NamedTuple):
    """One limit in a text, and the words before it that nothing accounts for."""

    rule: Rule
    start: int
    end: int
    reading: Reading
    stray: str


def _matches(text: str) -> Iterator[tuple[Rule, re.Match[str]]]:
    """From left to right, without overlaps; at one place the earlier rule wins."""
    hits = [(rule, match) for rule in RULES for match in rule.pattern.finditer(text)]
    end = 0
    for rule, match in sorted(hits, key=lambda hit: hit[1].start()):
        if match.start() >= end:
            yield rule, match
            end = match.end()


def _read(rule: Rule, match: re.Match[str], anchor: date, calendar: WorkingDays) -> Reading:
    try:
        return rule.read(match, anchor, calendar)
    except (ValueError, OverflowError):
        return Reading(None, frozenset({LimitFlag.IMPOSSIBLE}))


def _find(text: str, anchor: date, calendar: WorkingDays) -> tuple[list[_Found], str]:
    """The limits in a text, each with what is stray before it; and what is stray after the last."""
    found: list[_Found] = []
    end = 0
    for rule, match in _matches(text):
        gap = text[end : match.start()]
        neutral = _NEUTRAL_BETWEEN if found else _NEUTRAL_FIRST
        stray = "" if neutral.fullmatch(gap) else gap
        found.append(_Found(rule, *match.span(), _read(rule, match, anchor, calendar), stray))
        end = match.end()
    return found, "" if _NEUTRAL_LAST.fullmatch(text, end) else text[end:]


# --- The verdict -----------------------------------------------------------------------------------------

_DATED = (LimitKind.DATE, LimitKind.PERIOD)

# Flags that ask a person to look, and why, in the order they are told: of the text, and of the day it gives.
_WHY = {
    LimitFlag.IMPOSSIBLE: "“{words}”不是有效日期",
    LimitFlag.UNKNOWN_START: "“{words}”从何时起算不明确",
    LimitFlag.SEVERAL: "写有多个不同的时限",
    LimitFlag.RESIDUE: "“{stray}”未能识别",
}
_WHY_OF_DAY = {
    LimitFlag.AMBIGUOUS: "“{words}”可有不同理解，暂按{due}",
    LimitFlag.NEXT_YEAR: "未写年份，暂按起算日之后最近的{due}",
    LimitFlag.PAST: "{due}早于起算日{anchor}",
    LimitFlag.PROVISIONAL: "有关日期的放假安排尚未公布，{due}为暂定",
}
_ASKING = frozenset(_WHY) | frozenset(_WHY_OF_DAY)
_ALSO = {LimitKind.IMMEDIATE: LimitFlag.IMMEDIATE, LimitKind.SUSTAINED: LimitFlag.SUSTAINED}


def _decisive(found: Sequence[_Found]) -> _Found:
    """The limit that the text stands for: an impossible day, else the last date, else the first word."""
    dated = [limit for limit in found if limit.rule.kind in _DATED]
    if not dated:
        return next((limit for limit in found if limit.rule.kind is LimitKind.IMMEDIATE), found[0])
    return next((limit for limit in dated if limit.reading.due_on is None), dated[-1])


def _unknown_start(found: Sequence[_Found]) -> bool:
    """Whether a period stands after words nobody knows: they may name the event that it counts from."""
    stray = False
    for limit in found:
        stray = stray or bool(limit.stray)
        if stray and limit.rule.kind is LimitKind.PERIOD:
            return True
    return False


def _flags(found: Sequence[_Found], main: _Found, stray: Sequence[str], anchor: date) -> frozenset[LimitFlag]:
    kinds = {limit.rule.kind for limit in found} - {main.rule.kind}
    # One date written twice is one limit; a period beside anything dated is not: that may be its start.
    dated = {
        limit.start if limit.rule.kind is LimitKind.PERIOD else limit.reading.due_on
        for limit in found
        if limit.rule.kind in _DATED
    }
    holds = {
        LimitFlag.SEVERAL: len(dated) > 1,
        LimitFlag.PAST: main.reading.due_on is not None and main.reading.due_on < anchor,
        LimitFlag.RESIDUE: bool(stray),
        LimitFlag.UNKNOWN_START: _unknown_start(found),
    }
    also = {flag for kind, flag in _ALSO.items() if kind in kinds}
    return main.reading.flags | also | {flag for flag, true in holds.items() if true}


def _milestones(found: Sequence[_Found], due_on: date | None) -> tuple[date, ...]:
    """The days before the last, where several are stages of one measure."""
    days = {limit.reading.due_on for limit in found if limit.rule.kind in _DATED and limit.reading.due_on}
    return tuple(sorted(day for day in days if day < due_on)) if due_on else ()


def _any_day_is_a_guess(found: Sequence[_Found], flags: frozenset[LimitFlag], stray: Sequence[str]) -> bool:
    """Several dates are no guess where they are stages, each later than the one before: the last counts."""
    if flags & {LimitFlag.IMPOSSIBLE, LimitFlag.UNKNOWN_START} or any(map(_OTHER_TIME.search, stray)):
        return True
    if LimitFlag.SEVERAL not in flags:
        return False
    days = [limit.reading.due_on for limit in found if limit.reading.due_on is not None]
    return days != sorted(days) or any(limit.rule.kind is LimitKind.PERIOD for limit in found)


def _in_chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _shortened(words: str) -> str:
    return words if len(words) <= 20 else f"{words[:20]}……"


def _reason(flags: frozenset[LimitFlag], due_on: date | None, told: dict[str, str]) -> str:
    """Why a person must look, as one sentence; empty where all is sure."""
    why = _WHY
    if due_on is not None:
        why, told = _WHY | _WHY_OF_DAY, told | {"due": _in_chinese(due_on)}
    return "；".join(sentence.format(**told) for flag, sentence in why.items() if flag in flags)


def _unresolved(text: str, reason: str) -> TimeLimit:
    nowhere, nothing = (0, 0), frozenset[LimitFlag]()
    return TimeLimit(text, LimitKind.UNRESOLVED, None, "", nowhere, nothing, True, f"{reason}，请填写具体日期。")


def _verdict(text: str, plain: str, found: Sequence[_Found], last: str, anchor: date) -> TimeLimit:
    main = _decisive(found)
    stray = [words for words in (*(limit.stray for limit in found), last) if words]
    flags = _flags(found, main, stray, anchor)
    guess = bool(_NOT_BY_THEN.match(plain, main.end)) or _any_day_is_a_guess(found, flags, stray)
    due_on = None if guess else main.reading.due_on
    words, rest = plain[main.start : main.end], "”“".join(map(_shortened, stray))
    why = _reason(flags, due_on, {"words": words, "stray": rest, "anchor": _in_chinese(anchor)})
    reason = f"{why}，{'请填写具体日期' if guess else '请核对'}。" if why else ""
    kind = LimitKind.UNRESOLVED if guess else main.rule.kind
    span, confirm = (main.start, main.end), bool(flags & _ASKING)
    return TimeLimit(text, kind, due_on, main.rule.name, span, flags, confirm, reason, _milestones(found, due_on))


def parse_time_limit(text: str, anchor: date, calendar: WorkingDays) -> TimeLimit:
    """Read a 完成时限. `anchor` is the round's feedback day: periods count from the day after it, and a date
    without a year is its first occurrence on or after it. Whatever the text, this gives an answer.
    """
    if len(text) > LONGEST:
        return _unresolved(text, f"文字超过{LONGEST}字，未予识别")
    plain = normalise(text)
    found, last = _find(plain, anchor, calendar)
    if not found:
        return _unresolved(text, f"未能识别“{_shortened(plain)}”" if plain else "完成时限为空")
    return _verdict(text, plain, found, last, anchor)
