"""Merged areas of a sheet: which value each row shows in them, row after row.

Used inside the sandbox by the reader of workbooks. A merged area says its value in each row that it covers, at
its first column. It holds the areas that cover the present row only, so that areas of any size cost nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from models.ledger.files.bounds import COLUMNS_MOST
from models.ledger.files.grid import SheetRow, cells_of


@dataclass(slots=True)
class Area:
    """A merged area: 0-based first and last place, 1-based first and last row, and what it shows."""

    left: int
    top: int
    right: int
    bottom: int
    value: str | date = ""


class Merging:
    """The merged areas of one sheet; rows must be asked for in their order."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._to_come = sorted(areas, key=lambda area: area.top, reverse=True)
        self._covers: dict[int, Area] = {}

    def row(
        self, number: int, own: Mapping[int, str | date], hidden: bool, struck: frozenset[int] = frozenset()
    ) -> SheetRow | None:
        """The row as it is seen; None where it shows nothing of its own. `own` are its filled places."""
        self._begin(number, own)
        covers = {place: area for place, area in self._covers.items() if area.bottom >= number}
        self._covers = covers
        if not covers:
            return SheetRow(number, cells_of(own), hidden, struck=struck) if own or struck else None
        seen = {
            place: value
            for place, value in own.items()
            if place not in covers or (covers[place].left, covers[place].top) == (place, number)
        }
        if not (seen or struck):
            return None
        begun = [area for place, area in covers.items() if area.left == place]
        repeated = {area.left: area.value for area in begun if area.top < number and area.value}
        widths = {area.left: area.right - area.left + 1 for area in begun if area.right > area.left}
        return SheetRow(number, cells_of(seen | repeated), hidden, frozenset(repeated), widths, struck)

    def _begin(self, number: int, own: Mapping[int, str | date]) -> None:
        """Takes up the areas that begin here; one that began in a row without content shows nothing."""
        while self._to_come and self._to_come[-1].top <= number:
            area = self._to_come.pop()
            if area.bottom < number:
                continue
            if area.top == number:
                area.value = own.get(area.left, "")
            self._covers.update(dict.fromkeys(range(area.left, min(area.right + 1, COLUMNS_MOST)), area))
