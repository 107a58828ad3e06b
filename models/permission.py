"""Who may do what now: the table of the lifecycle, and the rules about persons and about the measure. PURE.

`decide()` answers with a `Step`, which says what the action does to state and clocks, or with a `Refusal`, whose
Chinese sentence says why and what would help. It computes no date and reads no table: whoever asks hands over the
facts, as a `Relation` (of the person) and a `Situation` (of the measure).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from models.lifecycle import (
    ACTION_ZH,
    AWAITED_STAGE,
    ROLE_ZH,
    STATE_ZH,
    TRANSITIONS,
    Action,
    ClosureClass,
    Opening,
    Role,
    Stage,
    State,
    Transition,
)

_CHECKS = frozenset({Action.PASS_CHECK, Action.FAIL_CHECK})
_CLOSURES = frozenset({Action.APPROVE, Action.REJECT})
_FOLLOW_UP_CHECKS = frozenset({Action.FOLLOW_UP_CHECK, Action.FAIL_FOLLOW_UP})
_NOT_BY_SUBMITTERS = _CHECKS | _CLOSURES | _FOLLOW_UP_CHECKS
_NOT_BY_VERIFIERS = _CLOSURES | {Action.ADD_EVIDENCE}
_GIVES_TIME = frozenset({Action.DECIDE_EXTENSION, Action.SET_NEW_LIMIT})
_WHILE_HELD = frozenset({Action.REPORT_PROGRESS, Action.RESUME, Action.WITHDRAW})


@dataclass(frozen=True, slots=True)
class Relation:
    """What the rules ask about the acting person. Persons are codes; what they did counts for the present cycle.

    `roles`: of the party acted for, towards this measure. `submitters` handed in a self-check or evidence,
    `verifiers` decided a check. `closers` have approved in the review now open, `signed` are the roles they did it
    for. `reporters` reported in the follow-up now running, `asker` asked last for an extension.
    `excepted`: the head wrote a single-person exception for this person, so that duties need not be kept apart.
    """

    roles: frozenset[Role]
    person: str
    submitters: frozenset[str] = frozenset()
    verifiers: frozenset[str] = frozenset()
    closers: frozenset[str] = frozenset()
    signed: frozenset[Role] = frozenset()
    reporters: frozenset[str] = frozenset()
    asker: str | None = None
    disabled: bool = False
    excepted: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules ask about the measure.

    `since`: the day from which whoever must act next has had it; None where nobody must. `has_limit`: a completion
    date is set, or the measure is due at once. `lacking`: which of unit and lead a draft does not have yet.
    `expired`: its completion clock is past its date. `extension_asked`: in this cycle, decided or not;
    `extension_pending`: not decided yet. `reported`: a follow-up waits for its check.
    `referred`: some clock of it was referred and not taken up yet; `taken_up`: one was, and has no outcome yet.
    """

    closure: ClosureClass = ClosureClass.SETTLED
    major: bool = False
    held: bool = False
    has_limit: bool = True
    lacking: tuple[Role, ...] = ()
    since: date | None = None
    expired: bool = False
    extension_asked: bool = False
    extension_pending: bool = False
    milestone_open: bool = False
    reported: bool = False
    referred: bool = False
    taken_up: bool = False


class RefusalCode(StrEnum):
    """Why an action is refused; of several reasons the first in this order is given."""

    DISABLED = "disabled"
    HELD = "held"
    WRONG_STATE = "wrong_state"
    WRONG_ROLE = "wrong_role"
    NOT_HELD = "not_held"
    INCOMPLETE = "incomplete"
    NO_TIME_LIMIT = "no_time_limit"
    NO_MILESTONE = "no_milestone"
    REPORTED_ALREADY = "reported_already"
    EXPIRED = "expired"
    ASKED_ALREADY = "asked_already"
    NOT_ASKED = "not_asked"
    NOT_EXPIRED = "not_expired"
    NOT_REFERRED = "not_referred"
    NOT_TAKEN_UP = "not_taken_up"
    SUBMITTED_IT = "submitted_it"
    VERIFIED_IT = "verified_it"
    REPORTED_IT = "reported_it"
    ASKED_IT = "asked_it"
    ALREADY_DECIDED = "already_decided"
    APPROVED_IT = "approved_it"
    REASON_MISSING = "reason_missing"
    BASIS_MISSING = "basis_missing"


