"""What follows after serving ended: stop, start anew, or give up."""

import pytest

from flows.serving.ending import Ended, Ending, Next, next_step
from models.errors import RunRefused

FAILED = [ending for ending in Ending if ending is not Ending.STOPPED]
STEADY_S = 30.0


@pytest.mark.parametrize("served_s", [None, 1.0, 100.0])
def test_who_was_told_to_stop_stops(served_s: float | None) -> None:
    assert next_step(Ending.STOPPED, served_s, 3, STEADY_S) is Next.STOP


@pytest.mark.parametrize("ending", FAILED)
@pytest.mark.parametrize(
    ("served_s", "retries", "following"),
    [
        (30.1, 0, Next.AGAIN),
        (30.0, 0, Next.GIVE_UP),
        (1.0, 5, Next.GIVE_UP),
        (None, 0, Next.GIVE_UP),
        (None, 1, Next.AGAIN),
    ],
    ids=["steady", "at the edge", "not steady after a restart", "not ready at the first start", "not ready again"],
)
def test_what_failed_is_started_anew_where_that_promises_something(
    ending: Ending, served_s: float | None, retries: int, following: Next
) -> None:
    assert next_step(ending, served_s, retries, STEADY_S) is following


def test_what_is_known_of_the_reason_is_told() -> None:
    assert Ended(Ending.NOT_STARTED).zh == "服务没有启动起来"
    assert (
        Ended(Ending.NOT_STARTED, refusal=RunRefused("端口 4200 已被另一个程序占用。")).zh
        == "端口 4200 已被另一个程序占用"
    )
