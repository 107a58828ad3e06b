"""Follow-ups: report and check, what is found wanting, looking back on what was closed, and reopening."""

from datetime import date

import pytest

from flows.office import Office
from models.closure import EvidenceKind
from models.errors import UsageRefused
from models.handling.case import By, Done
from models.handling.closure_review import approve, open_review
from models.handling.follow_up import fail_follow_up, follow_up_check, follow_up_report, look_back, reopen
from models.handling.importing import RoundSpec
from models.handling.persons import Term, grant_exception
from models.handling.supervision_check import pass_check
from models.lifecycle import Role, Stage, State
from models.news import NewsKind
from tests.handling_fixtures import (
    GENERAL,
    HEAD,
    LEAD,
    SUPERVISION,
    UNIT,
    Line,
    act,
    all_clocks_of,
    bring_to,
    clocks_at,
    cycles_of,
    ending,
    events_of,
    evidence_of,
    file_of,
    heard,
    heard_kinds,
    last_event,
    measure,
    news_of,
    on_paper,
    refused,
    report,
    running,
    state_of,
    stored,
    take_in,
)

CLOSED = date(2023, 4, 21)
"""The day on which the measure was assigned, reported, checked and closed."""
DUE = date(2023, 10, 21)
"""Six months on, a Saturday."""
REPORTED = date(2023, 10, 20)


@pytest.fixture
def followed(crew: Office) -> Office:
    """A sustained measure that is followed up."""
    take_in(crew, Line("1", closure="长期坚持", limit="2023年4月28日前", cooperating="D2"))
    bring_to(crew, State.FOLLOWING_UP, CLOSED)
    return crew


@pytest.fixture
def closed(crew: Office) -> Office:
    """A settled measure that was closed."""
    take_in(crew, Line("1", limit="2023年4月28日前", cooperating="D2"))
    bring_to(crew, State.CLOSED, CLOSED)
    return crew


def tell_how_it_is(office: Office, on: date, by: By = UNIT, *names: str) -> Done:
    with office.handed_in([file_of(office, name) for name in names]) as files:
        return act(office, on, follow_up_report, "1", by, "仍在执行", files)


def found_wanting(office: Office, on: date, by: By = SUPERVISION, due_on: date | None = None) -> Done:
    with on_paper(office, By(by.person, by.as_party, reason="制度未执行"), "抽查记录.pdf") as judged:
        return act(office, on, fail_follow_up, "1", judged, due_on, ["缺台账"])


# --- Report and check


def test_a_report_makes_the_check_supervisions(followed: Office) -> None:
    done = tell_how_it_is(followed, REPORTED, UNIT, "抽查.txt")
    assert ending(clocks_at(followed, Stage.FOLLOW_UP)[0]) == (REPORTED, "met", None)
    # 23, 24, 25, 26, 27 October
    assert running(followed) == {Stage.CHECK: date(2023, 10, 27)}
    assert clocks_at(followed, Stage.CHECK)[-1].holder == "单位S1"
    assert (done.state, done.told.told) == (State.FOLLOWING_UP, ("单位S1",))
    assert [(row.party, row.kind, row.due_on) for row in news_of(followed)] == [
        ("S1", NewsKind.CHECK_WANTED, date(2023, 10, 27))
    ]
    event = last_event(followed)
    assert (event.from_state, event.to_state, event.payload["statement"]) == (
        "following_up",
        "following_up",
        "仍在执行",
    )
    assert [file["name"] for file in event.payload["evidence"]] == ["抽查.txt"]
    assert [row.name for row in evidence_of(followed)][-1] == "抽查.txt"
    assert cycles_of(followed)[0].follow_up_reported_by == "d1-a"


def test_a_report_after_its_date_says_by_how_much(followed: Office) -> None:
    tell_how_it_is(followed, date(2023, 10, 24))  # due on a Saturday: 23 and 24
    assert ending(clocks_at(followed, Stage.FOLLOW_UP)[0]) == (date(2023, 10, 24), "late", 2)


