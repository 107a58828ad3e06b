"""The problems and measures of notices in the forms that are met with, and what of them is shown to a person."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ledger.notice.lines import rejoined
from models.ledger.notice.outline import Outline, outline_of
from models.ledger.notice.paragraphs import paragraphs_of


def outline(*lines: str) -> Outline:
    return outline_of(paragraphs_of("\n".join(lines)))


def found(*lines: str) -> list[tuple[str, list[str]]]:
    return [(problem.text, [measure.text for measure in problem.measures]) for problem in outline(*lines).problems]


def told(*lines: str) -> list[tuple[int | None, str]]:
    """What is told of the lines between opening and closing: line and beginning of the text."""
    problems = outline(*lines).told
    return [(problem.row, problem.text.split("，")[0]) for problem in problems if "当作通报的" not in problem.text]


TITLE = "关于“学习不深”问题的整改情况"
NEXT = "关于“检查不多”问题的整改情况"


# --- Numbers, and paragraphs without one


def test_a_first_measure_without_a_number_is_the_one_missing_before_the_second() -> None:
    lines = (TITLE, "召开会议。订计划。", "（二）办培训。", "（三）考一次。")
    assert found(*lines) == [("学习不深", ["召开会议。订计划。", "办培训。", "考一次。"])]
    assert told(*lines) == [(2, "没有编号")]


def test_a_measure_without_a_number_fills_a_gap_of_one() -> None:
    lines = (TITLE, "(一)订计划。", "办培训。", "(三)考一次。")
    assert found(*lines) == [("学习不深", ["订计划。", "办培训。", "考一次。"])]
    assert told(*lines) == [(3, "没有编号")]


def test_a_lone_paragraph_is_a_measure() -> None:
    assert found(TITLE, "逐条核对。补齐短板。") == [("学习不深", ["逐条核对。补齐短板。"])]


def test_a_paragraph_between_numbers_that_follow_each_other_goes_on_and_is_told() -> None:
    lines = (TITLE, "（一）订计划。", "每月一学。", "（二）办培训。", "已办三期。")
    assert found(*lines) == [("学习不深", ["订计划。\n每月一学。", "办培训。\n已办三期。"])]
    assert [row for row, _ in told(*lines)] == [3, 5]


def test_a_heading_and_its_text_are_one_measure() -> None:
    lines = (TITLE, "（一）强化学习", "每月一学。", "（二）强化测试", "每季一考。")
    assert found(*lines) == [("学习不深", ["强化学习\n每月一学。", "强化测试\n每季一考。"])]
    assert told(*lines) == []


def test_an_introduction_before_the_first_number_is_left_out_and_told() -> None:
    lines = (TITLE, "主要做了两件事：", "（一）订计划。", "（二）办培训。")
    assert found(*lines) == [("学习不深", ["订计划。", "办培训。"])]
    assert told(*lines) == [(2, "在编号的措施之前")]


def test_two_paragraphs_before_the_second_number_stay_together() -> None:
    lines = (TITLE, "召开会议。", "订计划。", "（二）办培训。")
    assert found(*lines) == [("学习不深", ["召开会议。\n订计划。", "办培训。"])]
    assert [row for row, _ in told(*lines)] == [2, 3]


@pytest.mark.parametrize(
    ("numbers", "row", "text"),
    [
        ("一三", 3, "前一条是第1条"),
        ("一一", 3, "编号与上一条相同"),
        ("一二一二", 4, "编号又从前面的数开始"),
        ("二三", 2, "编号不是从第1条开始"),
    ],
)
def test_numbers_out_of_order_are_told_and_every_measure_kept(numbers: str, row: int, text: str) -> None:
    lines = [TITLE, *(f"（{number}）订计划{place}。" for place, number in enumerate(numbers))]
    assert [len(texts) for _, texts in found(*lines)] == [len(numbers)]
    assert told(*lines) == [(row, text)]


def test_measures_may_be_numbered_on_through_the_problems() -> None:
    lines = (TITLE, "1.订计划。", "2.办培训。", NEXT, "3.查一次。", "4.查两次。")
    assert found(*lines) == [("学习不深", ["订计划。", "办培训。"]), ("检查不多", ["查一次。", "查两次。"])]
    assert told(*lines) == []


def test_a_notice_whose_numbers_were_lost_gives_a_measure_a_paragraph() -> None:
    lines = (TITLE, "订计划。每月学。", "办培训。请专家。", "同时，考一次。", NEXT, "查一次。")
    assert found(*lines) == [
        ("学习不深", ["订计划。每月学。", "办培训。请专家。\n同时，考一次。"]),
        ("检查不多", ["查一次。"]),
    ]
    assert [row for row, _ in told(*lines)] == [2, 3, 4, 6]


def test_a_problem_without_a_measure_is_told() -> None:
    lines = (TITLE, NEXT, "（一）查一次。")
    assert found(*lines) == [("检查不多", ["查一次。"])]
    assert told(*lines) == [(1, "这个问题下面没有整改措施")]


def test_a_number_without_words_is_told() -> None:
    lines = (TITLE, "（一）订计划。", "（二）")
    assert found(*lines) == [("学习不深", ["订计划。"])]
    assert told(*lines) == [(3, "只有编号")]


def test_one_paragraph_of_firstly_and_secondly_is_several_measures() -> None:
    lines = (TITLE, "已完成整改。一是订计划，抓学习；二是办培训。三是考一次。")
    assert found(*lines) == [("学习不深", ["订计划，抓学习；", "办培训。", "考一次。"])]
    assert [row for row, _ in told(*lines)] == [2]


def test_firstly_within_a_numbered_measure_stays_in_it() -> None:
    lines = (TITLE, "（一）抓学习。一是订计划。二是办培训。", "（二）考一次。")
    assert found(*lines) == [("学习不深", ["抓学习。一是订计划。二是办培训。", "考一次。"])]


def test_numbered_parts_of_a_measure_belong_to_it() -> None:
    (problem,) = outline(TITLE, "（一）强化学习", "1.订计划。", "2.办培训。", "①请专家。", "（二）考一次。").problems
    assert [(measure.line, measure.text, measure.part_of) for measure in problem.measures] == [
        (3, "订计划。", "强化学习"),
        (4, "办培训。\n①请专家。", "强化学习"),
        (6, "考一次。", ""),
    ]


# --- Other forms of titles


THREE_LEVELS = """某局党组关于巡察整改进展情况的通报
县委巡察组开展了巡察，反馈了意见。现将整改进展情况公布如下。
一、整改组织情况
（一）提高站位。召开会议。
二、巡察反馈问题整改落实情况
（一）在“学用结合不够”方面
1.关于“学习不深”问题的整改
（1）订计划。
（2）办培训。
2.针对“调研不够”问题，下到村里，摸清底数。
（二）作风建设
3.检查不多
整改情况：一是查一次。二是查两次。
4.关于会议过多的问题。已压减三成。
三、下一步工作打算
（一）持续用力。久久为功。
某局党组
2024年9月1日""".splitlines()


def test_three_levels_give_the_innermost_problem() -> None:
    assert found(*THREE_LEVELS) == [
        ("学习不深", ["订计划。", "办培训。"]),
        ("调研不够", ["下到村里，摸清底数。"]),
        ("检查不多", ["查一次。", "查两次。"]),
        ("会议过多", ["已压减三成。"]),
    ]


def test_only_what_its_place_makes_a_title_is_told_in_three_levels() -> None:
    assert told(*THREE_LEVELS) == [(12, "标题没有写明是问题"), (13, "一段中写有一是、二是等2项")]
    opening, closing = outline(*THREE_LEVELS).opening, outline(*THREE_LEVELS).closing
    assert [opening[0].line, opening[-1].line, closing[0].line, closing[-1].line] == [1, 5, 15, 18]


def test_labels_say_what_is_problem_and_what_is_measure() -> None:
    lines = (
        "审计整改情况公告",
        "问题1：预算不细。整改措施：修订办法。整改成效：已细化。",
        "反馈问题：",
        "账实不符",
        "整改措施：",
        "1.盘点一次。",
        "2.调整账目。",
        "责任单位：财务科",
    )
    assert found(*lines) == [("预算不细", ["修订办法。"]), ("账实不符", ["盘点一次。", "调整账目。"])]
    assert told(*lines) == [(2, "不是整改措施"), (8, "不是整改措施")]


def test_labels_may_be_numbered_as_chapters() -> None:
    lines = ("公示。请看。", "一、整改任务", "截污不彻底。", "二、整改目标", "达标。", "三、整改措施", "（一）建管网。",
             "（二）封排口。", "四、整改完成情况", "已完成。", "五、公示期", "七天。")  # fmt: skip
    assert found(*lines) == [("截污不彻底", ["建管网。", "封排口。"])]
    assert told(*lines) == [(5, "不是整改措施"), (10, "不是整改措施")]


def test_titles_without_any_form_are_told_by_what_follows_them() -> None:
    lines = ("部署了整改。压实了责任。", "二、具体整改情况", "（一）扬尘管控不到位。", "建立巡查机制。",
             "（二）数据不准。校准设备。", "三、下一步措施", "继续。")  # fmt: skip
    assert found(*lines) == [("扬尘管控不到位", ["建立巡查机制。"]), ("数据不准", ["校准设备。"])]
    assert told(*lines) == [(3, "标题没有写明是问题"), (4, "没有编号"), (5, "标题没有写明是问题")]


def test_the_next_number_of_a_problem_is_a_problem_though_no_form_tells_it() -> None:
    lines = (
        "一、关于“学习不深”问题",
        "（一）订计划。",
        "二、检查不多",
        "（一）查一次。",
        "四、关于“会议过多”问题",
        "（一）压减。",
    )
    assert [problem for problem, _ in found(*lines)] == ["学习不深", "检查不多", "会议过多"]
    assert told(*lines) == [(3, "标题没有写明是问题"), (5, "问题的编号不连续")]


def test_a_problem_told_in_sentences_is_known_by_the_label_after_it() -> None:
    lines = (
        *("部署了整改。压实了责任。", "二、整改落实情况", "（一）党的建设方面"),
        *("1.未组织学习。流于形式。", "整改情况：订计划。", "2.会议过多。文件过长。", "整改情况：压减会议。"),
        *("（二）作风建设方面", "检查不多。走过场。", "整改措施：查三次。", "整改成效：有变化。"),
        *("车辆管理不严。", "整改措施：追缴费用。"),
    )
    assert found(*lines) == [
        ("未组织学习。流于形式", ["订计划。"]),
        ("会议过多。文件过长", ["压减会议。"]),
        ("检查不多。走过场", ["查三次。"]),
        ("车辆管理不严", ["追缴费用。"]),
    ]
    by_place = "标题没有写明是问题"
    assert told(*lines) == [(4, by_place), (6, by_place), (9, by_place), (11, "不是整改措施"), (12, by_place)]


def test_what_came_of_measures_does_not_take_their_place() -> None:
    lines = (TITLE, "（一）订计划。抓落实。", "（二）办培训。", "整改成效：有进步。")
    assert found(*lines) == [("学习不深", ["订计划。抓落实。", "办培训。"])]
    assert told(*lines) == [(4, "不是整改措施")]


def test_measures_of_a_problem_that_is_not_said_are_told() -> None:
    lines = ("反馈问题：", "整改措施：", "订计划。", NEXT, "（一）查一次。")
    assert found(*lines) == [("检查不多", ["查一次。"])]
    assert told(*lines) == [(1, "没有写问题的内容"), (3, "所属的问题没有写明")]


def test_against_a_problem_begins_a_measure_below_a_problem() -> None:
    lines = (TITLE, "（一）订计划。", "（二）针对“走过场”问题，考一次。")
    assert found(*lines) == [("学习不深", ["订计划。", "针对“走过场”问题，考一次。"])]
    assert told(*lines) == [(3, "以问题开头的一句")]


def test_a_word_on_what_is_next_is_no_measure_wherever_it_stands() -> None:
    lines = (
        TITLE,
        "（一）订计划。",
        "下一步，继续学。",
        NEXT,
        "（一）查一次。",
        "下一步，继续查。",
        "（一）查深。",
        "（二）查透。",
    )
    assert found(*lines) == [("学习不深", ["订计划。"]), ("检查不多", ["查一次。"])]
    assert told(*lines) == [(3, "是下一步打算、联系方式一类")]
    assert [paragraph.line for paragraph in outline(*lines).closing] == [6, 7, 8]


def test_a_promise_and_a_signature_after_the_last_measure_are_the_end() -> None:
    lines = (
        TITLE,
        "（一）订计划。",
        "（二）办培训。",
        "我局将以此次整改为契机，再接再厉。",
        "某县水务局",
        "2024年9月1日",
    )
    assert found(*lines) == [("学习不深", ["订计划。", "办培训。"])]
    assert [paragraph.line for paragraph in outline(*lines).closing] == [4, 5, 6]


def test_a_measure_in_words_of_a_chapter_is_a_measure() -> None:
    lines = (TITLE, "（一）抓好巡察反馈问题整改落实", "（二）办培训。")
    assert found(*lines) == [("学习不深", ["抓好巡察反馈问题整改落实", "办培训。"])]


@pytest.mark.parametrize("lines", [("通知", "今天开会。"), ("（一）请到会。", "（二）请准时。"), ()])
def test_what_is_no_notice_has_no_problems(lines: tuple[str, ...]) -> None:
    assert found(*lines) == []


# --- Lists below a label, under titles that no form tells


BY_PLACE, NO_MEASURE = "标题没有写明是问题", "不是整改措施"


@pytest.mark.parametrize(
    ("of_titles", "of_measures"),
    [("一、 二、", "1. 2."), ("一、 二、", "（1） （2）"), ("1. 2.", "（1） （2）"), ("（一） （二）", "① ②")],
)
@pytest.mark.parametrize("after", ["整改成效：已学三次。", "整改情况：已学三次。", "整改时限：年底前"])
@pytest.mark.parametrize("word", ["的问题", ""])
def test_the_last_number_of_a_list_of_measures_is_no_title(
    of_titles: str, of_measures: str, after: str, word: str
) -> None:
    (first, second), (one, two) = of_titles.split(), of_measures.split()
    lines = (
        *(f"{first}学习不深{word}", "整改措施：", f"{one}订计划。", f"{two}办培训。", after),
        *(f"{second}检查不多{word}", "整改措施：", f"{one}查一次。", f"{two}查两次。", after),
    )
    assert found(*lines) == [
        (f"学习不深{word}", ["订计划。", "办培训。"]),
        (f"检查不多{word}", ["查一次。", "查两次。"]),
    ]
    assert told(*lines) == [(1, BY_PLACE), (5, NO_MEASURE), (6, BY_PLACE), (10, NO_MEASURE)]


def test_where_a_number_may_be_a_measures_or_a_titles_this_is_told() -> None:
    lines = ("1.学习不深的问题", "整改措施：", "1.订计划。", "2.办培训。", "整改成效：已学三次。")
    assert found(*lines) == [("学习不深的问题", ["订计划。", "办培训。"])]
    assert told(*lines) == [(1, BY_PLACE), (4, "编号既接上一条措施"), (5, NO_MEASURE)]


@pytest.mark.parametrize(
    "second", [("2.检查不多", "整改措施：", "1.查一次。"), ("2.检查不多的问题", "整改成效：查一次。")]
)
def test_a_number_of_both_is_a_titles_where_the_label_or_the_word_says_so(second: tuple[str, ...]) -> None:
    lines = ("1.学习不深的问题", "整改措施：", "1.订计划。", *second)
    assert [measures for _, measures in found(*lines)] == [["订计划。"], ["查一次。"]]
    assert told(*lines) == [(1, BY_PLACE), (4, BY_PLACE)]


def test_a_measure_in_a_list_may_have_parts() -> None:
    lines = (
        "一、学习不深",
        "整改措施：",
        "1.强化学习",
        "（1）订计划。",
        "2.强化测试",
        "（1）考一次。",
        "整改时限：年底",
    )
    (problem,) = outline(*lines).problems
    assert [(measure.text, measure.part_of) for measure in problem.measures] == [
        ("订计划。", "强化学习"),
        ("考一次。", "强化测试"),
    ]


@pytest.mark.parametrize("lines", [("1.订计划。", "2.办培训。", "3.考一次。"), ("1.订计划。2.办培训。", "3.考一次。")])
def test_a_list_may_begin_on_the_line_of_its_label(lines: tuple[str, ...]) -> None:
    first, *more = lines
    whole = ("一、学习不深的问题", f"整改措施：{first}", *more, "整改时限：年底")
    assert found(*whole) == [("学习不深的问题", ["订计划。", "办培训。", "考一次。"])]


def test_a_list_goes_on_after_who_answers_for_one_of_its_measures() -> None:
    lines = (
        *("1.学习不深的问题", "整改措施：", "（1）订计划。", "责任科室：办公室", "（2）办培训。", "责任科室：人事科"),
        *("2.检查不多的问题", "整改措施：", "（1）查一次。", "责任科室：办公室"),
    )
    assert found(*lines) == [("学习不深的问题", ["订计划。", "办培训。"]), ("检查不多的问题", ["查一次。"])]
    assert [row for row, text in told(*lines) if text == NO_MEASURE] == [4, 6, 10]


def test_a_measure_of_a_list_in_words_of_a_chapter_is_a_measure() -> None:
    lines = ("一、学习不深的问题", "整改措施：", "（一）订计划。", "（二）抓好巡察反馈问题整改落实", "（三）考一次。")
    assert found(*lines) == [("学习不深的问题", ["订计划。", "抓好巡察反馈问题整改落实", "考一次。"])]


def test_a_list_without_a_label_goes_on_to_its_last_number_which_is_told() -> None:
    lines = ("一、学习不深的问题", "1.订计划。", "2.办培训。", "整改成效：已学三次。")
    assert found(*lines) == [("学习不深的问题", ["订计划。", "办培训。"])]
    assert told(*lines) == [(1, BY_PLACE), (3, "编号接上一条"), (4, NO_MEASURE)]


def test_against_a_problem_goes_on_in_a_list_of_measures_and_is_told() -> None:
    lines = ("一、学习不深的问题", "整改措施：", "1.订计划。", "2.针对“走过场”问题，考一次。", "整改时限：年底")
    assert found(*lines) == [("学习不深的问题", ["订计划。", "针对“走过场”问题，考一次。"])]
    assert told(*lines) == [(1, BY_PLACE), (4, "以问题开头的一句"), (5, NO_MEASURE)]


# --- Several points in one paragraph


@pytest.mark.parametrize(
    "numbers", ["一是 二是", "1. 2.", "1、 2、", "（1） （2）", "（一） （二）", "① ②", "第一， 第二，"]
)
@pytest.mark.parametrize("label", ["整改措施：", "整改：", ""])
def test_numbers_within_one_paragraph_are_that_many_measures(numbers: str, label: str) -> None:
    one, two = numbers.split()
    lines = (TITLE, f"{label}{one}订计划；{two}办培训。")
    assert found(*lines) == [("学习不深", ["订计划；", "办培训。"])]
    (problem,) = outline(*lines).told
    assert (problem.row, problem.text.split("，各")[0]) == (2, f"一段中写有{one}、{two}等2项")


@pytest.mark.parametrize("text", ["清退1.2万元；2.5万元待核。", "修缮1、2号楼，3号楼待建。", "订计划：1.学；3.考。"])
def test_digits_that_do_not_count_on_cut_no_measure(text: str) -> None:
    assert found(TITLE, f"整改措施：{text}") == [("学习不深", [text])]


def test_a_lone_number_before_a_measure_or_a_problem_is_left_out() -> None:
    lines = ("（一）作风方面", "存在问题：一是学习不深。", "整改情况：一是订计划。")
    assert found(*lines) == [("学习不深", ["订计划。"])]


@pytest.mark.parametrize("problem", [("一是学习不深。二是检查不多。",), ("", "一是学习不深。", "二是检查不多。")])
def test_a_problem_of_several_points_stays_one_and_is_told(problem: tuple[str, ...]) -> None:
    first, *more = problem
    lines = ("（一）作风方面", f"存在问题：{first}", *more, "整改情况：一是订计划。二是查一次。")
    assert found(*lines) == [("一是学习不深。二是检查不多", ["订计划。", "查一次。"])]
    assert told(*lines) == [(2, "问题中写有一是、二是等2项"), (3 + len(more), "一段中写有一是、二是等2项")]


def test_rectification_before_a_colon_is_a_label() -> None:
    lines = ("1、问题：学习不深。", "整改：订计划。", "2、问题：检查不多。整改：查一次。")
    assert found(*lines) == [("学习不深", ["订计划。"]), ("检查不多", ["查一次。"])]
    assert told(*lines) == []


# --- 第一， 第二，


def test_problems_may_be_counted_as_first_and_second() -> None:
    lines = (
        *("一、作风方面", "第一，关于“学习不深”的问题。已订计划。", "第二，针对“检查不多”的问题，查一次。"),
        *("第三，关于会议过多的问题。", "（1）压减。", "（2）合并。", "第四，车辆管理不严。已追缴。"),
        *("二、财务方面", "第一，关于“账实不符”的问题。", "盘点一次。"),
    )
    assert found(*lines) == [
        ("学习不深", ["已订计划。"]),
        ("检查不多", ["查一次。"]),
        ("会议过多", ["压减。", "合并。"]),
        ("车辆管理不严", ["已追缴。"]),
        ("账实不符", ["盘点一次。"]),
    ]


def test_measures_may_be_counted_as_first_and_second() -> None:
    lines = (TITLE, "第一，强化学习", "（1）订计划。", "（2）办培训。", "第二，考一次。", "第四，评一次。")
    (problem,) = outline(*lines).problems
    assert [(measure.text, measure.part_of) for measure in problem.measures] == [
        ("订计划。", "强化学习"),
        ("办培训。", "强化学习"),
        ("考一次。", ""),
        ("评一次。", ""),
    ]
    assert told(*lines) == [(6, "前一条是第2条")]


# --- Problems that are not settled


OPEN = "只写有下一步打算"


@pytest.mark.parametrize("chapter", ["需要长期整改事项", "尚未完成整改的问题", "正在推进的整改任务"])
@pytest.mark.parametrize("before", ["一、整改落实情况", "一、已完成整改事项"])
def test_a_chapter_of_open_problems_is_one_of_problems(chapter: str, before: str) -> None:
    lines = (
        *(before, "1．关于“学习不深”的问题。", "整改情况：订计划。", f"二、{chapter}"),
        *("1．人员老化的问题。", "下一步：加大招录。", "2．设备陈旧。", "下一步，局里将分批更新。"),
        *("三、下一步工作打算", "继续。", "联系电话：123"),
    )
    assert found(*lines) == [
        ("学习不深", ["订计划。"]),
        ("人员老化的问题", ["加大招录。"]),
        ("设备陈旧", ["下一步，局里将分批更新。"]),
    ]
    assert told(*lines) == [(5, BY_PLACE), (6, OPEN), (7, BY_PLACE), (8, OPEN)]
    assert outline(*lines).closing[0].line == 9


def test_problems_may_stand_under_how_far_they_are() -> None:
    lines = (
        *("一、已完成整改的问题", "（一）学习不深", "整改措施：订计划。", "二、长期坚持整改的问题"),
        *("（一）作风不实", "下一步，局里将持续改进。", "某县水务局", "2024年9月1日"),
    )
    assert found(*lines) == [("学习不深", ["订计划。"]), ("作风不实", ["下一步，局里将持续改进。"])]
    assert told(*lines) == [(2, BY_PLACE), (5, BY_PLACE), (6, OPEN)]


def test_what_is_next_is_the_measure_of_a_problem_that_has_no_other() -> None:
    lines = (TITLE, "下一步，订出计划。", NEXT, "（一）查一次。", "下一步，继续查。", "联系电话：123")
    assert found(*lines) == [("学习不深", ["下一步，订出计划。"]), ("检查不多", ["查一次。"])]
    assert told(*lines) == [(2, OPEN)]
    assert [paragraph.line for paragraph in outline(*lines).closing] == [5, 6]


def test_a_problem_in_words_of_a_chapter_stays_a_problem() -> None:
    lines = (
        "一、关于“学习不深”的问题",
        "（一）订计划。",
        "二、上轮未完成整改的问题",
        "（一）查一次。",
        "（二）查两次。",
    )
    assert [problem for problem, _ in found(*lines)] == ["学习不深", "上轮未完成整改的问题"]


# --- Lines broken at a page's width


def broken(lines: Sequence[str], width: int) -> str:
    return "\n".join(line[start : start + width] for line in lines for start in range(0, len(line), width))


LONG = "组织全体干部逐章逐节学习有关文件和制度并结合本职工作写出心得体会再由科室负责人逐份点评"


def test_lines_broken_at_a_pages_width_are_put_together_and_told() -> None:
    whole = ["关于“" + LONG + "不深”问题的整改情况", *(f"（{n}）{LONG * 3}{n}。" for n in "一二三四五")]
    paragraphs, told = rejoined(paragraphs_of(broken(whole, 30)))
    assert [paragraph.text for paragraph in paragraphs] == whole
    assert [problem.row for problem in told] == [1]


def test_paragraphs_of_any_length_are_left_as_they_are() -> None:
    whole = [TITLE, *(f"（{n}）{LONG}。" for n in "一二三四五六七八九"), "短。"]
    assert [paragraph.text for paragraph in rejoined(paragraphs_of("\n".join(whole)))[0]] == whole


# --- Properties


@st.composite
def structures(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """A notice as lines, and the problems and measures that it was written from."""
    title = draw(st.sampled_from(["关于“{}”问题的整改情况", "关于{}的问题", "{}问题的整改情况", "问题：{}"]))
    number = draw(st.sampled_from(["（{}）", "({})", "{}、"]))
    numerals = "一二三四五六七八九"
    lines, expected = ["现将情况公布如下。"], []
    for place in range(draw(st.integers(1, 5))):
        texts = [f"措施{place}之{n}。已做。" for n in range(draw(st.integers(1, 6)))]
        first = 1 if draw(st.booleans()) else 0
        marks = ["" if n < first else number.format(numerals[n]) for n in range(len(texts))]
        lines += [title.format(f"问题{numerals[place]}不足"), *map("".join, zip(marks, texts, strict=True))]
        expected.append((f"问题{numerals[place]}不足", texts))
    return [*lines, "下一步，继续。", "某局", "2024年1月1日"], expected


@given(structures())
def test_a_notice_gives_back_what_it_was_written_from(notice: tuple[list[str], list[tuple[str, list[str]]]]) -> None:
    lines, expected = notice
    assert found(*lines) == expected


TITLES = (
    *("二、需要长期整改事项", "第一，关于“寅卯”的问题。", "下一步：辰巳"),
    *("关于“甲乙”问题的整改情况", "（一）关于“丙丁”问题", "（二）在“戊己”方面", "1.关于庚辛的问题", "2.壬癸不严"),
    *("（一）作风建设", "二、巡察反馈问题整改情况", "三、下一步打算", ""),
    *("整改措施：", "整改情况：", "整改成效：", "反馈问题：", "问题1："),
)
PREFIXES = (
    *("", "", "（一）", "（二）", "（三）", "1.", "2.", "（1）", "一、", "①", "一是", "第一，", "第二，"),
    *("整改措施：", "整改：1.", "下一步：", "下一步，", "针对“子丑”问题，", "同时，"),
)
LINES = st.one_of(st.sampled_from(TITLES), st.sampled_from(PREFIXES).map(lambda prefix: f"{prefix}#"))


@given(st.lists(LINES, max_size=14))
def test_whatever_the_lines_nothing_is_left_out_without_being_told(kinds: list[str]) -> None:
    numbers = count(1)
    lines = [kind.replace("#", f"办理事项{next(numbers)}。好。") for kind in kinds]
    result = outline(*lines)
    texts = [problem.text for problem in result.problems] + [problem.value for problem in result.told]
    texts += [
        text for problem in result.problems for measure in problem.measures for text in (measure.text, measure.part_of)
    ]
    shown = {problem.row for problem in result.told}
    aside = {paragraph.line for paragraph in (*result.opening, *result.closing)}
    for place, line in enumerate(lines, 1):
        if "办理" in line and place not in shown | aside:
            assert line[line.find("办理") : line.find("。")] in "\n".join(texts), (place, line)


@given(st.text(alphabet="关于“”问题的整改情况（一）二1.、。：措施方面，\n 长", max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    result = outline_of(rejoined(paragraphs_of(text))[0])
    assert all(problem.text and problem.measures for problem in result.problems)
    assert all(measure.text for problem in result.problems for measure in problem.measures)
