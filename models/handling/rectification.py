"""What the unit does while it rectifies: progress, milestones, the self-check 自查上报, further evidence 补充佐证."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from models.closure import lacking
from models.errors import ActionRefused, UsageRefused
from models.evidence import StagedFile
from models.handling.case import By, Case, Done, Ground, open_case, plain
from models.handling.files import attach, kinds_of, listed
from models.lifecycle import Action, Stage
from models.news import NewsKind
from models.tables import Deadline, Milestone


def report_progress(session: Session, ground: Ground, no: str, by: By, text: str, percent: int) -> Done:
    """A text and a percentage for board and reports. No clock is touched and nobody is told."""
    if not 0 <= percent <= 100:
        raise UsageRefused(f"进度 {percent}% 不在 0 到 100 之间。", "请写 0 到 100 之间的整数。")
    case = open_case(session, ground, no, Action.REPORT_PROGRESS, by)
    said = _text(no, text, "进展情况", "--text")
    case.measure.percent, case.measure.progress = percent, said
    case.settle({"text": said, "percent": percent})
    return case.done()


def report_milestone(
    session: Session, ground: Ground, no: str, by: By, statement: str, due_on: date | None = None
) -> Done:
    """Stops one milestone: the one due on that day, else the next one due."""
    case = open_case(session, ground, no, Action.REPORT_MILESTONE, by)
    said = _text(no, statement, "节点完成情况", "--statement")
    clock = _milestone(case, due_on)
    milestone = session.get(Milestone, clock.milestone_id) if clock.milestone_id else None
    payload = {"statement": said, "due_on": str(clock.due_on)}
    case.settle({**payload, **({"milestone": milestone.text} if milestone else {})}, only=clock.id)
    return case.done()


def submit_self_check(
    session: Session, ground: Ground, no: str, by: By, statement: str, evidence: Sequence[StagedFile] = ()
) -> Done:
    """Stops accept and complete, voids the milestones left, and opens the check. An empty statement is refused.

    What the closure would still lack is told at once, so that it can be brought in time.
    """
    case = open_case(session, ground, no, Action.SUBMIT_SELF_CHECK, by)
    said = _text(no, statement, "整改情况，做了什么、成效如何", "--statement")
    cycle = case.cycle
    # What was decided on an earlier submission is over: who decided it may be another than who decides this one.
    cycle.statement, cycle.submitted_by, cycle.verified_by = said, by.person, None
    cycle.closed_by_lead = cycle.closed_by_head = None
    session.add(cycle)
    case.settle({"statement": cycle.statement, "evidence": listed(evidence)})
    attach(case, evidence)
    case.tell(NewsKind.CHECK_WANTED)
    missing = lacking(case.measure.closure, kinds_of(session, cycle), has_interval=True, has_statement=True)
    notes = [f"提示：销号时还需要{lack.zh}，可用 duban evidence 补充。" for lack in missing]
    return case.done(*notes)


def add_evidence(session: Session, ground: Ground, no: str, by: By, evidence: Sequence[StagedFile]) -> Done:
    """Adds files to the present cycle, up to the opening of the closure review."""
    case = open_case(session, ground, no, Action.ADD_EVIDENCE, by)
    if not evidence:
        raise UsageRefused("没有给出要补充的佐证材料。", "请用 --evidence 给出文件，可多次给出。")
    case.settle({"evidence": listed(evidence)})
    attach(case, evidence)
    case.tell(NewsKind.EVIDENCE_ADDED)
    return case.done()


def _milestone(case: Case, due_on: date | None) -> Deadline:
    query = select(Deadline).where(
        Deadline.measure_id == case.measure.id,
        Deadline.stage == Stage.MILESTONE,
        col(Deadline.stopped_on).is_(None),
    )
    running = case.session.exec(query.order_by(col(Deadline.due_on), col(Deadline.id))).all()
    chosen = [clock for clock in running if due_on in (None, clock.due_on)]
    if not chosen:
        dates = "、".join(str(clock.due_on) for clock in running)
        raise ActionRefused(f"措施{case.measure.no}没有 {due_on} 到期的节点。", f"在计的节点：{dates}。")
    return chosen[0]


def _text(no: str, written: str, what: str, option: str) -> str:
    """What was written, plain and without blanks around it. Raises ActionRefused where nothing is left."""
    said: str = plain(written).strip()
    if not said:
        raise ActionRefused(f"措施{no}：须写明{what}。", f"请用 {option} 写明。")
    return said
