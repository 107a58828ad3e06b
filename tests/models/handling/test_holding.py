"""hold and resume: clocks pause with the working days they had left, and what they had said is not said again.

The holds reach over Labour Day: 29 April to 3 May are off, Sunday 23 April and Saturday 6 May are worked.
"""

from datetime import date

import pytest

from flows.office import Office
from flows.steps import deliver_messages, run_day
from models.handling.accountability import take_up
from models.handling.assignment import accept
from models.handling.case import By
from models.handling.closure_review import approve
from models.handling.extension import ask_extension, decide_extension
from models.handling.follow_up import follow_up_report
from models.handling.holding import hold, resume
from models.handling.reassignment import withdraw
from models.handling.rectification import report_progress
from models.lifecycle import Role, Stage, State
from models.news import NewsKind
from models.store import board
from models.tables import MessageState
from tests.handling_fixtures import (
    ACCOUNTABILITY,
    HEAD,
    LEAD,
    SUPERVISION,
    UNIT,
    Line,
    act,
    all_clocks_of,
    bring_to,
    clocks_at,
    heard,
    heard_kinds,
    id_of,
    last_event,
    refused,
    report,
    running,
    state_of,
    take_in,
)

BEGUN = date(2023, 3, 27)
BACK = date(2023, 5, 8)
"""The Monday on which most holds end."""
PAUSE, GO_ON = By("s1-a", reason="等待上级批复"), By("s1-b", reason="批复已到")


def rectifying(office: Office, due_on: str) -> None:
    take_in(office, Line("1", limit=due_on, cooperating="D2"))
    bring_to(office, State.IN_PROGRESS, BEGUN)


def held_for(office: Office, since: date, until: date) -> None:
    act(office, since, hold, "1", PAUSE)
    act(office, until, resume, "1", GO_ON)


def said(office: Office, on: date) -> list[tuple[str, str]]:
    """What was said of the measure on a day: party and rung."""
    with office.store.reading() as connection:
        rows = board.notices_of_measure(connection, id_of(office, "1"))
    return sorted((row.party, row.rung) for row in rows if row.on_day == on and row.unsaid is None)


# --- The days


@pytest.mark.parametrize(
    ("limit", "since", "left", "until", "due_on"),
    [
        pytest.param("2023年5月4日前", date(2023, 4, 27), 2, BACK, date(2023, 5, 10), id="ahead: 28, 4 | 9, 10"),
        pytest.param("2023年5月31日前", date(2023, 4, 28), 21, BACK, date(2023, 6, 6), id="weeks ahead"),
        pytest.param("2023年4月28日前", date(2023, 4, 28), 0, BACK, BACK, id="due that day"),
        pytest.param("2023年4月30日前", date(2023, 4, 28), 0, BACK, BACK, id="due on a rest day, no working day left"),
        pytest.param("2023年4月26日前", date(2023, 4, 28), -2, BACK, date(2023, 5, 5), id="overdue by 27, 28 | 6, 5"),
        pytest.param("2023年4月26日前", date(2023, 4, 28), -2, date(2023, 5, 4), date(2023, 4, 27), id="4 May: 28, 27"),
        pytest.param("2023年4月28日前", date(2023, 4, 21), 6, date(2023, 4, 23), date(2023, 5, 4), id="Sunday"),
        pytest.param("2023年5月5日前", date(2023, 4, 28), 2, date(2023, 5, 1), date(2023, 5, 5), id="a rest day"),
        pytest.param("2023年5月5日前", date(2023, 4, 28), 2, date(2023, 4, 28), date(2023, 5, 5), id="back that day"),
    ],
)  # fmt: skip
def test_a_resumed_clock_has_the_working_days_it_had(
    crew: Office, limit: str, since: date, left: int, until: date, due_on: date
) -> None:
    rectifying(crew, limit)
    first = clocks_at(crew, Stage.COMPLETE)[0].due_on
    act(crew, since, hold, "1", PAUSE)
    (paused,) = clocks_at(crew, Stage.COMPLETE)
    assert (paused.held_on, paused.held_days, paused.due_on, paused.stopped_on) == (since, left, first, None)
    assert last_event(crew).payload == {"days_left": {"complete": left}, "reason": "等待上级批复"}
    done = act(crew, until, resume, "1", GO_ON)
    (back,) = clocks_at(crew, Stage.COMPLETE)
    assert (back.due_on, back.first_due_on, back.opened_on) == (due_on, first, BEGUN)
    assert (back.held_on, back.held_days) == (None, None)
    assert done.notes == (f"整改时限改为 {due_on}。",)
    assert last_event(crew).payload == {"due": {"complete": str(due_on)}, "reason": "批复已到"}


