"""The open clocks that one party holds, each with its measure: what its calendar shows. Held clocks do not run.

Reads only, in one statement for all parties.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from models.lifecycle import Stage


@dataclass(frozen=True, slots=True)
class HeldClock:
    """A running clock. `changed` is the event since which it stands as it does, and grows with every change.

    `milestone` is the step of a milestone's clock. `unit` is the name of the responsible unit.
    """

    clock_id: int
    stage: Stage
    due_on: date
    changed: int
    no: str
    round_code: str
    text: str
    problem: str
    unit: str
    milestone: str


def clocks_by_party(connection: Connection, round_id: int | None = None) -> Mapping[str, tuple[HeldClock, ...]]:
    """Of every party, by code, its open clocks in the order of their dates; of one round, or of all."""
    found: dict[str, list[HeldClock]] = {}
    for code, clock_id, stage, due_on, *rest in connection.execute(text(_CLOCKS), {"round": round_id}):
        held = HeldClock(clock_id, Stage(stage), date.fromisoformat(due_on), *rest)
        found.setdefault(code, []).append(held)
    return {code: tuple(clocks) for code, clocks in found.items()}


_CLOCKS = """
SELECT h.code, d.id, d.stage, d.due_on, d.armed_seq, m.no, r.code AS round_code, m.text, f.text AS problem,
       u.name AS unit, coalesce(s.text, '') AS milestone
FROM deadline d
JOIN measure m ON m.id = d.measure_id
JOIN feedbackproblem f ON f.id = m.problem_id
JOIN round r ON r.id = d.round_id
JOIN party h ON h.id = d.holder_id
JOIN party u ON u.id = d.unit_id
LEFT JOIN milestone s ON s.id = d.milestone_id
WHERE d.stopped_on IS NULL AND d.held_on IS NULL AND (:round IS NULL OR d.round_id = :round)
ORDER BY d.due_on, m.round_id, m.position, d.id"""
