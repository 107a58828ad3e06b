"""What every use case shares: find the measure, ask the rules, write the event, move the state.

A use case is `open_case` (who, which measure, is it allowed), what it alone does, and `Case.settle` (one event, the
state, the clocks that stop). It runs inside the caller's session, which is one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from models import record
from models.directory import Directory, DirectoryParty, Person
from models.errors import ActionRefused, NotFound, StaleVersion, UsageRefused
from models.handling import clocks
from models.ladder import Policy
from models.lifecycle import Action, Refusal, RefusalCode, Relation, Role, State, Step, decide
from models.tables import Cooperation, Cycle, Deadline, Event, Measure, Party, Round, RoundParty
from models.timelimit import LimitKind
from models.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Ground:
    """What an action stands on: who is who, the policy, the calendar, the day, and the moment it is recorded."""

    directory: Directory
    policy: Policy
    calendar: WorkCalendar
    on_day: date
    now: datetime


@dataclass(frozen=True, slots=True)
class By:
    """Who acts. `as_party` chooses where a person belongs to several; `version` is the one the person saw."""

    person: str
    as_party: str | None = None
    reason: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did, for the one who asked."""

    no: str
    action: Action
    state: State
    version: int


@dataclass(frozen=True, slots=True)
class Case:
    """An allowed action on one measure, not yet written."""

    session: Session
    ground: Ground
    measure: Measure
    cycle: Cycle | None
    action: Action
    by: By
    party: DirectoryParty
    step: Step

    def settle(self, payload: Mapping[str, Any] | None = None) -> int:
        """Writes the event, moves the state and stops clocks. Returns the event's number, which arms new clocks."""
        measure, ground = self.measure, self.ground
        seq = record.append(
            self.session.connection(),
            record.Entry(
                action=self.action,
                at=ground.now,
                on_day=ground.on_day,
                measure_id=measure.id,
                person=self.by.person,
                party=self.party.code,
                from_state=measure.state,
                to_state=self.step.target,
                payload={**(payload or {}), **({"reason": self.by.reason} if self.by.reason else {})},
            ),
        )
        measure.state = self.step.target
        measure.version += 1
        self.session.add(measure)
        clocks.stop(self.session, measure, self.step, ground.on_day)
        return seq

    def done(self) -> Done:
        return Done(self.measure.no, self.action, self.measure.state, self.measure.version)


def open_case(session: Session, ground: Ground, no: str, action: Action, by: By) -> Case:
    """Finds the measure, chooses the party the person acts for, and asks the rules.

    Raises NotFound, UsageRefused (which party?), StaleVersion or ActionRefused.
    """
    measure = find_measure(session, no)
    if by.version is not None and by.version != measure.version:
        raise StaleVersion(no, by.version, measure.version)
    person = _person(ground.directory, by.person)
    cycle = session.exec(select(Cycle).where(Cycle.measure_id == measure.id).order_by(col(Cycle.n).desc())).first()
    held = session.exec(select(Deadline.id).where(
            Deadline.measure_id == measure.id, col(Deadline.held_on).is_not(None), col(Deadline.stopped_on).is_(None))
                        ).first() is not None  # fmt: skip
    answers = [
        (
            party,
            decide(action, measure.state, _relation(session, measure, cycle, party, person, held), by.reason),
        )
        for party in _parties(ground.directory, person, by.as_party)
    ]
    allowed = [(party, answer) for party, answer in answers if isinstance(answer, Step)]
    if not allowed:
        # Of several parties the one that got farthest through the rules gives the most useful answer.
        party, refusal = max(answers, key=_progress)
        assert isinstance(refusal, Refusal)
        raise ActionRefused(f"措施{no}：{refusal.zh}", _CURES.get(refusal.code, ""))
    _not_before_the_last(session, ground, measure)
    party, step = allowed[0]
    return Case(session, ground, measure, cycle, action, by, party, step)


_CURES = {RefusalCode.NO_TIME_LIMIT: "交办时用 --due-on 写明日期。"}


