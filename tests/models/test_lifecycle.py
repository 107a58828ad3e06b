"""The table of the lifecycle written a second time, as text an office can read, and compared row by row.

Who may do what, asked of the rules and not of the table, is in test_permission.py, which uses these texts too.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest

from models.lifecycle import (
    ACTION_ZH,
    AWAITED_STAGE,
    CLOSURE_ZH,
    DONE_STATES,
    HANDED_IN_STATES,
    INITIAL,
    LIVE_STATES,
    OPEN_STATES,
    REOPENINGS,
    RETURNS,
    ROLE_ZH,
    RUNNING_STATES,
    STAGE_ZH,
    STATE_ZH,
    TO_HAND_IN_STATES,
    TRANSITIONS,
    Action,
    ClosureClass,
    Opening,
    Role,
    Stage,
    State,
    Transition,
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
# (H) acts for a major measure only.
WHO_MAY = """
                 drafted assigned in_progress self_checked verified under_review closed following_up withdrawn
assign            G       .        .           .            .        .            .      .            .
accept            .       U        .           .            .        .            .      .            .
report_progress   .       .        UC          .            .        .            .      .            .
report_milestone  .       .        U           .            .        .            .      .            .
submit_self_check .       U        U           .            .        .            .      .            .
add_evidence      .       .        UC          UC           UC       .            .      .            .
pass_check        .       .        .           S            .        .            .      .            .
fail_check        .       .        .           S            .        .            .      .            .
open_review       .       .        .           .            S        .            .      .            .
approve           .       .        .           .            .        L(H)         .      .            .
reject            .       .        .           .            .        L(H)         .      .            .
follow_up_report  .       .        .           .            .        .            .      U            .
follow_up_check   .       .        .           .            .        .            .      S            .
fail_follow_up    .       .        .           .            .        .            .      S            .
look_back         .       .        .           .            .        .            SG     .            .
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

# What it does: the state after it (= as it was; for a sustained measure, where that differs, after the slash), the
# clocks it stops, voids (-) and opens (+ whose), those it opens for a sustained measure (~) and for a major one (^)
# only. An exclamation mark: a reason must be given. An ampersand: another cycle begins, and a basis must be given.
EFFECTS = """
assign             assigned             +accept:U +complete:U +milestone:U
accept             in_progress          accept
report_progress    =
report_milestone   =                    milestone
submit_self_check  self_checked         accept complete -milestone -decide +check:S
add_evidence       =
pass_check         verified             check +open_review:S
fail_check         in_progress          check +complete:U !
open_review        under_review         open_review +review:L ^review:H
approve            closed/following_up  review ~follow_up:U
reject             in_progress          review +complete:U !
follow_up_report   =                    follow_up +check:S
follow_up_check    closed/following_up  check -follow_up ~follow_up:U
fail_follow_up     in_progress          check -follow_up +complete:U ! &
look_back          following_up         +follow_up:U
reopen             in_progress          -follow_up -check +complete:U ! &
ask_extension      =                    +decide:L !
decide_extension   =                    decide !
set_new_limit      =                    -decide !
hold               =                    !
resume             =                    !
take_up            =                    +refer:A
record_outcome     =                    refer !
hand_over          =                    !
withdraw           withdrawn            -everything !
"""

# Where somebody must act next: the clock that says so, and all clocks but milestones, requests and referrals that run.
AWAITED = """
assigned      accept       accept complete
in_progress   complete     complete
self_checked  check        check
verified      open_review  open_review
under_review  review       review
following_up  follow_up    follow_up
"""


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


def read_effect(action: Action, target: str, *marks: str) -> Transition:
    """The row of the table that the two texts give for an action."""
    plain, _, sustained = target.partition("/")
    cells = [(state, common, major) for a, state, common, major in CELLS if a is action and common]
    return Transition(
        action=action,
        by=frozenset().union(*(common for _, common, _ in cells)),
        sources=frozenset(state for state, _, _ in cells),
        target=None if plain == "=" else State(plain),
        sustained_target=State(sustained) if sustained else None,
        stops=tuple(Stage(mark) for mark in marks if mark[0].isalpha()),
        voids=tuple(Stage) if "-everything" in marks else tuple(Stage(m[1:]) for m in marks if m[0] == "-"),
        opens=_openings(marks, "+"),
        sustained_opens=_openings(marks, "~"),
        major_by=frozenset().union(*(major for _, _, major in cells)),
        major_opens=_openings(marks, "^"),
        needs_reason="!" in marks,
        new_cycle="&" in marks,
    )


def _openings(marks: Collection[str], sign: str) -> tuple[Opening, ...]:
    opened = [mark[1:].split(":") for mark in marks if mark[0] == sign]
    return tuple(Opening(Stage(stage), LETTERS[letter]) for stage, letter in opened)


