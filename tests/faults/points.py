"""Where a run is killed: at a commit, at a word that the relay hears, or at a moment. Drawn by dice from a seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tests.faults.commits import Death, When, Writes
from tests.faults.listener import Kind, Word


@dataclass(frozen=True, slots=True)
class Strike:
    """The relay kills at the `nth` time that it hears this."""

    word: Word
    nth: int


@dataclass(frozen=True, slots=True)
class Moment:
    """The harness kills so many seconds after the start."""

    seconds: float


Crash = Death | Strike | Moment

_DEATHS = (
    (When.BEFORE, Writes.PLAN), (When.INSIDE, Writes.PLAN), (When.AFTER, Writes.PLAN),
    (When.INSIDE, Writes.SITTING), (When.AFTER, Writes.SITTING),
    (When.INSIDE, Writes.CLAIM), (When.AFTER, Writes.CLAIM),
    (When.BEFORE, Writes.MARKER), (When.INSIDE, Writes.MARKER), (When.AFTER, Writes.MARKER),
    (When.BEFORE, Writes.RESULT), (When.INSIDE, Writes.RESULT), (When.AFTER, Writes.RESULT),
)  # fmt: skip
"""RESULT, BEFORE: the 250 has come and is not yet written down. MARKER, AFTER: the dot is the next thing to leave."""
_SHORTEST, _LONGEST = 5e-6, 1.5e-4
"""Seconds into a commit: the file system in memory takes about 0.15 ms for one."""


@dataclass(frozen=True, slots=True)
class Size:
    """How often a run that nobody kills comes by each commit, its messages, the seconds that it takes, and to what
    kind of server it talks."""

    kind: Kind
    commits: Mapping[Writes, int]
    messages: int
    seconds: float


def points_of(kind: Kind) -> tuple[str, ...]:
    """The names of all points at which a run that talks to this kind of server can be killed."""
    return (*(f"{when} {writes}" for when, writes in _DEATHS), *(f"at {word.name}" for word in kind.words))


def a_point(nth: int, dice: Random, size: Size) -> Death | Strike:
    """The nth of the points, after the last the first, at any of the times that a run comes by it."""
    place = nth % (len(_DEATHS) + len(size.kind.words))
    if place >= len(_DEATHS):
        word = size.kind.words[place - len(_DEATHS)]
        return Strike(word, 1 if word in size.kind.once else dice.randint(1, size.messages))
    when, writes = _DEATHS[place]
    delay = _SHORTEST * (_LONGEST / _SHORTEST) ** dice.random()
    return Death(when, writes, dice.randint(1, max(1, size.commits.get(writes, 1))), delay)


def any_point(dice: Random, size: Size) -> Death | Strike:
    return a_point(dice.randrange(len(_DEATHS) + len(size.kind.words)), dice, size)


def a_moment(dice: Random, size: Size) -> Moment:
    return Moment(dice.uniform(0, size.seconds))


def name_of(crash: Crash) -> str:
    """Which of the points it is, or that it is a moment."""
    match crash:
        case Death(when, writes):
            return f"{when} {writes}"
        case Strike(word):
            return f"at {word.name}"
        case Moment():
            return "at a moment"
