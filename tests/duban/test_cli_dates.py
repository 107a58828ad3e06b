"""extend, set-limit, hold, resume: how dates move, and that the first one stays."""

from typing import Any

import pytest

from tests.duban.conftest import Duban

pytestmark = pytest.mark.usefixtures("office")


def clock(duban: Duban, no: str, stage: str = "complete") -> dict[str, Any]:
    """The newest clock of a stage."""
    found = [c for c in duban("show", no, "--json").json[0]["clocks"] if c["stage"] == stage]
    assert isinstance(found[-1], dict)
    return found[-1]


def told(duban: Duban, no: str) -> set[tuple[str, str]]:
    news = duban("notices", "--actions", "--on", "2023-04-12", "--json").json
    return {(one["kind"], one["party"]) for one in news if one["measure"] == no}


# --- extend


@pytest.mark.parametrize(
    ("asked_on", "until"), [("2023-04-12", "2023-07-01"), ("2023-04-12", "2023-07-30"), ("2023-06-29", "2023-07-15")]
)
def test_more_time_is_asked_for_up_to_the_day_before_and_thirty_days_on(
    duban: Duban, asked_on: str, until: str
) -> None:
    asked = ("--until", until, "--reason", "人手不足", "--by", "qianyiming", "--on", asked_on)
    answer = duban("extend", "ask", "1", *asked)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == ["措施1：整改中（第4版）", "  待发通知：林致远。"]
    assert clock(duban, "1")["due_on"] == "2023-06-30", "nothing has moved yet"
    assert clock(duban, "1", "decide")["holder"] == "林致远"


def test_an_extension_is_granted(duban: Duban) -> None:
    # Asked for on 10 April; to be decided in three working days: 11, 12, 13.
    assert clock(duban, "18", "decide")["due_on"] == "2023-04-13"
    answer = duban("extend", "decide", "18", "--grant", "--reason", "情况属实", "--by", "linzhiyuan")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施18：整改中（第5版）",
        "  整改时限改为 2023-05-12。",
        "  待发通知：办公室、督办组、综合组。",
    ]
    assert (clock(duban, "18")["due_on"], clock(duban, "18")["first_due_on"]) == ("2023-05-12", "2023-04-28")
    assert clock(duban, "18", "decide")["outcome"] == "met"
    assert told(duban, "18") == {("extension_granted", party) for party in ("D01", "G02", "G01")}
    page = duban("show", "18").out
    assert "2023-05-12 │ 2023-04-28" in page
    assert "原时限 2023-04-28" in page


def test_an_extension_is_refused(duban: Duban) -> None:
    answer = duban("extend", "decide", "18", "--refuse", "--reason", "理由不足", "--by", "linzhiyuan")
    assert answer.out.splitlines()[1] == "  整改时限仍为 2023-04-28。"
    assert clock(duban, "18")["due_on"] == "2023-04-28"
    assert told(duban, "18") == {("extension_refused", "D01"), ("extension_refused", "G02")}
    again = ("--until", "2023-05-10", "--reason", "再申请", "--by", "qianyiming")
    assert duban("extend", "ask", "18", *again).code == 1, "once a cycle"


# --- set-limit


@pytest.mark.parametrize("day", ["2023-04-12", "2023-06-30"])
def test_after_expiry_the_lead_sets_another_limit(duban: Duban, day: str) -> None:
    answer = duban("set-limit", "12", "--due-on", day, "--reason", "账目复杂", "--by", "shenshouzheng")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "措施12：整改中（第4版）",
        f"  整改时限改为 {day}。",
        "  待发通知：财务科、督办组、综合组。",
    ]
    assert (clock(duban, "12")["due_on"], clock(duban, "12")["first_due_on"]) == (day, "2023-04-03")


