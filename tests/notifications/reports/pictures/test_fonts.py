"""Fonts: which is found, what DUBAN_FONT may name, and what is said where there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import FontRefused
from notifications.reports.pictures.fonts import PROBE, Face, advances, find, font_folders, needed
from tests.notifications.reports.pictures.drawn_fonts import collection_of, font_of

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def put(name: str, family: str = "Drawn", chars: str = PROBE) -> Path:
        path = tmp_path / "machine" / "some" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(font_of(chars, family))
        return path

    return put


def found(tmp_path: Path, **env: str) -> list[str]:
    """The families that are found, best first, but for the one that comes with the drawing library."""
    font = find(env, [tmp_path / "machine", tmp_path / "nowhere"])
    return [face.family for face in font.faces if face.family != "DejaVu Sans"] if font else []


def test_known_families_come_in_their_order(tmp_path: Path, put: Put) -> None:
    put("simsun.ttf", "SimSun")
    put("wqy-microhei.ttf", "WenQuanYi Micro Hei")
    put("NotoSansCJKsc-Regular.otf", "Noto Sans CJK SC")
    assert found(tmp_path) == ["Noto Sans CJK SC", "WenQuanYi Micro Hei", "SimSun"]


def test_a_font_without_chinese_does_not_count_whatever_its_name(tmp_path: Path, put: Put) -> None:
    put("simsun.ttf", "SimSun", "abc")
    put("wqy-microhei.ttf", "WenQuanYi Micro Hei", PROBE[:-1])
    assert found(tmp_path) == []


def test_a_link_that_leads_nowhere_is_no_font(tmp_path: Path, put: Put) -> None:
    put("simsun.ttf", "SimSun", "abc")
    (tmp_path / "machine" / "gone.ttf").symlink_to(tmp_path / "nowhere.ttf")
    assert find({}, [tmp_path / "machine"]) is None


def test_plain_faces_come_before_bold_ones(tmp_path: Path, put: Put) -> None:
    put("msyh-Bold.ttf", "Microsoft YaHei")
    plain = put("msyh.ttf", "Microsoft YaHei")
    font = find({}, [tmp_path])
    assert font
    assert (font.name, font.path) == ("Microsoft YaHei", plain)


def test_the_face_of_a_collection_is_chosen_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "NotoSansCJK-Regular.ttc"
    path.write_bytes(collection_of(font_of(PROBE, "Noto Sans CJK JP"), font_of(PROBE, "Noto Sans CJK SC")))
    font = find({}, [tmp_path])
    assert font
    assert (font.name, font.faces[0].number) == ("Noto Sans CJK SC", 1)


@pytest.mark.parametrize("content", [b"", b"no font", b"ttcf\0\1\0\0\xff\xff\xff\xff", b"\0\1\0\0\0\x09" + b"\0" * 40])
def test_a_broken_file_is_passed_over_and_refused_where_it_is_named(tmp_path: Path, put: Put, content: bytes) -> None:
    put("simsun.ttf", "SimSun")
    broken = tmp_path / "machine" / "wqy-microhei.ttc"
    broken.write_bytes(content)
    assert found(tmp_path) == ["SimSun"]
    with pytest.raises(FontRefused, match=r"不是字体文件，或者已经损坏") as refusal:
        find({"DUBAN_FONT": str(broken)}, [])
    assert str(broken) in refusal.value.zh


def test_the_font_that_is_named_comes_first_the_machines_fill_in(tmp_path: Path, put: Put) -> None:
    put("simsun.ttf", "SimSun", PROBE + "㐂")
    named = tmp_path / "office.ttf"
    named.write_bytes(font_of(PROBE, "Office"))
    assert found(tmp_path, DUBAN_FONT=str(named)) == ["Office", "SimSun"]
    font = find({"DUBAN_FONT": str(named)}, [tmp_path / "machine"])
    assert font
    assert [face.family for char in "整㐂" if (face := font.face_of(char))] == ["Office", "SimSun"]
    assert font.face_of("\U0001f600") == font.faces[-1]


def test_a_named_font_must_be_there_and_hold_chinese(tmp_path: Path) -> None:
    with pytest.raises(FontRefused, match="是文件夹"):
        find({"DUBAN_FONT": str(tmp_path)}, [])
    with pytest.raises(FontRefused, match="不存在"):
        find({"DUBAN_FONT": str(tmp_path / "none.ttf")}, [])
    latin = tmp_path / "latin.ttf"
    latin.write_bytes(font_of("abc", "Latin"))
    with pytest.raises(FontRefused, match="“Latin”不含汉字"):
        find({"DUBAN_FONT": str(latin)}, [])


def test_where_there_is_none_the_packages_are_named(tmp_path: Path) -> None:
    assert find({}, [tmp_path]) is None
    with pytest.raises(FontRefused, match="没有可用的中文字体") as refusal:
        needed({}, [tmp_path])
    for word in ("fonts-noto-cjk", "fonts-wqy-microhei", "google-noto-sans-cjk-ttc-fonts", "DUBAN_FONT"):
        assert word in refusal.value.cure


def test_folders_follow_the_person(tmp_path: Path) -> None:
    folders = font_folders({"HOME": "/h", "XDG_DATA_HOME": str(tmp_path)})
    assert {tmp_path / "fonts", Path("/h/.fonts"), Path("/usr/share/fonts")} <= set(folders)


def test_widths_are_those_of_the_font(tmp_path: Path) -> None:
    path = tmp_path / "a.ttf"
    path.write_bytes(font_of("a整"))
    assert advances(Face(path, 0, "Drawn Sans")) == {ord("a"): 0.5, ord("整"): 1.0}
