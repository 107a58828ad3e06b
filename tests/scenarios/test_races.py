"""Two people decide on the same measure at the same moment, from two processes, thousands of times.

Each race has a measure of its own, a copy of one that was brought there by the use cases. However a race ends, duties
stay apart and nothing is decided twice. The short form takes 100; `DUBAN_RACES=10000` as many, `DUBAN_SEED` other dice.
"""

import json
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from config.policy import DEFAULT_POLICY
from config.settings import load_settings
from flows.office import Office, make_home, open_office
from models import record
from models.closure import EvidenceKind
from models.directory import Person, StandIn
from models.errors import DubanError
from models.handling.importing import RoundSpec, import_ledger
from models.lifecycle import Action, ClosureClass, Role
from models.tables import HomeMode
from tests.lifecycle_world import MEMORY, Deed, Planned, files_in, perform, reading
from tests.offices import AT, directory, party

pytestmark = pytest.mark.slow

RACES = int(os.environ.get("DUBAN_RACES", "100"))
SEED = int(os.environ.get("DUBAN_SEED", "20230626"))
A_BATCH = 1000
BEFORE, ON = date(2023, 4, 3), date(2023, 4, 4)
DUE = date(2023, 6, 30)
PATIENCE_S = 60.0


# Who is who


def _people(*codes: str) -> tuple[Person, ...]:
    return tuple(Person(code, f"经办{code}") for code in codes)


YEAR = StandIn("D2", date(2023, 1, 1), date(2023, 12, 31))
DIRECTORY = directory(
    replace(party("D1", Role.UNIT), people=_people("d1-a", "d1-b", "both")),
    replace(party("D2", Role.UNIT), people=_people("d2-a")),
    replace(party("L1", Role.LEAD), people=_people("l1-a", "l1-b", "duo", "judge")),
    party("G1", Role.GENERAL),
    replace(party("S1", Role.SUPERVISION), people=_people("s1-a", "s1-b", "both", "judge")),
    party("S2", Role.SUPERVISION, stand_in=YEAR),
    party("A1", Role.ACCOUNTABILITY),
    replace(party("H1", Role.HEAD), people=_people("h1-a", "duo")),
)
"""`both` is unit and supervision, `duo` lead and head, `judge` lead and supervision; D2 stands in for S2, so d2-a is
unit and supervision too."""


# The races


@dataclass(frozen=True, slots=True)
class Race:
    """Two deeds on a measure that these deeds prepared. `winners`: how many of the two may succeed.

    `never`: who may not, whoever is first.
    """

    first: Deed
    second: Deed
    prepared: tuple[Deed, ...]
    major: bool = False
    unit: str = "D1"
    winners: int = 1
    never: str = ""


def _deed(action: Action, person: str, **more: Any) -> Deed:
    return Deed(action, "", person, **more)


def _submitted(person: str = "d1-a") -> tuple[Deed, ...]:
    return (
        _deed(Action.ASSIGN, "g1-a"),
        _deed(Action.SUBMIT_SELF_CHECK, person, kinds=(EvidenceKind.PROOF,)),
    )


def _reviewed(verifier: str = "s1-a") -> tuple[Deed, ...]:
    return (*_submitted(), _deed(Action.PASS_CHECK, verifier), _deed(Action.OPEN_REVIEW, "s2-a"))


