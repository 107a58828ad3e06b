"""The lifecycle written a second time, as text an office can read, and compared with the rules cell by cell.

Then what the tables cannot show: relations of persons, wording, and what holds along every possible life.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from models.lifecycle import (
    ACTION_ZH,
    AWAITED_STAGE,
    CLOSURE_ZH,
    INITIAL,
    OPEN_STATES,
    ROLE_ZH,
    RUNNING_STATES,
    STAGE_ZH,
    STATE_ZH,
    TRANSITIONS,
    Action,
    ClosureClass,
    Opening,
    Refusal,
    RefusalCode,
    Relation,
    Role,
    Stage,
    State,
    Step,
    allowed_actions,
    decide,
)

LETTERS = {
    "U": Role.UNIT,
    "C": Role.COOPERATING,
    "L": Role.LEAD,
    "G": Role.GENERAL,
    "S": Role.SUPERVISION,
    "A": Role.ACCOUNTABILITY,
    "H": Role.HEAD,
}

# Who may do what, and where: a cell holds the letters of the roles, a dot is nobody.
# (H) acts for a major measure only. Resuming is asked of a measure that is held.
WHO_MAY = """
                 drafted assigned in_progress self_checked verified under_review closed following_up withdrawn
assign            G       .        .           .            .        .            .      .            .
accept            .       U        .           .            .        .            .      .            .
report_progress   .       .        UC          .            .        .            .      .            .
report_milestone  .       .        U           .            .        .            .      .            .
submit_self_check .       U        U           .            .        .            .      .            .
pass_check        .       .        .           S            .        .            .      .            .
fail_check        .       .        .           S            .        .            .      .            .
open_review       .       .        .           .            S        .            .      .            .
approve           .       .        .           .            .        L(H)         .      .            .
reject            .       .        .           .            .        L(H)         .      .            .
follow_up_report  .       .        .           .            .        .            .      U            .
follow_up_check   .       .        .           .            .        .            .      S            .
reopen            .       .        .           .            .        .            SH     SH           .
ask_extension     .       U        U           .            .        .            .      .            .
decide_extension  .       L        L           .            .        .            .      .            .
set_new_limit     .       L        L           .            .        .            .      .            .
hold              .       S        S           S            S        S            .      S            .
resume            .       S        S           S            S        S            .      S            .
take_up           .       A        A           A            A        A            A      A            .
record_outcome    .       A        A           A            A        A            A      A            .
hand_over         .       G        G           G            G        G            .      G            .
withdraw          G       G        G           G            G        G            .      G            .
"""

# What it does: the state after it (= as it was), the clocks it stops, voids (-) and opens (+ whose).
# An exclamation mark: a reason must be given. Sustained and major measures have tests of their own below.
EFFECTS = """
assign             assigned      +accept:U +complete:U +milestone:U
accept             in_progress   accept
report_progress    =
report_milestone   =             milestone
submit_self_check  self_checked  accept complete -milestone -decide +check:S
pass_check         verified      check +open_review:S
fail_check         in_progress   check +complete:U !
open_review        under_review  open_review +review:L
approve            closed        review
reject             in_progress   review +complete:U !
follow_up_report   =             follow_up +follow_up:U
follow_up_check    =             follow_up +follow_up:U
reopen             in_progress   -follow_up +complete:U !
ask_extension      =             +decide:L !
decide_extension   =             decide !
set_new_limit      =             !
hold               =             !
resume             =             !
take_up            =             +refer:A
record_outcome     =             refer
hand_over          =             !
withdraw           withdrawn     -everything !
"""

LEAD_HAS_SIGNED = {"major": True, "closers": frozenset({"qian"}), "signed": frozenset({Role.LEAD})}
WHILE_HELD = {Action.REPORT_PROGRESS, Action.RESUME, Action.WITHDRAW}

NOBODY = Relation(
    roles=frozenset(),
    person="zhao",
    submitter=None,
    verifier=None,
    closers=frozenset(),
    held=False,
    major=False,
    has_limit=True,
    closure=ClosureClass.SETTLED,
)


def acting(*roles: Role, **facts: object) -> Relation:
    """An uninvolved person, acting for a party with these roles."""
    return replace(NOBODY, roles=frozenset(roles), **facts)  # type: ignore[arg-type]


def who_may() -> Iterator[tuple[Action, State, frozenset[Role], frozenset[Role]]]:
    """Action, state, who may do it for any measure, who besides for a major one."""
    heading, *rows = WHO_MAY.strip().splitlines()
    for row in rows:
        action, *cells = row.split()
        for state, cell in zip(heading.split(), cells, strict=True):
            common, _, major = cell.strip(".)").partition("(")
            yield Action(action), State(state), roles_of(common), roles_of(major)


def roles_of(letters: str) -> frozenset[Role]:
    return frozenset(LETTERS[letter] for letter in letters)


CELLS = tuple(who_may())


@dataclass(frozen=True)
class Effect:
    """One row of EFFECTS, read. `target` None: the state stays as it was."""

    target: State | None
    stops: set[Stage]
    voids: set[Stage]
    opens: set[Opening]
    needs_reason: bool


def read_effect(target: str, *marks: str) -> Effect:
    opened = [mark[1:].split(":") for mark in marks if mark.startswith("+")]
    return Effect(
        target=None if target == "=" else State(target),
        stops={Stage(mark) for mark in marks if mark[0] not in "+-!"},
        voids=set(Stage) if "-everything" in marks else {Stage(mark[1:]) for mark in marks if mark[0] == "-"},
        opens={Opening(Stage(stage), LETTERS[letter]) for stage, letter in opened},
        needs_reason="!" in marks,
    )


EFFECT_OF = {Action(action): read_effect(*rest) for action, *rest in map(str.split, EFFECTS.strip().splitlines())}


def step(action: Action, state: State, relation: Relation) -> Step:
    decision = decide(action, state, relation, "有理由")
    assert isinstance(decision, Step), decision
    return decision


def refusal(action: Action, state: State, relation: Relation, reason: str = "有理由") -> Refusal:
    decision = decide(action, state, relation, reason)
    assert isinstance(decision, Refusal), decision
    return decision


class TestEveryCell:
    def test_the_table_here_names_every_action_and_every_state(self) -> None:
        assert [(action, state) for action, state, _, _ in CELLS] == [(a, s) for a in Action for s in State]
        assert list(EFFECT_OF) == list(Action) == list(TRANSITIONS)

    @pytest.mark.parametrize("major", [False, True], ids=["ordinary", "major"])
    @pytest.mark.parametrize(("action", "state", "common", "in_major"), CELLS)
    def test_each_role_may_or_is_refused_with_its_code(
        self, action: Action, state: State, common: frozenset[Role], in_major: frozenset[Role], major: bool
    ) -> None:
        held = action is Action.RESUME
        entitled = common | in_major if major else common
        for role in Role:
            decision = decide(action, state, acting(role, held=held, major=major), "有理由")
            if role in entitled:
                assert isinstance(decision, Step), role
            else:
                expected = RefusalCode.WRONG_ROLE if entitled else RefusalCode.WRONG_STATE
                assert isinstance(decision, Refusal), role
                assert (decision.code, decision.action, decision.state) == (expected, action, state)

    @pytest.mark.parametrize("state", State)
    @pytest.mark.parametrize("role", Role)
    def test_the_buttons_are_the_cells_where_the_role_stands(self, role: Role, state: State) -> None:
        may = [a for a, s, common, _ in CELLS if s is state and role in common and a is not Action.RESUME]
        assert list(allowed_actions(state, acting(role))) == may

    @pytest.mark.parametrize(("action", "state", "common", "_"), CELLS)
    def test_what_an_allowed_action_does(
        self, action: Action, state: State, common: frozenset[Role], _: frozenset[Role]
    ) -> None:
        expected = EFFECT_OF[action]
        for role in common:
            done = step(action, state, acting(role, held=action is Action.RESUME))
            assert done.target is (expected.target or state)
            assert set(done.stops) == expected.stops
            assert set(done.voids) == expected.voids
            assert set(done.opens) == expected.opens

    @pytest.mark.parametrize("action", Action)
    def test_a_reason_is_asked_for_where_it_refuses_or_moves_a_date(self, action: Action) -> None:
        state, roles = next((s, common) for a, s, common, _ in CELLS if a is action and common)
        relation = acting(*roles, held=action is Action.RESUME)
        for blank in ("", " \t　\n"):
            decision = decide(action, state, relation, blank)
            refused = isinstance(decision, Refusal) and decision.code is RefusalCode.REASON_MISSING
            assert refused == EFFECT_OF[action].needs_reason
        assert action in allowed_actions(state, relation), "the reason is asked for after the button"


class TestPersons:
    @pytest.mark.parametrize(
        ("action", "state", "role", "facts", "code"),
        [
            # who submitted may not verify, either way
            (Action.PASS_CHECK, State.SELF_CHECKED, Role.SUPERVISION, {"submitter": "zhao"}, "submitted_it"),
            (Action.FAIL_CHECK, State.SELF_CHECKED, Role.SUPERVISION, {"submitter": "zhao"}, "submitted_it"),
            # who submitted or verified may not decide the closure, either way
            (Action.APPROVE, State.UNDER_REVIEW, Role.LEAD, {"submitter": "zhao"}, "submitted_it"),
            (Action.REJECT, State.UNDER_REVIEW, Role.LEAD, {"submitter": "zhao"}, "submitted_it"),
            (Action.APPROVE, State.UNDER_REVIEW, Role.LEAD, {"verifier": "zhao"}, "verified_it"),
            (Action.REJECT, State.UNDER_REVIEW, Role.LEAD, {"verifier": "zhao"}, "verified_it"),
            (
                Action.APPROVE,
                State.UNDER_REVIEW,
                Role.HEAD,
                {"verifier": "zhao", "major": True},
                "verified_it",
            ),
            # somebody else of the same party may
            (Action.PASS_CHECK, State.SELF_CHECKED, Role.SUPERVISION, {"submitter": "qian"}, None),
            (Action.APPROVE, State.UNDER_REVIEW, Role.LEAD, {"submitter": "qian", "verifier": "sun"}, None),
            # the verifier of an earlier round may verify again, and open the review
            (Action.PASS_CHECK, State.SELF_CHECKED, Role.SUPERVISION, {"verifier": "zhao"}, None),
            (Action.OPEN_REVIEW, State.VERIFIED, Role.SUPERVISION, {"verifier": "zhao"}, None),
            # who submitted may go on working for the unit
            (Action.SUBMIT_SELF_CHECK, State.IN_PROGRESS, Role.UNIT, {"submitter": "zhao"}, None),
            (Action.FOLLOW_UP_REPORT, State.FOLLOWING_UP, Role.UNIT, {"submitter": "zhao"}, None),
            # no assignment without a completion date
            (Action.ASSIGN, State.DRAFTED, Role.GENERAL, {"has_limit": False}, "no_time_limit"),
            (Action.WITHDRAW, State.DRAFTED, Role.GENERAL, {"has_limit": False}, None),
            # nothing to resume
            (Action.RESUME, State.IN_PROGRESS, Role.SUPERVISION, {}, "not_held"),
            # a disabled person does nothing at all, and is told only that
            (Action.ACCEPT, State.ASSIGNED, Role.UNIT, {"disabled": True}, "disabled"),
            (Action.ACCEPT, State.CLOSED, Role.HEAD, {"disabled": True, "held": True}, "disabled"),
        ],
    )
    def test_relations(
        self, action: Action, state: State, role: Role, facts: dict[str, object], code: str | None
    ) -> None:
        decision = decide(action, state, acting(role, **facts), "有理由")
        assert (decision.code if isinstance(decision, Refusal) else None) == code

    @pytest.mark.parametrize(("action", "state", "common", "_"), CELLS)
    def test_a_held_measure_only_reports_progress_resumes_or_is_withdrawn(
        self, action: Action, state: State, common: frozenset[Role], _: frozenset[Role]
    ) -> None:
        decision = decide(action, state, acting(*Role, held=True), "有理由")
        if action not in WHILE_HELD:
            assert isinstance(decision, Refusal)
            assert decision.code is RefusalCode.HELD
        else:
            assert isinstance(decision, Step) == bool(common)

    @pytest.mark.parametrize("state", State)
    def test_a_disabled_person_sees_no_button(self, state: State) -> None:
        assert allowed_actions(state, acting(*Role, disabled=True)) == ()


class TestClosure:
    def test_a_sustained_measure_is_followed_up(self) -> None:
        done = step(Action.APPROVE, State.UNDER_REVIEW, acting(Role.LEAD, closure=ClosureClass.SUSTAINED))
        assert done.target is State.FOLLOWING_UP
        assert done.opens == (Opening(Stage.FOLLOW_UP, Role.UNIT),)

    @pytest.mark.parametrize("closure", [ClosureClass.SETTLED, ClosureClass.MECHANISM])
    def test_any_other_is_closed_and_no_clock_starts(self, closure: ClosureClass) -> None:
        done = step(Action.APPROVE, State.UNDER_REVIEW, acting(Role.LEAD, closure=closure))
        assert done == Step(State.CLOSED, stops=(Stage.REVIEW,), signed_as=Role.LEAD)

    def test_a_sustained_measure_that_is_rejected_goes_back_like_any_other(self) -> None:
        done = step(Action.REJECT, State.UNDER_REVIEW, acting(Role.LEAD, closure=ClosureClass.SUSTAINED))
        assert done.target is State.IN_PROGRESS

    def test_the_review_of_a_major_measure_waits_for_lead_and_head(self) -> None:
        done = step(Action.OPEN_REVIEW, State.VERIFIED, acting(Role.SUPERVISION, major=True))
        assert set(done.opens) == {Opening(Stage.REVIEW, Role.LEAD), Opening(Stage.REVIEW, Role.HEAD)}

    @pytest.mark.parametrize("closure", ClosureClass)
    @pytest.mark.parametrize(("first", "second"), [(Role.LEAD, Role.HEAD), (Role.HEAD, Role.LEAD)])
    def test_a_major_measure_moves_with_the_second_approval(
        self, first: Role, second: Role, closure: ClosureClass
    ) -> None:
        alone = step(Action.APPROVE, State.UNDER_REVIEW, acting(first, major=True, closure=closure))
        assert alone == Step(State.UNDER_REVIEW, stops=(Stage.REVIEW,), signed_as=first)
        half = acting(second, major=True, closure=closure, closers=frozenset({"qian"}), signed=frozenset({first}))
        both = step(Action.APPROVE, State.UNDER_REVIEW, half)
        assert both.target is (State.FOLLOWING_UP if closure is ClosureClass.SUSTAINED else State.CLOSED)
        assert both.signed_as is second

    def test_one_rejection_is_enough_for_a_major_measure(self) -> None:
        done = step(Action.REJECT, State.UNDER_REVIEW, acting(Role.HEAD, **LEAD_HAS_SIGNED))
        assert (done.target, done.signed_as) == (State.IN_PROGRESS, None)

    @pytest.mark.parametrize("action", [Action.APPROVE, Action.REJECT])
    @pytest.mark.parametrize(
        ("roles", "person"),
        [
            ((Role.HEAD,), "qian"),  # the same person, now for the head
            ((Role.LEAD, Role.HEAD), "qian"),  # the same person, for a party that is both
            ((Role.LEAD,), "sun"),  # another person, for the lead who has approved
        ],
    )
    def test_nobody_decides_twice(self, action: Action, roles: tuple[Role, ...], person: str) -> None:
        refused = refusal(action, State.UNDER_REVIEW, acting(*roles, person=person, **LEAD_HAS_SIGNED))
        assert refused.code is RefusalCode.ALREADY_DECIDED

    def test_where_the_lead_is_the_head_two_of_that_party_sign(self) -> None:
        party = (Role.LEAD, Role.HEAD)
        first = step(Action.APPROVE, State.UNDER_REVIEW, acting(*party, person="qian", major=True))
        assert (first.target, first.signed_as) == (State.UNDER_REVIEW, Role.LEAD)
        second = step(Action.APPROVE, State.UNDER_REVIEW, acting(*party, person="sun", **LEAD_HAS_SIGNED))
        assert (second.target, second.signed_as) == (State.CLOSED, Role.HEAD)


class TestWords:
    def test_every_word_has_one_chinese_name(self) -> None:
        families = (
            (STATE_ZH, State),
            (ROLE_ZH, Role),
            (STAGE_ZH, Stage),
            (CLOSURE_ZH, ClosureClass),
            (ACTION_ZH, Action),
        )
        for names, words in families:
            assert list(names) == list(words)
            assert len(set(names.values())) == len(names)

    @pytest.mark.parametrize(
        ("action", "state", "relation", "reason", "zh"),
        [
            (
                Action.ACCEPT,
                State.SELF_CHECKED,
                acting(Role.UNIT),
                "",
                "该措施现为“待核查”，此时不能办理“签收”；现在可以办理：核查通过、退回整改（督办组）。",
            ),
            (
                Action.ACCEPT,
                State.DRAFTED,
                acting(Role.UNIT),
                "",
                "该措施现为“待交办”，此时不能办理“签收”；现在可以办理：交办（综合组）。",
            ),
            (
                Action.ACCEPT,
                State.UNDER_REVIEW,
                acting(Role.UNIT, major=True),
                "",
                "该措施现为“销号审核中”，此时不能办理“签收”；现在可以办理：同意销号、不予销号（牵头领导、组长）。",
            ),
            (
                Action.ACCEPT,
                State.FOLLOWING_UP,
                acting(Role.UNIT),
                "",
                "该措施现为“长期坚持中”，此时不能办理“签收”；"
                "现在可以办理：回头看报告（责任单位），回头看核查（督办组），重新整改（督办组、组长）。",
            ),
            (
                Action.ACCEPT,
                State.WITHDRAWN,
                acting(Role.UNIT),
                "",
                "该措施现为“已作废”，此时不能办理“签收”；已没有可以办理的事项。",
            ),
            (
                Action.REPORT_PROGRESS,
                State.VERIFIED,
                acting(Role.UNIT, held=True),
                "",
                "该措施现为“待发起审核”，此时不能办理“报进展”；现在可以办理：恢复（督办组）。",
            ),
            (
                Action.REOPEN,
                State.CLOSED,
                acting(Role.UNIT),
                "",
                "“重新整改”应由督办组或组长办理，您现在代表的是责任单位。",
            ),
            (
                Action.APPROVE,
                State.UNDER_REVIEW,
                acting(Role.HEAD, Role.GENERAL),
                "",
                "“同意销号”应由牵头领导办理，您现在代表的是综合组、组长。",
            ),
            (
                Action.ACCEPT,
                State.ASSIGNED,
                NOBODY,
                "",
                "“签收”应由责任单位办理，您现在代表的是与该措施无关的一方。",
            ),
            (
                Action.PASS_CHECK,
                State.SELF_CHECKED,
                acting(Role.SUPERVISION, held=True),
                "",
                "该措施已挂起，恢复之前不能办理“核查通过”；请督办组先办理“恢复”。",
            ),
            (Action.RESUME, State.VERIFIED, acting(Role.SUPERVISION), "", "该措施没有挂起，无需恢复。"),
            (
                Action.ASSIGN,
                State.DRAFTED,
                acting(Role.GENERAL, has_limit=False),
                "",
                "该措施还没有确定完成时限，不能交办；请先填写完成时限。",
            ),
            (
                Action.FAIL_CHECK,
                State.SELF_CHECKED,
                acting(Role.SUPERVISION, submitter="zhao"),
                "",
                "本次自查由您上报，按回避要求不能再由您办理“退回整改”；请由其他经办人办理。",
            ),
            (
                Action.APPROVE,
                State.UNDER_REVIEW,
                acting(Role.LEAD, verifier="zhao"),
                "",
                "本次核查由您办理，按回避要求不能再由您办理“同意销号”；请由其他经办人办理。",
            ),
            (
                Action.APPROVE,
                State.UNDER_REVIEW,
                acting(Role.LEAD, **LEAD_HAS_SIGNED),
                "",
                "您或您所代表的一方已同意销号，不能再办理“同意销号”；现待组长审核，并须由另一人办理。",
            ),
            (
                Action.FAIL_CHECK,
                State.SELF_CHECKED,
                acting(Role.SUPERVISION),
                " ",
                "办理“退回整改”须写明理由。",
            ),
            (
                Action.ACCEPT,
                State.ASSIGNED,
                acting(Role.UNIT, disabled=True),
                "",
                "该经办人已停用，不能办理“签收”；如需恢复，请与综合组联系。",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) and not value.isascii() else "",
    )
    def test_a_refusal_says_why_and_what_would_help(
        self, action: Action, state: State, relation: Relation, reason: str, zh: str
    ) -> None:
        assert refusal(action, state, relation, reason).zh == zh

    @pytest.mark.parametrize(("action", "state", "_common", "_major"), CELLS)
    def test_every_refusal_is_one_chinese_sentence(
        self, action: Action, state: State, _common: frozenset[Role], _major: frozenset[Role]
    ) -> None:
        for relation in (NOBODY, *(acting(role, held=held) for role in Role for held in (False, True))):
            decision = decide(action, state, relation)
            if isinstance(decision, Refusal):
                assert decision.zh.endswith("。")
                assert decision.zh.count("。") == 1
                assert not any(character.isascii() for character in decision.zh)


@dataclass
class Life:
    """One measure told by the Steps alone: its state, its open clocks, its present cycle."""

    major: bool
    closure: ClosureClass
    state: State = INITIAL
    held: bool = False
    clocks: set[Opening] = field(default_factory=set)
    submitter: str | None = None
    verifier: str | None = None
    approvals: dict[Role, str] = field(default_factory=dict)

    def relation(self, person: str, *roles: Role) -> Relation:
        return Relation(
            roles=frozenset(roles),
            person=person,
            submitter=self.submitter,
            verifier=self.verifier,
            closers=frozenset(self.approvals.values()),
            held=self.held,
            major=self.major,
            has_limit=True,
            closure=self.closure,
            signed=frozenset(self.approvals),
        )

    def take(self, action: Action, person: str, *roles: Role) -> None:
        done = step(action, self.state, self.relation(person, *roles))
        ended = {
            clock
            for clock in self.clocks
            if clock.stage in done.voids or (clock.stage in done.stops and done.signed_as in (None, clock.holder))
        }
        self.clocks = (self.clocks - ended) | set(done.opens)
        self.state = done.target
        self._remember(action, person, done)

    def _remember(self, action: Action, person: str, done: Step) -> None:
        if action is Action.SUBMIT_SELF_CHECK:
            self.submitter = person
        elif action in (Action.PASS_CHECK, Action.FAIL_CHECK):
            self.verifier = person
        elif action in (Action.HOLD, Action.RESUME):
            self.held = action is Action.HOLD
        elif done.signed_as:
            self.approvals[done.signed_as] = person
        if action in (Action.REJECT, Action.REOPEN):
            self.approvals = {}

    def check_clocks(self) -> None:
        """Whoever is awaited has a clock, and can act on it; what has ended has none but accountability's."""
        running = {clock.stage for clock in self.clocks}
        if self.state not in RUNNING_STATES:
            assert running <= ({Stage.REFER} if self.state is State.CLOSED else set())
            return
        awaited = [clock for clock in self.clocks if clock.stage is AWAITED_STAGE[self.state]]
        assert awaited, f"{self.state} waits for nobody"
        for clock in awaited if not self.held else []:
            options = allowed_actions(self.state, self.relation("nobody yet", clock.holder))
            assert any(clock.stage in TRANSITIONS[option].stops for option in options)


