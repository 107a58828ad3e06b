"""The life of a measure: states, actions, roles, and one table of what may happen. PURE.

`TRANSITIONS` is the table a supervisor can read; buttons, commands, docs and tests derive from it.
`decide()` answers whether an action is allowed for this state, these roles and this relation, and what it
does to the clocks. Dates are not computed here (models/handling does), nothing is stored here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar


class State(StrEnum):
    """Where a measure stands."""

    DRAFTED = "drafted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    SELF_CHECKED = "self_checked"
    VERIFIED = "verified"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"
    FOLLOWING_UP = "following_up"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """What a party is to a measure (unit, cooperating, lead) or to its round (the rest)."""

    UNIT = "unit"
    COOPERATING = "cooperating"
    LEAD = "lead"
    GENERAL = "general"
    SUPERVISION = "supervision"
    ACCOUNTABILITY = "accountability"
    HEAD = "head"


class Stage(StrEnum):
    """What a clock runs for."""

    ACCEPT = "accept"
    COMPLETE = "complete"
    MILESTONE = "milestone"
    CHECK = "check"
    OPEN_REVIEW = "open_review"
    REVIEW = "review"
    DECIDE = "decide"
    FOLLOW_UP = "follow_up"
    REFER = "refer"


class ClosureClass(StrEnum):
    """How a measure is closed: settled 限时办结, mechanism 完善长效机制, sustained 长期坚持."""

    SETTLED = "settled"
    MECHANISM = "mechanism"
    SUSTAINED = "sustained"


class Action(StrEnum):
    """What a person does for a party."""

    ASSIGN = "assign"
    ACCEPT = "accept"
    REPORT_PROGRESS = "report_progress"
    REPORT_MILESTONE = "report_milestone"
    SUBMIT_SELF_CHECK = "submit_self_check"
    PASS_CHECK = "pass_check"
    FAIL_CHECK = "fail_check"
    OPEN_REVIEW = "open_review"
    APPROVE = "approve"
    REJECT = "reject"
    FOLLOW_UP_REPORT = "follow_up_report"
    FOLLOW_UP_CHECK = "follow_up_check"
    REOPEN = "reopen"
    ASK_EXTENSION = "ask_extension"
    DECIDE_EXTENSION = "decide_extension"
    SET_NEW_LIMIT = "set_new_limit"
    HOLD = "hold"
    RESUME = "resume"
    TAKE_UP = "take_up"
    RECORD_OUTCOME = "record_outcome"
    HAND_OVER = "hand_over"
    WITHDRAW = "withdraw"


# The formatter is off where a person reads a table: it would spread each over a page.
# fmt: off
STATE_ZH: Mapping[State, str] = MappingProxyType({
    State.DRAFTED: "待交办", State.ASSIGNED: "待签收", State.IN_PROGRESS: "整改中",
    State.SELF_CHECKED: "待核查", State.VERIFIED: "待发起审核", State.UNDER_REVIEW: "销号审核中",
    State.CLOSED: "已销号", State.FOLLOWING_UP: "长期坚持中", State.WITHDRAWN: "已作废",
})
ROLE_ZH: Mapping[Role, str] = MappingProxyType({
    Role.UNIT: "责任单位", Role.COOPERATING: "配合单位", Role.LEAD: "牵头领导", Role.GENERAL: "综合组",
    Role.SUPERVISION: "督办组", Role.ACCOUNTABILITY: "责任追究组", Role.HEAD: "组长",
})
STAGE_ZH: Mapping[Stage, str] = MappingProxyType({
    Stage.ACCEPT: "签收", Stage.COMPLETE: "整改", Stage.MILESTONE: "节点",
    Stage.CHECK: "督查核查", Stage.OPEN_REVIEW: "发起审核", Stage.REVIEW: "销号审核",
    Stage.DECIDE: "延期审批", Stage.FOLLOW_UP: "回头看", Stage.REFER: "问责",
})
CLOSURE_ZH: Mapping[ClosureClass, str] = MappingProxyType({
    ClosureClass.SETTLED: "限时办结",
    ClosureClass.MECHANISM: "完善长效机制",
    ClosureClass.SUSTAINED: "长期坚持",
})
ACTION_ZH: Mapping[Action, str] = MappingProxyType({
    Action.ASSIGN: "交办", Action.ACCEPT: "签收", Action.REPORT_PROGRESS: "报进展",
    Action.REPORT_MILESTONE: "节点报告", Action.SUBMIT_SELF_CHECK: "自查上报",
    Action.PASS_CHECK: "核查通过", Action.FAIL_CHECK: "退回整改",
    Action.OPEN_REVIEW: "发起销号审核", Action.APPROVE: "同意销号", Action.REJECT: "不予销号",
    Action.FOLLOW_UP_REPORT: "回头看报告", Action.FOLLOW_UP_CHECK: "回头看核查", Action.REOPEN: "重新整改",
    Action.ASK_EXTENSION: "申请延期", Action.DECIDE_EXTENSION: "延期审批", Action.SET_NEW_LIMIT: "重定时限",
    Action.HOLD: "挂起", Action.RESUME: "恢复",
    Action.TAKE_UP: "问责受理", Action.RECORD_OUTCOME: "处理结果",
    Action.HAND_OVER: "改派", Action.WITHDRAW: "作废",
})

INITIAL = State.DRAFTED
AWAITED_STAGE: Mapping[State, Stage] = MappingProxyType({
    State.ASSIGNED: Stage.ACCEPT,
    State.IN_PROGRESS: Stage.COMPLETE,
    State.SELF_CHECKED: Stage.CHECK,
    State.VERIFIED: Stage.OPEN_REVIEW,
    State.UNDER_REVIEW: Stage.REVIEW,
    State.FOLLOWING_UP: Stage.FOLLOW_UP,
})
"""The clock that runs in a state for whoever must act next; a state that waits for nobody is absent."""
# fmt: on

RUNNING_STATES = frozenset(AWAITED_STAGE)
OPEN_STATES = RUNNING_STATES | {INITIAL}


@dataclass(frozen=True, slots=True)
class Opening:
    """A clock that starts, and the role that must act. Of milestones, one starts for each that has a date."""

    stage: Stage
    holder: Role


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: who may do it, from where, where it leads and which clocks it touches.

    `target` None leaves the state as it is. `stops` are met by the action, `voids` fall away unmet; both
    touch only what still runs. A sustained measure has its own target; its clocks, and the clocks and roles
    of a major one, come on top of the common ones.
    """

    action: Action
    by: frozenset[Role]
    sources: frozenset[State]
    target: State | None = None
    sustained_target: State | None = None
    stops: tuple[Stage, ...] = ()
    voids: tuple[Stage, ...] = ()
    opens: tuple[Opening, ...] = ()
    sustained_opens: tuple[Opening, ...] = ()
    major_by: frozenset[Role] = frozenset()
    major_opens: tuple[Opening, ...] = ()
    needs_reason: bool = False


