"""hand_over and withdraw: which clocks change holder in which state, what those who come and go hear, and what ends."""

from datetime import date
from pathlib import Path

import pytest

from flows.office import Office
from flows.steps import run_day
from models.errors import NotFound, UsageRefused
from models.handling.assignment import accept
from models.handling.case import By
from models.handling.closure_review import approve, reject
from models.handling.extension import ask_extension, decide_extension
from models.handling.follow_up import follow_up_report
from models.handling.holding import hold
from models.handling.reassignment import hand_over, withdraw
from models.lifecycle import LIVE_STATES, Role, Stage, State
from models.news import NewsKind
from models.store import board
from tests.handling_fixtures import (
    CREW,
    HEAD,
    LEAD,
    PATH,
    UNIT,
    Line,
    act,
    all_clocks_of,
    bring_to,
    clocks_at,
    cooperating,
    cycles_of,
    ending,
    heard,
    heard_kinds,
    id_of,
    last_event,
    measure,
    news_of,
    nobody_waits_in_vain,
    refused,
    report,
    running,
    small_office,
    state_of,
    take_in,
)
from tests.offices import replaced

ON = date(2023, 4, 3)
MOVED = By("g1-a", reason="机构调整")


def taken_to(office: Office, state: State, line: Line | None = None) -> None:
    take_in(office, line or Line("1", cooperating="D2", closure="长期坚持", major="是"))
    if state is not State.DRAFTED:
        bring_to(office, state, ON)


def holders(office: Office) -> dict[Stage, set[str]]:
    """Who holds the clocks that run, by stage."""
    found: dict[Stage, set[str]] = {}
    for clock in all_clocks_of(office, "1"):
        if clock.stopped_on is None:
            found.setdefault(clock.stage, set()).add(clock.holder)
    return found


# --- Another unit


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.ASSIGNED, {Stage.ACCEPT: {"单位D4"}, Stage.COMPLETE: {"单位D4"}}),
        (State.IN_PROGRESS, {Stage.COMPLETE: {"单位D4"}}),
        (State.SELF_CHECKED, {Stage.CHECK: {"单位S1"}}),
        (State.VERIFIED, {Stage.OPEN_REVIEW: {"单位S1"}}),
        (State.UNDER_REVIEW, {Stage.REVIEW: {"单位L1", "单位H1"}}),
        (State.FOLLOWING_UP, {Stage.FOLLOW_UP: {"单位D4"}}),
    ],
)
def test_another_unit_holds_what_the_first_one_held(
    crew: Office, state: State, expected: dict[Stage, set[str]]
) -> None:
    taken_to(crew, state)
    before = {(clock.stage, clock.due_on, clock.first_due_on) for clock in all_clocks_of(crew, "1")}
    done = act(crew, ON, hand_over, "1", MOVED, "D4")
    assert (done.state, holders(crew)) == (state, expected)
    assert {(clock.stage, clock.due_on, clock.first_due_on) for clock in all_clocks_of(crew, "1")} == before
    assert last_event(crew).payload == {"unit_before": "单位D1", "unit_after": "单位D4", "reason": "机构调整"}
    assert heard_kinds(crew) == {
        "D4": NewsKind.HANDED_OVER,
        "D1": NewsKind.TAKEN_AWAY,
        "D2": NewsKind.REASSIGNED,
        "L1": NewsKind.REASSIGNED,
        "S1": NewsKind.REASSIGNED,
    }
    assert heard(crew)["D4"] is Role.UNIT


def test_the_new_unit_hears_the_next_date(crew: Office) -> None:
    taken_to(crew, State.ASSIGNED, Line("1"))
    act(crew, ON, hand_over, "1", MOVED, "单位D4")
    assert {row.party: row.due_on for row in news_of(crew)} == {
        "D4": date(2023, 4, 6), "D1": None, "L1": None, "S1": None,
    }  # fmt: skip


def test_only_the_new_unit_acts_from_then_on(crew: Office) -> None:
    taken_to(crew, State.ASSIGNED)
    act(crew, ON, hand_over, "1", MOVED, "D4")
    with refused(crew, "与该措施无关的一方"):
        act(crew, ON, accept, "1", UNIT)
    act(crew, ON, accept, "1", By("solo"))


