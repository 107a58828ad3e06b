"""How the sandbox tells sheets and rows to the program that waits for them: lines of JSON, and how they are read.

Both sides use it. What arrives is believed to be text, numbers and dates at most: the side that reads a hostile
file may have been taken over by it, so anything else is an error.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson

from models.errors import LedgerRefused, Problem
from models.ledger.files.grid import Found, HiddenSheet, SheetRow

_ROWS_A_LINE = 500
_CHARACTERS_A_LINE = 256 * 1024
_WHY_LONGEST = 500
END = b'["end"]'
"""The last line where all went well, without the sign that ends it."""


def lines_of(found: Iterator[Found]) -> Iterator[bytes]:
    """Sheets and rows as lines, many rows to a line."""
    rows: list[object] = []
    room = _CHARACTERS_A_LINE
    for item in found:
        if isinstance(item, SheetRow):
            rows.append(_told(item))
            room -= sum(len(cell) for cell in item.cells if isinstance(cell, str))
        if rows and (not isinstance(item, SheetRow) or len(rows) == _ROWS_A_LINE or room < 0):
            yield _line("rows", rows)
            rows, room = [], _CHARACTERS_A_LINE
        if isinstance(item, str):
            yield _line("sheet", item)
        elif isinstance(item, HiddenSheet):
            yield _line("hidden", item.name)
    if rows:
        yield _line("rows", rows)


def line_of_refusal(refusal: LedgerRefused) -> bytes:
    told = [(problem.text, problem.sheet, problem.row) for problem in refusal.problems]
    return _line("refused", refusal.zh, refusal.cure, told, repr(refusal.__cause__)[:_WHY_LONGEST])


def heard(line: bytes) -> Iterator[Found]:
    """What a line tells. Raises the LedgerRefused that it tells, or ValueError where it tells nothing of ours."""
    match orjson.loads(line):
        case ["sheet", str(name)]:
            yield name
        case ["hidden", str(name)]:
            yield HiddenSheet(name)
        case ["rows", list(rows)]:
            yield from map(_row, rows)
        case ["refused", str(zh), str(cure), list(told), str(why)]:
            raise LedgerRefused(zh, [_problem(each) for each in told], cure) from (
                None if why == "None" else ValueError(why)
            )
        case _:
            raise ValueError("no line of ours")


def _line(*told: object) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _told(row: SheetRow) -> tuple[object, ...]:
    """A row as JSON has it: a date as the number of its day; what is seldom there is left away."""
    cells = [cell.toordinal() if isinstance(cell, date) else cell for cell in row.cells]
    if not (row.hidden or row.spanned or row.widths or row.struck):
        return row.number, cells
    return row.number, cells, row.hidden, sorted(row.spanned), sorted(row.widths.items()), sorted(row.struck)


def _row(told: Any) -> SheetRow:
    match told:
        case [int(number), list(cells)]:
            return SheetRow(number, tuple(map(_cell, cells)))
        case [int(number), list(cells), bool(hidden), list(spanned), list(widths), list(struck)]:
            places = frozenset(map(_whole, spanned))
            extents = {_whole(place): _whole(width) for place, width in widths}
            return SheetRow(number, tuple(map(_cell, cells)), hidden, places, extents, frozenset(map(_whole, struck)))
        case _:
            raise ValueError("no row of ours")


def _cell(told: Any) -> str | date:
    return told if type(told) is str else date.fromordinal(_whole(told))


def _whole(told: Any) -> int:
    if type(told) is not int:
        raise ValueError("no whole number")
    return told


def _problem(told: Any) -> Problem:
    match told:
        case [str(text), str(sheet), int() | None as row]:
            return Problem(text, sheet=sheet, row=row)
        case _:
            raise ValueError("no problem of ours")
