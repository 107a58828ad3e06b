"""The outbox folder: whole files, one a letter, under names that cannot escape."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.outcome import Letter, Outcome, OutcomeKind
from notifications.senders.file import FileSender, safe_name

PAYLOAD = "Message-ID: <m1@example.cn>\r\n\r\n整改\r\n".encode()


def letter(message_id: str = "<m1@example.cn>", recipient: str = "D01", payload: bytes = PAYLOAD) -> Letter:
    return Letter(message_id, payload, "duban@example.cn", recipient)


def files_in(outbox: Path) -> list[str]:
    return sorted(path.relative_to(outbox).as_posix() for path in outbox.rglob("*") if path.is_file())


def go() -> bool:
    return True


def test_a_letter_becomes_one_file_with_its_bytes(tmp_path: Path) -> None:
    outcome = FileSender(tmp_path).hand_over(letter(), go)
    assert outcome == Outcome(OutcomeKind.ACCEPTED, reason="D01/m1@example.cn.eml")
    assert (tmp_path / outcome.reason).read_bytes() == PAYLOAD


def test_the_same_letter_twice_leaves_one_file(tmp_path: Path) -> None:
    sender = FileSender(tmp_path / "outbox")
    assert [sender.hand_over(letter(), go).kind for _ in range(2)] == [OutcomeKind.ACCEPTED] * 2
    assert files_in(tmp_path) == ["outbox/D01/m1@example.cn.eml"]


def test_a_half_made_file_of_a_killed_process_is_no_letter(tmp_path: Path) -> None:
    (tmp_path / "D01").mkdir()
    (tmp_path / "D01" / ".m1@example.cn.eml.1.part").write_bytes(PAYLOAD[:5])
    FileSender(tmp_path).hand_over(letter(), go)
    assert [path.name for path in tmp_path.glob("*/*.eml")] == ["m1@example.cn.eml"]


def test_a_closed_fence_leaves_nothing(tmp_path: Path) -> None:
    outcome = FileSender(tmp_path / "outbox").hand_over(letter(), lambda: False)
    assert outcome == Outcome(OutcomeKind.FENCED)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_before_the_mark(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def mark() -> bool:
        seen.append(files_in(tmp_path))
        return True

    FileSender(tmp_path).hand_over(letter(), mark)
    assert seen == [[]]


def test_a_disk_that_refuses_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "D01").write_text("a file where the folder should be", "utf-8")
    outcome = FileSender(tmp_path).hand_over(letter(), go)
    assert (outcome.kind, outcome.code) == (OutcomeKind.RETRY, "EEXIST")
    assert outcome.reason.startswith("写入发件夹失败：")


def test_a_failed_write_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "D01" / "m1@example.cn.eml").mkdir(parents=True)  # the last step, the rename, must fail
    outcome = FileSender(tmp_path).hand_over(letter(), go)
    assert (outcome.kind, outcome.code) == (OutcomeKind.RETRY, "EISDIR")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("recipient", "folder"),
    [
        ("D01", "D01"),
        ("人事科", "人事科"),
        ("../up", "%2E.%2Fup"),
        ("..", "%2E."),
        ("a/b\\c", "a%2Fb%5Cc"),
        ("a b\n\x00", "a%20b%0A%00"),
        ("%2E", "%252E"),
        ("", "%"),
    ],
)
def test_no_code_leads_out_of_the_outbox(tmp_path: Path, recipient: str, folder: str) -> None:
    FileSender(tmp_path).hand_over(letter(recipient=recipient), go)
    assert files_in(tmp_path) == [f"{folder}/m1@example.cn.eml"]


def test_a_long_name_gets_a_short_one(tmp_path: Path) -> None:
    for tail in "ab":
        outcome = FileSender(tmp_path).hand_over(letter(recipient="督" * 100 + tail), go)
        assert outcome.kind is OutcomeKind.ACCEPTED
    assert len(files_in(tmp_path)) == 2


NAMES = st.text("./%2E\\人", max_size=5) | st.text(max_size=300)


@given(NAMES, NAMES)
def test_two_names_never_meet(one: str, other: str) -> None:
    names = {safe_name(one), safe_name(other)}
    assert len(names) == len({one, other})
    assert all(0 < len(os.fsencode(name)) <= 200 and "/" not in name and name not in {".", ".."} for name in names)
