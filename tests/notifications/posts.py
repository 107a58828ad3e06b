"""An outbox and all that hands it over, for tests of delivery: a test changes what an office could change."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from config.channels import NO_CHANNELS, Channels
from models.directory import Directory, StandIn
from models.lifecycle import Role
from notifications.delivery import Delivery, Tally
from notifications.lanes import TERMS, Terms
from notifications.packing import Desk
from notifications.senders.pool import Senders
from notifications.senders.smtp_connection import PATIENCE, Patience
from notifications.words.wording import Writer
from tests.offices import calendar, directory, party
from tests.outbox_fixtures import ON, Moments, Outbox
from tests.smtp_sink import SmtpSink

DEAD = "another-boot:1:1"
"""The name of a process that is gone."""
HASTY = replace(TERMS, pace_s=0.0)
"""As in an office, but nothing is waited for the pace of a channel: the clock of a test stands still."""


@cache
def writer() -> Writer:
    return Writer()


@dataclass
class Post:
    """An outbox and all that hands it over. A test changes what an office could change."""

    box: Outbox
    outbox: Path
    directory: Directory
    clock: Moments = field(default_factory=Moments)
    env: dict[str, str] = field(default_factory=dict, repr=False)
    writer: Writer = field(default_factory=writer)
    terms: Terms = HASTY
    patience: Patience = PATIENCE
    connections: int = 1
    channels: Channels = NO_CHANNELS
    senders: Callable[["Post"], Senders] = lambda post: Senders(
        post.outbox, post.patience, connections=post.connections
    )

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        with closing(self.senders(self)) as senders:
            yield Desk(
                self.box.store, self.directory, calendar(), self.writer, senders, self.env, b"key", "test.local",
                rehearsal=False, clock=self.clock, channels=self.channels,
            )  # fmt: skip

    def deliver(
        self, on: date = ON, told: Callable[[], object] = lambda: None, says: Callable[[str], object] = lambda _: None
    ) -> Tally:
        """One delivery run. `told` hears of each message, `says` what is waited for."""

        def heard(ended: int, waits_for: str) -> None:
            for _ in range(ended):
                told()
            says(waits_for)

        with self.desk() as desk:
            return Delivery(desk, on, heard, self.terms).run()

    def bury(self) -> None:
        """Whatever this process holds belongs to a dead one from now on."""
        self.box.change("UPDATE message SET owner = :dead WHERE owner IS NOT NULL", dead=DEAD)

    def deliver_later(self, wait: timedelta) -> Tally:
        self.clock.now += wait
        return self.deliver()

    def readdress(self, *parties: tuple[str, tuple[str, ...]]) -> None:
        self.directory = who(*parties)


def who(*parties: tuple[str, tuple[str, ...]], stand_in: StandIn | None = None) -> Directory:
    """A directory of units with these addresses, and the lead; the stand-in is D1's."""
    units = (
        party(code, Role.UNIT, addresses=addresses, stand_in=stand_in if code == "D1" else None)
        for code, addresses in parties
    )
    return directory(*units)


def to(sink: SmtpSink, name: str, login: str = "") -> str:
    return f"mailto://{login}127.0.0.1:{sink.port}/?from=duban@example.cn&to={name}@example.cn"


def everybody(*addresses: str) -> Directory:
    return who(*((code, addresses) for code in ("D1", "D2", "D3", "L1")))
