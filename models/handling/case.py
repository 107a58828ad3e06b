"""What every use case shares: find the measure, ask the rules, write the event, move state and clocks, tell.

A use case is `open_case` (who, which measure, is it allowed), what it alone does, and `Case.settle` (one event, the
state, the clocks that the table stops and opens), then `Case.tell`. It runs inside the caller's session, which is one
transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from models import evidence, record
from models.directory import Directory, DirectoryParty, Person, Seat
from models.errors import ActionRefused, NotFound, StaleVersion, UsageRefused
from models.evidence import StagedFile
from models.handling import clocks
from models.handling.facts import Facts, exception_for
from models.handling.telling import Teller, Told, tell
from models.ladder import Policy
from models.lifecycle import ROLE_ZH, TRANSITIONS, Action, Opening, Role, Stage, State
from models.news import NewsKind, hearers
from models.permission import Refusal, RefusalCode, Step, decide, exception_zh
from models.tables import Cycle, Deadline, Event, Measure, Milestone, Party, Round, SinglePersonException
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
    """Who decided, and how it came into the record.

    `as_party` chooses where a person can act for several. `version` is the one the person saw. `recorded_by` typed in
    what `person` had signed on paper, of which `basis` is the scan; the rules look at `person`. A `basis` may also be
    what a reopening rests on. `reason` is kept plain, so that one of nothing but control characters is none.
    """

    person: str
    as_party: str | None = None
    reason: str = ""
    version: int | None = None
    recorded_by: str | None = None
    basis: StagedFile | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", plain(self.reason).strip())


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did, for the one who asked. `notes` are sentences that must not go unseen."""

    no: str
    action: Action
    state: State
    version: int
    told: Told = field(default_factory=Told)
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Case:
    """An allowed action on one measure: not yet written until `settle`, which fills in `seq` and `opened`.

    `opened` holds the clocks that the action opened, with the role that must act on each.
    """

    session: Session
    ground: Ground
    facts: Facts
    action: Action
    by: By
    seat: Seat
    step: Step
    exception: SinglePersonException | None = None
    seq: int = 0
    opened: list[tuple[Role, Deadline]] = field(default_factory=list)
    told: Told = field(default_factory=Told)
    files: list[StagedFile] = field(default_factory=list)

    @property
    def measure(self) -> Measure:
        return self.facts.measure

    @property
    def cycle(self) -> Cycle:
        """The present cycle. Only a draft has none, and nothing is done in a cycle before assignment."""
        assert self.facts.cycle
        return self.facts.cycle

    def settle(
        self, payload: Mapping[str, Any] | None = None, due: Mapping[Stage, date] | None = None,
        only: int | None = None,
    ) -> None:  # fmt: skip
        """Writes the event, moves the state, stops and opens clocks as the table says.

        `due` gives the dates that are not the policy's; `only` the one clock that is met, where several could be.
        """
        measure, ground, before = self.measure, self.ground, self.measure.state
        self.seq = self._record(before, payload or {})
        measure.state = self.step.target
        measure.version += 1
        self.session.add(measure)
        running = self.facts.clocks
        signers = self.facts.parties.get(self.step.signed_as, ()) if self.step.signed_as else ()
        clocks.stop(running, self.step, ground.on_day, ground.calendar, signers, only)
        self._turn_cycle()
        for opening in self.step.opens:
            self._open(opening, due or {})
        self.session.flush()

    def tell(
        self, kind: NewsKind, *, due_on: date | None = None, only_to: Iterable[tuple[Role, int]] | None = None
    ) -> None:
        """Tells whoever must hear of this; the news depend on the clocks that the action opened for their hearers."""
        who = only_to
        if who is None:
            who = [(role, party_id) for role in hearers(kind, self.measure.major) for party_id in self._parties(role)]
        waiting = dict(self.opened) if kind in _ASKING else None
        self.told += tell(self._teller(), kind, who, due_on, waiting)

    def tell_holders(self, kind: NewsKind) -> None:
        """Tells whoever must hear, and everybody whose clock is paused, runs on or falls away."""
        who = [(role, party_id) for role in hearers(kind, self.measure.major) for party_id in self._parties(role)]
        holding = {clock.holder_id for clock in self.facts.clocks}
        who += [(role, p) for role in Role for p in self._parties(role) if p in holding]
        self.tell(kind, only_to=who)

    def _parties(self, role: Role) -> tuple[int, ...]:
        return self.facts.parties.get(role, ())

    def done(self, *notes: str) -> Done:
        """What was done. Comes last: files move to their place once everything else was written."""
        self.session.flush()
        for file in (*self.files, *((self.by.basis,) if self.by.basis else ())):
            evidence.keep(file)
        if self.step.excepted and self.exception:
            notes = (*notes, told_of(self.exception))
        return Done(self.measure.no, self.action, self.measure.state, self.measure.version, self.told, notes)

    def _date_of(self, stage: Stage, given: Mapping[Stage, date]) -> date:
        """When a clock that opens now is due: as given, else as the policy says."""
        due_on = given.get(stage) or self.ground.policy.ladders[stage].limit.due_on(
            self.ground.on_day, self.ground.calendar
        )
        assert due_on, stage
        return due_on

    def _teller(self) -> Teller:
        assert self.measure.id
        return Teller(
            self.session, self.ground.directory, self.seq, self.measure.id, self.ground.on_day, self.by.person,
            self.seat.party.code,
        )  # fmt: skip

    def _record(self, before: State, payload: Mapping[str, Any]) -> int:
        by = self.by
        more = signature(by, self.seat)
        if self.step.signed_as:
            more["signed_as"] = self.step.signed_as.value
        if self.step.excepted and self.exception:
            more["single_person_exception"] = {
                "granted_by": self.exception.granted_by, "reason": self.exception.reason, "id": self.exception.id,
            }  # fmt: skip
        entry = record.Entry(
            action=self.action,
            at=self.ground.now,
            on_day=self.ground.on_day,
            measure_id=self.measure.id,
            person=by.person,
            party=self.seat.party.code,
            from_state=before,
            to_state=self.step.target,
            payload=plain({**payload, **more}),
        )
        return record.append(self.session.connection(), entry)

    def _turn_cycle(self) -> None:
        """Begins the first cycle, or another one."""
        cycle = self.facts.cycle
        if self.action is Action.ASSIGN or TRANSITIONS[self.action].new_cycle:
            assert self.measure.id
            n = cycle.n + 1 if cycle else 1
            fresh = Cycle(measure_id=self.measure.id, n=n, opened_on=self.ground.on_day, opened_seq=self.seq)
            self.session.add(fresh)
            self.session.flush()
            self.facts.cycle = fresh

    def _open(self, opening: Opening, due: Mapping[Stage, date]) -> None:
        if opening.stage is Stage.MILESTONE:
            # One that was over before the measure was anybody's duty can no longer be kept.
            ahead = (Milestone.measure_id == self.measure.id, col(Milestone.due_on) >= self.ground.on_day)
            query = select(Milestone).where(*ahead).order_by(col(Milestone.n))
            dates = [(milestone.due_on, milestone.id) for milestone in self.session.exec(query)]
        else:
            dates = [(self._date_of(opening.stage, due), None)]
        holder = self.holder(opening.holder)
        for due_on, milestone_id in dates:
            new = clocks.NewClock(
                opening.stage, holder, due_on, self.ground.on_day, self.seq, self.ground.policy, milestone_id
            )
            self.opened.append((opening.holder, clocks.start(self.session, self.measure, self.cycle, new)))

    def holder(self, role: Role) -> int:
        """The party that must act in this role; of several groups the first, for which any of them may act."""
        found = self.facts.parties.get(role, ())
        if not found:
            raise NotFound(
                f"本轮次没有{ROLE_ZH[role]}，下一步无人办理。", f"请在 directory.yaml 中写明身份为 {role} 的责任主体。"
            )
        return found[0]


