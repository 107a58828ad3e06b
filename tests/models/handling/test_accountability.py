"""take_up and record_outcome: they need a referral that the ladder made, and end its repeats to those who answer it."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from flows.office import Office
from flows.steps import run_day
from models.handling.accountability import record_outcome, take_up
from models.handling.case import By
from models.handling.extension import set_new_limit
from models.handling.holding import hold, resume
from models.lifecycle import Role, Stage, State
from models.news import NewsKind
from models.outcome import Outcome
from models.store import board
from tests.handling_fixtures import (
    ACCOUNTABILITY,
    CREW,
    HEAD,
    UNIT,
    Line,
    act,
    bring_to,
    clocks_at,
    default_rules,
    ending,
    heard,
    id_of,
    last_event,
    news_of,
    nobody_waits_in_vain,
    refused,
    report,
    running,
    small_office,
    state_of,
    take_in,
)
from tests.offices import NO_ADDRESS, readdressed

REFERRED = date(2023, 5, 9)
"""Five working days after 28 April: 4, 5, Saturday 6, 8 and 9 May. The next referral is on the 16th, then the 23rd."""
TAKEN_UP = date(2023, 5, 10)
FOUND = By("a1-a", reason=" 经核实，已处理 ")


def overdue(office: Office, days: Iterable[date]) -> None:
    """A measure due on 28 April that nobody reports on, with a run on each of these days."""
    take_in(office, Line("1", limit="2023年4月28日前", cooperating="D2"))
    bring_to(office, State.IN_PROGRESS, date(2023, 3, 27))
    for day in days:
        run_day(office, day)


def said(office: Office, on: date, stage: Stage = Stage.COMPLETE) -> list[tuple[str, str]]:
    """What was decided to be said on a day: party and rung."""
    with office.store.reading() as connection:
        rows = board.notices_of_measure(connection, id_of(office, "1"))
    return sorted((row.party, row.rung) for row in rows if row.on_day == on and row.stage is stage)


@pytest.fixture
def referred(crew: Office) -> Office:
    overdue(crew, (date(2023, 4, 28), REFERRED))
    assert said(crew, REFERRED) == [("A1", "complete/+5wd"), ("D1", "complete/+5wd"), ("L1", "complete/+5wd")]
    return crew


# --- A referral is there to be taken up


def test_taking_up_opens_ten_days_for_an_outcome(referred: Office) -> None:
    done = act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    # 11, 12, 15 to 19, 22, 23 and 24 May
    assert running(referred) == {Stage.COMPLETE: date(2023, 4, 28), Stage.REFER: date(2023, 5, 24)}
    assert clocks_at(referred, Stage.REFER)[0].holder == "单位A1"
    assert (done.state, done.notes) == (State.IN_PROGRESS, ("须在 2023-05-24 及以前登记处理结果。",))
    (complete,) = clocks_at(referred, Stage.COMPLETE)
    assert (complete.taken_up_on, complete.stopped_on) == (TAKEN_UP, None)
    assert heard(referred) == {
        "D1": Role.UNIT, "L1": Role.LEAD, "S1": Role.SUPERVISION, "H1": Role.HEAD,
    }  # fmt: skip
    assert {row.kind for row in news_of(referred)} == {NewsKind.TAKEN_UP}


def test_a_referral_is_taken_up_once(referred: Office) -> None:
    act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    with refused(referred, "该措施没有待受理的问责提请"):
        act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)


def test_without_a_referral_there_is_nothing_to_take_up(crew: Office) -> None:
    overdue(crew, (date(2023, 4, 28), date(2023, 5, 8)))
    with refused(crew, "该措施没有待受理的问责提请"):
        act(crew, date(2023, 5, 8), take_up, "1", ACCOUNTABILITY)


def test_what_the_unit_was_never_told_is_not_referred(tmp_path: Path) -> None:
    with small_office(tmp_path, readdressed(CREW, "D1", NO_ADDRESS)) as office:
        overdue(office, (date(2023, 4, 28), REFERRED))
        assert [party for party, _ in said(office, REFERRED)] == ["D1", "G1"]
        with refused(office, "该措施没有待受理的问责提请"):
            act(office, REFERRED, take_up, "1", ACCOUNTABILITY)


def test_a_referral_to_a_group_without_an_address_may_be_taken_up(tmp_path: Path) -> None:
    """They see it on their desk, if not in their mail."""
    with small_office(tmp_path, readdressed(CREW, "A1", NO_ADDRESS)) as office:
        overdue(office, (date(2023, 4, 28), REFERRED))
        act(office, REFERRED, take_up, "1", ACCOUNTABILITY)
        nobody_waits_in_vain(office)


@pytest.mark.parametrize("by", [UNIT, HEAD, By("s1-a"), By("g1-a")])
def test_the_accountability_group_takes_up(referred: Office, by: By) -> None:
    with refused(referred, "“问责受理”应由责任追究组办理"):
        act(referred, TAKEN_UP, take_up, "1", by)


@pytest.mark.parametrize("state", [State.SELF_CHECKED, State.VERIFIED, State.UNDER_REVIEW, State.CLOSED])
def test_having_been_late_is_answered_for_whatever_was_done_since(referred: Office, state: State) -> None:
    bring_to(referred, state, TAKEN_UP)
    act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    assert state_of(referred, "1") is state
    act(referred, date(2023, 5, 24), record_outcome, "1", FOUND, Outcome.TALK)
    assert ending(clocks_at(referred, Stage.REFER)[0]) == (date(2023, 5, 24), "met", None)


# --- Repeats


def test_repeats_to_those_who_answer_end_and_those_to_unit_and_lead_go_on(tmp_path: Path) -> None:
    """An office that repeats its referrals to everybody."""
    rules = default_rules(
        ("every: 5wd, to: [accountability, head]", "every: 5wd, to: [unit, lead, accountability, head]")
    )
    with small_office(tmp_path, CREW, rules) as office:
        overdue(office, (date(2023, 4, 28), REFERRED, date(2023, 5, 16)))
        assert {party for party, _ in said(office, date(2023, 5, 16))} == {"A1", "D1", "H1", "L1"}
        act(office, date(2023, 5, 17), take_up, "1", ACCOUNTABILITY)
        run_day(office, date(2023, 5, 23))
        assert {party for party, _ in said(office, date(2023, 5, 23))} == {"D1", "L1"}
        nobody_waits_in_vain(office)


def test_without_taking_up_they_go_on(referred: Office) -> None:
    for day in (16, 23):
        run_day(referred, date(2023, 5, day))
        assert [party for party, _ in said(referred, date(2023, 5, day))] == ["A1", "H1"]


def test_once_taken_up_only_the_outcome_is_asked_for(referred: Office) -> None:
    act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    for day in (16, 23, 24, 31):
        run_day(referred, date(2023, 5, day))
        assert said(referred, date(2023, 5, day)) == []
    assert said(referred, date(2023, 5, 24), Stage.REFER) == [("A1", "refer/0")]
    assert said(referred, date(2023, 5, 31), Stage.REFER) == [("H1", "refer/+5wd")]


# --- Dates that move


def test_a_new_limit_leaves_the_referral_behind_until_the_next(referred: Office) -> None:
    act(referred, TAKEN_UP, set_new_limit, "1", By("l1-a", reason="确有困难"), date(2023, 5, 12))
    with refused(referred, "该措施没有待受理的问责提请"):
        act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    run_day(referred, date(2023, 5, 12))
    run_day(referred, date(2023, 5, 19))
    assert said(referred, date(2023, 5, 19))[0] == ("A1", "complete/+5wd")
    act(referred, date(2023, 5, 19), take_up, "1", ACCOUNTABILITY)


def test_what_was_taken_up_under_the_old_date_is_referred_anew_under_the_new_one(referred: Office) -> None:
    act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    act(referred, TAKEN_UP, set_new_limit, "1", By("l1-a", reason="确有困难"), date(2023, 5, 12))
    assert clocks_at(referred, Stage.COMPLETE)[0].taken_up_on is None
    run_day(referred, date(2023, 5, 12))
    run_day(referred, date(2023, 5, 19))
    act(referred, date(2023, 5, 19), take_up, "1", ACCOUNTABILITY)
    act(referred, date(2023, 5, 22), record_outcome, "1", FOUND, Outcome.SUMMON)
    assert running(referred) == {Stage.COMPLETE: date(2023, 5, 12)}


@pytest.mark.parametrize("taken_up", [False, True])
def test_a_hold_leaves_a_referral_where_it_was(referred: Office, taken_up: bool) -> None:
    if taken_up:
        act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    act(referred, TAKEN_UP, hold, "1", By("s1-a", reason="等"))
    act(referred, date(2023, 5, 15), resume, "1", By("s1-a", reason="到"))
    if taken_up:
        assert clocks_at(referred, Stage.REFER)[0].due_on == date(2023, 5, 29)
        run_day(referred, date(2023, 5, 22))
        assert said(referred, date(2023, 5, 22)) == []
    else:
        act(referred, date(2023, 5, 15), take_up, "1", ACCOUNTABILITY)


# --- The outcome


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_outcome_stops_the_clock(referred: Office, outcome: Outcome) -> None:
    act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    act(referred, date(2023, 5, 25), record_outcome, "1", FOUND, outcome)
    assert ending(clocks_at(referred, Stage.REFER)[0]) == (date(2023, 5, 25), "late", 1)
    assert running(referred) == {Stage.COMPLETE: date(2023, 4, 28)}
    assert last_event(referred).payload == {"outcome": outcome.zh, "reason": "经核实，已处理"}
    assert heard(referred) == {
        "D1": Role.UNIT, "L1": Role.LEAD, "S1": Role.SUPERVISION, "G1": Role.GENERAL, "H1": Role.HEAD,
    }  # fmt: skip
    assert {row.kind for row in news_of(referred)} == {NewsKind.OUTCOME}


def test_outcomes_that_are_refused(referred: Office) -> None:
    with refused(referred, "请先办理“问责受理”"):
        act(referred, TAKEN_UP, record_outcome, "1", FOUND, Outcome.TALK)
    act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    for reason in ("", " "):
        with refused(referred, "办理“处理结果”须写明理由", cure="--reason"):
            act(referred, TAKEN_UP, record_outcome, "1", By("a1-a", reason=reason), Outcome.TALK)
    with refused(referred, "“处理结果”应由责任追究组办理"):
        act(referred, TAKEN_UP, record_outcome, "1", By("h1-a", reason="已处理"), Outcome.TALK)


def test_a_draft_answers_for_nothing(crew: Office) -> None:
    take_in(crew, Line("1"))
    with refused(crew, "此时不能办理“问责受理”"):
        act(crew, TAKEN_UP, take_up, "1", ACCOUNTABILITY)


def test_the_self_check_comes_late_and_says_so(referred: Office) -> None:
    act(referred, TAKEN_UP, take_up, "1", ACCOUNTABILITY)
    report(referred, date(2023, 5, 11))
    assert ending(clocks_at(referred, Stage.COMPLETE)[0]) == (date(2023, 5, 11), "late", 7)
    assert running(referred).keys() == {Stage.CHECK, Stage.REFER}
