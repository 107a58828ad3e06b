"""GitHub markdown for what people wrote: shown as it was written, never read as markup. Layout only."""

from collections.abc import Iterable, Sequence
from itertools import chain

# No underscore: rungs are full of them, and inside a word they mean nothing.
_ESCAPED = str.maketrans({mark: f"\\{mark}" for mark in "\\`*[]|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def escaped(text: str) -> str:
    """The text in one line, every mark of it a plain character."""
    return " ".join(text.split()).translate(_ESCAPED)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, its cells escaped."""
    head = (f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}")
    return "\n".join(chain(head, (f"| {' | '.join(map(escaped, row))} |" for row in rows)))
