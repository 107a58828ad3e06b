"""The header of a sheet: found among titles and notes, in one row or two, and which column stands where. PURE.

Runs on the first rows of each sheet. It decides only from what stands there as headings; what the cells below hold
is never evidence here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from models.ledger.columns import OPTIONAL, REQUIRED, Column, ColumnMapping, plain
from models.ledger.files.grid import SheetRow
from models.ledger.rows import MatchedBy, MatchedHeading, UnreadHeading
from models.ledger.table.headings import (
    HEADING_LONGEST,
    RANK_OF_SYNONYM,
    Manner,
    Meaning,
    likeness_of,
    meaning_of,
    meaning_under,
)
from models.ledger.table.synonyms import GOAL, REMARK

WITHIN = 20
"""The header is one of the first so many rows; titles and notes may stand above it."""
AT_LEAST = 3
"""A row with this many known headings is a header, so that a missing column can be told."""
SURELY, WITH_LIKENESS = 2, 4
"""Also one with so many known headings, if with those alike there are so many."""
_MAY_HIDE_LIMIT = frozenset({REMARK, GOAL})


@dataclass(frozen=True, slots=True)
class Header:
    """A header. `row` is its last row; `places` are 0-based.

    `doubled` are headings of equal standing for one column; `inner_no` is the place of a second 序号, which numbers
    within the first; `hints` are places, with their headings, where a time limit may be hidden. `former_limit` is the
    place of the limits that hold where the column of adjusted ones is blank. `titles` are its texts by place, for each
    of its rows, to know it again on a later page.
    """

    sheet: str
    row: int
    places: Mapping[Column, int]
    matched: tuple[MatchedHeading, ...]
    unread: tuple[UnreadHeading, ...]
    doubled: tuple[tuple[MatchedHeading, ...], ...]
    manners: Mapping[Column, Manner]
    inner_no: int | None
    hints: tuple[tuple[int, str], ...]
    former_limit: int | None
    titles: tuple[tuple[tuple[int, str], ...], ...]

    @property
    def missing(self) -> tuple[Column, ...]:
        return tuple(column for column in REQUIRED if column not in self.places)

    @property
    def unknown(self) -> tuple[UnreadHeading, ...]:
        return tuple(one for one in self.unread if not one.kind)

    def heading(self, column: Column) -> str:
        """The heading as the ledger has it, without blanks; the canonical one where it has none."""
        place = self.places.get(column)
        written = (one.heading for one in self.matched if one.column is column and one.place == place)
        return next(written, column.value)

    def is_again(self, row: SheetRow) -> bool:
        """Whether this row repeats a row of the header, as long tables do on each page."""
        return any(titles and all(_says(row, place, text) for place, text in titles) for titles in self.titles)


def header_in(sheet: str, rows: Sequence[SheetRow], mapping: ColumnMapping) -> Header | None:
    """The first header among these rows, which begin the sheet.

    Where none has enough known headings, it is the row that looks like one, if it has any two: what is missing can
    then be told.
    """
    for nth, row in enumerate(rows):
        if row.number > WITHIN:
            break
        below = rows[nth + 1] if nth + 1 < len(rows) else None
        if header := _header_at(sheet, row, below, mapping):
            return header
    likely = likely_header(rows)
    claims = _Claims(sheet, likely.number, _single(likely, mapping)) if likely else None
    return claims.header((likely,)) if likely and claims and claims.count >= SURELY else None


def likely_header(rows: Sequence[SheetRow]) -> SheetRow | None:
    """The row that looks most like a header nobody can read: many short and different words, no numbers."""
    rated = [(_looks(row), -row.number, row) for row in rows if row.number <= WITHIN]
    best = max(rated, key=lambda one: one[:2], default=(0, 0, None))
    return best[2] if best[0] >= AT_LEAST else None


def _looks(row: SheetRow) -> int:
    words = [plain(text) for text in row.texts if text]
    fit = all(1 < len(word) <= 15 and not any(char.isdigit() for char in word) for word in words)
    return len(set(words)) if fit and len(set(words)) == len(words) else 0


def _header_at(sheet: str, row: SheetRow, below: SheetRow | None, mapping: ColumnMapping) -> Header | None:
    """A header of this row, or of this and the one below where together they say more than either alone."""
    alone = _Claims(sheet, row.number, _single(row, mapping))
    if below is not None and (pairs := _paired(row, below)):
        both = _Claims(sheet, below.number, _of_pairs(pairs, mapping))
        lower = _Claims(sheet, below.number, _single(below, mapping))
        # A row of notes above the header is no group of columns, though the columns below it are known.
        is_group = both.count > lower.count or (alone.count > 0 and both.count == lower.count)
        says_more = both.is_header and both.count > alone.count and is_group
        if says_more or (alone.is_header and _goes_on(row, below, pairs, both)):
            return both.header((row, below))
    return alone.header((row,)) if alone.is_header else None


PlacedHeading = tuple[int, str, Meaning | None]
"""A place, the heading there as written, and what it means without likeness."""


def _single(row: SheetRow, mapping: ColumnMapping) -> list[PlacedHeading]:
    return [(place, text, meaning_of(text, mapping)) for place, text in enumerate(row.texts) if text]


def _paired(row: SheetRow, below: SheetRow) -> dict[int, tuple[str, str]] | None:
    """By place, the upper and the lower heading ("" where there is none); None where nothing stands under a group."""
    upper, lower = row.texts, below.texts
    own = {place for place, text in enumerate(lower) if text and place not in below.spanned}
    groups: dict[int, int] = {}
    above = -1
    for place in range(max(len(upper), len(lower))):
        above = place if place < len(upper) and upper[place] else above
        if place in own and above >= 0:
            groups[place] = above
    wide = {group for group, count in Counter(groups.values()).items() if count > 1}
    if not wide or len(list(filter(None, upper))) < AT_LEAST:
        return None
    pairs = {place: (upper[group], lower[place]) for place, group in groups.items()}
    pairs |= {n: (text, "") for n, text in enumerate(upper) if text and n not in pairs and n not in wide}
    return dict(sorted(pairs.items()))


def _goes_on(row: SheetRow, below: SheetRow, pairs: Mapping[int, tuple[str, str]], both: "_Claims") -> bool:
    """Whether a header goes on into the row below though it names no more columns there: by cells merged over both,
    or because nothing stands there but words, and mostly headings, under wide ones.
    """
    upper = row.texts
    if any(place < len(upper) and upper[place] and place not in row.spanned for place in below.spanned):
        return True
    groups = {place for place, text in enumerate(upper) if text and not (place + 1 < len(upper) and upper[place + 1])}
    narrow = {place: lower for place, (_, lower) in pairs.items() if lower}
    under_wide = all(place in groups or not (place < len(upper) and upper[place]) for place in narrow)
    are_words = not any(char.isdigit() for lower in narrow.values() for char in lower)
    known = [place for place, _, meaning in both.said if meaning and place in narrow]
    return under_wide and are_words and len(known) * 2 > len(narrow)


def _of_pairs(pairs: Mapping[int, tuple[str, str]], mapping: ColumnMapping) -> list[PlacedHeading]:
    said: list[PlacedHeading] = []
    for place, (group, heading) in pairs.items():
        if not heading:
            said.append((place, group, meaning_of(group, mapping)))
            continue
        own = meaning_of(heading, mapping)
        meaning = meaning_under(group, heading, mapping)
        alone = own is not None and meaning == own
        said.append((place, heading if alone else f"{group}/{heading}", meaning))
    return said


class _Claims:
    """Which headings claim which column, and who wins."""

    def __init__(self, sheet: str, row: int, said: Sequence[PlacedHeading]) -> None:
        self.sheet, self.row = sheet, row
        # A line break in a heading is there for its width, and would only break the messages that name it.
        flat = [(place, "".join(text.split()), meaning) for place, text, meaning in said]
        surely = {meaning.column for _, _, meaning in flat if meaning and meaning.column}
        self.said = [
            (place, text, meaning or (_alike(text) if len(surely) >= SURELY else None)) for place, text, meaning in flat
        ]
        self.claims: dict[Column, list[tuple[int, int, str, Meaning]]] = {}
        for place, text, meaning in self.said:
            for column in _columns(meaning):
                assert meaning
                self.claims.setdefault(column, []).append((meaning.rank, place, text, meaning))
        if Column.SUB in self.claims and Column.TEXT not in self.claims:
            self.claims[Column.TEXT] = self.claims.pop(Column.SUB)
        self.best = {column: _best(claims) for column, claims in self.claims.items()}

    @property
    def count(self) -> int:
        """How many columns are named surely."""
        return sum(best[0][3].by is not MatchedBy.LIKENESS for best in self.best.values())

    @property
    def is_header(self) -> bool:
        return self.count >= AT_LEAST or (self.count >= SURELY and len(self.best) >= WITH_LIKENESS)

    def header(self, rows: Sequence[SheetRow]) -> Header:
        """The header these claims make; 序号 may stand twice, any other column once."""
        places = {column: best[0][1] for column, best in self.best.items()}
        inner_no, former = self._inner_no(), self._former_limit()
        winners = {place for best in self.best.values() for _, place, _, _ in best} | {inner_no, former}
        return Header(
            self.sheet,
            self.row,
            MappingProxyType(places),
            tuple(self._matched()),
            tuple(self._unread(winners)),
            tuple(self._doubled()),
            MappingProxyType({column: best[0][3].manner for column, best in self.best.items()}),
            inner_no,
            tuple((place, text) for place, text, meaning in self.said if _may_hide_limit(meaning)),
            former,
            tuple(_titles(row) for row in rows),
        )

    def _matched(self) -> Iterator[MatchedHeading]:
        """Every heading that is read, in the order of its columns."""
        found = [
            MatchedHeading(self.sheet, place, text, column, meaning.by)
            for column, best in self.best.items()
            for _, place, text, meaning in best[:1]
        ]
        second = {Column.NO: self._inner_no(), Column.LIMIT: self._former_limit()}
        found += [
            MatchedHeading(self.sheet, place, text, column, meaning.by)
            for column, second_place in second.items()
            for _, place, text, meaning in self.claims.get(column, [])
            if place == second_place
        ]
        return iter(sorted(found, key=lambda one: one.place))

    def _inner_no(self) -> int | None:
        """The place of numbers within the first ones: a second 序号, or those of measures beside those of problems."""
        best = self.best.get(Column.NO, [])
        if len(best) > 1:
            return best[1][1]
        if best and "问题" in best[0][2]:
            of_measures = (place for _, place, text, _ in self.claims[Column.NO] if text.startswith("措施"))
            return next(of_measures, None)
        return None

    def _former_limit(self) -> int | None:
        """The place of the limits that held before they were adjusted, if one column alone may be it."""
        best = self.best.get(Column.LIMIT, [])
        if not best or best[0][3].manner is not Manner.ADJUSTED:
            return None
        others = [claim for claim in self.claims[Column.LIMIT] if _may_be_former(claim[3])]
        former = _best(others) if others else []
        return former[0][1] if len(former) == 1 else None

    def _unread(self, winners: set[int | None]) -> Iterator[UnreadHeading]:
        for place, text, meaning in self.said:
            if place in winners:
                continue
            kind = "" if meaning is None else meaning.kind
            if meaning is not None and meaning.column and meaning.by is not MatchedBy.LIKENESS:
                kind = f"{meaning.column}，已另有一列"
            yield UnreadHeading(self.sheet, place, text, kind)

    def _doubled(self) -> Iterator[tuple[MatchedHeading, ...]]:
        for column, best in self.best.items():
            rivals = self._rivals() if column is Column.UNIT else best
            if len(rivals) > (2 if column is Column.NO else 1):
                yield tuple(MatchedHeading(self.sheet, place, text, column, m.by) for _, place, text, m in rivals)

    def _rivals(self) -> list[tuple[int, int, str, Meaning]]:
        """Headings that each say by themselves who is responsible. Elsewhere the canonical name is read; but 责任单位
        beside 牵头单位 may be those that help, and the wrong unit would be told.
        """
        best = self.best[Column.UNIT]
        surely = [claim for claim in self.claims[Column.UNIT] if claim[0] <= RANK_OF_SYNONYM]
        return best if best[0][3].by is MatchedBy.MAPPING else surely or best


def _alike(text: str) -> Meaning | None:
    return likeness_of(text.rpartition("/")[2]) if len(text) <= HEADING_LONGEST else None


def _columns(meaning: Meaning | None) -> tuple[Column, ...]:
    if meaning is None or meaning.column is None:
        return ()
    if meaning.manner is Manner.LEAD_AND_UNIT:
        return (Column.LEAD, Column.UNIT)
    return (meaning.column,)


def _best(claims: list[tuple[int, int, str, Meaning]]) -> list[tuple[int, int, str, Meaning]]:
    lowest = min(rank for rank, *_ in claims)
    return [claim for claim in claims if claim[0] == lowest]


def _may_be_former(meaning: Meaning) -> bool:
    return meaning.manner is not Manner.ADJUSTED and meaning.by is not MatchedBy.LIKENESS


def _may_hide_limit(meaning: Meaning | None) -> bool:
    return meaning is not None and (meaning.kind in _MAY_HIDE_LIMIT or meaning.manner is Manner.TEXT_WITH_LIMIT)


def _titles(row: SheetRow) -> tuple[tuple[int, str], ...]:
    """The row's own texts; those repeated from above are no mark of it."""
    own = [(place, plain(text)) for place, text in enumerate(row.texts) if text and place not in row.spanned]
    return tuple(own)


def _says(row: SheetRow, place: int, text: str) -> bool:
    cell = row.cell(place)
    return isinstance(cell, str) and (cell == text or (len(cell) <= HEADING_LONGEST and plain(cell) == text))


def sought() -> str:
    """The columns that a header must and may name, for a message."""
    return f"{'、'.join([Column.NO.value, *REQUIRED])}（{'、'.join(sorted(OPTIONAL - {Column.NO}))}可以没有）"