# A walk of holding and resuming would prove little: most moves go on, and many are for everybody at once.
PERSONS = st.sampled_from(["zhao", "qian", "sun", "li"])
DOERS = (Role.UNIT, Role.LEAD, Role.SUPERVISION, Role.HEAD)
PARTIES = st.sampled_from([DOERS] * 4 + [(role,) for role in DOERS])
ONWARD = st.sampled_from([True, True, True, False])


class TestEveryLife:
    @pytest.mark.parametrize("major", [False, True], ids=["ordinary", "major"])
    @pytest.mark.parametrize("closure", ClosureClass)
    def test_somebody_is_always_awaited_wherever_the_table_leads(self, closure: ClosureClass, major: bool) -> None:
        """All reachable combinations of state and open clocks, each role with a person of its own."""
        seen, waiting = set(), [Life(major, closure)]
        while waiting:
            life = waiting.pop()
            found = (life.state, life.held, frozenset(life.clocks), frozenset(life.approvals))
            if found in seen:
                continue
            seen.add(found)
            life.check_clocks()
            for role in Role:
                for action in allowed_actions(life.state, life.relation(role, role)):
                    later = replace(life, approvals=dict(life.approvals))
                    later.take(action, role, role)
                    waiting.append(later)
        unreachable = State.CLOSED if closure is ClosureClass.SUSTAINED else State.FOLLOWING_UP
        assert {state for state, *_ in seen} == set(State) - {unreachable}

    @given(
        moves=st.lists(st.tuples(PERSONS, PARTIES, ONWARD, st.integers(0, 20)), min_size=20, max_size=60),
        major=st.booleans(),
        closure=st.sampled_from(ClosureClass),
    )
    @settings(max_examples=300, deadline=None)
    def test_no_walk_closes_a_measure_without_a_check_and_an_approval(
        self, moves: list[tuple[str, tuple[Role, ...], bool, int]], major: bool, closure: ClosureClass
    ) -> None:
        """Few persons for many roles. `told` is kept apart: who did what since the last self-check."""
        life = Life(major, closure)
        life.take(Action.ASSIGN, "zhou", Role.GENERAL)
        told: list[tuple[Action, str]] = []
        for person, roles, onward, choice in moves:
            options = allowed_actions(life.state, life.relation(person, *roles))
            if onward:
                options = tuple(a for a in options if TRANSITIONS[a].target) or options
            if not options:
                continue
            action, before = options[choice % len(options)], life.state
            life.take(action, person, *roles)
            told = [*([] if action is Action.SUBMIT_SELF_CHECK else told), (action, person)]
            life.check_clocks()
            if before is State.UNDER_REVIEW and life.state in (State.CLOSED, State.FOLLOWING_UP):
                event(f"closed, major: {major}")
                self.check_closure(told, major)
            else:
                assert life.state is before or life.state not in (State.CLOSED, State.FOLLOWING_UP)
        if life.state in OPEN_STATES:
            life.take(Action.WITHDRAW, "zhou", Role.GENERAL)
            life.check_clocks()
            assert allowed_actions(State.WITHDRAWN, life.relation("zhou", *Role)) == ()

    @staticmethod
    def check_closure(told: list[tuple[Action, str]], major: bool) -> None:
        (submitted, submitter), *since = told
        assert submitted is Action.SUBMIT_SELF_CHECK
        verifiers = [person for action, person in since if action is Action.PASS_CHECK]
        closers = [person for action, person in since if action is Action.APPROVE]
        assert len(verifiers) == 1
        assert len(closers) == len(set(closers)) == (2 if major else 1)
        assert not {submitter} & {*verifiers, *closers}
        assert not set(verifiers) & set(closers)

    def test_nothing_leaves_withdrawn(self) -> None:
        for action in Action:
            for held in (False, True):
                assert isinstance(decide(action, State.WITHDRAWN, acting(*Role, held=held), "有理由"), Refusal)
