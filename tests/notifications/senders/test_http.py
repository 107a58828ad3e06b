"""Robots and webhooks against a real server on loopback: what each fault means, and what the server took."""

import base64
import hashlib
import hmac
import html
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from notifications.addresses import Channel, Hook, Robot
from notifications.outcome import Letter, Outcome, OutcomeKind
from notifications.senders.http import HttpSender
from notifications.senders.http_exchange import HTTP_PATIENCE, HttpPatience, Target, may_be_called
from notifications.words.letters import idempotency_key
from tests.certificates import expired, of_another_host, sound, trusting
from tests.chat_server import (
    DINGTALK,
    FEISHU,
    HANG,
    RESET,
    RESET_UNREAD,
    TAKE_AND_BREAK,
    TAKE_AND_DRIP,
    TAKE_AND_HANG,
    TAKE_AND_RESET,
    WEBHOOK,
    WECOM,
    ChatServer,
    Fault,
    Reply,
    Taken,
    read_log,
)

ACCEPTED, REJECTED, PAUSED = OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.PAUSED
UNKNOWN, FENCED = OutcomeKind.UNKNOWN, OutcomeKind.FENCED
QUICK = HttpPatience(connect=0.5, command=0.4, total=0.8)
TOKEN, SECRET = "t0ken-canary", "SECcanary"
CONTENT = {
    WECOM: {"msgtype": "markdown", "markdown": {"content": "整改提醒 〔编号 7〕"}},
    DINGTALK: {"msgtype": "markdown", "markdown": {"title": "整改提醒", "text": "整改提醒 〔编号 7〕"}},
    FEISHU: {"msg_type": "text", "content": {"text": "整改提醒 〔编号 7〕"}},
    WEBHOOK: {"text": "整改提醒 〔编号 7〕", "items": []},
}
PATHS = {
    WECOM: f"/cgi-bin/webhook/send?key={TOKEN}",
    DINGTALK: f"/robot/send?access_token={TOKEN}",
    FEISHU: f"/open-apis/bot/v2/hook/{TOKEN}",
}
ROBOTS = (WECOM, DINGTALK, FEISHU)
ALL = (*ROBOTS, WEBHOOK)


class Marks:
    """A mark that notes what the server had heard when it was asked."""

    def __init__(self, server: ChatServer, answer: bool = True) -> None:
        self.server = server
        self.answer = answer
        self.asked: list[tuple[int, int]] = []

    def __call__(self) -> bool:
        self.asked.append((self.server.connections, len(self.server.requests)))
        return self.answer


def destination(server: ChatServer, at: str, secret: str = "") -> Robot | Hook:
    if at == WEBHOOK:
        return Hook("127.0.0.1", server.port, f"{server.url}/hook/{TOKEN}", (("Authorization", f"Bearer {TOKEN}"),))
    return Robot(Channel(at), at, server.url + PATHS[at], secret, is_listed=True)


def letter(at: str) -> Letter:
    return Letter("<m1@duban.local>", json.dumps(CONTENT[at], ensure_ascii=False).encode(), "", "")


def hand_over(
    server: ChatServer,
    at: str,
    secret: str = "",
    patience: HttpPatience = QUICK,
    mark: Callable[[], bool] = lambda: True,
) -> Outcome:
    return HttpSender(destination(server, at, secret), patience).hand_over(letter(at), mark)


def test_each_takes_a_message_and_says_so(tmp_path: Path) -> None:
    with ChatServer(tmp_path / "log") as server:
        for at in ALL:
            marks = Marks(server)
            before = len(server.requests)
            outcome = hand_over(server, at, mark=marks)
            assert (outcome.kind, outcome.code) == (ACCEPTED, "0"), at
            # The marker came once, between the connection and the first byte of the request.
            assert [heard for _, heard in marks.asked] == [before]
    key = idempotency_key("<m1@duban.local>")
    assert [(taken.at, taken.token, taken.key) for taken in read_log(tmp_path / "log")] == [
        (WECOM, TOKEN, ""), (DINGTALK, TOKEN, ""), (FEISHU, TOKEN, ""), (WEBHOOK, TOKEN, key),
    ]  # fmt: skip
    assert all(taken.words == "整改提醒 〔编号 7〕" for taken in read_log(tmp_path / "log"))


