"""What an unknown heading may be, judged by the cells below it: only ever a suggestion in a message. PURE.

Runs where a needed column is missing. The person decides, in columns.yaml or in the ledger.
"""

from collections.abc import Callable, Sequence

from models.ledger.columns import REQUIRED, Column
from models.ledger.header import Header
from models.ledger.limits import LimitBook
from models.ledger.naming import NameBook
from models.ledger.sheets import SheetRow
from models.timelimit import LimitKind

MOSTLY = 0.6
"""The share of cells that must fit a column, so that it is suggested."""
LONG_TEXT = 6
"""Characters from which a cell may say what is wrong or what is done."""


def suggestions(column: Column, header: Header, sample: Sequence[SheetRow], names: NameBook, limits: LimitBook) -> str:
    """The unread headings that may be this column, and the line that says so; "" where every heading is known."""
    unread = {one.place: one.heading for one in header.unread if not one.kind or one.kind == "责任人"}
    if not unread:
        return ""
    fits = _fit(column, names, limits)
    likely = [heading for place, heading in unread.items() if _share(place, sample, fits) >= MOSTLY]
    listed = "、".join(f"“{_flat(heading)}”" for heading in unread.values())
    example = _flat(likely[0] if likely else next(iter(unread.values())))
    return f"；不认识的列有{listed}，如其中一列就是，请在 columns.yaml（或 --columns 文件）写一行“{example}: {column}”"


def mapping_lines(words: Sequence[str]) -> str:
    """How to say in columns.yaml what the words of a likely header mean."""
    listed = "、".join(f"“{_flat(word)}”" for word in words)
    needed = "、".join(REQUIRED)
    return f"{listed}；如这就是表头，请在 columns.yaml（或 --columns 文件）为各列写一行“列名: 标准列名”，须有{needed}"


def _fit(column: Column, names: NameBook, limits: LimitBook) -> Callable[[str], bool]:
    if column in {Column.LEAD, Column.UNIT}:
        return lambda text: bool(names.named(column, text).codes)
    if column is Column.LIMIT:
        return lambda text: limits.found(text).limit.kind is not LimitKind.UNRESOLVED
    return lambda text: len(text) >= LONG_TEXT


def _share(place: int, sample: Sequence[SheetRow], fits: Callable[[str], bool]) -> float:
    texts = [text for row in sample if (text := row.texts[place] if place < len(row.cells) else "")]
    return sum(map(fits, texts)) / len(texts) if texts else 0.0


def _flat(heading: str) -> str:
    flat = "".join(heading.split())
    return flat if len(flat) <= 20 else f"{flat[:20]}……"
