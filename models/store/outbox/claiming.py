"""Claiming: takes due messages for one process, and drops from them what is no longer true."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table, and_, bindparam, func, or_, select, text, update

from models.store.outbox.attempts import Line, append
from models.store.outbox.values import Batch, Claimed
from models.tables import AttemptPhase, MessageState
from models.tables.clocks import OPEN
from models.tables.core import MESSAGE, NEWS, NOTICE, PARTY, PAYLOAD
from models.tables.outbox import UNFINISHED

CLAIMABLE = (MessageState.PLANNED, MessageState.RETRY_WAIT)


def claim(connection: Connection, owner: str, now: datetime, limit: int) -> Batch:
    """Takes up to `limit` due messages for this process, oldest first, and drops what is no longer true.

    A notice whose clock was stopped, held or re-dated since falls out, and so does a news that asks for what was done
    meanwhile; a message with nothing left is cancelled.
    """
    due = or_(MESSAGE.c.next_try_at.is_(None), MESSAGE.c.next_try_at <= now)
    query = (
        select(MESSAGE, PARTY.c.code.label("party"), PAYLOAD.c.content)
        .join(PARTY, PARTY.c.id == MESSAGE.c.party_id)
        .outerjoin(PAYLOAD, and_(PAYLOAD.c.message_id == MESSAGE.c.id, MESSAGE.c.frozen))
        .where(text(UNFINISHED), MESSAGE.c.state.in_(CLAIMABLE), due)
        .order_by(MESSAGE.c.id)
        .limit(limit)
    )
    found = [_claimed(row) for row in connection.execute(query).mappings()]
    true = {
        told: _still_true(connection, told, [n for one in found if one.tells is told for n in one.notice_ids])
        for told in (NOTICE, NEWS)
    }
    kept = []
    for claimed in found:
        left = tuple(notice for notice in claimed.notice_ids if notice in true[claimed.tells])
        if not left or not claimed.frozen:  # frozen bytes cannot unsay a part of themselves
            _drop(connection, claimed.tells, set(claimed.notice_ids) - set(left))
        if left:
            kept.append(replace(claimed, notice_ids=left))
            if left != claimed.notice_ids and not claimed.frozen:
                _shorten(connection, claimed.id, left)
        else:
            _cancel(connection, claimed.id)
    _lease(connection, kept, owner, now)
    return Batch(tuple(kept), len(found) - len(kept))


def count_claimable(connection: Connection) -> int:
    """How many messages wait to be handed over, due or not."""
    query = select(func.count()).select_from(MESSAGE).where(text(UNFINISHED), MESSAGE.c.state.in_(CLAIMABLE))
    return connection.scalar(query) or 0


def _claimed(row: RowMapping) -> Claimed:
    return Claimed(
        id=row["id"],
        run_id=row["run_id"],
        party_id=row["party_id"],
        party=row["party"],
        on_day=row["on_day"],
        kind=row["kind"],
        notice_ids=tuple(json.loads(row["notice_ids"])),
        address_no=row["address_no"],
        attempt=row["attempts"] + 1,
        tries=row["tries"] + 1,
        ambiguous=row["ambiguous"],
        frozen=row["frozen"],
        header_id=row["header_id"],
        payload=row["content"],
    )


def _still_true(connection: Connection, told: Table, ids: Sequence[int]) -> set[int]:
    if not ids:
        return set()
    return set(connection.scalars(text(_TRUE if told is NOTICE else _TRUE_NEWS), {"ids": json.dumps(ids)}))


def _drop(connection: Connection, told: Table, ids: Iterable[int]) -> None:
    if listed := sorted(ids):
        connection.execute(text(_DROP.format(told=told.name)), {"ids": json.dumps(listed)})


def _shorten(connection: Connection, message_id: int, left: Sequence[int]) -> None:
    """What dropped out stays out: should it become true again, another message says it."""
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message_id).values(notice_ids=json.dumps(left)))


def _cancel(connection: Connection, message_id: int) -> None:
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id)
        .values(state=MessageState.CANCELLED, owner=None, reason="所涉事项均已办理，不再需要告知")
    )


def _lease(connection: Connection, claimed: Sequence[Claimed], owner: str, now: datetime) -> None:
    if not claimed:
        return
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == bindparam("message"))
        .values(state=MessageState.LEASED, owner=owner, attempts=bindparam("attempt"), next_try_at=None),
        [{"message": one.id, "attempt": one.attempt} for one in claimed],
    )
    append(connection, [Line(one.id, one.attempt, AttemptPhase.LEASED, now, owner) for one in claimed])


_TRUE = f"""
SELECT n.id FROM notice n JOIN deadline c ON c.id = n.deadline_id
WHERE n.id IN (SELECT value FROM json_each(:ids)) AND n.unsaid IS NULL AND c.due_on = n.due_on AND {OPEN}"""
_TRUE_NEWS = """
SELECT w.id FROM news w LEFT JOIN deadline c ON c.id = w.clock_id
WHERE w.id IN (SELECT value FROM json_each(:ids)) AND w.unsaid IS NULL AND c.stopped_on IS NULL"""
_DROP = "UPDATE {told} SET unsaid = 'settled' WHERE id IN (SELECT value FROM json_each(:ids)) AND unsaid IS NULL"