def test_every_clock_of_the_measure_pauses(crew: Office) -> None:
    take_in(crew, Line("1", limit="2023年5月5日前、2023年5月12日前"))
    bring_to(crew, State.ASSIGNED, date(2023, 4, 27))
    act(crew, date(2023, 4, 27), ask_extension, "1", By("d1-a", reason="忙"), date(2023, 5, 31))
    act(crew, date(2023, 4, 28), hold, "1", PAUSE)
    assert {(clock.stage, clock.held_days) for clock in all_clocks_of(crew, "1")} == {
        (Stage.ACCEPT, 1),  # due on 4 May
        (Stage.MILESTONE, 2),
        (Stage.COMPLETE, 8),
        (Stage.DECIDE, 2),
    }
    act(crew, BACK, resume, "1", GO_ON)
    assert running(crew) == {
        Stage.ACCEPT: date(2023, 5, 9),
        Stage.MILESTONE: date(2023, 5, 10),
        Stage.COMPLETE: date(2023, 5, 18),
        Stage.DECIDE: date(2023, 5, 10),
    }


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        (State.ASSIGNED, Stage.ACCEPT),
        (State.SELF_CHECKED, Stage.CHECK),
        (State.VERIFIED, Stage.OPEN_REVIEW),
        (State.UNDER_REVIEW, Stage.REVIEW),
        (State.FOLLOWING_UP, Stage.FOLLOW_UP),
    ],
)
def test_a_measure_may_be_held_wherever_somebody_must_act(crew: Office, state: State, stage: Stage) -> None:
    take_in(crew, Line("1", closure="长期坚持"))
    bring_to(crew, state, date(2023, 4, 27))
    before = running(crew)[stage]
    act(crew, date(2023, 4, 28), hold, "1", PAUSE)
    assert (state_of(crew, "1"), clocks_at(crew, stage)[-1].held_on) == (state, date(2023, 4, 28))
    act(crew, date(2023, 4, 28), resume, "1", GO_ON)
    # Six months on is a Friday: no date moves where nothing of the hold was a working day.
    assert (state_of(crew, "1"), running(crew)[stage]) == (state, before)


def test_a_major_review_is_held_with_both_its_clocks(crew: Office) -> None:
    take_in(crew, Line("1", major="是"))
    bring_to(crew, State.UNDER_REVIEW, date(2023, 4, 27))
    held_for(crew, date(2023, 4, 28), BACK)
    # 28 April, 4, 5, 6, 8 May: four days were left.
    assert [clock.due_on for clock in clocks_at(crew, Stage.REVIEW)] == [date(2023, 5, 12)] * 2
    assert act(crew, BACK, approve, "1", LEAD).state is State.UNDER_REVIEW


# --- Who, and who hears


def test_those_concerned_hear_of_both(crew: Office) -> None:
    rectifying(crew, "2023年5月31日前")
    concerned = {"D1": Role.UNIT, "D2": Role.COOPERATING, "L1": Role.LEAD, "G1": Role.GENERAL}
    for use, by, kind in ((hold, PAUSE, NewsKind.HELD), (resume, GO_ON, NewsKind.RESUMED)):
        done = act(crew, date(2023, 4, 28), use, "1", by)
        assert done.told.told == ("单位D1", "单位D2", "单位L1", "单位G1")
        assert heard(crew) == concerned
        assert set(heard_kinds(crew).values()) == {kind}


