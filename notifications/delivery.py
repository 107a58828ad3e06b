"""One delivery: recover, pack, have couriers hand over, write down how it ended. The only user of senders.

Runs after each posting and by `duban deliver`. Whatever happens to one message, the others go out. Whatever happens to
the database, nothing leaves without its marker, and an answer is kept in hand until it is written down.
"""

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from secrets import token_hex

from models.errors import HomeError
from models.store import outbox
from models.store.outbox import Ending
from models.store.owners import this_process
from models.store.shared_line import SharedLine
from models.tables import MessageState
from notifications.couriers import Crew
from notifications.endings import after_breaking_off, after_death
from notifications.lanes import TERMS, Terms
from notifications.packing import Desk, Packer
from notifications.scribe import Hand, Scribe
from notifications.signals import Signals, heard

log = logging.getLogger("duban.delivery")

Told = Callable[[int, str], None]
"""How many messages came to an end since it was last called, and what the delivery waits for: a few words, empty where
it goes on."""
PACE_ZH = "等候通道发送频率"
_LOOK_S = 0.05


@dataclass(slots=True)
class Tally:
    """How a delivery went: how its tries ended, and what it gave back untried. `waiting`: to be tried later;
    `cancelled`: nothing left to say; `expired`: past its useful life, so that nobody was told."""

    accepted: int = 0
    unknown: int = 0
    rejected: int = 0
    waiting: int = 0
    cancelled: int = 0
    expired: int = 0

    @property
    def zh(self) -> str:
        expired = f"，已过时{self.expired}封" if self.expired else ""
        return (
            f"已送达{self.accepted}封，待重试{self.waiting}封，被拒收{self.rejected}封，"
            f"结果不明{self.unknown}封，不再需要{self.cancelled}封{expired}。"
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
    """One delivery run on one day of the office. `told` hears of each message that was tried or given back, soon after
    that, and when there is nothing left to do but to wait."""

    def __init__(self, desk: Desk, on_day: date, told: Told = lambda _, __: None, terms: Terms = TERMS) -> None:
        self.desk = desk
        self.on_day = on_day
        self.told = told
        self.terms = terms
        self.owner = f"{this_process()}:{token_hex(4)}"  # two deliveries of one process are two owners
        self.tally = Tally()
        self._ended: list[Ending] = []
        self._waits_for = ""

    def run(self) -> Tally:
        """Hands over every message that is due, oldest first."""
        self.recover()
        with (
            self.desk.store.line() as connection,
            closing(SharedLine(connection)) as line,  # what still waits for an answer then must not write any more
            heard() as signals,
        ):
            hand = Hand(self.owner, self.on_day, self.desk.clock, self.desk.strike)
            scribe = Scribe(self.desk.store, line, hand, self._ended.append, self.terms.keep_answers_s)
            crew = Crew(scribe, self.desk.clock, self.desk.senders.at_once, self.terms)
            packer = Packer(self.desk, self.owner, self.on_day, line.alone)
            try:
                while self._has_more(packer, crew, signals):
                    self._count_served(line)
            finally:
                crew.dismiss()
                self._release(line)
                self._count_served(line)
                self._tell()
        return self.tally

    def recover(self) -> int:
        """Frees what dead processes held; no lease time is waited for. Returns how many messages that were."""
        with self.desk.store.writing() as connection:
            found = outbox.orphans(connection)
            for orphan in found:
                outbox.finish(connection, orphan.owner, after_death(orphan), self.desk.clock())
                log.warning("its process is gone", extra={"message_id": orphan.id, "attempt": orphan.attempt})
        return len(found)

    def _has_more(self, packer: Packer, crew: Crew, signals: Signals) -> bool:
        """Packs a batch and has it handed over, up to the point where the next one is wanted."""
        signals.obey()
        was_idle = crew.wait(0, idle=True)
        self._check_room()
        crew.scribe.look_at_gates()
        parcel = packer.pack()
        self.tally.cancelled += parcel.batch.cancelled
        self.tally.expired += parcel.batch.expired
        self.tally.unknown += parcel.batch.in_doubt
        crew.scribe.give_back(parcel.unpacked)
        crew.put(parcel.ready)
        while not crew.wait(_LOOK_S, idle=parcel.batch.is_empty):
            signals.obey()
            crew.write_what_waits()
            self._tell(PACE_ZH if crew.only_waits else "")
        self._tell()
        return not (parcel.batch.is_empty and was_idle)

    def _check_room(self) -> None:
        """On a full disk what was handed over could not be written down. Raises HomeError."""
        if self.desk.store.free_bytes() < self.terms.least_free_bytes:
            least = self.terms.least_free_bytes // (1024 * 1024)
            raise HomeError(f"磁盘剩余空间不足 {least} MB，投递已停止。", "请清理磁盘后重新运行 duban deliver。")

    def _release(self, line: SharedLine) -> None:
        """Gives back what an error left in our hands; a process may live on long after it."""
        now = self.desk.clock()
        with line.alone() as connection:
            for left in outbox.held_by(connection, self.owner):
                outbox.finish(connection, self.owner, after_breaking_off(left, now), now)

    def _count_served(self, line: SharedLine) -> None:
        with line.alone() as connection:
            outbox.count_served(connection)

    def _tell(self, waits_for: str = "") -> None:
        """Counts what ended since the last look. In the thread that runs the delivery."""
        count = len(self._ended)
        ended, self._ended[:count] = self._ended[:count], []
        for ending in ended:
            self.tally.count(ending.state)
            self.told(1, waits_for)
        if waits_for != self._waits_for:
            self._waits_for = waits_for
            self.told(0, waits_for)
