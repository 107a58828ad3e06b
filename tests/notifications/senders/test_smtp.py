"""The SMTP sender against a real server on loopback: what each fault means, and what the server saw."""

import base64
import email
import email.policy
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.addresses import FileBox, Mailbox, Security
from notifications.outcome import Letter, Outcome, OutcomeKind
from notifications.senders.file import FileSender
from notifications.senders.pool import Senders
from notifications.senders.smtp import SmtpSender, _as_data
from notifications.senders.smtp_connection import PATIENCE, Patience
from tests.certificates import expired, of_another_host, sound, trusting
from tests.smtp_sink import CLOSE, DRIP, ENDLESS, GARBAGE, HANG, RESET, SLOW, TAKE_AND_CLOSE, Fault, SmtpSink, read_log

ACCEPTED, RETRY, REJECTED = OutcomeKind.ACCEPTED, OutcomeKind.RETRY, OutcomeKind.REJECTED
PAUSED, UNKNOWN, FENCED = OutcomeKind.PAUSED, OutcomeKind.UNKNOWN, OutcomeKind.FENCED
USER, PASSWORD = "duban-user", "hunter2-canary"
QUICK = Patience(connect=0.3, command=0.3, before_dot=1.0, after_dot=0.3, leave=0.2)
LONG = 2.0  # seconds; well over QUICK, well under the real patience
PAYLOAD = (
    "Message-ID: <m1@example.cn>\r\nFrom: duban@example.cn\r\nSubject: =?utf-8?b?5pW05pS5?=\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "整改措施3.1.2还有4个工作日到期。\r\n.\r\n..\r\n.com 开头的一行\r\n\r\n完。\r\n"
).encode()
LETTER = Letter("<m1@example.cn>", PAYLOAD, "duban@example.cn", "rsk@example.cn")


class Marks:
    """A mark that counts how often it was asked."""

    def __init__(self, answer: bool = True) -> None:
        self.count = 0
        self.answer = answer

    def __call__(self) -> bool:
        self.count += 1
        return self.answer


def server(sink: SmtpSink, security: Security = Security.NONE, user: str = "", password: str = "") -> Mailbox:
    return Mailbox("127.0.0.1", sink.port, security, user, password, "duban@example.cn", "rsk@example.cn")


def hand_over_once(
    sink: SmtpSink,
    mark: Callable[[], bool] | None = None,
    letter: Letter = LETTER,
    patience: Patience = PATIENCE,
) -> Outcome:
    with closing(SmtpSender(server(sink), patience)) as sender:
        return sender.hand_over(letter, mark or Marks())


# What arrives


def test_an_accepted_letter_arrives_byte_for_byte(tmp_path: Path) -> None:
    log, mark = tmp_path / "log", Marks()
    with SmtpSink(log) as sink:
        outcome = hand_over_once(sink, mark)
    assert outcome == Outcome(ACCEPTED, "250", "2.0.0 Ok: queued as 4F1D2", enhanced="2.0.0")
    assert mark.count == 1
    [received] = read_log(log)
    assert received.payload.encode("latin-1") == PAYLOAD
    assert (received.message_id, received.sender, received.recipient) == (
        "<m1@example.cn>",
        "duban@example.cn",
        "rsk@example.cn",
    )
    parsed = email.message_from_bytes(received.payload.encode("latin-1"), policy=email.policy.default)
    assert parsed["Subject"] == "整改"
    assert parsed.get_content().splitlines()[1:4] == [".", "..", ".com 开头的一行"]


@given(st.lists(st.sampled_from([b".", b"a", b"\r\n"]), max_size=12).map(b"".join))
def test_stuffing_is_undone_by_the_rules_of_smtp(text: bytes) -> None:
    data = _as_data(text)
    lines = data.split(b"\r\n")
    assert lines.pop() == b""
    assert b"." not in lines  # nothing in it can be taken for the end
    undone = b"".join(line.removeprefix(b".") + b"\r\n" for line in lines)
    assert undone == (text if text.endswith(b"\r\n") else text + b"\r\n")


