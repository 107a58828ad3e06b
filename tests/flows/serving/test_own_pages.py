"""Which requests the server hears at all: programs of this machine and its own pages, no other page's."""

import asyncio
from typing import Any

import pytest

from flows.serving.own_pages import Message, OwnPagesOnly, Receive, Send

OWN = "127.0.0.1:4200"


async def application(scope: Message, receive: Receive, send: Send) -> None:
    await send({"type": "heard", "kind": scope["type"]})


def answered(kind: str, headers: dict[str, str], port: int = 4200) -> list[Any]:
    sent: list[Any] = []

    async def ask() -> None:
        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request"}

        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        await OwnPagesOnly(application, port)({"type": kind, "headers": given}, receive, send)

    asyncio.run(ask())
    return sent


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": OWN},
        {"host": "localhost:4200"},
        {"host": OWN, "origin": f"http://{OWN}"},
        {"host": OWN, "origin": "http://localhost:4200"},
    ],
)
def test_programs_and_own_pages_are_heard(kind: str, headers: dict[str, str]) -> None:
    assert answered(kind, headers) == [{"type": "heard", "kind": kind}]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": OWN, "origin": "https://evil.example"},
        {"host": OWN, "origin": "null"},
        {"host": OWN, "origin": "http://127.0.0.1:8000"},
        {"host": "evil.example"},
        {"host": "evil.example:4200"},
        {},
    ],
)
def test_other_pages_and_other_names_are_refused(headers: dict[str, str]) -> None:
    start, body = answered("http", headers)
    assert (start["status"], body["body"].decode()) == (403, "只接受本机页面的请求。")
    (closed,) = answered("websocket", headers)
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)


def test_the_beginning_and_the_end_of_the_server_pass() -> None:
    assert answered("lifespan", {}) == [{"type": "heard", "kind": "lifespan"}]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:80"])
def test_on_port_80_the_port_may_be_left_out(host: str) -> None:
    for headers in ({"host": host}, {"host": host, "origin": f"http://{host}"}):
        assert answered("http", headers, 80) == [{"type": "heard", "kind": "http"}]
    assert answered("http", {"host": "evil.example"}, 80)[0]["status"] == 403
    if ":" not in host:
        assert answered("http", {"host": host})[0]["status"] == 403
