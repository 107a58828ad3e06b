"""What a paragraph of a notice is by its own words: its number, a problem's title, a label, a chapter, the end."""

import pytest

from models.ledger.notice.titles import Chapter, Says, Title, chapter_of, ends, is_date_line, may_sign, title_of
from models.ledger.notice.words import Label, Style, labelled, marked, number_of, pieces_of


@pytest.mark.parametrize(
    ("text", "style", "number", "rest"),
    [
        ("一、关于", Style.CHAPTER, 1, "关于"),
        ("十二、关于", Style.CHAPTER, 12, "关于"),
        ("(三)订计划", Style.ROUND, 3, "订计划"),
        ("（二十一） 订计划", Style.ROUND, 21, "订计划"),
        ("㈡订计划", Style.ROUND, 2, "订计划"),
        ("1.订计划", Style.DOT, 1, "订计划"),
        ("１２、订计划", Style.DOT, 12, "订计划"),
        ("⒊订计划", Style.DOT, 3, "订计划"),
        ("（4）订计划", Style.ROUND_DIGIT, 4, "订计划"),
        ("4)订计划", Style.ROUND_DIGIT, 4, "订计划"),
        ("⑷订计划", Style.ROUND_DIGIT, 4, "订计划"),
        ("⑤订计划", Style.CIRCLE, 5, "订计划"),
        ("二是订计划", Style.FIRSTLY, 2, "订计划"),
        ("第三，订计划", Style.ORDINAL, 3, "订计划"),
        ("第四、订计划", Style.ORDINAL, 4, "订计划"),
    ],
)
def test_numbers_are_told_by_their_style(text: str, style: Style, number: int, rest: str) -> None:
    mark, left = marked(text)
    assert mark is not None
    assert (mark.style, mark.number, left) == (style, number, rest)


@pytest.mark.parametrize(
    "text",
    ["3.5万元已追回", "2023年7月4日", "一次性清退", "十分重视", "（含直属单位）", "订计划", "十十、甲", "第一季度"],
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert marked(text) == (None, text)


@pytest.mark.parametrize(("written", "value"), [("十", 10), ("十九", 19), ("三十", 30), ("九十九", 99), ("一一", 0)])
def test_chinese_numerals_have_their_value(written: str, value: int) -> None:
    assert number_of(written) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("关于“学习不深”问题的整改情况", "学习不深"),
        ("关于“学习不深”的问题整改落实情况。", "学习不深"),
        ("关于“学习不深。没有计划,结合不紧”的问题", "学习不深。没有计划,结合不紧"),
        ("关于“‘四风’依然存在”问题的整改情况", "‘四风’依然存在"),
        ("关于“甲”“乙”问题的整改情况", "“甲”“乙”"),
        ("关于“一岗双责”落实不到位的问题", "“一岗双责”落实不到位"),
        ('针对"学习不深"问题整改情况', "学习不深"),
        ("关于“学习不深”的整改情况", "学习不深"),
        ("关于“学习不深”", "学习不深"),
        ("关于“学习不深问题的整改情况", "学习不深"),
        ("“学习不深”问题整改进展情况：", "学习不深"),
        ("关于学习不深的问题", "学习不深"),
        ("关于学习不深、联系实际不够，缺少计划的问题", "学习不深、联系实际不够，缺少计划"),
        ("财务部门预算执行问题的整改情况", "财务部门预算执行"),
        ("关于上轮整改不扎实问题的整改情况", "上轮整改不扎实"),
    ],
)
def test_a_problem_is_told_by_the_form_of_its_title(text: str, problem: str) -> None:
    assert title_of(text) == Title(problem, "", Says.PROBLEM)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("在“决策部署落实不够”方面", "决策部署落实不够"),
        ("关于党的建设方面的问题", "党的建设方面"),
        ("聚焦作风建设方面存在的突出问题整改情况", "作风建设方面"),
    ],
)
def test_an_aspect_may_stand_over_other_titles(text: str, problem: str) -> None:
    assert title_of(text) == Title(problem, "", Says.ASPECT)


