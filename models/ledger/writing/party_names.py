"""How the parties of a measure are written, so that whoever imports the ledger knows each of them again. PURE.

Runs once for each different text. The reader of ledgers itself is asked what it makes of a name; a name that says
something else in its column is given with its code, or by its code alone.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from models.directory import Directory
from models.ledger.columns import Column
from models.ledger.table.party_cells import LONGEST_CELL, PartyBook

_BETWEEN = "、"


class PartyNames:
    """The parties of one directory, as a cell names them. A party it does not have is called by the name given."""

    def __init__(self, directory: Directory) -> None:
        self._book = PartyBook(directory)
        self._known = {party.code for party in directory.parties}
        self.one = cache(self._one)
        self.several = cache(self._several)

    def _one(self, column: Column, code: str, name: str) -> str:
        """A lead or a unit; "" for none."""
        if code not in self._known:
            return name
        return next((text for text in _ways(code, name) if self._names(column, text, (code,))), name)

    def _several(self, parties: Sequence[tuple[str, str]]) -> str:
        """Cooperating units, given by code and name; "" for none."""
        if not parties:
            return ""
        codes = tuple(code for code, _ in parties)
        alone = [self._one(Column.COOPERATING, code, name) for code, name in parties]
        ways = (_BETWEEN.join(alone), "\n".join(alone), _BETWEEN.join(codes), "\n".join(codes))
        return next((text for text in ways if self._names(Column.COOPERATING, text, codes)), ways[0])

    def _names(self, column: Column, text: str, codes: tuple[str, ...]) -> bool:
        named = self._book.named(column, text) if len(text) <= LONGEST_CELL else None
        return named is not None and not named.faults and sorted(named.codes) == sorted(codes)


def _ways(code: str, name: str) -> Iterator[str]:
    yield name
    yield f"{name}（{code}）"
    yield code
