"""The steps of a daily run as plain functions: post, deliver, brief. The Prefect flow and `duban daily` both use them.

Each step can be run again at any time: posting handles what the watermark has not seen, delivery what is due.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection, update

from config import clock
from flows.failing import failing_channels
from flows.office import Office
from flows.readdressing import send_where_they_are
from flows.trust import check_clock, late_mornings, sign_now
from models.errors import CopyRefused, RunRefused
from models.store import board, fates, outbox
from models.store.board import NoticeRow
from models.store.due import DueRow, falling_due
from models.store.home import signs
from models.store.outbox.taking_over import flag_messages_of_run
from models.store.owners import run_lock, this_process
from models.store.parties import sync_parties
from models.store.posting import Posted, post, watermark
from models.tables import Unsaid
from models.tables.core import RUN
from notifications.addresses import is_served

if TYPE_CHECKING:
    from notifications.delivery import Tally, Told
    from notifications.reports.brief import Brief


DAILY_LOCK = "daily"
"""The lock that a daily run holds while it goes on."""


@dataclass(frozen=True, slots=True)
class DayResult:
    """What a daily run did, in numbers: notices and messages posted by it, and where its delivery left messages.

    `held_back`: why nothing was handed over, and what to do about it; empty where it was.
    """

    on: date
    notices: int
    messages: int
    accepted: int
    unknown: int
    rejected: int
    via: str
    days: tuple[date, ...]
    held_back: str = ""


class _DryRun(Exception):  # noqa: N818 - a signal to roll back, not an error
    """Carries what would have been posted out of a transaction that is undone."""


@contextmanager
def one_run_at_a_time(office: Office) -> Iterator[None]:
    """Holds the home's run lock. Raises RunRefused while another daily run goes on."""
    with run_lock(office.store, DAILY_LOCK, clock.now()):
        yield


def post_notices(office: Office, on_day: date, via: str) -> Posted:
    """Brings every unhandled working day up to date, in order, in one transaction. Raises ClockDoubted."""
    check_clock(office)
    now, basis, sign, taken_over_on = clock.now(), office.basis, sign_now(), office.home.taken_over_on
    with office.store.writing() as connection:
        sync_parties(connection, basis.directory, on_day, now, is_served)
        send_where_they_are(connection, office, basis.directory, on_day, now)
        outbox.count_served(connection)
        posted = post(connection, basis, on_day, now, via)
        signs.note_sign(connection, posted.run_id, sign)
        if taken_over_on and any(day <= taken_over_on for day in posted.days):
            flag_messages_of_run(connection, posted.run_id, this_process(), now)
        return posted


def is_handled(office: Office, on_day: date) -> bool:
    """Whether a daily run was made on that day already, or there is nothing to run for."""
    with office.store.reading() as connection:
        mark = watermark(connection)
    return mark is None or mark >= on_day


def foresee_notices(office: Office, on_day: date) -> tuple[Posted, list[NoticeRow]]:
    """What `post_notices` would post now. Nothing is kept."""
    found: list[NoticeRow] = []
    posted: Posted | None = None
    now, basis = clock.now(), office.basis
    try:
        with office.store.writing() as connection:
            sync_parties(connection, basis.directory, on_day, now, is_served)
            send_where_they_are(connection, office, basis.directory, on_day, now)
            outbox.count_served(connection)
            posted = post(connection, basis, on_day, now, "dry-run")
            found = board.notices_of_run(connection, posted.run_id)
            raise _DryRun
    except _DryRun:
        assert posted is not None
        return posted, found


def delivery_day(office: Office, asked: date | None) -> date:
    """The day a delivery is made on: today; in a rehearsal the day it has come to, unless another is asked for.

    Raises RunRefused for a day before the watermark: what is accepted counts from that day on.
    """
    with office.store.reading() as connection:
        mark, acted_on = watermark(connection), board.last_action_day(connection)
    if not office.rehearsal or mark is None:
        return office.day(asked)
    day = asked or office.settings.today or max(mark, acted_on or mark)
    if day < mark:
        raise RunRefused(
            f"{day} 早于已处理到的日期 {mark}，不能按那天投递。", f"请按 {mark} 或之后的日期投递，或不写 --on。"
        )
    return day


