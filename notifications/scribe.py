"""Writes markers and endings for all couriers of one delivery. The only one who writes while they hand over.

A marker is committed together with how the messages before it ended, so that a row of messages costs one commit each,
and less where several couriers wait at once (models/store/shared_line.py). It knows which gates are closed.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from models.handling.undelivered import alarm
from models.store import outbox
from models.store.engine import Store
from models.store.outbox import Closed, Ending, Gate, Paced
from models.store.outbox.waits import binds
from models.store.shared_line import LineClosedError, SharedLine
from models.tables import MessageState
from notifications.endings import Tried, ending_of
from notifications.outcome import Outcome, OutcomeKind

log = logging.getLogger("duban.delivery")

_DEAD = (MessageState.REJECTED, MessageState.EXPIRED)
_SAYS_THAT_IT_WORKS = (OutcomeKind.ACCEPTED, OutcomeKind.RETRY, OutcomeKind.REJECTED)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a channel said of a message that was tried, over which gate it went, and how long that took."""

    tried: Tried
    gate: Gate
    outcome: Outcome
    took_ms: int

    @property
    def stops_the_channel(self) -> bool:
        """It fails; or it takes messages and says nothing, so that the next ones would be in doubt as well."""
        kind, code = self.outcome.kind, self.outcome.code
        return kind is OutcomeKind.PAUSED or (kind is OutcomeKind.UNKNOWN and code == "timeout")


@dataclass(frozen=True, slots=True)
class Hand:
    """In whose name is written, on which day of the office, and by which clock. `strike` takes the office's secrets out
    of what servers say: each sender knows its own only."""

    owner: str
    on_day: date
    clock: Callable[[], datetime]
    strike: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class _End:
    """An ending as it stands in the database; of what was tried also the answer, and what that says of its gate."""

    ending: Ending
    answer: Answer | None = None
    closed: Closed | None = None