def test_a_new_limit_leaves_the_referral_behind(duban: Duban) -> None:
    assert duban("set-limit", "12", "--due-on", "2023-04-20", "--reason", "另定", "--by", "shenshouzheng").code == 0
    answer = duban("take-up", "12", "--by", "xuming")
    assert (answer.code, answer.lines) == (1, ["措施12：该措施没有待受理的问责提请，无需受理。"])


# --- hold, resume


def test_held_clocks_keep_the_working_days_they_had_left(duban: Duban) -> None:
    held = duban("hold", "1", "15", "--reason", "案件办理中", "--by", "zhuhe")
    assert (held.code, held.err, held.done) == (0, "", ["措施1", "措施15"])
    assert "  待发通知：办公室、林致远、综合组。" in held.out
    # From 12 April up to 20 April: 13, 14, 17, 18, 19, 20. Up to 30 June: 13 in April; in May 4, 5, 6 and 18 more; in
    # June 21, without the 22nd and 23rd but with Sunday the 25th.
    assert (clock(duban, "15")["held_days"], clock(duban, "15")["held_on"]) == (13 + 21 + 21, "2023-04-12")
    assert "挂起（自2023-04-12，剩6个工作日）" in duban("show", "15").out
    (row,) = [row for row in duban("measures", "--json").json if row["measure"] == "15"]
    assert (row["held_on"], row["days"], row["colour"]) == ("2023-04-12", None, None)
    assert "挂起" in duban("measures").out

    resumed = duban("resume", "15", "11", "--reason", "案件已结", "--by", "qinmo", "--on", "2023-04-24")
    assert (resumed.code, resumed.err) == (0, "")
    # Six after 24 April: 25, 26, 27, 28 April, 4, 5 May. 34, up to 31 May: 4 in April, 21 in May, then 1, 2, 5, 6, 7,
    # 8, 9, 12, 13 June. 55: 4 in April, 21 in May, 21 in June, 3 to 7 and 10 to 13 July. Measure 11 was held on the
    # 10th with 15 days left: 4 in April, 4, 5, 6, 8 to 12, 15, 16, 17 May.
    assert resumed.out.splitlines() == [
        "措施15：整改中（第5版）",
        "  整改时限改为 2023-07-13。",
        "  节点时限改为 2023-05-05。",
        "  节点时限改为 2023-06-13。",
        "  待发通知：办公室、林致远、综合组。",
        "措施11：整改中（第5版）",
        "  整改时限改为 2023-05-17。",
        "  待发通知：人事科、林致远、综合组。",
    ]
    assert (clock(duban, "11")["due_on"], clock(duban, "11")["first_due_on"]) == ("2023-05-17", "2023-04-28")


def test_what_was_late_is_as_late_after_it_was_held(duban: Duban) -> None:
    # Measure 12 was due on 3 April, six working days before the 12th: 4, 6, 7, 10, 11, 12.
    assert duban("hold", "12", "--reason", "案件办理中", "--by", "zhuhe").code == 0
    assert clock(duban, "12")["held_days"] == -6
    assert "已超6个工作日" in duban("show", "12").out
    # Six before 24 April: 23, 21, 20, 19, 18, 17.
    assert duban("resume", "12", "--reason", "案件已结", "--by", "zhuhe", "--on", "2023-04-24").code == 0
    assert clock(duban, "12")["due_on"] == "2023-04-17"


def test_a_held_measure_still_reports_progress_and_may_be_withdrawn(duban: Duban) -> None:
    assert duban("progress", "11", "--text", "案件办理中", "--percent", "40", "--by", "sunhuai").code == 0
    assert duban("withdraw", "11", "--reason", "并入他案", "--by", "zhaolan").code == 0


def test_what_is_held_waits_for_nobody_and_is_not_overdue(duban: Duban) -> None:
    assert duban("hold", "12", "--reason", "案件办理中", "--by", "zhuhe").code == 0
    assert "12" not in [row["measure"] for row in duban("measures", "--overdue", "--json").json]
    assert "12" not in [one["measure"] for one in duban("desk", "--by", "lijing", "--json").json]
