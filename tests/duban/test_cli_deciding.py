"""check, review, follow-up, look-back, reopen: what was decided, the dates that follow, and who is told."""

from pathlib import Path
from typing import Any

import pytest

from tests.duban.conftest import Duban
from tests.duban.stages import HEADINGS

pytestmark = pytest.mark.usefixtures("office")


def shown(duban: Duban, no: str) -> dict[str, Any]:
    (found,) = duban("show", no, "--json").json
    assert isinstance(found, dict)
    return found


def running(duban: Duban, no: str) -> list[tuple[str, str, str]]:
    """Stage, holder and due date of the clocks that run."""
    return [(c["stage"], c["holder"], c["due_on"]) for c in shown(duban, no)["clocks"] if c["stopped_on"] is None]


def told(duban: Duban, no: str) -> set[tuple[str, str]]:
    """What was told of the measure today: kind and party."""
    return {(one["kind"], one["party"]) for one in shown(duban, no)["news"] if one["on"] == "2023-04-12"}


# --- check


def test_a_check_is_passed(duban: Duban) -> None:
    answer = duban("check", "4", "--pass", "--reason", "属实", "--by", "qinmo")
    assert (answer.code, answer.out, answer.err) == (0, "措施4：待发起审核（第5版）\n", "")
    # Five working days after 12 April: 13, 14, 17, 18, 19.
    assert running(duban, "4") == [("open_review", "督办组", "2023-04-19")]
    event = shown(duban, "4")["events"][-1]
    assert (event["action"], event["person"], event["payload"]) == ("pass_check", "qinmo", {"reason": "属实"})
    assert told(duban, "4") == set()


def test_a_failed_check_sends_the_measure_back_with_what_is_missing(duban: Duban) -> None:
    missing = ("--missing", "清退凭证", "--missing", "会议纪要")
    answer = duban("check", "4", "--fail", "--reason", "佐证不全", *missing, "--by", "zhuhe")
    assert (answer.code, answer.err) == (0, "")
    # The old date, 28 April, is later than five working days after the 12th.
    assert answer.out.splitlines() == [
        "措施4：整改中（第5版）",
        "  新的整改时限：2023-04-28。",
        "  待发通知：财务科、林致远。",
    ]
    assert running(duban, "4") == [("complete", "财务科", "2023-04-28")]
    assert shown(duban, "4")["events"][-1]["payload"] == {
        "reason": "佐证不全",
        "missing": ["清退凭证", "会议纪要"],
        "due_on": "2023-04-28",
    }
    assert told(duban, "4") == {("returned", "D03"), ("returned", "L01")}
    assert "理由：佐证不全；缺少：清退凭证、会议纪要" in duban("show", "4").out.replace("\n", "")


@pytest.mark.parametrize("day", ["2023-04-28", "2023-05-10"])
def test_another_date_may_be_given_that_takes_no_time_away(duban: Duban, day: str) -> None:
    assert duban("check", "4", "--fail", "--reason", "不实", "--due-on", day, "--by", "zhuhe").code == 0
    assert running(duban, "4") == [("complete", "财务科", day)]


def test_late_in_time_the_unit_gets_five_working_days(duban: Duban) -> None:
    # Worked after 26 April: 27, 28 April, 4, 5, 6 May.
    back = ("--fail", "--reason", "不实", "--by", "zhuhe", "--on", "2023-04-26")
    assert duban("check", "4", *back).code == 0
    assert running(duban, "4") == [("complete", "财务科", "2023-05-06")]


# --- review


def test_a_review_is_opened_for_several_and_one_that_lacks_something_does_not_hold_the_others(duban: Duban) -> None:
    answer = duban("review", "open", "5", "6", "--by", "qinmo")
    assert answer.code == 1
    assert answer.out.splitlines() == ["措施6：销号审核中（第6版）", "  待发通知：沈守正。"]
    assert answer.lines == [
        "措施5（完善长效机制）还不能发起销号审核，缺少：制度（rule）、业务规范（norm）或专项整治（campaign）材料至少一份。",
        "请责任单位用 duban evidence 补充材料，再发起审核。",
    ]
    assert running(duban, "6") == [("review", "沈守正", "2023-04-19")]
    assert running(duban, "5") == [("open_review", "督办组", "2023-04-14")]


def test_reviews_are_opened_for_all_that_were_verified_each_on_its_own_merits(duban: Duban) -> None:
    answer = duban("review", "open", "--all", "--by", "qinmo")
    assert (answer.code, answer.done) == (0, ["措施6"])
    assert "制度（rule）、业务规范（norm）或专项整治（campaign）材料至少一份" in answer.err
    again = duban("review", "open", "--all", "--by", "qinmo")
    assert (again.code, again.done) == (1, [])