def test_a_closed_fence_lets_no_byte_through() -> None:
    with ChatServer() as server:
        for at in ALL:
            assert hand_over(server, at, mark=lambda: False).kind is FENCED
        assert (server.requests, server.taken) == ([], [])


def test_what_the_marker_raises_passes_through_and_nothing_leaves() -> None:
    def locked() -> bool:
        raise OSError("database is locked")

    with ChatServer() as server, pytest.raises(OSError, match="locked"):
        hand_over(server, WECOM, mark=locked)
    assert server.requests == []


@pytest.mark.parametrize("at", [DINGTALK, FEISHU])
def test_signed_requests_are_taken_and_others_are_not(at: str) -> None:
    with ChatServer(secrets={at: SECRET}) as server:
        assert hand_over(server, at, SECRET).kind is ACCEPTED
        assert hand_over(server, at, "another").kind is REJECTED
        assert hand_over(server, at).kind is REJECTED
        assert len(server.taken) == 1
        sent = json.loads(server.requests[0].body)
    assert {name: value for name, value in sent.items() if name not in {"timestamp", "sign"}} == CONTENT[at]


def test_a_webhook_hears_its_headers_and_the_same_key_for_every_copy() -> None:
    with ChatServer() as server:
        for _ in range(2):
            assert hand_over(server, WEBHOOK).kind is ACCEPTED
        first, second = (request.headers for request in server.requests)
    assert first["Idempotency-Key"] == second["Idempotency-Key"] == idempotency_key("<m1@duban.local>")
    assert (first["Authorization"], first["Content-Type"]) == (f"Bearer {TOKEN}", "application/json; charset=utf-8")
    assert TOKEN not in server.taken[0].body


NOT_TAKEN: list[str] = []
WAS_TAKEN = ["整改提醒 〔编号 7〕"]


@pytest.mark.parametrize("at", ALL)
@pytest.mark.parametrize(
    ("do", "kind", "code", "taken"),
    [
        (RESET_UNREAD, UNKNOWN, "lost", NOT_TAKEN),
        (RESET, UNKNOWN, "lost", NOT_TAKEN),
        (TAKE_AND_RESET, UNKNOWN, "lost", WAS_TAKEN),
        (TAKE_AND_BREAK, UNKNOWN, "lost", WAS_TAKEN),
        (Reply(301, headers={"Location": "/elsewhere"}), REJECTED, "redirect", NOT_TAKEN),
        (Reply(307, headers={"Location": "/elsewhere"}), REJECTED, "redirect", NOT_TAKEN),
        (Reply(400, "bad"), REJECTED, "400", NOT_TAKEN),
        (Reply(401), REJECTED, "401", NOT_TAKEN),
        (Reply(404), REJECTED, "404", NOT_TAKEN),
        (Reply(408), PAUSED, "408", NOT_TAKEN),
        (Reply(429), PAUSED, "429", NOT_TAKEN),
        (Reply(500, takes=True), UNKNOWN, "500", WAS_TAKEN),
        (Reply(502, takes=True), UNKNOWN, "502", WAS_TAKEN),
        (Reply(503), PAUSED, "503", NOT_TAKEN),
        (Reply(504, takes=True), UNKNOWN, "504", WAS_TAKEN),
        (Reply(200, "<html>欢迎</html>", {"Content-Type": "text/html"}), UNKNOWN, "no code", NOT_TAKEN),
        (Reply(200, "x" * 100_000, takes=True), UNKNOWN, "garbled", WAS_TAKEN),
        (Reply.code(99999), REJECTED, "99999", NOT_TAKEN),  # a code nobody knows is never an acceptance
    ],
)  # fmt: skip
def test_what_each_fault_means_and_what_was_taken(
    at: str, do: str | Reply, kind: OutcomeKind, code: str, taken: list[str]
) -> None:
    with ChatServer(faults=[Fault(at, do)]) as server:
        outcome = hand_over(server, at, patience=HTTP_PATIENCE)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert [one.words for one in server.taken] == taken
    assert len(server.requests) <= 1, "no redirect is followed, and nothing is sent twice"