@pytest.mark.parametrize("smuggled", [b"a\n.\r\nMAIL", b"a\r.\r\nMAIL", b"a\n.\nMAIL", b"a\r\n.\nMAIL"])
def test_a_bare_line_end_cannot_smuggle_a_dot(smuggled: bytes) -> None:
    assert _as_data(smuggled) == b"a\r\n..\r\nMAIL\r\n"


def test_what_the_server_offers_is_used(tmp_path: Path) -> None:
    with SmtpSink() as sink:
        hand_over_once(sink)
    assert sink.commands[1].startswith("MAIL FROM:<duban@example.cn> SIZE=")
    assert sink.commands[1].endswith(" BODY=8BITMIME")
    with SmtpSink(extensions=()) as sink:
        hand_over_once(sink)
    assert sink.commands[1] == "MAIL FROM:<duban@example.cn>"


# Refusals


@pytest.mark.parametrize(
    ("place", "reply", "kind", "enhanced"),
    [
        ("CONNECT", "421 4.3.2 closing", PAUSED, "4.3.2"),
        ("CONNECT", "554 5.7.1 not you", PAUSED, "5.7.1"),
        ("EHLO", "421 4.3.2 closing", PAUSED, "4.3.2"),
        ("EHLO", "550 5.7.1 not you", PAUSED, "5.7.1"),
        ("MAIL", "421 4.7.0 too much", PAUSED, "4.7.0"),
        ("MAIL", "451 4.3.0 later", RETRY, "4.3.0"),
        ("MAIL", "454 4.7.0 no login now", PAUSED, "4.7.0"),
        ("MAIL", "530 5.7.0 log in first", PAUSED, "5.7.0"),
        ("MAIL", "550 5.7.1 not you", REJECTED, "5.7.1"),
        ("RCPT", "421 4.7.0 too much", PAUSED, "4.7.0"),
        ("RCPT", "450 4.2.0 greylisted", RETRY, "4.2.0"),
        ("RCPT", "454 4.7.1 relay access denied", RETRY, "4.7.1"),
        ("RCPT", "535 5.7.8 log in again", PAUSED, "5.7.8"),
        ("RCPT", "550 5.1.1 no such user", REJECTED, "5.1.1"),
        ("RCPT", "550 no such user", REJECTED, ""),
        ("RCPT", "550 4.1.1 contradicts itself", REJECTED, ""),
        ("RCPT", "550 5.1.1234 no code", REJECTED, ""),
        ("RCPT", "550-5.1.1 no\r\n550 5.7.1 such user", REJECTED, "5.1.1"),
        ("DATA", "451 4.3.0 later", RETRY, "4.3.0"),
        ("DATA", "554 5.5.1 no", REJECTED, "5.5.1"),
        ("DATA", "250 2.0.0 what", PAUSED, "2.0.0"),
        ("DOT", "421 4.3.2 closing", PAUSED, "4.3.2"),
        ("DOT", "452 4.3.1 full", RETRY, "4.3.1"),
        ("DOT", "552 5.3.4 too big", REJECTED, "5.3.4"),
        ("DOT", "354 what", UNKNOWN, ""),
    ],
)
def test_what_a_refusal_means(place: str, reply: str, kind: OutcomeKind, enhanced: str) -> None:
    mark = Marks()
    with SmtpSink(faults=[Fault(place, reply)]) as sink:
        outcome = hand_over_once(sink, mark)
    assert outcome == Outcome(kind, reply[:3], outcome.reason, enhanced=enhanced)
    assert outcome.reason == " ".join(line[4:] for line in reply.splitlines())
    assert mark.count == (1 if place == "DOT" else 0)
    assert sink.received == []
    assert sink.connections == 1


def test_a_server_without_ehlo_is_greeted_with_helo() -> None:
    with SmtpSink(faults=[Fault("EHLO", "502 5.5.1 what")]) as sink:
        assert hand_over_once(sink).kind is ACCEPTED
    with SmtpSink(faults=[Fault("EHLO", "502 5.5.1 what"), Fault("HELO", "550 5.7.1 not you")]) as sink:
        assert hand_over_once(sink) == Outcome(PAUSED, "550", "5.7.1 not you", enhanced="5.7.1")


