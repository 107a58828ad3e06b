"""Activity 工作开展: meetings, hearings and inspections of a round, as somebody logged them.

Written by models/handling/activities.py only.
"""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.activity import ActivityKind
from models.tables.columns import PlainDate, Word, one_of


class Activity(SQLModel, table=True):
    """What was held on a day. `event_seq` is the event that logged it, `withdrawn_seq` the one that took it back: a
    mistake stays as a row that counts nowhere, and a trigger refuses to delete it."""

    __table_args__ = (
        one_of("kind", ActivityKind),
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint("withdrawn_seq > event_seq", name="withdrawn_after_logging"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    kind: ActivityKind = Field(sa_type=Word(ActivityKind))
    on_day: date = Field(sa_type=PlainDate)
    title: str
    note: str = ""
    event_seq: int = Field(foreign_key="event.seq", unique=True)
    withdrawn_seq: int | None = Field(default=None, foreign_key="event.seq")
