"""Histories of an office, drawn at random, and a player that tells them to the poll and to its slow twin at once.

A history is a list of steps: clocks open, move and stop, addresses come and go, another policy or calendar comes
into force, runs are made on any day, messages are accepted late or never. For models/store/posting.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from random import Random
from typing import Any

import yaml
from sqlalchemy import Connection, text

from config.policy import DEFAULT_POLICY, preset_path
from models.directory import Directory
from models.errors import RunRefused
from models.handling.undelivered import alarm
from models.lifecycle import Role, Stage
from models.store import outbox
from models.store.outbox import Ending
from models.tables import AttemptPhase, MessageState
from tests.config.official_days import FIRST, LAST, official_days
from tests.offices import (
    AT,
    FILE_BOX,
    NO_ADDRESS,
    OTHER_BOX,
    Books,
    Opening,
    Row,
    calendar,
    directory,
    party,
    policy,
    replaced,
)
from tests.walk import DAY, GROUPS, BeforeWatermark, Clock, Days, Expected, Walk

PRESET = preset_path("three_colours")
assert PRESET
ENTANGLED = """
name: 测试用的乱阶梯
stages:
  complete:
    limit: ledger
    ladder:
      - {at: -30d, to: [unit, cooperating], kind: remind, colour: green}
      - {at: -3wd, to: [unit, supervision], kind: urge, colour: yellow}
      - {at: 0, to: [unit, lead, head], kind: urge, colour: yellow}
      - {at: +3d, to: [unit, lead, general], kind: overdue, colour: red}
      - {at: +2wd, to: [unit, lead, supervision], kind: overdue, colour: red}
      - {at: +5wd, to: [unit, lead, cooperating, general], kind: refer, colour: red, served: unit}
      - {at: +8wd, to: [unit, supervision], kind: supervise, colour: red, served: unit}
      - {at: +8wd, to: [head], kind: refer, colour: red, served: unit}
      - {at: +12d, every: 9d, to: [accountability, head, general], kind: refer, colour: red, served: unit}
  accept:
    limit: 2wd
    ladder:
      - {at: -1wd, to: [unit], kind: urge, colour: yellow}
      - {at: 0, every: 2wd, to: [unit, general], kind: overdue, colour: red}
  check:
    limit: 5wd
    ladder:
      - {at: -1d, to: [supervision], kind: remind, colour: yellow}
      - {at: 0, every: 7d, to: [supervision, head], kind: overdue, colour: red}
