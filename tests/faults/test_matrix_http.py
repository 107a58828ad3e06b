"""Every fault of chat robots and webhooks through sockets and the outbox: what the server took, and the row."""

import socket
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from time import monotonic

import pytest

from config import clock
from config.channels import Channels
from models.tables import MessageState
from notifications.senders.http_exchange import HTTP_PATIENCE
from tests.chat_server import (
    HANG,
    RESET_UNREAD,
    TAKE_AND_BREAK,
    TAKE_AND_DRIP,
    TAKE_AND_HANG,
    TAKE_AND_RESET,
    ChatServer,
    Fault,
    Reply,
)  # fmt: skip
from tests.faults.matrix import Cell
from tests.faults.matrix_http import ROBOT_CODES, UNHEARD_OF, http_cells
from tests.faults.office_under_fault import BYSTANDER, HIT, QUICK_S, SLACK_S, Scene, a_scene

CELLS = tuple(http_cells())
ADDRESSES = {
    "wecom": "wecombot://693a91f6-7abc-4bc4-97a0-0ec2sifa5aaa",
    "dingtalk": "dingtalk://a9f3c8d2e4b1",
    "feishu": "feishu://a9f3c8d2-e4b1-4d5e-8f6a",
    "webhook": "json://127.0.0.1:{port}/hook",
}
DOES: Mapping[str, str | Reply] = {
    "hang": HANG, "hang-after": TAKE_AND_HANG, "drip": TAKE_AND_DRIP, "reset-before": RESET_UNREAD,
    "reset-mid-reply": TAKE_AND_BREAK, "reset-after": TAKE_AND_RESET,
    "200,page": Reply(200, "<html><body>登录</body></html>", {"Content-Type": "text/html; charset=utf-8"}),
    "301": Reply(301, headers={"Location": "/elsewhere"}), "307": Reply(307, headers={"Location": "/elsewhere"}),
    "429,seconds": Reply(429, headers={"Retry-After": "120"}), "429,bare": Reply(429),
    "429,huge": Reply(429, headers={"Retry-After": "999999999"}),
}  # fmt: skip


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_fault_has_the_one_end_that_is_expected(cell: Cell) -> None:
    with ChatServer(faults=faults_of(cell)) as server, a_scene(addresses(cell, server), cell.kind) as scene:
        scene.channels = channels(cell, server)
        # What the whole exchange may take begins before it is connected: on a busy machine that takes its time.
        within = 4 * QUICK_S if cell.waits == "total" else QUICK_S
        if cell.waits:
            scene.http = replace(HTTP_PATIENCE, **{cell.waits: within})
        started = monotonic()
        scene.deliver()
        assert monotonic() - started < 1.1 * within + SLACK_S
        scene.http = HTTP_PATIENCE
        check_first_run(scene, cell)
        scene.channels = listening(server)
        scene.deliver_until_quiet()
        check_the_end(scene, server, cell)


def check_first_run(scene: Scene, cell: Cell) -> None:
    row, fate = scene.box.row(HIT), cell.fate
    assert (row["state"], row["ambiguous"], row["tries"], row["owner"]) == (fate.state, fate.doubts, fate.tries, None)
    [line] = scene.endings(HIT)
    assert (line.n, line.phase, line.code) == (1, fate.phase, cell.code)
    assert scene.closed_gates() == fate.closes
    wait = scene.waits(HIT)
    if fate.minutes is None:
        assert wait is None
    else:
        assert wait is not None
        assert fate.minutes[0] <= wait.total_seconds() / 60 <= fate.minutes[1]
    assert (scene.box.state(BYSTANDER) is MessageState.ACCEPTED) == (not fate.closes)


def check_the_end(scene: Scene, server: ChatServer, cell: Cell) -> None:
    row, fate, by = scene.box.row(HIT), cell.fate, scene.box.row(BYSTANDER)
    assert (row["state"], row["ambiguous"], row["attempts"]) == (fate.end, fate.doubts, fate.attempts)
    assert copies(server, HIT) == fate.copies
    assert (by["state"], by["ambiguous"], copies(server, BYSTANDER)) == (MessageState.ACCEPTED, 0, 1)
    assert not [request for request in server.requests if request.method == "GET"], "a redirect was followed"


def copies(server: ChatServer, message: int) -> int:
    return sum(f"〔编号 {message}〕" in taken.words for taken in server.taken)


def faults_of(cell: Cell) -> tuple[Fault, ...]:
    if cell.fault == "nobody-listens":
        return ()
    return (Fault("", reply_of(cell), times=1),)


def reply_of(cell: Cell) -> str | Reply:
    if cell.fault in DOES:
        return DOES[cell.fault]
    status, _, which = cell.fault.partition(",")
    if which == "date":
        return Reply(429, headers={"Retry-After": format_datetime(clock.now() + timedelta(minutes=30))})
    if status == "200":
        return Reply.code(ROBOT_CODES[cell.stage].get(which, UNHEARD_OF))
    return Reply(int(status), takes=cell.fate.end is MessageState.ACCEPTED and status == "204")


def addresses(cell: Cell, server: ChatServer) -> Mapping[str, tuple[str]]:
    address = ADDRESSES[cell.stage].format(port=server.port)
    return dict.fromkeys(("D1", "D2"), (address,))


def channels(cell: Cell, server: ChatServer) -> Channels:
    if cell.fault != "nobody-listens":
        return listening(server)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    return robots_at(f"http://127.0.0.1:{port}", port)


def listening(server: ChatServer) -> Channels:
    return robots_at(server.url, server.port)


def robots_at(url: str, port: int) -> Channels:
    return Channels(frozenset({f"127.0.0.1:{port}"}), dict.fromkeys(("wecom", "dingtalk", "feishu"), url))
