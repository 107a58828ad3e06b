"""What a rule of the grammar is, what it is handed and what it answers; and the pieces that patterns are made of.

The rules themselves stand in points.py, stretches.py, periods.py, recurrences.py and phrases.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import NamedTuple

from models.timelimit.days import first_on_or_after
from models.timelimit.limit import LimitFlag, LimitKind, WorkingDays


class Standing(NamedTuple):
    """Where in time a text is read.

    `anchor` is the day that periods count from. A day without a year is its first occurrence in `year` or later
    that is not before `not_before`: of the anchor at first, of the date before it in the same text after that.
    `last` is that date: 次年, 当月 and the like are told from it.
    """

    anchor: date
    calendar: WorkingDays
    year: int
    not_before: date
    last: date | None = None

    def seen_from(self, word: str) -> date:
        """The day from which a relative word is told: the date before it, else the anchor."""
        return self.last if self.last and word[0] in "次翌当" else self.anchor


class Reading(NamedTuple):
    """The last day that is in time (None: the limit has no day of its own), and what to know of it."""

    due_on: date | None
    flags: frozenset[LimitFlag] = frozenset()


Read = Callable[[re.Match[str], Standing], Reading]


class Trait(Enum):
    """What else is to be known of a rule by those that weigh what it read."""

    WHOLE_DAY = auto()
    """It names a day, from which a period may count."""
    BARE_DAY = auto()
    """It names a day without its month: 24日前, which counts back after anything but a word that leads to a day."""
    LOOSE = auto()
    """It reads a stretch of time that goes on into other words."""
    DONE = auto()
    """It says that something is done."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to write a limit.

    `read` gets the match and where it stands, and raises ValueError, OverflowError or NoTablesError (a festival of
    a year without tables) where there is no such day. `pattern` repeats nothing without bound, so that no text can
    make it run away. `needs` are sets of characters, of each of which the text must have one, or it is not
    searched at all. `back`, of a period, gives the day so far before the anchor; None where it cannot count back.
    """

    name: str
    kind: LimitKind
    needs: tuple[frozenset[str], ...]
    pattern: re.Pattern[str]
    read: Read
    back: Read | None = None
    trait: Trait | None = None


def rule(
    name: str, kind: LimitKind, needs: str, pattern: str, read: Read, *,
    back: Read | None = None, trait: Trait | None = None,
) -> Rule:  # fmt: skip
    """A rule; `needs` as words of characters: "季Qq 前" needs one of the first three, and 前."""
    return Rule(name, kind, tuple(map(frozenset, needs.split())), re.compile(pattern), read, back, trait)


INFERRED = frozenset({LimitFlag.YEAR_INFERRED})
INFERRED_NEXT = INFERRED | {LimitFlag.NEXT_YEAR}
AMBIGUOUS = frozenset({LimitFlag.AMBIGUOUS})
SURE: frozenset[LimitFlag] = frozenset()

# --- Pieces of patterns

WEEKDAYS = "一二三四五六日1234567天"
"""How weekdays are written; the place modulo 7 counts from Monday."""
FULL_YEAR = r"(?<![0-9])(?P<year>(?:19|20)[0-9]{2})"
DASH = r"(?:[-—–―─~〜]{1,2}|至|到)"
# A year as written, in two digits or four, or told from the year the text was written in.
YEAR = (
    r"(?:(?<![0-9])(?P<year>(?:19|20)[0-9]{2}|[1-4][0-9])年{1,2}度?"
    r"|(?P<relative>[今本]年度?|当年|[明次来翌]年度?|(?<!下)下1?年度?|(?<!大)后年|去年|上年度?))的?\(?"
)
# What somebody gave another year than these, or a number that is part of something else, is not ours to date:
# 前年6月底, 上年底, 学年末, the 5 of 2.5个月 and the 6 of 第6月.
NO_YEAR = (
    r"(?<![0-9年度.前明后去次来下翌每学财周半当第几数多余两一二三四五六七八九十])(?<![0-9]/)(?<!(?<![则网会线以])上)"
)
MONTH, DAY = r"(?P<month>[0-9]{1,2})", r"(?P<day>[0-9]{1,2})"
# The beginning of a range whose end is in the same year, or the same month: 4月1日至6月30日, 6-12月.
_REST_OF_A_DATE = r"(?:月份?)?(?:(?P<from_day>[0-9]{1,2})[日号]?|[上中下]旬|[初中底末])?"
FROM = rf"(?:(?P<from_month>[0-9]{{1,2}}){_REST_OF_A_DATE}起?{DASH}|[0-9]{{1,2}}、)?"
CLOCK = (
    r"(?:上午|下午|中午|晚上?)?"
    r"(?:[0-9]{1,2}(?:[时点]整?(?:[0-9]{1,2}分)?|[:][0-9]{2}(?::[0-9]{2})?[时分]?))?(?:下班)?"
)
HOUR = rf"(?:\(?(?:星期|周)[1-7一二三四五六日天]\)?,?)?{CLOCK}"
BEFORE = r"[之以]?前(?![后期述列沿任身景置]|进(?!一步))"
BY = rf"{HOUR}(?:{BEFORE}|[之以]?内|为?止)?"
# A limit without 前, 底 or 内 must not be part of something longer: 2023年度预算, 6月工资, 3个月的培训.
ALONE = (
    r"(?=$|[,;:/、。.()\n\"'”’】\]]|[-—–―─~〜至到起]|完成|完毕|整改|落实|办结|到位|实现|解决|销号|各|集中|组织|执行|实施|推进|开展|"
    r"力争|争取|确保|动工|开工|施工|竣工|投产|投用|启动|启用|开业|达标|达到|清零|交付|验收|兑现|整治|治理|在|为|是|按|要|必?须|应|将|提交|报|送|建立|制定|出台|形成|取得|见效|结束|全面|全部|基本|报送|上报|并|且|及|和|或|开始|前后|左右)"
)
WITHIN = r"[之以]?内"


def dated(match: re.Match[str], at: Standing, day_of: Callable[[int], date]) -> Reading:
    """`day_of` the year that the match gives, else the first occurrence; over the turn of the year where the
    range that it ends begins in a later month.
    """
    groups = match.groupdict()
    year = _year(groups, at)
    began, month = groups.get("from_month"), groups.get("month")
    turns = bool(began and month and int(began) > int(month))
    doubt = AMBIGUOUS if turns or _ends_before_it_begins(groups) else SURE
    if year is not None:
        return Reading(day_of(year + turns), doubt)
    not_before = max(at.not_before, date(at.year, int(began), 1)) if turns and began else at.not_before
    day = first_on_or_after(not_before, at.year, day_of)
    return Reading(day, (INFERRED_NEXT if day.year > at.year else INFERRED) | doubt)


def _ends_before_it_begins(groups: dict[str, str | None]) -> bool:
    """Whether the end of a range in one month, or of quarters, is before its beginning: a slip of the pen."""
    month, day, quarter = groups.get("from_month"), groups.get("from_day"), groups.get("from_quarter")
    first, last = groups.get("first_day"), groups.get("day")
    backward = bool(month and day and last and month == groups.get("month") and int(day) > int(last))
    backward |= bool(first and last and int(first) > int(last))
    return backward or bool(quarter and int(quarter) > int(groups.get("quarter") or 4))


_RELATIVE = {"今": 0, "本": 0, "当": 0, "明": 1, "次": 1, "来": 1, "翌": 1, "下": 1, "后": 2, "去": -1, "上": -1}


def _year(groups: dict[str, str | None], at: Standing) -> int | None:
    """The year that a match names, in full or as seen from the anchor; None where it names none.

    Raises ValueError for two digits that would be far from the anchor: they were no year.
    """
    written, relative = groups.get("year"), groups.get("relative")
    if relative:
        return at.seen_from(relative).year + _RELATIVE[relative[0]]
    if not written:
        return None
    if len(written) == 4:
        return int(written)
    year = at.anchor.year // 100 * 100 + int(written)
    if not at.anchor.year - 2 <= year <= at.anchor.year + 7:
        raise ValueError("no year near the anchor")
    return year


def ambiguous(reading: Reading) -> Reading:
    return Reading(reading.due_on, reading.flags | AMBIGUOUS)
