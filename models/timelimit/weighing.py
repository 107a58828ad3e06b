"""Which of the limits found in a text are limits, and which words beside them may matter.

What only begins a range, what was done already and what a period counts back from are left out. What the rest comes
to: verdict.py.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from models.timelimit.limit import LimitFlag, LimitKind
from models.timelimit.rule import Trait
from models.timelimit.search import OF_THE_STRETCH, Found, is_done_before
from models.timelimit.surroundings import (
    Turn,
    doubt_in,
    goes_on_from,
    is_narrowed,
    is_of_another_thing,
    last_clause,
    misleads,
    turn_of,
    without_lead,
)


class Weighed(NamedTuple):
    """The limits that count as such, the words after each, the words that may change them, and what else came up."""

    limits: tuple[Found, ...]
    after: tuple[str, ...]
    stray: tuple[str, ...]
    flags: frozenset[LimitFlag]


def weigh(plain: str, found: Sequence[Found], after: str) -> Weighed:
    """`found` in the text `plain`, and the words `after` the last of them, put on the scales."""
    return _Scales(plain, found, after).weigh()


class _Scales:
    """Goes through what was found once, from left to right."""

    def __init__(self, plain: str, found: Sequence[Found], after: str) -> None:
        self.plain = plain
        self.found = found
        self.gaps = [*(one.before for one in found), after]
        self.limits: list[Found] = []
        self.after: list[str] = []
        self.stray: list[str] = []
        self.flags: set[LimitFlag] = set()

    def weigh(self) -> Weighed:
        self.heed(self.gaps[0], 0, 0)
        for n, one in enumerate(self.found):
            turn, length = self.turn(n)
            if not self.is_left_out(n, turn):
                self.limits.append(one)
                self.after.append(self.gaps[n + 1])
            if turn is Turn.ABOUT or (turn is Turn.RANGE and self.ends_early(n)):
                self.flags.add(LimitFlag.AMBIGUOUS)
            if turn is Turn.PART or self.is_as_of(n):
                self.stray.append(self.gaps[n + 1])
            else:
                self.heed(self.gaps[n + 1], n + 1, length)
        return Weighed(tuple(self.limits), tuple(self.after), tuple(filter(None, self.stray)), frozenset(self.flags))

    def turn(self, n: int) -> tuple[Turn, int]:
        one, gap = self.found[n], self.gaps[n + 1]
        if _is_done_after(self.found, n):
            return Turn.LIMIT, 0
        if one.kind is LimitKind.RECURRING:
            return (Turn.PART if is_narrowed(gap) or goes_on_from(gap) else Turn.LIMIT), 0
        if not one.is_dated:
            return Turn.LIMIT, 0
        turned = turn_of(self.plain, one.end, gap, n + 1 == len(self.found), one.rule.trait is Trait.LOOSE)
        narrowed = turned[0] is Turn.LIMIT and one.is_stretch and one.last not in "前止" and is_narrowed(gap)
        return (Turn.PART, 0) if narrowed else turned

    def is_left_out(self, n: int, turn: Turn) -> bool:
        """What begins a range or a stretch, and the day on which something was done, is no limit."""
        one = self.found[n]
        if one.says_done:
            self.flags.add(LimitFlag.DONE)
            return True
        if one.is_dated and self.is_done(n):
            self.flags.add(LimitFlag.DONE)
            return True
        following = self.found[n + 1] if n + 1 < len(self.found) else None
        if following and (_is_base_of(one, following) or _is_narrowed_by(one, following)):
            return True
        if turn in (Turn.START, Turn.AFTER):
            if following is None or (turn is Turn.AFTER and following.is_dated and following.before not in _THEN):
                self.flags.add(LimitFlag.RESIDUE)
                self.stray.append(one.words(self.plain) + self.gaps[n + 1])
            elif _recurs_too_soon(one, following):
                self.stray.append(one.words(self.plain) + following.before)
            return True
        return turn is Turn.RANGE

    def is_as_of(self, n: int) -> bool:
        """截至5月10日,完成60%: more likely how things stood than by when they must be done."""
        one, gap = self.found[n], self.gaps[n + 1]
        return one.is_dated and one.before.endswith(_AS_OF) and one.last not in "前内止" and bool(_TELLS.search(gap))

    def ends_early(self, n: int) -> bool:
        """Whether the range that the n-th begins ends before it: a slip of the pen, or another year."""
        begins, ends = self.found[n].reading.due_on, self.found[n + 1].reading.due_on
        return begins is not None and ends is not None and ends < begins

    def is_done(self, n: int) -> bool:
        """Whether the n-th is a day on which something was done, or as of which it is said to be."""
        one = self.found[n]
        as_of = one.before.endswith(_AS_OF) and any(later.says_done for later in self.found[n:])
        past = one.last not in "前内" and self.gaps[n + 1].startswith("已")  # 3月21日已挂牌
        return as_of or past or _is_done_after(self.found, n) or is_done_before(self.found, n)

    def heed(self, gap: str, n: int, said: int) -> None:
        """Keeps the words before the n-th limit that may matter; the first `said` characters did matter already."""
        words = gap[said:]
        if n == len(self.found):
            if doubt_in(words):
                self.stray.append(gap)
            return
        following = self.found[n]
        if following.kind is LimitKind.PERIOD:
            words = last_clause(words)[0]  # the last clause says from when the period counts, and was read as that
        left = without_lead(words)
        done = bool(_DONE_IN_BRACKETS.search(words)) and following.is_dated and following.last not in "前内止"
        if done or is_of_another_thing(words) or misleads(left) or (doubt_in(words) and doubt_in(left)):
            self.stray.append(gap)


_DONE_IN_BRACKETS = re.compile(r"(?:完成|办结|到位)\($")
_TELLS = re.compile(r"[0-9一-龥]{3}")
_AS_OF = ("截至", "截止", "截止到", "截至目前")
_THEN = ("后", "起", "之日起", "后,", "起,")


def _recurs_too_soon(one: Found, following: Found) -> bool:
    """2023年4月起每季度末: what recurs would be due before it begins."""
    begins, due_on = one.reading.due_on, following.reading.due_on
    return following.kind is LimitKind.RECURRING and begins is not None and due_on is not None and due_on < begins


def _is_narrowed_by(one: Found, following: Found) -> bool:
    """2023年,6月底; 下半年,10月底前: the stretch only says where the day lies."""
    ends, day = one.reading.due_on, following.reading.due_on
    inside = ends is not None and day is not None and ends.year == day.year and day <= ends
    narrows = one.is_stretch and one.last not in "前止" and following.before in OF_THE_STRETCH - {"("}
    return inside and narrows and following.kind is LimitKind.DATE


def _is_base_of(one: Found, following: Found) -> bool:
    """6月30日前10个工作日: the date is only what the period counts back from."""
    counts_back = one.last == "前" and following.kind is LimitKind.PERIOD and not following.before
    return counts_back and one.kind is LimitKind.DATE and following.reading.due_on is not None


def _is_done_after(found: Sequence[Found], n: int) -> bool:
    """6月30日已完成."""
    following = found[n + 1] if n + 1 < len(found) else None
    return following is not None and following.says_done and following.before in ("", "(") and found[n].last != "前"
