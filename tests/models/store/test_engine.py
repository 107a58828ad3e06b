"""The store: durability settings on every connection, transactions that lose nothing, and the schema's version."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Column, Connection, Date, DateTime, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

import models.tables  # noqa: F401  registers the tables
from models.errors import HomeError
from models.migrations.upgrade import alembic_config, known_versions, upgrade
from models.store.engine import SCHEMA_HEAD, Store, wal_is_safe
from models.tables import Home, HomeMode, Party
from models.tables.columns import PlainDate
from models.tables.core import MESSAGE
from tests.offices import empty_store
from tests.outbox_fixtures import an_outbox


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with empty_store(tmp_path) as store:
        yield store


@contextmanager
def opened(url: str) -> Iterator[Store]:
    store = Store(url)
    try:
        yield store
    finally:
        store.close()


# Which SQLite may use WAL

VERSIONS = [
    ((3, 40, 1), False, "Debian 12"),
    ((3, 44, 5), False, "the last of its line without the fix"),
    ((3, 44, 6), True, "the fix, carried back"),
    ((3, 44, 9), True, "the same line, later"),
    ((3, 45, 0), False, "a newer line that never got it"),
    ((3, 45, 3), False, "a newer line that never got it"),
    ((3, 46, 1), False, "a newer line that never got it"),
    ((3, 49, 9), False, "a newer line that never got it"),
    ((3, 50, 6), False, "the last of its line without the fix"),
    ((3, 50, 7), True, "the fix, carried back"),
    ((3, 51, 0), False, "before the fix"),
    ((3, 51, 2), False, "before the fix"),
    ((3, 51, 3), True, "the fix"),
    ((3, 51, 9), True, "after the fix"),
    ((3, 52, 0), True, "after the fix"),
    ((4, 0, 0), True, "after the fix"),
]


@pytest.mark.parametrize(("version", "safe"), [row[:2] for row in VERSIONS], ids=[f"{r[0]}-{r[2]}" for r in VERSIONS])
def test_wal_only_where_it_cannot_lose_commits(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


# What is in force

PRAGMAS = {
    "journal_mode": "wal" if wal_is_safe() else "delete",
    "synchronous": 2 if wal_is_safe() else 3,  # FULL, EXTRA
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
    "busy_timeout": 10_000,
}


def pragmas(connection: Connection) -> dict[str, object]:
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}


def test_every_connection_keeps_what_it_commits(store: Store) -> None:
    """Three of each kind at once, so that new connections are meant and not one that is kept."""
    with store.reading() as a, store.reading() as b, store.reading() as c:
        assert [pragmas(connection) for connection in (a, b, c)] == [PRAGMAS] * 3
    with store.writing() as connection, store.reading() as beside:
        assert [pragmas(connection), pragmas(beside)] == [PRAGMAS] * 2
    with store.session() as session:
        assert pragmas(session.connection()) == PRAGMAS


def test_foreign_keys_are_enforced(store: Store) -> None:
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO cooperation VALUES (7, 7)")


# Transactions


COUNTING = """
import sys
from models.store.engine import Store
store = Store(sys.argv[1])
for _ in range(50):
    with store.writing() as connection:
        found = connection.exec_driver_sql("SELECT n FROM counted").scalar_one()
        connection.exec_driver_sql(f"UPDATE counted SET n = {found + 1}")
