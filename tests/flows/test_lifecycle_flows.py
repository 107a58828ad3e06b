"""The lifecycle flows on a real Prefect server: what they do, how their runs end, and what they show."""

import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.office import Office, open_office
from models.lifecycle import ACTION_ZH, Action, Stage, State
from tests.flows.conftest import Prefect, Shown
from tests.handling_fixtures import (
    Line,
    bring_to,
    contents,
    events_of,
    evidence_of,
    running,
    small_office,
    state_of,
    take_in,
)

# Prefect 3.8.8 leaves two clients of its result storage open after each flow run (prefect/results.py).
pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("swept", "open_streams"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

MONDAY = date(2023, 3, 27)
LINES = (
    Line("1"),
    Line("2", closure="完善长效机制"),
    Line("3", limit="长期坚持", closure="长期坚持"),
    Line("4", major="是"),
    Line("5", limit="待定"),
    Line("6"),
)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefect: Prefect) -> Iterator[Office]:
    """A home with six drafts; the environment names it, and the server."""
    with small_office(tmp_path) as office:
        take_in(office, *LINES)
        monkeypatch.setenv("DUBAN_HOME", str(office.settings.home))
        monkeypatch.setenv("PREFECT_API_URL", prefect.url)
        monkeypatch.delenv("DUBAN_TODAY", raising=False)
        yield office


def form(**given: Any) -> dict[str, Any]:
    return {"on": str(MONDAY), **given}


def lay_ready(office: Office, name: str) -> str:
    office.settings.inbox.mkdir(exist_ok=True)
    (office.settings.inbox / name).write_text(name, encoding="utf-8")
    return name


def ended(shown: Shown) -> tuple[str, str]:
    return shown.type, shown.state


# --- A whole life


def test_a_measure_goes_from_assignment_to_closure_by_flows_alone(prefect: Prefect, office: Office) -> None:
    from flows.assignment import assignment
    from flows.closure_review import closure_review
    from flows.self_check import self_check
    from flows.supervision_check import supervision_check

    before = len(versions_of(prefect, "measure-1"))
    proof = {"file": lay_ready(office, "佐证.txt"), "kind": "佐证"}
    steps = (
        (assignment, form(by="g1-a", step="交办", measures=["1"]), "已交办", "交办 1（交办）"),
        (assignment, form(by="d1-a", step="签收", measures=["1"]), "已签收", "交办 1（签收）"),
        (self_check, form(by="d1-a", measure="1", statement="已整改", evidence=[proof]), "已上报", "自查上报 1"),
        (supervision_check, form(by="s1-a", measure="1", step="核查通过"), "核查通过", "督查核查 1（核查通过）"),
        (
            closure_review,
            form(by="s1-a", measures=["1"], step="发起销号审核"),
            "已发起审核",
            "销号审核 1（发起销号审核）",
        ),
        (closure_review, form(by="l1-a", measures=["1"], step="同意销号"), "已销号", "销号审核 1（同意销号）"),
    )
    for n, (flow, given, state, name) in enumerate(steps, start=1):
        shown = prefect.show(flow, given)
        assert (shown.type, shown.state, shown.run.name) == ("COMPLETED", state, name), shown.message
        assert list(shown.artifacts) == ["measure-1"]
        page = str(shown.artifacts["measure-1"].data)
        assert len(events_of(office, "1")) == n
        assert ACTION_ZH[Action(events_of(office, "1")[-1].action)] in page
    assert state_of(office, "1") is State.CLOSED
    assert [one.name for one in evidence_of(office)] == ["佐证.txt"]
    assert shown.message == "措施1：已销号（第7版）。待发通知：单位D1、单位S1、单位S2、单位G1。"
    assert len(versions_of(prefect, "measure-1")) == before + len(steps)


def versions_of(prefect: Prefect, key: str) -> list[Any]:
    asked = {"artifacts": {"key": {"any_": [key]}}}
    found: list[Any] = httpx.post(f"{prefect.url}/artifacts/filter", json=asked).raise_for_status().json()
    return found


def test_what_a_flow_does_is_an_event_that_names_the_measure_and_the_run(prefect: Prefect, office: Office) -> None:
    from flows.assignment import assignment

    shown = prefect.show(assignment, form(by="g1-a", step="交办", measures=["6"]))
    event = told(prefect, "duban.measure.assign", seq=events_of(office, "6")[-1].seq, run=str(shown.run.id))
    assert event["resource"]["prefect.resource.id"] == "duban.measure.2023/6"
    assert event["payload"]["to_state"] == "assigned"


def told(prefect: Prefect, name: str, seq: int, run: str) -> dict[str, Any]:
    """The event with this number of the record that belongs to the run; the server keeps events some seconds later."""
    asked = {"filter": {"event": {"name": [name]}}, "limit": 50}
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        events = httpx.post(f"{prefect.url}/events/filter", json=asked).raise_for_status().json()["events"]
        for event in events:
            related = [one["prefect.resource.id"] for one in event["related"]]
            if event["payload"]["seq"] == seq and f"prefect.flow-run.{run}" in related:
                return dict(event)
        time.sleep(0.2)
    raise AssertionError(f"no {name} of number {seq}")