_Member = TypeVar("_Member", Role, State)


def _any(*members: _Member) -> frozenset[_Member]:
    return frozenset(members)


_RECTIFYING = _any(State.ASSIGNED, State.IN_PROGRESS)
_ANSWERABLE = RUNNING_STATES | {State.CLOSED}  # a closure does not undo having been late
_UNIT_ACCEPTS = Opening(Stage.ACCEPT, Role.UNIT)
_UNIT_COMPLETES = Opening(Stage.COMPLETE, Role.UNIT)
_UNIT_FOLLOWS_UP = Opening(Stage.FOLLOW_UP, Role.UNIT)

# fmt: off
_ROWS = (
    Transition(Action.ASSIGN, _any(Role.GENERAL), _any(State.DRAFTED), State.ASSIGNED,
               opens=(_UNIT_ACCEPTS, _UNIT_COMPLETES, Opening(Stage.MILESTONE, Role.UNIT))),
    Transition(Action.ACCEPT, _any(Role.UNIT), _any(State.ASSIGNED), State.IN_PROGRESS,
               stops=(Stage.ACCEPT,)),
    Transition(Action.REPORT_PROGRESS, _any(Role.UNIT, Role.COOPERATING), _any(State.IN_PROGRESS)),
    Transition(Action.REPORT_MILESTONE, _any(Role.UNIT), _any(State.IN_PROGRESS),
               stops=(Stage.MILESTONE,)),
    # A request for more time that is still undecided has nothing left to extend: its clock goes too.
    Transition(Action.SUBMIT_SELF_CHECK, _any(Role.UNIT), _RECTIFYING, State.SELF_CHECKED,
               stops=(Stage.ACCEPT, Stage.COMPLETE), voids=(Stage.MILESTONE, Stage.DECIDE),
               opens=(Opening(Stage.CHECK, Role.SUPERVISION),)),
    Transition(Action.PASS_CHECK, _any(Role.SUPERVISION), _any(State.SELF_CHECKED), State.VERIFIED,
               stops=(Stage.CHECK,), opens=(Opening(Stage.OPEN_REVIEW, Role.SUPERVISION),)),
    Transition(Action.FAIL_CHECK, _any(Role.SUPERVISION), _any(State.SELF_CHECKED), State.IN_PROGRESS,
               stops=(Stage.CHECK,), opens=(_UNIT_COMPLETES,), needs_reason=True),
    Transition(Action.OPEN_REVIEW, _any(Role.SUPERVISION), _any(State.VERIFIED), State.UNDER_REVIEW,
               stops=(Stage.OPEN_REVIEW,), opens=(Opening(Stage.REVIEW, Role.LEAD),),
               major_opens=(Opening(Stage.REVIEW, Role.HEAD),)),
    # The state moves once every role that may approve has approved; one of them is enough to reject.
    Transition(Action.APPROVE, _any(Role.LEAD), _any(State.UNDER_REVIEW), State.CLOSED,
               sustained_target=State.FOLLOWING_UP, major_by=_any(Role.HEAD),
               stops=(Stage.REVIEW,), sustained_opens=(_UNIT_FOLLOWS_UP,)),
    Transition(Action.REJECT, _any(Role.LEAD), _any(State.UNDER_REVIEW), State.IN_PROGRESS,
               major_by=_any(Role.HEAD),
               stops=(Stage.REVIEW,), opens=(_UNIT_COMPLETES,), needs_reason=True),
    # A follow-up that finds the measure wanting is followed by a reopening.
    Transition(Action.FOLLOW_UP_REPORT, _any(Role.UNIT), _any(State.FOLLOWING_UP),
               stops=(Stage.FOLLOW_UP,), opens=(_UNIT_FOLLOWS_UP,)),
    Transition(Action.FOLLOW_UP_CHECK, _any(Role.SUPERVISION), _any(State.FOLLOWING_UP),
               stops=(Stage.FOLLOW_UP,), opens=(_UNIT_FOLLOWS_UP,)),
    Transition(Action.REOPEN, _any(Role.SUPERVISION, Role.HEAD), _any(State.CLOSED, State.FOLLOWING_UP),
               State.IN_PROGRESS, voids=(Stage.FOLLOW_UP,), opens=(_UNIT_COMPLETES,), needs_reason=True),
    Transition(Action.ASK_EXTENSION, _any(Role.UNIT), _RECTIFYING,
               opens=(Opening(Stage.DECIDE, Role.LEAD),), needs_reason=True),
    Transition(Action.DECIDE_EXTENSION, _any(Role.LEAD), _RECTIFYING,
               stops=(Stage.DECIDE,), needs_reason=True),
    Transition(Action.SET_NEW_LIMIT, _any(Role.LEAD), _RECTIFYING, needs_reason=True),
    Transition(Action.HOLD, _any(Role.SUPERVISION), RUNNING_STATES, needs_reason=True),
    Transition(Action.RESUME, _any(Role.SUPERVISION), RUNNING_STATES, needs_reason=True),
    Transition(Action.TAKE_UP, _any(Role.ACCOUNTABILITY), _ANSWERABLE,
               opens=(Opening(Stage.REFER, Role.ACCOUNTABILITY),)),
    Transition(Action.RECORD_OUTCOME, _any(Role.ACCOUNTABILITY), _ANSWERABLE,
               stops=(Stage.REFER,)),
    Transition(Action.HAND_OVER, _any(Role.GENERAL), RUNNING_STATES, needs_reason=True),
    Transition(Action.WITHDRAW, _any(Role.GENERAL), OPEN_STATES, State.WITHDRAWN,
               voids=tuple(Stage), needs_reason=True),
)
# fmt: on
TRANSITIONS: Mapping[Action, Transition] = MappingProxyType({row.action: row for row in _ROWS})