"""
"""Working and calendar days that overtake each other, repeats from the due date on, many gates."""
POLICIES = ("", PRESET.read_text(encoding="utf-8"), ENTANGLED)


@dataclass(frozen=True, slots=True)
class Overlay:
    """Days that another notice sets off or to be worked."""

    off: tuple[date, ...] = ()
    work: tuple[date, ...] = ()

    @property
    def content(self) -> str:
        entry = {"source": "测试通知", "off": list(map(str, self.off)), "work": list(map(str, self.work))}
        return yaml.safe_dump([entry], allow_unicode=True) if self.off or self.work else ""


OVERLAYS = (
    Overlay(),
    Overlay(
        off=(date(2023, 4, 12), date(2023, 4, 13), date(2023, 5, 10), date(2023, 6, 1)),
        work=(date(2023, 4, 15), date(2023, 5, 13), date(2023, 5, 14)),
    ),
    Overlay(off=tuple(date(2023, 4, 17) + DAY * n for n in range(19)), work=(date(2023, 6, 22),)),
)


@cache
def worked_days(overlay: Overlay = OVERLAYS[0]) -> Days:
    """The working days by the notices themselves, as plain days."""
    named = official_days()
    every = (FIRST + DAY * n for n in range((LAST - FIRST).days + 1))
    usual = {day for day in every if named.get(day, (day.weekday() < 5, ""))[0]}
    return Days(usual - set(overlay.off) | set(overlay.work))


@cache
def stages_of(content: str) -> Mapping[str, Any]:
    """The ladders as a policy's YAML gives them; stages it leaves out are the default's."""
    default: dict[str, Any] = yaml.safe_load(DEFAULT_POLICY.read_text(encoding="utf-8"))["stages"]
    return default | (yaml.safe_load(content)["stages"] if content else {})


def groups_of(parties: Directory) -> dict[str, tuple[str, ...]]:
    return {role: tuple(one.code for one in parties.parties if role in one.roles) for role in GROUPS}


# What happens


@dataclass(frozen=True, slots=True)
class Open:
    openings: tuple[Opening, ...]
    on: date


@dataclass(frozen=True, slots=True)
class Redate:
    clock: int
    due_on: date
    on: date


@dataclass(frozen=True, slots=True)
class Stop:
    clock: int
    on: date


@dataclass(frozen=True, slots=True)
class Hold:
    clock: int
    on: date


@dataclass(frozen=True, slots=True)
class Resume:
    """A held clock runs on: with the date it had, or due so many working days from that day (late where negative)."""

    clock: int
    on: date
    days: int | None = None


@dataclass(frozen=True, slots=True)
class TakeUp:
    """The referral of a clock is taken up."""

    clock: int
    on: date


@dataclass(frozen=True, slots=True)
class HandToLead:
    measure: str
    lead: str
    on: date


@dataclass(frozen=True, slots=True)
class Readdress:
    """A party gets an address, or another one, or loses its last."""

    party: str
    addresses: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True)
class Regroup:
    """A party becomes one of a group, or leaves it."""

    party: str
    role: Role
    member: bool
    on: date


@dataclass(frozen=True, slots=True)
class Rule:
    """Another policy is in force, by its place in POLICIES."""

    policy: int


@dataclass(frozen=True, slots=True)
class Announce:
    """Another calendar is in force, by its place in OVERLAYS."""

    overlay: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """A delivery; only the channels of `accepts` take what they are given, and those of `refuses` never will."""

    on: date
    accepts: tuple[str, ...]
    refuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    on: date


ClockStep = Open | Redate | Stop | Hold | Resume | TakeUp | HandToLead
OfficeStep = Readdress | Regroup | Rule | Announce
Step = ClockStep | OfficeStep | Deliver | Run


@dataclass(frozen=True, slots=True)
class History:
    """An office and what happened in it."""

    parties: Directory
    rows: tuple[Row, ...]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.rows, *self.steps)))


# Telling it to both


@dataclass
class Player:
    """Tells a history to the poll and to the walk, and compares after each run what they say."""

    books: Books
    walk: Walk
    rows: Mapping[str, Row]
    leads: dict[str, str] = field(default_factory=dict)
    told: list[Step] = field(default_factory=list)
    compared: int = 0

    @classmethod
    def of(cls, connection: Connection, history: History, start: date) -> "Player":
        parties = history.parties
        books = Books(connection, parties)
        books.set_up(history.rows, start)
        unreachable = {one.code for one in parties.parties if not one.addresses}
        walk = Walk(worked_days(), stages_of(""), groups_of(parties), unreachable)
        return cls(books, walk, {row.no: row for row in history.rows})

    def play(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.told.append(step)
            self._tell(step)

    def _tell(self, step: Step) -> None:
        match step:
            case Run(on):
                self._run(on)
            case Deliver(on, accepts, refuses):
                deliver(self.books.connection, on, accepts, refuses)
                self.walk.deliver(on, accepts, refuses)
            case Readdress() | Regroup() | Rule() | Announce():
                self._change_office(step)
            case _:
                self._change_clocks(step)

    def _change_clocks(self, step: ClockStep) -> None:
        books, clocks = self.books, self.walk.clocks
        match step:
            case Open(openings, on):
                for number, opening in zip(books.open(*openings, on=on), openings, strict=True):
                    clocks[number] = self._clock(opening)
            case Redate(clock, due_on, on):
                books.redate(clock, due_on, on)
                clocks[clock].due_on, clocks[clock].armed_on = due_on, max(on, clocks[clock].opened_on)
                clocks[clock].taken_up = False
            case Stop(clock, on):
                books.stop(clock, on)
                clocks[clock].runs = False
            case Hold(clock, on):
                books.hold(clock, on)
                clocks[clock].runs = False
            case Resume(clock, on, None):
                books.resume(clock, on)
                clocks[clock].runs = True
            case Resume(clock, on, int(days)):
                on = max(on, clocks[clock].opened_on)
                books.resume_with(clock, days, on)
                self.walk.resume(clock, self.walk.days.add(on, days), on)
            case TakeUp(clock, on):
                books.take_up(clock, on)
                clocks[clock].taken_up = True
            case HandToLead(measure, lead, on):
                books.hand_to_lead(measure, lead, on)
                for one in clocks.values():
                    one.lead = lead if one.measure == measure else one.lead
                self.leads[measure] = lead

    def _change_office(self, step: OfficeStep) -> None:
        books, walk = self.books, self.walk
        match step:
            case Readdress(code, addresses, on):
                party = books.directory.by_code(code)
                assert party
                books.name_parties(replaced(books.directory, code, addresses=addresses), on)
                (walk.unreachable.discard if addresses else walk.unreachable.add)(code)
                if addresses and addresses != party.addresses:
                    walk.readdress(code)
            case Regroup(code, role, member, on):
                known = books.directory.by_code(code)
                assert known
                roles = known.roles | {role} if member else known.roles - {role}
                books.name_parties(replaced(books.directory, code, roles=roles), on)
                walk.groups = groups_of(books.directory)
            case Rule(number):
                books.policy = policy(POLICIES[number])
                walk.stages = stages_of(POLICIES[number])
            case Announce(number):
                books.calendar = calendar(OVERLAYS[number].content)
                walk.days = worked_days(OVERLAYS[number])

    def _clock(self, opening: Opening) -> Clock:
        row, on, due_on = self.rows[opening.measure], opening.opened_on, opening.due_on
        lead = self.leads.get(row.no, row.lead)
        return Clock(row.no, opening.stage, row.unit, lead, row.cooperating, on, due_on, armed_on=on)

    def _run(self, on: date) -> None:
        try:
            days, new, revived = self.walk.run(on)
        except BeforeWatermark:
            self._expect_refusal(on)
            return
        posted, expected = self.books.run(on), new | revived
        found = notices_of(self.books.connection, posted.run_id)
        said = messages_of(self.books.connection, posted.run_id)
        assert posted.days == tuple(days), self._story(f"days handled: {posted.days}, not {days}")
        differing = list(differences(expected, found))
        assert not differing, self._story("\n".join(differing))
        assert said == _messages(expected), self._story(f"messages {said}, not {_messages(expected)}")
        assert (posted.notices, posted.messages) == (len(new), len(said)), self._story(str(posted))
        self.compared += len(found)

    def _expect_refusal(self, on: date) -> None:
        try:
            self.books.run(on)
        except RunRefused:
            return
        raise AssertionError(self._story(f"a run on {on} was not refused"))

    def _story(self, what: str) -> str:
        return "\n".join(map(str, (*self.rows.values(), *self.told, what)))


Key = tuple[int, date, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A notice as the table holds it."""

    role: str
    kind: str
    on: date
    unsaid: str | None


