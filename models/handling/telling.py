"""Writes down, in an action's own transaction, who must hear of it, and puts that into the outbox.

Never to the one who acted, nor to a party that nobody but the one who acted would read for. Composing and sending
are notifications' part: nothing is lost between a decision and its message.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.directory import Directory
from models.lifecycle import Role
from models.news import NewsKind
from models.store import outbox
from models.tables import Deadline, News, Party, Unsaid


@dataclass(frozen=True, slots=True)
class Teller:
    """Of which event, measure and day there is news, and who acted: the person, and the party acted for."""

    session: Session
    directory: Directory
    seq: int
    measure_id: int
    on_day: date
    person: str
    party: str


@dataclass(frozen=True, slots=True)
class Told:
    """Whom an action's news go to, and who cannot be told for want of an address. Names, in the order of telling."""

    told: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()

    def __add__(self, other: "Told") -> "Told":
        return Told(self.told + other.told, self.untold + other.untold)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What must not go unseen of it: who will hear, and who has to be told otherwise."""
        told, untold = ("、".join(dict.fromkeys(names)) for names in (self.told, self.untold))
        found = (f"待发通知：{told}。" if told else "", f"没有通知地址，请另行告知：{untold}。" if untold else "")
        return tuple(filter(None, found))


def tell(
    teller: Teller, kind: NewsKind, hearers: Iterable[tuple[Role, int]], due_on: date | None = None,
    clocks: Mapping[Role, Deadline] | None = None,
) -> Told:  # fmt: skip
    """Tells each party once, in the first of its roles. `clocks`, by role, are what the news depend on."""
    first: dict[int, Role] = {}
    for role, party_id in hearers:
        first.setdefault(party_id, role)
    rows = teller.session.exec(select(Party).where(col(Party.id).in_(first))).all()
    parties = {party.id: party for party in rows}
    told: list[str] = []
    untold: list[str] = []
    for party_id, role in first.items():
        party = parties[party_id]
        if not party.active or _is_no_news(teller, party.code):
            continue
        clock = (clocks or {}).get(role)
        _write(teller, kind, party, role, due_on, clock)
        (told if party.addressed else untold).append(party.name)
    return Told(tuple(told), tuple(untold))


def _is_no_news(teller: Teller, code: str) -> bool:
    """Whether this party acted itself, or whoever receives for it is the one who acted."""
    receiver = teller.directory.receiver(code, teller.on_day)
    readers = {person.code for person in receiver.people if not person.disabled} if receiver else set()
    return code == teller.party or readers == {teller.person}


def _write(
    teller: Teller, kind: NewsKind, party: Party, role: Role, due_on: date | None, clock: Deadline | None
) -> None:
    assert party.id
    news = News(
        event_seq=teller.seq,
        measure_id=teller.measure_id,
        party_id=party.id,
        role=role,
        kind=kind,
        on_day=teller.on_day,
        due_on=due_on or (clock.due_on if clock else None),
        clock_id=clock.id if clock else None,
        unsaid=None if party.addressed else Unsaid.NO_ADDRESS,
    )
    teller.session.add(news)
    teller.session.flush()
    if party.addressed and news.id:
        news.message_id = outbox.plan_news(teller.session.connection(), party.id, teller.on_day, news.id)
        teller.session.add(news)
