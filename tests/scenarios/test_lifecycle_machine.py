"""Anything, in any order: random people do random things to every measure, days pass, polls run, messages leave.

After each step the tables are held against the text of the design, by plain SQL and a slow twin that never asks the
product's rules. The short form takes some hundred steps; `DUBAN_SOAK_STEPS=100000` as many, `DUBAN_SEED` other dice.
"""

import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random, SystemRandom
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from models import record
from models.closure import MECHANISMS, EvidenceKind
from models.errors import DubanError, StaleVersion
from models.handling import persons
from models.handling.case import By, Done
from models.handling.persons import Term
from models.lifecycle import Action
from tests.histories import stages_of, worked_days
from tests.lifecycle_world import CODES, NUMBERS, PEOPLE, TAKES_FILES, USES, VARIANTS, Deed, End, World, a_world

pytestmark = pytest.mark.slow

SHORT = 400
STEPS = int(os.environ.get("DUBAN_SOAK_STEPS", SHORT))
SOAK = "DUBAN_SOAK_STEPS" in os.environ
SEED = int(os.environ.get("DUBAN_SEED") or (SystemRandom().randrange(1 << 32) if SOAK else 20230626))
SHARDS = 2
STEPS_A_RUN = 200
PHASES = (Phase.generate,) if "DUBAN_NO_SHRINK" in os.environ else (Phase.generate, Phase.shrink)
DAY = timedelta(days=1)
DAYS = worked_days()
LADDERS = stages_of("")
GROUPS = ("general", "supervision", "accountability", "head")
LAST_DAY = date(2026, 3, 31)
"""What is official of the calendar goes on to the end of that year."""


_T = TypeVar("_T")


# The table of the design, once more

_RECTIFYING = "assigned in_progress"
_RUNNING = f"{_RECTIFYING} self_checked verified under_review following_up"
TABLE = {
    "assign": ("general", "drafted", "assigned"),
    "accept": ("unit", "assigned", "in_progress"),
    "report_progress": ("unit cooperating", "in_progress", "in_progress"),
    "report_milestone": ("unit", "in_progress", "in_progress"),
    "submit_self_check": ("unit", _RECTIFYING, "self_checked"),
    "add_evidence": ("unit cooperating", "in_progress self_checked verified", ""),
    "pass_check": ("supervision", "self_checked", "verified"),
    "fail_check": ("supervision", "self_checked", "in_progress"),
    "open_review": ("supervision", "verified", "under_review"),
    "approve": ("lead head", "under_review", "under_review closed following_up"),
    "reject": ("lead head", "under_review", "in_progress"),
    "follow_up_report": ("unit", "following_up", "following_up"),
    "follow_up_check": ("supervision", "following_up", "following_up closed"),
    "fail_follow_up": ("supervision", "following_up", "in_progress"),
    "look_back": ("supervision general", "closed", "following_up"),
    "reopen": ("supervision head", "closed following_up", "in_progress"),
    "ask_extension": ("unit", _RECTIFYING, ""),
    "decide_extension": ("lead", _RECTIFYING, ""),
    "set_new_limit": ("lead", _RECTIFYING, ""),
    "hold": ("supervision", _RUNNING, ""),
    "resume": ("supervision", _RUNNING, ""),
    "take_up": ("accountability", f"{_RUNNING} closed", ""),
    "record_outcome": ("accountability", f"{_RUNNING} closed", ""),
    "hand_over": ("general", _RUNNING, ""),
    "withdraw": ("general", f"drafted {_RUNNING}", "withdrawn"),
}
"""Action: who, from where, where to ("" leaves it)."""
NEEDS_REASON = frozenset({
    "fail_check", "reject", "fail_follow_up", "reopen", "ask_extension", "decide_extension", "set_new_limit", "hold",
    "resume", "hand_over", "withdraw", "record_outcome",
})  # fmt: skip
NEW_CYCLE = frozenset({"fail_follow_up", "reopen"})
RETURNS = NEW_CYCLE | {"fail_check", "reject"}
NEEDS_TEXT = frozenset({"report_progress", "report_milestone", "submit_self_check", "follow_up_report"})
WHILE_HELD = frozenset({"report_progress", "resume", "withdraw"})
AWAITED = {
    "assigned": ("accept", "complete"), "in_progress": ("complete",), "self_checked": ("check",),
    "verified": ("open_review",), "under_review": ("review",), "following_up": ("follow_up", "check"),
}  # fmt: skip
HOLDERS = {
    "accept": "unit", "complete": "unit", "milestone": "unit", "follow_up": "unit", "check": "supervision",
    "open_review": "supervision", "decide": "lead", "refer": "accountability",
}  # fmt: skip


def between(start: date, end: date) -> int:
    """Working days after the one up to the other; minus those where it lies before."""
    if end < start:
        return -between(end, start)
    return sum(DAYS.works(start + DAY * n) for n in range(1, (end - start).days + 1))


# What the tables hold


