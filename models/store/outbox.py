"""The outbox's state machine: claim, mark, finish, recover. The only writer of messages and attempts.

A claimed message belongs to one process. `mark()` commits `handing_over` just before the point of no return, by
compare-and-swap on owner and attempt: it is the fence between two runners. It sends nothing and renders nothing;
notifications/delivery.py does. Attempts are appended, never changed.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import (
    Connection,
    RowMapping,
    ScalarSelect,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    update,
)

from models.ladder import MessageKind
from models.store.owners import is_alive
from models.tables import AttemptPhase, MessageState
from models.tables.clocks import OPEN
from models.tables.core import ATTEMPT, MESSAGE, NEWS, NOTICE, PARTY, PAYLOAD
from models.tables.outbox import UNCOUNTED, UNFINISHED

CLAIMABLE = (MessageState.PLANNED, MessageState.RETRY_WAIT)
HELD = (MessageState.LEASED, MessageState.HANDING_OVER)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this process may hand over. `attempt` counts from 1, `tries` at the present address only.

    `notice_ids` are those still true. `frozen` where an earlier attempt passed the marker: those bytes
    must go out unchanged, even where they say more than is still true.
    """

    id: int
    run_id: int | None
    party_id: int
    party: str
    on_day: date
    kind: MessageKind
    notice_ids: tuple[int, ...]
    address_no: int
    attempt: int
    tries: int
    ambiguous: int
    frozen: bool
    header_id: str | None
    payload: bytes | None

    @property
    def tells(self) -> Table:
        """Where the things it tells stand: its `notice_ids` are numbers of that table."""
        return NEWS if self.kind is MessageKind.ACTION else NOTICE


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim took: messages to hand over, and how many had nothing left to say and were cancelled."""

    messages: tuple[Claimed, ...]
    cancelled: int


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of a claimed message, ready to be handed over."""

    message_id: int
    header_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended, as it is to be written. `accepted_on` is the office's day of an acceptance."""

    message_id: int
    attempt: int
    state: MessageState
    phase: AttemptPhase
    code: str = ""
    reason: str = ""
    next_try_at: datetime | None = None
    ambiguous: bool = False
    next_address: bool = False
    accepted_on: date | None = None


