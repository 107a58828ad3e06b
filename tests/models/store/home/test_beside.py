"""The file beside a home: whole or not there, found through links, and left out where the folder is not ours."""

import os
from pathlib import Path

import pytest

from models.errors import HomeError
from models.store.home.beside import Beside, file_beside, read_beside, remove_beside, write_beside

HERE = Beside("a-home", 7)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return file_beside(tmp_path / "home")


def test_it_says_what_was_written_last(file: Path) -> None:
    assert read_beside(file) is None
    for sitting in (6, 7):
        write_beside(file, Beside("a-home", sitting))
    assert read_beside(file) == HERE
    assert sorted(path.name for path in file.parent.iterdir()) == [".home.duban-sitting", "home"]


def test_it_lies_beside_the_real_folder_whatever_link_leads_there(tmp_path: Path, file: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link"
    link.symlink_to(tmp_path / "home")
    assert file_beside(link) == file


@pytest.mark.parametrize("content", ["", "{", "[]", "7", '{"instance": "a-home"}', '{"instance": "x", "sitting": "y"}'])
def test_what_other_hands_made_of_it_proves_nothing(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    assert read_beside(file) is None


def test_what_an_earlier_home_left_is_taken_away(file: Path) -> None:
    write_beside(file, HERE)
    remove_beside(file)
    remove_beside(file)
    assert read_beside(file) is None


def test_a_place_that_cannot_be_written_is_told_and_nothing_half_is_left(file: Path) -> None:
    file.mkdir()
    with pytest.raises(HomeError, match=r"“\.home\.duban-sitting”写不了"):
        write_beside(file, HERE)
    assert sorted(path.name for path in file.parent.iterdir()) == [".home.duban-sitting", "home"]
    with pytest.raises(HomeError, match="读不了"):
        read_beside(file)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_where_the_folder_around_the_home_is_not_ours_there_is_none(file: Path) -> None:
    write_beside(file, HERE)
    file.parent.chmod(0o555)
    try:
        assert read_beside(file) is None
        write_beside(file, Beside("a-home", 8))
        remove_beside(file)
    finally:
        file.parent.chmod(0o755)
    assert read_beside(file) == HERE
