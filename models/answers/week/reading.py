"""Reads the week of one round: a handful of queries, whatever the number of measures. Decides and words nothing."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import Connection

from models.answers.open_clocks import OpenClock, open_clocks
from models.answers.week.clocks import due, due_in, late, measures_of, units_of
from models.answers.week.colours import meanings
from models.answers.week.history import History, days_of, extension_of, histories, moves
from models.answers.week.telling import told_of, untold
from models.answers.week.values import Due, Extension, Overdue, RoundNamed, Span, Told, WeekFacts
from models.days_spent import Holder
from models.ladder import Policy
from models.lifecycle import Stage, State
from models.store import board
from models.store.last_day import refuse_before_the_last
from models.store.posting import last_run
from models.store.rounds import round_meant
from models.workdays import WorkCalendar


def week_facts(
    connection: Connection, round_code: str | None, day: date, policy: Policy, calendar: WorkCalendar
) -> WeekFacts:
    """The week that holds `day`, of this round, or of the only one, as it stands on that day.

    Raises NotFound and UsageRefused where it is not clear which round, and UsageRefused for a day before the last on
    which something was done or run.
    """
    of_round = round_meant(connection, round_code)
    round_id, run_until = of_round.id, last_run(connection)
    refuse_before_the_last(connection, day)
    span = Span.holding(day)
    measures, clocks = measures_of(connection, round_id), open_clocks(connection, round_id)
    names = {measure.id: measure.named for measure in measures}
    withdrawn = {measure.id for measure in measures if measure.state is State.WITHDRAWN}
    closed = {measure.id for measure in measures if measure.state is State.CLOSED}
    history = histories(connection, round_id, day)
    overdue = late(clocks, day)
    counted = {measure.id for measure in measures if measure.is_live} | {clock.measure_id for clock in overdue}
    days = {number: days_of(history.get(number, ()), day, calendar) for number in counted}

    def listed(found: Iterable[OpenClock]) -> tuple[Due, ...]:
        return tuple(due(clock, names[clock.measure_id], day, calendar) for clock in found)

    return WeekFacts(
        round=RoundNamed(of_round.code, of_round.name),
        day=day,
        span=span,
        colours=meanings(policy),
        units=units_of(measures, clocks, day, policy, calendar, days),
        withdrawn=len(withdrawn),
        due=listed(due_in(clocks, span)),
        due_next=listed(due_in(clocks, span.next)),
        overdue=_overdue(
            overdue, listed(overdue), told_of(connection, round_id, day), _extensions(clocks, history), days, closed
        ),
        moved=moves(history, names, withdrawn, span),
        untold=untold(connection, round_id, span),
        exceptions=tuple(board.exceptions(connection, day)),
        run_until=run_until[0] if run_until else None,
    )


def _overdue(
    clocks: Iterable[OpenClock], shown: Iterable[Due], told: Mapping[int, Told],
    extensions: Mapping[int, Extension | None], days: Mapping[int, Mapping[Holder, int]], closed: Collection[int],
) -> tuple[Overdue, ...]:  # fmt: skip
    return tuple(
        Overdue(each, told.get(clock.id), extensions.get(clock.id), days[clock.measure_id], clock.measure_id in closed)
        for clock, each in zip(clocks, shown, strict=True)
    )


def _extensions(clocks: Iterable[OpenClock], history: History) -> Mapping[int, Extension | None]:
    """What was asked or decided about the date, by the clocks that it concerns."""
    clocks = list(clocks)
    asking = {clock.measure_id for clock in clocks if clock.stage is Stage.DECIDE}
    return {
        clock.id: extension_of(history.get(clock.measure_id, ()), clock.measure_id in asking)
        for clock in clocks
        if clock.stage in _OF_THE_DATE
    }


_OF_THE_DATE = frozenset({Stage.COMPLETE, Stage.DECIDE})
