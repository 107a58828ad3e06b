"""Gates: never more than the pace allows in any stretch of time, against a slow twin; closing, and opening again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from models.store.engine import Store
from models.store.outbox import Closed, Gate, Paced, close_gate, enter_gate, failing_gates, reopen_gate
from models.store.outbox.gates import pause
from models.tables.core import CHANNEL_GATE
from tests.offices import empty_store

NOW = datetime(2023, 6, 26, 0, 30, tzinfo=UTC)
ROBOT = Gate("k1", "wecom:1a2b", per_minute=18, burst=2)
RELAY = Gate("k2", "smtp:mail.example.cn")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@contextmanager
def gates() -> Iterator[Connection]:
    """A table of gates in memory."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        CHANNEL_GATE.create(connection)
        yield connection
    engine.dispose()


@pytest.fixture
def connection() -> Iterator[Connection]:
    with gates() as connection:
        yield connection


# The pace


class Twin:
    """Remembers when it let one through, and looks at every stretch of time that would end now."""

    def __init__(self, gate: Gate) -> None:
        assert gate.per_minute
        self.rate, self.burst = Fraction(gate.per_minute, 60), gate.burst
        self.passed: list[int] = []

    def lets(self, second: int) -> bool:
        stretches = enumerate(self.passed)
        allowed = all(len(self.passed) - n + 1 <= self.burst + self.rate * (second - at) for n, at in stretches)
        if allowed:
            self.passed.append(second)
        return allowed


@settings(max_examples=60, deadline=None)
@given(
    per_minute=st.integers(1, 120),
    burst=st.integers(1, 5),
    gaps=st.lists(st.integers(0, 20), min_size=1, max_size=25),
)
def test_a_gate_lets_through_what_every_stretch_of_time_allows_and_no_more(
    per_minute: int, burst: int, gaps: list[int]
) -> None:
    gate, at = Gate("k", "robot", per_minute, burst), 0
    twin = Twin(gate)
    with gates() as connection:
        for gap in gaps:
            at += gap
            entry = enter_gate(connection, gate, NOW + at * SECOND)
            assert (entry is None) == twin.lets(at), (at, twin.passed)


@settings(max_examples=40, deadline=None)
@given(per_minute=st.integers(1, 120), burst=st.integers(1, 5), gaps=st.lists(st.floats(0, 30), max_size=12))
def test_the_moment_that_it_names_is_the_first_at_which_one_may_come(
    per_minute: int, burst: int, gaps: list[float]
) -> None:
    gate, now = Gate("k", "robot", per_minute, burst), NOW
    with gates() as connection:
        for gap in [*gaps, *[0] * (burst + 1)]:
            now += timedelta(seconds=gap)
            entry = enter_gate(connection, gate, now)
        assert isinstance(entry, Paced)
        assert now < entry.until <= now + MINUTE / per_minute + timedelta(milliseconds=1)
        assert isinstance(enter_gate(connection, gate, entry.until - timedelta(milliseconds=1)), Paced)
        assert enter_gate(connection, gate, entry.until) is None


def test_a_channel_without_a_pace_is_never_held_up(connection: Connection) -> None:
    assert [enter_gate(connection, RELAY, NOW) for _ in range(100)] == [None] * 100
    assert failing_gates(connection) == {}


def test_gates_do_not_know_of_each_other(connection: Connection) -> None:
    other = Gate("k9", "wecom:ffff", per_minute=18, burst=2)
    for gate in (ROBOT, other):
        assert [enter_gate(connection, gate, NOW) is None for _ in range(3)] == [True, True, False]


def test_a_clock_that_was_set_back_holds_nobody_up_for_long(connection: Connection) -> None:
    """Nothing flows in for the days that are lived twice; from the new moment on all is as ever."""
    assert [enter_gate(connection, ROBOT, NOW) is None for _ in range(2)] == [True, True]
    now = NOW - timedelta(days=3)
    for _ in range(20):
        entry = enter_gate(connection, ROBOT, now)
        assert isinstance(entry, Paced)
        assert now < entry.until <= now + 4 * SECOND
        now = entry.until
        assert enter_gate(connection, ROBOT, now) is None, "who waits as long as they were told may pass"


