"""Claiming: takes due messages for one process, and ends those that have nothing left to say (outliving.py)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, Table, and_, bindparam, case, func, not_, or_, select, text, update
from sqlalchemy.sql import ColumnElement

from models.ladder import MessageKind
from models.store.outbox.attempts import Entry, append, resent_by_word, tried_since
from models.store.outbox.outliving import OUTLIVED, outlived
from models.store.outbox.values import Batch, Claimed
from models.store.outbox.waits import LONGEST_WAIT
from models.tables import AttemptPhase, MessageState, Unsaid
from models.tables.core import MESSAGE, NEWS, NOTICE, PARTY, PAYLOAD
from models.tables.outbox import UNFINISHED

CLAIMABLE = (MessageState.PLANNED, MessageState.RETRY_WAIT)


def claim(connection: Connection, owner: str, now: datetime, limit: int, on_day: date) -> Batch:
    """Takes up to `limit` due messages for this process, oldest first, and drops what need not be said any more.

    Those that failed before come after all others. `on_day` is the office's day. A notice whose clock was stopped,
    held or re-dated since falls out, and so does a news that asks for what was done meanwhile, what a later rung has
    overtaken, and what is past its useful life. A message with nothing left is cancelled, superseded or expired, by
    what happened to the last of what it told; or unknown, where it may be out all the same.
    """
    found = _due(connection, now, limit)
    gone = {told: outlived(connection, told, [one for one in found if one.tells is told], on_day)
            for told in (NOTICE, NEWS)}  # fmt: skip
    kept: list[Claimed] = []
    ended: list[tuple[Claimed, MessageState]] = []
    for claimed in found:
        why = gone[claimed.tells]
        left = tuple(told for told in claimed.notice_ids if told not in why)
        # Frozen bytes cannot unsay a part of themselves, and what may have been said is not unsaid.
        if (not claimed.frozen) if left else (not claimed.ambiguous):
            _drop(connection, claimed.tells, {told: why[told] for told in claimed.notice_ids if told in why})
        if left:
            kept.append(replace(claimed, notice_ids=left))
            if left != claimed.notice_ids and not claimed.frozen:
                _shorten(connection, claimed.id, left)
        else:
            ended.append((claimed, _end(connection, claimed, {why[told] for told in claimed.notice_ids})))
    _lease(connection, kept, owner, now)
    expired = [claimed for claimed, state in ended if state is MessageState.EXPIRED]
    in_doubt = sum(state is MessageState.UNKNOWN for _, state in ended)
    dead = tuple(sorted(claimed.id for claimed in expired if claimed.tries > 1 or claimed.address_no))
    return Batch(tuple(kept), len(ended) - len(expired) - in_doubt, len(expired), dead, in_doubt)


def count_claimable(connection: Connection) -> int:
    """How many messages wait to be handed over, due or not."""
    query = select(func.count()).select_from(MESSAGE).where(text(UNFINISHED), MESSAGE.c.state.in_(CLAIMABLE))
    return connection.scalar(query) or 0


def _due(connection: Connection, now: datetime, limit: int) -> list[Claimed]:
    """Those that failed themselves come last: a letter at which a relay hangs up each time closes the channel, and
    would else be the first again whenever that opens."""
    failed = and_(MESSAGE.c.attempts > 0, text(_FAILED))
    first = _due_where(connection, not_(failed), now, limit)
    return first + (_due_where(connection, failed, now, limit - len(first)) if len(first) < limit else [])


def _due_where(connection: Connection, which: ColumnElement[bool], now: datetime, limit: int) -> list[Claimed]:
    at, word = MESSAGE.c.next_try_at, resent_by_word().label("resent_by_word")
    since = case((MESSAGE.c.kind == MessageKind.ESCALATION, tried_since(now))).label("tried_since")
    query = (
        select(MESSAGE, PARTY.c.code.label("party"), PAYLOAD.c.content, PAYLOAD.c.recipient_digest, word, since)
        .join(PARTY, PARTY.c.id == MESSAGE.c.party_id)
        .outerjoin(PAYLOAD, and_(PAYLOAD.c.message_id == MESSAGE.c.id, MESSAGE.c.frozen))
        .where(text(UNFINISHED), MESSAGE.c.state.in_(CLAIMABLE), which)
        .where(or_(at.is_(None), at <= now, at > now + LONGEST_WAIT))
        .order_by(MESSAGE.c.id)
        .limit(limit)
    )
    return [_claimed(row) for row in connection.execute(query).mappings()]


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
        recipient_digest=row["recipient_digest"] or "",
        resent_by_word=bool(row["resent_by_word"]),
        tried_since=row["tried_since"],
        part=row["part"],
        parts=row["parts"],
    )


def _drop(connection: Connection, told: Table, why: dict[int, Unsaid]) -> None:
    for reason in set(why.values()):
        ids = json.dumps(sorted(one for one, found in why.items() if found is reason))
        connection.execute(text(_DROP.format(told=told.name)), {"ids": ids, "why": reason})


def _shorten(connection: Connection, message_id: int, left: Sequence[int]) -> None:
    """What dropped out stays out: should it become true again, another message says it."""
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message_id).values(notice_ids=json.dumps(left)))


def _end(connection: Connection, claimed: Claimed, reasons: Iterable[Unsaid]) -> MessageState:
    """Of several reasons that came together the gravest counts: what nobody was told in time. What may be out is not
    hidden behind any of them."""
    how = next(OUTLIVED[reason] for reason in (Unsaid.EXPIRED, Unsaid.SUPERSEDED, Unsaid.SETTLED) if reason in reasons)
    state, reason = (MessageState.UNKNOWN, how.in_doubt_zh) if claimed.ambiguous else (how.state, how.zh)
    values = {"state": state, "owner": None, "next_try_at": None, "reason": reason}
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == claimed.id).values(**values))
    return state


def _lease(connection: Connection, claimed: Sequence[Claimed], owner: str, now: datetime) -> None:
    if not claimed:
        return
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == bindparam("message"))
        .values(state=MessageState.LEASED, owner=owner, attempts=bindparam("attempt"), next_try_at=None),
        [{"message": one.id, "attempt": one.attempt} for one in claimed],
    )
    append(connection, [Entry(one.id, one.attempt, AttemptPhase.LEASED, now, owner) for one in claimed])


_FAILED = "EXISTS (SELECT 1 FROM attempt WHERE message_id = message.id AND phase IN ('retry', 'unknown'))"
_DROP = "UPDATE {told} SET unsaid = :why WHERE id IN (SELECT value FROM json_each(:ids)) AND unsaid IS NULL"
