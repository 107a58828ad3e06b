"""What must be caught up when a service starts: whether a daily run was missed or broken off while it was down.

Read from duban's own tables, never from Prefect's: the watermark says which day was handled. No Prefect here.
"""

from datetime import date, datetime

from config.service import DailyTimes
from flows.office import Office
from flows.steps import DAILY_LOCK
from models.store.owners import is_held
from models.store.posting import last_run, watermark


def why_to_catch_up(office: Office, times: DailyTimes, now: datetime) -> str | None:
    """In Chinese, why a daily run is to be made at once; None where nothing was missed, or the office paused it, or one
    goes on now, which somebody started by command."""
    if times.paused:
        return None
    due = _due_day(office, times, now)
    with office.store.reading() as connection:
        mark = watermark(connection)
        last, goes_on = last_run(connection), is_held(connection, DAILY_LOCK)
    if due is None or mark is None or goes_on:
        return None
    if due > mark:
        return f"已处理到{mark}，{due}及之前的日常运行有遗漏"
    day, finished = last or (mark, True)
    return None if finished else f"{day}的日常运行没有做完"


def _due_day(office: Office, times: DailyTimes, now: datetime) -> date | None:
    """The latest day whose daily run should have been made. A rehearsal's day stands still until somebody sets it."""
    return office.settings.today if office.rehearsal else times.last_due(now).date()
