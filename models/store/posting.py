"""The poll: set-based statements post the notices of a run and group them into messages.

Runs once a daily run, inside the caller's write transaction. What stands where is decided by `ladder.windows`;
this file only joins those ranges to the open clocks, and the once-only key drops what was said before.
It knows nothing of wording or channels. Plain SQL on purpose: objects cost forty times as much (docs/adr/0003).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, insert, select, text

from models.errors import RunRefused
from models.ladder import Policy, Window, windows
from models.lifecycle import Stage
from models.store import posting_sql as sql
from models.tables.core import DEADLINE, EVENT, NOTICE, RUN, SNAPSHOT
from models.workdays import WorkCalendar

MANY_ARMED = 5_000
"""From so many armed clocks on, full windows for all cost less than a look at each."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a run decides with, by content and by hash. The tables of parties must agree with the directory."""

    policy: Policy
    calendar: WorkCalendar
    directory_digest: str
    directory_content: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What one run posted. `days` are the working days handled, oldest first; empty where nothing was left to do."""

    run_id: int
    on_day: date
    days: tuple[date, ...]
    notices: int
    messages: int


@dataclass(frozen=True, slots=True)
class _LastRun:
    """What the run before left behind. `posted_through` is None until a working day was handled."""

    posted_through: date | None
    seen_seq: int
    policy_digest: str
    calendar_digest: str


@dataclass(frozen=True, slots=True)
class _Span:
    """One working day to handle. `before` is the one handled before it, None at the start of a home."""

    day: date
    before: date | None


def watermark(connection: Connection) -> date | None:
    """The day of the newest run, or the day before the first clock; None while there is no clock."""
    newest: date | None = connection.scalar(select(func.max(RUN.c.on_day)))
    if newest:
        return newest
    first: date | None = connection.scalar(select(func.min(DEADLINE.c.opened_on)))
    return first - timedelta(days=1) if first else None


def post(connection: Connection, basis: Basis, on_day: date, now: datetime, via: str) -> Posted:
    """Posts the notices and messages of every working day after the watermark up to `on_day`.

    Raises RunRefused for a day before the watermark. A second run on a day handles only clocks armed since.
    """
    mark = watermark(connection)
    if mark and on_day < mark:
        raise RunRefused(
            f"{on_day} 早于已处理到的日期 {mark}，不能回头处理。", f"请处理 {mark} 或之后的日期。"
        )
    last = _last_run(connection)
    spans = _spans(basis.calendar, mark, last.posted_through if last else None, on_day)
    run_id = _record_run(connection, basis, on_day, spans, last, now, via)
    if not spans:
        return Posted(run_id, on_day, (), 0, 0)
    newest = connection.scalar(select(func.max(NOTICE.c.id))) or 0
    ranges = _ranges(connection, basis, spans, last)
    notices = _post_notices(connection, run_id, ranges, last.seen_seq if last else 0)
    messages = _post_messages(connection, run_id, on_day, newest, ranges) if notices else 0
    return Posted(run_id, on_day, tuple(span.day for span in spans), notices, messages)


def _last_run(connection: Connection) -> _LastRun | None:
    columns = (RUN.c.posted_through, RUN.c.seen_seq, RUN.c.policy_digest, RUN.c.calendar_digest)
    row = connection.execute(select(*columns).order_by(RUN.c.id.desc()).limit(1)).first()
    return _LastRun(*row) if row else None


def _spans(
    calendar: WorkCalendar, mark: date | None, posted_through: date | None, on_day: date
) -> list[_Span]:
    """The working days to handle. A second run on a handled working day looks at that day once more."""
    if mark is None:
        return []
    if posted_through == on_day:
        return [_Span(on_day, on_day)]
    days = []
    day = calendar.add_workdays(mark, 1)
    while day <= on_day:
        days.append(day)
        day = calendar.add_workdays(day, 1)
    return [_Span(day, before) for day, before in zip(days, [posted_through, *days], strict=False)]


def _record_run(
    connection: Connection, basis: Basis, on_day: date, spans: Sequence[_Span], last: _LastRun | None,
    now: datetime, via: str,
) -> int:  # fmt: skip
    """A run that handles no day sees nothing of what was armed since the last, so it must not claim to have."""
    unseen = last.seen_seq if last else 0
    newest_event = connection.scalar(select(func.max(EVENT.c.seq))) or 0
    snapshots = {
        basis.policy.digest: ("policy", basis.policy.content),
        basis.calendar.digest: ("calendar", basis.calendar.content),
        basis.directory_digest: ("directory", basis.directory_content),
    }
    for digest, (kind, content) in snapshots.items():
        if connection.scalar(select(SNAPSHOT.c.digest).where(SNAPSHOT.c.digest == digest)) is None:
            connection.execute(insert(SNAPSHOT).values(digest=digest, kind=kind, content=content))
    result = connection.execute(
        insert(RUN).values(
            on_day=on_day,
            posted_through=spans[-1].day if spans else last and last.posted_through,
            seen_seq=newest_event if spans else unseen,
            policy_digest=basis.policy.digest if spans or not last else last.policy_digest,
            calendar_digest=basis.calendar.digest if spans or not last else last.calendar_digest,
            directory_digest=basis.directory_digest,
            via=via,
            started_at=now,
        )
    )
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


@dataclass(frozen=True, slots=True)
class _Ranges:
    """The windows of one run.

    `crossing` meets every clock. Clocks armed since the last run (opened, re-dated, resumed, holder or address
    changed) or first served since meet `full` instead, since they may stand on a rung they never crossed.
    """

    crossing: list[Window]
    full: dict[_Span, list[Window]]

    def orders(self) -> list[tuple[str, int]]:
        """Where each rung stands in its ladder, for telling the later of two."""
        seen = [*self.crossing, *(window for found in self.full.values() for window in found)]
        return sorted({(window.rung, window.order) for window in seen})


def _ranges(connection: Connection, basis: Basis, spans: Sequence[_Span], last: _LastRun | None) -> _Ranges:
    oldest = _oldest_open(connection)

    def of(since: date | None, day: date) -> list[Window]:
        return windows(basis.policy, basis.calendar, since, day, oldest)

    anew = _all_anew(connection, basis, last)
    crossing = of(None if anew else spans[0].before, spans[0].day)
    for span in spans[1:]:
        crossing += of(span.before, span.day)
    return _Ranges(crossing, {span: of(None, span.day) for span in (spans[1:] if anew else spans)})


def _all_anew(connection: Connection, basis: Basis, last: _LastRun | None) -> bool:
    """Every clock meets the full windows: nothing was handled before, or another policy or calendar may have moved
    a rung to a day already handled, or so many clocks are armed that asking each of them costs more."""
    if last is None or last.posted_through is None:
        return True
    if (last.policy_digest, last.calendar_digest) != (basis.policy.digest, basis.calendar.digest):
        return True
    armed = connection.scalar(text(sql.COUNT_ARMED), {"seen": last.seen_seq}) or 0
    return armed > MANY_ARMED


def _oldest_open(connection: Connection) -> dict[Stage, date]:
    """The earliest due date of the open clocks of each stage: endless rungs end there."""
    found = {stage: connection.scalar(text(sql.OLDEST_OPEN), {"stage": stage.value}) for stage in Stage}
    return {stage: date.fromisoformat(str(due_on)) for stage, due_on in found.items() if due_on}


def _post_notices(connection: Connection, run_id: int, ranges: _Ranges, seen: int) -> int:
    """Inserts what each window reaches and returns how many notices are new."""
    posted = _insert(connection, sql.CROSSING, ranges.crossing, run=run_id)
    for span, found in ranges.full.items():
        days = {"before": (span.before or span.day).isoformat(), "day": span.day.isoformat()}
        posted += _insert(connection, sql.ARMED, found, run=run_id, seen=seen, **days)
        held_back = [window for window in found if window.held_back]
        if held_back:
            until = max(window.due_until for window in held_back).isoformat()
            posted += _insert(connection, sql.SERVED, held_back, run=run_id, until=until, **days)
        seen = sql.NOTHING_UNSEEN  # what was armed before the run's first day was looked at on that day
    return posted


def _insert(connection: Connection, picked: str, found: Sequence[Window], **values: object) -> int:
    """Runs the statements of those ways of telling that these windows use."""
    posted = 0
    for way in sql.Way:
        mine = [window for window in found if way.tells(window)]
        if mine:
            statement = text(sql.post_notices(picked, way))
            posted += connection.execute(statement, {"windows": _json(mine), **values}).rowcount
    return posted


def _json(found: Sequence[Window]) -> str:
    return json.dumps([
        (str(w.day), w.stage, w.role, w.rung, w.kind, str(w.due_after), str(w.due_until), int(w.held_back))
        for w in found
    ])  # fmt: skip


def _post_messages(connection: Connection, run_id: int, on_day: date, newest: int, ranges: _Ranges) -> int:
    """Settles which of the new notices are said, and groups those into one message a party and kind."""
    several_days = len({window.day for window in ranges.crossing}) > 1 or len(ranges.full) > 1
    if several_days or connection.scalar(text(sql.SOMEBODY_HAS_SEVERAL_ROLES)):
        connection.execute(text(sql.SUPERSEDE), {"newest": newest, "orders": json.dumps(ranges.orders())})
    connection.execute(text(sql.NO_ADDRESS), {"newest": newest})
    values = {"run": run_id, "on_day": on_day.isoformat(), "newest": newest}
    return connection.execute(text(sql.POST_MESSAGES), values).rowcount
