"""Couriers: a channel that hangs, fails or has a pace holds up nobody but itself; connections; breaking off."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from config.channels import Channels
from models.errors import HomeError
from models.ladder import MessageKind
from models.store.engine import Store
from models.store.outbox import Ending, Gate
from models.store.shared_line import SharedLine
from models.tables import AttemptPhase, MessageState
from notifications.addresses import Channel, Destination
from notifications.answers import Answers
from notifications.couriers import Courier, Crew
from notifications.delivery import PACE_ZH, Tally
from notifications.endings import Tried
from notifications.lanes import TERMS, Lane
from notifications.outcome import Letter, Mark, Outcome, OutcomeKind, Sender
from notifications.packing import BATCH
from notifications.scribe import Answer, Hand, Scribe
from notifications.senders.pool import Senders
from notifications.senders.smtp_connection import PATIENCE
from tests.chat_server import ChatServer
from tests.notifications.posts import Post, everybody, to, who
from tests.outbox_fixtures import NOW, ON, an_outbox
from tests.smtp_sink import CLOSE, HANG, SLOW, TAKE_AND_HANG, Fault, Received, SmtpSink

ACCEPTED, RETRY_WAIT, UNKNOWN = MessageState.ACCEPTED, MessageState.RETRY_WAIT, MessageState.UNKNOWN
PLANNED, REJECTED = MessageState.PLANNED, MessageState.REJECTED
ESCALATION = MessageKind.ESCALATION
MINUTE = timedelta(minutes=1)
GIVEN_BACK = [(1, AttemptPhase.LEASED), (1, AttemptPhase.NOT_SENT)]


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def post(tmp_path: Path, sink: SmtpSink) -> Iterator[Post]:
    """An office whose four parties have a mailbox each at the sink."""
    with an_outbox(tmp_path) as box:
        directory = who(*((code, (to(sink, code),)) for code in ("D1", "D2", "D3", "L1")))
        yield Post(box, tmp_path / "outbox", directory)


def states(post: Post, *messages: int) -> list[MessageState]:
    return [post.box.state(message) for message in messages]


def gates(post: Post) -> list[tuple[str, int, bool]]:
    """The label of each gate that ever failed or has a pace, its failures in a row, and whether it is closed."""
    with post.box.store.reading() as connection:
        query = "SELECT label, failures, closed_until IS NOT NULL FROM channelgate ORDER BY label"
        return [(label, failures, bool(closed)) for label, failures, closed in connection.execute(text(query))]


# Channels that hang


class Stuck(SmtpSink):
    """A mail server that says nothing at one place until everybody else was heard, and then hangs up."""

    def __init__(self, place: str) -> None:
        super().__init__(faults=[Fault(place, CLOSE)])
        self.place = place
        self.others_are_through = threading.Event()
        self.was_patient = False

    def fault_at(self, place: str) -> str | None:
        if place == self.place:
            self.was_patient = self.others_are_through.wait(20)
        return super().fault_at(place)


class Last(SmtpSink):
    """A mail server that tells when it has taken so many messages."""

    def __init__(self, count: int, through: threading.Event) -> None:
        super().__init__()
        self.count, self.through = count, through

    def keep(self, received: Received) -> None:
        super().keep(received)
        if len(self.received) == self.count:
            self.through.set()


@pytest.mark.parametrize("place", ["CONNECT", "MAIL", "DATA", "DOT"])
def test_a_relay_that_hangs_holds_up_only_its_own(post: Post, place: str) -> None:
    with Stuck(place) as stuck, Last(8, stuck.others_are_through) as quick:
        post.readdress(("D1", (to(stuck, "D1"),)), ("D2", (to(quick, "D2"),)), ("D3", (to(quick, "D3"),)))
        first = post.box.message("D1")
        others = post.box.messages(*["D2", "D3"] * 4)
        post.deliver()
        assert stuck.was_patient, "all others were through before it said anything"
    assert states(post, *others) == [ACCEPTED] * 8
    assert states(post, first) == [RETRY_WAIT]


def test_what_waits_behind_a_relay_that_hangs_is_not_heaped_up(post: Post, sink: SmtpSink) -> None:
    """Else, with very many for it, nothing would be claimed for anybody else."""
    post.terms = replace(TERMS, behind_a_stall=2, stalled_s=0.05, in_hand=1)
    post.patience = replace(PATIENCE, command=1.5)
    with SmtpSink(faults=[Fault("DATA", HANG)]) as stuck:
        post.readdress(("D1", (to(stuck, "D1"),)), ("D2", (to(sink, "D2"),)))
        early = post.box.messages(*["D1"] * 98, "D2", "D2")
        late = post.box.messages(*["D1"] * 4, "D2")
        post.deliver()
    assert states(post, early[-2], early[-1], late[-1]) == [ACCEPTED] * 3
    row = post.box.row(late[0])
    assert (row["state"], row["code"], row["tries"]) == (RETRY_WAIT, "paused", 0)


def test_a_relay_that_takes_letters_and_says_nothing_gets_no_more_of_them(post: Post, sink: SmtpSink) -> None:
    post.patience = replace(PATIENCE, after_dot=0.5)
    first, second = post.box.message("D1"), post.box.message("D2")
    sink.fail(Fault("DOT", TAKE_AND_HANG))
    assert post.deliver() == Tally(waiting=2)
    assert [post.box.row(message)["ambiguous"] for message in (first, second)] == [1, 0]
    assert (len(sink.received), post.box.phases(second)) == (1, GIVEN_BACK)


# Channels that fail


@pytest.mark.parametrize("fault", [Fault("CONNECT", "421 4.3.2 shutting down", 1), Fault("MAIL", "421 4.7.0 busy", 1),
                                   Fault("DATA", CLOSE, 1)], ids=lambda fault: fault.at)  # fmt: skip
def test_a_channel_that_fails_rests_and_only_one_message_learns_it(post: Post, sink: SmtpSink, fault: Fault) -> None:
    messages = post.box.messages("D1", "D2", "D3")
    sink.fail(fault)
    assert post.deliver() == Tally(waiting=3)
    assert states(post, *messages) == [RETRY_WAIT] * 3
    rows = [post.box.row(message) for message in messages]
    assert [row["next_try_at"] for row in rows] == [NOW + MINUTE] * 3
    assert [row["tries"] for row in rows] == [0] * 3
    assert [row["code"] for row in rows[1:]] == ["paused"] * 2
    assert [post.box.phases(message) for message in messages[1:]] == [GIVEN_BACK] * 2
    assert gates(post) == [("smtp:127.0.0.1", 1, True)]
    assert post.deliver() == Tally(), "the gate is closed"
    assert post.deliver_later(MINUTE) == Tally(accepted=3)
    assert gates(post) == [("smtp:127.0.0.1", 0, False)]


def test_what_was_posted_meanwhile_does_not_pass_a_closed_gate_either(post: Post, sink: SmtpSink) -> None:
    post.box.message("D1")
    sink.fail(Fault("CONNECT", CLOSE, 1))
    post.deliver()
    connections = sink.connections
    later = post.box.message("D2")
    assert post.deliver() == Tally(waiting=1)
    assert (sink.connections, post.box.phases(later)) == (connections, GIVEN_BACK)


def test_a_channel_that_goes_on_failing_rests_for_longer(post: Post) -> None:
    with SmtpSink(faults=[Fault("CONNECT", CLOSE)]) as down:
        post.readdress(("D1", (to(down, "D1"),)))
        message = post.box.message("D1")
        rests = []
        for _ in range(5):
            post.deliver()
            rests.append(post.box.row(message)["next_try_at"] - post.clock.now)
            post.clock.now += rests[-1]
    assert rests == [n * MINUTE for n in (1, 5, 15, 60, 60)]
    assert (post.box.row(message)["attempts"], post.box.row(message)["tries"]) == (5, 0)


@pytest.mark.parametrize("kind", [MessageKind.DIGEST, ESCALATION])
def test_a_dead_relay_is_gone_round_after_an_hour(post: Post, sink: SmtpSink, kind: MessageKind) -> None:
    """By the first address on another channel: the second is at the same relay."""
    with SmtpSink(faults=[Fault("CONNECT", CLOSE)]) as down:
        post.readdress(("D1", (to(down, "old"), to(down, "also-old"), to(sink, "new"))))
        message = post.box.message("D1", kind=kind)
        for _ in range(4):
            assert post.deliver() == Tally(waiting=1)
            post.clock.now = post.box.row(message)["next_try_at"]
        waiting = post.box.message("D1", kind=kind)
        assert post.deliver() == Tally(accepted=2)
    assert [received.recipient for received in sink.received] == ["new@example.cn"] * 2
    assert [post.box.row(one)["address_no"] for one in (message, waiting)] == [2, 2]


# A pace


@pytest.fixture
def robot(post: Post) -> Iterator[ChatServer]:
    """All parties are told by one robot, which may be used 18 times a minute, twice at once."""
    with ChatServer() as server:
        post.channels = Channels(robots={"wecom": server.url})
        post.env = {"TOKEN": "canary"}
        post.directory = everybody("wecombot://${TOKEN}")
        yield server


def test_what_goes_too_fast_for_a_robot_waits_its_turn(post: Post, robot: ChatServer) -> None:
    post.terms = replace(TERMS, pace_s=0.0)
    messages = post.box.messages(*["D1", "D2", "D3", "L1"] * 2)
    assert post.deliver() == Tally(accepted=2, waiting=6)
    waits = [post.box.row(message)["next_try_at"] - NOW for message in messages[2:]]
    turns = [n * MINUTE / 18 for n in range(1, 7)]
    assert all(abs(wait - turn) < timedelta(milliseconds=10) for wait, turn in zip(waits, turns, strict=True)), waits
    assert post.box.phases(messages[2]) == GIVEN_BACK
    assert post.box.row(messages[2])["tries"] == 0
    assert post.deliver() == Tally(), "nobody has a turn yet"
    while post.deliver() != Tally() or post.clock.now < NOW + MINUTE:
        post.clock.forward(seconds=1)
    assert states(post, *messages) == [ACCEPTED] * 8
    assert len(robot.requests) == 8


@pytest.fixture
def quick_robot(post: Post, robot: ChatServer) -> ChatServer:
    """One that may be used 90 times a minute, four times at once."""
    post.channels = Channels(robots={"feishu": robot.url})
    post.directory = everybody("feishu://${TOKEN}")
    return robot


def test_a_delivery_waits_for_the_pace_of_a_robot_and_says_so(post: Post, quick_robot: ChatServer) -> None:
    """As long as it may; what would have its turn too late is given back before that, each for another moment."""
    post.terms = replace(TERMS, pace_s=0.7)
    messages = post.box.messages(*["D1"] * 8)
    seen: list[list[MessageState]] = []

    def look(waits_for: str) -> None:
        if waits_for == PACE_ZH and not seen:
            seen.append(states(post, *messages))
            post.clock.forward(seconds=1)

    assert post.deliver(says=look) == Tally(accepted=5, waiting=3)
    assert seen == [[ACCEPTED] * 4 + [MessageState.LEASED] + [RETRY_WAIT] * 3]
    assert len(quick_robot.requests) == 5
    turns = [(post.box.row(message)["next_try_at"] - NOW) * 90 / MINUTE for message in messages[5:]]
    assert turns == pytest.approx([2, 3, 4], abs=0.01)
    assert post.box.row(messages[5])["reason"] == "已达该通道的发送频率上限，排队等候"


def test_who_waits_for_the_pace_of_a_robot_holds_up_nobody(post: Post, quick_robot: ChatServer, sink: SmtpSink) -> None:
    """More for a robot than one claim takes, and then a letter."""
    post.terms = replace(TERMS, pace_s=2.1, in_hand=0, behind_a_stall=1)
    post.readdress(("D1", ("feishu://${TOKEN}",)), ("D2", (to(sink, "D2"),)))
    robots, letter = post.box.messages(*["D1"] * (BATCH + 20)), post.box.message("D2")
    seen: list[MessageState] = []

    def look(waits_for: str) -> None:
        if waits_for:
            seen.append(post.box.state(letter))
            post.clock.forward(seconds=2)

    post.deliver(says=look)
    assert seen[0] is ACCEPTED
    assert states(post, *robots[:4]) == [ACCEPTED] * 4
    waiting = [row["next_try_at"] for row in map(post.box.row, robots) if row["state"] == RETRY_WAIT]
    assert len(set(waiting)) == len(waiting) > BATCH, "no two come back at the same moment"


def test_a_delivery_that_waits_for_a_robot_can_be_broken_off(post: Post, quick_robot: ChatServer) -> None:
    post.terms = TERMS
    messages = post.box.messages(*["D1"] * 6)

    def end(waits_for: str) -> None:
        if waits_for:
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        post.deliver(says=end)
    assert time.monotonic() - began < 30
    assert set(states(post, *messages)) <= {ACCEPTED, PLANNED}
    assert len(quick_robot.requests) == states(post, *messages).count(ACCEPTED)


# Connections


def test_a_mail_server_with_many_messages_gets_several_connections(post: Post, sink: SmtpSink) -> None:
    post.connections = 4
    post.terms = replace(TERMS, many=4)
    messages = post.box.messages(*["D1", "D2", "D3", "L1"] * 5)
    sink.fail(Fault("MAIL", SLOW, 4))  # so that each of the four takes part
    assert post.deliver() == Tally(accepted=20)
    assert sink.connections == 4
    assert states(post, *messages) == [ACCEPTED] * 20
    assert len({received.message_id for received in sink.received}) == 20


@pytest.mark.parametrize(("connections", "many"), [(4, 20), (1, 4)])
def test_with_few_messages_or_by_default_one_connection_is_enough(
    post: Post, sink: SmtpSink, connections: int, many: int
) -> None:
    post.connections, post.terms = connections, replace(TERMS, many=many)
    post.box.messages(*["D1", "D2", "D3", "L1"] * 5)
    assert post.deliver() == Tally(accepted=20)
    assert sink.connections == 1


class Crowd(Senders):
    """A sender for each message, which ends only when so many of them are at it at once."""

    def __init__(self, folder: Path, size: int) -> None:
        super().__init__(folder)
        self.together = threading.Barrier(size)

    def sender_for(self, destination: Destination) -> Sender:
        return One(self.together)


class One:
    def __init__(self, together: threading.Barrier) -> None:
        self.together = together

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        mark()
        self.together.wait(20)
        return Outcome(OutcomeKind.ACCEPTED)

    def close(self) -> None: ...


def test_every_channel_has_a_courier_however_many_hang(post: Post) -> None:
    post.senders = lambda post: Crowd(post.outbox, 20)
    post.box.messages(*["D1"] * 20)
    assert post.deliver() == Tally(accepted=20)


@pytest.fixture
def crew(post: Post) -> Iterator[Crew]:
    with post.box.store.line() as connection:
        ended: list[Ending] = []
        hand = Hand("boot:1:1", ON, post.clock)
        scribe = Scribe(post.box.store, SharedLine(connection), hand, ended.append, TERMS.keep_answers_s)
        yield Crew(scribe, post.clock, lambda _: 1, TERMS)


class Watched(dict[int, float]):
    """Remembers whether the lock was held at each of its changes."""

    def __init__(self, lock: threading.Lock) -> None:
        self.lock = lock
        self.held: list[bool] = []

    def __setitem__(self, key: int, value: float) -> None:
        self.held.append(self.lock.locked())
        super().__setitem__(key, value)

    def pop(self, key: int, default: float | None = None) -> float | None:  # type: ignore[override]
        self.held.append(self.lock.locked())
        return super().pop(key, default)


def test_a_hand_over_begins_and_ends_while_nobody_asks_whether_its_lane_moves(crew: Crew) -> None:
    lane = Lane(One(threading.Barrier(1)))
    lane.began = watched = Watched(crew._lock)
    courier = Courier(crew)
    crew.begin(lane, courier)
    assert watched.keys() == {id(courier)}
    crew.end(lane, courier)
    assert (watched, watched.held) == ({}, [True, True])


# Senders out of order


class _Broken:
    """A sender with a fault of ours, for one recipient."""

    def __init__(self, marks_first: bool) -> None:
        self.marks_first = marks_first

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        if "D2" not in letter.recipient or self.marks_first:
            mark()
        if "D2" in letter.recipient:
            raise ZeroDivisionError
        return Outcome(OutcomeKind.ACCEPTED)

    def close(self) -> None: ...


class _OnlyBroken(Senders):
    def __init__(self, folder: Path, marks_first: bool) -> None:
        super().__init__(folder)
        self.sender = _Broken(marks_first)

    def sender_for(self, destination: Destination) -> Sender:
        return self.sender


@pytest.mark.parametrize(("marks_first", "kind", "state", "doubts"), [
    (False, MessageKind.DIGEST, RETRY_WAIT, 0),
    (False, ESCALATION, RETRY_WAIT, 0),
    (True, MessageKind.DIGEST, RETRY_WAIT, 1),
    (True, ESCALATION, UNKNOWN, 1),
])  # fmt: skip
def test_a_fault_in_a_sender_concerns_one_message(
    post: Post, marks_first: bool, kind: MessageKind, state: MessageState, doubts: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Before the marker it is proved that nothing left; after it nobody knows."""
    post.senders = lambda post: _OnlyBroken(post.outbox, marks_first)
    first, broken, third = post.box.message("D1"), post.box.message("D2", kind=kind), post.box.message("D3")
    post.deliver()
    assert states(post, first, broken, third) == [ACCEPTED, state, ACCEPTED]
    assert (post.box.row(broken)["ambiguous"], post.box.row(broken)["code"]) == (doubts, "fault")
    assert "ZeroDivisionError" in caplog.text


