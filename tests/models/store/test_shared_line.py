"""One connection for several threads: what waits together is one transaction, and a fault is only its own."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from models.store.engine import Store
from models.store.shared_line import LineClosedError, SharedLine
from tests.offices import empty_store

Work = Callable[[Connection], int]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as made:
        quick = Store(made.url, busy_ms=20)
        yield quick
        quick.close()


def put(name: str) -> Work:
    def work(connection: Connection) -> int:
        connection.exec_driver_sql("INSERT INTO snapshot VALUES (?, 'policy', '')", (name,))
        return len(name)

    return work


def kept(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.exec_driver_sql("SELECT digest FROM snapshot ORDER BY digest").scalars())


def together(line: SharedLine, *works: Work) -> list[Future[int]]:
    """Has these wait for the line at the same time."""
    with ThreadPoolExecutor() as threads:
        with line.alone():
            asked = [threads.submit(line.commit, work) for work in works]
            while len(line._waiting) < len(works):
                threading.Event().wait(0.001)
        return asked


def test_what_is_committed_stays_and_gives_its_result(store: Store) -> None:
    with store.line() as connection:
        line = SharedLine(connection)
        assert [line.commit(put("a")), line.commit(put("bb"))] == [1, 2]
    assert kept(store) == ["a", "bb"]


def test_what_waits_together_is_committed_together(store: Store) -> None:
    with store.line() as connection:
        line = SharedLine(connection)
        commits: list[object] = []
        event.listen(connection, "commit", commits.append)
        asked = together(line, *(put(name) for name in ("a", "bb", "ccc", "dddd")))
        assert [one.result() for one in asked] == [1, 2, 3, 4]
        assert len(commits) == 2, "that which held the line, and that of all the others"
    assert kept(store) == ["a", "bb", "ccc", "dddd"]


def test_one_that_is_at_fault_does_not_take_the_others_along(store: Store) -> None:
    def fails(connection: Connection) -> int:
        put("half done")(connection)
        raise ZeroDivisionError

    with store.line() as connection:
        first, second, third = together(SharedLine(connection), put("a"), fails, put("b"))
        assert (first.result(), third.result()) == (1, 1)
        with pytest.raises(ZeroDivisionError):
            second.result()
    assert kept(store) == ["a", "b"]


def test_who_is_interrupted_leaves_alone_and_the_others_go_on(store: Store) -> None:
    """Ctrl-C strikes whoever writes just then, perhaps with the work of all the others in hand."""
    struck = threading.Event()

    def is_struck(connection: Connection) -> int:
        put("c")(connection)
        if not struck.is_set():
            struck.set()
            raise KeyboardInterrupt
        return 1

    names = ("a", "b", "c", "d")
    with store.line() as connection:
        asked = together(SharedLine(connection), put("a"), put("b"), is_struck, put("d"))
        faults = [one.exception() for one in asked]
        assert [repr(fault) for fault in faults if fault] == ["KeyboardInterrupt()"]
    assert kept(store) == [name for name, fault in zip(names, faults, strict=True) if not fault]


def test_who_is_interrupted_while_waiting_has_nothing_written(store: Store) -> None:
    is_held, may_go = threading.Event(), threading.Event()
    with store.line() as connection, ThreadPoolExecutor() as threads:
        line = SharedLine(connection)

        def hold() -> None:
            with line.alone():
                is_held.set()
                may_go.wait(20)

        def strike() -> None:
            while not line._waiting:
                threading.Event().wait(0.001)
            os.kill(os.getpid(), signal.SIGINT)

        threads.submit(hold)
        is_held.wait()
        threads.submit(strike)
        with pytest.raises(KeyboardInterrupt):
            line.commit(put("struck"))
        may_go.set()
        line.commit(put("later"))
    assert kept(store) == ["later"]


def test_a_closed_line_writes_no_more_and_says_so(store: Store) -> None:
    with store.line() as connection:
        line = SharedLine(connection)
        line.commit(put("a"))
        line.close()
        with pytest.raises(LineClosedError):
            line.commit(put("b"))
        with pytest.raises(LineClosedError), line.alone():
            pass
    assert kept(store) == ["a"]


def test_a_locked_database_is_told_to_all_who_wait_and_nothing_is_kept(store: Store, tmp_path: Path) -> None:
    with store.line() as connection:
        line = SharedLine(connection)
        with closing(sqlite3.connect(tmp_path / "duban.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor() as threads:
                asked = [threads.submit(line.commit, put(name)) for name in "abc"]
            for one in asked:
                with pytest.raises(OperationalError, match="locked"):
                    one.result()
            other.execute("ROLLBACK")
        assert line.commit(put("later")) == 5
    assert kept(store) == ["later"]


@pytest.mark.parametrize(
    ("seconds", "passes", "is_kept"), [(30.0, True, True), (0.05, True, False), (30.0, False, False)]
)
def test_patience_outlasts_a_lock_that_passes(
    store: Store, tmp_path: Path, seconds: float, passes: bool, is_kept: bool
) -> None:
    """The lock is there for a quarter of a second."""
    tries = []

    def may_pass(fault: OperationalError) -> bool:
        tries.append(fault)
        return passes

    with (
        closing(sqlite3.connect(tmp_path / "duban.db", isolation_level=None, check_same_thread=False)) as other,
        store.line() as connection,
        ThreadPoolExecutor() as threads,
    ):
        other.execute("BEGIN IMMEDIATE")
        asked = threads.submit(SharedLine(connection).commit_patiently, put("a"), seconds, may_pass)
        threading.Event().wait(0.25)
        other.execute("ROLLBACK")
        if is_kept:
            assert asked.result() == 1
        else:
            with pytest.raises(OperationalError, match="locked"):
                asked.result()
    assert kept(store) == (["a"] if is_kept else [])
    assert tries or seconds < 1
