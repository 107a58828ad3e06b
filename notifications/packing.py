"""Packing: claims a batch of messages and makes it ready to go: where to, in which words, as which bytes.

Runs in the thread of the delivery, while couriers (couriers.py) hand over what was packed before. It sends nothing;
what it cannot pack it hands back with the reason.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeGuard

from sqlalchemy import Connection

from config.channels import NO_CHANNELS, Channels
from models.directory import Directory, DirectoryParty
from models.errors import DubanError
from models.handling.undelivered import alarm
from models.ladder import MessageKind
from models.store import board, outbox
from models.store.engine import Store
from models.store.outbox import Batch, Claimed, Ending, Gate, Written
from models.workdays import WorkCalendar
from notifications.addresses import AddressFault, Destination, gate_of, recipient_digest, resolve
from notifications.endings import Tried, composed_anew, ending_of, stranded
from notifications.outcome import Letter, Outcome, OutcomeKind, Sender
from notifications.senders.pool import Senders
from notifications.words.compose import Addressee
from notifications.words.contents import Composer, Cut, Envelope, Facts
from notifications.words.letters import message_id_for
from notifications.words.wording import Writer

log = logging.getLogger("duban.packing")

BATCH = 100
_NOT_THERE_ZH = "是否送达不明，原来的收件地址已不在通讯录中，不能自动重发"
_NOT_KNOWN_ZH = "是否送达不明，由旧版本投递，没有记下收件地址，不能自动重发"


@dataclass(frozen=True, slots=True)
class Desk:
    """What delivery works with. `key` and `domain` make the Message-IDs; `clock` gives the real moment,
    `strike` takes the office's secrets out of a text."""

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
    channels: Channels = NO_CHANNELS
    strike: Callable[[str], str] = field(default=str, repr=False)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes now: who receives it, at which address, and whether the receiver has further ones; the
    next one over another gate is `detour` addresses further on, 0 for none."""

    receiver: DirectoryParty
    stand_in_for: str
    destination: Destination
    gate: Gate
    more: bool
    detour: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A packed message, the sender and gate for it, and who receives it."""

    tried: Tried
    letter: Letter
    sender: Sender
    gate: Gate
    recipient_digest: str


def _written(one: Ready) -> Written:
    return Written(one.tried.claimed.id, one.letter.message_id, one.letter.payload, one.recipient_digest)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one claim came to: of the `batch` some are ready, and some cannot be packed and end like this."""

    ready: tuple[Ready, ...]
    unpacked: tuple[Ending, ...]
    batch: Batch


def header_id(
    key: bytes, domain: str, party: str, on_day: date, kind: MessageKind, origin: str, address_no: int
) -> str:
    """The Message-ID of a message: the same over all attempts, another one for another address."""
    return message_id_for(key, party, str(on_day), kind, origin, str(address_no), domain=domain)


def origin_of(run_id: int | None, message_id: int, part: int = 1, doubts: int = 0) -> str:
    """Of what a message came, for its Message-ID: a run makes one of a kind to a party, or several parts of it; actions
    may cause several. Composed anew after a doubt (`doubts`: its ambiguous tries) it is another letter: what came back
    was taken once, and a second one of that name could be dropped as its double."""
    named = f"m{message_id}" if run_id is None else f"{run_id}/{part}" if part > 1 else str(run_id)
    return f"{named}+{doubts}" if doubts else named


class _FencedError(Exception):
    """The message is another's by now."""


