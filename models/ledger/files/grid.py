"""One row of a sheet as it is seen, whatever kind of file it stands in. PURE.

Made by the readers of files, within the sandbox; made anew from what the sandbox tells; read by whoever looks for
measures in it. It does not know what the cells mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

NOT_COMPUTED = "#未计算"
"""What a cell says whose formula was never computed: a program wrote the file and no spreadsheet has saved it."""
CELL_ERRORS = frozenset(
    {
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        NOT_COMPUTED,
    }
)
"""What a cell says in place of what was meant."""


Cell = str | date
"""What a cell shows: text, or a day."""


def cells_of(filled: Mapping[int, Cell]) -> tuple[Cell, ...]:
    """The cells of a row by its filled places."""
    return tuple(filled.get(place, "") for place in range(max(filled, default=-1) + 1))


def text_of(cell: Cell) -> str:
    """The cell as text; a date as 2023-06-30."""
    return cell.isoformat() if isinstance(cell, date) else cell


@dataclass(frozen=True, slots=True)
class HiddenSheet:
    """A sheet that is not shown, by its name. What stands in it is not read."""

    name: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its 1-based number as the spreadsheet shows it, its cells, "" where blank; hidden or not.

    `spanned` are the 0-based places whose value is not the row's own: a merged area that begins in a row above
    repeats it here. A merged area over several columns says its value at its first place and is blank at the
    others; `widths` gives, by that first place, how many columns it covers. `struck` are the places with text that is
    struck out, which is left out of the cells.
    """

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False
    spanned: frozenset[int] = frozenset()
    widths: Mapping[int, int] = field(default_factory=dict)
    struck: frozenset[int] = frozenset()

    def cell(self, place: int) -> Cell:
        """The cell at a 0-based place; a short row is blank beyond its end."""
        return self.cells[place] if place < len(self.cells) else ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells as text."""
        return tuple(map(text_of, self.cells))


Found = str | HiddenSheet | SheetRow
"""What is told of a file: each sheet by its name, then its rows."""
