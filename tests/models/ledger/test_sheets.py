"""Opening ledgers: what a cell says, what a merged area covers, and each file refused with its cure."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from models.errors import LedgerRefused
from models.ledger.sheets import (
    CELLS_MOST,
    INFLATED_MOST,
    MEMBERS_MOST,
    ROWS_MOST,
    SheetRow,
    read_sheets,
)

SHEET_PART = "xl/worksheets/sheet1.xml"


def workbook(path: Path, fill: Callable[[Worksheet], object]) -> Path:
    """A workbook with one sheet 台账, filled by `fill`."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "台账"
    fill(sheet)
    book.save(path)
    return path


def rewrite(path: Path, member: str, *changes: tuple[str, str]) -> Path:
    """Changes the text of one part inside a workbook, as no spreadsheet program would."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[member].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    parts[member] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def only_rows(path: Path) -> tuple[SheetRow, ...]:
    (rows,) = (tuple(sheet.rows) for sheet in read_sheets(path))
    return rows


# --- .csv


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_reads_the_same_in_every_encoding_an_office_writes(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "台账.csv"
    path.write_bytes("序号,反馈问题\n1,学习不够深入\n".encode(encoding))
    (sheet,) = [(sheet.name, tuple(sheet.rows)) for sheet in read_sheets(path)]
    assert sheet == ("台账", (SheetRow(1, ("序号", "反馈问题")), SheetRow(2, ("1", "学习不够深入"))))


def test_csv_numbers_rows_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    """A line break inside quotes is no new row; a blank line is one, though it is left out."""
    path = tmp_path / "a.CSV"
    path.write_text('一,"两\n行"\n\n ,　\n三,四\n', encoding="utf-8")
    assert only_rows(path) == (SheetRow(1, ("一", "两\n行")), SheetRow(4, ("三", "四")))


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

    assert only_rows(workbook(tmp_path / "a.xlsx", fill)) == (SheetRow(2, (said,)),)


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


def test_a_row_gives_dates_as_text_and_is_blank_beyond_its_end() -> None:
    row = SheetRow(3, ("1", date(2023, 6, 30)))
    assert row.texts == ("1", "2023-06-30")
    assert row.cell(1) == date(2023, 6, 30)
    assert row.cell(7) == ""


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
    assert [row.cells for row in rows] == [("标题", ""), ("问题", "甲"), ("问题", "乙"), ("", "丙")]
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


def test_blank_cells_far_away_and_a_lying_size_cost_nothing(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "一"
        sheet["XFD1048576"].font = Font(bold=True)

    path = workbook(tmp_path / "a.xlsx", fill)
    rewrite(path, SHEET_PART, ('ref="A1:XFD1048576"', 'ref="A1:XFD9"'))
    assert only_rows(path) == (SheetRow(1, ("一",)),)


def test_an_empty_sheet_has_no_rows(tmp_path: Path) -> None:
    assert only_rows(workbook(tmp_path / "a.xlsx", lambda sheet: None)) == ()


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


# --- refusals


def _garbage(path: Path) -> Path:
    path.write_bytes(b"PK\x03\x04 not a workbook at all")
    return path


def _cut_short(path: Path) -> Path:
    workbook(path, lambda sheet: sheet.append(["一"]))
    path.write_bytes(path.read_bytes()[:-200])
    return path


def _encrypted(path: Path) -> Path:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600)
    return path


def _broken_sheet(path: Path) -> Path:
    workbook(path, lambda sheet: sheet.append(["一"]))
    return rewrite(path, SHEET_PART, ("</worksheet>", ""))


def _rows_out_of_order(path: Path) -> Path:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"], sheet["A2"] = "一", "二"

    workbook(path, fill)
    return rewrite(path, SHEET_PART, ('<row r="1"', '<row r="3"'))


def _with_dtd(path: Path) -> Path:
    workbook(path, lambda sheet: sheet.append(["一"]))
    return rewrite(path, SHEET_PART, ("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'))


def _endless_row(path: Path) -> Path:
    workbook(path, lambda sheet: sheet.append(["一"]))
    return rewrite(path, SHEET_PART, ("</row>", "<c/>" * CELLS_MOST + "</row>"))


def _bomb(path: Path) -> Path:
    workbook(path, lambda sheet: sheet.append(["一"]))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(INFLATED_MOST))
    assert path.stat().st_size < INFLATED_MOST / 500
    return path


def _bomb_of_another_method(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("[Content_Types].xml", bytes(1000))
    return path


def _too_many_members(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MEMBERS_MOST + 1):
            archive.writestr(str(number), b"")
    return path


def _too_far_down(path: Path) -> Path:
    return workbook(path, lambda sheet: sheet.cell(ROWS_MOST + 1, 1, "一"))


def _too_far_right(path: Path) -> Path:
    return workbook(path, lambda sheet: sheet.cell(3, 101, "一"))


def _csv(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


REFUSED = [
    pytest.param("a.xls", _csv(b"x"), "“.xls”", "另存为 .xlsx 或 .csv", id="an old format"),
    pytest.param("台账", _csv(b"x"), "“台账”", "另存为", id="no suffix"),
    pytest.param("a.xlsx", lambda path: path, "找不到台账文件", "检查文件名", id="no such file"),
    pytest.param("a.csv", lambda path: path.mkdir(), "打不开", "权限", id="a folder"),
    pytest.param("a.xlsx", _csv(b""), "是空的", "选对", id="an empty workbook"),
    pytest.param("a.csv", _csv(b""), "是空的", "选对", id="an empty CSV"),
    pytest.param("a.xlsx", _csv(b"\x89PNG"), "已损坏", "另存为", id="a picture"),
    pytest.param("a.xlsx", _garbage, "已损坏", "另存为", id="garbage"),
    pytest.param("a.xlsx", _cut_short, "已损坏", "另存为", id="cut short"),
    pytest.param("a.xlsx", _broken_sheet, "已损坏", "另存为", id="a sheet that is no XML"),
    pytest.param("a.xlsx", _rows_out_of_order, "已损坏", "另存为", id="rows that openpyxl would drop"),
    pytest.param("a.xlsx", _encrypted, "打开密码", "去掉密码", id="encrypted"),
    pytest.param("a.xlsx", _with_dtd, "DTD", "另存为", id="a DTD"),
    pytest.param("a.xlsx", _bomb, "超过50 MiB", "多余", id="a zip bomb"),
    pytest.param("a.xlsx", _bomb_of_another_method, "已损坏", "另存为", id="a method without bounds"),
    pytest.param("a.xlsx", _endless_row, "100列", "空列", id="a row of blank cells without end"),
    pytest.param("a.xlsx", _too_many_members, "超过50 MiB", "多余", id="too many parts"),
    pytest.param("a.xlsx", _too_far_down, "超过20000行", "拆分", id="too many rows"),
    pytest.param("a.xlsx", _too_far_right, "100列", "空列", id="too many columns"),
    pytest.param("a.csv", _csv(b"1\n" * (ROWS_MOST + 1)), "超过20000行", "拆分", id="too many CSV rows"),
    pytest.param("a.csv", _csv(b"1," * 100 + b"1"), "100列", "空列", id="too many CSV columns"),
    pytest.param("a.csv", _csv(b" " * (INFLATED_MOST + 1)), "超过50 MiB", "多余", id="a huge CSV"),
    pytest.param("a.csv", _csv(b"\xff\xfe1\x00"), "文字编码", "CSV UTF-8", id="UTF-16"),
    pytest.param("a.csv", _csv(b'1,"2\n3,4\n'), "第2行附近", "另存为", id="a quote left open"),
]


@pytest.mark.parametrize(("name", "make", "zh", "cure"), REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_its_cure(
    tmp_path: Path, name: str, make: Callable[[Path], object], zh: str, cure: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(LedgerRefused) as refused:
        list(read_sheets(tmp_path / name))
    assert zh in refused.value.zh
    assert cure in refused.value.cure
    assert refused.value.problems
