"""Which channels fail, since when, and how many messages wait behind each. For doctor and the brief. Reads only.

A channel is known by its gate (models/store/outbox/gates.py), a message by its party's address; here the two meet.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from config import clock
from flows.office import Office
from models.store import vitals
from models.store.outbox.waits import LONGEST_WAIT
from notifications.addresses import AddressFault, gate_of, resolve

TOO_LONG = timedelta(days=1)
"""A channel that has failed for so long with messages behind it needs a person."""


@dataclass(frozen=True, slots=True)
class FailingChannel:
    """`label` gives no secret away; `waiting` messages would go there next."""

    label: str
    since: datetime
    waiting: int
    reason: str

    @property
    def zh(self) -> str:
        """In words, without the full stop."""
        here, why = clock.in_office(self.since), f"（{self.reason}）" if self.reason else ""
        return f"通道 {self.label} 自{here:%Y-%m-%d %H:%M}起不通{why}，有{self.waiting}封消息在等候"

    def needs_a_person(self, now: datetime) -> bool:
        return self.waiting > 0 and now - self.since >= TOO_LONG


def failing_channels(connection: Connection, office: Office, on_day: date, now: datetime) -> list[FailingChannel]:
    """Those with messages behind them, and those that failed within a day: of one that nobody uses nothing is known."""
    gates = vitals.failing_gates(connection)
    if not gates:
        return []
    behind = Counter[str]()
    for key, count in _behind(connection, office, on_day):
        behind[key] += count
    return [
        FailingChannel(gate.label, gate.since, behind[gate.key], gate.reason)
        for gate in gates
        if behind[gate.key] or now - gate.until < LONGEST_WAIT
    ]


def _behind(connection: Connection, office: Office, on_day: date) -> Iterator[tuple[str, int]]:
    """The gate of each address at which messages wait, and how many."""
    directory, key = office.directory, bytes.fromhex(office.home.message_key)
    for (party, number), count in vitals.waiting_at(connection).items():
        receiver = directory.receiver(party, on_day)
        if receiver is None or not receiver.addresses:
            continue
        reference = receiver.addresses[min(number, len(receiver.addresses) - 1)]
        found = resolve(reference, office.settings.env, office.channels)
        if not isinstance(found, AddressFault):
            yield gate_of(found, key).key, count
