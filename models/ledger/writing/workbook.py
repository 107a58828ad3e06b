"""Writes sheets as a workbook (.xlsx) that prints: A4 across, as wide as the page, its header on every page.

Every cell is text, whatever it begins with: none can become a formula or a number. openpyxl is loaded here only.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from models.ladder import TINTS, Colour
from models.ledger.writing.cells import escaped, lines_in
from models.ledger.writing.grid import Grid, Heading, height_of, lines_most
from models.ledger.writing.heights import lines_of

_HEADER_ROW = 3
_A4 = 9
_BODY, _HEADS = "宋体", "黑体"
_TITLE, _NOTE, _HEADING = "duban-title", "duban-note", "duban-heading"
_SHORT, _LONG, _TOP = "duban-short", "duban-long", "duban-top"
_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_LEFT_TOP = Alignment(horizontal="left", vertical="top", wrap_text=True)
_TEXT_FORMAT = "@"
"""What a person types into such a cell stays as typed: 001, 3-2."""


def workbook_of(grids: Iterable[Grid]) -> bytes:
    """The bytes of a workbook with these sheets."""
    book = Workbook(write_only=True)
    for style in _styles():
        book.add_named_style(style)
    for grid in grids:
        _write(book.create_sheet(grid.name), grid)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _write(sheet: Any, grid: Grid) -> None:
    """One sheet. What a sheet says of its columns and merges must be said before its rows."""
    _set_page(sheet, grid)
    last = len(grid.headings)
    for row in (1, 2):
        sheet.merged_cells.ranges.add(CellRange(min_row=row, max_row=row, min_col=1, max_col=last))
    for one in grid.merges:
        top, bottom = one.top + _HEADER_ROW + 1, one.bottom + _HEADER_ROW + 1
        area = CellRange(min_row=top, max_row=bottom, min_col=one.left + 1, max_col=one.right + 1)
        sheet.merged_cells.ranges.add(area)
    heights = (34.0, 20.0, 32.0, *map(height_of, lines_of(grid)))
    for row, height in enumerate(heights, 1):
        sheet.row_dimensions[row].height = height
    sheet.append([_cell(sheet, grid.title, _TITLE)])
    sheet.append([_cell(sheet, grid.note, _NOTE)])
    sheet.append([_cell(sheet, heading.text, _HEADING) for heading in grid.headings])
    _write_rows(sheet, grid)


def _write_rows(sheet: Any, grid: Grid) -> None:
    covered = grid.covered()
    for number, row in enumerate(grid.rows):
        sheet.append([
            _cell(sheet, "" if (number, place) in covered else text, _style(heading, text, grid.colour(number, place)))
            for place, (text, heading) in enumerate(zip(row, grid.headings, strict=True))
        ])  # fmt: skip


def _cell(sheet: Any, text: str, style: str) -> Any:
    cell = WriteOnlyCell(sheet, escaped(text))
    cell.style = style
    cell.data_type = "s"  # last: a text that looks like a formula or an error would be taken for one
    return cell


def _style(heading: Heading, text: str, colour: Colour | None) -> str:
    """In the middle, but for what no row is high enough for: of that the beginning must be seen."""
    if lines_in(text, heading.width - 1) > lines_most():
        return _TOP
    return f"{_SHORT if heading.short else _LONG}{f'-{colour}' if colour else ''}"


def _styles() -> Iterable[NamedStyle]:
    yield NamedStyle(_TITLE, font=Font(_HEADS, 18), alignment=_MIDDLE)
    yield NamedStyle(_NOTE, font=Font(_BODY, 10), alignment=_LEFT)
    grey = PatternFill("solid", fgColor="E7E6E6")
    yield NamedStyle(_HEADING, font=Font(_HEADS, 10), alignment=_MIDDLE, border=_BOX, fill=grey)
    yield NamedStyle(_TOP, font=Font(_BODY, 10), alignment=_LEFT_TOP, border=_BOX, number_format=_TEXT_FORMAT)
    for name, alignment in ((_SHORT, _MIDDLE), (_LONG, _LEFT)):
        for colour in (None, *Colour):
            fill = PatternFill("solid", fgColor=TINTS[colour]) if colour else PatternFill()
            font = Font(_BODY, 10)
            called = f"{name}-{colour}" if colour else name
            yield NamedStyle(called, font, fill, _BOX, alignment, number_format=_TEXT_FORMAT)


def _set_page(sheet: Any, grid: Grid) -> None:
    for place, heading in enumerate(grid.headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = heading.width
    last = f"{get_column_letter(len(grid.headings))}{_HEADER_ROW + max(len(grid.rows), 1)}"
    sheet.freeze_panes = f"A{_HEADER_ROW + 1}"
    sheet.print_title_rows = f"{_HEADER_ROW}:{_HEADER_ROW}"
    sheet.print_area = f"A1:{last}"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
