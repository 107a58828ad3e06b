"""Who can be told: parties, their people, addresses and stand-ins, as frozen values. PURE.

config/directory.py reads directory.yaml into these; models/store writes what the poll needs into tables.
Addresses are Apprise URLs with `${ENV}` references, kept as written: no secret is ever resolved here.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from models.lifecycle import Role


@dataclass(frozen=True, slots=True)
class Person:
    """经办人: who acts, for a party. The code is unique in the directory; one person may serve several parties.

    `disabled`: no longer acts for this party, but did, and is named in the record.
    """

    code: str
    name: str
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class StandIn:
    """Another party (by code) that receives and acts in this one's place from `since` to `until`, both included."""

    party: str
    since: date
    until: date

    def covers(self, day: date) -> bool:
        return self.since <= day <= self.until


@dataclass(frozen=True, slots=True)
class Seat:
    """A capacity in which a person can act: for which party, and by standing in as a member of which other."""

    party: "DirectoryParty"
    person: Person
    stand_in: "DirectoryParty | None" = None


@dataclass(frozen=True, slots=True)
class DirectoryParty:
    """责任主体: whoever can be told. `addresses` are tried in order; none means it cannot be told by message.

    Of several stand-ins for one day the last one counts, which is the latest decision.
    """

    code: str
    name: str
    roles: frozenset[Role]
    addresses: tuple[str, ...] = field(default=(), repr=False)  # may hold a password
    people: tuple[Person, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()

    def stand_in(self, day: date) -> StandIn | None:
        """Who stands in for this party on that day."""
        return next((one for one in reversed(self.stand_ins) if one.covers(day)), None)


@dataclass(frozen=True, slots=True)
class Directory:
    """All parties of an office, as one directory.yaml gives them: `content` is its text, `digest` the SHA-256 of it."""

    parties: tuple[DirectoryParty, ...]
    content: str = ""
    digest: str = ""
    _by_code: dict[str, DirectoryParty] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_code", {party.code: party for party in self.parties})

    @property
    def varies_by_day(self) -> bool:
        """Whether who receives for whom depends on the day."""
        return any(party.stand_ins for party in self.parties)

    def by_code(self, code: str) -> DirectoryParty | None:
        return self._by_code.get(code)

    def by_name(self, name: str) -> DirectoryParty | None:
        return next((party for party in self.parties if party.name == name), None)

    def holding(self, role: Role) -> tuple[DirectoryParty, ...]:
        """Every party that holds this role, in the file's order."""
        return tuple(party for party in self.parties if role in party.roles)

    def person(self, code: str) -> Person | None:
        return next((person for person, _ in self._memberships() if person.code == code), None)

    def seats_of(self, person_code: str, day: date) -> tuple[Seat, ...]:
        """In what capacities this person can act on that day: for their own parties, in the file's order, then for
        those that one of their own stands in for. Disabled memberships are among them: the rules say no."""
        own = tuple(Seat(party, person) for person, party in self._memberships() if person.code == person_code)
        able = {seat.party.code for seat in own if not seat.person.disabled}
        lent = (
            Seat(absent, seat.person, seat.party)
            for absent in self.parties
            if (term := absent.stand_in(day))
            for seat in own
            if seat.party.code == term.party and absent.code not in able
        )
        return (*own, *lent)

    def receiver(self, code: str, day: date) -> DirectoryParty | None:
        """Who receives for this party on that day: its stand-in while one is named, else the party itself."""
        party = self.by_code(code)
        if party and (term := party.stand_in(day)):
            return self.by_code(term.party) or party
        return party

    def with_stand_ins(self, terms: Sequence[tuple[str, StandIn]]) -> "Directory":
        """This directory and what the office decided besides about stand-ins, by code of the absent party."""
        if not terms:
            return self
        more: dict[str, list[StandIn]] = {}
        for code, term in terms:
            more.setdefault(code, []).append(term)
        parties = tuple(
            replace(party, stand_ins=(*party.stand_ins, *more.get(party.code, ()))) for party in self.parties
        )
        lines = [
            f"# {code}: {{stand_in: {term.party}, from: {term.since}, until: {term.until}}}" for code, term in terms
        ]
        content = "\n".join([self.content, *lines])
        return Directory(parties, content, hashlib.sha256(content.encode()).hexdigest())

    def _memberships(self) -> Iterator[tuple[Person, DirectoryParty]]:
        return ((person, party) for party in self.parties for person in party.people)
