"""What Prefect is told before it is imported, and whether a server is there to be asked."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from flows.prefect_settings import (
    api_url,
    forget_server,
    note_server,
    prefect_home,
    prepare_prefect,
    served_at,
    server_answers,
)
from models.store.owners import this_process

HOME = Path("/srv/of/an/office")


def test_prefect_keeps_to_the_home_and_to_itself() -> None:
    env: dict[str, str] = {}
    prepare_prefect(HOME, env)
    assert env["PREFECT_HOME"] == str(HOME / "prefect")
    assert (env["PREFECT_SERVER_ANALYTICS_ENABLED"], env["DO_NOT_TRACK"]) == ("false", "1")
    assert env["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] == "120"


def test_what_an_office_has_set_stays() -> None:
    env = {"PREFECT_HOME": "/elsewhere", "PREFECT_LOGGING_LEVEL": "DEBUG"}
    prepare_prefect(HOME, env)
    assert (env["PREFECT_HOME"], env["PREFECT_LOGGING_LEVEL"]) == ("/elsewhere", "DEBUG")


def test_the_environment_of_the_process_is_meant_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    try:
        prepare_prefect(HOME)
        assert os.environ["PREFECT_HOME"] == str(HOME / "prefect")
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]


class _Health(BaseHTTPRequestHandler):
    """Answers /api/health as `status` says, anything else with 404."""

    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def web_server(status: int) -> Iterator[int]:
    """A server on this machine, by its port."""
    with HTTPServer(("127.0.0.1", 0), type("Health", (_Health,), {"status": status})) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "path", "answers"),
    [(200, "/api", True), (200, "/api/", True), (200, "", False), (503, "/api", False)],
)
def test_a_server_is_there_when_its_health_is_good(status: int, path: str, answers: bool) -> None:
    with web_server(status) as port:
        assert server_answers(f"http://127.0.0.1:{port}{path}") is answers


def test_something_that_is_no_web_server_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"220 mail.example.cn ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        assert not server_answers(f"http://127.0.0.1:{listening.getsockname()[1]}/api")
        thread.join()


@pytest.mark.parametrize(
    "url",
    [None, "", "nonsense", "http://", "http://127.0.0.1:port/api", "http://127.0.0.1:99999/api", "http://[::1", "file:///"],
)  # fmt: skip
def test_what_is_no_address_has_no_server(url: str | None) -> None:
    assert not server_answers(url)


def test_a_closed_port_has_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert not server_answers(f"http://127.0.0.1:{port}/api")


# --- Which server


SERVED, OTHER = "http://127.0.0.1:4200/api", "http://prefect.example.cn/api"
DEAD = "0f0f0f0f-0000-0000-0000-000000000000:1:1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    prefect_home(tmp_path).mkdir()
    return tmp_path


def test_the_server_that_a_home_started_is_found_while_it_lives(home: Path) -> None:
    assert api_url(home, {}) is None
    note_server(home, SERVED, this_process())
    assert (served_at(home), api_url(home, {})) == (SERVED, SERVED)
    note_server(home, SERVED, DEAD)
    assert (served_at(home), api_url(home, {})) == (None, None)


def test_a_server_that_the_environment_names_goes_first(home: Path) -> None:
    note_server(home, SERVED, this_process())
    assert api_url(home, {"PREFECT_API_URL": OTHER}) == OTHER
    assert api_url(home, {"PREFECT_API_URL": ""}) == SERVED


def test_a_server_that_was_stopped_is_forgotten(home: Path) -> None:
    note_server(home, SERVED, this_process())
    forget_server(home)
    forget_server(home)
    assert served_at(home) is None
    assert list(prefect_home(home).iterdir()) == []


@pytest.mark.parametrize("noted", ["", "{", "[]", "1", '{"api_url": "x"}', '{"owner": "x"}', "\x00"])
def test_a_note_that_cannot_be_read_names_no_server(home: Path, noted: str) -> None:
    (prefect_home(home) / "service.json").write_text(noted, encoding="utf-8")
    assert served_at(home) is None
