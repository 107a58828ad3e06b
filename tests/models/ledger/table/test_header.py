"""The header found among titles and notes, in one row or two, and which heading wins a column."""

from collections.abc import Sequence

import pytest

from models.ledger.columns import NO_MAPPING, Column, ColumnMapping
from models.ledger.files.grid import SheetRow
from models.ledger.files.sheets import Sheet
from models.ledger.rows import MatchedBy
from models.ledger.table.header import WITHIN, Header, header_in, likely_header
from tests.models.ledger.table.sheets_made import merged, sheet

HEADINGS = ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "完成时限")
TITLE = ("某局巡察整改台账", "", "", "", "", "")
NOTES = ("填报单位：某局", "", "", "填报日期：2023年4月1日", "", "联系人：某某")


def of(found: Sheet, mapping: ColumnMapping = NO_MAPPING) -> Header | None:
    return header_in("台账", list(found.rows), mapping)


def header(found: Sheet, mapping: ColumnMapping = NO_MAPPING) -> Header:
    result = of(found, mapping)
    assert result is not None
    return result


def of_rows(*rows: Sequence[str], mapping: ColumnMapping = NO_MAPPING) -> Header:
    return header(sheet("台账", *rows), mapping)


def columns(found: Header) -> dict[str, int]:
    return {column.name: place for column, place in found.places.items()}


def test_titles_and_notes_may_stand_above() -> None:
    found = of_rows(TITLE, (), NOTES, HEADINGS, ("1", "a", "b", "c", "d", "e"))
    assert found.row == 4
    assert columns(found) == {"NO": 0, "PROBLEM": 1, "TEXT": 2, "LEAD": 3, "UNIT": 4, "LIMIT": 5}
    assert (found.missing, found.unread) == ((), ())


def test_a_header_too_far_down_is_none() -> None:
    assert of(sheet("台账", *[TITLE] * (WITHIN - 1), HEADINGS))
    assert of(sheet("台账", *[TITLE] * WITHIN, HEADINGS)) is None


def test_a_row_of_two_known_words_is_no_header_among_data() -> None:
    assert of(sheet("台账", ("责任单位", "某单位", "序号", "7"), ("1", "2", "3", "4"))) is None


# --- Two rows


def test_a_wide_heading_over_narrow_ones_with_merged_cells() -> None:
    rows = [
        ["整改台账"],
        ["序号", "反馈问题", "整改措施", "", "责任分工", "", "", "备注"],
        ["", "", "措施内容", "时限", "牵头领导", "主责单位", "配合单位", ""],
        ["1", "学习不深", "订计划", "6月底前", "张明", "办公室", "人事科", ""],
    ]
    down = {(2, 0): 3, (2, 1): 3, (2, 7): 3}
    found = header(merged("台账", rows, down, {(2, 2): 3, (2, 4): 6}))
    assert found.row == 3
    assert columns(found) == {
        "NO": 0, "PROBLEM": 1, "TEXT": 2, "LIMIT": 3, "LEAD": 4, "UNIT": 5, "COOPERATING": 6,
    }  # fmt: skip
    assert [(one.heading, one.kind) for one in found.unread] == [("备注", "备注")]


def test_a_wide_heading_over_narrow_ones_as_csv_keeps_them() -> None:
    found = of_rows(
        ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "", "完成时限", "整改情况", ""),
        ("", "", "", "", "主责", "配合", "", "完成时间", "责任单位"),
        ("1", "学习不深", "订计划", "张明", "办公室", "人事科", "6月底前", "", ""),
    )
    assert found.row == 2
    assert columns(found) == {
        "NO": 0, "PROBLEM": 1, "TEXT": 2, "LEAD": 3, "UNIT": 4, "COOPERATING": 5, "LIMIT": 6,
    }  # fmt: skip
    assert {one.heading: one.kind for one in found.unread} == {"整改情况/完成时间": "进展", "整改情况/责任单位": "进展"}
    assert found.heading(Column.UNIT) == "责任单位/主责"


UPPER = ("序号", "反馈问题", "整改措施", "责任领导", "责任单位", "完成时限")


