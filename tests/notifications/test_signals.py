"""Being told to end: heard at any time, obeyed between two steps; the second time at once."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from notifications.signals import heard

BOTH = [(signal.SIGTERM, SystemExit), (signal.SIGINT, KeyboardInterrupt)]


def tell(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    signal.getsignal(number)  # the handler runs before this returns


@contextmanager
def as_before() -> Iterator[None]:
    before = [signal.getsignal(number) for number, _ in BOTH]
    yield
    assert [signal.getsignal(number) for number, _ in BOTH] == before


@pytest.mark.parametrize(("number", "error"), BOTH)
def test_what_is_told_is_obeyed_where_that_is_asked(number: signal.Signals, error: type[BaseException]) -> None:
    steps = []
    with as_before(), pytest.raises(error), heard() as signals:
        signals.obey()
        tell(number)
        steps.append("this step ends")
        signals.obey()
    assert steps == ["this step ends"]


@pytest.mark.parametrize(("number", "error"), BOTH)
def test_what_nobody_asked_about_is_obeyed_at_the_end(number: signal.Signals, error: type[BaseException]) -> None:
    steps = []
    with as_before(), pytest.raises(error), heard():
        tell(number)
        steps.append("to the end")
    assert steps == ["to the end"]


@pytest.mark.parametrize(("number", "error"), BOTH)
def test_who_tells_a_second_time_is_obeyed_at_once(number: signal.Signals, error: type[BaseException]) -> None:
    steps = []
    with as_before(), heard() as signals:
        tell(signal.SIGTERM)
        with pytest.raises(SystemExit) as told:
            signals.obey()
        assert told.value.code == 128 + signal.SIGTERM
        signals.obey()
        with pytest.raises(error):
            tell(number)
            steps.append("no step more")
    assert steps == []


def test_who_listens_already_goes_on_listening() -> None:
    heard_elsewhere: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard_elsewhere.append(number))
    try:
        with heard() as signals:
            tell(signal.SIGINT)
            signals.obey()
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard_elsewhere == [signal.SIGINT]


def test_a_thread_of_a_service_listens_to_nothing() -> None:
    def listen() -> None:
        with heard() as signals:
            assert [signal.getsignal(number) for number, _ in BOTH] == before
            signals.obey()

    before = [signal.getsignal(number) for number, _ in BOTH]
    with ThreadPoolExecutor() as threads:
        threads.submit(listen).result()