store.close()
"""


def test_four_processes_lose_no_update(tmp_path: Path) -> None:
    """Each reads and then writes: without BEGIN IMMEDIATE updates are lost, or the later of two writers fails."""
    url = f"sqlite:///{tmp_path / 'count.db'}"
    with opened(url) as store:
        with store.writing() as connection:
            connection.exec_driver_sql("CREATE TABLE counted (n INTEGER)")
            connection.exec_driver_sql("INSERT INTO counted VALUES (0)")
        assert run_all(COUNTING, url, times=4) == [0, 0, 0, 0]
        with store.reading() as connection:
            assert connection.exec_driver_sql("SELECT n FROM counted").scalar_one() == 200


def run_all(program: str, url: str, times: int) -> list[int]:
    """Runs a program so many times at once and gives the exit codes."""
    running = [subprocess.Popen([sys.executable, "-c", program, url]) for _ in range(times)]
    return [process.wait(60) for process in running]


@pytest.mark.parametrize("how", ["writing", "session"])
def test_an_error_leaves_nothing_behind(store: Store, how: str) -> None:
    party = Party(code="D1", name="人事科", reachable=True)
    with pytest.raises(RuntimeError):
        if how == "session":
            with store.session() as session:
                session.add(party)
                session.flush()
                raise RuntimeError
        with store.writing() as connection:
            connection.exec_driver_sql("INSERT INTO snapshot VALUES ('d', 'policy', '{}')")
            connection.exec_driver_sql("CREATE TABLE made_in_passing (id INTEGER)")
            raise RuntimeError
    with store.reading() as connection:
        found = [connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar() for t in ("party", "snapshot")]
        assert found == [0, 0]
        assert not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'made_in_passing'").first()


def test_a_session_commits_what_was_only_added(store: Store) -> None:
    with store.session() as session:
        session.add(Party(code="D1", name="人事科", reachable=True))
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT code FROM party").scalar_one() == "D1"


def test_readers_are_not_held_up_by_a_writer(store: Store) -> None:
    with store.writing() as writer, store.reading() as reader:
        writer.exec_driver_sql("INSERT INTO snapshot VALUES ('d', 'policy', '{}')")
        assert reader.exec_driver_sql("SELECT count(*) FROM snapshot").scalar() == 0


# What an office can cure


def test_only_sqlite_is_offered_yet() -> None:
    with pytest.raises(HomeError, match="目前只支持 SQLite") as refusal:
        Store("postgresql://localhost/duban")
    assert "DUBAN_DATABASE_URL" in refusal.value.cure


def test_a_locked_database_is_told_after_the_wait(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "duban.db", isolation_level=None)) as other:
        with store.writing() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 30")  # the pool hands out this connection again
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HomeError, match="正被其他程序占用") as refusal, store.writing():
            pytest.fail("two writers at once")
        assert "duban" in refusal.value.cure
        other.execute("ROLLBACK")
        with store.writing():
            pass


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'nowhere' / 'duban.db'}") as store:
        with pytest.raises(HomeError, match=r"duban\.db 打不开") as refusal:
            store.migrate()
        assert "数据目录" in refusal.value.cure
    assert not (tmp_path / "nowhere").exists()


def test_a_read_only_database_is_told(store: Store, tmp_path: Path) -> None:
    """As on a read-only disk; taking away permissions would not stop root."""
    with opened(f"sqlite:///file:{tmp_path / 'duban.db'}?mode=ro&uri=true") as frozen:
        assert frozen.schema_version() == SCHEMA_HEAD
        with pytest.raises(HomeError, match="不可写"), frozen.writing() as connection:
            connection.exec_driver_sql("INSERT INTO snapshot VALUES ('d', 'policy', '{}')")


def test_a_full_disk_is_told_and_nothing_is_half_written(store: Store) -> None:
    with store.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HomeError, match="磁盘空间不足"), store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO snapshot VALUES ('small', 'policy', '{}')")
        connection.execute(text("INSERT INTO snapshot VALUES ('d', 'policy', :c)"), {"c": "x" * 1_000_000})
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM snapshot").scalar() == 0


@pytest.mark.parametrize("content", [b"PK\x03\x04 a spreadsheet" * 99, b"SQLite format 3\x00" + b"\xff" * 8000])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "duban.db").write_bytes(content)
    with opened(f"sqlite:///{tmp_path / 'duban.db'}") as store:
        with pytest.raises(HomeError, match="已损坏或不是数据库") as refusal:
            store.migrate()
        assert "备份" in refusal.value.cure


def test_a_fault_that_no_office_can_cure_stays_what_it_is(store: Store) -> None:
    with pytest.raises(OperationalError, match="no such table") as fault, store.reading() as connection:
        connection.exec_driver_sql("SELECT 1 FROM no_such_table")
    assert fault.value.__cause__ is not fault.value


# Schema


def test_the_head_is_the_newest_migration() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert script.get_current_head() == SCHEMA_HEAD
    assert script.get_bases() == ["0001"]
    assert known_versions() == {"0001", "0002", "0003", "0004", "0005", "0006"}
    assert SCHEMA_HEAD == "0006"


def test_upgrading_nothing_gives_exactly_what_the_models_say(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'duban.db'}") as store:
        assert store.schema_version() is None
        store.migrate()
        assert store.schema_version() == SCHEMA_HEAD
        with store.reading() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, SQLModel.metadata) == []


def test_checks_and_partial_indexes_are_the_models_too(store: Store, tmp_path: Path) -> None:
    """What alembic does not compare: the SQL of each table and index, as SQLite keeps it."""
    with opened(f"sqlite:///{tmp_path / 'made.db'}") as made:
        with made.writing() as connection:
            SQLModel.metadata.create_all(connection)
        wanted = schema_of(made)
    found = {name: sql for name, sql in schema_of(store).items() if name != "alembic_version"}
    assert found.keys() == wanted.keys()
    for name, sql in wanted.items():
        assert found[name] == sql, name


def schema_of(store: Store) -> dict[str, list[str]]:
    """The clauses of each table and index in a stable order; triggers are the migration's own."""
    query = "SELECT name, sql FROM sqlite_master WHERE type <> 'trigger' AND sql IS NOT NULL"
    with store.reading() as connection:
        return {name: _clauses(sql) for name, sql in connection.exec_driver_sql(query)}


