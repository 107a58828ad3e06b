"""The rows of one sheet below its header that are measures, each with what it takes from above.

Runs as rows stream by, one ahead. PURE. Headers of later pages, titles, totals and notes are passed over, and told. A
blank problem is that of the row above, shown or hidden, unless a title stands between; so is what 同上 stands for. Any
other blank stays blank.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.ledger.columns import Column, letter
from models.ledger.files.bounds import COLUMNS_MOST
from models.ledger.files.grid import Cell, SheetRow, text_of
from models.ledger.table.complaints import Complaints, rows_zh
from models.ledger.table.header import Header
from models.ledger.table.sections import Sections, numbers_a_title
from models.ledger.table.words import is_count_of_columns, is_ditto, is_note, is_total

_FROM_ABOVE = frozenset({Column.PROBLEM, Column.TEXT, Column.LEAD, Column.UNIT, Column.COOPERATING, Column.LIMIT})
_NOTHING: frozenset[Column] = frozenset()

Raw = Mapping[Column, Cell]
"""The cells of a row by column."""


class Passed(StrEnum):
    """Why a row is no measure."""

    HIDDEN = "被隐藏或筛选掉，未读取；如需导入请先取消隐藏"
    TOTAL = "是合计，未读取"
    NOTE = "是填表说明，未读取"
    COUNT = "是列号，未读取"
    TITLE = "只有一格有内容，当作小标题或说明，未读取为措施"
    STRUCK = "的内容全部加了删除线，未读取"
    SECTION = "只有序号和标题，当作小标题，未读取为措施"
    PROBLEM = "只有序号和问题，当作其下各行的问题，未读取为措施"


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is a measure. `cells` are its texts by column; `dates` are the columns that hold a date cell.

    `follows`: its problem is that of the line before; `part`: its measure too. `dittos` are columns whose text is
    taken from above because 同上 stands there. `section` are the numbers of the titles that it stands under;
    `below_title`: its problem is blank, and a title stands between it and the problem above.
    """

    row: SheetRow
    cells: Mapping[Column, str]
    dates: frozenset[Column]
    follows: bool
    part: bool
    dittos: tuple[Column, ...]
    section: tuple[str, ...] = ()
    below_title: bool = False


@dataclass(frozen=True, slots=True)
class _Taken:
    """The cells of a row with what they take from above; which columns hold dates, and which 同上."""

    cells: dict[Column, str]
    dates: frozenset[Column]
    dittos: tuple[Column, ...]


