"""Up to which day the tables speak: what was done or run since cannot be taken out of them again. Reads only."""

from datetime import date

from sqlalchemy import Connection

from models.errors import UsageRefused
from models.store.board import last_action_day
from models.store.posting import last_run


def refuse_before_the_last(connection: Connection, day: date) -> None:
    """Raises UsageRefused for a day before the last on which somebody acted, in whatever round, or the daily run ran.

    Whatever is written about a home as it stands on a day asks this first: the tables say what stands after all that
    was done, so for an earlier day they would say what was not true then.
    """
    run = last_run(connection)
    last = max((one for one in (last_action_day(connection), run[0] if run else None) if one), default=day)
    if day < last:
        raise UsageRefused(
            f"已经办理或运行到 {last}，不能再写出 {day} 的情况。",
            f"请写 {last} 或之后的日期；正式环境请核对本机日期。",
        )
