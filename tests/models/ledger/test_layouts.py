"""Whole ledgers laid out as offices lay them out: merged areas, levels, several sheets, words of their own."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.directory import Directory, DirectoryParty, Person
from models.errors import Problem
from models.ledger.columns import Column, ColumnMapping
from models.ledger.preview import levels_of, preview_of
from models.ledger.reader import ledger_of, read_ledger
from models.ledger.rows import LedgerReading, Look
from models.ledger.sheets import CELL_ERRORS, NOT_COMPUTED, Sheet, SheetRow
from models.ledger.synonyms import STRONG, UNREAD, WEAK
from models.lifecycle import ClosureClass, Role
from models.workdays import WorkCalendar, YearDays
from tests.models.ledger.sheets_made import merged, sheet

ACTS, LEADS = frozenset({Role.UNIT}), frozenset({Role.LEAD})
DIRECTORY = Directory(
    (
        DirectoryParty("D01", "办公室", ACTS),
        DirectoryParty("D02", "人事科", ACTS, people=(Person("zs", "张三"),)),
        DirectoryParty("D03", "财务科", ACTS),
        DirectoryParty("L01", "张明", LEADS, people=(Person("zm", "张明"), Person("lw", "刘伟"))),
        DirectoryParty("L02", "李华", LEADS),
    )
)
FEEDBACK = date(2023, 3, 25)
CALENDAR = WorkCalendar([YearDays(2023, "演练")])
HEADINGS = ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "完成时限", "销号类别")
GOOD = ("1", "学习不深", "订计划", "张明", "办公室", "2023年6月30日前", "限时办结")
JUNE = date(2023, 6, 30)


def read(*sheets: Sheet, mapping: ColumnMapping | None = None, only: str | None = None) -> LedgerReading:
    return ledger_of(sheets, DIRECTORY, FEEDBACK, CALENDAR, mapping=mapping or {}, sheet=only)


def good(**changes: str) -> tuple[str, ...]:
    """A row without a fault, but for what is given by the name of its column."""
    names = ("NO", "PROBLEM", "TEXT", "LEAD", "UNIT", "LIMIT", "CLOSURE")
    return tuple(changes.get(name, cell) for name, cell in zip(names, GOOD, strict=True))


def told(found: Sequence[Problem]) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.text) for problem in found]


def numbers(reading: LedgerReading) -> list[str]:
    return [row.no for row in reading.rows]


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
    assert told(reading.warnings) == [(3, "“同上”按上一行读取（第4至5行相同）")] * 3


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
    assert [row.looks for row in reading.rows] == [(Look.LIMIT_ELSEWHERE,), ()]


def test_all_limits_may_stand_in_the_remarks() -> None:
    header = (*HEADINGS[:5], "销号类别", "备注")
    rows = [(*GOOD[:5], "限时办结", "整改时限：2023年6月30日"), ("2", *GOOD[1:5], "限时办结", "略")]
    reading = read(sheet("台账", header, *rows))
    assert [row.limit.due_on for row in reading.rows] == [JUNE]
    assert told(reading.problems) == [(3, "完成时限没有填写")]
    nowhere = read(sheet("台账", header, (*rows[0][:6], "略")))
    assert told(nowhere.problems) == [(1, "缺少这一列")]


def test_a_bare_date_serial_is_read_and_told() -> None:
    reading = read(sheet("台账", HEADINGS, good(LIMIT="45107")))
    (row,) = reading.rows
    assert (row.limit_text, row.limit.due_on, row.looks) == ("2023-06-30", JUNE, (Look.LIMIT_SERIAL,))
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


# --- Several sheets


def test_all_sheets_are_read_and_one_can_be_chosen() -> None:
    def sheets() -> list[Sheet]:
        return [sheet("一组", HEADINGS, good()), sheet("说明", ("填表说明",)), sheet("二组", HEADINGS, good(NO="2"))]

    both, one = read(*sheets()), read(*sheets(), only="二组")
    assert [(row.sheet, row.no) for row in both.rows] == [("一组", "1"), ("二组", "2")]
    assert [(row.sheet, row.no) for row in one.rows] == [("二组", "2")]
    assert [(found.name, found.header_row, found.rows) for found in both.sheets] == [("一组", 1, 1), ("二组", 1, 1)]
    (problem,) = read(*sheets(), only="三组").problems
    assert "一组、说明、二组" in problem.text


def test_sheets_with_the_same_numbers_are_named_once_with_both_places_and_the_cure() -> None:
    rows = [good(NO=str(n)) for n in range(1, 9)]
    reading = read(sheet("汇总", HEADINGS, *rows), sheet("一组", HEADINGS, *rows[2:]))
    (problem,) = reading.problems
    assert (problem.sheet, problem.row, problem.value) == ("一组", 2, "3")
    assert "工作表“汇总”" in problem.text
    assert "3（第4行与第2行）" in problem.text
    assert "等6个" in problem.text
    assert "--sheet" in problem.text


def test_a_table_of_another_sort_is_left_out_beside_a_ledger() -> None:
    other = sheet("统计", ("序号", "责任单位", "完成时限", "数量"), ("1", "办公室", "6月", "3"))
    unknown = sheet("名单", ("姓名", "性别", "籍贯"), ("某", "女", "某地"))
    reading = read(other, unknown, sheet("台账", HEADINGS, good()))
    assert (numbers(reading), reading.problems) == (["1"], ())
    assert [warning.sheet for warning in reading.warnings] == ["名单", "统计"]
    assert all("未读取" in warning.text for warning in reading.warnings)


def test_alone_it_is_a_ledger_that_lacks_columns() -> None:
    reading = read(sheet("统计", ("序号", "责任单位", "完成时限", "数量"), ("1", "办公室", "6月", "3")))
    assert {problem.column for problem in reading.problems} == {"反馈问题", "整改措施", "牵头领导"}


# --- Headings of their own

OWN = ("号码", "毛病在哪", "拟采取的办法", "挂帅的人", "谁来干", "何时干完")
ROW = ("1", "学习不够深入", "订出学习计划", "张明", "办公室", "6月底前")


def test_headings_nobody_knows_are_shown_with_what_they_may_be() -> None:
    (problem,) = read(sheet("台账", ("台账",), OWN, ROW)).problems
    assert (problem.sheet, problem.row) == ("台账", 2)
    for line in ("“谁来干: 责任单位”", "“挂帅的人: 牵头领导”", "“何时干完: 完成时限”"):
        assert line in problem.text


def test_with_the_offices_mapping_they_are_read() -> None:
    columns = (Column.NO, Column.PROBLEM, Column.TEXT, Column.LEAD, Column.UNIT, Column.LIMIT)
    reading = read(sheet("台账", OWN, ROW), mapping=dict(zip(OWN, columns, strict=True)))
    assert reading.problems == ()
    assert [(row.no, row.lead, row.unit, row.limit.due_on) for row in reading.rows] == [("1", "L01", "D01", JUNE)]


def test_a_missing_column_says_which_unread_heading_may_be_it() -> None:
    header = ("序号", "反馈问题", "整改措施", "责任人", "责任单位", "内部流转", "何时干完")
    problems = read(sheet("台账", header, ("1", "学习", "订计划", "刘伟", "办公室", "甲", "6月底前"))).problems
    texts = {problem.column: problem.text for problem in problems}
    assert "“责任人: 牵头领导”" in texts["牵头领导"]
    assert "“何时干完: 完成时限”" in texts["完成时限"]


def test_a_mistyped_heading_is_read_and_told() -> None:
    header = [{"责任单位": "主板单位", "完成时限": "完成时线"}.get(heading, heading) for heading in HEADINGS]
    reading = read(sheet("台账", header, good()))
    assert len(reading.rows) == 1
    assert [(warning.column, warning.text[:4]) for warning in reading.warnings] == [
        ("主板单位", "疑似错字"),
        ("完成时线", "疑似错字"),
    ]


def test_two_headings_of_equal_standing_say_how_to_leave_one_out() -> None:
    (problem,) = read(
        sheet("台账", ("责任科室", *HEADINGS[:4], "责任部门", *HEADINGS[5:]), ("办公室", *good()))
    ).problems
    assert "“责任部门: 忽略”或“责任部门: 配合单位”" in problem.text


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
