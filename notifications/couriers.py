"""Couriers: threads that hand messages over, so that a channel that hangs holds up nobody but itself.

Messages wait in lanes, one for each sender; a lane has one courier, and a mail server with many messages as many as it
has connections. What a courier was answered is written with its next marker; the thread that runs the delivery
(delivery.py) packs meanwhile. Nothing is decided here but the order of things.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Condition, Lock, Thread
from time import monotonic

from models.store.outbox import Closed, Ending, Gate, Paced
from models.store.outbox.claiming import LONGEST_WAIT
from notifications.endings import Tried, not_tried
from notifications.outcome import Outcome, OutcomeKind, Sender
from notifications.packing import Ready
from notifications.scribe import Answer, Scribe

log = logging.getLogger("duban.delivery")


@dataclass(frozen=True, slots=True)
class Terms:
    """How couriers work. Seconds are of the monotonic clock."""

    many: int = 20  # messages in a lane from which on it gets more than one courier
    couriers: int = 16  # threads at most
    in_hand: int = 50  # messages waiting in lanes; with fewer the next ones are claimed
    behind_a_stall: int = 100  # messages that wait in a lane where nothing moves
    stalled_s: float = 10.0  # a hand-over that takes longer does not move
    pace_s: float = 5.0  # how long a delivery waits for the pace of one channel, in all
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
    pace_s: float = 0.0  # what was waited for its pace
    paced: dict[str, int] = field(default_factory=dict)  # by gate: how many were given back for its pace

    @property
    def is_open(self) -> bool:
        return bool(self.queue) and self.at_it < self.width

    def is_stalled(self, after_s: float) -> bool:
        return len(self.began) == self.width and monotonic() - max(self.began.values()) > after_s


class Crew:
    """The couriers of one delivery, and the lanes."""

    def __init__(
        self, scribe: Scribe, clock: Callable[[], datetime], at_once: Callable[[Sender], int], terms: Terms
    ) -> None:
        self.scribe = scribe
        self.clock = clock
        self.terms = terms
        self.is_stopping = False
        self.fault: BaseException | None = None
        self._at_once = at_once
        self._lock = Lock()
        self._work = Condition(self._lock)
        self._news = Condition(self._lock)
        self._lanes: dict[int, Lane] = {}
        self._couriers: list[Courier] = []
        self._idle = 0

    def put(self, ready: Iterable[Ready]) -> None:
        """Takes messages in, in order. Of those behind a channel that does not move only so many."""
        too_many: list[Ending] = []
        with self._lock:
            for one in ready:
                lane = self._lanes.setdefault(id(one.sender), Lane(one.sender))
                if len(lane.queue) >= self.terms.behind_a_stall and lane.is_stalled(self.terms.stalled_s):
                    too_many.append(_behind_a_stall(one, self.clock()))
                else:
                    lane.queue.append(one)
            for lane in self._lanes.values():
                if len(lane.queue) > self.terms.many:
                    lane.width = max(lane.width, self._at_once(lane.sender))
            self._hire()
            self._work.notify_all()
        if too_many:
            self.scribe.give_back(too_many)

    def wait(self, seconds: float, idle: bool = False) -> bool:
        """Waits until there is little left to do, or nothing with `idle`. Raises what befell a courier."""
        with self._lock:
            self._news.wait_for(lambda: self.fault or self._has_come(idle), seconds)
            if self.fault:
                raise self.fault
            return self._has_come(idle)

    def write_what_waits(self) -> None:
        """Writes answers whose next marker is long in coming: until it is written, a crash leaves them in doubt."""
        with self._lock:
            couriers = list(self._couriers)
        for courier in couriers:
            courier.answers.write_older_than(self.terms.unwritten_s)

    def dismiss(self) -> None:
        """Lets the couriers finish what is past its marker, for a short while, and what they write down."""
        with self._lock:
            self.is_stopping = True
            self._work.notify_all()
        until = monotonic() + self.terms.grace_s
        while left := [courier for courier in self._couriers if courier.is_alive()]:
            if monotonic() > until and not any(courier.answers.are_being_written for courier in left):
                log.warning("%s hand-overs are broken off without an answer", len(left))
                return
            left[0].join(0.02)

    def next_lane(self) -> Lane | None:
        """A lane with work in it; None when there will be no more."""
        with self._lock:
            self._idle += 1
            self._news.notify_all()
            self._work.wait_for(lambda: self.is_stopping or any(lane.is_open for lane in self._lanes.values()))
            self._idle -= 1
            if self.is_stopping:
                return None
            lane = next(lane for lane in self._lanes.values() if lane.is_open)
            lane.at_it += 1
            return lane

    def next_of(self, lane: Lane) -> Ready | None:
        with self._lock:
            if self.is_stopping or not lane.queue:
                return None
            one = lane.queue.popleft()
            if self._waiting() == self.terms.in_hand:
                self._news.notify_all()
            return one

    def all_of(self, lane: Lane, gate: Gate) -> list[Ready]:
        """Takes out of the lane whatever waits at this gate."""
        with self._lock:
            found = [one for one in lane.queue if one.gate.key == gate.key]
            lane.queue = deque(one for one in lane.queue if one.gate.key != gate.key)
            return found

    def leave(self, lane: Lane, fault: BaseException | None) -> None:
        with self._lock:
            lane.at_it -= 1
            if fault:
                self.fault, self.is_stopping = self.fault or fault, True
                self._news.notify_all()
                self._work.notify_all()

    def pause(self, seconds: float) -> None:
        """Waits, unless the delivery is broken off."""
        with self._lock:
            self._work.wait_for(lambda: self.is_stopping, seconds)

    def _hire(self) -> None:
        wanted = sum(min(lane.width - lane.at_it, len(lane.queue)) for lane in self._lanes.values())
        for _ in range(min(wanted - self._idle, self.terms.couriers - len(self._couriers))):
            courier = Courier(self)
            self._couriers.append(courier)
            courier.start()

    def _has_come(self, idle: bool) -> bool:
        if idle:
            return self._waiting() == 0 and not any(lane.at_it for lane in self._lanes.values())
        return self._waiting() <= self.terms.in_hand

    def _waiting(self) -> int:
        """Messages in lanes that move."""
        return sum(len(lane.queue) for lane in self._lanes.values() if not lane.is_stalled(self.terms.stalled_s))


class Answers:
    """What one courier was answered and has not written down yet. Its own thread and that of the delivery use it."""

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
        if self._in_hand and monotonic() - self._since > seconds and self._lock.acquire(blocking=False):
            self._lock.release()
            self.write()

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


class Courier(Thread):
    """Goes from lane to lane. Whatever befalls it ends the delivery; answers in hand are written down first."""

    def __init__(self, crew: Crew) -> None:
        super().__init__(name="courier", daemon=True)
        self.answers = Answers(crew.scribe)
        self._crew = crew

    def run(self) -> None:
        while lane := self._crew.next_lane():
            self._crew.leave(lane, self._serve(lane))

    def _serve(self, lane: Lane) -> BaseException | None:
        try:
            try:
                while one := self._crew.next_of(lane):
                    if self._may_pass(lane, one):
                        self._hand_over(lane, one)
            finally:
                self.answers.write()
        except BaseException as fault:  # noqa: BLE001 - raised again by the thread that runs the delivery
            return fault
        return None

    def _hand_over(self, lane: Lane, one: Ready) -> None:
        tried = tried_of(one)
        marker = _Marker(self._crew, self.answers, tried)
        began = monotonic()
        lane.began[id(self)] = began
        try:
            outcome = one.sender.hand_over(one.letter, marker)
        except Exception:
            if marker.has_failed:
                raise
            # Whatever is wrong with one message or its channel must not keep the others back.
            log.exception("a sender failed", extra={"message_id": one.claimed.id})
            kind = OutcomeKind.UNKNOWN if marker.is_made else OutcomeKind.RETRY
            outcome = Outcome(kind, "fault", "发送程序出错，原因见运行日志")
        finally:
            lane.began.pop(id(self), None)
        if outcome.kind is OutcomeKind.FENCED:
            return
        answer = Answer(tried, one.gate, outcome, round((monotonic() - began) * 1000))
        self.answers.keep(answer)
        if answer.stops_the_channel:
            self.answers.write()

    def _may_pass(self, lane: Lane, one: Ready) -> bool:
        """Whether the gate lets this message through; else it is given back, and with it all that wait there."""
        if closed := self._crew.scribe.closed(one.gate):
            self._give_back(lane, one, closed)
            return False
        while one.gate.per_minute is not None and (entry := self.answers.enter(one.gate)):
            wait_s = (entry.until - self._crew.clock()).total_seconds()
            if isinstance(entry, Closed) or wait_s > self._crew.terms.pace_s - lane.pace_s:
                self._give_back(lane, one, entry)
                return False
            lane.pace_s += wait_s
            self._crew.pause(wait_s)
            if self._crew.is_stopping:
                return False
        return True

    def _give_back(self, lane: Lane, one: Ready, entry: Paced | Closed) -> None:
        now = self._crew.clock()
        all_of_it = [one, *self._crew.all_of(lane, one.gate)]
        if isinstance(entry, Closed):
            endings = [not_tried(tried_of(each), entry.until, now, entry) for each in all_of_it]
        else:
            first = lane.paced.get(one.gate.key, 0)
            lane.paced[one.gate.key] = first + len(all_of_it)
            endings = [
                not_tried(tried_of(each), _turn(entry, one.gate, place, now), now)
                for place, each in enumerate(all_of_it, start=first)
            ]
        self._crew.scribe.give_back(endings)


class _Marker:
    """Commits the marker of one message, unless the delivery is broken off."""

    def __init__(self, crew: Crew, answers: Answers, tried: Tried) -> None:
        self.is_made = self.has_failed = False
        self._crew, self._answers, self._tried = crew, answers, tried

    def __call__(self) -> bool:
        if self._crew.is_stopping:
            return False
        try:
            self.is_made = self._answers.mark(self._tried)
        except BaseException:
            self.has_failed = True
            raise
        return self.is_made


def tried_of(one: Ready) -> Tried:
    return Tried(one.claimed, one.channel, one.more, one.detour)


def _turn(entry: Paced, gate: Gate, place: int, now: datetime) -> datetime:
    """When the message that waits at this place has its turn."""
    assert gate.per_minute
    return min(entry.until + timedelta(minutes=place / gate.per_minute), now + LONGEST_WAIT)


def _behind_a_stall(one: Ready, now: datetime) -> Ending:
    until = now + timedelta(minutes=1)
    return not_tried(tried_of(one), until, now, Closed(until, now, "通道迟迟没有答复，排队等候"))