def test_who_helped_and_now_answers_helps_no_longer(crew: Office) -> None:
    taken_to(crew, State.IN_PROGRESS)
    act(crew, ON, hand_over, "1", MOVED, "D2")
    assert cooperating(crew, "1") == 0
    assert heard_kinds(crew) == {
        "D2": NewsKind.HANDED_OVER,
        "D1": NewsKind.TAKEN_AWAY,
        "L1": NewsKind.REASSIGNED,
        "S1": NewsKind.REASSIGNED,
    }


def test_what_stopped_keeps_the_one_who_held_it(crew: Office) -> None:
    taken_to(crew, State.IN_PROGRESS)
    act(crew, ON, hand_over, "1", MOVED, "D4")
    assert [clock.holder for clock in clocks_at(crew, Stage.ACCEPT)] == ["单位D1"]


def test_the_new_unit_is_told_the_rung_on_which_it_stands_and_proof_begins_anew(crew: Office) -> None:
    """Overdue by a day: the unit was told, so that a referral could have followed."""
    taken_to(crew, State.IN_PROGRESS, Line("1", limit="2023年4月6日前"))
    run_day(crew, date(2023, 4, 7))
    assert clocks_at(crew, Stage.COMPLETE)[0].served_on == date(2023, 4, 7)
    act(crew, date(2023, 4, 10), hand_over, "1", MOVED, "D4")
    assert clocks_at(crew, Stage.COMPLETE)[0].served_on is None
    run_day(crew, date(2023, 4, 10))
    with crew.store.reading() as connection:
        rows = board.notices_of_measure(connection, id_of(crew, "1"))
    said = [(row.party, row.rung) for row in rows if row.on_day == date(2023, 4, 10) and row.unsaid is None]
    assert said == [("D4", "complete/+1wd")]


def test_a_follow_up_that_waits_for_its_check_stays_supervisions(crew: Office) -> None:
    taken_to(crew, State.FOLLOWING_UP)
    act(crew, ON, follow_up_report, "1", UNIT, "仍在执行", ())
    act(crew, ON, hand_over, "1", MOVED, "D4")
    assert holders(crew) == {Stage.CHECK: {"单位S1"}}


# --- Another lead


def test_another_lead_decides_what_the_first_one_was_asked(crew: Office) -> None:
    taken_to(crew, State.IN_PROGRESS)
    act(crew, ON, ask_extension, "1", By("d1-a", reason="忙"), date(2023, 7, 7))
    act(crew, ON, hand_over, "1", MOVED, None, "L2")
    assert holders(crew) == {Stage.COMPLETE: {"单位D1"}, Stage.DECIDE: {"单位L2"}}
    assert last_event(crew).payload == {"lead_before": "单位L1", "lead_after": "单位L2", "reason": "机构调整"}
    assert heard_kinds(crew) == {
        "L2": NewsKind.HANDED_OVER,
        "L1": NewsKind.TAKEN_AWAY,
        "D1": NewsKind.REASSIGNED,
        "D2": NewsKind.REASSIGNED,
        "S1": NewsKind.REASSIGNED,
    }
    with refused(crew, "“延期审批”应由牵头领导办理"):
        act(crew, ON, decide_extension, "1", By("l1-a", reason="同意"), True)
    act(crew, ON, decide_extension, "1", By("l2-a", reason="同意"), True)
    assert running(crew) == {Stage.COMPLETE: date(2023, 7, 7)}


def test_under_review_the_other_lead_signs_beside_the_head(crew: Office) -> None:
    taken_to(crew, State.UNDER_REVIEW)
    act(crew, ON, hand_over, "1", MOVED, None, "L2")
    assert holders(crew) == {Stage.REVIEW: {"单位L2", "单位H1"}}
    with refused(crew, "您现在代表的是与该措施无关的一方"):
        act(crew, ON, approve, "1", LEAD)
    act(crew, ON, approve, "1", HEAD)
    act(crew, ON, approve, "1", By("l2-a"))
    assert [(clock.holder, clock.outcome) for clock in clocks_at(crew, Stage.REVIEW)] == [
        ("单位L2", "met"),
        ("单位H1", "met"),
    ]
    assert cycles_of(crew)[0].closed_by_lead == "l2-a"