def test_in_a_major_review_the_head_hears_too(crew: Office) -> None:
    take_in(crew, Line("1", major="是"))
    bring_to(crew, State.UNDER_REVIEW, BEGUN)
    concerned = {"D1": Role.UNIT, "L1": Role.LEAD, "G1": Role.GENERAL, "H1": Role.HEAD}
    for use, by, kind in ((hold, PAUSE, NewsKind.HELD), (resume, GO_ON, NewsKind.RESUMED)):
        done = act(crew, date(2023, 4, 3), use, "1", by)
        assert done.told.told == ("单位D1", "单位L1", "单位G1", "单位H1")
        assert (heard(crew), set(heard_kinds(crew).values())) == (concerned, {kind})


def test_once_the_head_has_signed_it_holds_no_clock_that_could_pause(crew: Office) -> None:
    take_in(crew, Line("1", major="是"))
    bring_to(crew, State.UNDER_REVIEW, BEGUN)
    act(crew, BEGUN, approve, "1", HEAD)
    act(crew, date(2023, 4, 3), hold, "1", PAUSE)
    assert heard(crew).keys() == {"D1", "L1", "G1"}


def test_who_answers_a_referral_hears_that_its_clock_pauses_runs_on_and_falls_away(crew: Office) -> None:
    rectifying(crew, "2023年4月3日前")
    for on in (date(2023, 4, 3), date(2023, 4, 11)):
        run_day(crew, on)
    act(crew, date(2023, 4, 11), take_up, "1", ACCOUNTABILITY)
    for use, by, kind in ((hold, PAUSE, NewsKind.HELD), (resume, GO_ON, NewsKind.RESUMED)):
        act(crew, date(2023, 4, 12), use, "1", by)
        assert heard(crew) == {
            "D1": Role.UNIT, "D2": Role.COOPERATING, "L1": Role.LEAD, "G1": Role.GENERAL, "A1": Role.ACCOUNTABILITY,
        }  # fmt: skip
        assert set(heard_kinds(crew).values()) == {kind}
    act(crew, date(2023, 4, 13), withdraw, "1", By("g1-a", reason="重复"))
    assert heard(crew)["A1"] is Role.ACCOUNTABILITY
    assert set(heard_kinds(crew).values()) == {NewsKind.WITHDRAWN}


@pytest.mark.parametrize(
    ("use", "by", "why"),
    [
        pytest.param(hold, SUPERVISION, "办理“挂起”须写明理由", id="no reason"),
        pytest.param(hold, By("g1-a", reason="等"), "“挂起”应由督办组办理", id="the general group"),
        pytest.param(resume, GO_ON, "该措施没有挂起，无需恢复", id="not held"),
    ],
)
def test_what_cannot_be_held_or_resumed(crew: Office, use: object, by: By, why: str) -> None:
    rectifying(crew, "2023年5月31日前")
    with refused(crew, why):
        act(crew, BACK, hold if use is hold else resume, "1", by)


def test_a_draft_and_a_closed_measure_are_not_held(crew: Office) -> None:
    take_in(crew, Line("1"))
    with refused(crew, "现为“待交办”"):
        act(crew, BEGUN, hold, "1", PAUSE)
    bring_to(crew, State.CLOSED, BEGUN)
    with refused(crew, "现为“已销号”"):
        act(crew, BEGUN, hold, "1", PAUSE)


def test_while_held_only_progress_is_reported(crew: Office) -> None:
    rectifying(crew, "2023年5月31日前")
    act(crew, date(2023, 4, 28), hold, "1", PAUSE)
    why = "该措施已挂起，恢复之前不能办理"
    with refused(crew, why):
        report(crew, BACK)
    for use in (hold, accept):
        with refused(crew, why):
            act(crew, BACK, use, "1", PAUSE if use is hold else UNIT)
    with refused(crew, why):
        act(crew, BACK, decide_extension, "1", By("l1-a", reason="同意"), True)
    act(crew, BACK, report_progress, "1", UNIT, "等批复", 30)
    assert clocks_at(crew, Stage.COMPLETE)[0].held_on == date(2023, 4, 28)


def test_a_resumption_needs_a_reason(crew: Office) -> None:
    rectifying(crew, "2023年5月31日前")
    act(crew, date(2023, 4, 28), hold, "1", PAUSE)
    with refused(crew, "办理“恢复”须写明理由"):
        act(crew, BACK, resume, "1", SUPERVISION)


