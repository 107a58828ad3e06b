"""The cells of one worksheet, told as its XML goes by: row after row what each cell shows.

Used inside the sandbox by the reader of workbooks. Nothing of the sheet is held but the present row and the
merged areas. Phonetic guides and formulas are not read: a formula's cell shows the value kept for it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from models.ledger.files.bounds import CELL_CHARACTERS_MOST, CELLS_MOST, MERGES_MOST, too_long, too_many
from models.ledger.files.grid import NOT_COMPUTED
from models.ledger.files.merging import Area
from models.ledger.files.number_formats import WHOLE_MOST, NumberFormat, bare
from models.ledger.files.parts import Root

_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?", re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
TRUE = {"1", "true", "on"}


@dataclass(frozen=True, slots=True)
class Book:
    """What the sheets of one workbook share: the texts, the format of each style, the day from which it counts; the
    styles that strike out the whole cell, and the texts of which something is struck out.
    """

    strings: Sequence[str]
    formats: Sequence[NumberFormat]
    epoch: date
    struck_styles: frozenset[int] = frozenset()
    struck_strings: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row with the places that are filled, as the file has them: merged areas are not looked at yet."""

    number: int
    filled: Mapping[int, str | date]
    hidden: bool
    struck: frozenset[int]


class Areas(Root):
    """Collects the merged areas of a worksheet, which its XML tells after all its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.areas: list[Area] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if not self.name:
            super().start(name, attributes)
        if name == "mergeCell":
            self.areas.append(_area(attributes["ref"]))
            if len(self.areas) > MERGES_MOST:
                raise ValueError("more merged areas than any ledger has rows")


class Text:
    """Collects the text of a string: its runs, without those struck out and the phonetic guide above them. `is_struck`
    says whether something is.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._in_text = self._in_struck_run = self.is_struck = False
        self._guides = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "rPh":
            self._guides += 1
        elif name == "r":
            self._in_struck_run = False
        elif name == "strike":
            self._in_struck_run = attributes.get("val", "1") in TRUE
        self._in_text = name == "t" and not self._guides

    def end(self, name: str) -> None:
        if name == "rPh":
            self._guides -= 1
        self._in_text = False

    def data(self, text: str) -> None:
        if self._in_text and self._in_struck_run:
            self.is_struck = True
        elif self._in_text:
            self._pieces.append(text)

    def take(self) -> str:
        """The text so far; the next one begins."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._in_struck_run = self.is_struck = False
        return unescaped(text)


class Cells:
    """Collects the filled rows of a worksheet. `take` hands over those that are complete. `most` are the cells, blank
    ones included, beyond which a sheet is refused.
    """

    def __init__(self, book: Book, sheet: str, most: int = CELLS_MOST) -> None:
        self._book, self._sheet, self._most = book, sheet, most
        self._done: list[FilledRow] = []
        self._row, self._hidden = 0, False
        self._filled: dict[int, str | date] = {}
        self._struck: set[int] = set()
        self._cells = 0
        self._place = -1
        self._kind, self._style = "", ""
        self._value: list[str] = []
        self._is_computed, self._in_value = False, False
        self._inline = Text()
        self._in_inline = False

    def take(self) -> list[FilledRow]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "v":
            self._in_value = True
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self._is_computed = True
        elif name == "is":
            self._in_inline = True
        elif self._in_inline:
            self._inline.start(name, attributes)

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name == "v":
            self._in_value = False
        elif name == "row":
            if self._filled or self._struck:
                self._done.append(FilledRow(self._row, self._filled, self._hidden, frozenset(self._struck)))
                self._filled = {}
                self._struck.clear()
        elif name == "is":
            self._in_inline = False
        elif self._in_inline:
            self._inline.end(name)

    def data(self, text: str) -> None:
        if self._in_value:
            self._value.append(text)
        elif self._in_inline:
            self._inline.data(text)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        number = int(attributes.get("r", self._row + 1))
        if number <= self._row:
            raise ValueError(f"row {number} after row {self._row}")  # which of them is meant, nobody can tell
        self._row, self._place = number, -1
        self._hidden = attributes.get("hidden") in TRUE

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        self._place = place_of(reference.rstrip("0123456789")) if reference else self._place + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._value, self._is_computed = [], False
        self._cells += 1
        if self._cells > self._most:
            raise too_many(self._sheet, self._row)

    def _end_cell(self) -> None:
        raw = "".join(self._value)
        if self._kind == "inlineStr":
            if self._inline.is_struck:
                self._struck.add(self._place)
            shown: str | date = self._inline.take().strip()
        elif raw:
            shown = self._shown(raw)
        else:
            # A formula that gives no text keeps an empty value of that kind; any other was never computed.
            shown = NOT_COMPUTED if self._is_computed and self._kind != "str" else ""
        if not shown:
            return
        if self._book.struck_styles and int(self._style) in self._book.struck_styles:
            self._struck.add(self._place)
            return
        if self._place in self._filled:
            raise ValueError(f"two cells at place {self._place} of row {self._row}")
        if isinstance(shown, str) and len(shown) > CELL_CHARACTERS_MOST:
            raise too_long(self._sheet, self._row)
        self._filled[self._place] = shown

    def _shown(self, raw: str) -> str | date:
        match self._kind:
            case "s":
                return self._shared(int(raw))
            case "n":
                return self._number(raw)
            case "b":
                return "TRUE" if raw.strip() in TRUE else "FALSE"
            case "d":
                return _iso(raw)
            case _:
                return unescaped(raw).strip()

    def _shared(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)  # Python would count from the end
        if index in self._book.struck_strings:
            self._struck.add(self._place)
        return self._book.strings[index]

    def _number(self, raw: str) -> str | date:
        style = int(self._style)
        number_format = self._book.formats[style] if 0 <= style < len(self._book.formats) else None
        try:
            number = float(raw)
        except ValueError:
            return raw.strip()
        if number - number != 0:  # endless, or no number
            return raw.strip()
        shown = number_format.shown(number, self._book.epoch) if number_format else bare(number)
        # Some programs write more digits than Excel keeps: those of an account, or of a person.
        return raw if abs(number) >= WHOLE_MOST and shown == bare(number) and raw.isdecimal() else shown


@cache
def place_of(letters: str) -> int:
    """The 0-based place of a column by its letters."""
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        raise ValueError(f"no column is called {letters[:9]}")
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def unescaped(text: str) -> str:
    """The text with the characters that XML cannot hold, which Excel writes as _x000D_; line ends are one sign."""
    if "_x" in text:
        text = _ESCAPED.sub(_character, text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _character(code: re.Match[str]) -> str:
    """What Excel wrote as a code; nothing for what is no text: control signs, and halves of a pair."""
    sign = chr(int(code[1], 16))
    return sign if sign in "\t\n\r" or (sign.isprintable() or sign.isspace()) else ""


def _area(reference: str) -> Area:
    match = _AREA.fullmatch(reference.strip())
    if not match:
        raise ValueError(f"no area is called {reference[:40]}")
    left, top, right, bottom = match.groups()
    first, last = place_of(left), place_of(right or left)
    upper, lower = int(top), int(bottom or top)
    return Area(min(first, last), min(upper, lower), max(first, last), max(upper, lower))


def _iso(raw: str) -> str | date:
    try:
        return date.fromisoformat(raw.strip()[:10])
    except ValueError:
        return raw.strip()
