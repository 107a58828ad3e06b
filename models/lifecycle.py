"""The life of a measure: states, actions, roles, and one table of what may happen. PURE.

`TRANSITIONS` is the table a supervisor can read; buttons, commands, docs and tests derive from it.
`decide()` answers whether an action is allowed for this state, these roles and this relation, and what it
does to the clocks. Dates are not computed here (models/handling does), nothing is stored here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


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


STATE_ZH: Mapping[State, str] = MappingProxyType({
    State.DRAFTED: "待交办",
    State.ASSIGNED: "待签收",
    State.IN_PROGRESS: "整改中",
    State.SELF_CHECKED: "待核查",
    State.VERIFIED: "待发起审核",
    State.UNDER_REVIEW: "销号审核中",
    State.CLOSED: "已销号",
    State.FOLLOWING_UP: "长期坚持中",
    State.WITHDRAWN: "已作废",
})
ROLE_ZH: Mapping[Role, str] = MappingProxyType({
    Role.UNIT: "责任单位",
    Role.COOPERATING: "配合单位",
    Role.LEAD: "牵头领导",
    Role.GENERAL: "综合组",
    Role.SUPERVISION: "督办组",
    Role.ACCOUNTABILITY: "责任追究组",
    Role.HEAD: "组长",
})
STAGE_ZH: Mapping[Stage, str] = MappingProxyType({
    Stage.ACCEPT: "签收",
    Stage.COMPLETE: "整改",
    Stage.MILESTONE: "节点",
    Stage.CHECK: "督查核查",
    Stage.OPEN_REVIEW: "发起审核",
    Stage.REVIEW: "销号审核",
    Stage.DECIDE: "延期审批",
    Stage.FOLLOW_UP: "回头看",
    Stage.REFER: "问责",
})
CLOSURE_ZH: Mapping[ClosureClass, str] = MappingProxyType({
    ClosureClass.SETTLED: "限时办结",
    ClosureClass.MECHANISM: "完善长效机制",
    ClosureClass.SUSTAINED: "长期坚持",
})