def _clauses(sql: str) -> list[str]:
    lines = sql.replace("\t", "").replace('"', "").splitlines()
    return sorted(" ".join(line.split()).removesuffix(",").strip() for line in lines if line.strip(" ,)"))


def test_an_upgrade_is_all_or_nothing(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'duban.db'}") as store:
        with pytest.raises(RuntimeError), store.writing() as connection:
            upgrade(connection)
            raise RuntimeError
        with store.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0


# From the first schema, with what an office had put into it

# Two parties, three measures and the news of a first run: a row or more in every table there was.
OFFICE_OF_0001 = """
INSERT INTO home VALUES (1, 'live', '00ff', 'duban.local', 'dir1', '2023-03-27 01:00:00.000005');
INSERT INTO lease VALUES ('run', 'boot:7:1', '2023-03-27 01:00:00.000000');
INSERT INTO party VALUES (1, 'D1', '人事科', 1, 1, 0), (2, 'L1', '牵头领导', 1, 1, 0), (3, 'S1', '督办组', 0, 0, 1);
INSERT INTO round VALUES (4, 'R1', '某轮次', '2023-03-25', '2023-06-25');
INSERT INTO run VALUES
  (9, '2023-06-14', '2023-06-14', 2, 0, 2, 'pol1', 'cal1', 'dir1', 'direct', '2023-06-14 00:30:00.000000', NULL),
  (10, '2023-06-15', NULL, 2, 2, 2, 'pol1', 'cal1', 'dir1', 'prefect', '2023-06-15 00:30:00', '2023-06-15 00:31:00');
INSERT INTO snapshot VALUES ('pol1', 'policy', '{"name": "默认阶梯"}');
INSERT INTO feedbackproblem VALUES (5, 4, 1, '反馈问题：一');
INSERT INTO measure VALUES
  (11, 4, 5, 1, '1', '措施一', 1, 2, 'settled', 0, '2023年6月底前', 'date', 'date', '', '2023-06-30', 'in_progress', 3),
  (12, 4, 5, 2, '1/2', '措施二', 1, 2, 'sustained', 1, '长期坚持', 'sustained', 'sustained', '注', NULL, 'drafted', 1),
  (13, 4, 5, 3, '3', '措施三', 1, 2, 'mechanism', 0, '立行立改', 'immediate', 'immediate', '', '2023-04-03',
   'self_checked', 4);
INSERT INTO cooperation VALUES (11, 3), (12, 3);
INSERT INTO event VALUES
  (1, '2023-03-27 01:00:00.000000', '2023-03-27', 'import', NULL, 'zhao', 'G1', '', '', '{"a": 1}', '', 'h1'),
  (2, '2023-03-27 01:00:01.000000', '2023-03-27', 'assign', 11, 'zhao', 'G1', 'drafted', 'assigned', '{}', 'h1', 'h2');
INSERT INTO cycle VALUES
  (21, 11, 1, '2023-03-27', '', NULL, NULL, NULL, NULL),
  (23, 13, 1, '2023-03-27', '已整改', 'zhao', NULL, NULL, NULL);
INSERT INTO deadline VALUES
  (31, 11, 21, 'accept', 1, '2023-03-29', '2023-03-29', '2023-03-27', '2023-03-30', 'late', NULL, 'pol1', 1, 2, 4,
   NULL, '2023-03-27', 2),
  (32, 11, 21, 'complete', 1, '2023-06-30', '2023-06-30', '2023-03-27', NULL, NULL, NULL, 'pol1', 1, 2, 4,
   '2023-06-15', '2023-03-27', 2),
  (33, 13, 23, 'check', 3, '2023-04-10', '2023-04-10', '2023-04-03', NULL, NULL, NULL, 'pol1', 1, 2, 4,
   NULL, '2023-04-03', 2);
INSERT INTO evidence VALUES (41, 23, 'aa00', '报告.docx', 7), (42, 23, 'bb00', '照片.jpg', 9);
INSERT INTO notice VALUES
  (1, 9, 32, '2023-06-30', 'complete/-10wd', 1, 'unit', 'remind', '2023-06-14', NULL),
  (2, 9, 33, '2023-04-10', 'check/+5wd', 3, 'supervision', 'overdue', '2023-06-14', 'no_address');
INSERT INTO message VALUES
  (51, 9, 1, '2023-06-14', 'digest', 'accepted', '[1]', 0, 1, 0, NULL, NULL, '250', '', 1, '2023-06-15', 1, 'x@y'),
  (52, 9, 2, '2023-06-14', 'escalation', 'retry_wait', '[]', 1, 2, 1, NULL, '2023-06-14 01:00:00', '451', 'wait',
   0, NULL, 0, NULL);
INSERT INTO payload VALUES (51, 'cc00', x'E8A1A8');
INSERT INTO attempt VALUES
  (51, 1, 'leased', '2023-06-14 00:31:00', 'boot:7:1', '', ''),
  (51, 1, 'accepted', '2023-06-14 00:32:00', 'boot:7:1', '250', 'queued'),
  (52, 1, 'retry', '2023-06-14 00:32:00', 'boot:7:1', '451', '稍后再试');
INSERT INTO roundparty VALUES (61, 4, 'supervision', 3);
"""
ADDED_SINCE: dict[str, dict[str, object]] = {
    "measure": {"follow_up": "", "percent": None, "progress": "", "part_of": ""},
    "cycle": {
        "opened_seq": 0, "follow_up_reported_by": None, "follow_up_checked_by": None, "exception_id": None,
    },
    "deadline": {"held_days": None, "late_by": None, "taken_up_on": None, "milestone_id": None},
    "evidence": {"kind": "proof", "version": 1, "event_seq": 0},
    "home": {"instance": "", "site": "", "sitting": 0, "taken_over_on": None},
    "run": {"boot": "", "uptime_s": None},
    "payload": {"recipient_digest": ""},
    "message": {"part": 1, "parts": 1, "tries": 0, "received_on": None, "received_by": ""},
    "attempt": {"enhanced": "", "channel": "", "sha256": "", "took_ms": None},
}  # fmt: skip
"""What the new columns hold in rows that were there before."""
MADE_SINCE = {
    "milestone", "singlepersonexception", "standinterm", "saidbefore", "news", "importedrow", "channelgate", "activity",
}  # fmt: skip


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database at the first schema, with real rows in each of its tables."""
    path = tmp_path / "old.db"
    with opened(f"sqlite:///{path}") as store, store.writing() as connection:
        command.upgrade(alembic_config(connection), "0001")
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA foreign_keys=ON")
        raw.executescript(OFFICE_OF_0001)
    return path


Rows = dict[str, list[dict[str, object]]]


def rows_of(path: Path) -> Rows:
    """Every row of every table, by the names of its columns, in a stable order."""
    with closing(sqlite3.connect(path)) as raw:
        raw.row_factory = sqlite3.Row
        tables = [row["name"] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted((dict(row) for row in raw.execute(f"SELECT * FROM {name}")), key=str) for name in tables}


def test_an_office_of_the_first_schema_has_a_row_in_every_table(old: Path) -> None:
    rows = rows_of(old)
    assert len(rows) == 19
    assert [name for name, found in rows.items() if not found] == []
    assert rows["alembic_version"] == [{"version_num": "0001"}]


def test_an_upgrade_keeps_every_row(old: Path) -> None:
    before = rows_of(old)
    with opened(f"sqlite:///{old}") as store:
        assert store.schema_version() == "0001"
        store.migrate()
        assert store.schema_version() == SCHEMA_HEAD
    after = rows_of(old)
    assert after.keys() - before.keys() == MADE_SINCE
    assert all(after[name] == [] for name in MADE_SINCE)
    before["alembic_version"] = [{"version_num": SCHEMA_HEAD}]
    for name, rows in before.items():
        assert after[name] == with_new_columns(name, rows), name


def with_new_columns(table: str, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    added = ADDED_SINCE.get(table, {})
    if table == "party":
        return [{**row, "addressed": row["reachable"], "addresses_digest": ""} for row in rows]
    return [{**row, **added} for row in rows]


def test_an_upgraded_database_is_what_a_new_one_is(old: Path, store: Store) -> None:
    """Its tables, indexes and triggers, down to the clauses."""
    with opened(f"sqlite:///{old}") as upgraded:
        upgraded.migrate()
        assert schema_of(upgraded) == schema_of(store)
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    with closing(sqlite3.connect(old)) as raw, store.reading() as connection:
        found = raw.execute(triggers).fetchall()
        assert found == [tuple(row) for row in connection.exec_driver_sql(triggers)]
        assert len(found) == 9


def test_foreign_keys_hold_after_an_upgrade(old: Path) -> None:
    """They are off while tables are made anew; on the same connection too they are on again."""
    with opened(f"sqlite:///{old}") as store:
        store.migrate()
        with store.writing() as connection:
            assert pragmas(connection) == PRAGMAS
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        for statement in (
            "UPDATE measure SET unit_id = 99 WHERE id = 11",
            "UPDATE deadline SET milestone_id = 99 WHERE id = 31",
            "DELETE FROM measure WHERE id = 11",
            "DELETE FROM cycle WHERE id = 23",
            "DELETE FROM message WHERE id = 51",
        ):
            with pytest.raises(IntegrityError, match="FOREIGN KEY"), store.writing() as connection:
                connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET person = 'qian' WHERE seq = 1",
        "DELETE FROM event WHERE seq = 2",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1",
        "UPDATE attempt SET code = '550'",
        "DELETE FROM attempt",
    ],
)
def test_the_record_is_append_only_after_an_upgrade(old: Path, statement: str) -> None:
    with opened(f"sqlite:///{old}") as store:
        store.migrate()
        with pytest.raises(IntegrityError, match="append-only"), store.writing() as connection:
            connection.exec_driver_sql(statement)


SPOILT = [
    ("UPDATE deadline SET held_on = '2023-06-01' WHERE id = 32", IntegrityError, "days_when_held"),
    ("UPDATE cycle SET closed_by_lead = 'qian', closed_by_head = 'qian' WHERE id = 23", IntegrityError, "is_another"),
    ("CREATE INDEX ix_news_measure_id ON party (name)", OperationalError, "already exists"),
    ("CREATE TABLE news (id INTEGER)", OperationalError, "already exists"),
    ("CREATE TABLE importedrow (id INTEGER)", OperationalError, "already exists"),
    ("PRAGMA foreign_keys=OFF; DELETE FROM round", RuntimeError, "8 rows without what they refer to"),
]
"""What makes an upgrade fail: on the way, in its last step, and when foreign keys are looked at in the end."""


@pytest.mark.parametrize(("spoil", "error", "match"), SPOILT, ids=[row[0].partition(" SET")[0] for row in SPOILT])
def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    old: Path, spoil: str, error: type[Exception], match: str
) -> None:
    with closing(sqlite3.connect(old)) as raw:
        raw.executescript(spoil)
    before = rows_of(old)
    with opened(f"sqlite:///{old}") as store:
        schema = schema_of(store)
        with pytest.raises(error, match=match):
            store.migrate()
        assert store.schema_version() == "0001"
        assert schema_of(store) == schema
        with store.writing() as connection:
            assert pragmas(connection) == PRAGMAS
    assert rows_of(old) == before


def test_an_upgrade_that_was_killed_is_made_by_the_next_program(old: Path) -> None:
    """kill -9 in the middle: the tables lie half made in the journal, and the next one finds them as they were."""
    before, url = rows_of(old), f"sqlite:///{old}"
    killed = (
        "import os, sys; from models.store.engine import Store; from models.migrations.upgrade import upgrade\n"
        "with Store(sys.argv[1])._upgrading() as connection: upgrade(connection); os.kill(os.getpid(), 9)"
    )
    assert run_all(killed, url, times=1) == [-9]
    assert rows_of(old) == before
    with opened(url) as store:
        store.migrate()
    assert rows_of(old)["measure"] == with_new_columns("measure", before["measure"])


def test_migrating_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    before = (tmp_path / "duban.db").read_bytes()
    store.migrate()
    assert (tmp_path / "duban.db").read_bytes() == before


@pytest.mark.parametrize("name", ["new.db", "old.db"])
def test_two_programs_may_migrate_at_once(tmp_path: Path, old: Path, name: str) -> None:
    program = "import sys; from models.store.engine import Store; s = Store(sys.argv[1]); s.migrate(); s.close()"
    url = f"sqlite:///{tmp_path / name}"
    assert run_all(program, url, times=2) == [0, 0]
    with opened(url) as store:
        assert store.schema_version() == SCHEMA_HEAD
    assert len(rows_of(tmp_path / name)["measure"]) == (3 if name == old.name else 0)


def test_data_of_a_newer_duban_is_left_alone(store: Store, tmp_path: Path) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / "duban.db").read_bytes()
    with pytest.raises(HomeError, match="由更新版本的 duban 建立（结构版本 9999）") as refusal:
        store.migrate()
    assert "请升级 duban" in refusal.value.cure
    assert (tmp_path / "duban.db").read_bytes() == before


# Column types

COLUMNS = [column for table in SQLModel.metadata.sorted_tables for column in table.columns]


def test_no_column_drops_a_zone_or_cuts_a_day() -> None:
    """A plain DateTime would be stored naive; a plain Date would silently cut a datetime."""

    def holds(column: Column[object], kind: type) -> bool:
        return isinstance(getattr(column.type, "impl", column.type), kind)

    moments = [column for column in COLUMNS if holds(column, DateTime)]
    days = [column for column in COLUMNS if holds(column, Date)]
    assert [str(column) for column in moments if not isinstance(column.type, UTCDateTime)] == []
    assert [str(column) for column in days if not isinstance(column.type, PlainDate)] == []
    assert (len(moments) > 6, len(days) > 14) == (True, True)


def test_a_moment_comes_back_aware_and_a_naive_one_is_refused(store: Store) -> None:
    at = datetime(2023, 6, 26, 0, 30, 0, 5, tzinfo=UTC)

    def home(created_at: datetime) -> Home:
        return Home(mode=HomeMode.LIVE, message_key="00", message_domain="x", created_at=created_at)

    with pytest.raises(StatementError, match="timezone"), store.session() as session:
        session.add(home(at.replace(tzinfo=None)))
    with store.session() as session:
        session.add(home(at))
    with store.session() as session:
        assert session.get_one(Home, 1).created_at == at


def test_a_datetime_is_no_day(store: Store) -> None:
    on_day = select(MESSAGE.c.id).where(MESSAGE.c.on_day == datetime(2023, 6, 26, tzinfo=UTC))
    with pytest.raises(StatementError, match="datetime was given for a day"), store.reading() as connection:
        connection.execute(on_day)


# Words: refused by the type for those who use it, and by a CHECK for whoever writes

WORDS = [
    ("message", "state", "sent"),
    ("message", "state", "PLANNED"),
    ("message", "kind", "remind"),
    ("measure", "state", "done"),
    ("measure", "closure", ""),
    ("measure", "limit_kind", "soon"),
    ("deadline", "stage", "lunch"),
    ("deadline", "outcome", "overdue"),
    ("notice", "role", "boss"),
    ("notice", "kind", "digest"),
    ("notice", "unsaid", "forgotten"),
    ("roundparty", "role", "boss"),
    ("home", "mode", "test"),
    ("news", "role", "boss"),
    ("news", "kind", "digest"),
    ("news", "unsaid", "forgotten"),
    ("evidence", "kind", "photo"),
    ("activity", "kind", "dinner"),
]
MORE_ROWS = """
INSERT INTO news (event_seq, measure_id, party_id, role, kind, on_day)
  SELECT max(seq), 1, 1, 'unit', 'assigned', '2023-06-26' FROM event;
