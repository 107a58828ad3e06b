"""News 办理通知: what one party must hear about one action. Written by models/handling in the action's transaction.

The words come from the event, which holds who did what and why; the outbox carries them like any other message.
"""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.lifecycle import Role
from models.news import NewsKind
from models.tables.columns import PlainDate, Word, one_of
from models.tables.posting import Unsaid


class News(SQLModel, table=True):
    """Keyed by event and party. `due_on`: the date by which something must now be done, if anything must.

    `clock_id`: the clock without which it is no news any more: once that is stopped, nobody needs to be asked.
    """

    __table_args__ = (
        UniqueConstraint("event_seq", "party_id"),
        one_of("role", Role),
        one_of("kind", NewsKind),
        one_of("unsaid", Unsaid),
    )

    id: int | None = Field(default=None, primary_key=True)
    event_seq: int = Field(foreign_key="event.seq")
    measure_id: int = Field(foreign_key="measure.id", index=True)
    party_id: int = Field(foreign_key="party.id")
    role: Role = Field(sa_type=Word(Role))
    kind: NewsKind = Field(sa_type=Word(NewsKind))
    on_day: date = Field(sa_type=PlainDate)
    due_on: date | None = Field(default=None, sa_type=PlainDate)
    clock_id: int | None = Field(default=None, foreign_key="deadline.id")
    message_id: int | None = Field(default=None, foreign_key="message.id")
    unsaid: Unsaid | None = Field(default=None, sa_type=Word(Unsaid))
