"""Extensions and new limits: when they may be asked for, what a grant moves, and what ends a request unanswered."""

from datetime import date

import pytest

from flows.office import Office
from models.handling.case import By
from models.handling.closure_review import reject
from models.handling.extension import ask_extension, decide_extension, set_new_limit
from models.handling.follow_up import reopen
from models.handling.holding import hold, resume
from models.handling.persons import Term, grant_exception
from models.handling.supervision_check import fail_check
from models.lifecycle import Role, Stage, State
from models.news import NewsKind
from tests.handling_fixtures import (
    GENERAL,
    LEAD,
    SUPERVISION,
    UNIT,
    Line,
    act,
    bring_to,
    clocks_at,
    cycles_of,
    ending,
    hand_out,
    heard,
    last_event,
    measure,
    news_of,
    on_paper,
    refused,
    report,
    running,
    take_in,
)

DUE = date(2023, 4, 28)
"""A Friday. The last day to ask is Thursday the 27th; the longest extension ends on 28 May."""
ASKED = date(2023, 4, 27)
UNTIL = date(2023, 5, 28)
ASKING, GRANTING = By("d1-a", reason="供应商延迟"), By("l1-a", reason="情况属实")


@pytest.fixture
def rectifying(crew: Office) -> Office:
    take_in(crew, Line("1", limit="2023年4月28日前", cooperating="D2"))
    bring_to(crew, State.IN_PROGRESS, date(2023, 3, 27))
    return crew


def ask(office: Office, on: date = ASKED, until: date = UNTIL, by: By = ASKING) -> None:
    act(office, on, ask_extension, "1", by, until)


# --- Asking


def test_asking_opens_the_leads_three_days_and_moves_nothing(rectifying: Office) -> None:
    done = act(rectifying, ASKED, ask_extension, "1", ASKING, UNTIL)
    # 28 April, 4 and 5 May
    assert running(rectifying) == {Stage.COMPLETE: DUE, Stage.DECIDE: date(2023, 5, 5)}
    assert clocks_at(rectifying, Stage.DECIDE)[0].holder == "单位L1"
    assert (done.state, done.told.told) == (State.IN_PROGRESS, ("单位L1",))
    event = last_event(rectifying)
    assert (event.action, event.party, event.to_state) == ("ask_extension", "D1", "in_progress")
    assert event.payload == {"old_due_on": "2023-04-28", "new_due_on": "2023-05-28", "reason": "供应商延迟"}
    assert [(row.party, row.role, row.kind, row.due_on) for row in news_of(rectifying)] == [
        ("L1", Role.LEAD, NewsKind.EXTENSION_ASKED, date(2023, 5, 5))
    ]


def test_it_may_be_asked_for_before_acceptance(crew: Office) -> None:
    take_in(crew, Line("1", limit="2023年4月28日前"))
    hand_out(crew, "1", date(2023, 3, 27))
    ask(crew, date(2023, 3, 27))
    assert running(crew).keys() == {Stage.ACCEPT, Stage.COMPLETE, Stage.DECIDE}


@pytest.mark.parametrize(
    ("on", "until", "reason", "why"),
    [
        (DUE, UNTIL, "忙", "延期须在时限 2023-04-28 之前至少1个工作日（2023-04-27 及以前）申请"),
        (date(2023, 4, 29), UNTIL, "忙", "整改时限已过，不能再申请延期；请牵头领导办理“重定时限”"),
        (ASKED, DUE, "忙", "申请延至 2023-04-28，不晚于现时限 2023-04-28"),
        (ASKED, date(2023, 5, 29), "忙", "一次延期最多30天，2023-05-29 超出了上限"),
        (ASKED, UNTIL, " ", "办理“申请延期”须写明理由"),
    ],
)
def test_what_may_not_be_asked_for(rectifying: Office, on: date, until: date, reason: str, why: str) -> None:
    with refused(rectifying, why):
        ask(rectifying, on, until, By("d1-a", reason=reason))


