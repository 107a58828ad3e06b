"""hand_over 改派 and withdraw 作废: the general group gives a measure to another unit or lead, or takes it back."""

from sqlalchemy import delete
from sqlmodel import Session, col

from models.errors import UsageRefused
from models.handling import clocks
from models.handling.case import By, Case, Done, Ground, open_case, party_named, party_row
from models.lifecycle import ROLE_ZH, Action, Role, Stage
from models.news import NewsKind, hearers
from models.store.parties import refresh_several_roles
from models.tables import Cooperation, Party


def hand_over(
    session: Session, ground: Ground, no: str, by: By, unit: str | None = None, lead: str | None = None
) -> Done:
    """Gives the measure to another unit, another lead, or both, with reason; its clocks change holder."""
    if not unit and not lead:
        raise UsageRefused("没有写明改派给谁。", "请用 --unit 或 --lead 写明责任单位或牵头领导。")
    case = open_case(session, ground, no, Action.HAND_OVER, by)
    changes = [_change(case, role, written) for role, written in ((Role.UNIT, unit), (Role.LEAD, lead)) if written]
    names: dict[str, str] = {}
    for role, before, after in changes:
        names |= {f"{role}_before": before.name, f"{role}_after": after.name}
    case.settle(names)
    for role, _, _ in changes:
        clocks.hand_over(case.facts.clocks, case.measure, role, _held_as(case, role), ground.on_day, case.seq)
    session.flush()
    refresh_several_roles(session.connection())
    _tell(case, changes)
    return case.done()


def withdraw(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Ends a measure that should not be done; all its clocks fall away."""
    case = open_case(session, ground, no, Action.WITHDRAW, by)
    was_told = case.facts.cycle is not None  # a draft was nobody's business yet
    case.settle()
    if was_told:
        case.tell_holders(NewsKind.WITHDRAWN)
    return case.done()


def _change(case: Case, role: Role, written: str) -> tuple[Role, Party, Party]:
    """Puts the new party into the measure, and gives the role, the one before and the new one."""
    session, measure = case.session, case.measure
    named = party_named(case.ground.directory, written, role)
    after = party_row(session, named.code)
    before = session.get_one(Party, measure.unit_id if role is Role.UNIT else measure.lead_id)
    if after.id == before.id:
        raise UsageRefused(f"措施{measure.no}的{ROLE_ZH[role]}已经是{before.name}。", "请写明另一方。")
    assert after.id
    if role is Role.UNIT:
        measure.unit_id = after.id
        # Whoever helped and now answers for it does not help itself.
        helping = delete(Cooperation).where(
            col(Cooperation.measure_id) == measure.id, col(Cooperation.party_id) == after.id
        )
        session.connection().execute(helping)
    else:
        measure.lead_id = after.id
    return role, before, after


def _held_as(case: Case, role: Role) -> list[int]:
    """The clocks that are held in this role. Of two reviews the first is the lead's, until the lead has signed."""
    if role is Role.UNIT:
        return [clock.id for clock in case.facts.clocks if clock.stage in _OF_UNIT and clock.id]
    found = [case.facts.clock(Stage.DECIDE), None if case.cycle.closed_by_lead else case.facts.clock(Stage.REVIEW)]
    return [clock.id for clock in found if clock and clock.id]


_OF_UNIT = frozenset({Stage.ACCEPT, Stage.COMPLETE, Stage.MILESTONE, Stage.FOLLOW_UP})


def _tell(case: Case, changes: list[tuple[Role, Party, Party]]) -> None:
    """The new ones, the old ones, and whoever else works with them, each once."""
    new = [(role, after.id) for role, _, after in changes if after.id]
    taking = {party_id for _, party_id in new}
    old = [(role, before.id) for role, before, _ in changes if before.id and before.id not in taking]
    concerned = {party_id for _, party_id in (*new, *old)}
    case.facts.forget_parties()
    rest = [
        (role, party_id)
        for role in hearers(NewsKind.REASSIGNED, case.measure.major)
        for party_id in case.facts.parties.get(role, ())
        if party_id not in concerned
    ]
    for role, party_id in new:
        mine = [clock.due_on for clock in case.facts.clocks if clock.id in _held_as(case, role)]
        case.tell(NewsKind.HANDED_OVER, due_on=min(mine, default=None), only_to=[(role, party_id)])
    case.tell(NewsKind.TAKEN_AWAY, only_to=old)
    case.tell(NewsKind.REASSIGNED, only_to=rest)
