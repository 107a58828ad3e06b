"""Activities as people read them: what was held, who logged it, what was taken back and why. Reads only."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from models.activity import ActivityKind


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity with the events behind it. Persons are codes; `withdrawn_by` is "" and `withdrawn_on` None while it
    counts. `logged_on` and `withdrawn_on` are the days on which that was done."""

    id: int
    round_code: str
    kind: ActivityKind
    on_day: date
    title: str
    note: str
    logged_by: str
    logged_on: date
    withdrawn_by: str
    withdrawn_on: date | None
    withdrawn_reason: str

    @property
    def counts(self) -> bool:
        return self.withdrawn_on is None


def activities(connection: Connection, round_code: str | None = None) -> list[ActivityRow]:
    """Every activity, or those of one round, by day; withdrawn ones included."""
    rows = connection.execute(text(_ACTIVITIES), {"round": round_code})
    return [
        ActivityRow(
            number, code, ActivityKind(kind), date.fromisoformat(on_day), title, note, by, date.fromisoformat(logged),
            back_by, date.fromisoformat(back) if back else None, reason,
        )
        for number, code, kind, on_day, title, note, by, logged, back_by, back, reason in rows
    ]  # fmt: skip


_ACTIVITIES = """
SELECT a.id, r.code, a.kind, a.on_day, a.title, a.note, e.person, e.on_day, coalesce(w.person, ''), w.on_day,
       coalesce(json_extract(w.payload, '$.reason'), '')
FROM activity a
JOIN round r ON r.id = a.round_id
JOIN event e ON e.seq = a.event_seq
LEFT JOIN event w ON w.seq = a.withdrawn_seq
WHERE :round IS NULL OR r.code = :round
ORDER BY r.id, a.on_day, a.id"""
