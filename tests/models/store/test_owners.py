"""Who holds a lease: a living process keeps it, a dead one has lost it at once, and nobody is mistaken for another."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from models.errors import RunRefused
from models.store.engine import Store
from models.store.owners import is_alive, run_lock, this_process
from models.tables.core import LEASE
from tests.offices import empty_store
from tests.outbox_fixtures import Process, another_process

NOW = datetime(2023, 6, 26, 0, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as store:
        yield store


@pytest.fixture
def other() -> Iterator[Process]:
    with another_process() as process:
        yield process


def holders(store: Store) -> dict[str, str]:
    with store.reading() as connection:
        return dict(connection.execute(select(LEASE.c.name, LEASE.c.owner)).tuples().all())


def taken_by(store: Store, owner: str, name: str = "daily") -> None:
    with store.writing() as connection:
        connection.execute(insert(LEASE).values(name=name, owner=owner, taken_at=NOW))


# Names


def test_a_name_holds_boot_pid_and_start() -> None:
    assert re.fullmatch(rf"[0-9a-f-]+:{os.getpid()}:[0-9]+", this_process())
    assert this_process() == this_process()
    assert is_alive(this_process())


def test_a_living_process_is_told_from_a_dead_one(other: Process) -> None:
    assert other.name != this_process()
    assert is_alive(other.name)
    other.kill()
    assert not is_alive(other.name), "a zombie holds nothing any more"
    other.bury()
    assert not is_alive(other.name)


BOOT, PID, START = this_process().split(":")
NOBODY = [
    ("another boot of this machine", f"0{BOOT[1:]}x:{PID}:{START}"),
    ("the same number, used again", f"{BOOT}:{PID}:{int(START) + 1}"),
    ("the same number, used before", f"{BOOT}:{PID}:{int(START) - 1}"),
    ("a number nobody has", f"{BOOT}:{2**22 + 1}:{START}"),
    ("a number that is none", f"{BOOT}:x:{START}"),
    ("a path", f"{BOOT}:../self:{START}"),
    ("no start", f"{BOOT}:{PID}:"),
    ("no start and no colon", f"{BOOT}:{PID}"),
    ("only a boot", BOOT),
    ("nothing", ""),
]


@pytest.mark.parametrize("name", [row[1] for row in NOBODY], ids=[row[0] for row in NOBODY])
def test_who_is_nobody(name: str) -> None:
    assert not is_alive(name)


# The run lock


def test_a_lock_is_held_and_given_back(store: Store) -> None:
    with run_lock(store, "daily", NOW):
        assert holders(store) == {"daily": this_process()}
    assert holders(store) == {}


def test_a_lock_is_given_back_after_an_error(store: Store) -> None:
    with pytest.raises(RuntimeError), run_lock(store, "daily", NOW):
        raise RuntimeError
    assert holders(store) == {}


def test_a_second_living_process_is_refused(store: Store, other: Process) -> None:
    taken_by(store, other.name)
    with pytest.raises(RunRefused) as refusal, run_lock(store, "daily", NOW):
        pytest.fail("two runs at once")
    assert refusal.value.zh == f"另一次日常运行正在进行（进程 {other.process.pid}）。"
    assert refusal.value.cure
    assert holders(store) == {"daily": other.name}


def test_the_same_process_is_refused_too(store: Store) -> None:
    with run_lock(store, "daily", NOW):
        with pytest.raises(RunRefused), run_lock(store, "daily", NOW):
            pytest.fail("two threads at once")
        assert holders(store) == {"daily": this_process()}


def test_the_lock_of_a_dead_process_is_void(store: Store, other: Process) -> None:
    taken_by(store, other.name)
    other.kill()
    with run_lock(store, "daily", NOW):
        assert holders(store) == {"daily": this_process()}
    assert holders(store) == {}


def test_the_lock_of_another_boot_is_void(store: Store) -> None:
    taken_by(store, "ffffffff-0000-4000-8000-000000000000:1:1")
    with run_lock(store, "daily", NOW):
        assert holders(store) == {"daily": this_process()}


def test_locks_of_different_names_do_not_meet(store: Store, other: Process) -> None:
    taken_by(store, other.name, "serve")
    with run_lock(store, "daily", NOW):
        assert holders(store) == {"serve": other.name, "daily": this_process()}
    assert holders(store) == {"serve": other.name}


def test_a_lock_that_was_taken_over_is_not_given_back_for_the_new_holder(store: Store, other: Process) -> None:
    with run_lock(store, "daily", NOW), store.writing() as connection:
        connection.execute(LEASE.update().values(owner=other.name))
    assert holders(store) == {"daily": other.name}
