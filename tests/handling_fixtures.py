"""A small office whose ledger is read from text, and what tests ask of it: its clocks, its events, all that it holds.

The home is made once and copied for each test. Actions go through `Office.acting`, as every command's do.
"""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select, text
from sqlmodel import Session

from config.policy import DEFAULT_POLICY
from config.settings import Settings, load_settings
from flows.office import Office, make_home, open_office
from models.directory import Person
from models.handling.assignment import assign
from models.handling.case import By, find_measure
from models.handling.importing import Imported, RoundSpec, import_ledger
from models.ledger.reader import read_ledger
from models.lifecycle import Role, Stage, State
from models.store import board
from models.store.board import ClockRow, EventRow
from models.tables import Cooperation, HomeMode, Measure
from models.tables.core import EVENT
from tests.offices import directory, party

SPEC = RoundSpec("2023", "2023年整改", date(2023, 3, 25))
COLUMNS = ("序号", "反馈问题", "整改措施", "牵头领导", "责任单位", "配合单位", "完成时限", "销号类别", "重大")
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


@cache
def _files(mode: HomeMode) -> Mapping[str, bytes]:
    """The files of a new home, by name."""
    with TemporaryDirectory() as folder:
        given, home = Path(folder, "given.yaml"), Path(folder, "home")
        given.write_text(DIRECTORY.content, encoding="utf-8")
        make_home(load_settings({"DUBAN_HOME": str(home)}), mode, given, DEFAULT_POLICY)
        return {file.name: file.read_bytes() for file in home.iterdir()}


def new_home(folder: Path, mode: HomeMode = HomeMode.REHEARSAL, **env: str) -> Settings:
    """A home without a ledger, in a folder of that name."""
    folder.mkdir(parents=True)
    for name, content in _files(mode).items():
        (folder / name).write_bytes(content)
    return load_settings({"DUBAN_HOME": str(folder), **env})


@contextmanager
def small_office(folder: Path) -> Iterator[Office]:
    with open_office(new_home(folder / "home")) as office:
        yield office


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


def write_ledger(path: Path, *lines: Line) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *(line.cells for line in lines)])
    return path


def take_in(office: Office, *lines: Line, spec: RoundSpec = SPEC, on: date = date(2023, 3, 27)) -> Imported:
    """Imports these lines as a ledger file of that round."""
    path = write_ledger(office.settings.home / "台账.csv", *lines)
    reading = read_ledger(path, office.directory, spec.feedback_on, office.calendar)
    with office.acting(on) as (session, ground):
        return import_ledger(session, ground, reading, spec, path.name)


def hand_out(office: Office, no: str, on: date, due_on: date | None = None) -> None:
    """The general group assigns a measure."""
    with office.acting(on) as (session, ground):
        assign(session, ground, no, By("g1-a"), due_on)


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
    measure_id = measure(office, no).id
    assert measure_id
    with office.store.reading() as connection:
        return board.clocks_of(connection, measure_id)


def events_of(office: Office, no: str) -> list[EventRow]:
    measure_id = measure(office, no).id
    assert measure_id
    with office.store.reading() as connection:
        return board.events_of(connection, measure_id)


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
