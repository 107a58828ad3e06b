"""The course of a round: how many measures were open day by day, what falls due in which week, which clocks run.

The facts behind the pictures, read in a few statements from the record and the clocks, then computed purely. Nothing is
worded or drawn here. Withdrawn measures count in nothing but their own number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from models.lifecycle import OPEN_STATES, TO_HAND_IN_STATES, Stage, State
from models.store.last_day import refuse_before_the_last
from models.store.rounds import round_meant
from models.tables.core import DEADLINE, EVENT, MEASURE, PARTY
from models.workdays import WorkCalendar


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
    """One measure over time. `first_due_on` and `due_on` are of its completion, None where it has no date.

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
    date that counts and are in no cell. With `stopped`, clocks that have ended count too."""

    round: RoundFacts
    stopped: bool
    units: tuple[str, ...]
    cells: Mapping[tuple[str, date], Load]
    held: int


@dataclass(frozen=True, slots=True)
class ClockBar:
    """A running clock. `days` are working days from the day looked at to the due date, below 0 where late.

    `moved`: the date is not the one first set. `provisional`: a notice to come may still move the count.
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
    """The running clocks of a round, those first due first, held ones last."""

    round: RoundFacts
    bars: tuple[ClockBar, ...]


# Reading


def burn_down(connection: Connection, code: str | None, on_day: date) -> BurnDown:
    """Of the round with that code, without one of the only one. Raises NotFound and UsageRefused, as the others do:
    also for a day before the last on which something was done or run."""
    facts, round_id = _round(connection, code, on_day)
    return counted(facts, list(_courses(connection, round_id)))


def heat(connection: Connection, code: str | None, on_day: date, *, stopped: bool = False) -> Heat:
    """Clocks of completion that run, or all that ran and were not voided."""
    facts, round_id = _round(connection, code, on_day)
    d = DEADLINE.c
    query = (
        select(PARTY.c.name, d.due_on, d.stopped_on, d.held_on)
        .join(PARTY, PARTY.c.id == d.unit_id)
        .join(MEASURE, MEASURE.c.id == d.measure_id)
        .where(d.round_id == round_id, d.stage == Stage.COMPLETE, MEASURE.c.state != State.WITHDRAWN)
    )
    query = query.where(func.coalesce(d.outcome, "") != "void") if stopped else query.where(d.stopped_on.is_(None))
    return _spread(facts, [tuple(row) for row in connection.execute(query)], stopped=stopped)


def clocks(connection: Connection, code: str | None, on_day: date, calendar: WorkCalendar) -> Clocks:
    """Every clock that runs or is held."""
    facts, round_id = _round(connection, code, on_day)
    d, m, unit, holder = DEADLINE.c, MEASURE.c, PARTY.alias(), PARTY.alias()
    query = (
        select(m.no, m.text, unit.c.name, holder.c.name, d.stage, d.opened_on, d.due_on, d.first_due_on, d.held_on)
        .join(MEASURE, m.id == d.measure_id)
        .join(unit, unit.c.id == d.unit_id)
        .join(holder, holder.c.id == d.holder_id)
        .where(d.round_id == round_id, d.stopped_on.is_(None))
        .order_by(d.held_on.is_not(None), d.due_on, m.position, d.id)
    )
    return Clocks(facts, tuple(_bar(row, on_day, calendar) for row in connection.execute(query)))


def _round(connection: Connection, code: str | None, on_day: date) -> tuple[RoundFacts, int]:
    found = round_meant(connection, code)
    refuse_before_the_last(connection, on_day)
    return RoundFacts(found.code, found.name, found.feedback_on, found.ends_on, on_day), found.id


def _courses(connection: Connection, round_id: int) -> Iterator[Course]:
    """Each measure of the round; its present date is that of its newest clock of completion, the first of its first."""
    m, d, e = MEASURE.c, DEADLINE.c, EVENT.c
    of_round = select(m.id).where(m.round_id == round_id)
    first, now = dict[int, date](), dict[int, date]()
    dates = select(d.measure_id, d.first_due_on, d.due_on).where(d.round_id == round_id, d.stage == Stage.COMPLETE)
    for measure, first_due_on, due_on in connection.execute(dates.order_by(d.id)):
        first.setdefault(measure, first_due_on)
        now[measure] = due_on
    changes, began_as = defaultdict[int, list[tuple[date, State]]](list), dict[int, State]()
    events = select(e.measure_id, e.on_day, e.from_state, e.to_state).where(e.measure_id.in_(of_round))
    for measure, on_day, before, state in connection.execute(events.where(e.to_state != "").order_by(e.seq)):
        began_as.setdefault(measure, State(before))
        changes[measure].append((on_day, State(state)))
    rows = connection.execute(select(m.id, m.due_on, m.state).where(m.round_id == round_id).order_by(m.id))
    for measure, due_on, state in rows:
        first_due_on, present = first.get(measure, due_on), now.get(measure, due_on)
        yield Course(first_due_on, present, _settled(changes[measure]), began_as.get(measure, state))


