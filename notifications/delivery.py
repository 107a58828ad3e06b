"""The hand-over loop: recover, claim, compose, mark, hand over, write down how it ended. The only user of senders.

Runs after each posting and by `duban deliver`. Whatever happens to one message, the others go out. An acceptance is
committed together with the marker of the next message, so a row of messages costs one commit each; it is
committed alone where another sender, or nothing, comes next.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from models.directory import Directory, DirectoryParty
from models.errors import DubanError
from models.ladder import MessageKind
from models.store import board, outbox
from models.store.board import NoticeRow
from models.store.engine import Store
from models.store.outbox import Claimed, Ending, Written
from models.store.owners import this_process
from models.tables import MessageState
from models.workdays import WorkCalendar
from notifications.addresses import AddressFault, Destination, FileBox, resolve
from notifications.compose import Addressee, digest_of
from notifications.endings import after_death, ending_of
from notifications.letters import build_letter, message_id_for
from notifications.outcome import Letter, Outcome, OutcomeKind, Sender
from notifications.senders.pool import Senders
from notifications.wording import Writer

log = logging.getLogger("duban.delivery")

BATCH = 50
FILE_SENDER = "督办系统 <duban@localhost>"
"""Who a letter of the `file:` channel is from; a mail address names its own sender."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What delivery works with. `key` and `domain` make the Message-IDs; `clock` gives the real moment."""

    store: Store
    directory: Directory
    calendar: WorkCalendar
    writer: Writer
    senders: Senders
    env: Mapping[str, str] = field(repr=False)
    key: bytes = field(repr=False)
    domain: str
    rehearsal: bool
    clock: Callable[[], datetime]


