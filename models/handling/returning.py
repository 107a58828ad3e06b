"""Work that goes back to the unit: by a failed check, a rejected closure, a follow-up, a reopening.

All four give the unit a new completion clock under one rule (models/redating.py); the old clock's dates never change.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import col, select

from models.errors import ActionRefused
from models.handling.case import Case, Done
from models.lifecycle import Stage
from models.news import NewsKind
from models.redating import DateFault, fresh_limit
from models.tables import Deadline


def return_to_unit(
    case: Case, given: date | None, missing: Sequence[str] = (), kind: NewsKind = NewsKind.RETURNED
) -> Done:
    """Settles the case with a new completion clock, and tells what is missing and by when."""
    due_on = _due_on(case, given)
    listed = [one.strip() for one in missing if one.strip()]
    case.settle({"due_on": str(due_on), **({"missing": listed} if listed else {})}, {Stage.COMPLETE: due_on})
    case.tell(kind, due_on=due_on)
    return case.done(f"新的整改时限：{due_on}。")


def _due_on(case: Case, given: date | None) -> date:
    """The date of the new clock, never one that takes away time the unit had."""
    ground = case.ground
    old = _last_completion(case)
    workdays = ground.policy.returned.workdays
    assert workdays
    found = fresh_limit(ground.on_day, old.due_on if old else None, given, workdays, ground.calendar)
    if isinstance(found, DateFault):
        raise ActionRefused(f"措施{case.measure.no}：{found.zh}", found.cure)
    return found


def _last_completion(case: Case) -> Deadline | None:
    query = select(Deadline).where(Deadline.measure_id == case.measure.id, Deadline.stage == Stage.COMPLETE)
    return case.session.exec(query.order_by(col(Deadline.id).desc())).first()
