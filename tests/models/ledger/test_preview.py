"""What a person sees before an import: headings, levels, inferred limits, rows that need a look."""

import json
from datetime import date

import pytest

from models.ledger.columns import letter
from models.ledger.preview import LINES_MOST, levels_of, preview_of
from models.ledger.rows import LedgerReading
from models.timelimit import LimitKind
from tests.models.ledger.table.ledgers_made import read
from tests.models.ledger.table.sheets_made import sheet

HEADINGS = ("序号", "反馈问题", "整改措施", "责任领导", "主板单位", "完成时限", "整改情况", "内部流转", "销号类别")
ROWS = (
    ("1", "学习不深", "订计划", "张明", "办公室", "2023年6月30日前", "", "", "限时办结"),
    ("2", "学习不深", "办培训", "张明（副局长）", "办公室、人事科", "6月底前", "", "", "限时办结"),
    ("3", "作风不实", "下基层", "张明", "办公室", "适时", "", "", ""),
    ("4", "作风不实", "开座谈会", "张明", "办公室", "3个月内", "", "", "限时办结"),
    ("5", "作风不实", "通报", "张明", "办公室", "每季度末", "", "", "长期坚持"),
)


def reading(*rows: tuple[str, ...]) -> LedgerReading:
    return read(sheet("台账", HEADINGS, *rows))


def test_headings_are_shown_with_their_letter_and_why_they_were_taken() -> None:
    shown = preview_of(reading(*ROWS)).as_json()
    by = {one["heading"]: (one["letter"], one["column"], one["by"]) for one in shown["headings"]}
    assert by["序号"] == ("A", "序号", "name")
    assert by["责任领导"] == ("D", "牵头领导", "synonym")
    assert by["主板单位"] == ("E", "责任单位", "likeness")
    unread = {one["heading"]: (one["letter"], one["known"], one["kind"]) for one in shown["unread"]}
    assert unread == {"整改情况": ("G", True, "进展"), "内部流转": ("H", False, "")}
    assert shown["sheets"] == [{"name": "台账", "header_row": 1, "rows": 5}]


def test_limits_that_were_inferred_or_must_be_confirmed_are_shown() -> None:
    preview = preview_of(reading(*ROWS))
    assert [(one.no, one.text, one.due_on, one.confirm) for one in preview.limits] == [
        ("2", "6月底前", date(2023, 6, 30), False),
        ("3", "适时", None, True),
        ("4", "3个月内", date(2023, 6, 25), False),
        ("5", "每季度末", date(2023, 3, 31), False),
    ]
    assert [(one.kind, bool(one.reason)) for one in preview.limits] == [
        (LimitKind.DATE, False),
        (LimitKind.UNRESOLVED, True),
        (LimitKind.PERIOD, False),
        (LimitKind.RECURRING, False),
    ]


def test_rows_that_need_a_person_say_each_reason() -> None:
    preview = preview_of(reading(*ROWS))
    assert [(one.no, one.why) for one in preview.for_person] == [
        ("2", ("牵头领导由姓名和职务中认出", "责任单位和配合单位由同一格拆出")),
        ("3", ("完成时限没有得出日期", "销号类别按完成时限推定")),
    ]


def test_levels_are_counted() -> None:
    levels = levels_of(reading(*ROWS).rows)
    assert (levels.problems, levels.measures, levels.sub_measures, levels.rows) == (2, 5, 0, 5)
    assert levels_of(()).rows == 0


def test_the_json_form_is_plain_and_whole() -> None:
    shown = preview_of(reading(*ROWS)).as_json()
    assert json.loads(json.dumps(shown)) == shown
    assert set(shown) == {"sheets", "headings", "unread", "levels", "limits", "for_person"}
    assert shown["levels"] == {"problems": 2, "measures": 5, "sub_measures": 0, "rows": 5}
    assert shown["limits"][0]["due_on"] == "2023-06-30"
    assert shown["limits"][0]["flags"] == ["year_inferred"]


def test_the_text_form_says_the_same_in_chinese() -> None:
    said = preview_of(reading(*ROWS)).lines()
    assert "  E列 主板单位 → 责任单位（疑似错字）" in said
    assert "  G列 整改情况 → 不读取（进展）" in said
    assert "  H列 内部流转 → 不认识，未读取" in said
    assert "共2个问题、5条措施" in said
    assert "  6月底前 → 2023-06-30（未写年份） （2）" in said
    assert "  3个月内 → 2023-06-25（自反馈日期起算） （4）" in said
    assert "  每季度末 → 2023-03-31（下一次） （5）" in said
    assert "  责任单位和配合单位由同一格拆出 （2）" in said


def test_equal_limits_stand_on_one_line_and_long_lists_are_cut_and_say_so() -> None:
    alike = [(str(n), "a", f"b{n}", "张明", "办公室", "6月底前", "", "", "限时办结") for n in range(1, 31)]
    assert any(line.endswith("（1、2、3、4、5、6、7、8、9、10等30条）") for line in preview_of(reading(*alike)).lines())
    different = [(str(n), "a", f"b{n}", "张明", "办公室", f"看情况{n}", "", "", "限时办结") for n in range(1, 60)]
    said = preview_of(reading(*different)).lines()
    assert f"  …… 另有{59 - LINES_MOST}项，见 --json" in said


def test_a_reading_with_problems_has_a_preview_too() -> None:
    found = reading(("1", "学习", "订计划", "某某", "办公室", "6月底前", "", "", ""))
    assert found.problems
    assert "  E列 主板单位 → 责任单位（疑似错字）" in preview_of(found).lines()


@pytest.mark.parametrize(("place", "said"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (99, "CV")])
def test_letters_of_columns(place: int, said: str) -> None:
    assert letter(place) == said
