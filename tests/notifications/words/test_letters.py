"""Letters as bytes: read back by the email package they are what the email package would have written."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address, Group
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.errors import UsageRefused
from notifications.outcome import Letter
from notifications.words.letters import build_letter, message_id_for
from notifications.words.wording import Rendered

MOMENT = datetime(2023, 6, 26, 8, 30, tzinfo=timezone(timedelta(hours=8)))
ID = message_id_for(b"key", "D01", "2023-06-26", domain="example.cn")
HELLO = Rendered("整改提醒：2项措施临近时限（2023-06-26）", "人事科：\n\n请签收。\n", "<p>人事科：</p>\n")


def letter(
    rendered: Rendered = HELLO,
    *,
    message_id: str = ID,
    sender: str = "督办系统 <duban@example.cn>",
    recipient: str = "rsk@example.cn",
    recipient_name: str = "人事科",
    date: datetime = MOMENT,
) -> Letter:
    return build_letter(
        rendered,
        message_id=message_id,
        sender=sender,
        recipient=recipient,
        recipient_name=recipient_name,
        date=date,
    )


def read(payload: bytes) -> EmailMessage:
    message = message_from_bytes(payload, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message


def parts(message: EmailMessage) -> list[tuple[str, str | None, str]]:
    return [
        (part.get_content_type(), part.get_content_charset(), part.get_content())
        for part in message.iter_parts()
        if isinstance(part, EmailMessage)
    ]


def twin(subject: str, text: str, html: str, name: str) -> EmailMessage:
    """The same letter, slowly: composed, serialised and read back by the email package alone."""
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = subject
    message["To"] = Address(name, addr_spec="rsk@example.cn")
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    return read(message.as_bytes())


def assert_well_formed(payload: bytes) -> None:
    """7-bit, CRLF alone, header lines ≤ 78 octets, body lines ≤ 76, encoded words ≤ 75, and no defect."""
    assert payload.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", payload)
    assert payload.endswith(b"--\r\n")
    head, body = payload.split(b"\r\n\r\n", 1)
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?b\?[^?]*\?=", head))
    message = read(payload)
    for part in message.walk():
        assert part.defects == []
    for header in ("From", "To", "Subject", "Date", "Message-ID"):
        assert message[header].defects == ()
        assert len(message.get_all(header, [])) == 1


def test_a_letter() -> None:
    sent = letter()
    message = read(sent.payload)
    assert_well_formed(sent.payload)
    assert message["Subject"] == HELLO.subject
    assert message["From"].addresses == (Address("督办系统", "duban", "example.cn"),)
    assert message["To"].addresses == (Address("人事科", "rsk", "example.cn"),)
    assert message["Date"].datetime == MOMENT
    assert message["Message-ID"] == ID
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert parts(message) == [
        ("text/plain", "utf-8", "人事科：\r\n\r\n请签收。\r\n"),
        ("text/html", "utf-8", "<p>人事科：</p>\r\n"),
    ]
    assert (sent.message_id, sent.sender, sent.recipient) == (ID, "duban@example.cn", "rsk@example.cn")


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert letter().payload == letter().payload


# What a header may hold once it is one line: anything but controls, separators of lines and lone surrogates.
ONE_LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120)
BODY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def decoded(payload: bytes, header: str) -> str:
    """A header as RFC 2047 reads it; the package's address parser puts a space between encoded words."""
    return str(make_header(decode_header(message_from_bytes(payload)[header])))


@settings(max_examples=60, deadline=None)
@given(subject=ONE_LINE, name=ONE_LINE)
@example(subject="督" * 200, name="责任追究组" * 20)
@example(subject="=?utf-8?b?5o+Q6YaS?=", name='"<a@b>",;:')
@example(subject="👨‍👩‍👧‍👦" * 30, name="a" * 120)
def test_the_headers_are_read_back_as_they_were_meant(subject: str, name: str) -> None:
    payload = letter(Rendered(subject, "x", "x"), recipient_name=f"科{name}").payload
    assert_well_formed(payload)
    message = read(payload)
    assert message["Subject"] == decoded(payload, "Subject") == squeezed(subject)
    assert decoded(payload, "To") == squeezed(f"科{name} <rsk@example.cn>")
    assert message["To"].addresses[0].addr_spec == "rsk@example.cn"


# One encoded word holds 45 octets; and a plain subject that looks like an encoded word the package leaves as
# it is, and so reads as something else.
SHORT_NAME = ONE_LINE.map(squeezed).filter(lambda name: 0 < len(name.encode()) <= 45)


