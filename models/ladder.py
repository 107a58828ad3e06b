"""Who must hear about a clock, and from which day on: offsets, rungs, ladders, and today's windows. PURE.

`rung_at()` answers for one clock and one role on one day. `windows()` gives the same answer for every due
date at once, as ranges, which models/store/posting.py joins to the open clocks in one statement. The two are
held equal by property test. Nothing here knows a database, a party or a message; config/policy.py reads the
YAML.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count
from types import MappingProxyType

from models.lifecycle import Role, Stage
from models.redating import ExtensionRules
from models.timelimit import add_months
from models.workdays import WorkCalendar

ONE_DAY = timedelta(days=1)
ADDRESS_RUNG = "address"
"""The rung of a notice that a unit cannot be reached: `<stage>/address`."""


class NoticeKind(StrEnum):
    """What sort of thing a notice is."""

    REMIND = "remind"
    URGE = "urge"
    OVERDUE = "overdue"
    SUPERVISE = "supervise"
    REFER = "refer"
    ADDRESS = "address"


class MessageKind(StrEnum):
    """`digest` shares remind and urge; `escalation` shares overdue, supervise, refer and address; `action` tells what
    people did."""

    DIGEST = "digest"
    ESCALATION = "escalation"
    ACTION = "action"


DIGEST_KINDS = frozenset({NoticeKind.REMIND, NoticeKind.URGE})


class Colour(StrEnum):
    """What an office paints a rung. What it means differs from place to place; no rule hangs on it."""

    BLUE = "blue"
    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


NOTICE_KIND_ZH: Mapping[NoticeKind, str] = MappingProxyType(
    {
        NoticeKind.REMIND: "提醒",
        NoticeKind.URGE: "催办",
        NoticeKind.OVERDUE: "超期",
        NoticeKind.SUPERVISE: "督办单",
        NoticeKind.REFER: "问责提请",
        NoticeKind.ADDRESS: "通知无法送达",
    }
)
MESSAGE_KIND_ZH: Mapping[MessageKind, str] = MappingProxyType(
    {MessageKind.DIGEST: "提醒", MessageKind.ESCALATION: "督办", MessageKind.ACTION: "办理"}
)
COLOUR_ZH: Mapping[Colour, str] = MappingProxyType(
    {
        Colour.BLUE: "蓝",
        Colour.GREEN: "绿",
        Colour.YELLOW: "黄",
        Colour.ORANGE: "橙",
        Colour.RED: "红",
    }
)
TINTS: Mapping[Colour, str] = MappingProxyType({
    Colour.BLUE: "BDD7EE", Colour.GREEN: "C6E0B4", Colour.YELLOW: "FFF2A8", Colour.ORANGE: "F8CBAD",
    Colour.RED: "FF9B9B",
})  # fmt: skip
"""RGB of a cell in that colour: light, so that black print can be read on it."""


class OffsetUnit(StrEnum):
    """Working days or calendar days."""

    WORKDAYS = "wd"
    DAYS = "d"


FARTHEST = 500
"""An offset or a limit of more days than this is taken for a slip of the pen."""
LONGEST_MONTHS = 60
_LIMIT = re.compile(r"([0-9]{1,3})(wd|m)")
_OFFSET = re.compile(r"([+-]?)([0-9]{1,4})(wd|d)?")


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance from a due date. `text` is kept as the policy writes it, since rungs are named by it."""

    n: int
    unit: OffsetUnit
    text: str

    @classmethod
    def parse(cls, text: str) -> "Offset":
        """Reads `-20wd`, `0`, `+5wd`, `+30d`. A number other than 0 needs its unit. Raises ValueError."""
        match = _OFFSET.fullmatch(text)
        if match is None or (match[3] is None and int(match[2]) != 0):
            raise ValueError(text)
        n = int(match[2]) * (-1 if match[1] == "-" else 1)
        return cls(n, OffsetUnit(match[3] or OffsetUnit.WORKDAYS), text)

    def plus(self, step: "Offset", times: int) -> "Offset":
        """This offset and `times` steps, in the step's unit: an offset of 0 has no unit of its own."""
        return Offset(self.n + step.n * times, step.unit, self.text)

    def rung_date(self, due_on: date, calendar: WorkCalendar) -> date:
        """The due date moved by this offset; on a rest day the working day before (≤ 0) or after (> 0)."""
        if self.unit is OffsetUnit.WORKDAYS and self.n != 0:
            return calendar.add_workdays(due_on, self.n)
        moved = due_on + timedelta(days=self.n)
        return calendar.on_or_after(moved) if self.n > 0 else calendar.on_or_before(moved)

    def threshold(self, day: date, calendar: WorkCalendar) -> date:
        """The greatest due date whose rung date is on or before `day`, a working day."""
        if self.n > 0:
            if self.unit is OffsetUnit.WORKDAYS:
                return calendar.add_workdays(day, 1 - self.n) - ONE_DAY
            return day - timedelta(days=self.n)
        if self.unit is OffsetUnit.WORKDAYS and self.n < 0:
            return calendar.add_workdays(day, -self.n)
        return calendar.add_workdays(day, 1) - ONE_DAY - timedelta(days=self.n)


