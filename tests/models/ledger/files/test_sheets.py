"""Opening ledgers through the process that reads them: sheets one after another, and files that are none."""

import os
import random
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from models.errors import LedgerRefused
from models.ledger.files.bounds import (
    INFLATED_MOST,
    MEMBERS_MOST,
    MERGES_MOST,
    MIB,
    NAME_CHARACTERS_MOST,
    ROWS_MOST,
    WRITING_INFLATED_MOST,
    WRITING_RATIO_MOST,
    bounded,
)
from models.ledger.files.grid import SheetRow
from models.ledger.files.number_formats import EPOCH_1900
from models.ledger.files.opening import rows_of_file
from models.ledger.files.sheets import read_sheets
from models.ledger.files.worksheet import Book, Cells
from tests.office_files import SHEET_PART, cells_of, only_rows, rewrite, sheet_xml, unzipped, workbook, zipped

ROW = "<row><c><v>1</v></c></row>"


def two_sheets(path: Path) -> Path:
    def fill(sheet: Worksheet) -> None:
        for number in range(1, 1201):
            sheet.append([number, date(2023, 6, 30), "甲"])
        sheet["A2"], sheet["B4"] = None, None
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B3:C4")
        sheet.row_dimensions[5].hidden = True
        assert sheet.parent is not None
        sheet.parent.create_sheet("第二批").append(["乙"])

    return workbook(path, fill)


def test_sheets_come_in_their_order_with_everything_that_is_said_of_their_rows(tmp_path: Path) -> None:
    first, second = ((sheet.name, list(sheet.rows)) for sheet in read_sheets(two_sheets(tmp_path / "a.xlsx")))
    name, rows = first
    assert (name, len(rows)) == ("台账", 1200)
    assert rows[:5] == [
        SheetRow(1, ("1", date(2023, 6, 30), "甲")),
        SheetRow(2, ("1", date(2023, 6, 30), "甲"), spanned=frozenset({0})),
        SheetRow(3, ("3", date(2023, 6, 30)), widths={1: 2}),
        SheetRow(4, ("4", date(2023, 6, 30)), spanned=frozenset({1}), widths={1: 2}),
        SheetRow(5, ("5", date(2023, 6, 30), "甲"), hidden=True),
    ]
    assert second == ("第二批", [SheetRow(1, ("乙",))])


def test_rows_left_over_are_skipped_when_the_next_sheet_is_asked_for(tmp_path: Path) -> None:
    sheets = read_sheets(two_sheets(tmp_path / "a.xlsx"))
    first = next(sheets)
    assert next(first.rows).number == 1
    second = next(sheets)
    assert list(first.rows) == []
    assert list(second.rows) == [SheetRow(1, ("乙",))]
    assert list(sheets) == []


def test_hidden_sheets_are_told_of_and_not_read(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["甲"])
        assert sheet.parent is not None
        for name, state in (("第二批", "hidden"), ("第三批", "veryHidden"), ("第四批", "visible")):
            other = sheet.parent.create_sheet(name)
            other.append([name])
            other.sheet_state = state

    found = [(sheet.name, sheet.hidden, len(list(sheet.rows))) for sheet in read_sheets(workbook(tmp_path / "a", fill))]
    assert found == [("台账", False, 1), ("第二批", True, 0), ("第三批", True, 0), ("第四批", False, 1)]


def test_rows_are_not_silently_missing_once_the_sheets_are_let_go(tmp_path: Path) -> None:
    rows = next(read_sheets(two_sheets(tmp_path / "a.xlsx"))).rows
    with pytest.raises(RuntimeError, match="let go"):
        list(rows)


def test_a_row_gives_dates_as_text_and_is_blank_beyond_its_end() -> None:
    row = SheetRow(3, ("1", date(2023, 6, 30)))
    assert row.texts == ("1", "2023-06-30")
    assert row.cell(1) == date(2023, 6, 30)
    assert row.cell(7) == ""


# --- Files that are none


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 10**12)


