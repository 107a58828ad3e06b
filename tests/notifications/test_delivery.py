"""Delivery to a mail server on loopback and into files: what goes out, what is written down, what stays secret."""

import base64
import logging
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from sqlalchemy.exc import OperationalError

from models.directory import StandIn
from models.errors import HomeError
from models.ladder import MessageKind
from models.saying import Saying
from models.store import board, fates, outbox
from models.store.outbox import Utterance
from models.tables import AttemptPhase, MessageState
from notifications.delivery import Tally
from notifications.packing import BATCH
from notifications.words.wording import Writer
from tests.notifications.posts import DEAD, Post, everybody, to, who
from tests.outbox_fixtures import NOW, ON, Moments, a_copy, an_outbox
from tests.smtp_sink import CLOSE, SLOW, TAKE_AND_CLOSE, Fault, Received, SmtpSink

PLANNED, LEASED, HANDING_OVER = MessageState.PLANNED, MessageState.LEASED, MessageState.HANDING_OVER
ACCEPTED, RETRY_WAIT, REJECTED = MessageState.ACCEPTED, MessageState.RETRY_WAIT, MessageState.REJECTED
UNKNOWN, CANCELLED = MessageState.UNKNOWN, MessageState.CANCELLED
DIGEST, ESCALATION = MessageKind.DIGEST, MessageKind.ESCALATION
FILE = "file:"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def post(tmp_path: Path, sink: SmtpSink) -> Iterator[Post]:
    """An office whose four parties have a mailbox each at the sink."""
    with an_outbox(tmp_path) as box:
        yield Post(box, tmp_path / "outbox", who(*((code, (to(sink, code),)) for code in ("D1", "D2", "D3", "L1"))))


def octets(received: Received) -> bytes:
    return received.payload.encode("latin-1")


# All goes well


def test_everything_is_handed_over_and_written_down(post: Post, sink: SmtpSink) -> None:
    messages = [post.box.message("D1"), post.box.message("D2", kind=ESCALATION), post.box.message("L1")]
    assert post.deliver() == Tally(accepted=3)
    assert [received.recipient for received in sink.received] == [f"{c}@example.cn" for c in ("D1", "D2", "L1")]
    assert sink.connections == 1
    for message, received in zip(messages, sink.received, strict=True):
        row = post.box.row(message)
        assert (row["state"], row["owner"], row["code"], row["accepted_on"]) == (ACCEPTED, None, "250", ON)
        assert (row["header_id"], row["payload"]) == (received.message_id, octets(received))
        assert post.box.phases(message) == [
            (1, AttemptPhase.LEASED),
            (1, AttemptPhase.HANDING_OVER),
            (1, AttemptPhase.ACCEPTED),
        ]
    assert len({received.message_id for received in sink.received}) == 3


def test_what_goes_out_is_the_digest(post: Post, sink: SmtpSink) -> None:
    post.box.message("D1", post.box.clock("D1"))
    post.deliver()
    letter = message_from_bytes(octets(sink.received[0]), policy=policy.SMTP)
    assert str(letter["To"]) == "单位D1 <D1@example.cn>"
    assert str(letter["From"]) == "duban@example.cn"
    assert "整改催办" in str(letter["Subject"])
    body = letter.get_body(("plain",))
    assert body is not None
    assert "M-D1" in body.get_content()


def test_the_file_channel_does_the_same(post: Post) -> None:
    post.directory = everybody(FILE)
    messages = [post.box.message("D1"), post.box.message("D2", kind=ESCALATION)]
    assert post.deliver() == Tally(accepted=2)
    for message, folder in zip(messages, ("D1", "D2"), strict=True):
        row = post.box.row(message)
        (file,) = (post.outbox / folder).iterdir()
        assert file.read_bytes() == row["payload"]
        assert (row["state"], row["reason"]) == (ACCEPTED, f"{folder}/{file.name}")


def test_a_second_run_says_nothing_again(post: Post, sink: SmtpSink) -> None:
    post.box.message("D1")
    post.deliver()
    before = post.box.dump()
    assert post.deliver() == Tally()
    assert (len(sink.received), post.box.dump()) == (1, before)


def test_an_acceptance_serves_the_unit_on_the_day_of_the_run(post: Post) -> None:
    clock = post.box.clock("D1")
    post.box.message("D1", clock)
    post.deliver(on=date(2023, 6, 27))
    assert post.box.scalar("SELECT served_on FROM deadline WHERE id = :id", id=clock) == "2023-06-27"


