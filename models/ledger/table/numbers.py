"""The numbers of the rows of one sheet, where one number stands for a problem, for a measure, or for each row. PURE.

Runs when all rows of a sheet are known. A number that is merged over several rows, blank below its first, or
repeated in each, is made unique: 3.1, 3.2 … and then every row of that sheet gets such a number. Numbers that begin
anew under each title are within the title's. A sheet in which each row has its own keeps them as written.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from models.ledger.columns import NUMBER_END, number_key, plain

_BRACKETS = re.compile(r"[(（](.+)[)）]")
_FIRSTS = frozenset({"1", "01", "001", "一"})


class Fault(StrEnum):
    """What is wrong with the number of a row."""

    BLANK = "blank"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class RowNumber:
    """What a row says of its number: as written (or repeated from a merged cell, `spanned`).

    `follows`: the row belongs to the same problem as the one before it; `part`: even to the same measure. `section`
    are the numbers of the titles that it stands under, the widest first.
    """

    row: int
    no: str
    spanned: bool = False
    follows: bool = False
    part: bool = False
    section: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of a row, or what is wrong with it; `first` is the earlier row that has the same."""

    no: str
    fault: Fault | None = None
    first: int = 0


@dataclass(frozen=True, slots=True)
class SheetNumbers:
    """The numbers of all rows, in their order. `divided`: one number stood for several rows; `within_titles`: they
    began anew under each title.
    """

    rows: tuple[Numbered, ...]
    divided: bool
    within_titles: bool = False


def numbered(row_numbers: Sequence[RowNumber]) -> SheetNumbers:
    """The numbers of these rows."""
    each_row_its_own = _each_row_its_own(row_numbers)
    groups = _groups(row_numbers, each_row_its_own)
    if depth := _depth([row_numbers[group[0]] for group in groups]):
        whole = [replace(one, no=_under(one, depth), section=()) for one in row_numbers]
        return replace(_numbered(whole, groups), within_titles=True)
    return _numbered(row_numbers, groups)


def _numbered(row_numbers: Sequence[RowNumber], groups: Sequence[Sequence[int]]) -> SheetNumbers:
    divided = any(len(group) > 1 for group in groups)
    bare = _bare_form([row_numbers[group[0]].no for group in groups])
    found: dict[int, Numbered] = {}
    first_of: dict[str, int] = {}
    for group in groups:
        head = row_numbers[group[0]]
        first = first_of.setdefault(number_key(head.no), head.row)
        for k, nth in enumerate(group, 1):
            no = f"{bare(head.no)}.{k}" if divided else head.no
            found[nth] = Numbered(no, Fault.TWICE, first) if first != head.row else Numbered(no)
    blank = Numbered("", Fault.BLANK)
    return SheetNumbers(tuple(found.get(nth, blank) for nth in range(len(row_numbers))), divided)


def _depth(heads: Sequence[RowNumber]) -> int:
    """How many levels of titles the numbers are within: 0 where they do not begin anew under each."""
    sections = {head.section for head in heads}
    if len(sections) < 2 or len({number_key(head.no) for head in heads}) == len(heads):
        return 0
    anew = [depth for depth in range(1, max(map(len, sections)) + 1) if _begin_anew(heads, depth)]
    return next(
        (depth for depth in anew if len({_under(head, depth) for head in heads}) == len(heads)), max(anew, default=0)
    )


def _begin_anew(heads: Sequence[RowNumber], depth: int) -> bool:
    firsts: dict[tuple[str, ...], str] = {}
    for head in heads:
        firsts.setdefault(head.section[:depth], plain(_bare(head.no)))
    return len(firsts) > 1 and set(firsts.values()) <= _FIRSTS


def _under(one: RowNumber, depth: int) -> str:
    """The number within those of its titles; none where it has none."""
    return ".".join((*one.section[:depth], _bare(one.no))) if one.no else ""


def _each_row_its_own(row_numbers: Sequence[RowNumber]) -> bool:
    """Whether two rows of one problem, one after the other, have different numbers of their own."""
    return any(
        later.follows and not later.part and _own(earlier) and _own(later) and _differ(earlier, later)
        for earlier, later in pairwise(row_numbers)
    )


def _own(one: RowNumber) -> bool:
    return bool(one.no) and not one.spanned


def _differ(one: RowNumber, other: RowNumber) -> bool:
    return number_key(one.no) != number_key(other.no)


def _groups(row_numbers: Sequence[RowNumber], each_row_its_own: bool) -> list[list[int]]:
    """The rows that share a number, as places in `row_numbers`; a row whose number is missing is in none."""
    groups: list[list[int]] = []
    for nth, one in enumerate(row_numbers):
        open_group = bool(groups) and groups[-1][-1] == nth - 1
        if open_group and _joins(one, row_numbers[groups[-1][0]], each_row_its_own):
            groups[-1].append(nth)
        elif one.no:
            groups.append([nth])
    return groups


def _joins(one: RowNumber, head: RowNumber, each_row_its_own: bool) -> bool:
    """Whether a row shares the number of the group above it."""
    if one.section != head.section:
        return False
    if one.spanned and one.no:
        return not _differ(one, head)
    if one.no and _differ(one, head):
        return False
    return one.part if each_row_its_own else one.follows


def _bare(no: str) -> str:
    """The number without what encloses it, to put another one behind it: （三） and 三、 are 三."""
    stripped = _without_end(no)
    enclosed = _BRACKETS.fullmatch(stripped)
    return enclosed[1] if enclosed else stripped


def _bare_form(heads: Sequence[str]) -> Callable[[str], str]:
    """How numbers are bared. Where 1 and （1） are two numbers, the brackets must stay."""
    enclosed_matter = len({number_key(_bare(no)) for no in heads}) < len({number_key(no) for no in heads})
    return _without_end if enclosed_matter else _bare


def _without_end(no: str) -> str:
    return no.strip().rstrip(NUMBER_END)


def within(outer: str, inner: str) -> str:
    """A number within another, where a ledger has two columns of them: 3 and （2） are 3.2."""
    return f"{_bare(outer)}.{_bare(inner)}"
