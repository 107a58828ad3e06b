"""What the rules ask about a measure and a person, gathered from its clocks and from the record. Reads only.

Who did what in the present cycle is taken from the record itself, not from what the cycle remembers last: a self-check
handed in again by a colleague does not make the first sender a stranger to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import text
from sqlmodel import Session, col, or_, select

from models.directory import DirectoryParty, Seat
from models.ladder import NoticeKind
from models.lifecycle import AWAITED_STAGE, Action, Role, Stage, State
from models.permission import Relation, Situation
from models.tables import (
    Cooperation,
    Cycle,
    Deadline,
    Event,
    Measure,
    Party,
    RoundParty,
    SinglePersonException,
)
from models.timelimit import LimitKind

_SUBMITS = frozenset({Action.SUBMIT_SELF_CHECK, Action.ADD_EVIDENCE})
_VERIFIES = frozenset({Action.PASS_CHECK, Action.FAIL_CHECK})
_BEGINS_FOLLOW_UP = frozenset({Action.APPROVE, Action.FOLLOW_UP_CHECK, Action.LOOK_BACK})


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of the present cycle, as the record has it."""

    seq: int
    action: str
    person: str


@dataclass
class Facts:
    """A measure as it stands on a day: its cycle, the clocks that were not stopped, and what was done in the cycle."""

    session: Session
    measure: Measure
    on_day: date

    @cached_property
    def cycle(self) -> Cycle | None:
        query = select(Cycle).where(Cycle.measure_id == self.measure.id).order_by(col(Cycle.n).desc())
        return self.session.exec(query).first()

    @cached_property
    def clocks(self) -> Sequence[Deadline]:
        """Running and held clocks, oldest first."""
        query = select(Deadline).where(Deadline.measure_id == self.measure.id, col(Deadline.stopped_on).is_(None))
        return self.session.exec(query.order_by(col(Deadline.id))).all()

    @cached_property
    def deeds(self) -> tuple[Deed, ...]:
        since = self.cycle.opened_seq if self.cycle else 0
        query = select(Event).where(Event.measure_id == self.measure.id, Event.seq >= since).order_by(col(Event.seq))
        return tuple(Deed(event.seq, event.action, event.person) for event in self.session.exec(query))

    @cached_property
    def situation(self) -> Situation:
        measure, complete = self.measure, self.clock(Stage.COMPLETE)
        reported = measure.state is State.FOLLOWING_UP and self.clock(Stage.CHECK) is not None
        return Situation(
            closure=measure.closure,
            major=measure.major,
            held=any(clock.held_on for clock in self.clocks),
            lacking=tuple(role for role in (Role.UNIT, Role.LEAD) if role not in self.parties),
            has_limit=measure.due_on is not None or measure.limit_kind is LimitKind.IMMEDIATE,
            since=self._since(Stage.CHECK if reported else AWAITED_STAGE.get(measure.state)),
            expired=complete is not None and complete.due_on < self.on_day,
            extension_asked=any(deed.action == Action.ASK_EXTENSION for deed in self.deeds),
            extension_pending=self.clock(Stage.DECIDE) is not None,
            milestone_open=self.clock(Stage.MILESTONE) is not None,
            reported=reported,
            referred=bool(self.referred_clocks),
            taken_up=self.clock(Stage.REFER) is not None,
        )

    def clock(self, stage: Stage) -> Deadline | None:
        """The oldest clock of a stage that was not stopped."""
        return next((clock for clock in self.clocks if clock.stage is stage), None)

    @cached_property
    def referred_clocks(self) -> tuple[int, ...]:
        """Clocks of which the ladder made a referral, under the date they have, that nobody has taken up."""
        return tuple(self.session.connection().scalars(text(_REFERRED), {"measure": self.measure.id}))

    def relation(self, seat: Seat, excepted: bool) -> Relation:
        cycle, code = self.cycle, seat.person.code
        closers = ((Role.LEAD, cycle.closed_by_lead), (Role.HEAD, cycle.closed_by_head)) if cycle else ()
        asks = [deed.person for deed in self.deeds if deed.action == Action.ASK_EXTENSION]
        return Relation(
            roles=self._roles(seat.party),
            person=code,
            submitters=self._who_did(_SUBMITS),
            verifiers=self._who_did(_VERIFIES),
            closers=frozenset(person for _, person in closers if person),
            signed=frozenset(role for role, person in closers if person),
            reporters=self._reporters(),
            asker=asks[-1] if asks else None,
            disabled=seat.person.disabled,
            excepted=excepted,
        )

    def _since(self, stage: Stage | None) -> date | None:
        clock = self.clock(stage) if stage else None
        return (clock.held_on or clock.opened_on) if clock else None

    def _who_did(self, actions: Collection[str]) -> frozenset[str]:
        return frozenset(deed.person for deed in self.deeds if deed.action in actions)

    def _reporters(self) -> frozenset[str]:
        began = max((deed.seq for deed in self.deeds if deed.action in _BEGINS_FOLLOW_UP), default=0)
        return frozenset(d.person for d in self.deeds if d.action == Action.FOLLOW_UP_REPORT and d.seq > began)

    def _roles(self, party: DirectoryParty) -> frozenset[Role]:
        """What a party is to this measure; nothing while only the directory knows it."""
        row_id = self.session.exec(select(Party.id).where(Party.code == party.code)).first()
        return frozenset(role for role, ids in self.parties.items() if row_id in ids)

    def forget_parties(self) -> None:
        """Another unit or lead was written: who is what must be read anew."""
        self.__dict__.pop("parties", None)

    @cached_property
    def parties(self) -> dict[Role, tuple[int, ...]]:
        """Who is what to this measure, by the rows of the parties; of several the first comes first."""
        session, measure = self.session, self.measure
        groups = select(RoundParty.role, RoundParty.party_id).where(RoundParty.round_id == measure.round_id)
        own = ((Role.UNIT, measure.unit_id), (Role.LEAD, measure.lead_id))
        found: dict[Role, list[int]] = {role: [party_id] for role, party_id in own if party_id is not None}
        helping = select(Cooperation.party_id).where(Cooperation.measure_id == measure.id)
        found[Role.COOPERATING] = list(session.exec(helping))
        for role, party_id in session.exec(groups.order_by(col(RoundParty.party_id))):
            found.setdefault(Role(role), []).append(party_id)
        return {role: tuple(ids) for role, ids in found.items()}


