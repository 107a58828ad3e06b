"""The outbox: one Message a digest to a party, one Attempt a phase of a try to hand it over (append-only).

`planned → leased → handing_over → accepted | retry_wait | rejected | unknown`; also cancelled, superseded, expired;
`bounced` may follow `accepted`. models/store/outbox.py is the only writer.
"""

from datetime import date, datetime
from enum import StrEnum

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


class AttemptPhase(StrEnum):
    """What a line of the delivery record says happened."""

    LEASED = "leased"
    HANDING_OVER = "handing_over"
    ACCEPTED = "accepted"
    RETRY = "retry"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"  # proved: the owner died, or was fenced, before the point of no return


UNFINISHED = "state IN ('planned', 'leased', 'handing_over', 'retry_wait')"
UNCOUNTED = "accepted_on IS NOT NULL AND NOT counted"


class Message(SQLModel, table=True):
    """One digest to one party. `notice_ids` is a JSON list of notices, or of news where an action caused it; what
    actions of one day cause for a party is gathered as long as nobody has begun to hand it over, and has no run.

    The payload is rendered anew at each claim until the first `handing_over`; then it is `frozen`, and the bytes
    and their hash never change. `accepted_on` is the office's day of acceptance; `counted`: its clocks know.
    """

    __table_args__ = (
        UniqueConstraint("run_id", "party_id", "kind"),
        CheckConstraint("(run_id IS NULL) = (kind = 'action')", name="run_unless_action"),
        one_of("state", MessageState),
        one_of("kind", MessageKind),
        Index("message_unfinished", "id", sqlite_where=text(UNFINISHED), postgresql_where=text(UNFINISHED)),
        Index("message_uncounted", "id", sqlite_where=text(UNCOUNTED), postgresql_where=text(UNCOUNTED)),
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


class Payload(SQLModel, table=True):
    """The bytes of a message, apart from it: a message is updated at each phase, its bytes are written once."""

    message_id: int = Field(foreign_key="message.id", primary_key=True)
    sha256: str
    content: bytes = Field(sa_type=LargeBinary)


class Attempt(SQLModel, table=True):
    """投递: one phase of one try. Triggers refuse to change or remove a line."""

    __table_args__ = (one_of("phase", AttemptPhase), {"sqlite_with_rowid": False})

    message_id: int = Field(foreign_key="message.id", primary_key=True)
    n: int = Field(primary_key=True)
    phase: AttemptPhase = Field(sa_type=Word(AttemptPhase), primary_key=True)
    at: datetime
    owner: str
    code: str = ""
    reason: str = ""
