"""The poll a second time, slow and obvious: every day, every clock, every rung, one after the other.

Written from the text of the design alone, to hold models/store/posting.py against; it imports nothing of ours.
A ladder is the plain YAML of a policy, a calendar is a set of working days, parties and clocks are names.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

DAY = timedelta(days=1)
GROUPS = ("general", "supervision", "accountability", "head")
ROLES = ("unit", "cooperating", "lead", *GROUPS)
ADDRESS = {"general": "address"}
Key = tuple[int, date, str, str]
"""What a notice is known by: clock, due date, rung, party."""


class Days:
    """The working days, and what is counted over them one day at a time."""

    def __init__(self, worked: Iterable[date]) -> None:
        self.worked = frozenset(worked)
        self._known: dict[tuple[date, str, int], date] = {}

    def works(self, day: date) -> bool:
        return day in self.worked

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day`, or before it where n < 0; `day` itself where n is 0."""
        step = DAY if n > 0 else -DAY
        left = abs(n)
        while left:
            day += step
            left -= self.works(day)
        return day

    def roll(self, day: date, step: timedelta) -> date:
        while not self.works(day):
            day += step
        return day

    def rung_date(self, due_on: date, n: int, unit: str) -> date:
        """The due date plus the offset; from a rest day back for offsets ≤ 0, on for offsets > 0."""
        known = self._known.get((due_on, unit, n))
        if known is None:
            moved = self.add(due_on, n) if unit == "wd" else due_on + DAY * n
            known = self._known[due_on, unit, n] = self.roll(moved, DAY if n > 0 else -DAY)
        return known


