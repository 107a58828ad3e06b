"""Which number each measure has once a file that numbers anew is taken in: drafts take theirs where it is free. PURE.

Runs when it is known which row is which measure (models/ledger/matching.py). Who is named in letters by a number keeps
it; no number is ever given to two, and none is taken from a measure that stays.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.ledger.columns import number_key

_DIGITS = 10
"""Numbers longer than that are not counted on from."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A number that a row has in its file, for its measure or for a new one. `made`: nobody wrote it."""

    no: str
    made: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A measure's number now, and its row's, None where it is not in the file. `moves`: it may take the row's."""

    no: str
    wish: Wish | None = None
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Numbering:
    """The outcome, by place: the measures that take their row's number; of new rows those whose number is another's.

    `given`: the number that such a row has instead, where its own was made. `taken`: the measure that has it, else.
    """

    moved: frozenset[int]
    given: Mapping[int, str]
    taken: Mapping[int, int]


def renumbering(standing: Sequence[Standing], new: Sequence[Wish]) -> Numbering:
    """Lets those that may move take their numbers, but for what stays, or what is wanted by none that gets it."""
    moving = {at: number_key(one.wish.no) for at, one in enumerate(standing) if one.moves and one.wish}
    held = {number_key(one.no): at for at, one in enumerate(standing) if at not in moving}
    wanting = {no: at for at, no in moving.items()}
    blocked = [at for at, no in moving.items() if no in held]
    while blocked:
        at = blocked.pop()
        moving.pop(at, None)
        own = number_key(standing[at].no)
        held[own] = at
        if (other := wanting.get(own)) is not None and other in moving:
            blocked.append(other)
    held |= {no: at for at, no in moving.items()}
    used = held.keys() | {number_key(one.no) for one in (*new, *_wishes(standing))}
    free = _Free(used)
    given, taken = {}, {}
    for at, one in enumerate(new):
        holder = held.get(number_key(one.no))
        if holder is not None and one.made:
            given[at] = free.next_to(one.no)
        elif holder is not None:
            taken[at] = holder
    return Numbering(frozenset(moving), given, taken)


def is_divided(no: str, other: str) -> bool:
    """Whether of two numbers one is 2, the other 2.1: made, where several rows came to share the 2."""
    one, another = sorted((number_key(no), number_key(other)), key=len)
    return another.rpartition(".")[0] == one != ""


def _wishes(standing: Iterable[Standing]) -> Iterator[Wish]:
    return (one.wish for one in standing if one.wish)


class _Free:
    """Numbers that nobody has or wants."""

    def __init__(self, used: Iterable[str]) -> None:
        self.used = set(used)
        self.last: dict[str, int] = {}

    def next_to(self, no: str) -> str:
        """The next free number of the same kind: after 2.1 among those of 2, after 3 among the whole ones."""
        head, dot, last = no.rpartition(".")
        n = self.last.get(head, int(last) if last.isdecimal() and len(last) < _DIGITS else 0) + 1
        while number_key(f"{head}{dot}{n}") in self.used:
            n += 1
        self.last[head] = n
        self.used.add(number_key(f"{head}{dot}{n}"))
        return f"{head}{dot}{n}"
