"""What a courier was answered and has not written down yet: it is written with its next marker, or when that is late.

The courier's own thread uses it, and the one that runs the delivery. What cannot be written is kept in hand.
"""

from threading import Lock
from time import monotonic

from models.store.outbox import Closed, Gate, Paced
from notifications.endings import Tried
from notifications.scribe import Answer, Scribe


class Answers:
    """Those of one courier."""

    def __init__(self, scribe: Scribe) -> None:
        self.are_being_written = False
        self._scribe = scribe
        self._in_hand: list[Answer] = []
        self._since = 0.0
        self._lock = Lock()

    def keep(self, answer: Answer) -> None:
        with self._lock:
            self._in_hand.append(answer)
            self._since = monotonic()

    def write(self) -> None:
        """Writes them down, however long the database is locked. Raises what it says in the end."""
        with self._lock:
            if self._in_hand:
                self.are_being_written = True
                try:
                    self._scribe.write(self._in_hand)
                finally:
                    self.are_being_written = False
                self._in_hand = []

    def write_older_than(self, seconds: float) -> None:
        """Writes them down where the courier is long in doing so. What cannot be written stays in hand."""
        if not (self._in_hand and monotonic() - self._since > seconds and self._lock.acquire(blocking=False)):
            return
        try:
            if self._scribe.write_at_once(self._in_hand):
                self._in_hand = []
        finally:
            self._lock.release()

    def enter(self, gate: Gate) -> Paced | Closed | None:
        with self._lock:
            entry = self._scribe.enter(gate, self._in_hand)
            self._in_hand = []
            return entry

    def mark(self, tried: Tried) -> bool:
        with self._lock:
            marked = self._scribe.mark(tried, self._in_hand)
            self._in_hand = []
            return marked
