"""stand-in, exception, desk: who acts in whose place, who may do what should be kept apart, what waits for whom."""

from pathlib import Path
from typing import Any

import pytest

from tests.duban.conftest import Duban

pytestmark = pytest.mark.usefixtures("office")
TERM = ("--from", "2023-04-12", "--until", "2023-04-20")


def event(duban: Duban, no: str) -> dict[str, Any]:
    found = duban("show", no, "--json").json[0]["events"][-1]
    assert isinstance(found, dict)
    return found


# --- stand-in


def test_a_stand_in_acts_in_the_leads_place_for_the_time_being(duban: Duban) -> None:
    answer = duban("stand-in", "L01", "--party", "杨立诚", *TERM, "--reason", "出差", "--by", "zhaolan")
    assert (answer.code, answer.out, answer.err) == (0, "L01：2023-04-12 至 2023-04-20 由 L04 代办。\n", "")
    approve = ("review", "decide", "10", "--approve", "--by", "yanglicheng")
    late = duban(*approve, "--on", "2023-04-21")
    assert (late.code, late.out) == (1, "")
    assert duban(*approve, "--on", "2023-04-20").code == 0
    found = event(duban, "10")
    assert (found["person"], found["party"], found["payload"]["stand_in"]) == ("yanglicheng", "L01", "L04")
    assert "代办：L04" in duban("show", "10").out


def test_the_absent_party_may_appoint_its_own_stand_in_and_what_waits_shows_on_both_desks(duban: Duban) -> None:
    assert duban("stand-in", "林致远", "--party", "L04", *TERM, "--reason", "出差", "--by", "linzhiyuan").code == 0
    (one, other) = duban("desk", "--by", "yanglicheng", "--json").json
    assert [(row["measure"], row["party"], row["stand_in"]) for row in (one, other)] == [
        ("18", "L01", "L04"),
        ("10", "L01", "L04"),
    ]
    assert len(duban("desk", "--by", "linzhiyuan", "--json").json) == 2
    assert duban("desk", "--by", "yanglicheng", "--json", "--on", "2023-04-21").json == []
    assert "L01（L04 代办）" in duban("desk", "--by", "yanglicheng").out


def test_a_term_may_begin_today_and_is_ended_when_the_absent_one_is_back(duban: Duban) -> None:
    given = ("--party", "L04", "--until", "2023-04-20", "--reason", "出差", "--by", "zhaolan")
    assert duban("stand-in", "L01", *given).out == "L01：2023-04-12 至 2023-04-20 由 L04 代办。\n"
    approve = ("review", "decide", "10", "--approve", "--by", "yanglicheng")
    ended = duban("stand-in", "L01", "--end", "--reason", "提前返回", "--by", "linzhiyuan", "--on", "2023-04-13")
    assert (ended.code, ended.out, ended.err) == (0, "L01：已终止代办1项。\n", "")
    late = duban(*approve, "--on", "2023-04-13")
    assert (late.code, late.out) == (1, "")
    assert duban(*approve, "--on", "2023-04-12").code == 0, "the day before it held"
    assert duban("verify").code == 0


def test_only_the_head_lets_somebody_stand_in_for_the_head_and_a_stand_in_appoints_nobody(duban: Duban) -> None:
    given = ("--party", "L02", *TERM, "--reason", "外出")
    assert duban("stand-in", "H01", *given, "--by", "heyan").code == 0
    handed_on = duban("stand-in", "H01", "--party", "L03", *TERM, "--reason", "外出", "--by", "shenshouzheng")
    assert (handed_on.code, handed_on.lines[0]) == (1, "“安排代办”应由组长本人办理。")
    granted = duban("exception", "grant", "--person", "zhuhe", "--reason", "人少", "--by", "shenshouzheng")
    assert (granted.code, granted.lines[0]) == (1, "“设定单人例外”应由组长本人办理。")


def test_messages_go_to_the_stand_in(duban: Duban) -> None:
    assert duban("stand-in", "L02", "--party", "L04", *TERM, "--reason", "出差", "--by", "zhaolan").code == 0
    assert duban("review", "open", "6", "--by", "zhuhe").code == 0
    assert duban("deliver", "--on", "2023-04-12", "--json").json["accepted"] == 1
    (message,) = duban("messages", "--on", "2023-04-12", "--json").json
    assert (message["party"], message["kind"]) == ("L02", "action")
    assert message["reason"].startswith("L04/")


# --- exception


def test_an_exception_is_granted_listed_and_ended(duban: Duban) -> None:
    given = ("--reason", "全科仅一人", "--until", "2023-04-30")
    answer = duban("exception", "grant", "--person", "zhaolan", *given, "--by", "heyan")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("单人例外：zhaolan")
    assert "全科仅一人" in answer.out
    assert "heyan" in answer.out
    assert duban("exception", "list", "--json").json == [
        {
            "person": "zhaolan",
            "granted_by": "heyan",
            "reason": "全科仅一人",
            "from": "2023-04-12",
            "until": "2023-04-30",
            "ended_on": None,
        }
    ]
    assert "全科仅一人" in duban("exception", "list").out
    ended = duban("exception", "end", "--person", "zhaolan", "--by", "heyan")
    assert (ended.code, ended.out) == (0, "已终止 zhaolan 的单人例外1项。\n")
    (row,) = duban("exception", "list", "--json").json
    assert (row["until"], row["ended_on"]) == ("2023-04-30", "2023-04-12"), "what was granted stays as it was written"
    again = duban("exception", "end", "--person", "zhaolan", "--by", "heyan")
    assert (again.code, again.lines[0]) == (1, "“zhaolan”没有生效中的单人例外。")
    assert duban("verify").code == 0


