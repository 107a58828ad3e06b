"""Messages that a process holds: those of dead processes are void at once, whatever time has gone by."""

from sqlalchemy import Connection, ScalarSelect, select, text

from models.store.outbox.values import Orphan
from models.store.owners import is_alive
from models.tables import AttemptPhase, MessageState
from models.tables.core import ATTEMPT, MESSAGE, PARTY
from models.tables.outbox import UNFINISHED

HELD = (MessageState.LEASED, MessageState.HANDING_OVER)


def orphans(connection: Connection) -> list[Orphan]:
    """Messages held by a process that no longer runs. A lease is void the moment its owner is gone."""
    return [held for held in _held(connection) if not is_alive(held.owner)]


def held_by(connection: Connection, owner: str) -> list[Orphan]:
    """Messages that this owner has not finished."""
    return [held for held in _held(connection) if held.owner == owner]


def _held(connection: Connection) -> list[Orphan]:
    query = (
        select(MESSAGE, PARTY.c.code.label("party"), _handed_to().label("handed_to"))
        .join(PARTY, PARTY.c.id == MESSAGE.c.party_id)
        .where(text(UNFINISHED), MESSAGE.c.state.in_(HELD))
        .order_by(MESSAGE.c.id)
    )
    return [
        Orphan(
            id=row["id"],
            party=row["party"],
            kind=row["kind"],
            address_no=row["address_no"],
            attempt=row["attempts"],
            ambiguous=row["ambiguous"],
            owner=row["owner"],
            handed_to=(row["handed_to"] or "") if row["state"] is MessageState.HANDING_OVER else None,
        )
        for row in connection.execute(query).mappings()
    ]


def _handed_to() -> ScalarSelect[str]:
    """The channel of the present attempt's marker."""
    return (
        select(ATTEMPT.c.channel)
        .where(
            ATTEMPT.c.message_id == MESSAGE.c.id,
            ATTEMPT.c.n == MESSAGE.c.attempts,
            ATTEMPT.c.phase == AttemptPhase.HANDING_OVER,
        )
        .scalar_subquery()
    )
