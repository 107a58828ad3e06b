"""Which round is meant: the one named, else the only one."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from models.errors import NotFound, UsageRefused
from models.store.engine import Store
from models.store.rounds import RoundRow, round_meant, rounds
from tests.offices import empty_store

OLD = RoundRow(1, "2021", "2021年整改", date(2021, 3, 25), date(2021, 6, 25))
NEW = RoundRow(2, "2023", "2023年整改", date(2023, 3, 25), date(2023, 6, 25))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as store:
        yield store


def add(store: Store, row: RoundRow) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO round VALUES (?, ?, ?, ?, ?)",
            (row.id, row.code, row.name, row.feedback_on.isoformat(), row.ends_on.isoformat()),
        )


def test_without_a_ledger_there_is_none(store: Store) -> None:
    with store.reading() as connection, pytest.raises(NotFound, match="还没有导入台账") as refusal:
        round_meant(connection)
    assert "duban import" in refusal.value.cure


def test_the_only_one_need_not_be_named(store: Store) -> None:
    add(store, NEW)
    with store.reading() as connection:
        assert round_meant(connection) == round_meant(connection, "2023") == NEW
        with pytest.raises(NotFound, match="2021") as refusal:
            round_meant(connection, "2021")
    assert refusal.value.cure == "可用：2023。"


def test_of_several_one_is_named_and_all_are_listed(store: Store) -> None:
    add(store, OLD)
    add(store, NEW)
    with store.reading() as connection:
        assert rounds(connection) == [OLD, NEW]
        assert round_meant(connection, "2021") == OLD
        with pytest.raises(UsageRefused, match="已有多个整改轮次") as refusal:
            round_meant(connection)
    assert refusal.value.cure == "请用 --round，可用：2021、2023。"
