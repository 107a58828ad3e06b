"""What the text of a cell may hold: signs that no file can carry, and the guard before a formula in a .csv. PURE.

Used by the readers within the sandbox and by the writers, so that what was written is read as the same text.
"""

import re

_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, and no text has a use for: control signs, halves of pairs."""
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
"""How a cell of a .csv begins that a spreadsheet may take for a formula, or that is guarded already."""
GUARD = "'"
"""What stands before such a text; spreadsheets show it as a sign like any other."""


def plain_text(text: str) -> str:
    """The text with one kind of line end and without signs that are no text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return text if text.isprintable() else _NO_TEXT.sub("", text)


def guarded(text: str) -> str:
    """The text as a cell of a .csv that no spreadsheet computes."""
    return f"{GUARD}{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` was given; any other cell as it is."""
    return cell[1:] if cell.startswith(GUARD) and _FORMULA.match(cell, 1) else cell
