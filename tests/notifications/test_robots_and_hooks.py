"""Messages to robots and webhooks through a delivery: what the server took, and what the rows say of it."""

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.channels import Channels
from models.directory import Directory
from models.ladder import MessageKind
from models.tables import AttemptPhase, MessageState
from notifications.delivery import Delivery, Tally
from notifications.packing import Desk
from notifications.senders.http_exchange import HttpPatience
from notifications.senders.pool import Senders
from notifications.words.letters import idempotency_key
from notifications.words.wording import Writer
from tests.chat_server import (
    DINGTALK,
    FEISHU,
    TAKE_AND_RESET,
    WEBHOOK,
    WECOM,
    ChatServer,
    Fault,
    Reply,
    read_log,
)
from tests.offices import PLAIN_DIRECTORY, calendar, readdressed
from tests.outbox_fixtures import ON, Moments, Outbox, an_outbox

CANARY, SECRET = "hunter2canary", "SECcanary"
ENV = {"TOKEN": CANARY, "SECRET": SECRET}
QUICK = HttpPatience(connect=0.5, command=0.5, total=1.0)
WRITER = Writer()
ADDRESSES = {
    WECOM: "wecombot://${TOKEN}?mentions=zhangsan",
    DINGTALK: "dingtalk://${SECRET}@${TOKEN}/13800138000",
    FEISHU: "feishu://${SECRET}@${TOKEN}",
    WEBHOOK: "json://127.0.0.1:{port}/hook/${TOKEN}?+Authorization=Bearer%20${TOKEN}",
}


@dataclass
class Post:
    """An outbox whose unit D1 is told over one channel of the server."""

    box: Outbox
    folder: Path
    server: ChatServer
    directory: Directory = PLAIN_DIRECTORY
    clock: Moments = field(default_factory=Moments)
    rehearsal: bool = False

    def address(self, *channels: str) -> None:
        found = tuple(ADDRESSES.get(one, one).replace("{port}", str(self.server.port)) for one in channels)
        self.directory = readdressed(self.directory, "D1", found)

    def deliver(self) -> Tally:
        robots = dict.fromkeys(("wecom", "dingtalk", "feishu", "lark"), self.server.url)
        channels = Channels(frozenset({"127.0.0.1"}), robots)
        with closing(Senders(self.folder / "outbox", http=QUICK)) as senders:
            desk = Desk(
                self.box.store, self.directory, calendar(), WRITER, senders, ENV, b"key", "test.local",
                self.rehearsal, self.clock, channels,
            )  # fmt: skip
            return Delivery(desk, ON).run()

    def deliver_all(self) -> None:
        """As often as it takes, with the waits for the pace in between."""
        for _ in range(20):
            self.deliver()
            self.clock.forward(minutes=1)

    def message(self, items: int = 1, kind: MessageKind = MessageKind.DIGEST) -> int:
        return self.box.message("D1", *(self.box.clock() for _ in range(items)), kind=kind)

    @property
    def log(self) -> Path:
        return self.folder / "log"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    secrets = {DINGTALK: SECRET, FEISHU: SECRET}
    with an_outbox(tmp_path) as box, ChatServer(tmp_path / "log", secrets=secrets) as server:
        yield Post(box, tmp_path, server)


@pytest.mark.parametrize("at", [WECOM, DINGTALK, FEISHU, WEBHOOK])
def test_a_message_is_taken_and_its_row_says_so(post: Post, at: str) -> None:
    post.address(at)
    message = post.message(2)
    post.deliver()
    (taken,) = read_log(post.log)
    row = post.box.row(message)
    assert (taken.at, taken.token, row["state"]) == (at, CANARY, MessageState.ACCEPTED)
    assert f"〔编号 {message}〕" in taken.words
    assert taken.words.count("序号M-D1") == 2
    if at in {WECOM, WEBHOOK}:  # what is kept is what was sent; a signature is made for each try
        assert row["payload"].decode() == taken.body
    assert post.box.phases(message)[-1] == (1, AttemptPhase.ACCEPTED)


def test_a_program_hears_each_item_on_its_own(post: Post) -> None:
    post.address(WEBHOOK)
    message = post.message(2)
    post.deliver()
    (taken,) = read_log(post.log)
    said = json.loads(taken.body)
    header_id = post.box.row(message)["header_id"]
    assert (said["message_id"], said["id"], taken.key) == (header_id, idempotency_key(header_id), taken.key)
    assert taken.key == said["id"]
    assert (said["number"], said["party"], said["kind"], said["on"]) == (message, "D1", "digest", ON.isoformat())
    assert [item["measure_no"] for item in said["items"]] == ["M-D1", "M-D1"]
    assert {"due_on", "todo", "reason", "capacity"} <= said["items"][0].keys()


def test_what_one_message_cannot_hold_goes_out_as_several(post: Post) -> None:
    post.address(WECOM)
    message = post.message(12)
    told = json.loads(post.box.row(message)["notice_ids"])
    post.deliver_all()
    taken = read_log(post.log)
    rows = [dict(row) for row in rows_of(post)]
    assert len(rows) == len(taken) > 1
    assert [row["part"] for row in rows] == list(range(1, len(rows) + 1))
    assert {(row["parts"], row["state"]) for row in rows} == {(len(rows), "accepted")}
    assert [one for row in rows for one in json.loads(str(row["notice_ids"]))] == told, (
        "each item is in exactly one part"
    )
    assert len({row["header_id"] for row in rows}) == len(rows)
    for place, one in enumerate(sorted(taken, key=lambda one: one.words.partition("/")[0]), start=1):
        assert f"（{place}/{len(rows)}）" in one.words
        assert len(one.words.encode()) <= 4096


