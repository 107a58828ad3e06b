"""The closure review: what must be there before it is opened, who signs it, which clocks end, and what follows."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from flows.office import Office
from models.closure import EvidenceKind
from models.errors import UsageRefused
from models.handling.case import By
from models.handling.closure_review import approve, open_review, reject
from models.handling.follow_up import reopen
from models.handling.persons import Term, appoint_stand_in, grant_exception
from models.handling.rectification import add_evidence
from models.handling.supervision_check import fail_check, pass_check
from models.lifecycle import Role, Stage, State
from models.news import NewsKind
from tests.handling_fixtures import (
    CREW,
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
    default_rules,
    ending,
    file_of,
    hand_out,
    heard,
    heard_kinds,
    last_event,
    news_of,
    nobody_waits_in_vain,
    on_paper,
    refused,
    report,
    running,
    small_office,
    state_of,
    take_in,
)
from tests.offices import replaced

VERIFIED = date(2023, 6, 19)
"""A Monday. Five working days on, over the Dragon Boat days: 20, 21, Sunday 25, 26, 27 June."""
OPENED = date(2023, 6, 20)
DUE = date(2023, 6, 28)
"""Five working days from the opening: 21, Sunday 25, 26, 27, 28 June."""
MAJOR = Line("1", cooperating="D2", major="是")


def verified(office: Office, line: Line, kinds: Sequence[EvidenceKind] = (EvidenceKind.PROOF,)) -> None:
    """A measure checked on 19 June with evidence of these kinds."""
    take_in(office, line)
    hand_out(office, line.no, date(2023, 3, 27))
    report(office, VERIFIED, *(file_of(office, f"{kind}.txt", kind) for kind in kinds), no=line.no)
    act(office, VERIFIED, pass_check, line.no, SUPERVISION)


def opened(office: Office, line: Line) -> None:
    verified(office, line, (EvidenceKind.PROOF, EvidenceKind.RULE))
    act(office, OPENED, open_review, line.no, SUPERVISION)


# --- Opening


@pytest.mark.parametrize(
    ("closure", "kinds", "missing", "cure"),
    [
        ("限时办结", (), "缺少：办结佐证（proof）至少一份。", "请责任单位用 duban evidence 补充材料"),
        ("限时办结", (EvidenceKind.RULE,), "缺少：办结佐证（proof）至少一份。", "请责任单位用 duban evidence 补充材料"),
        (
            "完善长效机制", (EvidenceKind.PROOF, EvidenceKind.OTHER),
            "缺少：制度（rule）、业务规范（norm）或专项整治（campaign）材料至少一份。", "请责任单位用 duban evidence",
        ),
    ],
)  # fmt: skip
def test_a_review_is_not_opened_while_something_is_missing(
    crew: Office, closure: str, kinds: Sequence[EvidenceKind], missing: str, cure: str
) -> None:
    verified(crew, Line("1", closure=closure), kinds)
    with refused(crew, missing, cure=cure):
        act(crew, OPENED, open_review, "1", SUPERVISION)


@pytest.mark.parametrize(
    ("closure", "kind"),
    [
        ("限时办结", EvidenceKind.PROOF),
        ("完善长效机制", EvidenceKind.RULE),
        ("完善长效机制", EvidenceKind.NORM),
        ("完善长效机制", EvidenceKind.CAMPAIGN),
    ],
)
def test_what_was_missing_may_be_brought_after_the_check(crew: Office, closure: str, kind: EvidenceKind) -> None:
    verified(crew, Line("1", closure=closure), ())
    with crew.handed_in([file_of(crew, "补充.txt", kind)]) as files:
        act(crew, OPENED, add_evidence, "1", UNIT, files)
    assert act(crew, OPENED, open_review, "1", SUPERVISION).state is State.UNDER_REVIEW


def test_evidence_of_an_earlier_cycle_closes_nothing(crew: Office) -> None:
    verified(crew, Line("1"))
    act(crew, OPENED, open_review, "1", SUPERVISION)
    act(crew, OPENED, approve, "1", LEAD)
    with on_paper(crew, By("s1-a", reason="问题反弹")) as by:
        act(crew, OPENED, reopen, "1", by)
    report(crew, OPENED, by=By("d1-b"))
    act(crew, OPENED, pass_check, "1", SUPERVISION)
    with refused(crew, "缺少：办结佐证"):
        act(crew, OPENED, open_review, "1", SUPERVISION)


def test_an_ordinary_review_is_the_leads(crew: Office) -> None:
    verified(crew, Line("1", cooperating="D2"))
    done = act(crew, OPENED, open_review, "1", SUPERVISION)
    assert ending(clocks_at(crew, Stage.OPEN_REVIEW)[0]) == (OPENED, "met", None)
    (review,) = clocks_at(crew, Stage.REVIEW)
    assert (review.due_on, review.first_due_on, review.opened_on, review.holder) == (DUE, DUE, OPENED, "单位L1")
    assert (done.state, done.notes, done.told.told) == (State.UNDER_REVIEW, (), ("单位L1",))
    assert [(row.party, row.role, row.kind, row.due_on) for row in news_of(crew)] == [
        ("L1", Role.LEAD, NewsKind.REVIEW_WANTED, DUE)
    ]


def test_a_major_review_is_the_heads_too(crew: Office) -> None:
    verified(crew, MAJOR)
    act(crew, OPENED, open_review, "1", SUPERVISION)
    assert [(clock.holder, clock.due_on) for clock in clocks_at(crew, Stage.REVIEW)] == [
        ("单位L1", DUE),
        ("单位H1", DUE),
    ]
    assert heard(crew) == {"L1": Role.LEAD, "H1": Role.HEAD}
    assert {row.due_on for row in news_of(crew)} == {DUE}


def test_a_review_opened_late_says_by_how_much(crew: Office) -> None:
    verified(crew, Line("1"))
    act(crew, date(2023, 6, 29), open_review, "1", SUPERVISION)  # due on 27 June
    assert ending(clocks_at(crew, Stage.OPEN_REVIEW)[0]) == (date(2023, 6, 29), "late", 2)


# --- The interval of a sustained measure


SUSTAINED = Line("1", closure="长期坚持", cooperating="D2")


@pytest.mark.parametrize(
    ("written", "words", "due_on"),
    [
        (None, "6个月", date(2023, 12, 28)),
        ("3m", "3个月", date(2023, 9, 28)),
        ("5wd", "5个工作日", date(2023, 7, 5)),
    ],
)
def test_a_sustained_measure_is_followed_up_after_its_interval(
    crew: Office, written: str | None, words: str, due_on: date
) -> None:
    verified(crew, SUSTAINED, ())
    done = act(crew, OPENED, open_review, "1", SUPERVISION, written)
    assert (done.notes, last_event(crew).payload) == ((f"回头看间隔：{words}。",), {"interval": words})
    done = act(crew, DUE, approve, "1", LEAD)
    assert (done.state, done.notes) == (State.FOLLOWING_UP, (f"下次回头看时限：{due_on}。",))
    assert running(crew) == {Stage.FOLLOW_UP: due_on}
    assert clocks_at(crew, Stage.FOLLOW_UP)[0].holder == "单位D1"
    assert last_event(crew).payload == {"closure": "sustained", "next_due_on": str(due_on), "signed_as": "lead"}
    assert {row.due_on for row in news_of(crew)} == {due_on}


@pytest.mark.parametrize(
    ("line", "written", "why"),
    [
        (SUSTAINED, "half a year", "回头看间隔“half a year”写法不对"),
        (SUSTAINED, "0m", "回头看间隔“0m”写法不对"),
        (SUSTAINED, "none", "回头看间隔“none”写法不对"),
        (Line("1"), "6m", "销号类别是“限时办结”，不需要回头看间隔"),
    ],
)
def test_intervals_that_are_none(crew: Office, line: Line, written: str, why: str) -> None:
    verified(crew, line)
    with refused(crew, why, UsageRefused):
        act(crew, OPENED, open_review, "1", SUPERVISION, written)


def test_where_the_policy_gives_no_interval_each_measure_must(tmp_path: Path) -> None:
    with small_office(tmp_path, CREW, default_rules(("limit: 6m ", "limit: none "))) as office:
        verified(office, SUSTAINED, ())
        with refused(office, "缺少：回头看间隔（如 6m）"):
            act(office, OPENED, open_review, "1", SUPERVISION)
        act(office, OPENED, open_review, "1", SUPERVISION, "60wd")
        act(office, DUE, approve, "1", LEAD)
        assert state_of(office, "1") is State.FOLLOWING_UP
        nobody_waits_in_vain(office)


# --- Approving


def test_the_lead_closes_an_ordinary_measure(crew: Office) -> None:
    opened(crew, Line("1", cooperating="D2"))
    done = act(crew, DUE, approve, "1", LEAD)
    assert (done.state, done.notes, running(crew)) == (State.CLOSED, (), {})
    assert ending(clocks_at(crew, Stage.REVIEW)[0]) == (DUE, "met", None)
    event = last_event(crew)
    assert (event.from_state, event.to_state) == ("under_review", "closed")
    assert event.payload == {"closure": "settled", "signed_as": "lead"}
    assert heard(crew) == {
        "D1": Role.UNIT, "D2": Role.COOPERATING, "S1": Role.SUPERVISION, "G1": Role.GENERAL,
    }  # fmt: skip
    assert {(row.kind, row.due_on) for row in news_of(crew)} == {(NewsKind.CLOSED, None)}
    (cycle,) = cycles_of(crew)
    assert (cycle.closed_by_lead, cycle.closed_by_head) == ("l1-a", None)


@pytest.mark.parametrize(
    ("first", "second", "still"), [(LEAD, HEAD, "单位H1"), (HEAD, LEAD, "单位L1")], ids=["lead first", "head first"]
)
def test_a_major_measure_is_closed_once_both_have_signed(crew: Office, first: By, second: By, still: str) -> None:
    opened(crew, MAJOR)
    done = act(crew, DUE, approve, "1", first)
    assert (done.state, news_of(crew)) == (State.UNDER_REVIEW, [])
    assert [clock.holder for clock in clocks_at(crew, Stage.REVIEW) if clock.stopped_on is None] == [still]
    with refused(crew, "您所代表的一方已同意销号，不能再办理“同意销号”"):
        act(crew, DUE, approve, "1", By(first.person[:-1] + "b"))
    done = act(crew, date(2023, 6, 29), approve, "1", second)
    assert done.state is State.CLOSED
    by_holder = {clock.holder: ending(clock) for clock in clocks_at(crew, Stage.REVIEW)}
    assert by_holder.pop(still) == (date(2023, 6, 29), "late", 1)
    assert list(by_holder.values()) == [(DUE, "met", None)]
    assert heard(crew).keys() == {"D1", "D2", "S1", "G1", "L1", "H1"} - {last_event(crew).party}
    (cycle,) = cycles_of(crew)
    assert (cycle.closed_by_lead, cycle.closed_by_head) == ("l1-a", "h1-a")


def test_the_head_has_no_say_in_an_ordinary_measure(crew: Office) -> None:
    opened(crew, Line("1"))
    with refused(crew, "“同意销号”应由牵头领导办理，您现在代表的是组长"):
        act(crew, DUE, approve, "1", HEAD)


def test_one_person_does_not_sign_for_both(crew: Office) -> None:
    opened(crew, MAJOR)
    act(crew, DUE, approve, "1", By("jack", as_party="L1"))
    with refused(crew, "您已同意销号，不能再以另一身份办理"):
        act(crew, DUE, approve, "1", By("jack", as_party="H1"))
    assert act(crew, DUE, approve, "1", HEAD).state is State.CLOSED


@pytest.mark.parametrize(
    ("role", "why"),
    [("D1", "本周期的自查或佐证由您上报"), ("S1", "本周期的核查由您办理")],
    ids=["submitted", "verified"],
)
def test_who_submitted_or_verified_does_not_close(crew: Office, role: str, why: str) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", date(2023, 3, 27))
    jack = By("jack", as_party=role)
    report(crew, VERIFIED, file_of(crew), by=jack if role == "D1" else UNIT)
    act(crew, VERIFIED, pass_check, "1", jack if role == "S1" else SUPERVISION)
    act(crew, OPENED, open_review, "1", SUPERVISION)
    for use in (approve, reject):
        with refused(crew, why):
            act(crew, DUE, use, "1", By("jack", as_party="L1", reason="理由"))


def test_who_failed_an_earlier_check_of_the_cycle_does_not_close(crew: Office) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", date(2023, 3, 27))
    report(crew, VERIFIED)
    act(crew, VERIFIED, fail_check, "1", By("jack", as_party="S1", reason="缺佐证"))
    bring_to(crew, State.UNDER_REVIEW, OPENED)
    assert cycles_of(crew)[0].verified_by == "s1-a"
    with refused(crew, "本周期的核查由您办理"):
        act(crew, DUE, approve, "1", By("jack", as_party="L1"))


def test_a_stand_in_is_bound_by_what_they_did_themselves(crew: Office) -> None:
    """s1-a verified; while S1 stands in for the lead, s1-b may sign and s1-a may not."""
    opened(crew, Line("1"))
    with crew.acting(OPENED) as (session, ground):
        appoint_stand_in(session, ground, By("g1-a", reason="出差"), "L1", "S1", Term(OPENED, DUE))
    with refused(crew, "本周期的核查由您办理"):
        act(crew, DUE, approve, "1", By("s1-a"))
    act(crew, DUE, approve, "1", By("s1-b"))
    event = last_event(crew)
    assert (event.person, event.party, event.payload["stand_in"], event.payload["signed_as"]) == (
        "s1-b", "L1", "S1", "lead",
    )  # fmt: skip


def test_one_person_with_an_exception_closes_what_they_checked_for_lead_and_head(crew: Office) -> None:
    with crew.acting(VERIFIED) as (session, ground):
        grant_exception(session, ground, By("h1-a", reason="人手不足"), "jack", Term(VERIFIED, DUE))
    take_in(crew, MAJOR)
    hand_out(crew, "1", date(2023, 3, 27))
    report(crew, VERIFIED, file_of(crew), by=By("jack", as_party="D1"))
    for use, party in ((pass_check, "S1"), (approve, "L1"), (approve, "H1")):
        if party == "L1":
            act(crew, OPENED, open_review, "1", By("jack", as_party="S1"))
        done = act(crew, OPENED, use, "1", By("jack", as_party=party))
        assert len(done.notes) == 1
        assert done.notes[0].startswith("单人例外：jack一人兼办应当回避的事项")
    (cycle,) = cycles_of(crew)
    assert (cycle.closed_by_lead, cycle.closed_by_head, cycle.exception_id) == ("jack", "jack", 1)


def test_one_party_that_is_lead_and_head_signs_by_two_persons(tmp_path: Path) -> None:
    with small_office(tmp_path, replaced(CREW, "L1", roles=frozenset({Role.LEAD, Role.HEAD}))) as office:
        opened(office, MAJOR)
        act(office, OPENED, approve, "1", LEAD)
        with refused(office, "您已同意销号，不能再以另一身份办理"):
            act(office, DUE, approve, "1", LEAD)
        assert act(office, DUE, approve, "1", By("l1-b")).state is State.CLOSED
        assert [ending(clock) for clock in clocks_at(office, Stage.REVIEW)] == [
            (OPENED, "met", None),
            (DUE, "met", None),
        ]


# --- Rejecting


def test_a_rejection_sends_back_as_a_failed_check_does(crew: Office) -> None:
    opened(crew, Line("1", cooperating="D2"))
    done = act(crew, date(2023, 6, 26), reject, "1", By("l1-a", reason="成效不实"), None, ["缺成效证明"])
    assert (done.state, done.notes) == (State.IN_PROGRESS, ("新的整改时限：2023-07-03。",))
    assert running(crew) == {Stage.COMPLETE: date(2023, 7, 3)}  # 27, 28, 29, 30 June, 3 July
    assert ending(clocks_at(crew, Stage.REVIEW)[0]) == (date(2023, 6, 26), "met", None)
    assert last_event(crew).payload == {
        "due_on": "2023-07-03", "missing": ["缺成效证明"], "reason": "成效不实", "signed_as": "lead",
    }  # fmt: skip
    assert heard(crew) == {"D1": Role.UNIT, "D2": Role.COOPERATING, "S1": Role.SUPERVISION}
    assert set(heard_kinds(crew).values()) == {NewsKind.RETURNED}
    assert len(cycles_of(crew)) == 1


@pytest.mark.parametrize("signed", [True, False], ids=["after the lead signed", "before the lead signed"])
def test_the_head_alone_rejects_a_major_measure(crew: Office, signed: bool) -> None:
    opened(crew, MAJOR)
    if signed:
        act(crew, date(2023, 6, 25), approve, "1", LEAD)
    act(crew, date(2023, 6, 26), reject, "1", By("h1-a", reason="成效不实"))
    assert {clock.holder: ending(clock) for clock in clocks_at(crew, Stage.REVIEW)} == {
        "单位L1": (date(2023, 6, 25), "met", None) if signed else (date(2023, 6, 26), "void", None),
        "单位H1": (date(2023, 6, 26), "met", None),
    }
    (cycle,) = cycles_of(crew)
    assert (cycle.closed_by_lead, cycle.closed_by_head) == (None, None)
    assert heard(crew) == {"D1": Role.UNIT, "D2": Role.COOPERATING, "L1": Role.LEAD, "S1": Role.SUPERVISION}


def test_after_a_rejection_both_sign_anew(crew: Office) -> None:
    opened(crew, MAJOR)
    act(crew, date(2023, 6, 25), approve, "1", LEAD)
    act(crew, date(2023, 6, 26), reject, "1", By("h1-a", reason="成效不实"))
    bring_to(crew, State.UNDER_REVIEW, date(2023, 6, 27))
    act(crew, date(2023, 6, 28), approve, "1", HEAD)
    assert state_of(crew, "1") is State.UNDER_REVIEW
    assert act(crew, date(2023, 6, 28), approve, "1", LEAD).state is State.CLOSED
    assert [clock.outcome for clock in all_clocks_of(crew, "1") if clock.stage is Stage.REVIEW] == ["met"] * 4


def test_a_rejection_needs_a_reason(crew: Office) -> None:
    opened(crew, Line("1"))
    with refused(crew, "办理“不予销号”须写明理由"):
        act(crew, DUE, reject, "1", LEAD)


def test_a_sentence_about_a_review_names_who_has_not_signed(crew: Office) -> None:
    """The lead has signed: it is the head's to act."""
    opened(crew, MAJOR)
    act(crew, DUE, approve, "1", LEAD)
    with refused(crew, "该措施现为“销号审核中”，自2023-06-20起由组长办理"):
        report(crew, DUE)