# --- Each step and how it is called


def test_supervision_sends_a_measure_back_and_says_what_is_missing(prefect: Prefect, office: Office) -> None:
    from flows.supervision_check import supervision_check

    bring_to(office, State.SELF_CHECKED, MONDAY)
    given = form(by="s1-a", measure="1", step="退回整改", reason="佐证不全", missing=["印发稿"], due_on="2023-07-14")
    shown = prefect.show(supervision_check, given)
    assert ended(shown) == ("COMPLETED", "已退回整改")
    assert running(office)[Stage.COMPLETE] == date(2023, 7, 14)
    assert events_of(office, "1")[-1].payload["missing"] == ["印发稿"]


def test_a_major_measure_waits_for_its_second_signature(prefect: Prefect, office: Office) -> None:
    from flows.closure_review import closure_review

    bring_to(office, State.UNDER_REVIEW, MONDAY, "4")
    first = prefect.show(closure_review, form(by="l1-a", measures=["4"], step="同意销号"))
    assert ended(first) == ("COMPLETED", "待会签")
    assert ended(prefect.show(closure_review, form(by="h1-a", measures="4", step="同意销号"))) == (
        "COMPLETED",
        "已销号",
    )


def test_a_closure_is_refused_on_a_scan_and_goes_back(prefect: Prefect, office: Office) -> None:
    from flows.closure_review import closure_review

    bring_to(office, State.UNDER_REVIEW, MONDAY)
    paper = {"recorded_by": "g1-a", "basis": lay_ready(office, "批件.pdf")}
    shown = prefect.show(closure_review, form(by="l1-a", measures=["1"], step="不予销号", reason="成效不明显", **paper))
    assert ended(shown) == ("COMPLETED", "已退回整改")
    assert events_of(office, "1")[-1].payload["recorded_by"] == "g1-a"


def test_a_sustained_measure_is_followed_up_found_wanting_and_begun_anew(prefect: Prefect, office: Office) -> None:
    from flows.closure_review import closure_review
    from flows.follow_up import follow_up

    bring_to(office, State.VERIFIED, MONDAY, "3")
    opened = form(by="s1-a", measures=["3"], step="发起销号审核", follow_up="3m")
    assert ended(prefect.show(closure_review, opened)) == ("COMPLETED", "已发起审核")
    closed = prefect.show(closure_review, form(by="l1-a", measures=["3"], step="同意销号"))
    assert ended(closed) == ("COMPLETED", "已销号转回头看")
    assert "下次回头看时限：2023-06-27" in closed.message
    report = form(by="d1-a", measure="3", step="报告回头看情况", statement="保持")
    assert ended(prefect.show(follow_up, report)) == ("COMPLETED", "已报告")
    assert ended(prefect.show(follow_up, form(by="s1-a", measure="3", step="回头看核查通过"))) == (
        "COMPLETED",
        "核查通过",
    )
    prefect.show(follow_up, report)
    back = {"reason": "反弹", "basis": lay_ready(office, "记录.txt")}
    found = prefect.show(follow_up, form(by="s1-a", measure="3", step="回头看退回整改", **back))
    assert ended(found) == ("COMPLETED", "已退回重新整改")
    assert state_of(office, "3") is State.IN_PROGRESS


def test_what_was_closed_is_looked_back_on_and_reopened(prefect: Prefect, office: Office) -> None:
    from flows.follow_up import follow_up

    bring_to(office, State.CLOSED, MONDAY)
    look = form(by="s1-a", measure="1", step="开展回头看", due_on="2023-09-28")
    assert ended(prefect.show(follow_up, look)) == ("COMPLETED", "已开展回头看")
    back = {"reason": "反弹", "basis": lay_ready(office, "记录.txt")}
    again = prefect.show(follow_up, form(by="h1-a", measure="1", step="重新整改", **back))
    assert ended(again) == ("COMPLETED", "已重新整改")


# --- Several, and all


def test_reviews_are_opened_for_all_each_on_its_own_merits_with_a_table(prefect: Prefect, office: Office) -> None:
    from flows.closure_review import closure_review
    from models.handling.assignment import assign
    from models.handling.supervision_check import pass_check
    from tests.handling_fixtures import GENERAL, SUPERVISION, act, report

    bring_to(office, State.VERIFIED, MONDAY, "1")
    act(office, MONDAY, assign, "2", GENERAL)
    report(office, MONDAY, no="2")
    act(office, MONDAY, pass_check, "2", SUPERVISION)
    shown = prefect.show(closure_review, form(by="s1-a", every=True, step="发起销号审核"))
    assert ended(shown) == ("COMPLETED", "部分办理")
    assert shown.run.name == "销号审核 全部（发起销号审核）"
    assert shown.message.startswith("已发起审核：1项；未办理1项：措施2（完善长效机制）还不能发起销号审核，缺少：制度")
    rows = {row["措施"]: row for row in json.loads(str(shown.artifacts["closure-review"].data))}
    assert (rows["2023/1"]["结果"], rows["2023/2"]["结果"]) == ("已办理", "未办理")
    assert "材料至少一份" in rows["2023/2"]["说明"]
    assert set(shown.artifacts) == {"closure-review", "measure-1"}
    none = prefect.show(closure_review, form(by="s1-a", every=True, step="发起销号审核"))
    assert ended(none) == ("FAILED", "不予发起")


