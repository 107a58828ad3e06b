"""assign 交办 and accept 签收: a draft becomes somebody's duty, and the unit says it has it."""

from datetime import date

from sqlmodel import Session

from models.errors import ActionRefused
from models.handling.case import By, Case, Done, Ground, find_measure, open_case
from models.lifecycle import Action, Stage
from models.news import NewsKind
from models.tables import Measure
from models.timelimit import LimitKind


def assign(session: Session, ground: Ground, no: str, by: By, due_on: date | None = None) -> Done:
    """Opens the unit's clocks: to accept, to complete, and one for each milestone.

    `due_on`: set by a person where the text gave no date.
    """
    proposed = due_on is not None and _propose(find_measure(session, no), due_on)
    case = open_case(session, ground, no, Action.ASSIGN, by)
    if due_on is not None:
        _check_proposal(case, due_on, proposed)
    measure = case.measure
    if measure.due_on is None:
        measure.due_on = ground.policy.immediate.due_on(ground.on_day, ground.calendar)
    assert measure.due_on
    payload = {"due_on": str(measure.due_on), **({"set_by_person": True} if due_on else {})}
    case.settle(payload, {Stage.COMPLETE: measure.due_on})
    case.tell(NewsKind.ASSIGNED, due_on=measure.due_on)
    return case.done()


def accept(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Stops the accept clock."""
    case = open_case(session, ground, no, Action.ACCEPT, by)
    case.settle()
    return case.done()


def _is_settable(measure: Measure) -> bool:
    """Whether a person may set the date: the ledger gave none, or one that asks for a look."""
    gives_none = measure.due_on is None and measure.limit_kind is not LimitKind.IMMEDIATE
    return gives_none or bool(measure.limit_note)


def _propose(measure: Measure, due_on: date) -> bool:
    """Sets the date where a person may. The rules ask whether there is one; a refusal undoes this with all the rest."""
    settable = _is_settable(measure)
    if settable:
        measure.due_on = due_on
    return settable


def _check_proposal(case: Case, due_on: date, proposed: bool) -> None:
    measure, on_day = case.measure, case.ground.on_day
    if not proposed:
        raise ActionRefused(f"措施{measure.no}的完成时限已由台账给出（{measure.limit_text}），交办时不能另定。",
                            "交办后如需调整，请办理延期。")  # fmt: skip
    if due_on < on_day:
        raise ActionRefused(f"给出的完成时限 {due_on} 早于交办日期 {on_day}。", "请给出交办当日或之后的日期。")
