"""The life of a measure: states, actions, roles, and one table of what may happen. PURE.

`TRANSITIONS` is the table a supervisor can read; buttons, commands, docs and tests derive from it, and
models/handling opens and stops clocks by it. Whether somebody may act is decided in permission.py; no date is
computed here, nothing is stored.
"""

from collections.abc import Mapping
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
    ADD_EVIDENCE = "add_evidence"
    PASS_CHECK = "pass_check"
    FAIL_CHECK = "fail_check"
    OPEN_REVIEW = "open_review"
    APPROVE = "approve"
    REJECT = "reject"
    FOLLOW_UP_REPORT = "follow_up_report"
    FOLLOW_UP_CHECK = "follow_up_check"
    FAIL_FOLLOW_UP = "fail_follow_up"
    LOOK_BACK = "look_back"
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
    State.CLOSED: "已销号", State.FOLLOWING_UP: "回头看中", State.WITHDRAWN: "已作废",
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
    Action.REPORT_MILESTONE: "节点报告", Action.SUBMIT_SELF_CHECK: "自查上报", Action.ADD_EVIDENCE: "补充佐证",
    Action.PASS_CHECK: "核查通过", Action.FAIL_CHECK: "退回整改",
    Action.OPEN_REVIEW: "发起销号审核", Action.APPROVE: "同意销号", Action.REJECT: "不予销号",
    Action.FOLLOW_UP_REPORT: "回头看报告", Action.FOLLOW_UP_CHECK: "回头看核查通过",
    Action.FAIL_FOLLOW_UP: "回头看退回整改", Action.LOOK_BACK: "开展回头看", Action.REOPEN: "重新整改",
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
"""The clock that runs in a state for whoever must act next; a state that waits for nobody is absent.

While a follow-up was reported and is not checked yet, supervision's check runs in its place.
"""

RUNNING_STATES = frozenset(AWAITED_STAGE)
LIVE_STATES = RUNNING_STATES | {INITIAL}
"""States in which somebody can still do something for the measure 在办: the open ones, and a follow-up."""

OPEN_STATES = (
    State.DRAFTED, State.ASSIGNED, State.IN_PROGRESS, State.SELF_CHECKED, State.VERIFIED, State.UNDER_REVIEW,
)
"""States in which the closure was not approved yet 未销号, in the order of a life."""
DONE_STATES = frozenset({State.CLOSED, State.FOLLOWING_UP})
"""States in which the closure was approved and stands 已通过销号审核: closed, or watched since. What was withdrawn is
neither open nor done, and counts in nothing but its own number."""
TO_HAND_IN_STATES = frozenset({State.DRAFTED, State.ASSIGNED, State.IN_PROGRESS})
"""The open states in which the unit has still to hand in its self-check."""
HANDED_IN_STATES = frozenset({State.SELF_CHECKED, State.VERIFIED, State.UNDER_REVIEW})
"""The open states in which it was handed in and is being checked or reviewed."""
# fmt: on


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
    of a major one, come on top of the common ones. `new_cycle`: begins another passage, so that what was done in
    the one before binds nobody any more; such a beginning needs a basis, a document it rests on.
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
    new_cycle: bool = False

    def entitled(self, major: bool) -> frozenset[Role]:
        """The roles that may do it."""
        return self.by | self.major_by if major else self.by


_Member = TypeVar("_Member", Role, State)


def _any(*members: _Member) -> frozenset[_Member]:
    return frozenset(members)


