"""Who may do what: every cell of state × action × role × relation, expected in text and asked of the rules one by one.

Then what a cell cannot show: rules about the measure, wording, and what holds along every possible life.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from models.directory import Directory, DirectoryParty, Person, Seat, StandIn
from models.lifecycle import (
    INITIAL,
    LIVE_STATES,
    STATE_ZH,
    TRANSITIONS,
    Action,
    ClosureClass,
    Opening,
    Role,
    Stage,
    State,
)
from models.permission import (
    SEPARATION,
    Refusal,
    RefusalCode,
    Relation,
    Situation,
    Step,
    allowed_actions,
    decide,
)
from tests.models.test_lifecycle import CELLS, ROWS, RUNNING

ME, OTHER = "zhao", "qian"
DAY, SINCE = date(2023, 6, 14), date(2023, 6, 1)
WHILE_HELD = {Action.REPORT_PROGRESS, Action.RESUME, Action.WITHDRAW}
SIGNED = frozenset({Role.LEAD})

# How the person stands to the measure, for whatever role: one column a relation, numbered as in RELATIONS below.
#   +  may, where WHO_MAY names the role          S  submitted it       V  verified it
#   R  reported the follow-up                     A  asked for it       E  may, by the head's exception only
#   D  this role has decided already              X  this person has approved already
#   O  the party is nothing to this measure       !  the person is disabled
# Two letters: the first for the lead, the second for the head.
WHOM_IT_KEEPS_OUT = """
                   1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16
