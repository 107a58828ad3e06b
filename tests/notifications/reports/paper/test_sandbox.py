"""Filters of our own: Chinese numerals by a slow twin, and the beginning of a text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.reports.paper.sandbox import brief, numeral

DIGITS = "零一二三四五六七八九"


def value_of(written: str) -> int:
    """What a Chinese numeral up to 9,999 means."""
    total, digit = 0, 0
    for sign in written:
        if sign in DIGITS:
            digit = DIGITS.index(sign)
        else:
            total, digit = total + (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign], 0
    return total + digit


@given(st.integers(1, 9_999))
def test_a_numeral_means_its_number_and_says_no_zero_in_vain(number: int) -> None:
    written = numeral(number)
    assert value_of(written) == number
    assert not re.search("零零|零$|^零|零[十百千]", written)


@pytest.mark.parametrize(("number", "written"), [
    (1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (103, "一百零三"), (110, "一百一十"), (1003, "一千零三"),
    (1030, "一千零三十"), (0, "0"), (-1, "-1"), (10_000, "10000"),
])  # fmt: skip
def test_numerals_as_headings_are_numbered(number: int, written: str) -> None:
    assert numeral(number) == written


def test_a_text_is_cut_at_its_length() -> None:
    assert (brief("一二三", 3), brief("一二三四", 3), brief("一二", 0)) == ("一二三", "一二…", "…")