SEPARATION = frozenset({
    RefusalCode.SUBMITTED_IT, RefusalCode.VERIFIED_IT, RefusalCode.REPORTED_IT, RefusalCode.ASKED_IT,
    RefusalCode.APPROVED_IT,
})  # fmt: skip
"""The rules that keep duties apart, person by person: those a single-person exception lifts."""


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

    `signed_as`: the role a closure decision counts for; that role's clock is the one it meets. `excepted`: it was
    allowed by the single-person exception only.
    """

    target: State
    stops: tuple[Stage, ...] = ()
    voids: tuple[Stage, ...] = ()
    opens: tuple[Opening, ...] = ()
    signed_as: Role | None = None
    excepted: bool = False


def decide(
    action: Action, state: State, relation: Relation, situation: Situation, reason: str = "", has_basis: bool = False
) -> Step | Refusal:
    """What the action does in this state for this person, or why it may not be done. Blank is no reason."""
    row = TRANSITIONS[action]
    code = next(iter(_objections(row, state, relation, situation)), None)
    if code is None and row.needs_reason and not reason.strip():
        code = RefusalCode.REASON_MISSING
    if code is None and row.new_cycle and not has_basis:
        code = RefusalCode.BASIS_MISSING
    if code is not None:
        return Refusal(code, action, state, _sentence(code, row, state, relation, situation))
    return _step(row, state, relation, situation)


def allowed_actions(state: State, relation: Relation, situation: Situation) -> tuple[Action, ...]:
    """What this person may do now, in the table's order; some of it asks for a reason, a basis or a date."""
    return tuple(row.action for row in TRANSITIONS.values() if not _objections(row, state, relation, situation))


def _objections(row: Transition, state: State, relation: Relation, situation: Situation) -> list[RefusalCode]:
    """The rules that are against it, in their order. Whether a reason was given is asked last, by `decide`."""
    action = row.action
    rules = (
        (RefusalCode.DISABLED, relation.disabled),
        (RefusalCode.HELD, situation.held and action not in _WHILE_HELD),
        (RefusalCode.WRONG_STATE, state not in row.sources),
        (RefusalCode.WRONG_ROLE, not relation.roles & row.entitled(situation.major)),
        *_about_the_measure(action, situation),
        *_about_the_person(row, relation, situation.major),
    )
    lifted = SEPARATION if relation.excepted else frozenset[RefusalCode]()
    return [code for code, broken in rules if broken and code not in lifted]


def _about_the_measure(action: Action, situation: Situation) -> tuple[tuple[RefusalCode, bool], ...]:
    asking, new_limit = action is Action.ASK_EXTENSION, action is Action.SET_NEW_LIMIT
    return (
        (RefusalCode.NOT_HELD, action is Action.RESUME and not situation.held),
        (RefusalCode.INCOMPLETE, action is Action.ASSIGN and bool(situation.lacking)),
        (RefusalCode.NO_TIME_LIMIT, action is Action.ASSIGN and not situation.has_limit),
        (RefusalCode.NO_MILESTONE, action is Action.REPORT_MILESTONE and not situation.milestone_open),
        (RefusalCode.REPORTED_ALREADY, action is Action.FOLLOW_UP_REPORT and situation.reported),
        (RefusalCode.EXPIRED, asking and situation.expired),
        (RefusalCode.ASKED_ALREADY, asking and situation.extension_asked),
        (RefusalCode.NOT_ASKED, action is Action.DECIDE_EXTENSION and not situation.extension_pending),
        (RefusalCode.NOT_EXPIRED, new_limit and not situation.expired),
        (RefusalCode.NOT_REFERRED, action is Action.TAKE_UP and not situation.referred),
        (RefusalCode.NOT_TAKEN_UP, action is Action.RECORD_OUTCOME and not situation.taken_up),
    )


