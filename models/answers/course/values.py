"""What the pictures of a round show, as values: measures open day by day, what falls due in a week, which clocks run.

PURE. Read by reading.py, counted by counting.py, drawn by notifications/reports/pictures. Withdrawn measures count in
nothing but their own number. Open and done are the states that models/lifecycle.py calls so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from models.lifecycle import Stage, State


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """Which round, and from which day it is looked at."""

    code: str
    name: str
    feedback_on: date
    ends_on: date
    on_day: date


@dataclass(frozen=True, slots=True)
class Course:
    """One measure over time. `first_due_on` and `due_on` are the limit of its present cycle, the first and the one that
    stands; a draft has the ledger's, None where that has no date.

    `changes` are the days on which its state changed, and the state since then, in order; before the first it was as it
    came into the ledger: drafted, or closed where an earlier round was imported as closed.
    """

    first_due_on: date | None
    due_on: date | None
    changes: tuple[tuple[date, State], ...]
    began_as: State = State.DRAFTED

    def state_on(self, day: date) -> State:
        """The state at the end of that day."""
        return next((state for since, state in reversed(self.changes) if since <= day), self.began_as)


@dataclass(frozen=True, slots=True)
class Point:
    """A number that holds from that day on."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class BurnDown:
    """Measures still open at the end of each day, and how many the due dates would leave open.

    `open` and `with_units` end on the day looked at, `planned_first` (by the dates first set) and `planned_now` (by
    the present ones) do not. `total` is without the `withdrawn`; `undated` have no due date and stay in every plan;
    of `moved` ones the two plans differ; those `due_later` are due after the round's end by their present dates.
    """

    round: RoundFacts
    total: int
    withdrawn: int
    undated: int
    moved: int
    due_later: int
    open: tuple[Point, ...]
    with_units: tuple[Point, ...]
    planned_first: tuple[Point, ...]
    planned_now: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """Clocks of one unit that are due in one week: all of them, and those past due on the day looked at."""

    due: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Heat:
    """Completion clocks by unit and by week (its Monday). Units by name, the most loaded first. `held` ones have no
    date that counts and are in no cell. With `stopped`, clocks that have ended count too, but for those of withdrawn
    measures."""

    round: RoundFacts
    stopped: bool
    units: tuple[str, ...]
    cells: Mapping[tuple[str, date], Load]
    held: int


@dataclass(frozen=True, slots=True)
class ClockBar:
    """An open clock; it runs unless it is held. `days` are working days from the day looked at to the due date, below 0
    where late.

    `moved`: the date is not the first 原时限, which for a completion clock is that with which its cycle began.
    `provisional`: a notice to come may still move the count.
    """

    no: str
    text: str
    unit: str
    holder: str
    stage: Stage
    opened_on: date
    due_on: date
    moved: bool
    held_on: date | None
    days: int
    provisional: bool

    def is_overdue(self, on_day: date) -> bool:
        return self.held_on is None and self.due_on < on_day


@dataclass(frozen=True, slots=True)
class Clocks:
    """The open clocks of a round: those that run 在计, first due first, then the held ones, which run not."""

    round: RoundFacts
    bars: tuple[ClockBar, ...]


def count_on(points: Iterable[Point], day: date) -> int:
    """The number that holds at the end of that day; 0 before the first."""
    return max((point for point in points if point.day <= day), key=lambda one: one.day, default=Point(day, 0)).count


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())