def test_over_a_holiday_the_last_day_to_ask_is_the_working_day_before(crew: Office) -> None:
    """Due on Thursday 4 May, the first working day after Labour Day."""
    take_in(crew, Line("1", limit="2023年5月4日前"))
    bring_to(crew, State.IN_PROGRESS, date(2023, 3, 27))
    with refused(crew, "2023-04-28 及以前"):
        ask(crew, date(2023, 4, 29), date(2023, 5, 31))
    ask(crew, date(2023, 4, 28), date(2023, 5, 31))


@pytest.mark.parametrize("by", [By("d2-a", reason="忙"), By("l1-a", reason="忙"), By("g1-a", reason="忙")])
def test_only_the_unit_asks(rectifying: Office, by: By) -> None:
    with refused(rectifying, "“申请延期”应由责任单位办理"):
        ask(rectifying, by=by)


@pytest.mark.parametrize("ended", ["pending", "refused", "granted", "voided"])
def test_it_is_asked_for_once_a_cycle_whatever_came_of_it(rectifying: Office, ended: str) -> None:
    ask(rectifying)
    if ended in ("refused", "granted"):
        act(rectifying, ASKED, decide_extension, "1", GRANTING, ended == "granted")
    if ended == "voided":
        report(rectifying, ASKED)
        act(rectifying, ASKED, fail_check, "1", By("s1-a", reason="缺"))
    with refused(rectifying, "本整改周期已申请过一次延期"):
        ask(rectifying, until=date(2023, 6, 1))


def test_another_cycle_may_ask_again(rectifying: Office) -> None:
    ask(rectifying)
    bring_to(rectifying, State.CLOSED, ASKED)
    with on_paper(rectifying, By("s1-a", reason="反弹")) as by:
        act(rectifying, date(2023, 5, 8), reopen, "1", by, date(2023, 5, 31))
    ask(rectifying, date(2023, 5, 9), date(2023, 6, 30))
    act(rectifying, date(2023, 5, 9), decide_extension, "1", GRANTING, True)
    assert running(rectifying) == {Stage.COMPLETE: date(2023, 6, 30)}


# --- Deciding


def test_a_grant_moves_the_date_and_keeps_the_first_one(rectifying: Office) -> None:
    ask(rectifying)
    done = act(rectifying, date(2023, 5, 5), decide_extension, "1", GRANTING, True)
    (complete,) = clocks_at(rectifying, Stage.COMPLETE)
    assert (complete.due_on, complete.first_due_on, complete.stopped_on) == (UNTIL, DUE, None)
    assert ending(clocks_at(rectifying, Stage.DECIDE)[0]) == (date(2023, 5, 5), "met", None)
    assert (done.notes, measure(rectifying, "1").due_on) == (("整改时限改为 2023-05-28。",), DUE)
    assert last_event(rectifying).payload == {
        "granted": True, "old_due_on": "2023-04-28", "new_due_on": "2023-05-28", "reason": "情况属实",
    }  # fmt: skip
    assert heard(rectifying) == {
        "D1": Role.UNIT, "D2": Role.COOPERATING, "S1": Role.SUPERVISION, "G1": Role.GENERAL,
    }  # fmt: skip
    assert {(row.kind, row.due_on) for row in news_of(rectifying)} == {(NewsKind.EXTENSION_GRANTED, UNTIL)}


def test_a_refusal_leaves_the_date(rectifying: Office) -> None:
    ask(rectifying)
    done = act(rectifying, date(2023, 5, 8), decide_extension, "1", GRANTING, False)
    assert done.notes == ("整改时限仍为 2023-04-28。",)
    # The lead was to decide by 5 May: Saturday the 6th was worked.
    assert ending(clocks_at(rectifying, Stage.DECIDE)[0]) == (date(2023, 5, 8), "late", 2)
    assert running(rectifying) == {Stage.COMPLETE: DUE}
    assert last_event(rectifying).payload["granted"] is False
    assert heard(rectifying) == {"D1": Role.UNIT, "S1": Role.SUPERVISION}
    assert {(row.kind, row.due_on) for row in news_of(rectifying)} == {(NewsKind.EXTENSION_REFUSED, DUE)}


def test_a_self_check_leaves_nothing_to_decide(rectifying: Office) -> None:
    ask(rectifying)
    report(rectifying, DUE)
    assert ending(clocks_at(rectifying, Stage.DECIDE)[0]) == (DUE, "void", None)
    with refused(rectifying, "此时不能办理“延期审批”"):
        act(rectifying, DUE, decide_extension, "1", GRANTING, True)


