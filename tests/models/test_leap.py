"""The clock and the machine's own time: when a home believes the day, and when it asks."""

from datetime import UTC, datetime, timedelta

import pytest

from models.leap import LARGEST_DRIFT, LONGEST_SILENCE, Doubt, Leap, Sign, doubt, doubt_zh

RUN_AT = datetime(2026, 10, 12, 0, 30, tzinfo=UTC)
LAST = Sign(RUN_AT, "boot-1", 5000.0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def later(by_calendar: timedelta, by_machine: timedelta | None) -> Sign:
    """The next look: in the same boot where the machine's time is given, else after a new start."""
    if by_machine is None:
        return Sign(RUN_AT + by_calendar, "boot-2", 60.0)
    return Sign(RUN_AT + by_calendar, "boot-1", 5000.0 + by_machine.total_seconds())


@pytest.mark.parametrize(
    ("by_calendar", "by_machine"),
    [
        (DAY, DAY),
        (30 * DAY, 30 * DAY),
        (400 * DAY, 400 * DAY),
        (DAY - HOUR, DAY),
        (DAY + HOUR, DAY),
        (DAY, DAY - LARGEST_DRIFT),
        (DAY, None),
        (3 * DAY, None),
        (30 * DAY, None),
        (LONGEST_SILENCE, None),
        (-HOUR, None),
        (timedelta(), timedelta()),
    ],
)
def test_a_clock_that_can_be_believed(by_calendar: timedelta, by_machine: timedelta | None) -> None:
    assert doubt(LAST, later(by_calendar, by_machine)) is None


@pytest.mark.parametrize(
    ("by_calendar", "by_machine", "leap"),
    [
        (3 * DAY, timedelta(minutes=5), Leap.FORWARD),
        (400 * DAY, DAY, Leap.FORWARD),
        (LARGEST_DRIFT + timedelta(seconds=1), timedelta(), Leap.FORWARD),
        (-3 * DAY, DAY, Leap.BACK),
        (DAY, 3 * DAY, Leap.BACK),
        (-2 * HOUR, timedelta(minutes=1), Leap.BACK),
        (-3 * DAY, None, Leap.BACK),
        (LONGEST_SILENCE + timedelta(seconds=1), None, Leap.LONG_SILENCE),
        (400 * DAY, None, Leap.LONG_SILENCE),
    ],
)
def test_a_clock_that_is_asked_about(by_calendar: timedelta, by_machine: timedelta | None, leap: Leap) -> None:
    assert doubt(LAST, later(by_calendar, by_machine)) == Doubt(leap, by_calendar, by_machine)


def test_nothing_is_asked_before_the_first_run() -> None:
    assert doubt(None, later(400 * DAY, DAY)) is None


@pytest.mark.parametrize("last", [Sign(RUN_AT), Sign(RUN_AT, "boot-1"), Sign(RUN_AT, "", 5000.0)])
def test_where_the_system_tells_nothing_only_long_silence_counts(last: Sign) -> None:
    assert doubt(last, later(3 * DAY, timedelta())) is None
    asked = doubt(last, later(61 * DAY, timedelta()))
    assert asked and asked.leap is Leap.LONG_SILENCE


@pytest.mark.parametrize(
    ("by_calendar", "by_machine", "said"),
    [
        (3 * DAY, timedelta(minutes=5), "本机的时钟被改动过：自上次运行以来，日历走了3天，机器实际只过了5分钟"),
        (2 * HOUR, 26 * HOUR, "本机的时钟被改动过：自上次运行以来，日历走了2小时，机器实际过了1天"),
        (-3 * DAY, DAY, "本机的时钟被改动过：比上次运行时还早3天"),
        (-3 * DAY, None, "本机的时钟被改动过：比上次运行时还早3天"),
        (74 * DAY, None, "距上次运行已有74天，本机的日期可能不对"),
    ],
)
def test_the_doubt_in_words(by_calendar: timedelta, by_machine: timedelta | None, said: str) -> None:
    found = doubt(LAST, later(by_calendar, by_machine))
    assert found and doubt_zh(found) == said
