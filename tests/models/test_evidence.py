"""佐证材料 in the store: found by hash, one file for one content, whole or absent."""

import hashlib
from pathlib import Path

import pytest

from models.errors import HomeError, UsageRefused
from models.evidence import StoredFile, path_of, store_file

CONTENTS = [b"", "整改情况报告".encode(), b"\x00\xff" * 1000, b"x" * ((1 << 20) + 1), b"y" * (2 << 20)]


def given_file(folder: Path, content: bytes, name: str = "整改报告.docx") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def files_in(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_a_file_lies_under_the_hash_of_its_content(tmp_path: Path, content: bytes) -> None:
    store, sha256 = tmp_path / "home" / "evidence", hashlib.sha256(content).hexdigest()
    source = given_file(tmp_path, content)
    assert store_file(source, store) == StoredFile(sha256, "整改报告.docx", len(content))
    assert files_in(store) == [Path(sha256[:2], sha256)]
    assert path_of(sha256, store).read_bytes() == source.read_bytes() == content


def test_the_same_content_twice_is_one_file_and_two_names(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    first = store_file(given_file(tmp_path, b"photo", "照片1.jpg"), store)
    second = store_file(given_file(tmp_path, b"photo", "照片2.jpg"), store)
    assert (first.name, second.name) == ("照片1.jpg", "照片2.jpg")
    assert first.sha256 == second.sha256
    assert files_in(store) == [Path(first.sha256[:2], first.sha256)]


def test_what_is_stored_does_not_follow_the_original(tmp_path: Path) -> None:
    store, source = tmp_path / "evidence", given_file(tmp_path, b"as submitted")
    stored = store_file(source, store)
    source.write_bytes(b"improved later")
    assert path_of(stored.sha256, store).read_bytes() == b"as submitted"


def test_a_link_is_stored_as_what_it_points_to(tmp_path: Path) -> None:
    link = tmp_path / "link.pdf"
    link.symlink_to(given_file(tmp_path, b"behind the link"))
    stored = store_file(link, tmp_path / "evidence")
    assert stored.name == "link.pdf"
    assert not path_of(stored.sha256, tmp_path / "evidence").is_symlink()


@pytest.mark.parametrize("name", ["没有的文件.pdf", "folder", "dangling"])
def test_what_is_no_file_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageRefused, match=name) as refusal:
        store_file(tmp_path / name, tmp_path / "evidence")
    assert refusal.value.cure
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize("in_the_way", ["evidence", "evidence/55"])
def test_where_nothing_can_be_stored_the_office_is_told(tmp_path: Path, in_the_way: str) -> None:
    """A file lies where a folder should be; the SHA-256 of "photo" begins with 55."""
    taken = tmp_path / in_the_way
    taken.parent.mkdir(exist_ok=True)
    taken.write_bytes(b"")
    with pytest.raises(HomeError, match="未能存入") as refusal:
        store_file(given_file(tmp_path, b"photo"), tmp_path / "evidence")
    assert refusal.value.cure
