"""take_up 问责受理 and record_outcome 处理结果: the accountability group answers a referral 问责提请.

Once a referral was taken up, its repeats to accountability and head end; unit and lead are told on as before.
"""

from sqlmodel import Session

from models.handling.case import By, Done, Ground, open_case
from models.lifecycle import Action
from models.news import NewsKind
from models.outcome import Outcome
from models.tables import Deadline


def take_up(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Takes up what was referred, and opens the clock by which there must be an outcome."""
    case = open_case(session, ground, no, Action.TAKE_UP, by)
    referred = [session.get_one(Deadline, number) for number in case.facts.referred_clocks]
    case.settle({"clocks": list(case.facts.referred_clocks)})
    for clock in referred:
        clock.taken_up_on = ground.on_day
        session.add(clock)
    case.tell(NewsKind.TAKEN_UP)
    return case.done(f"须在 {case.opened[0][1].due_on} 及以前登记处理结果。")


def record_outcome(session: Session, ground: Ground, no: str, by: By, outcome: Outcome) -> Done:
    """Stops the referral's clock with what came of it. The reason says on which findings."""
    case = open_case(session, ground, no, Action.RECORD_OUTCOME, by)
    case.settle({"outcome": outcome.zh})
    case.tell(NewsKind.OUTCOME)
    return case.done()