_ACCEPTED = (_deed(Action.ASSIGN, "g1-a"), _deed(Action.ACCEPT, "d1-a"))
_ASKED = (*_ACCEPTED, _deed(Action.ASK_EXTENSION, "d1-a", day=date(2023, 7, 14)))
_PASS, _FAIL, _APPROVE, _REJECT = Action.PASS_CHECK, Action.FAIL_CHECK, Action.APPROVE, Action.REJECT
KINDS: Mapping[str, Race] = {
    "submitter": Race(_deed(_PASS, "both"), _deed(_PASS, "s1-a"), _submitted("both"), never="both"),
    "stand-in": Race(_deed(_PASS, "d2-a"), _deed(_FAIL, "s1-a"), _submitted("d2-a"), unit="D2", never="d2-a"),
    "evidence": Race(_deed(Action.ADD_EVIDENCE, "both", kinds=(EvidenceKind.RULE,)), _deed(_PASS, "both"),
                     _submitted()),
    "submit": Race(_deed(Action.SUBMIT_SELF_CHECK, "d1-a"), _deed(Action.SUBMIT_SELF_CHECK, "both"), _ACCEPTED),
    "verifiers": Race(_deed(_PASS, "s1-a"), _deed(_FAIL, "s2-a"), _submitted()),
    "open": Race(_deed(Action.OPEN_REVIEW, "s1-a"), _deed(Action.OPEN_REVIEW, "s2-a"),
                 (*_submitted(), _deed(_PASS, "s1-b"))),
    "leads": Race(_deed(_APPROVE, "l1-a"), _deed(_REJECT, "l1-b"), _reviewed()),
    "verifier": Race(_deed(_APPROVE, "judge"), _deed(_APPROVE, "l1-b"), _reviewed("judge"), never="judge"),
    "lead and head": Race(_deed(_APPROVE, "l1-a"), _deed(_APPROVE, "h1-a"), _reviewed(), major=True, winners=2),
    "one for both": Race(_deed(_APPROVE, "duo", as_party="L1"), _deed(_APPROVE, "duo", as_party="H1"), _reviewed(),
                         major=True),
    "head rejects": Race(_deed(_REJECT, "h1-a"), _deed(_REJECT, "l1-a"), _reviewed(), major=True),
    "extension": Race(_deed(Action.DECIDE_EXTENSION, "l1-a"), _deed(Action.DECIDE_EXTENSION, "l1-b", granted=False),
                      _ASKED),
    "resume": Race(_deed(Action.RESUME, "s1-a"), _deed(Action.RESUME, "s2-a"),
                   (*_ACCEPTED, _deed(Action.HOLD, "s1-a"))),
}  # fmt: skip
RUNNING = {
    "in_progress": "complete", "self_checked": "check", "verified": "open_review", "under_review": "review",
}  # fmt: skip


# The home, and its measures


