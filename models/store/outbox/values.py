"""What the outbox hands out and is handed: messages claimed, bytes to keep, endings to write down. Values only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Table

from models.ladder import MessageKind
from models.tables import AttemptPhase, MessageState
from models.tables.core import NEWS, NOTICE


@dataclass(frozen=True, slots=True)
class Gate:
    """A channel (one robot, one relay) and how fast it may be used. `key` is a digest that gives away no address.

    `per_minute` messages in the long run and `burst` at once; None: as fast as it goes. `label` may be shown.
    """

    key: str
    label: str
    per_minute: int | None = None
    burst: int = 1

    def after(self, moment: datetime, messages: int) -> datetime:
        """When so many more have passed at its pace."""
        return moment + timedelta(minutes=messages / self.per_minute) if self.per_minute else moment


@dataclass(frozen=True, slots=True)
class Paced:
    """The gate has let as many through as it may; the next one may come at that moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing passes the gate until that moment: the channel itself fails (since then), or asked for a pause."""

    until: datetime
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this process may hand over. `attempt` counts from 1, `tries` at the present address only.

    `notice_ids` are those still true. `frozen` where an earlier attempt passed the marker: those bytes must go out
    unchanged, even where they say more than is still true, to the recipient of that `recipient_digest` and nobody else.
    `resent_by_word`: since then a person said that it shall be sent again. `tried_since`: when it was first tried
    since somebody's word, or new addresses, sent it on anew. Known of escalations only, which do not wait for ever.
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
    recipient_digest: str = ""
    resent_by_word: bool = False
    tried_since: datetime | None = None
    part: int = 1
    parts: int = 1

    @property
    def tells(self) -> Table:
        """Where the things it tells stand: its `notice_ids` are numbers of that table."""
        return NEWS if self.kind is MessageKind.ACTION else NOTICE


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim took: messages to hand over, and how many had nothing left to say.

    `cancelled` counts those settled or superseded, `in_doubt` those of them that may be out all the same, which are
    `unknown` now; `expired` those whose useful life is over; of these, `dead` (by number) were refused before, or had
    to go round a channel that failed.
    """

    messages: tuple[Claimed, ...]
    cancelled: int
    expired: int = 0
    dead: tuple[int, ...] = ()
    in_doubt: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.messages or self.cancelled or self.expired or self.in_doubt)


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of a claimed message, ready to be handed over to the recipient of this digest."""

    message_id: int
    header_id: str
    payload: bytes
    recipient_digest: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended, as it is to be written. `accepted_on` is the office's day of an acceptance.

    `next_address`: by how many addresses it moves on; another one gets bytes of its own. So does another recipient at
    the same: `anew`. `against_address`: the try counts against the address; a fault of the channel does not. `enhanced`
    is the code of RFC 3463, `took_ms` what the hand-over took.
    """

    message_id: int
    attempt: int
    state: MessageState
    phase: AttemptPhase
    code: str = ""
    reason: str = ""
    next_try_at: datetime | None = None
    ambiguous: bool = False
    next_address: int = 0
    anew: bool = False
    accepted_on: date | None = None
    against_address: bool = False
    enhanced: str = ""
    took_ms: int | None = None


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
