"""My desk: what waits for whom, most urgent first, and that it offers what the rules would allow."""

from datetime import date
from pathlib import Path

import pytest

from flows.office import Office
from flows.steps import run_day
from models.answers.desk import Waiting, desk
from models.errors import NotFound, UsageRefused
from models.handling.accountability import take_up
from models.handling.case import By
from models.handling.closure_review import approve, open_review
from models.handling.extension import ask_extension
from models.handling.holding import hold
from models.handling.persons import Term, appoint_stand_in, grant_exception
from models.handling.reassignment import withdraw
from models.handling.supervision_check import pass_check
from models.lifecycle import Action, Role, Stage, State
from tests.handling_fixtures import (
    ACCOUNTABILITY,
    CREW,
    GENERAL,
    HEAD,
    LEAD,
    SUPERVISION,
    UNIT,
    Line,
    act,
    bring_to,
    contents,
    file_of,
    hand_out,
    last_event,
    report,
    small_office,
    take_in,
)
from tests.offices import directory, party

DAY = date(2023, 4, 3)


def of(office: Office, by: By, on: date = DAY) -> list[Waiting]:
    with office.acting(on):
        """The directory comes into the tables."""
    before = contents(office)
    with office.acting(on) as (session, ground):
        found = desk(session, ground, by)
    assert contents(office) == before
    return found


def brief(office: Office, by: By, on: date = DAY) -> list[tuple[str, Stage | None, date | None, tuple[Action, ...]]]:
    return [(one.no, one.stage, one.due_on, one.actions) for one in of(office, by, on)]


# --- Whose it is


@pytest.mark.parametrize(
    ("state", "by", "expected"),
    [
        (State.DRAFTED, GENERAL, [(None, None, (Action.ASSIGN,))]),
        (
            State.ASSIGNED, UNIT,
            [
                (Stage.ACCEPT, date(2023, 4, 6), (Action.ACCEPT, Action.SUBMIT_SELF_CHECK)),
                (Stage.COMPLETE, date(2023, 6, 30), (Action.SUBMIT_SELF_CHECK,)),
            ],
        ),
        (State.IN_PROGRESS, UNIT, [(Stage.COMPLETE, date(2023, 6, 30), (Action.SUBMIT_SELF_CHECK,))]),
        (
            State.SELF_CHECKED, SUPERVISION,
            [(Stage.CHECK, date(2023, 4, 11), (Action.PASS_CHECK, Action.FAIL_CHECK))],
        ),
        (State.VERIFIED, SUPERVISION, [(Stage.OPEN_REVIEW, date(2023, 4, 11), (Action.OPEN_REVIEW,))]),
        (State.UNDER_REVIEW, LEAD, [(Stage.REVIEW, date(2023, 4, 11), (Action.APPROVE, Action.REJECT))]),
        (State.UNDER_REVIEW, HEAD, [(Stage.REVIEW, date(2023, 4, 11), (Action.APPROVE, Action.REJECT))]),
        (State.FOLLOWING_UP, UNIT, [(Stage.FOLLOW_UP, date(2023, 10, 3), (Action.FOLLOW_UP_REPORT,))]),
    ],
)  # fmt: skip
def test_each_thing_waits_on_the_desk_of_whoever_must_act(
    crew: Office, state: State, by: By, expected: list[tuple[Stage | None, date | None, tuple[Action, ...]]]
) -> None:
    take_in(crew, Line("1", closure="长期坚持", limit="2023年6月30日前", major="是"))
    if state is not State.DRAFTED:
        bring_to(crew, state, DAY)
    assert brief(crew, by) == [("1", *one) for one in expected]
    others = {UNIT, LEAD, GENERAL, SUPERVISION, ACCOUNTABILITY, HEAD, By("d2-a")} - {by}
    if state is State.UNDER_REVIEW:
        others -= {LEAD, HEAD}
    assert [one for other in others for one in of(crew, other)] == []


