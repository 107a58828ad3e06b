"""A small office and a good row, for tests that read whole ledgers in memory."""

from collections.abc import Sequence
from datetime import date

from models.directory import Directory, DirectoryParty, Person
from models.errors import Problem
from models.ledger.columns import Column, ColumnMapping
from models.ledger.files.sheets import Sheet
from models.ledger.rows import LedgerReading
from models.ledger.table.reader import ledger_of
from models.lifecycle import Role
from models.workdays import WorkCalendar, YearDays

ACTS, LEADS = frozenset({Role.UNIT}), frozenset({Role.LEAD})
DIRECTORY = Directory(
    (
        DirectoryParty("D01", "办公室", ACTS),
        DirectoryParty("D02", "人事科", ACTS, people=(Person("zs", "张三"),)),
        DirectoryParty("D03", "财务科", ACTS),
        DirectoryParty("D04", "纪检、监察室", ACTS),
        DirectoryParty("L01", "张明", LEADS, people=(Person("zm", "张明"), Person("lw", "刘伟"))),
        DirectoryParty("L02", "李华", LEADS),
        DirectoryParty("H01", "组长", frozenset({Role.HEAD})),
        DirectoryParty("G02", "督办组", frozenset({Role.SUPERVISION})),
    )
)
FEEDBACK = date(2023, 3, 25)
CALENDAR = WorkCalendar([YearDays(2023, "演练")])
HEADINGS = ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "完成时限", "销号类别")
ALL_HEADINGS = (*HEADINGS[:5], "配合单位", *HEADINGS[5:], "重大")
_CELLS = ("1", "学习不深", "订计划", "张明", "办公室", "人事科", "2023年6月30日前", "限时办结", "否")
JUNE = date(2023, 6, 30)


def read(*sheets: Sheet, mapping: ColumnMapping | None = None, only: str | None = None) -> LedgerReading:
    return ledger_of(sheets, DIRECTORY, FEEDBACK, CALENDAR, mapping=mapping or {}, sheet=only)


def good(headings: Sequence[str] = HEADINGS, **changes: str) -> tuple[str, ...]:
    """A row without a fault under these headings, but for what is given by the name of its column."""
    cells = dict(zip(ALL_HEADINGS, _CELLS, strict=True))
    return tuple(changes.get(Column(heading).name, cells[heading]) for heading in headings)


GOOD = good()


def told(found: Sequence[Problem]) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.text) for problem in found]


def numbers(reading: LedgerReading) -> list[str]:
    return [row.no for row in reading.rows]
