"""Lanes: what waits for one sender, on what terms it is handed over, and who has their turn when.

They belong to a crew (couriers.py), whose lock guards them. Nothing is waited for or written here.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from models.store.outbox import Gate
from models.store.outbox.waits import LONGEST_WAIT
from notifications.outcome import Sender
from notifications.packing import Ready


@dataclass(frozen=True, slots=True)
class Terms:
    """How couriers work. Seconds are of the monotonic clock."""

    many: int = 20  # messages in a lane from which on it gets more than one courier
    beside: int = 16  # couriers at most beside the first one of each lane
    in_hand: int = 50  # messages waiting in lanes; with fewer the next ones are claimed
    behind_a_stall: int = 100  # messages that wait in a lane where nothing moves
    stalled_s: float = 10.0  # a hand-over that takes longer does not move
    pace_s: float = 60.0  # how long a delivery waits for the pace of one channel, in all
    unwritten_s: float = 0.03  # an answer that waits longer for the next marker is written without it
    keep_answers_s: float = 300.0  # how long answers are kept in hand while the database is locked or full
    grace_s: float = 10.0  # what is past the marker when a delivery is broken off may still be answered
    least_free_bytes: int = 50 * 1024 * 1024  # on the disk of the database; with less nothing is handed over


TERMS = Terms()


@dataclass
class Lane:
    """What waits for one sender, and how many couriers may be at it at once."""

    sender: Sender
    width: int = 1
    queue: deque[Ready] = field(default_factory=deque)
    began: dict[int, float] = field(default_factory=dict)  # by courier: when its hand-over began
    at_it: int = 0
    paced_s: float = 0.0  # what was waited for its pace
    is_pacing: bool = False

    @property
    def is_open(self) -> bool:
        return bool(self.queue) and self.at_it < self.width

    def moves(self, stalled_s: float) -> bool:
        """Not where all its couriers are at hand-overs that take long, or where one waits for the channel's pace."""
        is_stalled = len(self.began) == self.width and monotonic() - max(self.began.values()) > stalled_s
        return not (is_stalled or self.is_pacing)

    def may_follow(self, gate: Gate, pace_s: float) -> int | None:
        """How many may pass after one that waits now, while a delivery waits for so long in all; None where that is
        too long for itself."""
        left_s = pace_s - self.paced_s
        return int(left_s * (gate.per_minute or 0) / 60) if left_s >= 0 else None

    def take(self, gate: Gate, beyond: int) -> list[Ready]:
        """Takes out whatever waits at this gate, but for so many of the first."""
        taken = [one for one in self.queue if one.gate.key == gate.key][beyond:]
        gone = {id(one) for one in taken}
        self.queue = deque(one for one in self.queue if id(one) not in gone)
        return taken


class Turns:
    """Who is given back for a channel's pace comes back one after another, not all at the same moment."""

    def __init__(self) -> None:
        self._next: dict[str, datetime] = {}

    def take(self, gate: Gate, first: datetime, now: datetime, count: int) -> list[datetime]:
        """The next turns at this gate, from a moment on; none farther off than anything is put off."""
        start = max(first, self._next.get(gate.key, first))
        self._next[gate.key] = gate.after(start, count)
        return [min(gate.after(start, n), now + LONGEST_WAIT) for n in range(count)]