def _not_before_the_last(session: Session, ground: Ground, measure: Measure) -> None:
    """What was done on a measure happened in order; only a rehearsal can even ask for another day."""
    query = select(func.max(Event.on_day)).where(Event.measure_id == measure.id)
    last = session.exec(query).one()
    if last and ground.on_day < last:
        raise ActionRefused(
            f"措施{measure.no}在 {last} 已有办理，不能再按 {ground.on_day} 办理。", f"请写 {last} 或之后的日期。"
        )


def find_measure(session: Session, no: str) -> Measure:
    """The measure with this number as the ledger writes it; `ROUND/NO` where several rounds use the number.

    Numbers may hold a slash themselves (1/2), codes of rounds never do.
    """
    round_code, slash, bare = no.partition("/")
    of_round = select(Measure).join(Round, col(Round.id) == Measure.round_id).where(Round.code == round_code)
    found = session.exec(of_round.where(Measure.no == bare)).all() if slash else ()
    found = found or session.exec(select(Measure).where(Measure.no == no)).all()
    if not found:
        raise NotFound(f"没有编号为“{no}”的措施。", "请用 duban measures 查看编号。")
    if len(found) > 1:
        codes = session.exec(select(Round.code).where(col(Round.id).in_([m.round_id for m in found]))).all()
        raise UsageRefused(f"有{len(found)}个轮次用了编号“{no}”。", f"请写明轮次，如 {codes[0]}/{no}。")
    return found[0]


def party_row(session: Session, code: str) -> Party:
    """The table row of a party that the directory names."""
    return session.exec(select(Party).where(Party.code == code)).one()


def _person(directory: Directory, code: str) -> Person:
    person = directory.person(code)
    if person is None:
        raise NotFound(f"通讯录中没有代码为“{code}”的经办人。", "请在 directory.yaml 的 people 中查对代码。")
    return person


def _parties(directory: Directory, person: Person, as_party: str | None) -> tuple[DirectoryParty, ...]:
    parties = directory.parties_of(person.code)
    if as_party is None:
        return parties
    chosen = tuple(party for party in parties if party.code == as_party)
    if not chosen:
        own = "、".join(f"{party.code}（{party.name}）" for party in parties)
        raise UsageRefused(f"{person.name}不属于“{as_party}”。", f"可代表：{own}。")
    return chosen


def _relation(
    session: Session, measure: Measure, cycle: Cycle | None, party: DirectoryParty, person: Person, held: bool
) -> Relation:
    decided: tuple[tuple[Role, str | None], ...] = (
        ((Role.LEAD, cycle.closed_by_lead), (Role.HEAD, cycle.closed_by_head)) if cycle else ()
    )
    return Relation(
        roles=_roles(session, measure, party),
        person=person.code,
        submitter=cycle.submitted_by if cycle else None,
        verifier=cycle.verified_by if cycle else None,
        closers=frozenset(name for _, name in decided if name),
        held=held,
        major=measure.major,
        has_limit=measure.due_on is not None or measure.limit_kind is LimitKind.IMMEDIATE,
        closure=measure.closure,
        signed=frozenset(role for role, name in decided if name),
    )


def _roles(session: Session, measure: Measure, party: DirectoryParty) -> frozenset[Role]:
    row = party_row(session, party.code)
    found = set(
        session.exec(
            select(RoundParty.role).where(RoundParty.round_id == measure.round_id, RoundParty.party_id == row.id)
        )
    )
    roles = {Role(role) for role in found}
    if row.id == measure.unit_id:
        roles.add(Role.UNIT)
    if row.id == measure.lead_id:
        roles.add(Role.LEAD)
    if session.get(Cooperation, (measure.id, row.id)):
        roles.add(Role.COOPERATING)
    return frozenset(roles)


def _progress(answer: tuple[DirectoryParty, Step | Refusal]) -> int:
    refusal = answer[1]
    return list(type(refusal.code)).index(refusal.code) if isinstance(refusal, Refusal) else -1
