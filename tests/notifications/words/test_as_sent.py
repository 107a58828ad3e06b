"""What went out, read back: a letter's text, and what was text to begin with."""

from datetime import UTC, datetime

import pytest

from notifications.addresses import Channel, Robot, Service
from notifications.words.as_sent import text_of
from notifications.words.chat import dialect_of, hook_content
from notifications.words.letters import build_letter
from notifications.words.wording import Chat, Rendered, Slip


def test_a_letter_reads_as_it_was_written() -> None:
    words = Rendered(subject="督办", text="人事科：\n\n请在2023-06-30前完成整改。\n", html="<p>人事科</p>")
    letter = build_letter(
        words, message_id="<1@duban.local>", sender="duban@example.cn", recipient="rsk@example.cn",
        recipient_name="人事科", date=datetime(2023, 6, 26, tzinfo=UTC),
    )  # fmt: skip
    assert text_of(letter.payload).replace("\r\n", "\n") == words.text


@pytest.mark.parametrize("channel", [Channel.WECOM, Channel.DINGTALK, Channel.FEISHU, Channel.OTHER])
def test_what_a_robot_was_sent_reads_as_it_was_said(channel: Channel) -> None:
    to = Service("schan", "schan://x") if channel is Channel.OTHER else Robot(channel, channel.value, "https://h/")
    sent = dialect_of(to).fitting(Chat("督办", "督办：人事科"), Slip(7))
    assert sent is not None
    assert [line.strip() for line in text_of(sent).splitlines()] == ["督办：人事科", "", "〔编号 7〕"]


def test_what_a_program_was_sent_reads_as_it_was_said() -> None:
    assert text_of(hook_content("督办", "督办：人事科", {"items": []})) == "督办：人事科"


@pytest.mark.parametrize("content", ['{"other": 1}', "[]", "7", "督办：人事科"])
def test_what_is_neither_is_its_own_text(content: str) -> None:
    assert text_of(content.encode()) == content


def test_bytes_that_are_no_text_do_not_break_it() -> None:
    assert text_of(b"\xff!") == "\ufffd!"
