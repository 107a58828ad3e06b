"""Where the program's own log goes: a file in the home, one JSON object a line. In English, for whoever looks after it.

An office worker never needs it; what concerns the office is told in Chinese by the commands themselves. Secrets are
struck out of each record before any handler sees it, also of what other programs' parts say while a home is open.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from config.secrets import redactor

_MOST_BYTES = 1_000_000
_OURS = "duban"
_OTHERS = ("apprise", "httpx", "httpcore", "urllib3")
"""Libraries that log URLs: they say nothing below a warning, and nothing past our own handler."""
_FIELDS = {"message_id": "message", "attempt": "attempt", "channel": "channel", "outcome": "outcome", "code": "code",
           "ms": "ms", "action": "action"}  # fmt: skip
"""Fields that a record may bring (`extra=`), and what they are called in the log."""


@contextmanager
def logged(file: Path, directory: Path, env: Mapping[str, str]) -> Iterator[None]:
    """Appends what our loggers say to `file`, which is made only when something is said.

    What the directory shows to be secret, written out or by reference to `env`, is struck out.
    """
    handler = RotatingFileHandler(file, maxBytes=_MOST_BYTES, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(_JsonLines())
    handler.addFilter(_Redacting(redactor(directory, env)))
    _hold_others()
    loggers = [logging.getLogger(name) for name in (_OURS, *_OTHERS)]
    before = loggers[0].level
    loggers[0].setLevel(logging.INFO)  # what was handed over, line by line, is no warning
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        loggers[0].setLevel(before)
        for logger in loggers:
            logger.removeHandler(handler)
        handler.close()


def _hold_others() -> None:
    """For as long as the process lives: a delivery may outlast the home that it was begun in."""
    for name in _OTHERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


class _Redacting(logging.Filter):
    """Changes the record itself, so that handlers of the loggers above see no more than the file does."""

    def __init__(self, strike: Callable[[str], str]) -> None:
        super().__init__()
        self._strike = strike

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._strike(record.getMessage()), None
        if record.exc_info:
            record.exc_text = self._strike(record.exc_text or logging.Formatter().formatException(record.exc_info))
        for name in _FIELDS:
            if isinstance(value := getattr(record, name, None), str):
                setattr(record, name, self._strike(value))
        return True


class _JsonLines(logging.Formatter):
    """One object a line: at (UTC), level, logger, said, the fields there are, and the traceback as `error`."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {
            "at": at,
            "level": record.levelname,
            "logger": record.name,
            "said": record.getMessage(),
        }
        told |= {shown: value for name, shown in _FIELDS.items() if (value := getattr(record, name, None)) is not None}
        if record.exc_text:
            told["error"] = record.exc_text
        return json.dumps(told, ensure_ascii=False, default=str)