@dataclass
class Clock:
    """A clock as it stands now. `runs`: neither stopped nor held. `taken_up`: its referral was."""

    measure: str
    stage: str
    unit: str
    lead: str
    cooperating: tuple[str, ...]
    opened_on: date
    due_on: date
    armed_on: date
    runs: bool = True
    taken_up: bool = False

    def parties(self, role: str, groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        if role in GROUPS:
            return groups[role]
        return {"unit": (self.unit,), "lead": (self.lead,), "cooperating": self.cooperating}[role]


@dataclass
class Expected:
    """A notice that the design asks for.

    `kinds` holds the kind of notice for each role that calls for it; of several any may be the one recorded.
    `place` is the rung's in its ladder. `run` says it, `posted_by` found that it is due. `gone`: it dropped out of its
    message before that left.
    """

    clock: int
    due_on: date
    rung: str
    party: str
    kinds: dict[str, str]
    on: date
    place: int
    unsaid: str | None = None
    run: int = 0
    posted_by: int = 0
    gone: bool = False

    @property
    def key(self) -> Key:
        return self.clock, self.due_on, self.rung, self.party

    @property
    def message(self) -> str:
        """Which of a party's two messages of a day it is in."""
        return "digest" if set(self.kinds.values()) <= {"remind", "urge"} else "escalation"

    def is_over(self, on: date) -> bool:
        """Whether it comes before its due date, and that is gone by."""
        return (
            self.message == "digest"
            and _offset(self.rung.partition("/")[2].partition("#")[0])[0] <= 0
            and (on > self.due_on)
        )


class BeforeWatermark(Exception):  # noqa: N818 - what the design calls refused
    """The day was handled already."""


@dataclass
class Walk:
    """An office, and all that was ever said in it.

    `stages` are the ladders as YAML gives them. `newest` is the newest notice for a clock, due date and party, those
    superseded left out. `told_on` is the day on which a notice on a clock to its unit was first accepted; `waiting`
    are the messages not yet accepted, by number of run, party and kind. `delivered` is what was accepted.
    `unreachable` have no address. The last address of those in `failed` refused the last message for good; what was
    refused lies in `refused` until they have another one.
    """

    days: Days
    stages: Mapping[str, Any]
    groups: Mapping[str, tuple[str, ...]]
    unreachable: set[str] = field(default_factory=set)
    clocks: dict[int, Clock] = field(default_factory=dict)
    said: set[Key] = field(default_factory=set)
    delivered: set[Key] = field(default_factory=set)
    newest: dict[tuple[int, date, str], Expected] = field(default_factory=dict)
    told_on: dict[int, date] = field(default_factory=dict)
    waiting: dict[tuple[int, str, str], list[Expected]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    refused: dict[tuple[int, str, str], list[Expected]] = field(default_factory=dict)
    posted: list[Expected] = field(default_factory=list)
    runs: int = 0
    last_run: date | None = None

    def run(self, on: date) -> tuple[list[date], dict[Key, Expected], dict[Key, Expected]]:
        """The working days that a run on this day handles, the notices it posts, and the older ones it says.

        Raises BeforeWatermark.
        """
        days = self._days_to_handle(on)
        self.last_run = on
        self.runs += 1
        posted: dict[Key, Expected] = {}
        for day in days:
            for found in self._due_on(day):
                if found.key in posted:
                    if posted[found.key].on == found.on:
                        posted[found.key].kinds |= found.kinds
                elif found.key not in self.said:
                    posted[found.key] = found
        self.said |= set(posted)
        self.posted += posted.values()
        for one in posted.values():
            one.posted_by = self.runs
        self._settle(posted.values())
        revived = self._revive() if days else {}
        for one in (*posted.values(), *revived.values()):
            one.run = self.runs
            if one.unsaid is None:
                self.waiting.setdefault((self.runs, one.party, one.message), []).append(one)
        return days, posted, revived

    def deliver(self, on: date, accepts: Iterable[str], refuses: Iterable[str] = ()) -> None:
        """Tries each waiting message; the channels of these parties accept, those refuse for good, others try again.

        What is no longer true drops out first, and what a later rung has overtaken or is past its useful life.
        """
        accepting, refusing = set(accepts), set(refuses)
        waiting = [one for notices in self.waiting.values() for one in notices]
        gone = [one for one in waiting if not self._still_true(one) or self._is_overtaken(one) or one.is_over(on)]
        for one in gone:
            one.gone = True
        for key, notices in list(self.waiting.items()):
            notices[:] = [one for one in notices if not one.gone]
            party = key[1]
            if notices and party in refusing:
                self.failed.add(party)
                self.refused[key] = self.waiting.pop(key)
                continue
            if notices and party not in accepting:
                continue
            if notices:
                self.failed.discard(party)
            for one in notices:
                self.delivered.add(one.key)
                if self.clocks[one.clock].unit == party:
                    self.told_on.setdefault(one.clock, on)
            del self.waiting[key]

    def readdress(self, party: str) -> None:
        """The party has another address: what it refused is sent there."""
        self.failed.discard(party)
        for key in [key for key in self.refused if key[1] == party]:
            self.waiting[key] = self.refused.pop(key)

    def resume(self, number: int, due_on: date, on: date) -> None:
        """A clock runs on under another date; what was said of it under the old one is not said again."""
        clock = self.clocks[number]
        carried = {
            (number, due_on, rung, party)
            for of, old, rung, party in self.delivered
            if (of, old) == (number, clock.due_on)
        }
        self.said |= carried
        self.delivered |= carried
        clock.due_on, clock.armed_on, clock.runs = due_on, on, True

    def _days_to_handle(self, on: date) -> list[date]:
        if self.last_run == on:
            return [on] if self.days.works(on) else []
        if self.last_run is None and not self.clocks:
            return []
        mark = self.last_run or min(clock.opened_on for clock in self.clocks.values()) - DAY
        if on < mark:
            raise BeforeWatermark
        after = (mark + DAY * n for n in range(1, (on - mark).days + 1))
        return [day for day in after if self.days.works(day)]

    def _due_on(self, day: date) -> Iterator[Expected]:
        """All that stands on this working day, said before or not."""
        for number, clock in self.clocks.items():
            if not clock.runs or day < clock.armed_on:
                continue
            told = number in self.told_on and self.told_on[number] < day
            for role in ROLES:
                stood = self._standing(clock, role, day)
                if stood is None:
                    continue
                name, place, rung = stood
                if clock.taken_up and rung["kind"] == "refer" and role in ("accountability", "head"):
                    continue
                if rung.get("served") in (None, role) or told:
                    for party in clock.parties(role, self.groups):
                        kinds = {role: rung["kind"]}
                        yield Expected(number, clock.due_on, name, party, kinds, day, place)
                elif clock.unit in self.unreachable | self.failed:
                    for party in self.groups["general"]:
                        name = f"{clock.stage}/address"
                        yield Expected(number, clock.due_on, name, party, dict(ADDRESS), day, place)

    def _standing(self, clock: Clock, role: str, day: date) -> tuple[str, int, Mapping[str, Any]] | None:
        """The last rung of this role's row whose rung date has come: its name, place and the rung itself."""
        stood = None
        for place, rung in enumerate(self.stages[clock.stage]["ladder"]):
            if role not in rung["to"]:
                continue
            name = f"{clock.stage}/{rung['at']}"
            if "every" not in rung:
                if self._rung_date(clock, rung["at"]) <= day:
                    stood = name, place, rung
                continue
            for repeat in count():
                if self._rung_date(clock, rung["at"], rung["every"], repeat) > day:
                    break
                stood = f"{name}#{repeat + 1}", place + repeat, rung
        return stood

    def _rung_date(self, clock: Clock, at: object, every: object = "0", repeat: int = 0) -> date:
        (n, unit), (step, step_unit) = _offset(at), _offset(every)
        return self.days.rung_date(clock.due_on, n + step * repeat, unit or step_unit or "d")

    def _settle(self, posted: Iterable[Expected]) -> None:
        """Of several rungs for one clock and party the last is said; nobody without an address is told.

        `address` is no rung of the ladder: it neither gives way to another nor takes its place.
        """
        by_party: dict[tuple[int, str], list[Expected]] = {}
        for one in posted:
            if one.kinds != ADDRESS:
                by_party.setdefault((one.clock, one.party), []).append(one)
            if one.party in self.unreachable:
                one.unsaid = "no_address"
        for rivals in by_party.values():
            last = max(rivals, key=lambda one: (one.on, one.place))
            for one in rivals:
                if one is not last:
                    one.unsaid = "superseded"
            self.newest[last.clock, last.due_on, last.party] = last

    def _revive(self) -> dict[Key, Expected]:
        """What a party missed for want of an address is said once it has one: the newest, while it is still true."""
        revived = {}
        for one in self.newest.values():
            if one.unsaid == "no_address" and one.party not in self.unreachable and self._still_true(one):
                one.unsaid = None
                revived[one.key] = one
        return revived

    def _is_overtaken(self, one: Expected) -> bool:
        """Whether a later run says a later rung to the same party."""
        if one.kinds == ADDRESS:
            return False
        return any(
            (later.clock, later.due_on, later.party) == (one.clock, one.due_on, one.party)
            and later.kinds != ADDRESS and later.unsaid is None and not later.gone
            and later.posted_by > one.posted_by and later.run > one.run
            for later in self.posted
        )  # fmt: skip

    def _still_true(self, one: Expected) -> bool:
        clock = self.clocks[one.clock]
        return clock.runs and clock.due_on == one.due_on


def _offset(text: object) -> tuple[int, str]:
    """`-20wd` as (-20, "wd"); the unit of a plain 0 is open."""
    written = str(text)
    number = written.rstrip("wd")
    return int(number), written[len(number) :]
