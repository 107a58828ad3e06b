"""pass_check 核查通过 and fail_check 退回整改: supervision looks at what the unit handed in."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from models.handling.case import By, Done, Ground, open_case
from models.handling.returning import return_to_unit
from models.lifecycle import Action


def pass_check(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Stops the check and opens the clock by which the closure review must be opened. A reason is an opinion here."""
    case = open_case(session, ground, no, Action.PASS_CHECK, by)
    case.cycle.verified_by = by.person
    session.add(case.cycle)
    case.settle()
    return case.done()


def fail_check(
    session: Session, ground: Ground, no: str, by: By, due_on: date | None = None, missing: Sequence[str] = ()
) -> Done:
    """Sends the measure back with what is missing, under a new completion clock."""
    case = open_case(session, ground, no, Action.FAIL_CHECK, by)
    case.cycle.verified_by = by.person
    session.add(case.cycle)
    return return_to_unit(case, due_on, missing)