@pytest.mark.parametrize(
    ("by", "why"),
    [
        pytest.param(By("l1-a"), "办理“延期审批”须写明理由", id="no reason"),
        pytest.param(
            By("l2-a", reason="同意"), "应由牵头领导办理，您现在代表的是与该措施无关的一方", id="another lead"
        ),
        pytest.param(By("h1-a", reason="同意"), "应由牵头领导办理", id="the head"),
        pytest.param(ASKING, "应由牵头领导办理，您现在代表的是责任单位", id="who asked"),
    ],
)
def test_only_the_lead_decides_and_says_why(rectifying: Office, by: By, why: str) -> None:
    ask(rectifying)
    with refused(rectifying, why):
        act(rectifying, ASKED, decide_extension, "1", by, True)


def test_nothing_asked_is_nothing_to_decide(rectifying: Office) -> None:
    with refused(rectifying, "没有待审批的延期申请"):
        act(rectifying, ASKED, decide_extension, "1", GRANTING, True)


def test_nobody_grants_what_they_asked_for_themselves(rectifying: Office) -> None:
    ask(rectifying, by=By("jack", as_party="D1", reason="忙"))
    jack = By("jack", as_party="L1", reason="同意")
    with refused(rectifying, "本周期的延期由您申请，按回避要求不能再由您办理“延期审批”"):
        act(rectifying, ASKED, decide_extension, "1", jack, True)
    with rectifying.acting(ASKED) as (session, ground):
        grant_exception(session, ground, By("h1-a", reason="人手不足"), "jack", Term(ASKED, ASKED))
    done = act(rectifying, ASKED, decide_extension, "1", jack, True)
    assert done.notes[-1].startswith("单人例外：jack")
    assert cycles_of(rectifying)[0].exception_id == 1


@pytest.mark.parametrize(
    ("back", "due_on", "why"),
    [
        pytest.param(date(2023, 5, 9), date(2023, 5, 10), None, id="still before it"),
        pytest.param(
            date(2023, 5, 11), date(2023, 5, 12), "申请延至的 2023-05-12 已不晚于现时限 2023-05-12", id="to it"
        ),
        pytest.param(
            date(2023, 5, 12), date(2023, 5, 15), "申请延至的 2023-05-12 已不晚于现时限 2023-05-15", id="past it"
        ),
    ],
)
def test_a_hold_may_have_given_the_time_that_was_asked_for(
    rectifying: Office, back: date, due_on: date, why: str | None
) -> None:
    """Held on the day it was asked for, with one working day left. A refusal may still be said."""
    ask(rectifying, until=date(2023, 5, 12))
    act(rectifying, ASKED, hold, "1", By("s1-a", reason="等"))
    act(rectifying, back, resume, "1", By("s1-a", reason="到"))
    assert running(rectifying)[Stage.COMPLETE] == due_on
    if why is None:
        act(rectifying, back, decide_extension, "1", GRANTING, True)
        assert running(rectifying) == {Stage.COMPLETE: date(2023, 5, 12)}
        return
    with refused(rectifying, why, cure="请不予延期"):
        act(rectifying, back, decide_extension, "1", GRANTING, True)
    act(rectifying, back, decide_extension, "1", GRANTING, False)
    assert running(rectifying) == {Stage.COMPLETE: due_on}
    assert last_event(rectifying).payload == {
        "granted": False, "old_due_on": str(due_on), "new_due_on": "2023-05-12", "reason": "情况属实",
    }  # fmt: skip


def test_a_date_that_has_passed_is_not_granted_any_more(rectifying: Office) -> None:
    ask(rectifying, until=date(2023, 5, 12))
    with refused(rectifying, "申请延至的 2023-05-12 已经过去，不能再同意", cure="重定时限"):
        act(rectifying, date(2023, 5, 13), decide_extension, "1", GRANTING, True)
    act(rectifying, date(2023, 5, 13), decide_extension, "1", GRANTING, False)
    assert running(rectifying) == {Stage.COMPLETE: DUE}