def test_a_follow_up_that_was_reported_is_held_with_its_check(crew: Office) -> None:
    take_in(crew, Line("1", closure="长期坚持"))
    bring_to(crew, State.FOLLOWING_UP, BEGUN)
    act(crew, date(2023, 4, 27), follow_up_report, "1", UNIT, "仍在执行", ())
    held_for(crew, date(2023, 4, 28), BACK)
    # Due on 8 May, which left 4, 5, 6 and 8 May.
    assert running(crew) == {Stage.CHECK: date(2023, 5, 12)}


# --- What the poll says after a hold


@pytest.fixture
def reminded(crew: Office) -> Office:
    """Due on 28 April. The unit heard ten and three working days before, the lead ten."""
    rectifying(crew, "2023年4月28日前")
    for on, told in (
        (date(2023, 4, 17), [("D1", "complete/-10wd"), ("D2", "complete/-10wd"), ("L1", "complete/-10wd")]),
        (date(2023, 4, 25), [("D1", "complete/-3wd")]),
    ):
        run_day(crew, on)
        assert said(crew, on) == told
    return crew


def test_a_held_clock_says_nothing(reminded: Office) -> None:
    act(reminded, date(2023, 4, 25), hold, "1", PAUSE)
    for on in (date(2023, 4, 28), date(2023, 5, 4), BACK):
        run_day(reminded, on)
        assert said(reminded, on) == []


def test_a_resumed_clock_says_the_next_rung_and_none_again(reminded: Office) -> None:
    act(reminded, date(2023, 4, 25), hold, "1", PAUSE)
    run_day(reminded, date(2023, 5, 5))
    act(reminded, BACK, resume, "1", GO_ON)
    assert running(reminded) == {Stage.COMPLETE: date(2023, 5, 11)}
    told = {}
    for on in (date(2023, 5, day) for day in (8, 9, 10, 11, 12)):
        run_day(reminded, on)
        told[on] = said(reminded, on)
    assert told == {
        BACK: [], date(2023, 5, 9): [], date(2023, 5, 10): [],
        date(2023, 5, 11): [("D1", "complete/0"), ("L1", "complete/0")],
        date(2023, 5, 12): [("D1", "complete/+1wd"), ("L1", "complete/+1wd"), ("S1", "complete/+1wd")],
    }  # fmt: skip


def test_held_twice_it_still_repeats_nothing(reminded: Office) -> None:
    held_for(reminded, date(2023, 4, 25), BACK)
    run_day(reminded, BACK)
    held_for(reminded, date(2023, 5, 9), date(2023, 5, 12))
    assert running(reminded) == {Stage.COMPLETE: date(2023, 5, 16)}
    told = []
    for day in (12, 15, 16):
        run_day(reminded, date(2023, 5, day))
        told += said(reminded, date(2023, 5, day))
    assert told == [("D1", "complete/0"), ("L1", "complete/0")]


def test_overdue_when_held_it_is_overdue_by_as_much_and_says_so_once(reminded: Office) -> None:
    run_day(reminded, date(2023, 4, 28))
    run_day(reminded, date(2023, 5, 4))
    assert [rung for _, rung in said(reminded, date(2023, 5, 4))] == ["complete/+1wd"] * 3
    held_for(reminded, date(2023, 5, 5), date(2023, 5, 15))  # two working days late
    assert running(reminded) == {Stage.COMPLETE: date(2023, 5, 11)}
    run_day(reminded, date(2023, 5, 15))
    run_day(reminded, date(2023, 5, 17))
    assert (said(reminded, date(2023, 5, 15)), said(reminded, date(2023, 5, 17))) == ([], [])
    run_day(reminded, date(2023, 5, 18))
    assert said(reminded, date(2023, 5, 18)) == [
        ("A1", "complete/+5wd"), ("D1", "complete/+5wd"), ("L1", "complete/+5wd"),
    ]  # fmt: skip


def test_what_could_not_leave_before_the_hold_is_said_after_it(crew: Office) -> None:
    rectifying(crew, "2023年4月28日前")
    run_day(crew, date(2023, 4, 17))
    run_day(crew, date(2023, 4, 25), deliver=False)
    act(crew, date(2023, 4, 25), hold, "1", PAUSE)
    deliver_messages(crew, date(2023, 4, 25))
    assert said(crew, date(2023, 4, 25)) == []
    act(crew, BACK, resume, "1", GO_ON)
    run_day(crew, BACK)
    assert said(crew, BACK) == [("D1", "complete/-3wd")]


