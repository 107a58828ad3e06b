"""What a ledger that is read again changes: new, changed, unchanged and gone rows, and numbers that clash. PURE.

Runs inside the import's transaction, on the rows there are and the rows that were read. A field has changed where it
is neither what its ledger said last nor what holds now. A draft follows its ledger; what was assigned or decided since
is left as it is, and each field says which way would carry the ledger's word over.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.errors import Problem
from models.ledger.columns import Column, number_key, plain
from models.ledger.rows import LedgerRow
from models.lifecycle import RUNNING_STATES, ClosureClass, State
from models.timelimit import LimitKind


class Field(StrEnum):
    """What of a row is compared; the values are the names of `Content`."""

    PROBLEM = "problem"
    TEXT = "text"
    PART_OF = "part_of"
    LEAD = "lead"
    UNIT = "unit"
    COOPERATING = "cooperating"
    LIMIT = "limit"
    CLOSURE = "closure"
    MAJOR = "major"

    @property
    def zh(self) -> str:
        return _FIELD_ZH[self]


_FIELD_ZH: Mapping[Field, str] = MappingProxyType({
    Field.PROBLEM: Column.PROBLEM.value, Field.TEXT: Column.TEXT.value, Field.PART_OF: "所属措施",
    Field.LEAD: Column.LEAD.value, Field.UNIT: Column.UNIT.value, Field.COOPERATING: Column.COOPERATING.value,
    Field.LIMIT: Column.LIMIT.value, Field.CLOSURE: Column.CLOSURE.value, Field.MAJOR: Column.MAJOR.value,
})  # fmt: skip


class Way(StrEnum):
    """What becomes of a changed field: the draft follows, an action would carry it over, or nothing can."""

    FOLLOWS = "follows"
    HAND_OVER = "hand_over"
    EXTEND = "extend"
    SET_LIMIT = "set_limit"
    ANEW = "anew"
    OVER = "over"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
Value = str | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What a row says, as far as it is compared. Parties by code, "" for none; `cooperating` in order of code."""

    problem: str
    text: str
    part_of: str
    lead: str
    unit: str
    cooperating: tuple[str, ...]
    limit: str
    closure: ClosureClass
    major: bool

    def written(self) -> str:
        """JSON, as it is kept beside the measure."""
        values = {
            "problem": self.problem, "text": self.text, "part_of": self.part_of, "lead": self.lead, "unit": self.unit,
            "cooperating": self.cooperating, "limit": self.limit, "closure": self.closure.value, "major": self.major,
        }  # fmt: skip
        return _ENCODER.encode(values)

    @classmethod
    def read(cls, written: str) -> "Content":
        """The content that `written` gave."""
        values = json.loads(written)
        kinds = {"cooperating": tuple(values["cooperating"]), "closure": ClosureClass(values["closure"])}
        return cls(**{**values, **kinds})


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
class ChangedField:
    """One field: what holds now, what the ledger says, and what becomes of it. `due_on`: the new limit's date."""

    field: Field
    old: Value
    new: Value
    way: Way
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that has changed, and the measure that it is about."""

    known: KnownRow
    row: LedgerRow
    fields: tuple[ChangedField, ...]

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
    def changes_nothing(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.new or self.changed or self.gone)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to write either: the same file again."""
        return self.changes_nothing and not self.restated


def content_of(row: LedgerRow) -> Content:
    """What a row that was read says."""
    return Content(row.problem, row.text, row.part_of, row.lead, row.unit, tuple(sorted(row.cooperating)),
                   row.limit_text, row.closure, row.major)  # fmt: skip


def due_of(row: LedgerRow, ends_on: date) -> date | None:
    """The row's date. A sustained limit without one is due at the round's end; an immediate one has none yet."""
    if row.limit.kind is LimitKind.SUSTAINED and row.limit.due_on is None:
        return ends_on
    return row.limit.due_on


