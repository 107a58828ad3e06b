"""Which colours a policy paints, in which order, and where each begins: read from its ladders. PURE.

No colour means anything by itself: a later rung is graver than an earlier one, and that is all that is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from models.ladder import Colour, Ladder, Offset, Policy
from models.lifecycle import Stage


@dataclass(frozen=True, slots=True)
class Meaning:
    """A colour, and the rungs from which on a clock bears it."""

    colour: Colour
    begins: tuple[tuple[Stage, Offset], ...]


def meanings(policy: Policy) -> tuple[Meaning, ...]:
    """The policy's colours, gravest first, each with where it begins in each stage."""
    ladders = _in_order(policy)
    starts = [(rung.colour, (ladder.stage, rung.at)) for ladder in ladders for rung in _changes(ladder)]
    return tuple(
        Meaning(colour, tuple(begin for painted, begin in starts if painted is colour)) for colour in _ranked(ladders)
    )


@dataclass(frozen=True, slots=True)
class _Change:
    colour: Colour
    at: Offset


def _changes(ladder: Ladder) -> Iterator[_Change]:
    """Where the colour of a ladder changes, in the order of its rungs."""
    for colour, rungs in groupby(ladder.rungs, key=lambda rung: rung.colour):
        yield _Change(colour, next(rungs).at)


def _in_order(policy: Policy) -> list[Ladder]:
    """The ladder of the measure's own limit first: an office thinks of its colours by that one."""
    return sorted(
        policy.ladders.values(), key=lambda one: (one.stage is not Stage.COMPLETE, list(Stage).index(one.stage))
    )


def _ranked(ladders: list[Ladder]) -> list[Colour]:
    """All colours, gravest first. One that an earlier ladder lacks goes where its own ladder has it."""
    ranked: list[Colour] = []
    for ladder in ladders:
        place = 0
        for change in _changes(ladder):
            if change.colour not in ranked:
                ranked.insert(place, change.colour)
            place = ranked.index(change.colour) + 1
    return ranked[::-1]
