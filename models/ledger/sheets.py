"""Opens a ledger file (.xlsx, .csv) and gives its sheets as rows of text and dates, as they are seen.

Runs once an import, before anything is known about columns. A file that cannot be read, or that would swell
beyond any ledger when unpacked, raises LedgerRefused with the cure. It does not know what the cells mean.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO
from xml.parsers import expat

import openpyxl
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import from_excel

from models.errors import LedgerRefused, Problem

INFLATED_MOST = 50 * 1024 * 1024
"""Bytes of a file once unpacked, counted while unpacking: declared sizes may lie."""
MEMBERS_MOST = 2_000
ROWS_MOST = 20_000
COLUMNS_MOST = 100
CELLS_MOST = ROWS_MOST * COLUMNS_MOST
_CHUNK = 64 * 1024
_SUFFIXES = (".xlsx", ".csv")
_OLD_OR_ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1")

# Excel for Chinese writes these built-in numbers without a format code, and openpyxl, which knows only the
# English ones, would hand a date over as a bare number.
_CHINESE_DAYS = frozenset({28, 29, 30, 31, 51, 53, 54, 58})
_CHINESE_MONTHS = frozenset({27, 36, 50, 52, 57})
_LAST_SERIAL = 2_958_466  # the day after 9999-12-31
_FORMAT_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its 1-based number as the spreadsheet shows it, its cells, "" where blank; hidden or not.

    `spanned` are the 0-based places whose value is not the row's own: a merged area that begins in a row above
    repeats it here. A merged area over several columns says its value at its first place and is blank at the
    others; `widths` gives, by that first place, how many columns it covers.
    """

    number: int
    cells: tuple[str | date, ...]
    hidden: bool = False
    spanned: frozenset[int] = frozenset()
    widths: Mapping[int, int] = field(default_factory=dict)

    def cell(self, place: int) -> str | date:
        """The cell at a 0-based place; a short row is blank beyond its end."""
        return self.cells[place] if place < len(self.cells) else ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells as text; a date as 2023-06-30."""
        return tuple(cell.isoformat() if isinstance(cell, date) else cell for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible worksheet, a table of a document, or the whole of a CSV file. Rows without content are left out.

    `rows` can be gone through once; what is left of it is skipped when the next sheet is asked for.
    """

    name: str
    rows: Iterator[SheetRow]


def read_sheets(path: Path) -> Iterator[Sheet]:
    """Every visible sheet of the file, in its order.

    Raises LedgerRefused where the file cannot be read: at the first sheet, or at the row that shows it.
    """
    yield from _opened(path)


def _opened(path: Path) -> tuple[Sheet, ...]:
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise _refused(f"不认识的台账格式“{path.suffix or path.name}”。", "请另存为 .xlsx 或 .csv 后再导入。")
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise _refused(f"台账文件 {path.name} 是空的。", "请检查是否选对了文件，或重新导出。")
            file.seek(0)
            return _workbook(file, path.name) if suffix == ".xlsx" else (_csv(file, path),)
    except FileNotFoundError as error:
        raise _refused(f"找不到台账文件 {path}。", "请检查文件名和所在文件夹。") from error
    except OSError as error:
        raise _refused(f"台账文件 {path.name} 打不开。", "请检查文件权限，或关闭正在使用它的程序。") from error


# --- .csv


def _csv(file: BinaryIO, path: Path) -> Sheet:
    content = file.read(INFLATED_MOST + 1)
    if len(content) > INFLATED_MOST:
        raise _too_large(path.name)
    records = csv.reader(io.StringIO(_decoded(content, path.name), newline=""), strict=True)
    try:
        return Sheet(path.stem, iter(tuple(_csv_rows(records, path))))
    except csv.Error as error:
        raise _refused(
            f"台账文件 {path.name} 第{records.line_num}行附近不是合法的 CSV（多为引号不成对）。",
            "请用表格软件打开后另存为 CSV 或 .xlsx。",
        ) from error


def _csv_rows(records: Iterator[list[str]], path: Path) -> Iterator[SheetRow]:
    for number, record in enumerate(records, 1):
        cells = tuple(cell.strip() for cell in record)
        if not any(cells):
            continue
        if number > ROWS_MOST or len(cells) > COLUMNS_MOST:
            raise _too_many(path.stem, number)
        yield SheetRow(number, cells)


