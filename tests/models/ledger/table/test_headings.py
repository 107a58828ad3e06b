"""What headings mean: as offices write them, composite ones, mistyped ones, and those that are not read."""

from functools import cache
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ledger.columns import NO_MAPPING, Column
from models.ledger.rows import MatchedBy
from models.ledger.table.headings import (
    LIKE_FROM,
    Manner,
    heading_key,
    likeness_of,
    meaning_of,
    meaning_under,
    one_apart,
)
from models.ledger.table.synonyms import STRONG, UNREAD, WEAK

SEEN: dict[Column, str] = {
    Column.NO: "序号 编号 问题编号 督办编号",
    Column.PROBLEM: "反馈问题 具体问题 问题内容 问题标题 问题描述 整改问题 存在问题 审计发现的问题 "
    "检查发现的主要隐患或问题 检查描述 整改任务 督查内容 督办内容",
    Column.TEXT: "整改措施 整改举措 整改措施或建议 整改项目 工作计划 审计整改要求和建议",
    Column.SUB: "具体措施 具体举措",
    Column.LEAD: "牵头领导 责任领导 牵头院领导 牵头县领导 分管领导",
    Column.UNIT: "责任单位 责任科室 责任科室(单位) 责任部门 牵头单位 牵头部门 主办单位 主责单位 承办单位 整改责任单位 "
    "牵头股室(办) 责任主体 所属部门",
    Column.COOPERATING: "配合单位 协办单位 协同责任单位",
    Column.LIMIT: "完成时限 整改时限 办结时限 办理时限 整改期限 完成期限 截止日期 时间节点 进度时限 要求完成时间 "
    "工作完成时限要求 审计整改期限 进度安排",
    Column.CLOSURE: "销号类别",
    Column.MAJOR: "重大 是否重大",
}
"""Headings seen in ledgers that were published."""

NOT_READ = (
    "来源 交办来源 任务来源 来源详情 问题大类 问题子类 问题细类 问题类别 隐患性质 隐患等级 整改目标 整改标准 "
    "整改要求 办理要求 责任人 整改责任人 整改人 主办人 具体经办人 联络员 整改情况 整改情况(月) 整改进展情况 "
    "整改完成情况 完成情况 进展情况 落实情况 办理情况 整改反馈内容 牵头单位承办情况 整改成效 进度 状态 督办状态 "
    "整改状态 状态标识 存在困难及下一步措施 未办结原因 等效措施或预案 备注 佐证材料 佐证资料 整改照片 附件 销号材料 "
    "销号时间 验收意见 复查时间 复查意见 完成/作废时间 最近整改时间 驳回次数 驳回人 驳回意见 满意度 反馈周期 "
    "报送材料 整改次数 督导单位 督查单位 交办单位 被巡察单位"
)


@pytest.mark.parametrize("column", SEEN)
def test_headings_seen_in_ledgers_name_their_column(column: Column) -> None:
    found = {heading: meaning_of(heading, NO_MAPPING) for heading in SEEN[column].split()}
    assert {heading: meaning and meaning.column for heading, meaning in found.items()} == dict.fromkeys(found, column)