@pytest.mark.parametrize(
    ("written", "due_on"),
    # Three working days after 12 April: 13, 14, 17.
    [("3wd", "2023-04-17"), ("1m", "2023-05-12"), ("12m", "2024-04-12")],
)
def test_a_sustained_measure_may_have_an_interval_of_its_own(duban: Duban, written: str, due_on: str) -> None:
    paper = ("--basis", "材料.txt", "--reason", "反弹")
    assert duban("follow-up", "check", "17", "--fail", *paper, "--by", "zhuhe").code == 0
    assert duban("self-check", "17", "--statement", "再次整改", "--by", "fengzhu").code == 0
    assert duban("check", "17", "--pass", "--by", "zhuhe").code == 0
    opened = duban("review", "open", "17", "--follow-up", written, "--by", "zhuhe")
    assert opened.code == 0
    assert "  回头看间隔：" in opened.out
    answer = duban("review", "decide", "17", "--approve", "--by", "yanglicheng")
    assert f"  下次回头看时限：{due_on}。" in answer.out.splitlines()
    assert running(duban, "17") == [("follow_up", "机关党委", due_on)]


def test_a_closure_is_approved(duban: Duban) -> None:
    answer = duban("review", "decide", "7", "--approve", "--by", "shenshouzheng")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == ["措施7：已销号（第7版）", "  待发通知：安全管理科、督办组、综合组。"]
    assert running(duban, "7") == []
    assert told(duban, "7") == {("closed", "D05"), ("closed", "G02"), ("closed", "G01")}


def test_a_closure_is_rejected_on_paper_and_somebody_types_it_in(duban: Duban) -> None:
    paper = ("--recorded-by", "zhaolan", "--basis", "材料.txt")
    given = ("--reject", "--reason", "账目不实", "--missing", "凭证", "--due-on", "2023-05-12")
    answer = duban("review", "decide", "7", *given, *paper, "--by", "shenshouzheng")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施7：整改中（第7版）",
        "  新的整改时限：2023-05-12。",
        "  待发通知：安全管理科、督办组。",
    ]
    event = shown(duban, "7")["events"][-1]
    assert (event["action"], event["person"], event["party"]) == ("reject", "shenshouzheng", "L02")
    assert event["payload"]["recorded_by"] == "zhaolan"
    assert event["payload"]["basis"]["name"] == "材料.txt"
    assert "代录：zhaolan" in duban("show", "7").out
    assert duban("verify").code == 0


def test_a_major_closure_needs_lead_and_head_in_any_order(duban: Duban) -> None:
    first = duban("review", "decide", "10", "--approve", "--by", "heyan")
    assert (first.code, first.out) == (0, "措施10：销号审核中（第7版）\n"), "nobody is told before both have signed"
    assert running(duban, "10") == [("review", "林致远", "2023-04-17")]
    again = duban("review", "decide", "10", "--approve", "--by", "heyan")
    assert (again.code, again.lines) == (
        1,
        ["措施10：您所代表的一方已同意销号，不能再办理“同意销号”；现待牵头领导审核。"],
    )
    second = duban("review", "decide", "10", "--approve", "--by", "linzhiyuan")
    assert second.out.splitlines() == ["措施10：已销号（第8版）", "  待发通知：人事科、督办组、综合组、组长。"]
    assert [c["outcome"] for c in shown(duban, "10")["clocks"] if c["stage"] == "review"] == ["met", "met"]


def test_one_of_the_two_is_enough_to_reject(duban: Duban) -> None:
    assert duban("review", "decide", "10", "--approve", "--by", "heyan").code == 0
    assert duban("review", "decide", "10", "--reject", "--reason", "不实", "--by", "linzhiyuan").code == 0
    assert running(duban, "10") == [("complete", "人事科", "2023-04-28")]


# --- follow-up


def test_a_follow_up_is_reported_and_checked_and_the_next_one_opens(duban: Duban) -> None:
    answer = duban("follow-up", "report", "9", "--statement", "仍保持", "--evidence", "材料.txt", "--by", "fengzhu")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == ["措施9：回头看中（第8版）", "  待发通知：督办组。"]
    assert running(duban, "9") == [("check", "督办组", "2023-04-19")]
    done = duban("follow-up", "check", "9", "--pass", "--by", "zhuhe")
    assert done.out.splitlines() == [
        "措施9：回头看中（第9版）",
        "  下次回头看时限：2023-10-12。",
        "  待发通知：机关党委、杨立诚。",
    ]
    assert running(duban, "9") == [("follow_up", "机关党委", "2023-10-12")]


def test_what_is_found_wanting_begins_another_cycle(duban: Duban) -> None:
    given = ("--fail", "--reason", "又有反弹", "--basis", "材料.txt", "--missing", "谈心记录")
    answer = duban("follow-up", "check", "17", *given, "--by", "zhuhe")
    assert (answer.code, answer.err) == (0, "")
    # The measure's own date, the round's end on 25 June, is later than five working days from now.
    assert answer.out.splitlines() == [
        "措施17：整改中（第9版）",
        "  新的整改时限：2023-06-25。",
        "  待发通知：机关党委、杨立诚、综合组、组长。",
    ]
    assert running(duban, "17") == [("complete", "机关党委", "2023-06-25")]
    assert {one["cycle"] for one in shown(duban, "17")["evidence"]} == {1}
    assert duban("evidence", "17", "--evidence", "台账.csv", "--by", "fengzhu").code == 0
    assert [one["cycle"] for one in shown(duban, "17")["evidence"]] == [1, 2]


