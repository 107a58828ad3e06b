"""activity: logged in a rehearsal and in a live home, listed for people and programs, withdrawn."""

from pathlib import Path

import pytest

from config import clock
from tests.duban.conftest import Duban

ADD = ("activity", "add", "--by", "zhaolan")
HELD = ("--kind", "工委会", "--on", "2023-04-03", "--title", "研究巡察整改")


@pytest.mark.usefixtures("sample")
def test_a_rehearsal_comes_to_the_day_of_what_is_logged(duban: Duban) -> None:
    answer = duban(*ADD, *HELD, "--note", "第一次")
    assert (answer.code, answer.out, answer.err) == (0, "活动1：2023-04-03 工委会“研究巡察整改”，已登记。\n", "")
    assert duban("measures").out.startswith("措施一览（2023-04-03")
    assert duban(*ADD, "--kind", "meeting", "--on", "2023-03-28", "--title", "调度").code == 0
    assert duban("measures").out.startswith("措施一览（2023-04-03"), "and never goes back"
    (meeting, _) = duban("activity", "list", "--json").json
    assert (meeting["on"], meeting["logged_on"]) == ("2023-03-28", "2023-04-03")
    assert duban("verify").code == 0


@pytest.mark.usefixtures("office")
def test_what_is_listed_counts_but_what_was_withdrawn(duban: Duban) -> None:
    for kind, by in (("committee", "zhaolan"), ("督办会", "zhuhe"), ("hearing", "zhuhe"), ("专项督查", "zhuhe")):
        given = ("--kind", kind, "--on", "2023-04-10", "--title", f"{kind}：[bold]一[/]")
        assert duban("activity", "add", *given, "--by", by).code == 0
    answer = duban("activity", "withdraw", 2, "--by", "zhuhe", "--reason", "登错")
    assert (answer.code, answer.out) == (0, "活动2：已撤销，不再计数。\n")
    listed = duban("activity", "list", "--round", "2023")
    assert "[bold]一[/]" in listed.out
    assert "2023-04-12 zhuhe：登错" in listed.out
    assert listed.out.endswith("计数：工委会1次，督办会0次，听取汇报1次，专项督查1次\n")
    found = duban("activity", "list", "--json").json
    assert found[1] == {
        "id": 2, "round": "2023", "kind": "meeting", "on": "2023-04-10", "title": "督办会：[bold]一[/]", "note": "",
        "by": "zhuhe", "logged_on": "2023-04-12", "withdrawn_on": "2023-04-12", "withdrawn_by": "zhuhe",
        "reason": "登错",
    }  # fmt: skip
    assert (found[0]["withdrawn_on"], found[0]["withdrawn_by"], found[0]["reason"]) == (None, None, None)


@pytest.mark.usefixtures("office")
def test_refusals_say_what_to_do(duban: Duban) -> None:
    """The office is at 2023-04-12, by DUBAN_TODAY."""
    late = duban(*ADD, "--kind", "工委会", "--on", "2023-04-13", "--title", "研究")
    assert (late.code, late.lines[0]) == (1, "2023-04-13 还没有到（今天是 2023-04-12），活动须在开展之后登记。")
    assert duban("activity", "add", *HELD, "--by", "lijing").lines == [
        "李菁不能登记工作开展情况。", "请由综合组或督办组的经办人办理。",
    ]  # fmt: skip
    assert duban("activity", "add", *HELD, "--by", "nobody").code == 1
    assert duban(*ADD, "--kind", "聚餐", "--on", "2023-04-03", "--title", "无").code == 2
    assert duban(*ADD, "--kind", "工委会", "--on", "4月3日", "--title", "无").code == 2
    assert duban("activity", "withdraw", "0", "--by", "zhuhe", "--reason", "错").code == 2
    assert duban("activity", "withdraw", "9", "--by", "zhuhe", "--reason", "错").code == 1
    assert duban("activity", "list", "--round", "2020").code == 1
    assert duban("activity", "list").out == "没有登记的活动。\n"
    assert duban("activity", "list", "--json").json == []


LEDGER = "序号,反馈问题,整改措施,牵头领导,责任单位,完成时限\n1,学习不深入,订出计划,林致远,财务科,长期坚持\n"


def test_a_live_home_follows_the_clock(duban: Duban, place: Path, homes: Path) -> None:
    assert duban("init", "--directory", homes / "new" / "directory.yaml").code == 0
    (place / "台账.csv").write_text(LEDGER, encoding="utf-8")
    assert duban("import", "台账.csv", "--round", "R", "--feedback-on", "2023-03-25").code == 0
    today = clock.today()
    assert duban(*ADD, "--kind", "工委会", "--on", "2023-04-03", "--title", "补记").code == 0
    (row,) = duban("activity", "list", "--json").json
    assert (row["on"], row["logged_on"]) == ("2023-04-03", str(today))
    to_come = duban(*ADD, "--kind", "工委会", "--on", f"{today.year + 1}-01-01", "--title", "计划")
    assert (to_come.code, "还没有到" in to_come.err) == (1, True)
