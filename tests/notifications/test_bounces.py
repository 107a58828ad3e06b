"""Reports of non-delivery: what failed, why, and which message it was; and what is no report of a failure."""

import pytest

from notifications.bounces import Bounce, bounces_in

ID = "<0123456789abcdef@duban.local>"
HEAD = (
    "From: MAILER-DAEMON@mail.example.cn\r\nTo: duban@example.cn\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    "Message-ID: <report@mail.example.cn>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
)
WORDS = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nI'm sorry to have to inform you …\r\n"
RECIPIENT = (
    "Final-Recipient: rfc822; rsk@example.cn\r\nOriginal-Recipient: rfc822;rsk@example.cn\r\nAction: {action}\r\n"
    "Status: 5.1.1\r\nRemote-MTA: dns; mx.example.cn\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <rsk@example.cn>: Recipient address\r\n    rejected: User unknown\r\n"
)
WHOLE = f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: duban@example.cn\r\nMessage-ID: {ID}\r\n\r\n正文\r\n"
HEADERS = f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: duban@example.cn\r\nMessage-ID:\r\n {ID}\r\n"
SAID = "550 5.1.1 <rsk@example.cn>: Recipient address rejected: User unknown"


def report(*recipients: str, returned: str = WHOLE, of_message: str = "", words: str = WORDS) -> bytes:
    """A report as Postfix writes it, but for what is given."""
    blocks = "\r\n".join((f"Reporting-MTA: dns; mail.example.cn\r\n{of_message}", *recipients))
    status = f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{blocks}\r\n"
    return f"{HEAD}{words}{status}{returned}--b--\r\n".encode()


def failed(action: str = "failed") -> str:
    return RECIPIENT.format(action=action)


@pytest.mark.parametrize("returned", [WHOLE, HEADERS], ids=["whole", "headers"])
def test_a_failure_names_the_message_by_what_was_returned(returned: str) -> None:
    (found,) = bounces_in(report(failed(), returned=returned))
    assert found == Bounce((ID,), "failed", "5.1.1", SAID)
    assert found.is_failure


@pytest.mark.parametrize(
    "named",
    [
        f"Original-Envelope-Id: {ID}\r\n",
        f"Original-Envelope-Id: {ID.strip('<>')}\r\n",
        "Original-Envelope-Id: +3C0123456789abcdef@duban.local+3E\r\n",
        f"X-Original-Message-ID: {ID}\r\n",
    ],
)
def test_where_nothing_was_returned_the_report_itself_may_name_it(named: str) -> None:
    (found,) = bounces_in(report(failed(), returned="", of_message=named))
    assert found.message_ids == (ID,)


def test_a_report_that_names_nothing_names_nothing() -> None:
    (found,) = bounces_in(report(failed(), returned=""))
    assert found.message_ids == ()


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_no_failure_is_told_apart(action: str) -> None:
    (found,) = bounces_in(report(failed(action)))
    assert (found.action, found.is_failure) == (action, False)


def test_each_recipient_is_told_of() -> None:
    found = bounces_in(report(failed(), failed("delayed")))
    assert [one.is_failure for one in found] == [True, False]


def test_words_of_any_case_and_a_code_with_words_behind_it() -> None:
    written = "Final-Recipient: rfc822;x@y\r\nAction: Failed\r\nStatus: 5.2.2 (mailbox full)\r\n"
    (found,) = bounces_in(report(written))
    assert (found.action, found.status, found.diagnostic) == ("failed", "5.2.2", "")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe\x00", b"Subject: Out of office\r\n\r\nBack on Monday", b"%PDF-1.7 ...",
        HEAD.encode(), f"{HEAD}{WORDS}--b--\r\n".encode(),
        f"{HEAD}--b\r\nContent-Type: message/delivery-status\r\n\r\n".encode(),
    ],
)  # fmt: skip
def test_what_is_no_report_says_nothing(content: bytes) -> None:
    assert bounces_in(content) == []


def test_what_was_returned_in_a_strange_encoding_still_names_it() -> None:
    returned = (
        "--b\r\nContent-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"Subject: =E4=BA=BA\r\nMessage-ID: {ID}\r\n"
    )
    (found,) = bounces_in(report(failed(), returned=returned))
    assert found.message_ids == (ID,)


@pytest.mark.parametrize(
    "level",
    [
        "Content-Type: message/rfc822\r\n\r\n", "content-TYPE:\r\n message/rfc822\n\n",
        "Content-Type: multipart/digest; boundary=a{n}\r\n\r\n--a{n}\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=a{n}\r\n\r\n--a{n}\r\n",
        "Content-Type: message/delivery-status\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_nested_without_end_is_no_report_and_does_no_harm(level: str) -> None:
    for levels in (5000, 12):
        assert bounces_in("".join(level.format(n=n) for n in range(levels)).encode()) == []


def test_a_report_that_was_forwarded_is_still_read() -> None:
    inside = report(failed()).decode()
    for _ in range(4):
        inside = f"Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\nContent-Type: message/rfc822\r\n\r\n{inside}"
    assert [one.is_failure for one in bounces_in(inside.encode())] == [True]


def test_what_a_file_says_is_short_and_can_be_shown() -> None:
    written = (
        "Final-Recipient: rfc822; x@y\r\nAction: failed\x1b[2J\r\nStatus: 9\x1b]0;x\r\n"
        f"Diagnostic-Code: smtp; no\x1b[31m \u200bsuch {'user ' * 500}\r\n"
    )
    named = f"X-Original-Message-ID: <a\x1b@b{'b' * 5000}>\r\n"
    (found,) = bounces_in(report(written, returned="", of_message=named))
    assert all(text.isprintable() and len(text) <= 202 for text in (*found.message_ids, found.action, found.diagnostic))
    assert (found.status, found.is_failure) == ("", False)


def test_what_is_said_twice_is_told_once() -> None:
    assert len(bounces_in(report(failed(), failed()))) == 1
