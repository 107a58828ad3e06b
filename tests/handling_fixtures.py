"""A small office whose ledger is read from text, and what tests ask of it: its clocks, its events, all that it holds.

The home is made once and copied for each test. Actions go through `Office.acting`, as every command's do: `act` does
one, `bring_to` walks a measure through its life. Files that go with an action are real ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col
from sqlmodel import select as pick

from config.policy import DEFAULT_POLICY
from config.settings import Settings, load_settings
from flows.office import Office, make_home, open_office
from models.closure import EvidenceKind
from models.directory import Directory, Person
from models.errors import ActionRefused, DubanError
from models.evidence import HandedIn
from models.handling.assignment import accept, assign
from models.handling.case import By, Done, Ground, find_measure
from models.handling.closure_review import approve, open_review
from models.handling.importing import Imported, RoundSpec, import_ledger
from models.handling.rectification import submit_self_check
from models.handling.supervision_check import pass_check
from models.ledger.files.grid import SheetRow
from models.ledger.files.sheets import Sheet
from models.ledger.rows import LedgerReading
from models.ledger.table.reader import ledger_of
from models.lifecycle import AWAITED_STAGE, RUNNING_STATES, Role, Stage, State
from models.news import NewsKind
from models.store import board
from models.store.board import ClockRow, EventRow, EvidenceRow, NewsRow
from models.tables import Cooperation, Cycle, Deadline, HomeMode, Measure, RoundParty
from models.tables.core import EVENT
from tests.offices import NO_ADDRESS, directory, party, settled_in

SPEC = RoundSpec("2023", "2023年整改", date(2023, 3, 25))
COLUMNS = ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "配合单位", "完成时限", "销号类别", "重大")
UNIT, LEAD, GENERAL, SUPERVISION, ACCOUNTABILITY, HEAD = (
    By("d1-a"), By("l1-a"), By("g1-a"), By("s1-a"), By("a1-a"), By("h1-a"),
)  # fmt: skip
BOTH = Person("both", "两处任职")
"""Serves the unit D1 and the general group G1."""

_D1, _G1 = party("D1", Role.UNIT), party("G1", Role.GENERAL)
DIRECTORY = directory(
    replace(_D1, people=(*_D1.people, BOTH)),
    party("D2", Role.UNIT),
    party("D3", Role.UNIT),
    party("L1", Role.LEAD),
    replace(_G1, people=(*_G1.people, BOTH)),
    party("S1", Role.SUPERVISION),
    party("S2", Role.SUPERVISION),
    party("A1", Role.ACCOUNTABILITY),
    party("H1", Role.HEAD),
)


JACK, GONE, SOLO = Person("jack", "多处任职"), Person("gone", "已调离", disabled=True), Person("solo", "独自一人")
"""JACK serves unit, lead and every group; GONE was disabled; SOLO alone makes up D4, and helps in G1."""


def _crew() -> Directory:
    everywhere = {
        code: replace(found, people=(*found.people, JACK))
        for code, role in (
            ("D1", Role.UNIT), ("L1", Role.LEAD), ("G1", Role.GENERAL), ("S1", Role.SUPERVISION),
            ("A1", Role.ACCOUNTABILITY), ("H1", Role.HEAD),
        )
        if (found := party(code, role))
    }  # fmt: skip
    everywhere["D1"] = replace(everywhere["D1"], people=(*everywhere["D1"].people, GONE))
    everywhere["G1"] = replace(everywhere["G1"], people=(*everywhere["G1"].people, SOLO))
    return directory(
        *everywhere.values(),
        party("D2", Role.UNIT),
        party("D3", Role.UNIT, addresses=NO_ADDRESS),
        replace(party("D4", Role.UNIT), people=(SOLO,)),
        party("L2", Role.LEAD),
    )


CREW = _crew()
"""Every group is one party only. D3 has no address."""


@cache
def _files(mode: HomeMode, content: str, rules: str) -> Mapping[str, bytes]:
    """The files of a new home, by name."""
    with TemporaryDirectory() as folder:
        given, home, policy = Path(folder, "given.yaml"), Path(folder, "home"), Path(folder, "rules.yaml")
        given.write_text(content, encoding="utf-8")
        policy.write_text(rules, encoding="utf-8")
        make_home(load_settings({"DUBAN_HOME": str(home)}), mode, given, policy)
        return {file.name: file.read_bytes() for file in home.iterdir()}


def new_home(
    folder: Path, mode: HomeMode = HomeMode.REHEARSAL, found: Directory = DIRECTORY, rules: str = "", **env: str
) -> Settings:
    """A home without a ledger, in a folder of that name. `rules`: another policy than the default one."""
    folder.mkdir(parents=True)
    rules = rules or DEFAULT_POLICY.read_text(encoding="utf-8")
    for name, content in _files(mode, found.content, rules).items():
        (folder / name).write_bytes(content)
    return load_settings({"DUBAN_HOME": str(settled_in(folder)), **env})


@contextmanager
def small_office(folder: Path, found: Directory = DIRECTORY, rules: str = "") -> Iterator[Office]:
    with open_office(new_home(folder / "home", found=found, rules=rules)) as office:
        yield office


def default_rules(*changes: tuple[str, str]) -> str:
    """The default policy with these pieces of its text replaced."""
    rules = DEFAULT_POLICY.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in rules, old
        rules = rules.replace(old, new)
    return rules


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a ledger, as it is written."""

    no: str
    limit: str = "2023年6月30日前"
    unit: str = "D1"
    cooperating: str = ""
    closure: str = "限时办结"
    problem: str = "学习不深入"
    text: str = "订出学习计划"
    lead: str = "L1"
    major: str = "否"

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.no, self.problem, self.text, self.lead, self.unit, self.cooperating, self.limit, self.closure,
                self.major)  # fmt: skip