def test_a_refusal_does_not_cost_the_connection() -> None:
    with SmtpSink(faults=[Fault("RCPT", "550 5.1.1 no such user", times=1)]) as sink:
        with closing(SmtpSender(server(sink))) as sender:
            assert [sender.hand_over(LETTER, Marks()).kind for _ in range(3)] == [
                REJECTED,
                ACCEPTED,
                ACCEPTED,
            ]
        assert sink.connections == 1
        assert sink.commands.count("RSET") == 1


def test_a_refusal_in_the_middle_of_the_body_is_heard_and_ends_the_connection() -> None:
    mark = Marks()
    long = Letter("<m@x>", b"x: y\r\n\r\n" + b"a line\r\n" * 600_000, "a@x.cn", "b@y.cn")
    with SmtpSink(faults=[Fault("BODY", "552 5.3.4 too big")]) as sink:
        with closing(SmtpSender(server(sink))) as sender:
            outcome = sender.hand_over(long, mark)
            assert sink.is_left()
        assert outcome == Outcome(REJECTED, "552", "5.3.4 too big", enhanced="5.3.4")
        assert (mark.count, sink.received) == (0, [])


@pytest.mark.parametrize("recipient", ["张三@example.cn", "a@x.cn>\r\nRCPT TO:<b@y.cn", "a b@x.cn", ""])
def test_an_address_that_breaks_the_dialogue_is_never_tried(recipient: str) -> None:
    with SmtpSink() as sink:
        outcome = hand_over_once(sink, letter=Letter("<m@x>", PAYLOAD, "duban@example.cn", recipient))
    assert (outcome.kind, outcome.code) == (REJECTED, "address")
    assert sink.connections == 0


# Servers that go away, hang, drip or babble


@pytest.mark.parametrize("place", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("what", "code"), [(CLOSE, "lost"), (RESET, "lost"), (HANG, "timeout"), (DRIP, "timeout"), ("hi", "garbled")]
)
def test_a_server_that_fails_is_no_answer(place: str, what: str, code: str) -> None:
    started = monotonic()
    with SmtpSink(faults=[Fault(place, what)]) as sink:
        outcome = hand_over_once(sink, patience=QUICK if code == "timeout" else PATIENCE)
        assert (outcome.kind, outcome.code) == (UNKNOWN if place == "DOT" else PAUSED, code)
        assert monotonic() - started < LONG
    assert sink.received == []
    assert "\n" not in outcome.reason
    assert outcome.reason


def test_dripping_ends_with_the_total_even_where_each_command_is_in_time() -> None:
    patience = Patience(command=10.0, before_dot=0.3, leave=0.1)
    started = monotonic()
    with SmtpSink(faults=[Fault("RCPT", DRIP)]) as sink:
        assert hand_over_once(sink, patience=patience).code == "timeout"
        assert monotonic() - started < LONG


def test_a_reply_without_end_is_cut_off() -> None:
    with SmtpSink(faults=[Fault("MAIL", "250 " + "x" * 8_000_000)]) as sink:
        assert hand_over_once(sink, patience=QUICK).code == "garbled"
    with SmtpSink(faults=[Fault("MAIL", "250-\r\n" * 50_000 + "250 x")]) as sink:
        assert hand_over_once(sink).code == "garbled"
    with SmtpSink(faults=[Fault("DOT", ENDLESS)]) as sink:
        outcome = hand_over_once(sink, patience=QUICK)
    assert (outcome.kind, outcome.code) == (UNKNOWN, "garbled")


