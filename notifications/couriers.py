"""Couriers: threads that hand messages over, so that a channel that hangs holds up nobody but itself.

Messages wait in lanes (lanes.py), one for each sender. Each lane with messages in it has a courier of its own, and a
mail server with many of them further ones. What a courier was answered is written with its next marker (answers.py);
the thread that runs the delivery (delivery.py) packs meanwhile. Nothing is decided here but the order of things.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Condition, Lock, Thread
from time import monotonic

from models.store.outbox import Closed, Ending, Gate, Paced
from notifications.answers import Answers
from notifications.endings import Tried, given_back, held_back
from notifications.lanes import Lane, Terms, Turns
from notifications.outcome import Outcome, OutcomeKind, Sender
from notifications.packing import Ready
from notifications.scribe import Answer, Scribe

log = logging.getLogger("duban.delivery")

_PACED_ZH = "已达该通道的发送频率上限，排队等候"
_STALLED_ZH = "通道迟迟没有答复，排队等候"
_BEHIND_A_STALL = timedelta(minutes=1)


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
        self._turns = Turns()
        self._couriers: list[Courier] = []
        self._idle = 0

    def put(self, ready: Iterable[Ready]) -> None:
        """Takes messages in, in order. Of those behind a channel that does not move only so many."""
        too_many: list[Ending] = []
        with self._lock:
            for one in ready:
                lane = self._lanes.setdefault(id(one.sender), Lane(one.sender))
                if len(lane.queue) >= self.terms.behind_a_stall and not lane.moves(self.terms.stalled_s):
                    too_many.append(self._one_too_many(lane, one))
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

    @property
    def only_waits(self) -> bool:
        """Whether nothing is left to do but to wait for the pace of channels."""
        with self._lock:
            served = [lane for lane in self._lanes.values() if lane.queue or lane.at_it]
            return bool(served) and all(lane.is_pacing for lane in served)

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
        """A lane with work in it, first one that has no courier; None when there will be no more."""
        with self._lock:
            self._idle += 1
            self._news.notify_all()
            self._work.wait_for(lambda: self.is_stopping or any(lane.is_open for lane in self._lanes.values()))
            self._idle -= 1
            if self.is_stopping:
                return None
            lane = min((lane for lane in self._lanes.values() if lane.is_open), key=lambda lane: lane.at_it)
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

    def rest_of(self, lane: Lane, gate: Gate, beyond: int = 0) -> list[Ready]:
        """Takes out of the lane whatever waits at this gate, but for so many of the first."""
        with self._lock:
            return lane.take(gate, beyond)

    def turns(self, gate: Gate, first: datetime, count: int) -> list[datetime]:
        """When so many messages have their turns at this gate: the first one not before that moment."""
        with self._lock:
            return self._turns.take(gate, first, self.clock(), count)

    def begin(self, lane: Lane, courier: "Courier") -> None:
        """Notes that a hand-over begins."""
        with self._lock:
            lane.began[id(courier)] = monotonic()

    def end(self, lane: Lane, courier: "Courier") -> None:
        with self._lock:
            lane.began.pop(id(courier), None)

    def leave(self, lane: Lane, fault: BaseException | None) -> None:
        with self._lock:
            lane.at_it -= 1
            if fault:
                self.fault, self.is_stopping = self.fault or fault, True
                self._news.notify_all()
                self._work.notify_all()

    def pace(self, lane: Lane, seconds: float) -> None:
        """Waits for the pace of a channel, unless the delivery is broken off."""
        with self._lock:
            lane.paced_s += seconds
            lane.is_pacing = True
            self._news.notify_all()
            self._work.wait_for(lambda: self.is_stopping, seconds)
            lane.is_pacing = False

    def _one_too_many(self, lane: Lane, one: Ready) -> Ending:
        now = self.clock()
        if not lane.is_pacing:
            return given_back(one.tried, now + _BEHIND_A_STALL, _STALLED_ZH)
        return given_back(one.tried, self._turns.take(one.gate, now, now, 1)[0], _PACED_ZH)

    def _hire(self) -> None:
        """One courier for each lane, whatever the others do; beside those only so many as the terms allow."""
        lanes = [lane for lane in self._lanes.values() if lane.is_open]
        first = sum(lane.at_it == 0 for lane in lanes)
        beside = sum(min(lane.width - lane.at_it, len(lane.queue)) for lane in lanes) - first
        busy = sum(max(lane.at_it - 1, 0) for lane in self._lanes.values())
        for _ in range(first + min(beside, max(self.terms.beside - busy, 0)) - self._idle):
            courier = Courier(self)
            self._couriers.append(courier)
            courier.start()

    def _has_come(self, idle: bool) -> bool:
        if idle:
            return self._waiting() == 0 and not any(lane.at_it for lane in self._lanes.values())
        return self._waiting() <= self.terms.in_hand

    def _waiting(self) -> int:
        """Messages in lanes that move."""
        return sum(len(lane.queue) for lane in self._lanes.values() if lane.moves(self.terms.stalled_s))


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
        began = monotonic()
        outcome = self._outcome(lane, one)
        if outcome.kind is OutcomeKind.FENCED:
            return
        answer = Answer(one.tried, one.gate, outcome, round((monotonic() - began) * 1000))
        self.answers.keep(answer)
        if answer.stops_the_channel:
            self.answers.write()

    def _outcome(self, lane: Lane, one: Ready) -> Outcome:
        marker = _Marker(self._crew, self.answers, one.tried)
        self._crew.begin(lane, self)
        try:
            return one.sender.hand_over(one.letter, marker)
        except Exception:
            if marker.has_failed:
                raise
            # Whatever is wrong with one message or its channel must not keep the others back.
            log.exception("a sender failed", extra={"message_id": one.tried.claimed.id})
            kind = OutcomeKind.UNKNOWN if marker.is_made else OutcomeKind.RETRY
            return Outcome(kind, "fault", "发送程序出错，原因见运行日志")
        finally:
            self._crew.end(lane, self)

    def _may_pass(self, lane: Lane, one: Ready) -> bool:
        """Whether the gate lets this message through; else it is given back, and with it all that wait there."""
        if closed := self._crew.scribe.closed(one.gate):
            return self._hold_back(lane, one, closed)
        while one.gate.per_minute is not None and (entry := self.answers.enter(one.gate)):
            if isinstance(entry, Closed):
                return self._hold_back(lane, one, entry)
            if not self._waits_its_turn(lane, one, entry):
                return False
        return True

    def _hold_back(self, lane: Lane, one: Ready, closed: Closed) -> bool:
        now = self._crew.clock()
        all_of_it = [one, *self._crew.rest_of(lane, one.gate)]
        self._crew.scribe.give_back([held_back(each.tried, closed, now) for each in all_of_it])
        return False

    def _waits_its_turn(self, lane: Lane, one: Ready, paced: Paced) -> bool:
        """Waits for the pace of the channel. What would have to wait for too long is given back, perhaps itself."""
        crew, wait_s = self._crew, max((paced.until - self._crew.clock()).total_seconds(), 0.0)
        follow = lane.may_follow(one.gate, crew.terms.pace_s - wait_s)
        if follow is None:
            self._put_off([one, *crew.rest_of(lane, one.gate)], one.gate, paced.until)
            return False
        self._put_off(crew.rest_of(lane, one.gate, beyond=follow), one.gate, one.gate.after(paced.until, follow + 1))
        crew.pace(lane, wait_s)
        return not crew.is_stopping

    def _put_off(self, many: list[Ready], gate: Gate, first: datetime) -> None:
        if many:
            turns = self._crew.turns(gate, first, len(many))
            endings = [given_back(one.tried, turn, _PACED_ZH) for one, turn in zip(many, turns, strict=True)]
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