def _about_the_person(row: Transition, relation: Relation, major: bool) -> tuple[tuple[RefusalCode, bool], ...]:
    """Nobody judges their own work, nor decides twice, whatever party they do it for."""
    action, person = row.action, relation.person
    return (
        (RefusalCode.SUBMITTED_IT, action in _NOT_BY_SUBMITTERS and person in relation.submitters),
        (RefusalCode.VERIFIED_IT, action in _NOT_BY_VERIFIERS and person in relation.verifiers),
        (RefusalCode.REPORTED_IT, action in _FOLLOW_UP_CHECKS and person in relation.reporters),
        (RefusalCode.ASKED_IT, action in _GIVES_TIME and person == relation.asker),
        (RefusalCode.ALREADY_DECIDED, action in _CLOSURES and not _may_sign(row, relation, major)),
        (RefusalCode.APPROVED_IT, action in _CLOSURES and person in relation.closers),
    )


def _may_sign(row: Transition, relation: Relation, major: bool) -> list[Role]:
    """The roles this party could still decide the closure for."""
    return _in_order((row.entitled(major) & relation.roles) - relation.signed)


def _step(row: Transition, state: State, relation: Relation, situation: Situation) -> Step:
    major, bare = situation.major, replace(relation, excepted=False)
    excepted = relation.excepted and bool(_objections(row, state, bare, situation))
    signed_as = next(iter(_may_sign(row, relation, major)), None) if row.action in _CLOSURES else None
    if row.action is Action.APPROVE and row.entitled(major) - relation.signed - {signed_as}:
        return Step(state, row.stops, signed_as=signed_as, excepted=excepted)
    sustained = situation.closure is ClosureClass.SUSTAINED
    target = (row.sustained_target if sustained else None) or row.target or state
    opens = row.opens + (row.sustained_opens if sustained else ()) + (row.major_opens if major else ())
    return Step(target, row.stops, row.voids, opens, signed_as, excepted)


def _in_order(roles: Iterable[Role]) -> list[Role]:
    return sorted(roles, key=list(Role).index)


def exception_zh(person: str, granted_by: str, since: date, until: date | None, reason: str) -> str:
    """A single-person exception as it is printed wherever it was used, and in every report while it holds."""
    term = f"{since}至{until}" if until else f"自{since}起"
    return f"单人例外：{person}一人兼办应当回避的事项，由组长（{granted_by}）准许，{term}，理由：{reason}"


_SET_BY_ASSIGNMENT = frozenset({RefusalCode.INCOMPLETE, RefusalCode.NO_TIME_LIMIT})


# What a refusal says


def _sentence(code: RefusalCode, row: Transition, state: State, relation: Relation, situation: Situation) -> str:
    name, entitled = ACTION_ZH[row.action], row.entitled(situation.major)
    by_another = "请由其他经办人办理；确因人手过少无法回避的，须由组长书面设定例外"
    missing = _names(entitled - relation.signed)
    sentences = {
        RefusalCode.DISABLED: f"该经办人已停用，不能办理“{name}”；如需恢复，请与综合组联系。",
        RefusalCode.HELD: f"该措施已挂起，恢复之前不能办理“{name}”；请督办组先办理“恢复”。",
        RefusalCode.WRONG_STATE: f"{_where_it_is(state, relation, situation)}，此时不能办理“{name}”；"
        f"{_way_on(state, relation, situation)}。",
        RefusalCode.WRONG_ROLE: f"“{name}”应由{_names(entitled, '或')}办理，"
        f"您现在代表的是{_names(relation.roles) or '与该措施无关的一方'}。",
        RefusalCode.NOT_HELD: "该措施没有挂起，无需恢复。",
        RefusalCode.INCOMPLETE: f"该措施还没有确定{_lacking_zh(situation)}，不能交办；请先补全。",
        RefusalCode.NO_TIME_LIMIT: "该措施还没有确定完成时限，不能交办；请先填写完成时限。",
        RefusalCode.NO_MILESTONE: "该措施没有在计的阶段节点，无需报告；请改用“报进展”或“自查上报”。",
        RefusalCode.REPORTED_ALREADY: f"本次回头看已报告，{_from(situation)}由督办组核查；请等核查之后再办理。",
        RefusalCode.EXPIRED: "整改时限已过，不能再申请延期；请牵头领导办理“重定时限”。",
        RefusalCode.ASKED_ALREADY: "本整改周期已申请过一次延期，不能再次申请；时限过后可由牵头领导办理“重定时限”。",
        RefusalCode.NOT_ASKED: "没有待审批的延期申请；请先由责任单位申请延期。",
        RefusalCode.NOT_EXPIRED: "整改时限尚未过，不能重定时限；确需延长的，请责任单位申请延期。",
        RefusalCode.NOT_REFERRED: "该措施没有待受理的问责提请，无需受理。",
        RefusalCode.NOT_TAKEN_UP: "该措施没有已受理、待处理的问责提请；请先办理“问责受理”。",
        RefusalCode.SUBMITTED_IT: f"本周期的自查或佐证由您上报，按回避要求不能再由您办理“{name}”；{by_another}。",
        RefusalCode.VERIFIED_IT: f"本周期的核查由您办理，按回避要求不能再由您办理“{name}”；{by_another}。",
        RefusalCode.REPORTED_IT: f"本次回头看由您报告，按回避要求不能再由您办理“{name}”；{by_another}。",
        RefusalCode.ASKED_IT: f"本周期的延期由您申请，按回避要求不能再由您办理“{name}”；{by_another}。",
        RefusalCode.ALREADY_DECIDED: f"您所代表的一方已同意销号，不能再办理“{name}”；现待{missing}审核。",
        RefusalCode.APPROVED_IT: f"您已同意销号，不能再以另一身份办理“{name}”；现待{missing}审核，{by_another}。",
        RefusalCode.REASON_MISSING: f"办理“{name}”须写明理由。",
        RefusalCode.BASIS_MISSING: f"办理“{name}”须附依据材料（如检查记录、会议纪要）。",
    }
    return sentences[code]


