"""What a ledger that is read again changes: new, changed, unchanged and gone rows, and numbers that clash. PURE.

Runs inside the import's transaction, on the rows there are and the rows that were read. A field has changed where it
is neither what its ledger said last nor what holds now. A draft follows its ledger; what was assigned or decided since
is left as it is, and each field says which way would carry the ledger's word over.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from models.errors import Problem
from models.ledger.columns import Column
from models.ledger.content import Content, Field, Value, content_of, due_of
from models.ledger.doubts import Doubts, problem_at
from models.ledger.known import KnownRow, Tellings, kept_once
from models.ledger.matching import Matches, Pair, Telling, matched
from models.ledger.renumbering import Numbering, Standing, Wish, is_divided, renumbering
from models.ledger.rows import LedgerRow
from models.lifecycle import RUNNING_STATES, State

_COMPARED = tuple(one for one in Field if one is not Field.NO)


class Way(StrEnum):
    """What becomes of a change: the draft follows, an action would carry it over, or nothing can.

    NEW_NUMBER: only a measure of another number can be so. TOO_LATE: the measure is past the state for it. KEEPS: a
    number that stays as it is, since letters name the measure by it or since another has the one wanted.
    """

    FOLLOWS = "follows"
    HAND_OVER = "hand_over"
    EXTEND = "extend"
    SET_LIMIT = "set_limit"
    NEW_NUMBER = "new_number"
    TOO_LATE = "too_late"
    KEEPS = "keeps"


@dataclass(frozen=True, slots=True)
class Change:
    """Of one field: what holds now, what the ledger says, and what becomes of it. `due_on`: the new limit's date."""

    of: Field
    old: Value
    new: Value
    way: Way
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that has changed, and the measure that it is about."""

    known: KnownRow
    row: LedgerRow
    changes: tuple[Change, ...]

    @property
    def follows(self) -> bool:
        """Whether the measure is still a draft, which becomes what the row says."""
        return self.known.state is State.DRAFTED

    @property
    def fields_followed(self) -> frozenset[Field]:
        """What of the draft becomes what the row says."""
        return frozenset(change.of for change in self.changes if change.way is Way.FOLLOWS)


@dataclass(frozen=True, slots=True)
class MetRow:
    """A row that was known: its measure, its place among the rows of the file (from 0), and what it now says."""

    measure_id: int
    place: int
    said: Content


@dataclass(frozen=True, slots=True)
class Difference:
    """What taking in a ledger comes to.

    `new` has the rows under the numbers that they get, `places` where each stands among the rows of the file (from 0).
    `met` are the rows that were known, in the order of the measures. `restated` counts those among the unchanged that
    say something else than last time, which holds already. `joined`: rows of several imports now come from one file.
    `words_kept` are the measures of `gone` whose words still stand in the file. With `clashes` nothing is to be taken
    in.
    """

    new: tuple[LedgerRow, ...] = ()
    changed: tuple[ChangedRow, ...] = ()
    unchanged: int = 0
    gone: tuple[KnownRow, ...] = ()
    clashes: tuple[Problem, ...] = ()
    met: tuple[MetRow, ...] = ()
    restated: int = 0
    places: tuple[int, ...] = ()
    joined: bool = False
    words_kept: frozenset[int] = frozenset()

    @property
    def followed(self) -> tuple[ChangedRow, ...]:
        """The changed rows whose drafts become what they say."""
        return tuple(one for one in self.changed if one.follows)

    @property
    def left(self) -> tuple[ChangedRow, ...]:
        """The changed rows whose measures were assigned or decided since, and stay as they are."""
        return tuple(one for one in self.changed if not one.follows)

    @property
    def changes_nothing(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.new or self.changed or self.gone)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to write either: the same file again."""
        return self.changes_nothing and not self.restated and not self.joined


