"""Turns the lines of one sheet into ledger rows, and says what is wrong with each. PURE.

Runs as the rows stream by. A line with a problem gives no row; its problems carry sheet, row, column and value. What
was read otherwise than as it stands is told, and marked on the row (`Look`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from models.ledger.columns import REQUIRED, Column, plain
from models.ledger.excerpts import short
from models.ledger.files.grid import CELL_ERRORS, NOT_COMPUTED, SheetRow, text_of
from models.ledger.rows import LedgerRow, Look
from models.ledger.table.complaints import Complaints, rows_zh
from models.ledger.table.header import Header
from models.ledger.table.header_told import tell_of
from models.ledger.table.headings import Manner
from models.ledger.table.limits import LimitBook, LimitFound, is_elsewhere
from models.ledger.table.names import Named
from models.ledger.table.numbers import Fault, RowNumber, numbered, within
from models.ledger.table.party_cells import PartyBook
from models.ledger.table.sheet_rows import Line, SheetLines
from models.ledger.table.suggestions import suggestions
from models.ledger.table.words import CLOSURE_SYNONYMS, CLOSURES, MAJOR, is_ditto
from models.lifecycle import CLOSURE_ZH, ClosureClass
from models.timelimit import LimitFlag, LimitKind, TimeLimit

SAMPLED = 50
"""Rows that are looked at for what an unknown column may be."""
DITTO_SHOWN = 20
"""Characters that are told of what 同上 stands for."""


@dataclass(slots=True)
class _Judged:
    """A line while it is judged: its readable cells, and what of it asks for a look."""

    line: Line
    cells: Mapping[Column, str]
    looks: list[Look] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.line.row.number

    def look(self, look: Look | None) -> None:
        if look and look not in self.looks:
            self.looks.append(look)


class SheetReader:
    """Reads one sheet. `rows` are what can become measures; `complaints` everything else there is to say."""

    def __init__(self, header: Header, parties: PartyBook, limits: LimitBook) -> None:
        self.header, self.parties, self.limits = header, parties, limits
        self.complaints = Complaints(header.sheet)
        self.rows: list[LedgerRow] = []
        self.presumed: dict[ClosureClass, list[int]] = {}
        self._row_numbers: list[RowNumber] = []
        self._read: list[LedgerRow | None] = []
        self._sample: list[SheetRow] = []
        self._blank_below: list[int] = []
        self._without_limit: list[int] = []
        self._former = ""
        self._manners = {column: _manner(header, column) for column in Column}
        # Without a column of limits they may all stand in the remarks; whether they do is known at the end.
        self._limit_in_remarks = Column.LIMIT not in header.places and bool(header.hints)
        self._missing = tuple(c for c in header.missing if not (c is Column.LIMIT and self._limit_in_remarks))

    def read(self, rows: Iterable[SheetRow]) -> None:
        """Reads the rows below the header."""
        lines = SheetLines(self.header, self.complaints)
        for line in lines.lines(rows):
            if len(self._sample) < SAMPLED:
                self._sample.append(line.row)
            self._read.append(self._row(line))
        self._tell_header()
        if not self._row_numbers:
            self.complaints.problem("表头下面没有整改措施", self.header.row)
        lines.tell()
        self._number()
        self._tell_end()

    @property
    def is_empty(self) -> bool:
        return not self._row_numbers

    # --- One line

    def _row(self, line: Line) -> LedgerRow | None:
        before = self.complaints.of_rows
        judged = _Judged(line, self._readable(line))
        for column in line.dittos:
            if taken := line.cells[column]:
                self._tell(judged, column, f"“同上”按上一行读作“{short(taken, DITTO_SHOWN)}”", Look.DITTO, "")
        no = self._no(judged)
        problem, text, part_of = self._texts(judged)
        lead, units = self._parties(judged)
        cooperating = self._cooperating(judged, units)
        found = self._limit(judged)
        major = self._major(judged)
        closure = self._closure(judged, found.limit if found else None)
        if self.complaints.of_rows > before or self._missing or found is None:
            return None
        return LedgerRow(judged.number, self.header.sheet, no, problem, text, lead, units[0], cooperating,
                         found.text, found.limit, closure, major, part_of, tuple(judged.looks))  # fmt: skip

    def _problem(self, judged: _Judged, column: Column, text: str, value: str = "") -> None:
        self.complaints.problem_of_row(text, judged.number, self.header.heading(column), value)

    def _tell(self, judged: _Judged, column: Column, text: str, look: Look | None, value: str) -> None:
        judged.look(look)
        self.complaints.warn_of_row(text, judged.number, self.header.heading(column), value)

    def _readable(self, line: Line) -> Mapping[Column, str]:
        """The cells, but for those that say nothing: a formula's error, a number made a date."""
        spoiled = {}
        for column, text in line.cells.items():
            if text[:1] == "#" and text in CELL_ERRORS:
                not_computed = "公式没有计算结果，请用表格软件打开、保存后再导入"
                spoiled[column] = not_computed if text == NOT_COMPUTED else "单元格里是公式错误"
            elif column is Column.NO and column in line.dates:
                spoiled[column] = "序号被表格软件变成了日期，请把单元格设为文本后重填"
        for column, text in spoiled.items():
            self.complaints.problem_of_row(text, line.row.number, self.header.heading(column), line.cells[column])
        return {c: text for c, text in line.cells.items() if c not in spoiled} if spoiled else line.cells

    def _filled(self, judged: _Judged, column: Column) -> str:
        """The text of a cell that must not be blank."""
        text = judged.cells.get(column)
        if text == "":
            self._blank(judged, column)
        return text or ""

    def _blank(self, judged: _Judged, column: Column) -> None:
        why = "；上面是小标题，不沿用小标题以上的问题" if column is Column.PROBLEM and judged.line.below_title else ""
        value = "" if column is Column.LIMIT else judged.cells.get(column, "")
        self._problem(judged, column, f"{column}没有填写{why}", value)
        if judged.line.follows:
            self._blank_below.append(judged.number)

    def _no(self, judged: _Judged) -> str:
        """The number as written; it is judged when all are known."""
        line, no = judged.line, judged.cells.get(Column.NO, "")
        spanned = self.header.places.get(Column.NO) in line.row.spanned
        inner = line.row.cell(self.header.inner_no) if self.header.inner_no is not None else ""
        if inner and isinstance(inner, str) and self.header.inner_no not in line.row.spanned:
            outer = no or (self._row_numbers[-1].no.rpartition(".")[0] if self._row_numbers and line.follows else "")
            no, spanned = within(outer, inner) if outer else "", False
        is_spoiled = Column.NO in line.cells and Column.NO not in judged.cells
        # A number that cannot be read was told already; the row stands for itself.
        self._row_numbers.append(RowNumber(line.row.number, f"#{line.row.number}" if is_spoiled else no, spanned,
                                line.follows, line.part, line.section))  # fmt: skip
        return no

    def _texts(self, judged: _Judged) -> tuple[str, str, str]:
        """The problem, what is to be done, and the measure that it is part of."""
        problem = self._filled(judged, Column.PROBLEM)
        if part := judged.cells.get(Column.SUB):
            measure = judged.cells.get(Column.TEXT, "")
            return problem, part, measure if measure != part else ""
        if judged.line.part:  # of a measure whose sub-measures stand above
            return problem, self._filled(judged, Column.SUB), ""
        return problem, self._filled(judged, Column.TEXT), ""

    # --- Parties

    def _parties(self, judged: _Judged) -> tuple[str, tuple[str, ...]]:
        """The lead's code, and those of the units of this cell, the responsible one first; "" where none will do."""
        lead, unit = judged.cells.get(Column.LEAD), judged.cells.get(Column.UNIT)
        if lead and self._manners[Column.LEAD] is Manner.LEAD_AND_UNIT:
            lead, units = self.parties.split_lead_and_unit(lead)
            unit = units if self._manners[Column.UNIT] is Manner.LEAD_AND_UNIT else unit
        found = self._named(judged, Column.LEAD, lead), self._named(judged, Column.UNIT, unit)
        return next(iter(found[0].codes), ""), found[1].codes or ("",)

    def _named(self, judged: _Judged, column: Column, text: str | None) -> Named:
        if not text:
            if text == "":
                self._blank(judged, column)
            return Named()
        named = self.parties.named(column, text, self._manners[column])
        for fault, value in named.faults:
            self._problem(judged, column, fault, value)
        if named.told:
            self._tell(judged, column, named.told, named.look, text)
        return named

    def _cooperating(self, judged: _Judged, units: tuple[str, ...]) -> tuple[str, ...]:
        """The codes of those that cooperate, each once, without the responsible unit itself."""
        text = judged.cells.get(Column.COOPERATING, "")
        codes = self._named(judged, Column.COOPERATING, text).codes if text else ()
        if units[0] in codes:
            self._tell(judged, Column.COOPERATING, "与责任单位相同的配合单位已略去", None, text)
            codes = tuple(code for code in codes if code != units[0])
        return tuple(dict.fromkeys((*units[1:], *codes))) if len(units) > 1 else codes

    # --- The limit

    def _limit(self, judged: _Judged) -> LimitFound | None:
        """The time limit; None where it is blank or names a day that does not exist."""
        text = judged.cells.get(Column.LIMIT, "" if self._limit_in_remarks else None)
        if text is None:
            return None
        found = self._limit_found(judged, text)
        if found is None:
            if self._limit_in_remarks:
                self._without_limit.append(judged.number)
            else:
                self._blank(judged, Column.LIMIT)
            return None
        if found.told:
            self._tell(judged, Column.LIMIT, found.told, found.look, text or found.text)
        for told in self.limits.others(self._hints(judged), found):
            self._tell(judged, Column.LIMIT, told, Look.LIMIT_DIFFERS, found.text)
        return found if self._is_possible(judged, found) else None

    def _limit_found(self, judged: _Judged, text: str) -> LimitFound | None:
        """The limit of its own cell, or of where that sends the reader: the limit before adjustment, the remarks."""
        if self.header.former_limit is not None:
            written = text_of(judged.line.row.cell(self.header.former_limit))
            self._former = self._former if is_ditto(written) else written
            if self._former:
                return self.limits.adjusted(text, self._former)
        if is_elsewhere(text) and (hidden := self.limits.elsewhere(self._hints(judged))):
            return hidden
        return self.limits.found(text) if text else None

    def _hints(self, judged: _Judged) -> list[tuple[str, str]]:
        """The cells that may hide a limit, with their headings."""
        row = judged.line.row
        return [(heading, text) for place, heading in self.header.hints if isinstance(text := row.cell(place), str)]

    def _is_possible(self, judged: _Judged, found: LimitFound) -> bool:
        """Whether the limit can stand; tells why a person should look at it."""
        limit, why = found.limit, found.limit.reason.rstrip("。")
        if LimitFlag.IMPOSSIBLE in limit.flags:
            self._problem(judged, Column.LIMIT, why, found.text)
            return False
        if limit.lacks_date:
            self._tell(judged, Column.LIMIT, f"没有得出日期，定下日期后才能交办：{why}", None, found.text)
        elif limit.confirm:
            self._tell(judged, Column.LIMIT, why, None, found.text)
        return True

    # --- Class and weight

    def _major(self, judged: _Judged) -> bool:
        text = plain(judged.cells.get(Column.MAJOR, ""))
        if text not in MAJOR:
            self._problem(judged, Column.MAJOR, "只能填“是”或“否”", text)
        return MAJOR.get(text, False)

    def _closure(self, judged: _Judged, limit: TimeLimit | None) -> ClosureClass:
        """The closure class; where none is written, presumed from the limit and told at the end."""
        text = plain(judged.cells.get(Column.CLOSURE, ""))
        if text in CLOSURES:
            return CLOSURES[text]
        if text in CLOSURE_SYNONYMS:
            closure = CLOSURE_SYNONYMS[text]
            self._tell(judged, Column.CLOSURE, f"按{CLOSURE_ZH[closure]}读取", Look.CLASS_SYNONYM, text)
            return closure
        presumed = ClosureClass.SUSTAINED if _lasts(limit) else ClosureClass.SETTLED
        if text:
            heading = self.header.heading(Column.CLOSURE)
            cure = "" if heading == Column.CLOSURE else f"；如这一列不是销号类别，请在 columns.yaml 写“{heading}: 忽略”"
            self._problem(judged, Column.CLOSURE, f"只能填{'、'.join(CLOSURES)}{cure}", text)
            return presumed
        judged.look(Look.CLASS_PRESUMED)
        self.presumed.setdefault(presumed, []).append(judged.number)
        return presumed

    # --- When all lines are known

    def _number(self) -> None:
        """Gives each row its number, or says what is wrong with it. Without 序号 that is for the whole ledger to do."""
        if Column.NO not in self.header.places:
            self.rows = [row for row in self._read if row]
            return
        numbers = numbered(self._row_numbers)
        heading = self.header.heading(Column.NO)
        if len(self._row_numbers) > 1 and not any(said.no for said in self._row_numbers):
            cure = f"如是自动编号，请先转为文字；如不用编号，请在 columns.yaml 写“{heading}: 忽略”"
            self.complaints.problem(f"这一列全部没有填写；{cure}", self.header.row, heading)
            return
        for said, found, row in zip(self._row_numbers, numbers.rows, self._read, strict=True):
            if found.fault is Fault.BLANK:
                self.complaints.problem_of_row(f"{Column.NO}没有填写", said.row, heading)
            elif found.fault is Fault.TWICE:
                self.complaints.problem_of_row(
                    f"第{found.first}行与第{said.row}行的序号相同", said.row, heading, said.no
                )
            elif row:
                self.rows.append(replace(row, no=found.no, made_no=numbers.divided) if row.no != found.no else row)
        if numbers.within_titles:
            self.complaints.warn(
                "各小标题下的序号从头编起，各行编为“小标题序号.序号”（如 二.1），请核对", column=heading
            )
        if numbers.divided:
            self.complaints.warn("一个序号下有多行，各行编为“序号.顺次”（如 3.1、3.2），请核对", column=heading)

    def _tell_header(self) -> None:
        """What the header lacks, and what of it is to be looked at."""
        tell_of(self.header, self.complaints)
        for column in self._missing:
            self._tell_missing(column)
        for headings in self.header.doubled:
            other = headings[-1]
            or_helps = f"或“{other.heading}: {Column.COOPERATING}”" if other.column is Column.UNIT else ""
            cure = f"请只留一列，或在 columns.yaml 写“{other.heading}: 忽略”{or_helps}"
            self.complaints.problem(f"有两列写的是同一内容，{cure}", self.header.row, headings[0].heading)

    def _tell_missing(self, column: Column) -> None:
        cure = suggestions(column, self.header, self._sample, self.parties, self.limits)
        self.complaints.problem(f"缺少这一列{cure}", self.header.row, self.header.heading(column))

    def _tell_end(self) -> None:
        if self._without_limit and len(self._without_limit) == len(self._row_numbers):
            self._tell_missing(Column.LIMIT)
        else:
            for row in self._without_limit:
                self.complaints.problem_of_row(f"{Column.LIMIT}没有填写", row, Column.LIMIT)
        if self._blank_below:
            told = "的空格不沿用上一行；如原表是合并单元格，请导入 .xlsx，或在空格里填“同上”"
            self.complaints.warn(f"{rows_zh(list(dict.fromkeys(self._blank_below)))}{told}")
        if self.presumed:
            groups = [f"{rows_zh(rows)}为{CLOSURE_ZH[closure]}" for closure, rows in self.presumed.items()]
            told = f"没有填写销号类别，按完成时限推定：{'；'.join(groups)}，请核对"
            self.complaints.warn(told, column=self.header.heading(Column.CLOSURE))


def _manner(header: Header, column: Column) -> Manner:
    return header.manners.get(column, Manner.PLAIN)


def _lasts(limit: TimeLimit | None) -> bool:
    lasting = {LimitKind.SUSTAINED, LimitKind.RECURRING, LimitFlag.SUSTAINED, LimitFlag.RECURRING}
    return limit is not None and not lasting.isdisjoint((limit.kind, *limit.flags))


def lacks_too_much(header: Header) -> bool:
    """Whether a sheet is rather a table of another sort: neither problems nor measures, or half the columns missing."""
    missing = set(header.missing)
    return {Column.PROBLEM, Column.TEXT} <= missing or len(missing) > len(REQUIRED) // 2