def plain(content: Any) -> Any:
    """The content without control characters, which no record and no letter has a use for."""
    match content:
        case str():
            return "".join(char for char in content if char.isprintable() or char == "\n")
        case dict():
            return {key: plain(value) for key, value in content.items()}
        case list():
            return [plain(value) for value in content]
    return content


def signature(by: By, seat: Seat) -> dict[str, Any]:
    """What an event keeps of how a decision was made: why, on what paper, who typed it in, in whose place."""
    kept: dict[str, Any] = {"reason": by.reason} if by.reason else {}
    if by.recorded_by:
        kept["recorded_by"] = by.recorded_by
    if by.basis:
        kept["basis"] = {"sha256": by.basis.sha256, "name": by.basis.name, "size": by.basis.size}
    if seat.stand_in:
        kept["stand_in"] = seat.stand_in.code
    return kept


_ASKING = frozenset({
    NewsKind.CHECK_WANTED, NewsKind.REVIEW_WANTED, NewsKind.EXTENSION_ASKED, NewsKind.FOLLOW_UP_WANTED,
})  # fmt: skip
"""News that ask somebody to act: once that was done, nobody needs to be asked."""


def told_of(exception: SinglePersonException) -> str:
    """The sentence that must be printed wherever a single-person exception was used."""
    return exception_zh(exception.person, exception.granted_by, exception.since, exception.until, exception.reason)


