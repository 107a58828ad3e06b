"""pass_check and fail_check: the check's clock, what follows it, and who may judge whose work."""

from datetime import date

import pytest

from flows.office import Office
from models.handling.case import By
from models.handling.persons import Term, grant_exception
from models.handling.rectification import add_evidence
from models.handling.supervision_check import fail_check, pass_check
from models.lifecycle import Role, Stage, State
from models.news import NewsKind
from tests.handling_fixtures import (
    HEAD,
    LEAD,
    SUPERVISION,
    UNIT,
    Line,
    act,
    bring_to,
    clocks_at,
    clocks_of,
    cycles_of,
    ending,
    events_of,
    file_of,
    hand_out,
    heard,
    heard_kinds,
    last_event,
    measure,
    news_of,
    refused,
    report,
    running,
    state_of,
    take_in,
)

REPORTED = date(2023, 4, 21)
"""A Friday before a Sunday worked: the check is due on Thursday 27 April."""
JACK_OF_S1 = By("jack", as_party="S1", reason="缺佐证")


@pytest.fixture
def reported(crew: Office) -> Office:
    """A measure with a cooperating unit, due on 28 April, reported on 21 April by d1-a."""
    take_in(crew, Line("1", limit="2023年4月28日前", cooperating="D2"))
    bring_to(crew, State.IN_PROGRESS, date(2023, 3, 27))
    report(crew, REPORTED, file_of(crew))
    return crew


# --- Passed


@pytest.mark.parametrize(
    ("on", "ended", "open_by"),
    [
        pytest.param(date(2023, 4, 27), "met", date(2023, 5, 8), id="to the day: 28 April, 4, 5, Saturday 6, 8 May"),
        pytest.param(date(2023, 4, 28), "late", date(2023, 5, 9), id="a day late"),
    ],
)
def test_a_passed_check_opens_the_five_days_to_open_the_review(
    reported: Office, on: date, ended: str, open_by: date
) -> None:
    done = act(reported, on, pass_check, "1", SUPERVISION)
    assert ending(clocks_of(reported, "1")[Stage.CHECK]) == (on, ended, 1 if ended == "late" else None)
    opened = clocks_of(reported, "1")[Stage.OPEN_REVIEW]
    assert (opened.due_on, opened.first_due_on, opened.opened_on, opened.holder) == (open_by, open_by, on, "单位S1")
    assert running(reported) == {Stage.OPEN_REVIEW: open_by}
    assert (done.state, done.version, done.told.told) == (State.VERIFIED, 5, ())
    assert cycles_of(reported)[0].verified_by == "s1-a"


def test_an_opinion_given_with_a_passed_check_is_kept_and_nobody_is_told(reported: Office) -> None:
    act(reported, REPORTED, pass_check, "1", By("s1-a", reason="资料齐全"))
    event = last_event(reported)
    assert (event.action, event.person, event.party) == ("pass_check", "s1-a", "S1")
    assert (event.from_state, event.to_state, event.payload) == ("self_checked", "verified", {"reason": "资料齐全"})
    assert news_of(reported) == []


# --- Sent back