def reading_of(office: Office, *lines: Line, spec: RoundSpec = SPEC) -> LedgerReading:
    """What a file of these lines gives; without the file, whose reading takes a process of its own."""
    rows = (SheetRow(n, cells) for n, cells in enumerate((COLUMNS, *(line.cells for line in lines)), 1))
    return ledger_of([Sheet("台账", rows)], office.directory, spec.feedback_on, office.calendar)


def take_in(
    office: Office, *lines: Line, spec: RoundSpec = SPEC, on: date = date(2023, 3, 27), closed: bool = False
) -> Imported:
    """Imports these lines as a ledger of that round."""
    reading = reading_of(office, *lines, spec=spec)
    with office.acting(on) as (session, ground):
        return import_ledger(session, ground, reading, spec, "台账.csv", closed=closed)


def hand_out(office: Office, no: str, on: date, due_on: date | None = None) -> None:
    """The general group assigns a measure."""
    with office.acting(on) as (session, ground):
        assign(session, ground, no, By("g1-a"), due_on)


# Acting


_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def act(
    office: Office, on: date, use: Callable[Concatenate[Session, Ground, str, By, _Given], _Answer], no: str, by: By,
    *given: _Given.args, **named: _Given.kwargs,
) -> _Answer:  # fmt: skip
    """One use case on one measure, in a transaction of its own."""
    with office.acting(on) as (session, ground):
        return use(session, ground, no, by, *given, **named)


def file_of(
    office: Office, name: str = "佐证.txt", kind: EvidenceKind = EvidenceKind.PROOF, content: str = ""
) -> HandedIn:
    """A file on somebody's disk; its content is its name unless another is given."""
    path = office.settings.home.parent / "disk" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content or name, encoding="utf-8")
    return HandedIn(path, kind)


@contextmanager
def on_paper(office: Office, by: By, name: str = "会议纪要.pdf") -> Iterator[By]:
    """The same person with a basis, which is a file of that name."""
    with office.handed_in([file_of(office, name)]) as (basis,):
        yield replace(by, basis=basis)


def report(
    office: Office, on: date, *files: HandedIn, no: str = "1", by: By = UNIT, statement: str = "制度已印发"
) -> Done:
    """The unit hands in its self-check."""
    with office.handed_in(files) as staged:
        return act(office, on, submit_self_check, no, by, statement, staged)