def _settled(changes: Iterable[tuple[date, State]]) -> tuple[tuple[date, State], ...]:
    """One state a day, days in order; what was recorded later counts from its day on."""
    kept: list[tuple[date, State]] = []
    for day, state in changes:
        while kept and kept[-1][0] >= day:
            kept.pop()
        kept.append((day, state))
    return tuple(kept)


def _bar(row: Row[Any], on_day: date, calendar: WorkCalendar) -> ClockBar:
    no, text, unit, holder, stage, opened_on, due_on, first_due_on, held_on = row
    return ClockBar(
        no, text, unit, holder, stage, opened_on, due_on,
        moved=due_on != first_due_on, held_on=held_on,
        days=calendar.workdays_between(on_day, due_on),
        provisional=calendar.provisional_between(on_day, due_on) is not None,
    )  # fmt: skip


# Counting


def counted(facts: RoundFacts, courses: Iterable[Course]) -> BurnDown:
    """The burn-down of these measures. PURE."""
    every = list(courses)
    kept = [one for one in every if one.state_on(facts.on_day) is not State.WITHDRAWN]
    return BurnDown(
        round=facts,
        total=len(kept),
        withdrawn=len(every) - len(kept),
        undated=sum(one.due_on is None for one in kept),
        moved=sum(one.due_on != one.first_due_on for one in kept),
        due_later=sum(one.due_on is not None and one.due_on > facts.ends_on for one in kept),
        open=_recorded(facts, kept, frozenset(OPEN_STATES)),
        with_units=_recorded(facts, kept, TO_HAND_IN_STATES),
        planned_first=_planned(facts, [one.first_due_on for one in kept]),
        planned_now=_planned(facts, [one.due_on for one in kept]),
    )


def _recorded(facts: RoundFacts, courses: Iterable[Course], states: frozenset[State]) -> tuple[Point, ...]:
    """How many are in one of these states, at the end of each day from feedback to the day looked at."""
    steps = Counter[date]()
    for course in courses:
        inside = course.began_as in states
        steps[facts.feedback_on] += inside
        for day, state in course.changes:
            if day <= facts.on_day and (state in states) is not inside:
                inside = not inside
                steps[max(day, facts.feedback_on)] += 1 if inside else -1
    return _summed(steps, facts.feedback_on)


def _planned(facts: RoundFacts, due: Iterable[date | None]) -> tuple[Point, ...]:
    """How many would still be open at the end of each day if each were done on its due date."""
    steps = Counter[date]({facts.feedback_on: 0})
    for day in due:
        steps[facts.feedback_on] += 1
        if day is not None:
            steps[max(day, facts.feedback_on)] -= 1
    return _summed(steps, facts.feedback_on)


def _summed(steps: Mapping[date, int], first: date) -> tuple[Point, ...]:
    """Changes by day as the numbers that hold from there on, days without a change left out."""
    points: list[Point] = []
    count = 0
    for day in sorted({first, *steps}):
        count += steps.get(day, 0)
        if not points or points[-1].count != count:
            points.append(Point(day, count))
    return tuple(points)


def count_on(points: Iterable[Point], day: date) -> int:
    """The number that holds at the end of that day; 0 before the first."""
    return max((point for point in points if point.day <= day), key=lambda one: one.day, default=Point(day, 0)).count


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def _spread(
    facts: RoundFacts, rows: Iterable[tuple[str, date, date | None, date | None]], *, stopped: bool
) -> Heat:  # fmt: skip
    due, overdue, held = Counter[tuple[str, date]](), Counter[tuple[str, date]](), 0
    for unit, due_on, stopped_on, held_on in rows:
        if held_on is not None and stopped_on is None:
            held += 1
            continue
        due[unit, monday(due_on)] += 1
        overdue[unit, monday(due_on)] += stopped_on is None and due_on < facts.on_day
    load = Counter[str]()
    for (unit, _), number in due.items():
        load[unit] += number
    units = sorted(load, key=lambda unit: (-load[unit], unit))
    return Heat(facts, stopped, tuple(units), {place: Load(n, overdue[place]) for place, n in due.items()}, held)
