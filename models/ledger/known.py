"""The measures of a round as a later file is held against them, and what they and its rows are told by. PURE.

`KnownRow` is filled by models/handling/known_rows.py; models/ledger/difference.py compares.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from models.ledger.columns import number_key, plain
from models.ledger.content import Content, content_of
from models.ledger.matching import KnownTelling, Telling
from models.ledger.rows import LedgerRow
from models.lifecycle import State


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A measure of the round: what holds of it now, and what its ledger said last.

    `due_on` is the date that it is held to now: that of its completion clock, else the ledger's own. `series` is the
    import that had the row last: rows of one series are of one ledger.
    """

    measure_id: int
    no: str
    version: int
    state: State
    due_on: date | None
    now: Content
    imported: Content
    series: int


def kept_once(known: Iterable[KnownRow], read: Sequence[LedgerRow]) -> Iterator[KnownRow]:
    """The measures, those whose row says what it said last with the row's own texts: of 100,000 all stand in memory."""
    by_no = {number_key(row.no): row for row in read}
    for one in known:
        row = by_no.get(number_key(one.no))
        said = content_of(row) if row else None
        if said == one.imported:
            yield replace(one, imported=said, now=said if one.now is one.imported else one.now)
        else:
            yield one


@dataclass(slots=True)
class Tellings:
    """What rows and measures are told by. Most texts stand on both sides and are made plain once."""

    _plain: dict[str, str] = field(default_factory=dict)

    def of_rows(self, read: Sequence[LedgerRow]) -> list[Telling]:
        """The rows of a file."""
        return [self._telling(number_key(row.no), row.problem, row.text, row.unit) for row in read]

    def of_known(self, known: Sequence[KnownRow]) -> list[KnownTelling]:
        """The measures of the round."""
        return [self._known(one) for one in known]

    def _known(self, one: KnownRow) -> KnownTelling:
        said, holds = one.imported, one.now
        holding = self._telling(number_key(one.no), holds.problem, holds.text, holds.unit)
        saying = holding if said is holds else self._telling(said.no or holding.no, said.problem, said.text, said.unit)
        is_same = saying == holding
        return KnownTelling(saying, saying if is_same else holding, one.series, one.state is State.WITHDRAWN)

    def _telling(self, no: str, problem: str, text: str, unit: str) -> Telling:
        return Telling(no, self._words(problem), self._words(text), unit)

    def _words(self, text: str) -> str:
        found = self._plain.get(text)
        if found is None:
            found = plain(text)
            self._plain[text] = found = text if found == text else found
        return found
