"""Several sheets in one file, and headings that only the office knows."""

from models.ledger.columns import Column
from models.ledger.files.sheets import Sheet
from tests.models.ledger.table.ledgers_made import HEADINGS, JUNE, good, numbers, read
from tests.models.ledger.table.sheets_made import sheet

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