@pytest.mark.parametrize(
    ("on", "given", "due_on"),
    [
        pytest.param(date(2023, 4, 21), None, date(2023, 4, 28), id="the old date is later than 27 April"),
        pytest.param(date(2023, 4, 24), None, date(2023, 5, 4), id="five working days are later than the old date"),
        pytest.param(date(2023, 4, 24), date(2023, 4, 28), date(2023, 4, 28), id="a date given, the old one"),
        pytest.param(date(2023, 4, 24), date(2023, 6, 30), date(2023, 6, 30), id="a date given, long after"),
        pytest.param(date(2023, 4, 29), date(2023, 4, 29), date(2023, 4, 29), id="a date given, that day"),
    ],
)
def test_work_sent_back_runs_under_a_new_clock(reported: Office, on: date, given: date | None, due_on: date) -> None:
    done = act(reported, on, fail_check, "1", By("s1-a", reason="佐证不全"), given, ["缺会议纪要", " "])
    first, second = clocks_at(reported, Stage.COMPLETE)
    assert (first.due_on, ending(first)) == (date(2023, 4, 28), (REPORTED, "met", None))
    assert (second.due_on, second.first_due_on, second.opened_on, second.holder) == (due_on, due_on, on, "单位D1")
    assert running(reported) == {Stage.COMPLETE: due_on}
    assert done.notes == (f"新的整改时限：{due_on}。",)
    event = last_event(reported)
    assert (event.from_state, event.to_state) == ("self_checked", "in_progress")
    assert event.payload == {"due_on": str(due_on), "missing": ["缺会议纪要"], "reason": "佐证不全"}
    assert heard(reported) == {"D1": Role.UNIT, "D2": Role.COOPERATING, "L1": Role.LEAD}
    assert {row.due_on for row in news_of(reported)} == {due_on}
    assert set(heard_kinds(reported).values()) == {NewsKind.RETURNED}


@pytest.mark.parametrize(
    ("on", "given", "reason", "why"),
    [
        (date(2023, 4, 24), None, " ", "办理“退回整改”须写明理由"),
        (date(2023, 4, 24), date(2023, 4, 23), "缺", "给出的日期 2023-04-23 已经过去"),
        (date(2023, 4, 24), date(2023, 4, 27), "缺", "2023-04-27 早于原时限 2023-04-28"),
    ],
)
def test_what_may_not_be_sent_back(reported: Office, on: date, given: date | None, reason: str, why: str) -> None:
    with refused(reported, why):
        act(reported, on, fail_check, "1", By("s1-a", reason=reason), given)


def test_work_is_sent_back_twice_in_one_cycle_by_the_same_rule(reported: Office) -> None:
    back = By("s1-a", reason="佐证不全")
    act(reported, date(2023, 4, 24), fail_check, "1", back)  # 25, 26, 27, 28 April, 4 May
    report(reported, date(2023, 5, 4))
    act(reported, date(2023, 5, 5), fail_check, "1", back)  # Saturday 6, 8, 9, 10, 11 May
    assert [(clock.due_on, ending(clock)) for clock in clocks_at(reported, Stage.COMPLETE)] == [
        (date(2023, 4, 28), (REPORTED, "met", None)),
        (date(2023, 5, 4), (date(2023, 5, 4), "met", None)),
        (date(2023, 5, 11), (None, None, None)),
    ]
    assert [ending(clock) for clock in clocks_at(reported, Stage.CHECK)] == [
        (date(2023, 4, 24), "met", None),
        (date(2023, 5, 5), "met", None),
    ]
    report(reported, date(2023, 5, 11), by=By("d1-b"))
    act(reported, date(2023, 5, 12), pass_check, "1", By("s1-b"))
    (cycle,) = cycles_of(reported)
    assert (cycle.n, cycle.submitted_by, cycle.verified_by) == (1, "d1-b", "s1-b")
    assert state_of(reported, "1") is State.VERIFIED


# --- Duties kept apart


def test_who_submitted_does_not_judge_it_whatever_party_they_speak_for(crew: Office) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", date(2023, 3, 27))
    report(crew, REPORTED, by=By("jack", as_party="D1"))
    for use in (pass_check, fail_check):
        with refused(crew, "本周期的自查或佐证由您上报，按回避要求不能再由您办理"):
            act(crew, REPORTED, use, "1", JACK_OF_S1)
    act(crew, REPORTED, pass_check, "1", SUPERVISION)


def test_an_earlier_submitter_of_the_cycle_is_no_stranger_to_it(reported: Office) -> None:
    act(reported, date(2023, 4, 24), fail_check, "1", By("s1-a", reason="缺"))
    report(reported, date(2023, 4, 25), by=By("jack", as_party="D1"))
    act(reported, date(2023, 4, 26), fail_check, "1", By("s1-a", reason="缺"))
    report(reported, date(2023, 4, 27), by=By("d1-b"))
    assert cycles_of(reported)[0].submitted_by == "d1-b"
    with refused(reported, "由您上报"):
        act(reported, date(2023, 4, 28), pass_check, "1", By("jack", as_party="S1"))


