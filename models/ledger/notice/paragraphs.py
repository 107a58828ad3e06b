"""The paragraphs of a notice: its lines that are not blank, without the numbers of pages, each with its place. PURE.

Runs once a notice, on its text. It knows nothing of what a notice says.
"""

import re
from dataclasses import dataclass

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_BLANK = " \t\v\f\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"
_PAGE_NUMBER = re.compile(r"[-—–－─\s]{0,5}(?:\d{1,4}|第\s?\d{1,4}\s?页(?:\s?[/共]\s?\d{1,4}\s?页?)?)[-—–－─\s]{0,5}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph that is not blank, and the 1-based line of the file on which it begins; indented as at its start."""

    line: int
    text: str
    indented: bool = False


def paragraphs_of(text: str) -> tuple[Paragraph, ...]:
    """Every line that is not blank and not a page's number; lines are counted as an editor counts them."""
    lines = ((number, line, line.strip(_BLANK)) for number, line in enumerate(_LINE_ENDS.split(text), 1))
    return tuple(
        Paragraph(number, text, indented=line[:1] in _BLANK)
        for number, line, text in lines
        if text and not _PAGE_NUMBER.fullmatch(text)
    )
