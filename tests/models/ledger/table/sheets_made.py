"""Sheets as a file would give them, made in memory: nothing is written, no process started."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from models.ledger.files.grid import SheetRow
from models.ledger.files.sheets import Sheet


def sheet(name: str, *rows: Sequence[str | date]) -> Sheet:
    """A sheet of these rows; blanks around texts and rows without content go, as they do where files are read."""
    stripped = [tuple(cell.strip() if isinstance(cell, str) else cell for cell in row) for row in rows]
    return Sheet(name, (SheetRow(number, row) for number, row in enumerate(stripped, 1) if any(row)))


def merged(
    name: str, rows: Sequence[Sequence[str]], down: Mapping[tuple[int, int], int], across: Mapping[tuple[int, int], int]
) -> Sheet:
    """A sheet with merged areas of one column or one row: by (row, place) of the first cell, the last row or place."""
    cells = [list(row) for row in rows]
    spanned: list[set[int]] = [set() for _ in rows]
    for (top, place), bottom in down.items():
        for number in range(top + 1, bottom + 1):
            cells[number - 1][place] = cells[top - 1][place]
            spanned[number - 1].add(place)
    widths = [
        {left: right - left + 1 for (row, left), right in across.items() if row == n} for n in range(1, len(rows) + 1)
    ]
    made = zip(cells, spanned, widths, strict=True)
    return Sheet(name, (SheetRow(n, tuple(c), False, frozenset(s), w) for n, (c, s, w) in enumerate(made, 1) if any(c)))


def hidden(found: Sheet, *numbers: int) -> Sheet:
    """The sheet with these rows hidden."""
    return Sheet(found.name, (replace(row, hidden=row.number in numbers) for row in found.rows))
