"""A file is put in its place whole or not at all, and what was there stays till then."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from models.errors import UsageRefused
from notifications.reports.files import put, refuse_other_than


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_bytes(b"old")
    put(path, b"new")
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == ["台账.csv"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "真.csv").write_bytes(b"old")
    (tmp_path / "链接.csv").symlink_to("真.csv")
    put(tmp_path / "链接.csv", b"new")
    assert (tmp_path / "链接.csv").is_symlink()
    assert (tmp_path / "真.csv").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["没有/台账.csv", "文件/台账.csv", "夹"])
def test_where_there_can_be_no_such_file_it_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "文件").write_bytes(b"old")
    (tmp_path / "夹").mkdir()
    with pytest.raises(UsageRefused, match="无法写入"):
        put(tmp_path / name, b"new")
    assert names_in(tmp_path) == ["夹", "文件"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("台账.doc", "不是可以写出的"), ("台账.csv", None), ("夹.csv", "是目录"), ("没有/台账.csv", "没有目录")],
)
def test_before_any_work_is_done_it_is_said_what_cannot_be_written(tmp_path: Path, name: str, said: str | None) -> None:
    (tmp_path / "夹.csv").mkdir()
    with pytest.raises(UsageRefused, match=said) if said else nullcontext():
        refuse_other_than(tmp_path / name, ".csv")


def test_what_could_not_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        put(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["台账.csv"]
