"""What stands twice in a file: one number in two sheets, which is a problem, and one measure, which is told. PURE.

Runs when all rows of all sheets are known. One number twice within a sheet is told of its rows, by sheet_reader.py.
"""

from collections.abc import Sequence

from models.errors import Problem
from models.ledger.columns import Column, number_key
from models.ledger.rows import LedgerRow

SHOWN_MOST = 5
"""Places that one problem about two sheets names; hidden sheets that are named."""

_Pairs = dict[tuple[str, str], list[tuple[LedgerRow, LedgerRow]]]
"""Rows that have something in common, by their sheets, the earlier first."""


def numbers_in_common(rows: Sequence[LedgerRow]) -> list[Problem]:
    """A problem for each two sheets that have numbers in common; within one sheet that was told of each row."""
    first: dict[str, LedgerRow] = {}
    common: _Pairs = {}
    for row in rows:
        before = first.setdefault(number_key(row.no), row)
        if before.sheet != row.sheet:
            common.setdefault((before.sheet, row.sheet), []).append((before, row))
    return [_in_common(pairs) for pairs in common.values()]


def _in_common(pairs: Sequence[tuple[LedgerRow, LedgerRow]]) -> Problem:
    one, other = pairs[0]
    shown = "、".join(f"{b.no}（第{a.row}行与第{b.row}行）" for a, b in pairs[:SHOWN_MOST])
    more = f"等{len(pairs)}个" if len(pairs) > SHOWN_MOST else ""
    cure = "请用 --sheet 选定一张工作表，或改成互不重复的序号"
    text = f"与工作表“{one.sheet}”有相同的序号：{shown}{more}；{cure}"
    return Problem(text, sheet=other.sheet, row=other.row, column=Column.NO, value=other.no)


def equal_measures(rows: Sequence[LedgerRow]) -> list[Problem]:
    """A warning for each two sheets that say the same measure of the same problem."""
    if len({row.sheet for row in rows}) < 2:
        return []
    first: dict[tuple[str, str, str], LedgerRow] = {}
    common: _Pairs = {}
    for row in rows:
        before = first.setdefault((row.problem, row.part_of, row.text), row)
        if before.sheet != row.sheet:
            common.setdefault((before.sheet, row.sheet), []).append((before, row))
    return [_told_twice(pairs) for pairs in common.values()]


def _told_twice(pairs: Sequence[tuple[LedgerRow, LedgerRow]]) -> Problem:
    one, other = pairs[0]
    text = f"与工作表“{one.sheet}”有相同的问题和措施：{_places(pairs)}，请核对是否重复"
    return Problem(text, sheet=other.sheet)


def _places(pairs: Sequence[tuple[LedgerRow, LedgerRow]]) -> str:
    shown = "、".join(f"第{a.row}行与第{b.row}行" for a, b in pairs[:SHOWN_MOST])
    return f"{shown}等{len(pairs)}处" if len(pairs) > SHOWN_MOST else shown
