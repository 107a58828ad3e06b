"""hold 挂起 and resume 恢复: every clock of a measure pauses, and runs on with the working days it had left."""

from collections.abc import Iterable

from sqlmodel import Session

from models.handling import clocks
from models.handling.case import By, Done, Ground, open_case
from models.lifecycle import STAGE_ZH, Action
from models.news import NewsKind
from models.tables import Deadline


def hold(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Pauses every clock of the measure, with reason."""
    case = open_case(session, ground, no, Action.HOLD, by)
    running = [clock for clock in case.facts.clocks if clock.held_on is None]
    clocks.hold(running, ground.on_day, ground.calendar)
    case.settle({"days_left": {clock.stage.value: clock.held_days for clock in _next_last(running)}})
    case.tell_holders(NewsKind.HELD)
    return case.done()


def resume(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Lets every clock run on: due as many working days from this day as were left, or late by as many as it was."""
    case = open_case(session, ground, no, Action.RESUME, by)
    held = [clock for clock in case.facts.clocks if clock.held_on is not None]
    dates = {
        clock.stage.value: str(ground.calendar.add_workdays(ground.on_day, clock.held_days))
        for clock in _next_last(held)
        if clock.held_days is not None
    }
    case.settle({"due": dates})
    clocks.resume(session, held, ground.on_day, case.seq, ground.calendar)
    case.tell_holders(NewsKind.RESUMED)
    return case.done(*(f"{STAGE_ZH[clock.stage]}时限改为 {clock.due_on}。" for clock in held))


def _next_last(running: Iterable[Deadline]) -> list[Deadline]:
    """Of several milestones the one due next is named: the later in a mapping by stage counts."""
    return sorted(running, key=lambda clock: clock.due_on, reverse=True)