def test_what_a_server_says_before_it_hangs_up_is_heard_though_the_body_breaks_off() -> None:
    """Else one letter that is too long would close the channel to everybody."""

    long = Letter("<m@x>", b"x: y\r\n\r\n" + b"a line\r\n" * 3_000_000, "a@x.cn", "b@y.cn")
    with SmtpSink(faults=[Fault("BODY", "552 5.3.4 too big\r\n421 4.7.0 bye")]) as sink:
        outcome = hand_over_once(sink, letter=long)
    assert outcome == Outcome(REJECTED, "552", "5.3.4 too big", enhanced="5.3.4")


def test_a_line_lost_within_the_body_is_proved_unsent() -> None:
    mark = Marks()
    long = Letter("<m@x>", b"x: y\r\n\r\n" + b"a line\r\n" * 3_000_000, "a@x.cn", "b@y.cn")
    with SmtpSink(faults=[Fault("BODY", CLOSE)]) as sink:
        outcome = hand_over_once(sink, mark, long, PATIENCE)
    assert (outcome.kind, outcome.code, mark.count) == (PAUSED, "lost", 0)


def test_a_server_that_stops_reading_the_body_does_not_hold_us() -> None:
    long = Letter("<m@x>", b"x: y\r\n\r\n" + b"a line\r\n" * 3_000_000, "a@x.cn", "b@y.cn")
    with SmtpSink(faults=[Fault("BODY", HANG)]) as sink:
        outcome = hand_over_once(sink, letter=long, patience=QUICK)
        assert (outcome.kind, outcome.code) == (PAUSED, "timeout")


def test_accepted_and_then_silent_is_unknown_and_not_sent_again() -> None:
    mark = Marks()
    with SmtpSink(faults=[Fault("DOT", TAKE_AND_CLOSE)]) as sink:
        outcome = hand_over_once(sink, mark)
    assert (outcome.kind, outcome.code) == (UNKNOWN, "lost")
    assert (len(sink.received), mark.count, sink.connections) == (1, 1, 1)


def test_the_dot_is_given_more_time_than_a_command() -> None:
    with SmtpSink(faults=[Fault("DOT", SLOW)]) as sink:
        assert hand_over_once(sink, patience=Patience(command=0.2, before_dot=0.4)).kind is ACCEPTED


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mailbox = Mailbox("127.0.0.1", port, Security.NONE, "", "", "a@x.cn", "b@y.cn")
    outcome = SmtpSender(mailbox).hand_over(LETTER, Marks())
    assert outcome == Outcome(PAUSED, "refused", "邮件服务器拒绝连接")


def test_a_host_name_that_is_none() -> None:
    mailbox = Mailbox("a" * 64 + ".cn", 25, Security.NONE, "", "", "a@x.cn", "b@y.cn")
    outcome = SmtpSender(mailbox).hand_over(LETTER, Marks())
    assert (outcome.kind, outcome.code) == (PAUSED, "garbled")


# The fence


def test_a_closed_fence_keeps_the_dot_back() -> None:
    with SmtpSink() as sink:
        with closing(SmtpSender(server(sink))) as sender:
            assert sender.hand_over(LETTER, Marks(answer=False)) == Outcome(FENCED)
            assert sink.is_left()
            assert sink.received == []
            assert sender.hand_over(LETTER, Marks()).kind is ACCEPTED
        assert sink.connections == 2


def test_the_whole_body_but_no_dot_has_left_when_the_mark_is_asked() -> None:
    seen: list[tuple[str, int]] = []

    def mark() -> bool:
        seen.append((sink.commands[-1], len(sink.received)))
        return True

    with SmtpSink() as sink:
        hand_over_once(sink, mark)
    assert seen == [("DATA", 0)]


def test_a_mark_that_fails_passes_through_and_keeps_the_dot_back() -> None:
    def mark() -> bool:
        raise OSError("disk full")

    with SmtpSink() as sink:
        with closing(SmtpSender(server(sink))) as sender:
            with pytest.raises(OSError, match="disk full"):
                sender.hand_over(LETTER, mark)
            assert sink.is_left()
            assert sender.hand_over(LETTER, Marks()).kind is ACCEPTED
        assert (sink.connections, len(sink.received)) == (2, 1)


# One connection kept open


