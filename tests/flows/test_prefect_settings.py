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

from flows.prefect_settings import prepare_prefect, server_answers

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
