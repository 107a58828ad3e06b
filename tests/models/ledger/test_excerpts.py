"""What is too long is told in short, and that it was is told too."""

import pytest

from models.ledger.excerpts import SHOWN, left_out_zh, short


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        (" 学习\n 计划\t", "学习 计划"),
        ("字" * SHOWN, "字" * SHOWN),
        ("字" * SHOWN + "尾", "字" * SHOWN + "……"),
        ("字" * SHOWN + "\n", "字" * SHOWN),
    ],
)
def test_a_text_is_told_on_one_line_and_by_its_beginning(text: str, told: str) -> None:
    assert short(text) == told


def test_less_may_be_told_of_it() -> None:
    assert short("一二三四", 3) == "一二三……"


def test_the_rest_of_a_list_is_counted() -> None:
    assert left_out_zh(3, "条提示") == "  …… 另有3条提示，见 --json"
