"""The numbers of the rows of one sheet, where one number stands for a problem, for a measure, or for each row. PURE.

Runs when all rows of a sheet are known. A number that is merged over several rows, blank below its first, or
repeated in each, is made unique: 3.1, 3.2 … and then every row of that sheet gets such a number. A sheet in which
each row has its own keeps them as written.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from models.ledger.columns import plain

_END = "、.．,，。:："
_BRACKETS = re.compile(r"[(（](.+)[)）]")


class Fault(StrEnum):
    """What is wrong with the number of a row."""

    BLANK = "blank"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a row says of its number: as written (or repeated from a merged cell, `spanned`).

    `follows`: the row belongs to the same problem as the one before it; `part`: even to the same measure.
    """

    row: int
    no: str
    spanned: bool = False
    follows: bool = False
    part: bool = False


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of a row, or what is wrong with it; `first` is the earlier row that has the same."""

    no: str
    fault: Fault | None = None
    first: int = 0


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers of all rows, in their order. `divided`: one number stood for several rows."""

    rows: tuple[Numbered, ...]
    divided: bool


def number_key(no: str) -> str:
    """The number for comparing: （１）and (1), 1. and 1、 and ① and 1 are the same."""
    return plain(no).rstrip(_END)


def numbered(marks: Sequence[Mark]) -> Numbering:
    """The numbers of these rows."""
    each_row_its_own = _each_row_its_own(marks)
    groups = _groups(marks, each_row_its_own)
    divided = any(len(group) > 1 for group in groups)
    bare = _bare_form([marks[group[0]].no for group in groups])
    found: dict[int, Numbered] = {}
    first_of: dict[str, int] = {}
    for group in groups:
        head = marks[group[0]]
        first = first_of.setdefault(number_key(head.no), head.row)
        for k, nth in enumerate(group, 1):
            no = f"{bare(head.no)}.{k}" if divided else head.no
            found[nth] = Numbered(no, Fault.TWICE, first) if first != head.row else Numbered(no)
    blank = Numbered("", Fault.BLANK)
    return Numbering(tuple(found.get(nth, blank) for nth in range(len(marks))), divided)


def _each_row_its_own(marks: Sequence[Mark]) -> bool:
    """Whether two rows of one problem, one after the other, have different numbers of their own."""
    return any(
        later.follows and not later.part and _own(earlier) and _own(later) and _differ(earlier, later)
        for earlier, later in pairwise(marks)
    )


def _own(mark: Mark) -> bool:
    return bool(mark.no) and not mark.spanned


def _differ(one: Mark, other: Mark) -> bool:
    return number_key(one.no) != number_key(other.no)


def _groups(marks: Sequence[Mark], each_row_its_own: bool) -> list[list[int]]:
    """The rows that share a number, as places in `marks`; a row whose number is missing is in none."""
    groups: list[list[int]] = []
    for nth, mark in enumerate(marks):
        open_group = bool(groups) and groups[-1][-1] == nth - 1
        if open_group and _joins(mark, marks[groups[-1][0]], each_row_its_own):
            groups[-1].append(nth)
        elif mark.no:
            groups.append([nth])
    return groups


def _joins(mark: Mark, head: Mark, each_row_its_own: bool) -> bool:
    """Whether a row shares the number of the group above it."""
    if mark.spanned and mark.no:
        return not _differ(mark, head)
    if mark.no and _differ(mark, head):
        return False
    return mark.part if each_row_its_own else mark.follows


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
    return no.strip().rstrip(_END)


def within(outer: str, inner: str) -> str:
    """A number within another, where a ledger has two columns of them: 3 and （2） are 3.2."""
    return f"{_bare(outer)}.{_bare(inner)}"


def rows_zh(rows: Sequence[int]) -> str:
    """Row numbers as 第3、5至8行; after twenty runs only how many there are in all."""
    runs = list(_runs(rows))
    shown = "、".join(str(run[0]) if run[0] == run[1] else f"{run[0]}至{run[1]}" for run in runs[:20])
    return f"第{shown}行" if len(runs) <= 20 else f"第{shown}行等共{len(rows)}行"


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = end = None
    for row in rows:
        if start is not None and end is not None and row == end + 1:
            end = row
            continue
        if start is not None and end is not None:
            yield start, end
        start = end = row
    if start is not None and end is not None:
        yield start, end