@pytest.mark.parametrize(
    ("make", "zh", "cure"),
    [
        pytest.param(lambda path: None, "找不到台账文件", "检查文件名", id="no such file"),
        pytest.param(Path.mkdir, "文件夹", "选择其中", id="a folder"),
        pytest.param(_pipe, "不是普通文件", "另存", id="a pipe nobody writes to"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "不是普通文件", "另存", id="a device without end"),
        pytest.param(lambda path: path.symlink_to(path), "打不开", "权限", id="a link to itself"),
        pytest.param(_huge, "50 MiB", "多余", id="a huge file"),
    ],
)
def test_what_is_no_file_is_refused_and_not_waited_for(
    tmp_path: Path, make: Callable[[Path], object], zh: str, cure: str
) -> None:
    make(tmp_path / "a.xlsx")
    with pytest.raises(LedgerRefused) as refused:
        list(read_sheets(tmp_path / "a.xlsx"))
    assert zh in refused.value.zh
    assert cure in refused.value.cure


@pytest.mark.parametrize("name", ["-m a.csv", "坏\udcff.csv", "'; ls.csv"])
def test_a_file_may_be_called_anything(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("1,2,3\n", encoding="utf-8")
    ((rows),) = (list(sheet.rows) for sheet in read_sheets(path))
    assert rows == [SheetRow(1, ("1", "2", "3"))]


# --- Files that are broken, or that cost too much


def _cut_short(path: Path) -> bytes:
    return workbook(path, lambda sheet: sheet.append(["一"])).read_bytes()[:-200]


def _broken_sheet(path: Path) -> bytes:
    workbook(path, lambda sheet: sheet.append(["一"]))
    return rewrite(path, SHEET_PART, ("</worksheet>", "")).read_bytes()


def _with_dtd(path: Path) -> bytes:
    workbook(path, lambda sheet: sheet.append(["一"]))
    return rewrite(path, SHEET_PART, ("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet')).read_bytes()


def _bomb(path: Path) -> bytes:
    workbook(path, lambda sheet: sheet.append(["一"]))
    return zipped({**unzipped(path), "xl/media/image1.png": bytes(2 * INFLATED_MOST)})


def _many_short_bombs(path: Path) -> bytes:
    workbook(path, lambda sheet: sheet.append(["一"]))
    return zipped({**unzipped(path), **{str(number): bytes(1024 * 1024) for number in range(60)}})


def _too_many_parts(path: Path) -> bytes:
    return zipped({str(number): b"" for number in range(MEMBERS_MOST + 1)})


def _twice_at_one_place(path: Path) -> bytes:
    return sheet_xml("<row><c r='A1'><v>1</v></c><c r='A1'><v>2</v></c></row>")


def _out_of_order(path: Path) -> bytes:
    return sheet_xml("<row r='3'><c><v>1</v></c></row><row r='1'><c><v>2</v></c></row>")


def _too_many_merges(path: Path) -> bytes:
    merges = "<mergeCell ref='A1'/>" * (MERGES_MOST + 1)
    return zipped(unzipped(sheet_xml(ROW, f"<mergeCells>{merges}</mergeCells>")), zipfile.ZIP_STORED)


def _too_far_down(path: Path) -> bytes:
    return sheet_xml(f"<row r='{ROWS_MOST + 1}'><c><v>1</v></c></row>")


def _too_far_right(path: Path) -> bytes:
    return sheet_xml("<row><c r='CW1'><v>1</v></c></row>")


def _long_cell(path: Path) -> bytes:
    return sheet_xml(f"<row><c t='inlineStr'><is><t>{'长' * 32_768}</t></is></c></row>")


def _padded(megabytes: int, noise: int) -> bytes:
    """A workbook with a part of so many megabytes, packed the tighter the less noise there is in each."""
    pieces = (random.Random(n).randbytes(noise) + bytes(MIB - noise) for n in range(megabytes))
    return zipped({**unzipped(sheet_xml(ROW)), "xl/media/image1.bmp": pieces})


def _packed_too_tightly(path: Path) -> bytes:
    return _padded(INFLATED_MOST // MIB + 5, MIB // (WRITING_RATIO_MOST + 10))


def _large(path: Path) -> bytes:
    return _padded(WRITING_INFLATED_MOST // MIB + 1, MIB // (WRITING_RATIO_MOST - 10))


BROKEN = [
    pytest.param(lambda path: b"PK\x03\x04 not a workbook at all", "已损坏", id="garbage"),
    pytest.param(_cut_short, "已损坏", id="cut short"),
    pytest.param(_broken_sheet, "已损坏", id="a sheet that is no XML"),
    pytest.param(_out_of_order, "已损坏", id="rows out of order"),
    pytest.param(_twice_at_one_place, "已损坏", id="two cells at one place"),
    pytest.param(_with_dtd, "DTD", id="a DTD"),
    pytest.param(_bomb, "100倍", id="a zip bomb"),
    pytest.param(_many_short_bombs, "100倍", id="many short zip bombs"),
    pytest.param(_packed_too_tightly, "超过50 MiB", id="large, and packed more tightly than writing is"),
    pytest.param(_large, "超过50 MiB", id="larger than any writing"),
    pytest.param(_too_many_parts, "超过2000个", id="too many parts"),
    pytest.param(_too_many_merges, "已损坏", id="too many merged areas"),
    pytest.param(_too_far_down, "超过200000行", id="too far down"),
    pytest.param(_too_far_right, "100列", id="too far right"),
    pytest.param(_long_cell, "32767个字", id="a cell beyond measure"),
]


@pytest.mark.parametrize(("make", "zh"), BROKEN)
def test_a_file_that_cannot_be_read_is_refused_with_its_cure(
    tmp_path: Path, make: Callable[[Path], bytes], zh: str
) -> None:
    """Here, without a process of its own; what comes of the process is told in test_sandbox.py."""
    with pytest.raises(LedgerRefused, match=zh) as refused:
        only_rows(make(tmp_path / "a.xlsx"))
    assert refused.value.cure
    assert refused.value.problems


def test_a_large_workbook_of_writing_is_read() -> None:
    """A hundred thousand rows unpack to more than a file of another sort may."""
    rows = only_rows(_padded(INFLATED_MOST // MIB + 5, MIB // (WRITING_RATIO_MOST - 10)))
    assert cells_of(rows) == [("1",)]


def test_the_cells_of_a_sheet_are_counted_blank_ones_too() -> None:
    cells = Cells(Book((), (), EPOCH_1900), "台账", most=3)
    cells.start("row", {"r": "7"})
    for _ in range(3):
        cells.start("c", {})
        cells.end("c")
    with pytest.raises(LedgerRefused, match="超过200000行或100列") as refused:
        cells.start("c", {})
    (problem,) = refused.value.problems
    assert (problem.sheet, problem.row) == ("台账", 7)


def test_a_name_of_a_sheet_beyond_measure_is_cut() -> None:
    assert list(bounded(iter(["长" * (NAME_CHARACTERS_MOST + 1)]))) == ["长" * NAME_CHARACTERS_MOST]


class _Failing(BytesIO):
    """A file that cannot be read, for a reason of its own or by a fault of ours."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def read(self, size: int | None = -1, /) -> bytes:
        raise self.error


def test_what_makes_a_reader_stumble_is_the_files_fault_but_for_faults_of_ours() -> None:
    with pytest.raises(LedgerRefused, match="已损坏") as refused:
        list(rows_of_file(_Failing(OSError("the disk")), "a.xlsx"))
    assert isinstance(refused.value.__cause__, OSError)
    for fault in (AttributeError(), TypeError(), NameError(), AssertionError()):
        with pytest.raises(type(fault)):
            list(rows_of_file(_Failing(fault), "a.xlsx"))


def test_a_refusal_comes_through_with_its_place_and_its_cure(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(sheet_xml("<row><c><v>1</v></c></row><row r='9'><c r='CW9'><v>1</v></c></row>"))
    with pytest.raises(LedgerRefused, match="100列") as refused:
        list(read_sheets(path))
    (problem,) = refused.value.problems
    assert (problem.sheet, problem.row) == ("台账", 9)
    assert "拆分" in refused.value.cure