@pytest.mark.parametrize(
    ("wide", "narrow", "read", "column"),
    [
        ("反馈问题", ("问题类别", "具体问题"), 2, Column.PROBLEM),
        ("反馈问题", ("方面", "具体表现"), 2, Column.PROBLEM),
        ("整改措施", ("序号", "具体举措"), 3, Column.TEXT),
        ("完成时限", ("计划", "实际"), 5, Column.LIMIT),
        ("完成时限", ("实际", "计划"), 6, Column.LIMIT),
        ("完成时限", ("起", "止"), 6, Column.LIMIT),
        ("责任单位", ("责任人", "单位名称"), 5, Column.UNIT),
    ],
)
@pytest.mark.parametrize("with_merges", [True, False])
def test_a_second_row_of_the_header_that_names_no_more_columns_than_the_first(
    wide: str, narrow: tuple[str, str], read: int, column: Column, with_merges: bool
) -> None:
    """As spreadsheets have it, headings merged over both rows; and as .csv, or a sheet without merged cells."""
    at = UPPER.index(wide)
    upper = [*UPPER[: at + 1], "", *UPPER[at + 1 :]]
    lower = [narrow[place - at] if place in (at, at + 1) else "" for place in range(7)]
    down = {(1, place): 2 for place in range(7) if place not in (at, at + 1)}
    data = ["1", "政治建设", "学习不深", "林某", "人事科", "10月底前", "12月底前"]
    found = header(merged("台账", [upper, lower, data], down if with_merges else {}, {}))
    assert (found.row, found.missing, found.places[column]) == (2, (), read)


def test_data_below_a_heading_over_two_columns_is_no_second_row_of_the_header() -> None:
    upper = ("序号", "反馈问题", "", "整改措施", "责任领导", "责任单位", "完成时限")
    assert of_rows(upper, ("", "政治建设", "学习不深")).row == 1
    assert of_rows(upper, ("1", "类别", "具体问题", "订计划", "林某", "人事科", "10月底前")).row == 1


def test_a_row_of_data_is_no_second_row_of_the_header() -> None:
    found = of_rows((*HEADINGS, ""), ("1", "学习", "订计划", "张明", "办公室", "6月底前", "略"))
    assert found.row == 1


def test_a_title_is_no_group_of_the_row_below() -> None:
    found = of_rows(("台账", "", "", "", "", ""), (*HEADINGS, "其他事项"))
    assert found.row == 2
    assert [one.heading for one in found.unread] == ["其他事项"]


# --- Who wins


@pytest.mark.parametrize(
    ("headings", "place"),
    [
        (("整改时限", "完成时限"), 1),
        (("完成时间", "整改时限"), 1),
        (("完成时线", "完成时间"), 1),
        (("完成时限及进度", "办结时限"), 1),
        (("完成时间", "完成时限及进度"), 1),
    ],
)
def test_of_two_headings_the_surer_is_read(headings: tuple[str, str], place: int) -> None:
    found = of_rows((*headings, *HEADINGS[:5]))
    assert found.places[Column.LIMIT] == place
    assert not found.doubled


def test_a_mistyped_heading_that_loses_is_unknown_and_a_synonym_that_loses_is_known() -> None:
    found = of_rows((*HEADINGS, "主板单位", "办结时限"))
    assert {one.heading: one.kind for one in found.unread} == {"主板单位": "", "办结时限": "完成时限，已另有一列"}


def test_equal_headings_are_doubled_but_for_numbers() -> None:
    found = of_rows(("序号", "反馈问题", "序号", "整改措施", "责任科室", "责任部门"))
    assert [[one.heading for one in headings] for headings in found.doubled] == [["责任科室", "责任部门"]]
    assert (found.places[Column.NO], found.inner_no) == (0, 2)


def test_a_heading_broken_for_its_width_is_named_in_one_piece() -> None:
    found = of_rows(("序\n号", *HEADINGS[1:4], "承办\n科 室", "内部\n流转"))
    assert (found.heading(Column.NO), found.heading(Column.UNIT)) == ("序号", "承办科室")
    assert [one.heading for one in found.unread] == ["内部流转"]