def notices_of(connection: Connection, run: int | None = None) -> dict[Key, Found]:
    """The notices that one run posted or says, or all."""
    where = "WHERE n.run_id = :run" if run else ""
    rows = connection.execute(
        text(f"""SELECT n.deadline_id, n.due_on, n.rung, p.code, n.role, n.kind, n.on_day, n.unsaid
                 FROM notice n JOIN party p ON p.id = n.party_id {where}"""),
        {"run": run} if run else {},
    )
    return {
        (clock, date.fromisoformat(due_on), rung, code): Found(role, kind, date.fromisoformat(on), unsaid)
        for clock, due_on, rung, code, role, kind, on, unsaid in rows
    }


def messages_of(connection: Connection, run: int) -> dict[tuple[str, str], set[Key]]:
    """What each message of a run holds, by party and kind."""
    rows = connection.execute(
        text("""SELECT g.kind, p.code, n.deadline_id, n.due_on, n.rung
                FROM message g JOIN party p ON p.id = g.party_id
                JOIN json_each(g.notice_ids) i JOIN notice n ON n.id = i.value
                WHERE g.run_id = :run AND n.party_id = g.party_id"""),
        {"run": run},
    )
    found: dict[tuple[str, str], set[Key]] = {}
    for kind, code, clock, due_on, rung in rows:
        found.setdefault((code, kind), set()).add((clock, date.fromisoformat(due_on), rung, code))
    return found


