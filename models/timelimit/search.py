"""Finds every limit in a normalised text, from left to right, and reads the day of each.

A date may lean on the one before it (its year, the day a period counts from). What the limits make together is
verdict.py's to say.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from heapq import heapify, heappop, heapreplace

from models.timelimit.festivals import NoTablesError
from models.timelimit.limit import LimitFlag, LimitKind, WorkingDays
from models.timelimit.periods import PERIODS
from models.timelimit.phrases import PHRASES
from models.timelimit.points import POINTS
from models.timelimit.recurrences import RECURRENCES
from models.timelimit.rule import AMBIGUOUS, Reading, Rule, Standing, Trait
from models.timelimit.starts import Start, start_of
from models.timelimit.stretches import LOOSE_STRETCHES, STRETCHES
from models.timelimit.surroundings import last_clause, without_lead

RULES: tuple[Rule, ...] = (*RECURRENCES, *POINTS, *STRETCHES, *PERIODS, *PHRASES)
"""In this order: of two that begin at one place and are as long, the earlier reads it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One limit in a text, where it stands, its day, the words between the one before and it, its last character."""

    rule: Rule
    start: int
    end: int
    reading: Reading
    before: str
    last: str

    @property
    def kind(self) -> LimitKind:
        return self.rule.kind

    @property
    def is_dated(self) -> bool:
        return self.rule.kind in (LimitKind.DATE, LimitKind.PERIOD)

    @property
    def is_stretch(self) -> bool:
        """Whether it is a date that names no day of its own, but ends with one."""
        return self.rule.kind is LimitKind.DATE and self.rule.trait in (None, Trait.LOOSE)

    @property
    def says_done(self) -> bool:
        return self.rule.trait is Trait.DONE

    def words(self, plain: str) -> str:
        return plain[self.start : self.end]


def find(plain: str, anchor: date, calendar: WorkingDays) -> tuple[list[Found], str]:
    """The limits in a text in their order, and the words after the last."""
    found, after = _find(plain, RULES, anchor, calendar)
    if any(one.is_dated or one.kind is LimitKind.RECURRING for one in found):
        return found, after
    loose, rest = _find(plain, (*LOOSE_STRETCHES, *PHRASES), anchor, calendar)
    led_to = any(one.is_dated and _is_led_to(one.before) for one in loose)
    return (loose, rest) if led_to else (found, after)


def _is_led_to(before: str) -> bool:
    """Whether nothing but words that lead to a date, or such words after others, stand before one."""
    left = without_lead(before)
    return not last_clause(left)[1] or (left != before and before[-1:] not in _STOPS)


_STOPS = frozenset(",;、。:(\n")


def _find(plain: str, rules: Sequence[Rule], anchor: date, calendar: WorkingDays) -> tuple[list[Found], str]:
    found: list[Found] = []
    end = 0
    at = Standing(anchor, calendar, anchor.year, anchor)
    for rule, match in _matches(plain, rules):
        before = plain[end : match.start()]
        reading = _read(rule, match, at, found, before)
        if _BEGINS_A_WORD.search(before) and match[0][0] in _RELATIVE:
            reading = Reading(reading.due_on, reading.flags | AMBIGUOUS)
        end = match.end()
        if (
            rule.kind is LimitKind.PERIOD
            and found
            and found[-1].kind is LimitKind.RECURRING
            and _AFTER_EACH.fullmatch(before)
        ):
            found[-1] = _after_each(found[-1], rule, match, at)
            continue
        found.append(Found(rule, match.start(), end, reading, before, plain[end - 1]))
    return found, plain[end:]


_RELATIVE = frozenset("今本当明次来翌下后去上这分按逐各")
_BEGINS_A_WORD = re.compile(
    r"[一-龥](?<![止迟晚于在至到从自由并且及和或即争取保划计拟须应要请将均需限为议前底末内成善实行改位])$"
)
"""Before a relative word stands a mark or a word that leads to it; else its first character may end another word:
证明|年底前, 基|本月底前, 50万元以|上半年内."""
_AFTER_EACH = re.compile(r"(?:结束|终了|期满)[之以]?后?的?|[之以]?后的?")


def _after_each(each: Found, rule: Rule, match: re.Match[str], at: Standing) -> Found:
    """每季度结束后10个工作日内: a period counted from each end of something that recurs."""
    if each.reading.due_on is None:
        return replace(each, end=match.end(), reading=_UNKNOWN, last=match[0][-1])
    reading = rule.read(match, at._replace(anchor=each.reading.due_on))
    reading = Reading(reading.due_on, each.reading.flags | reading.flags | AMBIGUOUS)
    return replace(each, end=match.end(), reading=reading, last=match[0][-1])


def _matches(plain: str, rules: Sequence[Rule]) -> Iterator[tuple[Rule, re.Match[str]]]:
    """From left to right, without overlaps; of those that begin at one place the longest, then the earlier rule."""
    characters = frozenset(plain)
    ahead = [
        (match.start(), -match.end(), n, rule, match)
        for n, rule in enumerate(rules)
        if not any(map(characters.isdisjoint, rule.needs)) and (match := rule.pattern.search(plain))
    ]
    heapify(ahead)
    end = 0
    while ahead:
        start, _, n, rule, match = ahead[0]
        if start >= end:
            yield rule, match
            end = match.end()
        if following := rule.pattern.search(plain, end):
            heapreplace(ahead, (following.start(), -following.end(), n, rule, following))
        else:
            heappop(ahead)


def _read(rule: Rule, match: re.Match[str], at: Standing, found: Sequence[Found], before: str) -> Reading:
    try:
        if rule.kind is LimitKind.PERIOD:
            return _read_period(rule, match, at, found, before)
        if rule.trait is Trait.BARE_DAY and last_clause(before)[1][-1:] not in _LEADS_TO_A_DAY:
            return _UNKNOWN
        return rule.read(match, _after_the_last(at, found, before))
    except (ValueError, OverflowError, NoTablesError):
        return Reading(None, frozenset({LimitFlag.IMPOSSIBLE}))


def _after_the_last(at: Standing, found: Sequence[Found], before: str) -> Standing:
    """A date without a year after another is not before it, as stages go on, but for one that is part of it."""
    dates = [one for n, one in enumerate(found) if one.kind is LimitKind.DATE and not is_done_before(found, n)]
    if dates and dates[-1] is found[-1] and before.startswith("已"):
        dates.pop()
    last = dates[-1].reading.due_on if dates else None
    if last is None:
        return at
    narrows = dates[-1].is_stretch and dates[-1].last not in "前止" and before in OF_THE_STRETCH
    not_before = date(last.year, 1, 1) if narrows else at.anchor if _WITHIN_THE_LAST.search(before) else last
    if narrows and last.year == at.anchor.year:
        not_before = at.anchor
    return at._replace(year=last.year, not_before=not_before, last=last)


OF_THE_STRETCH = frozenset({",", ";", ":", "(", "内,", "内:"})
"""Between a stretch of time and a day in it: 2023年,6月底; 下半年,10月底前."""


def is_done_before(found: Sequence[Found], n: int) -> bool:
    """已于6月30日…, 已完成(6月30日): the n-th is the day on which it was done."""
    if not n or not found[n - 1].says_done:
        return False
    return found[n].before in ("(", ":") or (not found[n].before and found[n - 1].last in "于在")


_WITHIN_THE_LAST = re.compile(r"[(或]|其中|包括|原")
_UNKNOWN = Reading(None, frozenset({LimitFlag.UNKNOWN_START}))
_LEADS_TO_A_DAY = ("", "于", "在", "到", "至")
"""What may stand before 24日前; after anything else it counts back from it: 届满30日前."""
_LASTING = re.compile(r"共|合计|历时|.{0,20}为期")
"""How long something takes whose days were named before: 4月1日至4月7日,共7天."""
_SINCE = re.compile(r"(?:之日)?起|开始|[之以]?后")


def _read_period(rule: Rule, match: re.Match[str], at: Standing, found: Sequence[Found], before: str) -> Reading:
    """From the anchor, unless the words before it name another start."""
    last = found[-1] if found else None
    if last and last.kind is LimitKind.DATE and last.reading.due_on:
        if not before and last.last == "前":
            return rule.back(match, at._replace(anchor=last.reading.due_on)) if rule.back else _UNKNOWN
        if _SINCE.match(before):
            if last.rule.trait is not Trait.WHOLE_DAY:
                return _UNKNOWN
            reading = rule.read(match, at._replace(anchor=last.reading.due_on))
            return Reading(reading.due_on, reading.flags | AMBIGUOUS)
    if last and _LASTING.fullmatch(last_clause(before)[1]):
        return Reading(None)
    start = start_of(before, "".join(one.before for one in found))
    if start in (Start.UNKNOWN, Start.BACKWARD):
        return _UNKNOWN
    reading = rule.read(match, at)
    return reading if start is Start.ANCHOR else Reading(reading.due_on, reading.flags | AMBIGUOUS)