class Scribe:
    """One for a delivery; any thread may ask it. `ended` hears of each message whose end stands in the database.

    Answers are kept in hand for `keep_answers_s` where the database is locked or full.
    """

    def __init__(
        self, store: Store, line: SharedLine, hand: Hand, ended: Callable[[Ending], None], keep_answers_s: float
    ) -> None:
        self._store = store
        self._line = line
        self._hand = hand
        self._ended = ended
        self._keep_answers_s = keep_answers_s
        self._failing: dict[str, Closed] = {}

    def look_at_gates(self) -> None:
        """Hears of channels that failed elsewhere."""
        with self._line.alone() as connection:
            self._failing = dict(outbox.failing_gates(connection))

    def closed(self, gate: Gate) -> Closed | None:
        """How the gate is closed, as far as this process knows."""
        found = self._failing.get(gate.key)
        return found if found and binds(found.until, self._hand.clock()) else None

    def enter(self, gate: Gate, before: Sequence[Answer]) -> Paced | Closed | None:
        """Asks a gate to let one message through, and writes how those before it ended."""

        def work(connection: Connection) -> tuple[list[_End], Paced | Closed | None]:
            now = self._hand.clock()
            return self._end(connection, before, now), outbox.enter_gate(connection, gate, now)

        ends, entry = self._line.commit(work)
        self._tell(ends)
        if isinstance(entry, Closed):
            self._failing[gate.key] = entry
        return entry

    def mark(self, tried: Tried, before: Sequence[Answer]) -> bool:
        """Commits the marker of a message, and with it how those before it ended. False: it is another's by now."""
        claimed, owner = tried.claimed, self._hand.owner

        def work(connection: Connection) -> tuple[list[_End], bool]:
            now = self._hand.clock()
            ends = self._end(connection, before, now)
            return ends, outbox.mark(connection, owner, claimed.id, claimed.attempt, now, tried.channel)

        ends, marked = self._line.commit(work)
        self._tell(ends)
        return marked

    def write(self, answers: Sequence[Answer]) -> None:
        """Writes answers down. One that is lost leaves its message in doubt, so they are kept in hand and tried again
        while the database is locked or full. Raises what the database says in the end. What comes after the delivery
        was broken off is only logged: its messages are in doubt by then."""
        work = partial(self._end_now, answers)
        try:
            self._tell(self._line.commit_patiently(work, self._keep_answers_s, self._may_pass))
        except LineClosedError:
            for answer in answers:
                _log_of(answer, "answered after its delivery had ended", logging.WARNING)

    def write_at_once(self, answers: Sequence[Answer]) -> bool:
        """Writes answers down, unless the database is locked or full: then nothing is changed."""
        try:
            ends = self._line.commit(partial(self._end_now, answers))
        except OperationalError as fault:
            if self._may_pass(fault):
                return False
            raise
        self._tell(ends)
        return True

    def give_back(self, endings: Sequence[Ending]) -> None:
        """Writes endings of messages that were not tried."""

        def work(connection: Connection) -> list[_End]:
            now = self._hand.clock()
            return [_End(ending) for ending in endings if self._finish(connection, ending, now)]

        self._tell(self._line.commit(work))

    def _may_pass(self, fault: Exception) -> bool:
        log.warning("answers cannot be written down yet, and are kept in hand", exc_info=fault)
        return self._store.refusal(fault) is not None

    def _end_now(self, answers: Sequence[Answer], connection: Connection) -> list[_End]:
        return self._end(connection, answers, self._hand.clock())

    def _end(self, connection: Connection, answers: Sequence[Answer], now: datetime) -> list[_End]:
        found = [self._end_of(connection, answer, now) for answer in answers]
        return [end for end in found if self._finish(connection, end.ending, now)]

    def _end_of(self, connection: Connection, answer: Answer, now: datetime) -> _End:
        closed, gate, said = None, answer.gate, answer.outcome
        outcome = replace(said, reason=self._hand.strike(said.reason)) if said.reason else said
        if answer.stops_the_channel:
            closed = outbox.close_gate(connection, gate, outcome.retry_after, outcome.reason, now)
        elif gate.key in self._failing and outcome.kind in _SAYS_THAT_IT_WORKS:
            outbox.reopen_gate(connection, gate.key, now)
        ending = ending_of(answer.tried, outcome, self._hand.on_day, now, closed)
        return _End(replace(ending, took_ms=answer.took_ms), answer, closed)

    def _finish(self, connection: Connection, ending: Ending, now: datetime) -> bool:
        if not outbox.finish(connection, self._hand.owner, ending, now):
            log.warning("answered when it was no longer ours", extra={"message_id": ending.message_id})
            return False
        if ending.state in _DEAD:
            alarm(connection, ending.message_id, self._hand.on_day, now)
        return True

    def _tell(self, ends: Sequence[_End]) -> None:
        """What is committed is told to who counts, and to the log."""
        for end in ends:
            if end.answer:
                self._remember(end.answer, end.closed)
            self._ended(end.ending)

    def _remember(self, answer: Answer, closed: Closed | None) -> None:
        outcome = answer.outcome
        if closed:
            self._failing[answer.gate.key] = closed
        elif outcome.kind in _SAYS_THAT_IT_WORKS and not self.closed(answer.gate):
            self._failing.pop(answer.gate.key, None)
        _log_of(answer, "handed over" if outcome.kind is OutcomeKind.ACCEPTED else "not handed over")


def _log_of(answer: Answer, said: str, level: int = logging.INFO) -> None:
    claimed, outcome = answer.tried.claimed, answer.outcome
    told = {
        "message_id": claimed.id, "attempt": claimed.attempt, "channel": answer.tried.channel,
        "outcome": outcome.kind.value, "code": outcome.code, "ms": answer.took_ms,
    }  # fmt: skip
    log.log(level, said, extra=told)