def test_who_read_the_clock_a_little_before_another_gains_nothing_by_it(connection: Connection) -> None:
    """Two processes that wait for the same lock: nothing flows in twice for what lies between them."""
    assert [enter_gate(connection, ROBOT, NOW) is None for _ in range(2)] == [True, True]
    entries = [enter_gate(connection, ROBOT, NOW - n * SECOND / 10) for n in range(10)]
    assert all(isinstance(entry, Paced) for entry in entries)
    assert isinstance(enter_gate(connection, ROBOT, NOW + 3 * SECOND), Paced)
    assert enter_gate(connection, ROBOT, NOW + 4 * SECOND) is None


def test_processes_share_what_a_gate_lets_through(tmp_path: Path) -> None:
    with empty_store(tmp_path) as first:
        second = Store(first.url)

        def ask(store: Store) -> int:
            passed = 0
            for _ in range(5):
                with store.writing() as connection:
                    passed += enter_gate(connection, Gate("k", "robot", 18, 6), NOW) is None
            return passed

        with ThreadPoolExecutor() as threads:
            assert sum(threads.map(ask, (first, second))) == 6
        second.close()


# Closing and opening


def test_a_channel_that_fails_rests_for_longer_each_time(connection: Connection) -> None:
    now, rests = NOW, []
    for _ in range(5):
        closed = close_gate(connection, RELAY, None, "refused", now)
        rests.append(closed.until - now)
        assert closed.since == NOW
        now = closed.until
    assert rests == [n * MINUTE for n in (1, 5, 15, 60, 60)]


def test_nothing_passes_a_closed_gate_and_it_costs_no_token(connection: Connection) -> None:
    closed = close_gate(connection, ROBOT, 600, "130101", NOW)
    assert closed == Closed(NOW + 10 * MINUTE, NOW, "130101")
    assert enter_gate(connection, ROBOT, NOW + 10 * MINUTE - SECOND) == closed
    assert [enter_gate(connection, ROBOT, NOW + 10 * MINUTE) is None for _ in range(3)] == [True, True, False]
    assert failing_gates(connection) == {ROBOT.key: closed}


def test_what_fails_while_it_is_closed_is_no_further_failure(connection: Connection) -> None:
    """Four connections lose one relay at the same time."""
    for _ in range(4):
        closed = close_gate(connection, RELAY, None, "lost", NOW + SECOND)
    assert closed.until == NOW + SECOND + MINUTE
    assert close_gate(connection, RELAY, None, "lost", closed.until).until == closed.until + 5 * MINUTE


def test_what_the_channel_asks_for_is_kept(connection: Connection) -> None:
    first = close_gate(connection, RELAY, None, "lost", NOW)
    assert close_gate(connection, RELAY, 30, "429", NOW).until == first.until, "never sooner than it was"
    assert close_gate(connection, RELAY, 3600, "429", NOW).until == NOW + 60 * MINUTE


@pytest.mark.parametrize(
    ("asked_s", "wait"),
    [(0, SECOND), (-5, SECOND), (0.5, SECOND), (90, 90 * SECOND), (10**9, timedelta(days=1))],
)
def test_a_pause_is_a_second_at_least_and_a_day_at_most(asked_s: float, wait: timedelta) -> None:
    assert pause(asked_s, 1) == wait


def test_an_answer_ends_the_failures_but_not_a_pause_that_goes_on(connection: Connection) -> None:
    """A second connection may still get an answer just after the first was told to stop."""
    closed = close_gate(connection, RELAY, None, "421", NOW)
    reopen_gate(connection, RELAY.key, NOW + SECOND)
    assert enter_gate(connection, RELAY, NOW + SECOND) == closed
    reopen_gate(connection, RELAY.key, closed.until)
    assert failing_gates(connection) == {}
    assert close_gate(connection, RELAY, None, "421", NOW + 60 * MINUTE) == Closed(
        NOW + 61 * MINUTE, NOW + 60 * MINUTE, "421"
    )


def test_opening_what_never_failed_changes_nothing(connection: Connection) -> None:
    enter_gate(connection, ROBOT, NOW)
    before = connection.execute(CHANNEL_GATE.select()).all()
    reopen_gate(connection, ROBOT.key, NOW)
    reopen_gate(connection, "unheard of", NOW)
    assert connection.execute(CHANNEL_GATE.select()).all() == before


def test_a_gate_that_a_clock_running_ahead_closed_is_open(connection: Connection) -> None:
    close_gate(connection, RELAY, None, "lost", NOW + timedelta(days=400))
    assert enter_gate(connection, RELAY, NOW) is None
