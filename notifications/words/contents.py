"""What of a claimed message goes out over one route: a letter, or JSON for a robot, a webhook or a further service.

Runs at each claim until the first marker; after it the bytes stand. It reads no database and sends nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from models.directory import Directory
from models.ladder import MessageKind
from models.store.board import NewsRow, NoticeRow
from models.store.outbox import Claimed
from models.workdays import WorkCalendar
from notifications.addresses import Destination, FileBox, Hook, Mailbox, Robot, Service
from notifications.outcome import Letter
from notifications.words.bulletin import Bulletin
from notifications.words.bulletin_context import entries_of
from notifications.words.chat import Dialect, dialect_of, hook_content
from notifications.words.compose import Addressee, bulletin_of, digest_of
from notifications.words.digest import sections_of
from notifications.words.letters import build_letter, idempotency_key
from notifications.words.wording import Slip, Told, Writer

FILE_SENDER = "督办系统 <duban@localhost>"
"""Who a letter of the `file:` channel is from; a mail address names its own sender."""
_ANY_PART = (99, 99)
"""As which part a text is measured before it is known how many there are."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to say, by number of notice and of news."""

    notices: Mapping[int, NoticeRow]
    news: Mapping[int, NewsRow]


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom and where a message goes, under which Message-ID, and when it was made."""

    to: Addressee
    destination: Destination
    header_id: str
    date: datetime

    @property
    def ends(self) -> tuple[str, str]:
        """Envelope from and to; a robot has neither."""
        match self.destination:
            case Mailbox(sender=sender, recipient=recipient):
                return sender, recipient
            case FileBox():
                return FILE_SENDER, self.to.code
        return "", ""


@dataclass(frozen=True, slots=True)
class Cut:
    """It is more than one message of its channel may hold: what each of its parts tells, in order."""

    groups: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Composer:
    """Puts messages into words, on one day of the office."""

    writer: Writer
    directory: Directory
    calendar: WorkCalendar
    rehearsal: bool

    def compose(self, claimed: Claimed, facts: Facts, envelope: Envelope) -> Letter | Cut:
        """What goes out. Raises InputRefused where an office's template cannot be used."""
        if claimed.frozen and claimed.payload is not None and claimed.header_id is not None:
            # After the first marker the bytes never change: a second copy must be known as the same message.
            return Letter(claimed.header_id, claimed.payload, *envelope.ends)
        told = _Telling(self, claimed, facts, envelope.to)
        slip = Slip(claimed.id, claimed.part, claimed.parts)
        match envelope.destination:
            case FileBox() | Mailbox():
                return self._letter(told, slip, envelope)
            case Hook():
                return Letter(envelope.header_id, self._for_program(told, slip, envelope), "", "")
            case Robot() | Service() as spoken_to:
                content = self._for_chat(told, slip, dialect_of(spoken_to))
        return content if isinstance(content, Cut) else Letter(envelope.header_id, content, "", "")

    def _letter(self, told: "_Telling", slip: Slip, envelope: Envelope) -> Letter:
        sender, recipient = envelope.ends
        return build_letter(
            self.writer.render(told.all(), slip),
            message_id=envelope.header_id,
            sender=sender,
            recipient=recipient,
            recipient_name=envelope.to.name,
            date=envelope.date,
        )

    def _for_chat(self, told: "_Telling", slip: Slip, dialect: Dialect) -> bytes | Cut:
        chat = self.writer.render_chat(told.all(), slip, markdown=dialect.markdown)
        if content := dialect.fitting(chat, slip):
            return content
        if len(told.claimed.notice_ids) > 1:
            return Cut(tuple(self._groups(told, slip, dialect)))
        return dialect.shortened(chat, slip)

    def _groups(self, told: "_Telling", slip: Slip, dialect: Dialect) -> Sequence[tuple[int, ...]]:
        """As many items to a part as it holds, and one at least. Each begins with the size of the part before."""
        ids, size, groups = told.claimed.notice_ids, 1, []
        measured = Slip(slip.number, *_ANY_PART)

        def fits(group: Sequence[int]) -> bool:
            chat = self.writer.render_chat(told.of(group), measured, markdown=dialect.markdown)
            return dialect.fitting(chat, measured) is not None

        while ids:
            while size > 1 and not fits(ids[:size]):
                size -= 1
            while size < len(ids) and fits(ids[: size + 1]):
                size += 1
            groups.append(ids[:size])
            ids = ids[size:]
        return groups

    def _for_program(self, told: "_Telling", slip: Slip, envelope: Envelope) -> bytes:
        said = self.writer.render(told.all(), slip)
        claimed = told.claimed
        facts = {
            "id": idempotency_key(envelope.header_id),
            "message_id": envelope.header_id,
            "number": claimed.id,
            "party": claimed.party,
            "received_by": envelope.to.code,
            "kind": claimed.kind.value,
            "on": claimed.on_day.isoformat(),
            "rehearsal": self.rehearsal,
            "items": _items(told.all()),
        }
        return hook_content(said.subject, said.text, facts)


@dataclass(frozen=True, slots=True)
class _Telling:
    """What a message tells, all of it or a part. It is counted from the message's own day, however late it leaves."""

    composer: Composer
    claimed: Claimed
    facts: Facts
    to: Addressee

    def all(self) -> Told:
        return self.of(self.claimed.notice_ids)

    def of(self, ids: Sequence[int]) -> Told:
        by, claimed, to = self.composer, self.claimed, self.to
        if claimed.kind is MessageKind.ACTION:
            news = [self.facts.news[n] for n in ids if n in self.facts.news]
            return bulletin_of(news, to, claimed.on_day, by.calendar, by.rehearsal, by.directory)
        notices = [self.facts.notices[n] for n in ids if n in self.facts.notices]
        return digest_of(notices, to, claimed.kind, claimed.on_day, by.calendar, by.rehearsal)


def _items(told: Told) -> list[dict[str, object]]:
    """Each item as plain values, under the names that templates know; of a digest with the capacity it is told in."""
    if isinstance(told, Bulletin):
        found = [asdict(entry) for entry in entries_of(told)]
    else:
        sections = sections_of(told)
        found = [{"capacity": one.title, **asdict(entry)} for one in sections for entry in one.entries]
    return [{name: value for name, value in item.items() if name != "paint"} for item in found]
