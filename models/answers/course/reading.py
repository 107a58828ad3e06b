"""Reads the facts behind the pictures of a round, in a few statements from the record and the clocks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sqlalchemy import Connection, func, select

from models.answers.course.counting import counted, spread
from models.answers.course.values import BurnDown, ClockBar, Clocks, Course, Heat, RoundFacts
from models.answers.open_clocks import OpenClock, limits_of, open_clocks
from models.lifecycle import Stage, State
from models.store.last_day import refuse_before_the_last
from models.store.rounds import round_meant
from models.tables.core import DEADLINE, EVENT, MEASURE, PARTY
from models.workdays import WorkCalendar


def burn_down(connection: Connection, code: str | None, on_day: date) -> BurnDown:
    """Of the round with that code, without one of the only one. Raises NotFound and UsageRefused, as the others do:
    also for a day before the last on which something was done or run."""
    facts, round_id = _round(connection, code, on_day)
    return counted(facts, list(_courses(connection, round_id)))


def heat(connection: Connection, code: str | None, on_day: date, *, stopped: bool = False) -> Heat:
    """Completion clocks that are open, or all that were and were not voided, of measures that were not withdrawn.

    Raises as above.
    """
    facts, round_id = _round(connection, code, on_day)
    d = DEADLINE.c
    query = (
        select(PARTY.c.name, d.due_on, d.stopped_on, d.held_on)
        .join(PARTY, PARTY.c.id == d.unit_id)
        .join(MEASURE, MEASURE.c.id == d.measure_id)
        .where(d.round_id == round_id, d.stage == Stage.COMPLETE, MEASURE.c.state != State.WITHDRAWN)
    )
    query = query.where(func.coalesce(d.outcome, "") != "void") if stopped else query.where(d.stopped_on.is_(None))
    return spread(facts, [tuple(row) for row in connection.execute(query)], stopped=stopped)


def clocks(connection: Connection, code: str | None, on_day: date, calendar: WorkCalendar) -> Clocks:
    """Every clock that runs or is held. Raises as above."""
    facts, round_id = _round(connection, code, on_day)
    in_order = sorted(open_clocks(connection, round_id), key=lambda clock: not clock.runs)
    return Clocks(facts, tuple(_bar(clock, on_day, calendar) for clock in in_order))


def _round(connection: Connection, code: str | None, on_day: date) -> tuple[RoundFacts, int]:
    found = round_meant(connection, code)
    refuse_before_the_last(connection, on_day)
    return RoundFacts(found.code, found.name, found.feedback_on, found.ends_on, on_day), found.id


def _courses(connection: Connection, round_id: int) -> Iterator[Course]:
    """Each measure of the round."""
    m, limits, changes = MEASURE.c, limits_of(connection, round_id), _changes(connection, round_id)
    rows = connection.execute(select(m.id, m.due_on, m.state).where(m.round_id == round_id).order_by(m.id))
    for measure, due_on, state in rows:
        limit, changed = limits.get(measure), changes.get(measure, [])
        yield Course(
            limit.first_due_on if limit else due_on,
            limit.due_on if limit else due_on,
            _settled((day, after) for day, _, after in changed),
            changed[0][1] if changed else state,
        )


def _changes(connection: Connection, round_id: int) -> Mapping[int, list[tuple[date, State, State]]]:
    """By measure, each change of its state: the day, the state before and the one after."""
    m, e = MEASURE.c, EVENT.c
    of_round = select(m.id).where(m.round_id == round_id)
    events = select(e.measure_id, e.on_day, e.from_state, e.to_state).where(e.measure_id.in_(of_round))
    found = defaultdict[int, list[tuple[date, State, State]]](list)
    for measure, on_day, before, after in connection.execute(events.where(e.to_state != "").order_by(e.seq)):
        found[measure].append((on_day, State(before), State(after)))
    return found


def _settled(changes: Iterable[tuple[date, State]]) -> tuple[tuple[date, State], ...]:
    """One state a day, days in order; what was recorded later counts from its day on."""
    kept: list[tuple[date, State]] = []
    for day, state in changes:
        while kept and kept[-1][0] >= day:
            kept.pop()
        kept.append((day, state))
    return tuple(kept)


def _bar(clock: OpenClock, on_day: date, calendar: WorkCalendar) -> ClockBar:
    return ClockBar(
        clock.no, clock.text, clock.unit, clock.holder, clock.stage, clock.opened_on, clock.due_on,
        moved=clock.due_on != clock.first_due_on, held_on=clock.held_on,
        days=calendar.workdays_between(on_day, clock.due_on),
        provisional=calendar.provisional_between(on_day, clock.due_on) is not None,
    )  # fmt: skip