def _lacking_zh(situation: Situation) -> str:
    """All that a draft lacks, so that it is looked for once."""
    limit = () if situation.has_limit else ("完成时限",)
    return "、".join((*(ROLE_ZH[role] for role in situation.lacking), *limit))


def _names(roles: Iterable[Role], joined_by: str = "、") -> str:
    return joined_by.join(ROLE_ZH[role] for role in _in_order(roles))


def _holders(state: State, relation: Relation, situation: Situation) -> frozenset[Role]:
    """The roles that must act next; none where nobody must. In a review, those that have not signed yet."""
    if state is State.UNDER_REVIEW:
        return TRANSITIONS[Action.APPROVE].entitled(situation.major) - relation.signed
    if state is State.FOLLOWING_UP:
        return frozenset({Role.SUPERVISION if situation.reported else Role.UNIT})
    stage = AWAITED_STAGE.get(state)
    return frozenset(o.holder for row in TRANSITIONS.values() for o in row.opens if o.stage is stage)


def _from(situation: Situation) -> str:
    return f"自{situation.since}起" if situation.since else "现"


def _where_it_is(state: State, relation: Relation, situation: Situation) -> str:
    holders = _names(_holders(state, relation, situation))
    if situation.held:
        return f"该措施现为“{STATE_ZH[state]}”，{_from(situation)}挂起"
    with_whom = f"，{_from(situation)}由{holders}办理" if holders and situation.since else ""
    return f"该措施现为“{STATE_ZH[state]}”{with_whom}"


def _way_on(state: State, relation: Relation, situation: Situation) -> str:
    """What this person may do that leads on, else which actions do and who may do them."""
    mine = [a for a in allowed_actions(state, relation, situation) if _leads_on(TRANSITIONS[a], state, situation)]
    if mine:
        return f"您现在可以办理：{'、'.join(ACTION_ZH[action] for action in mine)}"
    actions: dict[str, list[str]] = {}
    for row in TRANSITIONS.values():
        if state in row.sources and _leads_on(row, state, situation):
            who = row.entitled(situation.major) - (relation.signed if row.action in _CLOSURES else frozenset())
            actions.setdefault(_names(who), []).append(ACTION_ZH[row.action])
    ways = "，".join(f"{'、'.join(names)}（{who}）" for who, names in actions.items())
    return f"现在可以办理：{ways}" if ways else "已没有可以办理的事项"


def _leads_on(row: Transition, state: State, situation: Situation) -> bool:
    if situation.held:
        return row.action is Action.RESUME
    about = _about_the_measure(row.action, situation)
    if any(broken for code, broken in about if code not in _SET_BY_ASSIGNMENT):
        return False
    return row.target not in (None, State.WITHDRAWN) or AWAITED_STAGE.get(state) in row.stops