def test_an_exception_lifts_the_separation_of_duties_and_never_silently(duban: Duban, office: Path) -> None:
    """zhaolan, of unit D01, is put into supervision as well: what she sent in she may not check."""
    directory = office / "directory.yaml"
    alone = "people: [{code: zhaolan, name: 赵岚}, {code: zhuhe, name: 朱荷}"
    directory.write_text(
        directory.read_text(encoding="utf-8").replace("people: [{code: zhuhe, name: 朱荷}", alone), encoding="utf-8"
    )
    sent = ("--statement", "已整改", "--evidence", "材料.txt", "--by", "zhaolan")
    assert duban("self-check", "1", *sent).code == 0
    check = ("check", "1", "--pass", "--by", "zhaolan")
    refused = duban(*check)
    assert (refused.code, refused.out) == (1, "")
    assert refused.lines == [
        "措施1：本周期的自查或佐证由您上报，按回避要求不能再由您办理“核查通过”；"
        "请由其他经办人办理；确因人手过少无法回避的，须由组长书面设定例外。"
    ]
    grant = ("exception", "grant", "--person", "zhaolan", "--reason", "全科仅一人")
    assert duban(*grant, "--from", "2023-04-13", "--by", "heyan").code == 0
    assert duban(*check).code == 1, "not before it begins"
    answer = duban(*check, "--on", "2023-04-13")
    assert answer.code == 0
    assert "  单人例外：" in answer.out
    assert "全科仅一人" in answer.out
    event = duban("show", "1", "--json").json[0]["events"][-1]
    assert event["payload"]["single_person_exception"]["granted_by"] == "heyan"
    assert "单人例外（组长 heyan 准许：全科仅一人）" in duban("show", "1").out.replace("│", "").replace("\n", "")
    assert duban("verify").code == 0


def test_without_exceptions_the_list_is_empty(duban: Duban) -> None:
    assert duban("exception", "list", "--json").json == []
    assert duban("exception", "list").out == "没有单人例外。\n"


def test_both_are_written_down_with_the_paper_they_rest_on(duban: Duban) -> None:
    paper = ("--recorded-by", "zhaolan", "--basis", "材料.txt")
    given = ("--person", "lijing", "--reason", "仅一人")
    assert duban("exception", "grant", *given, *paper, "--by", "heyan").code == 0
    assert (
        duban("stand-in", "L02", "--party", "L01", *TERM, "--reason", "出差", *paper, "--by", "shenshouzheng").code == 0
    )
    assert duban("verify").code == 0


# --- desk


@pytest.mark.parametrize(
    ("person", "rows"),
    [
        (
            "zhuhe",
            [("4", "check", "G02"), ("5", "open_review", "G02"), ("6", "open_review", "G02"), ("17", "check", "G02")],
        ),
        ("xuming", [("14", "refer", "G03"), ("12", None, "G03"), ("13", None, "G03")]),
        ("heyan", [("10", "review", "H01")]),
        ("linzhiyuan", [("18", "decide", "L01"), ("10", "review", "L01")]),
        ("yanglicheng", []),
        ("fengzhu", [("9", "follow_up", "D07")]),
    ],
)
def test_a_desk_holds_what_waits_for_a_person_most_urgent_first(
    duban: Duban, person: str, rows: list[tuple[str, str | None, str]]
) -> None:
    answer = duban("desk", "--by", person, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert [(row["measure"], row["stage"], row["party"]) for row in answer.json] == rows


def test_the_keys_of_a_desk(duban: Duban) -> None:
    (row,) = duban("desk", "--by", "heyan", "--json").json
    # Three working days after 12 April: 13, 14, 17.
    assert row == {
        "measure": "10",
        "round": "2023",
        "text": "追回开支",
        "state": "under_review",
        "stage": "review",
        "due_on": "2023-04-17",
        "days": 3,
        "colour": None,
        "party": "H01",
        "stand_in": None,
        "actions": ["approve", "reject"],
        "refusal": "",
        "message": None,
    }


def test_what_the_desk_offers_is_allowed_and_days_and_colours_are_of_the_day_asked_for(duban: Duban) -> None:
    (row,) = duban("desk", "--by", "heyan", "--json", "--on", "2023-04-24").json
    # Five working days after 17 April: 18, 19, 20, 21 and Sunday the 23rd; the 24th is the sixth.
    assert (row["days"], row["colour"]) == (-6, "red")
    assert duban("review", "decide", "10", "--approve", "--by", "heyan").code == 0
    assert duban("desk", "--by", "heyan", "--json").json == []


def test_who_serves_two_parties_sees_both_or_the_one_asked_for(duban: Duban) -> None:
    assert {row["party"] for row in duban("desk", "--by", "zhaolan", "--json").json} == {"D01", "G01"}
    (row,) = duban("desk", "--by", "zhaolan", "--as", "G01", "--json").json
    assert (row["measure"], row["state"], row["stage"]) == ("3", "drafted", None)


def test_a_draft_that_needs_a_date_is_not_said_to_be_anothers(duban: Duban) -> None:
    page = duban("desk", "--by", "zhaolan", "--as", "G01").out
    assert "定办法" in page
    assert "回避" not in page


def test_people_read_their_desk(duban: Duban) -> None:
    page = duban("desk", "--by", "zhuhe").out
    assert page.startswith("待办（zhuhe，2023-04-12，共4项）")
    for words in ("督查核查", "还有1个工作日", "核查通过、退回整改", "发起销号审核", "回头看核查通过"):
        assert words in page
    assert duban("desk", "--by", "yanglicheng").out == "没有待办事项。\n"
