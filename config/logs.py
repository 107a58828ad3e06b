"""Where the program's own log goes: a file in the home. In English, for whoever looks after the machine.

An office worker never needs it; what concerns the office is told in Chinese by the commands themselves.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

_MOST_BYTES = 1_000_000
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


@contextmanager
def logged(file: Path) -> Iterator[None]:
    """Appends what the loggers under `duban` say to `file`, which is made only when something is said."""
    logger = logging.getLogger("duban")
    handler = RotatingFileHandler(file, maxBytes=_MOST_BYTES, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
