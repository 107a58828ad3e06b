"""Which open clocks fall due in a range of days: one read-only query for the brief's look ahead. Decides nothing."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from models.lifecycle import Stage
from models.tables.clocks import OPEN


@dataclass(frozen=True, slots=True)
class DueRow:
    """An open clock that falls due: of which measure, and who must act by then."""

    due_on: date
    measure: str
    text: str
    stage: Stage
    holder: str


def falling_due(connection: Connection, after: date, until: date, most: int) -> tuple[int, list[DueRow]]:
    """How many open clocks fall due after the one day and up to the other, and the first of them, at most so many.

    Held clocks do not run, so they are left out. By the index on open clocks, whatever the size of the ledger.
    """
    values = {"after": after.isoformat(), "until": until.isoformat(), "most": most}
    rows = connection.execute(text(_FALLING_DUE), values).all()
    found = [DueRow(date.fromisoformat(due), no, what, Stage(stage), who) for _, due, no, what, stage, who in rows]
    return (rows[0][0] if rows else 0), found


_STAGES = ", ".join(f"'{stage.value}'" for stage in Stage)

# Every stage is named, since the index begins with it. All are counted, but of the first only the wide rows are read.
_FALLING_DUE = f"""
WITH due AS MATERIALIZED (
  SELECT id, due_on, count(*) OVER () AS total
  FROM deadline
  WHERE {OPEN} AND stage IN ({_STAGES}) AND due_on > :after AND due_on <= :until
  ORDER BY due_on, id LIMIT :most)
SELECT due.total, due.due_on, m.no, m.text, d.stage, p.name
FROM due JOIN deadline d ON d.id = due.id JOIN measure m ON m.id = d.measure_id JOIN party p ON p.id = d.holder_id
ORDER BY due.due_on, m.round_id, m.position, due.id"""
