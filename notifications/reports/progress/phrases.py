"""Small pieces of official prose: days, counts in a row, quoted titles. PURE."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from models.answers.progress.values import Row
from notifications.words.sentences import PROVISIONAL_ZH, day_zh, one_line

_NUMBERED = re.compile(r"(措施|问题)([1-9][0-9]*)")
_BARE = ("措施", "问题")
"""Rows that are named by their number alone: the appendix lists them all."""
_TEXT_MOST = 40
_MARKS = "。！？；，、：…—.!?;,:"
_INNER = str.maketrans("“”", "‘’")


def due_zh(day: date | None, *, provisional: bool) -> str:
    """A day, with a word where a holiday notice to come may change it."""
    return f"{day_zh(day)}（{PROVISIONAL_ZH}）" if day and provisional else day_zh(day)


def short_day(day: date | None, *, provisional: bool = False) -> str:
    """The day as a table has room for it: 2023-07-04（推算）."""
    return f"{day}{'（推算）' if provisional else ''}" if day else ""


def counted(counts: Iterable[tuple[str, int, str]]) -> str:
    """召开工委会4次、听取汇报6次: what, how many, of what measure word; what there is none of is left out."""
    return "、".join(f"{what}{count}{word}" for what, count, word in counts if count)


def quoted(text: str) -> str:
    """In quotation marks; quotation marks inside become inner ones."""
    return f"“{one_line(text).translate(_INNER)}”"


def sentence(text: str) -> str:
    """With a full stop, where it ends in no mark yet."""
    return text if not text or text[-1] in _MARKS else f"{text}。"


def paragraphs(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line for line in map(one_line, text.splitlines()) if line]


def rows_zh(rows: Sequence[Row]) -> str:
    """What a number counts: measures and problems by their numbers, 措施1至6、措施9; other rows with their text."""
    found: list[str] = []
    for following, run in groupby(enumerate(rows), key=lambda entry: _run(*entry)):
        members = [row for _, row in run]
        if following is None or len(members) < 3:
            found += map(_row_zh, members)
        else:
            found.append(f"{members[0].key}至{members[-1].key.removeprefix(following[0])}")
    return "、".join(found)


def _run(place: int, row: Row) -> tuple[str, int] | None:
    """The same for rows whose numbers follow one another."""
    found = _NUMBERED.fullmatch(row.key)
    return (found[1], int(found[2]) - place) if found else None


def _row_zh(row: Row) -> str:
    if row.key.startswith(_BARE) or not row.text:
        return row.key
    text = one_line(row.text)
    return f"{row.key} {text if len(text) <= _TEXT_MOST else f'{text[: _TEXT_MOST - 1]}…'}"