def test_fifty_letters_use_one_connection() -> None:
    with SmtpSink() as sink:
        with closing(SmtpSender(server(sink))) as sender:
            kinds = {sender.hand_over(LETTER, Marks()).kind for _ in range(50)}
        assert kinds == {ACCEPTED}
        assert (sink.connections, len(sink.received)) == (1, 50)
        assert sink.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    ("place", "what"), [("MAIL", CLOSE), ("MAIL", "421 4.4.2 idle too long"), ("RCPT", CLOSE), ("DATA", HANG)]
)
def test_a_stale_connection_is_replaced_once(place: str, what: str) -> None:
    mark, patience = Marks(), Patience(command=0.3, before_dot=1.0)
    with SmtpSink() as sink, closing(SmtpSender(server(sink), patience)) as sender:
        sender.hand_over(LETTER, Marks())
        sink.fail(Fault(place, what, times=1))
        assert sender.hand_over(LETTER, mark).kind is ACCEPTED
        assert (sink.connections, len(sink.received), mark.count) == (2, 2, 1)
        sink.fail(Fault(place, what))
        assert sender.hand_over(LETTER, mark).kind is PAUSED
        assert (sink.connections, len(sink.received), mark.count) == (3, 2, 1)


def test_a_connection_the_server_closed_meanwhile_is_not_tried() -> None:
    with SmtpSink() as sink, closing(SmtpSender(server(sink))) as sender:
        sender.hand_over(LETTER, Marks())
        sink.hang_up()
        assert sender.hand_over(LETTER, Marks()).kind is ACCEPTED
        assert sink.connections == 2


def test_a_connection_idle_for_long_is_replaced() -> None:
    with SmtpSink() as sink, closing(SmtpSender(server(sink), Patience(idle=0.0))) as sender:
        assert [sender.hand_over(LETTER, Marks()).kind for _ in range(2)] == [ACCEPTED] * 2
        assert sink.connections == 2


def test_after_a_doubt_nothing_is_sent_again_on_the_same_connection() -> None:
    with SmtpSink(faults=[Fault("DOT", "354 what", times=1)]) as sink:
        with closing(SmtpSender(server(sink))) as sender:
            assert [sender.hand_over(LETTER, Marks()).kind for _ in range(2)] == [UNKNOWN, ACCEPTED]
        assert sink.connections == 2


def test_leaving_does_not_wait_for_a_server_that_hangs() -> None:
    started = monotonic()
    with SmtpSink(faults=[Fault("QUIT", HANG)]) as sink:
        assert hand_over_once(sink, patience=Patience(leave=0.2)).kind is ACCEPTED
        assert monotonic() - started < LONG


def test_senders_are_shared_by_server_and_login(tmp_path: Path) -> None:
    def mailbox(recipient: str, user: str = "u", password: str = "p") -> Mailbox:
        return Mailbox("m.cn", 25, Security.NONE, user, password, "a@x.cn", recipient)

    with closing(Senders(tmp_path)) as senders:
        one = senders.sender_for(mailbox("b@y.cn"))
        assert senders.sender_for(mailbox("c@y.cn")) is one
        assert senders.sender_for(mailbox("b@y.cn", user="other")) is not one
        assert senders.sender_for(mailbox("b@y.cn", password="new")) is not one
        assert senders.sender_for(FileBox()) is senders.sender_for(FileBox())
        assert isinstance(senders.sender_for(FileBox()), FileSender)


def test_closing_the_senders_takes_leave_of_every_server(tmp_path: Path) -> None:
    with SmtpSink() as sink:
        senders = Senders(tmp_path)
        assert senders.sender_for(server(sink)).hand_over(LETTER, Marks()).kind is ACCEPTED
        senders.close()
        sink.hang_up()
        assert sink.commands[-1] == "QUIT"