def deliver(connection: Connection, on: date, accepts: Sequence[str], refuses: Sequence[str] = ()) -> None:
    """A delivery as the outbox sees it: every message is claimed, and taken, refused for good or told to come again.

    The news of what could not be delivered are dropped: they are no notices, and the walk knows nothing of them.
    """
    owner = "test"
    connection.execute(text("UPDATE news SET unsaid = 'settled'"))
    for one in outbox.claim(connection, owner, AT, 100_000, on).messages:
        state, phase = _RETRY
        if one.party in refuses:
            state, phase = _REFUSED
        elif one.party in accepts:
            state, phase = _ACCEPTED
        day = on if state is MessageState.ACCEPTED else None
        ending = Ending(one.id, one.attempt, state, phase, accepted_on=day)
        assert outbox.mark(connection, owner, one.id, one.attempt, AT, "test")
        assert outbox.finish(connection, owner, ending, AT)
        if state is MessageState.REJECTED:
            alarm(connection, one.id, on, AT)
    outbox.count_served(connection)


_RETRY = (MessageState.RETRY_WAIT, AttemptPhase.RETRY)
_REFUSED = (MessageState.REJECTED, AttemptPhase.REJECTED)
_ACCEPTED = (MessageState.ACCEPTED, AttemptPhase.ACCEPTED)


def _messages(expected: Mapping[Key, Expected]) -> dict[tuple[str, str], set[Key]]:
    found: dict[tuple[str, str], set[Key]] = {}
    for key, one in expected.items():
        if one.unsaid is None:
            found.setdefault((one.party, one.message), set()).add(key)
    return found


def differences(expected: Mapping[Key, Expected], found: Mapping[Key, Found]) -> Iterator[str]:
    """A line for each notice that is missing, too much or otherwise than expected."""
    for key in sorted(expected.keys() | found.keys()):
        wanted, got = expected.get(key), found.get(key)
        if wanted is None:
            yield f"too much: {key} {got}"
        elif got is None:
            yield f"missing: {key} {wanted}"
        elif (got.on, got.unsaid) != (wanted.on, wanted.unsaid) or got.kind != wanted.kinds.get(got.role):
            yield f"otherwise: {key} {got}, not {wanted}"


# Drawing one

START = date(2023, 3, 20)
OFFICE = directory(
    party("D1", Role.UNIT, Role.SUPERVISION),
    party("D2", Role.UNIT),
    party("D3", Role.UNIT, Role.GENERAL),
    party("D4", Role.UNIT, addresses=NO_ADDRESS),
    party("D5", Role.UNIT, addresses=NO_ADDRESS),
    party("D6", Role.UNIT),
    party("L1", Role.LEAD),
    party("L2", Role.LEAD, Role.HEAD),
    party("G1", Role.GENERAL),
    party("S1", Role.SUPERVISION),
    party("A1", Role.ACCOUNTABILITY),
    party("H1", Role.HEAD),
)
"""Parties in two roles, groups of two parties, and units without an address."""
UNITS = ("D1", "D2", "D3", "D4", "D5", "D6")
ADDRESSES = (NO_ADDRESS, FILE_BOX, OTHER_BOX)
STAGES = (*[Stage.COMPLETE] * 8, *Stage)
GAPS = (0, 1, 1, 1, 1, 1, 2, 3, 4, 7, 12, 40)