PATH = (State.ASSIGNED, State.IN_PROGRESS, State.SELF_CHECKED, State.VERIFIED, State.UNDER_REVIEW, State.CLOSED)


def bring_to(office: Office, state: State, on: date, no: str = "1") -> None:
    """Walks a measure from where it stands to a state, all on one day, each step by somebody else.

    Where it is sustained, what would close it makes it followed up; a major one is signed by lead and head.
    """
    wanted = PATH.index(State.CLOSED if state is State.FOLLOWING_UP else state)
    here = state_of(office, no)
    start = PATH.index(here) + 1 if here in PATH else 0
    for step in PATH[start : wanted + 1]:
        match step:
            case State.ASSIGNED:
                act(office, on, assign, no, GENERAL)
            case State.IN_PROGRESS:
                act(office, on, accept, no, UNIT)
            case State.SELF_CHECKED:
                kinds = (EvidenceKind.PROOF, EvidenceKind.RULE)
                report(office, on, *(file_of(office, f"{kind}.txt", kind) for kind in kinds), no=no)
            case State.VERIFIED:
                act(office, on, pass_check, no, SUPERVISION)
            case State.UNDER_REVIEW:
                act(office, on, open_review, no, SUPERVISION)
            case _:
                act(office, on, approve, no, LEAD)
                if measure(office, no).major:
                    act(office, on, approve, no, HEAD)
    assert state_of(office, no) is state


@contextmanager
def refused(office: Office, why: str, error: type[DubanError] = ActionRefused, cure: str = "") -> Iterator[None]:
    """Expects a refusal that says this, after which every table and every stored file is as it was."""
    before, files = contents(office), stored(office)
    with pytest.raises(error) as found:
        yield
    assert why in found.value.zh
    assert cure in found.value.cure
    assert contents(office) == before
    assert stored(office) == files


def stored(office: Office) -> set[str]:
    """Every file that lies in the evidence folder, whole or half."""
    return {path.name for path in office.settings.evidence.rglob("*") if path.is_file()}


# Looking


def measure(office: Office, no: str) -> Measure:
    with office.store.reading() as connection, Session(connection) as session:
        found = find_measure(session, no)
        session.expunge(found)
        return found


def state_of(office: Office, no: str) -> State:
    return measure(office, no).state


def cooperating(office: Office, no: str) -> int:
    with office.store.reading() as connection, Session(connection) as session:
        query = select(Cooperation).where(Cooperation.measure_id == find_measure(session, no).id)  # type: ignore[arg-type]
        return len(session.execute(query).all())


def clocks_of(office: Office, no: str) -> dict[Stage, ClockRow]:
    """The clocks of a measure that has one a stage."""
    found = all_clocks_of(office, no)
    assert len({clock.stage for clock in found}) == len(found)
    return {clock.stage: clock for clock in found}


def all_clocks_of(office: Office, no: str) -> list[ClockRow]:
    with office.store.reading() as connection:
        return board.clocks_of(connection, id_of(office, no))


def clocks_at(office: Office, stage: Stage, no: str = "1") -> list[ClockRow]:
    """The clocks of a stage, oldest first."""
    return [clock for clock in all_clocks_of(office, no) if clock.stage is stage]


def running(office: Office, no: str = "1") -> dict[Stage, date]:
    """When each clock that still runs is due; there may be one a stage."""
    found = [clock for clock in all_clocks_of(office, no) if clock.stopped_on is None]
    assert len({clock.stage for clock in found}) == len(found)
    return {clock.stage: clock.due_on for clock in found}


def ending(clock: ClockRow) -> tuple[date | None, str | None, int | None]:
    """When and how a clock ended, and how many working days late."""
    return clock.stopped_on, clock.outcome, clock.late_by


def events_of(office: Office, no: str) -> list[EventRow]:
    with office.store.reading() as connection:
        return board.events_of(connection, id_of(office, no))


def last_event(office: Office, no: str = "1") -> EventRow:
    return events_of(office, no)[-1]