def open_case(session: Session, ground: Ground, no: str, action: Action, by: By) -> Case:
    """Finds the measure, chooses the party the person acts for, and asks the rules.

    Raises NotFound, UsageRefused (which party?), StaleVersion or ActionRefused.
    """
    measure = find_measure(session, no)
    if by.version is not None and by.version != measure.version:
        raise StaleVersion(no, by.version, measure.version)
    seats = seats_of(ground, by)
    check_recorder(ground, by)
    facts = Facts(session, measure, ground.on_day)
    exception = exception_for(session, by.person, ground.on_day)
    answers = []
    for seat in seats:
        relation = facts.relation(seat, excepted=exception is not None)
        answers.append((seat, decide(action, measure.state, relation, facts.situation, by.reason, bool(by.basis))))
    allowed = [(seat, answer) for seat, answer in answers if isinstance(answer, Step)]
    if not allowed:
        # Of several parties the one that got farthest through the rules gives the most useful answer.
        _, refusal = max(answers, key=_progress)
        assert isinstance(refusal, Refusal)
        raise ActionRefused(f"措施{no}：{refusal.zh}", _CURES.get(refusal.code, ""))
    _not_before_the_last(session, ground, measure)
    seat, step = min(allowed, key=lambda found: found[1].excepted)
    if step.excepted and exception and facts.cycle:
        # Before anything else is written of the cycle: its CHECKs must know why they are lifted.
        facts.cycle.exception_id = exception.id
        session.add(facts.cycle)
    return Case(session, ground, facts, action, by, seat, step, exception)


_CURES = {
    RefusalCode.INCOMPLETE: "所缺各项，交办时用 --unit 写明责任单位、用 --lead 写明牵头领导、用 --due-on 写明日期；"
    "或在台账中填好后重新导入。",
    RefusalCode.NO_TIME_LIMIT: "交办时用 --due-on 写明日期。",
    RefusalCode.REASON_MISSING: "请用 --reason 写明理由。",
    RefusalCode.BASIS_MISSING: "请用 --basis 给出依据材料的文件。",
}


def check_recorder(ground: Ground, by: By) -> None:
    """Who types in what another signed must be known, and must show what was signed."""
    if by.recorded_by is None:
        return
    recorder = find_person(ground.directory, by.recorded_by)
    seats = ground.directory.seats_of(recorder.code, ground.on_day)
    if all(seat.person.disabled for seat in seats):
        raise ActionRefused(f"代录人{recorder.name}已停用，不能代为录入。", "请由其他经办人代录。")
    if by.basis is None:
        raise UsageRefused("代录他人签批的决定须附签批件。", "请用 --basis 给出签批件的扫描文件。")


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


def find_person(directory: Directory, code: str) -> Person:
    person = directory.person(code)
    if person is None:
        raise NotFound(f"通讯录中没有代码为“{code}”的经办人。", "请在 directory.yaml 的 people 中查对代码。")
    return person


def seats_of(ground: Ground, by: By) -> tuple[Seat, ...]:
    """In what capacities the person may act now, or in the one asked for."""
    person = find_person(ground.directory, by.person)
    seats = ground.directory.seats_of(person.code, ground.on_day)
    if by.as_party is None:
        return seats
    chosen = tuple(seat for seat in seats if seat.party.code == by.as_party)
    if not chosen:
        own = "、".join(f"{seat.party.code}（{seat.party.name}）" for seat in seats)
        raise UsageRefused(f"{person.name}不能代表“{by.as_party}”。", f"可代表：{own}。")
    return chosen


def party_named(directory: Directory, written: str, *roles: Role) -> DirectoryParty:
    """The party that a person names by code or name, which must hold one of the roles."""
    party = directory.by_code(written) or directory.by_name(written)
    if party is None:
        raise NotFound(f"通讯录中没有“{written}”。", "请在 directory.yaml 中查对代码或名称。")
    if party.roles.isdisjoint(roles):
        wanted = "或".join(ROLE_ZH[role] for role in roles)
        raise UsageRefused(
            f"{party.name}（{party.code}）不是{wanted}。", f"请给出身份为 {' 或 '.join(roles)} 的责任主体。"
        )
    return party


def _progress(answer: tuple[Seat, Step | Refusal]) -> int:
    refusal = answer[1]
    return list(type(refusal.code)).index(refusal.code) if isinstance(refusal, Refusal) else -1