def test_it_is_reported_once_until_it_was_checked(followed: Office) -> None:
    tell_how_it_is(followed, REPORTED)
    with refused(followed, "本次回头看已报告，自2023-10-20起由督办组核查"):
        tell_how_it_is(followed, REPORTED)


def test_a_report_says_something(followed: Office) -> None:
    with refused(followed, "须写明回头看情况"):
        act(followed, REPORTED, follow_up_report, "1", UNIT, " ")


def test_a_passed_check_opens_the_next_follow_up(followed: Office) -> None:
    tell_how_it_is(followed, REPORTED)
    done = act(followed, date(2023, 10, 27), follow_up_check, "1", SUPERVISION)
    assert done.notes == ("下次回头看时限：2024-04-27。",)
    assert ending(clocks_at(followed, Stage.CHECK)[-1]) == (date(2023, 10, 27), "met", None)
    assert running(followed) == {Stage.FOLLOW_UP: date(2024, 4, 27)}
    assert (last_event(followed).payload, state_of(followed, "1")) == (
        {"next_due_on": "2024-04-27"},
        State.FOLLOWING_UP,
    )
    assert heard(followed) == {"D1": Role.UNIT, "L1": Role.LEAD}
    assert {(row.kind, row.due_on) for row in news_of(followed)} == {(NewsKind.FOLLOW_UP_PASSED, date(2024, 4, 27))}
    (cycle,) = cycles_of(followed)
    assert (cycle.follow_up_reported_by, cycle.follow_up_checked_by) == (None, None)


def test_supervision_may_look_without_waiting_for_a_report(followed: Office) -> None:
    """The unit owes no report any more, and never gave one."""
    act(followed, date(2023, 9, 1), follow_up_check, "1", SUPERVISION)
    assert ending(clocks_at(followed, Stage.FOLLOW_UP)[0]) == (date(2023, 9, 1), "void", None)
    assert running(followed) == {Stage.FOLLOW_UP: date(2024, 3, 1)}


def test_who_reported_does_not_check_it_but_may_check_the_next(followed: Office) -> None:
    tell_how_it_is(followed, REPORTED, By("jack", as_party="D1"))
    jack = By("jack", as_party="S1")
    for use in (follow_up_check, fail_follow_up):
        with refused(followed, "本次回头看由您报告，按回避要求不能再由您办理"), on_paper(followed, jack) as by:
            act(followed, REPORTED, use, "1", By("jack", "S1", "理由", basis=by.basis))
    act(followed, REPORTED, follow_up_check, "1", SUPERVISION)
    tell_how_it_is(followed, date(2024, 4, 19))
    act(followed, date(2024, 4, 19), follow_up_check, "1", jack)
    assert last_event(followed).person == "jack"


def test_who_submitted_in_the_cycle_checks_no_follow_up_of_it(crew: Office) -> None:
    take_in(crew, Line("1", closure="长期坚持"))
    bring_to(crew, State.IN_PROGRESS, CLOSED)
    report(crew, CLOSED, by=By("jack", as_party="D1"))
    bring_to(crew, State.UNDER_REVIEW, CLOSED)
    act(crew, CLOSED, approve, "1", LEAD)
    tell_how_it_is(crew, REPORTED)
    with refused(crew, "由您上报"):
        act(crew, REPORTED, follow_up_check, "1", By("jack", as_party="S1"))


# --- Found wanting


