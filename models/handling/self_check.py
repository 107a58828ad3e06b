"""submit_self_check 自查上报: the unit says it is done, with a statement and evidence; supervision must check."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from models.errors import ActionRefused, NotFound
from models.evidence import StoredFile
from models.handling import clocks
from models.handling.case import By, Done, Ground, open_case
from models.lifecycle import Action, Role, Stage
from models.tables import Evidence, RoundParty


def submit_self_check(
    session: Session, ground: Ground, no: str, by: By, statement: str, evidence: Sequence[StoredFile] = ()
) -> Done:
    """Stops accept and complete, voids the milestones left, and opens the check. An empty statement is refused."""
    if not statement.strip():
        raise ActionRefused(f"措施{no}：自查上报须写明整改情况。", "请用 --statement 写明做了什么、成效如何。")
    case = open_case(session, ground, no, Action.SUBMIT_SELF_CHECK, by)
    cycle, measure = case.cycle, case.measure
    assert cycle and cycle.id
    # A check that failed is over: who made it may be another than who checks this submission.
    cycle.statement, cycle.submitted_by, cycle.verified_by = statement.strip(), by.person, None
    session.add(cycle)
    given = {file.sha256: file for file in evidence}
    _attach(session, cycle.id, given)
    seq = case.settle({"statement": cycle.statement, "evidence": list(given)})
    due_on = ground.policy.ladders[Stage.CHECK].limit.due_on(ground.on_day, ground.calendar)
    assert due_on
    holder = _supervision(session, measure.round_id)
    opened = clocks.NewClock(Stage.CHECK, holder, due_on, ground.on_day, seq, ground.policy)
    clocks.start(session, measure, cycle, opened)
    return case.done()


def _attach(session: Session, cycle_id: int, given: Mapping[str, StoredFile]) -> None:
    """Adds the evidence to its cycle. What an earlier self-check brought is there already."""
    known = set(session.exec(select(Evidence.sha256).where(Evidence.cycle_id == cycle_id)))
    for sha256, file in given.items():
        if sha256 not in known:
            session.add(Evidence(cycle_id=cycle_id, sha256=sha256, name=file.name, size=file.size))


def _supervision(session: Session, round_id: int) -> int:
    """The party that must check; of several supervision groups the first."""
    query = select(RoundParty.party_id).where(RoundParty.round_id == round_id, RoundParty.role == Role.SUPERVISION)
    found = session.exec(query.order_by(col(RoundParty.party_id))).first()
    if found is None:
        raise NotFound("本轮次没有督办组，自查无人核查。", "请在 directory.yaml 中写明身份为 supervision 的责任主体。")
    return found
