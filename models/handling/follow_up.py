"""follow_up 回头看: the unit reports that it still holds, supervision checks; what is found wanting begins anew.

Also look_back 开展回头看, which opens a follow-up on what was closed before, of this round or an earlier one, and
reopen 重新整改, whenever a closed measure turns out not to be settled.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from models.errors import ActionRefused
from models.evidence import StagedFile
from models.handling.case import By, Done, Ground, open_case, plain
from models.handling.closure_review import follow_up_due
from models.handling.files import attach, listed
from models.handling.returning import return_to_unit
from models.lifecycle import Action, Stage, State
from models.news import NewsKind


def follow_up_report(
    session: Session, ground: Ground, no: str, by: By, statement: str, evidence: Sequence[StagedFile] = ()
) -> Done:
    """Stops the unit's clock and opens supervision's check."""
    case = open_case(session, ground, no, Action.FOLLOW_UP_REPORT, by)
    said: str = plain(statement).strip()
    if not said:
        raise ActionRefused(f"措施{no}：须写明回头看情况。", "请用 --statement 写明。")
    case.cycle.follow_up_reported_by, case.cycle.follow_up_checked_by = by.person, None
    session.add(case.cycle)
    case.settle({"statement": said, "evidence": listed(evidence)})
    attach(case, evidence)
    case.tell(NewsKind.CHECK_WANTED)
    return case.done()


def follow_up_check(session: Session, ground: Ground, no: str, by: By) -> Done:
    """It still holds: the next follow-up opens where the measure is sustained, else it is closed again."""
    case = open_case(session, ground, no, Action.FOLLOW_UP_CHECK, by)
    case.cycle.follow_up_checked_by = by.person
    session.add(case.cycle)
    follows = case.step.target is State.FOLLOWING_UP
    due = {Stage.FOLLOW_UP: follow_up_due(case)} if follows else {}
    case.settle({"next_due_on": str(due[Stage.FOLLOW_UP])} if follows else {}, due)
    case.cycle.follow_up_reported_by = case.cycle.follow_up_checked_by = None
    case.tell(NewsKind.FOLLOW_UP_PASSED, due_on=due.get(Stage.FOLLOW_UP))
    return case.done(*([f"下次回头看时限：{due[Stage.FOLLOW_UP]}。"] if follows else []))


def fail_follow_up(
    session: Session, ground: Ground, no: str, by: By, due_on: date | None = None, missing: Sequence[str] = ()
) -> Done:
    """Found wanting in a follow-up: begins a new cycle, with reason and basis."""
    case = open_case(session, ground, no, Action.FAIL_FOLLOW_UP, by)
    case.cycle.follow_up_checked_by = by.person
    session.add(case.cycle)
    return return_to_unit(case, due_on, missing, NewsKind.REOPENED)


def reopen(session: Session, ground: Ground, no: str, by: By, due_on: date | None = None) -> Done:
    """Begins a new cycle with a new completion clock, with reason and basis; the old cycle's dates never change."""
    case = open_case(session, ground, no, Action.REOPEN, by)
    return return_to_unit(case, due_on, kind=NewsKind.REOPENED)


def look_back(session: Session, ground: Ground, no: str, by: By, due_on: date | None = None) -> Done:
    """Opens a follow-up on a closed measure; due on the day given, else after the interval."""
    case = open_case(session, ground, no, Action.LOOK_BACK, by)
    if due_on is not None and due_on < ground.on_day:
        raise ActionRefused(f"回头看时限 {due_on} 早于办理日期 {ground.on_day}。", "请给出当日或之后的日期。")
    due = due_on or follow_up_due(case)
    case.settle({"next_due_on": str(due)}, {Stage.FOLLOW_UP: due})
    case.tell(NewsKind.FOLLOW_UP_WANTED, due_on=due)
    return case.done(f"回头看时限：{due}。")
