"""Opens the database: connections, transactions, durability settings, schema version. Nothing of the domain.

Two engines on one file: readers BEGIN, writers BEGIN IMMEDIATE, since a transaction that reads first and writes
later loses updates or fails at once. SQLite releases with the WAL-reset bug keep a rollback journal instead.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import Session

from models.errors import HomeError

SCHEMA_HEAD = "0006"
"""The newest migration in models/migrations/versions; a test holds the two together."""
_WAL_SAFE_FROM = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
BUSY_MS = 10_000
"""How long a transaction waits for one that another process holds."""


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """False for releases whose WAL can lose commits when two connections reset it (fixed in 3.44.6, 3.50.7, 3.51.3)."""
    line_fixed = {fixed[:2]: fixed for fixed in _WAL_SAFE_FROM}
    fixed = line_fixed.get(version[:2])
    return version >= fixed if fixed else version > max(_WAL_SAFE_FROM)


def _prepare_sqlite(connection: Any, busy_ms: int) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    journal, synchronous = ("WAL", "FULL") if wal_is_safe() else ("DELETE", "EXTRA")
    for pragma in (
        f"busy_timeout={busy_ms}",
        f"journal_mode={journal}",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "trusted_schema=OFF",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _engine(url: str, begin: str, busy_ms: int) -> Engine:
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _record: _prepare_sqlite(connection, busy_ms))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


class Store:
    """A database, opened. `reading()` and `writing()` each give one transaction on one connection."""

    def __init__(self, url: str, busy_ms: int = BUSY_MS) -> None:
        if make_url(url).get_backend_name() != "sqlite":
            raise HomeError(
                "目前只支持 SQLite 数据库。",
                "请去掉环境变量 DUBAN_DATABASE_URL，或改为 sqlite:/// 开头的地址。",
            )
        self.url = url
        self._reader = _engine(url, "BEGIN", busy_ms)
        self._writer = _engine(url, "BEGIN IMMEDIATE", busy_ms)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._guarded(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._guarded(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def line(self) -> Iterator[Connection]:
        """A kept connection for many short write transactions: `with line.begin(): …`. Saves a fifth of a
        millisecond each against `writing()`."""
        with self._guarded(), self._writer.connect() as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A write transaction seen through the ORM; committed at the end, rolled back on any error."""
        with self.writing() as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    def refusal(self, error: Exception) -> HomeError | None:
        """What an office can do about a fault of the database; None where it cannot cure it."""
        return _explained(error, self.url) if isinstance(error, DatabaseError) else None

    def free_bytes(self) -> int:
        """How much room is left on the disk that the database is on."""
        return shutil.disk_usage(Path(make_url(self.url).database or ".").absolute().parent).free

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    def schema_version(self) -> str | None:
        """The migration the database stands at; None for an empty one."""
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def migrate(self) -> None:
        """Brings the schema to SCHEMA_HEAD, in one transaction. Costs nothing where it stands there already."""
        if self.schema_version() == SCHEMA_HEAD:
            return
        from models.migrations.upgrade import known_versions, upgrade

        found = self.schema_version()
        if found is not None and found not in known_versions():
            raise HomeError(
                f"数据库由更新版本的 duban 建立（结构版本 {found}），当前程序只认识到 {SCHEMA_HEAD}。",
                "请升级 duban 后再用；不要用旧程序打开新数据。",
            )
        with self._upgrading() as connection:
            upgrade(connection)

    @contextmanager
    def _upgrading(self) -> Iterator[Connection]:
        """A write transaction in which tables may be made anew: foreign keys are off, and checked at its end."""
        with self._guarded(), self._writer.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=OFF")  # before BEGIN: inside a transaction it does nothing
            try:
                with connection.begin():
                    yield connection
                    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                        raise RuntimeError(f"the upgrade left {len(broken)} rows without what they refer to")
            finally:
                raw.execute("PRAGMA foreign_keys=ON")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            if explained := _explained(error, self.url):
                raise explained from error
            raise


def _explained(error: DatabaseError, url: str) -> HomeError | None:
    """The Chinese sentence for what an office can cure; None for any other fault, which stays what it is."""
    place = Path(make_url(url).database or "").name
    said = str(error.orig)
    if "not a database" in said or "malformed" in said:
        return HomeError(f"数据库 {place} 已损坏或不是数据库。", "请停止使用该环境，从备份恢复数据目录。")
    if not isinstance(error, OperationalError):
        return None
    if "locked" in said:
        return HomeError(
            "数据库正被其他程序占用，等候超时。",
            "请稍候再试；若长时间如此，请检查是否有未结束的 duban 进程。",
        )
    if "readonly" in said or "unable to open" in said or "disk I/O error" in said:
        return HomeError(
            f"数据库 {place} 打不开或不可写。", "请检查数据目录是否存在、当前用户是否有写权限、磁盘是否正常。"
        )
    if "full" in said:
        return HomeError("磁盘空间不足，数据未写入。", "请清理磁盘后重试。")
    return None