def test_what_is_found_wanting_begins_a_new_cycle_and_leaves_the_old_one_alone(followed: Office) -> None:
    tell_how_it_is(followed, REPORTED)
    before = all_clocks_of(followed, "1")
    done = found_wanting(followed, date(2023, 10, 27))
    assert (done.state, done.notes) == (State.IN_PROGRESS, ("新的整改时限：2023-11-03。",))
    *old, new = all_clocks_of(followed, "1")
    assert old[:-1] == before[:-1]
    assert (old[-1].stage, ending(old[-1])) == (Stage.CHECK, (date(2023, 10, 27), "met", None))
    assert (new.stage, new.due_on, new.first_due_on, new.holder) == (
        Stage.COMPLETE, date(2023, 11, 3), date(2023, 11, 3), "单位D1",
    )  # fmt: skip
    first, second = cycles_of(followed)
    assert (first.submitted_by, first.closed_by_lead, first.follow_up_checked_by) == ("d1-a", "l1-a", "s1-a")
    assert (second.n, second.opened_on, second.opened_seq) == (2, date(2023, 10, 27), last_event(followed).seq)
    assert (second.statement, second.submitted_by, second.verified_by) == ("", None, None)
    payload = last_event(followed).payload
    assert (payload["due_on"], payload["missing"], payload["reason"]) == ("2023-11-03", ["缺台账"], "制度未执行")
    assert payload["basis"]["name"] == "抽查记录.pdf"
    assert payload["basis"]["sha256"] in stored(followed)
    assert heard(followed) == {
        "D1": Role.UNIT, "D2": Role.COOPERATING, "L1": Role.LEAD, "G1": Role.GENERAL, "H1": Role.HEAD,
    }  # fmt: skip
    assert {(row.kind, row.due_on) for row in news_of(followed)} == {(NewsKind.REOPENED, date(2023, 11, 3))}


def test_it_may_be_found_wanting_before_the_unit_reported(followed: Office) -> None:
    found_wanting(followed, date(2023, 9, 1))
    assert ending(clocks_at(followed, Stage.FOLLOW_UP)[0]) == (date(2023, 9, 1), "void", None)
    assert running(followed) == {Stage.COMPLETE: date(2023, 9, 8)}


@pytest.mark.parametrize(
    ("reason", "based", "why", "cure"),
    [
        ("", True, "须写明理由", "--reason"),
        ("制度未执行", False, "须附依据材料（如检查记录、会议纪要）", "--basis"),
        ("", False, "须写明理由", "--reason"),
    ],
)
def test_a_new_cycle_needs_reason_and_basis(followed: Office, reason: str, based: bool, why: str, cure: str) -> None:
    for use in (fail_follow_up, reopen):
        with refused(followed, why, cure=cure), on_paper(followed, By("s1-a", reason=reason)) as by:
            act(followed, REPORTED, use, "1", by if based else By("s1-a", reason=reason))


def test_what_was_done_in_the_old_cycle_binds_nobody_in_the_new_one(followed: Office) -> None:
    """s1-a checked and l1-a closed the first cycle; in the second they may change places with nobody in their way."""
    found_wanting(followed, date(2023, 10, 27), By("s1-b"))
    report(followed, date(2023, 10, 30), by=By("d1-b"))
    act(followed, date(2023, 10, 30), pass_check, "1", SUPERVISION)
    act(followed, date(2023, 10, 30), open_review, "1", SUPERVISION)
    assert act(followed, date(2023, 10, 30), approve, "1", LEAD).state is State.FOLLOWING_UP
    assert [cycle.closed_by_lead for cycle in cycles_of(followed)] == ["l1-a", "l1-a"]


def test_an_exception_lets_a_reporter_find_their_own_report_wanting(followed: Office) -> None:
    with followed.acting(REPORTED) as (session, ground):
        grant_exception(session, ground, By("h1-a", reason="人手不足"), "jack", Term(REPORTED, REPORTED))
    tell_how_it_is(followed, REPORTED, By("jack", as_party="D1"))
    done = found_wanting(followed, REPORTED, By("jack", as_party="S1"))
    assert done.notes[-1].startswith("单人例外：jack")
    assert [cycle.exception_id for cycle in cycles_of(followed)] == [1, None]


# --- Looking back


