"""That somebody asked the service to stop, by Ctrl-C or SIGTERM. No Prefect here.

Listens for as long as the service lives, in its main thread. Only the first signal counts: whoever asks twice finds
the service ending, which takes a few seconds, and must not break that off.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager


class Stop:
    """Interrupts whatever goes on; where something can be asked to end in order, asks that instead."""

    def __init__(self) -> None:
        self.was_asked = False
        self._end: Callable[[], object] = _interrupt

    def ask(self, *_: object) -> None:
        """The handler of both signals."""
        first, self.was_asked = not self.was_asked, True
        if first:
            self._end()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listens, and at the end gives the signals back to whom they belonged."""
        with ExitStack() as stack:
            for signum in (signal.SIGTERM, signal.SIGINT):
                stack.callback(signal.signal, signum, signal.signal(signum, self.ask))
            yield

    @contextmanager
    def ending_by(self, end: Callable[[], object]) -> Iterator[None]:
        """Whoever asks for a stop now does this, and interrupts nothing. A stop asked for before is not repeated."""
        self._end = end
        try:
            yield
        finally:
            self._end = _interrupt


def _interrupt() -> None:
    raise KeyboardInterrupt
