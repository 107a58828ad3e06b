"""The poll: set-based statements post the notices of a run and group them into messages.

Runs once a daily run, inside the caller's write transaction. What stands where is decided by `ladder.windows`;
this file only joins those ranges to the open clocks, and the once-only key drops what was said before.
It knows nothing of wording or channels. Plain SQL on purpose: objects cost forty times as much (docs/adr/0003).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from sqlalchemy import Connection, bindparam, select, text

from models.directory import Directory
from models.errors import RunRefused
from models.ladder import Policy, Window, windows
from models.lifecycle import Stage
from models.store import posting_sql as sql
from models.tables.core import RUN
from models.workdays import WorkCalendar

MANY_ARMED = 5_000
"""From so many armed clocks on, full windows for all cost less than a look at each."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a run decides with. The tables of parties must agree with the directory (see store/parties.py)."""

    policy: Policy
    calendar: WorkCalendar
    directory: Directory


@dataclass(frozen=True, slots=True)
class Posted:
    """What one run posted. `days` are the working days handled, oldest first; empty where nothing was left to do.

    `notices` are the new ones; `messages` may also say older ones, whose party had no address until now.
    """

    run_id: int
    on_day: date
    days: tuple[date, ...]
    notices: int
    messages: int


@dataclass(frozen=True, slots=True)
class _Before:
    """What earlier runs and actions left behind. `mark` is the watermark, None while there is no clock;
    `last_day` the day of the newest run, `posted_through` the last working day handled, None while there is none."""

    mark: date | None
    last_day: date | None
    posted_through: date | None
    seen_seq: int
    policy_digest: str
    calendar_digest: str
    directory_digest: str
    newest_event: int
    newest_notice: int


@dataclass(frozen=True, slots=True)
class _Span:
    """One working day to handle. `before` is the one handled before it, None at the start of a home.

    `seen` is the event up to which armed clocks were looked at, for what was armed on a day already handled.
    """

    day: date
    before: date | None
    seen: int


def watermark(connection: Connection) -> date | None:
    """The day of the newest run, or the day before the first clock; None while there is no clock."""
    return _before(connection).mark


def last_run(connection: Connection) -> tuple[date, bool] | None:
    """The day of the newest run, and whether that came to its end; None where there was none."""
    newest = select(RUN.c.on_day, RUN.c.finished_at.is_not(None)).order_by(RUN.c.id.desc()).limit(1)
    row = connection.execute(newest).first()
    return (row[0], bool(row[1])) if row else None


def post(connection: Connection, basis: Basis, on_day: date, now: datetime, via: str) -> Posted:
    """Posts the notices and messages of every working day after the watermark up to `on_day`.

    Raises RunRefused for a day before the watermark. A second run on a day handles only clocks armed since.
    """
    before = _before(connection)
    if before.mark and on_day < before.mark:
        raise RunRefused(
            f"{on_day} 早于已处理到的日期 {before.mark}，不能回头处理。",
            f"请处理 {before.mark} 或之后的日期。",
        )
    spans = _spans(basis.calendar, before, on_day)
    run_id = _record_run(connection, basis, on_day, spans, before, now, via)
    if not spans:
        return Posted(run_id, on_day, (), 0, 0)
    ranges = _ranges(connection, basis, spans, before)
    notices = _post_notices(connection, run_id, ranges)
    if notices:
        _settle(connection, run_id, before, ranges)
    revived = _revive(connection, run_id, before)
    messages = _post_messages(connection, run_id, on_day, before, revived) if notices or revived else 0
    return Posted(run_id, on_day, tuple(span.day for span in spans), notices, messages)


def _before(connection: Connection) -> _Before:
    row = connection.execute(text(sql.BEFORE)).one()
    last_day, first_clock, posted_through = (date.fromisoformat(day) if day else None for day in row[:3])
    mark = last_day or (first_clock - timedelta(days=1) if first_clock else None)
    return _Before(mark, last_day, posted_through, *row[3:])


