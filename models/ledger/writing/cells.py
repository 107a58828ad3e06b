"""What a cell of a written ledger holds: text made fit for the file, and how much room it takes. PURE."""

import re
from math import ceil

from models.ledger.files.bounds import CELL_CHARACTERS_MOST
from models.ledger.files.cell_text import plain_text

CUT = "……（过长，以下从略）"
"""Stands at the end of a text of which not all fits into a cell."""
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def fitted(text: str) -> tuple[str, bool]:
    """The text as a cell can hold it, and whether something of it had to be left out.

    Excel counts in halves of UTF-16, and counts what is escaped as it is written.
    """
    text = plain_text(text).strip()
    if _size(text) <= CELL_CHARACTERS_MOST:
        return text, False
    room = CELL_CHARACTERS_MOST - len(CUT)
    while _size(text) > room:
        text = text[: len(text) - max(1, (_size(text) - room) // 7)]
    return f"{text}{CUT}", True


def escaped(text: str) -> str:
    """The text so that no reader of workbooks takes a part like _x0041_ for a sign."""
    return _LOOKS_ESCAPED.sub("_x005F_", text)


def lines_in(text: str, width: float) -> int:
    """How many lines a text takes in a column of so many half-width signs."""
    return sum(max(1, ceil(_width(line) / max(width, 1))) for line in text.split("\n")) if text else 1


def _width(line: str) -> int:
    return len(line.encode("gb18030"))


def _size(text: str) -> int:
    if text.isascii() and "_x" not in text:
        return len(text)
    return max(len(escaped(text)), len(text.encode("utf-16-le")) // 2)
