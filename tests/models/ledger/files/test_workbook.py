"""Workbooks: what a cell shows, what a merged area covers, and what programs write that no spreadsheet would."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from models.errors import LedgerRefused
from models.ledger.files.grid import SheetRow
from tests.office_files import (
    SHEET_PART,
    cells_of,
    only_rows,
    relations,
    rewrite,
    sheet_xml,
    sheets_of,
    unzipped,
    workbook,
    zipped,
)

# --- .xlsx: what a cell says


@pytest.mark.parametrize(
    ("value", "number_format", "said"),
    [
        pytest.param(1, "General", "1", id="a whole number"),
        pytest.param(1.0, "General", "1", id="a whole number stored as a fraction"),
        pytest.param(1.1, "General", "1.1", id="a fraction keeps the digits Excel shows"),
        pytest.param(0.1 + 0.2, "General", "0.3", id="no more digits than Excel keeps"),
        pytest.param(20230630, "General", "20230630", id="a date written as digits stays digits"),
        pytest.param("（3）", "@", "（3）", id="text as written"),
        pytest.param(" 一\u3000", "@", "一", id="blanks around text go"),
        pytest.param(True, "General", "TRUE", id="a truth value as Excel shows it"),
        pytest.param(date(2023, 6, 30), "yyyy-mm-dd", date(2023, 6, 30), id="a date"),
        pytest.param(
            datetime.fromisoformat("2023-06-30T18:00"),
            "yyyy-mm-dd hh:mm",
            date(2023, 6, 30),
            id="without its hour",
        ),
        pytest.param(date(2023, 6, 30), 'm"月"d"日"', date(2023, 6, 30), id="a date shown without its year"),
        pytest.param(date(2023, 6, 1), 'yyyy"年"m"月"', "2023年6月", id="a month is no first of the month"),
        pytest.param(date(2023, 6, 1), "[$-804]mmm-yy;@", "2023年6月", id="a month in any format"),
    ],
)
def test_what_a_cell_says(tmp_path: Path, value: object, number_format: str, said: str | date) -> None:
    def fill(sheet: Worksheet) -> None:
        cell = sheet.cell(2, 1)
        cell.value, cell.number_format = value, number_format  # type: ignore[assignment]

    assert only_rows(workbook(tmp_path / "a.xlsx", fill)) == [SheetRow(2, (said,))]


@pytest.mark.parametrize(
    ("built_in", "said"), [(31, date(2023, 6, 30)), (58, date(2023, 6, 30)), (57, "2023年6月"), (0, "45107")]
)
def test_dates_as_excel_for_chinese_stores_them(tmp_path: Path, built_in: int, said: str | date) -> None:
    """It gives only the number of a built-in format, which openpyxl does not know: 45107 is 2023-06-30."""

    def fill(sheet: Worksheet) -> None:
        cell = sheet.cell(1, 1)
        cell.value, cell.number_format = 45107, "0.0000"

    path = workbook(tmp_path / "a.xlsx", fill)
    rewrite(path, "xl/styles.xml", ('<xf numFmtId="164"', f'<xf numFmtId="{built_in}"'))
    assert only_rows(path)[0].cells == (said,)


# --- .xlsx: rows, merged areas, hidden things


def test_a_merged_area_says_its_value_in_each_row_it_covers(tmp_path: Path) -> None:
    """But not to the right, not below its end, and not in a row that has nothing else."""

    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "标题"
        sheet.merge_cells("A1:C1")
        sheet["A2"] = "问题"
        sheet.merge_cells("A2:A4")
        sheet["B2"], sheet["B3"], sheet["B5"] = "甲", "乙", "丙"

    rows = only_rows(workbook(tmp_path / "a.xlsx", fill))
    assert [row.cells for row in rows] == [("标题",), ("问题", "甲"), ("问题", "乙"), ("", "丙")]
    assert [row.number for row in rows] == [1, 2, 3, 5]


def test_hidden_rows_are_marked_and_hidden_sheets_left_out(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["见"])
        sheet.append(["不见"])
        sheet.row_dimensions[2].hidden = True
        other = sheet.parent.create_sheet("选项") if sheet.parent else None
        assert other is not None
        other.append(["是"])
        other.sheet_state = "hidden"

    rows = only_rows(workbook(tmp_path / "a.xlsx", fill))
    assert [(row.cells, row.hidden) for row in rows] == [(("见",), False), (("不见",), True)]


def test_what_is_struck_out_is_left_out_and_marked(tmp_path: Path) -> None:
    """By the font of the cell, or of some of its words, among the shared texts or within the cell."""

    def fill(sheet: Worksheet) -> None:
        sheet.append(["见", "划掉", "留着"])
        sheet.append(["全行", None, 45107])
        for cell in ("B1", "A2", "C2"):
            sheet[cell].font = Font(strike=True)
        sheet["C1"].font = Font(strike=False)

    rows = only_rows(workbook(tmp_path / "a.xlsx", fill))
    assert rows == [SheetRow(1, ("见", "", "留着"), struck=frozenset({1})), SheetRow(2, (), struck=frozenset({0, 2}))]


STRUCK_RUNS = "<r><rPr><strike/></rPr><t>旧</t></r><r><rPr><strike val='0'/></rPr><t>新</t></r><r><t>的</t></r>"


def test_words_struck_out_within_a_cell_are_left_out_and_the_cell_marked() -> None:
    within = f"<row><c t='inlineStr'><is>{STRUCK_RUNS}</is></c><c t='inlineStr'><is><t>甲</t></is></c></row>"
    assert only_rows(sheet_xml(within)) == [SheetRow(1, ("新的", "甲"), struck=frozenset({0}))]
    parts = unzipped(sheet_xml("<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>"))
    strings = f'<sst xmlns="x"><si>{STRUCK_RUNS}</si><si><t>甲</t></si></sst>'
    related = relations(worksheet="worksheets/sheet1.xml", sharedStrings="s.xml")
    shared = zipped({**parts, "xl/s.xml": strings, "xl/_rels/workbook.xml.rels": related})
    assert only_rows(shared) == [SheetRow(1, ("新的", "甲"), struck=frozenset({0}))]


def test_a_long_number_keeps_the_digits_that_the_file_has() -> None:
    rows = "<row><c><v>123456789012345678</v></c><c><v>1.2345678901234499E+17</v></c><c><v>42</v></c></row>"
    assert cells_of(only_rows(sheet_xml(rows))) == [("123456789012345678", "123456789012345000", "42")]


def test_blank_cells_far_away_and_a_lying_size_cost_nothing(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "一"
        sheet["XFD1048576"].font = Font(bold=True)

    path = workbook(tmp_path / "a.xlsx", fill)
    rewrite(path, SHEET_PART, ('ref="A1:XFD1048576"', 'ref="A1:XFD9"'))
    assert only_rows(path) == [SheetRow(1, ("一",))]


def test_an_empty_sheet_has_no_rows(tmp_path: Path) -> None:
    assert only_rows(workbook(tmp_path / "a.xlsx", lambda sheet: None)) == []


spans = st.integers(1, 6).flatmap(lambda top: st.integers(top, 6).map(lambda bottom: (top, bottom)))


@settings(max_examples=40, deadline=None)
@given(
    cells=st.dictionaries(
        st.tuples(st.integers(1, 6), st.integers(1, 3)), st.sampled_from(["甲", "乙", 1, 2.5]), min_size=1
    ),
    merges=st.dictionaries(st.integers(1, 3), spans),
)
def test_rows_equal_what_openpyxl_reads_in_full(
    tmp_path_factory: pytest.TempPathFactory,
    cells: dict[tuple[int, int], str | float],
    merges: dict[int, tuple[int, int]],
) -> None:
    """The twin holds the whole workbook in memory and asks each merged area for its first cell."""

    def fill(sheet: Worksheet) -> None:
        for (row, column), value in cells.items():
            sheet.cell(row, column, value)
        for column, (top, bottom) in merges.items():
            sheet.merge_cells(start_row=top, end_row=bottom, start_column=column, end_column=column)

    path = workbook(tmp_path_factory.mktemp("twin") / "a.xlsx", fill)
    whole = openpyxl.load_workbook(path).worksheets[0]
    expected = {}
    for row in range(1, 7):
        own = [whole.cell(row, column).value for column in range(1, 4)]
        tops = [merges.get(column, (row, row)) for column in range(1, 4)]
        seen = [
            whole.cell(top, column).value if top <= row <= bottom else value
            for column, ((top, bottom), value) in enumerate(zip(tops, own, strict=True), 1)
        ]
        if any(own):
            expected[row] = ["" if value is None else str(value) for value in seen]
    found = {row.number: [str(row.cell(place)) for place in range(3)] for row in only_rows(path)}
    assert found == expected


# --- What other programs write


def test_a_merged_area_is_marked_where_it_repeats_and_says_how_wide_it_is() -> None:
    """A title over three columns, a unit over 主责 and 配合, a problem over three rows and two columns."""
    text = '<c r="{0}" t="inlineStr"><is><t>{1}</t></is></c>'
    rows = (
        f"<row r='1'>{text.format('A1', '题')}</row><row r='2'>{text.format('A2', '甲')}{text.format('C2', '子')}</row>"
        f"<row r='3'>{text.format('C3', '丑')}</row><row r='4'>{text.format('C4', '寅')}</row>"
        f"<row r='5'>{text.format('A5', '乙')}</row>"
    )
    merged = '<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A2:B4"/></mergeCells>'
    assert only_rows(sheet_xml(rows, merged)) == [
        SheetRow(1, ("题",), widths={0: 3}),
        SheetRow(2, ("甲", "", "子"), widths={0: 2}),
        SheetRow(3, ("甲", "", "丑"), spanned=frozenset({0}), widths={0: 2}),
        SheetRow(4, ("甲", "", "寅"), spanned=frozenset({0}), widths={0: 2}),
        SheetRow(5, ("乙",)),
    ]


def test_what_lies_under_a_merged_area_is_not_seen() -> None:
    """Programs that merge cells leave values there, which no spreadsheet shows."""
    rows = "<row r='1'><c r='A1'><v>1</v></c></row><row r='2'><c r='A2'><v>2</v></c><c r='B2'><v>7</v></c></row>"
    merged = '<mergeCells><mergeCell ref="$A$1:$A$2"/></mergeCells>'
    assert cells_of(only_rows(sheet_xml(rows, merged))) == [("1",), ("1", "7")]


def test_a_merged_area_as_large_as_a_sheet_and_thousands_over_each_other_cost_nothing() -> None:
    rows = "<row r='1'><c r='A1'><v>1</v></c></row><row r='200000'><c r='B200000'><v>2</v></c></row>"
    everywhere = '<mergeCell ref="A1:XFD1048576"/>'
    assert cells_of(only_rows(sheet_xml(rows, f"<mergeCells>{everywhere * 5000}</mergeCells>"))) == [("1",)]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        pytest.param("<c r='A1'><f>1+1</f><v>2</v></c>", "2", id="a formula with the value it was computed to"),
        pytest.param("<c r='A1'><f>1+1</f></c>", "#未计算", id="a formula that was never computed"),
        pytest.param("<c r='A1'><f>1+1</f><v></v></c>", "#未计算", id="so with an empty value"),
        pytest.param("<c r='A1' t='e'><f>1/0</f><v>#DIV/0!</v></c>", "#DIV/0!", id="a formula's error"),
        pytest.param("<c r='A1' t='str'><f>x</f><v>一&amp;二</v></c>", "一&二", id="a formula's text"),
        pytest.param("<c r='A1' t='d'><v>2023-06-30T00:00:00</v></c>", date(2023, 6, 30), id="a date in words"),
        pytest.param("<c r='A1' t='b'><v>0</v></c>", "FALSE", id="a truth value"),
        pytest.param("<c><v>5</v></c>", "5", id="a cell without a reference"),
        pytest.param("<c r='A1'><v>NaN</v></c>", "NaN", id="no number"),
        pytest.param("<c r='A1' s='99'><v>1.50</v></c>", "1.5", id="a style that is not there"),
        pytest.param("<c r='A1' t='inlineStr'><is><r><t>整</t></r><r><t>改</t></r></is></c>", "整改", id="rich text"),
        pytest.param(
            "<c r='A1' t='inlineStr'><is><t>整改</t><rPh sb='0' eb='1'><t>zhenggai</t></rPh></is></c>",
            "整改",
            id="without its phonetic guide",
        ),
        pytest.param("<c r='A1' t='inlineStr'><is><t>一_x000D_\n二_xD800_</t></is></c>", "一\n二", id="escaped signs"),
    ],
)
def test_what_a_cell_says_as_programs_write_it(cell: str, said: str | date) -> None:
    assert cells_of(only_rows(sheet_xml(f"<row r='1'>{cell}</row>"))) == [(said,)]


def test_a_formula_that_gives_no_text_is_blank() -> None:
    row = "<row r='1'><c r='A1' t='str'><f>\"\"</f><v></v></c><c r='B1'><v>1</v></c></row>"
    assert cells_of(only_rows(sheet_xml(row))) == [("", "1")]


def test_texts_that_cells_share_are_read_without_their_guides(tmp_path: Path) -> None:
    parts = {
        name: content.decode() for name, content in unzipped(sheet_xml("<row><c t='s'><v>1</v></c></row>")).items()
    }
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(
        "</Relationships>", '<Relationship Id="s" Type="x/sharedStrings" Target="/xl/Strings.xml"/></Relationships>'
    )
    parts["xl/strings.xml"] = (
        "<sst><si><t>零</t></si><si><r><t> 整</t></r><rPh><t>zheng</t></rPh><r><t>改 </t></r></si></sst>"
    )
    assert cells_of(only_rows(zipped(parts))) == [("整改",)]
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace("<v>1<", "<v>-1<")
    with pytest.raises(LedgerRefused, match="已损坏"):
        only_rows(zipped(parts))


def test_days_count_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = date(2023, 6, 30)

    path = workbook(tmp_path / "a.xlsx", fill)
    rewrite(path, "xl/workbook.xml", ("<workbookPr/>", '<workbookPr date1904="1" />'))
    assert cells_of(only_rows(path)) == [(date(2027, 7, 1),)]


def test_the_sheets_keep_their_order_and_their_names(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        book = sheet.parent
        assert book is not None
        for name in ("第二批", "第一批", "说明"):
            book.create_sheet(name).append([name])
        book["说明"].sheet_state = "veryHidden"

    found = sheets_of(workbook(tmp_path / "a.xlsx", fill))
    assert {name: cells_of(rows) for name, rows in found.items()} == {
        "台账": [], "第二批": [("第二批",)], "第一批": [("第一批",)]
    }  # fmt: skip


def test_a_sheet_as_wps_writes_it() -> None:
    """Blank styled cells to the last column, a size without bounds, extra namespaces, spans, dates by format 31."""
    far = "".join(f'<c r="{column}{{0}}" s="0"/>' for column in ("XEZ", "XFC", "XFD"))
    rows = "".join(
        f'<row r="{number}" spans="1:16384" ht="20" customHeight="1" xdr:dyDescent="0.25">'
        f'<c r="A{number}"><v>{number}</v></c>'
        f'<c r="C{number}" t="inlineStr"><is><t xml:space="preserve"> 甲 </t></is></c>'
        f"{far.format(number)}</row>"
        for number in range(1, 4)
    )
    content = sheet_xml(
        rows, before='<dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384" hidden="1"/></cols>'
    )
    parts = unzipped(content)
    text = parts[SHEET_PART].decode().replace("<worksheet ", '<worksheet xmlns:xdr="urn:x" xmlns:etc="urn:wps" ')
    assert cells_of(only_rows(zipped({**parts, SHEET_PART: text}))) == [
        ("1", "", "甲"),
        ("2", "", "甲"),
        ("3", "", "甲"),
    ]


def test_a_workbook_is_read_whatever_prefix_and_dialect_of_xml_it_is_written_in() -> None:
    """Strict workbooks have other namespaces; some programs put a prefix before every name."""
    parts = unzipped(sheet_xml("<row><c><v>1</v></c></row>"))
    rows = "<x:row><x:c><x:v>7</x:v></x:c></x:row>"
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    text = f'<x:worksheet xmlns:x="{strict}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    assert cells_of(only_rows(zipped({**parts, SHEET_PART: text.encode("utf-16")}))) == [("7",)]


def test_a_workbook_with_macros_is_read_and_its_macros_are_not_looked_at(tmp_path: Path) -> None:
    parts = unzipped(sheet_xml("<row><c><v>1</v></c></row>"))
    assert cells_of(only_rows(zipped({**parts, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 no program"}), "a.xlsm")) == [
        ("1",)
    ]