class SheetLines:
    """Goes through the rows of one sheet. What is passed over is told by `tell` when all have gone by."""

    def __init__(self, header: Header, complaints: Complaints) -> None:
        self.header, self.complaints = header, complaints
        self._passed: dict[Passed, list[int]] = {}
        self._above: dict[Column, str] = {}
        self._before: dict[Column, str] = {}
        self._sections = Sections()
        self._problem = self._carried_no = ""
        self._is_below_title = self._is_below_hidden = False
        self._from_hidden: list[int] = []
        self._struck: list[int] = []
        self._kept: dict[str, str] = {}
        self._places = tuple(header.places.items())
        headed = {one.place for one in header.matched} | {one.place for one in header.unread}
        self._unheaded = tuple(place for place in range(COLUMNS_MOST) if place not in headed)
        self._strays: dict[int, list[int]] = {}
        self._has_sub = Column.SUB in header.places

    def lines(self, rows: Iterable[SheetRow]) -> Iterator[Line]:
        """The measures, in order."""
        for row, following in _with_following(row for row in rows if not self.header.is_again(row)):
            cells, end = row.cells, len(row.cells)
            raw = {column: cells[place] if place < end else "" for column, place in self._places}
            why = Passed.STRUCK if _is_struck_out(row) else self._why_passed(row, raw, following)
            if row.hidden:
                self._passed.setdefault(Passed.HIDDEN, []).append(row.number)
            elif why:
                self._passed.setdefault(why, []).append(row.number)
            if why:
                self._pass(why, row, raw)
            elif row.hidden:
                self._above = self._take(raw).cells
            else:
                yield self._line(row, raw)
            self._is_below_hidden = row.hidden

    def tell(self) -> None:
        for why, numbers in self._passed.items():
            self.complaints.warn(f"{rows_zh(numbers)}{why.value}")
        for place, numbers in sorted(self._strays.items()):
            self.complaints.warn(f"{letter(place)}列没有列名，{rows_zh(numbers)}的内容未读取")
        if self._struck:
            self.complaints.warn(f"{rows_zh(self._struck)}有加了删除线的文字，这些文字未读取，请核对")
        if self._from_hidden:
            self.complaints.warn(f"{rows_zh(self._from_hidden)}的空白问题或“同上”取自上面被隐藏的行，请核对")

    # --- What is no measure

    def _pass(self, why: Passed, row: SheetRow, raw: Raw) -> None:
        """A problem in a row of its own is that of the rows below, its number too; a title ends the problem above."""
        no = text_of(raw.get(Column.NO, ""))
        if why is Passed.STRUCK and self.header.places.get(Column.PROBLEM) in row.struck:
            self._problem = ""
        if why is Passed.PROBLEM:
            self._problem, self._carried_no, self._is_below_title = text_of(raw[Column.PROBLEM]), no, False
            self._sections.begin(no)
        elif why in {Passed.TITLE, Passed.SECTION}:
            self._problem, self._carried_no, self._is_below_title = "", "", True
            self._sections.begin(text_of(next(cell for cell in row.cells if cell)))

    def _why_passed(self, row: SheetRow, raw: Raw, following: SheetRow | None) -> Passed | None:
        first = next(filter(None, row.cells), "")
        if isinstance(first, str):
            # A row of the table nearly always begins with a number.
            if first == "1" and is_count_of_columns(row.texts):
                return Passed.COUNT
            if not first.isascii() and (is_total(first) or is_note(first)):
                return Passed.TOTAL if is_total(first) else Passed.NOTE
        if _says_what_to_do(raw):
            return None
        return self._why_no_measure(row, raw, following)

    def _why_no_measure(self, row: SheetRow, raw: Raw, following: SheetRow | None) -> Passed | None:
        """Why a row is none that says nothing of what is to be done."""
        if self._is_problem_alone(raw, following):
            return Passed.PROBLEM
        if sum(map(bool, row.cells)) == 1:
            return Passed.TITLE
        return Passed.SECTION if self._is_section(raw, following) else None

    def _is_section(self, raw: Raw, following: SheetRow | None) -> bool:
        """A row that says a number of titles and one text, above a row that is numbered otherwise."""
        place = self.header.places.get(Column.NO)
        if place is None or following is None or not (raw[Column.NO] and raw.get(Column.PROBLEM)):
            return False
        return numbers_a_title(text_of(raw[Column.NO]), text_of(following.cell(place)))

    def _is_problem_alone(self, raw: Raw, following: SheetRow | None) -> bool:
        """A row that says a problem and nothing else, and rows below it that say none."""
        place = self.header.places.get(Column.PROBLEM)
        if place is None or following is None or not raw[Column.PROBLEM]:
            return False
        return not following.cell(place) or place in following.spanned

    # --- What is one

    def _line(self, row: SheetRow, raw: Raw) -> Line:
        if row.struck:
            self._struck.append(row.number)
            self._problem = "" if self.header.places.get(Column.PROBLEM) in row.struck else self._problem
        taken, before = self._take(raw), self._before
        cells = taken.cells
        self._note_strays(row)
        follows = bool(before) and before.get(Column.PROBLEM) == cells.get(Column.PROBLEM)
        part = follows and self._has_sub and bool(before[Column.TEXT]) and before[Column.TEXT] == cells[Column.TEXT]
        self._take_number(cells)
        self._above = self._before = cells
        below_title = self._is_below_title and cells.get(Column.PROBLEM) == ""
        if self._is_below_hidden and (taken.dittos or not row.cell(self.header.places.get(Column.PROBLEM, 0))):
            self._from_hidden.append(row.number)
        return Line(row, cells, taken.dates, follows, part, taken.dittos, self._sections.numbers, below_title)

    def _take(self, raw: Raw) -> _Taken:
        cells: dict[Column, str] = {}
        dates, dittos = _NOTHING, []
        for column, cell in raw.items():
            text = text_of(cell)
            if text is not cell:
                dates |= {column}
            if column in _FROM_ABOVE and is_ditto(text):
                dittos.append(column)
                text = self._above.get(column, "")
            cells[column] = text
        if Column.PROBLEM in cells:
            self._is_below_title = self._is_below_title and not cells[Column.PROBLEM]
            problem = cells[Column.PROBLEM] or self._problem
            cells[Column.PROBLEM] = self._problem = self._kept.setdefault(problem, problem)
        if self._has_sub and cells[Column.SUB] and not cells[Column.TEXT]:
            is_same = self._above.get(Column.PROBLEM) == cells.get(Column.PROBLEM)
            cells[Column.TEXT] = self._above.get(Column.TEXT, "") if is_same else ""
        return _Taken(cells, dates, tuple(dittos))

    def _note_strays(self, row: SheetRow) -> None:
        """What stands under no heading is not read, and must not vanish without a word."""
        end = len(row.cells)
        for place in self._unheaded:
            if place >= end:
                return
            if row.cells[place] and place not in row.spanned:
                self._strays.setdefault(place, []).append(row.number)

    def _take_number(self, cells: dict[Column, str]) -> None:
        """The number that stood in the row of the problem alone is that of the first row below it."""
        if self._carried_no and Column.NO in cells:
            cells[Column.NO] = cells[Column.NO] or self._carried_no
            self._carried_no = ""


def _is_struck_out(row: SheetRow) -> bool:
    """Whether all that the row had of its own is struck out."""
    return bool(row.struck) and row.spanned.issuperset(place for place, cell in enumerate(row.cells) if cell)


def _says_what_to_do(raw: Raw) -> bool:
    return any(cell for column, cell in raw.items() if column is not Column.NO and column is not Column.PROBLEM)


def _with_following(rows: Iterable[SheetRow]) -> Iterator[tuple[SheetRow, SheetRow | None]]:
    previous: SheetRow | None = None
    for row in rows:
        if previous is not None:
            yield previous, row
        previous = row
    if previous is not None:
        yield previous, None