INSERT INTO evidence (cycle_id, sha256, name, size, kind, version, event_seq) VALUES (1, 'aa', '报告', 7, 'rule', 1, 1);
INSERT INTO singlepersonexception (person, granted_by, reason, since, until, event_seq)
  SELECT 'a', 'h', '人手少', '2023-06-26', '2023-06-26', max(seq) FROM event;
INSERT INTO standinterm (party_id, stand_in_id, since, until, event_seq)
  SELECT 1, 2, '2023-06-26', '2023-06-26', max(seq) FROM event;
INSERT INTO activity (round_id, kind, on_day, title, note, event_seq)
  SELECT min(id), 'meeting', '2023-06-26', '督办会', '', (SELECT max(seq) FROM event) FROM round;
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a row in every table that a word or a row is tried on."""
    folder = tmp_path_factory.mktemp("filled")
    with an_outbox(folder) as outbox:
        outbox.message()
        path = Path(shutil.copy(outbox.database, folder / "filled.db"))
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA foreign_keys=ON")
        raw.executescript(MORE_ROWS)
        raw.execute("DROP TRIGGER message_moves")  # the checks alone are tried here
    return path


@pytest.mark.parametrize(("table", "column", "word"), WORDS)
def test_a_word_that_does_not_exist_is_refused(filled: Path, table: str, column: str, word: str) -> None:
    with closing(sqlite3.connect(filled)) as raw:
        assert raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0
        with pytest.raises(sqlite3.IntegrityError, match=f"CHECK constraint failed: {column}_known"):
            raw.execute(f"UPDATE {table} SET {column} = ?{', stopped_on = opened_on' * (column == 'outcome')}", (word,))


def test_a_line_of_delivery_says_what_happened_in_known_words(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as raw:
        names = "message_id, n, phase, at, owner, code, reason, enhanced, channel, sha256"
        row = f"INSERT INTO attempt ({names}) VALUES (1, 1, ?, '', '', '', '', '', '', '')"
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed: phase_known"):
            raw.execute(row, ("sent",))
        assert raw.execute(row, ("leased",)).rowcount == 1


def test_every_closed_set_of_words_was_tried() -> None:
    checked = {
        (table.name, column.name)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        for constraint in table.constraints
        if constraint.name == f"{column.name}_known"
    }
    assert checked == {(table, column) for table, column, _ in WORDS} | {("attempt", "phase")}


# A table, what is written into all its rows, and the check that refuses it; without one it may be.
EDITS = [
    ("deadline", "stopped_on = opened_on", "outcome_when_stopped"),
    ("deadline", "outcome = 'met'", "outcome_when_stopped"),
    ("deadline", "stopped_on = opened_on, outcome = 'met'", ""),
    ("deadline", "armed_on = '2000-01-01'", "armed_after_opening"),
    ("deadline", "held_on = opened_on", "days_when_held"),
    ("deadline", "held_days = -3", "days_when_held"),
    ("deadline", "held_on = opened_on, held_days = -3", ""),
    ("deadline", "late_by = 2", "late_by_when_late"),
    ("deadline", "stopped_on = opened_on, outcome = 'met', late_by = 2", "late_by_when_late"),
    ("deadline", "stopped_on = opened_on, outcome = 'late', late_by = 2", ""),
    ("deadline", "stopped_on = opened_on, outcome = 'late'", ""),
    ("home", "id = 2", "one_row"),
    ("measure", "percent = -1", "percent_in_range"),
    ("measure", "percent = 101", "percent_in_range"),
    ("measure", "percent = 0", ""),
    ("measure", "percent = 100", ""),
    ("measure", "unit_id = NULL", "parties_once_assigned"),
    ("measure", "lead_id = NULL", "parties_once_assigned"),
    ("measure", "unit_id = NULL, lead_id = NULL, state = 'drafted'", ""),
    ("measure", "unit_id = NULL, lead_id = NULL, state = 'withdrawn'", ""),
    ("message", "run_id = NULL", "run_unless_action"),
    ("message", "kind = 'action'", "run_unless_action"),
    ("message", "run_id = NULL, kind = 'action'", ""),
    ("standinterm", "stand_in_id = party_id", "by_another"),
    ("standinterm", "until = '2023-06-25'", "until_after_since"),
    ("standinterm", "until = '2023-06-27'", ""),
    ("singlepersonexception", "reason = ''", "reason_given"),
    ("singlepersonexception", "until = '2023-06-25'", "until_after_since"),
    ("singlepersonexception", "until = NULL", ""),
    ("singlepersonexception", "ended_on = since", ""),
    ("standinterm", "ended_on = since", ""),
    ("activity", "title = ''", "title_given"),
    ("activity", "withdrawn_seq = event_seq", "withdrawn_after_logging"),
    ("activity", "withdrawn_seq = event_seq + 1", ""),
]


@pytest.mark.parametrize(("table", "edit", "check"), EDITS)
def test_a_row_that_cannot_be_is_refused(filled: Path, table: str, edit: str, check: str) -> None:
    with closing(sqlite3.connect(filled)) as raw:
        statement = f"UPDATE {table} SET {edit}"
        if not check:
            assert raw.execute(statement).rowcount > 0
            return
        with pytest.raises(sqlite3.IntegrityError, match=f"CHECK constraint failed: {check}$"):
            raw.execute(statement)


def test_every_check_was_tried() -> None:
    checks = {
        str(constraint.name)
        for table in SQLModel.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) and not str(constraint.name).endswith("_known")
    }
    assert checks == {check for _, _, check in EDITS if check} | {check for *_, check in DUTIES if check}


def test_an_activity_is_withdrawn_and_never_deleted(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as raw, pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        raw.execute("DELETE FROM activity")


def test_news_of_one_event_are_told_to_a_party_once(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as raw, pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        raw.execute("INSERT INTO news (event_seq, measure_id, party_id, role, kind, on_day) "
                    "SELECT event_seq, measure_id, party_id, role, 'held', on_day FROM news")  # fmt: skip


def test_messages_that_actions_cause_are_not_counted_by_run(filled: Path) -> None:
    """They have none: a party may have any number of them."""
    action = """
        INSERT INTO message (party_id, on_day, kind, state, notice_ids, address_no, attempts, ambiguous, code, reason,
                             frozen, counted, part, parts, tries, received_by)
        VALUES (1, '2023-06-26', 'action', 'planned', '[1]', 0, 0, 0, '', '', 0, 0, 1, 1, 0, '')"""
    with closing(sqlite3.connect(filled)) as raw:
        assert [raw.execute(action).rowcount for _ in range(2)] == [1, 1]


# Who submitted, verified, closed for lead and head, reported and checked the follow-up: the check that refuses this
# cycle; without one it may be. With the head's exception any of them may.
DUTIES = [
    ("a", None, None, None, None, None, ""),
    ("a", "b", None, None, None, None, ""),
    ("a", "b", "c", None, None, None, ""),
    ("a", "b", "c", "d", None, None, ""),
    ("a", "b", None, "d", None, None, ""),
    ("a", "b", "c", "d", "a", "b", ""),  # who submitted may report, who verified may check
    ("a", "b", "c", "d", "a", None, ""),
    (None, None, None, None, "a", "b", ""),
    ("a", "a", None, None, None, None, "verifier_is_another"),
    ("a", "a", "c", "d", None, None, "verifier_is_another"),
    ("a", "b", "a", None, None, None, "closing_lead_is_another"),
    ("a", "b", "b", None, None, None, "closing_lead_is_another"),
    ("a", "b", "c", "a", None, None, "closing_head_is_another"),
    ("a", "b", "c", "b", None, None, "closing_head_is_another"),
    ("a", "b", None, "b", None, None, "closing_head_is_another"),
    ("a", "b", "c", "c", None, None, "closing_head_is_another"),
    (None, None, "c", "c", None, None, "closing_head_is_another"),
    ("a", "b", "c", "d", "e", "e", "follow_up_checker_is_another"),
    (None, None, None, None, "e", "e", "follow_up_checker_is_another"),
]
DUTY_COLUMNS = ("submitted_by", "verified_by", "closed_by_lead", "closed_by_head", "follow_up_reported_by",
                "follow_up_checked_by")  # fmt: skip


@pytest.mark.parametrize("excepted", [False, True], ids=["", "excepted"])
@pytest.mark.parametrize("duties", DUTIES)
def test_the_table_keeps_duties_apart(filled: Path, duties: tuple[str | None, ...], excepted: bool) -> None:
    *persons, check = duties
    with closing(sqlite3.connect(filled)) as raw:
        raw.execute("PRAGMA foreign_keys=ON")
        statement = f"UPDATE cycle SET {', '.join(f'{name} = ?' for name in DUTY_COLUMNS)}, exception_id = ?"
        values = [*persons, 1 if excepted else None]
        if excepted or not check:
            assert raw.execute(statement, values).rowcount > 0
            return
        with pytest.raises(sqlite3.IntegrityError, match=f"CHECK constraint failed: {check}$"):
            raw.execute(statement, values)


def test_an_exception_that_a_cycle_names_is_one_there_is(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as raw:
        raw.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            raw.execute("UPDATE cycle SET exception_id = 99")