assign             +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
accept             +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
report_progress    +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
report_milestone   +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
submit_self_check  +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
add_evidence       +  +  V  V  +  +  +  +  +  V  O  !  +  E  +  +
pass_check         +  S  +  S  +  +  +  +  +  S  O  !  S  E  +  +
fail_check         +  S  +  S  +  +  +  +  +  S  O  !  S  E  +  +
open_review        +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
approve            +  S  V  S DX D+  +  +  +  S  O  !  S  E DE  +
reject             +  S  V  S DX D+  +  +  +  S  O  !  S  E DE  +
follow_up_report   +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
follow_up_check    +  S  +  S  +  +  R  +  +  S  O  !  S  E  +  +
fail_follow_up     +  S  +  S  +  +  R  +  +  S  O  !  S  E  +  +
look_back          +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
reopen             +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
ask_extension      +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
decide_extension   +  +  +  +  +  +  +  A  +  A  O  !  +  E  +  +
set_new_limit      +  +  +  +  +  +  +  A  +  A  O  !  +  E  +  +
hold               +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
resume             +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
take_up            +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
record_outcome     +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
hand_over          +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
withdraw           +  +  +  +  +  +  +  +  +  +  O  !  +  +  +  +
"""

CODES = {
    "S": RefusalCode.SUBMITTED_IT,
    "V": RefusalCode.VERIFIED_IT,
    "R": RefusalCode.REPORTED_IT,
    "A": RefusalCode.ASKED_IT,
    "D": RefusalCode.ALREADY_DECIDED,
    "X": RefusalCode.APPROVED_IT,
    "O": RefusalCode.WRONG_ROLE,
    "!": RefusalCode.DISABLED,
}


# The persons


def acting(*roles: Role, **facts: Any) -> Relation:
    """Somebody who acts for a party with these roles, a stranger to the measure unless `facts` say otherwise."""
    return Relation(**{"roles": frozenset(roles), "person": ME, **facts})


def only(person: str) -> frozenset[str]:
    return frozenset({person})


MINE: dict[str, Any] = {"submitters": only(ME), "verifiers": only(ME), "reporters": only(ME), "asker": ME}
"""Everything that must be kept apart was done by the one who acts now."""


def own_seat(role: Role) -> Seat:
    """Of somebody who serves this party, and the unit D1 as well."""
    me = Person(ME, "赵岚")
    parties = (_party("D1", Role.UNIT, me), _party("P1", role, me))
    return next(seat for seat in Directory(parties).seats_of(ME, DAY) if seat.party.code == "P1")


def lent_seat(role: Role) -> Seat:
    """Of somebody of D1, which stands in for a party that is away."""
    away = replace(_party("P1", role), stand_ins=(StandIn("D1", DAY, DAY),))
    return next(
        seat
        for seat in Directory((away, _party("D1", Role.UNIT, Person(ME, "赵岚")))).seats_of(ME, DAY)
        if seat.stand_in
    )


def _party(code: str, role: Role, *people: Person) -> DirectoryParty:
    return DirectoryParty(code, f"单位{code}", frozenset({role}), people=people)


def seated(seat: Seat, **facts: Any) -> Relation:
    return Relation(roles=seat.party.roles, person=seat.person.code, disabled=seat.person.disabled, **facts)


ONE_HAS_SIGNED = {"closers": only(ME), "signed": SIGNED}
RELATIONS: tuple[tuple[str, Callable[[Role], Relation]], ...] = (
    ("a stranger to it", lambda role: acting(role, submitters=only(OTHER), verifiers=only("sun"))),
    ("who submitted", lambda role: acting(role, submitters=frozenset({ME, OTHER}))),
    ("who verified", lambda role: acting(role, verifiers=frozenset({ME, OTHER}))),
    ("who submitted and verified", lambda role: acting(role, submitters=only(ME), verifiers=only(ME))),
    ("who approved for the lead", lambda role: acting(role, **ONE_HAS_SIGNED)),
    ("another, after the lead approved", lambda role: acting(role, closers=only(OTHER), signed=SIGNED)),
    ("who reported in the follow-up", lambda role: acting(role, reporters=frozenset({ME, OTHER}))),
    ("who asked for the extension", lambda role: acting(role, asker=ME)),
    ("who stands in, a stranger to it", lambda role: seated(lent_seat(role), submitters=only(OTHER))),
    ("who stands in, and did everything for their own party", lambda role: seated(lent_seat(role), **MINE)),
    ("of a unit that has another measure", lambda role: acting()),
    ("disabled, and did everything", lambda role: acting(role, disabled=True, **MINE)),
    ("of two parties, who submitted for the other", lambda role: seated(own_seat(role), submitters=only(ME))),
    ("excepted by the head, and did everything", lambda role: acting(role, excepted=True, **MINE)),
    ("excepted, who approved for the lead", lambda role: acting(role, excepted=True, **ONE_HAS_SIGNED)),
    ("excepted, a stranger to it", lambda role: acting(role, excepted=True)),
)
NAMES = tuple(name for name, _ in RELATIONS)
RELATION_OF = {(name, role): relation(role) for name, relation in RELATIONS for role in Role}
ONLY_MAJOR = {name for name in NAMES if "approved" in name}
"""In a review that one signature does not end."""

# The measure at which nothing is wrong, but for what the action is there to mend.
READY: dict[Action, dict[str, Any]] = {
    Action.RESUME: {"held": True},
    Action.REPORT_MILESTONE: {"milestone_open": True},
    Action.DECIDE_EXTENSION: {"extension_asked": True, "extension_pending": True},
    Action.SET_NEW_LIMIT: {"expired": True},
    Action.TAKE_UP: {"referred": True},
    Action.RECORD_OUTCOME: {"taken_up": True},
}


def ready(action: Action, **facts: Any) -> Situation:
    return Situation(**{**READY.get(action, {}), **facts})


def kept_out() -> Iterator[tuple[Action, str, str]]:
    heading, *rows = WHOM_IT_KEEPS_OUT.strip().splitlines()
    assert heading.split() == [str(number) for number in range(1, len(RELATIONS) + 1)]
    for row in rows:
        action, *marks = row.split()
        for name, mark in zip(NAMES, marks, strict=True):
            yield Action(action), name, mark


MARKS = {(action, name): mark for action, name, mark in kept_out()}


def expected(
    common: frozenset[Role], in_major: frozenset[Role], mark: str, role: Role, major: bool
) -> RefusalCode | str:
    """What the two texts say of a cell: why not, or "+", or "E" for a step that an exception made possible."""
    if mark == "!":
        return RefusalCode.DISABLED
    if not common:
        return RefusalCode.WRONG_STATE
    if role not in (common | in_major if major else common):
        return RefusalCode.WRONG_ROLE
    sign = mark if len(mark) == 1 else mark[0] if role is Role.LEAD else mark[1]
    return CODES.get(sign, sign)


@dataclass(frozen=True, slots=True)
class Cell:
    """A role and a relation, and the answer expected for a major measure and an ordinary one (None: cannot be)."""

    role: Role
    name: str
    major: RefusalCode | str
    ordinary: RefusalCode | str | None


def figure() -> Iterator[tuple[tuple[Action, State], list[Cell]]]:
    for action, state, common, in_major in CELLS:
        yield (
            (action, state),
            [
                Cell(
                    role,
                    name,
                    expected(common, in_major, MARKS[action, name], role, major=True),
                    None if name in ONLY_MAJOR else expected(common, in_major, MARKS[action, name], role, major=False),
                )
                for role in Role
                for name in NAMES
            ],
        )


FIGURE = dict(figure())


def answered(action: Action, state: State, relation: Relation, situation: Situation) -> RefusalCode | str:
    decision = decide(action, state, relation, situation, "有理由", has_basis=True)
    assert isinstance(decision, Step) or (decision.action, decision.state) == (action, state)
    return decision.code if isinstance(decision, Refusal) else "E" if decision.excepted else "+"


class TestTheFigure:
    @pytest.mark.parametrize("role", Role)
    @pytest.mark.parametrize(("action", "state"), [(action, state) for action, state, _, _ in CELLS])
    def test_cell(self, action: Action, state: State, role: Role) -> None:
        """A row of sixteen cells, asked for a major and for an ordinary measure: as many tests took a minute."""
        row = [cell for cell in FIGURE[action, state] if cell.role is role]
        assert len(row) == len(RELATIONS)
        for cell in row:
            relation = RELATION_OF[cell.name, role]
            assert answered(action, state, relation, ready(action, major=True)) == cell.major, cell.name
            if cell.ordinary is not None:
                assert answered(action, state, relation, ready(action)) == cell.ordinary, cell.name

    @pytest.mark.parametrize("role", Role)
    @pytest.mark.parametrize("state", State)
    def test_the_buttons_are_the_cells_where_one_may(self, state: State, role: Role) -> None:
        """Of a measure at which nothing is wrong: what mends something has no button."""
        usual = [action for action in Action if action not in READY]
        for name in NAMES:
            answers = {
                a: cell.major for a in usual for cell in FIGURE[a, state] if (cell.role, cell.name) == (role, name)
            }
            may = [action for action, answer in answers.items() if answer in ("+", "E")]
            assert list(allowed_actions(state, RELATION_OF[name, role], Situation(major=True))) == may, name

    def test_the_figure_is_whole(self) -> None:
        assert list(MARKS) == [(action, name) for action in Action for name in NAMES]
        found = [(*where, cell.role, cell.name) for where, row in FIGURE.items() for cell in row]
        assert len(found) == len(set(found)) == len(State) * len(Action) * len(Role) * len(RELATIONS) == 25_200

    def test_every_answer_about_a_person_is_among_those_expected(self) -> None:
        found = Counter(cell.major for row in FIGURE.values() for cell in row)
        assert set(found) == {*CODES.values(), RefusalCode.WRONG_STATE, "+", "E"}
        assert set(CODES.values()) >= SEPARATION


# What an allowed action does


def step(action: Action, state: State, relation: Relation, situation: Situation) -> Step:
    decision = decide(action, state, relation, situation, "有理由", has_basis=True)
    assert isinstance(decision, Step), decision
    return decision


def refusal(
    action: Action, state: State, relation: Relation, situation: Situation, reason: str = "有理由", basis: bool = True
) -> Refusal:
    decision = decide(action, state, relation, situation, reason, has_basis=basis)
    assert isinstance(decision, Refusal), decision
    return decision


class TestSteps:
    @pytest.mark.parametrize("closure", ClosureClass)
    @pytest.mark.parametrize("major", [False, True], ids=["ordinary", "major"])
    @pytest.mark.parametrize(("action", "state", "common"), [(a, s, c) for a, s, c, _ in CELLS if c])
    def test_what_an_allowed_action_does(
        self, action: Action, state: State, common: frozenset[Role], major: bool, closure: ClosureClass
    ) -> None:
        row, sustained = ROWS[action], closure is ClosureClass.SUSTAINED
        if action is Action.APPROVE and major:
            return  # takes two: below
        for role in common:
            done = step(action, state, acting(role), ready(action, major=major, closure=closure))
            assert done.target is ((row.sustained_target if sustained else None) or row.target or state)
            assert (set(done.stops), set(done.voids)) == (set(row.stops), set(row.voids))
            more = (row.sustained_opens if sustained else ()) + (row.major_opens if major else ())
            assert done.opens == row.opens + more
            assert done.signed_as is (role if action in (Action.APPROVE, Action.REJECT) else None)
            assert not done.excepted

    @pytest.mark.parametrize("action", Action)
    def test_a_reason_and_a_basis_are_asked_for_last(self, action: Action) -> None:
        state, roles = next((s, common) for a, s, common, _ in CELLS if a is action and common)
        relation, situation = acting(*roles), ready(action)
        row = ROWS[action]
        for reason in ("", " \t\u3000\n", "有理由"):
            for has_basis in (False, True):
                decision = decide(action, state, relation, situation, reason, has_basis)
                code = decision.code if isinstance(decision, Refusal) else None
                if row.needs_reason and not reason.strip():
                    assert code is RefusalCode.REASON_MISSING
                elif row.new_cycle and not has_basis:
                    assert code is RefusalCode.BASIS_MISSING
                else:
                    assert code is None
        assert action in allowed_actions(state, relation, situation), "they are asked for after the button"
        blank = refusal(action, state, acting(*roles, disabled=True), situation, reason="", basis=False)
        assert blank.code is RefusalCode.DISABLED

    @pytest.mark.parametrize("closure", ClosureClass)
    @pytest.mark.parametrize(("first", "second"), [(Role.LEAD, Role.HEAD), (Role.HEAD, Role.LEAD)])
    def test_a_major_measure_moves_with_the_second_approval(
        self, first: Role, second: Role, closure: ClosureClass
    ) -> None:
        major = Situation(major=True, closure=closure)
        alone = step(Action.APPROVE, State.UNDER_REVIEW, acting(first), major)
        assert alone == Step(State.UNDER_REVIEW, stops=(Stage.REVIEW,), signed_as=first)
        half = acting(second, closers=only(OTHER), signed=frozenset({first}))
        both = step(Action.APPROVE, State.UNDER_REVIEW, half, major)
        sustained = closure is ClosureClass.SUSTAINED
        assert both == Step(
            State.FOLLOWING_UP if sustained else State.CLOSED,
            stops=(Stage.REVIEW,),
            opens=(Opening(Stage.FOLLOW_UP, Role.UNIT),) if sustained else (),
            signed_as=second,
        )

    @pytest.mark.parametrize("signed", [frozenset[Role](), SIGNED])
    def test_one_rejection_is_enough_for_a_major_measure(self, signed: frozenset[Role]) -> None:
        closers = only(OTHER) if signed else frozenset[str]()
        head = acting(Role.HEAD, closers=closers, signed=signed)
        done = step(Action.REJECT, State.UNDER_REVIEW, head, Situation(major=True))
        assert (done.target, done.signed_as) == (State.IN_PROGRESS, Role.HEAD)

    def test_where_the_lead_is_the_head_two_of_that_party_sign(self) -> None:
        party, major = (Role.LEAD, Role.HEAD), Situation(major=True)
        first = step(Action.APPROVE, State.UNDER_REVIEW, acting(*party), major)
        assert (first.target, first.signed_as) == (State.UNDER_REVIEW, Role.LEAD)
        again = acting(*party, **ONE_HAS_SIGNED)
        for action in (Action.APPROVE, Action.REJECT):
            assert refusal(action, State.UNDER_REVIEW, again, major).code is RefusalCode.APPROVED_IT
        second = step(Action.APPROVE, State.UNDER_REVIEW, replace(again, person=OTHER), major)
        assert (second.target, second.signed_as) == (State.CLOSED, Role.HEAD)

    @pytest.mark.parametrize("action", [Action.APPROVE, Action.REJECT])
    @pytest.mark.parametrize("person", [ME, OTHER])
    @pytest.mark.parametrize("excepted", [False, True], ids=["", "excepted"])
    def test_nobody_decides_for_a_role_that_has_decided(self, action: Action, person: str, excepted: bool) -> None:
        lead = acting(Role.LEAD, person=person, excepted=excepted, **ONE_HAS_SIGNED)
        found = refusal(action, State.UNDER_REVIEW, lead, Situation(major=True))
        assert found.code is RefusalCode.ALREADY_DECIDED

    def test_one_person_may_do_everything_where_the_head_wrote_so(self) -> None:
        """And each step that needed it says so, so that the record can."""
        major, excepted = Situation(major=True), {"excepted": True, **MINE}
        done = step(Action.PASS_CHECK, State.SELF_CHECKED, acting(Role.SUPERVISION, **excepted), major)
        assert (done.target, done.excepted) == (State.VERIFIED, True)
        opened = step(Action.OPEN_REVIEW, State.VERIFIED, acting(Role.SUPERVISION, **excepted), major)
        assert (opened.target, opened.excepted) == (State.UNDER_REVIEW, False)
        lead = step(Action.APPROVE, State.UNDER_REVIEW, acting(Role.LEAD, **excepted), major)
        assert (lead.target, lead.excepted) == (State.UNDER_REVIEW, True)
        head = step(Action.APPROVE, State.UNDER_REVIEW, acting(Role.HEAD, **excepted, **ONE_HAS_SIGNED), major)
        assert (head.target, head.excepted) == (State.CLOSED, True)


# The measure

U, L, S, A, G = Role.UNIT, Role.LEAD, Role.SUPERVISION, Role.ACCOUNTABILITY, Role.GENERAL
# fmt: off
ABOUT_THE_MEASURE: list[tuple[Action, State, Role, dict[str, Any], str | None]] = [
    # no assignment without a completion date; a draft can be withdrawn all the same
    (Action.ASSIGN, State.DRAFTED, G, {"has_limit": False}, "no_time_limit"),
    (Action.WITHDRAW, State.DRAFTED, G, {"has_limit": False}, None),
    # nor without a unit and a lead
    (Action.ASSIGN, State.DRAFTED, G, {"lacking": (L,)}, "incomplete"),
    (Action.ASSIGN, State.DRAFTED, G, {"lacking": (U, L), "has_limit": False}, "incomplete"),
    (Action.WITHDRAW, State.DRAFTED, G, {"lacking": (U, L), "has_limit": False}, None),
    (Action.ACCEPT, State.ASSIGNED, U, {"has_limit": False}, None),
    # nothing to resume
    (Action.RESUME, State.IN_PROGRESS, S, {}, "not_held"),
    (Action.RESUME, State.FOLLOWING_UP, S, {"held": True}, None),
    # milestones
    (Action.REPORT_MILESTONE, State.IN_PROGRESS, U, {}, "no_milestone"),
    (Action.REPORT_MILESTONE, State.IN_PROGRESS, U, {"milestone_open": True}, None),
    # a follow-up is reported once and then checked; the check need not wait for the report
    (Action.FOLLOW_UP_REPORT, State.FOLLOWING_UP, U, {"reported": True}, "reported_already"),
    (Action.FOLLOW_UP_CHECK, State.FOLLOWING_UP, S, {"reported": True}, None),
    (Action.FOLLOW_UP_CHECK, State.FOLLOWING_UP, S, {}, None),
    (Action.FAIL_FOLLOW_UP, State.FOLLOWING_UP, S, {"reported": True}, None),
    (Action.REOPEN, State.FOLLOWING_UP, S, {"reported": True}, None),
    # an extension is asked for before the date, and once a cycle, whatever came of it
    (Action.ASK_EXTENSION, State.IN_PROGRESS, U, {"expired": True}, "expired"),
    (Action.ASK_EXTENSION, State.ASSIGNED, U, {"expired": True}, "expired"),
    (Action.ASK_EXTENSION, State.IN_PROGRESS, U, {"extension_asked": True}, "asked_already"),
    (Action.ASK_EXTENSION, State.IN_PROGRESS, U, {"extension_asked": True, "extension_pending": True}, "asked_already"),
    (Action.ASK_EXTENSION, State.IN_PROGRESS, U, {"extension_asked": True, "expired": True}, "expired"),
    (Action.ASK_EXTENSION, State.ASSIGNED, U, {}, None),
    (Action.DECIDE_EXTENSION, State.IN_PROGRESS, L, {}, "not_asked"),
    (Action.DECIDE_EXTENSION, State.IN_PROGRESS, L, {"extension_asked": True}, "not_asked"),
    (Action.DECIDE_EXTENSION, State.IN_PROGRESS, L, {"extension_pending": True, "expired": True}, None),
    # a new limit is set after the date
    (Action.SET_NEW_LIMIT, State.IN_PROGRESS, L, {}, "not_expired"),
    (Action.SET_NEW_LIMIT, State.ASSIGNED, L, {"extension_pending": True}, "not_expired"),
    (Action.SET_NEW_LIMIT, State.ASSIGNED, L, {"expired": True, "extension_pending": True}, None),
    # a referral is taken up, and then has an outcome; another one may come in between
    (Action.TAKE_UP, State.IN_PROGRESS, A, {}, "not_referred"),
    (Action.TAKE_UP, State.IN_PROGRESS, A, {"taken_up": True}, "not_referred"),
    (Action.TAKE_UP, State.IN_PROGRESS, A, {"taken_up": True, "referred": True}, None),
    (Action.TAKE_UP, State.CLOSED, A, {"referred": True}, None),
    (Action.RECORD_OUTCOME, State.IN_PROGRESS, A, {}, "not_taken_up"),
    (Action.RECORD_OUTCOME, State.IN_PROGRESS, A, {"referred": True}, "not_taken_up"),
    (Action.RECORD_OUTCOME, State.CLOSED, A, {"taken_up": True}, None),
]
# fmt: on


class TestTheMeasure:
    @pytest.mark.parametrize(("action", "state", "role", "facts", "code"), ABOUT_THE_MEASURE)
    def test_what_it_must_be_like(
        self, action: Action, state: State, role: Role, facts: dict[str, Any], code: str | None
    ) -> None:
        decision = decide(action, state, acting(role), Situation(**facts), "有理由", has_basis=True)
        assert (decision.code if isinstance(decision, Refusal) else None) == code
        if code:
            assert action not in allowed_actions(state, acting(role), Situation(**facts))

    @pytest.mark.parametrize(("action", "state", "common", "_"), CELLS)
    def test_a_held_measure_only_reports_progress_resumes_or_is_withdrawn(
        self, action: Action, state: State, common: frozenset[Role], _: frozenset[Role]
    ) -> None:
        found = answered(action, state, acting(*Role), ready(action, held=True))
        if action in WHILE_HELD:
            assert found == ("+" if common else RefusalCode.WRONG_STATE)
        else:
            assert found == RefusalCode.HELD

    @pytest.mark.parametrize("state", State)
    def test_a_disabled_person_sees_no_button(self, state: State) -> None:
        assert allowed_actions(state, acting(*Role, disabled=True), Situation()) == ()
        assert allowed_actions(state, acting(*Role, disabled=True, excepted=True), Situation(held=True)) == ()

    def test_of_several_reasons_the_first_is_given(self) -> None:
        """One thing after the other is put right: what nobody can cure first, words last."""
        state, situation, basis, reason = State.CLOSED, Situation(held=True), False, ""
        facts: dict[str, Any] = {"roles": frozenset({Role.UNIT}), "disabled": True, **MINE}

        def why_not() -> str:
            decision = decide(Action.FAIL_FOLLOW_UP, state, acting(**facts), situation, reason, basis)
            return decision.code if isinstance(decision, Refusal) else ""

        assert why_not() == "disabled"
        facts["disabled"] = False
        assert why_not() == "held"
        situation = Situation(reported=True)
        assert why_not() == "wrong_state"
        state = State.FOLLOWING_UP
        assert why_not() == "wrong_role"
        facts["roles"] = frozenset({Role.SUPERVISION})
        assert why_not() == "submitted_it"
        facts["submitters"] = frozenset()
        assert why_not() == "reported_it"
        facts["reporters"] = frozenset()
        assert why_not() == "reason_missing"
        reason = "有理由"
        assert why_not() == "basis_missing"
        basis = True
        assert why_not() == ""

    @pytest.mark.parametrize(
        ("state", "facts", "signed", "holder"),
        [
            (State.ASSIGNED, {}, "", "责任单位"),
            (State.IN_PROGRESS, {}, "", "责任单位"),
            (State.SELF_CHECKED, {}, "", "督办组"),
            (State.VERIFIED, {}, "", "督办组"),
            (State.UNDER_REVIEW, {}, "", "牵头领导"),
            (State.UNDER_REVIEW, {"major": True}, "", "牵头领导、组长"),
            (State.UNDER_REVIEW, {"major": True}, "lead", "组长"),
            (State.UNDER_REVIEW, {"major": True}, "head", "牵头领导"),
            (State.FOLLOWING_UP, {}, "", "责任单位"),
            (State.FOLLOWING_UP, {"reported": True}, "", "督办组"),
            (State.CLOSED, {}, "", ""),
            (State.WITHDRAWN, {}, "", ""),
        ],
    )
    def test_whose_turn_it_is(self, state: State, facts: dict[str, Any], signed: str, holder: str) -> None:
        """Told to whoever comes at the wrong time, in one clause with the day since when."""
        relation = acting(Role.GENERAL, signed=frozenset(map(Role, signed.split())))
        found = refusal(Action.ASSIGN, state, relation, Situation(since=SINCE, **facts))
        clause = f"，自2023-06-01起由{holder}办理，" if holder else "，"
        assert found.zh.startswith(f"该措施现为“{STATE_ZH[state]}”{clause}此时不能办理“交办”；")


# What a refusal says

BY_ANOTHER = "请由其他经办人办理；确因人手过少无法回避的，须由组长书面设定例外"
# fmt: off
SENTENCES: list[tuple[Action, State, Relation, Situation, str, bool, str]] = [
    # Where it is, since when and with whom; and what the person who asks may do
    (Action.ACCEPT, State.SELF_CHECKED, acting(S), Situation(since=SINCE), "", False,
     "该措施现为“待核查”，自2023-06-01起由督办组办理，此时不能办理“签收”；您现在可以办理：核查通过、退回整改。"),
    (Action.PASS_CHECK, State.ASSIGNED, acting(U), Situation(since=SINCE), "", False,
     "该措施现为“待签收”，自2023-06-01起由责任单位办理，此时不能办理“核查通过”；您现在可以办理：签收、自查上报。"),
    (Action.ACCEPT, State.IN_PROGRESS, acting(U), Situation(since=SINCE), "", False,
     "该措施现为“整改中”，自2023-06-01起由责任单位办理，此时不能办理“签收”；您现在可以办理：自查上报。"),
    (Action.ACCEPT, State.CLOSED, acting(S), Situation(), "", False,
     "该措施现为“已销号”，此时不能办理“签收”；您现在可以办理：开展回头看、重新整改。"),
    (Action.ACCEPT, State.CLOSED, acting(Role.HEAD), Situation(), "", False,
     "该措施现为“已销号”，此时不能办理“签收”；您现在可以办理：重新整改。"),
    # or else who may do what
    (Action.ACCEPT, State.SELF_CHECKED, acting(U), Situation(since=SINCE), "", False,
     "该措施现为“待核查”，自2023-06-01起由督办组办理，此时不能办理“签收”；现在可以办理：核查通过、退回整改（督办组）。"),
    (Action.PASS_CHECK, State.VERIFIED, acting(U), Situation(since=SINCE), "", False,
     "该措施现为“待发起审核”，自2023-06-01起由督办组办理，此时不能办理“核查通过”；"
     "现在可以办理：发起销号审核（督办组）。"),
    (Action.ACCEPT, State.DRAFTED, acting(U), Situation(), "", False,
     "该措施现为“待交办”，此时不能办理“签收”；现在可以办理：交办（综合组）。"),
    (Action.ACCEPT, State.UNDER_REVIEW, acting(U), Situation(major=True), "", False,
     "该措施现为“销号审核中”，此时不能办理“签收”；现在可以办理：同意销号、不予销号（牵头领导、组长）。"),
    (Action.ACCEPT, State.UNDER_REVIEW, acting(U), Situation(), "", False,
     "该措施现为“销号审核中”，此时不能办理“签收”；现在可以办理：同意销号、不予销号（牵头领导）。"),
    (Action.ACCEPT, State.FOLLOWING_UP, acting(G), Situation(since=SINCE), "", False,
     "该措施现为“回头看中”，自2023-06-01起由责任单位办理，此时不能办理“签收”；现在可以办理：回头看报告（责任单位），"
     "回头看核查通过、回头看退回整改（督办组），重新整改（督办组、组长）。"),
    (Action.ACCEPT, State.FOLLOWING_UP, acting(G), Situation(since=SINCE, reported=True), "", False,
     "该措施现为“回头看中”，自2023-06-01起由督办组办理，此时不能办理“签收”；现在可以办理："
     "回头看核查通过、回头看退回整改（督办组），重新整改（督办组、组长）。"),
    (Action.ACCEPT, State.CLOSED, acting(U), Situation(), "", False,
     "该措施现为“已销号”，此时不能办理“签收”；现在可以办理：开展回头看（综合组、督办组），重新整改（督办组、组长）。"),
    (Action.ACCEPT, State.WITHDRAWN, acting(U), Situation(), "", False,
     "该措施现为“已作废”，此时不能办理“签收”；已没有可以办理的事项。"),
    (Action.REPORT_PROGRESS, State.VERIFIED, acting(U), Situation(held=True), "", False,
     "该措施现为“待发起审核”，现挂起，此时不能办理“报进展”；现在可以办理：恢复（督办组）。"),
    (Action.REPORT_PROGRESS, State.VERIFIED, acting(S), Situation(held=True), "", False,
     "该措施现为“待发起审核”，现挂起，此时不能办理“报进展”；您现在可以办理：恢复。"),
    # a held measure says since when
    (Action.REPORT_PROGRESS, State.VERIFIED, acting(U), Situation(held=True, since=SINCE), "", False,
     "该措施现为“待发起审核”，自2023-06-01起挂起，此时不能办理“报进展”；现在可以办理：恢复（督办组）。"),
    (Action.REPORT_PROGRESS, State.UNDER_REVIEW, acting(S), Situation(held=True, since=SINCE, major=True), "", False,
     "该措施现为“销号审核中”，自2023-06-01起挂起，此时不能办理“报进展”；您现在可以办理：恢复。"),
    (Action.RESUME, State.CLOSED, acting(S), Situation(held=True, since=SINCE), "到", False,
     "该措施现为“已销号”，自2023-06-01起挂起，此时不能办理“恢复”；已没有可以办理的事项。"),
    # of two who sign, those are named who have not
    (Action.ACCEPT, State.UNDER_REVIEW, acting(U, signed=SIGNED), Situation(major=True, since=SINCE), "", False,
     "该措施现为“销号审核中”，自2023-06-01起由组长办理，此时不能办理“签收”；"
     "现在可以办理：同意销号、不予销号（组长）。"),
    (Action.ACCEPT, State.UNDER_REVIEW, acting(U, signed=frozenset({Role.HEAD})), Situation(major=True, since=SINCE),
     "", False,
     "该措施现为“销号审核中”，自2023-06-01起由牵头领导办理，此时不能办理“签收”；"
     "现在可以办理：同意销号、不予销号（牵头领导）。"),
    (Action.ACCEPT, State.UNDER_REVIEW, acting(L, signed=SIGNED), Situation(major=True, since=SINCE), "", False,
     "该措施现为“销号审核中”，自2023-06-01起由组长办理，此时不能办理“签收”；"
     "现在可以办理：同意销号、不予销号（组长）。"),
    (Action.ACCEPT, State.UNDER_REVIEW, acting(Role.HEAD, signed=SIGNED), Situation(major=True, since=SINCE), "", False,
     "该措施现为“销号审核中”，自2023-06-01起由组长办理，此时不能办理“签收”；您现在可以办理：同意销号、不予销号。"),
    # somebody who would have to stand back is shown who else may
    (Action.ACCEPT, State.SELF_CHECKED, acting(S, submitters=only(ME)), Situation(), "", False,
     "该措施现为“待核查”，此时不能办理“签收”；现在可以办理：核查通过、退回整改（督办组）。"),
    # Who
    (Action.REOPEN, State.CLOSED, acting(U), Situation(), "", False,
     "“重新整改”应由督办组或组长办理，您现在代表的是责任单位。"),
    (Action.APPROVE, State.UNDER_REVIEW, acting(Role.HEAD, G), Situation(), "", False,
     "“同意销号”应由牵头领导办理，您现在代表的是综合组、组长。"),
    (Action.APPROVE, State.UNDER_REVIEW, acting(U), Situation(major=True), "", False,
     "“同意销号”应由牵头领导或组长办理，您现在代表的是责任单位。"),
    (Action.ACCEPT, State.ASSIGNED, acting(), Situation(), "", False,
     "“签收”应由责任单位办理，您现在代表的是与该措施无关的一方。"),
    (Action.ACCEPT, State.ASSIGNED, acting(U, disabled=True), Situation(), "", False,
     "该经办人已停用，不能办理“签收”；如需恢复，请与综合组联系。"),
    # The measure
    (Action.PASS_CHECK, State.SELF_CHECKED, acting(S), Situation(held=True), "", False,
     "该措施已挂起，恢复之前不能办理“核查通过”；请督办组先办理“恢复”。"),
    (Action.RESUME, State.VERIFIED, acting(S), Situation(), "", False, "该措施没有挂起，无需恢复。"),
    (Action.ASSIGN, State.DRAFTED, acting(G), Situation(has_limit=False), "", False,
     "该措施还没有确定完成时限，不能交办；请先填写完成时限。"),
    (Action.ASSIGN, State.DRAFTED, acting(G), Situation(lacking=(L,)), "", False,
     "该措施还没有确定牵头领导，不能交办；请先补全。"),
    (Action.ASSIGN, State.DRAFTED, acting(G), Situation(lacking=(U, L), has_limit=False), "", False,
     "该措施还没有确定责任单位、牵头领导、完成时限，不能交办；请先补全。"),
    (Action.REPORT_MILESTONE, State.IN_PROGRESS, acting(U), Situation(), "", False,
     "该措施没有在计的阶段节点，无需报告；请改用“报进展”或“自查上报”。"),
    (Action.FOLLOW_UP_REPORT, State.FOLLOWING_UP, acting(U), Situation(reported=True, since=SINCE), "", False,
     "本次回头看已报告，自2023-06-01起由督办组核查；请等核查之后再办理。"),
    (Action.ASK_EXTENSION, State.IN_PROGRESS, acting(U), Situation(expired=True), "忙", False,
     "整改时限已过，不能再申请延期；请牵头领导办理“重定时限”。"),
    (Action.ASK_EXTENSION, State.IN_PROGRESS, acting(U), Situation(extension_asked=True), "忙", False,
     "本整改周期已申请过一次延期，不能再次申请；时限过后可由牵头领导办理“重定时限”。"),
    (Action.DECIDE_EXTENSION, State.IN_PROGRESS, acting(L), Situation(), "同意", False,
     "没有待审批的延期申请；请先由责任单位申请延期。"),
    (Action.SET_NEW_LIMIT, State.IN_PROGRESS, acting(L), Situation(), "有理由", False,
     "整改时限尚未过，不能重定时限；确需延长的，请责任单位申请延期。"),
    (Action.TAKE_UP, State.IN_PROGRESS, acting(A), Situation(), "", False, "该措施没有待受理的问责提请，无需受理。"),
    (Action.RECORD_OUTCOME, State.IN_PROGRESS, acting(A), Situation(referred=True), "", False,
     "该措施没有已受理、待处理的问责提请；请先办理“问责受理”。"),
    # Duties kept apart
    (Action.FAIL_CHECK, State.SELF_CHECKED, acting(S, submitters=only(ME)), Situation(), "缺", False,
     f"本周期的自查或佐证由您上报，按回避要求不能再由您办理“退回整改”；{BY_ANOTHER}。"),
    (Action.APPROVE, State.UNDER_REVIEW, acting(L, verifiers=only(ME)), Situation(), "", False,
     f"本周期的核查由您办理，按回避要求不能再由您办理“同意销号”；{BY_ANOTHER}。"),
    (Action.FOLLOW_UP_CHECK, State.FOLLOWING_UP, acting(S, reporters=only(ME)), Situation(reported=True), "", False,
     f"本次回头看由您报告，按回避要求不能再由您办理“回头看核查通过”；{BY_ANOTHER}。"),
    (Action.DECIDE_EXTENSION, State.IN_PROGRESS, acting(L, asker=ME), Situation(extension_pending=True), "准", False,
     f"本周期的延期由您申请，按回避要求不能再由您办理“延期审批”；{BY_ANOTHER}。"),
    (Action.APPROVE, State.UNDER_REVIEW, acting(L, **ONE_HAS_SIGNED), Situation(major=True), "", False,
     "您所代表的一方已同意销号，不能再办理“同意销号”；现待组长审核。"),
    (Action.REJECT, State.UNDER_REVIEW, acting(Role.HEAD, **ONE_HAS_SIGNED), Situation(major=True), "不", False,
     f"您已同意销号，不能再以另一身份办理“不予销号”；现待组长审核，{BY_ANOTHER}。"),
    # Words and papers
    (Action.FAIL_CHECK, State.SELF_CHECKED, acting(S), Situation(), " ", True, "办理“退回整改”须写明理由。"),
    (Action.REOPEN, State.CLOSED, acting(S), Situation(), "复发", False,
     "办理“重新整改”须附依据材料（如检查记录、会议纪要）。"),
]
# fmt: on
NOTHING_TO_DO = {RefusalCode.NOT_HELD, RefusalCode.NOT_REFERRED}
TALKATIVE = [relation for (name, role), relation in RELATION_OF.items() if name == NAMES[0] or role in (Role.LEAD, S)]
"""Each role once, and each relation with two of them."""
HELPS = ("请", "可以办理：", "应由", "须写明", "须附", "现待", "已没有可以办理的事项")


class TestWords:
    @pytest.mark.parametrize(
        ("action", "state", "relation", "situation", "reason", "basis", "zh"),
        SENTENCES,
        ids=[f"{row[0]}-{row[1]}-{number}" for number, row in enumerate(SENTENCES)],
    )
    def test_a_refusal_says_why_and_what_would_help(
        self,
        action: Action,
        state: State,
        relation: Relation,
        situation: Situation,
        reason: str,
        basis: bool,
        zh: str,
    ) -> None:
        assert refusal(action, state, relation, situation, reason, basis).zh == zh

    def test_a_sentence_for_every_code_was_read(self) -> None:
        assert {refusal(*row[:6]).code for row in SENTENCES} == set(RefusalCode)

    @pytest.mark.parametrize(("action", "state"), [(action, state) for action, state, _, _ in CELLS])
    def test_every_refusal_is_one_chinese_sentence_that_names_what_would_help(
        self, action: Action, state: State
    ) -> None:
        for situation in (ready(action, major=True), Situation(held=True), Situation(has_limit=False)):
            for relation in TALKATIVE:
                decision = decide(action, state, relation, situation)
                if isinstance(decision, Refusal):
                    assert decision.zh.endswith("。")
                    assert decision.zh.count("。") == 1
                    assert not any(character.isascii() for character in decision.zh)
                    helps = any(word in decision.zh for word in HELPS)
                    assert helps or decision.code in NOTHING_TO_DO, decision.zh


# Every life


@dataclass
class Life:
    """One measure told by the Steps alone: its state, its open clocks, and who did what in its present cycle.

    `past` (its date is over) and `referral` are the world's doing; the rest of a `Situation` follows from the clocks.
    """

    major: bool
    closure: ClosureClass
    state: State = INITIAL
    held: bool = False
    past: bool = False
    referral: bool = True
    asked: bool = False
    clocks: set[Opening] = field(default_factory=set)
    submitters: frozenset[str] = frozenset()
    verifiers: frozenset[str] = frozenset()
    reporters: frozenset[str] = frozenset()
    asker: str | None = None
    approvals: dict[Role, str] = field(default_factory=dict)

    @property
    def stages(self) -> set[Stage]:
        return {clock.stage for clock in self.clocks}

    @property
    def situation(self) -> Situation:
        return Situation(
            closure=self.closure,
            major=self.major,
            held=self.held,
            expired=self.past and Stage.COMPLETE in self.stages,
            extension_asked=self.asked,
            extension_pending=Stage.DECIDE in self.stages,
            milestone_open=Stage.MILESTONE in self.stages,
            reported=self.state is State.FOLLOWING_UP and Stage.CHECK in self.stages,
            referred=self.referral and self.state is not State.DRAFTED,
            taken_up=Stage.REFER in self.stages,
        )

    def relation(self, person: str, *roles: Role) -> Relation:
        return Relation(
            roles=frozenset(roles),
            person=person,
            submitters=self.submitters,
            verifiers=self.verifiers,
            closers=frozenset(self.approvals.values()),
            signed=frozenset(self.approvals),
            reporters=self.reporters,
            asker=self.asker,
        )

    def options(self, person: str, *roles: Role) -> tuple[Action, ...]:
        return allowed_actions(self.state, self.relation(person, *roles), self.situation)

    def take(self, action: Action, person: str, *roles: Role) -> Step:
        done = step(action, self.state, self.relation(person, *roles), self.situation)
        decided = done.signed_as is not None and done.target is not State.UNDER_REVIEW
        self.clocks = {clock for clock in self.clocks if not _ends(clock, done, decided)} | set(done.opens)
        self.state = done.target
        self._remember(action, person, done)
        return done

    def _remember(self, action: Action, person: str, done: Step) -> None:
        if TRANSITIONS[action].new_cycle:
            self.submitters = self.verifiers = self.reporters = frozenset()
            self.asker, self.asked, self.approvals = None, False, {}
        match action:
            case Action.SUBMIT_SELF_CHECK | Action.ADD_EVIDENCE:
                self.submitters |= {person}
            case Action.PASS_CHECK | Action.FAIL_CHECK:
                self.verifiers |= {person}
            case Action.HOLD | Action.RESUME:
                self.held = action is Action.HOLD
            case Action.ASK_EXTENSION:
                self.asker, self.asked = person, True
            case Action.FOLLOW_UP_REPORT:
                self.reporters |= {person}
            case Action.FOLLOW_UP_CHECK | Action.LOOK_BACK:
                self.reporters = frozenset()
            case Action.APPROVE:
                assert done.signed_as
                self.approvals = {**self.approvals, done.signed_as: person}
            case Action.REJECT:
                self.approvals = {}

    def check(self) -> None:
        """Whoever is awaited has one clock and can act on it; what has ended has none but accountability's."""
        besides = self.stages - {Stage.MILESTONE, Stage.DECIDE, Stage.REFER}
        if self.state not in RUNNING:
            assert not besides, self
            assert self.stages <= ({Stage.REFER} if self.state is State.CLOSED else set()), self
            return
        awaited, running = RUNNING[self.state]
        if self.situation.reported:
            awaited, running = Stage.CHECK, frozenset({Stage.CHECK})
        assert besides == running, self
        if self.state not in (State.ASSIGNED, State.IN_PROGRESS):
            assert not self.stages & {Stage.MILESTONE, Stage.DECIDE}, self
        waited_for = [clock for clock in self.clocks if clock.stage is awaited]
        unsigned = {Role.LEAD, Role.HEAD} - set(self.approvals) if self.major else {Role.LEAD}
        by_supervision = awaited in (Stage.CHECK, Stage.OPEN_REVIEW)
        holders = unsigned if awaited is Stage.REVIEW else {Role.SUPERVISION if by_supervision else Role.UNIT}
        assert {clock.holder for clock in waited_for} == holders, self
        for clock in self.clocks if not self.held else ():
            accepted = self.state is State.IN_PROGRESS  # before that no milestone can be reported
            if clock.stage in {awaited, Stage.DECIDE, Stage.REFER} or (clock.stage is Stage.MILESTONE and accepted):
                mine = self.options("nobody yet", clock.holder)
                assert any(clock.stage in TRANSITIONS[action].stops for action in mine), (clock, self)