_CHECKS = frozenset({Action.PASS_CHECK, Action.FAIL_CHECK})
_CLOSURES = frozenset({Action.APPROVE, Action.REJECT})
_WHILE_HELD = frozenset({Action.REPORT_PROGRESS, Action.RESUME, Action.WITHDRAW})


@dataclass(frozen=True, slots=True)
class Relation:
    """What the rules ask about the acting person and the measure's present cycle. Persons are codes.

    `roles`: of the party acted for, towards this measure. `submitter` sent in the last self-check, `verifier`
    decided it, `closers` have approved in the review now open and `signed` are the roles they did it for.
    `has_limit`: a completion date is set, or the measure is due at once.
    """

    roles: frozenset[Role]
    person: str
    submitter: str | None
    verifier: str | None
    closers: frozenset[str]
    held: bool
    major: bool
    has_limit: bool
    closure: ClosureClass
    disabled: bool = False
    signed: frozenset[Role] = frozenset()


class RefusalCode(StrEnum):
    """Why an action is refused; of several reasons the first in this order is given."""

    DISABLED = "disabled"
    HELD = "held"
    WRONG_STATE = "wrong_state"
    WRONG_ROLE = "wrong_role"
    NOT_HELD = "not_held"
    NO_TIME_LIMIT = "no_time_limit"
    SUBMITTED_IT = "submitted_it"
    VERIFIED_IT = "verified_it"
    ALREADY_DECIDED = "already_decided"
    REASON_MISSING = "reason_missing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that is not allowed, with one Chinese sentence that says why and what would help."""

    code: RefusalCode
    action: Action
    state: State
    zh: str