def claim(connection: Connection, owner: str, now: datetime, limit: int) -> Batch:
    """Takes up to `limit` due messages for this process, oldest first, and drops what is no longer true.

    A notice whose clock was stopped, held or re-dated since falls out, and so does a news that asks for what was done
    meanwhile; a message with nothing left is cancelled.
    """
    due = or_(MESSAGE.c.next_try_at.is_(None), MESSAGE.c.next_try_at <= now)
    query = (
        select(MESSAGE, PARTY.c.code.label("party"), _given_up().label("given_up"), PAYLOAD.c.content)
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


def plan_news(connection: Connection, party_id: int, on_day: date, news_id: int) -> int:
    """Puts a news into the party's message of the day, or into a new one once that has begun to be handed over.

    Returns the number of the message.
    """
    values = {"party": party_id, "on_day": on_day.isoformat(), "news": news_id}
    gathered = connection.execute(_ADD_NEWS, values).scalar()
    return int(gathered or connection.execute(_PLAN_NEWS, values).scalar_one())


def count_claimable(connection: Connection) -> int:
    """How many messages wait to be handed over, due or not."""
    query = select(func.count()).select_from(MESSAGE).where(text(UNFINISHED), MESSAGE.c.state.in_(CLAIMABLE))
    return connection.scalar(query) or 0


def newest_untried_action(connection: Connection) -> int:
    """The number of the newest message of an action that nobody has begun to hand over; 0 where there is none."""
    untried = (text(UNFINISHED), MESSAGE.c.kind == MessageKind.ACTION, MESSAGE.c.state == MessageState.PLANNED)
    return connection.scalar(select(func.max(MESSAGE.c.id)).where(*untried)) or 0


def keep(connection: Connection, owner: str, written: Sequence[Written]) -> None:
    """Stores the bytes of claimed messages. Those that passed a marker before keep theirs."""
    rows = [
        {
            "message": one.message_id,
            "owner": owner,
            "header": one.header_id,
            "payload": one.payload,
            "sha256": hashlib.sha256(one.payload).hexdigest(),
        }
        for one in written
    ]
    if rows:
        connection.execute(_NAME, rows)
        connection.execute(_KEEP, rows)


def mark(connection: Connection, owner: str, message_id: int, attempt: int, now: datetime, channel: str) -> bool:
    """Commits (with the caller's transaction) that the point of no return comes next, and on which channel.

    False: another owns the message now.
    """
    values = {"message": message_id, "owner": owner, "attempt": attempt}
    if not connection.execute(_MARK, values).rowcount:
        return False
    _append(connection, [(message_id, attempt)], AttemptPhase.HANDING_OVER, owner, now, code=channel)
    return True


def finish(connection: Connection, owner: str, ending: Ending, now: datetime) -> bool:
    """Writes how an attempt ended. False where the message is no longer this process's: then nothing is written."""
    values = {
        "message": ending.message_id,
        "owner": owner,
        "attempt": ending.attempt,
        "state": ending.state.value,
        "code": ending.code,
        "reason": ending.reason,
        "next_try_at": ending.next_try_at,
        "ambiguous": int(ending.ambiguous),
        "accepted_on": ending.accepted_on.isoformat() if ending.accepted_on else None,
    }
    if not connection.execute(_FINISH, values).rowcount:
        return False
    told = [(ending.message_id, ending.attempt)]
    _append(connection, told, ending.phase, owner, now, ending.code, ending.reason)
    if ending.next_address:
        connection.execute(_NEXT_ADDRESS, {"message": ending.message_id})
        connection.execute(delete(PAYLOAD).where(PAYLOAD.c.message_id == ending.message_id))
    return True


def count_served(connection: Connection) -> None:
    """Lets the clocks know whose unit was told, with proof, and on which day: the served rule reads it there.

    In sets, after each batch; and before each posting, so that a delivery cut short loses none of it.
    """
    if connection.scalar(_ANY_UNCOUNTED):
        connection.execute(_COUNT_SERVED)
        connection.execute(_COUNTED)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A message that its owner did not finish. `handed_to` is the channel noted with the marker; None before it."""

    id: int
    party: str
    kind: MessageKind
    address_no: int
    attempt: int
    ambiguous: int
    owner: str
    handed_to: str | None


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
        select(ATTEMPT.c.code)
        .where(
            ATTEMPT.c.message_id == MESSAGE.c.id,
            ATTEMPT.c.n == MESSAGE.c.attempts,
            ATTEMPT.c.phase == AttemptPhase.HANDING_OVER,
        )
        .scalar_subquery()
    )


def _given_up() -> ScalarSelect[int]:
    """The attempt at which the address before the present one was given up; 0 at the first address."""
    last = select(func.coalesce(func.max(ATTEMPT.c.n), 0))
    return last.where(ATTEMPT.c.message_id == MESSAGE.c.id, ATTEMPT.c.phase == AttemptPhase.REJECTED).scalar_subquery()


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
        tries=row["attempts"] + 1 - row["given_up"],
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
    _append(connection, [(one.id, one.attempt) for one in claimed], AttemptPhase.LEASED, owner, now)


def _append(
    connection: Connection, tries: Sequence[tuple[int, int]], phase: AttemptPhase, owner: str, now: datetime,
    code: str = "", reason: str = "",
) -> None:  # fmt: skip
    connection.execute(
        _APPEND,
        [
            {
                "message": m,
                "n": n,
                "phase": phase.value,
                "at": now,
                "owner": owner,
                "code": code,
                "reason": reason,
            }
            for m, n in tries
        ],
    )


_TRUE = f"""
SELECT n.id FROM notice n JOIN deadline c ON c.id = n.deadline_id
WHERE n.id IN (SELECT value FROM json_each(:ids)) AND n.unsaid IS NULL AND c.due_on = n.due_on AND {OPEN}"""
_TRUE_NEWS = """
SELECT w.id FROM news w LEFT JOIN deadline c ON c.id = w.clock_id
WHERE w.id IN (SELECT value FROM json_each(:ids)) AND w.unsaid IS NULL AND c.stopped_on IS NULL"""
_DROP = "UPDATE {told} SET unsaid = 'settled' WHERE id IN (SELECT value FROM json_each(:ids)) AND unsaid IS NULL"
_UNFROZEN = "id = :message AND owner = :owner AND state = 'leased' AND NOT frozen"
_NAME = text(f"UPDATE message SET header_id = :header WHERE {_UNFROZEN}")
_KEEP = text(f"""
INSERT INTO payload (message_id, sha256, content)
SELECT id, :sha256, :payload FROM message WHERE {_UNFROZEN}
ON CONFLICT (message_id) DO UPDATE SET sha256 = excluded.sha256, content = excluded.content""")
_MARK = text("""
UPDATE message SET state = 'handing_over', frozen = TRUE
WHERE id = :message AND owner = :owner AND attempts = :attempt AND state = 'leased'""")
_FINISH = text("""
UPDATE message SET state = :state, owner = NULL, code = :code, reason = :reason, next_try_at = :next_try_at,
  ambiguous = ambiguous + :ambiguous, accepted_on = :accepted_on
WHERE id = :message AND owner = :owner AND attempts = :attempt""").bindparams(
    bindparam("next_try_at", type_=MESSAGE.c.next_try_at.type)
)
_NEXT_ADDRESS = text("""
UPDATE message SET address_no = address_no + 1, frozen = FALSE, header_id = NULL WHERE id = :message""")
"""Another recipient gets bytes of its own; what the first one refused was never taken."""
_APPEND = text("""
INSERT INTO attempt (message_id, n, phase, at, owner, code, reason)
VALUES (:message, :n, :phase, :at, :owner, :code, :reason)""").bindparams(bindparam("at", type_=ATTEMPT.c.at.type))
_ADD_NEWS = text(f"""
UPDATE message SET notice_ids = json_insert(notice_ids, '$[#]', :news)
WHERE id = (
  SELECT max(id) FROM message
  WHERE {UNFINISHED} AND party_id = :party AND on_day = :on_day AND kind = 'action' AND state = 'planned'
    AND attempts = 0)
RETURNING id""")
_PLAN_NEWS = text("""
INSERT INTO message (party_id, on_day, kind, state, notice_ids, address_no, attempts, ambiguous, code, reason,
  frozen, counted)
VALUES (:party, :on_day, 'action', 'planned', json_array(:news), 0, 0, 0, '', '', FALSE, FALSE)
RETURNING id""")
_ANY_UNCOUNTED = text(f"SELECT EXISTS (SELECT 1 FROM message WHERE {UNCOUNTED})")
_COUNT_SERVED = text(f"""
UPDATE deadline SET served_on = told.day
FROM (
  SELECT c.id, min(m.accepted_on) AS day
  FROM message m CROSS JOIN json_each(m.notice_ids) j CROSS JOIN notice n CROSS JOIN deadline c
  WHERE {UNCOUNTED} AND m.kind <> 'action' AND n.id = j.value AND n.unsaid IS NULL AND c.id = n.deadline_id
    AND c.unit_id = m.party_id
  GROUP BY c.id) told
WHERE deadline.id = told.id AND deadline.served_on IS NULL""")
_COUNTED = text(f"UPDATE message SET counted = TRUE WHERE {UNCOUNTED}")