def exception_for(session: Session, person: str, on_day: date) -> SinglePersonException | None:
    """The head's leave for this person to do what should be kept apart, while it holds."""
    granted = SinglePersonException
    query = select(granted).where(
        granted.person == person,
        granted.since <= on_day,
        or_(col(granted.until).is_(None), col(granted.until) >= on_day),
        or_(col(granted.ended_on).is_(None), col(granted.ended_on) > on_day),
    )
    return session.exec(query.order_by(col(granted.id).desc())).first()


_IS_REFERRED = f"""n.kind = '{NoticeKind.REFER}' AND n.role IN ('{Role.ACCOUNTABILITY}', '{Role.HEAD}') AND (
    n.due_on = c.due_on OR EXISTS (
      SELECT 1 FROM saidbefore k
      WHERE k.due_on = c.due_on AND k.rung = n.rung AND k.deadline_id = c.id AND k.party_id = n.party_id))"""
"""A date that the lead moved leaves the referral behind; one that moved by a hold does not."""
_REFERRED = f"""
SELECT c.id FROM deadline c WHERE c.measure_id = :measure AND c.taken_up_on IS NULL
  AND EXISTS (SELECT 1 FROM notice n WHERE n.deadline_id = c.id AND {_IS_REFERRED})
ORDER BY c.id"""
REFERRED_MEASURES = f"""
SELECT DISTINCT c.measure_id FROM notice n JOIN deadline c ON c.id = n.deadline_id
WHERE c.taken_up_on IS NULL AND {_IS_REFERRED}"""
"""Every measure of which some clock was referred and not taken up."""
