"""Packing: claims a batch of messages and makes it ready to go: where to, in which words, as which bytes.

Runs between the batches of a hand-over, not beside it: in a thread it was tried, and the two wait for each other
more than they gain. It sends nothing; what it cannot pack it hands back with the reason.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from models.directory import Directory, DirectoryParty
from models.errors import DubanError
from models.ladder import MessageKind
from models.store import board, outbox
from models.store.board import NewsRow, NoticeRow
from models.store.engine import Store
from models.store.outbox import Claimed, Written
from models.workdays import WorkCalendar
from notifications.addresses import AddressFault, Channel, Destination, FileBox, resolve
from notifications.compose import Addressee, bulletin_of, digest_of
from notifications.letters import build_letter, message_id_for
from notifications.outcome import Letter, Outcome, OutcomeKind, Sender
from notifications.senders.pool import Senders
from notifications.wording import Rendered, Writer

log = logging.getLogger("duban.packing")

BATCH = 100
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


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes now: who receives it, at which address, and whether the receiver has further ones."""

    receiver: DirectoryParty
    stand_in_for: str
    destination: Destination
    more: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """A packed message, the channel and sender for it, and whether the party has a further address."""

    claimed: Claimed
    letter: Letter
    channel: Channel
    sender: Sender
    more: bool


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A message that cannot be packed, why, and whether the party has a further address."""

    claimed: Claimed
    outcome: Outcome
    more: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one claim came to. `cancelled` messages had nothing left to say."""

    ready: tuple[Ready, ...]
    unpacked: tuple[Unpacked, ...]
    cancelled: int

    @property
    def is_empty(self) -> bool:
        return not (self.ready or self.unpacked or self.cancelled)


def header_id(
    key: bytes, domain: str, party: str, on_day: date, kind: MessageKind, origin: str, address_no: int
) -> str:
    """The Message-ID of a message: the same over all attempts, another one for another address."""
    return message_id_for(key, party, str(on_day), kind, origin, str(address_no), domain=domain)