@dataclass(frozen=True, slots=True)
class Step:
    """What an allowed action does: the state after it, and the clocks it touches as in `Transition`.

    `signed_as`: the role an approval counts for; then only that role's clock stops.
    """

    target: State
    stops: tuple[Stage, ...] = ()
    voids: tuple[Stage, ...] = ()
    opens: tuple[Opening, ...] = ()
    signed_as: Role | None = None


def decide(action: Action, state: State, relation: Relation, reason: str = "") -> Step | Refusal:
    """What the action does in this state for this person, or why it may not be done. Blank is no reason."""
    row = TRANSITIONS[action]
    code = _objection(row, state, relation)
    if code is None and row.needs_reason and not reason.strip():
        code = RefusalCode.REASON_MISSING
    if code is not None:
        return Refusal(code, action, state, _sentence(code, row, state, relation))
    return _step(row, state, relation)


def allowed_actions(state: State, relation: Relation) -> tuple[Action, ...]:
    """What this person may do now, in the table's order; some of it asks for a reason."""
    return tuple(row.action for row in TRANSITIONS.values() if _objection(row, state, relation) is None)


def _objection(row: Transition, state: State, relation: Relation) -> RefusalCode | None:
    """The first rule that is against it. Whether a reason was given is asked last, by `decide`."""
    action, person = row.action, relation.person
    rules = (
        (RefusalCode.DISABLED, relation.disabled),
        (RefusalCode.HELD, relation.held and action not in _WHILE_HELD),
        (RefusalCode.WRONG_STATE, state not in row.sources),
        (RefusalCode.WRONG_ROLE, not relation.roles & _entitled(row, relation)),
        (RefusalCode.NOT_HELD, action is Action.RESUME and not relation.held),
        (RefusalCode.NO_TIME_LIMIT, action is Action.ASSIGN and not relation.has_limit),
        (RefusalCode.SUBMITTED_IT, action in _CHECKS | _CLOSURES and person == relation.submitter),
        (RefusalCode.VERIFIED_IT, action in _CLOSURES and person == relation.verifier),
        (RefusalCode.ALREADY_DECIDED, action in _CLOSURES and not _may_sign(row, relation)),
    )
    return next((code for code, broken in rules if broken), None)


