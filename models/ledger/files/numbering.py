"""The numbers that Word puts before paragraphs by itself: 1、 （一） ① and the like, which no text of the file holds.

Used inside the sandbox by the reader of documents. Lists are counted that are set for a paragraph or for its style;
bullets, and kinds of number that ledgers do not use, show nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from models.ledger.files.parts import local

_LEVELS_MOST = 9
_STYLES_DEEP = 10
"""Styles that are based on another are followed so far."""
_CHINESE = "零一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_PLACEHOLDER = re.compile(r"%([1-9])")
_TEXT_LONGEST = 100


@dataclass(slots=True)
class _Level:
    kind: str = "decimal"
    text: str = ""
    first: int = 1


@dataclass(slots=True)
class StyleLists:
    """Which list the paragraphs of a style belong to, and on what level. Told the XML of the part of styles."""

    _lists: dict[str, str] = field(default_factory=dict)
    _levels: dict[str, int] = field(default_factory=dict)
    _based_on: dict[str, str] = field(default_factory=dict)
    _style: str = ""

    def start(self, name: str, qualified: Mapping[str, str]) -> None:
        attributes = {local(key): value for key, value in qualified.items()}
        value = attributes.get("val", "")
        if name == "style":
            self._style = attributes.get("styleId", "")
        elif name == "basedOn":
            self._based_on[self._style] = value
        elif name == "numId":
            self._lists[self._style] = value
        elif name == "ilvl":
            self._levels[self._style] = int(value)

    def list_of(self, style: str) -> tuple[str, int]:
        """The list and the level; ("", 0) where there is none."""
        for _ in range(_STYLES_DEEP):
            if style in self._lists:
                return self._lists[style], self._levels.get(style, 0)
            style = self._based_on.get(style, "")
        return "", 0


@dataclass(slots=True)
class Numbering:
    """The lists of a document. Told the XML of its numbering part, then asked paragraph by paragraph."""

    _levels: dict[tuple[str, int], _Level] = field(default_factory=dict)
    _lists: dict[str, str] = field(default_factory=dict)
    _restarted: dict[tuple[str, int], int] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _pattern: str = ""
    _list: str = ""
    _level: int = 0

    def start(self, name: str, qualified: Mapping[str, str]) -> None:
        attributes = {local(key): value for key, value in qualified.items()}
        if name == "abstractNum":
            self._pattern, self._list = attributes.get("abstractNumId", ""), ""
        elif name == "num":
            self._pattern, self._list = "", attributes.get("numId", "")
        elif name == "abstractNumId" and self._list:
            self._lists[self._list] = attributes.get("val", "")
        elif name in {"lvl", "lvlOverride"}:
            self._level = int(attributes.get("ilvl", "0"))
        elif name == "startOverride" and self._list:
            self._restarted[self._list, self._level] = int(attributes.get("val", "1"))
        elif self._pattern:
            self._describe(name, attributes.get("val", ""))

    def next(self, number: str, level: int) -> str:
        """What stands before the next paragraph of this list on this level; "" where nothing does."""
        pattern = self._lists.get(number)
        if pattern is None or not 0 <= level < _LEVELS_MOST:
            return ""
        own = any(restarted == number for restarted, _ in self._restarted)
        counts = self._counts.setdefault(f"list {number}" if own else f"pattern {pattern}", {})
        for deeper in range(level + 1, _LEVELS_MOST):
            counts.pop(deeper, None)
        counts[level] = counts[level] + 1 if level in counts else self._first(number, pattern, level)
        shown = [self._numeral(number, pattern, counts, each) for each in range(_LEVELS_MOST)]
        text = self._levels.get((pattern, level), _Level()).text
        if len(text) > _TEXT_LONGEST or not shown[level]:
            return ""
        return _PLACEHOLDER.sub(lambda place: shown[int(place[1]) - 1], text)

    def _describe(self, name: str, value: str) -> None:
        level = self._levels.setdefault((self._pattern, self._level), _Level())
        if name == "numFmt":
            level.kind = value
        elif name == "lvlText":
            level.text = value
        elif name == "start":
            level.first = int(value)

    def _first(self, number: str, pattern: str, level: int) -> int:
        return self._restarted.get((number, level), self._levels.get((pattern, level), _Level()).first)

    def _numeral(self, number: str, pattern: str, counts: Mapping[int, int], level: int) -> str:
        write = _NUMERALS.get(self._levels.get((pattern, level), _Level()).kind)
        return write(counts.get(level, self._first(number, pattern, level))) if write else ""


def _chinese(number: int) -> str:
    if not 1 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_CHINESE[tens]}十"
    return head + (_CHINESE[ones] if ones or not tens else "")


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if 1 <= number <= 20 else str(number)


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 9) if number >= 1 else str(number)


def _stem(number: int) -> str:
    return _STEMS[(number - 1) % len(_STEMS)]


_NUMERALS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        **dict.fromkeys(("decimal", "decimalFullWidth", "decimalFullWidth2", "decimalHalfWidth", "ordinal"), str),
        "decimalZero": lambda number: f"{number:02}",
        **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _circled),
        **dict.fromkeys(
            ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand",
             "taiwaneseCounting", "ideographDigital", "koreanDigital2"),
            _chinese,
        ),
        "ideographTraditional": _stem,
        "lowerLetter": _letter,
        "upperLetter": lambda number: _letter(number).upper(),
    }
)  # fmt: skip