def _spans(calendar: WorkCalendar, before: _Before, on_day: date) -> list[_Span]:
    """The working days to handle. A second run on a working day looks at that day once more."""
    if before.mark is None:
        return []
    if before.last_day == on_day:
        return [_Span(on_day, before.posted_through, before.seen_seq)] if calendar.is_workday(on_day) else []
    ahead = calendar.workdays_between(before.mark, on_day)
    if ahead > MOST_DAYS:
        raise RunRefused(
            f"{on_day} 距已处理到的日期 {before.mark} 有{ahead}个工作日，一次不能处理这么多。", "请核对日期的年份。"
        )
    spans: list[_Span] = []
    day = calendar.add_workdays(before.mark, 1)
    while day <= on_day:
        # What was armed before the run's first day was looked at on that day.
        earlier = spans[-1].day if spans else before.posted_through
        spans.append(_Span(day, earlier, sql.NOTHING_UNSEEN if spans else before.seen_seq))
        day = calendar.add_workdays(day, 1)
    return spans


def _record_run(
    connection: Connection,
    basis: Basis,
    on_day: date,
    spans: Sequence[_Span],
    before: _Before,
    now: datetime,
    via: str,
) -> int:
    """A run that handles no day sees nothing of what was armed since the last, so it must not claim to have."""
    handled = bool(spans) or not before.policy_digest
    used = {
        "policy": (basis.policy.digest, basis.policy.content, before.policy_digest),
        "calendar": (basis.calendar.digest, basis.calendar.content, before.calendar_digest),
        "directory": (basis.directory.digest, basis.directory.content, before.directory_digest),
    }
    for kind, (digest, content, known) in used.items():
        if digest != known:
            values = {"digest": digest, "kind": kind, "content": content}
            connection.execute(text(sql.KEEP_SNAPSHOT), values)
    through = spans[-1].day if spans else before.posted_through
    row: dict[str, object] = {
        "on_day": on_day.isoformat(),
        "posted_through": through.isoformat() if through else None,
        "seen_seq": before.newest_event if spans else before.seen_seq,
        "policy_digest": basis.policy.digest if handled else before.policy_digest,
        "calendar_digest": basis.calendar.digest if handled else before.calendar_digest,
        "directory_digest": basis.directory.digest,
        "newest": before.newest_notice,
        "via": via,
        "started_at": now,
        "boot": "",
        "uptime_s": None,
    }
    return int(connection.execute(_RECORD_RUN, row).scalar_one())


MOST_DAYS = 1_300
"""Working days that one run may catch up on, five years. More is a slip of the pen, and would hold the database."""
_RECORD_RUN = text(sql.RECORD_RUN).bindparams(bindparam("started_at", type_=RUN.c.started_at.type))


@dataclass(frozen=True, slots=True)
class _Ranges:
    """The windows of one run.

    `crossing` meets every clock. Clocks armed since the last run (opened, re-dated, resumed, holder or address
    changed) meet `full` instead, and those first served since what `full` held back, for they may stand on a
    rung they never crossed.
    """

    crossing: list[Window]
    armed: dict[_Span, list[Window]]
    served: dict[_Span, list[Window]]
    several_days: bool

    def orders(self) -> list[tuple[str, int]]:
        """Where each rung stands in its ladder, for telling the later of two."""
        found = [*self.crossing, *chain(*self.armed.values()), *chain(*self.served.values())]
        return sorted({(window.rung, window.order) for window in found})


def _ranges(connection: Connection, basis: Basis, spans: Sequence[_Span], before: _Before) -> _Ranges:
    oldest = _oldest_open(connection)

    def of(since: date | None, day: date) -> list[Window]:
        return windows(basis.policy, basis.calendar, since, day, oldest)

    anew = _all_anew(connection, basis, before)
    crossing = of(None if anew else spans[0].before, spans[0].day)
    for span in spans[1:]:
        crossing += of(span.before, span.day)
    armed, served = {}, {}
    for span in spans[1:] if anew else spans:
        some_armed, some_served = connection.execute(text(sql.ANY_ARMED_OR_SERVED), _days(span)).one()
        full = of(None, span.day) if some_armed or some_served else []
        if some_armed:
            armed[span] = full
        if some_served:
            served[span] = [window for window in full if window.held_back]
    return _Ranges(crossing, armed, served, several_days=len(spans) > 1)


