"""progress, milestone, self-check, evidence: what units hand in, and how it shows."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.duban.conftest import Duban

pytestmark = pytest.mark.usefixtures("office")


def shown(duban: Duban, no: str) -> dict[str, Any]:
    (found,) = duban("show", no, "--json").json
    assert isinstance(found, dict)
    return found


def clocks(duban: Duban, no: str, stage: str) -> list[tuple[str, str | None, str | None]]:
    """Due date, day stopped and outcome of each clock of a stage, oldest first."""
    found = [clock for clock in shown(duban, no)["clocks"] if clock["stage"] == stage]
    return sorted((clock["due_on"], clock["stopped_on"], clock["outcome"]) for clock in found)


# --- progress


def test_progress_is_a_text_and_a_percentage_for_the_board_and_touches_no_clock(duban: Duban) -> None:
    before = shown(duban, "1")
    answer = duban("progress", "1", "--text", "  初稿过半 ", "--percent", "50", "--by", "zhaolan", "--as", "D01")
    assert (answer.code, answer.out, answer.err) == (0, "措施1：整改中（第4版）\n", "")
    after = shown(duban, "1")
    assert (after["percent"], after["progress"], after["version"]) == (50, "初稿过半", 4)
    assert after["clocks"] == before["clocks"]
    assert after["news"] == before["news"], "nobody is told"
    (row,) = [row for row in duban("measures", "--json").json if row["measure"] == "1"]
    assert (row["percent"], row["progress"]) == (50, "初稿过半")
    assert "整改中（50%）" in duban("measures", "--unit", "D01").out
    assert "进度：50%　初稿过半" in duban("show", "1").out


@pytest.mark.parametrize("percent", ["0", "100"])
def test_from_nothing_to_everything(duban: Duban, percent: str) -> None:
    assert duban("progress", "1", "--text", "进展", "--percent", percent, "--by", "qianyiming").code == 0
    assert shown(duban, "1")["percent"] == int(percent)


def test_who_helps_reports_progress_too(duban: Duban) -> None:
    assert duban("accept", "19", "--by", "chencen").code == 0
    assert duban("progress", "19", "--text", "已选三处", "--percent", "30", "--by", "sunhuai").code == 0
    event = shown(duban, "19")["events"][-1]
    assert (event["action"], event["party"], event["payload"]) == (
        "report_progress",
        "D02",
        {"text": "已选三处", "percent": 30},
    )


# --- milestone


def test_a_milestone_is_the_next_one_due_or_the_one_named(duban: Duban) -> None:
    # Measure 15 names three days: 20 April and 31 May are its milestones, 30 June is its limit.
    assert clocks(duban, "15", "milestone") == [("2023-04-20", None, None), ("2023-05-31", None, None)]
    later = ("--due", "2023-05-31", "--statement", "修订已成")
    answer = duban("milestone", "15", *later, "--by", "qianyiming")
    assert (answer.code, answer.out, answer.err) == (0, "措施15：整改中（第4版）\n", "")
    assert clocks(duban, "15", "milestone") == [("2023-04-20", None, None), ("2023-05-31", "2023-04-12", "met")]
    assert duban("milestone", "15", "--statement", "初稿已成", "--by", "qianyiming", "--on", "2023-04-23").code == 0
    assert clocks(duban, "15", "milestone")[0] == ("2023-04-20", "2023-04-23", "late")
    assert clocks(duban, "15", "complete") == [("2023-06-30", None, None)]
    # Worked after 20 April: the 21st, and Sunday the 23rd.
    assert "逾期2个工作日" in duban("show", "15").out
    assert shown(duban, "15")["events"][-1]["payload"] == {
        "statement": "初稿已成",
        "due_on": "2023-04-20",
        "milestone": "完成初稿",
    }


# --- self-check


def test_what_a_closure_still_lacks_is_told_with_the_self_check(duban: Duban) -> None:
    answer = duban("self-check", "15", "--statement", "已印发", "--evidence", "制度=材料.txt", "--by", "qianyiming")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施15：待核查（第4版）",
        "  提示：销号时还需要办结佐证（proof）至少一份，可用 duban evidence 补充。",
        "  待发通知：督办组。",
    ]
    assert {outcome for *_, outcome in clocks(duban, "15", "milestone")} == {"void"}
    # Five working days after 12 April: 13, 14, 17, 18, 19.
    assert clocks(duban, "15", "check") == [("2023-04-19", None, None)]
    news = [(one["kind"], one["party"], one["due_on"]) for one in shown(duban, "15")["news"]]
    assert news[-1] == ("check_wanted", "G02", "2023-04-19")


@pytest.mark.parametrize(
    ("written", "kind"),
    [("材料.txt", "proof"), ("佐证=材料.txt", "proof"), ("rule=材料.txt", "rule"), ("业务规范=材料.txt", "norm"),
     ("campaign=材料.txt", "campaign"), ("其他=材料.txt", "other")],
)  # fmt: skip
def test_a_kind_may_be_written_in_english_or_chinese(duban: Duban, written: str, kind: str) -> None:
    assert duban("self-check", "1", "--statement", "已整改", "--evidence", written, "--by", "qianyiming").code == 0
    assert [(one["name"], one["kind"]) for one in shown(duban, "1")["evidence"]] == [("材料.txt", kind)]


def test_a_file_with_an_equals_sign_in_its_name_is_a_file(duban: Duban, place: Path) -> None:
    (place / "a=b.txt").write_text("材料", encoding="utf-8")
    assert duban("self-check", "1", "--statement", "已整改", "--evidence", "a=b.txt", "--by", "qianyiming").code == 0
    assert [(one["name"], one["kind"]) for one in shown(duban, "1")["evidence"]] == [("a=b.txt", "proof")]


# --- evidence


def test_evidence_is_added_until_the_review_is_opened(duban: Duban, place: Path) -> None:
    (place / "制度.txt").write_text("第一稿", encoding="utf-8")
    given = ("--evidence", "制度=制度.txt", "--evidence", "norm=台账.csv")
    answer = duban("evidence", "5", *given, "--by", "zhoutong")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == ["措施5：待发起审核（第6版）", "  待发通知：督办组。"]
    (place / "制度.txt").write_text("第二稿", encoding="utf-8")
    assert duban("evidence", "5", "--evidence", "rule=制度.txt", "--by", "zhoutong").code == 0
    found = shown(duban, "5")
    assert [(one["cycle"], one["kind"], one["name"], one["version"]) for one in found["evidence"]] == [
        (1, "proof", "材料.txt", 1),
        (1, "rule", "制度.txt", 1),
        (1, "norm", "台账.csv", 1),
        (1, "rule", "制度.txt", 2),
    ]
    for one in found["evidence"]:
        kept = place / "home" / "evidence" / one["sha256"][:2] / one["sha256"]
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == one["sha256"]
        assert kept.stat().st_size == one["size"]
    assert found["clocks"] == shown(duban, "5")["clocks"]
    assert duban("verify").code == 0


def test_who_helps_adds_evidence_too_and_is_a_submitter_from_then_on(duban: Duban) -> None:
    """Measure 6 is D05's; D01 helps. zhaolan serves D01 and the general group."""
    assert duban("evidence", "6", "--evidence", "台账.csv", "--by", "zhaolan").code == 0
    assert shown(duban, "6")["events"][-1]["party"] == "D01"


def test_the_same_file_again_is_not_listed_twice(duban: Duban) -> None:
    before = shown(duban, "4")["evidence"]
    assert duban("evidence", "4", "--evidence", "材料.txt", "--by", "lijing").code == 0
    assert shown(duban, "4")["evidence"] == before