def _ends(clock: Opening, done: Step, decided: bool) -> bool:
    """A signature meets the clock of its own role; with the decision the other's falls away."""
    if clock.stage in done.voids:
        return True
    return clock.stage in done.stops and (decided or done.signed_as in (None, clock.holder))


# A walk of holding and resuming would prove little: most moves go on, and many are for everybody at once. With fewer
# persons nobody is left to approve after the first rejection.
PERSONS = st.sampled_from(["zhao", "qian", "sun", "li", "zhou", "wu", "zheng", "wang"])
DOERS = (Role.UNIT, Role.LEAD, Role.SUPERVISION, Role.HEAD)
PARTIES = st.sampled_from([DOERS] * 4 + [(role,) for role in DOERS] + [tuple(Role)])
ONWARD = st.sampled_from([True] * 6 + [False])


class TestEveryLife:
    @pytest.mark.parametrize("major", [False, True], ids=["ordinary", "major"])
    @pytest.mark.parametrize("closure", ClosureClass)
    def test_somebody_is_always_awaited_wherever_the_table_leads(self, closure: ClosureClass, major: bool) -> None:
        """All reachable combinations of state and open clocks, each role with a person of its own."""
        seen, waiting = set(), [Life(major, closure)]
        while waiting:
            life = waiting.pop()
            found = (life.state, life.held, life.past, life.asked, frozenset(life.clocks), frozenset(life.approvals))
            if found in seen:
                continue
            seen.add(found)
            life.check()
            waiting.append(replace(life, past=not life.past))
            for role in Role:
                for action in life.options(role, role):
                    later = replace(life)
                    later.take(action, role, role)
                    waiting.append(later)
        unreachable = {State.CLOSED} if closure is ClosureClass.SUSTAINED else set()
        assert {state for state, *_ in seen} == set(State) - unreachable

    @given(
        moves=st.lists(
            st.tuples(PERSONS, PARTIES, ONWARD, st.integers(0, 20), st.booleans()), min_size=20, max_size=60
        ),
        major=st.booleans(),
        closure=st.sampled_from(ClosureClass),
    )
    @settings(max_examples=200, deadline=None)
    def test_no_walk_closes_a_measure_without_a_check_and_an_approval(
        self, moves: list[tuple[str, tuple[Role, ...], bool, int, bool]], major: bool, closure: ClosureClass
    ) -> None:
        """Everybody may be everything. `told` is kept apart: who did what, from the beginning."""
        life = Life(major, closure)
        life.take(Action.ASSIGN, "zhou", Role.GENERAL)
        told: list[tuple[Action, str]] = []
        for person, roles, onward, choice, past in moves:
            life.past = past
            options = tuple(action for action in life.options(person, *roles) if action is not Action.WITHDRAW)
            if onward:
                options = tuple(a for a in options if TRANSITIONS[a].target) or options
            if not options:
                continue
            action, before = options[choice % len(options)], life.state
            life.take(action, person, *roles)
            told.append((action, person))
            life.check()
            if before is State.UNDER_REVIEW and life.state in (State.CLOSED, State.FOLLOWING_UP):
                event(f"closed, major: {major}")
                self.check_closure(told, major)
            elif action in (Action.FOLLOW_UP_CHECK, Action.FAIL_FOLLOW_UP):
                event("a follow-up was checked")
                self.check_follow_up(told)
            else:
                allowed = (before, State.FOLLOWING_UP) if action is Action.LOOK_BACK else (before,)
                assert life.state in allowed or life.state not in (State.CLOSED, State.FOLLOWING_UP)
        if life.state in LIVE_STATES:
            life.take(Action.WITHDRAW, "zhou", Role.GENERAL)
            life.check()
            assert life.options("zhou", *Role) == ()

    @staticmethod
    def check_closure(told: list[tuple[Action, str]], major: bool) -> None:
        """Looked for backwards from the closure, through the review, to the beginning of the cycle."""
        cycle = since(told, Action.FAIL_FOLLOW_UP, Action.REOPEN)
        review = since(cycle, Action.OPEN_REVIEW)
        closers = [person for action, person in review if action is Action.APPROVE]
        submitters = {person for action, person in cycle if action in (Action.SUBMIT_SELF_CHECK, Action.ADD_EVIDENCE)}
        verifiers = {person for action, person in cycle if action in (Action.PASS_CHECK, Action.FAIL_CHECK)}
        last_check = since(cycle, Action.SUBMIT_SELF_CHECK)
        assert [action for action, _ in last_check].count(Action.PASS_CHECK) == 1
        assert submitters
        assert len(closers) == len(set(closers)) == (2 if major else 1)
        assert not set(closers) & (submitters | verifiers)
        (checker,) = (person for action, person in last_check if action is Action.PASS_CHECK)
        before = cycle[: cycle.index((Action.PASS_CHECK, checker), len(cycle) - len(last_check))]
        assert (Action.SUBMIT_SELF_CHECK, checker) not in before

    @staticmethod
    def check_follow_up(told: list[tuple[Action, str]]) -> None:
        *earlier, (_, checker) = told
        began = since(earlier, Action.APPROVE, Action.LOOK_BACK, Action.FOLLOW_UP_CHECK)
        assert (Action.FOLLOW_UP_REPORT, checker) not in began
        cycle = since(earlier, Action.FAIL_FOLLOW_UP, Action.REOPEN)
        assert (Action.SUBMIT_SELF_CHECK, checker) not in cycle

    def test_nothing_leaves_withdrawn(self) -> None:
        for action in Action:
            for held in (False, True):
                found = answered(action, State.WITHDRAWN, acting(*Role), ready(action, held=held))
                assert found in (RefusalCode.WRONG_STATE, RefusalCode.HELD)


def since(told: list[tuple[Action, str]], *beginnings: Action) -> list[tuple[Action, str]]:
    """What was done after the last of these."""
    places = [place for place, (action, _) in enumerate(told) if action in beginnings]
    return told[places[-1] + 1 :] if places else told
