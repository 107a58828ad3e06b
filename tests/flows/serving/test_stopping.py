"""Being asked to stop: once, by a real signal, whatever goes on at that moment."""

import os
import signal

import pytest

from flows.serving.stopping import Stop


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_the_next_do_no_harm(signum: signal.Signals) -> None:
    before = signal.getsignal(signum)
    stop = Stop()
    with stop.listening():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signum)
        os.kill(os.getpid(), signum)
        os.kill(os.getpid(), signal.SIGTERM)
    assert stop.was_asked
    assert signal.getsignal(signum) is before


def test_what_can_end_in_order_is_asked_to_and_not_interrupted() -> None:
    stop = Stop()
    asked: list[str] = []
    with stop.listening():
        with stop.ending_by(lambda: asked.append("once")):
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    assert asked == ["once"]