def _entitled(row: Transition, relation: Relation) -> frozenset[Role]:
    return row.by | row.major_by if relation.major else row.by


def _may_sign(row: Transition, relation: Relation) -> frozenset[Role]:
    """The roles this person could still decide the closure for. Nobody decides twice, in whatever role."""
    if relation.person in relation.closers:
        return frozenset()
    return (_entitled(row, relation) & relation.roles) - relation.signed


def _step(row: Transition, state: State, relation: Relation) -> Step:
    signed_as = None
    if row.action is Action.APPROVE:
        signed_as = _in_order(_may_sign(row, relation))[0]
        if _entitled(row, relation) - relation.signed - {signed_as}:
            return Step(state, row.stops, signed_as=signed_as)
    sustained = relation.closure is ClosureClass.SUSTAINED
    target = (row.sustained_target if sustained else None) or row.target or state
    opens = row.opens + (row.sustained_opens if sustained else ()) + (row.major_opens if relation.major else ())
    return Step(target, row.stops, row.voids, opens, signed_as)


def _in_order(roles: Iterable[Role]) -> list[Role]:
    return sorted(roles, key=list(Role).index)


def _sentence(code: RefusalCode, row: Transition, state: State, relation: Relation) -> str:
    name, entitled = ACTION_ZH[row.action], _entitled(row, relation)
    way_on, missing = _way_on(state, relation), _names(entitled - relation.signed)
    sentences = {
        RefusalCode.DISABLED: f"该经办人已停用，不能办理“{name}”；如需恢复，请与综合组联系。",
        RefusalCode.HELD: f"该措施已挂起，恢复之前不能办理“{name}”；请督办组先办理“恢复”。",
        RefusalCode.WRONG_STATE: f"该措施现为“{STATE_ZH[state]}”，此时不能办理“{name}”；{way_on}。",
        RefusalCode.WRONG_ROLE: f"“{name}”应由{_names(entitled, '或')}办理，"
        f"您现在代表的是{_names(relation.roles) or '与该措施无关的一方'}。",
        RefusalCode.NOT_HELD: "该措施没有挂起，无需恢复。",
        RefusalCode.NO_TIME_LIMIT: "该措施还没有确定完成时限，不能交办；请先填写完成时限。",
        RefusalCode.SUBMITTED_IT: f"本次自查由您上报，按回避要求不能再由您办理“{name}”；请由其他经办人办理。",
        RefusalCode.VERIFIED_IT: f"本次核查由您办理，按回避要求不能再由您办理“{name}”；请由其他经办人办理。",
        RefusalCode.ALREADY_DECIDED: f"您或您所代表的一方已同意销号，不能再办理“{name}”；"
        f"现待{missing}审核，并须由另一人办理。",
        RefusalCode.REASON_MISSING: f"办理“{name}”须写明理由。",
    }
    return sentences[code]


def _names(roles: Iterable[Role], joined_by: str = "、") -> str:
    return joined_by.join(ROLE_ZH[role] for role in _in_order(roles))


def _way_on(state: State, relation: Relation) -> str:
    """Which actions lead on from this state, and who may do them."""
    actions: dict[str, list[str]] = {}
    for row in TRANSITIONS.values():
        if state in row.sources and _leads_on(row, state, relation):
            actions.setdefault(_names(_entitled(row, relation)), []).append(ACTION_ZH[row.action])
    ways = "，".join(f"{'、'.join(names)}（{who}）" for who, names in actions.items())
    return f"现在可以办理：{ways}" if ways else "已没有可以办理的事项"


def _leads_on(row: Transition, state: State, relation: Relation) -> bool:
    if relation.held:
        return row.action is Action.RESUME
    return row.target not in (None, State.WITHDRAWN) or AWAITED_STAGE.get(state) in row.stops
