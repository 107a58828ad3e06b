"""take-up, outcome, hand-over, withdraw: referrals answered, measures given to others and taken back."""

from typing import Any

import pytest

from tests.duban.conftest import Duban

pytestmark = pytest.mark.usefixtures("office")


def shown(duban: Duban, no: str) -> dict[str, Any]:
    (found,) = duban("show", no, "--json").json
    assert isinstance(found, dict)
    return found


def told(duban: Duban, no: str) -> set[tuple[str, str]]:
    return {(one["kind"], one["party"]) for one in shown(duban, no)["news"] if one["on"] == "2023-04-12"}


# --- take-up, outcome


def test_a_referral_is_taken_up(duban: Duban) -> None:
    answer = duban("take-up", "12", "13", "--by", "xuming")
    assert (answer.code, answer.err) == (0, "")
    # Ten working days after 12 April: 13, 14, 17 to 21, 23, 24, 25.
    assert answer.out.splitlines() == [
        "措施12：整改中（第4版）",
        "  须在 2023-04-25 及以前登记处理结果。",
        "  待发通知：财务科、沈守正、督办组、组长。",
        "措施13：整改中（第4版）",
        "  须在 2023-04-25 及以前登记处理结果。",
        "  待发通知：项目建设科、韩清和、督办组、组长。",
    ]
    (clock,) = [c for c in shown(duban, "12")["clocks"] if c["stage"] == "refer"]
    assert (clock["holder"], clock["due_on"]) == ("责任追究组", "2023-04-25")
    assert "在计，问责已受理" in duban("show", "12").out


@pytest.mark.parametrize(
    ("written", "zh"),
    [("约谈", "约谈"), ("talk", "谈话"), ("sanction", "组织处理或处分"), ("免于问责", "免于问责")],
)
def test_what_came_of_a_referral(duban: Duban, written: str, zh: str) -> None:
    # Measure 14 was taken up on 11 April: an outcome is due by 12, 13, 14, 17 to 21, 23, 24 April.
    (clock,) = [c for c in shown(duban, "14")["clocks"] if c["stage"] == "refer"]
    assert clock["due_on"] == "2023-04-24"
    answer = duban("outcome", "14", "--outcome", written, "--reason", "事实清楚", "--by", "xuming")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施14：整改中（第5版）",
        "  待发通知：项目建设科、韩清和、督办组、综合组、组长。",
    ]
    payload = shown(duban, "14")["events"][-1]["payload"]
    assert (payload["outcome"], payload["reason"]) == (zh, "事实清楚")
    (clock,) = [c for c in shown(duban, "14")["clocks"] if c["stage"] == "refer"]
    assert clock["outcome"] == "met"
    page = duban("show", "14").out
    assert f"处理结果：{zh}" in page
    assert page.count("事实清楚") == 1


# --- hand-over


def test_a_measure_is_handed_to_another_unit_and_lead(duban: Duban) -> None:
    answer = duban("hand-over", "15", "--unit", "人事科", "--lead", "L02", "--reason", "职责调整", "--by", "zhaolan")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施15：整改中（第4版）",
        "  待发通知：人事科、沈守正、办公室、林致远、督办组。",
    ]
    found = shown(duban, "15")
    assert (found["unit"], found["lead"], found["holder"]) == ("D02", "L02", "人事科")
    assert {c["holder"] for c in found["clocks"] if c["stopped_on"] is None} == {"人事科"}
    assert [c["due_on"] for c in found["clocks"] if c["stopped_on"] is None] == [
        "2023-06-30",
        "2023-04-20",
        "2023-05-31",
    ]
    assert told(duban, "15") == {
        ("handed_over", "D02"),
        ("handed_over", "L02"),
        ("taken_away", "D01"),
        ("taken_away", "L01"),
        ("reassigned", "G02"),
    }
    assert duban("self-check", "15", "--statement", "已整改", "--by", "qianyiming").code == 1
    assert duban("self-check", "15", "--statement", "已整改", "--by", "sunhuai").code == 0


def test_a_request_that_waits_goes_with_the_lead(duban: Duban) -> None:
    assert duban("hand-over", "18", "--lead", "沈守正", "--reason", "分工调整", "--by", "zhaolan").code == 0
    (clock,) = [c for c in shown(duban, "18")["clocks"] if c["stage"] == "decide"]
    assert clock["holder"] == "沈守正"
    assert duban("extend", "decide", "18", "--grant", "--reason", "属实", "--by", "linzhiyuan").code == 1
    assert duban("extend", "decide", "18", "--grant", "--reason", "属实", "--by", "shenshouzheng").code == 0


# --- withdraw


def test_measures_are_withdrawn_and_a_draft_is_nobodys_news(duban: Duban) -> None:
    answer = duban("withdraw", "18", "3", "--reason", "与上级要求重复", "--by", "zhaolan")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施18：已作废（第5版）",
        "  待发通知：办公室、林致远、督办组。",
        "措施3：已作废（第2版）",
    ]
    assert {c["outcome"] for c in shown(duban, "18")["clocks"] if c["stopped_on"] == "2023-04-12"} == {"void"}
    assert [c for c in shown(duban, "18")["clocks"] if c["stopped_on"] is None] == []