ROWS = {
    Action(action): read_effect(Action(action), *rest) for action, *rest in map(str.split, EFFECTS.strip().splitlines())
}
RUNNING = {
    State(state): (Stage(awaited), frozenset(map(Stage, running)))
    for state, awaited, *running in map(str.split, AWAITED.strip().splitlines())
}


def in_any_order(row: Transition) -> Transition:
    """The order in which clocks are named says nothing, but for that of milestones after their measure."""
    return replace(row, stops=tuple(sorted(row.stops)), voids=tuple(sorted(row.voids)))


# The table


def test_the_texts_here_name_every_action_and_every_state() -> None:
    assert [(action, state) for action, state, _, _ in CELLS] == [(a, s) for a in Action for s in State]
    assert list(ROWS) == list(Action) == list(TRANSITIONS)
    assert len(CELLS) == 225


@pytest.mark.parametrize("action", Action)
def test_each_row_of_the_table_is_what_the_texts_say(action: Action) -> None:
    assert TRANSITIONS[action].action is action
    assert in_any_order(TRANSITIONS[action]) == in_any_order(ROWS[action])


@pytest.mark.parametrize("action", Action)
def test_every_cell_of_a_row_names_the_same_roles(action: Action) -> None:
    """So that the table may say `by` and `sources` apart without saying more than the text does."""
    assert len({(common, major) for a, _, common, major in CELLS if a is action and common}) == 1


@pytest.mark.parametrize("action", Action)
def test_who_is_entitled_depends_on_the_weight_of_the_measure(action: Action) -> None:
    row = ROWS[action]
    assert TRANSITIONS[action].entitled(major=False) == row.by
    assert TRANSITIONS[action].entitled(major=True) == row.by | row.major_by


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[Action.ASSIGN] = TRANSITIONS[Action.ACCEPT]  # type: ignore[index]


# The states


def test_the_clock_that_is_awaited_in_each_state() -> None:
    assert dict(AWAITED_STAGE) == {state: awaited for state, (awaited, _) in RUNNING.items()}


def test_live_states_are_all_but_the_two_ends() -> None:
    assert INITIAL is State.DRAFTED
    assert set(State) - LIVE_STATES == {State.CLOSED, State.WITHDRAWN}
    assert {State.DRAFTED} == LIVE_STATES - RUNNING_STATES


def test_every_state_is_open_or_done_or_withdrawn_and_an_open_one_is_handed_in_or_not() -> None:
    assert Counter([*OPEN_STATES, *DONE_STATES, State.WITHDRAWN]) == Counter(State)
    assert Counter([*TO_HAND_IN_STATES, *HANDED_IN_STATES]) == Counter(OPEN_STATES)
    assert {State.CLOSED, State.FOLLOWING_UP} == DONE_STATES
    assert tuple(state for state in State if state in OPEN_STATES) == OPEN_STATES


def test_what_begins_a_new_cycle_comes_from_where_the_closure_was_approved() -> None:
    assert {Action.REOPEN, Action.FAIL_FOLLOW_UP} == REOPENINGS
    assert all(TRANSITIONS[action].sources <= DONE_STATES for action in REOPENINGS)
    assert all(TRANSITIONS[action].sources <= HANDED_IN_STATES for action in RETURNS)


def test_every_state_is_led_to_and_only_withdrawn_is_never_left() -> None:
    led_to = {row.target for row in TRANSITIONS.values()} | {row.sustained_target for row in TRANSITIONS.values()}
    left = {state for row in TRANSITIONS.values() if row.target for state in row.sources}
    assert led_to - {None} == set(State) - {State.DRAFTED}
    assert set(State) - left == {State.WITHDRAWN}


@pytest.mark.parametrize("stage", Stage)
def test_every_clock_that_an_action_opens_is_ended_by_others(stage: Stage) -> None:
    rows = TRANSITIONS.values()
    openers = {row.action for row in rows for opening in row.opens + row.sustained_opens if opening.stage is stage}
    enders = {row.action for row in rows if stage in row.stops}
    assert openers
    assert enders
    assert not openers & enders - {Action.FOLLOW_UP_CHECK}, "that one ends a follow-up and opens the next"
    assert stage in TRANSITIONS[Action.WITHDRAW].voids


# The words


def test_every_word_has_one_chinese_name() -> None:
    families = ((STATE_ZH, State), (ROLE_ZH, Role), (STAGE_ZH, Stage), (CLOSURE_ZH, ClosureClass), (ACTION_ZH, Action))
    for names, words in families:
        assert list(names) == list(words)
        assert len(set(names.values())) == len(names)
        assert not any(character.isascii() for name in names.values() for character in name)
