"""ask_extension 申请延期, decide_extension 延期审批, set_new_limit 重定时限: the completion date moves.

A clock's first date stays whatever is granted. What was asked for stands in the record; whether it waits for an
answer is told by the decide clock.
"""

import json
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.errors import ActionRefused
from models.handling import clocks
from models.handling.case import By, Case, Done, Ground, open_case
from models.lifecycle import Action, Stage
from models.news import NewsKind
from models.redating import DateFault, extension_fault, grant_fault, new_limit_fault
from models.tables import Deadline, Event


def ask_extension(session: Session, ground: Ground, no: str, by: By, until: date) -> Done:
    """Asks the lead for a later date: in time, once a cycle, within the policy's bound."""
    case = open_case(session, ground, no, Action.ASK_EXTENSION, by)
    due_on = _completion(case).due_on
    _refuse(case, extension_fault(ground.on_day, due_on, until, ground.policy.extension, ground.calendar))
    case.settle({"old_due_on": str(due_on), "new_due_on": str(until)})
    case.tell(NewsKind.EXTENSION_ASKED)
    return case.done()


def decide_extension(session: Session, ground: Ground, no: str, by: By, granted: bool) -> Done:
    """Grants the date asked for, under which the clock's ladder begins anew, or refuses it."""
    case = open_case(session, ground, no, Action.DECIDE_EXTENSION, by)
    clock, asked = _completion(case), _asked(case)
    until = date.fromisoformat(asked["new_due_on"])
    if granted:
        _refuse(case, grant_fault(ground.on_day, clock.due_on, until))
    dates = {"old_due_on": str(clock.due_on), "new_due_on": str(until)}
    case.settle({"granted": granted, **dates})
    if granted:
        clocks.move(clock, until, ground.on_day, case.seq)
    kind = NewsKind.EXTENSION_GRANTED if granted else NewsKind.EXTENSION_REFUSED
    case.tell(kind, due_on=clock.due_on)
    return case.done(f"整改时限{'改为' if granted else '仍为'} {clock.due_on}。")


def set_new_limit(session: Session, ground: Ground, no: str, by: By, due_on: date) -> Done:
    """Sets a new completion date after the old one expired."""
    case = open_case(session, ground, no, Action.SET_NEW_LIMIT, by)
    clock = _completion(case)
    _refuse(case, new_limit_fault(ground.on_day, clock.due_on, due_on))
    case.settle({"old_due_on": str(clock.due_on), "new_due_on": str(due_on)})
    clocks.move(clock, due_on, ground.on_day, case.seq)
    case.tell(NewsKind.LIMIT_SET, due_on=due_on)
    return case.done(f"整改时限改为 {due_on}。")


def _completion(case: Case) -> Deadline:
    clock = case.facts.clock(Stage.COMPLETE)
    assert clock, "a measure that is being rectified has a completion clock"
    return clock


def _asked(case: Case) -> dict[str, Any]:
    """What the newest request of this measure asked for."""
    query = select(Event.payload).where(Event.measure_id == case.measure.id, Event.action == Action.ASK_EXTENSION)
    found: dict[str, Any] = json.loads(case.session.exec(query.order_by(col(Event.seq).desc())).first() or "{}")
    return found


def _refuse(case: Case, fault: DateFault | None) -> None:
    if fault:
        raise ActionRefused(f"措施{case.measure.no}：{fault.zh}", fault.cure)