def evidence_of(office: Office, no: str = "1") -> list[EvidenceRow]:
    with office.store.reading() as connection:
        return board.evidence_of(connection, id_of(office, no))


def cycles_of(office: Office, no: str = "1") -> list[Cycle]:
    """The cycles of a measure, first to last."""
    with office.store.reading() as connection, Session(connection, expire_on_commit=False) as session:
        query = pick(Cycle).where(Cycle.measure_id == find_measure(session, no).id).order_by(col(Cycle.n))
        found = list(session.exec(query))
        session.expunge_all()
        return found


def news_of(office: Office, no: str = "1") -> list[NewsRow]:
    """What the last action on the measure told."""
    seq = last_event(office, no).seq
    with office.store.reading() as connection:
        return [row for row in board.news_of_measure(connection, id_of(office, no)) if row.seq == seq]


def heard(office: Office, no: str = "1") -> dict[str, Role]:
    """Who heard of the last action, in what role."""
    return {row.party: row.role for row in news_of(office, no)}


def heard_kinds(office: Office, no: str = "1") -> dict[str, NewsKind]:
    """Who heard what of the last action."""
    return {row.party: row.kind for row in news_of(office, no)}


def id_of(office: Office, no: str) -> int:
    found = measure(office, no).id
    assert found
    return found


def actions(office: Office) -> list[str]:
    """Every event by its action, but for changes of the directory, which no use case makes."""
    with office.store.reading() as connection:
        found = connection.scalars(select(EVENT.c.action).order_by(EVENT.c.seq))
        return [action for action in found if action != "directory_changed"]


def contents(office: Office) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every table: what must be the same where nothing was to be kept."""
    with office.store.reading() as connection:
        tables = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).all()
        return {table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))] for table in tables}


def break_on(office: Office, when: str, condition: str = "1") -> None:
    """Makes the database fail at a statement, like a disk that fills up: `when` as "INSERT ON deadline"."""
    with office.store.writing() as connection:
        connection.execute(
            text(f"CREATE TRIGGER broken BEFORE {when} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'broken'); END")
        )


# What must always hold


def nobody_waits_in_vain(office: Office) -> None:
    """Every open measure past drafted that is not held has an open clock whose holder must act next.

    Also: clocks know the measure's own unit and lead; a measure is held as a whole; what is over has no such clock.
    """
    with office.store.reading() as connection, Session(connection) as session:
        for found in session.exec(pick(Measure)):
            running = session.exec(
                pick(Deadline).where(Deadline.measure_id == found.id, col(Deadline.stopped_on).is_(None))
            ).all()
            assert {(clock.unit_id, clock.lead_id) for clock in running} <= {(found.unit_id, found.lead_id)}, found.no
            assert len({clock.held_on for clock in running}) <= 1, found.no
            awaited = [clock for clock in running if clock.stage in _AWAITED and clock.stage in _stages(found.state)]
            if found.state in RUNNING_STATES:
                assert awaited, (found.no, found.state)
                assert all(clock.holder_id in _holders(session, found, clock.stage) for clock in awaited), found.no
            else:
                left = {Stage.REFER} if found.state is State.CLOSED else set[Stage]()
                assert {clock.stage for clock in running} <= left, (found.no, found.state)


_AWAITED = frozenset(AWAITED_STAGE.values())


def _stages(state: State) -> Sequence[Stage]:
    """A follow-up that was reported waits for its check instead."""
    stage = AWAITED_STAGE.get(state)
    return (stage, Stage.CHECK) if stage is Stage.FOLLOW_UP else (stage,) if stage else ()


def _holders(session: Session, found: Measure, stage: Stage) -> set[int]:
    def group(role: Role) -> set[int]:
        query = pick(RoundParty.party_id).where(RoundParty.round_id == found.round_id, RoundParty.role == role)
        return set(session.exec(query))

    assert found.unit_id and found.lead_id
    match stage:
        case Stage.CHECK | Stage.OPEN_REVIEW:
            return group(Role.SUPERVISION)
        case Stage.REVIEW:
            return {found.lead_id, *(group(Role.HEAD) if found.major else ())}
        case _:
            return {found.unit_id}
