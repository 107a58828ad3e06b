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
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Date, DateTime, select, text
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
    assert SCHEMA_HEAD in known_versions()


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


def test_migrating_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    before = (tmp_path / "duban.db").read_bytes()
    store.migrate()
    assert (tmp_path / "duban.db").read_bytes() == before


def test_two_programs_may_migrate_at_once(tmp_path: Path) -> None:
    program = "import sys; from models.store.engine import Store; s = Store(sys.argv[1]); s.migrate(); s.close()"
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    assert run_all(program, url, times=2) == [0, 0]
    with opened(url) as store:
        assert store.schema_version() == SCHEMA_HEAD


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
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a row in every table that a word is tried on."""
    folder = tmp_path_factory.mktemp("filled")
    with an_outbox(folder) as outbox:
        outbox.message()
        return Path(shutil.copy(outbox.database, folder / "filled.db"))


@pytest.mark.parametrize(("table", "column", "word"), WORDS)
def test_a_word_that_does_not_exist_is_refused(filled: Path, table: str, column: str, word: str) -> None:
    with closing(sqlite3.connect(filled)) as raw:
        assert raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0
        with pytest.raises(sqlite3.IntegrityError, match=f"CHECK constraint failed: {column}_known"):
            raw.execute(f"UPDATE {table} SET {column} = ?{', stopped_on = opened_on' * (column == 'outcome')}", (word,))


def test_a_line_of_delivery_says_what_happened_in_known_words(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as raw:
        row = "INSERT INTO attempt (message_id, n, phase, at, owner, code, reason) VALUES (1, 1, ?, '', '', '', '')"
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


@pytest.mark.parametrize("edit", ["stopped_on = opened_on", "outcome = 'met'", "armed_on = '2000-01-01'"])
def test_a_clock_that_cannot_be_is_refused(filled: Path, edit: str) -> None:
    with closing(sqlite3.connect(filled)) as raw, pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        raw.execute(f"UPDATE deadline SET {edit}")


def test_a_home_has_one_row(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as raw, pytest.raises(sqlite3.IntegrityError, match="one_row"):
        raw.execute("UPDATE home SET id = 2")


# submitted_by, verified_by, closed_by_lead, closed_by_head: may this cycle be?
DUTIES = [
    ("a", None, None, None, True),
    ("a", "b", None, None, True),
    ("a", "b", "c", None, True),
    ("a", "b", "c", "d", True),
    ("a", "b", "c", "c", True),  # lead and head may be one person; that is the rules' matter, not the table's
    ("a", "a", None, None, False),
    ("a", "b", "a", None, False),
    ("a", "b", "b", None, False),
    ("a", "b", "c", "a", False),
    ("a", "b", "c", "b", False),
    ("a", "a", "c", "d", False),
]


@pytest.mark.parametrize("duties", DUTIES)
def test_the_table_keeps_duties_apart(filled: Path, duties: tuple[str | None, ...]) -> None:
    *persons, may_be = duties
    columns = ("submitted_by", "verified_by", "closed_by_lead", "closed_by_head")
    with closing(sqlite3.connect(filled)) as raw:
        statement = f"UPDATE cycle SET {', '.join(f'{name} = ?' for name in columns)}"
        if may_be:
            assert raw.execute(statement, persons).rowcount > 0
            return
        with pytest.raises(sqlite3.IntegrityError, match="is_another"):
            raw.execute(statement, persons)