def test_what_stands_on_a_desk_says_which_measure_it_is(crew: Office) -> None:
    take_in(crew, Line("1", text="订出学习计划"))
    bring_to(crew, State.IN_PROGRESS, DAY)
    (one,) = of(crew, UNIT)
    assert (one.no, one.round_code, one.text, one.state, one.party, one.stand_in) == (
        "1", "2023", "订出学习计划", State.IN_PROGRESS, "D1", None,
    )  # fmt: skip


def test_the_most_urgent_comes_first_and_drafts_last(crew: Office) -> None:
    take_in(crew, Line("1", limit="2023年6月30日前"), Line("2", limit="2023年4月28日前"), Line("3"), Line("4"))
    for no in ("1", "2"):
        bring_to(crew, State.IN_PROGRESS, DAY, no)
    act(crew, DAY, ask_extension, "1", By("d1-a", reason="忙"), date(2023, 7, 7))
    assert [one.no for one in of(crew, UNIT)] == ["2", "1"]
    assert [(one.no, one.stage) for one in of(crew, By("jack"))] == [
        ("1", Stage.DECIDE), ("2", Stage.COMPLETE), ("1", Stage.COMPLETE), ("3", None), ("4", None),
    ]  # fmt: skip


def test_milestones_wait_too(crew: Office) -> None:
    take_in(crew, Line("1", limit="2023年4月10日前、2023年4月28日前"))
    bring_to(crew, State.IN_PROGRESS, DAY)
    assert brief(crew, UNIT)[0] == ("1", Stage.MILESTONE, date(2023, 4, 10), (Action.REPORT_MILESTONE,))


def test_what_is_held_or_over_waits_for_nobody(crew: Office) -> None:
    take_in(crew, Line("1"), Line("2"))
    bring_to(crew, State.IN_PROGRESS, DAY)
    bring_to(crew, State.CLOSED, DAY, "2")
    act(crew, DAY, hold, "1", By("s1-a", reason="等"))
    assert of(crew, By("jack")) == []


def test_a_draft_without_a_date_waits_without_an_action(crew: Office) -> None:
    take_in(crew, Line("1", limit="待定"))
    assert brief(crew, GENERAL) == [("1", None, None, ())]


# --- Duties kept apart


def test_what_another_must_do_is_shown_without_an_action(crew: Office) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", DAY)
    report(crew, DAY, file_of(crew), by=By("jack", as_party="D1"))
    assert brief(crew, By("jack")) == [("1", Stage.CHECK, date(2023, 4, 11), ())]
    with crew.acting(DAY) as (session, ground):
        grant_exception(session, ground, By("h1-a", reason="人手"), "jack", Term(DAY, DAY))
    assert brief(crew, By("jack")) == [("1", Stage.CHECK, date(2023, 4, 11), (Action.PASS_CHECK, Action.FAIL_CHECK))]


def test_who_signed_as_lead_is_not_offered_to_sign_as_head(crew: Office) -> None:
    take_in(crew, Line("1", major="是"))
    bring_to(crew, State.UNDER_REVIEW, DAY)
    act(crew, DAY, approve, "1", By("jack", as_party="L1"))
    assert [(one.party, one.actions) for one in of(crew, By("jack"))] == [("H1", ())]
    assert [(one.party, one.actions) for one in of(crew, HEAD)] == [("H1", (Action.APPROVE, Action.REJECT))]


# --- Why one cannot


def refusals(office: Office, by: By, on: date = DAY) -> list[tuple[Stage | None, tuple[Action, ...], str]]:
    return [(one.stage, one.actions, one.refusal) for one in of(office, by, on)]


@pytest.mark.parametrize("state", [State.DRAFTED, State.IN_PROGRESS, State.SELF_CHECKED, State.UNDER_REVIEW])
def test_where_something_can_be_done_nothing_is_in_the_way(crew: Office, state: State) -> None:
    take_in(crew, Line("1"))
    if state is not State.DRAFTED:
        bring_to(crew, state, DAY)
    (one,) = [one for by in (UNIT, GENERAL, SUPERVISION, LEAD) for one in of(crew, by)]
    assert one.actions
    assert one.refusal == ""