@dataclass
class Pages:
    """The tables as they are read after a step: measures, clocks and cycles by their keys, and who is what."""

    measures: dict[str, dict[str, Any]]
    clocks: dict[int, dict[str, Any]]
    cycles: dict[int, list[dict[str, Any]]]
    parties: dict[int, dict[str, Any]]
    groups: set[tuple[int, str, int]]
    helping: set[tuple[int, int]]

    @classmethod
    def read(cls, world: World) -> "Pages":
        clocks = {row["id"]: _dated(row) for row in world.rows("SELECT * FROM deadline ORDER BY id")}
        measures = {row["no"]: _dated(row) for row in world.rows("SELECT * FROM measure")}
        cycles: dict[int, list[dict[str, Any]]] = {row["id"]: [] for row in measures.values()}
        for row in world.rows("SELECT * FROM cycle ORDER BY measure_id, n"):
            cycles[row["measure_id"]].append(row)
        groups = world.rows("SELECT round_id, role, party_id FROM roundparty")
        helping = world.rows("SELECT measure_id, party_id FROM cooperation")
        return cls(
            measures,
            clocks,
            cycles,
            {row["id"]: row for row in world.rows("SELECT * FROM party")},
            {(row["round_id"], row["role"], row["party_id"]) for row in groups},
            {(row["measure_id"], row["party_id"]) for row in helping},
        )

    def running(self, measure: Mapping[str, Any], *stages: str) -> list[dict[str, Any]]:
        """Clocks of a measure that were not stopped, of these stages or of any."""
        return [
            clock
            for clock in self.clocks.values()
            if clock["measure_id"] == measure["id"] and clock["stopped_on"] is None
            and (not stages or clock["stage"] in stages)
        ]  # fmt: skip

    def holding(self, measure: Mapping[str, Any], role: str) -> set[int]:
        """The parties that are this to the measure."""
        match role:
            case "unit" | "lead":
                return {measure[f"{role}_id"]}
            case "cooperating":
                return {party for helped, party in self.helping if helped == measure["id"]}
            case _:
                return {party for of, what, party in self.groups if (of, what) == (measure["round_id"], role)}

    def codes(self, measure: Mapping[str, Any], roles: str) -> list[str]:
        return sorted({self.parties[one]["code"] for role in roles.split() for one in self.holding(measure, role)})


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return {k: date.fromisoformat(v) if k.endswith(("_on", "on_day")) and v else v for k, v in row.items()}


# Whether what was given with a deed will do


@dataclass(frozen=True)
class Sound:
    """Says, by the text of the design, whether dates, texts and evidence of a deed will do; not who may do it."""

    world: World
    pages: Pages
    deed: Deed

    @property
    def measure(self) -> dict[str, Any]:
        return self.pages.measures[self.deed.no]

    def in_all(self) -> bool:
        """Everything of it."""
        deed, action = self.deed, self.deed.action.value
        special: Mapping[str, Callable[[], bool]] = {
            "assign": self._assign, "ask_extension": self._extension, "set_new_limit": self._new_limit,
            "open_review": self._review, "report_milestone": self._milestone, "hand_over": self._hand_over,
            "report_progress": lambda: 0 <= deed.percent <= 100, "add_evidence": lambda: bool(deed.kinds),
            "decide_extension": self._granted,
            "look_back": lambda: deed.day is None or deed.day >= self.world.day,
        }  # fmt: skip
        return all((
            deed.version in (None, self.measure["version"]),
            deed.reason.strip() or action not in NEEDS_REASON,
            deed.basis or action not in NEW_CYCLE,
            deed.text.strip() or action not in NEEDS_TEXT,
            self._recorder(),
            action not in RETURNS or self._returned(),
            action not in special or special[action](),
        ))  # fmt: skip

    def _recorder(self) -> bool:
        if self.deed.recorded_by is None:
            return True
        seats = self.world.office.directory.seats_of(self.deed.recorded_by, self.world.day)
        return self.deed.basis and any(not seat.person.disabled for seat in seats)

    def _complete(self) -> date | None:
        found = self.pages.running(self.measure, "complete")
        return found[0]["due_on"] if found else None

    def _assign(self) -> bool:
        given, measure = self.deed.day, self.measure
        if given is None:
            return True
        unsure = measure["limit_note"] or (measure["due_on"] is None and measure["limit_kind"] != "immediate")
        return bool(unsure) and given >= self.world.day

    def _extension(self) -> bool:
        due_on, until = self._complete(), self.deed.day or self.world.day
        if due_on is None:
            return False
        return self.world.day <= DAYS.add(due_on, -1) and due_on < until <= due_on + DAY * 30

    def _granted(self) -> bool:
        """What was asked for can be granted while it is still to come, and later than what runs now."""
        query = "SELECT payload FROM event WHERE measure_id = ? AND action = 'ask_extension' ORDER BY seq DESC"
        asked, due_on = self.world.rows(query, self.measure["id"]), self._complete()
        if not (self.deed.granted and asked and due_on):
            return True
        until = date.fromisoformat(json.loads(asked[0]["payload"])["new_due_on"])
        return until >= self.world.day and until > due_on

    def _new_limit(self) -> bool:
        due_on, given = self._complete(), self.deed.day or self.world.day
        return due_on is not None and given > due_on and given >= self.world.day

    def _returned(self) -> bool:
        given, today = self.deed.day, self.world.day
        of_measure = [c for c in self.pages.clocks.values() if c["measure_id"] == self.measure["id"]]
        old = [clock["due_on"] for clock in of_measure if clock["stage"] == "complete"]
        takes_away = bool(old) and old[-1] >= today and given is not None and given < old[-1]
        return given is None or (given >= today and not takes_away)

    def _review(self) -> bool:
        closure, cycles = self.measure["closure"], self.pages.cycles[self.measure["id"]]
        found = self.world.rows("SELECT kind FROM evidence WHERE cycle_id = ?", cycles[-1]["id"] if cycles else 0)
        kinds = {row["kind"] for row in found}
        if self.deed.follow_up is not None and (closure != "sustained" or self.deed.follow_up not in ("1m", "20wd")):
            return False
        needed = {"settled": {"proof"}, "mechanism": {kind.value for kind in MECHANISMS}, "sustained": kinds}[closure]
        return closure == "sustained" or bool(kinds & needed)

    def _milestone(self) -> bool:
        dates = [clock["due_on"] for clock in self.pages.running(self.measure, "milestone")]
        return self.deed.day is None or self.deed.day in dates

    def _hand_over(self) -> bool:
        given = {"unit": self.deed.unit, "lead": self.deed.lead}
        named = {role: self.world.office.directory.by_code(code) for role, code in given.items() if code}
        now = {role: self.pages.parties[self.measure[f"{role}_id"]]["code"] for role in given}
        return bool(named) and all(
            one is not None and role in one.roles and one.code != now[role] for role, one in named.items()
        )