def _decoded(content: bytes, name: str) -> str:
    """UTF-8 with or without a byte order mark, else GB18030, which spreadsheets in Chinese offices write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(f"台账文件 {name} 的文字编码无法识别。", "请另存为“CSV UTF-8”或 .xlsx 后再导入。")


# --- .xlsx


@dataclass(slots=True)
class _Outline:
    """The shape of one part, taken from its stream: no tree of it is built before it is known to be small.

    Only a part whose root is a worksheet has rows. `merges` are (column, first row, last row); `beyond` is
    the first row with content outside the bounds of a ledger. All 1-based.
    """

    root: str = ""
    hidden: set[int] = field(default_factory=set)
    merges: list[tuple[int, int, int]] = field(default_factory=list)
    last_row: int = 0
    last_column: int = 0
    beyond: int | None = None
    _row: int = 0
    _column: int = 0
    _cells: int = 0

    def element(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        self.root = self.root or tag
        if self.root != "worksheet":
            return
        if tag == "row":
            self._start_row(attributes)
        elif tag == "c":
            self._start_cell(attributes.get("r"))
        elif tag in {"v", "is"}:
            self._fill_cell()
        elif tag == "mergeCell":
            left, top, _, bottom = (bound or 0 for bound in range_boundaries(attributes["ref"]))
            self.merges.append((left, top, bottom))

    def doctype(self, *_: object) -> None:
        raise _refused("台账文件含有 DTD 声明，可能不安全，未读取。", "请用表格软件打开后另存为新的 .xlsx。")

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        number = int(attributes.get("r", self._row + 1))
        if number <= self._row:
            raise ValueError(f"row {number} after row {self._row}")  # openpyxl would drop it without a word
        self._row, self._column = number, 0
        if attributes.get("hidden") in {"1", "true"}:
            self.hidden.add(number)

    def _start_cell(self, reference: str | None) -> None:
        self._column = (range_boundaries(reference)[0] or 0) if reference else self._column + 1
        self._cells += 1
        if self._cells > CELLS_MOST:
            raise _too_many(row=self._row)

    def _fill_cell(self) -> None:
        if self._row > ROWS_MOST or self._column > COLUMNS_MOST:
            self.beyond = self.beyond or self._row
        self.last_row = max(self.last_row, self._row)
        self.last_column = max(self.last_column, self._column)


def _workbook(file: BinaryIO, name: str) -> tuple[Sheet, ...]:
    if not openpyxl.DEFUSEDXML:
        raise _refused(
            "没有可用的 defusedxml，不能安全读取表格。",
            "请重新安装依赖，并取消环境变量 OPENPYXL_DEFUSEDXML。",
        )
    if file.read(len(_OLD_OR_ENCRYPTED)) == _OLD_OR_ENCRYPTED:
        raise _refused(f"台账文件 {name} 设有打开密码，或是旧版 .xls。", "请去掉密码，另存为 .xlsx 后再导入。")
    try:
        with warnings.catch_warnings():
            # What openpyxl warns of (styles, validations it does not keep) says nothing about the cells.
            warnings.simplefilter("ignore")
            return tuple(_sheets(file, _outlines(file, name)))
    except LedgerRefused:
        raise
    except Exception as error:  # a broken workbook makes openpyxl fail in any way at all
        raise _refused(
            f"台账文件 {name} 已损坏，或不是真正的 .xlsx。", "请用表格软件打开检查，另存为 .xlsx 后再导入。"
        ) from error


def _outlines(file: BinaryIO, name: str) -> dict[str, _Outline]:
    """Unpacks every part once, counting, and keeps the outline of each. A zip bomb raises LedgerRefused."""
    outlines: dict[str, _Outline] = {}
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > MEMBERS_MOST:
            raise _too_large(name)
        room = INFLATED_MOST
        for member in members:
            if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise zipfile.BadZipFile("a method no spreadsheet uses, and one that unpacks without bounds")
            outlines[member.filename] = outline = _Outline()
            with archive.open(member) as part:
                room -= _trace(part, outline, room, name)
    return outlines


def _trace(part: IO[bytes], outline: _Outline, room: int, name: str) -> int:
    """Feeds one part to its outline; answers how many bytes it unpacked to."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = outline.element
    parser.StartDoctypeDeclHandler = outline.doctype
    size, is_xml = 0, True
    while chunk := part.read(_CHUNK):
        size += len(chunk)
        if size > room:
            raise _too_large(name)
        try:
            if is_xml:
                parser.Parse(chunk)
        except expat.ExpatError:
            is_xml = False  # a picture; or a broken part, over which openpyxl stumbles at the same byte
    return size