# Secrecy


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_letters_and_the_login_go_under_tls(security: Security) -> None:
    offers = ("AUTH PLAIN", "8BITMIME")
    with SmtpSink(tls=sound(), tls_at_once=security is Security.TLS, extensions=offers) as sink:
        mailbox = server(sink, security, USER, PASSWORD)
        with closing(SmtpSender(mailbox, tls=trusting())) as sender:
            assert [sender.hand_over(LETTER, Marks()).kind for _ in range(3)] == [ACCEPTED] * 3
            assert sender.hand_over(LETTER, Marks(answer=False)).kind is FENCED
            sink.hang_up()
        assert [received.payload.encode("latin-1") for received in sink.received] == [PAYLOAD] * 3
    verbs = [line.partition(" ")[0].upper() for line in sink.commands]
    greeting = ["EHLO", "STARTTLS", "EHLO", "AUTH"] if security is Security.STARTTLS else ["EHLO", "AUTH"]
    assert verbs == greeting + ["MAIL", "RCPT", "DATA"] * 4
    assert base64.b64decode(sink.commands[len(greeting) - 1].split()[2]).decode() == f"\0{USER}\0{PASSWORD}"


def test_what_was_said_before_starttls_is_forgotten() -> None:
    with SmtpSink(tls=sound()) as sink:
        sender = SmtpSender(server(sink, Security.STARTTLS), tls=trusting())
        assert sender.hand_over(LETTER, Marks()).kind is ACCEPTED
        sender.close()
    assert [line.partition(" ")[0].upper() for line in sink.commands[:4]] == [
        "EHLO",
        "STARTTLS",
        "EHLO",
        "MAIL",
    ]


def test_no_falling_back_when_starttls_is_not_offered() -> None:
    with SmtpSink(extensions=("AUTH PLAIN",)) as sink:
        with closing(SmtpSender(server(sink, Security.STARTTLS, USER, PASSWORD), QUICK)) as sender:
            outcome = sender.hand_over(LETTER, Marks())
        assert (outcome.kind, outcome.code) == (PAUSED, "tls")
    assert [line.partition(" ")[0].upper() for line in sink.commands] == ["EHLO"]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("454 4.7.0 not now", "454"),
        ("554 5.7.1 no", "554"),
        ("220 go\r\n250-AUTH PLAIN\r\n250 injected", "tls"),
    ],
)
def test_a_refused_or_tampered_starttls_ends_the_dialogue(reply: str, code: str) -> None:
    with SmtpSink(tls=sound(), faults=[Fault("STARTTLS", reply)], extensions=("AUTH PLAIN",)) as sink:
        with closing(SmtpSender(server(sink, Security.STARTTLS, USER, PASSWORD), tls=trusting())) as sender:
            outcome = sender.hand_over(LETTER, Marks())
        assert (outcome.kind, outcome.code) == (PAUSED, code)
    assert [line.partition(" ")[0].upper() for line in sink.commands] == ["EHLO", "STARTTLS"]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_nobody_vouches_for_is_refused(security: Security) -> None:
    with SmtpSink(tls=sound(), tls_at_once=security is Security.TLS) as sink:
        with closing(SmtpSender(server(sink, security, USER, PASSWORD), QUICK)) as sender:
            outcome = sender.hand_over(LETTER, Marks())
        assert outcome == Outcome(PAUSED, "tls", "邮件服务器的证书未通过检查")
    assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in sink.commands)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("certificate", [expired, of_another_host])
