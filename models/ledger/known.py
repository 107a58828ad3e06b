"""The measures of a round as a later file is held against them, and what they and its rows are told by. PURE.

`KnownRow` is filled by models/handling/known_rows.py; models/ledger/difference.py compares.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from models.ledger.columns import plain
from models.ledger.content import Content
from models.ledger.matching import KnownTelling, Telling
from models.lifecycle import State


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A measure of the round: what holds of it now, and what its ledger said last.

    Both contents have a number. `due_on` is the date that it is held to now: that of its completion clock, else the
    ledger's own. `series` is the import that had the row last: rows of one series are of one ledger.
    """

    measure_id: int
    no: str
    version: int
    state: State
    due_on: date | None
    now: Content
    imported: Content
    series: int


def kept_once(known: Iterable[KnownRow], contents: Sequence[Content]) -> Iterator[KnownRow]:
    """The measures, with the file's own value where their row says what it said: 100,000 of them stand in memory."""
    by_no = {content.no: content for content in contents}
    for one in known:
        said = by_no.get(one.now.no)
        if said == one.imported:
            now = said if one.now is one.imported else one.now
            yield KnownRow(one.measure_id, one.no, one.version, one.state, one.due_on, now, said, one.series)
        else:
            yield one


class Tellings:
    """What the rows of a file are told by, and measures beside them. What stands on both sides is made plain once."""

    def __init__(self, contents: Sequence[Content]) -> None:
        self._contents = contents
        self._plain: dict[str, str] = {}
        self.of_rows = [self._telling(said) for said in contents]
        # By identity, while the contents are held here: most measures have that of their row.
        self._of_row = {id(said): telling for said, telling in zip(contents, self.of_rows, strict=True)}

    def of_known(self, known: Iterable[KnownRow]) -> list[KnownTelling]:
        """The measures of the round."""
        return [self._known(one) for one in known]

    def _known(self, one: KnownRow) -> KnownTelling:
        holding = saying = self._of_row.get(id(one.now)) or self._telling(one.now)
        if one.imported is not one.now:
            said = self._telling(one.imported)
            saying = holding if said == holding else said
        return KnownTelling(saying, holding, one.series, one.state is State.WITHDRAWN)

    def _telling(self, said: Content) -> Telling:
        return Telling(said.no, self._words(said.problem), self._words(said.text), said.unit)

    def _words(self, text: str) -> str:
        found = self._plain.get(text)
        if found is None:
            found = plain(text)
            self._plain[text] = found = text if found == text else found
        return found
