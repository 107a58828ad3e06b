"""Reads where a round stands on a day: each measure with its clocks, its record and its evidence. Decides no number.

A few statements for the whole round, none for a measure; what they mean for a number is in figures.py.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, TextClause, bindparam, text

from models.answers.open_clocks import Limit, OpenClock, limits_of, open_clocks
from models.answers.progress.figures import figures, rates
from models.answers.progress.values import (
    ActivityItem,
    EvidenceItem,
    MeasureProgress,
    ProblemProgress,
    Progress,
    Turn,
    TurnKind,
)
from models.closure import EvidenceKind
from models.lifecycle import DONE_STATES, REOPENINGS, RETURNS, Action, ClosureClass, Stage, State
from models.store.activities import activities
from models.store.last_day import refuse_before_the_last
from models.store.rounds import round_meant
from models.workdays import WorkCalendar

_TURNS = {
    **dict.fromkeys(RETURNS, TurnKind.RETURNED),
    **dict.fromkeys(REOPENINGS, TurnKind.REOPENED),
    Action.DECIDE_EXTENSION: TurnKind.EXTENDED,
    Action.SET_NEW_LIMIT: TurnKind.NEW_LIMIT,
}
_READ = [*_TURNS, Action.APPROVE, Action.FOLLOW_UP_CHECK, Action.REPORT_PROGRESS]
"""What is looked for in the record."""


def progress(connection: Connection, round_code: str | None, on_day: date, calendar: WorkCalendar) -> Progress:
    """Where this round, or the only one, stands on that day.

    Raises NotFound and UsageRefused where it is not clear which round, and UsageRefused for a day before the last on
    which something was done or run.
    """
    of_round = round_meant(connection, round_code)
    refuse_before_the_last(connection, on_day)
    found = _Found.read(connection, of_round.id)
    problems = tuple(_problems(found, on_day, calendar))
    logged = tuple(
        ActivityItem(row.id, row.on_day, row.kind, row.title, row.note)
        for row in activities(connection, of_round.code)
        if row.counts
    )
    counted = figures(problems, logged)
    return Progress(
        of_round.code, of_round.name, of_round.feedback_on, of_round.ends_on, on_day, problems, logged, counted,
        rates(counted),
    )  # fmt: skip


@dataclass(slots=True)
class _Past:
    """What the record says of a measure. `accepted_seq`: the last event that passed what had been handed in until then;
    `reported_seq`: the last report of progress."""

    turns: list[Turn] = field(default_factory=list)
    closed_on: date | None = None
    accepted_seq: int = 0
    reported_seq: int = 0


@dataclass(slots=True)
class _Found:
    """The rows of a round, by the measure they belong to."""

    measures: Sequence[Row[Any]]
    cooperating: dict[int, list[str]]
    limits: Mapping[int, Limit]
    clocks: dict[int, list[OpenClock]]
    pasts: dict[int, _Past]
    evidence: dict[int, list[Row[Any]]]

    @classmethod
    def read(cls, connection: Connection, round_id: int) -> "_Found":
        def rows(statement: TextClause, **values: object) -> Sequence[Row[Any]]:
            return connection.execute(statement, {"round": round_id, **values}).all()

        measures = rows(_MEASURES)
        cooperating, evidence, clocks = defaultdict(list), defaultdict(list), defaultdict(list)
        for measure_id, name in rows(_COOPERATING):
            cooperating[measure_id].append(name)
        for row in rows(_EVIDENCE):
            evidence[row.measure_id].append(row)
        for clock in open_clocks(connection, round_id):
            clocks[clock.measure_id].append(clock)
        pasts = _pasts(rows(_EVENTS, actions=_READ))
        return cls(measures, cooperating, limits_of(connection, round_id), clocks, pasts, evidence)


def _pasts(rows: Sequence[Row[Any]]) -> dict[int, _Past]:
    """Each measure's past, read in order: what a later cycle begins anew is forgotten, but for the turns."""
    found: defaultdict[int, _Past] = defaultdict(_Past)
    for row in rows:
        past, action = found[row.measure_id], Action(row.action)
        if action in _TURNS and (action is not Action.DECIDE_EXTENSION or row.granted):
            past.turns.append(Turn(row.seq, _TURNS[action], date.fromisoformat(row.on_day), row.reason))
        if action in REOPENINGS:
            past.closed_on, past.accepted_seq, past.reported_seq = None, 0, 0
        elif action is Action.REPORT_PROGRESS:
            past.reported_seq = row.seq
        elif action is Action.APPROVE and row.to_state in DONE_STATES:
            past.closed_on, past.accepted_seq = date.fromisoformat(row.on_day), row.seq
        elif action is Action.FOLLOW_UP_CHECK:
            past.accepted_seq = row.seq
    return found