def test_what_could_not_leave_is_said_after_a_hold_that_moved_no_date(crew: Office) -> None:
    """Held from the last working day before the holidays to their last day: three days are left before and after."""
    rectifying(crew, "2023年5月6日前")
    run_day(crew, date(2023, 4, 20))
    run_day(crew, date(2023, 4, 28), deliver=False)
    assert said(crew, date(2023, 4, 28)) == [("D1", "complete/-3wd")]
    act(crew, date(2023, 4, 28), hold, "1", PAUSE)
    deliver_messages(crew, date(2023, 4, 28))
    assert said(crew, date(2023, 4, 28)) == []
    act(crew, date(2023, 5, 3), resume, "1", GO_ON)
    assert running(crew) == {Stage.COMPLETE: date(2023, 5, 6)}
    run_day(crew, date(2023, 5, 4))
    with crew.store.reading() as connection:
        rows = board.notices_of_measure(connection, id_of(crew, "1"))
    assert [row.party for row in rows if row.rung == "complete/-3wd" and row.unsaid is None] == ["D1"]


@pytest.fixture
def dropped(crew: Office) -> Office:
    """Two runs whose messages never left before the measure was held: ten working days before, and three."""
    rectifying(crew, "2023年4月28日前")
    for on, told in (
        (date(2023, 4, 17), [("D1", "complete/-10wd"), ("D2", "complete/-10wd"), ("L1", "complete/-10wd")]),
        (date(2023, 4, 25), [("D1", "complete/-3wd")]),
    ):
        run_day(crew, on, deliver=False)
        assert said(crew, on) == told
    act(crew, date(2023, 4, 25), hold, "1", PAUSE)
    deliver_messages(crew, date(2023, 4, 25))
    assert said(crew, date(2023, 4, 17)) == said(crew, date(2023, 4, 25)) == []
    act(crew, date(2023, 4, 25), resume, "1", GO_ON)
    assert running(crew) == {Stage.COMPLETE: date(2023, 4, 28)}
    return crew


def test_of_two_rungs_that_could_not_leave_only_the_newest_is_said(dropped: Office) -> None:
    run_day(dropped, date(2023, 4, 26))
    assert said(dropped, date(2023, 4, 25)) == [("D1", "complete/-3wd")]
    assert said(dropped, date(2023, 4, 17)) == [("D2", "complete/-10wd"), ("L1", "complete/-10wd")]
    with dropped.store.reading() as connection:
        rows = board.notices_of_measure(connection, id_of(dropped, "1"))
    fates = {(row.party, row.rung): row.message_state for row in rows if row.unsaid is None}
    assert set(fates.values()) == {MessageState.ACCEPTED}
    run_day(dropped, date(2023, 4, 27))
    with dropped.store.reading() as connection:
        again = board.notices_of_measure(connection, id_of(dropped, "1"))
    assert {(row.party, row.rung) for row in again if row.unsaid is None} == set(fates)


def test_a_rung_that_is_due_now_is_said_instead_of_what_could_not_leave(dropped: Office) -> None:
    run_day(dropped, date(2023, 4, 28))
    assert said(dropped, date(2023, 4, 28)) == [("D1", "complete/0"), ("L1", "complete/0")]
    assert said(dropped, date(2023, 4, 25)) == []
    assert said(dropped, date(2023, 4, 17)) == [("D2", "complete/-10wd")]


def test_an_extension_after_a_hold_begins_the_ladder_anew(reminded: Office) -> None:
    held_for(reminded, date(2023, 4, 25), BACK)
    act(reminded, BACK, ask_extension, "1", By("d1-a", reason="忙"), date(2023, 5, 12))
    act(reminded, BACK, decide_extension, "1", By("l1-a", reason="同意"), True)
    run_day(reminded, BACK)
    assert said(reminded, BACK) == [("D1", "complete/-10wd"), ("D2", "complete/-10wd"), ("L1", "complete/-10wd")]
    run_day(reminded, date(2023, 5, 9))
    assert said(reminded, date(2023, 5, 9)) == [("D1", "complete/-3wd")]
