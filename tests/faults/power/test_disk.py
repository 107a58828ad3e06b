"""The disk whose power is cut keeps what was synced, and may keep any part of the rest."""

from collections.abc import Sequence
from random import Random

from tests.faults.power.disk import (
    SECTOR,
    Acknowledged,
    Create,
    Delete,
    Disk,
    Step,
    Sync,
    Truncate,
    Write,
    around,
)  # fmt: skip

OLD, NEW = b"o" * SECTOR, b"n" * SECTOR


def left(files: dict[str, bytes], steps: Sequence[Step], cuts: int = 200) -> list[dict[str, bytes]]:
    """Every state that many cuts after these steps leave."""
    disk = Disk(files)
    for step in steps:
        disk.play(step)
    found = [disk.after_cut(Random(n)) for n in range(cuts)]
    return [state for n, state in enumerate(found) if state not in found[:n]]


def test_what_was_synced_is_there() -> None:
    assert left({"db": OLD}, [Write("db", 0, NEW), Sync("db")]) == [{"db": NEW}]


def test_of_what_was_not_any_sector_may_be_there() -> None:
    states = left({"db": OLD + OLD}, [Write("db", 0, NEW + NEW)])
    assert {state["db"] for state in states} == {OLD + OLD, OLD + NEW, NEW + OLD, NEW + NEW}


def test_a_write_across_sectors_is_torn_where_they_meet() -> None:
    states = left({"db": OLD + OLD}, [Write("db", SECTOR - 2, b"1234")])
    ends = {state["db"][SECTOR - 2 : SECTOR + 2] for state in states}
    assert ends == {b"oooo", b"12oo", b"oo34", b"1234"}


def test_a_file_may_have_been_cut_short_or_not() -> None:
    assert {state["db"] for state in left({"db": OLD}, [Truncate("db", 1)])} == {OLD, b"o"}
    assert left({"db": OLD}, [Truncate("db", 1), Sync("db")]) == [{"db": b"o"}]


def test_a_removed_file_may_come_back_unless_the_folder_was_synced() -> None:
    made: list[Step] = [Create("log"), Write("log", 0, NEW), Sync("log")]
    assert len(left({}, [*made, Delete("log", lasting=False)])) == 2
    assert left({}, [*made, Delete("log", lasting=True)]) == [{}]


def test_a_new_file_is_sure_to_be_there_after_its_first_sync() -> None:
    assert {} in left({}, [Create("log"), Write("log", 0, NEW)])
    assert left({}, [Create("log"), Write("log", 0, NEW), Sync("log")]) == [{"log": NEW}]


def test_the_sync_of_a_new_file_makes_every_name_sure() -> None:
    steps: list[Step] = [Delete("old", lasting=False), Create("new"), Sync("new")]
    assert left({"old": OLD}, steps) == [{"new": b""}]


def test_a_cut_falls_between_the_last_commit_and_the_next() -> None:
    steps: list[Step] = [Sync("db"), Acknowledged("one"), Sync("db"), Acknowledged("two")]
    before = Acknowledged("none")
    found = [tuple(one.content for one in around(steps, cut, before)) for cut in range(5)]
    assert found == [("none", "one"), ("none", "one"), ("one", "two"), ("one", "two"), ("two", "two")]