_RECTIFYING = _any(State.ASSIGNED, State.IN_PROGRESS)
_ANSWERABLE = RUNNING_STATES | {State.CLOSED}  # a closure does not undo having been late
_UNIT_ACCEPTS = Opening(Stage.ACCEPT, Role.UNIT)
_UNIT_COMPLETES = Opening(Stage.COMPLETE, Role.UNIT)
_UNIT_FOLLOWS_UP = Opening(Stage.FOLLOW_UP, Role.UNIT)
_SUPERVISION_CHECKS = Opening(Stage.CHECK, Role.SUPERVISION)

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
               opens=(_SUPERVISION_CHECKS,)),
    # What a closure still lacks can be brought after the check was passed, or it could never be opened.
    Transition(Action.ADD_EVIDENCE, _any(Role.UNIT, Role.COOPERATING),
               _any(State.IN_PROGRESS, State.SELF_CHECKED, State.VERIFIED)),
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
    # The unit reports, then supervision checks: at any time one clock runs, whose holder must act next. Supervision
    # may look without waiting for the report, which then falls away. What is looked back on without having to be
    # sustained is closed again by the check.
    Transition(Action.FOLLOW_UP_REPORT, _any(Role.UNIT), _any(State.FOLLOWING_UP),
               stops=(Stage.FOLLOW_UP,), opens=(_SUPERVISION_CHECKS,)),
    Transition(Action.FOLLOW_UP_CHECK, _any(Role.SUPERVISION), _any(State.FOLLOWING_UP),
               State.CLOSED, sustained_target=State.FOLLOWING_UP,
               stops=(Stage.CHECK,), voids=(Stage.FOLLOW_UP,), sustained_opens=(_UNIT_FOLLOWS_UP,)),
    Transition(Action.FAIL_FOLLOW_UP, _any(Role.SUPERVISION), _any(State.FOLLOWING_UP), State.IN_PROGRESS,
               stops=(Stage.CHECK,), voids=(Stage.FOLLOW_UP,), opens=(_UNIT_COMPLETES,), needs_reason=True,
               new_cycle=True),
    Transition(Action.LOOK_BACK, _any(Role.SUPERVISION, Role.GENERAL), _any(State.CLOSED), State.FOLLOWING_UP,
               opens=(_UNIT_FOLLOWS_UP,)),
    Transition(Action.REOPEN, _any(Role.SUPERVISION, Role.HEAD), _any(State.CLOSED, State.FOLLOWING_UP),
               State.IN_PROGRESS, voids=(Stage.FOLLOW_UP, Stage.CHECK), opens=(_UNIT_COMPLETES,), needs_reason=True,
               new_cycle=True),
    Transition(Action.ASK_EXTENSION, _any(Role.UNIT), _RECTIFYING,
               opens=(Opening(Stage.DECIDE, Role.LEAD),), needs_reason=True),
    Transition(Action.DECIDE_EXTENSION, _any(Role.LEAD), _RECTIFYING,
               stops=(Stage.DECIDE,), needs_reason=True),
    # The lead's own date answers whatever was asked for.
    Transition(Action.SET_NEW_LIMIT, _any(Role.LEAD), _RECTIFYING, voids=(Stage.DECIDE,), needs_reason=True),
    Transition(Action.HOLD, _any(Role.SUPERVISION), RUNNING_STATES, needs_reason=True),
    Transition(Action.RESUME, _any(Role.SUPERVISION), RUNNING_STATES, needs_reason=True),
    Transition(Action.TAKE_UP, _any(Role.ACCOUNTABILITY), _ANSWERABLE,
               opens=(Opening(Stage.REFER, Role.ACCOUNTABILITY),)),
    Transition(Action.RECORD_OUTCOME, _any(Role.ACCOUNTABILITY), _ANSWERABLE,
               stops=(Stage.REFER,), needs_reason=True),
    Transition(Action.HAND_OVER, _any(Role.GENERAL), RUNNING_STATES, needs_reason=True),
    Transition(Action.WITHDRAW, _any(Role.GENERAL), LIVE_STATES, State.WITHDRAWN,
               voids=tuple(Stage), needs_reason=True),
)
# fmt: on
TRANSITIONS: Mapping[Action, Transition] = MappingProxyType({row.action: row for row in _ROWS})

RETURNS = frozenset({Action.FAIL_CHECK, Action.REJECT})
"""What sends a measure back to its unit within its cycle 退回整改."""
REOPENINGS = frozenset(row.action for row in _ROWS if row.new_cycle)
"""What begins a new cycle after a closure 重新整改, also by a follow-up that failed."""
DATE_DECISIONS = frozenset({Action.ASK_EXTENSION, Action.DECIDE_EXTENSION, Action.SET_NEW_LIMIT})
"""What is asked or decided about the completion date."""