def test_what_follows_a_title_on_its_line_is_kept() -> None:
    assert title_of("针对“学习不深”问题。一是订计划。") == Title("学习不深", "一是订计划。", Says.PROBLEM)
    assert title_of("针对“学习不深”问题，订出计划。") == Title("学习不深", "订出计划。", Says.IN_PASSING)
    assert title_of("关于学习不深的问题（已完成）。") == Title("学习不深", "", Says.PROBLEM, "（已完成）")


@pytest.mark.parametrize(
    "text",
    [
        "关于巡察整改进展情况的通报",
        "关于市委第三巡察组反馈意见的整改情况",
        "某市水务局巡察反馈问题整改情况",
        "主要抓好以下三个方面：",
        "对往年反馈的5方面31个具体问题逐条进行了核对。",
        "对“信息平台”等事项严格程序。",
        "着力解决群众反映强烈的问题。",
    ],
)
def test_what_names_no_problem_is_no_title(text: str) -> None:
    assert title_of(text) is None


@pytest.mark.parametrize(
    ("text", "label", "rest"),
    [
        ("整改措施：订计划", Label.MEASURE, "订计划"),
        ("【整改措施】订计划", Label.MEASURE, "订计划"),
        ("整改措施及成效：", Label.MEASURE, ""),
        ("整改落实情况:订计划", Label.PROGRESS, "订计划"),
        ("整改成效：好", Label.RESULT, "好"),
        ("整改：订计划", Label.PROGRESS, "订计划"),
        ("【整改】订计划", Label.PROGRESS, "订计划"),
        ("整改", None, "整改"),
        ("问题1:学习不深", Label.PROBLEM, "学习不深"),
        ("反馈问题二：学习不深", Label.PROBLEM, "学习不深"),
        ("问题三 学习不深", Label.PROBLEM, "学习不深"),
        ("责任单位：财务科", Label.OTHER, "财务科"),
        ("整改措施已全部落实到位", None, "整改措施已全部落实到位"),
        ("问题在基层，根子在机关。", None, "问题在基层，根子在机关。"),
    ],
)
def test_labels_stand_alone_or_before_a_colon(text: str, label: Label | None, rest: str) -> None:
    assert labelled(text) == (label, rest)


def test_a_line_is_cut_before_each_label() -> None:
    whole = "问题1：学习不深。整改措施：订计划，抓落实。整改成效：有进步。"
    assert list(pieces_of(whole)) == ["问题1：学习不深。", "整改措施：订计划，抓落实。", "整改成效：有进步。"]


@pytest.mark.parametrize(
    ("text", "chapter"),
    [
        ("巡察反馈问题整改落实情况", Chapter.PROBLEMS),
        ("关于县委巡察组反馈意见的整改情况", Chapter.PROBLEMS),
        ("巡视反馈重点问题整改落实情况", Chapter.PROBLEMS),
        ("具体整改情况", Chapter.PROBLEMS),
        ("下一步工作打算", Chapter.ENDING),
        ("巩固成果及下一步措施", Chapter.ENDING),
        ("提高政治站位，扛起整改责任", None),
        ("整改组织领导情况", None),
        ("抓好巡察反馈问题整改。订出计划。", None),
    ],
)
def test_chapters_are_told_by_their_words(text: str, chapter: Chapter | None) -> None:
    assert chapter_of(text) is chapter


def test_the_end_of_a_notice_is_known() -> None:
    assert all(
        map(ends, ["下一步，我们将继续努力。", "欢迎广大干部群众监督。", "如有意见，联系电话：123", "2023年7月4日"])
    )
    assert not any(map(ends, ["订出计划。", "2023年7月4日召开会议。", "长期坚持。"]))
    assert is_date_line("二〇二三年七月四日")
    assert may_sign("中共某市水务局党组")
    assert not may_sign("修订制度，报送市委")