def _all_anew(connection: Connection, basis: Basis, before: _Before) -> bool:
    """Every clock meets the full windows: nothing was handled before, or another policy or calendar may have moved
    a rung to a day already handled, or so many clocks are armed that asking each of them costs more."""
    if before.posted_through is None:
        return True
    if (before.policy_digest, before.calendar_digest) != (basis.policy.digest, basis.calendar.digest):
        return True
    armed = connection.scalar(text(sql.COUNT_ARMED), {"seen": before.seen_seq}) or 0
    return armed > MANY_ARMED


def _oldest_open(connection: Connection) -> dict[Stage, date]:
    """The earliest due date of the open clocks of each stage: endless rungs end there."""
    row = connection.execute(text(sql.OLDEST_OPEN)).one()
    return {stage: date.fromisoformat(day) for stage, day in zip(Stage, row, strict=True) if day}


def _days(span: _Span) -> dict[str, object]:
    before = span.before or span.day
    return {"before": before.isoformat(), "day": span.day.isoformat(), "seen": span.seen}


def _post_notices(connection: Connection, run_id: int, ranges: _Ranges) -> int:
    """Inserts what each window reaches and returns how many notices are new.

    In this order, since the first day that calls for a notice is the one to record: a clock armed before the run
    may say `address` on its first day and again where it crosses onto another rung; and a party told as the unit
    where the clock crosses may be let through as another role on a later day.
    """
    posted = 0
    beyond = sql.Beyond(*map(bool, connection.execute(text(sql.ANY_SAID_BEFORE_OR_TAKEN_UP)).one()))
    for span, found in ranges.armed.items():
        posted += _insert(connection, sql.ARMED, beyond, found, run=run_id, **_days(span))
    posted += _insert(connection, sql.CROSSING, beyond, ranges.crossing, run=run_id)
    for span, found in ranges.served.items():
        until = max((window.due_until for window in found), default=span.day).isoformat()
        posted += _insert(connection, sql.SERVED, beyond, found, run=run_id, until=until, **_days(span))
    return posted


def _insert(connection: Connection, picked: str, beyond: sql.Beyond, found: Sequence[Window], **values: object) -> int:
    """Runs the statements of those ways of telling that these windows use."""
    posted = 0
    for way in sql.Way:
        mine = [window for window in found if way.tells(window)]
        if mine:
            statement = text(sql.post_notices(picked, way, beyond))
            posted += connection.execute(statement, {"windows": _json(mine), **values}).rowcount
    return posted


def _json(found: Sequence[Window]) -> str:
    return json.dumps(
        [
            (
                str(w.day),
                w.stage,
                w.role,
                w.rung,
                w.kind,
                str(w.due_after),
                str(w.due_until),
                int(w.held_back),
            )
            for w in found
        ]
    )


def _settle(connection: Connection, run_id: int, before: _Before, ranges: _Ranges) -> None:
    """Settles which of the new notices are said."""
    connection.execute(text(sql.COUNT_NOTICES), {"run": run_id})
    several_roles, unreachable = connection.execute(text(sql.SOMEBODY)).one()
    newest = {"newest": before.newest_notice}
    if ranges.several_days or several_roles:
        connection.execute(text(sql.SUPERSEDE), {**newest, "orders": json.dumps(ranges.orders())})
    if unreachable:
        connection.execute(text(sql.NO_ADDRESS), newest)


def _revive(connection: Connection, run_id: int, before: _Before) -> list[int]:
    """Makes this run say what could not be said before: for want of an address, or since the clock was held.

    Returns the ids of those notices.
    """
    seen = {"seen": before.seen_seq}
    revived = list(connection.scalars(text(sql.REVIVE), {"run": run_id, **seen}))
    if connection.scalar(text(sql.ANY_RESUMED), seen):
        revived += connection.scalars(text(sql.REVIVE_RESUMED), {"run": run_id, **seen})
    return revived


def _post_messages(connection: Connection, run_id: int, on_day: date, before: _Before, revived: Sequence[int]) -> int:
    """Groups the notices that this run says into one message a party and kind."""
    values: dict[str, object] = {"run": run_id, "on_day": on_day.isoformat(), "newest": before.newest_notice}
    if not revived:
        return connection.execute(text(sql.POST_MESSAGES), values).rowcount
    values["revived"] = json.dumps(revived)
    return connection.execute(text(sql.POST_MESSAGES_WITH_REVIVED), values).rowcount
