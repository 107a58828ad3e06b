"""Stands before Prefect's server: refuses what it would store and could never read again, and asks again where busy.

Half a character or a number beyond 64 bits is taken by Prefect's database and refused by its answers, so that one such
form would blank its pages, and stop its runs, for good. And its small database answers 503 where two write at once.
"""

import asyncio
import json
from collections.abc import Sequence

import orjson

from flows.serving.own_pages import Application, Message, Receive, Send, refuse

MOST_BYTES = 8_000_000
WAITS_S = (0.1, 0.2, 0.4, 0.8, 1.6)
"""How long to wait between tries where the database is busy, as Prefect's own client does."""
_BUSY = 503
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_UNSOUND = (422, "请求中有残缺的字符或过大的数，未受理；请改正后重新提交。")
_TOO_LARGE = (413, "请求内容过大，未受理；请减少内容后重新提交。")


class SoundRequests:
    """The application, for requests whose content can be kept. What is written is tried again while it is busy."""

    def __init__(self, application: Application, waits_s: Sequence[float] = WAITS_S) -> None:
        self._application = application
        self._waits_s = waits_s

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _WRITES:
            await self._application(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return  # whoever asked has gone
        if refusal := _refusal(body):
            await refuse(*refusal, send)
            return
        for wait_s in (*self._waits_s, None):
            held = _Held(send, lets_busy_through=wait_s is None)
            try:
                await self._application(dict(scope), _replaying(body, receive), held)
            except Exception:
                if not held.was_busy:  # else it was answered with 503, and raised again for the server's log
                    raise
            if not held.was_busy:
                return
            await asyncio.sleep(wait_s or 0)


class _Held:
    """Passes an answer on, but keeps one that says busy to itself."""

    def __init__(self, send: Send, lets_busy_through: bool) -> None:
        self._send, self._lets_busy_through = send, lets_busy_through
        self.was_busy = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.was_busy = message["status"] == _BUSY and not self._lets_busy_through
        if not self.was_busy:
            await self._send(message)


async def _body(receive: Receive) -> bytes | None:
    """The whole content, or of what is too large as much as shows it; None where the connection ended before."""
    parts: list[bytes] = []
    while sum(map(len, parts)) <= MOST_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def _refusal(body: bytes) -> tuple[int, str] | None:
    """Why a content is not let through. What is no JSON at all is Prefect's to refuse."""
    if len(body) > MOST_BYTES:
        return _TOO_LARGE
    try:
        content = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
    try:
        orjson.dumps(content)
    except (TypeError, ValueError):  # what Prefect answers with, and what fails there
        return _UNSOUND
    return None


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Gives the content once more, and then whatever comes."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once
