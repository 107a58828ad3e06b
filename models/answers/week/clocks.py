"""The measures of a round and their open clocks: how each unit stands, what is due, what is overdue. Reads in sets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from models.answers.open_clocks import OpenClock
from models.answers.week.values import Due, MeasureNamed, Span, UnitWeek
from models.days_spent import Holder
from models.ladder import Colour, Policy, colour_at
from models.lifecycle import LIVE_STATES, Stage, State
from models.workdays import WorkCalendar

UNSETTLED = "未定"
"""The unit of a draft whose ledger left it open."""


@dataclass(frozen=True, slots=True)
class MeasureState:
    """A measure and where it stands."""

    id: int
    named: MeasureNamed
    unit_id: int | None
    state: State

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES


def pressing_first(clocks: Iterable[OpenClock]) -> list[OpenClock]:
    """As the board orders them (models/store/board.py): the most pressing clock of a measure comes first."""
    return sorted(clocks, key=lambda clock: (clock.stage is Stage.REFER, clock.due_on, clock.id))


def measures_of(connection: Connection, round_id: int) -> list[MeasureState]:
    """The measures of a round in the ledger's order, withdrawn ones included."""
    rows = connection.execute(text(_MEASURES), {"round": round_id})
    return [
        MeasureState(number, MeasureNamed(no, what, unit or UNSETTLED), unit_id, State(state))
        for number, no, what, unit_id, unit, state in rows
    ]


def late(clocks: Iterable[OpenClock], day: date) -> list[OpenClock]:
    """The running clocks whose date is past, the longest overdue first."""
    return sorted((one for one in clocks if one.is_overdue(day)), key=lambda one: (one.due_on, one.id))


def due_in(clocks: Iterable[OpenClock], span: Span) -> list[OpenClock]:
    """The running clocks whose date falls in that week, in order of date."""
    found = (one for one in clocks if one.runs and one.due_on in span)
    return sorted(found, key=lambda one: (one.due_on, one.id))


def due(clock: OpenClock, measure: MeasureNamed, day: date, calendar: WorkCalendar) -> Due:
    """A clock as a list shows it."""
    return Due(
        measure=measure,
        stage=clock.stage,
        milestone=clock.milestone,
        holder=clock.holder,
        due_on=clock.due_on,
        first_due_on=clock.first_due_on,
        days=calendar.workdays_between(day, clock.due_on),
        rest=not calendar.is_workday(clock.due_on),
        provisional=calendar.provisional_between(day, clock.due_on) is not None,
    )


def units_of(
    measures: Sequence[MeasureState], clocks: Sequence[OpenClock], day: date, policy: Policy, calendar: WorkCalendar,
    days: Mapping[int, Mapping[Holder, int]],
) -> tuple[UnitWeek, ...]:  # fmt: skip
    """How each unit stands, in the order in which the ledger first names it; drafts without a unit last.

    `clocks` are all that are not stopped; `days` those of each live measure. Withdrawn
    measures are passed over.
    """
    paint = _Paint(policy, calendar, day)
    pressing: dict[int, OpenClock] = {}
    for clock in pressing_first(clocks):
        pressing.setdefault(clock.measure_id, clock)
    overdue = late(clocks, day)
    tallies: dict[int | None, _Tally] = {}
    for measure in measures:
        if measure.state is State.WITHDRAWN:
            continue
        tally = tallies.setdefault(measure.unit_id, _Tally(measure.named.unit))
        tally.add(measure, _standing(pressing.get(measure.id), paint), days.get(measure.id, {}))
    unit_of = {measure.id: measure.unit_id for measure in measures if measure.is_live}
    for clock in {one.measure_id: one for one in overdue if one.measure_id in unit_of}.values():
        tallies[unit_of[clock.measure_id]].late += 1
    for number in {one.measure_id for one in overdue if one.holder_id == unit_of.get(one.measure_id)}:
        tallies[unit_of[number]].late_itself += 1
    return tuple(tally.value() for unit, tally in sorted(tallies.items(), key=lambda each: each[0] is None))


HELD, DRAFTED = "held", "drafted"
_Standing = Colour | str | None


def _standing(clock: OpenClock | None, paint: "_Paint") -> _Standing:
    if clock is None:
        return DRAFTED
    return paint.of(clock) if clock.runs else HELD


class _Paint:
    """The colours of clocks on one day; clocks of one stage and date share theirs."""

    def __init__(self, policy: Policy, calendar: WorkCalendar, day: date) -> None:
        self._policy, self._calendar, self._day = policy, calendar, day
        self._known: dict[tuple[Stage, date], Colour | None] = {}

    def of(self, clock: OpenClock) -> Colour | None:
        key = clock.stage, clock.due_on
        if key not in self._known:
            ladder = self._policy.ladders[clock.stage]
            self._known[key] = colour_at(ladder, clock.due_on, self._day, self._calendar)
        return self._known[key]


class _Tally:
    """The count of one unit as it grows."""

    def __init__(self, name: str) -> None:
        self.name, self.late, self.late_itself = name, 0, 0
        self._standings: Counter[_Standing] = Counter()
        self._states: Counter[State] = Counter()
        self._days: Counter[Holder] = Counter()

    def add(self, measure: MeasureState, standing: _Standing, days: Mapping[Holder, int]) -> None:
        self._states[measure.state] += 1
        if measure.is_live:
            self._standings[standing] += 1
            self._days.update(days)

    def value(self) -> UnitWeek:
        return UnitWeek(
            name=self.name,
            colours={colour: self._standings[colour] for colour in Colour if self._standings[colour]},
            uncoloured=self._standings[None],
            held=self._standings[HELD],
            drafted=self._standings[DRAFTED],
            following_up=self._states[State.FOLLOWING_UP],
            closed=self._states[State.CLOSED],
            late=self.late,
            late_itself=self.late_itself,
            days={holder: self._days[holder] for holder in Holder},
        )


_MEASURES = """
SELECT m.id, m.no, m.text, m.unit_id, u.name, m.state
FROM measure m LEFT JOIN party u ON u.id = m.unit_id WHERE m.round_id = :round ORDER BY m.position, m.id"""