def test_who_added_evidence_submitted_too(reported: Office) -> None:
    with reported.handed_in([file_of(reported, "补.txt")]) as files:
        act(reported, date(2023, 4, 24), add_evidence, "1", By("jack", as_party="D1"), files)
    with refused(reported, "由您上报"):
        act(reported, date(2023, 4, 24), pass_check, "1", By("jack", as_party="S1"))


def test_who_verified_adds_no_evidence_to_it(reported: Office) -> None:
    act(reported, date(2023, 4, 24), pass_check, "1", By("jack", as_party="S1"))
    with (
        refused(reported, "本周期的核查由您办理，按回避要求不能再由您办理“补充佐证”"),
        reported.handed_in([file_of(reported, "补.txt")]) as files,
    ):
        act(reported, date(2023, 4, 24), add_evidence, "1", By("jack", as_party="D1"), files)


@pytest.mark.parametrize("by", [UNIT, LEAD, HEAD, By("g1-a"), By("d2-a"), By("a1-a")])
def test_only_supervision_checks(reported: Office, by: By) -> None:
    with refused(reported, "“核查通过”应由督办组办理"):
        act(reported, REPORTED, pass_check, "1", by)


# --- A single-person exception


@pytest.fixture
def alone(crew: Office) -> Office:
    """Jack reported, and the head wrote that until the end of April he may do what should be kept apart."""
    take_in(crew, Line("1"))
    hand_out(crew, "1", date(2023, 3, 27))
    report(crew, REPORTED, file_of(crew), by=By("jack", as_party="D1"))
    with crew.acting(REPORTED) as (session, ground):
        term = Term(REPORTED, date(2023, 4, 30))
        grant_exception(session, ground, By("h1-a", reason="人手不足"), "jack", term)
    return crew


SAID = "单人例外：jack一人兼办应当回避的事项，由组长（h1-a）准许，2023-04-21至2023-04-30，理由：人手不足"


def test_an_exception_lets_one_judge_their_own_work_and_is_not_silent(alone: Office) -> None:
    done = act(alone, date(2023, 4, 30), pass_check, "1", JACK_OF_S1)
    assert done.notes == (SAID,)
    (cycle,) = cycles_of(alone)
    assert (cycle.submitted_by, cycle.verified_by, cycle.exception_id) == ("jack", "jack", 1)
    assert last_event(alone).payload["single_person_exception"] == {
        "granted_by": "h1-a",
        "reason": "人手不足",
        "id": 1,
    }


def test_an_exception_lets_one_send_back_their_own_work(alone: Office) -> None:
    done = act(alone, date(2023, 4, 24), fail_check, "1", JACK_OF_S1)
    assert done.notes == ("新的整改时限：2023-06-30。", SAID)
    assert (cycles_of(alone)[0].exception_id, state_of(alone, "1")) == (1, State.IN_PROGRESS)


def test_an_exception_is_over_with_its_last_day(alone: Office) -> None:
    with refused(alone, "由您上报"):
        act(alone, date(2023, 5, 1), pass_check, "1", JACK_OF_S1)


def test_an_exception_that_was_not_needed_is_not_named(alone: Office) -> None:
    act(alone, date(2023, 4, 24), fail_check, "1", By("s1-a", reason="缺"))
    report(alone, date(2023, 4, 25), by=By("jack", as_party="D1"))
    assert [("single_person_exception" in event.payload) for event in events_of(alone, "1")] == [False] * 4
    assert cycles_of(alone)[0].exception_id is None


def test_an_exception_makes_nobody_what_they_are_not(alone: Office) -> None:
    with refused(alone, "“核查通过”应由督办组办理"):
        act(alone, date(2023, 4, 24), pass_check, "1", By("jack", as_party="L1"))
    assert measure(alone, "1").version == 3
