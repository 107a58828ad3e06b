"""The logs of a service that runs for months: appended to, and begun anew where they have grown large.

At every start, and every hour while it serves. Both logs are open then, one of them in another process, so they are
copied and emptied where they lie: whoever appends goes on at the new end. Lines of that very moment may be lost.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from flows.prefect_settings import prefect_home

MOST_BYTES = 5_000_000


def server_log(home: Path) -> Path:
    """What Prefect's server prints."""
    return prefect_home(home) / "server.log"


def runs_log(home: Path) -> Path:
    """What the runner and the flow runs print."""
    return prefect_home(home) / "runs.log"


@contextmanager
def appending(file: Path) -> Iterator[TextIO]:
    """The log, open for writing at its end."""
    file.parent.mkdir(exist_ok=True)
    begin_anew_if_large(file)
    with file.open("a", encoding="utf-8", buffering=1) as log:
        yield log


def begin_anew_if_large(file: Path) -> None:
    """Empties a log that has grown large. What was written before stays, once, as `<name>.old`."""
    if file.exists() and file.stat().st_size > MOST_BYTES:
        shutil.copyfile(file, file.with_name(f"{file.name}.old"))
        os.truncate(file, 0)
