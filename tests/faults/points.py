"""Where a run is killed: at a commit, at a word that the relay hears, or at a moment. Drawn by dice from a seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tests.faults.commits import Death, When, Writes
from tests.faults.relay import Word


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
    (When.INSIDE, Writes.CLAIM), (When.AFTER, Writes.CLAIM),
    (When.BEFORE, Writes.MARKER), (When.INSIDE, Writes.MARKER), (When.AFTER, Writes.MARKER),
    (When.BEFORE, Writes.RESULT), (When.INSIDE, Writes.RESULT), (When.AFTER, Writes.RESULT),
)  # fmt: skip
"""RESULT, BEFORE: the 250 has come and is not yet written down. MARKER, AFTER: the dot is the next thing to leave."""
_WORDS = tuple(word for word in Word if word is not Word.NEVER)
POINTS = (*(f"{when} {writes}" for when, writes in _DEATHS), *(f"at {word.name}" for word in _WORDS))
_ONCE = frozenset({Word.CONNECT, Word.EHLO})
_SHORTEST, _LONGEST = 5e-6, 1.5e-4
"""Seconds into a commit: the file system in memory takes about 0.15 ms for one."""


@dataclass(frozen=True, slots=True)
class Size:
    """How often a run that nobody kills comes by each commit, its messages, and the seconds that it takes."""

    commits: Mapping[Writes, int]
    messages: int
    seconds: float


def a_point(nth: int, dice: Random, size: Size) -> Death | Strike:
    """The nth of POINTS, after the last the first, at any of the times that a run comes by it."""
    place = nth % len(POINTS)
    if place >= len(_DEATHS):
        word = _WORDS[place - len(_DEATHS)]
        return Strike(word, 1 if word in _ONCE else dice.randint(1, size.messages))
    when, writes = _DEATHS[place]
    delay = _SHORTEST * (_LONGEST / _SHORTEST) ** dice.random()
    return Death(when, writes, dice.randint(1, max(1, size.commits.get(writes, 1))), delay)


def a_moment(dice: Random, size: Size) -> Moment:
    return Moment(dice.uniform(0, size.seconds))


def name_of(crash: Crash) -> str:
    """Which of POINTS it is, or that it is a moment."""
    match crash:
        case Death(when, writes):
            return f"{when} {writes}"
        case Strike(word):
            return f"at {word.name}"
        case Moment():
            return "at a moment"