def difference(known: Iterable[KnownRow], read: Sequence[LedgerRow], ends_on: date, on_day: date) -> Difference:
    """Compares by number, in whatever width. `ends_on` is the round's end, `on_day` the day of the import."""
    unmet = {number_key(row.no): row for row in read}
    clashes = list(_doubled(read, unmet))
    changed: list[ChangedRow] = []
    missing: list[KnownRow] = []
    met: list[MetRow] = []
    series: set[int] = set()
    restated = 0
    for one in known:
        row = unmet.pop(number_key(one.no), None)
        if row is None:
            missing.append(one)
            continue
        said = _said(row, one)
        series.add(one.series)
        met.append(MetRow(one.measure_id, row.no, said))
        if _is_another(said, one.now):
            clashes.append(_clash(one, row))
        elif fields := tuple(_changed(one, said, due_of(row, ends_on), on_day)):
            changed.append(ChangedRow(one, row, fields))
        else:
            restated += said != one.imported
    gone = tuple(one for one in missing if one.series in series and one.state is not State.WITHDRAWN)
    unchanged = len(met) - len(changed)
    return Difference(tuple(unmet.values()), tuple(changed), unchanged, gone, tuple(clashes), tuple(met), restated)


def _doubled(read: Sequence[LedgerRow], by_no: Mapping[str, LedgerRow]) -> Iterator[Problem]:
    """Numbers that one file gives twice, of which only the last would be seen."""
    if len(by_no) == len(read):
        return
    for row in read:
        if by_no[number_key(row.no)] is not row:
            yield _at(row, "此编号在文件中不止一处，请改正")


def _said(row: LedgerRow, known: KnownRow) -> Content:
    """What the row says. A row that names nobody is from a notice, which knows only the finding and the measure."""
    said = content_of(row)
    if said.lead or said.unit:
        return said
    return replace(known.imported, problem=said.problem, text=said.text, part_of=said.part_of)


def _is_another(said: Content, now: Content) -> bool:
    """Whether a row can hardly be the measure that has its number: nothing that says what it is about is the same."""
    return plain(said.problem) != plain(now.problem) and plain(said.text) != plain(now.text)


def _clash(known: KnownRow, row: LedgerRow) -> Problem:
    return _at(
        row,
        f"轮次中已有此编号，但反馈问题和整改措施都不同（现有：{_short(known.now.text)}）；"
        "如是另一份台账，请用 --round 另起轮次，或改用未用过的编号",
    )


def _at(row: LedgerRow, text: str) -> Problem:
    return Problem(text, sheet=row.sheet, row=row.row, column=Column.NO.value, value=row.no)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 30 else f"{line[:29]}…"


def _changed(known: KnownRow, said: Content, due_on: date | None, on_day: date) -> Iterator[ChangedField]:
    """The fields that are neither what the ledger said last nor what holds now."""
    if said == known.imported:
        return
    for field in Field:
        old, new, last = (getattr(content, field.value) for content in (known.now, said, known.imported))
        if new in (old, last) or (field is Field.LIMIT and _is_held_to(known, due_on)):
            continue
        way = _way(field, known, due_on, on_day)
        yield ChangedField(field, old, new, way, due_on if field is Field.LIMIT else None)


def _is_held_to(known: KnownRow, due_on: date | None) -> bool:
    """Whether what was assigned has the very date that the ledger now gives, however it is worded."""
    return known.state is not State.DRAFTED and due_on is not None and due_on == known.due_on


def _way(field: Field, known: KnownRow, due_on: date | None, on_day: date) -> Way:
    if known.state is State.DRAFTED:
        return Way.FOLLOWS
    if known.state not in RUNNING_STATES:
        return Way.OVER
    if field in (Field.LEAD, Field.UNIT):
        return Way.HAND_OVER
    if field is not Field.LIMIT:
        return Way.ANEW
    return _way_of_limit(known, due_on, on_day)


def _way_of_limit(known: KnownRow, due_on: date | None, on_day: date) -> Way:
    """A date moves while the measure is being rectified, and to a later day only."""
    if known.state not in (State.ASSIGNED, State.IN_PROGRESS):
        return Way.OVER
    if due_on is None or known.due_on is None or due_on <= known.due_on:
        return Way.ANEW
    return Way.SET_LIMIT if known.due_on < on_day else Way.EXTEND