def test_on_the_date_itself_it_may_still_be_granted(rectifying: Office) -> None:
    ask(rectifying, until=date(2023, 5, 12))
    act(rectifying, date(2023, 5, 12), decide_extension, "1", GRANTING, True)
    assert running(rectifying) == {Stage.COMPLETE: date(2023, 5, 12)}


# --- A new limit


@pytest.mark.parametrize(("given", "fine"), [(date(2023, 5, 8), True), (date(2023, 12, 29), True)])
def test_the_lead_sets_a_new_limit_once_the_old_one_is_over(rectifying: Office, given: date, fine: bool) -> None:
    on = date(2023, 5, 8)
    done = act(rectifying, on, set_new_limit, "1", By("l1-a", reason="确有困难"), given)
    (complete,) = clocks_at(rectifying, Stage.COMPLETE)
    assert (complete.due_on, complete.first_due_on, complete.opened_on) == (given, DUE, date(2023, 3, 27))
    assert done.notes == (f"整改时限改为 {given}。",)
    assert last_event(rectifying).payload == {
        "old_due_on": "2023-04-28", "new_due_on": str(given), "reason": "确有困难",
    }  # fmt: skip
    assert heard(rectifying).keys() == {"D1", "D2", "S1", "G1"}
    assert {(row.kind, row.due_on) for row in news_of(rectifying)} == {(NewsKind.LIMIT_SET, given)}


def test_a_new_limit_answers_what_was_asked_for(rectifying: Office) -> None:
    ask(rectifying)
    act(rectifying, date(2023, 5, 4), set_new_limit, "1", By("l1-a", reason="确有困难"), date(2023, 5, 31))
    assert ending(clocks_at(rectifying, Stage.DECIDE)[0]) == (date(2023, 5, 4), "void", None)
    assert running(rectifying) == {Stage.COMPLETE: date(2023, 5, 31)}


@pytest.mark.parametrize(
    ("on", "given", "by", "why"),
    [
        (DUE, date(2023, 5, 31), By("l1-a", reason="难"), "整改时限尚未过，不能重定时限"),
        (date(2023, 5, 8), date(2023, 4, 28), By("l1-a", reason="难"), "新时限 2023-04-28 不晚于原时限 2023-04-28"),
        (date(2023, 5, 8), date(2023, 5, 7), By("l1-a", reason="难"), "给出的日期 2023-05-07 已经过去"),
        (date(2023, 5, 8), date(2023, 5, 31), LEAD, "须写明理由"),
        (date(2023, 5, 8), date(2023, 5, 31), By("g1-a", reason="难"), "应由牵头领导办理"),
    ],
)
def test_new_limits_that_may_not_be_set(rectifying: Office, on: date, given: date, by: By, why: str) -> None:
    with refused(rectifying, why):
        act(rectifying, on, set_new_limit, "1", by, given)


def test_after_an_extension_expired_a_new_limit_may_be_set(rectifying: Office) -> None:
    ask(rectifying, until=date(2023, 5, 12))
    act(rectifying, ASKED, decide_extension, "1", GRANTING, True)
    with refused(rectifying, "整改时限尚未过"):
        act(rectifying, date(2023, 5, 12), set_new_limit, "1", By("l1-a", reason="难"), date(2023, 5, 31))
    act(rectifying, date(2023, 5, 13), set_new_limit, "1", By("l1-a", reason="难"), date(2023, 5, 31))
    assert [(clock.due_on, clock.first_due_on) for clock in clocks_at(rectifying, Stage.COMPLETE)] == [
        (date(2023, 5, 31), DUE)
    ]


def test_work_sent_back_counts_from_the_date_that_was_granted(rectifying: Office) -> None:
    ask(rectifying)
    act(rectifying, ASKED, decide_extension, "1", GRANTING, True)
    bring_to(rectifying, State.UNDER_REVIEW, DUE)
    act(rectifying, DUE, reject, "1", By("l1-a", reason="成效不实"))
    assert running(rectifying) == {Stage.COMPLETE: UNTIL}


def test_others_are_not_concerned(rectifying: Office) -> None:
    for by in (GENERAL, SUPERVISION, UNIT):
        with refused(rectifying, "“重定时限”应由牵头领导办理"):
            act(rectifying, date(2023, 5, 8), set_new_limit, "1", By(by.person, reason="难"), date(2023, 5, 31))