@settings(max_examples=80, deadline=None)
@given(subject=ONE_LINE.filter(lambda text: "=?" not in text), text=BODY, html=BODY, name=SHORT_NAME)
@example(subject="督" * 200, text="", html="\n", name="责任追究组" * 3)
@example(subject="a" * 200, text="--=_\r\n.\r\nFrom \r", html="a\rb\nc\r\nd", name='"<a@b>",;:')
def test_it_reads_as_if_the_email_package_had_written_it(subject: str, text: str, html: str, name: str) -> None:
    message = read(letter(Rendered(subject, text, html), recipient_name=name).payload)
    slow = twin(squeezed(subject), text, html, name)
    assert message["Subject"] == slow["Subject"]
    assert message["To"].addresses == slow["To"].addresses
    assert message.get_content_type() == slow.get_content_type()
    assert parts(message) == parts(slow)


def test_a_chinese_subject_of_200_characters_is_folded() -> None:
    subject = "整改提醒" * 50
    payload = letter(Rendered(subject, "x", "x")).payload
    assert_well_formed(payload)
    assert read(payload)["Subject"] == subject


INJECTIONS = [
    ("in the subject", {"rendered": Rendered("提醒\r\nBcc: spy@example.com\r\n\r\n<b>", "x", "x")}),
    ("in the recipient's name", {"recipient_name": "人事科\r\nBcc: spy@example.com"}),
    ("in the recipient", {"recipient": "rsk@example.cn\r\nBcc: spy@example.com"}),
    ("in the sender's name", {"sender": "督办\nBcc: spy@example.com\n <duban@example.cn>"}),
    ("in the id", {"message_id": "<a@example.cn>\r\nBcc: spy@example.com"}),
    (
        "by separators that only some readers know",
        {"recipient_name": "人事科\x85Bcc: a\u2028Bcc: b\x0bBcc: c"},
    ),
]


@pytest.mark.parametrize("given_", [row[1] for row in INJECTIONS], ids=[row[0] for row in INJECTIONS])
def test_no_header_can_be_slipped_in(given_: dict[str, str]) -> None:
    sent = letter(**given_)  # type: ignore[arg-type]
    assert sorted(read(sent.payload).keys()) == sorted(read(letter().payload).keys())
    assert not re.search(r"[\r\n]", sent.recipient + sent.sender + sent.message_id)


def test_a_lone_surrogate_does_not_stop_a_letter() -> None:
    payload = letter(Rendered("提醒\ud800", "第\udfff步", "x")).payload
    assert_well_formed(payload)
    assert read(payload)["Subject"] == "提醒"
    assert parts(read(payload))[0][2] == "第?步\r\n"


def test_a_party_without_a_mail_address_is_shown_by_name() -> None:
    sent = letter(recipient="人事01")
    assert_well_formed(sent.payload)
    assert read(sent.payload)["To"].groups == (Group("人事科", ()),)
    assert sent.recipient == "人事01"


def test_names_may_be_missing() -> None:
    sent = letter(sender="duban@example.cn", recipient_name="")
    assert_well_formed(sent.payload)
    assert str(read(sent.payload)["From"]) == "duban@example.cn"
    assert str(read(sent.payload)["To"]) == "rsk@example.cn"


@pytest.mark.parametrize("sender", ["", "督办系统", "duban", "duban@例子.cn", "<>"])
def test_a_sender_without_an_address_is_refused(sender: str) -> None:
    with pytest.raises(UsageRefused, match="不是有效的邮件地址"):
        letter(sender=sender)


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        letter(date=MOMENT.replace(tzinfo=None))


def test_a_date_in_utc() -> None:
    sent = letter(date=MOMENT.astimezone(UTC))
    assert b"Date: Mon, 26 Jun 2023 00:30:00 +0000\r\n" in sent.payload


def test_a_message_id_is_stable_and_of_legal_form() -> None:
    assert ID == "<0ef132a104057d14f2585c0c43cb22fb@example.cn>"
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.cn>", ID)


@pytest.mark.parametrize(
    "other",
    [
        message_id_for(b"other key", "D01", "2023-06-26", domain="example.cn"),
        message_id_for(b"key", "D02", "2023-06-26", domain="example.cn"),
        message_id_for(b"key", "D012023-06-26", domain="example.cn"),
        message_id_for(b"key", "D0", "12023-06-26", domain="example.cn"),
        message_id_for(b"key", "D01", "2023-06-26", "", domain="example.cn"),
    ],
    ids=["another key", "another part", "parts joined", "parts cut elsewhere", "an empty part more"],
)
def test_other_parts_give_another_id(other: str) -> None:
    assert other != ID


@pytest.mark.parametrize("domain", ["", "例子.cn", "a b.cn", "a.cn>\r\nBcc: x", ".cn"])
def test_a_domain_that_would_break_the_header_is_refused(domain: str) -> None:
    with pytest.raises(UsageRefused):
        message_id_for(b"key", "x", domain=domain)
