"""A sheet that is to be written, as plain values: headings, rows of text, what is merged and what is painted. PURE.

Made by layout.py and annexes.py; turned into files by workbook.py and delimited.py, which know nothing of ledgers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from models.ladder import Colour
from models.ledger.writing.cells import fitted

LONGEST_ROW = 409.0
"""Points of a row, in any program."""
_LINE, _AROUND = 14.0, 8.0


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: what it is called, and how wide it is, in half-width signs. `short`: its texts stand in the middle."""

    text: str
    width: float
    short: bool = True


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that are one, by 0-based rows and places, the last included; what it says stands in the first."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet. `note` stands under the title; every row has a cell for every heading; `colours` are painted by row, at
    `painted` places.
    """

    name: str
    title: str
    note: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    merges: tuple[Merge, ...] = ()
    colours: tuple[Colour | None, ...] = ()
    painted: frozenset[int] = frozenset()

    def colour(self, row: int, place: int) -> Colour | None:
        """What this cell is filled with."""
        return self.colours[row] if place in self.painted else None

    def covered(self) -> frozenset[tuple[int, int]]:
        """The cells that a merge leaves without a text of their own."""
        return frozenset(self._covered())

    def _covered(self) -> Iterator[tuple[int, int]]:
        for one in self.merges:
            for row in range(one.top, one.bottom + 1):
                for place in range(one.left, one.right + 1):
                    if (row, place) != (one.top, one.left):
                        yield row, place


def fit(grid: Grid) -> tuple[Grid, int]:
    """The sheet with every text as a cell can hold it, and of how many something had to be left out."""
    cut = 0
    rows = []
    for row in grid.rows:
        made = [fitted(text) for text in row]
        cut += sum(is_cut for _, is_cut in made)
        rows.append(tuple(text for text, _ in made))
    return replace(grid, title=fitted(grid.title)[0], note=fitted(grid.note)[0], rows=tuple(rows)), cut


def height_of(lines: int) -> float:
    """The height of a row of so many lines, in points."""
    return min(lines * _LINE + _AROUND, LONGEST_ROW)


def lines_most() -> int:
    """Lines that the highest row holds."""
    return int((LONGEST_ROW - _AROUND) // _LINE)
