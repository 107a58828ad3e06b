"""GitHub markdown for what people wrote: shown as it was written, never read as markup. Layout only."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*[]|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})
# Inside a Latin word an underscore means nothing, and the names of rungs are full of them.
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def escaped(text: str) -> str:
    """The text in one line, every mark of it a plain character."""
    return _UNDERSCORE.sub(r"\\_", " ".join(text.split()).translate(_MARKS))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, its cells escaped."""
    head = (f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}")
    return "\n".join(chain(head, (f"| {' | '.join(map(escaped, row))} |" for row in rows)))