@dataclass(frozen=True, slots=True)
class Rung:
    """From this offset on, these roles must hear.

    `every` repeats it without end; `served` names the role that must have been told, with proof, before any
    other role of the rung is.
    """

    at: Offset
    to: tuple[Role, ...]
    kind: NoticeKind
    colour: Colour
    every: Offset | None = None
    served: Role | None = None

    def holds_back(self, role: Role) -> bool:
        return self.served is not None and role is not self.served


@dataclass(frozen=True, slots=True)
class StageLimit:
    """How long a clock of a stage runs: working days, months, or as the ledger says (both None)."""

    workdays: int | None = None
    months: int | None = None

    @classmethod
    def parse(cls, text: str) -> "StageLimit":
        """Reads `5wd` and `6m`. Raises ValueError, also for none and for more than anybody means."""
        match = _LIMIT.fullmatch(text)
        n = int(match[1]) if match else 0
        if not match or not 0 < n <= (LONGEST_MONTHS if match[2] == "m" else FARTHEST):
            raise ValueError(text)
        return cls(months=n) if match[2] == "m" else cls(workdays=n)

    @property
    def zh(self) -> str:
        """How long, in words; empty where the ledger says it."""
        if self.workdays is not None:
            return f"{self.workdays}个工作日"
        return f"{self.months}个月" if self.months is not None else ""

    def due_on(self, opened_on: date, calendar: WorkCalendar) -> date | None:
        """The due date of a clock opened that day; None where the ledger says it."""
        if self.workdays is not None:
            return calendar.add_workdays(opened_on, self.workdays)
        return add_months(opened_on, self.months) if self.months is not None else None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The limit and the rungs of one stage, rungs in the policy's order."""

    stage: Stage
    limit: StageLimit
    rungs: tuple[Rung, ...]

    def roles(self) -> tuple[Role, ...]:
        """Every role that some rung names, in the order of first naming."""
        return tuple(dict.fromkeys(role for rung in self.rungs for role in rung.to))


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """Which files an office takes: how large, and which endings (without the dot, in small letters)."""

    max_bytes: int
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of an office's policy. `digest` is the SHA-256 of `content`, the text it was read from.

    `immediate` is the limit of 立行立改, `returned` the least that is left to whoever gets work back.
    """

    name: str
    ladders: Mapping[Stage, Ladder]
    immediate: StageLimit
    returned: StageLimit
    extension: ExtensionRules
    evidence: EvidenceRules
    content: str
    digest: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The rung a clock stands on for a role.

    `order` counts rungs, repeats included, from the ladder's start. Rungs of one name, which are for other
    roles each, share the place of the first.
    """

    rung: Rung
    name: str
    order: int
    reached_on: date


@dataclass(frozen=True, slots=True)
class Window:
    """On `day`, clocks of `stage` due after `due_after` and up to `due_until` stand on `rung` for `role`."""

    day: date
    stage: Stage
    role: Role
    rung: str
    order: int
    kind: NoticeKind
    due_after: date
    due_until: date
    held_back: bool


@dataclass(frozen=True, slots=True)
class _Step:
    """One rung of the row a role climbs; an endless rung stands for a step each time it repeats."""

    rung: Rung
    offset: Offset
    name: str
    order: int


class Unreached(StrEnum):
    """Why no clock ever stands on a rung."""

    OVERTAKEN = "overtaken"
    """A later rung of the same role never has a later date."""
    BEFORE_OPENING = "before_opening"
    """When the clock opens, a later rung of the same role always has its date behind it already."""