def deliver_messages(office: Office, on_day: date, told: "Told" = lambda _, __: None) -> "Tally":
    """Hands over what the outbox holds, to the parties as directory.yaml has them now: what was refused at an address
    that is another by now is among it. Raises CopyRefused in a copy of a home, and ClockDoubted."""
    from notifications.delivery import Delivery

    check_clock(office)
    directory = office.directory
    with office.store.writing() as connection:  # before the sitting, which counts only where something may leave
        sync_parties(connection, directory, on_day, clock.now(), is_served)
        send_where_they_are(connection, office, directory, on_day, clock.now())
    with office.sitting(), office.delivering() as desk:
        return Delivery(desk, on_day, told).run()


def close_run(office: Office, run_id: int) -> None:
    """Notes that the run came to its end."""
    with office.store.writing() as connection:
        connection.execute(update(RUN).where(RUN.c.id == run_id).values(finished_at=clock.now()))


def waiting_messages(office: Office) -> int:
    """How many messages a delivery would look at, for a progress bar."""
    with office.store.reading() as connection:
        return outbox.count_claimable(connection)


def result_of(posted: Posted, tally: "Tally | None", via: str, held_back: str = "") -> DayResult:
    accepted, unknown, rejected = (tally.accepted, tally.unknown, tally.rejected) if tally else (0, 0, 0)
    numbers = (posted.notices, posted.messages, accepted, unknown, rejected)
    return DayResult(posted.on_day, *numbers, via, posted.days, held_back)


Follow = Callable[[int], AbstractContextManager["Told"]]
"""Given how many messages wait, gives what hears how far the delivery is: a progress bar, for one."""


@contextmanager
def unfollowed(_: int) -> Iterator["Told"]:
    yield lambda _, __: None


def run_day(
    office: Office, on_day: date, *, deliver: bool = True, via: str = "direct", follow: Follow = unfollowed
) -> DayResult:
    """A whole daily run, without Prefect. A copy of a home decides and records as any other, and hands nothing over."""
    with one_run_at_a_time(office):
        posted = post_notices(office, on_day, via)
        tally, held_back = None, ""
        if deliver:
            try:
                with follow(waiting_messages(office)) as told:
                    tally = deliver_messages(office, on_day, told)
            except CopyRefused as refusal:
                held_back = refusal.in_full
        close_run(office, posted.run_id)
        return result_of(posted, tally, via, held_back)


def brief_of_day(office: Office, on_day: date, caught_up: Sequence[date] = ()) -> "Brief":
    """The brief of one day, from the record: who heard what and why, and how it went.

    `caught_up` are the days that the day's run handled: of several, what a later day superseded is left out.
    """
    from notifications.reports.briefing import Found, brief_of

    first = min(caught_up, default=on_day)
    with office.store.reading() as connection:
        late = [row for row in board.notices_said_late(connection, on_day) if row.on_day < first]
        rows = [*late, *board.notices_between(connection, first, on_day)]
        today = board.messages(connection, on_day=on_day)
        unresolved = fates.unresolved(connection)
        exceptions = board.exceptions(connection, on_day)
        total, coming = _coming(connection, office, on_day)
        unrun = late_mornings(connection, office, on_day, clock.now())
        failing = [f"{channel.zh}。" for channel in failing_channels(connection, office, on_day, clock.now())]
    if first < on_day:
        rows = [row for row in rows if row.unsaid is not Unsaid.SUPERSEDED]
    found = Found(rows, coming, total, exceptions, today, unresolved, unrun, failing)
    return brief_of(on_day, found, office.calendar, office.rehearsal)


def foreseen_brief(office: Office, on_day: date, rows: Sequence[NoticeRow]) -> "Brief":
    """The brief of what a dry run found: nothing of it was made into messages."""
    from notifications.reports.briefing import Found, brief_of

    with office.store.reading() as connection:
        exceptions = board.exceptions(connection, on_day)
        total, coming = _coming(connection, office, on_day)
    return brief_of(on_day, Found(rows, coming, total, exceptions), office.calendar, office.rehearsal)


def _coming(connection: Connection, office: Office, on_day: date) -> tuple[int, list[DueRow]]:
    """What falls due next, and how much of it there is: of very much only the first is read."""
    from notifications.reports.coming import MOST_COMING, last_day_ahead

    return falling_due(connection, on_day, last_day_ahead(on_day, office.calendar), MOST_COMING)