def test_what_is_settled_in_between_is_not_said(post: Post, sink: SmtpSink) -> None:
    clock = post.box.clock("D1")
    message = post.box.message("D1", clock)
    post.box.message("D2")
    post.box.change("UPDATE deadline SET stopped_on = opened_on, outcome = 'met' WHERE id = :id", id=clock)
    assert post.deliver() == Tally(accepted=1, cancelled=1)
    assert post.box.state(message) is CANCELLED
    assert [received.recipient for received in sink.received] == ["D2@example.cn"]


def test_more_messages_than_one_claim_takes(post: Post, sink: SmtpSink) -> None:
    post.box.messages(*["D1"] * (BATCH + 2))
    heard: list[int] = []
    assert post.deliver(told=lambda: heard.append(1)) == Tally(accepted=BATCH + 2)
    assert (len(sink.received), len(heard)) == (BATCH + 2, BATCH + 2)


# The server says no


def test_a_passing_refusal_is_tried_again_later(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1")
    sink.fail(Fault("RCPT", "452 4.2.2 mailbox full", times=1))
    assert post.deliver() == Tally(waiting=1)
    row = post.box.row(message)
    assert (row["state"], row["code"], row["reason"]) == (RETRY_WAIT, "452", "4.2.2 mailbox full")
    assert NOW + 0.8 * MINUTE <= row["next_try_at"] <= NOW + 1.2 * MINUTE
    first_id = row["header_id"]
    assert post.deliver() == Tally(), "before its time"
    assert post.deliver_later(2 * MINUTE) == Tally(accepted=1)
    assert [received.message_id for received in sink.received] == [first_id]
    assert post.box.phases(message)[:2] == [(1, AttemptPhase.LEASED), (1, AttemptPhase.RETRY)]


def test_what_was_refused_after_the_dot_goes_out_again_byte_for_byte(post: Post, sink: SmtpSink) -> None:
    """Also where templates, names and the time of day are others by then."""
    message = post.box.message("D1")
    sink.fail(Fault("DOT", "451 4.3.0 try again", times=1))
    assert post.deliver() == Tally(waiting=1)
    first = post.box.row(message)
    post.box.change("UPDATE measure SET text = 'another text'")
    assert post.deliver_later(HOUR) == Tally(accepted=1)
    assert [(received.message_id, octets(received)) for received in sink.received] == [
        (first["header_id"], first["payload"])
    ]
    assert post.box.row(message)["ambiguous"] == 0


@pytest.mark.parametrize("place", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_dead_address_gives_way_to_the_next_at_once(post: Post, sink: SmtpSink, place: str) -> None:
    post.readdress(("D1", (to(sink, "old"), to(sink, "new"))))
    message = post.box.message("D1")
    sink.fail(Fault(place, "550 5.1.1 no such user", times=1))
    assert post.deliver() == Tally(accepted=1)
    assert [received.recipient for received in sink.received] == ["new@example.cn"]
    row = post.box.row(message)
    assert (row["address_no"], row["attempts"], row["header_id"]) == (1, 2, sink.received[0].message_id)
    assert (1, AttemptPhase.REJECTED) in post.box.phases(message)
    assert b"old@example.cn" not in octets(sink.received[0])


def test_the_last_address_refused_is_for_people_to_see(post: Post, sink: SmtpSink) -> None:
    message, other = post.box.message("D1"), post.box.message("D2")
    sink.fail(Fault("RCPT", "550 5.1.1 no such user", times=1))
    assert post.deliver() == Tally(accepted=1, rejected=1)
    with post.box.store.reading() as connection:
        (found,) = board.messages(connection, (REJECTED,))
    assert (found.id, found.party, found.code, found.reason) == (message, "D1", "550", "5.1.1 no such user")
    assert post.box.state(other) is ACCEPTED
    assert post.deliver_later(24 * HOUR) == Tally()


def test_the_second_address_gets_tries_of_its_own(post: Post, sink: SmtpSink) -> None:
    post.readdress(("D1", (to(sink, "old"), to(sink, "new"))))
    message = post.box.message("D1")
    sink.fail(Fault("RCPT", "452 4.2.2 full", times=13))
    for _ in range(12):
        post.deliver_later(2 * HOUR)
    row = post.box.row(message)
    assert (row["state"], row["address_no"], row["attempts"]) == (RETRY_WAIT, 1, 13)
    assert row["next_try_at"] - post.clock.now <= 1.2 * MINUTE
    assert post.deliver_later(2 * MINUTE) == Tally(accepted=1)


def test_a_server_that_is_down_keeps_only_its_own_waiting(post: Post, sink: SmtpSink) -> None:
    with SmtpSink(faults=[Fault("CONNECT", "421 4.3.2 shutting down")]) as down:
        post.readdress(("D1", (to(down, "D1"),)), ("D2", (to(sink, "D2"),)), ("D3", (FILE,)))
        messages = [post.box.message(code) for code in ("D1", "D2", "D3")]
        assert post.deliver() == Tally(accepted=2, waiting=1)
    assert [post.box.state(message) for message in messages] == [RETRY_WAIT, ACCEPTED, ACCEPTED]
    assert post.box.row(messages[0])["code"] == "421"


# Nobody knows


def test_a_digest_of_unknown_fate_goes_out_once_more_and_is_flagged(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1")
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    assert post.deliver() == Tally(waiting=1)
    row = post.box.row(message)
    assert (row["state"], row["ambiguous"], row["code"]) == (RETRY_WAIT, 1, "lost")
    assert row["next_try_at"] == NOW + 10 * MINUTE
    assert post.deliver_later(9 * MINUTE) == Tally()
    assert post.deliver_later(MINUTE) == Tally(accepted=1)
    first, second = sink.received
    assert first == second
    row = post.box.row(message)
    assert (row["state"], row["ambiguous"], row["header_id"]) == (ACCEPTED, 1, first.message_id)


def test_a_second_doubt_is_for_a_person(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1")
    sink.fail(Fault("DOT", TAKE_AND_CLOSE))
    post.deliver()
    assert post.deliver_later(11 * MINUTE) == Tally(unknown=1)
    row = post.box.row(message)
    assert (row["state"], row["ambiguous"], row["next_try_at"]) == (UNKNOWN, 2, None)
    assert post.deliver_later(48 * HOUR) == Tally()
    assert len(sink.received) == 2


def test_an_escalation_of_unknown_fate_waits_for_a_person_at_once(post: Post, sink: SmtpSink) -> None:
    message, other = post.box.message("D1", kind=ESCALATION), post.box.message("D2", kind=ESCALATION)
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    assert post.deliver() == Tally(accepted=1, unknown=1)
    assert (post.box.state(message), post.box.row(message)["ambiguous"]) == (UNKNOWN, 1)
    assert post.box.state(other) is ACCEPTED
    assert post.deliver_later(48 * HOUR) == Tally()
    assert len(sink.received) == 2


def test_a_doubtful_letter_is_never_sent_to_another_address(post: Post, sink: SmtpSink) -> None:
    post.readdress(("D1", (to(sink, "first"), to(sink, "second"))))
    message = post.box.message("D1")
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    post.deliver()
    sink.fail(Fault("RCPT", "550 5.1.1 no such user", times=1))
    assert post.deliver_later(11 * MINUTE) == Tally(rejected=1)
    assert [received.recipient for received in sink.received] == ["first@example.cn"]
    assert post.box.row(message)["ambiguous"] == 1


def test_a_line_cut_before_the_dot_is_no_doubt(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1", kind=ESCALATION)
    sink.fail(Fault("DATA", CLOSE))
    post.deliver()
    row = post.box.row(message)
    assert (row["state"], row["ambiguous"], sink.received) == (RETRY_WAIT, 0, [])


# Whose the bytes are


def heads(received: Received) -> tuple[str, str]:
    """Whom the envelope names, and whom the letter does."""
    letter = message_from_bytes(octets(received), policy=policy.SMTP)
    return received.recipient, str(letter["To"]).partition("<")[2].rstrip(">")


def test_what_was_surely_not_taken_is_composed_anew_for_another_recipient(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1")
    sink.fail(Fault("DOT", "451 4.3.0 try again", times=1))
    post.deliver()
    post.readdress(("D1", (to(sink, "new"),)))
    assert post.deliver_later(HOUR) == Tally(accepted=1)
    assert [heads(received) for received in sink.received] == [("new@example.cn", "new@example.cn")]
    assert post.box.phases(message)[-5:] == [
        (2, AttemptPhase.LEASED), (2, AttemptPhase.NOT_SENT),
        (3, AttemptPhase.LEASED), (3, AttemptPhase.HANDING_OVER), (3, AttemptPhase.ACCEPTED),
    ]  # fmt: skip
    assert post.box.row(message)["ambiguous"] == 0


@pytest.mark.parametrize("addresses", [("other",), ("other", "D1"), ()], ids=len)
def test_what_is_in_doubt_goes_to_nobody_but_its_recipient_while_that_is_in_the_directory(
    post: Post, sink: SmtpSink, addresses: tuple[str, ...]
) -> None:
    message = post.box.message("D1")
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    post.deliver()
    post.readdress(("D1", tuple(to(sink, name) for name in addresses)))
    found = "D1" in addresses
    assert post.deliver_later(11 * MINUTE) == (Tally(accepted=1) if found else Tally(unknown=1))
    assert [heads(one) for one in sink.received] == [("D1@example.cn", "D1@example.cn")] * (1 + found)
    row = post.box.row(message)
    assert (row["state"], row["ambiguous"]) == (ACCEPTED if found else UNKNOWN, 1)
    if not found:
        assert row["reason"] == "是否送达不明，原来的收件地址已不在通讯录中，不能自动重发"
        assert post.box.phases(message)[-1] == (2, AttemptPhase.NOT_SENT)
        with post.box.store.reading() as connection:
            assert [one.id for one in fates.unresolved(connection)] == [message]


def test_of_what_an_older_version_handed_over_nobody_says_that_its_address_is_gone(post: Post, sink: SmtpSink) -> None:
    """It did not write down for whom the bytes were."""
    message = post.box.message("D1")
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    post.deliver()
    post.box.change("UPDATE payload SET recipient_digest = ''")
    assert post.deliver_later(11 * MINUTE) == Tally(unknown=1)
    assert post.box.row(message)["reason"] == "是否送达不明，由旧版本投递，没有记下收件地址，不能自动重发"
    assert len(sink.received) == 1


def test_a_mailbox_behind_another_server_is_the_same_recipient(post: Post, sink: SmtpSink) -> None:
    post.box.message("D1")
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    post.deliver()
    with SmtpSink() as other:
        post.readdress(("D1", (to(other, "D1"),)))
        assert post.deliver_later(11 * MINUTE) == Tally(accepted=1)
        assert other.received == sink.received


def resend(post: Post, message: int) -> None:
    said = Utterance(message, Saying.RESEND, "li", ON)
    with post.box.store.writing() as connection:
        assert outbox.settle(connection, said, post.clock.now)


@pytest.mark.parametrize("kind", [DIGEST, ESCALATION])
def test_by_a_persons_word_what_is_in_doubt_is_composed_anew_for_another_channel(
    post: Post, sink: SmtpSink, kind: MessageKind
) -> None:
    """Under another Message-ID, and with the doubt on record; and after it nothing goes out by itself."""
    message = post.box.message("D1", kind=kind)
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    post.deliver()
    first = post.box.row(message)
    post.readdress(("D1", (FILE,)))
    if kind is DIGEST:
        assert post.deliver_later(11 * MINUTE) == Tally(unknown=1)
    assert post.deliver_later(11 * MINUTE) == Tally()
    resend(post, message)
    assert post.deliver() == Tally(accepted=1)
    (file,) = post.outbox.rglob("*.eml")
    row = post.box.row(message)
    assert file.read_bytes() == row["payload"] != first["payload"]
    assert row["header_id"] != first["header_id"]
    assert (row["ambiguous"], len(sink.received)) == (1, 1)


def test_by_a_persons_word_it_goes_to_the_same_recipient_as_it_was(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1", kind=ESCALATION)
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    post.deliver()
    resend(post, message)
    assert post.deliver() == Tally(accepted=1)
    first, second = sink.received
    assert first == second


def test_what_cannot_go_anywhere_by_a_persons_word_is_back_with_the_reason(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1", kind=ESCALATION)
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    post.deliver()
    post.readdress(("D1", (to(sink, "D1", login="${NOT_SET}:x@"),)))
    resend(post, message)
    assert post.deliver() == Tally(unknown=1)
    row = post.box.row(message)
    assert (row["state"], row["ambiguous"]) == (UNKNOWN, 1)
    assert row["reason"].startswith("是否送达不明，未能重发：")
    assert "NOT_SET" in row["reason"]


def test_what_is_in_doubt_and_of_no_use_any_more_is_counted_as_unknown(post: Post, sink: SmtpSink) -> None:
    message = post.box.message("D1")
    sink.fail(Fault("DOT", TAKE_AND_CLOSE, times=1))
    post.deliver()
    post.box.change("UPDATE deadline SET stopped_on = opened_on, outcome = 'met'")
    assert post.deliver_later(11 * MINUTE) == Tally(unknown=1)
    assert post.box.state(message) is UNKNOWN
    assert len(sink.received) == 1


# The directory and the environment


def test_a_missing_variable_is_named_and_waited_for(post: Post, sink: SmtpSink) -> None:
    address = to(sink, "D1", login="${SMTP_USER}:${SMTP_PASS}@")
    post.readdress(("D1", (address,)), ("D2", (to(sink, "D2"),)))
    post.env = {"SMTP_USER": "canary-user"}
    message = post.box.message("D1")
    post.box.message("D2")
    assert post.deliver() == Tally(accepted=1, waiting=1)
    row = post.box.row(message)
    assert (row["state"], row["code"]) == (RETRY_WAIT, "address")
    assert "SMTP_PASS" in row["reason"]
    assert "canary-user" not in row["reason"]
    post.readdress(("D1", (to(sink, "D1"),)))
    assert post.deliver_later(2 * MINUTE) == Tally(accepted=1)


def test_an_address_that_cannot_be_used_gives_way_to_the_next(post: Post, sink: SmtpSink) -> None:
    post.readdress(("D1", (to(sink, "D1", login="${NOT_SET}:x@"), FILE)))
    message = post.box.message("D1")
    assert post.deliver() == Tally(accepted=1)
    assert post.box.row(message)["address_no"] == 1


@pytest.mark.parametrize("addresses", [None, ()], ids=["party gone", "no address left"])
def test_who_left_the_directory_is_waited_for_as_long_as_it_is_of_use(
    post: Post, sink: SmtpSink, addresses: tuple[str, ...] | None
) -> None:
    message, other = post.box.message("D1"), post.box.message("D2")
    left = [("D2", (to(sink, "D2"),)), *([] if addresses is None else [("D1", addresses)])]
    post.readdress(*left)
    assert post.deliver() == Tally(accepted=1, waiting=1)
    assert post.box.row(message)["reason"] == "通讯录中已没有可用的通知地址"
    assert post.box.state(other) is ACCEPTED
    for _ in range(12):
        assert post.deliver_later(2 * HOUR) == Tally(waiting=1)
    assert (post.box.state(message), post.box.row(message)["attempts"]) == (RETRY_WAIT, 13)
    post.clock.forward(days=4)
    assert post.deliver(on=ON + timedelta(days=4)) == Tally(expired=1)
    assert post.box.state(message) is MessageState.EXPIRED


@pytest.mark.parametrize(
    ("on", "recipient"),
    [(date(2023, 6, 25), "D1"), (ON, "D2"), (date(2023, 6, 28), "D2"), (date(2023, 6, 29), "D1")],
)
def test_a_stand_in_receives_while_it_is_named(post: Post, sink: SmtpSink, on: date, recipient: str) -> None:
    stand_in = StandIn("D2", ON, date(2023, 6, 28))
    post.directory = who(("D1", (to(sink, "D1"),)), ("D2", (to(sink, "D2"),)), stand_in=stand_in)
    clock = post.box.clock("D1")
    post.box.message("D1", clock)
    assert post.deliver(on=on) == Tally(accepted=1)
    (received,) = sink.received
    assert received.recipient == f"{recipient}@example.cn"
    letter = message_from_bytes(octets(received), policy=policy.SMTP)
    body = letter.get_body(("plain",))
    assert body is not None
    assert ("单位D1" in body.get_content()) and ("单位D2" in body.get_content()) == (recipient == "D2")
    served_on = post.box.scalar("SELECT served_on FROM deadline WHERE id = :id", id=clock)
    assert served_on == str(max(on, ON)), "never before the day of what was told, whatever the clock says"


def test_what_may_be_out_already_waits_for_its_address_and_goes_to_no_other(post: Post, sink: SmtpSink) -> None:
    """A variable that the first address refers to is missing; nobody refused anything."""
    post.directory = who(("D1", ("mailto://${NOBODY_SET_IT}", to(sink, "D1"))))
    doubted, certain = post.box.message("D1", kind=ESCALATION), post.box.message("D1", kind=ESCALATION)
    post.box.change("UPDATE message SET ambiguous = 1 WHERE id = :id", id=doubted)
    assert post.deliver() == Tally(accepted=1, waiting=1)
    assert (post.box.state(doubted), post.box.row(doubted)["code"]) == (RETRY_WAIT, "address")
    assert post.box.state(certain) is ACCEPTED


# Poison


def poisoned_number(post: Post) -> None:
    """A number of 5,000 digits, which Python refuses to read: nobody foresaw it."""
    post.box.change("UPDATE measure SET no = :no WHERE no = 'M-D2'", no="9" * 5000)


def poisoned_template(post: Post) -> None:
    """A template of the office's own that fails for one party only."""
    folder = post.outbox.parent / "templates"
    folder.mkdir()
    (folder / "subject.txt.j2").write_text("{{ 1 / 0 if party == '单位D2' else '提醒' }}", encoding="utf-8")
    post.writer = Writer(folder)


@pytest.mark.parametrize("poison", [poisoned_number, poisoned_template])
def test_a_message_that_cannot_be_written_holds_nobody_up(
    post: Post, sink: SmtpSink, caplog: pytest.LogCaptureFixture, poison: Callable[[Post], None]
) -> None:
    messages = [post.box.message(code) for code in ("D1", "D2", "D3")]
    poison(post)
    assert post.deliver() == Tally(accepted=2, rejected=1)
    assert [post.box.state(message) for message in messages] == [ACCEPTED, REJECTED, ACCEPTED]
    row = post.box.row(messages[1])
    assert (row["code"], bool(row["reason"]), row["attempts"]) == ("compose", True, 1)
    assert "cannot be composed" in caplog.text


# The fence and dead processes


class Interloper(SmtpSink):
    """A mail server at whose DATA something happens elsewhere, before the client goes on to the marker: at the first,
    or after some that `pass_by`."""

    happens: Callable[[], None] | None = None
    pass_by = 0

    def fault_at(self, place: str) -> str | None:
        if place == "DATA" and self.happens:
            self.pass_by -= 1
            if self.pass_by < 0:
                self.happens()
                self.happens = None
        return super().fault_at(place)


@pytest.fixture
def interloper(post: Post) -> Iterator[Interloper]:
    with Interloper() as sink:
        post.directory = who(*((code, (to(sink, code),)) for code in ("D1", "D2", "D3")))
        yield sink


def test_another_address_has_another_message_id(post: Post, interloper: Interloper) -> None:
    """Some servers drop a second letter with an id they know: the new recipient would never see it."""
    post.readdress(("D1", (to(interloper, "old"), to(interloper, "new"))))
    message = post.box.message("D1")
    first: list[str] = []
    interloper.fail(Fault("DOT", "550 5.1.1 no such user", times=1))
    interloper.happens = lambda: first.append(post.box.row(message)["header_id"])
    post.deliver()
    (second,) = interloper.received
    assert first[0].endswith("@test.local>")
    assert second.message_id != first[0]


def test_a_message_taken_by_another_process_is_left_to_it(post: Post, interloper: Interloper) -> None:
    stolen, own = post.box.message("D1", kind=ESCALATION), post.box.message("D2")

    def steal() -> None:
        post.box.change("UPDATE message SET owner = 'thief:1:1', attempts = attempts + 1 WHERE id = :id", id=stolen)

    interloper.happens = steal
    assert post.deliver() == Tally(accepted=1)
    assert [received.recipient for received in interloper.received] == ["D2@example.cn"]
    row = post.box.row(stolen)
    assert (row["state"], row["owner"], row["attempts"]) == (LEASED, "thief:1:1", 2)
    assert post.box.phases(stolen) == [(1, AttemptPhase.LEASED)]
    assert post.box.state(own) is ACCEPTED


def test_the_end_before_a_stolen_message_is_still_written(post: Post, interloper: Interloper) -> None:
    """The acceptance of the first is written with the marker of the second, which is refused."""
    first, stolen = post.box.message("D1"), post.box.message("D2")

    def steal() -> None:
        post.box.change("UPDATE message SET owner = 'thief:1:1' WHERE id = :id", id=stolen)

    interloper.happens, interloper.pass_by = steal, 1
    assert post.deliver() == Tally(accepted=1)
    assert (post.box.state(first), post.box.state(stolen)) == (ACCEPTED, LEASED)
    assert [received.recipient for received in interloper.received] == ["D1@example.cn"]


def test_a_marker_that_cannot_be_committed_keeps_the_dot_back(post: Post, interloper: Interloper) -> None:
    message = post.box.message("D1", kind=ESCALATION)
    with post.box.store.writing() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 30")
    with closing(sqlite3.connect(post.box.database, isolation_level=None, check_same_thread=False)) as other:

        def lock() -> None:
            other.execute("BEGIN IMMEDIATE")

        interloper.happens = lock
        with pytest.raises(HomeError, match="正被其他程序占用"):
            post.deliver()
        other.execute("ROLLBACK")
    assert interloper.is_left()
    assert (interloper.received, post.box.state(message)) == ([], LEASED)
    post.bury()
    assert post.deliver() == Tally(accepted=1)
    assert post.box.row(message)["ambiguous"] == 0


# kind, channel, had it passed the marker: what the next run does with it, doubts, and copies that go out
LEFT_BEHIND = [
    (DIGEST, "smtp", False, ACCEPTED, 0, 1),
    (ESCALATION, "smtp", False, ACCEPTED, 0, 1),
    (DIGEST, "smtp", True, UNKNOWN, 1, 0),  # its bytes are for nobody who is left
    (ESCALATION, "smtp", True, UNKNOWN, 1, 0),
    (DIGEST, "file", False, ACCEPTED, 0, 1),
    (ESCALATION, "file", False, ACCEPTED, 0, 1),
    (DIGEST, "file", True, ACCEPTED, 0, 1),
    (ESCALATION, "file", True, ACCEPTED, 0, 1),
]


@pytest.mark.parametrize("row", LEFT_BEHIND, ids=lambda row: "-".join(map(str, row[:3])))
def test_the_next_run_frees_what_a_dead_process_held(
    post: Post, sink: SmtpSink, row: tuple[MessageKind, str, bool, MessageState, int, int]
) -> None:
    kind, channel, marked, state, doubts, copies = row
    if channel == "file":
        post.directory = everybody(FILE)
    message = post.box.message("D1", kind=kind)
    post.box.claim(DEAD)
    if marked:
        with post.box.store.writing() as connection:
            assert outbox.mark(connection, DEAD, message, 1, post.clock.now, channel)
        post.directory = everybody(FILE)  # what the address says today does not tell where the message went then
    post.deliver()
    assert (post.box.state(message), post.box.row(message)["ambiguous"]) == (state, doubts)
    files = list(post.outbox.rglob("*.eml"))
    assert len(sink.received) + len(files) == copies


class Death(BaseException):
    """The process is gone: nothing of it runs any more."""


class Mortal(Moments):
    """A clock that a process looks at for the last time: from the n-th look on it is dead."""

    def __init__(self, now: datetime, last: int) -> None:
        super().__init__(now)
        self.looks_left = last

    def __call__(self) -> datetime:
        if self.looks_left <= 0:
            raise Death
        self.looks_left -= 1
        return super().__call__()


def die(post: Post, last: int) -> bool:
    """A delivery by a process that dies at this step. False where it came to its end before."""
    post.clock = Mortal(post.clock.now, last)
    try:
        post.deliver(told=post.clock)
    except Death:
        post.bury()
        return True
    finally:
        post.clock = Moments(post.clock.now + HOUR)
    return False


@pytest.fixture(scope="module")
def three_messages(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with two digests and an escalation to be handed over."""
    with an_outbox(tmp_path_factory.mktemp("three")) as box:
        box.message("D1")
        box.message("D2", kind=ESCALATION)
        box.message("D3")
        return box.database.read_bytes()


def outlive(three_messages: bytes, folder: Path, deaths: list[int]) -> tuple[bool, int]:
    """Deaths one after another, then runs until all is quiet. Returns whether the first death came, and the doubts.

    Holds the promise: nothing is lost, and no letter is out more often than once and once more for each doubt.
    """
    with SmtpSink() as sink, a_copy(three_messages, folder) as box:
        post = Post(box, folder / "outbox", who(*((code, (to(sink, code),)) for code in ("D1", "D2", "D3"))))
        came, *_ = [die(post, last) for last in deaths]
        while post.deliver() != Tally():
            post.clock.forward(hours=1)
        sink.close()
        doubts = 0
        for message in (1, 2, 3):
            row = box.row(message)
            copies = sum(received.message_id == row["header_id"] for received in sink.received)
            assert row["state"] in (ACCEPTED, UNKNOWN), deaths
            assert copies >= (row["state"] is ACCEPTED), deaths
            assert copies <= 1 + row["ambiguous"], deaths
            doubts += row["ambiguous"]
        return came, doubts


def test_a_process_may_die_at_every_step(three_messages: bytes, tmp_path: Path) -> None:
    steps, doubts = 0, 0
    while (found := outlive(three_messages, tmp_path, [steps]))[0]:
        steps, doubts = steps + 1, doubts + found[1]
    assert steps > 12
    assert doubts >= 3, "each of the three letters was once between dot and answer"


def test_processes_may_die_one_after_another(three_messages: bytes, tmp_path: Path) -> None:
    dice = Random(20230626)
    for _ in range(8):
        outlive(three_messages, tmp_path, [dice.randrange(15) for _ in range(dice.randint(2, 4))])


# Secrets

USER, PASSWORD = "canary-login", "canary@p%ss/w0rd"
SPELLINGS = [
    PASSWORD, quote(PASSWORD, safe=""), base64.b64encode(PASSWORD.encode()).decode(), USER,
    base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode(),
]  # fmt: skip
INDISCREET = [
    Fault("AUTH", f"535 5.7.8 wrong password {PASSWORD} for {USER}"),
    Fault("RCPT", f"550 5.1.1 {SPELLINGS[4]} said {SPELLINGS[2]}"),
    Fault("DOT", f"451 4.3.0 {PASSWORD}"),
]


@pytest.mark.parametrize("fault", [None, *INDISCREET], ids=lambda fault: fault.at if fault else "none")
def test_a_secret_is_in_no_row_no_letter_and_no_log(
    post: Post, caplog: pytest.LogCaptureFixture, fault: Fault | None
) -> None:
    caplog.set_level(logging.DEBUG)
    with SmtpSink(extensions=("AUTH PLAIN LOGIN",), faults=[fault] if fault else []) as sink:
        address = to(sink, "D1", login="${SMTP_USER}:${SMTP_PASS}@")
        post.directory = who(("D1", (address, FILE)), ("D2", (FILE,)), ("D3", (address, address + "&x=${SMTP_PASS}")))
        post.env = {"SMTP_USER": USER, "SMTP_PASS": PASSWORD}
        for code in ("D1", "D2", "D3"):
            post.box.message(code)
        post.deliver()
        assert any(line.startswith("AUTH") for line in sink.commands), "the secret was never used"
        shown = [octets(received).decode() for received in sink.received]
    with post.desk() as desk:
        shown.append(repr(desk))
    shown += [file.read_text() for file in post.outbox.rglob("*.eml")]
    shown += [str(rows) for rows in post.box.dump().values()]
    shown += [record.getMessage() + str(record.__dict__) for record in caplog.records] + [caplog.text]
    assert [spelling for spelling in SPELLINGS for text in shown if spelling in text] == []


def test_a_secret_is_in_no_refusal(post: Post, sink: SmtpSink) -> None:
    post.directory = who(("D1", (to(sink, "D1", login="${SMTP_USER}:${SMTP_PASS}@"),)))
    post.env = {"SMTP_USER": USER, "SMTP_PASS": PASSWORD}
    post.box.message("D1")
    post.box.change("DROP TABLE attempt")
    with pytest.raises(OperationalError, match="attempt") as fault:
        post.deliver()
    told = "".join(traceback.format_exception(fault.value))
    assert [spelling for spelling in SPELLINGS if spelling in told] == []


def test_an_error_gives_back_what_was_held_so_that_the_same_process_can_go_on(post: Post, sink: SmtpSink) -> None:
    """What is past its marker is answered all the same; what is not yet stays where it was."""
    post.box.messages("D1", "D2", "D3")
    sink.fail(Fault("DOT", SLOW, times=2))

    def trip() -> None:
        raise RuntimeError("a fault of ours, after the first message")

    with pytest.raises(RuntimeError):
        post.deliver(told=trip)
    assert len(sink.received) == 2
    assert post.deliver() == Tally(accepted=1)
    assert [received.recipient for received in sink.received] == ["D1@example.cn", "D2@example.cn", "D3@example.cn"]
    assert {row["ambiguous"] for row in map(post.box.row, (1, 2, 3))} == {0}
