"""Who can be told: parties, their people, addresses and stand-ins, as frozen values. PURE.

config/directory.py reads directory.yaml into these; models/store writes what the poll needs into tables.
Addresses are Apprise URLs with `${ENV}` references, kept as written: no secret is ever resolved here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from models.lifecycle import Role


@dataclass(frozen=True, slots=True)
class Person:
    """经办人: who acts, for a party. The code is unique in the directory; one person may serve several parties."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """Another party (by code) that receives in this one's place from `since` to `until`, both included."""

    party: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class DirectoryParty:
    """责任主体: whoever can be told. `addresses` are tried in order; none means it cannot be told by message."""

    code: str
    name: str
    roles: frozenset[Role]
    addresses: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    stand_in: StandIn | None = None


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
        return any(party.stand_in for party in self.parties)

    def by_code(self, code: str) -> DirectoryParty | None:
        return self._by_code.get(code)

    def by_name(self, name: str) -> DirectoryParty | None:
        return next((party for party in self.parties if party.name == name), None)

    def holding(self, role: Role) -> tuple[DirectoryParty, ...]:
        """Every party that holds this role, in the file's order."""
        return tuple(party for party in self.parties if role in party.roles)

    def person(self, code: str) -> Person | None:
        return next((person for person, _ in self._memberships() if person.code == code), None)

    def parties_of(self, person_code: str) -> tuple[DirectoryParty, ...]:
        """The parties this person acts for, in the file's order."""
        return tuple(party for person, party in self._memberships() if person.code == person_code)

    def receiver(self, code: str, day: date) -> DirectoryParty | None:
        """Who receives for this party on that day: its stand-in while one is named, else the party itself."""
        party = self.by_code(code)
        if party and party.stand_in and party.stand_in.since <= day <= party.stand_in.until:
            return self.by_code(party.stand_in.party) or party
        return party

    def _memberships(self) -> Iterator[tuple[Person, DirectoryParty]]:
        return ((person, party) for party in self.parties for person in party.people)
