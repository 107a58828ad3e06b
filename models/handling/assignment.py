"""assign 交办 and accept 签收: a draft becomes somebody's duty, and the unit says it has it."""

from datetime import date

from sqlmodel import Session

from models.errors import ActionRefused
from models.handling import clocks
from models.handling.case import By, Done, Ground, find_measure, open_case
from models.lifecycle import Action, Stage
from models.tables import Cycle
from models.timelimit import LimitKind


def assign(session: Session, ground: Ground, no: str, by: By, due_on: date | None = None) -> Done:
    """Opens the unit's clocks: to accept, and to complete. `due_on`: set by a person where the text gave no date."""
    if due_on is not None:
        _set_limit(session, ground, no, due_on)
    case = open_case(session, ground, no, Action.ASSIGN, by)
    measure, policy, calendar = case.measure, ground.policy, ground.calendar
    assert measure.id
    if measure.due_on is None:
        measure.due_on = policy.immediate.due_on(ground.on_day, calendar)
    accept_by = policy.ladders[Stage.ACCEPT].limit.due_on(ground.on_day, calendar)
    assert measure.due_on and accept_by
    cycle = Cycle(measure_id=measure.id, opened_on=ground.on_day)
    session.add(cycle)
    session.flush()
    seq = case.settle({"due_on": str(measure.due_on), **({"set_by_person": True} if due_on else {})})
    for stage, limit in ((Stage.ACCEPT, accept_by), (Stage.COMPLETE, measure.due_on)):
        clocks.start(
            session, measure, cycle, clocks.NewClock(stage, measure.unit_id, limit, ground.on_day, seq, policy)
        )
    return case.done()


def accept(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Stops the accept clock."""
    case = open_case(session, ground, no, Action.ACCEPT, by)
    case.settle()
    return case.done()


def _set_limit(session: Session, ground: Ground, no: str, due_on: date) -> None:
    measure = find_measure(session, no)
    is_sure = not measure.limit_note
    if is_sure and (measure.due_on is not None or measure.limit_kind is LimitKind.IMMEDIATE):
        raise ActionRefused(f"措施{no}的完成时限已由台账给出（{measure.limit_text}），交办时不能另定。",
                            "交办后如需调整，请办理延期。")  # fmt: skip
    if due_on < ground.on_day:
        raise ActionRefused(f"给出的完成时限 {due_on} 早于交办日期 {ground.on_day}。", "请给出交办当日或之后的日期。")
    measure.due_on = due_on
    session.add(measure)