@dataclass(slots=True)
class Tally:
    """How a delivery went, in messages. `waiting`: to be tried later; `cancelled`: nothing left to say."""

    accepted: int = 0
    unknown: int = 0
    rejected: int = 0
    waiting: int = 0
    cancelled: int = 0

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


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a message goes now: who receives it, at which address, and whether the receiver has further ones."""

    receiver: DirectoryParty
    stand_in_for: str
    destination: Destination
    more: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    """A composed message, the sender for it, and whether the party has a further address."""

    claimed: Claimed
    letter: Letter
    sender: Sender
    more: bool


def header_id(
    key: bytes, domain: str, party: str, on_day: date, kind: MessageKind, run_id: int, address_no: int
) -> str:
    """The Message-ID of a message: the same over all attempts, another one for another address."""
    return message_id_for(key, party, str(on_day), kind, str(run_id), str(address_no), domain=domain)


class Delivery:
    """One delivery run on one day of the office. `told` hears after each message that was tried."""

    def __init__(self, desk: Desk, on_day: date, told: Callable[[], None] = lambda: None) -> None:
        self.desk = desk
        self.on_day = on_day
        self.told = told
        self.owner = this_process()
        self.tally = Tally()
        self._pending: Ending | None = None
        self._known: dict[str, Destination | AddressFault] = {}

    def run(self) -> Tally:
        """Hands over every message that is due, oldest first."""
        self.recover()
        try:
            while (batch := self._claim()).messages or batch.cancelled:
                self._hand_over_all(self._composed(batch.messages))
                self._count_served()
        finally:
            self._flush()
            self._count_served()
        return self.tally

    def recover(self) -> int:
        """Frees what dead processes held; no lease time is waited for. Returns how many messages that were."""
        with self.desk.store.writing() as connection:
            found = outbox.orphans(connection)
            for orphan in found:
                route = self._route(orphan.party, orphan.address_no)
                one_copy = isinstance(route, _Route) and isinstance(route.destination, FileBox)
                outbox.finish(connection, orphan.owner, after_death(orphan, one_copy), self.desk.clock())
                log.warning("message %s: its process is gone", orphan.id, extra={"action": "recover"})
        return len(found)

    def _claim(self) -> outbox.Batch:
        with self.desk.store.writing() as connection:
            batch = outbox.claim(connection, self.owner, self.desk.clock(), BATCH)
        self.tally.cancelled += batch.cancelled
        return batch

    def _composed(self, claimed: Sequence[Claimed]) -> list[_Ready]:
        """The batch, ready to go. What cannot be composed is written down and does not hold up the rest."""
        with self.desk.store.reading() as connection:
            rows = board.notices_by_id(connection, [notice for one in claimed for notice in one.notice_ids])
        by_id = {row.id: row for row in rows}
        ready = []
        for one in claimed:
            found = self._compose(one, [by_id[notice] for notice in one.notice_ids])
            if isinstance(found, _Ready):
                ready.append(found)
            else:
                self._end(one, found, more=self._has_more(one))
        with self.desk.store.writing() as connection:
            fresh = [one for one in ready if not one.claimed.frozen]
            written = [Written(one.claimed.id, one.letter.message_id, one.letter.payload) for one in fresh]
            outbox.keep(connection, self.owner, written)
        return ready

    def _compose(self, claimed: Claimed, rows: Sequence[NoticeRow]) -> _Ready | Outcome:
        route = self._route(claimed.party, claimed.address_no)
        if isinstance(route, str):
            kind = OutcomeKind.REJECTED if self._has_more(claimed) else OutcomeKind.RETRY
            return Outcome(kind, "address", route)
        try:
            letter = self._letter(claimed, rows, route)
        except Exception as error:
            # Whatever is wrong with one message, foreseen or not, must not keep the others back.
            log.exception("message %s cannot be composed", claimed.id, extra={"action": "compose"})
            reason = error.zh if isinstance(error, DubanError) else "消息内容无法生成，原因见运行日志"
            return Outcome(OutcomeKind.REJECTED, "compose", reason)
        return _Ready(claimed, letter, self.desk.senders.sender_for(route.destination), route.more)

    def _letter(self, claimed: Claimed, rows: Sequence[NoticeRow], route: _Route) -> Letter:
        desk, destination = self.desk, route.destination
        sender = FILE_SENDER if isinstance(destination, FileBox) else destination.sender
        recipient = route.receiver.code if isinstance(destination, FileBox) else destination.recipient
        if claimed.frozen and claimed.payload is not None and claimed.header_id is not None:
            # After the first marker the bytes never change: a second copy must be known as the same letter.
            return Letter(claimed.header_id, claimed.payload, sender, recipient)
        to = Addressee(route.receiver.code, route.receiver.name, route.stand_in_for)
        digest = digest_of(rows, to, claimed.kind, claimed.on_day, desk.calendar, desk.rehearsal)
        return build_letter(
            desk.writer.render(digest),
            message_id=header_id(
                desk.key,
                desk.domain,
                claimed.party,
                claimed.on_day,
                claimed.kind,
                claimed.run_id,
                claimed.address_no,
            ),
            sender=sender,
            recipient=recipient,
            recipient_name=route.receiver.name,
            date=desk.clock(),
        )

    def _hand_over_all(self, ready: Sequence[_Ready]) -> None:
        for one, following in zip(ready, [*ready[1:], None], strict=True):
            outcome = one.sender.hand_over(one.letter, lambda one=one: self._mark(one))  # type: ignore[misc]
            if outcome.kind is not OutcomeKind.FENCED:
                self._flush()
                self._pending = ending_of(one.claimed, outcome, one.more, self.on_day, self.desk.clock())
                self.tally.count(self._pending.state)
            if following is None or following.sender is not one.sender:
                self._flush()
            self.told()

    def _mark(self, one: _Ready) -> bool:
        """Commits the marker, and with it how the message before ended."""
        now = self.desk.clock()
        with self.desk.store.writing() as connection:
            if self._pending:
                outbox.finish(connection, self.owner, self._pending, now)
            marked = outbox.mark(connection, self.owner, one.claimed.id, one.claimed.attempt, now)
        self._pending = None
        return marked

    def _flush(self) -> None:
        if self._pending:
            with self.desk.store.writing() as connection:
                outbox.finish(connection, self.owner, self._pending, self.desk.clock())
            self._pending = None

    def _count_served(self) -> None:
        with self.desk.store.writing() as connection:
            outbox.count_served(connection)

    def _end(self, claimed: Claimed, outcome: Outcome, more: bool) -> None:
        ending = ending_of(claimed, outcome, more, self.on_day, self.desk.clock())
        with self.desk.store.writing() as connection:
            outbox.finish(connection, self.owner, ending, self.desk.clock())
        self.tally.count(ending.state)
        self.told()

    def _has_more(self, claimed: Claimed) -> bool:
        receiver = self.desk.directory.receiver(claimed.party, self.on_day)
        return bool(receiver and claimed.address_no + 1 < len(receiver.addresses))

    def _route(self, party: str, address_no: int) -> _Route | str:
        """Who receives for this party today, and at which of its addresses; or why that cannot be."""
        directory = self.desk.directory
        receiver, own = directory.receiver(party, self.on_day), directory.by_code(party)
        if receiver is None or own is None or address_no >= len(receiver.addresses):
            return "通讯录中已没有可用的通知地址"
        reference = receiver.addresses[address_no]
        if reference not in self._known:
            self._known[reference] = resolve(reference, self.desk.env)
        found = self._known[reference]
        if isinstance(found, AddressFault):
            return found.reason
        stand_in_for = own.name if receiver is not own else ""
        return _Route(receiver, stand_in_for, found, address_no + 1 < len(receiver.addresses))
