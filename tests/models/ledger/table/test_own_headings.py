"""Headings that only the office knows: shown with what they may be, and read by its mapping."""

import pytest

from models.ledger.columns import Column
from tests.models.ledger.table.ledgers_made import HEADINGS, JUNE, good, read
from tests.models.ledger.table.sheets_made import sheet

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


@pytest.mark.parametrize("heading", ["实际完成时间", "完成时间（实际）", "实际办结日", "上报时间", "反馈日期"])
def test_when_it_was_done_is_no_limit_that_may_be_missing(heading: str) -> None:
    (problem,) = read(sheet("台账", (*HEADINGS[:5], heading), (*good()[:5], "2023年6月30日"))).problems
    assert problem.text == "缺少这一列"


def test_what_stands_in_cells_is_no_heading_that_may_be_missing() -> None:
    """As on cards, one for each measure, with headings beside what they head."""
    card = (("牵头领导", "张明", "责任单位", "财务科"), ("完成时限", "6月底前", "备注", ""))
    problems = read(sheet("卡片", *card)).problems
    assert not any("columns.yaml" in problem.text for problem in problems)
    assert any("一条措施一张表的，请改为一行一条" in problem.text for problem in problems)
    (problem,) = read(sheet("卡片", ("谁领导", "张明", "谁来干", "财务科"), ("何时", "6月底前", "别的", ""))).problems
    assert "columns.yaml" not in problem.text


def test_a_column_known_not_to_be_read_is_suggested_where_it_may_be_the_missing_one() -> None:
    header = ("序号", "督办事项", "工作要求", "责任领导", "主办单位", "办结时限", "办理情况")
    row = ("1", "校园安全", "开展一次全面排查并建账", "张明", "办公室", "6月底前", "正在办")
    (problem,) = read(sheet("台账", header, row)).problems
    assert (problem.column, "“工作要求: 整改措施”" in problem.text) == ("整改措施", True)
    assert "办理情况" not in problem.text


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