@pytest.mark.parametrize(("do", "taken"), [(HANG, NOT_TAKEN), (TAKE_AND_HANG, WAS_TAKEN), (TAKE_AND_DRIP, WAS_TAKEN)])
def test_every_wait_ends_however_it_drips(do: str, taken: list[str]) -> None:
    with ChatServer(faults=[Fault("", do)]) as server:
        began = monotonic()
        outcome = hand_over(server, WECOM)
        assert monotonic() - began < 1.5
    assert (outcome.kind, outcome.code) == (UNKNOWN, "timeout")
    assert [one.words for one in server.taken] == taken


@pytest.mark.parametrize(
    ("at", "code", "kind", "asked"),
    [
        (WECOM, 45009, PAUSED, None),
        (WECOM, -1, PAUSED, None),
        (WECOM, 40058, REJECTED, None),
        (WECOM, 93000, REJECTED, None),
        (DINGTALK, 130101, PAUSED, 600.0),
        (DINGTALK, 310000, REJECTED, None),
        (DINGTALK, 300001, REJECTED, None),
        (FEISHU, 11232, PAUSED, None),
        (FEISHU, 19021, REJECTED, None),
        (FEISHU, 19024, REJECTED, None),
        (FEISHU, 9499, REJECTED, None),
        (FEISHU, 2200, UNKNOWN, None),
    ],
)
def test_a_robots_code_in_a_200_is_what_counts(at: str, code: int, kind: OutcomeKind, asked: float | None) -> None:
    with ChatServer(faults=[Fault(at, Reply.code(code, "said so"))]) as server:
        outcome = hand_over(server, at)
    assert (outcome.kind, outcome.code, outcome.retry_after) == (kind, str(code), asked)
    assert outcome.reason.endswith("：said so")
    assert server.taken == []


def test_a_server_that_refuses_before_it_has_heard_all_is_heard() -> None:
    """It answers and closes while a long request is still on its way."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hook = Hook("127.0.0.1", port := listener.getsockname()[1], f"http://127.0.0.1:{port}/")
        long = Letter("<m1@x>", b"{" + b" " * 4_000_000 + b"}", "", "")
        kept: list[socket.socket] = []

        def refuse() -> bool:
            sock, _ = listener.accept()
            sock.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            sock.shutdown(socket.SHUT_WR)
            kept.append(sock)
            return True

        outcome = HttpSender(hook, HttpPatience(0.5, 0.3, 0.6)).hand_over(long, refuse)
        for sock in kept:
            sock.close()
    assert (outcome.kind, outcome.code) == (REJECTED, "413")


# Before the first byte: proved unsent, and the channel's own fault


def test_a_closed_port_is_the_channels_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    robot = Robot(Channel.WECOM, "wecombot", f"http://127.0.0.1:{port}/cgi-bin/webhook/send?key=k", is_listed=True)
    outcome = HttpSender(robot, QUICK).hand_over(letter(WECOM), pytest.fail)
    assert (outcome.kind, outcome.code) == (PAUSED, "refused")


def nobody(*_: object, **__: object) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def at_address(address: str, port: int = 443) -> Callable[..., Any]:
    """A resolver that knows one address for every name."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    place = (address, port, 0, 0) if ":" in address else (address, port)
    return lambda *_, **__: [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)]