def _sheets(file: BinaryIO, outlines: Mapping[str, _Outline]) -> Iterator[Sheet]:
    file.seek(0)
    reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
    reader.read()
    parts = {sheet.name: str(relation.target) for sheet, relation in reader.parser.find_sheets()}
    for worksheet in reader.wb.worksheets:
        if worksheet.sheet_state != "visible":
            continue
        outline = outlines[parts[worksheet.title]]
        if outline.beyond:
            raise _too_many(worksheet.title, outline.beyond)
        yield Sheet(worksheet.title, iter(tuple(_rows(worksheet, outline, reader.wb.epoch))))


def _rows(worksheet: Any, outline: _Outline, epoch: datetime) -> Iterator[SheetRow]:
    """The rows with content of their own. A merged area says its value in each row that it covers."""
    if not outline.last_row:
        return
    starts: dict[int, list[tuple[int, int]]] = {}
    for column, top, bottom in outline.merges:
        if column <= outline.last_column:
            starts.setdefault(top, []).append((column - 1, bottom))
    covers: dict[int, tuple[int, str | date]] = {}
    # These bounds are counted; the size that a sheet declares may lie, and is not asked for.
    grid = worksheet.iter_rows(max_row=outline.last_row, max_col=outline.last_column)
    for number, raw in enumerate(grid, 1):
        own = [_said(cell, epoch) for cell in raw]
        covers.update({place: (bottom, own[place]) for place, bottom in starts.get(number, ())})
        if any(own):
            cells = tuple(cell or _covered(covers.get(place), number) for place, cell in enumerate(own))
            yield SheetRow(number, cells, number in outline.hidden)


def _covered(cover: tuple[int, str | date] | None, row: int) -> str | date:
    return cover[1] if cover and row <= cover[0] else ""


def _said(cell: Any, epoch: datetime) -> str | date:
    """What the cell shows. A month alone stays a month: the day Excel stores with it was never written."""
    match cell.value:
        case None:
            return ""
        case bool() as truth:
            return str(truth).upper()
        case datetime() as moment:
            return _month(moment) if _is_month(cell.number_format) else moment.date()
        case int() | float() as number:
            return _number(number, cell.style_array.numFmtId, epoch)
        case other:
            return str(other).strip()


def _number(number: float, style: int, epoch: datetime) -> str | date:
    if style in _CHINESE_DAYS | _CHINESE_MONTHS and 1 <= number < _LAST_SERIAL:
        moment = from_excel(number, epoch)
        return _month(moment) if style in _CHINESE_MONTHS else moment.date()
    return format(number, ".15g")  # as many digits as Excel keeps; 1.0 is 1


def _is_month(number_format: str) -> bool:
    letters = _FORMAT_LITERALS.sub("", number_format).lower()
    return "y" in letters and "m" in letters and "d" not in letters


def _month(moment: date) -> str:
    return f"{moment.year}年{moment.month}月"


# --- refusals


def _refused(zh: str, cure: str, sheet: str = "", row: int | None = None) -> LedgerRefused:
    return LedgerRefused(zh, [Problem(zh.rstrip("。"), sheet=sheet, row=row)], cure)


def _too_large(name: str) -> LedgerRefused:
    return _refused(
        f"台账文件 {name} 展开后超过{INFLATED_MOST // 1024 // 1024} MiB，不像台账。",
        "请删除多余的空行、空列、图片和附件，另存后再导入。",
    )


def _too_many(sheet: str = "", row: int | None = None) -> LedgerRefused:
    return _refused(
        f"台账超过{ROWS_MOST}行或{COLUMNS_MOST}列。", "请删除多余的空行、空列，或拆分后再导入。", sheet, row
    )