# What must hold


@dataclass
class Twin:
    """Remembers what happened, from the events alone, and compares after each step."""

    world: World
    pages: Pages = field(init=False)
    events: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    seq: int = 0
    notices: int = 0
    carried: dict[tuple[int, date], set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))
    taken_up: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.new_events()
        self.pages = Pages.read(self.world)

    def new_events(self) -> list[dict[str, Any]]:
        """The events since the last look, kept by measure."""
        found = [_dated(row) for row in self.world.rows("SELECT * FROM event WHERE seq > ? ORDER BY seq", self.seq)]
        for event in found:
            event["payload"] = json.loads(event["payload"])
            if event["measure_id"]:
                self.events[event["measure_id"]].append(event)
            self.seq = event["seq"]
        return found

    def turn(self) -> tuple[Pages, Pages]:
        """The pages before and after the step."""
        before, self.pages = self.pages, Pages.read(self.world)
        return before, self.pages

    def is_held(self, measure: Mapping[str, Any]) -> bool:
        moves = [e["action"] for e in self.events[measure["id"]] if e["action"] in ("hold", "resume", "withdraw")]
        return moves[-1:] == ["hold"]

    def of_cycle(self, cycle: Mapping[str, Any], measure: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The events of a cycle: from the one that opened it to the one that opened the next."""
        after = [c["opened_seq"] for c in self.pages.cycles[measure["id"]] if c["n"] == cycle["n"] + 1]
        return [e for e in self.events[measure["id"]] if cycle["opened_seq"] <= e["seq"] < (after or [1 << 62])[0]]

    # After an action

    def acted(self, deed: Deed) -> None:
        """One action succeeded."""
        found = self.new_events()
        before, after = self.turn()
        assert [event["action"] for event in found] == [deed.action], found
        event, old, new = found[0], before.measures[deed.no], after.measures[deed.no]
        assert (event["person"], event["measure_id"]) == (deed.person, new["id"])
        assert (event["from_state"], event["to_state"]) == (old["state"], new["state"])
        assert new["version"] == old["version"] + 1
        others = [no for no in NUMBERS if no != deed.no and before.measures[no] != after.measures[no]]
        assert not others, others
        self._entitled(event, before, old)
        self._resumed(event, before, after)
        self._clocks(event, before, after)
        self._apart(event, new)
        self._news(event, new)
        self.stands()

    def _entitled(self, event: Mapping[str, Any], before: Pages, measure: Mapping[str, Any]) -> None:
        roles, sources, targets = TABLE[event["action"]]
        if event["action"] in ("approve", "reject") and not measure["major"]:
            roles = "lead"
        assert measure["state"] in sources.split(), event
        assert event["to_state"] in (targets or measure["state"]).split(), event
        assert event["party"] in before.codes(measure, roles), event
        seats = self.world.office.directory.seats_of(event["person"], self.world.day)
        assert any(s.party.code == event["party"] and not s.person.disabled for s in seats), event
        held = measure["id"] in {
            c["measure_id"] for c in before.clocks.values() if c["held_on"] and not c["stopped_on"]
        }
        assert not held or event["action"] in WHILE_HELD, event
        assert event["action"] not in NEEDS_REASON or event["payload"]["reason"], event

    def _clocks(self, event: Mapping[str, Any], before: Pages, after: Pages) -> None:
        action, today = event["action"], self.world.day
        assert before.clocks.keys() <= after.clocks.keys()
        for number, clock in after.clocks.items():
            old = before.clocks.get(number)
            if old is None:
                assert clock["measure_id"] == event["measure_id"] and clock["opened_on"] == today
                assert clock["due_on"] == clock["first_due_on"] and clock["armed_seq"] == event["seq"]
                assert clock["cycle_id"] == after.cycles[event["measure_id"]][-1]["id"]
                continue
            if old != clock:
                self._changed(event, old, clock)
            if action in NEW_CYCLE and old["measure_id"] == event["measure_id"]:
                fallen = {"stopped_on", "outcome", "late_by"} if old["stage"] in ("follow_up", "check") else set()
                assert {k for k in old if old[k] != clock[k]} <= fallen, (old, clock)

    def _changed(self, event: Mapping[str, Any], old: Mapping[str, Any], clock: Mapping[str, Any]) -> None:
        """What one action may do to one clock that was there before."""
        if old["stopped_on"]:
            # Having been late can be taken up afterwards.
            changed = {name for name in old if old[name] != clock[name]}
            assert (event["action"], changed) == ("take_up", {"taken_up_on"}), ("a stopped clock changed", old, clock)
            return
        assert clock["measure_id"] == event["measure_id"], ("a clock of another measure", event, clock)
        for name in ("first_due_on", "opened_on", "stage", "cycle_id", "measure_id", "policy_digest", "milestone_id"):
            assert old[name] == clock[name], (name, old, clock)
        if clock["stopped_on"]:
            self._ended(clock)
        if old["due_on"] != clock["due_on"]:
            moved = event["action"] == "resume" or (event["action"] in ("decide_extension", "set_new_limit"))
            assert moved and (event["action"] == "resume" or clock["stage"] == "complete"), (event, old, clock)
            assert event["payload"].get("granted", True), event
        if clock["held_on"] and not old["held_on"]:
            assert event["action"] == "hold" and clock["held_days"] == between(self.world.day, clock["due_on"]), clock
        if old["held_on"] and not clock["held_on"]:
            assert event["action"] == "resume"
            assert clock["due_on"] == DAYS.add(self.world.day, old["held_days"]), (old, clock)

    def _ended(self, clock: Mapping[str, Any]) -> None:
        assert clock["stopped_on"] == self.world.day
        if clock["outcome"] == "void":
            assert clock["late_by"] is None
            return
        assert (clock["outcome"] == "met") == (clock["stopped_on"] <= clock["due_on"]), clock
        late = between(clock["due_on"], clock["stopped_on"]) if clock["outcome"] == "late" else None
        assert clock["late_by"] == late, clock

    def _resumed(self, event: Mapping[str, Any], before: Pages, after: Pages) -> None:
        """What was accepted under the old date counts as said under the new one; a referral taken up stays so."""
        for number, old in before.clocks.items():
            new = after.clocks[number]
            moved = old["due_on"] != new["due_on"]
            if event["action"] == "resume" and moved:
                said = self.world.rows(_ACCEPTED, number, str(old["due_on"]))
                carried = {(row["rung"], row["party_id"]) for row in said} | self.carried[number, old["due_on"]]
                self.carried[number, new["due_on"]] |= carried
            elif moved:
                self.taken_up.discard(number)
        if event["action"] == "take_up":
            assert event["payload"]["clocks"]
            self.taken_up |= set(event["payload"]["clocks"])

    # Duties apart

    def _apart(self, event: Mapping[str, Any], measure: Mapping[str, Any]) -> None:
        """Nobody judges what they did themselves in this cycle, unless the head allowed it in writing."""
        action, person = event["action"], event["person"]
        # What opens a cycle was decided in the one before.
        cycle = self.pages.cycles[measure["id"]][-2 if action in NEW_CYCLE else -1] if action != "withdraw" else None
        if cycle is None:
            return
        earlier = [e for e in self.of_cycle(cycle, measure) if e["seq"] < event["seq"]]
        against = _against(action, earlier)
        if person not in against:
            return
        leave = event["payload"].get("single_person_exception")
        assert leave, ("duties not kept apart", event, earlier)
        query = "SELECT * FROM singlepersonexception WHERE id = ? AND person = ? AND since <= ? AND until >= ?"
        assert self.world.rows(query, leave["id"], person, str(self.world.day), str(self.world.day)), event
        assert cycle["exception_id"] == leave["id"], (cycle, event)

    def _cycles(self, pages: Pages) -> None:
        for measure in pages.measures.values():
            for cycle in pages.cycles[measure["id"]]:
                done = self.of_cycle(cycle, measure)
                submitters, verifiers = _who(done, *_SUBMITS), _who(done, *_VERIFIES)
                if cycle["exception_id"]:
                    continue
                assert cycle["verified_by"] not in submitters, (cycle, done)
                closers = [one for one in (cycle["closed_by_lead"], cycle["closed_by_head"]) if one]
                assert not set(closers) & (submitters | verifiers), (cycle, done)
                assert len(set(closers)) == len(closers), cycle

    # What is told

    def _news(self, event: Mapping[str, Any], measure: Mapping[str, Any]) -> None:
        found = self.world.rows("SELECT * FROM news WHERE event_seq = ?", event["seq"])
        assert len({row["party_id"] for row in found}) == len(found), found
        for row in found:
            code = self.pages.parties[row["party_id"]]["code"]
            receiver = self.world.office.directory.receiver(code, self.world.day)
            readers = {person.code for person in receiver.people if not person.disabled} if receiver else set()
            assert code != event["party"] and readers != {event["person"]}, (event, row)
            assert row["measure_id"] == measure["id"] and row["on_day"] == str(self.world.day)
            assert (row["unsaid"] == "no_address") == (not self.pages.parties[row["party_id"]]["addressed"]), row

    def _outbox(self) -> None:
        """Every news and notice is in exactly one message or holds a reason why not."""
        for table, kind in (("notice", "<> 'action'"), ("news", "= 'action'")):
            broken = self.world.rows(_ONE_MESSAGE.format(table=table, kind=kind))
            assert not broken, (table, broken)

    # After a poll

    def polled(self, days: tuple[date, ...]) -> None:
        """A poll handled these days."""
        assert all(event["action"] == "directory_changed" for event in self.new_events())
        before, after = self.turn()
        assert before.clocks == after.clocks or self._only(before, after, {"served_on", "armed_seq"})
        fresh = [_dated(row) for row in self.world.rows("SELECT * FROM notice WHERE id > ? ORDER BY id", self.notices)]
        self.notices = max([self.notices, *(row["id"] for row in fresh)])
        for notice in fresh:
            self._called_for(notice, days)
        if days and days[-1] == self.world.day:
            missing = [key for clock in after.clocks.values() for key in self._missing(clock)]
            assert not missing, ("not said", missing)
        self.stands()

    def _only(self, before: Pages, after: Pages, names: set[str]) -> bool:
        return all(
            {k for k in old if old[k] != after.clocks[number][k]} <= names for number, old in before.clocks.items()
        )

    def _called_for(self, notice: Mapping[str, Any], days: tuple[date, ...]) -> None:
        """A new notice says what its clock calls for on its day, to somebody who is that to the measure."""
        clock = self.pages.clocks[notice["deadline_id"]]
        assert clock["stopped_on"] is None and clock["held_on"] is None, ("of a stopped or held clock", notice, clock)
        assert notice["on_day"] in days and notice["on_day"] >= clock["armed_on"], (notice, clock)
        assert notice["due_on"] == clock["due_on"], (notice, clock)
        assert notice["party_id"] in self._told(clock, notice["role"]), (notice, clock)
        key = (notice["rung"], notice["party_id"])
        assert key not in self.carried[clock["id"], clock["due_on"]], ("said before the clock was held", notice)
        repeats = notice["kind"] == "refer" and notice["role"] in ("accountability", "head")
        assert not (repeats and clock["id"] in self.taken_up), ("a referral that was taken up", notice)
        if notice["kind"] == "address":
            assert notice["rung"] == f"{clock['stage']}/address" and notice["role"] == "general"
            assert not self.pages.parties[clock["unit_id"]]["reachable"], notice
        else:
            stood = standing(clock["stage"], notice["role"], clock["due_on"], notice["on_day"])
            assert stood and (stood[0], stood[1]["kind"]) == (notice["rung"], notice["kind"]), (notice, stood)

    def _told(self, clock: Mapping[str, Any], role: str) -> set[int]:
        measure = next(one for one in self.pages.measures.values() if one["id"] == clock["measure_id"])
        assert (clock["unit_id"], clock["lead_id"]) == (measure["unit_id"], measure["lead_id"]) or clock["stopped_on"]
        return self.pages.holding(measure, role)

    def _missing(self, clock: Mapping[str, Any]) -> Iterator[object]:
        """What a clock calls for today and nobody ever said."""
        today = self.world.day
        if clock["stopped_on"] or clock["held_on"] or clock["armed_on"] > today:
            return
        known = "SELECT rung, party_id FROM {} WHERE deadline_id = ? AND due_on = ?"
        said = {
            (row["rung"], row["party_id"])
            for table in ("notice", "saidbefore")
            for row in self.world.rows(known.format(table), clock["id"], str(clock["due_on"]))
        }
        for role in ("unit", "cooperating", "lead", *GROUPS):
            stood = standing(clock["stage"], role, clock["due_on"], today)
            if stood is None:
                continue
            name, rung = stood
            ended = rung["kind"] == "refer" and role in ("accountability", "head") and clock["id"] in self.taken_up
            gated = rung.get("served") not in (None, role) and not (clock["served_on"] and clock["served_on"] < today)
            for party in self._told(clock, role):
                if not ended and not gated and (name, party) not in said:
                    yield clock, role, party, name

    # Always

    def delivered(self) -> None:
        """Messages left, or did not."""
        assert not self.new_events()
        before, after = self.turn()
        assert before.clocks == after.clocks or self._only(before, after, {"served_on"})
        self.stands()

    def elsewhere(self, actions: set[str]) -> None:
        """Something happened that is no measure's business: the directory, a stand-in, an exception.

        Who is in a group now takes over the clocks of who left it; `stands` sees that they did.
        """
        assert {event["action"] for event in self.new_events()} <= actions
        before, after = self.turn()
        assert before.measures == after.measures and before.cycles == after.cycles
        assert self._only(before, after, {"armed_seq", "holder_id"})
        self.stands()

    def stands(self) -> None:
        """What holds whatever was done."""
        for measure in self.pages.measures.values():
            self._stands(measure)
        self._cycles(self.pages)
        self._outbox()

    def _stands(self, measure: Mapping[str, Any]) -> None:
        pages, state = self.pages, measure["state"]
        running = pages.running(measure)
        stages = [clock["stage"] for clock in running]
        if state in ("drafted", "closed", "withdrawn"):
            assert set(stages) <= ({"refer"} if state == "closed" else set()), (measure, stages)
            return
        held = self.is_held(measure)
        assert all(bool(clock["held_on"]) == held for clock in running), (measure, running)
        awaited = [clock for clock in running if clock["stage"] in AWAITED[state]]
        assert awaited, ("nobody must act", measure, running)
        for clock in running:
            assert clock["holder_id"] in self._holders(measure, clock), ("held by another", measure, clock)
            assert (clock["unit_id"], clock["lead_id"]) == (measure["unit_id"], measure["lead_id"]), (measure, clock)
        single = [stage for stage in stages if stage not in ("milestone", "review", "refer")]
        assert len(set(single)) == len(single), (measure, stages)
        allowed = {*AWAITED[state], "refer", *(("decide", "milestone") if state in ("assigned", "in_progress") else ())}
        assert set(stages) <= allowed, (measure, stages)
        if state in ("assigned", "in_progress"):
            assert "complete" in stages and ("accept" in stages) == (state == "assigned"), (measure, stages)
        if state == "under_review":
            self._reviews(measure, stages.count("review"))

    def _holders(self, measure: Mapping[str, Any], clock: Mapping[str, Any]) -> set[int]:
        roles = (
            {"lead", *(["head"] if measure["major"] else [])}
            if clock["stage"] == "review"
            else {HOLDERS[clock["stage"]]}
        )
        return set[int]().union(*(self.pages.holding(measure, role) for role in roles))

    def _reviews(self, measure: Mapping[str, Any], running: int) -> None:
        """One for each that must sign and did not."""
        cycle = self.pages.cycles[measure["id"]][-1]
        unsigned = [cycle["closed_by_lead"], *([cycle["closed_by_head"]] if measure["major"] else [])].count(None)
        assert running == unsigned > 0, (measure, cycle, running)

    def refused(self, refusal: DubanError) -> None:
        assert len(re.findall(r"[\u4e00-\u9fff]", refusal.zh)) > 3, refusal
        assert refusal.zh.endswith(("。", "！", "？")), refusal.zh

    def verified(self) -> None:
        with self.world.store.reading() as connection:
            assert not list(record.verify(connection))


_SUBMITS, _VERIFIES = ("submit_self_check", "add_evidence"), ("pass_check", "fail_check")
_ACCEPTED = """
SELECT n.rung, n.party_id FROM notice n, message m, json_each(m.notice_ids) j
WHERE m.kind <> 'action' AND m.state = 'accepted' AND j.value = n.id AND n.unsaid IS NULL
  AND n.deadline_id = ? AND n.due_on = ?"""
_ONE_MESSAGE = """
SELECT * FROM (
  SELECT t.id, t.unsaid, count(j.id) AS told FROM {table} t LEFT JOIN (
    SELECT value AS id FROM message, json_each(notice_ids)
    WHERE kind {kind} AND state NOT IN ('cancelled', 'superseded', 'expired')
  ) j ON j.id = t.id GROUP BY t.id)
WHERE told > 1 OR (unsaid IS NULL AND told = 0) OR (unsaid IN ('superseded', 'no_address') AND told > 0)"""


def _who(done: list[dict[str, Any]], *actions: str) -> set[str]:
    return {event["person"] for event in done if event["action"] in actions}


def _against(action: str, earlier: list[dict[str, Any]]) -> set[str]:
    """Who may not do this, given what was done in the cycle before."""
    submitters, verifiers = _who(earlier, *_SUBMITS), _who(earlier, *_VERIFIES)
    reviews = [place for place, event in enumerate(earlier) if event["action"] == "open_review"]
    began = [n for n, e in enumerate(earlier) if e["action"] in ("approve", "follow_up_check", "look_back")]
    asks = [event["person"] for event in earlier if event["action"] == "ask_extension"]
    match action:
        case "pass_check" | "fail_check":
            return submitters
        case "approve" | "reject":
            return submitters | verifiers | _who(earlier[reviews[-1] :], "approve")
        case "add_evidence":
            return verifiers
        case "follow_up_check" | "fail_follow_up":
            return submitters | _who(earlier[began[-1] if began else 0 :], "follow_up_report")
        case "decide_extension" | "set_new_limit":
            return set(asks[-1:])
    return set()


def standing(stage: str, role: str, due_on: date, day: date) -> tuple[str, Mapping[str, Any]] | None:
    """The last rung of this role's row whose rung date has come: its name and itself."""
    stood = None
    for rung in LADDERS[stage]["ladder"]:
        if role not in rung["to"]:
            continue
        (n, unit), (step, step_unit) = _offset(rung["at"]), _offset(rung.get("every", 0))
        place = 0
        while DAYS.rung_date(due_on, n + step * place, unit or step_unit or "d") <= day:
            stood = (f"{stage}/{rung['at']}" + (f"#{place + 1}" if step else ""), rung)
            place += 1
            if not step:
                break
    return stood


def _offset(text: object) -> tuple[int, str]:
    number = str(text).rstrip("wd")
    return int(number), str(text)[len(number) :]


# The machine

NEAR = (-31, -8, -2, -1, 0, 1, 2, 5, 8, 29, 30, 31)
DONE: Counter[str] = Counter()
REFUSED: Counter[str] = Counter()
OTHER: Counter[str] = Counter()


def _steps() -> int:
    return sum((DONE + REFUSED + OTHER).values())


_ONWARD = {
    "drafted": [Action.ASSIGN],
    "assigned": [Action.ACCEPT, Action.ACCEPT, Action.SUBMIT_SELF_CHECK, Action.ASK_EXTENSION],
    "in_progress": [Action.SUBMIT_SELF_CHECK, Action.SUBMIT_SELF_CHECK, Action.ASK_EXTENSION, Action.HOLD,
                    Action.REPORT_PROGRESS, Action.HAND_OVER],
    "self_checked": [Action.PASS_CHECK, Action.PASS_CHECK, Action.FAIL_CHECK],
    "verified": [Action.OPEN_REVIEW, Action.OPEN_REVIEW, Action.ADD_EVIDENCE],
    "under_review": [Action.APPROVE, Action.APPROVE, Action.APPROVE, Action.REJECT],
    "closed": [Action.LOOK_BACK, Action.REOPEN],
    "following_up": [Action.FOLLOW_UP_CHECK, Action.FOLLOW_UP_CHECK, Action.FAIL_FOLLOW_UP],
    "withdrawn": [Action.REOPEN],
}  # fmt: skip
_ASKED = {
    "milestone": Action.REPORT_MILESTONE, "decide": Action.DECIDE_EXTENSION, "refer": Action.RECORD_OUTCOME,
    "follow_up": Action.FOLLOW_UP_REPORT,
}  # fmt: skip
_REFERRED = """
SELECT c.id FROM deadline c JOIN notice n ON n.deadline_id = c.id
WHERE c.measure_id = ? AND c.taken_up_on IS NULL AND n.kind = 'refer' AND n.role <> 'unit'"""
_WEIGHTS = {
    "go_on": 40, "handle": 20, "try_anything": 8, "poll": 12, "sleep": 6, "deliver": 8, "live_on": 4,
    "change_directory": 3,    "appoint": 2, "except_somebody": 2, "end_exception": 1,
}  # fmt: skip
_DEALT = [name for name, weight in _WEIGHTS.items() for _ in range(weight)]
_ENDS = (
    (End.ACCEPTED,), (End.ACCEPTED,), (End.LATER,), (End.NO_ANSWER,), (End.ACCEPTED, End.NO_ANSWER),
    (End.UNKNOWN, End.ACCEPTED, End.LATER, End.REJECTED),
)  # fmt: skip


class Office(RuleBasedStateMachine):
    """One history of the office."""

    world: World

    @initialize(focus=st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=4))
    def begin(self, focus: list[str]) -> None:
        """Most is done to a few measures, so that they come far."""
        self.world.begin()
        self.twin, self.focus, self.taken = Twin(self.world), focus, 0

    def teardown(self) -> None:
        if hasattr(self, "twin"):
            self.twin.verified()

    @rule(dice=st.integers(0, (1 << 32) - 1))
    def step(self, dice: int) -> None:
        """One rule and one number for a whole step, so that every kind has its weight in every history."""
        self.taken += 1
        self.dice = Random(f"{dice} {self.taken}")  # Hypothesis likes to throw the same number again and again
        getattr(self, self._one(_DEALT))()

    def _one(self, among: Sequence[_T]) -> _T:
        return self.dice.choice(among)

    def go_on(self) -> None:
        """The next step of the lifecycle, by somebody who should."""
        no = self._one(self.focus)
        self._act(no, self._one(self._onward(no)), careful=True)

    def handle(self) -> None:
        """Something that fits the state, by anybody, with whatever they give."""
        no = self._one(self.focus)
        state = self.twin.pages.measures[no]["state"]
        fitting = [Action(name) for name, (_, sources, _) in TABLE.items() if state in sources.split()]
        self._act(no, self._one(_weighted(fitting) or [Action.REOPEN]))

    def try_anything(self) -> None:
        no, action = self._one(NUMBERS), self._one(sorted(USES))
        self._act(no, action)

    def sleep(self) -> None:
        self._days_pass(self._one((1, 1, 2, 3, 7, 20)))
        self._agree()
        OTHER["days pass"] += 1

    def poll(self) -> None:
        self._days_pass(self._one((1, 0, 0, 3)))
        self.twin.polled(self.world.poll().days)
        OTHER["poll"] += 1

    def deliver(self) -> None:
        ends = self._one(_ENDS)
        places = iter(range(1 << 30))
        self.world.deliver(lambda: ends[next(places) % len(ends)])
        self.twin.delivered()
        OTHER["deliver"] += 1

    def live_on(self) -> None:
        """Some days on which nothing happens but what happens every day."""
        for days in self._one(((1, 1, 1), (2, 2, 1), (5, 1, 6), (8, 1, 1))):
            self._days_pass(days)
            self.twin.polled(self.world.poll().days)
            self.world.deliver(lambda: End.ACCEPTED)
            self.twin.delivered()
        OTHER["live on"] += 1

    def change_directory(self) -> None:
        self.world.variant = self._one((0, 0, 0, *range(len(VARIANTS))))
        self._agree()
        OTHER["directory"] += 1

    def appoint(self) -> None:
        absent, other = self._one(CODES), self._one(CODES)
        who = self._one(("g1-a",) * 9 + PEOPLE)
        first, last = self._one(((0, 5), (0, 0), (-3, 20), (2, 5), (0, -1), (-3, -1)))
        term, by = self._term(first, last), By(who, reason="外出学习")
        self._decide("appoint", lambda s, g: persons.appoint_stand_in(s, g, by, absent, other, term))

    def except_somebody(self) -> None:
        who, whom = self._one(("h1-a",) * 9 + PEOPLE), self._one(("both", "judge", *PEOPLE))
        term, by = self._term(0, self._one((5, 0, -1))), By(who, reason="人手不足")
        self._decide("except", lambda s, g: persons.grant_exception(s, g, by, whom, term))

    def end_exception(self) -> None:
        granted = [row["person"] for row in self.world.rows("SELECT person FROM singlepersonexception")]
        whom = self._one(granted or PEOPLE)
        by = By(self._one(("h1-a", "lh-a", "g1-a")), reason="人手已补齐")
        self._decide("end exception", lambda s, g: persons.end_exception(s, g, by, whom))

    def _days_pass(self, days: int) -> None:
        self.world.day = min(self.world.day + DAY * days, LAST_DAY)

    def _term(self, first: int, last: int) -> Term:
        return Term(self.world.day + DAY * first, self.world.day + DAY * last)

    def _onward(self, no: str) -> list[Action]:
        """What the measure waits for, by its state and its clocks."""
        pages = self.twin.pages
        measure = pages.measures[no]
        running = {clock["stage"]: clock for clock in pages.running(measure)}
        if any(clock["held_on"] for clock in running.values()):
            return [Action.RESUME, Action.RESUME, Action.REPORT_PROGRESS]
        found = list(_ONWARD[measure["state"]])
        found += [action for stage, action in _ASKED.items() if stage in running]
        if "complete" in running and running["complete"]["due_on"] < self.world.day:
            found.append(Action.SET_NEW_LIMIT)
        if self.world.rows(_REFERRED, measure["id"]):
            found += [Action.TAKE_UP] * 2
        return found

    def _decide(self, name: str, what: Callable[[Any, Any], object]) -> None:
        before = self.world.data_version()
        refusal = self.world.decide(what)
        if refusal is None:
            self.twin.elsewhere({"stand_in", "single_person_exception", "single_person_exception_ended",
                                 "directory_changed"})  # fmt: skip
            self._agree()
            DONE[name] += 1
        else:
            self.twin.refused(refusal)
            assert self.world.data_version() == before, "a refusal changed the database"
            REFUSED[name] += 1

    def _agree(self) -> None:
        self.world.agree()
        self.twin.elsewhere({"directory_changed"})

    def _act(self, no: str, action: Action, careful: bool = False) -> None:
        deed = self._deed(no, action) if careful else self._spoilt(self._deed(no, action))
        note(f"{self.world.day} {deed}")
        world, twin = self.world, self.twin
        sound = Sound(world, twin.pages, deed)
        files, version = world.kept_files(), world.data_version()
        seats = world.office.directory.seats_of(deed.person, world.day)
        offered = deed.action in world.allowed(deed)
        well_meant = sound.in_all() and (deed.as_party is None or deed.as_party in {s.party.code for s in seats})
        found = world.attempt(deed)
        if isinstance(found, Done):
            self._agreed(deed, sound, offered and well_meant, True, found)
            twin.acted(deed)
            DONE[action.value] += 1
            return
        self._agreed(deed, sound, offered and well_meant, False, found)
        twin.refused(found)
        assert not isinstance(found, StaleVersion) or deed.version not in (None, sound.measure["version"]), found
        assert world.data_version() == version, ("a refusal changed the database", deed, found)
        assert world.kept_files() == files, ("a refusal left a file", deed, found)
        REFUSED[action.value] += 1

    def _agreed(self, deed: Deed, sound: Sound, expected: bool, happened: bool, found: object) -> None:
        """What is offered can be done, and what is not offered cannot. A date given makes a draft assignable."""
        undated = sound.measure["due_on"] is None and sound.measure["limit_kind"] != "immediate"
        if deed.action is Action.ASSIGN and deed.day and undated:
            return
        assert expected == happened, ("offered and done differ", expected, deed, str(found))

    def _deed(self, no: str, action: Action) -> Deed:
        """The action by somebody of a party that may do it, with all that it needs."""
        measure = self.twin.pages.measures[no]
        roles = TABLE[action.value][0]
        if action in (Action.APPROVE, Action.REJECT) and not measure["major"]:
            roles = "lead"
        fit = [person.code for code in self.twin.pages.codes(measure, roles) for person in self._members(code)]
        chosen = Deed(action, no, self._one(fit or PEOPLE), basis=action.value in NEW_CYCLE, day=self._day(no, action))
        match action:
            case Action.HAND_OVER:
                return replace(chosen, unit=self._one((None, "D1", "D2", "D3")), lead=self._one((None, "L1", "LH")))
            case Action.DECIDE_EXTENSION:
                return replace(chosen, granted=self._one((True, False)))
            case _ if action in TAKES_FILES:
                return replace(chosen, kinds=self._one(_FILES))
        return chosen

    def _day(self, no: str, action: Action) -> date | None:
        """A day that will do where one is needed."""
        found = self.twin.pages.running(self.twin.pages.measures[no], "complete")
        due_on: date = found[0]["due_on"] if found else self.world.day
        match action:
            case Action.ASK_EXTENSION:
                return due_on + DAY * self._one((1, 20, 30))
            case Action.SET_NEW_LIMIT:
                return max(due_on + DAY, self.world.day) + DAY * self._one((0, 20))
            case Action.ASSIGN if no == "M7":
                return self.world.day + DAY * self._one((0, 30))
        return None

    def _spoilt(self, deed: Deed) -> Deed:
        """Another person, a day near a boundary, something left out or put in: each now and then."""
        running = self.twin.pages.running(self.twin.pages.measures[deed.no], "complete", "milestone")
        near = [one + DAY * n for one in (self.world.day, *(clock["due_on"] for clock in running)) for n in NEAR]
        version = self.twin.pages.measures[deed.no]["version"]
        spoils: Mapping[str, Sequence[Any]] = {
            "person": PEOPLE, "as_party": CODES, "reason": ("", " "), "version": (version, version - 1),
            "recorded_by": ("g1-a", "d2-b"), "basis": (False, True, True), "day": (None, *near, *near), "text": (" ",),
            "percent": (0, 100, -1, 101), "kinds": (*_FILES, ()), "unit": (None, *CODES[:4]),
            "lead": (None, "L1", "LH"), "follow_up": ("1m", "20wd", "x"),
        }  # fmt: skip
        names = [name for name in spoils if self.dice.random() < _SPOILT.get(name, 0.08)]
        changes = {name: self._one(spoils[name]) for name in names}
        if deed.action not in TAKES_FILES:
            changes.pop("kinds", None)
        return replace(deed, **changes)

    def _members(self, code: str) -> tuple[Any, ...]:
        receiver = self.world.office.directory.by_code(code)
        return receiver.people if receiver else ()


