"""What the poll decided: one Run a daily run, one Notice a thing that one party must hear about one clock.

Written by models/store/posting.py in sets; a Notice is never changed but for why it was not said, and the run that
says it after all.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.ladder import NoticeKind
from models.lifecycle import Role
from models.tables.columns import PlainDate, Word, one_of


class Run(SQLModel, table=True):
    """A daily run. The newest `on_day` is the watermark; `posted_through` the last working day handled;
    `seen_seq` the last event whose clocks were looked at. The digests name what it decided with. It posted the
    notices numbered from `notices_after` (not included) to `notices_until`, so that a day is found without a scan.
    `boot` and `uptime_s` name the machine's boot and its age, by which a clock that was set is told from time gone by.
    """

    id: int | None = Field(default=None, primary_key=True)
    on_day: date = Field(sa_type=PlainDate)
    posted_through: date | None = Field(default=None, sa_type=PlainDate)
    seen_seq: int
    notices_after: int = 0
    notices_until: int = 0
    policy_digest: str
    calendar_digest: str
    directory_digest: str
    via: str
    started_at: datetime
    finished_at: datetime | None = None
    boot: str = ""
    uptime_s: float | None = None


class Unsaid(StrEnum):
    """Why a notice, or a news, is in no message."""

    SUPERSEDED = "superseded"  # a later rung was posted for this clock and party before it could be said
    NO_ADDRESS = "no_address"  # the party had no address to be told at
    SETTLED = "settled"  # the clock was stopped, held or re-dated before it could be said
    EXPIRED = "expired"  # its useful life was over before it could be said


UNSAID_ZH: Mapping[Unsaid, str] = MappingProxyType({
    Unsaid.SUPERSEDED: "被后一档取代", Unsaid.NO_ADDRESS: "未发：无通知地址", Unsaid.SETTLED: "已办结，未发",
    Unsaid.EXPIRED: "已过时，未发",
})  # fmt: skip
REFERRED = f"kind = '{NoticeKind.REFER}'"
UNADDRESSED = f"unsaid = '{Unsaid.NO_ADDRESS}'"


class Notice(SQLModel, table=True):
    """通知事项. The unique key is what makes a thing be said once; its order keeps a day's insert on few pages.

    `run_id` is the run that posted it, or a later one that says it, since the party has an address by then; `on_day`
    stays the day that called for it.
    """

    __table_args__ = (
        UniqueConstraint("due_on", "rung", "deadline_id", "party_id", name="notice_said_once"),
        one_of("unsaid", Unsaid),
        one_of("kind", NoticeKind),
        one_of("role", Role),
        Index("notice_referred", "deadline_id", sqlite_where=text(REFERRED), postgresql_where=text(REFERRED)),
        Index("notice_unaddressed", "party_id", sqlite_where=text(UNADDRESSED), postgresql_where=text(UNADDRESSED)),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    deadline_id: int = Field(foreign_key="deadline.id")
    due_on: date = Field(sa_type=PlainDate)
    rung: str
    party_id: int = Field(foreign_key="party.id")
    role: Role = Field(sa_type=Word(Role))
    kind: NoticeKind = Field(sa_type=Word(NoticeKind))
    on_day: date = Field(sa_type=PlainDate)
    unsaid: Unsaid | None = Field(default=None, sa_type=Word(Unsaid))
