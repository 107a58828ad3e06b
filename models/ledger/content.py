"""What a row of a ledger says, as far as it is compared and kept, and the date that this comes to. PURE.

The fields, the JSON form in which it stands beside the measure, and how it is made from a row that was read.
What two of them differ in is found by models/ledger/difference.py.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.ledger.columns import Column, number_key
from models.ledger.rows import LedgerRow
from models.lifecycle import ClosureClass
from models.timelimit import LimitKind


class Field(StrEnum):
    """What of a row is compared; the values are the names of `Content`."""

    NO = "no"
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
    Field.NO: Column.NO.value,
    Field.PROBLEM: Column.PROBLEM.value, Field.TEXT: Column.TEXT.value, Field.PART_OF: "所属措施",
    Field.LEAD: Column.LEAD.value, Field.UNIT: Column.UNIT.value, Field.COOPERATING: Column.COOPERATING.value,
    Field.LIMIT: Column.LIMIT.value, Field.CLOSURE: Column.CLOSURE.value, Field.MAJOR: Column.MAJOR.value,
})  # fmt: skip


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
Value = str | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What a row says, as far as it is compared. Parties by code, "" for none; `cooperating` in order of code.

    `no` is the number as `number_key` makes it, "" where it was not kept.
    """

    problem: str
    text: str
    part_of: str
    lead: str
    unit: str
    cooperating: tuple[str, ...]
    limit: str
    closure: ClosureClass
    major: bool
    no: str = ""

    def written(self) -> str:
        """JSON, as it is kept beside the measure."""
        values = {
            "problem": self.problem, "text": self.text, "part_of": self.part_of, "lead": self.lead, "unit": self.unit,
            "cooperating": self.cooperating, "limit": self.limit, "closure": self.closure.value, "major": self.major,
            "no": self.no,
        }  # fmt: skip
        return _ENCODER.encode(values)

    @classmethod
    def read(cls, written: str) -> "Content":
        """The content that `written` gave."""
        values = json.loads(written)
        kinds = {"cooperating": tuple(values["cooperating"]), "closure": ClosureClass(values["closure"])}
        return cls(**{**values, **kinds})


def content_of(row: LedgerRow) -> Content:
    """What a row that was read says."""
    return Content(row.problem, row.text, row.part_of, row.lead, row.unit, tuple(sorted(row.cooperating)),
                   row.limit_text, row.closure, row.major, number_key(row.no))  # fmt: skip


def due_of(row: LedgerRow, ends_on: date) -> date | None:
    """The row's date. A sustained limit without one is due at the round's end; an immediate one has none yet."""
    if row.limit.kind is LimitKind.SUSTAINED and row.limit.due_on is None:
        return ends_on
    return row.limit.due_on