class Packer:
    """Packs for one process on one day of the office. `writing` gives a transaction of its own."""

    def __init__(
        self, desk: Desk, owner: str, on_day: date, writing: Callable[[], AbstractContextManager[Connection]]
    ) -> None:
        self.desk = desk
        self.owner = owner
        self.on_day = on_day
        self._writing = writing
        self._composer = Composer(desk.writer, desk.directory, desk.calendar, desk.rehearsal)
        self._known: dict[str, Destination | AddressFault] = {}
        self._gates: dict[Destination, Gate] = {}

    def pack(self) -> Parcel:
        """Claims what is due, up to a batch, packs it and stores the bytes in one write."""
        now = self.desk.clock()
        with self._writing() as connection:
            batch = outbox.claim(connection, self.owner, now, BATCH, self.on_day)
            for message in batch.dead:
                alarm(connection, message, self.on_day, now)
        facts = self._facts([one for one in batch.messages if not one.frozen])
        packed = [self._pack_one(one, facts) for one in batch.messages]
        ready = tuple(one for one in packed if isinstance(one, Ready))
        fresh = [one for one in ready if not one.tried.claimed.frozen]
        if fresh:
            with self._writing() as connection:
                outbox.keep(connection, self.owner, [_written(one) for one in fresh])
        return Parcel(ready, tuple(one for one in packed if isinstance(one, Ending)), batch)

    def _facts(self, claimed: Sequence[Claimed]) -> Facts:
        """What there is to say. Frozen messages are not asked about: their words stand."""
        notices = [n for one in claimed if one.kind is not MessageKind.ACTION for n in one.notice_ids]
        news = [n for one in claimed if one.kind is MessageKind.ACTION for n in one.notice_ids]
        if not claimed:
            return Facts({}, {})
        with self.desk.store.reading() as connection:
            return Facts(
                {row.id: row for row in (board.notices_by_id(connection, notices) if notices else ())},
                {row.id: row for row in (board.news_by_id(connection, news) if news else ())},
            )

    def _pack_one(self, claimed: Claimed, facts: Facts) -> Ready | Ending | None:
        route = self._route_of_bytes(claimed) if claimed.frozen else self.route(claimed.party, claimed.address_no)
        if isinstance(route, Ending):
            return route
        if isinstance(route, str):
            # What may be out already goes to no other address: it waits until this one is put right.
            moves_on = self._has_more(claimed) and not claimed.ambiguous
            kind = OutcomeKind.REJECTED if moves_on else OutcomeKind.RETRY
            return self._unpacked(claimed, Outcome(kind, "address", route))
        try:
            claimed, letter = self._content(claimed, facts, route)
        except _FencedError:
            return None
        except Exception as error:
            # Whatever is wrong with one message, foreseen or not, must not keep the others back.
            log.exception("message %s cannot be composed", claimed.id, extra={"action": "compose"})
            reason = error.zh if isinstance(error, DubanError) else "消息内容无法生成，原因见运行日志"
            return self._unpacked(claimed, Outcome(OutcomeKind.REJECTED, "compose", reason))
        tried = Tried(claimed, route.destination.channel, route.more, route.detour)
        recipient = recipient_digest(route.destination, route.receiver.code, self.desk.key)
        return Ready(tried, letter, self.desk.senders.sender_for(route.destination), route.gate, recipient)

    def _unpacked(self, claimed: Claimed, outcome: Outcome) -> Ending:
        tried = Tried(claimed, "", self._has_more(claimed))
        return ending_of(tried, outcome, self.on_day, self.desk.clock())

    def _route_of_bytes(self, claimed: Claimed) -> Route | Ending:
        """Where bytes may go that passed a marker: to the recipient they were composed for, at any of the party's
        addresses today where they may be out already. Else how the message ends, or begins anew."""
        found = self.route(claimed.party, claimed.address_no)
        if self._is_for(found, claimed):
            return found
        if not claimed.ambiguous:
            return composed_anew(claimed)
        receiver = self.desk.directory.receiver(claimed.party, self.on_day)
        for number in range(len(receiver.addresses) if receiver else 0):
            if self._is_for(route := self.route(claimed.party, number), claimed):
                return route
        if not claimed.resent_by_word:
            known = bool(claimed.recipient_digest)  # rows of older versions do not say for whom
            return stranded(claimed, _NOT_THERE_ZH if known else _NOT_KNOWN_ZH)
        if isinstance(first := self.route(claimed.party, 0), str):
            return stranded(claimed, f"是否送达不明，未能重发：{first}")
        return composed_anew(claimed)

    def _is_for(self, route: Route | str, claimed: Claimed) -> TypeGuard[Route]:
        """Whether the bytes of the message are for who receives there."""
        if isinstance(route, str):
            return False
        return recipient_digest(route.destination, route.receiver.code, self.desk.key) == claimed.recipient_digest

    def _content(self, claimed: Claimed, facts: Facts, route: Route) -> tuple[Claimed, Letter]:
        """What goes out. What one message of the channel cannot hold is cut, and the first part goes out. Raises
        FencedError where the message is another's by now."""
        while isinstance(content := self._composer.compose(claimed, facts, self._envelope(claimed, route)), Cut):
            with self._writing() as connection:
                first = outbox.split(connection, self.owner, claimed, content.groups)
            if first is None:
                raise _FencedError
            claimed = first
        return claimed, content

    def _envelope(self, claimed: Claimed, route: Route) -> Envelope:
        desk, origin = self.desk, origin_of(claimed.run_id, claimed.id, claimed.part, claimed.ambiguous)
        told = (claimed.party, claimed.on_day, claimed.kind, origin, claimed.address_no)
        return Envelope(
            Addressee(route.receiver.code, route.receiver.name, route.stand_in_for),
            route.destination,
            header_id(desk.key, desk.domain, *told),
            desk.clock(),
        )

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
        first = min(address_no, len(receiver.addresses) - 1)
        found = self._resolved(receiver.addresses[first])
        if isinstance(found, AddressFault):
            return found.reason
        stand_in_for = own.name if receiver is not own else ""
        gate, further = self._gate(found), receiver.addresses[address_no + 1 :]
        return Route(receiver, stand_in_for, found, gate, bool(further), self._detour(gate, further))

    def _detour(self, gate: Gate, further: Sequence[str]) -> int:
        for steps, reference in enumerate(further, start=1):
            found = self._resolved(reference)
            if not isinstance(found, AddressFault) and self._gate(found) != gate:
                return steps
        return 0

    def _gate(self, destination: Destination) -> Gate:
        if destination not in self._gates:
            self._gates[destination] = gate_of(destination, self.desk.key)
        return self._gates[destination]

    def _resolved(self, reference: str) -> Destination | AddressFault:
        if reference not in self._known:
            self._known[reference] = resolve(reference, self.desk.env, self.desk.channels)
        return self._known[reference]