def test_who_submitted_is_told_that_another_must_check(crew: Office) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", DAY)
    report(crew, DAY, file_of(crew), by=By("jack", as_party="D1"))
    ((stage, done, why),) = refusals(crew, By("jack"))
    assert (stage, done) == (Stage.CHECK, ())
    assert why.startswith("本周期的自查或佐证由您上报，按回避要求不能再由您办理“")
    assert why.endswith("请由其他经办人办理；确因人手过少无法回避的，须由组长书面设定例外。")


def test_who_signed_as_lead_is_told_why_not_as_head(crew: Office) -> None:
    take_in(crew, Line("1", major="是"))
    bring_to(crew, State.UNDER_REVIEW, DAY)
    act(crew, DAY, approve, "1", By("jack", as_party="L1"))
    ((stage, done, why),) = refusals(crew, By("jack"))
    assert (stage, done) == (Stage.REVIEW, ())
    assert why.startswith("您已同意销号，不能再以另一身份办理“")


def test_a_draft_without_a_date_says_that_one_is_missing(crew: Office) -> None:
    take_in(crew, Line("1", limit="待定"))
    assert refusals(crew, GENERAL) == [(None, (), "该措施还没有确定完成时限，不能交办；请先填写完成时限。")]


def test_a_milestone_of_what_was_not_accepted_says_what_comes_first(crew: Office) -> None:
    take_in(crew, Line("1", limit="2023年4月10日前、2023年4月28日前"))
    hand_out(crew, "1", DAY)
    found = {stage: (done, why) for stage, done, why in refusals(crew, UNIT)}
    done, why = found[Stage.MILESTONE]
    assert done == ()
    assert why == (
        "该措施现为“待签收”，自2023-04-03起由责任单位办理，此时不能办理“节点报告”；您现在可以办理：签收、自查上报。"
    )
    assert [found[stage][1] for stage in (Stage.ACCEPT, Stage.COMPLETE)] == ["", ""]


# --- In another's place


def test_a_stand_in_sees_the_other_desk_for_the_days_given(crew: Office) -> None:
    take_in(crew, Line("1"))
    bring_to(crew, State.IN_PROGRESS, DAY)
    with crew.acting(DAY) as (session, ground):
        appoint_stand_in(session, ground, By("g1-a", reason="出差"), "D1", "D2", Term(DAY, date(2023, 4, 4)))
    assert [(one.no, one.party, one.stand_in) for one in of(crew, By("d2-a"))] == [("1", "D1", "D2")]
    assert of(crew, By("d2-a"), date(2023, 4, 6)) == []


def test_one_party_of_several_may_be_chosen(crew: Office) -> None:
    take_in(crew, Line("1"), Line("2"))
    bring_to(crew, State.IN_PROGRESS, DAY)
    assert [one.no for one in of(crew, By("jack", as_party="G1"))] == ["2"]
    with pytest.raises(UsageRefused, match="不能代表“D2”"):
        of(crew, By("jack", as_party="D2"))


def test_a_stranger_has_no_desk_and_who_left_an_empty_one(crew: Office) -> None:
    take_in(crew, Line("1"))
    bring_to(crew, State.IN_PROGRESS, DAY)
    with pytest.raises(NotFound, match="没有代码为“nobody”"):
        of(crew, By("nobody"))
    assert of(crew, By("gone")) == []


# --- Referrals


def test_a_referral_waits_until_it_was_taken_up(crew: Office) -> None:
    take_in(crew, Line("1", limit="2023年4月28日前"), Line("2"))
    for no in ("1", "2"):
        bring_to(crew, State.IN_PROGRESS, DAY, no)
    run_day(crew, date(2023, 4, 28))
    run_day(crew, date(2023, 5, 9))
    assert brief(crew, ACCOUNTABILITY, date(2023, 5, 9)) == [("1", None, None, (Action.TAKE_UP,))]
    act(crew, date(2023, 5, 10), take_up, "1", ACCOUNTABILITY)
    assert brief(crew, ACCOUNTABILITY, date(2023, 5, 10)) == [
        ("1", Stage.REFER, date(2023, 5, 24), (Action.RECORD_OUTCOME,))
    ]