@dataclass
class Draughtsman:
    """Draws a history. `chance` is a seeded generator, or hypothesis's, which can then shrink what it drew."""

    chance: Random
    measures: int
    runs: int
    open_at_first: int
    day: date = START
    clocks: dict[int, Opening] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)

    def history(self) -> History:
        rows = tuple(self._row(str(number)) for number in range(1, self.measures + 1))
        self.day = START + DAY * self.chance.randrange(14)
        steps: list[Step] = [self._open(rows, self.open_at_first, self.day)]
        for _ in range(self.runs):
            next_day = self.day + DAY * self.chance.choice(GAPS)
            steps += self._between(rows, next_day)
            steps.append(Run(next_day))
            if self.chance.random() < 0.8:
                steps.append(self._deliver(next_day))
            self.day = next_day
        return History(OFFICE, rows, tuple(steps))

    def _row(self, no: str) -> Row:
        cooperating = tuple(sorted(self.chance.sample(UNITS, self.chance.randrange(3))))
        return Row(no, self.chance.choice(UNITS), self.chance.choice(("L1", "L2")), cooperating)

    def _between(self, rows: Sequence[Row], next_day: date) -> Iterator[Step]:
        for _ in range(self.chance.choice((0, 0, 1, 2, 3))):
            on = self.day + DAY * self.chance.randrange(-3, (next_day - self.day).days + 3)
            step = self.chance.choice(_EVENTS)(self, rows, on)
            if step:
                yield step
        if self.chance.random() < 0.15:
            on = self.day + DAY * self.chance.randrange((next_day - self.day).days + 1)
            yield self._deliver(on)

    def _open(self, rows: Sequence[Row], how_many: int, on: date) -> Open:
        return Open(tuple(self._opening(rows, on) for _ in range(how_many)), on)

    def _opening(self, rows: Sequence[Row], on: date) -> Opening:
        opened_on = on + DAY * self.chance.choice((0, 0, 0, -4, 3, 20))
        due_on = opened_on + DAY * self.chance.randrange(-60, 140)
        opening = Opening(self.chance.choice(rows).no, self.chance.choice(STAGES), due_on, opened_on)
        number = len(self.clocks) + 1
        self.clocks[number] = opening
        self.running.add(number)
        return opening

    def _open_more(self, rows: Sequence[Row], on: date) -> Step:
        return self._open(rows, self.chance.randrange(1, 4), on)

    def _redate(self, rows: Sequence[Row], on: date) -> Step | None:
        clock = self._one(self.running)
        return Redate(clock, on + DAY * self.chance.randrange(-20, 60), on) if clock else None

    def _stop(self, rows: Sequence[Row], on: date) -> Step | None:
        clock = self._one(self.running)
        self.running.discard(clock or 0)
        return Stop(clock, max(on, self.clocks[clock].opened_on)) if clock else None

    def _hold_or_resume(self, rows: Sequence[Row], on: date) -> Step | None:
        held = self._one(self.held)
        if held and self.chance.random() < 0.7:
            self.held.discard(held)
            self.running.add(held)
            return Resume(held, on, self.chance.choice((None, self.chance.randrange(-40, 60))))
        clock = self._one(self.running)
        if clock:
            self.running.discard(clock)
            self.held.add(clock)
        return Hold(clock, on) if clock else None

    def _take_up(self, rows: Sequence[Row], on: date) -> Step | None:
        clock = self._one(self.running)
        return TakeUp(clock, on) if clock else None

    def _hand_to_lead(self, rows: Sequence[Row], on: date) -> Step:
        return HandToLead(self.chance.choice(rows).no, self.chance.choice(("L1", "L2")), on)

    def _readdress(self, rows: Sequence[Row], on: date) -> Step:
        return Readdress(self.chance.choice(OFFICE.parties).code, self.chance.choice(ADDRESSES), on)

    def _regroup(self, rows: Sequence[Row], on: date) -> Step:
        return Regroup("D6", Role(self.chance.choice(GROUPS)), self.chance.random() < 0.5, on)

    def _rule(self, rows: Sequence[Row], on: date) -> Step:
        return Rule(self.chance.randrange(len(POLICIES)))

    def _announce(self, rows: Sequence[Row], on: date) -> Step:
        return Announce(self.chance.randrange(len(OVERLAYS)))

    def _one(self, clocks: set[int]) -> int | None:
        return self.chance.choice(sorted(clocks)) if clocks else None

    def _deliver(self, on: date) -> Deliver:
        codes = [one.code for one in OFFICE.parties]
        accepting = tuple(code for code in codes if self.chance.random() < 0.7)
        refusing = tuple(code for code in codes if code not in accepting and self.chance.random() < 0.5)
        return Deliver(on, accepting, refusing)


_EVENTS: tuple[Callable[[Draughtsman, Sequence[Row], date], Step | None], ...] = (
    Draughtsman._open_more,
    Draughtsman._open_more,
    Draughtsman._redate,
    Draughtsman._redate,
    Draughtsman._stop,
    Draughtsman._hold_or_resume,
    Draughtsman._hold_or_resume,
    Draughtsman._take_up,
    Draughtsman._hand_to_lead,
    Draughtsman._readdress,
    Draughtsman._readdress,
    Draughtsman._regroup,
    Draughtsman._rule,
    Draughtsman._announce,
)


def draw(chance: Random, measures: int = 40, runs: int = 30, open_at_first: int = 30) -> History:
    """A history of so many measures, runs and clocks to begin with."""
    return Draughtsman(chance, measures, runs, open_at_first).history()
