"""Which mornings went by without a daily run: silence must not look like a day on which nothing was due. PURE.

Used by `duban doctor` for today, and by the brief for the days since the last run. Moments are in the office's zone.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

LATEST = time(10)
"""When the daily run of a working day should have finished at the latest."""
LATEST_ZH = f"{LATEST.hour}时"
_MOST_NAMED = 5


def is_missing(now: datetime, is_workday: bool, finished: Iterable[datetime]) -> bool:
    """Whether today's run should have finished by now, and none has finished today at all."""
    return is_workday and now.time() >= LATEST and not any(end.date() == now.date() for end in finished)


def late(workdays: Iterable[date], finished: Iterable[datetime], now: datetime) -> list[date]:
    """Of these working days those on which no run had finished in time, as far as that can be told by now."""
    in_time = {end.date() for end in finished if end.time() <= LATEST}
    return [day for day in workdays if day not in in_time and (day, LATEST) <= (now.date(), now.time())]


def late_zh(days: Sequence[date]) -> str:
    """The line of the brief; empty where there is no such day."""
    if not days:
        return ""
    named = "、".join(map(str, days[:_MOST_NAMED]))
    more = f"等{len(days)}个工作日" if len(days) > _MOST_NAMED else ""
    return f"{named}{more}没有在{LATEST_ZH}前完成日常运行。请检查定时任务或服务，以及当时机器是否开着。"
