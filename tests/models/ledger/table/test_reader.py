"""Reading a ledger: what a row becomes, and each thing that is wrong, with its place and its value."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Problem
from models.ledger.rows import LedgerReading, LedgerRow
from models.ledger.table.reader import read_ledger
from models.lifecycle import ClosureClass
from tests.models.ledger.table import ledgers_made
from tests.models.ledger.table.ledgers_made import ALL_HEADINGS as HEADER
from tests.models.ledger.table.ledgers_made import CALENDAR, DIRECTORY, FEEDBACK
from tests.models.ledger.table.sheets_made import sheet


def good(**changes: str) -> tuple[str, ...]:
    return ledgers_made.good(HEADER, **changes)


def read(*rows: Sequence[str]) -> LedgerReading:
    return ledgers_made.read(sheet("台账", *rows))


def only_row(reading: LedgerReading) -> LedgerRow:
    assert reading.problems == ()
    (row,) = reading.rows
    return row


def places(found: Sequence[Problem]) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, problem.value) for problem in found]


# --- What a row becomes


def test_every_column_fills_its_field() -> None:
    row = only_row(read(HEADER, good(MAJOR="是")))
    assert (row.sheet, row.row, row.no, row.problem, row.text) == ("台账", 2, "1", "学习不深", "订计划")
    assert (row.lead, row.unit, row.cooperating) == ("L01", "D01", ("D02",))
    assert (row.limit_text, row.limit.due_on) == ("2023年6月30日前", date(2023, 6, 30))
    assert (row.closure, row.major) == (ClosureClass.SETTLED, True)


@pytest.mark.parametrize("no", ["1", "1.1", "一", "(3)", "（3）", "A-7"])
def test_numbers_are_kept_as_written(no: str) -> None:
    assert only_row(read(HEADER, good(NO=no))).no == no


@pytest.mark.parametrize(
    ("column", "cell", "found"),
    [
        pytest.param("LEAD", "L01", "L01", id="a lead by code"),
        pytest.param("LEAD", "张 明", "L01", id="a name with a blank, as two-character names are set"),
        pytest.param("LEAD", "组长", "H01", id="the head may lead"),
        pytest.param("UNIT", "Ｄ０１", "D01", id="a code in full width"),
        pytest.param("UNIT", "纪检、监察室", "D04", id="a name with a comma in it"),
        pytest.param("COOPERATING", "", (), id="nobody cooperates"),
        pytest.param("COOPERATING", "人事科、D04", ("D02", "D04"), id="two cooperate"),
        pytest.param("COOPERATING", "人事科\n纪检、监察室", ("D02", "D04"), id="a comma in one of several"),
        pytest.param("COOPERATING", "纪检、监察室", ("D04",), id="one whose name holds a comma"),
        pytest.param("CLOSURE", "长期 坚持", ClosureClass.SUSTAINED, id="a class with a blank"),
        pytest.param("MAJOR", "", False, id="not said to be major"),
    ],
)
def test_cells_are_matched_by_name_or_code(column: str, cell: str, found: object) -> None:
    reading = read(HEADER, good(**{column: cell}))
    assert getattr(only_row(reading), column.lower()) == found


def test_a_blank_problem_is_that_of_the_row_above() -> None:
    reading = read(HEADER, good(), good(NO="2", PROBLEM=""), good(NO="3", PROBLEM="作风"))
    assert [row.problem for row in reading.rows] == ["学习不深", "学习不深", "作风"]
    assert (reading.problems, reading.warnings) == ((), ())


def test_title_rows_above_and_repeated_headers_are_passed_over() -> None:
    rows = [("整改台账",), (), ("责任单位", "某单位", "序号", "7"), HEADER, good(), HEADER, good(NO="2")]
    reading = read(*rows)
    assert [(row.row, row.no) for row in reading.rows] == [(5, "1"), (7, "2")]
    assert (reading.problems, reading.warnings) == ((), ())


def test_columns_in_another_order_and_the_optional_ones_left_out() -> None:
    header = ("完成时限", "责任单位", "整改举措", "牵头领导", "反馈问题", "编号")
    reading = read(header, ("6月底前", "办公室", "订计划", "张明", "学习", "1"))
    row = only_row(reading)
    assert (row.limit.due_on, row.no, row.cooperating, row.major) == (date(2023, 6, 30), "1", (), False)


# --- What is wrong

WRONG = [
    pytest.param({"NO": ""}, (2, "序号", ""), "没有填写", id="no number"),
    pytest.param({"PROBLEM": ""}, (2, "反馈问题", ""), "没有填写", id="no problem, and none above"),
    pytest.param({"TEXT": " "}, (2, "整改措施", ""), "没有填写", id="no measure"),
    pytest.param({"TEXT": "#REF!"}, (2, "整改措施", "#REF!"), "公式错误", id="a formula's error"),
    pytest.param({"LEAD": ""}, (2, "牵头领导", ""), "没有填写", id="no lead"),
    pytest.param({"LEAD": "李四"}, (2, "牵头领导", "李四"), "通讯录中没有", id="a lead nobody knows"),
    pytest.param({"LEAD": "人事科"}, (2, "牵头领导", "人事科"), "不是牵头领导或组长", id="a unit as lead"),
    pytest.param({"LEAD": "张明、组长"}, (2, "牵头领导", "张明、组长"), "只能填写一个", id="two leads"),
    pytest.param({"UNIT": ""}, (2, "责任单位", ""), "没有填写", id="no unit"),
    pytest.param({"UNIT": "宣传科"}, (2, "责任单位", "宣传科"), "通讯录中没有", id="a unit nobody knows"),
    pytest.param({"UNIT": "张明"}, (2, "责任单位", "张明"), "不是责任单位", id="a lead as unit"),
    pytest.param({"UNIT": "D01，宣传科"}, (2, "责任单位", "宣传科"), "通讯录中没有", id="one of two units unknown"),
    pytest.param({"COOPERATING": "人事科；宣传科"}, (2, "配合单位", "宣传科"), "通讯录中没有", id="one of two unknown"),
    pytest.param({"COOPERATING": "督办组"}, (2, "配合单位", "督办组"), "不是责任单位", id="a group cooperates"),
    pytest.param({"LIMIT": ""}, (2, "完成时限", ""), "没有填写", id="no time limit"),
    pytest.param({"LIMIT": "2023年2月30日前"}, (2, "完成时限", "2023年2月30日前"), "不是有效日期", id="no such day"),
    pytest.param({"CLOSURE": "已办结"}, (2, "销号类别", "已办结"), "只能填限时办结、", id="an unknown class"),
    pytest.param({"MAJOR": "○"}, (2, "重大", "○"), "只能填“是”或“否”", id="an unknown mark"),
]


@pytest.mark.parametrize(("changes", "place", "text"), WRONG)
def test_what_is_wrong_with_a_row(changes: dict[str, str], place: tuple[int, str, str], text: str) -> None:
    reading = read(HEADER, good(**changes))
    assert places(reading.problems) == [place]
    assert text in reading.problems[0].text
    assert reading.problems[0].sheet == "台账"
    assert reading.rows == ()


def test_everything_wrong_is_told_at_once_and_the_good_rows_are_given() -> None:
    bad = [good(NO=str(n), **changes) for n, changes in enumerate(({"LEAD": "李四", "LIMIT": ""}, {"MAJOR": "?"}), 2)]
    reading = read(HEADER, good(), *bad, good(NO="4"))
    assert places(reading.problems) == [(3, "牵头领导", "李四"), (3, "完成时限", ""), (4, "重大", "?")]
    assert [row.no for row in reading.rows] == ["1", "4"]


@pytest.mark.parametrize("again", ["(3)", "（3）", "( 3 )"])
def test_two_rows_with_one_number_are_both_named(again: str) -> None:
    reading = read(HEADER, good(NO="(3)"), good(), good(NO=again))
    assert places(reading.problems) == [(4, "序号", again)]
    assert "第2行与第4行" in reading.problems[0].text


def test_a_missing_column_is_told_once_and_the_others_are_still_judged() -> None:
    header = [heading for heading in HEADER if heading not in {"责任单位", "完成时限"}]
    row = [cell for heading, cell in zip(HEADER, good(LEAD="李四"), strict=True) if heading in header]
    reading = read(("台账",), header, row, ["2", *row[1:]])
    assert places(reading.problems) == [
        (2, "责任单位", ""),
        (2, "完成时限", ""),
        (3, "牵头领导", "李四"),
        (4, "牵头领导", "李四"),
    ]
    assert reading.rows == ()


@pytest.mark.parametrize("heading", ["整改措施", "责任单位", "完成时限"])
def test_without_a_needed_column_no_row_is_given(heading: str) -> None:
    place = HEADER.index(heading)
    reading = read(*(row[:place] + row[place + 1 :] for row in (HEADER, good())))
    assert places(reading.problems) == [(1, heading, "")]
    assert reading.rows == ()


def test_problems_name_the_heading_as_the_ledger_has_it() -> None:
    header = [{"完成时限": "整改时限"}.get(heading, heading) for heading in HEADER]
    assert places(read(header, good(LIMIT="")).problems) == [(2, "整改时限", "")]


def test_of_two_headings_for_one_column_the_canonical_one_is_read() -> None:
    reading = read((*HEADER, "具体问题"), (*good(), "别的"))
    assert only_row(reading).problem == "学习不深"
    assert [warning.text for warning in reading.warnings] == ["认得但不读取的列：具体问题（反馈问题，已另有一列）"]


def test_two_headings_of_equal_standing_are_a_problem() -> None:
    reading = read((*HEADER, "责任单位"), (*good(), "人事科"))
    assert places(reading.problems) == [(1, "责任单位", "")]


def test_no_header_row_says_what_was_sought() -> None:
    (problem,) = read(("姓名", "序号"), ("1", "2")).problems
    assert "序号、反馈问题、整改措施、牵头领导、责任单位、完成时限" in problem.text
    assert problem.value == "台账"


def test_no_data_rows() -> None:
    assert places(read(HEADER).problems) == [(1, "", "")]


# --- What asks for a look


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        pytest.param("待定", "定下日期后才能交办", id="no date"),
        pytest.param("2023年7月前", "可有不同理解", id="a date to confirm"),
        pytest.param("立行立改", None, id="immediate needs no date"),
        pytest.param("长期坚持", None, id="sustained needs no date"),
        pytest.param("3个月内", None, id="a sure date"),
    ],
)
def test_limits_that_ask_for_a_look(limit: str, told: str | None) -> None:
    reading = read(HEADER, good(LIMIT=limit))
    assert only_row(reading).limit_text == limit
    assert places(reading.warnings) == ([(2, "完成时限", limit)] if told else [])
    assert all((told or "") in warning.text for warning in reading.warnings)


def test_a_class_not_written_is_presumed_from_the_limit_and_told() -> None:
    limits = ("立行立改", "长期坚持", "6月底前，长期坚持", "6月底前", "3个月内")
    rows = [good(NO=str(no), LIMIT=limit, CLOSURE="") for no, limit in enumerate(limits)]
    reading = read(HEADER, *rows)
    settled, sustained = ClosureClass.SETTLED, ClosureClass.SUSTAINED
    assert [row.closure for row in reading.rows] == [settled, sustained, sustained, settled, settled]
    assert places(reading.warnings) == [(None, "销号类别", "")]
    assert "第2、5至6行为限时办结；第3至4行为长期坚持" in reading.warnings[0].text


def test_other_columns_are_ignored_with_a_warning() -> None:
    reading = read((*HEADER, "备注", "", "内部流转"), (*good(), "略", "", "甲"))
    assert only_row(reading)
    told = [(warning.row, warning.column, warning.text) for warning in reading.warnings]
    assert told == [(1, "内部流转", "不认识的列，未读取"), (1, "", "认得但不读取的列：备注（备注）")]


def test_a_column_of_numbers_without_any_is_one_problem() -> None:
    """As where the numbers of a table are made by Word in a way that no text of the file shows."""
    (problem,) = read(HEADER, *(good(NO="", PROBLEM=f"问题{n}") for n in range(9))).problems
    assert (problem.row, problem.column) == (1, "序号")
    assert "自动编号" in problem.text
    assert "“序号: 忽略”" in problem.text


def test_group_headings_and_notes_are_passed_over_with_a_warning() -> None:
    rows = (
        ("一、政治建设",),
        good(),
        good(NO="2"),
        ("", "作风问题"),
        good(NO="3", PROBLEM=""),
        ("填表人：某某",),
    )
    reading = read(HEADER, *rows)
    assert [row.problem for row in reading.rows] == ["学习不深", "学习不深", "作风问题"]
    assert [warning.text[:9] for warning in reading.warnings] == [
        "第2行只有一格有内",
        "第5行只有序号和问",
        "第7行是填表说明，",
    ]


def test_the_unit_itself_and_a_party_named_twice_do_not_cooperate() -> None:
    reading = read(HEADER, good(COOPERATING="人事科、办公室、D02"))
    assert only_row(reading).cooperating == ("D02",)
    assert places(reading.warnings) == [(2, "配合单位", "人事科、办公室、D02")] * 2
    assert [told.text for told in reading.warnings] == ["重复的配合单位已略去", "与责任单位相同的配合单位已略去"]


# --- Workbooks


def test_a_workbook_with_merged_problems_dates_and_numbers(tmp_path: Path) -> None:
    """A page of notes is passed over; a hidden row, and a header without measures, are told."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["填表说明"])
    ledger, second = book.create_sheet("台账"), book.create_sheet("另一张")
    ledger.append(HEADER)
    for no in (1.0, 2, 3):
        ledger.append([no, *good()[1:6], date(2023, 6, 30), *good()[7:]])
    ledger["B3"] = ledger["B4"] = None
    ledger.merge_cells("B2:B4")
    ledger.row_dimensions[3].hidden = True
    second.append(HEADER)
    book.save(tmp_path / "a.xlsx")

    reading = read_ledger(tmp_path / "a.xlsx", DIRECTORY, FEEDBACK, CALENDAR)
    assert [(row.no, row.problem, row.limit_text) for row in reading.rows] == [
        ("1", "学习不深", "2023-06-30"),
        ("3", "学习不深", "2023-06-30"),
    ]
    assert [(row.sheet, row.row, row.limit.due_on) for row in reading.rows] == [
        ("台账", 2, date(2023, 6, 30)),
        ("台账", 4, date(2023, 6, 30)),
    ]
    assert [(told.sheet, told.text[:4]) for told in reading.warnings] == [
        ("另一张", "表头下面"),
        ("台账", "第3行被"),
    ]


