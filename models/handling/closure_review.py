"""open_review 发起销号审核, approve 同意销号, reject 不予销号.

What the closure class needs is looked at before the review is opened, all of it at once; lead, and head for a major
measure, then decide.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session

from models.closure import Lack, lacking
from models.errors import ActionRefused, UsageRefused
from models.handling.case import By, Case, Done, Ground, open_case
from models.handling.files import kinds_of
from models.handling.recurrence import next_occurrence
from models.handling.returning import return_to_unit
from models.ladder import StageLimit
from models.lifecycle import CLOSURE_ZH, Action, ClosureClass, Role, Stage, State
from models.news import NewsKind
from models.tables import Measure


def open_review(session: Session, ground: Ground, no: str, by: By, follow_up: str | None = None) -> Done:
    """Opens the review with lead, and head for a major measure. `follow_up`: the measure's own interval ("6m").

    Raises ActionRefused with everything that is missing; nothing is opened then.
    """
    case = open_case(session, ground, no, Action.OPEN_REVIEW, by)
    _set_interval(case, follow_up)
    sustained = case.measure.closure is ClosureClass.SUSTAINED
    interval = interval_zh(case.measure, ground)
    _refuse_lacking(case, lacking(
        case.measure.closure, kinds_of(session, case.cycle), bool(interval), bool(case.cycle.statement)
    ))  # fmt: skip
    case.settle({"interval": interval} if sustained else {})
    case.tell(NewsKind.REVIEW_WANTED)
    return case.done(*([f"回头看间隔：{interval}。"] if sustained else []))


def approve(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Signs the closure. The measure is closed, or followed up, once every role that must sign has signed."""
    case = open_case(session, ground, no, Action.APPROVE, by)
    if case.step.signed_as is Role.LEAD:
        case.cycle.closed_by_lead = by.person
    else:
        case.cycle.closed_by_head = by.person
    session.add(case.cycle)
    follows = case.step.target is State.FOLLOWING_UP
    due = {Stage.FOLLOW_UP: follow_up_due(case)} if follows else {}
    next_due = {"next_due_on": str(due[Stage.FOLLOW_UP])} if follows else {}
    case.settle({"closure": case.measure.closure.value, **next_due}, due)
    if case.step.target is not State.UNDER_REVIEW:
        case.tell(NewsKind.CLOSED, due_on=due.get(Stage.FOLLOW_UP))
    return case.done(*([f"下次回头看时限：{due[Stage.FOLLOW_UP]}。"] if follows else []))


def reject(
    session: Session, ground: Ground, no: str, by: By, due_on: date | None = None, missing: Sequence[str] = ()
) -> Done:
    """Refuses the closure and sends the measure back, whatever others signed."""
    case = open_case(session, ground, no, Action.REJECT, by)
    case.cycle.closed_by_lead = case.cycle.closed_by_head = None
    session.add(case.cycle)
    return return_to_unit(case, due_on, missing)


def interval_of(measure: Measure, ground: Ground) -> StageLimit:
    """How long until a measure is looked at again: its own interval, else the policy's, which may be none."""
    if measure.follow_up:
        return StageLimit.parse(measure.follow_up)
    return ground.policy.ladders[Stage.FOLLOW_UP].limit


def interval_zh(measure: Measure, ground: Ground) -> str:
    """The same in Chinese, or the recurring limit that takes its place; empty where there is neither."""
    return measure.limit_text if _next_of_text(measure, ground) else interval_of(measure, ground).zh


def _next_of_text(measure: Measure, ground: Ground) -> date | None:
    """When the measure's own recurring limit comes round after this day. An interval that people set goes before."""
    return None if measure.follow_up else next_occurrence(measure, ground.on_day + timedelta(days=1), ground.calendar)


def follow_up_due(case: Case) -> date:
    """When the next follow-up is due after this day: by the measure's own interval, its recurring limit, the policy."""
    measure, ground = case.measure, case.ground
    due_on = _next_of_text(measure, ground) or interval_of(measure, ground).due_on(ground.on_day, ground.calendar)
    if due_on is None:
        raise ActionRefused(
            f"措施{case.measure.no}没有定出回头看的间隔。",
            "请在 policy.yaml 的 stages.follow_up.limit 写明，如 6m。",
        )
    return due_on


def _set_interval(case: Case, written: str | None) -> None:
    if written is None:
        return
    if case.measure.closure is not ClosureClass.SUSTAINED:
        raise UsageRefused(
            f"措施{case.measure.no}的销号类别是“{CLOSURE_ZH[case.measure.closure]}”，不需要回头看间隔。",
            "请去掉 --follow-up。",
        )
    try:
        StageLimit.parse(written)
    except ValueError as error:
        raise UsageRefused(f"回头看间隔“{written}”写法不对。", "请写如 6m（6个月）或 60wd（60个工作日）。") from error
    case.measure.follow_up = written


def _refuse_lacking(case: Case, missing: tuple[Lack, ...]) -> None:
    if not missing:
        return
    cures = {Lack.INTERVAL: "请用 --follow-up 写明回头看间隔"}
    ways = dict.fromkeys(cures.get(lack, "请责任单位用 duban evidence 补充材料") for lack in missing)
    raise ActionRefused(
        f"措施{case.measure.no}（{CLOSURE_ZH[case.measure.closure]}）还不能发起销号审核，"
        f"缺少：{'；'.join(lack.zh for lack in missing)}。",
        f"{'；'.join(ways)}，再发起审核。",
    )
