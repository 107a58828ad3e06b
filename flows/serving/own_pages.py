"""Refuses what another web page asks of the server through its user's browser. The server knows no passwords.

A browser names the page it acts for in Origin, and the name it was given for the server in Host: both must be this
server's own. Programs on this machine send no Origin and are let through.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_REFUSAL = "只接受本机页面的请求。"
_POLICY_VIOLATION = 1008
_HTTP = 80
"""The port that a browser leaves out."""


class OwnPagesOnly:
    """The application, for requests of its own pages and of programs."""

    def __init__(self, application: Application, port: int) -> None:
        self._application = application
        names = ("127.0.0.1", "localhost")
        self._hosts = {f"{name}:{port}".encode() for name in names}
        if port == _HTTP:
            self._hosts |= {name.encode() for name in names}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and self._is_foreign(dict(scope["headers"])):
            if scope["type"] == "http":
                await refuse(403, _REFUSAL, send)
            else:
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await self._application(scope, receive, send)

    def _is_foreign(self, headers: dict[bytes, bytes]) -> bool:
        origin = headers.get(b"origin")
        return headers.get(b"host") not in self._hosts or (origin is not None and origin not in self._origins)


async def refuse(status: int, sentence: str, send: Send) -> None:
    """Answers a request with a sentence instead of handing it on."""
    text = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
