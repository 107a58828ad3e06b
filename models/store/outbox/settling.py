"""Settling: what a person's word, a report of non-delivery or a new address means for a message.

Runs in the transaction of a use case (models/handling/messages.py) or of a change of the directory. Each is one move
and one line of the delivery record; nothing is sent here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import Connection, Row, and_, bindparam, delete, or_, select, text

from models.saying import Saying
from models.store.outbox.attempts import Entry, append
from models.store.outbox.served import count_served, recount_served
from models.tables import AttemptPhase, MessageState
from models.tables.core import ATTEMPT, MESSAGE, PARTY, PAYLOAD

BY_DIRECTORY = "directory"
"""Who speaks where the addresses of a party changed; a person is `person:CODE`, a relay's report `dsn:CODE`."""


@dataclass(frozen=True, slots=True)
class Report:
    """A relay's report that a message was not delivered: its code of RFC 3463, and what it says."""

    enhanced: str
    reason: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a person (by code) says of a message, on which day of the office, and why. `report` is what they rest on."""

    message_id: int
    what: Saying
    person: str
    on_day: date
    reason: str = ""
    report: Report | None = None

    @property
    def why(self) -> str:
        """The person's own reason; without one, the report's."""
        return self.reason or (self.report.reason if self.report else "")

    @property
    def code(self) -> str:
        return self.report.enhanced if self.report else ""

    @property
    def owner(self) -> str:
        """Who speaks, as the delivery record names them."""
        return f"{'dsn' if self.report else 'person'}:{self.person}"


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was refused or came back: whose it is (by code), and the digest of who did not take it."""

    message_id: int
    party: str
    recipient_digest: str


def settle(connection: Connection, said: Utterance, now: datetime) -> bool:
    """Writes what a person's word makes of a message. False where it does not stand where that could be said.

    An arrival counts as served. It does not make the party reachable: people may have met. A resend of what nobody
    knows keeps bytes, recipient and Message-ID while that recipient can be found (notifications/packing.py); what was
    refused or came back is said anew, at the first address.
    """
    count_served(connection)  # what channels accepted is counted as theirs first
    before, ambiguous = _standing(connection, said.message_id)
    if before is None or not may_be_said(said.what, before, ambiguous):
        return False
    if said.what is Saying.BOUNCED and not can_come_back(connection, said.message_id):
        return False
    match said.what:
        case Saying.RESEND:
            _plan_again(connection, said.message_id, before)
        case Saying.BOUNCED:
            connection.execute(_BOUNCE, {"message": said.message_id, "code": said.code, "reason": said.why})
            recount_served(connection, said.message_id)
        case _:
            if before is not MessageState.ACCEPTED:
                connection.execute(_ARRIVE, {"message": said.message_id, "on_day": said.on_day.isoformat()})
                count_served(connection, by_channel=False)
    if said.what is Saying.RECEIVED:
        values = {"message": said.message_id, "on_day": said.on_day.isoformat(), "by": said.person}
        connection.execute(_RECEIVE, values)
    code = said.code or said.what.value
    _note(connection, Entry(said.message_id, 0, _PHASES[said.what], now, said.owner, code, said.why, said.code))
    return True


def can_come_back(connection: Connection, message_id: int) -> bool:
    """Whether a channel may have taken the message, and nobody signed for it: what only people say arrived stays so."""
    return bool(connection.scalar(_CAN_COME_BACK, {"message": message_id}))


def send_anew(connection: Connection, parties: Iterable[str], now: datetime) -> list[int]:
    """Sends to the first address, now another, what the parties (by code) refused or could not be given. Returns it.

    Only what was proved not taken. What a relay may have, a person decides upon; what is past its useful life stays.
    """
    codes = list(parties)
    return _begin_again(connection, connection.execute(_NEVER_TAKEN, {"codes": codes}).all(), now) if codes else []


def refused(connection: Connection) -> list[Refused]:
    """What was refused or came back, with the recipient of the last try, where that is known."""
    return [Refused(*row) for row in connection.execute(_REFUSED)]


def send_refused_anew(connection: Connection, message_ids: Iterable[int], now: datetime) -> list[int]:
    """Sends to the first address what was refused by a recipient that is none of its party's any more. Returns it; what
    a relay may have is not among it."""
    ids = list(message_ids)
    return _begin_again(connection, connection.execute(_SURELY_REFUSED, {"ids": ids}).all(), now) if ids else []


def _begin_again(connection: Connection, found: Iterable[Row[tuple[int, MessageState]]], now: datetime) -> list[int]:
    begun = []
    for message_id, state in found:
        _start_over(connection, message_id)
        if state is MessageState.REJECTED:
            connection.execute(_PLAN, {"message": message_id})
        how = (AttemptPhase.RESOLVED, now, BY_DIRECTORY, "readdressed", "通知地址已变更，重新投递")
        _note(connection, Entry(message_id, 0, *how))
        begun.append(message_id)
    return begun


def may_be_said(what: Saying, state: MessageState, ambiguous: int) -> bool:
    """Whether it can be said of a message that stands there. That a message in doubt arrived may be said while it waits
    to be sent once more; not while a process has it."""
    waits_in_doubt = ambiguous > 0 and state in (MessageState.PLANNED, MessageState.RETRY_WAIT)
    return state in SAYABLE_IN[what] or (waits_in_doubt and what in (Saying.ARRIVED, Saying.RECEIVED))


