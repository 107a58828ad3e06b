"""Reads a ledger file into rows that can become measures, with everything that is wrong told at once.

Runs at import, and stores nothing: rows in, rows and problems out. Only a file that cannot be read at all
raises (LedgerRefused, from models/ledger/sheets.py). A row with a problem is left out of `rows`; whoever
imports takes the file whole or not at all. Parties are matched by name or code, never by likeness.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openpyxl.cell.cell import ERROR_CODES

from models.directory import Directory
from models.errors import Problem
from models.ledger.columns import (
    HEADER_WITHIN,
    NO_MAPPING,
    REQUIRED,
    Column,
    ColumnMapping,
    Header,
    header_of,
    plain,
)
from models.ledger.rows import LedgerReading, LedgerRow
from models.ledger.sheets import SheetRow, read_sheets
from models.lifecycle import CLOSURE_ZH, ROLE_ZH, ClosureClass, Role
from models.timelimit import LimitFlag, LimitKind, TimeLimit, WorkingDays, parse_time_limit

MAY_LEAD = (Role.LEAD, Role.HEAD)
MAY_ACT = (Role.UNIT,)
_MAJOR: Mapping[str, bool] = {"是": True, "否": False, "": False}
_CLOSURES: Mapping[str, ClosureClass] = {zh: closure for closure, zh in CLOSURE_ZH.items()}
_BETWEEN_PARTIES = re.compile(r"[、，,；;/\n]")
_NO_DATE_NEEDED = frozenset({LimitKind.IMMEDIATE, LimitKind.SUSTAINED})


def read_ledger(
    path: Path, directory: Directory, anchor: date, calendar: WorkingDays,
    *, mapping: ColumnMapping = NO_MAPPING, sheet: str | None = None,
) -> LedgerReading:  # fmt: skip
    """Reads every sheet with a header row, or the one named. `anchor` is the day from which periods count (feedback
    day); `mapping` is what the office says of headings of its own.

    Raises LedgerRefused where the file cannot be read at all.
    """
    sheets = [_Held(sheet.name, tuple(sheet.rows)) for sheet in read_sheets(path)]
    ledgers = [(sheet, header) for sheet in sheets if (header := _header(sheet))]
    if not ledgers:
        sought = f"没有找到表头：前{HEADER_WITHIN}行里应有一行写明{'、'.join(REQUIRED)}"
        return LedgerReading((), (Problem(sought, value="、".join(sheet.name for sheet in sheets)),), ())
    reader = _Reader(*ledgers[0], directory)
    for other, _ in ledgers[1:]:
        reader.warnings.append(Problem("另有一张台账，未读取；请分开导入", sheet=other.name))
    return reader.read(anchor, calendar)


@dataclass(frozen=True, slots=True)
class _Held:
    """A sheet whose rows can be gone through again: for its header, then for its measures."""

    name: str
    rows: tuple[SheetRow, ...]


def _header(sheet: _Held) -> Header | None:
    candidates = (row for row in sheet.rows if row.number <= HEADER_WITHIN)
    return next((header for row in candidates if (header := header_of(row.number, row.texts))), None)


Cells = Mapping[Column, str]
"""The cells of one row that can be judged; a column that is not in it was told already."""


class _Reader:
    """Turns the rows of one sheet into ledger rows and collects what is wrong on the way."""

    def __init__(self, sheet: _Held, header: Header, directory: Directory) -> None:
        self.sheet = sheet
        self.header = header
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.row = header.row
        self.numbers: dict[str, int] = {}
        self.presumed: dict[ClosureClass, list[int]] = {}
        self.parties = {plain(party.code): party for party in directory.parties}
        self.parties.update({plain(party.name): party for party in directory.parties})

    def read(self, anchor: date, calendar: WorkingDays) -> LedgerReading:
        self.check_header()
        found = list(self.measures())
        if not found:
            self.problems.append(Problem("表头下面没有整改措施", sheet=self.sheet.name, row=self.header.row))
        rows = [self.measure(row, cells, anchor, calendar) for row, cells in found]
        self.tell_presumed()
        return LedgerReading(tuple(filter(None, rows)), tuple(self.problems), tuple(self.warnings))

    def problem(self, column: Column, text: str, value: str = "") -> None:
        place = self.header.headings.get(column, column)
        self.problems.append(Problem(text, sheet=self.sheet.name, row=self.row, column=place, value=value))

    def warning(self, text: str, row: int | None = None, column: str = "", value: str = "") -> None:
        self.warnings.append(Problem(text, sheet=self.sheet.name, row=row, column=column, value=value))

    def check_header(self) -> None:
        for column in self.header.missing:
            self.problem(column, "缺少这一列")
        for column in self.header.doubled:
            self.problem(column, "有两列写的是同一内容，请只留一列")
        for heading in self.header.ignored:
            self.warning("不认识的列，未读取", self.header.row, heading)

    def measures(self) -> Iterator[tuple[int, dict[Column, str | date]]]:
        """The rows that are measures, each with the problem above it where its own is blank."""
        problem: str | date = ""
        hidden, titles = [], []
        for row in self.sheet.rows:
            if row.number <= self.header.row or header_of(row.number, row.texts):
                continue  # long tables repeat their header on each page
            cells = {column: row.cell(place) for column, place in self.header.places.items()}
            problem = cells.get(Column.PROBLEM) or problem
            if row.hidden:
                hidden.append(row.number)
            elif _is_title(row, cells):
                titles.append(row.number)
            else:
                yield row.number, cells | ({Column.PROBLEM: problem} if Column.PROBLEM in cells else {})
        if hidden:
            self.warning(f"{_rows_zh(hidden)}被隐藏或筛选掉，未读取；如需导入请先取消隐藏")
        if titles:
            self.warning(f"{_rows_zh(titles)}只有一格有内容，当作小标题或说明，未读取为措施")

    def measure(
        self, row: int, raw: Mapping[Column, str | date], anchor: date, calendar: WorkingDays
    ) -> LedgerRow | None:
        before, self.row = len(self.problems), row
        cells = self.readable(raw)
        no = self.no(cells)
        problem, text = self.filled(cells, Column.PROBLEM), self.filled(cells, Column.TEXT)
        lead = self.party(cells, Column.LEAD, MAY_LEAD)
        unit = self.party(cells, Column.UNIT, MAY_ACT)
        cooperating = self.cooperating(cells, unit)
        limit = self.limit(cells, anchor, calendar)
        major = self.major(cells)
        closure = self.closure(cells, limit)
        if len(self.problems) > before or self.header.missing or limit is None:
            return None
        return LedgerRow(row, self.sheet.name, no, problem, text, lead, unit, cooperating,
                         cells[Column.LIMIT], limit, closure, major)  # fmt: skip

    def readable(self, raw: Mapping[Column, str | date]) -> dict[Column, str]:
        """The cells as text, but for those that say nothing: a formula's error, a number made a date."""
        cells = {}
        for column, cell in raw.items():
            text = cell.isoformat() if isinstance(cell, date) else cell
            if text in ERROR_CODES:
                self.problem(column, "单元格里是公式错误", text)
            elif column is Column.NO and isinstance(cell, date):
                self.problem(column, "序号被表格软件变成了日期，请把单元格设为文本后重填", text)
            else:
                cells[column] = text
        return cells

    def filled(self, cells: Cells, column: Column) -> str:
        """The text of a cell that must not be blank."""
        text = cells.get(column)
        if text == "":
            self.problem(column, f"{column}没有填写")
        return text or ""

    def no(self, cells: Cells) -> str:
        no = self.filled(cells, Column.NO)
        first = self.numbers.setdefault(plain(no), self.row) if no else self.row
        if first != self.row:
            self.problem(Column.NO, f"第{first}行与第{self.row}行的序号相同", no)
        return no

    def party(self, cells: Cells, column: Column, roles: tuple[Role, ...]) -> str:
        """The code of the one party that this cell names; "" where it names none that will do."""
        name = self.filled(cells, column)
        if not name:
            return ""
        several = [part for part in _BETWEEN_PARTIES.split(name) if part.strip()]
        if plain(name) not in self.parties and len(several) > 1:
            self.problem(column, "只能填写一个；其余的责任单位请填入配合单位", name)
            return ""
        return self.known(column, name, roles)

    def known(self, column: Column, name: str, roles: tuple[Role, ...]) -> str:
        party = self.parties.get(plain(name))
        if party is None:
            self.problem(column, "通讯录中没有这个名称或代码", name.strip())
            return ""
        if party.roles.isdisjoint(roles):
            wanted = "或".join(ROLE_ZH[role] for role in roles)
            self.problem(column, f"在通讯录中的身份不是{wanted}", name.strip())
            return ""
        return party.code

    def cooperating(self, cells: Cells, unit: str) -> tuple[str, ...]:
        """The codes of the parties named, each once, and without the responsible unit itself."""
        text = cells.get(Column.COOPERATING, "")
        names = [text] if plain(text) in self.parties else _BETWEEN_PARTIES.split(text)
        codes = [self.known(Column.COOPERATING, name, MAY_ACT) for name in names if name.strip()]
        once = tuple(dict.fromkeys(code for code in codes if code and code != unit))
        if len(once) < len(list(filter(None, codes))):
            self.warning("与责任单位相同或重复的配合单位已略去", self.row, Column.COOPERATING, text)
        return once

    def limit(self, cells: Cells, anchor: date, calendar: WorkingDays) -> TimeLimit | None:
        """The time limit; None where it is blank or names a day that does not exist."""
        text = self.filled(cells, Column.LIMIT)
        if not text:
            return None
        limit = parse_time_limit(text, anchor, calendar)
        if LimitFlag.IMPOSSIBLE in limit.flags:
            self.problem(Column.LIMIT, limit.reason.rstrip("。"), text)
        elif limit.due_on is None and limit.kind not in _NO_DATE_NEEDED:
            why = limit.reason.rstrip("。")
            self.warning(f"没有得出日期，定下日期后才能交办：{why}", self.row, Column.LIMIT, text)
        elif limit.confirm:
            self.warning(limit.reason.rstrip("。"), self.row, Column.LIMIT, text)
        return limit

    def major(self, cells: Cells) -> bool:
        text = plain(cells.get(Column.MAJOR, ""))
        if text not in _MAJOR:
            self.problem(Column.MAJOR, "只能填“是”或“否”", text)
        return _MAJOR.get(text, False)

    def closure(self, cells: Cells, limit: TimeLimit | None) -> ClosureClass:
        """The closure class; where none is written, presumed from the limit and told at the end."""
        text = plain(cells.get(Column.CLOSURE, ""))
        if text in _CLOSURES:
            return _CLOSURES[text]
        if text:
            self.problem(Column.CLOSURE, f"只能填{'、'.join(_CLOSURES)}", text)
        presumed = ClosureClass.SUSTAINED if _is_sustained(limit) else ClosureClass.SETTLED
        if not text:
            self.presumed.setdefault(presumed, []).append(self.row)
        return presumed

    def tell_presumed(self) -> None:
        if self.presumed:
            groups = [f"{_rows_zh(rows)}为{CLOSURE_ZH[closure]}" for closure, rows in self.presumed.items()]
            told = "；".join(groups)
            self.warning(f"没有填写销号类别，按完成时限推定：{told}，请核对", column=Column.CLOSURE)


def _is_title(row: SheetRow, cells: Mapping[Column, str | date]) -> bool:
    """A row with one filled cell that says nothing of what is to be done: a group heading, or a note."""
    substance = (cell for column, cell in cells.items() if column not in {Column.NO, Column.PROBLEM})
    return sum(map(bool, row.cells)) == 1 and not any(substance)


def _is_sustained(limit: TimeLimit | None) -> bool:
    return limit is not None and (limit.kind is LimitKind.SUSTAINED or LimitFlag.SUSTAINED in limit.flags)


def _rows_zh(rows: Sequence[int]) -> str:
    """Row numbers as 第3、5至8行."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return f"第{'、'.join(str(run[0]) if len(run) == 1 else f'{run[0]}至{run[-1]}' for run in runs)}行"