def test_once_the_lead_has_signed_the_other_lead_need_not(crew: Office) -> None:
    taken_to(crew, State.UNDER_REVIEW)
    act(crew, ON, approve, "1", LEAD)
    act(crew, ON, hand_over, "1", MOVED, None, "L2")
    assert holders(crew) == {Stage.REVIEW: {"单位H1"}}
    with refused(crew, "您所代表的一方已同意销号"):
        act(crew, ON, approve, "1", By("l2-a"))
    assert act(crew, ON, approve, "1", HEAD).state is State.FOLLOWING_UP


def test_once_the_head_has_signed_the_other_lead_must(crew: Office) -> None:
    taken_to(crew, State.UNDER_REVIEW)
    act(crew, ON, approve, "1", HEAD)
    act(crew, ON, hand_over, "1", MOVED, None, "L2")
    assert holders(crew) == {Stage.REVIEW: {"单位L2"}}
    act(crew, ON, reject, "1", By("l2-a", reason="成效不实"))
    assert holders(crew) == {Stage.COMPLETE: {"单位D1"}}


def test_unit_and_lead_may_change_at_once(crew: Office) -> None:
    taken_to(crew, State.ASSIGNED)
    act(crew, ON, hand_over, "1", MOVED, "D4", "L2")
    assert heard_kinds(crew) == {
        "D4": NewsKind.HANDED_OVER,
        "L2": NewsKind.HANDED_OVER,
        "D1": NewsKind.TAKEN_AWAY,
        "L1": NewsKind.TAKEN_AWAY,
        "D2": NewsKind.REASSIGNED,
        "S1": NewsKind.REASSIGNED,
    }
    assert measure(crew, "1").version == 3


def test_who_was_the_one_and_becomes_the_other_hears_that_it_is_theirs(tmp_path: Path) -> None:
    """A party that may be both: it led, and answers for the measure from now on."""
    found = replaced(CREW, "L1", roles=frozenset({Role.LEAD, Role.UNIT}))
    with small_office(tmp_path, found) as office:
        taken_to(office, State.IN_PROGRESS, Line("1"))
        act(office, ON, hand_over, "1", MOVED, "L1", "L2")
        assert heard_kinds(office) == {
            "L1": NewsKind.HANDED_OVER,
            "L2": NewsKind.HANDED_OVER,
            "D1": NewsKind.TAKEN_AWAY,
            "S1": NewsKind.REASSIGNED,
        }
        nobody_waits_in_vain(office)


# --- What is refused


@pytest.mark.parametrize(
    ("by", "unit", "lead", "error", "why"),
    [
        pytest.param(MOVED, None, None, UsageRefused, "没有写明改派给谁", id="to nobody"),
        pytest.param(MOVED, "D1", None, UsageRefused, "责任单位已经是单位D1", id="the same unit"),
        pytest.param(MOVED, None, "L1", UsageRefused, "牵头领导已经是单位L1", id="the same lead"),
        pytest.param(MOVED, "D4", "L1", UsageRefused, "牵头领导已经是单位L1", id="another unit, the same lead"),
        pytest.param(MOVED, "L2", None, UsageRefused, "单位L2（L2）不是责任单位", id="a lead as unit"),
        pytest.param(MOVED, None, "D4", UsageRefused, "单位D4（D4）不是牵头领导", id="a unit as lead"),
        pytest.param(MOVED, "X9", None, NotFound, "通讯录中没有“X9”", id="a stranger"),
        pytest.param(By("g1-a"), "D4", None, None, "办理“改派”须写明理由", id="no reason"),
        pytest.param(By("s1-a", reason="调"), "D4", None, None, "“改派”应由综合组办理", id="supervision"),
    ],
)
def test_whom_a_measure_cannot_be_handed_to(
    crew: Office, by: By, unit: str | None, lead: str | None, error: type[UsageRefused] | None, why: str
) -> None:
    taken_to(crew, State.IN_PROGRESS)
    if error:
        with refused(crew, why, error):
            act(crew, ON, hand_over, "1", by, unit, lead)
    else:
        with refused(crew, why):
            act(crew, ON, hand_over, "1", by, unit, lead)


