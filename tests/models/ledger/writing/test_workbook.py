"""The workbook as another program opens it: text in every cell, colours, merges, and a page that prints."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from models.ladder import COLOUR_ZH, TINTS, Colour
from models.ledger.files.bounds import CELL_CHARACTERS_MOST
from models.ledger.writing.annexes import annex_grids
from models.ledger.writing.cells import CUT, escaped, fitted
from models.ledger.writing.grid import fit
from models.ledger.writing.layout import ledger_grid
from models.ledger.writing.values import WrittenLedger
from models.ledger.writing.workbook import workbook_of
from models.lifecycle import State
from tests.models.ledger.writing.ledgers_written import measure, whole

HOSTILE = ("=1+1", "+1", "-1", "@x", "#N/A", "=", "001", "1e5", "TRUE", "2023-06-30")


def opened(ledger: WrittenLedger) -> Any:
    grids = [fit(grid)[0] for grid in (ledger_grid(ledger), *annex_grids(ledger))]
    return openpyxl.load_workbook(BytesIO(workbook_of(grids)))


def column(sheet: Any, heading: str) -> list[Any]:
    place = next(cell.column for cell in sheet[3] if cell.value == heading)
    return [sheet.cell(row, place) for row in range(4, sheet.max_row + 1)]


def test_every_cell_is_text() -> None:
    measures = [measure(str(n), problem=text, text=text, progress=text) for n, text in enumerate(HOSTILE, 1)]
    book = opened(whole(measures))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in column(book["整改台账"], "整改措施")] == list(HOSTILE)


def test_a_colour_is_painted_and_said() -> None:
    sheet = opened(whole([measure(str(n), colour=colour) for n, colour in enumerate((*Colour, None), 1)]))["整改台账"]
    said = [(cell.value, cell.fill.fgColor.rgb[2:]) for cell in column(sheet, "亮灯")]
    assert said == [*((COLOUR_ZH[colour], TINTS[colour]) for colour in Colour), (None, "000000")]


def test_a_problem_is_one_cell_over_its_measures_that_follow_each_other() -> None:
    sheet = opened(whole([measure(str(n), problem=problem) for n, problem in enumerate("甲甲乙甲", 1)]))["整改台账"]
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A1:N1", "A2:N2", "B4:B5"]
    assert [cell.value for cell in column(sheet, "反馈问题")] == ["甲", None, "乙", "甲"]


def test_a_sub_measure_stands_beside_the_measure_that_it_is_part_of() -> None:
    parts = [measure("1", part_of="立规矩"), measure("2", part_of="立规矩"), measure("3")]
    sheet = opened(whole(parts))["整改台账"]
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A1:O1", "A2:O2", "B4:B6", "C4:C5", "C6:D6"]
    assert [cell.value for cell in column(sheet, "具体措施")] == ["订计划1", "订计划2", None]


def test_each_sheet_prints() -> None:
    book = opened(whole([measure()]))
    assert book.sheetnames == ["整改台账", "退回", "延期", "回头看", "消息", "作废"]
    for sheet in book:
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("A4", "$3:$3")
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
        assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
        assert sheet.print_area.endswith(f"${sheet.max_row}")
    assert book["整改台账"]["A1"].value == "【演练】2023整改台账"


def test_what_is_merged_has_room_for_its_text() -> None:
    """Programs fit a row to its text by themselves, but not to what is merged."""
    problem = "很长的问题" * 40
    heights = [
        sum(sheet.row_dimensions[row].height for row in (4, 5))
        for sheet in (
            opened(whole([measure("1", problem=said), measure("2", problem=said)]))["整改台账"]
            for said in ("短", problem)
        )
    ]
    assert heights[1] > 4 * heights[0]


RETURNED = "1 订计划1 办公室 2023-06-26 退回整改 督办组 周晓梅 =材料不全 签到表 2023-06-30"
FOLLOWED_UP = "1 订计划1 办公室 2023-06-26 回头看核查通过 督办组 周晓梅 None None 2023-06-30"
EXTENDED = (
    "1 订计划1 办公室 申请延期 2023-06-26 周晓梅 2023-06-30 2023-07-07 =需要时间"
    " 同意，改为2023-07-07 2023-06-26 周晓梅 None"
)
SENT = "7 2023-06-26 办公室 督办 已送达 2023-06-26 2 1 2023-06-26 赵岚 None 1、2"
WITHDRAWN = "99 学习不深 订计划99 办公室 2023年6月30日前 2023-06-26 周晓梅 重复"


@pytest.mark.parametrize(
    ("sheet", "cells"),
    [("退回", RETURNED), ("延期", EXTENDED), ("回头看", FOLLOWED_UP), ("消息", SENT), ("作废", WITHDRAWN)],
)
def test_each_list_beside_the_ledger(sheet: str, cells: str) -> None:
    assert [str(cell.value) for cell in opened(whole([measure()]))[sheet][4]] == cells.split()


def test_a_list_in_which_nothing_stands_says_so() -> None:
    book = opened(whole([], withdrawn=(), returns=(), extensions=(), follow_ups=(), messages=()))
    assert "作废" not in book.sheetnames
    assert book["退回"]["A1"].value == "【演练】2023整改台账附表：退回和重新整改情况（截至2023-06-26，无）"


def test_what_no_row_is_high_enough_for_shows_its_beginning() -> None:
    sheet = opened(whole([measure(text="很长的措施" * 400), measure("2")]))["整改台账"]
    assert [cell.alignment.vertical for cell in column(sheet, "整改措施")] == ["top", "center"]
    assert sheet.row_dimensions[4].height < 410


@pytest.mark.parametrize("one", ["字", "😀", "_x0041_"], ids=["sign", "pair", "looks escaped"])
def test_what_no_cell_can_hold_is_cut_and_marked(one: str) -> None:
    """Excel counts in halves of UTF-16, and what is escaped as it is written."""
    text, cut = fitted(one * (CELL_CHARACTERS_MOST + 1))
    assert cut
    assert text.endswith(CUT)
    size = max(len(text.encode("utf-16-le")) // 2, len(escaped(text)))
    assert CELL_CHARACTERS_MOST - 200 < size <= CELL_CHARACTERS_MOST
    assert fitted(text) == (text, False)


def test_signs_that_no_file_can_hold_are_left_out() -> None:
    sheet = opened(whole([measure(text="a\x00b\x0bc\ud800d\ufffee\r\nf\rg\u202e")]))["整改台账"]
    assert column(sheet, "整改措施")[0].value == "abcde\nf\ng\u202e"


def test_a_withdrawn_measure_stands_apart() -> None:
    book = opened(whole([measure(state=State.IN_PROGRESS)]))
    assert [cell.value for cell in column(book["整改台账"], "序号")] == ["1"]
