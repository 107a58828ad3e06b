"""A form can name files of the inbox and no others."""

from pathlib import Path

import pytest

from flows.inbox import laid_ready
from models.errors import UsageRefused


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "台账.pdf").write_text("x", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "folder").mkdir()
    return folder


def test_a_file_in_it_is_found(inbox: Path) -> None:
    assert laid_ready(inbox, "台账.pdf") == inbox / "台账.pdf"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../secret.txt", "应只是文件名"), ("/etc/passwd", "应只是文件名"), ("folder/x.txt", "应只是文件名"),
        (".", "应只是文件名"), ("..", "应只是文件名"), ("link.txt", "没有文件“link.txt”"),
        ("folder", "没有文件“folder”"), ("没有.pdf", "没有文件“没有.pdf”"),
    ],
)  # fmt: skip
def test_nothing_else_can_be_named(inbox: Path, name: str, said: str) -> None:
    with pytest.raises(UsageRefused) as found:
        laid_ready(inbox, name)
    assert said in found.value.zh


def test_where_there_is_no_inbox_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageRefused):
        laid_ready(tmp_path / "inbox", "a.txt")