# --- look-back


def test_a_closed_measure_is_looked_back_on_and_closed_again(duban: Duban) -> None:
    answer = duban("look-back", "8", "--due-on", "2023-05-31", "--by", "zhaolan")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施8：回头看中（第8版）",
        "  回头看时限：2023-05-31。",
        "  待发通知：项目建设科、韩清和。",
    ]
    assert running(duban, "8") == [("follow_up", "项目建设科", "2023-05-31")]
    assert duban("follow-up", "report", "8", "--statement", "仍保持", "--by", "zhengyue").code == 0
    assert duban("follow-up", "check", "8", "--pass", "--by", "qinmo").out.startswith("措施8：已销号（第10版）")
    assert running(duban, "8") == []


def test_without_a_date_it_is_the_interval(duban: Duban) -> None:
    assert duban("look-back", "8", "--by", "zhuhe").code == 0
    assert running(duban, "8") == [("follow_up", "项目建设科", "2023-10-12")]


def test_a_round_that_was_settled_before_is_imported_closed_and_looked_back_on(duban: Duban, place: Path) -> None:
    rows = [
        "1,学习,旧措施一,林致远,办公室,,2022年6月30日前,限时办结,否",
        "2,学习,旧措施二,韩清和,直属学校,,长期坚持,长期坚持,否",
    ]
    (place / "旧台账.csv").write_text("\n".join([HEADINGS, *rows]), encoding="utf-8")
    answer = duban("import", "旧台账.csv", "--round", "2022", "--feedback-on", "2022-03-25", "--closed")
    assert (answer.code, answer.out.splitlines()[-1]) == (
        0,
        "已导入轮次 2022：1个问题、2条措施，均作为已销号，可用 duban look-back 开展回头看。",
    )
    old = duban("measures", "--round", "2022", "--json").json
    assert [(row["measure"], row["state"], row["stage"]) for row in old] == [
        ("1", "closed", None),
        ("2", "closed", None),
    ]
    assert duban("show", "1").code == 2, "two rounds use the number"
    answer = duban("look-back", "--round", "2022", "--due-on", "2023-05-31", "--by", "zhaolan")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[:5] == [
        "措施2022/1：回头看中（第2版）",
        "  回头看时限：2023-05-31。",
        "  待发通知：办公室、林致远。",
        "措施2022/2：回头看中（第2版）",
        "  回头看时限：2023-05-31。",
    ]
    assert answer.out.splitlines()[-1] == "  没有通知地址，请另行告知：直属学校。"
    assert duban("follow-up", "report", "2022/1", "--statement", "仍保持", "--by", "qianyiming").code == 0
    assert duban("follow-up", "check", "2022/1", "--pass", "--by", "zhuhe").code == 0
    assert shown(duban, "2022/1")["state"] == "closed"
    assert shown(duban, "2023/1")["state"] == "in_progress"


def test_a_round_of_which_nothing_is_closed_has_nothing_to_look_back_on(duban: Duban) -> None:
    assert duban("look-back", "8", "--by", "zhuhe").code == 0
    answer = duban("look-back", "--round", "2023", "--by", "zhuhe")
    assert (answer.code, answer.out, answer.lines[0]) == (1, "", "没有待办理的措施。")


# --- reopen


@pytest.mark.parametrize("person", ["zhuhe", "heyan"])
def test_what_was_closed_is_reopened_with_a_basis(duban: Duban, person: str) -> None:
    before = shown(duban, "8")["clocks"]
    answer = duban("reopen", "8", "--reason", "群众反映反弹", "--basis", "材料.txt", "--by", person)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[:2] == ["措施8：整改中（第8版）", "  新的整改时限：2023-04-28。"]
    assert shown(duban, "8")["clocks"][: len(before)] == before, "the old cycle's dates never change"
    assert running(duban, "8") == [("complete", "项目建设科", "2023-04-28")]
    hearers = {"D06", "L03", "G01", "H01", "G02"} - {"G02" if person == "zhuhe" else "H01"}
    assert told(duban, "8") == {("reopened", party) for party in hearers}


def test_a_measure_that_is_followed_up_may_be_reopened_at_any_time(duban: Duban) -> None:
    given = ("--reason", "检查发现反弹", "--basis", "材料.txt", "--due-on", "2023-07-31")
    assert duban("reopen", "9", *given, "--by", "zhuhe").code == 0
    assert running(duban, "9") == [("complete", "机关党委", "2023-07-31")]
    assert [c["outcome"] for c in shown(duban, "9")["clocks"] if c["stage"] == "follow_up"] == ["void"]
