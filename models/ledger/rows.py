"""What reading a ledger gives: its rows as measures, how its headings were understood, and all that is wrong.

Values only, PURE. Made by models/ledger/table/reader.py and models/ledger/notice/reader.py; taken in by
models/handling/importing.py.
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
    COMPOSITE = "composite"
    LIKENESS = "likeness"

    @property
    def zh(self) -> str:
        return _MATCHED_BY_ZH[self]


_MATCHED_BY_ZH = {
    MatchedBy.NAME: "标准列名",
    MatchedBy.SYNONYM: "同义列名",
    MatchedBy.MAPPING: "列名对照表",
    MatchedBy.COMPOSITE: "合并列名",
    MatchedBy.LIKENESS: "疑似错字",
}


@dataclass(frozen=True, slots=True)
class MatchedHeading:
    """A heading as written but for blanks, the column it was taken for, and why; `place` is 0-based."""

    sheet: str
    place: int
    heading: str
    column: Column
    by: MatchedBy


@dataclass(frozen=True, slots=True)
class UnreadHeading:
    """A heading from which nothing is read. `kind` is what it is known to hold, "" where nobody knows it."""

    sheet: str
    place: int
    heading: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet that was read: the row of its header (the last of two), and how many measures it gave."""

    name: str
    header_row: int
    rows: int


class Look(StrEnum):
    """What of a row was read otherwise than as it stands in its own cell, so that a person should look at it."""

    DITTO = "ditto"
    SEVERAL_UNITS = "several_units"
    PERSON_LEFT_OUT = "person_left_out"
    LEAD_FROM_TITLE = "lead_from_title"
    LEAD_FROM_PERSON = "lead_from_person"
    LIMIT_ELSEWHERE = "limit_elsewhere"
    LIMIT_ADJUSTED = "limit_adjusted"
    LIMIT_DIFFERS = "limit_differs"
    LIMIT_SERIAL = "limit_serial"
    CLASS_SYNONYM = "class_synonym"
    CLASS_PRESUMED = "class_presumed"

    @property
    def zh(self) -> str:
        return _LOOK_ZH[self]


_LOOK_ZH = {
    Look.DITTO: "“同上”按上一行读取",
    Look.SEVERAL_UNITS: "责任单位和配合单位由同一格拆出",
    Look.PERSON_LEFT_OUT: "与责任单位同格的责任人未读取",
    Look.LEAD_FROM_TITLE: "牵头领导由姓名和职务中认出",
    Look.LEAD_FROM_PERSON: "牵头领导由其人员的姓名认出",
    Look.LIMIT_ELSEWHERE: "完成时限取自别的列",
    Look.LIMIT_ADJUSTED: "完成时限取自调整后的一列",
    Look.LIMIT_DIFFERS: "别的列写有另一完成时限",
    Look.LIMIT_SERIAL: "完成时限由表格软件的日期序号换算",
    Look.CLASS_SYNONYM: "销号类别由近义词认出",
    Look.CLASS_PRESUMED: "销号类别按完成时限推定",
}


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One measure as the ledger gives it.

    `no` is as written, or made unique from it where one number stands for several rows. `part_of` is the measure
    that a sub-measure belongs to, "" for a measure that stands by itself. lead, unit and cooperating are party
    codes; lead and unit are "" only in the draft from a notice, which names nobody. `looks` are the reasons, besides
    the limit's own, why a person should look at this row. `made_no`: nobody wrote this number; rows were counted.
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
    looks: tuple[Look, ...] = ()
    made_no: bool = False


@dataclass(frozen=True, slots=True)
class LedgerReading:
    """What a ledger gave. With any problem it is not to be imported; warnings ask a person for a look."""

    rows: tuple[LedgerRow, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    headings: tuple[MatchedHeading, ...] = ()
    unread: tuple[UnreadHeading, ...] = ()
    sheets: tuple[ReadSheet, ...] = ()
