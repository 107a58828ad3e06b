"""Several points written in one paragraph of a published notice: 一是 … 二是 …, 1. … 2. …, （1） … （2） ….

Runs while the measures of a problem are told apart, and on the problem itself. PURE. Only numbers that count on from
one, each at the beginning of a clause, make several points; anything else is one text.
"""

import re
from collections.abc import Sequence

from models.ledger.notice.words import NUMERAL, Mark, Style, marked, number_of

LEAD_IN_MOST = 40
"""Characters before the first number at most."""
_BEFORE = r"(?:^|(?<=[。；;：:，,\s]))"
_SERIES = (
    (Style.FIRSTLY, re.compile(rf"{_BEFORE}({NUMERAL})是")),
    (Style.ORDINAL, re.compile(rf"{_BEFORE}第({NUMERAL})[,，、:：]")),
    (Style.ROUND, re.compile(rf"{_BEFORE}[(（]({NUMERAL})[)）]")),
    (Style.DOT, re.compile(rf"{_BEFORE}(\d{{1,2}})[.．、](?!\d)")),
    (Style.ROUND_DIGIT, re.compile(rf"{_BEFORE}[(（](\d{{1,2}})[)）]")),
    (Style.CIRCLE, re.compile(r"([①-⑳])")),
)


def points_of(mark: Mark | None, text: str) -> tuple[tuple[Mark, str], ...]:
    """The points of a paragraph, which may begin with a number, each with its own; none where it is one text."""
    for style, form in _SERIES:
        whole = f"{mark.written}{text}" if mark and mark.style is style else text
        starts = list(form.finditer(whole))
        numbers = [number_of(start[1]) for start in starts]
        if len(starts) < 2 or numbers != list(range(1, len(starts) + 1)) or starts[0].start() > LEAD_IN_MOST:
            continue
        ends = [start.start() for start in starts[1:]] + [len(whole)]
        return tuple(
            (Mark(style, number, start[0]), whole[start.end() : end].strip(" ,，:："))
            for number, start, end in zip(numbers, starts, ends, strict=True)
        )
    return ()


def last_number(mark: Mark, text: str) -> int:
    """The number of the last point that is counted on within the paragraph; its own where there is none."""
    points = points_of(mark, text) if mark.number == 1 else ()
    return points[-1][0].number if points and points[-1][0].style is mark.style else mark.number


def counted(points: Sequence[tuple[Mark, str]]) -> str:
    """The points as a person finds them again: 一是、二是等3项."""
    (first, _), (second, _) = points[:2]
    return f"{first.written}、{second.written}等{len(points)}项"


def lone(text: str) -> tuple[Mark | None, str]:
    """The first number that stands before a text on the line of a title or a label, and the text without it.

    一、 is none there: 一、二期工程.
    """
    mark, rest = marked(text)
    return (mark, rest) if mark and mark.number == 1 and mark.style is not Style.CHAPTER else (None, text)


def without_lone_number(text: str) -> str:
    """The text without 一是 before it where no 二是 comes after."""
    mark, rest = lone(text)
    return text if points_of(mark, rest) else rest
