"""The hand-over loop: recover, mark, hand over, write down how it ended. The only user of senders.

Runs after each posting and by `duban deliver`. Whatever happens to one message, the others go out. An acceptance is
committed together with the marker of the next message, so a row of messages costs one commit each; it is
committed alone where another sender, or nothing, comes next.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import zip_longest
from secrets import token_hex

from sqlalchemy import Connection

from models.store import outbox
from models.store.outbox import Ending
from models.store.owners import this_process
from models.tables import MessageState
from notifications.endings import after_death, ending_of
from notifications.outcome import OutcomeKind
from notifications.packing import Desk, Packer, Ready, Unpacked

log = logging.getLogger("duban.delivery")


@dataclass(slots=True)
class Tally:
    """How a delivery went, in messages. `waiting`: to be tried later; `cancelled`: nothing left to say."""

    accepted: int = 0
    unknown: int = 0
    rejected: int = 0
    waiting: int = 0
    cancelled: int = 0

    @property
    def zh(self) -> str:
        return (
            f"已送达{self.accepted}封，待重试{self.waiting}封，被拒收{self.rejected}封，"
            f"结果不明{self.unknown}封，不再需要{self.cancelled}封。"
        )

    def count(self, state: MessageState) -> None:
        match state:
            case MessageState.ACCEPTED:
                self.accepted += 1
            case MessageState.UNKNOWN:
                self.unknown += 1
            case MessageState.REJECTED:
                self.rejected += 1
            case MessageState.RETRY_WAIT:
                self.waiting += 1
            case _:
                """Goes to the next address at once, and is counted there."""


class Delivery:
    """One delivery run on one day of the office. `told` hears after each message that was tried."""

    def __init__(self, desk: Desk, on_day: date, told: Callable[[], None] = lambda: None) -> None:
        self.desk = desk
        self.on_day = on_day
        self.told = told
        self.owner = f"{this_process()}:{token_hex(4)}"  # two deliveries of one process are two owners
        self.tally = Tally()
        self._packer = Packer(desk, self.owner, on_day)
        self._pending: Ending | None = None

    def run(self) -> Tally:
        """Hands over every message that is due, oldest first."""
        self.recover()
        with self.desk.store.line() as line:
            try:
                while not (parcel := self._packer.pack()).is_empty:
                    self.tally.cancelled += parcel.cancelled
                    for one in parcel.unpacked:
                        self._end(line, one)
                    self._hand_over(line, parcel.ready)
                    self._count_served(line)
            finally:
                self._flush(line)
                self._release(line)
                self._count_served(line)
        return self.tally

    def recover(self) -> int:
        """Frees what dead processes held; no lease time is waited for. Returns how many messages that were."""
        with self.desk.store.writing() as connection:
            found = outbox.orphans(connection)
            for orphan in found:
                outbox.finish(connection, orphan.owner, after_death(orphan), self.desk.clock())
                log.warning("message %s: its process is gone", orphan.id, extra={"action": "recover"})
        return len(found)

    def _hand_over(self, line: Connection, ready: Sequence[Ready]) -> None:
        for one, following in zip_longest(ready, ready[1:]):
            outcome = one.sender.hand_over(one.letter, partial(self._mark, line, one))
            if outcome.kind is not OutcomeKind.FENCED:
                self._flush(line)
                self._pending = ending_of(one.claimed, outcome, one.more, self.on_day, self.desk.clock())
                self.tally.count(self._pending.state)
            if following is None or following.sender is not one.sender:
                self._flush(line)
            self.told()

    def _mark(self, line: Connection, one: Ready) -> bool:
        """Commits the marker, and with it how the message before ended."""
        now = self.desk.clock()
        with line.begin():
            if self._pending:
                outbox.finish(line, self.owner, self._pending, now)
            marked = outbox.mark(line, self.owner, one.claimed.id, one.claimed.attempt, now, one.channel)
        self._pending = None
        return marked

    def _flush(self, line: Connection) -> None:
        if self._pending:
            with line.begin():
                outbox.finish(line, self.owner, self._pending, self.desk.clock())
            self._pending = None

    def _release(self, line: Connection) -> None:
        """Gives back what an error left in our hands; a process may live on long after it."""
        with line.begin():
            for left in outbox.held_by(line, self.owner):
                outbox.finish(line, self.owner, after_death(left), self.desk.clock())

    def _count_served(self, line: Connection) -> None:
        with line.begin():
            outbox.count_served(line)

    def _end(self, line: Connection, one: Unpacked) -> None:
        ending = ending_of(one.claimed, one.outcome, one.more, self.on_day, self.desk.clock())
        with line.begin():
            outbox.finish(line, self.owner, ending, self.desk.clock())
        self.tally.count(ending.state)
        self.told()