def test_a_name_nobody_knows_is_the_channels_fault() -> None:
    robot = Robot(Channel.WECOM, "wecombot", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k")
    outcome = HttpSender(robot, QUICK, look_up=nobody).hand_over(letter(WECOM), pytest.fail)
    assert (outcome.kind, outcome.code) == (PAUSED, "dns")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "172.31.2.3", "172.31.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fd00::1", "fe80::1", "::ffff:127.0.0.1", "::ffff:172.31.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_a_makers_name_that_leads_inside_is_not_called(address: str) -> None:
    robot = Robot(Channel.WECOM, "wecombot", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k")
    outcome = HttpSender(robot, QUICK, look_up=at_address(address)).hand_over(letter(WECOM), pytest.fail)
    assert (outcome.kind, outcome.code) == (PAUSED, "address")


@pytest.mark.parametrize(
    ("host", "address", "is_listed", "may"),
    [
        ("open.feishu.cn", "1.2.3.4", False, True),
        ("oa.example.cn", "172.31.2.3", True, True),  # a listed name in the office's own network
        ("oa.example.cn", "fd00::1", True, True),
        ("oa.example.cn", "127.0.0.1", True, False),  # but not this machine, unless just that was written
        ("oa.example.cn", "169.254.169.254", True, False),
        ("127.0.0.1", "127.0.0.1", True, True),
        ("localhost", "127.0.0.1", True, True),
        ("localhost", "172.31.0.1", False, False),
        ("2130706433", "127.0.0.1", True, False),  # an address in a disguise
        ("::1", "::1", True, True),
        ("127.0.0.1", "127.0.0.2", True, False),
    ],
)
def test_where_a_host_may_lie(host: str, address: str, is_listed: bool, may: bool) -> None:
    shown = f"[{host}]" if ":" in host else host
    assert may_be_called(Target.of(f"https://{shown}/", is_listed), address) is may


def test_plain_http_is_for_listed_hosts_only() -> None:
    with ChatServer() as server:
        robot = Robot(Channel.WECOM, "wecombot", server.url + PATHS[WECOM])
        outcome = HttpSender(robot, QUICK).hand_over(letter(WECOM), pytest.fail)
    assert (outcome.kind, outcome.code, server.connections) == (PAUSED, "address", 0)


def test_under_tls_with_a_certificate_one_can_trust() -> None:
    with ChatServer(tls=sound()) as server:
        robot = Robot(Channel.WECOM, "wecombot", server.url + PATHS[WECOM], is_listed=True)
        assert HttpSender(robot, QUICK, trusting()).hand_over(letter(WECOM), lambda: True).kind is ACCEPTED
        assert len(server.taken) == 1


@pytest.mark.parametrize("certificate", [sound, expired, of_another_host])
def test_a_certificate_one_cannot_trust_ends_it_before_a_byte_is_said(certificate: Callable[[], Any]) -> None:
    with ChatServer(tls=certificate()) as server:
        robot = Robot(Channel.WECOM, "wecombot", server.url + PATHS[WECOM], is_listed=True)
        tls = None if certificate is sound else trusting()
        outcome = HttpSender(robot, QUICK, tls).hand_over(letter(WECOM), pytest.fail)
    assert (outcome.kind, outcome.code, server.requests) == (PAUSED, "tls", [])


def test_a_handshake_that_hangs_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}{PATHS[WECOM]}"
        robot = Robot(Channel.WECOM, "wecombot", url, is_listed=True)
        began = monotonic()
        outcome = HttpSender(robot, QUICK, trusting()).hand_over(letter(WECOM), pytest.fail)
    assert (outcome.kind, outcome.code) == (PAUSED, "timeout")
    assert monotonic() - began < 1.5


def test_an_address_that_hangs_does_not_hide_the_next() -> None:
    with ChatServer(tls=sound()) as server, socket.create_server(("127.0.0.1", 0)) as silent:
        ports = silent.getsockname()[1], server.port
        places = [place for port in ports for place in at_address("127.0.0.1", port)()]
        robot = Robot(Channel.WECOM, "wecombot", f"https://localhost{PATHS[WECOM]}", is_listed=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE  # its certificate names no name
        sender = HttpSender(robot, QUICK, tls, look_up=lambda *_, **__: places)
        assert sender.hand_over(letter(WECOM), lambda: True).kind is ACCEPTED


# Secrets


def test_no_secret_shows_in_a_reason_a_repr_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    told = f"no {TOKEN} {SECRET} here"
    shown = []
    for at in ALL:
        for reply in (Reply.code(1, told), Reply(403, told), Reply(429, told), Reply(200, told)):
            with ChatServer(faults=[Fault(at, reply)]) as server:
                to = destination(server, at, "" if at in {WECOM, WEBHOOK} else SECRET)
                shown += [
                    repr(to),
                    repr(HttpSender(to)),
                    repr(HttpSender(to, QUICK).hand_over(letter(at), lambda: True)),
                ]
    assert all(TOKEN not in text for text in (*shown, caplog.text))
    assert SECRET not in repr([text for text in shown if "dingtalk" in text or "feishu" in text])


def test_no_part_of_an_address_is_said_back_however_the_server_spells_it() -> None:
    parts = {
        "user": "canary-us/er",
        "pass": "canary+pass",
        "header": "canary&header",
        "query": "canary?汉",
        "path": "canary-p",
    }
    coded = base64.b64encode(f"{parts['user']}:{parts['pass']}".encode()).decode()
    headers = (("Authorization", f"Basic {coded}"), ("X-Key", f"Token {parts['header']}"))
    asked = urlencode({"key": parts["query"], "v": "1", "canary-alone": ""})
    for said in (*parts.values(), coded, "canary-alone", f"/hooks/{parts['path']}?{asked}"):
        spelled = [said, quote(said, safe=""), json.dumps(said), html.escape(said), said.upper(), "\u200b".join(said)]
        replies = [Reply.code(1, told) for told in spelled] + [Reply(403, told) for told in spelled]
        with ChatServer(faults=[Fault(WEBHOOK, reply, 1) for reply in replies]) as server:
            url = f"{server.url}/hooks/{parts['path']}?{asked}"
            sender = HttpSender(Hook("127.0.0.1", server.port, url, headers), QUICK)
            reasons = [sender.hand_over(letter(WEBHOOK), lambda: True).reason for _ in replies]
        assert all("***" in reason and "canary" not in reason.lower() for reason in reasons), reasons


def test_what_the_environment_gave_is_struck_out_where_only_a_part_of_the_token_came_from_it() -> None:
    with ChatServer(faults=[Fault(WECOM, Reply.code(1, "no canary-part here"))]) as server:
        robot = Robot(
            Channel.WECOM, "wecombot", f"{server.url}/cgi-bin/webhook/send?key=a-canary-part-b", is_listed=True
        )
        robot = replace(robot, filled_in=("canary-part",))
        assert HttpSender(robot, QUICK).hand_over(letter(WECOM), lambda: True).reason == "对方拒收：no *** here"


# Signatures, by the documents


def test_signatures_are_those_of_the_documents() -> None:
    now = datetime(2023, 6, 26, 0, 30, tzinfo=UTC)
    heard: dict[str, Any] = {}
    for at in (DINGTALK, FEISHU):
        with ChatServer() as server:
            HttpSender(destination(server, at, SECRET), QUICK, now=lambda: now).hand_over(letter(at), lambda: True)
            heard[at] = server.requests[0]
    query = heard[DINGTALK].query
    assert query["timestamp"] == "1687739400000"
    mac = hmac.new(SECRET.encode(), f"1687739400000\n{SECRET}".encode(), hashlib.sha256).digest()
    assert query["sign"] == base64.b64encode(mac).decode()  # after one decoding it is plain base64
    body = json.loads(heard[FEISHU].body)
    assert body["timestamp"] == "1687739400"
    mac = hmac.new(f"1687739400\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert body["sign"] == base64.b64encode(mac).decode()


# The server itself


def test_the_server_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chat_server", str(tmp_path / "log"), f"{DINGTALK}={SECRET}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}{PATHS[DINGTALK]}"
        robot = Robot(Channel.DINGTALK, "dingtalk", url, SECRET, is_listed=True)
        assert HttpSender(robot).hand_over(letter(DINGTALK), lambda: True).kind is ACCEPTED
        process.kill()
    body = json.dumps(CONTENT[DINGTALK], ensure_ascii=False)
    assert read_log(tmp_path / "log") == [Taken(DINGTALK, TOKEN, "", "整改提醒 〔编号 7〕", body)]
