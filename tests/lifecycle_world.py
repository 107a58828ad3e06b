"""A small office in which anything may happen: who is in it, its ledger, every use case as one `Deed`, time and post.

A real home on a real SQLite file in memory-backed storage, put back to its beginning in a moment. Nothing of the
product is replaced: actions go through `Office.acting`, the poll through `flows.steps`, delivery through the outbox.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import Session

from config.policy import DEFAULT_POLICY
from config.settings import load_settings
from flows.office import Office, make_home, open_office
from flows.steps import post_notices
from models.closure import EvidenceKind
from models.directory import Directory, DirectoryParty, Person, StandIn
from models.errors import DubanError
from models.evidence import HandedIn, StagedFile
from models.handling import (
    accountability,
    assignment,
    closure_review,
    extension,
    follow_up,
    holding,
    reassignment,
    rectification,
    supervision_check,
)
from models.handling.case import By, Done, Ground, find_measure
from models.handling.facts import Facts, exception_for
from models.handling.importing import RoundSpec, import_ledger
from models.ledger.rows import LedgerReading, LedgerRow
from models.lifecycle import Action, ClosureClass, Role
from models.outcome import Outcome
from models.permission import allowed_actions
from models.store import outbox
from models.store.engine import Store
from models.store.outbox import Ending
from models.store.posting import Posted
from models.tables import AttemptPhase, HomeMode, MessageState
from models.timelimit import LimitKind, TimeLimit
from tests.offices import AT, FILE_BOX, NO_ADDRESS, directory, party, replaced

START = date(2023, 3, 27)
MEMORY = Path("/dev/shm")


# Who is who


def _with(one: DirectoryParty, *people: Person) -> DirectoryParty:
    return replace(one, people=people)


def _people(*codes: str) -> tuple[Person, ...]:
    return tuple(Person(code, f"经办{code}") for code in codes)


AWAY = StandIn("D2", date(2023, 5, 4), date(2023, 5, 31))
DIRECTORY = directory(
    _with(party("D1", Role.UNIT), *_people("d1-a", "d1-b", "both")),
    _with(party("D2", Role.UNIT), *_people("d2-a", "judge"), Person("d2-b", "经办d2-b", disabled=True)),
    _with(party("D3", Role.UNIT, addresses=NO_ADDRESS), *_people("d3-a")),
    _with(party("L1", Role.LEAD, stand_in=AWAY), *_people("l1-a", "duo", "judge")),
    _with(party("LH", Role.LEAD, Role.HEAD), *_people("lh-a", "both")),
    _with(party("G1", Role.GENERAL), *_people("g1-a", "trio")),
    _with(party("S1", Role.SUPERVISION), *_people("s1-a", "s1-b", "both", "judge")),
    _with(party("S2", Role.SUPERVISION), *_people("s2-a")),
    _with(party("A1", Role.ACCOUNTABILITY), *_people("trio"), Person("a1-b", "经办a1-b", disabled=True)),
    _with(party("H1", Role.HEAD), *_people("h1-a", "duo")),
)
"""D3 has no address and one person. LH is lead and head. `both` is unit, supervision, lead and head, `judge` unit,
supervision and lead, `duo` lead and head, `trio` general and the only reader of accountability. D2 stands in for L1 in
May."""


def _variants() -> tuple[Directory, ...]:
    s1 = DIRECTORY.by_code("S1")
    assert s1
    some_out = tuple(replace(person, disabled=person.code == "s1-b") for person in s1.people)
    without_d2 = [replace(one, stand_ins=()) for one in DIRECTORY.parties if one.code != "D2"]
    return (
        DIRECTORY,
        replaced(replaced(DIRECTORY, "D1", addresses=NO_ADDRESS), "D3", addresses=FILE_BOX),
        replaced(replaced(DIRECTORY, "S2", roles=frozenset({Role.GENERAL})), "S1", people=some_out),
        directory(*without_d2),
        replaced(DIRECTORY, "G1", stand_ins=(StandIn("S2", date(2023, 4, 10), date(2023, 7, 10)),)),
        replaced(DIRECTORY, "S1", roles=frozenset({Role.GENERAL})),
        replaced(DIRECTORY, "H1", roles=frozenset({Role.GENERAL})),
    )


VARIANTS = _variants()
"""Addresses come and go, somebody is disabled, a unit leaves, a group is stood in for, the first of a group leaves."""
PEOPLE = tuple(dict.fromkeys(person.code for one in DIRECTORY.parties for person in one.people))
CODES = tuple(one.code for one in DIRECTORY.parties)


# The ledger


@dataclass(frozen=True, slots=True)
class Planned:
    """A measure of the ledger."""

    no: str
    closure: ClosureClass
    unit: str
    lead: str
    due_on: date | None = None
    kind: LimitKind = LimitKind.DATE
    major: bool = False
    cooperating: tuple[str, ...] = ()
    milestones: tuple[date, ...] = ()


_SETTLED, _MECHANISM, _SUSTAINED = ClosureClass
LEDGER = (
    Planned("M1", _SETTLED, "D1", "L1", date(2023, 5, 12)),
    Planned("M2", _SETTLED, "D1", "L1", date(2023, 6, 30), major=True, cooperating=("D2",),
            milestones=(date(2023, 4, 20), date(2023, 5, 25))),
    Planned("M3", _MECHANISM, "D2", "LH", date(2023, 4, 28), major=True),
    Planned("M4", _SUSTAINED, "D1", "LH", kind=LimitKind.SUSTAINED),
    Planned("M5", _SUSTAINED, "D3", "L1", date(2023, 5, 31), major=True, cooperating=("D1",),
            milestones=(date(2023, 3, 20), date(2023, 5, 5))),
    Planned("M6", _SETTLED, "D3", "LH", kind=LimitKind.IMMEDIATE),
    Planned("M7", _MECHANISM, "D2", "L1", kind=LimitKind.UNRESOLVED),
)  # fmt: skip
CLOSED = (
    Planned("C1", _SETTLED, "D1", "L1", date(2022, 6, 30)),
    Planned("C2", _SUSTAINED, "D2", "LH", date(2022, 6, 30), major=True),
)
NUMBERS = tuple(one.no for one in (*LEDGER, *CLOSED))


def reading(plan: Iterable[Planned]) -> LedgerReading:
    """A ledger that was read without problems."""
    return LedgerReading(tuple(_row(place, one) for place, one in enumerate(plan, start=1)), (), ())


def _row(place: int, one: Planned) -> LedgerRow:
    text = str(one.due_on) if one.due_on else one.kind.value
    reason = "没有写出日期" if one.kind is LimitKind.UNRESOLVED else ""
    days, steps = one.milestones, ("",) * len(one.milestones)
    limit = TimeLimit(text, one.kind, one.due_on, "test", (0, 0), frozenset(), bool(reason), reason, days, steps)
    return LedgerRow(
        place, "测试", one.no, "反馈问题", f"整改措施{one.no}", one.lead, one.unit, one.cooperating, text, limit,
        one.closure, one.major,
    )  # fmt: skip


# What people do


@dataclass(frozen=True, slots=True)
class Deed:
    """One use case with all that may be given to it; each action uses what is its own. Unsound values are meant."""

    action: Action
    no: str
    person: str
    as_party: str | None = None
    reason: str = "按会议意见办理"
    version: int | None = None
    recorded_by: str | None = None
    basis: bool = False
    day: date | None = None
    text: str = "已按要求整改"
    percent: int = 50
    kinds: tuple[EvidenceKind, ...] = ()
    unit: str | None = None
    lead: str | None = None
    follow_up: str | None = None
    granted: bool = True


Use = Callable[[Session, Ground, Deed, By, Sequence[StagedFile]], Done]
_OUTCOME = Outcome.TALK
USES: Mapping[Action, Use] = {
    Action.ASSIGN: lambda s, g, d, by, _: assignment.assign(s, g, d.no, by, d.day),
    Action.ACCEPT: lambda s, g, d, by, _: assignment.accept(s, g, d.no, by),
    Action.REPORT_PROGRESS: lambda s, g, d, by, _: rectification.report_progress(s, g, d.no, by, d.text, d.percent),
    Action.REPORT_MILESTONE: lambda s, g, d, by, _: rectification.report_milestone(s, g, d.no, by, d.text, d.day),
    Action.SUBMIT_SELF_CHECK: lambda s, g, d, by, f: rectification.submit_self_check(s, g, d.no, by, d.text, f),
    Action.ADD_EVIDENCE: lambda s, g, d, by, f: rectification.add_evidence(s, g, d.no, by, f),
    Action.PASS_CHECK: lambda s, g, d, by, _: supervision_check.pass_check(s, g, d.no, by),
    Action.FAIL_CHECK: lambda s, g, d, by, _: supervision_check.fail_check(s, g, d.no, by, d.day, ("会议记录",)),
    Action.OPEN_REVIEW: lambda s, g, d, by, _: closure_review.open_review(s, g, d.no, by, d.follow_up),
    Action.APPROVE: lambda s, g, d, by, _: closure_review.approve(s, g, d.no, by),
    Action.REJECT: lambda s, g, d, by, _: closure_review.reject(s, g, d.no, by, d.day),
    Action.FOLLOW_UP_REPORT: lambda s, g, d, by, f: follow_up.follow_up_report(s, g, d.no, by, d.text, f),
    Action.FOLLOW_UP_CHECK: lambda s, g, d, by, _: follow_up.follow_up_check(s, g, d.no, by),
    Action.FAIL_FOLLOW_UP: lambda s, g, d, by, _: follow_up.fail_follow_up(s, g, d.no, by, d.day),
    Action.LOOK_BACK: lambda s, g, d, by, _: follow_up.look_back(s, g, d.no, by, d.day),
    Action.REOPEN: lambda s, g, d, by, _: follow_up.reopen(s, g, d.no, by, d.day),
    Action.ASK_EXTENSION: lambda s, g, d, by, _: extension.ask_extension(s, g, d.no, by, d.day or g.on_day),
    Action.DECIDE_EXTENSION: lambda s, g, d, by, _: extension.decide_extension(s, g, d.no, by, d.granted),
    Action.SET_NEW_LIMIT: lambda s, g, d, by, _: extension.set_new_limit(s, g, d.no, by, d.day or g.on_day),
    Action.HOLD: lambda s, g, d, by, _: holding.hold(s, g, d.no, by),
    Action.RESUME: lambda s, g, d, by, _: holding.resume(s, g, d.no, by),
    Action.TAKE_UP: lambda s, g, d, by, _: accountability.take_up(s, g, d.no, by),
    Action.RECORD_OUTCOME: lambda s, g, d, by, _: accountability.record_outcome(s, g, d.no, by, _OUTCOME),
    Action.HAND_OVER: lambda s, g, d, by, _: reassignment.hand_over(s, g, d.no, by, d.unit, d.lead),
    Action.WITHDRAW: lambda s, g, d, by, _: reassignment.withdraw(s, g, d.no, by),
}
TAKES_FILES = frozenset({Action.SUBMIT_SELF_CHECK, Action.ADD_EVIDENCE, Action.FOLLOW_UP_REPORT})


def perform(office: Office, day: date, deed: Deed, files: Mapping[EvidenceKind, Path]) -> Done:
    """Does a deed in a transaction of its own, as a command would. Raises what the use case raises."""
    kinds = (*deed.kinds, EvidenceKind.OTHER) if deed.basis else deed.kinds
    with (
        office.handed_in([HandedIn(files[kind], kind) for kind in kinds]) as staged,
        office.acting(day) as (session, ground),
    ):
        basis = staged[-1] if deed.basis else None
        by = By(deed.person, deed.as_party, deed.reason, deed.version, deed.recorded_by, basis)
        return USES[deed.action](session, ground, deed, by, staged[: len(deed.kinds)])


def files_in(folder: Path) -> dict[EvidenceKind, Path]:
    """A tiny file of each kind of evidence."""
    files = {kind: folder / f"{kind}.txt" for kind in EvidenceKind}
    for kind, path in files.items():
        path.write_text(f"佐证{kind}", encoding="utf-8")
    return files


# The world


class End(Enum):
    """What a channel does with a message: `NO_ANSWER` before anything was handed over, `LATER` after it."""

    ACCEPTED = auto()
    NO_ANSWER = auto()
    LATER = auto()
    UNKNOWN = auto()
    REJECTED = auto()


class World:
    """The office as it stands on a day. `variant` is the directory.yaml in force."""

    def __init__(self, folder: Path) -> None:
        self.settings = load_settings({"DUBAN_HOME": str(folder / "home")})
        self._files = files_in(folder)
        _make(self.settings.home, folder)
        self.store = Store(self.settings.database_url)
        self._offices = self._opened()
        self.store.close()
        self._beginning = self.settings.database.read_bytes()
        self.reader = sqlite3.connect(self.settings.database, isolation_level=None)
        self.day, self.variant = START, 0

    def begin(self) -> None:
        """Puts everything back to the day of the import."""
        self.close()
        self.settings.database.write_bytes(self._beginning)
        for file in self.kept_files():
            file.unlink()
        self.reader = sqlite3.connect(self.settings.database, isolation_level=None)
        self.day, self.variant = START, 0

    def close(self) -> None:
        self.store.close()
        self.reader.close()

    @property
    def office(self) -> Office:
        return self._offices[self.variant]

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What a plain SELECT finds, by a connection that knows nothing of the product."""
        found = self.reader.execute(query, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    def data_version(self) -> int:
        """Changes whenever anybody else commits anything to the file."""
        return int(self.reader.execute("PRAGMA data_version").fetchone()[0])

    def kept_files(self) -> set[Path]:
        """The files of the evidence store; what was staged is gone once the action is over."""
        return {path for path in self.settings.evidence.rglob("*") if path.is_file()}

    def agree(self) -> None:
        """Brings the tables of parties in step with directory and day, as anybody's next action would."""
        with self.office.acting(self.day):
            pass

    def attempt(self, deed: Deed) -> Done | DubanError:
        """What came of a deed."""
        try:
            return perform(self.office, self.day, deed, self._files)
        except DubanError as refusal:
            return refusal

    def decide(self, what: Callable[[Session, Ground], object]) -> DubanError | None:
        """A decision about persons rather than a measure: a stand-in, an exception."""
        try:
            with self.office.acting(self.day) as (session, ground):
                what(session, ground)
        except DubanError as refusal:
            return refusal
        return None

    def allowed(self, deed: Deed) -> frozenset[Action]:
        """What the product offers this person, as this party or as any."""
        seats = self.office.directory.seats_of(deed.person, self.day)
        with self.store.reading() as connection, Session(connection) as session:
            measure = find_measure(session, deed.no)
            facts = Facts(session, measure, self.day)
            excepted = exception_for(session, deed.person, self.day) is not None
            return frozenset(
                action
                for seat in seats
                if deed.as_party in (None, seat.party.code)
                for action in allowed_actions(measure.state, facts.relation(seat, excepted), facts.situation)
            )

    def poll(self) -> Posted:
        return post_notices(self.office, self.day, "test")

    def deliver(self, ends: Callable[[], End]) -> int:
        """Claims what waits and ends each attempt as the channel answers. Returns how many were claimed."""
        with self.store.writing() as connection:
            batch = outbox.claim(connection, "test", AT, 1000, self.day)
            for one in batch.messages:
                end = ends()
                if end is not End.NO_ANSWER:
                    assert outbox.mark(connection, "test", one.id, one.attempt, AT, "test")
                assert outbox.finish(connection, "test", _ending(one.id, one.attempt, end, self.day), AT)
            outbox.count_served(connection)
        return len(batch.messages)

    def _opened(self) -> tuple[Office, ...]:
        """An office for each directory, with its files read."""
        with open_office(self.settings) as known:
            home = known.home
        found = []
        for variant in reversed(VARIANTS):
            self.settings.directory.write_text(variant.content, encoding="utf-8")
            office = Office(self.settings, self.store, home)
            assert office.basis.directory.parties == variant.parties
            found.append(office)
        return tuple(reversed(found))


def _ending(message: int, attempt: int, end: End, day: date) -> Ending:
    state, phase = _ENDINGS[end]
    accepted_on = day if end is End.ACCEPTED else None
    return Ending(message, attempt, state, phase, ambiguous=end is End.UNKNOWN, accepted_on=accepted_on)


_ENDINGS = {
    End.ACCEPTED: (MessageState.ACCEPTED, AttemptPhase.ACCEPTED),
    End.NO_ANSWER: (MessageState.RETRY_WAIT, AttemptPhase.RETRY),
    End.LATER: (MessageState.RETRY_WAIT, AttemptPhase.RETRY),
    End.UNKNOWN: (MessageState.UNKNOWN, AttemptPhase.UNKNOWN),
    End.REJECTED: (MessageState.REJECTED, AttemptPhase.REJECTED),
}


def _make(home: Path, folder: Path) -> None:
    written = folder / "given-directory.yaml"
    written.write_text(DIRECTORY.content, encoding="utf-8")
    settings = load_settings({"DUBAN_HOME": str(home)})
    make_home(settings, HomeMode.REHEARSAL, written, DEFAULT_POLICY)
    settings.evidence.mkdir(exist_ok=True)
    with open_office(settings) as office, office.acting(START) as (session, ground):
        before, now = RoundSpec("R0", "上一轮", date(2022, 3, 24)), RoundSpec("R1", "本轮", date(2023, 3, 24))
        import_ledger(session, ground, reading(CLOSED), before, "test", closed=True)
        import_ledger(session, ground, reading(LEDGER), now, "test")


@contextmanager
def a_world() -> Iterator[World]:
    """A world in memory where there is such a place, else in the usual folder for such things."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        world = World(Path(folder))
        try:
            yield world
        finally:
            world.close()