def test_who_is_responsible_is_not_chosen_between_two_headings() -> None:
    """Elsewhere the canonical name is read; but 责任单位 beside 牵头单位 are often those that help."""
    found = of_rows((*HEADINGS, "牵头单位"))
    assert [[one.heading for one in headings] for headings in found.doubled] == [["责任单位", "牵头单位"]]
    weak = of_rows((*HEADINGS, "所属部门"))
    mapped = of_rows((*HEADINGS, "牵头单位"), mapping={"责任单位": Column.COOPERATING})
    two_weak = of_rows((*(heading for heading in HEADINGS if heading != "责任单位"), "科室", "所属部门"))
    assert (weak.doubled, mapped.doubled, len(two_weak.doubled)) == ((), (), 1)
    assert (mapped.places[Column.UNIT], mapped.places[Column.COOPERATING]) == (6, 4)


def test_numbers_of_measures_are_within_those_of_problems() -> None:
    found = of_rows(("问题序号", "反馈问题", "措施编号", *HEADINGS[2:]))
    assert (found.places[Column.NO], found.inner_no, found.unread) == (0, 2, ())
    assert [one.heading for one in found.matched if one.column is Column.NO] == ["问题序号", "措施编号"]
    other = of_rows((*HEADINGS, "措施编号"))
    assert (other.places[Column.NO], other.inner_no) == (0, None)


def test_sub_measures_alone_are_measures() -> None:
    both = of_rows((*HEADINGS, "具体措施"))
    alone = of_rows([heading if heading != "整改措施" else "具体措施" for heading in HEADINGS])
    assert (both.places[Column.TEXT], both.places[Column.SUB]) == (2, 6)
    assert alone.places[Column.TEXT] == 2
    assert Column.SUB not in alone.places


def test_two_sure_headings_and_two_mistyped_ones_are_a_header() -> None:
    found = of_rows(("序号", "反溃问题", "整改错施", "责任单位"))
    by = {one.column: one.by for one in found.matched}
    assert (by[Column.PROBLEM], by[Column.UNIT]) == (MatchedBy.LIKENESS, MatchedBy.NAME)


def test_the_offices_own_words_make_a_header_too() -> None:
    words = ("号码", "毛病", "谁干")
    mapping = dict(zip(words, (Column.NO, Column.PROBLEM, Column.UNIT), strict=True))
    found = of_rows(("说明", "", ""), words, mapping=mapping)
    assert {one.by for one in found.matched} == {MatchedBy.MAPPING}
    assert found.row == 2


# --- What looks like one


def test_a_row_with_two_known_headings_that_looks_like_a_header_is_taken_for_one() -> None:
    found = of_rows(
        TITLE, ("序号", "反馈问题", "拟采取的办法", "挂帅", "谁干"), ("1", "学习", "订计划", "张明", "办公室")
    )
    assert found.row == 2
    assert found.missing == (Column.TEXT, Column.LEAD, Column.UNIT, Column.LIMIT)
    assert [one.heading for one in found.unknown] == ["拟采取的办法", "挂帅", "谁干"]


def test_what_looks_like_a_header_has_short_different_words_without_digits() -> None:
    rows = [
        SheetRow(1, ("台账",)),
        SheetRow(2, ("毛病", "谁干", "办法", "何时")),
        SheetRow(3, ("1", "学习", "订计划", "办公室", "6月底")),
    ]
    assert likely_header(rows) == rows[1]
    assert likely_header(rows[:1]) is None
    assert likely_header([]) is None


def test_a_header_is_known_again_on_a_later_page() -> None:
    found = of_rows(HEADINGS)
    assert found.is_again(SheetRow(30, ("序 号", *HEADINGS[1:], "备注")))
    assert not found.is_again(SheetRow(31, ("序号", "反馈问题", "别的")))
    assert not found.is_again(SheetRow(32, ("2", "学习", "订计划", "张明", "办公室", "6月底前")))
