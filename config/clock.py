"""The only reader of the clock. Everything else is handed the day and the moment as arguments.

Offices work in Asia/Shanghai, so "today" is the day there, whatever zone the machine keeps.
"""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pendulum

OFFICE_ZONE = "Asia/Shanghai"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


def today() -> date:
    """The day in the office's zone."""
    moment = pendulum.now(OFFICE_ZONE)
    return date(moment.year, moment.month, moment.day)


def in_office(moment: datetime) -> datetime:
    """The same moment as the office's clock shows it."""
    return pendulum.instance(moment).in_timezone(OFFICE_ZONE)


def boot_id() -> str:
    """What tells this start of the machine from any other; empty where the system does not say."""
    return _BOOT_ID.read_text(encoding="ascii").strip() if _BOOT_ID.exists() else ""


def uptime_s() -> float | None:
    """Seconds since the machine started, sleep included, which nobody can set; None where there is no such clock."""
    since_boot = getattr(time, "CLOCK_BOOTTIME", None)
    return None if since_boot is None else time.clock_gettime(since_boot)