def test_headings_known_to_hold_something_else_are_not_read() -> None:
    for heading in NOT_READ.split():
        meaning = meaning_of(heading, NO_MAPPING)
        assert meaning is not None, heading
        assert (meaning.column, bool(meaning.kind)) == (None, True), heading


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        pytest.param("责任\n单位", Column.UNIT, id="a line break inside"),
        pytest.param(" 完 成 时 限 ", Column.LIMIT, id="blanks inside"),
        pytest.param("责任科室（单位）", Column.UNIT, id="full-width brackets"),
        pytest.param("责任单位（盖章）", Column.UNIT, id="a remark in brackets"),
        pytest.param("完成时限【年月日】", Column.LIMIT, id="a remark in other brackets"),
        pytest.param("三、整改措施：", Column.TEXT, id="a leading number and a colon"),
        pytest.param("（3）*整改措施", Column.TEXT, id="a number in brackets and a star"),
        pytest.param("审计整改要求及建议", Column.TEXT, id="another word for and"),
        pytest.param("责任单位名称", Column.UNIT, id="a word that says nothing more"),
        pytest.param("市委巡察发现的突出问题", Column.PROBLEM, id="made of parts"),
        pytest.param("计划完成时间", Column.LIMIT, id="an intended time"),
        pytest.param("实际完成时间", None, id="what it was in the end"),
        pytest.param("完成日期（实际）", None, id="the same in brackets"),
        pytest.param("参与单位", Column.COOPERATING, id="a word for and inside a word"),
        pytest.param("主要内容", None, id="nothing"),
        pytest.param("责任单位意见", None, id="a known heading and more"),
        pytest.param("责" * 60, None, id="too long"),
        pytest.param("", None, id="blank"),
        pytest.param("()", None, id="brackets"),
    ],
)
def test_a_heading_is_compared_by_what_it_says(heading: str, column: Column | None) -> None:
    meaning = meaning_of(heading, NO_MAPPING)
    assert (meaning.column if meaning else None) is column


@pytest.mark.parametrize(
    ("heading", "column", "manner"),
    [
        ("责任（配合）单位", Column.UNIT, Manner.BRACKETS_COOPERATE),
        ("主办、协办单位", Column.UNIT, Manner.BRACKETS_COOPERATE),
        ("责任单位及责任人", Column.UNIT, Manner.WITH_PERSON),
        ("责任单位（责任人）", Column.UNIT, Manner.WITH_PERSON),
        ("牵头领导及责任单位", Column.LEAD, Manner.LEAD_AND_UNIT),
        ("整改措施及完成时限", Column.TEXT, Manner.TEXT_WITH_LIMIT),
        ("整改措施（含完成时限）", Column.TEXT, Manner.TEXT_WITH_LIMIT),
        ("完成时限及进度", Column.LIMIT, Manner.PLAIN),
        ("整改目标及措施", Column.TEXT, Manner.PLAIN),
    ],
)
def test_a_heading_that_says_two_things_says_how_to_split_them(heading: str, column: Column, manner: Manner) -> None:
    meaning = meaning_of(heading, NO_MAPPING)
    assert meaning is not None
    assert (meaning.column, meaning.manner, meaning.by) == (column, manner, MatchedBy.COMPOSITE)


@pytest.mark.parametrize(
    "heading", ["反馈问题及整改措施", "责任单位及完成时限", "措施和人", "责任人及完成时限和单位和问题"]
)
def test_what_cannot_be_split_safely_is_unknown(heading: str) -> None:
    assert meaning_of(heading, NO_MAPPING) is None


@pytest.mark.parametrize(
    ("group", "heading", "column"),
    [
        ("责任单位", "主责", Column.UNIT),
        ("责任单位", "配合", Column.COOPERATING),
        ("责任分工", "牵头领导", Column.LEAD),
        ("责任", "领导", Column.LEAD),
        ("配合", "单位", Column.COOPERATING),
        ("整改措施", "时限", Column.LIMIT),
        ("整改措施", "内容", Column.TEXT),
        ("整改要求", "完成时限", Column.LIMIT),
        ("完成时限", "止", Column.LIMIT),
        ("完成时限", "起", None),
        ("整改情况", "完成时间", None),
        ("销号情况", "责任单位", None),
    ],
)
def test_a_heading_under_another_is_read_with_it(group: str, heading: str, column: Column | None) -> None:
    meaning = meaning_under(group, heading, NO_MAPPING)
    assert meaning is not None
    assert meaning.column is column


# --- The office's own words


def test_the_offices_mapping_beats_every_synonym() -> None:
    mapping = {"责任单位": None, "拟采取的办法": Column.TEXT, "分工及主抓": Column.UNIT}
    ignored, own = meaning_of("责任 单位", mapping), meaning_of("拟采取的办法", mapping)
    under = meaning_under("分工", "主抓", mapping)
    assert ignored and own and under
    assert (ignored.column, ignored.by) == (None, MatchedBy.MAPPING)
    assert (own.column, own.by) == (Column.TEXT, MatchedBy.MAPPING)
    assert (under.column, under.by) == (Column.UNIT, MatchedBy.MAPPING)