def rows_of(post: Post) -> list[dict[str, object]]:
    columns = ("id", "part", "parts", "state", "notice_ids", "header_id")
    return [dict(zip(columns, row, strict=True)) for row in raw(post, f"SELECT {', '.join(columns)} FROM message")]


def raw(post: Post, query: str) -> list[tuple[object, ...]]:
    with post.box.store.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_one_item_too_long_alone_is_shortened_and_not_refused(post: Post) -> None:
    post.address(WECOM)
    post.box.change("UPDATE party SET name = :long WHERE code = 'D1'", long="长" * 3000)
    message = post.message(1)
    post.deliver()
    (taken,) = read_log(post.log)
    assert post.box.state(message) is MessageState.ACCEPTED
    assert "…" in taken.words
    assert f"〔编号 {message}〕" in taken.words


@pytest.mark.parametrize(("at", "kind", "state", "times"), [
    (WECOM, MessageKind.DIGEST, MessageState.UNKNOWN, 1),
    (DINGTALK, MessageKind.DIGEST, MessageState.UNKNOWN, 1),
    (FEISHU, MessageKind.DIGEST, MessageState.UNKNOWN, 1),
    (WEBHOOK, MessageKind.ESCALATION, MessageState.UNKNOWN, 1),
    (WEBHOOK, MessageKind.DIGEST, MessageState.ACCEPTED, 2),
])  # fmt: skip
def test_what_left_without_an_answer_waits_for_a_person_unless_a_program_can_tell_a_double(
    post: Post, at: str, kind: MessageKind, state: MessageState, times: int
) -> None:
    post.address(at)
    message = post.message(1, kind)
    post.server.fail(Fault(at, TAKE_AND_RESET, 1))
    post.deliver()
    post.clock.forward(minutes=2)
    post.deliver()
    taken = read_log(post.log)
    row = post.box.row(message)
    assert (row["state"], len(taken), row["ambiguous"]) == (state, times, 1)
    assert len({(one.key, one.words) for one in taken}) == 1, "a copy is the same, bytes and key"


def test_a_robot_that_asks_for_a_pause_is_left_alone_and_no_try_is_counted(post: Post) -> None:
    post.address(DINGTALK)
    first, second = post.message(), post.message()
    post.server.fail(Fault(DINGTALK, Reply.code(130101, "send too fast"), 1))
    post.deliver()
    assert [post.box.state(one) for one in (first, second)] == [MessageState.RETRY_WAIT] * 2
    post.clock.forward(minutes=9)
    post.deliver()
    assert len(post.server.requests) == 1
    post.clock.forward(minutes=2)
    post.deliver()
    assert [post.box.state(one) for one in (first, second)] == [MessageState.ACCEPTED] * 2
    assert [post.box.row(one)["tries"] for one in (first, second)] == [0, 0]


def test_what_a_robot_refuses_goes_to_the_partys_next_address(post: Post) -> None:
    post.address(WECOM, FEISHU)
    message = post.message()
    post.server.fail(Fault(WECOM, Reply.code(93000, "invalid webhook url")))
    post.deliver()
    (taken,) = read_log(post.log)
    assert (taken.at, post.box.state(message)) == (FEISHU, MessageState.ACCEPTED)
    assert json.loads(post.box.row(message)["payload"])["msg_type"] == "text"


def test_bytes_made_for_one_channel_never_go_to_another(post: Post) -> None:
    post.address(WEBHOOK)
    message = post.message()
    post.server.fail(Fault(WEBHOOK, TAKE_AND_RESET, 1))
    post.deliver()
    post.address(WECOM)  # the office has changed its mind meanwhile
    post.clock.forward(minutes=2)
    post.deliver()
    row = post.box.row(message)
    assert (row["state"], row["code"], row["ambiguous"]) == (MessageState.UNKNOWN, "address", 1)
    post.address(WECOM, WEBHOOK)  # a person has it by now
    post.clock.forward(hours=2)
    post.deliver()
    assert [taken.at for taken in read_log(post.log)] == [WEBHOOK]
    assert post.box.state(message) is MessageState.UNKNOWN


def test_a_rehearsal_shows_everywhere(post: Post) -> None:
    post.rehearsal = True
    for at in (WECOM, DINGTALK, FEISHU, WEBHOOK):
        post.address(at)
        post.message()
        post.deliver()
    assert all("【演练】" in taken.words for taken in read_log(post.log))
    assert len(read_log(post.log)) == 4


def test_no_token_stands_in_a_table_or_a_log(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for at in (WECOM, DINGTALK, FEISHU, WEBHOOK):
        post.address(at)
        told = f"{CANARY} {SECRET if at in post.server.secrets else ''}"  # a server says back what it was told
        for fault in (Reply.code(1, told), Reply(403, told), TAKE_AND_RESET):
            post.message()
            post.server.fail(Fault(at, fault, 1))
            post.deliver()
            post.clock.forward(hours=2)
    assert len(post.server.requests) >= 12
    shown = f"{post.box.dump()}{caplog.text}"
    assert CANARY not in shown
    assert SECRET not in shown
