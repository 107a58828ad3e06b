"""Reads a ledger file into rows that can become measures, with everything that is wrong told at once.

Runs at import, and stores nothing: rows in, rows and problems out. Only a file that cannot be read at all raises
(LedgerRefused, from files/sheets.py). A row with a problem is left out of `rows`; whoever imports takes the file
whole or not at all. Here the sheets are put together; one sheet is read by sheet_reader.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

from models.directory import Directory
from models.errors import Problem
from models.ledger.columns import NO_MAPPING, Column, ColumnMapping
from models.ledger.files.grid import SheetRow
from models.ledger.files.sheets import Sheet, read_sheets
from models.ledger.rows import LedgerReading, LedgerRow, ReadSheet
from models.ledger.table.doubles import SHOWN_MOST, equal_measures, numbers_in_common
from models.ledger.table.header import AT_LEAST, WITHIN, header_in, likely_header, sought
from models.ledger.table.limits import LimitBook
from models.ledger.table.party_cells import PartyBook
from models.ledger.table.sheet_reader import SheetReader, lacks_too_much
from models.ledger.table.suggestions import data_among, guesses
from models.ledger.table.words import ANNEX
from models.timelimit import WorkingDays


def read_ledger(
    path: Path, directory: Directory, anchor: date, calendar: WorkingDays,
    *, mapping: ColumnMapping = NO_MAPPING, sheet: str | None = None,
) -> LedgerReading:  # fmt: skip
    """Reads every sheet with a header row, or the one named. `anchor` is the day from which periods count (feedback
    day); `mapping` is what the office says of headings of its own.

    Raises LedgerRefused where the file cannot be read at all.
    """
    return ledger_of(read_sheets(path), directory, anchor, calendar, mapping=mapping, sheet=sheet)


def ledger_of(
    sheets: Iterable[Sheet], directory: Directory, anchor: date, calendar: WorkingDays,
    *, mapping: ColumnMapping = NO_MAPPING, sheet: str | None = None,
) -> LedgerReading:  # fmt: skip
    """Reads sheets, wherever they come from, as `read_ledger` reads those of a file."""
    ledger = _Ledger(mapping, PartyBook(directory), LimitBook(anchor, calendar))
    for found in sheets:
        (ledger.hidden if found.hidden else ledger.names_of_sheets).append(found.name)
        if not found.hidden and sheet in (None, found.name):
            ledger.read(found)
    if sheet is not None and sheet not in ledger.names_of_sheets:
        return LedgerReading((), (ledger.no_sheet(sheet),), ())
    return ledger.reading(told_of_hidden=sheet is None)


class _Ledger:
    """The sheets of one file, put together."""

    def __init__(self, mapping: ColumnMapping, parties: PartyBook, limits: LimitBook) -> None:
        self.mapping, self.parties, self.limits = mapping, parties, limits
        self.names_of_sheets: list[str] = []
        self.hidden: list[str] = []
        self.readers: list[SheetReader] = []
        self.headless: dict[str, Sequence[SheetRow]] = {}

    def read(self, sheet: Sheet) -> None:
        """Reads one sheet, if it has a header. One that is no table at all, but a page of notes, is not told of, nor
        one that says itself that it is not to be read."""
        first: list[SheetRow] = []
        for row in sheet.rows:
            first.append(row)
            if row.number > WITHIN:
                break
        if any(tuple(filter(None, row.cells)) == (ANNEX,) for row in first):
            return
        header = header_in(sheet.name, first, self.mapping)
        if header is None:
            if any(sum(map(bool, row.cells)) >= AT_LEAST for row in first):
                self.headless[sheet.name] = first
            return
        reader = SheetReader(header, self.parties, self.limits)
        reader.read(chain((row for row in first if row.number > header.row), sheet.rows))
        self.readers.append(reader)

    def no_sheet(self, name: str) -> Problem:
        """Why the sheet that was asked for is not read."""
        if name in self.hidden:
            return Problem(f"工作表“{name}”被隐藏，未读取；如需导入请先取消隐藏")
        return Problem(f"没有名为“{name}”的工作表，可用：{'、'.join(self.names_of_sheets)}")

    def reading(self, told_of_hidden: bool) -> LedgerReading:
        """What all sheets gave. A sheet that is another sort of table is left out where one is whole."""
        whole = [reader for reader in self.readers if not lacks_too_much(reader.header) and not reader.is_empty]
        taken, left = (whole, [r for r in self.readers if r not in whole]) if whole else (self.readers, [])
        if not taken:
            return LedgerReading((), (self._no_header(),), tuple(self._told_of_hidden(told_of_hidden)))
        rows = _with_numbers(taken)
        problems = [problem for reader in taken for problem in reader.complaints.problems()]
        warnings = [warning for reader in taken for warning in reader.complaints.warnings()]
        return LedgerReading(
            tuple(rows),
            (*problems, *numbers_in_common(rows)),
            (*self._told_of_others(left, told_of_hidden), *warnings, *equal_measures(rows)),
            tuple(one for reader in taken for one in reader.header.matched),
            tuple(one for reader in taken for one in reader.header.unread),
            tuple(ReadSheet(reader.header.sheet, reader.header.row, len(reader.rows)) for reader in taken),
        )

    def _no_header(self) -> Problem:
        text = f"没有找到表头：前{WITHIN}行里应有一行写明{sought()}"
        for name, first in self.headless.items():
            row = likely_header(first)
            if row and not data_among(filter(None, row.texts), self.parties):
                below = [one for one in first if one.number > row.number]
                like = guesses(row, below, self.parties, self.limits)
                return Problem(f"{text}。{like}", sheet=name, row=row.number)
        return Problem(text, value="、".join(self.names_of_sheets))

    def _told_of_hidden(self, asked: bool) -> list[Problem]:
        if not (asked and self.hidden):
            return []
        more = f"等{len(self.hidden)}张" if len(self.hidden) > SHOWN_MOST else ""
        return [Problem(f"隐藏的工作表未读取：{'、'.join(self.hidden[:SHOWN_MOST])}{more}；如需导入请先取消隐藏")]

    def _told_of_others(self, left: Sequence[SheetReader], told_of_hidden: bool) -> list[Problem]:
        told = self._told_of_hidden(told_of_hidden)
        told += [
            Problem("没有表头，未读取；如是台账的续页，请接到有表头的表下面", sheet=name) for name in self.headless
        ]
        for reader in left:
            lacks = "、".join(reader.header.missing)
            why = f"缺少{lacks}，不像台账" if lacks else "表头下面没有整改措施"
            told.append(Problem(f"{why}，未读取", sheet=reader.header.sheet))
        return told


def _with_numbers(readers: Sequence[SheetReader]) -> list[LedgerRow]:
    """All rows; those of sheets without 序号 are numbered by their place in the file."""
    rows: list[LedgerRow] = []
    for reader in readers:
        if Column.NO in reader.header.places:
            rows += reader.rows
        else:
            rows += [replace(row, no=str(n), made_no=True) for n, row in enumerate(reader.rows, len(rows) + 1)]
    return rows
