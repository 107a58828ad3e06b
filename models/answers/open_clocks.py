"""The open clocks, each with its measure: one statement, of which brief, report, pictures and calendars take what they
need; and the limit of each measure. Reads only.

Open is a clock that is not stopped. While it is held 挂起 it does not run: it is neither due nor overdue, counts as no
running clock 在计时限, and stands in no calendar. The first date 原时限 of a completion clock is that with which its
cycle began, also after a return, which starts another clock; of the other stages it is the clock's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from models.lifecycle import Stage


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A clock that is not stopped, of any measure; a withdrawn one has none.

    `changed` is the event since which it stands as it does, and grows with every change. `milestone` is the step of a
    milestone's clock, else "". `unit` and `holder`, the party that must act, are names.
    """

    id: int
    measure_id: int
    stage: Stage
    opened_on: date
    due_on: date
    first_due_on: date
    held_on: date | None
    changed: int
    round_code: str
    no: str
    text: str
    problem: str
    milestone: str
    unit_id: int
    unit: str
    holder_id: int
    holder_code: str
    holder: str

    @property
    def runs(self) -> bool:
        return self.held_on is None

    def is_overdue(self, day: date) -> bool:
        return self.runs and self.due_on < day


@dataclass(frozen=True, slots=True)
class Limit:
    """The time limit of a measure in its present cycle: the first date, the one that stands, and whether the clock is
    open, which it is until it was met or fell away."""

    first_due_on: date
    due_on: date
    is_open: bool


def open_clocks(connection: Connection, round_id: int | None = None) -> list[OpenClock]:
    """Those of a round, or of all, in the order of their dates and then of the ledger."""
    rows = connection.execute(text(_OPEN), {"round": round_id})
    return [
        OpenClock(
            number, measure, Stage(stage), _day(opened), _day(due), _day(first), _day(held) if held else None, *rest
        )
        for number, measure, stage, opened, due, first, held, *rest in rows
    ]


def running_by_party(connection: Connection, round_id: int | None = None) -> Mapping[str, list[OpenClock]]:
    """Of every party that must act, by code, the clocks that run, in the order of their dates."""
    found: dict[str, list[OpenClock]] = {}
    for clock in running(open_clocks(connection, round_id)):
        found.setdefault(clock.holder_code, []).append(clock)
    return found


def limits_of(connection: Connection, round_id: int) -> Mapping[int, Limit]:
    """By measure, for those that were assigned: of its completion clocks the newest holds."""
    rows = connection.execute(text(_LIMITS), {"round": round_id})
    return {measure: Limit(_day(first), _day(due), stopped is None) for measure, first, due, stopped in rows}


def running(clocks: Iterable[OpenClock]) -> list[OpenClock]:
    """Those that are not held."""
    return [clock for clock in clocks if clock.runs]


def _day(written: str) -> date:
    return date.fromisoformat(written)


_FIRST = """(SELECT f.first_due_on FROM deadline f
  WHERE f.measure_id = d.measure_id AND f.cycle_id = d.cycle_id AND f.stage = 'complete' ORDER BY f.id LIMIT 1)"""

_OPEN = f"""
SELECT d.id, d.measure_id, d.stage, d.opened_on, d.due_on,
       CASE d.stage WHEN 'complete' THEN {_FIRST} ELSE d.first_due_on END, d.held_on, d.armed_seq,
       r.code, m.no, m.text, f.text, coalesce(s.text, ''), u.id, u.name, h.id, h.code, h.name
FROM deadline d
JOIN measure m ON m.id = d.measure_id
JOIN feedbackproblem f ON f.id = m.problem_id
JOIN round r ON r.id = d.round_id
JOIN party h ON h.id = d.holder_id
JOIN party u ON u.id = d.unit_id
LEFT JOIN milestone s ON s.id = d.milestone_id
WHERE d.stopped_on IS NULL AND (:round IS NULL OR d.round_id = :round)
ORDER BY d.due_on, m.round_id, m.position, d.id"""  # noqa: S608 - put together from this project's own words

_LIMITS = f"""
SELECT d.measure_id, {_FIRST}, d.due_on, d.stopped_on
FROM deadline d WHERE d.round_id = :round AND d.stage = 'complete' ORDER BY d.id"""  # noqa: S608
