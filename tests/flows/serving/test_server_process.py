"""The port of the service and the start of its server: what is in the way is told in one sentence, nothing is left."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from flows.prefect_settings import note_server
from flows.serving.environment import prepare_service
from flows.serving.logfile import server_log
from flows.serving.server_process import started_server, take_port
from models.errors import RunRefused, UsageRefused
from models.store.owners import process_name
from tests.flows.test_prefect_settings import web_server
from tests.served_offices import living, note_of, until

NOBODY = 65534


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "prefect").mkdir()
    return tmp_path


def refused(home: Path, port: int) -> RunRefused:
    with pytest.raises(RunRefused) as refusal:
        take_port(home, port)
    assert "换一个端口" in refusal.value.cure
    return refusal.value


# --- The port


def test_a_free_port_is_taken_on_this_machine_alone(home: Path) -> None:
    with closing(take_port(home, 0)) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert refused(home, listening.getsockname()[1])


def test_a_port_taken_by_some_program(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert refused(home, port).zh == f"端口 {port} 已被另一个程序占用。"


def test_a_port_taken_by_another_prefect(home: Path) -> None:
    with web_server(200) as port:
        assert "已被另一个 Prefect 服务占用" in refused(home, port).zh


def test_the_server_of_before_is_given_time_to_end(home: Path) -> None:
    """After kill -9 of a service its server goes at once, but not before the next is started by a quick hand."""
    listen = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)"
    command = [sys.executable, "-c", f"{listen}; time.sleep(1)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as dying:
        assert dying.stdout
        port = int(dying.stdout.readline())
        note_server(home, f"http://127.0.0.1:{port}/api", process_name(dying.pid))
        take_port(home, port).close()


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Who may use no port below 1024, also where root runs the tests."""
    before = os.geteuid()
    os.seteuid(NOBODY if before == 0 else before)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_port_that_ordinary_users_may_not_use(home: Path) -> None:
    with an_ordinary_user(), pytest.raises(UsageRefused, match="没有权限使用端口 80"):
        take_port(home, 80)


# --- The start


def start(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts a server of this home, waits until it answers, and ends it."""
    with monkeypatch.context() as patch, take_port(home, 0) as listening:
        env: dict[str, str] = {}
        prepare_service(home, listening.getsockname()[1], env)
        for name, value in env.items():
            patch.setenv(name, value)
        patch.setenv("PREFECT_SERVER_DATABASE_TIMEOUT", "1")
        with started_server(home, listening) as server:
            server.wait_until_it_answers()
            assert note_of(home) == {"api_url": env["PREFECT_API_URL"], "owner": process_name(server.child.pid)}


def failed(home: Path, monkeypatch: pytest.MonkeyPatch) -> RunRefused:
    with pytest.raises(RunRefused) as refusal:
        start(home, monkeypatch)
    until(lambda: not living(home), "the server was left")
    assert note_of(home) is None
    return refusal.value


@pytest.mark.prefect
def test_a_database_of_prefect_that_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "prefect" / "prefect.db").write_bytes(b"no database" * 1000)
    refusal = failed(home, monkeypatch)
    assert refusal.zh == f"Prefect 的数据库 {home / 'prefect' / 'prefect.db'} 已损坏。"
    assert "整改台账和办理记录不在其中" in refusal.cure


@pytest.mark.prefect
def test_a_database_of_prefect_that_is_locked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(home / "prefect" / "prefect.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("CREATE TABLE held (by TEXT)")
        other.execute("BEGIN EXCLUSIVE")
        assert "正被其他程序占用" in failed(home, monkeypatch).zh


@pytest.mark.prefect
def test_a_server_that_does_not_start_for_another_reason_names_its_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_DEFAULT_LIMIT", "many")
    refusal = failed(home, monkeypatch)
    assert (refusal.zh, refusal.cure) == ("Prefect 服务没有启动起来。", f"原因见日志 {server_log(home)}。")
    assert "default_limit" in server_log(home).read_text(encoding="utf-8").lower()
