"""What reading a ledger gives: its rows as measures, how its headings were understood, and all that is wrong.

Values only. Made by models/ledger/reader.py and models/ledger/notice.py, taken in by models/handling/importing.py.
"""

from dataclasses import dataclass
from enum import StrEnum

from models.errors import Problem
from models.ledger.columns import Column
from models.lifecycle import ClosureClass
from models.timelimit import TimeLimit


class MatchedBy(StrEnum):
    """Why a heading was taken for a column."""

    NAME = "name"
    SYNONYM = "synonym"
    MAPPING = "mapping"
    LIKENESS = "likeness"

    @property
    def zh(self) -> str:
        return _MATCHED_BY_ZH[self]


_MATCHED_BY_ZH = {
    MatchedBy.NAME: "标准列名",
    MatchedBy.SYNONYM: "同义列名",
    MatchedBy.MAPPING: "列名对照表",
    MatchedBy.LIKENESS: "疑似错字",
}


@dataclass(frozen=True, slots=True)
class MatchedHeading:
    """A heading as written, the column it was taken for, and why. `sheet` and `place` (0-based) say where."""

    sheet: str
    place: int
    heading: str
    column: Column
    by: MatchedBy


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One measure as the ledger gives it.

    `no` is as written, or made unique from it where one number stands for several rows. `part_of` is the measure
    that a sub-measure belongs to, "" for a measure that stands by itself. lead, unit and cooperating are party
    codes; lead and unit are "" only in the draft from a notice, which names nobody.
    """

    row: int
    sheet: str
    no: str
    problem: str
    text: str
    lead: str
    unit: str
    cooperating: tuple[str, ...]
    limit_text: str
    limit: TimeLimit
    closure: ClosureClass
    major: bool
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class LedgerReading:
    """What a ledger gave. With any problem it is not to be imported; warnings ask a person for a look."""

    rows: tuple[LedgerRow, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    headings: tuple[MatchedHeading, ...] = ()
