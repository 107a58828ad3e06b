"""One connection for several threads that commit a little each, and often: what waits together is committed together.

Whoever gets hold of the line writes what all the others wait with, in one transaction. A single thread pays what it
paid alone; several at once hardly more than one. Once it is closed nobody writes any more. It knows nothing of what is
written.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from time import monotonic
from typing import Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

T = TypeVar("T")


class LineClosedError(Exception):
    """Whoever lent the connection has taken it back: nothing was written."""


class _Order(Generic[T]):
    """Something to be written, and what came of it."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.result: T
        self.fault: Exception | None = None
        self.is_done = self.is_withdrawn = False

    def run(self, connection: Connection) -> None:
        self.result = self.work(connection)


class SharedLine:
    """Made of a kept connection (`Store.line()`) that nobody else uses until the line is closed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._waiting: deque[_Order[object]] = deque()
        self._is_closed = False

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A transaction of one's own. Raises LineClosedError."""
        with self._lock:
            self._check_open()
            with self._connection.begin():
                yield self._connection

    def commit(self, work: Callable[[Connection], T]) -> T:
        """Has `work` done in a transaction, perhaps with others', and gives its result once that is committed.

        `work` may be called again where the transaction failed, or where it was broken off while it was committed: it
        must keep nothing of the first time, and change nothing twice. Raises what the database says, or what `work`
        raises, or LineClosedError: then nothing of it is kept.
        """
        order = _Order(work)
        try:
            self._waiting.append(order)  # type: ignore[arg-type]
            with self._lock:
                self._check_open()
                if not order.is_done:
                    self._commit_all()
        except BaseException:
            order.is_withdrawn = True
            raise
        if order.fault:
            raise order.fault
        return order.result

    def close(self) -> None:
        """Waits for what is being written; what comes later is refused."""
        with self._lock:
            self._is_closed = True

    def commit_patiently(
        self, work: Callable[[Connection], T], seconds: float, passes: Callable[[OperationalError], bool]
    ) -> T:
        """As `commit`, but tried again for so long where the database is locked or full and that may pass."""
        until = monotonic() + seconds
        while True:
            try:
                return self.commit(work)
            except OperationalError as fault:
                if monotonic() >= until or not passes(fault):
                    raise
            Event().wait(min(1.0, seconds / 10))  # others may write meanwhile

    def _check_open(self) -> None:
        if self._is_closed:
            raise LineClosedError

    def _commit_all(self) -> None:
        """Settles all who wait. Who is interrupted meanwhile leaves alone: the others go on without them."""
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        orders = [order for order in waiting if not order.is_withdrawn]
        try:
            fault = self._try(orders)
            if fault and len(orders) > 1 and not isinstance(fault, DBAPIError):
                # One of them is at fault, not the database: the others go on without it.
                for order in orders:
                    order.fault = self._try([order])
                    order.is_done = True
            for order in orders:
                if not order.is_done:
                    order.fault, order.is_done = fault, True
        finally:
            self._waiting.extendleft(order for order in reversed(orders) if not order.is_done)

    def _try(self, orders: list[_Order[object]]) -> Exception | None:
        try:
            with self._connection.begin():
                for order in orders:
                    order.run(self._connection)
        except Exception as fault:  # noqa: BLE001 - each of those who wait raises it
            return fault
        return None
