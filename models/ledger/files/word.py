"""Reads the tables of a Word document (.docx), each as a sheet, its rows as they are seen.

Used inside the sandbox. Deleted and hidden text is not read, inserted text is; text that is struck out is left out and
marked; pictures, text boxes and comments are not read. A table inside a cell becomes lines of that cell. Rows are
numbered within their table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from models.ledger.files.bounds import COLUMNS_MOST, refused, too_many
from models.ledger.files.grid import SheetRow, cells_of
from models.ledger.files.numbering import Numbering, StyleLists
from models.ledger.files.parts import Package, local

_UNSEEN = frozenset(
    {"del", "moveFrom", "drawing", "pict", "object", "Fallback", "rt", "instrText", "delText", "txbxContent"}
)
_OFF = {"0", "false", "off"}
_SLIVER = 120
"""Twentieths of a point, about 2 mm: lines of the grid that are nearer come from dragging borders, and are one."""
_NAME_LONGEST = 30
_TICKS = {"F0FC": "√", "F0FE": "☑", "F052": "☑", "F0A8": "□", "F06F": "□", "F0FB": "×"}
"""Signs of the font Wingdings, which Word keeps by number."""


def rows_of_document(package: Package, main: str) -> Iterator[str | SheetRow]:
    """Each table: its name, then its rows. `main` is the path of the document's own part.

    Raises LedgerRefused where there is no table, or any error of a broken part.
    """
    numbering, styles = Numbering(), StyleLists()
    for relation in package.related(main):
        if relation.kind == "numbering":
            package.read_starts(relation.path, numbering.start)
        elif relation.kind == "styles":
            package.read_starts(relation.path, styles.start)
    tables = _Tables(numbering, styles)
    for _ in package.reading(main, tables):
        yield from tables.take()
    if not tables.count:
        raise refused(
            f"文档 {package.name} 里没有表格。", "请确认选对了文件；台账应是文档中的表格，或另存为 .xlsx 后再导入。"
        )


@dataclass(slots=True)
class _Cell:
    """A cell while it is read: its first grid column, how many it covers, whether it goes on from above."""

    first: int
    columns: int = 1
    merge: str = ""
    text: str = ""
    is_struck: bool = False


class _Tables:
    """Collects the tables of a document as its XML goes by. `take` hands over what is complete."""

    def __init__(self, numbering: Numbering, styles: StyleLists) -> None:
        self.count = 0
        self._done: list[str | SheetRow] = []
        self._names: set[str] = set()
        self._above = ""
        self._depth, self._unseen = 0, 0
        self._within: list[str] = []
        self._paragraph = _Paragraph(numbering, styles)
        self._widths: list[int] = []
        self._row, self._cells, self._lines = 0, list[_Cell](), list[str]()
        self._grid, self._is_deleted, self._is_hidden = 0, False, False
        self._held: dict[int, str] = {}

    def take(self) -> list[str | SheetRow]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, qualified: Mapping[str, str]) -> None:
        if name in _UNSEEN:
            self._unseen += 1
            self._is_deleted |= name == "del" and self._within[-1:] == ["trPr"] and self._depth == 1
        if self._unseen:
            return
        attributes = {local(key): value for key, value in qualified.items()}
        self._within.append(name)
        if name == "tbl":
            self._depth += 1
        if self._depth == 1:
            self._start_in_table(name, attributes)
        self._paragraph.start(name, attributes)

    def end(self, name: str) -> None:
        if self._unseen:
            self._unseen -= name in _UNSEEN
            return
        self._within.pop()
        self._paragraph.end(name)
        if name == "p":
            is_struck = self._paragraph.is_struck
            self._end_paragraph(self._paragraph.take(), is_struck)
        elif name == "tbl":
            self._depth -= 1
            self._above = ""
        elif self._depth == 1 and name == "tc":
            self._end_cell()
        elif self._depth == 1 and name == "tr":
            self._end_row()

    def data(self, text: str) -> None:
        if not self._unseen:
            self._paragraph.data(text)

    def _start_in_table(self, name: str, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if name == "tbl":
            self._start_table()
        elif name == "gridCol":
            self._widths.append(int(float(attributes.get("w", "0"))))
        elif name == "tr":
            self._grid, self._cells = 0, []
            self._is_deleted = self._is_hidden = False
        elif name == "gridBefore":
            self._grid += int(value)
        elif name == "hidden" and self._within[-2:-1] == ["trPr"]:
            self._is_hidden = value not in _OFF
        elif name == "tc":
            self._cells.append(_Cell(self._grid))
            self._lines = []
        elif self._cells:
            self._describe(name, value, self._cells[-1])

    def _start_table(self) -> None:
        self.count += 1
        name = self._above if 0 < len(self._above) <= _NAME_LONGEST else f"表{self.count}"
        if name in self._names:
            name = f"{name}（表{self.count}）"
        self._names.add(name)
        self._done.append(name)
        self._row, self._widths, self._cells, self._held = 0, [], [], {}

    def _describe(self, name: str, value: str, cell: _Cell) -> None:
        if name == "gridSpan":
            cell.columns = max(1, int(value))
        elif name == "vMerge":
            cell.merge = value or "continue"
        elif name == "hMerge" and value != "restart" and len(self._cells) > 1:
            cell.merge = "left"

    def _end_paragraph(self, text: str, is_struck: bool) -> None:
        if self._depth:
            self._lines.append(text)
            if is_struck and self._cells:
                self._cells[-1].is_struck = True
        elif text.strip():
            self._above = " ".join(text.split())

    def _end_cell(self) -> None:
        cell = self._cells[-1]
        cell.text = "\n".join(self._lines).strip()
        self._grid = cell.first + cell.columns
        if cell.merge == "left":
            self._cells.pop()
            self._cells[-1].columns += cell.columns

    def _end_row(self) -> None:
        if self._is_deleted:
            return
        self._row += 1
        own, repeated, widths, struck = dict[int, str](), dict[int, str](), dict[int, int](), set[int]()
        for cell in self._cells:
            place, after = self._place(cell.first), self._place(cell.first + cell.columns)
            if after - place > 1:
                widths[place] = after - place
            if cell.is_struck:
                struck.add(place)
            if cell.merge == "continue" and place in self._held:
                repeated[place] = self._held[place]
                continue
            self._hold(place, cell)
            if cell.text:
                own[place] = f"{own[place]}\n{cell.text}" if place in own else cell.text
        if max((*own, *struck), default=0) >= COLUMNS_MOST:
            raise too_many(row=self._row)
        if own or struck:
            row = _row(self._row, own, repeated, self._is_hidden, widths)
            self._done.append(replace(row, struck=frozenset(struck)) if struck else row)

    def _hold(self, place: int, cell: _Cell) -> None:
        """Keeps what a merged cell says for the rows below; any other ends what stood there."""
        self._held.pop(place, None)
        if cell.merge:
            self._held[place] = cell.text

    def _place(self, line: int) -> int:
        """The column that begins at this line of the grid; lines that are slivers apart count as one."""
        if len(self._widths) < line or not all(self._widths):
            return line
        place = gap = 0
        for width in self._widths[:line]:
            gap += width
            if gap > _SLIVER:
                place, gap = place + 1, 0
        return place


class _Paragraph:
    """Collects the text of a paragraph with the number that Word puts before it. `is_struck` says whether some of it is
    struck out, and left out.
    """

    def __init__(self, numbering: Numbering, styles: StyleLists) -> None:
        self._numbering, self._styles = numbering, styles
        self._pieces: list[str] = []
        self._list, self._level, self._style = "", 0, ""
        self._in_text = self._in_properties = self._is_hidden = self._in_struck_run = self.is_struck = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "t":
            self._in_text = True
        elif name == "r":
            self._is_hidden = self._in_struck_run = False
        elif name == "pPr":
            self._in_properties = True
        elif self._in_properties:
            self._describe(name, attributes)
        elif name == "vanish":
            self._is_hidden = attributes.get("val", "") not in _OFF
        elif name in {"strike", "dstrike"}:
            self._in_struck_run |= attributes.get("val", "") not in _OFF
        elif not self._is_hidden:
            self._pieces.append(_sign(name, attributes))

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "pPr":
            self._in_properties = False

    def data(self, text: str) -> None:
        if self._in_text and self._in_struck_run:
            self.is_struck = self.is_struck or not self._is_hidden
        elif self._in_text and not self._is_hidden:
            self._pieces.append(text)

    def take(self) -> str:
        """The whole text; the next paragraph begins."""
        if self._style and not self._list:
            self._list, self._level = self._styles.list_of(self._style)
        label = self._numbering.next(self._list, self._level) if self._list else ""
        text = label + "".join(self._pieces)
        self._pieces.clear()
        self._list, self._level, self._style, self.is_struck = "", 0, "", False
        return text

    def _describe(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numId":
            self._list = attributes.get("val", "")
        elif name == "ilvl":
            self._level = int(attributes.get("val", "0"))
        elif name == "pStyle":
            self._style = attributes.get("val", "")


def _sign(name: str, attributes: Mapping[str, str]) -> str:
    match name:
        case "tab":
            return "\t"
        case "br" | "cr":
            return "\n"
        case "noBreakHyphen":
            return "-"
        case "sym":
            return _TICKS.get(attributes.get("char", "").upper(), "")
        case _:
            return ""


def _row(
    number: int, own: Mapping[int, str], repeated: Mapping[int, str], hidden: bool, widths: Mapping[int, int]
) -> SheetRow:
    filled = {place: text for place, text in {**repeated, **own}.items() if text}
    return SheetRow(number, cells_of(filled), hidden, frozenset(repeated.keys() & filled.keys()), widths)
