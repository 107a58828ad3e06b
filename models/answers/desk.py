"""My desk 待办: what waits for a person, through all the parties they act for on that day. Reads only.

Measures by their clocks; and for those who keep the messages, the messages whose fate a person must settle.

It asks the same rules as the actions do, so that what a desk offers is what will be allowed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, text
from sqlmodel import Session, and_, col, func, or_, select

from models.directory import Seat
from models.handling.case import By, Ground, seats_of
from models.handling.facts import REFERRED_MEASURES, Facts, exception_for
from models.lifecycle import TRANSITIONS, Action, Role, Stage, State
from models.permission import Refusal, RefusalCode, Step, decide
from models.saying import Saying, may_say
from models.store import fates
from models.store.board import MessageRow
from models.store.outbox import SAYABLE_IN
from models.store.parties import HELD_BY_GROUP
from models.tables import Cycle, Deadline, Measure, Party, Round, RoundParty


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. `stage` None: a draft to be assigned, or a referral to be taken up. Where `actions` is
    empty, `refusal` says why this person cannot. `stand_in`: the party through which one acts in another's place."""

    no: str
    round_code: str
    text: str
    state: State
    stage: Stage | None
    due_on: date | None
    party: str
    stand_in: str | None
    actions: tuple[Action, ...]
    refusal: str


def desk(session: Session, ground: Ground, by: By) -> list[Waiting]:
    """What waits for this person, most urgent first. Raises NotFound for nobody of the directory."""
    excepted = exception_for(session, by.person, ground.on_day) is not None
    found: list[Waiting] = []
    for seat in seats_of(ground, by):
        if not seat.person.disabled:
            found += _of_seat(session, ground, seat, excepted)
    return sorted(found, key=lambda one: (one.due_on or date.max, one.round_code, one.no))


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A message that waits for a person's word, and as a member of which party this one may give it."""

    message: MessageRow
    party: str
    stand_in: str | None

    @property
    def sayable(self) -> tuple[Saying, ...]:
        """What can be said of it as it stands: that it arrived, or shall be sent again."""
        return tuple(what for what in (Saying.ARRIVED, Saying.RESEND) if self.message.state in SAYABLE_IN[what])


def unresolved(session: Session, ground: Ground, by: By) -> list[Unresolved]:
    """The messages whose fate this person may settle: unknown ones and dead ones, oldest first."""
    for seat in seats_of(ground, by):
        if not seat.person.disabled and may_say(Saying.ARRIVED, seat.party.roles, is_theirs=False):
            stand_in = seat.stand_in.code if seat.stand_in else None
            return [Unresolved(row, seat.party.code, stand_in) for row in fates.unresolved(session.connection())]
    return []


def _of_seat(session: Session, ground: Ground, seat: Seat, excepted: bool) -> list[Waiting]:
    mine = select(Deadline).where(
        _held_by(session, seat), col(Deadline.stopped_on).is_(None), col(Deadline.held_on).is_(None)
    )
    found = []
    for clock in session.exec(mine.order_by(col(Deadline.due_on), col(Deadline.id))):
        measure = session.get_one(Measure, clock.measure_id)
        found.append(_waiting(session, ground, seat, measure, clock, excepted))
    if Role.GENERAL in seat.party.roles:
        drafts = session.exec(select(Measure).where(Measure.state == State.DRAFTED).order_by(col(Measure.id)))
        found += [_waiting(session, ground, seat, measure, None, excepted) for measure in drafts]
    if Role.ACCOUNTABILITY in seat.party.roles:
        found += _referrals(session, ground, seat, excepted)
    return found


def _held_by(session: Session, seat: Seat) -> ColumnElement[bool]:
    """The clocks of this party: its own, and those of a group that it is one of, whichever of them holds them."""
    party_id = session.exec(select(Party.id).where(Party.code == seat.party.code)).first()
    held = col(Deadline.holder_id) == party_id
    for role, stages in HELD_BY_GROUP.items():
        if role in seat.party.roles:
            rounds = select(RoundParty.round_id).where(RoundParty.party_id == party_id, RoundParty.role == role)
            of_group = and_(col(Deadline.stage).in_(stages), col(Deadline.round_id).in_(rounds))
            held = or_(held, and_(of_group, col(Deadline.id).not_in(_reviews_of_leads())))
    return held


def _reviews_of_leads() -> Select[Any]:
    """The lead's clock of each running review: the first one, until the lead has signed."""
    running = and_(col(Deadline.stage) == Stage.REVIEW, col(Deadline.stopped_on).is_(None))
    unsigned = select(Cycle.id).where(col(Cycle.closed_by_lead).is_(None))
    found = select(func.min(Deadline.id)).where(running, col(Deadline.cycle_id).in_(unsigned))
    return found.group_by(col(Deadline.measure_id))


def _referrals(session: Session, ground: Ground, seat: Seat, excepted: bool) -> list[Waiting]:
    """What was referred and nobody has taken up."""
    referred = [row[0] for row in session.connection().execute(text(REFERRED_MEASURES))]
    measures = session.exec(select(Measure).where(col(Measure.id).in_(referred)).order_by(col(Measure.id)))
    waiting = (_waiting(session, ground, seat, measure, None, excepted) for measure in measures)
    return [one for one in waiting if Action.TAKE_UP in one.actions]


def _waiting(
    session: Session, ground: Ground, seat: Seat, measure: Measure, clock: Deadline | None, excepted: bool
) -> Waiting:
    facts = Facts(session, measure, ground.on_day)
    relation = facts.relation(seat, excepted)
    wanted = _answers(clock.stage) if clock else [Action.ASSIGN if measure.state is State.DRAFTED else Action.TAKE_UP]
    answers = {action: decide(action, measure.state, relation, facts.situation, "-", True) for action in wanted}
    refusals = [answer for answer in answers.values() if isinstance(answer, Refusal)]
    farthest = max(refusals, key=lambda refusal: list(RefusalCode).index(refusal.code), default=None)
    actions = tuple(action for action, answer in answers.items() if isinstance(answer, Step))
    return Waiting(
        no=measure.no,
        round_code=session.get_one(Round, measure.round_id).code,
        text=measure.text,
        state=measure.state,
        stage=clock.stage if clock else None,
        due_on=clock.due_on if clock else None,
        party=seat.party.code,
        stand_in=seat.stand_in.code if seat.stand_in else None,
        actions=actions,
        refusal=farthest.zh if farthest and not actions else "",
    )


def _answers(stage: Stage) -> list[Action]:
    """The actions by which a clock of this stage is met, or by which its holder leads on."""
    return [row.action for row in TRANSITIONS.values() if stage in row.stops]
