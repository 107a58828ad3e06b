"""What of a file is not read: hidden sheets, sheets without a header, what is struck out. All of it is told."""

from dataclasses import replace

from models.ledger.files.grid import SheetRow
from models.ledger.files.sheets import Sheet
from tests.models.ledger.table.ledgers_made import HEADINGS, good, numbers, read, told
from tests.models.ledger.table.sheets_made import sheet


def hidden_sheet(name: str) -> Sheet:
    return Sheet(name, iter(()), hidden=True)


def struck(found: Sheet, number: int, *places: int) -> Sheet:
    """The sheet with these cells of a row struck out, as readers of files give it."""

    def marked(row: SheetRow) -> SheetRow:
        kept = tuple("" if place in places else cell for place, cell in enumerate(row.cells))
        return replace(row, cells=kept, struck=frozenset(places))

    return Sheet(found.name, (marked(row) if row.number == number else row for row in found.rows))


def test_hidden_sheets_are_named() -> None:
    reading = read(sheet("台账", HEADINGS, good()), hidden_sheet("第二批"), hidden_sheet("第三批"))
    assert (numbers(reading), reading.problems) == (["1"], ())
    assert reading.warnings[0].text == "隐藏的工作表未读取：第二批、第三批；如需导入请先取消隐藏"
    many = read(sheet("台账", HEADINGS, good()), *(hidden_sheet(f"表{n}") for n in range(9)))
    assert "表4等9张；" in many.warnings[0].text


def test_a_hidden_sheet_that_is_asked_for_is_refused_and_others_are_then_not_told_of() -> None:
    sheets = sheet("台账", HEADINGS, good()), hidden_sheet("第二批")
    assert read(*sheets, only="第二批").problems[0].text == "工作表“第二批”被隐藏，未读取；如需导入请先取消隐藏"
    assert read(sheet("台账", HEADINGS, good()), hidden_sheet("第二批"), only="台账").warnings == ()


def test_hidden_sheets_are_named_where_nothing_else_is_a_ledger() -> None:
    reading = read(sheet("封面", ("整改台账",)), hidden_sheet("第二批"))
    assert len(reading.problems) == 1
    assert "第二批" in reading.warnings[0].text


def test_a_table_without_a_header_is_named_but_not_a_page_that_is_no_table() -> None:
    cover, page = sheet("封面", ("整改台账",)), sheet("续页", good(NO="2"))
    warnings = read(cover, sheet("台账", HEADINGS, good()), page, sheet("空")).warnings
    assert [(one.sheet, one.text) for one in warnings] == [
        ("续页", "没有表头，未读取；如是台账的续页，请接到有表头的表下面"),
    ]


# --- Struck out


def test_a_row_struck_out_as_a_whole_is_no_measure() -> None:
    found = sheet("台账", HEADINGS, good(), good(NO="2", TEXT="旧"), good(NO="3"))
    reading = read(struck(found, 3, *range(7)))
    assert (numbers(reading), reading.problems) == (["1", "3"], ())
    assert told(reading.warnings) == [(None, "第3行的内容全部加了删除线，未读取")]


def test_a_problem_struck_out_is_not_that_of_the_row_above() -> None:
    below = good(NO="3", PROBLEM="", TEXT="办班")
    whole = struck(sheet("台账", HEADINGS, good(), good(NO="2", PROBLEM="旧"), below), 3, *range(7))
    assert told(read(whole).problems) == [(4, "反馈问题没有填写")]
    alone = struck(sheet("台账", HEADINGS, good(), good(NO="2", PROBLEM="旧")), 3, 1)
    assert told(read(alone).problems) == [(3, "反馈问题没有填写")]


def test_words_struck_out_are_told() -> None:
    reading = read(struck(sheet("台账", (*HEADINGS, "备注"), (*good(), "旧")), 2, 7))
    assert (len(reading.rows), told(reading.warnings)[-1]) == (
        1,
        (None, "第2行有加了删除线的文字，这些文字未读取，请核对"),
    )
