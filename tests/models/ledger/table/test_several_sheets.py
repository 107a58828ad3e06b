"""Several sheets in one file: read together, told apart, or left out."""

from models.ledger.files.sheets import Sheet
from models.ledger.table.words import ANNEX
from tests.models.ledger.table.ledgers_made import HEADINGS, good, numbers, read
from tests.models.ledger.table.sheets_made import sheet


def test_all_sheets_are_read_and_one_can_be_chosen() -> None:
    def sheets() -> list[Sheet]:
        return [sheet("一组", HEADINGS, good()), sheet("说明", ("填表说明",)), sheet("二组", HEADINGS, good(NO="2"))]

    both, one = read(*sheets()), read(*sheets(), only="二组")
    assert [(row.sheet, row.no) for row in both.rows] == [("一组", "1"), ("二组", "2")]
    assert [(row.sheet, row.no) for row in one.rows] == [("二组", "2")]
    assert [(found.name, found.header_row, found.rows) for found in both.sheets] == [("一组", 1, 1), ("二组", 1, 1)]
    (problem,) = read(*sheets(), only="三组").problems
    assert "一组、说明、二组" in problem.text


def test_a_sheet_that_says_it_is_not_to_be_read_is_passed_over_without_a_word() -> None:
    rows = [HEADINGS, good(NO="2")]
    reading = read(sheet("台账", HEADINGS, good()), sheet("退回", ("退回情况",), (ANNEX,), *rows))
    assert (numbers(reading), reading.problems, reading.warnings) == (["1"], (), ())
    told = read(sheet("台账", HEADINGS, good()), sheet("二组", (ANNEX, "二组"), *rows))
    assert numbers(told) == ["1", "2"]


def test_sheets_with_the_same_numbers_are_named_once_with_both_places_and_the_cure() -> None:
    rows = [good(NO=str(n)) for n in range(1, 9)]
    reading = read(sheet("汇总", HEADINGS, *rows), sheet("一组", HEADINGS, *rows[2:]))
    (problem,) = reading.problems
    assert (problem.sheet, problem.row, problem.value) == ("一组", 2, "3")
    assert "工作表“汇总”" in problem.text
    assert "3（第4行与第2行）" in problem.text
    assert "等6个" in problem.text
    assert "--sheet" in problem.text


def test_the_same_measure_in_two_sheets_is_told() -> None:
    """Without 序号 nothing else would: rows are then numbered by their place in the file."""
    one, other = good()[1:], good(UNIT="财务科", LIMIT="年底前")[1:]
    reading = read(sheet("一组", HEADINGS[1:], one, good(TEXT="办班")[1:]), sheet("二组", HEADINGS[1:], other))
    assert (numbers(reading), reading.problems) == (["1", "2", "3"], ())
    told = "与工作表“一组”有相同的问题和措施：第2行与第2行，请核对是否重复"
    assert [(one.sheet, one.text) for one in reading.warnings if "相同" in one.text] == [("二组", told)]
    many = [good(TEXT=f"办班{n}")[1:] for n in range(7)]
    assert "第2行与第2行、" in (
        text := read(sheet("一组", HEADINGS[1:], *many), sheet("二组", HEADINGS[1:], *many)).warnings[-1].text
    )
    assert "等7处，" in text


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