def test_what_was_closed_may_be_looked_back_on_and_is_closed_again(closed: Office) -> None:
    done = act(closed, date(2023, 9, 1), look_back, "1", GENERAL)
    assert (done.state, done.notes) == (State.FOLLOWING_UP, ("回头看时限：2024-03-01。",))
    assert running(closed) == {Stage.FOLLOW_UP: date(2024, 3, 1)}
    assert heard(closed) == {"D1": Role.UNIT, "L1": Role.LEAD}
    assert set(heard_kinds(closed).values()) == {NewsKind.FOLLOW_UP_WANTED}
    tell_how_it_is(closed, date(2023, 9, 15))
    done = act(closed, date(2023, 9, 18), follow_up_check, "1", SUPERVISION)
    assert (done.state, done.notes, running(closed)) == (State.CLOSED, (), {})
    assert {(row.kind, row.due_on) for row in news_of(closed)} == {(NewsKind.FOLLOW_UP_PASSED, None)}
    assert len(cycles_of(closed)) == 1


def test_unit_and_lead_hear_by_when_it_is_looked_at(closed: Office) -> None:
    act(closed, date(2023, 9, 1), look_back, "1", GENERAL)
    assert {row.party: row.due_on for row in news_of(closed)} == dict.fromkeys(("D1", "L1"), date(2024, 3, 1))


def test_a_day_may_be_given_to_look_back(closed: Office) -> None:
    act(closed, date(2023, 9, 1), look_back, "1", SUPERVISION, date(2023, 9, 1))
    assert running(closed) == {Stage.FOLLOW_UP: date(2023, 9, 1)}


def test_nobody_looks_back_by_a_day_gone_by(closed: Office) -> None:
    with refused(closed, "回头看时限 2023-08-31 早于办理日期 2023-09-01"):
        act(closed, date(2023, 9, 1), look_back, "1", SUPERVISION, date(2023, 8, 31))


@pytest.mark.parametrize("by", [UNIT, LEAD, HEAD, By("a1-a")])
def test_supervision_and_the_general_group_look_back(closed: Office, by: By) -> None:
    with refused(closed, "“开展回头看”应由综合组或督办组办理"):
        act(closed, date(2023, 9, 1), look_back, "1", by)


def test_a_whole_earlier_round_can_be_looked_back_on(crew: Office) -> None:
    """The ledger of a round before: 31 measures under 5 problems, all settled then."""
    lines = [Line(str(n), problem=f"问题{n % 5}", closure="长期坚持" if n == 31 else "限时办结") for n in range(1, 32)]
    spec = RoundSpec("2021", "2021年整改", date(2021, 3, 25))
    imported = take_in(crew, *lines, spec=spec, closed=True)
    assert (imported.measures, imported.problems) == (31, 5)
    for line in lines:
        assert state_of(crew, line.no) is State.CLOSED
        act(crew, date(2023, 4, 3), look_back, line.no, SUPERVISION, date(2023, 4, 28))
        assert running(crew, line.no) == {Stage.FOLLOW_UP: date(2023, 4, 28)}
    act(crew, date(2023, 4, 4), follow_up_report, "1", UNIT, "仍在执行", ())
    assert act(crew, date(2023, 4, 6), follow_up_check, "1", SUPERVISION).state is State.CLOSED
    assert act(crew, date(2023, 4, 6), follow_up_check, "31", SUPERVISION).state is State.FOLLOWING_UP
    with on_paper(crew, By("s1-a", reason="反弹")) as by:
        act(crew, date(2023, 4, 6), fail_follow_up, "2", by)
    assert running(crew, "2") == {Stage.COMPLETE: date(2023, 4, 13)}
    assert [cycle.n for cycle in cycles_of(crew, "2")] == [1, 2]


# --- Reopening


