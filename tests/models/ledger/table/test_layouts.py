"""Whole ledgers laid out as offices lay them out: merged areas, levels, what is taken from elsewhere."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ledger.files.grid import CELL_ERRORS, NOT_COMPUTED, SheetRow
from models.ledger.files.sheets import Sheet
from models.ledger.preview import levels_of, preview_of
from models.ledger.rows import Look
from models.ledger.table.reader import read_ledger
from models.ledger.table.synonyms import STRONG, UNREAD, WEAK
from models.lifecycle import ClosureClass
from tests.models.ledger.table.ledgers_made import (
    CALENDAR,
    DIRECTORY,
    FEEDBACK,
    GOOD,
    HEADINGS,
    JUNE,
    good,
    numbers,
    read,
    told,
)
from tests.models.ledger.table.sheets_made import merged, sheet

# --- Levels


def test_problems_measures_and_sub_measures_in_merged_cells() -> None:
    """Number, problem and measure are merged over their rows; so are leader and limit."""
    rows = [
        ["某单位巡察整改台账"],
        ["序号", "反馈问题", "整改措施", "具体举措", "责任领导", "责任单位", "完成时限"],
        ["1", "学习不深", "加强学习", "订计划", "张明", "人事科", "6月底前"],
        ["", "", "", "办培训", "", "财务科", ""],
        ["", "", "严格考勤", "打卡", "李华", "办公室", "立行立改"],
        ["2", "作风不实", "改作风", "下基层", "李华", "办公室", "长期坚持"],
    ]
    down = {(3, 0): 5, (3, 1): 5, (3, 2): 4, (3, 4): 4, (3, 6): 4}
    reading = read(merged("台账", rows, down, {}))
    assert reading.problems == ()
    assert [(row.no, row.problem, row.part_of, row.text) for row in reading.rows] == [
        ("1.1", "学习不深", "加强学习", "订计划"),
        ("1.2", "学习不深", "加强学习", "办培训"),
        ("1.3", "学习不深", "严格考勤", "打卡"),
        ("2.1", "作风不实", "改作风", "下基层"),
    ]
    assert [(row.lead, row.unit, row.limit_text) for row in reading.rows][1] == ("L01", "D03", "6月底前")
    levels = levels_of(reading.rows)
    assert (levels.problems, levels.measures, levels.sub_measures) == (2, 3, 4)


def test_a_blank_measure_is_that_above_only_for_sub_measures_of_the_same_problem() -> None:
    header = ("序号", "反馈问题", "整改措施", "具体措施", "牵头领导", "责任单位", "完成时限")
    reading = read(
        sheet(
            "台账",
            header,
            ("1", "学习不深", "加强学习", "订计划", "张明", "人事科", "6月底前"),
            ("2", "", "", "办培训", "张明", "人事科", "6月底前"),
            ("3", "作风不实", "", "下基层", "张明", "人事科", "6月底前"),
            ("4", "", "改作风", "", "张明", "人事科", "6月底前"),
        )
    )
    assert [(row.no, row.part_of, row.text) for row in reading.rows] == [
        ("1", "加强学习", "订计划"),
        ("2", "加强学习", "办培训"),
        ("3", "", "下基层"),
        ("4", "", "改作风"),
    ]


def test_a_sub_measure_that_is_not_filled_is_no_measure_of_its_own() -> None:
    header = ["序号", "反馈问题", "整改措施", "具体措施", "牵头领导", "责任单位", "完成时限"]
    rows = [
        header,
        *([no, "学习", "加强学习", sub, "张明", "人事科", "6月底前"] for no, sub in (("1", "订计划"), ("2", ""))),
    ]
    reading = read(merged("台账", rows, {(2, 2): 3}, {}))
    assert numbers(reading) == ["1"]
    assert told(reading.problems) == [(3, "具体措施没有填写")]


def test_a_problem_in_a_row_of_its_own_gives_its_number_to_the_rows_below() -> None:
    rows = (
        ("一", "学习不深"),
        good(NO="", PROBLEM=""),
        good(NO="", PROBLEM=""),
        ("二", "作风"),
        good(NO="", PROBLEM=""),
    )
    reading = read(sheet("台账", HEADINGS, *rows))
    assert [(row.no, row.problem) for row in reading.rows] == [
        ("一.1", "学习不深"),
        ("一.2", "学习不深"),
        ("二.1", "作风"),
    ]
    assert (None, "第2、5行只有序号和问题，当作其下各行的问题，未读取为措施") in told(reading.warnings)


def test_a_problem_alone_that_nothing_hangs_on_is_an_unfinished_row() -> None:
    reading = read(sheet("台账", HEADINGS, good(), ("2", "作风"), good(NO="3", PROBLEM="别的")))
    assert {problem.row for problem in reading.problems} == {3}
    assert len(reading.problems) == 4


def test_two_columns_of_numbers_are_problem_and_measure() -> None:
    header = ("序号", "反馈问题", "序号", *HEADINGS[2:])
    rows = [
        ["1", "学习", "（1）", *GOOD[2:]],
        ["", "", "（2）", *GOOD[2:]],
        ["2", "作风", "（1）", *GOOD[2:]],
    ]
    reading = read(merged("台账", [list(header), *rows], {(2, 0): 3, (2, 1): 3}, {}))
    assert numbers(reading) == ["1.1", "1.2", "2.1"]
    blank_below = read(sheet("台账", header, *rows))
    assert numbers(blank_below) == ["1.1", "1.2", "2.1"]


def test_without_numbers_rows_are_numbered_as_they_come_and_that_is_told() -> None:
    reading = read(sheet("台账", HEADINGS[1:], good()[1:], good(TEXT="再订")[1:]))
    assert numbers(reading) == ["1", "2"]
    assert "没有序号列" in reading.warnings[0].text


# --- What is taken from elsewhere


def test_ditto_is_what_stands_above_and_is_told_once() -> None:
    rows = [good(), *(good(NO=str(n), LEAD="同上", UNIT="〃", LIMIT="″") for n in (2, 3, 4))]
    reading = read(sheet("台账", HEADINGS, *rows))
    assert {(row.lead, row.unit, row.limit.due_on) for row in reading.rows} == {("L01", "D01", JUNE)}
    assert [row.looks for row in reading.rows] == [(), *[(Look.DITTO,)] * 3]
    taken = ("张明", "办公室", "2023年6月30日前")
    assert told(reading.warnings) == [(3, f"“同上”按上一行读作“{cell}”（第4至5行相同）") for cell in taken]


def test_ditto_with_nothing_above_is_blank() -> None:
    assert told(read(sheet("台账", HEADINGS, good(LEAD="同上"))).problems) == [(2, "牵头领导没有填写")]


def test_a_blank_below_is_no_ditto_and_the_cure_is_told() -> None:
    reading = read(sheet("台账", HEADINGS, good(), good(NO="2", PROBLEM="", LEAD="", UNIT="")))
    assert told(reading.problems) == [(3, "牵头领导没有填写"), (3, "责任单位没有填写")]
    assert any("填“同上”" in warning.text for warning in reading.warnings)


def test_a_limit_is_taken_from_the_remarks_where_its_own_cell_is_blank() -> None:
    header, remark = (*HEADINGS, "备注"), "整改时限：2023年6月30日；已上会"
    reading = read(sheet("台账", header, (*good(LIMIT=""), remark), (*good(NO="2", LIMIT="3个月内"), "整改时限：年底")))
    assert [(row.limit_text, row.limit.due_on) for row in reading.rows] == [
        ("2023年6月30日", JUNE),
        ("3个月内", date(2023, 6, 25)),
    ]
    assert [row.looks for row in reading.rows] == [(Look.LIMIT_ELSEWHERE,), (Look.LIMIT_DIFFERS,)]


@pytest.mark.parametrize(
    ("limit", "remark", "looks"),
    [
        ("6月底前", "整改时限延至12月底", (Look.LIMIT_DIFFERS,)),
        ("6月底前", "经批准延期至2023年9月30日，已报备", (Look.LIMIT_DIFFERS,)),
        ("立行立改", "整改时限：9月30日", (Look.LIMIT_DIFFERS,)),
        ("6月底前", "整改时限：6月30日", ()),
        ("6月底前", "责任单位调整为财务科", ()),
        ("5月底前完成排查，6月底前完成整改", "完成时限：5月31日", ()),
    ],
)
def test_another_limit_in_the_remarks_is_told_and_the_row_marked(
    limit: str, remark: str, looks: tuple[Look, ...]
) -> None:
    reading = read(sheet("台账", (*HEADINGS, "备注"), (*good(LIMIT=limit), remark)))
    assert [row.looks for row in reading.rows] == [looks]
    assert any("请核对以哪个为准" in warning.text for warning in reading.warnings) == bool(looks)


@pytest.mark.parametrize(
    ("former", "adjusted"),
    [("完成时限", "调整后完成时限"), ("原定完成时限", "延期至"), ("整改时限", "完成时限（延期后）")],
)
def test_limits_that_were_adjusted(former: str, adjusted: str) -> None:
    """The adjusted one holds where there is one, and that is told; elsewhere the former."""
    header = (*HEADINGS[:5], former, adjusted)
    limits = (
        ("6月底前", "9月底前"),
        ("6月底前", ""),
        ("6月底前", "未延期"),
        ("6月底前", "6月30日"),
        ("同上", "8月底前"),
    )
    rows = [(*good(NO=str(n))[:5], *pair) for n, pair in enumerate(limits, 1)]
    reading = read(sheet("台账", header, *rows))
    days = [row.limit.due_on for row in reading.rows]
    assert days == [date(2023, 9, 30), JUNE, JUNE, JUNE, date(2023, 8, 31)]
    assert [Look.LIMIT_ADJUSTED in row.looks for row in reading.rows] == [True, False, False, False, True]
    assert (1, f"以这一列的时限为准，空格按“{former}”列读取，请核对") in told(reading.warnings)


def test_former_limits_alone_are_read_and_told() -> None:
    reading = read(sheet("台账", (*HEADINGS[:5], "原定完成时限"), GOOD[:6]))
    assert [row.limit.due_on for row in reading.rows] == [JUNE]
    assert (1, "这一列是原定的时限，没有找到调整后的一列，请核对") in told(reading.warnings)


def test_all_limits_may_stand_in_the_remarks() -> None:
    header = (*HEADINGS[:5], "销号类别", "备注")
    rows = [(*GOOD[:5], "限时办结", "整改时限：2023年6月30日"), ("2", *GOOD[1:5], "限时办结", "略")]
    reading = read(sheet("台账", header, *rows))
    assert [row.limit.due_on for row in reading.rows] == [JUNE]
    assert told(reading.problems) == [(3, "完成时限没有填写")]
    nowhere = read(sheet("台账", header, (*rows[0][:6], "略")))
    assert told(nowhere.problems) == [(1, "缺少这一列")]


def test_a_limit_may_stand_in_the_text_of_the_measure_where_the_heading_says_so() -> None:
    header = (*HEADINGS[:2], "整改措施（含完成时限）", *HEADINGS[3:5])
    reading = read(sheet("台账", header, ("1", "学习", "订计划。完成时限：2023年6月30日", "张明", "办公室")))
    assert [(row.text, row.limit_text, row.limit.due_on) for row in reading.rows] == [
        ("订计划。完成时限：2023年6月30日", "2023年6月30日", JUNE)
    ]


def test_a_bare_date_serial_is_read_and_told() -> None:
    reading = read(sheet("台账", HEADINGS, good(LIMIT="45107")))
    (row,) = reading.rows
    assert (row.limit_text, row.limit.due_on, row.looks) == ("45107", JUNE, (Look.LIMIT_SERIAL,))
    assert [(warning.column, warning.value) for warning in reading.warnings] == [("完成时限", "45107")]


@pytest.mark.parametrize(
    ("said", "closure"),
    [
        ("立行立改", ClosureClass.SETTLED),
        ("建章立制", ClosureClass.MECHANISM),
        ("持续整改", ClosureClass.SUSTAINED),
    ],
)
def test_a_class_of_another_vocabulary_is_told(said: str, closure: ClosureClass) -> None:
    (row,) = (reading := read(sheet("台账", HEADINGS, good(CLOSURE=said)))).rows
    assert (row.closure, row.looks) == (closure, (Look.CLASS_SYNONYM,))
    assert [warning.value for warning in reading.warnings] == [said]


@pytest.mark.parametrize(
    ("limit", "closure"),
    [
        ("2023年6月30日前", ClosureClass.SETTLED),
        ("长期坚持", ClosureClass.SUSTAINED),
        ("每季度末", ClosureClass.SUSTAINED),
        ("2023年6月30日前，并长期坚持", ClosureClass.SUSTAINED),
    ],
)
def test_a_class_not_written_is_presumed_and_the_row_marked(limit: str, closure: ClosureClass) -> None:
    (row,) = read(sheet("台账", HEADINGS, good(LIMIT=limit, CLOSURE=""))).rows
    assert (row.closure, row.looks) == (closure, (Look.CLASS_PRESUMED,))


def test_a_column_that_is_no_class_after_all_says_how_to_leave_it_out() -> None:
    (problem,) = read(sheet("台账", (*HEADINGS[:6], "整改类型"), good(CLOSURE="党建类"))).problems
    assert "“整改类型: 忽略”" in problem.text


@pytest.mark.parametrize(("error", "word"), [(NOT_COMPUTED, "没有计算结果"), ("#REF!", "公式错误")])
def test_what_a_formula_left_is_a_problem(error: str, word: str) -> None:
    assert error in CELL_ERRORS
    (problem,) = read(sheet("台账", HEADINGS, good(TEXT=error))).problems
    assert word in problem.text


# --- Parties that share a cell


def test_units_of_one_cell_and_those_of_the_next_cooperate() -> None:
    header = (*HEADINGS, "配合单位")
    (row,) = read(sheet("台账", header, (*good(UNIT="人事科、财务科"), "财务科、办公室、人事科"))).rows
    assert (row.unit, row.cooperating, row.looks) == ("D02", ("D03", "D01"), (Look.SEVERAL_UNITS,))


def test_lead_and_unit_of_one_cell() -> None:
    header = ("序号", "反馈问题", "整改措施", "牵头领导及责任单位", "完成时限")
    rows = [("1", "a", "b", cell, "6月底前") for cell in ("张明 人事科", "张明")]
    reading = read(sheet("台账", header, *rows))
    assert [(row.lead, row.unit) for row in reading.rows] == [("L01", "D02")]
    assert told(reading.problems) == [(3, "责任单位没有填写")]


def test_persons_beside_units_are_left_out_where_the_heading_says_so() -> None:
    header = (*HEADINGS[:4], "责任单位及责任人", *HEADINGS[5:])
    (row,) = read(sheet("台账", header, good(UNIT="人事科 张三"))).rows
    assert (row.unit, row.cooperating, row.looks) == ("D02", (), (Look.PERSON_LEFT_OUT,))


# --- Rows that are no measures


def test_totals_notes_column_numbers_and_later_headers_are_passed_over() -> None:
    rows = [
        HEADINGS,
        ("1", "2", "3", "4", "5", "6", "7"),
        good(),
        HEADINGS,
        good(NO="2"),
        ("合计", "", "2条"),
        ("填表人：某某", "", "", "审核人：某某"),
    ]
    reading = read(sheet("台账", *rows))
    assert (numbers(reading), reading.problems) == (["1", "2"], ())
    assert [text for _, text in told(reading.warnings)] == [
        "第2行是列号，未读取",
        "第6行是合计，未读取",
        "第7行是填表说明，未读取",
    ]


def test_what_stands_under_no_heading_is_told() -> None:
    """As where 责任单位 is merged over two columns, and both are filled."""
    rows = [[*HEADINGS[:5], "", *HEADINGS[5:]], [*GOOD[:5], "人事科", *GOOD[5:], "", "略"], [*GOOD[:5], "", *GOOD[5:]]]
    rows[2][0] = "2"
    reading = read(merged("台账", rows, {}, {(1, 4): 5}))
    assert numbers(reading) == ["1", "2"]
    assert [text for _, text in told(reading.warnings)] == [
        "F列没有列名，第2行的内容未读取",
        "J列没有列名，第2行的内容未读取",
    ]


# --- A real workbook


def test_a_workbook_with_a_header_of_two_rows_and_merged_levels(tmp_path: Path) -> None:
    """As spreadsheets save it: titles merged across, numbers and problems merged down."""
    book = openpyxl.Workbook()
    ledger = book.worksheets[0]
    ledger.title = "整改台账"
    for row in (
        ["某单位巡察整改台账"],
        ["填报单位：某单位", None, None, None, "填报日期：2023年4月1日"],
        ["序号", "反馈问题", "整改措施", None, "责任分工", None, None, "备注"],
        [None, None, "措施", "时限", "牵头领导", "主责", "配合", None],
        [1, "学习不深", "订计划", date(2023, 6, 30), "张明", "人事科", "财务科", None],
        [None, None, "办培训", "立行立改", "李华", "办公室", None, None],
        [2, "作风不实", "下基层", "长期坚持", "李华", "办公室", None, None],
        ["填表人：某某"],
    ):
        ledger.append(row)
    for area in ("A1:H1", "A3:A4", "B3:B4", "C3:D3", "E3:G3", "H3:H4", "A5:A6", "B5:B6", "A8:H8"):
        ledger.merge_cells(area)
    book.save(tmp_path / "台账.xlsx")
    reading = read_ledger(tmp_path / "台账.xlsx", DIRECTORY, FEEDBACK, CALENDAR)
    assert reading.problems == ()
    assert [(row.no, row.problem, row.text, row.lead, row.unit, row.cooperating) for row in reading.rows] == [
        ("1.1", "学习不深", "订计划", "L01", "D02", ("D03",)),
        ("1.2", "学习不深", "办培训", "L02", "D01", ()),
        ("2.1", "作风不实", "下基层", "L02", "D01", ()),
    ]
    assert reading.rows[0].limit.due_on == JUNE


# --- Anything at all

_words = st.sampled_from(
    [*list(STRONG)[::150], *list(WEAK)[::60], *list(UNREAD)[::80], *HEADINGS, *GOOD, "", "", "同上", "合计", "主板单位",
     "人事科、财务科", "（一）", "45107", "#N/A", "2月30日", "张明（副局长）", "长期坚持", "注：略"]
)  # fmt: skip
_cells: st.SearchStrategy[str | date] = st.one_of(_words, st.text(max_size=6), st.dates())
_rows: st.SearchStrategy[list[list[str | date]]] = st.lists(st.lists(_cells, min_size=1, max_size=9), max_size=7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), _rows, st.sets(st.integers(0, 8))), min_size=1, max_size=3))
def test_any_sheets_give_rows_or_problems_and_never_raise(
    tables: list[tuple[bool, list[list[str | date]], set[int]]],
) -> None:
    """What is read is whole: a number of its own, a problem, a text, known parties and a limit."""

    def made(headed: bool, rows: list[list[str | date]], spanned: set[int]) -> Iterator[SheetRow]:
        table: list[list[str | date]] = [[*HEADINGS], *rows] if headed else rows
        for number, cells in enumerate(table, 1):
            if any(cells):
                repeated = frozenset(spanned) if number > 2 else frozenset()
                yield SheetRow(number, tuple(cells), number == 5, repeated, {0: 2})

    reading = read(*(Sheet(f"表{n}", made(*table)) for n, table in enumerate(tables)))
    assert reading.rows or reading.problems
    if not reading.problems:
        assert len(set(numbers(reading))) == len(reading.rows)
    for row in reading.rows:
        assert row.no and row.problem and row.text and row.limit_text
        assert {row.lead, row.unit, *row.cooperating} <= {party.code for party in DIRECTORY.parties}
    preview = preview_of(reading)
    assert preview.lines()
    assert preview.levels.rows == len(reading.rows)