@contextmanager
def a_home() -> Iterator[Path]:
    """A home whose ledger has one measure a kind of race, brought to where that race begins."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        written = folder / "given.yaml"
        written.write_text(DIRECTORY.content, encoding="utf-8")
        files = files_in(folder)
        settings = load_settings({"DUBAN_HOME": str(folder / "home")})
        make_home(settings, HomeMode.REHEARSAL, written, DEFAULT_POLICY)
        with open_office(settings) as office:
            plan = [Planned(kind, ClosureClass.SETTLED, race.unit, "L1", DUE, major=race.major)
                    for kind, race in KINDS.items()]  # fmt: skip
            with office.acting(BEFORE) as (session, ground):
                import_ledger(session, ground, reading(plan), RoundSpec("R1", "本轮", date(2023, 3, 24)), "test")
            for kind, race in KINDS.items():
                for deed in race.prepared:
                    perform(office, BEFORE, replace(deed, no=kind), files)
        yield folder


@dataclass(frozen=True)
class Template:
    """The rows of a prepared measure as they lie in the tables."""

    measure: Mapping[str, Any]
    cycle: Mapping[str, Any]
    clocks: Sequence[Mapping[str, Any]]
    evidence: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, connection: Connection, kind: str) -> "Template":
        measure = _rows(connection, "SELECT * FROM measure WHERE no = :key", kind)[0]
        cycle = _rows(connection, "SELECT * FROM cycle WHERE measure_id = :key", measure["id"])[0]
        clocks = _rows(connection, "SELECT * FROM deadline WHERE measure_id = :key ORDER BY id", measure["id"])
        evidence = _rows(connection, "SELECT * FROM evidence WHERE cycle_id = :key", cycle["id"])
        events = _rows(connection, "SELECT * FROM event WHERE measure_id = :key ORDER BY seq", measure["id"])
        return cls(measure, cycle, clocks, evidence, events)

    def copied(self, connection: Connection, no: str) -> None:
        """Another measure with the same history, told by the record too."""
        measure = _insert(connection, "measure", self.measure, no=no)
        seqs = {event["seq"]: _recorded(connection, event, measure) for event in self.events}
        cycle = _insert(connection, "cycle", self.cycle, measure_id=measure, opened_seq=seqs[self.cycle["opened_seq"]])
        for clock in self.clocks:
            changes = {"measure_id": measure, "cycle_id": cycle, "armed_seq": seqs[clock["armed_seq"]]}
            _insert(connection, "deadline", clock, **changes)
        for file in self.evidence:
            _insert(connection, "evidence", file, cycle_id=cycle, event_seq=seqs[file["event_seq"]])


def _rows(connection: Connection, query: str, key: object) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(text(query), {"key": key}).mappings()]


def _insert(connection: Connection, table: str, row: Mapping[str, Any], **changes: object) -> int:
    values = {name: value for name, value in {**row, **changes}.items() if name != "id"}
    columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    statement = text(f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING id")
    return int(connection.execute(statement, values).scalar_one())


def _recorded(connection: Connection, event: Mapping[str, Any], measure: int) -> int:
    entry = record.Entry(
        event["action"], AT, date.fromisoformat(event["on_day"]), measure, event["person"], event["party"],
        event["from_state"], event["to_state"], json.loads(event["payload"]),
    )  # fmt: skip
    return record.append(connection, entry)


# The processes


@dataclass(frozen=True, slots=True)
class End:
    """How a deed ended: "done", "refused" with the sentence, or "broken" with what nobody should ever see."""

    how: str
    said: str


def decider(home: str, files: Mapping[EvidenceKind, Path], barrier: Barrier, pipe: Pipe) -> None:
    """A process that does, race after race, what it is told, each at the same moment as the other one."""
    with open_office(load_settings({"DUBAN_HOME": home})) as office:
        while deeds := pipe.recv():
            ends = []
            for deed in deeds:
                barrier.wait(PATIENCE_S)
                ends.append(_end(office, deed, files))
            pipe.send(ends)


def _end(office: Office, deed: Deed, files: Mapping[EvidenceKind, Path]) -> End:
    try:
        return End("done", perform(office, ON, deed, files).state)
    except DubanError as refusal:
        return End("refused", refusal.zh)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the test looks for
        return End("broken", repr(error))


@contextmanager
def two_deciders(folder: Path, files: Mapping[EvidenceKind, Path]) -> Iterator[list[Pipe]]:
    spawn = multiprocessing.get_context("spawn")
    barrier, home = spawn.Barrier(2), str(folder / "home")
    pipes = [spawn.Pipe() for _ in range(2)]
    started = [spawn.Process(target=decider, args=(home, files, barrier, theirs)) for _, theirs in pipes]
    for process in started:
        process.start()
    try:
        yield [ours for ours, _ in pipes]
    finally:
        for ours, _ in pipes:
            ours.send([])
        for process in started:
            process.join(PATIENCE_S)
            assert process.exitcode == 0


# What must hold


@dataclass(frozen=True)
class Ended:
    """A race that was run: the measure, the two deeds and their ends, and the tables after it."""

    kind: str
    deeds: tuple[Deed, Deed]
    ends: tuple[End, End]
    measure: Mapping[str, Any]
    cycle: Mapping[str, Any]
    clocks: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]

    @property
    def race(self) -> Race:
        return KINDS[self.kind]

    def check(self) -> None:
        assert {end.how for end in self.ends} <= {"done", "refused"}, self
        for end in self.ends:
            assert end.how == "done" or re.search(r"[\u4e00-\u9fff].*。$", end.said), self
        winners = [deed for deed, end in zip(self.deeds, self.ends, strict=True) if end.how == "done"]
        assert len(winners) == self.race.winners, self
        assert self.race.never not in {deed.person for deed in winners}, self
        self._record(winners)
        self._apart()
        self._clocks()

    def _record(self, winners: Sequence[Deed]) -> None:
        """The record has exactly what succeeded, and measure and cycle agree with it."""
        told = self.events[len(self.race.prepared) :]
        assert sorted((e["action"], e["person"]) for e in told) == sorted((w.action, w.person) for w in winners), self
        assert self.measure["version"] == 1 + len(self.events), self
        assert self.measure["state"] == self.events[-1]["to_state"], self
        steps = [(event["from_state"], event["to_state"]) for event in self.events]
        assert all(before[1] == after[0] for before, after in pairwise(steps)), self
        for column, actions in _COLUMNS.items():
            did = [e["person"] for e in self.events if e["action"] in actions and _signed(e, column)]
            expected = did[-1] if did else None
            sent_back = column.startswith("closed") and self.measure["state"] == "in_progress"
            assert self.cycle[column] == (None if sent_back else expected), (column, self)

    def _apart(self) -> None:
        who = {name: {e["person"] for e in self.events if e["action"] in done} for name, done in _DUTIES.items()}
        assert not who["submits"] & who["verifies"], self
        assert not (who["submits"] | who["verifies"]) & who["closes"], self
        closes = [event["person"] for event in self.events if event["action"] in _DUTIES["closes"]]
        assert len(closes) == len(set(closes)), self

    def _clocks(self) -> None:
        running = Counter(clock["stage"] for clock in self.clocks if clock["stopped_on"] is None)
        if self.measure["state"] == "closed":
            assert not running, self
            return
        assert running[RUNNING[self.measure["state"]]] == 1, self
        assert all(clock["held_on"] is None for clock in self.clocks), self
        assert running["decide"] == 0, self


_COLUMNS = {
    "submitted_by": ("submit_self_check",), "verified_by": ("pass_check", "fail_check"),
    "closed_by_lead": ("approve",), "closed_by_head": ("approve",),
}  # fmt: skip
_DUTIES = {
    "submits": ("submit_self_check", "add_evidence"), "verifies": ("pass_check", "fail_check"),
    "closes": ("approve", "reject"),
}  # fmt: skip


def _signed(event: Mapping[str, Any], column: str) -> bool:
    role = column.removeprefix("closed_by_")
    return role == column or json.loads(event["payload"]).get("signed_as") == role


def _ended(connection: Connection, kind: str, deeds: tuple[Deed, Deed], ends: tuple[End, End]) -> Ended:
    found = Template.of(connection, deeds[0].no)
    return Ended(kind, deeds, ends, found.measure, found.cycle, found.clocks, found.events)


# The tests


def _draw(numbers: range, chance: Random) -> list[tuple[str, tuple[Deed, Deed]]]:
    """A race for each number, in random order and with the deeds dealt to either process."""
    drawn = []
    for number in numbers:
        kind = list(KINDS)[number % len(KINDS)]
        pair = [replace(deed, no=f"{kind} {number}") for deed in (KINDS[kind].first, KINDS[kind].second)]
        chance.shuffle(pair)
        drawn.append((kind, (pair[0], pair[1])))
    chance.shuffle(drawn)
    return drawn


def _run(office: Office, pipes: Sequence[Pipe], drawn: Sequence[tuple[str, tuple[Deed, Deed]]]) -> list[Ended]:
    with office.store.writing() as connection:
        templates = {kind: Template.of(connection, kind) for kind in KINDS}
        for kind, (deed, _) in drawn:
            templates[kind].copied(connection, deed.no)
    for place, pipe in enumerate(pipes):
        pipe.send([deeds[place] for _, deeds in drawn])
    ends = [pipe.recv() for pipe in pipes]
    with office.store.reading() as connection:
        both = zip(drawn, zip(*ends, strict=True), strict=True)
        return [_ended(connection, kind, deeds, found) for (kind, deeds), found in both]


def test_two_who_decide_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    began, chance, won = time.monotonic(), Random(SEED), Counter[str]()
    with a_home() as folder, open_office(load_settings({"DUBAN_HOME": str(folder / "home")})) as office:
        with two_deciders(folder, files_in(folder)) as pipes:
            for start in range(0, RACES, A_BATCH):
                for ended in _run(office, pipes, _draw(range(start, min(start + A_BATCH, RACES)), chance)):
                    ended.check()
                    won.update(f"{ended.kind}: process {place + 1} decided"
                               for place, end in enumerate(ended.ends) if end.how == "done")  # fmt: skip
        with office.store.reading() as connection:
            assert not list(record.verify(connection))
    if RACES > 100:
        with capsys.disabled():
            head = f"\n{RACES} races in {time.monotonic() - began:.0f} s (DUBAN_SEED={SEED}), none decided twice"
            sys.stdout.write("\n  ".join([head, *(f"{name}: {times}" for name, times in sorted(won.items()))]) + "\n")


BREACHES = (
    ("verifiers", "verified_by = submitted_by"),
    ("leads", "closed_by_lead = submitted_by"),
    ("leads", "closed_by_lead = verified_by"),
    ("lead and head", "closed_by_head = submitted_by"),
    ("lead and head", "closed_by_head = verified_by"),
    ("lead and head", "closed_by_lead = 'duo', closed_by_head = 'duo'"),
    ("leads", "follow_up_reported_by = 'd1-a', follow_up_checked_by = 'd1-a'"),
    ("verifiers", "verified_by = submitted_by, exception_id = 4711"),
    ("leads", "submitted_by = verified_by"),
)


def test_the_tables_refuse_what_would_mix_duties() -> None:
    """Past the rules, by plain SQL; a leave that nobody gave does not help."""
    with a_home() as folder, open_office(load_settings({"DUBAN_HOME": str(folder / "home")})) as office:
        for kind, change in BREACHES:
            statement = f"UPDATE cycle SET {change} WHERE measure_id = (SELECT id FROM measure WHERE no = :no)"
            with pytest.raises(IntegrityError), office.store.writing() as connection:
                assert connection.execute(text(statement), {"no": kind}).rowcount == 1
        with office.store.writing() as connection:
            fair = "UPDATE cycle SET verified_by = 's1-a' WHERE measure_id = (SELECT id FROM measure WHERE no = :no)"
            assert connection.execute(text(fair), {"no": "verifiers"}).rowcount == 1
