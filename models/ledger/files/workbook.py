"""Reads a workbook (.xlsx, .xlsm): its visible sheets in their order, each row as it is seen.

Used inside the sandbox. It is our own and small: what a ledger needs of a workbook is a tenth of what a general
reader opens, and each part is read once, as a stream. Macros, pictures, links and formulas are never looked at.
Cells of hidden columns are read like others; hidden rows are marked; hidden sheets are left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from models.ledger.files.bounds import broken
from models.ledger.files.grid import SheetRow
from models.ledger.files.merging import Merging
from models.ledger.files.number_formats import EPOCH_1900, EPOCH_1904, PLAIN, NumberFormat, format_of
from models.ledger.files.parts import Package, local
from models.ledger.files.worksheet import Areas, Book, Cells, Text


def rows_of_workbook(package: Package, main: str) -> Iterator[str | SheetRow]:
    """Each visible sheet: its name, then its rows. `main` is the path of the workbook's own part.

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
    visible = [(paths[key], name) for name, key in outline.visible]
    if len({path for path, _ in visible}) < len(visible):
        raise broken(package.name)
    book = Book(strings.strings, styles.formats(), outline.epoch)
    for path, name in visible:
        yield from _sheet(package, path, name, book)


def _sheet(package: Package, path: str, name: str, book: Book) -> Iterator[str | SheetRow]:
    areas = Areas()
    package.read_starts(path, areas.start)
    if areas.name != "worksheet":  # a sheet that is one chart
        return
    yield name
    merging, cells = Merging(areas.areas), Cells(book, name)
    for _ in package.reading(path, cells):
        for row in cells.take():
            if seen := merging.row(row.number, row.filled, row.hidden):
                yield seen


@dataclass(slots=True)
class _Outline:
    """What the workbook says of itself: its visible sheets as (name, relation), and where its days begin."""

    visible: list[tuple[str, str]] = field(default_factory=list)
    epoch: date = EPOCH_1900

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            keys = {local(key): value for key, value in attributes.items()}
            self.visible.append((keys["name"], keys["id"]))
        elif name == "workbookPr" and attributes.get("date1904") in {"1", "true", "on"}:
            self.epoch = EPOCH_1904


class _Strings:
    """The texts that cells share, by number."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._text = Text()

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._text.start(name)

    def end(self, name: str) -> None:
        self._text.end(name)
        if name == "si":
            self.strings.append(self._text.take().strip())

    def data(self, text: str) -> None:
        self._text.data(text)


class _Styles:
    """The number format of each style of a cell. Styles of styles, which stand in a part of their own, do not count."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._numbers: list[int] = []
        self._in_cell_styles = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt" and "numFmtId" in attributes:
            self._codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name in {"cellStyleXfs", "cellXfs"}:
            self._in_cell_styles = name == "cellXfs"
        elif name == "xf" and self._in_cell_styles:
            self._numbers.append(int(attributes.get("numFmtId", "0")))

    def formats(self) -> list[NumberFormat]:
        known = {number: format_of(number, self._codes.get(number)) for number in set(self._numbers)}
        return [known.get(number, PLAIN) for number in self._numbers]