def rung_at(ladder: Ladder, role: Role, due_on: date, day: date, calendar: WorkCalendar) -> Standing | None:
    """The last rung of this role whose rung date is on or before `day`; None before the first."""
    standing: Standing | None = None
    for step in _steps(ladder, role):
        reached_on = step.offset.rung_date(due_on, calendar)
        if reached_on <= day:
            standing = Standing(step.rung, step.name, step.order, reached_on)
        elif step.rung.every:
            break
    return standing


def colour_at(ladder: Ladder, due_on: date, day: date, calendar: WorkCalendar) -> Colour | None:
    """The colour of the last rung, of whatever role, that a clock stands on; None before the first."""
    found = [rung_at(ladder, role, due_on, day, calendar) for role in ladder.roles()]
    standing = max((one for one in found if one), key=lambda one: one.order, default=None)
    return standing.rung.colour if standing else None


def windows(
    policy: Policy, calendar: WorkCalendar, since: date | None, day: date, oldest: Mapping[Stage, date]
) -> list[Window]:
    """Every range of due dates that stands on a rung on `day`, and did not yet stand on it on `since`.

    `since` and `day` are working days; `since=None` gives all that stand (full windows). `oldest` is the
    earliest due date of the open clocks of each stage: a stage without one is left out, and no range goes
    further back.
    """
    found: list[Window] = []
    for stage, oldest_due in oldest.items():
        if ladder := policy.ladders.get(stage):
            for role in ladder.roles():
                ranges = _ranges(_steps(ladder, role), calendar, since, day, oldest_due)
                found += [_window(stage, role, day, *each) for each in ranges]
    return found


def _window(stage: Stage, role: Role, day: date, step: _Step, span: tuple[date, date]) -> Window:
    held_back = step.rung.holds_back(role)
    return Window(day, stage, role, step.name, step.order, step.rung.kind, *span, held_back)


def _ranges(
    steps: Iterable[_Step], calendar: WorkCalendar, since: date | None, day: date, oldest_due: date
) -> list[tuple[_Step, tuple[date, date]]]:
    """The due dates (after, until) that stand on each step: up to its own threshold, above all later ones."""
    found: list[tuple[_Step, tuple[date, date]]] = []
    above = oldest_due - ONE_DAY
    for step, until in reversed(_thresholds(steps, calendar, day, oldest_due)):
        after = max(above, step.offset.threshold(since, calendar)) if since else above
        if until > after:
            found.append((step, (after, until)))
        above = max(above, until)
    return found[::-1]


def _thresholds(
    steps: Iterable[_Step], calendar: WorkCalendar, day: date, oldest_due: date
) -> list[tuple[_Step, date]]:
    """Each step with the last due date that has reached it; endless ones as far as some clock has."""
    reached: list[tuple[_Step, date]] = []
    for step in steps:
        until = step.offset.threshold(day, calendar)
        if until < oldest_due and step.rung.every:
            break
        reached.append((step, until))
    return reached


def _steps(ladder: Ladder, role: Role) -> Iterator[_Step]:
    """The rungs this role climbs, lowest first. Endless where the last one repeats: the caller breaks off."""
    places: dict[str, int] = {}
    for index, rung in enumerate(ladder.rungs):
        name = f"{ladder.stage}/{rung.at.text}"
        # A name has one place, or nobody could tell by name which of two notices is of the later rung.
        place = index if rung.every else places.setdefault(name, index)
        if role not in rung.to:
            continue
        if rung.every is None:
            yield _Step(rung, rung.at, name, place)
            continue
        for repeat in count():
            offset = rung.at.plus(rung.every, repeat)
            yield _Step(rung, offset, f"{name}#{repeat + 1}", place + repeat)


def unreached(
    ladder: Ladder, index: int, role: Role, calendar: WorkCalendar, days: Collection[date]
) -> Unreached | None:
    """Why no clock opened on one of `days` ever stands on that rung for the role; None where one does.

    Where the ledger gives the due date, `days` are due dates, and a clock may be open for any time before.
    """
    at = ladder.rungs[index].at
    later = [rung.at for rung in ladder.rungs[index + 1 :] if role in rung.to]

    def stands(day: date, ever_open: bool = False) -> bool:
        due_on = ladder.limit.due_on(day, calendar)
        reached = at.rung_date(due_on or day, calendar)
        if due_on and not ever_open:
            reached = max(reached, calendar.on_or_after(day))
        return all(reached < other.rung_date(due_on or day, calendar) for other in later)

    if any(stands(day) for day in days):
        return None
    return Unreached.BEFORE_OPENING if any(stands(day, True) for day in days) else Unreached.OVERTAKEN
