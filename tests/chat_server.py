"""A server for tests that speaks as chat robots and webhooks do: real sockets on 127.0.0.1, faults on request.

In a test: `with ChatServer(log) as server`. On its own, so that it outlives a kill -9 of the sender:
`python -m tests.chat_server LOGFILE [ROBOT=SECRET …]`, which prints its port as its first line and serves until it is
killed. A message is on the disk before its reply leaves: the log is the truth about what was taken.
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests import faulty_server

WECOM, DINGTALK, FEISHU, WEBHOOK = "wecom", "dingtalk", "feishu", "webhook"

HANG = "hang"  # takes nothing, and says nothing until the server closes
RESET = "reset"  # takes nothing; the connection is reset once the request was read
RESET_UNREAD = "reset unread"  # the same, before a byte of the request is read
TAKE_AND_RESET = "take and reset"  # takes it, then the connection is reset without a word
TAKE_AND_HANG = "take and hang"
TAKE_AND_BREAK = "take and break"  # takes it; the connection is reset in the middle of the reply
TAKE_AND_DRIP = "take and drip"  # takes it; the reply never ends, one byte at a time
SLOW = "slow"  # the usual, half a second late
ECHO = "echo"  # takes nothing, and says back in its refusal all that the request said
ECHO_PARTS = "echo parts"  # the same, each part of the address by itself


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in place of the usual one. `takes`: whether the message counts as taken all the same."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    takes: bool = False

    @classmethod
    def code(cls, errcode: int, said: str = "no") -> Self:
        """What a robot says that refuses: HTTP 200, and its code in the body. All robots' keys at once."""
        return cls(body=json.dumps({"errcode": errcode, "errmsg": said, "code": errcode, "msg": said}))


class Fault(faulty_server.Fault[str | Reply]):
    """What to do with requests to `at` (a robot, or "" for any): one of the words above, or a reply."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that was taken. `key` is its Idempotency-Key, `words` all that it says, `body` the JSON as sent."""

    at: str
    token: str
    key: str
    words: str
    body: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came, taken or not."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


def read_log(log: Path) -> list[Taken]:
    """What a server took, in order."""
    return faulty_server.read(log, Taken)