def origin_of(run_id: int | None, message_id: int) -> str:
    """Of what a message came, for its Message-ID: a run makes one of a kind to a party, actions may cause several."""
    return f"m{message_id}" if run_id is None else str(run_id)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What there is to say, by number of notice and of news."""

    notices: Mapping[int, NoticeRow]
    news: Mapping[int, NewsRow]


class Packer:
    """Packs for one process on one day of the office."""

    def __init__(self, desk: Desk, owner: str, on_day: date) -> None:
        self.desk = desk
        self.owner = owner
        self.on_day = on_day
        self._known: dict[str, Destination | AddressFault] = {}

    def pack(self) -> Parcel:
        """Claims what is due, up to a batch, packs it and stores the bytes in one write."""
        with self.desk.store.writing() as connection:
            batch = outbox.claim(connection, self.owner, self.desk.clock(), BATCH, self.on_day)
        facts = self._facts([one for one in batch.messages if not one.frozen])
        packed = [self._pack_one(one, facts) for one in batch.messages]
        ready = tuple(one for one in packed if isinstance(one, Ready))
        fresh = [one for one in ready if not one.claimed.frozen]
        if fresh:
            with self.desk.store.writing() as connection:
                written = [Written(one.claimed.id, one.letter.message_id, one.letter.payload) for one in fresh]
                outbox.keep(connection, self.owner, written)
        return Parcel(ready, tuple(one for one in packed if isinstance(one, Unpacked)), batch.cancelled)

    def _facts(self, claimed: Sequence[Claimed]) -> _Facts:
        """What there is to say. Frozen messages are not asked about: their words stand."""
        notices = [n for one in claimed if one.kind is not MessageKind.ACTION for n in one.notice_ids]
        news = [n for one in claimed if one.kind is MessageKind.ACTION for n in one.notice_ids]
        if not claimed:
            return _Facts({}, {})
        with self.desk.store.reading() as connection:
            return _Facts(
                {row.id: row for row in (board.notices_by_id(connection, notices) if notices else ())},
                {row.id: row for row in (board.news_by_id(connection, news) if news else ())},
            )

    def _pack_one(self, claimed: Claimed, facts: _Facts) -> Ready | Unpacked:
        route = self.route(claimed.party, claimed.address_no)
        if isinstance(route, str):
            kind = OutcomeKind.REJECTED if self._has_more(claimed) else OutcomeKind.RETRY
            return Unpacked(claimed, Outcome(kind, "address", route), self._has_more(claimed))
        try:
            letter = self._letter(claimed, facts, route)
        except Exception as error:
            # Whatever is wrong with one message, foreseen or not, must not keep the others back.
            log.exception("message %s cannot be composed", claimed.id, extra={"action": "compose"})
            reason = error.zh if isinstance(error, DubanError) else "消息内容无法生成，原因见运行日志"
            outcome = Outcome(OutcomeKind.REJECTED, "compose", reason)
            return Unpacked(claimed, outcome, self._has_more(claimed))
        sender = self.desk.senders.sender_for(route.destination)
        return Ready(claimed, letter, route.destination.channel, sender, route.more)

    def _letter(self, claimed: Claimed, facts: _Facts, route: Route) -> Letter:
        desk, destination = self.desk, route.destination
        sender = FILE_SENDER if isinstance(destination, FileBox) else destination.sender
        recipient = route.receiver.code if isinstance(destination, FileBox) else destination.recipient
        if claimed.frozen and claimed.payload is not None and claimed.header_id is not None:
            # After the first marker the bytes never change: a second copy must be known as the same letter.
            return Letter(claimed.header_id, claimed.payload, sender, recipient)
        to = Addressee(route.receiver.code, route.receiver.name, route.stand_in_for)
        return build_letter(
            self._rendered(claimed, facts, to),
            message_id=header_id(
                desk.key,
                desk.domain,
                claimed.party,
                claimed.on_day,
                claimed.kind,
                origin_of(claimed.run_id, claimed.id),
                claimed.address_no,
            ),
            sender=sender,
            recipient=recipient,
            recipient_name=route.receiver.name,
            date=desk.clock(),
        )

    def _rendered(self, claimed: Claimed, facts: _Facts, to: Addressee) -> Rendered:
        """A message in words. What it tells is counted from its own day, however late it leaves."""
        desk, on_day, ids = self.desk, claimed.on_day, claimed.notice_ids
        if claimed.kind is MessageKind.ACTION:
            news = [facts.news[n] for n in ids if n in facts.news]
            found = bulletin_of(news, to, on_day, desk.calendar, desk.rehearsal, desk.directory)
            return desk.writer.render_bulletin(found)
        notices = [facts.notices[n] for n in ids if n in facts.notices]
        return desk.writer.render(digest_of(notices, to, claimed.kind, on_day, desk.calendar, desk.rehearsal))

    def _has_more(self, claimed: Claimed) -> bool:
        receiver = self.desk.directory.receiver(claimed.party, self.on_day)
        return bool(receiver and claimed.address_no + 1 < len(receiver.addresses))

    def route(self, party: str, address_no: int) -> Route | str:
        """Who receives for this party today, and at which of its addresses; or why that cannot be."""
        directory = self.desk.directory
        receiver, own = directory.receiver(party, self.on_day), directory.by_code(party)
        if receiver is None or own is None or not receiver.addresses:
            return "通讯录中已没有可用的通知地址"
        # Where the list became shorter meanwhile, or a stand-in has fewer, the last one is what is left to try.
        reference = receiver.addresses[min(address_no, len(receiver.addresses) - 1)]
        if reference not in self._known:
            self._known[reference] = resolve(reference, self.desk.env)
        found = self._known[reference]
        if isinstance(found, AddressFault):
            return found.reason
        stand_in_for = own.name if receiver is not own else ""
        return Route(receiver, stand_in_for, found, address_no + 1 < len(receiver.addresses))
