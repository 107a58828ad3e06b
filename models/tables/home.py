"""What a home is (one row), what a run used (by hash), and who holds a lock. Written by init and by each run."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import PlainDate, Word, one_of


class HomeMode(StrEnum):
    """A live home follows the clock; in a rehearsal the day can be set and every message says 演练."""

    LIVE = "live"
    REHEARSAL = "rehearsal"


class Home(SQLModel, table=True):
    """The one row of a home. `message_key` only makes Message-IDs unguessable; it opens nothing.

    `directory_digest` is the directory that the tables of parties agree with. `instance` is this home's own name,
    `site` where it lives: a copy that is started elsewhere knows itself by it. `sitting` counts up with deliveries,
    also outside the home, so that an older state of it is known as such.
    `taken_over_on`: the day on which a person last made a copy the home that sends.
    """

    __table_args__ = (CheckConstraint("id = 1", name="one_row"), one_of("mode", HomeMode))

    id: int = Field(default=1, primary_key=True)
    mode: HomeMode = Field(sa_type=Word(HomeMode))
    message_key: str
    message_domain: str
    directory_digest: str = ""
    created_at: datetime
    instance: str = ""
    site: str = ""
    sitting: int = 0
    taken_over_on: date | None = Field(default=None, sa_type=PlainDate)


class Snapshot(SQLModel, table=True):
    """The full content of a policy, calendar or directory that some run used, under its SHA-256."""

    digest: str = Field(primary_key=True)
    kind: str
    content: str


class Lease(SQLModel, table=True):
    """A named lock. `owner` names a process (boot id, pid, start time): a dead owner's lease is void at once."""

    name: str = Field(primary_key=True)
    owner: str
    taken_at: datetime
