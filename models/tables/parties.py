"""责任主体 as the poll needs them, written from directory.yaml at each change; and what the office decided about
persons and parties by command: stand-ins for a time, single-person exceptions.
"""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.lifecycle import Role
from models.tables.columns import PlainDate, Word, one_of


class Party(SQLModel, table=True):
    """Whoever can be told. `addressed`: has an address that a sender of ours serves; `reachable`: has one, and its last
    message was not refused for good; `active`: still in the directory; `several_roles`: may be two things to one
    clock, so that one run can post it two rungs. `addresses_digest` tells when its addresses change.
    """

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    reachable: bool
    active: bool = True
    several_roles: bool = False
    addressed: bool = True
    addresses_digest: str = ""


class RoundParty(SQLModel, table=True):
    """Which parties are a round's groups and head. Unit, cooperating and lead stand on the measure instead."""

    __table_args__ = (UniqueConstraint("round_id", "role", "party_id"), one_of("role", Role))

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    role: Role = Field(sa_type=Word(Role))
    party_id: int = Field(foreign_key="party.id")


class StandInTerm(SQLModel, table=True):
    """代办: another party receives and acts in this one's place from `since` to `until`, both included, and no longer
    from `ended_on`."""

    __table_args__ = (
        CheckConstraint("until >= since", name="until_after_since"),
        CheckConstraint("stand_in_id <> party_id", name="by_another"),
    )

    id: int | None = Field(default=None, primary_key=True)
    party_id: int = Field(foreign_key="party.id")
    stand_in_id: int = Field(foreign_key="party.id")
    since: date = Field(sa_type=PlainDate)
    until: date = Field(sa_type=PlainDate)
    ended_on: date | None = Field(default=None, sa_type=PlainDate)
    event_seq: int = Field(foreign_key="event.seq")


class SinglePersonException(SQLModel, table=True):
    """单人例外: the head's written leave for one person to do what should be kept apart, with the reason.

    For an office too small for separation of duties. It holds from `since` to `until`, both included (without `until`
    for good), and no longer from `ended_on`.
    """

    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint("until >= since", name="until_after_since"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person: str
    granted_by: str
    reason: str
    since: date = Field(sa_type=PlainDate)
    until: date | None = Field(default=None, sa_type=PlainDate)
    ended_on: date | None = Field(default=None, sa_type=PlainDate)
    event_seq: int = Field(foreign_key="event.seq")
