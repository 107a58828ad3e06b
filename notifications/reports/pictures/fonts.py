"""Which fonts pictures are lettered with: found among the machine's by their names, or named by DUBAN_FONT.

Asked before anything is drawn, and by `duban doctor`. A font counts only if it really holds Chinese characters. The
fonts found beside the best one fill in single characters that it lacks. Reads files; loads fontTools when asked.
"""

import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import font_file
from models.errors import FontRefused

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FAMILIES = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC", "HarmonyOS Sans SC",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
    "DengXian", "Heiti SC", "STHeiti", "Noto Sans CJK", "Source Han Sans", "Droid Sans Fallback", "Noto Serif CJK SC",
    "Source Han Serif SC", "Noto Serif SC", "FangSong", "SimSun", "NSimSun", "STSong", "Songti SC", "KaiTi",
    "AR PL UMing CN", "AR PL UKai CN",
)  # fmt: skip
"""Families with simplified Chinese, the best readable at small sizes first."""
_FILES = (
    "notosanscjk", "notosanssc", "notoserifcjk", "notoserifsc", "sourcehan", "harmonyos", "msyh", "pingfang",
    "hiragino", "wqy", "simhei", "simsun", "simfang", "simkai", "fangsong", "kaiti", "deng", "heiti", "songti",
    "stsong", "droidsansfallback", "uming", "ukai",
)  # fmt: skip
"""What the names of their files contain; other files are opened only where none of these holds a font."""
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_ODD = ("bold", "black", "heavy", "light", "thin", "italic", "oblique", "mono", "medium", "condensed")
_LEAST_BYTES = 500_000
"""A font with thousands of Chinese characters is no smaller; this keeps the search from opening a thousand others."""
PROBE = "整改措施督办销号时限"
"""What a font of the machine must hold to count."""
_BROKEN = (OSError, ValueError, KeyError, AssertionError, EOFError, struct.error, AttributeError, TypeError, IndexError)


@dataclass(frozen=True, slots=True)
class Face:
    """One font: a file, and its place in it where the file holds several."""

    path: Path
    number: int
    family: str

    def has(self, char: str) -> bool:
        return ord(char) in advances(self)


@dataclass(frozen=True, slots=True)
class Font:
    """The face that letters pictures, and those that fill in single characters, in order."""

    faces: tuple[Face, ...]

    @property
    def name(self) -> str:
        return self.faces[0].family

    @property
    def path(self) -> Path:
        return self.faces[0].path

    def face_of(self, char: str) -> Face | None:
        """The first face that has the character."""
        return next((face for face in self.faces if face.has(char)), None)


def find(env: Mapping[str, str], folders: Sequence[Path] | None = None) -> Font | None:
    """The font that DUBAN_FONT names, else the best of the machine's; None where none holds Chinese.

    Raises FontRefused where DUBAN_FONT names a file that is no font, or one without Chinese.
    """
    found = list(_of_machine(folders if folders is not None else font_folders(env)))
    if given := font_file(env):
        found.insert(0, _named(given))
    spare = _latin()
    return Font((*found, *([spare] if spare else []))) if found else None


def needed(env: Mapping[str, str], folders: Sequence[Path] | None = None) -> Font:
    """As `find`. Raises FontRefused where there is none, naming what to install."""
    found = find(env, folders)
    if found is None:
        raise FontRefused(
            "本机没有可用的中文字体，图中的汉字无法显示，未出图。",
            "请安装字体：Debian、Ubuntu、统信、麒麟等用 apt install fonts-noto-cjk（或 fonts-wqy-microhei），"
            "openEuler、RHEL 等用 dnf install google-noto-sans-cjk-ttc-fonts（或 wqy-microhei-fonts）；"
            "也可以用环境变量 DUBAN_FONT 指定一个字体文件（.ttf、.otf、.ttc）。",
        )
    return found


def font_folders(env: Mapping[str, str]) -> list[Path]:
    """Where machines keep their fonts."""
    home = Path(env.get("HOME") or "/nonexistent")
    data = Path(env.get("XDG_DATA_HOME") or home / ".local/share")
    system = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")
    windows = Path(env.get("WINDIR") or "C:/Windows") / "Fonts"
    return [data / "fonts", home / ".fonts", home / "Library/Fonts", *map(Path, system), windows]


