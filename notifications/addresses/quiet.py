"""Apprise, held quiet: it logs URLs, with their secrets, and its import warns of modules that Python will drop."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

LOUD = ("apprise", "urllib3.connectionpool")
"""Loggers that are told URLs while Apprise is at work."""


class _Silence:
    """How many are at work with Apprise, and which loggers were off before the first of them came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work = 0
        self._were_off: dict[str, bool] = {}

    def begin(self) -> None:
        with self._lock:
            if not self._at_work:
                self._load()
                self._were_off = {name: logging.getLogger(name).disabled for name in LOUD}
                for name in LOUD:
                    logging.getLogger(name).disabled = True
            self._at_work += 1

    def end(self) -> None:
        with self._lock:
            self._at_work -= 1
            if not self._at_work:
                for name, was_off in self._were_off.items():
                    logging.getLogger(name).disabled = was_off

    def _load(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from apprise.manager_plugins import NotificationManager

            # Loads all plugins, whose imports warn.
            NotificationManager().schemas()  # type: ignore[no-untyped-call]


_silence = _Silence()


@contextmanager
def apprise_held_quiet() -> Iterator[None]:
    """For as long as something is done with Apprise; in several threads at once."""
    _silence.begin()
    try:
        yield
    finally:
        _silence.end()
