"""Small offices for tests: who is who, a policy, a calendar, and a ledger whose clocks a test opens as it likes.

`Books` writes straight to the tables, with the events and numbers that the use cases write, so that any clock can
be put up on any day. `assigned_home` goes the real way: a home, an import, and the use cases. Nothing is patched.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from sqlalchemy import Connection, insert, select, text, update
from sqlmodel import Session

from config.calendars import load_calendar
from config.machine import machine_id
from config.policy import DEFAULT_POLICY, load_policy
from config.settings import Settings, load_settings
from flows.office import make_home, open_office
from models import record
from models.directory import Directory, DirectoryParty, Person, StandIn
from models.handling import clocks
from models.handling.assignment import assign
from models.handling.case import By
from models.handling.importing import RoundSpec, import_ledger
from models.ladder import Policy
from models.ledger.rows import LedgerReading, LedgerRow
from models.lifecycle import ClosureClass, Role, Stage, State
from models.store.engine import Store
from models.store.home.site import place_of
from models.store.parties import party_ids, refresh_several_roles, sync_parties, sync_rounds
from models.store.posting import Basis, Posted, post
from models.tables import ClockOutcome, Cooperation, Cycle, Deadline, FeedbackProblem, Home, HomeMode, Measure, Round
from models.tables.clocks import OPEN
from models.tables.core import DEADLINE
from models.timelimit import LimitKind, TimeLimit
from models.workdays import WorkCalendar

AT = datetime(2023, 3, 27, 1, 0, tzinfo=UTC)
"""The moment at which tests record things; what is decided never depends on it."""
FILE_BOX = ("file:",)
OTHER_BOX = ("file:", "file:")
NO_ADDRESS: tuple[str, ...] = ()
ROUND = RoundSpec("R1", "测试轮次", date(2023, 3, 24))


# Who is who


def party(
    code: str, *roles: Role, addresses: tuple[str, ...] = FILE_BOX, stand_in: StandIn | None = None
) -> DirectoryParty:
    """A party named after its code, with two people: `d1-a` and `d1-b` for D1."""
    people = tuple(Person(f"{code.lower()}-{letter}", f"{code}{letter}") for letter in "ab")
    return DirectoryParty(code, f"单位{code}", frozenset(roles), addresses, people, (stand_in,) if stand_in else ())


def directory(*parties: DirectoryParty) -> Directory:
    """The directory of these parties, with the YAML that says the same as its content."""
    content = yaml.safe_dump({"parties": [_entry(one) for one in parties]}, allow_unicode=True, sort_keys=False)
    return Directory(tuple(parties), content, hashlib.sha256(content.encode()).hexdigest())


def replaced(found: Directory, code: str, **changes: Any) -> Directory:
    """The same directory but for what is said of one party."""
    return directory(*(replace(p, **changes) if p.code == code else p for p in found.parties))


def readdressed(found: Directory, code: str, addresses: tuple[str, ...]) -> Directory:
    """The same directory but for the addresses of one party."""
    return replaced(found, code, addresses=addresses)


def _entry(one: DirectoryParty) -> dict[str, object]:
    entry: dict[str, object] = {
        "code": one.code,
        "name": one.name,
        "roles": sorted(role.value for role in one.roles),
        "addresses": list(one.addresses),
        "people": [
            {"code": person.code, "name": person.name, **({"disabled": True} if person.disabled else {})}
            for person in one.people
        ],
    }
    for term in one.stand_ins:
        entry["stand_in"] = {"party": term.party, "from": term.since, "until": term.until}
    return entry


PLAIN_DIRECTORY = directory(
    party("D1", Role.UNIT),
    party("D2", Role.UNIT),
    party("D3", Role.UNIT),
    party("D4", Role.UNIT, addresses=NO_ADDRESS),
    party("L1", Role.LEAD),
    party("L2", Role.LEAD),
    party("G1", Role.GENERAL),
    party("S1", Role.SUPERVISION),
    party("A1", Role.ACCOUNTABILITY),
    party("H1", Role.HEAD),
)
"""Every party is one thing only, and D4 has no address."""


# By what rules


@cache
def calendar(overlay: str = "") -> WorkCalendar:
    """The official calendar, with the text of an overlay laid over it."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "calendar.yaml")
        if overlay:
            path.write_text(overlay, encoding="utf-8")
        return load_calendar(path)


@cache
def policy(content: str = "") -> Policy:
    """The policy that this YAML says; the default one where it says nothing."""
    if not content:
        return load_policy(DEFAULT_POLICY, calendar())
    with TemporaryDirectory() as folder:
        path = Path(folder, "policy.yaml")
        path.write_text(content, encoding="utf-8")
        return load_policy(path, calendar())


# A database


@cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "duban.db")
        store = Store(f"sqlite:///{path}")
        store.migrate()
        store.close()
        return path.read_bytes()


