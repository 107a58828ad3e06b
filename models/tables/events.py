"""Event 流转记录: one line of the append-only, hash-chained record. models/record.py is the only writer."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import PlainDate


class Event(SQLModel, table=True):
    """`hash` is the SHA-256 of the canonical JSON of everything else here, `prev_hash` included."""

    seq: int = Field(primary_key=True)
    at: datetime
    on_day: date = Field(sa_type=PlainDate)
    action: str
    measure_id: int | None = Field(default=None, foreign_key="measure.id", index=True)
    person: str = ""
    party: str = ""
    from_state: str = ""
    to_state: str = ""
    payload: str = "{}"
    prev_hash: str
    hash: str = Field(unique=True)
