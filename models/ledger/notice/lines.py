"""Puts together again the paragraphs of a notice whose lines were broken at a page's width, as in text out of a PDF.

Runs once a notice, between its lines and its outline. PURE. Only where most lines are equally long is a line taken
for the rest of the one above it, and then that is told.
"""

from collections.abc import Sequence

from models.errors import Problem
from models.ledger.notice.paragraphs import Paragraph
from models.ledger.notice.words import labelled, marked

_WIDTHS = range(16, 121)
"""Characters of a line set to a page's width."""
_RAGGED = 2
"""How much shorter than the longest a full line may be: no line begins with a comma."""
_FULL_AT_LEAST = 8
_FULL_SHARE = 0.4
_SENTENCE_ENDS = tuple("。！？；：!?;:")
_TITLES = ("关于", "针对")


def rejoined(lines: Sequence[Paragraph]) -> tuple[tuple[Paragraph, ...], tuple[Problem, ...]]:
    """The paragraphs, each at the line where it begins, and what is to be told."""
    full = _full_length(lines)
    if full is None:
        return tuple(lines), ()
    groups: list[list[Paragraph]] = []
    for before, line in zip([None, *lines], lines, strict=False):
        if before and len(before.text) >= full and _may_go_on(line):
            groups[-1].append(line)
        else:
            groups.append([line])
    paragraphs = tuple(Paragraph(group[0].line, "".join(line.text for line in group)) for group in groups)
    told = Problem(f"文件按版面折行，{len(lines)}行并成{len(paragraphs)}段，请对照原文核对", row=lines[0].line)
    return paragraphs, (told,)


def _full_length(lines: Sequence[Paragraph]) -> int | None:
    """The least length of a full line; None where lines are paragraphs."""
    width = max((len(line.text) for line in lines), default=0)
    full = [line.text for line in lines if len(line.text) >= width - _RAGGED]
    unfinished = sum(not text.endswith(_SENTENCE_ENDS) for text in full)
    enough = len(full) >= max(_FULL_AT_LEAST, _FULL_SHARE * len(lines)) and unfinished * 2 > len(full)
    return width - _RAGGED if width in _WIDTHS and enough else None


def _may_go_on(line: Paragraph) -> bool:
    return not (line.indented or marked(line.text)[0] or labelled(line.text)[0] or line.text.startswith(_TITLES))