def _problems(found: _Found, on_day: date, calendar: WorkCalendar) -> Iterator[ProblemProgress]:
    """Problems in the order in which the ledger first names them."""
    texts: dict[int, str] = {}
    measures: defaultdict[int, list[MeasureProgress]] = defaultdict(list)
    for row in found.measures:
        texts.setdefault(row.problem_id, row.problem)
        measures[row.problem_id].append(_measure(row, found, on_day, calendar))
    for position, (problem_id, said) in enumerate(texts.items(), 1):
        yield ProblemProgress(position, said, tuple(measures[problem_id]))


def _measure(row: Row[Any], found: _Found, on_day: date, calendar: WorkCalendar) -> MeasureProgress:
    clocks, past = found.clocks.get(row.id, []), found.pasts.get(row.id, _Past())
    state = State(row.state)
    accepted = state in DONE_STATES
    limit, held = found.limits.get(row.id), any(not clock.runs for clock in clocks)
    due_on = limit.due_on if limit else _day(row.due_on)
    running = limit is not None and limit.is_open and not held
    follow_up = next((clock for clock in clocks if clock.stage is Stage.FOLLOW_UP), None)
    told = past.reported_seq > 0

    def late(day: date | None) -> int | None:
        return calendar.workdays_between(day, on_day) if day and day < on_day else None

    return MeasureProgress(
        no=row.no,
        text=row.text,
        unit=row.unit,
        cooperating=tuple(found.cooperating.get(row.id, ())),
        lead=row.lead,
        closure=ClosureClass(row.closure),
        major=bool(row.major),
        state=state,
        limit_text=row.limit_text,
        due_on=due_on,
        first_due_on=limit.first_due_on if limit else due_on,
        provisional=_is_provisional(due_on if running else None, on_day, calendar),
        closed_on=past.closed_on if accepted else None,
        overdue_days=late(due_on) if running else None,
        statement=row.statement or "",
        progress=row.progress if told else "",
        percent=row.percent if told else None,
        evidence=tuple(_evidence(found.evidence.get(row.id, ()), row.cycle_id, past.accepted_seq, accepted)),
        returns=_count(past, TurnKind.RETURNED),
        extensions=_count(past, TurnKind.EXTENDED),
        next_follow_up=follow_up.due_on if follow_up else None,
        held=held,
        follow_up_overdue_days=late(follow_up.due_on) if follow_up and follow_up.runs else None,
        draft_overdue_days=late(due_on) if state is State.DRAFTED else None,
        turns=tuple(past.turns),
        part_of=row.part_of,
    )


def _count(past: _Past, kind: TurnKind) -> int:
    return sum(turn.kind is kind for turn in past.turns)


def _is_provisional(due_on: date | None, on_day: date, calendar: WorkCalendar) -> bool:
    return due_on is not None and calendar.provisional_between(on_day, due_on) is not None


def _evidence(
    rows: Sequence[Row[Any]], cycle_id: int | None, accepted_seq: int, accepted: bool
) -> Iterator[EvidenceItem]:
    """The files of the present cycle; accepted where they were there when it was passed."""
    for row in rows:
        if row.cycle_id == cycle_id:
            passed = accepted and row.event_seq <= accepted_seq
            yield EvidenceItem(row.id, EvidenceKind(row.kind), row.name, row.version, row.sha256, passed)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


_MEASURES = text("""
SELECT m.id, m.problem_id, f.text AS problem, m.no, m.text, m.part_of, coalesce(u.name, '') AS unit,
       coalesce(l.name, '') AS lead, m.closure, m.major, m.state, m.limit_text, m.due_on, m.percent, m.progress,
       y.id AS cycle_id, y.statement
FROM measure m
JOIN feedbackproblem f ON f.id = m.problem_id
LEFT JOIN party u ON u.id = m.unit_id
LEFT JOIN party l ON l.id = m.lead_id
LEFT JOIN cycle y ON y.id = (SELECT c.id FROM cycle c WHERE c.measure_id = m.id ORDER BY c.n DESC LIMIT 1)
WHERE m.round_id = :round
ORDER BY m.position""")

_COOPERATING = text("""
SELECT c.measure_id, p.name
FROM measure m CROSS JOIN cooperation c ON c.measure_id = m.id JOIN party p ON p.id = c.party_id
WHERE m.round_id = :round ORDER BY c.measure_id, p.code""")

_EVENTS = text("""
SELECT e.measure_id, e.seq, e.on_day, e.action, e.to_state, coalesce(json_extract(e.payload, '$.reason'), '') AS reason,
       coalesce(json_extract(e.payload, '$.granted'), 0) AS granted
FROM measure m CROSS JOIN event e ON e.measure_id = m.id
WHERE m.round_id = :round AND e.action IN :actions
ORDER BY e.seq""").bindparams(bindparam("actions", expanding=True))

_EVIDENCE = text("""
SELECT y.measure_id, e.id, e.cycle_id, e.kind, e.name, e.version, e.sha256, e.event_seq
FROM evidence e JOIN cycle y ON y.id = e.cycle_id JOIN measure m ON m.id = y.measure_id
WHERE m.round_id = :round ORDER BY e.id""")
