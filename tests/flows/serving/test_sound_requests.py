"""What would stop Prefect's server for good is refused at its door; a busy database is asked again."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from flows.serving.own_pages import Message, Receive, Send
from flows.serving.sound_requests import MOST_BYTES, SoundRequests


class FakeApplication:
    """Answers with these statuses in turn, and keeps what it was asked."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.bodies = list(statuses), list[bytes]()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.bodies.append((await receive())["body"])
        status = self.statuses.pop(0)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": str(status).encode()})
        if status >= 500:
            raise LookupError("as Prefect's own does, after it has answered")


def answered(application: FakeApplication, parts: Sequence[bytes], method: str = "POST") -> list[tuple[int, str]]:
    """The answers that a request gets: one, with its text."""
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts[:-1]]
    coming.append({"type": "http.request", "body": parts[-1], "more_body": False})
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    door = SoundRequests(application, waits_s=(0.0, 0.0))
    asyncio.run(door({"type": "http", "method": method}, receive, send))
    starts = [one["status"] for one in sent if one["type"] == "http.response.start"]
    return list(zip(starts, [one["body"].decode() for one in sent if one["type"] == "http.response.body"], strict=True))


def of(content: Any) -> bytes:
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "body", [of({"form": {"measures": ["1"]}}), b"", b"no json", of({"n": 2**63}), of("\U0001f600"), b"[" * 9_000]
)
def test_what_can_be_kept_or_is_prefects_to_refuse_goes_on_whole(body: bytes) -> None:
    application = FakeApplication(201)
    assert answered(application, [body[:3], body[3:]]) == [(201, "201")]
    assert application.bodies == [body]


@pytest.mark.parametrize(
    "body",
    [of({"form": {"by": "\ud800"}}), of({"\udfff": 1}), of([{"version": 10**20}]), of(-(10**30))],
    ids=["half a character", "as a name", "a number of 67 bits", "a negative one"],
)
def test_what_could_never_be_read_again_is_refused_in_chinese(body: bytes) -> None:
    application = FakeApplication(201)
    ((status, said),) = answered(application, [body])
    assert status == 422
    assert "未受理" in said
    assert application.bodies == []


def test_what_is_too_large_is_refused_without_being_read_to_its_end() -> None:
    ((status, said),) = answered(FakeApplication(201), [b"x" * MOST_BYTES, b"xx", b"never read"])
    assert (status, "过大" in said) == (413, True)


def test_a_busy_database_is_asked_again() -> None:
    application = FakeApplication(503, 503, 201)
    assert answered(application, [b"{}"]) == [(201, "201")]
    assert application.bodies == [b"{}"] * 3


def test_one_that_stays_busy_is_told_so() -> None:
    application = FakeApplication(503, 503, 503)
    with pytest.raises(LookupError):
        answered(application, [b"{}"])
    assert application.bodies == [b"{}"] * 3


def test_a_fault_is_not_tried_again() -> None:
    application = FakeApplication(500, 201)
    with pytest.raises(LookupError):
        answered(application, [b"{}"])
    assert application.statuses == [201]


def test_reading_is_not_looked_into() -> None:
    assert answered(FakeApplication(200), [of("\ud800")], method="GET") == [(200, "200")]