@cache
def advances(face: Face) -> Mapping[int, float]:
    """How far each character of a face moves on, in parts of its size, by code point. What is not in it has none."""
    with _opened(face.path, face.number) as font:
        widths, em = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: widths[glyph][0] / em for code, glyph in font.getBestCmap().items() if glyph != ".notdef"}


def _named(path: Path) -> Face:
    cure = "请改为一个含汉字的字体文件（.ttf、.otf、.ttc），或去掉该环境变量，由系统自行查找。"
    if path.is_dir():
        raise FontRefused(f"环境变量 DUBAN_FONT 指定的“{path}”是文件夹，不是字体文件。", cure)
    if not path.is_file():
        raise FontRefused(f"环境变量 DUBAN_FONT 指定的字体文件“{path}”不存在。", cure)
    faces = _faces(path)
    if not faces:
        raise FontRefused(f"环境变量 DUBAN_FONT 指定的“{path}”不是字体文件，或者已经损坏。", cure)
    chinese = [face for face in faces if _holds(face, PROBE[:2])]
    if not chinese:
        raise FontRefused(f"环境变量 DUBAN_FONT 指定的字体“{faces[0].family}”不含汉字。", cure)
    return min(chinese, key=_rank)


def _of_machine(folders: Iterable[Path]) -> Iterator[Face]:
    """One face a family, best first."""
    files = [path for folder in folders for path in _files(folder)]
    known = [path for path in files if any(name in _normal(path.name) for name in _FILES)]
    found = _best(known)
    yield from found or _best(path for path in files if path not in known and path.stat().st_size >= _LEAST_BYTES)


def _best(files: Iterable[Path]) -> list[Face]:
    """One face a file and a family: the others have the same characters."""
    families, taken, found = set[str](), set[Path](), list[Face]()
    for face in sorted((face for path in files for face in _faces(path)), key=_rank):
        if face.family not in families and face.path not in taken and _holds(face, PROBE):
            families.add(face.family)
            taken.add(face.path)
            found.append(face)
    return found


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        paths = (Path(place, name) for name in sorted(names) if name.lower().endswith(_SUFFIXES))
        yield from (path for path in paths if path.is_file())  # a link may lead nowhere


def _rank(face: Face) -> tuple[int, bool, int, str, int]:
    """Known families in their order, plain faces before bold and slanted ones."""
    family = next((n for n, name in enumerate(FAMILIES) if face.family == name), len(FAMILIES))
    style = _normal(face.path.stem) + _normal(face.family)
    odd = sum(word in style for word in _ODD)
    return family, odd > 0, odd, str(face.path), face.number


def _normal(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _faces(path: Path) -> list[Face]:
    """Every face of a file that can be read and drawn; a variable one would show its thinnest form and is passed."""
    from fontTools.ttLib import TTLibError

    try:
        found = []
        for number in range(_count(path)):
            with _opened(path, number) as font:
                if "fvar" not in font and "hmtx" in font:
                    found.append(Face(path, number, font["name"].getBestFamilyName() or path.stem))
    except (*_BROKEN, TTLibError):
        return []
    return found


def _holds(face: Face, chars: str) -> bool:
    from fontTools.ttLib import TTLibError

    try:
        return all(map(face.has, chars))
    except (*_BROKEN, TTLibError):
        return False


def _count(path: Path) -> int:
    """How many faces a file holds."""
    with path.open("rb") as file:
        head = file.read(12)
    return int.from_bytes(head[8:12], "big") if head[:4] == b"ttcf" else 1


@contextmanager
def _opened(path: Path, number: int) -> "Iterator[TTFont]":
    """Closed in any case: the library leaves a broken file open."""
    from fontTools.ttLib import TTFont

    with path.open("rb") as file, TTFont(file, fontNumber=number, lazy=True) as font:
        yield font


def _latin() -> Face | None:
    """The font that comes with the drawing library: for signs and letters that Chinese fonts lack."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    return Face(path, 0, "DejaVu Sans") if path.is_file() else None