class ChatServer(faulty_server.FaultyServer[str | Reply, Taken]):
    """Listens from its making until `close`. `secrets` by robot: its requests must bear a right signature."""

    def __init__(
        self,
        log: Path | None = None,
        faults: Sequence[Fault] = (),
        *,
        secrets: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(log, faults)
        self.requests: list[Request] = []
        self.secrets = dict(secrets or {})
        self._server = _Server(self, tls)
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def taken(self) -> list[Taken]:
        return self.kept

    @property
    def connections(self) -> int:
        return self._server.connections

    def close(self) -> None:
        """Stops listening, ends hangs, and waits for what has already arrived."""
        self.closing.set()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
        self.close_log()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for them
    block_on_close = True

    def __init__(self, chat: ChatServer, tls: ssl.SSLContext | None) -> None:
        self.chat = chat
        self.tls = tls
        self.connections = 0
        super().__init__(("127.0.0.1", 0), _Session)

    def get_request(self) -> tuple[socket.socket, Any]:
        sock, address = super().get_request()
        self.connections += 1
        return sock, address

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The handshake in the connection's own thread, so that a client that sends nothing holds up nobody."""
        try:
            if self.tls:
                request.settimeout(5)
                request = self.tls.wrap_socket(request, server_side=True)
        except OSError:
            self.shutdown_request(request)
            return
        super().process_request_thread(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Session(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 20  # seconds; a client that sends nothing must not keep `close` waiting for ever

    def do_POST(self) -> None:
        chat = self.server.chat
        url = urlsplit(self.path)
        at = _robot_of(url.path)
        fault = chat.fault_at(at)
        if fault == RESET_UNREAD:
            self._reset()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        request = Request("POST", url.path, query, dict(self.headers.items()), body)
        chat.requests.append(request)
        self._answer(at, request, fault)

    def do_GET(self) -> None:
        """Where a redirect was followed: recorded, and never right."""
        self.server.chat.requests.append(Request("GET", self.path, {}, dict(self.headers.items()), b""))
        self._say(Reply(405))

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""

    def _answer(self, at: str, request: Request, fault: str | Reply | None) -> None:
        usual, taken = _judged(at, request, self.server.chat.secrets.get(at, ""))
        if taken and (fault is None or fault == SLOW or _takes(fault)):
            self.server.chat.keep(taken)
        if fault == SLOW:
            self.server.chat.closing.wait(0.5)
        if isinstance(fault, Reply):
            self._say(fault)
        elif fault is None or fault == SLOW:
            self._say(usual)
        else:
            self._misbehave(fault, usual)

    def _misbehave(self, fault: str, usual: Reply) -> None:
        if fault in {HANG, TAKE_AND_HANG}:
            self.server.chat.closing.wait()
            self.close_connection = True
        elif fault == TAKE_AND_BREAK:
            self.connection.sendall(_as_bytes(usual)[: len(_as_bytes(usual)) // 2])
            time.sleep(0.02)  # lets the half reply arrive before the reset
            self._reset()
        elif fault == TAKE_AND_DRIP:
            self._drip()
        elif fault == ECHO:
            self._say(_refusal(_robot_of(urlsplit(self.path).path), f"{self.path} {dict(self.headers.items())}"))
        elif fault == ECHO_PARTS:
            self._say(Reply.code(40001, " ".join(_parts(self.path, dict(self.headers.items())))))
        else:
            self._reset()

    def _drip(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Patience: ")
            while not self.server.chat.closing.wait(0.02):
                self.connection.sendall(b"x")

    def _say(self, reply: Reply) -> None:
        self.close_connection = True
        self.connection.sendall(_as_bytes(reply))

    def _reset(self) -> None:
        """RST in place of FIN."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The plain socket's method, on a TLS socket too; the reader's and writer's hold on it must go first.
        self.rfile.close()
        self.wfile.close()
        self.connection.close()


def _takes(fault: str | Reply) -> bool:
    return fault.takes if isinstance(fault, Reply) else fault.startswith("take ")


def _as_bytes(reply: Reply) -> bytes:
    body = reply.body.encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Connection": "close", **reply.headers}
    if reply.status != 204:
        headers.setdefault("Content-Length", str(len(body)))
    lines = [f"HTTP/1.1 {reply.status} Said", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _robot_of(path: str) -> str:
    if path.endswith("/cgi-bin/webhook/send"):
        return WECOM
    if path.endswith("/robot/send"):
        return DINGTALK
    return FEISHU if "/open-apis/bot/v2/hook/" in path else WEBHOOK


def _judged(at: str, request: Request, secret: str) -> tuple[Reply, Taken | None]:
    """What the real robot would say: its code, and the message where it takes it."""
    try:
        content = json.loads(request.body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return _refusal(at, "body is no JSON object"), None
    words, size, limit = _content(at, content, len(request.body))
    if size > limit:
        return _refusal(at, f"{size} bytes, at most {limit}"), None
    if secret and not _is_signed(at, request, content, secret):
        return _refusal(at, "sign not match"), None
    token = request.query.get("key") or request.query.get("access_token") or request.path.rpartition("/")[2]
    key = next((value for name, value in request.headers.items() if name.lower() == "idempotency-key"), "")
    said = {"code": 0, "msg": "success"} if at == FEISHU else {"errcode": 0, "errmsg": "ok"}
    return Reply(body=json.dumps(said)), Taken(at, token, key, words, request.body.decode())


def _parts(target: str, headers: Mapping[str, str]) -> list[str]:
    """What an address is made of, as a server takes it apart: login, own headers, query, path."""
    url = urlsplit(target)
    coded = headers.get("Authorization", "").removeprefix("Basic ")
    login = base64.b64decode(coded).decode()
    own = [value for name, value in headers.items() if name.startswith("X-")]
    return [*login.split(":"), *own, *(value for _, value in parse_qsl(url.query)), *url.path.split("/")[1:]]


_CODES = {WECOM: 40058, DINGTALK: 310000, FEISHU: 19021, WEBHOOK: 400}
_KINDS = {
    WECOM: {"markdown": ("content", 4096), "text": ("content", 2048)},
    DINGTALK: {"markdown": ("text", 20_000), "text": ("content", 20_000)},
}


def _refusal(at: str, said: str) -> Reply:
    return Reply(400, said) if at == WEBHOOK else Reply.code(_CODES[at], said)


def _content(at: str, content: Mapping[str, Any], size: int) -> tuple[str, int, int]:
    """The words of a message, the bytes that its robot counts, and how many of them it allows."""
    if at == FEISHU:
        return str(content.get("content", {}).get("text", "")), size, 20_480
    if at == WEBHOOK:
        return str(content.get("text", "")), size, 1 << 20
    kind = str(content.get("msgtype", ""))
    if kind not in _KINDS[at]:
        return "", 1, 0
    field_name, limit = _KINDS[at][kind]
    words = str(content.get(kind, {}).get(field_name, ""))
    return words, len(words.encode()) if at == WECOM else size, limit


def _is_signed(at: str, request: Request, content: Mapping[str, Any], secret: str) -> bool:
    """Whether the request bears the signature of its robot's documents, not older than an hour."""
    stamp = str(content.get("timestamp") if at == FEISHU else request.query.get("timestamp"))
    sign = content.get("sign") if at == FEISHU else request.query.get("sign")
    told = f"{stamp}\n{secret}".encode()
    key, message = (told, b"") if at == FEISHU else (secret.encode(), told)
    right = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    seconds = int(stamp) / (1 if at == FEISHU else 1000) if stamp.isdigit() else 0.0
    return sign == right and abs(time.time() - seconds) < 3600  # noqa: TID251 - the robots' own clock


def main() -> None:
    """Serves until killed; every message taken is a line of the log file named by the first argument."""
    secrets = dict(argument.split("=", 1) for argument in sys.argv[2:])
    with ChatServer(Path(sys.argv[1]), secrets=secrets) as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
