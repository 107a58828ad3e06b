"""What a ledger that is read again changes: new, changed, unchanged and gone rows, and numbers that clash. PURE.

Runs inside the import's transaction, on the rows there are and the rows that were read. A field has changed where it
is neither what its ledger said last nor what holds now. A draft follows its ledger; what was assigned or decided since
is left as it is, and each field says which way would carry the ledger's word over.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from models.errors import Problem
from models.ledger.columns import Column, number_key, plain
from models.ledger.content import Content, Field, Value, content_of, due_of
from models.ledger.excerpts import short
from models.ledger.rows import LedgerRow
from models.lifecycle import RUNNING_STATES, State


class Way(StrEnum):
    """What becomes of a change: the draft follows, an action would carry it over, or nothing can.

    NEW_NUMBER: only a measure of another number can be so. TOO_LATE: the measure is past the state for it.
    """

    FOLLOWS = "follows"
    HAND_OVER = "hand_over"
    EXTEND = "extend"
    SET_LIMIT = "set_limit"
    NEW_NUMBER = "new_number"
    TOO_LATE = "too_late"


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


@dataclass(frozen=True, slots=True)
class MetRow:
    """A row that was known: its measure, its number as the file now writes it, and what it now says."""

    measure_id: int
    no: str
    said: Content


@dataclass(frozen=True, slots=True)
class Difference:
    """What taking in a ledger comes to.

    `met` are the rows that were known, in the order of the measures. `restated` counts those among the unchanged
    that say something else than last time, which holds already. With `clashes` nothing is to be taken in.
    """

    new: tuple[LedgerRow, ...] = ()
    changed: tuple[ChangedRow, ...] = ()
    unchanged: int = 0
    gone: tuple[KnownRow, ...] = ()
    clashes: tuple[Problem, ...] = ()
    met: tuple[MetRow, ...] = ()
    restated: int = 0

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
        return self.changes_nothing and not self.restated


def difference(known: Iterable[KnownRow], read: Sequence[LedgerRow], ends_on: date, on_day: date) -> Difference:
    """Compares by number, in whatever width. `ends_on` is the round's end, `on_day` the day of the import."""
    unmet = {number_key(row.no): row for row in read}
    found = _Found(ends_on, on_day, list(_doubled(read, unmet)))
    for one in known:
        row = unmet.pop(number_key(one.no), None)
        if row is None:
            found.missing.append(one)
        else:
            found.meet(one, row)
    return found.difference(tuple(unmet.values()))


def not_settled(rows: Sequence[LedgerRow], found: Difference, code: str) -> Iterator[Problem]:
    """Why a ledger cannot be one that was settled before: it was imported already, or does not say whose it was."""
    fresh = {row.no for row in found.new}
    for row in rows:
        if row.no not in fresh:
            yield _at(row, Column.NO, f"轮次 {code} 中已有此编号", row.no)
        elif not (row.unit and row.lead):
            yield _at(row, Column.LEAD if row.unit else Column.UNIT, "没有写明，不能作为已销号的措施导入")


@dataclass(slots=True)
class _Found:
    """What was found so far, as one measure of the round after another is compared."""

    ends_on: date
    on_day: date
    clashes: list[Problem]
    changed: list[ChangedRow] = field(default_factory=list)
    missing: list[KnownRow] = field(default_factory=list)
    met: list[MetRow] = field(default_factory=list)
    series: set[int] = field(default_factory=set)
    restated: int = 0

    def meet(self, known: KnownRow, row: LedgerRow) -> None:
        """Compares a measure with the row that has its number."""
        said = _said(row, known)
        self.series.add(known.series)
        self.met.append(MetRow(known.measure_id, row.no, said))
        if _is_another(said, known.now):
            self.clashes.append(_clash(known, row))
        elif changes := tuple(_changes(known, said, due_of(row, self.ends_on), self.on_day)):
            self.changed.append(ChangedRow(known, row, changes))
        else:
            self.restated += said != known.imported

    def difference(self, new: tuple[LedgerRow, ...]) -> Difference:
        """Gone is only what came from the same ledger as a row that was met."""
        gone = tuple(one for one in self.missing if one.series in self.series and one.state is not State.WITHDRAWN)
        unchanged = len(self.met) - len(self.changed)
        return Difference(
            new, tuple(self.changed), unchanged, gone, tuple(self.clashes), tuple(self.met), self.restated
        )


def _doubled(read: Sequence[LedgerRow], by_no: Mapping[str, LedgerRow]) -> Iterator[Problem]:
    """Numbers that one file gives twice, of which only the last would be seen."""
    if len(by_no) == len(read):
        return
    for row in read:
        if by_no[number_key(row.no)] is not row:
            yield _at(row, Column.NO, "此编号在文件中不止一处，请改正", row.no)


def _said(row: LedgerRow, known: KnownRow) -> Content:
    """What the row says. A row that names nobody is from a notice, which knows only problem and measure."""
    said = content_of(row)
    if said.lead or said.unit:
        return said
    return replace(known.imported, problem=said.problem, text=said.text, part_of=said.part_of)


def _is_another(said: Content, now: Content) -> bool:
    """Whether a row can hardly be the measure that has its number: nothing that says what it is about is the same."""
    return plain(said.problem) != plain(now.problem) and plain(said.text) != plain(now.text)


def _clash(known: KnownRow, row: LedgerRow) -> Problem:
    told = (
        f"轮次中已有此编号，但反馈问题和整改措施都不同（现有：{short(known.now.text)}）；"
        "如是另一份台账，请用 --round 另起轮次，或改用未用过的编号"
    )
    return _at(row, Column.NO, told, row.no)


def _at(row: LedgerRow, column: Column, text: str, value: str = "") -> Problem:
    return Problem(text, sheet=row.sheet, row=row.row, column=column.value, value=value)


def _changes(known: KnownRow, said: Content, due_on: date | None, on_day: date) -> Iterator[Change]:
    """The fields that are neither what the ledger said last nor what holds now."""
    if said == known.imported:
        return
    for one in Field:
        old, new, last = (getattr(content, one.value) for content in (known.now, said, known.imported))
        if new in (old, last) or (one is Field.LIMIT and _is_held_to(known, due_on)):
            continue
        way = _way(one, known, due_on, on_day)
        yield Change(one, old, new, way, due_on if one is Field.LIMIT else None)


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
