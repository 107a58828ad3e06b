"""What went out, read back: a letter's text, and what was text to begin with."""

from datetime import UTC, datetime

from notifications.as_sent import text_of
from notifications.letters import build_letter
from notifications.wording import Rendered


def test_a_letter_reads_as_it_was_written() -> None:
    words = Rendered(subject="督办", text="人事科：\n\n请在2023-06-30前完成整改。\n", html="<p>人事科</p>")
    letter = build_letter(
        words, message_id="<1@duban.local>", sender="duban@example.cn", recipient="rsk@example.cn",
        recipient_name="人事科", date=datetime(2023, 6, 26, tzinfo=UTC),
    )  # fmt: skip
    assert text_of(letter.payload).replace("\r\n", "\n") == words.text


def test_what_is_no_letter_is_its_own_text() -> None:
    assert text_of('{"markdown": {"content": "督办：人事科"}}'.encode()) == '{"markdown": {"content": "督办：人事科"}}'
    assert text_of(b"\xff!") == "\ufffd!"
