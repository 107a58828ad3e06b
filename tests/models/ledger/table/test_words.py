"""Single words in cells, and rows that are no measures."""

import pytest

from models.ledger.table.words import (
    CLOSURE_SYNONYMS,
    CLOSURES,
    MAJOR,
    is_count_of_columns,
    is_ditto,
    is_note,
    is_total,
)
from models.lifecycle import ClosureClass


def test_each_class_has_its_name_and_some_synonyms() -> None:
    assert set(CLOSURES.values()) == set(CLOSURE_SYNONYMS.values()) == set(ClosureClass)
    assert not set(CLOSURES) & set(CLOSURE_SYNONYMS)
    assert "分阶段整改" not in CLOSURE_SYNONYMS


@pytest.mark.parametrize(("text", "major"), [("是", True), ("√", True), ("一般", False), ("×", False), ("", False)])
def test_marks_for_major(text: str, major: bool) -> None:
    assert MAJOR[text] is major


def test_a_mark_that_may_mean_either_is_none() -> None:
    assert not {"○", "●", "0", "1", "待定"} & set(MAJOR)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [("同上", True), ("同 上", True), ("〃", True), ('"', True), ("", False), ("同上级", False), ("同意", False)],
)
def test_ditto(text: str, is_so: bool) -> None:
    assert is_ditto(text) is is_so


@pytest.mark.parametrize("first", ["合计", "总计：34条", "小计：", "共计 3"])
def test_totals(first: str) -> None:
    assert is_total(first)


@pytest.mark.parametrize("first", ["1", "汇总不及时", "累计欠款未清", "合计有误", ""])
def test_no_totals(first: str) -> None:
    assert not is_total(first)


@pytest.mark.parametrize("first", ["注：本表一式两份", "填表人：某某", "单位负责人（签字）：", "日期:"])
def test_notes(first: str) -> None:
    assert is_note(first)


@pytest.mark.parametrize("first", ["说明不清", "注", "1", "注意：不到位", ""])
def test_no_notes(first: str) -> None:
    assert not is_note(first)


@pytest.mark.parametrize(
    ("cells", "is_so"), [(("1", "2", "3", "4", "5"), True), (("1", "2", "3"), False), (("1", "2", "3", "5"), False)]
)
def test_numbers_of_columns(cells: tuple[str, ...], is_so: bool) -> None:
    assert is_count_of_columns(cells) is is_so