_FILES = (
    (EvidenceKind.PROOF, EvidenceKind.RULE), (EvidenceKind.PROOF,), (EvidenceKind.NORM,),
    (EvidenceKind.CAMPAIGN, EvidenceKind.PROOF), (EvidenceKind.OTHER,),
)  # fmt: skip
_SPOILT = {"person": 0.4, "day": 0.4}


def _weighted(fitting: list[Action]) -> list[Action]:
    """Withdrawing ends everything, so it is rarer."""
    return [action for action in fitting for _ in range(1 if action is Action.WITHDRAW else 4)]


# Sizes


def _play(world: World, steps: int, dice: int) -> None:
    """Runs the machine until at least so many steps were taken."""
    Office.world = world
    target = _steps() + steps
    while (left := target - _steps()) > 0:
        made = settings(
            max_examples=max(1, min(200, left // STEPS_A_RUN)), stateful_step_count=STEPS_A_RUN, deadline=None,
            database=None, derandomize=False, suppress_health_check=list(HealthCheck), print_blob=False,
            report_multiple_bugs=False, phases=PHASES,
        )  # fmt: skip
        run_state_machine_as_test(seed(dice)(Office), settings=made)
        dice += 1


@pytest.mark.parametrize("shard", range(SHARDS if SOAK else 1))
def test_nothing_breaks_whatever_is_done(shard: int, capsys: pytest.CaptureFixture[str]) -> None:
    began, before, dice = time.monotonic(), _steps(), SEED + shard * 1_000_003
    _say(capsys, f"lifecycle machine, shard {shard}: DUBAN_SEED={SEED}")
    with a_world() as world:
        _play(world, STEPS // SHARDS if SOAK else STEPS, dice)
    _say(capsys, _report(shard, _steps() - before, time.monotonic() - began))
    never = [action for action in USES if not DONE[action.value]] if STEPS >= 20 * 1000 else []
    assert not never, f"never succeeded: {never}"


def _say(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """The long form tells its dice before anything can fail, and what it did."""
    if SOAK:
        with capsys.disabled():
            sys.stdout.write(f"\n{words}\n")
            sys.stdout.flush()


def _report(shard: int, steps: int, seconds: float) -> str:
    lines = [f"{name}: {DONE[name]} done, {REFUSED[name]} refused" for name in sorted(DONE | REFUSED)]
    lines += [f"{name}: {number}" for name, number in sorted(OTHER.items())]
    head = f"lifecycle machine, shard {shard}: {steps} steps in {seconds:.0f} s, no broken invariant"
    return "\n  ".join([head, *lines])