def test_a_certificate_that_is_not_in_order_is_refused(
    security: Security, certificate: Callable[[], ssl.SSLContext]
) -> None:
    with SmtpSink(tls=certificate(), tls_at_once=security is Security.TLS) as sink:
        with closing(SmtpSender(server(sink, security, USER, PASSWORD), QUICK, trusting())) as sender:
            outcome = sender.hand_over(LETTER, Marks())
        assert outcome == Outcome(PAUSED, "tls", "邮件服务器的证书未通过检查")
    assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in sink.commands)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize(
    ("what", "codes"),
    [
        (GARBAGE, {"tls"}),
        (CLOSE, {"tls"}),
        (RESET, {"tls", "lost"}),  # it may be torn before TLS has begun
        (HANG, {"timeout"}),
        (DRIP, {"tls"}),
    ],
)
def test_a_handshake_that_fails_leaves_nothing_in_the_clear(security: Security, what: str, codes: set[str]) -> None:
    started = monotonic()
    faults = [Fault("HANDSHAKE", what)]
    with SmtpSink(tls=sound(), tls_at_once=security is Security.TLS, faults=faults) as sink:
        with closing(SmtpSender(server(sink, security, USER, PASSWORD), QUICK, trusting())) as sender:
            outcome = sender.hand_over(LETTER, Marks())
        assert outcome.kind is PAUSED
        assert outcome.code in codes
        assert monotonic() - started < LONG
    assert {line.partition(" ")[0].upper() for line in sink.commands} <= {"EHLO", "STARTTLS"}


def test_a_handshake_that_hangs_is_given_up() -> None:
    with SmtpSink(faults=[Fault("CONNECT", HANG)]) as sink:  # a plain server where TLS is expected
        sender = SmtpSender(server(sink, Security.TLS), QUICK)
        assert sender.hand_over(LETTER, Marks()).code == "timeout"


def test_a_refused_login_is_the_channels_fault_and_tells_no_secret() -> None:
    told = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    reply = f"535-5.7.8 bad login {USER}\r\n535 5.7.8 what is AUTH PLAIN {told} or {PASSWORD}\x07?" + " no" * 99
    with SmtpSink(extensions=("AUTH PLAIN",), faults=[Fault("AUTH", reply)]) as sink:
        mailbox = server(sink, user=USER, password=PASSWORD)
        with closing(SmtpSender(mailbox, QUICK)) as sender:
            outcome = sender.hand_over(LETTER, Marks())
            shown = repr(outcome) + repr(mailbox) + repr(sender)
    assert (outcome.kind, outcome.code) == (PAUSED, "535")
    assert outcome.reason.startswith("5.7.8 bad login *** 5.7.8 what is AUTH PLAIN *** or *** ? no no")
    assert len(outcome.reason) == 200
    assert not any(secret in shown for secret in (USER, PASSWORD, told))


def test_a_challenge_without_sense_is_the_channels_fault() -> None:
    with SmtpSink(extensions=("AUTH CRAM-MD5",), faults=[Fault("AUTH", "334 x")]) as sink:
        sender = SmtpSender(server(sink, user=USER, password=PASSWORD), QUICK)
        assert sender.hand_over(LETTER, Marks()).kind is PAUSED


# The sink itself


def test_the_sink_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.smtp_sink", str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        mailbox = Mailbox("127.0.0.1", int(process.stdout.readline()), Security.NONE, "", "", "a@x.cn", "b@y.cn")
        with closing(SmtpSender(mailbox)) as sender:
            assert sender.hand_over(LETTER, Marks()).kind is ACCEPTED
        process.kill()
    assert [received.message_id for received in read_log(tmp_path / "log")] == ["<m1@example.cn>"]


# What must not be used again


def test_a_relay_that_hangs_up_while_the_marker_is_committed_has_not_got_the_letter() -> None:
    """The dot has not been said: a proof, and no doubt."""
    with SmtpSink() as sink:

        def mark() -> bool:
            sink.hang_up()
            return True

        assert hand_over_once(sink, mark, patience=QUICK).kind is PAUSED
        assert sink.received == []


@pytest.mark.parametrize("answer", [SLOW, GARBAGE])
def test_a_connection_whose_answer_is_still_out_is_not_used_again(answer: str) -> None:
    """Else the late answer to one letter would be read as that to the next."""
    with SmtpSink(faults=[Fault("DOT", answer, times=1)]) as sink, closing(SmtpSender(server(sink), QUICK)) as sender:
        assert sender.hand_over(LETTER, Marks()).kind is UNKNOWN
        assert sender.hand_over(LETTER, Marks()).kind is ACCEPTED
        asked = [command for command in sink.commands if command.startswith("MAIL")]
        assert (len(asked), sink.connections) == (2, 2)