@pytest.mark.parametrize("state", [State.DRAFTED, State.CLOSED])
def test_where_nobody_must_act_there_is_nothing_to_hand_over(crew: Office, state: State) -> None:
    taken_to(crew, state, Line("1"))
    with refused(crew, "此时不能办理“改派”"):
        act(crew, ON, hand_over, "1", MOVED, "D4")


def test_a_held_measure_is_not_handed_over(crew: Office) -> None:
    taken_to(crew, State.IN_PROGRESS)
    act(crew, ON, hold, "1", By("s1-a", reason="等"))
    with refused(crew, "已挂起"):
        act(crew, ON, hand_over, "1", MOVED, "D4")


# --- Withdrawn


@pytest.mark.parametrize("state", [state for state in State if state in LIVE_STATES])
def test_an_open_measure_is_withdrawn_with_all_its_clocks(crew: Office, state: State) -> None:
    taken_to(crew, state)
    ran = {clock.stage for clock in all_clocks_of(crew, "1") if clock.stopped_on is None}
    done = act(crew, ON, withdraw, "1", By("g1-a", reason="与第2条重复"))
    assert (done.state, running(crew)) == (State.WITHDRAWN, {})
    voided = [clock for clock in all_clocks_of(crew, "1") if clock.outcome == "void"]
    assert ran <= {clock.stage for clock in voided}
    assert {ending(clock) for clock in voided} <= {(ON, "void", None)}
    assert last_event(crew).payload == {"reason": "与第2条重复"}
    told = {"D1": Role.UNIT, "D2": Role.COOPERATING, "L1": Role.LEAD, "S1": Role.SUPERVISION}
    if state is State.UNDER_REVIEW:
        told["H1"] = Role.HEAD  # whose review falls away
    assert heard(crew) == ({} if state is State.DRAFTED else told)


def test_a_draft_that_is_withdrawn_never_had_a_cycle(crew: Office) -> None:
    taken_to(crew, State.DRAFTED)
    act(crew, ON, withdraw, "1", By("g1-a", reason="重复"))
    assert cycles_of(crew) == []


def test_a_held_measure_may_be_withdrawn(crew: Office) -> None:
    taken_to(crew, State.UNDER_REVIEW)
    act(crew, ON, hold, "1", By("s1-a", reason="等"))
    act(crew, date(2023, 4, 6), withdraw, "1", By("g1-a", reason="不再适用"))
    assert [(clock.held_on, ending(clock)) for clock in clocks_at(crew, Stage.REVIEW)] == [
        (ON, (date(2023, 4, 6), "void", None)),
        (ON, (date(2023, 4, 6), "void", None)),
    ]
    assert state_of(crew, "1") is State.WITHDRAWN


def test_what_is_over_is_not_withdrawn(crew: Office) -> None:
    taken_to(crew, State.CLOSED, Line("1"))
    with refused(crew, "该措施现为“已销号”，此时不能办理“作废”"):
        act(crew, ON, withdraw, "1", By("g1-a", reason="重复"))


@pytest.mark.parametrize(
    ("by", "why"),
    [(By("g1-a"), "须写明理由"), (By("s1-a", reason="重复"), "“作废”应由综合组办理")],
)
def test_the_general_group_withdraws_and_says_why(crew: Office, by: By, why: str) -> None:
    taken_to(crew, State.IN_PROGRESS)
    with refused(crew, why):
        act(crew, ON, withdraw, "1", by)


def test_a_withdrawn_measure_stays_so(crew: Office) -> None:
    taken_to(crew, State.IN_PROGRESS)
    act(crew, ON, withdraw, "1", By("g1-a", reason="重复"))
    assert State.WITHDRAWN not in PATH
    with refused(crew, "该措施现为“已作废”，此时不能办理“自查上报”；已没有可以办理的事项"):
        report(crew, ON)