@pytest.mark.parametrize(
    ("by", "given", "due_on"),
    [
        (By("s1-a"), None, date(2023, 9, 8)),
        (By("h1-a"), date(2023, 9, 1), date(2023, 9, 1)),
        (By("h1-b"), date(2023, 12, 29), date(2023, 12, 29)),
    ],
)
def test_what_was_closed_may_be_reopened(closed: Office, by: By, given: date | None, due_on: date) -> None:
    before = all_clocks_of(closed, "1")
    with on_paper(closed, By(by.person, reason="举报属实"), "核查报告.pdf") as based:
        done = act(closed, date(2023, 9, 1), reopen, "1", based, given)
    assert (done.state, done.notes) == (State.IN_PROGRESS, (f"新的整改时限：{due_on}。",))
    assert all_clocks_of(closed, "1")[:-1] == before
    assert running(closed) == {Stage.COMPLETE: due_on}
    assert [cycle.n for cycle in cycles_of(closed)] == [1, 2]
    assert last_event(closed).payload["basis"]["name"] == "核查报告.pdf"
    assert heard(closed).keys() == {"D1", "D2", "L1", "G1", "S1", "H1"} - {last_event(closed).party}
    assert set(heard_kinds(closed).values()) == {NewsKind.REOPENED}


def test_reopening_what_is_followed_up_voids_what_ran(followed: Office) -> None:
    tell_how_it_is(followed, REPORTED)
    with on_paper(followed, By("h1-a", reason="举报属实")) as by:
        act(followed, REPORTED, reopen, "1", by)
    assert ending(clocks_at(followed, Stage.CHECK)[-1]) == (REPORTED, "void", None)
    assert running(followed) == {Stage.COMPLETE: date(2023, 10, 27)}


def test_a_reopening_may_not_take_away_time_that_the_unit_had(crew: Office) -> None:
    """Closed on 21 April, long before its date of 30 June."""
    take_in(crew, Line("1"))
    bring_to(crew, State.CLOSED, CLOSED)
    given = date(2023, 5, 31)
    with refused(crew, "2023-05-31 早于原时限 2023-06-30"), on_paper(crew, By("s1-a", reason="反弹")) as by:
        act(crew, date(2023, 4, 24), reopen, "1", by, given)
    with on_paper(crew, By("s1-a", reason="反弹")) as by:
        act(crew, date(2023, 4, 24), reopen, "1", by)
    assert running(crew) == {Stage.COMPLETE: date(2023, 6, 30)}


@pytest.mark.parametrize("by", [UNIT, LEAD, GENERAL, By("a1-a")])
def test_supervision_and_the_head_reopen(closed: Office, by: By) -> None:
    with refused(closed, "“重新整改”应由督办组或组长办理"):
        act(closed, date(2023, 9, 1), reopen, "1", By(by.person, reason="反弹"))


def test_reopened_twice_is_three_cycles(closed: Office) -> None:
    for on in (date(2023, 5, 8), date(2023, 5, 15)):
        with on_paper(closed, By("s1-a", reason="反弹"), f"{on}.pdf") as by:
            act(closed, on, reopen, "1", by)
        bring_to(closed, State.CLOSED, on)
    assert [cycle.opened_on for cycle in cycles_of(closed)] == [CLOSED, date(2023, 5, 8), date(2023, 5, 15)]
    assert [(row.cycle, row.kind) for row in evidence_of(closed) if row.kind is EvidenceKind.PROOF] == [
        (1, EvidenceKind.PROOF), (2, EvidenceKind.PROOF), (3, EvidenceKind.PROOF),
    ]  # fmt: skip
    assert measure(closed, "1").version == len(events_of(closed, "1")) + 1


def test_a_basis_of_a_kind_that_is_not_taken_is_refused(closed: Office) -> None:
    with (
        refused(closed, "不在可接收的类型之内", UsageRefused),
        on_paper(closed, By("s1-a", reason="反弹"), "依据.exe") as by,
    ):
        act(closed, date(2023, 9, 1), reopen, "1", by)
