"""Reads a workbook (.xlsx, .xlsm): its visible sheets in their order, each row as it is seen.

Used inside the sandbox. It is our own and small: what a ledger needs of a workbook is a tenth of what a general
reader opens, and each part is read once, as a stream. Macros, pictures, links and formulas are never looked at.
Cells of hidden columns are read like others; hidden rows are marked; hidden sheets are named and left out, text that is
struck out is left out and marked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from models.ledger.files.bounds import broken
from models.ledger.files.grid import Found, HiddenSheet
from models.ledger.files.merging import Merging
from models.ledger.files.number_formats import EPOCH_1900, EPOCH_1904, PLAIN, NumberFormat, format_of
from models.ledger.files.parts import Package, local
from models.ledger.files.worksheet import TRUE, Areas, Book, Cells, Text


def rows_of_workbook(package: Package, main: str) -> Iterator[Found]:
    """Each sheet: its name, then its rows where it is shown. `main` is the path of the workbook's own part.

    Raises LedgerRefused, or any error of a broken part.
    """
    outline, strings, styles = _Outline(), _Strings(), _Styles()
    package.read_starts(main, outline.start)
    paths = {}
    for relation in package.related(main):
        paths[relation.key] = relation.path
        if relation.kind == "sharedStrings":
            package.read(relation.path, strings)
        elif relation.kind == "styles":
            package.read_starts(relation.path, styles.start)
    visible = [paths[key] for _, key, is_shown in outline.sheets if is_shown]
    if len(set(visible)) < len(visible):
        raise broken(package.name)
    book = Book(strings.strings, styles.formats(), outline.epoch, styles.struck(), frozenset(strings.struck))
    for name, key, is_shown in outline.sheets:
        if is_shown:
            yield from _sheet(package, paths[key], name, book)
        else:
            yield HiddenSheet(name)


def _sheet(package: Package, path: str, name: str, book: Book) -> Iterator[Found]:
    areas = Areas()
    package.read_starts(path, areas.start)
    if areas.name != "worksheet":  # a sheet that is one chart
        return
    yield name
    merging, cells = Merging(areas.areas), Cells(book, name)
    for _ in package.reading(path, cells):
        for row in cells.take():
            if seen := merging.row(row.number, row.filled, row.hidden, row.struck):
                yield seen


@dataclass(slots=True)
class _Outline:
    """What the workbook says of itself: its sheets as (name, relation, shown or not), and where its days begin."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    epoch: date = EPOCH_1900

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            keys = {local(key): value for key, value in attributes.items()}
            self.sheets.append((keys["name"], keys["id"], attributes.get("state", "visible") == "visible"))
        elif name == "workbookPr" and attributes.get("date1904") in {"1", "true", "on"}:
            self.epoch = EPOCH_1904


class _Strings:
    """The texts that cells share, by number. `struck` are those of which something is struck out."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self.struck: set[int] = set()
        self._text = Text()

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._text.start(name, attributes)

    def end(self, name: str) -> None:
        self._text.end(name)
        if name == "si":
            if self._text.is_struck:
                self.struck.add(len(self.strings))
            self.strings.append(self._text.take().strip())

    def data(self, text: str) -> None:
        self._text.data(text)


_PARTS_OF_STYLES = frozenset({"fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"})


class _Styles:
    """The number format of each style of a cell, and whether its font strikes out. Styles of styles, and those that
    hold under a condition, stand in parts of their own and do not count.
    """

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._numbers: list[int] = []
        self._fonts: list[int] = []
        self._font = -1
        self._struck_fonts: set[int] = set()
        self._part = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt" and "numFmtId" in attributes:
            self._codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name in _PARTS_OF_STYLES:
            self._part = name
        elif name == "xf" and self._part == "cellXfs":
            self._numbers.append(int(attributes.get("numFmtId", "0")))
            self._fonts.append(int(attributes.get("fontId", "0")))
        elif self._part == "fonts":
            self._font += name == "font"
            if name == "strike" and attributes.get("val", "1") in TRUE:
                self._struck_fonts.add(self._font)

    def formats(self) -> list[NumberFormat]:
        known = {number: format_of(number, self._codes.get(number)) for number in set(self._numbers)}
        return [known.get(number, PLAIN) for number in self._numbers]

    def struck(self) -> frozenset[int]:
        """The styles whose font strikes out."""
        return frozenset(style for style, font in enumerate(self._fonts) if font in self._struck_fonts)