# --- Likeness


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("主板单位", Column.UNIT),
        ("责任但位", Column.UNIT),
        ("配台单位", Column.COOPERATING),
        ("完成时线", Column.LIMIT),
        ("整改错施", Column.TEXT),
        ("反溃问题", Column.PROBLEM),
        ("牵头领寻", Column.LEAD),
        ("销号类", None),
        ("责任位单", Column.UNIT),
        ("责任单单位", Column.UNIT),
        ("本周工作", None),
        ("整改材料", None),
        ("", None),
    ],
)
def test_one_mistyped_character_is_forgiven(heading: str, column: Column | None) -> None:
    meaning = likeness_of(heading)
    assert (meaning.column if meaning else None) is column
    assert meaning is None or meaning.by is MatchedBy.LIKENESS


def test_what_is_alike_to_two_columns_or_to_one_not_read_is_unknown() -> None:
    """实办单位 is one character from 主办单位, and 督办单位, which is not read, is as near."""
    assert one_apart("实办单位", "主办单位")
    assert one_apart("实办单位", "督办单位")
    assert likeness_of("实办单位") is None


words = st.text(alphabet=ascii_lowercase[:3], max_size=5)


@given(words, words)
def test_one_apart_equals_trying_every_slip(one: str, other: str) -> None:
    letters = ascii_lowercase[:3]
    slips = {one[:n] + one[n + 1 :] for n in range(len(one))}
    slips |= {one[:n] + letter + one[n:] for n in range(len(one) + 1) for letter in letters}
    slips |= {one[:n] + letter + one[n + 1 :] for n in range(len(one)) for letter in letters}
    slips |= {one[:n] + one[n + 1] + one[n] + one[n + 2 :] for n in range(len(one) - 1)}
    assert one_apart(one, other) is (other in slips and one != other)


def test_only_words_that_may_be_alike_are_compared_and_none_is_missed() -> None:
    """The twin compares with every known word. Slips at each place of a few words, and of words of other lengths."""
    for word in ("责任单位", "完成时限", "牵头县级领导", "检查发现的主要问题"):
        for n in range(len(word)):
            for slip in (word[:n] + "囗" + word[n:], word[:n] + word[n + 1 :], word[:n] + "囗" + word[n + 1 :]):
                if len(slip) >= LIKE_FROM and slip not in known_words():
                    near = {known_words()[other] for other in known_words() if one_apart(other, slip)}
                    columns = {column for column, weak in near if not weak}
                    expected = columns.pop() if len(columns) == 1 and None not in columns else None
                    meaning = likeness_of(slip)
                    assert (meaning.column if meaning else None) is expected, slip


@cache
def known_words() -> dict[str, tuple[Column | None, bool]]:
    unread = {heading_key(word): (None, False) for word in UNREAD}
    weak = {heading_key(word): (column, True) for word, column in WEAK.items()}
    strong = {heading_key(word): (column, False) for word, column in STRONG.items()}
    known = {**unread, **weak, **strong, **{column.value: (column, False) for column in Column}}
    return {word: said for word, said in known.items() if len(word) >= LIKE_FROM}


# --- The words themselves


def test_no_word_means_two_things() -> None:
    assert not set(UNREAD) & (set(STRONG) | set(WEAK))
    keys: dict[str, object] = {}
    for words in (STRONG, WEAK, UNREAD):
        for word, said in words.items():
            assert keys.setdefault(heading_key(word), said) == said, word


def test_a_known_heading_is_found_however_it_is_dressed() -> None:
    for word, column in STRONG.items():
        meaning = meaning_of(f" 2、{' '.join(word)}： ", NO_MAPPING)
        assert meaning is not None, word
        assert meaning.column is column, word


@given(st.text(max_size=50))
def test_any_text_has_a_meaning_or_none(text: str) -> None:
    meaning = meaning_of(text, NO_MAPPING)
    assert meaning is None or (meaning.column is None) == bool(meaning.kind)
    likeness_of(text)