def difference(known: Iterable[KnownRow], read: Sequence[LedgerRow], ends_on: date, on_day: date) -> Difference:
    """Compares each measure with the row that is it. `ends_on` is the round's end, `on_day` the day of the import."""
    contents = [content_of(row) for row in read]
    measures, tellings = list(kept_once(known, contents)), Tellings(contents)
    rows, of_known = tellings.of_rows, tellings.of_known(measures)
    if not measures:
        return Difference(tuple(read), clashes=tuple(_doubled(read, rows)), places=tuple(range(len(read))))
    matches = matched(of_known, rows)
    numbers = _Numbers(measures, read, [row.no for row in rows], matches)
    numbering = numbers.numbering()
    found = _Found(read, contents, ends_on, on_day)
    for pair in matches.pairs:
        found.meet(measures[pair.known], pair.row, numbers.way(pair, numbering))
    words = {row.words for row in rows}
    missing = [(measures[one], of_known[one].holds.words in words) for one in matches.missing]
    places = {at: place for at, place in enumerate(matches.new) if at not in numbering.taken}
    return replace(
        found.difference(missing),
        new=tuple(_under(numbering.given.get(at), read[place]) for at, place in places.items()),
        places=tuple(places.values()),
        clashes=(*_doubled(read, rows), *_clashes(matches, numbering, Doubts(measures, read, numbers.row_of))),
    )


def _under(given: str | None, row: LedgerRow) -> LedgerRow:
    return replace(row, no=given) if given else row


def _clashes(matches: Matches, numbering: Numbering, doubts: Doubts) -> list[Problem]:
    """What cannot be told, in the order of the rows."""
    taken = {matches.new[at]: holder for at, holder in numbering.taken.items()}
    told = {one.row: doubts.problem(one) for one in matches.doubts}
    told |= {place: doubts.taken(place, holder) for place, holder in taken.items()}
    return [told[place] for place in sorted(told)]


def not_settled(rows: Sequence[LedgerRow], found: Difference, code: str) -> Iterator[Problem]:
    """Why a ledger cannot be one that was settled before: it was imported already, or does not say whose it was."""
    fresh = set(found.places)
    for place, row in enumerate(rows):
        if place not in fresh:
            yield problem_at(row, Column.NO, f"轮次 {code} 中已有此编号或此措施", row.no)
        elif not (row.unit and row.lead):
            yield problem_at(row, Column.LEAD if row.unit else Column.UNIT, "没有写明，不能作为已销号的措施导入")


class _Numbers:
    """Which of the measures that were found may take the number of their row, and of which that is to be told."""

    def __init__(
        self, known: Sequence[KnownRow], read: Sequence[LedgerRow], nos: Sequence[str], matches: Matches
    ) -> None:
        self.known, self.read, self.nos, self.matches = known, read, nos, matches
        self.row_of = {pair.known: pair.row for pair in matches.pairs}
        self._in_file = dict(zip(nos, range(len(nos)), strict=True))

    def numbering(self) -> Numbering:
        """The numbers after the import. Where each row has its measure's, and new ones their own, nothing is to do."""
        in_round = {one.now.no for one in self.known}
        stands = all(self.nos[pair.row] == self.known[pair.known].now.no for pair in self.matches.pairs)
        if stands and not any(self.nos[row] in in_round for row in self.matches.new):
            return Numbering(frozenset(), {}, {})
        new = [Wish(self.read[row].no, self.read[row].made_no) for row in self.matches.new]
        return renumbering([self._standing(one) for one in range(len(self.known))], new)

    def way(self, pair: Pair, numbering: Numbering) -> Way | None:
        """What becomes of a number that has changed; None where it has not."""
        if not self._is_renumbered(pair.known, pair.row):
            return None
        return Way.FOLLOWS if pair.known in numbering.moved else Way.KEEPS

    def _standing(self, one: int) -> Standing:
        known, row = self.known[one], self.row_of.get(one)
        if row is None:
            return Standing(known.no)
        moves = known.state is State.DRAFTED and self._is_renumbered(one, row)
        return Standing(known.no, Wish(self.read[row].no), moves)

    def _is_renumbered(self, one: int, row: int) -> bool:
        """Whether the file gives a number that it neither gave last nor is the measure's, and not for the count only.

        Where 1 became 1.1 because its problem has another row by now, nobody renumbered anything.
        """
        known, no = self.known[one], self.nos[row]
        held = known.now.no
        if no in (held, known.imported.no):
            return False
        by_count = self.read[row].made_no or "." in held
        return not (by_count and is_divided(held, no) and held not in self._in_file)


