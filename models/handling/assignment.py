"""assign 交办 and accept 签收: a draft becomes somebody's duty, and the unit says it has it.

What a draft still lacks may be filled in as it is assigned; what its ledger gave may not be changed then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, select

from models.errors import ActionRefused, UsageRefused
from models.handling.case import By, Case, Done, Ground, find_measure, open_case, party_named, party_row
from models.handling.recurrence import next_occurrence
from models.lifecycle import ROLE_ZH, Action, ClosureClass, Role, Stage, State
from models.news import NewsKind
from models.store.parties import refresh_several_roles
from models.tables import Cooperation, Measure
from models.timelimit import LimitKind


@dataclass(frozen=True, slots=True)
class Filling:
    """What a person fills into a draft: parties by code or name, and the closure class. None and empty leave it."""

    unit: str | None = None
    lead: str | None = None
    cooperating: tuple[str, ...] = ()
    closure: ClosureClass | None = None


NOTHING = Filling()


def assign(
    session: Session, ground: Ground, no: str, by: By, due_on: date | None = None, filling: Filling = NOTHING
) -> Done:
    """Opens the unit's clocks: to accept, to complete, and one for each milestone.

    `due_on`: set by a person where the text gave no date. `filling`: what the draft lacks otherwise.
    """
    proposal = _propose(session, ground, find_measure(session, no), due_on, filling)
    case = open_case(session, ground, no, Action.ASSIGN, by)
    measure = case.measure
    _refuse_given(measure, proposal.given)
    if due_on is not None:
        _check_date(case, due_on, proposal.dated)
    measure.due_on = held_to = _held_to(measure, ground, by_person=due_on is not None)
    payload = {"due_on": str(held_to), **({"set_by_person": True} if due_on else {}), **proposal.payload}
    case.settle(payload, {Stage.COMPLETE: held_to})
    if proposal.filled:
        refresh_several_roles(session.connection())
    case.tell(NewsKind.ASSIGNED, due_on=held_to)
    return case.done()


def accept(session: Session, ground: Ground, no: str, by: By) -> Done:
    """Stops the accept clock."""
    case = open_case(session, ground, no, Action.ACCEPT, by)
    case.settle()
    return case.done()


@dataclass(frozen=True, slots=True)
class _Proposal:
    """What was put into the draft before the rules are asked, and what may not be since the ledger gave it.

    `dated`: whether the date was one that a person may set.
    """

    filled: Mapping[str, Any]
    given: tuple[str, ...]
    dated: bool

    @property
    def payload(self) -> dict[str, Any]:
        return {"filled": dict(self.filled)} if self.filled else {}


def _propose(session: Session, ground: Ground, draft: Measure, due_on: date | None, filling: Filling) -> _Proposal:
    """Fills in what a person may. The rules ask what is there; a refusal undoes this with all the rest."""
    dated = due_on is not None and _is_settable(draft)
    if dated:
        draft.due_on = due_on
    if draft.state is not State.DRAFTED:
        return _Proposal({}, (), dated)
    given = tuple(_given(session, draft, filling))
    return _Proposal({} if given else _fill(session, ground, draft, filling), given, dated)


def _given(session: Session, draft: Measure, filling: Filling) -> Iterator[str]:
    """What the ledger gave of what is to be filled in. The class is open only as long as somebody is missing."""
    if filling.unit and draft.unit_id is not None:
        yield ROLE_ZH[Role.UNIT]
    if filling.lead and draft.lead_id is not None:
        yield ROLE_ZH[Role.LEAD]
    helping = select(Cooperation.party_id).where(Cooperation.measure_id == draft.id)
    if filling.cooperating and session.exec(helping).first() is not None:
        yield ROLE_ZH[Role.COOPERATING]
    if filling.closure and draft.unit_id is not None and draft.lead_id is not None:
        yield "销号类别"


def _refuse_given(measure: Measure, given: tuple[str, ...]) -> None:
    if given:
        raise ActionRefused(f"措施{measure.no}的{'、'.join(given)}已由台账给出，交办时不能另定。",
                            "请在台账中改正后重新导入，再交办。")  # fmt: skip


def _fill(session: Session, ground: Ground, draft: Measure, filling: Filling) -> dict[str, Any]:
    """Puts in what was given, and says what that was."""
    filled: dict[str, Any] = {}
    if filling.unit:
        filled["unit"] = party_named(ground.directory, filling.unit, Role.UNIT).code
        draft.unit_id = party_row(session, filled["unit"]).id
    if filling.lead:
        filled["lead"] = party_named(ground.directory, filling.lead, Role.LEAD, Role.HEAD).code
        draft.lead_id = party_row(session, filled["lead"]).id
    if filling.cooperating:
        filled["cooperating"] = _cooperate(session, ground, draft, filling.cooperating)
    if filling.closure:
        filled["closure"] = filling.closure.value
        draft.closure = filling.closure
    return filled


def _cooperate(session: Session, ground: Ground, draft: Measure, written: tuple[str, ...]) -> list[str]:
    assert draft.id
    codes = list(dict.fromkeys(party_named(ground.directory, one, Role.UNIT).code for one in written))
    for code in codes:
        party_id = party_row(session, code).id
        if party_id == draft.unit_id:
            raise UsageRefused(f"措施{draft.no}的责任单位不能同时是配合单位。", "请从配合单位中去掉责任单位。")
        assert party_id
        session.add(Cooperation(measure_id=draft.id, party_id=party_id))
    return codes


def _is_settable(measure: Measure) -> bool:
    """Whether a person may set the date: the ledger gave none, or one that asks for a look."""
    gives_none = measure.due_on is None and measure.limit_kind is not LimitKind.IMMEDIATE
    return gives_none or bool(measure.limit_note)


def _held_to(measure: Measure, ground: Ground, *, by_person: bool) -> date:
    """The date that the unit is held to from now on: an immediate one by the policy, a recurring one from today on."""
    given = measure.due_on or ground.policy.immediate.due_on(ground.on_day, ground.calendar)
    assert given, "a policy always has a limit for 立行立改"
    if by_person or given >= ground.on_day:
        return given
    return next_occurrence(measure, ground.on_day, ground.calendar) or given


def _check_date(case: Case, due_on: date, settable: bool) -> None:
    measure, on_day = case.measure, case.ground.on_day
    if not settable:
        raise ActionRefused(f"措施{measure.no}的完成时限已由台账给出（{measure.limit_text}），交办时不能另定。",
                            "交办后如需调整，请办理延期。")  # fmt: skip
    if due_on < on_day:
        raise ActionRefused(f"给出的完成时限 {due_on} 早于交办日期 {on_day}。", "请给出交办当日或之后的日期。")
