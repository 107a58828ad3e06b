"""A database that is locked, full or not to be written, at each step that writes: nothing lost, nothing by halves."""

import resource
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Timer

import pytest

from config.settings import load_settings
from flows.office import Office, open_office
from flows.steps import post_notices, run_day
from models.errors import HomeError
from models.store.engine import Store
from models.tables import AttemptPhase, MessageState
from notifications.lanes import TERMS
from tests.faults.matrix_cases import KEPT, WAITS, Case, database_cases
from tests.faults.office_under_fault import BYSTANDER, HIT, Scene, a_scene
from tests.offices import Row, assigned_home, moved_home
from tests.smtp_sink import SmtpSink

BUSY_MS, PATIENT_MS = 200, 20_000
"""Stand for the ten seconds that a transaction waits for a lock: for one that outlasts it, and one that does not."""
MOMENT_S = 0.05
ASSIGNED, DAY, DUE = date(2023, 6, 1), date(2023, 6, 26), date(2023, 6, 29)
PLACES = {"marker": "DATA", "result": "DOT"}
"""Where the mail server is when this is the next thing to be written."""
CASES = tuple(database_cases())
Mend = Callable[[], object]


def locked(database: Path) -> Mend:
    other = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def locked_for(seconds: float) -> Callable[[Path], Mend]:
    def break_it(database: Path) -> Mend:
        timer = Timer(seconds, locked(database))
        timer.start()
        return timer.join

    return break_it


def full(_: Path) -> Mend:
    """No file of this process grows or changes any more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def nothing(_: Path) -> Mend:
    return lambda: None


BREAKS: Mapping[str, Callable[[Path], Mend]] = {
    "locked 1 s": locked_for(MOMENT_S), "locked 10 s": locked, "locked for ever": locked, "disk full": full,
    "read-only": nothing,
}  # fmt: skip
READ_ONLY = "read-only"  # the store itself is opened so


class Fault:
    """Breaks a database once, and mends it once."""

    def __init__(self, case: Case, database: Path) -> None:
        self._break = BREAKS[case.what]
        if case.end == KEPT:
            self._break = locked_for(2 * BUSY_MS / 1000)
        self._database = database
        self._mend: Mend = lambda: None

    def begin(self) -> None:
        self._mend = self._break(self._database)

    def end(self) -> None:
        self._mend()


class Turning(SmtpSink):
    """A mail server at one of whose stages something happens elsewhere, before the client goes on."""

    turns: Mapping[str, Callable[[], None]] = {}

    def fault_at(self, place: str) -> str | None:
        turn = self.turns.get(place)
        if turn:
            self.turns = {}
            turn()
        return super().fault_at(place)


@pytest.mark.parametrize("case", [case for case in CASES if case.when != "plan"], ids=str)
def test_a_broken_database_costs_no_message(case: Case) -> None:
    with Turning() as sink, a_scene(addresses(sink), case.kind, busy_ms(case)) as scene:
        fault = Fault(case, scene.box.database)
        if case.end == KEPT:
            scene.terms = TERMS
        if case.when in PLACES:
            sink.turns = {PLACES[case.when]: fault.begin}
        else:
            fault.begin()
        ended_well = delivers(scene, case)
        fault.end()
        assert case.end == KEPT or ended_well == (case.end == WAITS)
        if not ended_well:
            scene.die()
            scene.deliver()
        scene.deliver_until_quiet()
        check_the_end(scene, sink, case)


def busy_ms(case: Case) -> int:
    return PATIENT_MS if case.end == WAITS else BUSY_MS


def delivers(scene: Scene, case: Case) -> bool:
    """Whether a delivery came to its end; else it ended with a sentence for the office."""
    if case.what == READ_ONLY:
        scene.read_only()
    try:
        scene.deliver()
    except HomeError as fault:
        assert fault.zh
        assert fault.cure
        return False
    return True


def check_the_end(scene: Scene, sink: SmtpSink, case: Case) -> None:
    row, by = scene.box.row(HIT), scene.box.row(BYSTANDER)
    copies = [received.message_id for received in sink.received]
    assert (row["state"], row["ambiguous"], copies.count(row["header_id"])) == (case.state, case.doubts, case.copies)
    assert (by["state"], by["ambiguous"], copies.count(by["header_id"])) == (MessageState.ACCEPTED, 0, 1)
    phases = [phase for _, phase in scene.box.phases(HIT)]
    assert phases.count(AttemptPhase.UNKNOWN) == case.doubts
    assert phases.count(AttemptPhase.HANDING_OVER) >= case.copies
    assert (AttemptPhase.ACCEPTED in phases) == (case.state is MessageState.ACCEPTED)
    assert scene.box.scalar("PRAGMA integrity_check") == "ok"


def addresses(sink: SmtpSink) -> Mapping[str, tuple[str]]:
    server = f"mailto://127.0.0.1:{sink.port}/?from=duban@example.cn"
    return {code: (f"{server}&to={code}@example.cn",) for code in ("D1", "D2")}


# The plan of a day


@pytest.fixture(scope="module")
def office_of_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose one unit is to be reminded on the day."""
    return assigned_home(tmp_path_factory.mktemp("office"), {Row("M1", "D1"): DUE}, ASSIGNED).home


@pytest.mark.parametrize("case", [case for case in CASES if case.when == "plan"], ids=str)
def test_a_broken_database_costs_no_plan(case: Case, office_of_one: Path, tmp_path: Path) -> None:
    home = moved_home(office_of_one, tmp_path / "home")
    fault = Fault(case, home / "duban.db")
    with impatient(home, busy_ms(case)) as office:
        if case.what == READ_ONLY:
            with office.store.writing() as connection:
                connection.exec_driver_sql("PRAGMA query_only = ON")
        fault.begin()
        ended_well = plans(office)
        fault.end()
    assert ended_well == (case.end == WAITS)
    assert bool(count(home, "notice")) == ended_well
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        run_day(office, DAY)
    messages = count(home, "message")
    assert count(home, f"message WHERE state = '{case.state}' AND ambiguous = {case.doubts}") == messages > 0
    assert len(list(home.rglob("*.eml"))) == messages * case.copies


@contextmanager
def impatient(home: Path, busy_ms: int) -> Iterator[Office]:
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        store = Store(f"sqlite:///{home / 'duban.db'}", busy_ms)
        try:
            yield replace(office, store=store)
        finally:
            store.close()


def plans(office: Office) -> bool:
    try:
        post_notices(office, DAY, "test")
    except HomeError as fault:
        assert fault.cure
        return False
    return True


def count(home: Path, what: str) -> int:
    connection = sqlite3.connect(home / "duban.db")
    try:
        found: int = connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0]
        return found
    finally:
        connection.close()
