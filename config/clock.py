"""The only reader of the clock. Everything else is handed the day and the moment as arguments.

Offices work in Asia/Shanghai, so "today" is the day there, whatever zone the machine keeps.
"""

import time
from datetime import UTC, date, datetime

import pendulum

OFFICE_ZONE = "Asia/Shanghai"


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


def today() -> date:
    """The day in the office's zone."""
    moment = pendulum.now(OFFICE_ZONE)
    return date(moment.year, moment.month, moment.day)
