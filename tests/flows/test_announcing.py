"""What happened is told to a Prefect server that answers; nobody waits for one that does not."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from flows.announcing import announce, announcement_of
from flows.office import Office, open_office
from models.handling.assignment import accept, assign
from models.store.events import Happened, since
from tests.handling_fixtures import GENERAL, UNIT, Line, act, new_home, refused, take_in

MONDAY = date(2023, 3, 27)
HAPPENED = Happened(
    seq=7, at=datetime(2023, 3, 27, 1, tzinfo=UTC), on_day=MONDAY, action="accept", party="D1", from_state="assigned",
    to_state="in_progress", hash="ab" * 32, no="1-2", round_code="2023",
)  # fmt: skip


@dataclass
class FakeServer:
    """Speaks the two requests of Prefect's API that are used here. `health` and `answer` are its statuses."""

    health: int = 200
    answer: int = 204
    silent_s: float = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(server: FakeServer) -> Iterator[FakeServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            time.sleep(server.silent_s)
            self._give(server.health)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.events += json.loads(body)
            self._give(server.answer)

        def _give(self, status: int) -> None:
            server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_port}/api"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


@contextmanager
def office_with(folder: Path, server: str = "") -> Iterator[Office]:
    with open_office(new_home(folder / "home", PREFECT_API_URL=server)) as office:
        yield office


def test_an_event_names_the_measure_and_says_no_more_than_codes() -> None:
    event = announcement_of(HAPPENED)
    assert event["event"] == "duban.measure.accept"
    assert event["resource"]["prefect.resource.id"] == "duban.measure.2023/1-2"
    assert event["payload"] == {
        "seq": 7, "action": "accept", "action_zh": "签收", "measure": "1-2", "round": "2023", "party": "D1",
        "on": "2023-03-27", "from_state": "assigned", "to_state": "in_progress", "to_state_zh": "整改中",
    }  # fmt: skip
    assert (event["occurred"], UUID(event["id"]).version) == ("2023-03-27T01:00:00+00:00", 5)


@pytest.mark.parametrize(("event", "zh"), [("activity_logged", "登记活动"), ("activity_withdrawn", "撤销活动")])
def test_an_activity_is_of_the_office_and_has_its_name(event: str, zh: str) -> None:
    said = announcement_of(replace(HAPPENED, action=event, no="", round_code="", from_state="", to_state=""))
    assert (said["event"], said["payload"]["action_zh"]) == (f"duban.office.{event}", zh)
    assert said["resource"]["prefect.resource.id"] == "duban.office"


def test_the_same_line_of_the_record_is_the_same_event() -> None:
    assert announcement_of(HAPPENED)["id"] == announcement_of(replace(HAPPENED, no="2"))["id"]
    assert announcement_of(HAPPENED)["id"] != announcement_of(replace(HAPPENED, hash="cd" * 32))["id"]


def test_every_action_is_told_where_a_server_answers(tmp_path: Path) -> None:
    with serving(FakeServer()) as server, office_with(tmp_path, server.url) as office:
        take_in(office, Line("1"), Line("2"))
        act(office, MONDAY, assign, "1", GENERAL)
        act(office, MONDAY, accept, "1", UNIT)
        with office.store.reading() as connection:
            happened = since(connection, 0)
    told = [(event["event"], event["payload"]["measure"], event["payload"]["seq"]) for event in server.events]
    assert told == [(f"duban.{'measure' if one.no else 'office'}.{one.action}", one.no, one.seq) for one in happened]
    assert [event["payload"]["action"] for event in server.events][-2:] == ["assign", "accept"]


def test_what_was_refused_did_not_happen(tmp_path: Path) -> None:
    with serving(FakeServer()) as server, office_with(tmp_path, server.url) as office:
        take_in(office, Line("1"))
        before = len(server.events)
        with refused(office, "签收"):
            act(office, MONDAY, accept, "1", UNIT)
        assert len(server.events) == before


def test_without_a_server_nothing_is_asked_and_nothing_is_logged(tmp_path: Path) -> None:
    with office_with(tmp_path) as office:
        take_in(office, Line("1"))
        act(office, MONDAY, assign, "1", GENERAL)
        assert not office.settings.log.exists()


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}/api"


def test_a_server_that_is_not_there_costs_no_time_and_no_action(tmp_path: Path) -> None:
    with office_with(tmp_path, closed_port()) as office:
        take_in(office, Line("1"))
        began = time.monotonic()
        act(office, MONDAY, assign, "1", GENERAL)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "server",
    [FakeServer(health=503), FakeServer(answer=500), FakeServer(answer=401), FakeServer(silent_s=3)],
    ids=["not well", "broken", "wants a password", "hangs"],
)
def test_a_server_that_does_not_take_them_does_not_undo_what_was_done(tmp_path: Path, server: FakeServer) -> None:
    with serving(server):
        began = time.monotonic()
        assert not announce(server.url, [announcement_of(HAPPENED)], {})
        assert time.monotonic() - began < 2.9


def test_a_server_that_hangs_is_waited_for_once_and_not_for_each_measure(tmp_path: Path) -> None:
    lines = [Line(str(n)) for n in range(1, 7)]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
        with office_with(tmp_path, url) as office:
            began = time.monotonic()
            take_in(office, *lines)
            for line in lines:
                act(office, MONDAY, assign, line.no, GENERAL)
            assert time.monotonic() - began < 4


def test_a_password_is_given_in_prefects_own_way() -> None:
    with serving(FakeServer()) as server:
        assert announce(server.url, [announcement_of(HAPPENED)], {"PREFECT_API_AUTH_STRING": "office:secret"})
    assert server.asked[-1] == ("POST", "/api/events", "Basic b2ZmaWNlOnNlY3JldA==")


@pytest.mark.parametrize("url", ["", "nonsense", "http://", "http://127.0.0.1:port/api", "file:///x"])
def test_what_is_no_address_has_no_server(url: str) -> None:
    assert not announce(url, [announcement_of(HAPPENED)], {})
