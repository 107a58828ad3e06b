"""责任主体 as the poll needs them. Written from directory.yaml at each change; never edited by hand."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.lifecycle import Role
from models.tables.columns import Word, one_of


class Party(SQLModel, table=True):
    """Whoever can be told. `reachable`: some address may work; `active`: still in the directory;
    `several_roles`: may be two things to one clock, so that one run can post it two rungs."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    reachable: bool
    active: bool = True
    several_roles: bool = False


class RoundParty(SQLModel, table=True):
    """Which parties are a round's groups and head. Unit, cooperating and lead stand on the measure instead."""

    __table_args__ = (UniqueConstraint("round_id", "role", "party_id"), one_of("role", Role))

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    role: Role = Field(sa_type=Word(Role))
    party_id: int = Field(foreign_key="party.id")
