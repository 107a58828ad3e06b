"""Small pieces of prose, and rows in short, which must still say each row."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.answers.progress.values import Row
from notifications.reports.progress.phrases import paragraphs, quoted, rows_zh, sentence


@given(st.lists(st.integers(1, 40), unique=True))
def test_rows_in_short_name_every_row_once_and_in_order(numbers: list[int]) -> None:
    found: list[int] = []
    for piece in filter(None, rows_zh([Row(f"措施{n}", "x") for n in numbers]).split("、")):
        first, last = re.fullmatch(r"措施(\d+)(?:至(\d+))?", piece).groups()  # type: ignore[union-attr]
        found += range(int(first), int(last or first) + 1)
    assert found == numbers


def test_rows_that_are_no_measures_are_told_with_their_text() -> None:
    rows = [
        Row("措施1", "甲"),
        Row("措施2", "乙"),
        Row("措施2-1", "丙"),
        Row("佐证00000000", "办法\n.docx"),
        Row("活动1", "长" * 50),
    ]
    assert rows_zh(rows) == f"措施1、措施2、措施2-1、佐证00000000 办法 .docx、活动1 {'长' * 39}…"


@pytest.mark.parametrize(("text", "shown"), [
    ("学习不深", "“学习不深”"), ("“四风”\n问题", "“‘四风’ 问题”"), ("", "“”"),
])  # fmt: skip
def test_titles_are_quoted_with_inner_marks_inside(text: str, shown: str) -> None:
    assert quoted(text) == shown


def test_sentences_end_once() -> None:
    assert [sentence(text) for text in ("好", "好。", "好！", "")] == ["好。", "好。", "好！", ""]
    assert paragraphs(" 一\n\n\t二 三 \n") == ["一", "二 三"]