# Breaking off


def test_on_a_full_disk_nothing_is_begun(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1")
    post.terms = replace(TERMS, least_free_bytes=1 << 60)
    before = post.box.dump()
    with pytest.raises(HomeError, match="磁盘剩余空间不足 1099511627776 MB") as refusal:
        post.deliver()
    assert "duban deliver" in refusal.value.cure
    assert (sink.connections, post.box.dump()) == (0, before)
    assert post.box.state(message) is PLANNED


class Interrupting(SmtpSink):
    """A mail server at whose first dot this process is told to end."""

    def __init__(self, number: int, answers: bool) -> None:
        super().__init__(faults=[Fault("DOT", SLOW if answers else TAKE_AND_HANG)])
        self.number = number
        self.is_first = True

    def fault_at(self, place: str) -> str | None:
        if place == "DOT" and self.is_first:
            self.is_first = False
            os.kill(os.getpid(), self.number)
        return super().fault_at(place)


@pytest.mark.parametrize(("number", "error"), [(signal.SIGTERM, SystemExit), (signal.SIGINT, KeyboardInterrupt)])
@pytest.mark.parametrize("answers", [True, False])
def test_who_is_told_to_end_finishes_what_is_past_its_marker(
    post: Post, number: signal.Signals, error: type[BaseException], answers: bool
) -> None:
    """For a short while; what gets no answer then is in doubt, and what was not begun is free."""
    post.terms = replace(TERMS, grace_s=20 if answers else 0.1)
    with Interrupting(number, answers) as server:
        post.readdress(*((code, (to(server, code),)) for code in ("D1", "D2")))
        first, second = post.box.message("D1", kind=ESCALATION), post.box.message("D2")
        with pytest.raises(error):
            post.deliver()
    assert states(post, first, second) == [ACCEPTED if answers else UNKNOWN, PLANNED]
    assert post.box.row(first)["ambiguous"] == (0 if answers else 1)
    assert post.box.phases(second) == GIVEN_BACK
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_what_is_sent_once_more_does_not_race_the_answer_that_was_not_waited_for(post: Post) -> None:
    post.terms = replace(TERMS, grace_s=0.1)
    with Interrupting(signal.SIGTERM, answers=False) as server:
        post.readdress(("D1", (to(server, "D1"),)))
        message = post.box.message("D1")
        with pytest.raises(SystemExit):
            post.deliver()
    row = post.box.row(message)
    assert (row["state"], row["ambiguous"], row["next_try_at"]) == (RETRY_WAIT, 1, NOW + 10 * MINUTE)


class Late(Senders):
    """Hands over by itself, and hears the answer when the delivery has long ended."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.is_over = threading.Event()

    def sender_for(self, destination: Destination) -> Sender:
        return self

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        mark()
        os.kill(os.getpid(), signal.SIGTERM)
        self.is_over.wait(20)
        return Outcome(OutcomeKind.ACCEPTED, "250")


def test_what_is_answered_after_the_end_is_logged_and_not_written(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """The connection that it would be written over is somebody else's by then."""
    late = Late(post.outbox)
    post.senders = lambda _: late
    post.terms = replace(TERMS, grace_s=0.05)
    message = post.box.message("D1", kind=ESCALATION)
    with pytest.raises(SystemExit):
        post.deliver()
    before = post.box.dump()
    late.is_over.set()
    for thread in threading.enumerate():
        if thread.name == "courier":
            thread.join(20)
    assert (post.box.state(message), post.box.dump()) == (UNKNOWN, before)
    told = [record for record in caplog.records if record.message == "answered after its delivery had ended"]
    assert [vars(record)["message_id"] for record in told] == [message]


def test_what_cannot_be_written_in_passing_stays_in_hand_and_holds_up_nobody(post: Post, tmp_path: Path) -> None:
    """The thread that runs the delivery writes for couriers that are slow; the courier itself is patient."""
    message = post.box.message("D1")
    (claimed,) = post.box.claim("boot:1:1").messages
    store = Store(post.box.store.url, busy_ms=20)
    with closing(store), store.line() as connection:
        ended: list[Ending] = []
        scribe = Scribe(store, SharedLine(connection), Hand("boot:1:1", ON, post.clock), ended.append, 300.0)
        answers = Answers(scribe)
        tried = Tried(claimed, Channel.SMTP, more=False)
        answers.keep(Answer(tried, Gate("k", "smtp:x"), Outcome(OutcomeKind.RETRY, "450"), 1))
        with closing(sqlite3.connect(post.box.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            answers.write_older_than(0.0)
            assert time.monotonic() - began < 20
        assert ended == []
        answers.write_older_than(3600.0)
        assert ended == [], "it is not late"
        answers.write_older_than(0.0)
        assert [ending.message_id for ending in ended] == [message]
        answers.write()
        assert len(ended) == 1


def test_an_answer_does_not_wait_for_the_next_marker(post: Post, sink: SmtpSink) -> None:
    """A relay that is slow before the dot: a crash meanwhile must not leave the letter before in doubt."""
    post.box.messages("D1", "D2")
    seen: list[MessageState] = []
    sink.fail(Fault("MAIL", "250 ok", 1), Fault("MAIL", SLOW, 1))

    def look() -> None:
        seen.append(post.box.state(1))
        seen.append(post.box.state(2))

    post.deliver(told=look)
    assert seen[:2] == [ACCEPTED, MessageState.LEASED]
