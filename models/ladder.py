"""Who must hear about a clock, and from which day on: offsets, rungs, ladders, and today's windows. PURE.

`rung_at()` answers for one clock and one role on one day. `windows()` gives the same answer for every due date
at once, as ranges, which models/store/posting.py joins to the open clocks in one statement. The two are held
equal by property test. Nothing here knows a database, a party or a message; config/policy.py reads the YAML.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count
from types import MappingProxyType

from models.lifecycle import Role, Stage
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
    """`digest` shares remind and urge; `escalation` shares overdue, supervise, refer and address."""

    DIGEST = "digest"
    ESCALATION = "escalation"


DIGEST_KINDS = frozenset({NoticeKind.REMIND, NoticeKind.URGE})


class Colour(StrEnum):
    """What an office paints a rung. The meaning differs from place to place, so it is policy and carries no rule."""

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
COLOUR_ZH: Mapping[Colour, str] = MappingProxyType(
    {
        Colour.BLUE: "蓝",
        Colour.GREEN: "绿",
        Colour.YELLOW: "黄",
        Colour.ORANGE: "橙",
        Colour.RED: "红",
    }
)


class OffsetUnit(StrEnum):
    """Working days or calendar days."""

    WORKDAYS = "wd"
    DAYS = "d"


_OFFSET = re.compile(r"([+-]?)(\d{1,4})(wd|d)?\Z")


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance from a due date. `text` is kept as the policy writes it, since rungs are named by it."""

    n: int
    unit: OffsetUnit
    text: str

    @classmethod
    def parse(cls, text: str) -> "Offset":
        """Reads `-20wd`, `0`, `+5wd`, `+30d`. A number other than 0 needs its unit. Raises ValueError."""
        match = _OFFSET.match(text)
        if match is None or (match[3] is None and int(match[2]) != 0):
            raise ValueError(text)
        n = int(match[2]) * (-1 if match[1] == "-" else 1)
        return cls(n, OffsetUnit(match[3] or OffsetUnit.WORKDAYS), text)

    def plus(self, step: "Offset", times: int) -> "Offset":
        return Offset(self.n + step.n * times, self.unit, self.text)

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
    """From this offset on, these roles must hear. `every` repeats it without end; `served` names the role that
    must have been told, with proof, before any other role of the rung is."""

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
    """How long a clock of a stage runs: working days after opening, months, or as the ledger says (both None)."""

    workdays: int | None = None
    months: int | None = None

    def due_on(self, opened_on: date, calendar: WorkCalendar) -> date | None:
        """None where the ledger says it. Months are counted by the stage that opens such a clock."""
        return calendar.add_workdays(opened_on, self.workdays) if self.workdays is not None else None


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
class Policy:
    """One version of an office's policy. `digest` is the SHA-256 of `content`, the text it was read from."""

    name: str
    ladders: Mapping[Stage, Ladder]
    immediate: StageLimit
    content: str
    digest: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The rung a clock stands on for a role. `order` counts rungs, repeats included, from the ladder's start."""

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


def rung_at(ladder: Ladder, role: Role, due_on: date, day: date, calendar: WorkCalendar) -> Standing | None:
    """The last rung of this role whose rung date is on or before `day`, a working day; None before the first."""
    standing: Standing | None = None
    for step in _steps(ladder, role):
        reached_on = step.offset.rung_date(due_on, calendar)
        if reached_on <= day:
            standing = Standing(step.rung, step.name, step.order, reached_on)
        elif step.rung.every:
            break
    return standing


def windows(
    policy: Policy, calendar: WorkCalendar, since: date | None, day: date, oldest: Mapping[Stage, date]
) -> list[Window]:
    """Every range of due dates that stands on a rung on `day`, and did not yet stand on it on `since`.

    `since` and `day` are working days; `since=None` gives all that stand (full windows). `oldest` is the earliest
    due date of the open clocks of each stage: stages without open clocks are left out, endless rungs end there.
    """
    found: list[Window] = []
    for stage, oldest_due in oldest.items():
        ladder = policy.ladders.get(stage)
        for role in ladder.roles() if ladder else ():
            found += _windows_of(ladder, role, calendar, since, day, oldest_due)  # type: ignore[arg-type]
    return found


def _windows_of(
    ladder: Ladder, role: Role, calendar: WorkCalendar, since: date | None, day: date, oldest_due: date
) -> list[Window]:
    reached: list[tuple[_Step, date]] = []
    for step in _steps(ladder, role):
        until = step.offset.threshold(day, calendar)
        if until < oldest_due and step.rung.every:
            break
        reached.append((step, until))
    found: list[Window] = []
    above = oldest_due - ONE_DAY
    for step, until in reversed(reached):
        after = max(above, step.offset.threshold(since, calendar)) if since else above
        if until > after:
            found.append(_window(ladder.stage, role, step, day, after, until))
        above = max(above, until)
    return found[::-1]


def _window(stage: Stage, role: Role, step: _Step, day: date, after: date, until: date) -> Window:
    held_back = step.rung.holds_back(role)
    return Window(day, stage, role, step.name, step.order, step.rung.kind, after, until, held_back)


def _steps(ladder: Ladder, role: Role) -> Iterator[_Step]:
    """The rungs this role climbs, lowest first. Endless where the last one repeats: the caller breaks off."""
    for index, rung in enumerate(ladder.rungs):
        if role not in rung.to:
            continue
        name = f"{ladder.stage}/{rung.at.text}"
        if rung.every is None:
            yield _Step(rung, rung.at, name, index)
            continue
        for repeat in count():
            yield _Step(rung, rung.at.plus(rung.every, repeat), f"{name}#{repeat + 1}", index + repeat)
