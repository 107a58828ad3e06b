"""Normalising: ways of writing are made alike, and nothing else is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.timelimit import normalise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("２０２３ 年 六 月 三 十 日", "2023年6月三 10日"),  # a blank inside a number stays one
        ("第三季度、一把手、十二个月", "第3季度、一把手、12个月"),
        ("二十一日，两周，九十九天", "21日,2周,99天"),
        ("5日①½个月²㏠", "5日①½个月²㏠"),
        ("①3日内", "3日内"),
        ("10（十）个工作日", "10个工作日"),
        ("6月低前", "6月底前"),
        ("６⽉３０⽇", "6月30日"),  # radicals, as copied from a PDF
        ("〇日 二三年 十十天", "〇日二三年十十天"),
        ("一百二十天、三百零五日、一百天", "120天、305日、100天"),
        ("一百二个、二百百天", "一百二个、二百百天"),
        ("2O23年、二O二三年", "2023年、2023年"),
        ("元月底前，公元月历", "1月底前,公元月历"),
        ("1.4月底前；2.5月底前", "4月底前;5月底前"),
        ("1.4月底前", "4月底前"),
        ("1.4个月", "1.4个月"),
        ("4、5月份", "4、5月份"),
        ("內部、三個月後", "内部、3个月后"),
    ],
)
def test_normalising(text: str, plain: str) -> None:
    assert normalise(text) == plain


@given(st.text(max_size=60))
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
