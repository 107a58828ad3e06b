"""The outbox: one Message a digest to a party, one Attempt a phase of a try to hand it over (append-only).

`planned → leased → handing_over → accepted | retry_wait | rejected | unknown`; also cancelled, superseded, expired;
`bounced` may follow `accepted` and `unknown`. The room models/store/outbox is the only writer.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.ladder import MessageKind
from models.tables.columns import PlainDate, Word, one_of


class MessageState(StrEnum):
    """Where a message stands. `unknown`: past the point of no return without an answer."""

    PLANNED = "planned"
    LEASED = "leased"
    HANDING_OVER = "handing_over"
    ACCEPTED = "accepted"
    RETRY_WAIT = "retry_wait"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    BOUNCED = "bounced"


MESSAGE_STATE_ZH: Mapping[MessageState, str] = MappingProxyType({
    MessageState.PLANNED: "待发", MessageState.LEASED: "发送中", MessageState.HANDING_OVER: "发送中",
    MessageState.ACCEPTED: "已送达", MessageState.RETRY_WAIT: "待重试", MessageState.REJECTED: "被拒收",
    MessageState.UNKNOWN: "不明", MessageState.CANCELLED: "已取消", MessageState.SUPERSEDED: "被取代",
    MessageState.EXPIRED: "已过时", MessageState.BOUNCED: "被退回",
})  # fmt: skip


class AttemptPhase(StrEnum):
    """What a line of the delivery record says happened."""

    LEASED = "leased"
    HANDING_OVER = "handing_over"
    ACCEPTED = "accepted"
    RETRY = "retry"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"  # proved: the owner died or was fenced before the point of no return, or the channel waits
    BOUNCED = "bounced"  # a report of non-delivery came, after an acceptance or where there was doubt
    RESOLVED = "resolved"  # a person settled what nobody could know
    RECEIVED = "received"  # 签收: a person of the party confirmed it
    TAKEN_OVER = "taken_over"  # a copy of the home was taken over: the original may have handed it over


UNFINISHED = "state IN ('planned', 'leased', 'handing_over', 'retry_wait')"
UNCOUNTED = "counted < (accepted_on IS NOT NULL)"
_PENDING = f"{UNFINISHED} OR {UNCOUNTED}"
"""Both are single terms, as they stand in queries: so SQLite finds that the index of either holds what they ask for."""


def is_unresolved(state: MessageState, kind: MessageKind) -> bool:
    """Whether a message waits for a person's word. An expired reminder does not: its clock says more by now."""
    if state is MessageState.EXPIRED:
        return kind is MessageKind.ESCALATION
    return state in {MessageState.UNKNOWN, MessageState.REJECTED, MessageState.BOUNCED}


UNRESOLVED = "(state, kind) IN (VALUES {})".format(
    ", ".join(f"('{state}', '{kind}')" for state in MessageState for kind in MessageKind if is_unresolved(state, kind))
)
"""The same of a row of the table."""


class Message(SQLModel, table=True):
    """One digest to one party. `notice_ids` is a JSON list of notices, or of news where an action caused it; what
    actions of one day cause for a party is gathered as long as nobody has begun to hand it over, and has no run.

    The payload is rendered anew at each claim until the first `handing_over`; then it is `frozen`, and the bytes
    and their hash never change. `accepted_on` is the office's day of acceptance; `counted`: its clocks know.
    `part` of `parts`: what one message of a channel cannot hold goes out as several, each a row of its own.
    `tries` at the present address that speak against it. `received_on`, `received_by`: 签收 by a person (a code).
    """

    __table_args__ = (
        UniqueConstraint("run_id", "party_id", "kind", "part"),
        CheckConstraint("(run_id IS NULL) = (kind = 'action')", name="run_unless_action"),
        one_of("state", MessageState),
        one_of("kind", MessageKind),
        Index("message_pending", "id", sqlite_where=text(_PENDING), postgresql_where=text(_PENDING)),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: int | None = Field(default=None, foreign_key="run.id")
    party_id: int = Field(foreign_key="party.id")
    on_day: date = Field(sa_type=PlainDate)
    kind: MessageKind = Field(sa_type=Word(MessageKind))
    state: MessageState = Field(sa_type=Word(MessageState))
    notice_ids: str
    address_no: int = 0
    attempts: int = 0
    ambiguous: int = 0
    owner: str | None = None
    next_try_at: datetime | None = None
    code: str = ""
    reason: str = ""
    frozen: bool = False
    accepted_on: date | None = Field(default=None, sa_type=PlainDate)
    counted: bool = False
    header_id: str | None = None
    part: int = 1
    parts: int = 1
    tries: int = 0
    received_on: date | None = Field(default=None, sa_type=PlainDate)
    received_by: str = ""


class Payload(SQLModel, table=True):
    """The bytes of a message, apart from it: a message is updated at each phase, its bytes are written once.

    `recipient_digest` tells for whom they were composed (notifications/addresses/recipients.py): nobody else may be
    handed them. Empty in rows of older versions.
    """

    message_id: int = Field(foreign_key="message.id", primary_key=True)
    sha256: str
    content: bytes = Field(sa_type=LargeBinary)
    recipient_digest: str = ""


class Attempt(SQLModel, table=True):
    """投递: one phase of one try. Triggers refuse to change or remove a line.

    `channel` and `sha256` (of the bytes) stand on the marker's line. `enhanced`: the code of RFC 3463, where a relay
    gave one. `took_ms` is what the whole hand-over took, by the monotonic clock. `owner`: a process, `person:CODE`,
    `dsn:CODE` of who recorded a relay's report, or `directory`.
    """

    __table_args__ = (one_of("phase", AttemptPhase), {"sqlite_with_rowid": False})

    message_id: int = Field(foreign_key="message.id", primary_key=True)
    n: int = Field(primary_key=True)
    phase: AttemptPhase = Field(sa_type=Word(AttemptPhase), primary_key=True)
    at: datetime
    owner: str
    code: str = ""
    reason: str = ""
    enhanced: str = ""
    channel: str = ""
    sha256: str = ""
    took_ms: int | None = None


class ChannelGate(SQLModel, table=True):
    """How fast one channel (a robot, a relay) may be used, shared by all processes: a token bucket and a breaker.

    `key` is a digest that gives away no address. `closed_until`: nothing is handed over before that moment.
    `failures` in a row of the channel itself, for ever longer pauses; `failing_since` the first of them.
    """

    key: str = Field(primary_key=True)
    label: str
    tokens: float
    counted_at: datetime
    closed_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    reason: str = ""
