"""Logs of a service that runs for months: appended to, and begun anew at a start where they have grown large."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

MOST_BYTES = 5_000_000


@contextmanager
def appending(file: Path) -> Iterator[TextIO]:
    """The log, open for writing at its end. What was written before stays, once, as `<name>.old`."""
    file.parent.mkdir(exist_ok=True)
    if file.exists() and file.stat().st_size > MOST_BYTES:
        file.replace(file.with_name(f"{file.name}.old"))
    with file.open("a", encoding="utf-8", buffering=1) as log:
        yield log