# --- Several groups


def test_what_any_of_two_groups_may_do_waits_on_both_desks(office: Office) -> None:
    take_in(office, Line("1"))
    hand_out(office, "1", DAY)
    report(office, DAY)
    for person in ("s1-a", "s2-a"):
        assert brief(office, By(person)) == [
            ("1", Stage.CHECK, date(2023, 4, 11), (Action.PASS_CHECK, Action.FAIL_CHECK))
        ]


def test_a_group_that_took_anothers_place_sees_what_the_other_held(crew: Office) -> None:
    """S1 leaves the directory while its check is open, S9 comes into it."""
    take_in(crew, Line("1"), Line("2"))
    bring_to(crew, State.SELF_CHECKED, DAY)
    bring_to(crew, State.VERIFIED, DAY, "2")
    others = [one for one in CREW.parties if one.code != "S1"]
    found = directory(*others, party("S9", Role.SUPERVISION))
    crew.settings.directory.write_text(found.content, encoding="utf-8")
    after = Office(crew.settings, crew.store, crew.home)
    assert [(one.no, one.stage, one.party, one.actions) for one in of(after, By("s9-a"))] == [
        ("1", Stage.CHECK, "S9", (Action.PASS_CHECK, Action.FAIL_CHECK)),
        ("2", Stage.OPEN_REVIEW, "S9", (Action.OPEN_REVIEW,)),
    ]
    act(after, DAY, pass_check, "1", By("s9-a"))
    assert last_event(after).party == "S9"


def test_the_head_sees_its_own_review_of_a_major_measure_and_not_the_leads(crew: Office) -> None:
    take_in(crew, Line("1", major="是"), Line("2"))
    for no in ("1", "2"):
        bring_to(crew, State.UNDER_REVIEW, DAY, no)
    assert [(one.no, one.party) for one in of(crew, HEAD)] == [("1", "H1")]
    assert [(one.no, one.party) for one in of(crew, LEAD)] == [("1", "L1"), ("2", "L1")]
    act(crew, DAY, approve, "1", HEAD)
    assert of(crew, HEAD) == []
    assert [one.no for one in of(crew, LEAD)] == ["1", "2"]


def test_of_two_heads_either_sees_the_heads_review_even_of_what_one_of_them_leads(tmp_path: Path) -> None:
    """LH is lead and head; what it signs as lead another person must sign as head."""
    lh = party("LH", Role.LEAD, Role.HEAD)
    first, last = directory(lh, *CREW.parties), directory(*CREW.parties, lh)
    for number, found in enumerate((first, last)):
        with small_office(tmp_path / str(number), found) as office:
            take_in(office, Line("1", major="是", lead="LH"))
            bring_to(office, State.VERIFIED, DAY)
            act(office, DAY, open_review, "1", SUPERVISION)
            act(office, DAY, approve, "1", By("lh-a"))
            assert brief(office, HEAD) == [("1", Stage.REVIEW, date(2023, 4, 11), (Action.APPROVE, Action.REJECT))]


def test_a_referral_waits_only_where_it_can_be_taken_up(crew: Office) -> None:
    take_in(
        crew, Line("1", limit="2023年4月28日前"), Line("2", limit="2023年4月28日前"), Line("3", limit="2023年4月28日前")
    )
    for no in ("1", "2", "3"):
        bring_to(crew, State.IN_PROGRESS, DAY, no)
    run_day(crew, date(2023, 4, 28))
    on = date(2023, 5, 9)
    run_day(crew, on)
    assert [one.no for one in of(crew, ACCOUNTABILITY, on)] == ["1", "2", "3"]
    act(crew, on, hold, "1", By("s1-a", reason="等"))
    act(crew, on, withdraw, "2", By("g1-a", reason="重复"))
    assert brief(crew, ACCOUNTABILITY, on) == [("3", None, None, (Action.TAKE_UP,))]
    assert [one.no for one in of(crew, By("jack", as_party="A1"), on)] == ["3"]