def test_a_number_that_excel_made_a_date_is_a_problem(tmp_path: Path) -> None:
    """Typed as 1-1, stored as 1 January."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(HEADER)
    book.worksheets[0].append([date(2023, 1, 1), *good()[1:]])
    book.save(tmp_path / "a.xlsx")
    reading = read_ledger(tmp_path / "a.xlsx", DIRECTORY, FEEDBACK, CALENDAR)
    assert places(reading.problems) == [(2, "序号", "2023-01-01")]
    assert "变成了日期" in reading.problems[0].text


# --- Any ledger at all

cells = st.sampled_from(
    ["", "1", "（1）", "2", "张明", "D01", "督办组", "是", "限时办结", "3个月内", "2月30日", "#N/A"]
)


@given(rows=st.lists(st.tuples(*[cells] * len(HEADER)), max_size=5))
def test_whatever_the_cells_hold_it_is_read_or_told(rows: list[tuple[str, ...]]) -> None:
    """Each row that holds two cells or more gives a measure or a problem; nothing is raised."""
    reading = read(HEADER, *rows)
    full = {number for number, row in enumerate(rows, 2) if sum(map(bool, row)) > 1}
    read_rows = {row.row for row in reading.rows}
    told = {problem.row for problem in reading.problems}
    assert read_rows <= full <= read_rows | told
    assert not read_rows & told