def test_all_drafts_are_assigned_and_then_none_is_left(prefect: Prefect, office: Office) -> None:
    from flows.assignment import assignment

    shown = prefect.show(assignment, form(by="g1-a", every=True, step="交办"))
    assert ended(shown) == ("COMPLETED", "部分办理")
    assert "未办理1项：措施2023/5：" in shown.message
    assert "在“时限”一栏写明日期" in shown.message
    dated = prefect.show(assignment, form(by="g1-a", measures=["5"], step="交办", due_on="2023-06-30"))
    assert ended(dated) == ("COMPLETED", "已交办")
    assert ended(prefect.show(assignment, form(by="g1-a", every=True, step="交办"))) == ("COMPLETED", "无待办理")


# --- Refusals


def test_a_decision_without_its_reason_is_refused(prefect: Prefect, office: Office) -> None:
    from flows.closure_review import closure_review

    bring_to(office, State.UNDER_REVIEW, MONDAY)
    shown = prefect.show(closure_review, form(by="l1-a", measures=["1"], step="不予销号"))
    assert ended(shown) == ("FAILED", "未退回")
    assert "请在“理由或意见”一栏写明理由" in shown.message
    assert state_of(office, "1") is State.UNDER_REVIEW


REFUSED: dict[str, tuple[str, object, str, str]] = {
    "a person who may not": (
        "assignment",
        form(by="d1-a", measures=["1"], step="交办"),
        "未交办",
        "应由综合组办理",
    ),
    "a state in which it cannot be": (
        "closure_review",
        form(by="l1-a", measures=["1"], step="同意销号"),
        "不予销号",
        "此时不能办理“同意销号”",
    ),
    "an unknown measure": (
        "supervision_check",
        form(by="s1-a", measure="99", step="核查通过"),
        "未核查",
        "没有编号为“99”的措施",
    ),
    "an unknown person": (
        "self_check",
        form(by="nobody", measure="1", statement="x"),
        "未上报",
        "没有代码为“nobody”的经办人",
    ),
    "a version that is old": (
        "assignment",
        form(by="g1-a", measures=["1"], step="交办", version=7),
        "未交办",
        "已被他人更新",
    ),
    "a file that is not in the inbox": (
        "self_check",
        form(by="d1-a", measure="1", statement="x", evidence=[{"file": "a.txt"}]),
        "未上报",
        "没有文件“a.txt”",
    ),
    "no form": ("closure_review", None, "表单有误", "应为一份表单"),
    "a wrong type": (
        "closure_review",
        form(by="s1-a", measures={"a": 1}, step="发起销号审核"),
        "表单有误",
        "措施编号（measures）：应为",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_breaks_a_rule_ends_failed_with_its_reason_and_changes_nothing(
    prefect: Prefect, office: Office, case: str, capfd: pytest.CaptureFixture[str]
) -> None:
    import flows.assignment
    import flows.closure_review
    import flows.follow_up
    import flows.self_check
    import flows.supervision_check

    flow, given, state, said = REFUSED[case]
    before = contents(office)
    shown = prefect.show(getattr(getattr(flows, flow), flow), given)
    assert ended(shown) == ("FAILED", state)
    assert said in shown.message
    assert "--" not in shown.message
    assert not shown.artifacts
    assert contents(office) == before
    printed = "".join(capfd.readouterr())
    assert "Traceback" not in printed, printed


def test_a_home_that_is_not_in_order_is_a_refusal_too(prefect: Prefect, office: Office) -> None:
    from flows.closure_review import closure_review

    office.settings.policy.write_text("stages: 1", encoding="utf-8")
    shown = prefect.show(closure_review, form(by="s1-a", measures=["1"], step="发起销号审核"))
    assert ended(shown) == ("FAILED", "不予发起")
    assert "升级阶梯文件" in shown.message


def test_a_database_that_somebody_else_holds_is_a_refusal_too(prefect: Prefect, office: Office) -> None:
    from flows.assignment import assignment

    with open_office(office.settings) as other, other.store.writing():
        shown = prefect.show(assignment, form(by="g1-a", measures=["1"], step="交办"))
    assert ended(shown) == ("FAILED", "未交办")
    assert "数据库" in shown.message
    assert state_of(office, "1") is State.DRAFTED