@contextmanager
def empty_store(folder: Path) -> Iterator[Store]:
    """A store on a new SQLite file at the newest schema."""
    path = folder / "duban.db"
    path.write_bytes(_empty_database())
    store = Store(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store.close()


class _Undone(Exception):  # noqa: N818 - a signal to roll back, not an error
    """Ends a transaction that is not kept."""


@contextmanager
def undone(store: Store) -> Iterator[Connection]:
    """One write transaction that leaves no trace: many histories can be played on one file, without a sync each."""
    try:
        with store.writing() as connection:
            yield connection
            raise _Undone
    except _Undone:
        pass


# A ledger on one connection


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of the ledger, by party codes."""

    no: str
    unit: str = "D1"
    lead: str = "L1"
    cooperating: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """A clock to be opened. `opened_on` may lie before or after the day on which somebody opens it."""

    measure: str
    stage: Stage
    due_on: date
    opened_on: date


@dataclass
class Books:
    """The ledger of an office on an open write connection, and what its daily run decides with.

    `directory`, `policy` and `calendar` may be put in place of others at any time, as an office does with its files.
    """

    connection: Connection
    directory: Directory = PLAIN_DIRECTORY
    policy: Policy = field(default_factory=policy)
    calendar: WorkCalendar = field(default_factory=calendar)

    def set_up(self, rows: Iterable[Row], on: date) -> None:
        """A rehearsal home whose one round holds these measures, each in its first cycle."""
        home = Home(mode=HomeMode.REHEARSAL, message_key="00" * 32, message_domain="test.local", created_at=AT)
        with Session(self.connection) as session:
            session.add(home)
            session.flush()
            sync_parties(self.connection, self.directory, on, AT)
            made = Round(code=ROUND.code, name=ROUND.name, feedback_on=ROUND.feedback_on, ends_on=ROUND.ends_on)
            session.add(made)
            session.flush()
            assert made.id
            finding = FeedbackProblem(round_id=made.id, position=1, text="反馈问题")
            session.add(finding)
            session.flush()
            assert finding.id
            sync_rounds(self.connection, self.directory)
            self._add_measures(session, made.id, finding.id, rows, on)
            session.flush()
        refresh_several_roles(self.connection)

    def open(self, *openings: Opening, on: date) -> list[int]:
        """Opens clocks with one event made on day `on`; returns their ids in order."""
        seq = self._event("assign", on)
        first = (self.connection.scalar(text("SELECT max(id) FROM deadline")) or 0) + 1
        measures = {row["no"]: row for row in self.connection.execute(text(_MEASURES)).mappings()}
        rows = [
            {
                "id": first + place,
                **{name: value for name, value in measures[opening.measure].items() if name != "no"},
                "stage": opening.stage,
                "holder_id": measures[opening.measure]["unit_id"],
                "due_on": opening.due_on,
                "first_due_on": opening.due_on,
                "opened_on": opening.opened_on,
                "policy_digest": self.policy.digest,
                "armed_on": opening.opened_on,
                "armed_seq": seq,
            }
            for place, opening in enumerate(openings)
        ]
        self.connection.execute(insert(DEADLINE), rows)
        return [first + place for place in range(len(rows))]

    def redate(self, clock: int, due_on: date, on: date) -> None:
        """An extension granted on day `on`: the due date moves and the clock is armed again."""
        seq = self._event("decide_extension", on)
        opened_on = self.connection.scalar(select(DEADLINE.c.opened_on).where(DEADLINE.c.id == clock))
        assert opened_on
        self._change(clock, due_on=due_on, armed_on=max(on, opened_on), armed_seq=seq, taken_up_on=None)

    def stop(self, clock: int, on: date) -> None:
        self._event("submit_self_check", on)
        self._change(clock, stopped_on=on, outcome=ClockOutcome.MET)

    def hold(self, clock: int, on: date) -> None:
        self._event("hold", on)
        self._change(clock, held_on=on, held_days=0)

    def resume(self, clock: int, on: date) -> None:
        """Lets a held clock run on with the date it had."""
        self._change(clock, held_on=None, held_days=None, armed_seq=self._event("resume", on))

    def resume_with(self, clock: int, days: int, on: date) -> None:
        """Lets a held clock run on as the use case does: due so many working days from that day."""
        self._change(clock, held_days=days)
        with Session(self.connection) as session:
            clocks.resume(session, [session.get_one(Deadline, clock)], on, self._event("resume", on), self.calendar)
            session.flush()

    def take_up(self, clock: int, on: date) -> None:
        self._event("take_up", on)
        self._change(clock, taken_up_on=on)

    def hand_to_lead(self, measure: str, lead: str, on: date) -> None:
        """Gives a measure and its clocks that are not stopped another lead."""
        seq = self._event("hand_over", on)
        values = {"no": measure, "lead": party_ids(self.connection)[lead], "seq": seq}
        for statement in _HAND_TO_LEAD:
            self.connection.execute(text(statement), values)
        refresh_several_roles(self.connection)

    def name_parties(self, found: Directory, on: date) -> None:
        """Another directory.yaml from day `on`."""
        self.directory = found
        sync_parties(self.connection, found, on, AT)

    def run(self, on: date) -> Posted:
        """The posting of a daily run."""
        sync_parties(self.connection, self.directory, on, AT)
        return post(self.connection, Basis(self.policy, self.calendar, self.directory), on, AT, "test")

    def open_clocks(self) -> list[int]:
        return list(self.connection.scalars(text(f"SELECT id FROM deadline WHERE {OPEN} ORDER BY id")))

    def _event(self, action: str, on: date) -> int:
        return record.append(self.connection, record.Entry(action, AT, on))

    def _change(self, clock: int, **values: object) -> None:
        self.connection.execute(update(DEADLINE).where(DEADLINE.c.id == clock).values(**values))

    def _add_measures(self, session: Session, round_id: int, finding_id: int, rows: Iterable[Row], on: date) -> None:
        ids = party_ids(self.connection)
        for position, row in enumerate(rows, start=1):
            measure = Measure(
                round_id=round_id,
                problem_id=finding_id,
                position=position,
                no=row.no,
                text=f"整改措施{row.no}",
                unit_id=ids[row.unit],
                lead_id=ids[row.lead],
                closure=ClosureClass.SETTLED,
                major=False,
                limit_text="",
                limit_kind=LimitKind.DATE,
                limit_rule="",
                state=State.IN_PROGRESS,
            )
            session.add(measure)
            session.flush()
            assert measure.id
            session.add(Cycle(measure_id=measure.id, opened_on=on))
            for code in row.cooperating:
                session.add(Cooperation(measure_id=measure.id, party_id=ids[code]))


_MEASURES = """
SELECT m.no, m.id AS measure_id, y.id AS cycle_id, m.unit_id, m.lead_id, m.round_id
FROM measure m JOIN cycle y ON y.measure_id = m.id"""


_HAND_TO_LEAD = (
    "UPDATE measure SET lead_id = :lead WHERE no = :no",
    """UPDATE deadline SET lead_id = :lead, armed_seq = :seq
       WHERE stopped_on IS NULL AND measure_id = (SELECT id FROM measure WHERE no = :no)""",
)


# A home, the real way


def assigned_home(
    folder: Path, rows: Mapping[Row, date], on: date, found: Directory = PLAIN_DIRECTORY, rules: Path = DEFAULT_POLICY
) -> Settings:
    """A rehearsal home in `folder`: made, filled with a ledger of these due dates, and all of it assigned on `on`."""
    written = folder / "given-directory.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    written.write_text(found.content, encoding="utf-8")
    settings = load_settings({"DUBAN_HOME": str(folder / "home")})
    make_home(settings, HomeMode.REHEARSAL, written, rules)
    general = found.holding(Role.GENERAL)[0].people[0].code
    with open_office(settings) as office:
        with office.acting(on) as (session, ground):
            import_ledger(session, ground, _reading(rows), ROUND, "test")
        for row in rows:
            with office.acting(on) as (session, ground):
                assign(session, ground, row.no, By(general))
    return settings


def moved_home(home: Path, to: Path) -> Path:
    """A copy of a home that lives where it lies, as if it had been made there: no test is kept from delivering by it.

    A copy that knows itself as one is made with `copytree` alone.
    """
    return settled_in(Path(shutil.copytree(home, to)))


def settled_in(home: Path) -> Path:
    """Lets the home of this folder live there."""
    database = home / "duban.db"
    place = place_of(machine_id(), home, database)
    with closing(sqlite3.connect(database)) as raw, raw:
        raw.execute("UPDATE home SET site = ?", (place.site,))
    return home


def _reading(rows: Mapping[Row, date]) -> LedgerReading:
    return LedgerReading(tuple(_ledger_rows(rows)), (), ())


def _ledger_rows(rows: Mapping[Row, date]) -> Iterator[LedgerRow]:
    for number, (row, due_on) in enumerate(rows.items(), start=1):
        limit = TimeLimit(str(due_on), LimitKind.DATE, due_on, "test", (0, 0), frozenset(), False, "")
        yield LedgerRow(
            row=number,
            sheet="测试",
            no=row.no,
            problem="反馈问题",
            text=f"整改措施{row.no}",
            lead=row.lead,
            unit=row.unit,
            cooperating=row.cooperating,
            limit_text=str(due_on),
            limit=limit,
            closure=ClosureClass.SETTLED,
            major=False,
        )


def letters_in(outbox: Path) -> dict[str, Sequence[Path]]:
    """The letters of the file channel by the folder they lie in: the code of who receives."""
    return {box.name: sorted(box.glob("*.eml")) for box in sorted(outbox.iterdir())} if outbox.is_dir() else {}