def _standing(connection: Connection, message_id: int) -> tuple[MessageState | None, int]:
    row = connection.execute(select(MESSAGE.c.state, MESSAGE.c.ambiguous).where(MESSAGE.c.id == message_id)).first()
    return (row.state, row.ambiguous) if row else (None, 0)


def _plan_again(connection: Connection, message_id: int, before: MessageState | None) -> None:
    if before is not MessageState.UNKNOWN:
        # What came back was taken once. Under the same Message-ID a second copy could be dropped as a double.
        connection.execute(_FLAG, {"message": message_id, "more": int(before is MessageState.BOUNCED)})
        _start_over(connection, message_id)
    connection.execute(_PLAN, {"message": message_id})


def _start_over(connection: Connection, message_id: int) -> None:
    """Another recipient, or another day, gets bytes of its own."""
    connection.execute(_START_OVER, {"message": message_id})
    connection.execute(delete(PAYLOAD).where(PAYLOAD.c.message_id == message_id))


def _note(connection: Connection, entry: Entry) -> None:
    """Appends it under the number of the last attempt, or the next: no two of a phase may stand under one number."""
    message_id = entry.message_id
    n = connection.scalar(select(MESSAGE.c.attempts).where(MESSAGE.c.id == message_id)) or 0
    same = (ATTEMPT.c.message_id == message_id, ATTEMPT.c.n == n, ATTEMPT.c.phase == entry.phase)
    if connection.scalar(select(ATTEMPT.c.n).where(*same)) is not None:
        n += 1
        connection.execute(_COUNT, {"message": message_id, "n": n})
    append(connection, [replace(entry, n=n)])


_PHASES = MappingProxyType({
    Saying.ARRIVED: AttemptPhase.RESOLVED, Saying.RESEND: AttemptPhase.RESOLVED,
    Saying.RECEIVED: AttemptPhase.RECEIVED, Saying.BOUNCED: AttemptPhase.BOUNCED,
})  # fmt: skip

_SENT_IN_VAIN = (MessageState.UNKNOWN, MessageState.REJECTED, MessageState.BOUNCED)
_SENT = (MessageState.ACCEPTED, MessageState.UNKNOWN)
SAYABLE_IN = MappingProxyType({
    Saying.ARRIVED: (*_SENT_IN_VAIN, MessageState.EXPIRED), Saying.RESEND: _SENT_IN_VAIN,
    Saying.RECEIVED: _SENT, Saying.BOUNCED: _SENT,
})  # fmt: skip
"""In which states of a message each can always be said of it. To say again what is past its useful life would be
untrue."""

_ARRIVE = text("""
UPDATE message SET state = 'accepted', accepted_on = :on_day, counted = FALSE, next_try_at = NULL
WHERE id = :message""")
_RECEIVE = text("UPDATE message SET received_on = :on_day, received_by = :by WHERE id = :message")
_BOUNCE = text("""
UPDATE message SET state = 'bounced', code = :code, reason = :reason
WHERE id = :message""")
_PLAN = text("""
UPDATE message SET state = 'planned', next_try_at = NULL, tries = 0, accepted_on = NULL, counted = FALSE
WHERE id = :message""")
_START_OVER = text("""
UPDATE message SET address_no = 0, tries = 0, frozen = FALSE, header_id = NULL, next_try_at = NULL,
  received_on = NULL, received_by = ''
WHERE id = :message""")
_CAN_COME_BACK = text("""
SELECT m.received_on IS NULL AND (m.state = 'unknown' OR coalesce(max(a.n) FILTER (WHERE a.phase = 'accepted'), -1)
  > coalesce(max(a.n) FILTER (WHERE a.phase = 'resolved'), -1))
FROM message m LEFT JOIN attempt a ON a.message_id = m.id WHERE m.id = :message""")
"""Of an accepted message: a channel took it after people said the last of it. Their word is noted under the number of
the attempt before it, or a later one."""
_FLAG = text("UPDATE message SET ambiguous = ambiguous + :more WHERE id = :message")
_COUNT = text("UPDATE message SET attempts = :n WHERE id = :message")
_REFUSED = (
    select(MESSAGE.c.id, PARTY.c.code, PAYLOAD.c.recipient_digest)
    .join(PARTY, PARTY.c.id == MESSAGE.c.party_id)
    .join(PAYLOAD, PAYLOAD.c.message_id == MESSAGE.c.id)
    .where(MESSAGE.c.state.in_((MessageState.REJECTED, MessageState.BOUNCED)), PAYLOAD.c.recipient_digest != "")
    .order_by(MESSAGE.c.id)
)
_SURELY_REFUSED = (
    select(MESSAGE.c.id, MESSAGE.c.state)
    .where(
        MESSAGE.c.id.in_(bindparam("ids", expanding=True)),
        MESSAGE.c.state == MessageState.REJECTED,
        MESSAGE.c.ambiguous == 0,
    )
    .order_by(MESSAGE.c.id)
)
_NEVER_TAKEN = (
    select(MESSAGE.c.id, MESSAGE.c.state)
    .join(PARTY, PARTY.c.id == MESSAGE.c.party_id)
    .where(
        PARTY.c.code.in_(bindparam("codes", expanding=True)),
        or_(
            MESSAGE.c.state.in_((MessageState.REJECTED, MessageState.RETRY_WAIT)),
            and_(MESSAGE.c.state == MessageState.PLANNED, MESSAGE.c.address_no > 0),
        ),
        MESSAGE.c.ambiguous == 0,
    )
    .order_by(MESSAGE.c.id)
)
