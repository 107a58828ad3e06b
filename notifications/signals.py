"""SIGTERM and Ctrl-C while a delivery runs: they end it between two steps, never in the middle of one.

An exception out of nowhere could strike where a lock was just taken or a commit just made. Listens only in the main
thread, and only where nobody else does.
"""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType, MappingProxyType
from typing import Any, NoReturn

_DEFAULTS: Mapping[signal.Signals, Any] = MappingProxyType({
    signal.SIGTERM: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler,
})  # fmt: skip


class Signals:
    """What this process was told meanwhile."""

    def __init__(self) -> None:
        self._told: int | None = None
        self._is_obeyed = False

    def hear(self, number: int, _: FrameType | None) -> None:
        """Remembers the first signal. Who tells a second time is obeyed at once."""
        if self._told is not None:
            _leave(number)
        self._told = number

    def obey(self) -> None:
        """Raises KeyboardInterrupt or SystemExit where this process was told to end, once."""
        if self._told is not None and not self._is_obeyed:
            self._is_obeyed = True
            _leave(self._told)


@contextmanager
def heard() -> Iterator[Signals]:
    """Listens. What was told and not obeyed inside is obeyed at the end."""
    signals = Signals()
    in_main = threading.current_thread() is threading.main_thread()
    free = {number: default for number, default in _DEFAULTS.items() if signal.getsignal(number) is default}
    free = free if in_main else {}
    for number in free:
        signal.signal(number, signals.hear)
    try:
        yield signals
    finally:
        for number, default in free.items():
            signal.signal(number, default)
    signals.obey()


def _leave(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