@dataclass(slots=True)
class _Found:
    """What was found so far, as one measure of the round after another is compared."""

    read: Sequence[LedgerRow]
    contents: Sequence[Content]
    ends_on: date
    on_day: date
    changed: list[ChangedRow] = field(default_factory=list)
    met: list[MetRow] = field(default_factory=list)
    series: set[int] = field(default_factory=set)
    restated: int = 0

    def meet(self, known: KnownRow, place: int, of_number: Way | None) -> None:
        """Compares a measure with its row. `of_number`: what becomes of a number that has changed."""
        row, said = self.read[place], _said(self.contents[place], known)
        self.series.add(known.series)
        self.met.append(MetRow(known.measure_id, place, said))
        changes = tuple(_changes(known, said, due_of(row, self.ends_on), self.on_day))
        if of_number:
            changes = (Change(Field.NO, known.no, row.no, of_number), *changes)
        if changes:
            self.changed.append(ChangedRow(known, row, changes))
        else:
            self.restated += said != known.imported

    def difference(self, missing: Iterable[tuple[KnownRow, bool]]) -> Difference:
        """Gone is only what came from the same ledger as a row that was met; with each whether its words are kept."""
        gone = [(one, kept) for one, kept in missing if one.series in self.series and one.state is not State.WITHDRAWN]
        return Difference(
            changed=tuple(self.changed),
            unchanged=len(self.met) - len(self.changed),
            gone=tuple(one for one, _ in gone),
            met=tuple(self.met),
            restated=self.restated,
            joined=len(self.series) > 1,
            words_kept=frozenset(one.measure_id for one, kept in gone if kept),
        )


def _doubled(read: Sequence[LedgerRow], rows: Sequence[Telling]) -> Iterator[Problem]:
    """Numbers that one file gives twice."""
    last = {row.no: place for place, row in enumerate(rows)}
    for place, row in enumerate(rows) if len(last) < len(rows) else ():
        if last[row.no] != place:
            yield problem_at(read[place], Column.NO, "此编号在文件中不止一处，请改正", read[place].no)


def _said(said: Content, known: KnownRow) -> Content:
    """What a row says. One that names nobody is from a notice, which knows only problem and measure."""
    if said.lead or said.unit:
        return said
    return replace(known.imported, problem=said.problem, text=said.text, part_of=said.part_of, no=said.no)


def _changes(known: KnownRow, said: Content, due_on: date | None, on_day: date) -> Iterator[Change]:
    """The fields, but for the number, that are neither what the ledger said last nor what holds now."""
    if said == known.imported:
        return
    for one in _COMPARED:
        old, new, last = (getattr(content, one.value) for content in (known.now, said, known.imported))
        if new in (old, last) or (one is Field.LIMIT and _is_held_to(known, due_on)):
            continue
        way = _way(one, known, due_on, on_day)
        if one is Field.LIMIT:
            yield Change(one, _limit_held(known), new, way, due_on)
        else:
            yield Change(one, old, new, way)


def _limit_held(known: KnownRow) -> str:
    """The limit that holds: of a draft its words, of what was assigned the date, which a person may have set."""
    if known.state is State.DRAFTED or known.due_on is None:
        return known.now.limit
    return known.due_on.isoformat()


def _is_held_to(known: KnownRow, due_on: date | None) -> bool:
    """Whether what was assigned has the very date that the ledger now gives, however it is worded."""
    return known.state is not State.DRAFTED and due_on is not None and due_on == known.due_on


def _way(of: Field, known: KnownRow, due_on: date | None, on_day: date) -> Way:
    if known.state is State.DRAFTED:
        return Way.FOLLOWS
    if known.state not in RUNNING_STATES:
        return Way.TOO_LATE
    if of in (Field.LEAD, Field.UNIT):
        return Way.HAND_OVER
    if of is not Field.LIMIT:
        return Way.NEW_NUMBER
    return _way_of_limit(known, due_on, on_day)


def _way_of_limit(known: KnownRow, due_on: date | None, on_day: date) -> Way:
    """A date moves while the measure is being rectified, and to a later day only."""
    if known.state not in (State.ASSIGNED, State.IN_PROGRESS):
        return Way.TOO_LATE
    if due_on is None or known.due_on is None or due_on <= known.due_on:
        return Way.NEW_NUMBER
    return Way.SET_LIMIT if known.due_on < on_day else Way.EXTEND
