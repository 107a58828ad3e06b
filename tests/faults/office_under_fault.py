"""An office whose outbox is handed over in full, with real senders, while a test makes things fail around it.

Two messages wait: the one that the fault is to hit, and a bystander that nothing may happen to. Time is the office's
own clock; only what waits for a socket or a lock takes real time, and little of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from config.channels import NO_CHANNELS, Channels
from models.directory import Directory
from models.ladder import MessageKind
from models.lifecycle import Role
from models.store.engine import BUSY_MS, Store
from models.tables import MessageState
from models.tables.core import ATTEMPT
from notifications.delivery import Delivery, Tally
from notifications.lanes import Terms
from notifications.packing import Desk
from notifications.senders.http_exchange import HTTP_PATIENCE, HttpPatience
from notifications.senders.pool import Senders
from notifications.senders.smtp_connection import PATIENCE, Patience
from notifications.words.wording import Writer
from tests.certificates import trusting
from tests.faults.prepared import scratch
from tests.offices import calendar, directory, party
from tests.outbox_fixtures import NOW, ON, Moments, Outbox, an_outbox

QUICK_S = 0.3
"""What a wait may last that a test lets come to its end. All other waits last as in an office."""
IMPATIENT = Terms(keep_answers_s=0.3, grace_s=0.5, pace_s=0.0)
SLACK_S = 10.0
"""What a busy machine may add to what a cell takes: far below any wait of an office."""
HIT, BYSTANDER = 1, 2
"""The numbers of the two messages."""
_IN_THE_END = 6
"""Deliveries after which all must be quiet."""


@cache
def _writer() -> Writer:
    return Writer()


@dataclass(frozen=True, slots=True)
class Line:
    """How an attempt ended, as the delivery record has it."""

    n: int
    phase: str
    code: str
    enhanced: str


@dataclass
class Scene:
    """An outbox and all that hands it over."""

    box: Outbox
    folder: Path
    directory: Directory
    clock: Moments = field(default_factory=Moments)
    env: dict[str, str] = field(default_factory=dict, repr=False)
    writer: Writer = field(default_factory=_writer)
    channels: Channels = NO_CHANNELS
    patience: Patience = PATIENCE
    http: HttpPatience = HTTP_PATIENCE
    terms: Terms = IMPATIENT

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        with closing(Senders(self.folder / "outbox", self.patience, trusting(), http=self.http)) as senders:
            yield Desk(
                self.box.store, self.directory, calendar(), self.writer, senders, self.env, b"key", "test.local",
                rehearsal=False, clock=self.clock, channels=self.channels,
            )  # fmt: skip

    def deliver(self) -> Tally:
        """One delivery run, on the day that it is by the office's clock."""
        with self.desk() as desk:
            return Delivery(desk, ON + (self.clock.now - NOW), terms=self.terms).run()

    def die(self) -> None:
        """The process is gone and another begins, with the database as it lies there."""
        self.box.store.close()
        self.box = Outbox(Store(f"sqlite:///{self.box.database}"), self.box.database)
        self.box.change("UPDATE message SET owner = 'another-boot:1:1' WHERE owner IS NOT NULL")

    def read_only(self) -> None:
        """From now on the database can be read and not written, until `die`."""
        with self.box.store.writing() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")  # stays on the one connection that writes

    def deliver_until_quiet(self) -> None:
        """Deliveries, each when the next message is due, until none waits any more."""
        for _ in range(_IN_THE_END):
            if not (due := self.next_try()):
                return
            self.clock.now = max(self.clock.now, due)
            self.deliver()
        raise AssertionError("never quiet")

    def next_try(self) -> datetime | None:
        rows = [self.box.row(message) for message in (HIT, BYSTANDER)]
        waiting = [row["next_try_at"] or self.clock.now for row in rows if row["state"] in _WAITING]
        return min(waiting, default=None)

    def endings(self, message: int) -> Sequence[Line]:
        """How the attempts at this message ended, in order; what begins one is left out."""
        wanted = (ATTEMPT.c.n, ATTEMPT.c.phase, ATTEMPT.c.code, ATTEMPT.c.enhanced)
        query = select(*wanted).where(ATTEMPT.c.message_id == message).order_by(ATTEMPT.c.n)
        with self.box.store.reading() as connection:
            lines = [Line(*row) for row in connection.execute(query).tuples()]
        return [line for line in lines if line.phase not in _BEGINNINGS]

    def closed_gates(self) -> int:
        found = self.box.scalar("SELECT count(*) FROM channelgate WHERE closed_until > :now", now=str(self.clock.now))
        return int(found)

    def waits(self, message: int) -> timedelta | None:
        at = self.box.row(message)["next_try_at"]
        return at - self.clock.now if at else None


_WAITING = (MessageState.PLANNED, MessageState.RETRY_WAIT)
_BEGINNINGS = ("leased", "handing_over")


@cache
def _two_messages(kind: MessageKind) -> bytes:
    """A database with a message of this kind to D1, and a digest to D2."""
    with TemporaryDirectory(dir=scratch()) as folder, an_outbox(Path(folder)) as box:
        assert box.message("D1", kind=kind) == HIT
        assert box.message("D2") == BYSTANDER
        return box.database.read_bytes()


@contextmanager
def a_scene(
    addresses: Mapping[str, Sequence[str]], kind: MessageKind = MessageKind.DIGEST, busy_ms: int = BUSY_MS
) -> Iterator[Scene]:
    """An office in memory whose units have these addresses. It waits `busy_ms` for a lock."""
    units = [party(code, Role.UNIT, addresses=tuple(found)) for code, found in addresses.items()]
    with TemporaryDirectory(dir=scratch()) as name:
        folder = Path(name)
        database = folder / "duban.db"
        database.write_bytes(_two_messages(kind))
        box = Outbox(Store(f"sqlite:///{database}", busy_ms), database)
        scene = Scene(box, folder, directory(*units))
        try:
            yield scene
        finally:
            scene.box.store.close()
