"""Titles between the rows of a ledger, numbers that begin anew under each, and rows that are hidden."""

import pytest

from models.ledger.rows import Look
from models.ledger.table.sections import Sections, numbers_a_title
from tests.models.ledger.table.ledgers_made import HEADINGS, good, numbers, read, told
from tests.models.ledger.table.sheets_made import hidden, merged, sheet

UNDER_TITLE = "反馈问题没有填写；上面是小标题，不沿用小标题以上的问题"

# --- Titles


@pytest.mark.parametrize("title", [("二、作风建设方面（2个问题）",), ("作风建设",), ("二", "作风建设方面")])
def test_a_blank_problem_below_a_title_is_not_that_above_the_title(title: tuple[str, ...]) -> None:
    reading = read(sheet("台账", HEADINGS, good(), title, good(NO="2", PROBLEM="学风"), good(NO="3", PROBLEM="")))
    assert [row.problem for row in reading.rows] == ["学习不深", "学风", "学风"]
    blank = read(sheet("台账", HEADINGS, good(), ("二、作风建设方面",), good(NO="2", PROBLEM="", TEXT="再订")))
    assert (numbers(blank), told(blank.problems)) == (["1"], [(4, UNDER_TITLE)])


def test_a_problem_merged_over_a_title_is_no_blank() -> None:
    rows = [[*HEADINGS], [*good()], ["二、作风建设方面"] + [""] * 6, [*good(NO="2", PROBLEM="")]]
    reading = read(merged("台账", rows, {(2, 1): 4}, {}))
    assert ([row.problem for row in reading.rows], reading.problems) == (["学习不深"] * 2, ())


def test_a_title_in_two_cells_is_no_unfinished_row() -> None:
    reading = read(
        sheet("台账", HEADINGS, ("一", "党的领导"), good(), ("二", "廉洁风险"), good(NO="2", PROBLEM="采购"))
    )
    assert ([row.problem for row in reading.rows], reading.problems) == (["学习不深", "采购"], ())
    assert (None, "第2、4行只有序号和标题，当作小标题，未读取为措施") in told(reading.warnings)


def test_a_number_as_the_rows_have_it_is_no_titles() -> None:
    assert numbers_a_title("一", "1")
    assert numbers_a_title("（二）", "1、")
    assert not numbers_a_title("2", "（1）")
    assert not numbers_a_title("二", "三")
    assert not numbers_a_title("二", "")


# --- Numbers that begin anew


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("一、政治建设方面",), ("二、廉洁风险方面",)),
        (("（一）政治建设",), ("（二）廉洁风险",)),
        (("一", "政治建设"), ("二", "廉洁风险")),
        (("第一部分 政治建设",), ("第二部分 廉洁风险",)),
    ],
)
def test_numbers_that_begin_anew_below_each_title_are_within_it(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    rows = (first, good(), good(NO="2", PROBLEM="学风"), second, good(PROBLEM="采购"))
    reading = read(sheet("台账", HEADINGS, *rows))
    assert (numbers(reading), reading.problems) == (["一.1", "一.2", "二.1"], ())
    assert "序号从头编起" in reading.warnings[1].text


def test_numbers_of_measures_that_begin_anew_below_each_problem_are_within_its() -> None:
    below = [good(NO="（1）", PROBLEM=""), good(NO="（2）", PROBLEM="", TEXT="办班")]
    reading = read(sheet("台账", HEADINGS, ("1", "学习"), *below, ("2", "采购"), *below))
    assert (numbers(reading), reading.problems) == (["1.1", "1.2", "2.1", "2.2"], ())


def test_numbers_that_go_on_below_titles_stay_as_written() -> None:
    rows = (("一、政治",), good(), ("二、廉洁",), good(NO="2", PROBLEM="采购"))
    assert numbers(read(sheet("台账", HEADINGS, *rows))) == ["1", "2"]


def test_one_number_twice_is_a_problem_where_numbers_do_not_begin_anew() -> None:
    rows = (("一、政治",), good(), good(NO="2"), ("二、廉洁",), good(NO="2", PROBLEM="采购"))
    assert told(read(sheet("台账", HEADINGS, *rows)).problems) == [(6, "第4行与第6行的序号相同")]
    anew = (("一、政治",), good(), good(PROBLEM="另"), ("二、廉洁",), good(PROBLEM="采购"))
    assert told(read(sheet("台账", HEADINGS, *anew)).problems) == [(4, "第3行与第4行的序号相同")]


def test_titles_within_titles() -> None:
    sections = Sections()
    seen = []
    for title in ("一、政治", "（一）学习", "（二）担当", "说明", "二、廉洁", "1"):
        sections.begin(title)
        seen.append(sections.numbers)
    assert seen == [("一",), ("一", "一"), ("一", "二"), ("一", "二"), ("二",), ("二", "1")]


# --- Hidden rows


def test_what_is_taken_from_a_hidden_row_is_taken_whole_and_told() -> None:
    """A blank problem and 同上 are both those of the row above as the file has it, whether it is shown or not."""
    rows = (good(), good(NO="2", PROBLEM="采购", UNIT="财务科"), good(NO="3", PROBLEM="", UNIT="同上", TEXT="办班"))
    reading = read(hidden(sheet("台账", HEADINGS, *rows), 3))
    assert [(row.no, row.problem, row.unit, row.looks) for row in reading.rows] == [
        ("1", "学习不深", "D01", ()),
        ("3", "采购", "D03", (Look.DITTO,)),
    ]
    assert (None, "第4行的空白问题或“同上”取自上面被隐藏的行，请核对") in told(reading.warnings)
    assert (4, "“同上”按上一行读作“财务科”") in told(reading.warnings)


def test_a_row_below_a_hidden_one_has_no_number_of_another_problem() -> None:
    rows = (good(), good(NO="2", PROBLEM="采购"), good(NO="", PROBLEM="", TEXT="办班"))
    reading = read(hidden(sheet("台账", HEADINGS, *rows), 3))
    assert told(reading.problems) == [(4, "序号没有填写")]
