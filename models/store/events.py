"""What happened, read from the record for those who listen outside: each event with its measure and round by name.

Read by flows/office.py at the end of an action. The record itself is written by models/record.py alone.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from models.tables.core import EVENT, MEASURE, ROUND


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. `no` and `round_code` are empty where it is about no measure.

    `hash` is its own in the chain of the record, so that no other event anywhere shares it.
    """

    seq: int
    at: datetime
    on_day: date
    action: str
    party: str
    from_state: str
    to_state: str
    hash: str
    no: str
    round_code: str


def last_seq(connection: Connection) -> int:
    """The number of the newest event; 0 where nothing happened yet."""
    return connection.scalar(select(func.max(EVENT.c.seq))) or 0


def since(connection: Connection, after: int) -> list[Happened]:
    """The events numbered above `after`, in order."""
    names = (
        func.coalesce(MEASURE.c.no, "").label("no"),
        func.coalesce(ROUND.c.code, "").label("round_code"),
    )
    columns = (EVENT.c[name] for name in Happened.__dataclass_fields__ if name in EVENT.c)
    rows = select(*columns, *names).outerjoin(MEASURE, MEASURE.c.id == EVENT.c.measure_id)
    rows = rows.outerjoin(ROUND, ROUND.c.id == MEASURE.c.round_id)
    found = connection.execute(rows.where(EVENT.c.seq > after).order_by(EVENT.c.seq))
    return [Happened(**row) for row in found.mappings()]
