"""Whether the machine's clock can be believed: a day that is wrong would remind, escalate and blame wrongly. PURE.

Two clocks are compared: the calendar's, which anybody can set, and the time since the machine started, which goes on
by itself, also in sleep. Where the machine was started anew only a very long silence is asked about.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LARGEST_DRIFT = timedelta(hours=1, minutes=1)
"""An hour put right is let pass, and a minute for what lies between two looks at a clock."""
LONGEST_SILENCE = timedelta(days=60)
"""A machine may be off over the longest holidays; longer is more likely a clock that was set."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life: the moment as the calendar's clock had it, the boot it was in, and how long that had lasted.

    `boot` is empty and `uptime_s` None where the system does not tell.
    """

    at: datetime
    boot: str = ""
    uptime_s: float | None = None


class Leap(StrEnum):
    """Why the clock is not believed."""

    FORWARD = "forward"  # it went further than the machine ran
    BACK = "back"  # it went less far than the machine ran, or backwards
    LONG_SILENCE = "long_silence"  # the machine was started anew, and very long after the last sign


@dataclass(frozen=True, slots=True)
class Doubt:
    """A clock that is not believed: by the calendar so long went by, by the machine so long (None: not known)."""

    leap: Leap
    by_calendar: timedelta
    by_machine: timedelta | None = None


def doubt(last: Sign | None, now: Sign) -> Doubt | None:
    """What speaks against the clock since the last sign of life; None where it can be believed."""
    if last is None:
        return None
    by_calendar, by_machine = now.at - last.at, _machine_time(last, now)
    if by_machine is None and by_calendar < -LARGEST_DRIFT:
        return Doubt(Leap.BACK, by_calendar)
    if by_machine is None:
        return Doubt(Leap.LONG_SILENCE, by_calendar) if by_calendar > LONGEST_SILENCE else None
    drift = by_calendar - by_machine
    if abs(drift) <= LARGEST_DRIFT:
        return None
    return Doubt(Leap.FORWARD if drift > timedelta() else Leap.BACK, by_calendar, by_machine)


def doubt_zh(found: Doubt) -> str:
    """The doubt in one sentence."""
    if found.by_calendar < timedelta():
        return f"本机的时钟被改动过：比上次运行时还早{_span_zh(-found.by_calendar)}"
    if found.by_machine is None:
        return f"距上次运行已有{_span_zh(found.by_calendar)}，本机的日期可能不对"
    only = "只" if found.leap is Leap.FORWARD else ""
    went, ran = _span_zh(found.by_calendar), _span_zh(found.by_machine)
    return f"本机的时钟被改动过：自上次运行以来，日历走了{went}，机器实际{only}过了{ran}"


def _machine_time(last: Sign, now: Sign) -> timedelta | None:
    """How long the machine ran between the two; None where it was started anew, or does not tell."""
    if not last.boot or last.boot != now.boot or last.uptime_s is None or now.uptime_s is None:
        return None
    return timedelta(seconds=now.uptime_s - last.uptime_s)


def _span_zh(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    days, hours = minutes // 1440, minutes // 60
    return f"{days}天" if days else f"{hours}小时" if hours else f"{minutes}分钟"
