"""Signs of life of a home: when its runs began and ended, by the calendar's clock and by the machine's.

Written with each run; read before the next, to see whether the clock can be believed and whether a run was missed.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from models.leap import Sign
from models.tables.core import EVENT, RUN

CLOCK_CONFIRMED = "clock_confirmed"
"""What it is called in the record that a person said the clock is right."""


def note_sign(connection: Connection, run_id: int, sign: Sign) -> None:
    """Writes down in which boot of the machine a run began, and how old that was."""
    connection.execute(update(RUN).where(RUN.c.id == run_id).values(boot=sign.boot, uptime_s=sign.uptime_s))


def sign_of_runs(connection: Connection) -> Sign | None:
    """The newest run, as a sign of life; None where there was none."""
    newest = select(RUN.c.started_at, RUN.c.boot, RUN.c.uptime_s).order_by(RUN.c.id.desc()).limit(1)
    row = connection.execute(newest).first()
    return Sign(*row) if row else None


def sign_of_persons(connection: Connection) -> Sign | None:
    """The last time that a person said the clock is right; None where nobody did. Looks through the record."""
    confirmed = select(EVENT.c.at, EVENT.c.payload).where(EVENT.c.action == CLOCK_CONFIRMED)
    row = connection.execute(confirmed.order_by(EVENT.c.seq.desc()).limit(1)).first()
    return _sign(row[0], json.loads(row[1])) if row else None


def last_finished_day(connection: Connection, before: date) -> date | None:
    """The day of the newest run that came to its end, of those for days before this one."""
    ended = select(RUN.c.on_day).where(RUN.c.finished_at.is_not(None), RUN.c.on_day < before)
    found: date | None = connection.scalar(ended.order_by(RUN.c.id.desc()).limit(1))
    return found


def finished_since(connection: Connection, day: date) -> list[datetime]:
    """When the runs for that day and later ones came to their end, in UTC."""
    ended = select(RUN.c.finished_at).where(RUN.c.finished_at.is_not(None), RUN.c.on_day >= day)
    return list(connection.scalars(ended.order_by(RUN.c.id)))


def _sign(at: datetime, payload: Mapping[str, object]) -> Sign:
    uptime = payload.get("uptime_s")
    return Sign(at, str(payload.get("boot", "")), float(uptime) if isinstance(uptime, int | float) else None)
