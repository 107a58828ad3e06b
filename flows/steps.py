"""The steps of a daily run as plain functions: post, deliver, brief. The Prefect flow and `duban daily` both use them.

Each step can be run again at any time: posting handles what the watermark has not seen, delivery what is due.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import update

from config import clock
from flows.office import Office
from models.store import board, outbox
from models.store.board import NoticeRow
from models.store.owners import run_lock
from models.store.parties import sync_parties
from models.store.posting import Posted, post
from models.tables import MessageState, Unsaid
from models.tables.core import RUN
from models.workdays import WorkCalendar

if TYPE_CHECKING:
    from notifications.delivery import Tally
    from notifications.reports.brief import Brief, BriefRow


@dataclass(frozen=True, slots=True)
class DayResult:
    """What a daily run did, in numbers: notices and messages posted by it, and where its delivery left messages."""

    on: date
    notices: int
    messages: int
    accepted: int
    unknown: int
    rejected: int
    via: str
    days: tuple[date, ...]


class _DryRun(Exception):  # noqa: N818 - a signal to roll back, not an error
    """Carries what would have been posted out of a transaction that is undone."""


@contextmanager
def one_run_at_a_time(office: Office) -> Iterator[None]:
    """Holds the home's run lock. Raises RunRefused while another daily run goes on."""
    with run_lock(office.store, "daily", clock.now()):
        yield


def post_notices(office: Office, on_day: date, via: str) -> Posted:
    """Brings every unhandled working day up to date, in order, in one transaction."""
    now = clock.now()
    with office.store.writing() as connection:
        sync_parties(connection, office.directory, on_day, now)
        outbox.count_served(connection)
        return post(connection, office.basis, on_day, now, via)


def foresee_notices(office: Office, on_day: date) -> tuple[Posted, list[NoticeRow]]:
    """What `post_notices` would post now. Nothing is kept."""
    found: list[NoticeRow] = []
    posted: Posted | None = None
    try:
        with office.store.writing() as connection:
            now = clock.now()
            sync_parties(connection, office.directory, on_day, now)
            outbox.count_served(connection)
            posted = post(connection, office.basis, on_day, now, "dry-run")
            found = board.notices_of_run(connection, posted.run_id)
            raise _DryRun
    except _DryRun:
        assert posted is not None
        return posted, found


def deliver_messages(office: Office, on_day: date, told: Callable[[], None] = lambda: None) -> "Tally":
    """Hands over what the outbox holds."""
    from notifications.delivery import Delivery

    with office.delivering() as desk:
        return Delivery(desk, on_day, told).run()


def close_run(office: Office, run_id: int) -> None:
    """Notes that the run came to its end."""
    with office.store.writing() as connection:
        connection.execute(update(RUN).where(RUN.c.id == run_id).values(finished_at=clock.now()))


def waiting_messages(office: Office) -> int:
    """How many messages a delivery would look at, for a progress bar."""
    from models.store.outbox import CLAIMABLE

    with office.store.reading() as connection:
        return sum(1 for row in board.messages(connection) if row.state in CLAIMABLE)


def result_of(posted: Posted, tally: "Tally | None", via: str) -> DayResult:
    accepted, unknown, rejected = (tally.accepted, tally.unknown, tally.rejected) if tally else (0, 0, 0)
    return DayResult(posted.on_day, posted.notices, posted.messages, accepted, unknown, rejected, via, posted.days)


def run_day(office: Office, on_day: date, *, deliver: bool = True, via: str = "direct",
            told: Callable[[], None] = lambda: None) -> DayResult:  # fmt: skip
    """A whole daily run, without Prefect."""
    with one_run_at_a_time(office):
        posted = post_notices(office, on_day, via)
        tally = deliver_messages(office, on_day, told) if deliver else None
        close_run(office, posted.run_id)
        return result_of(posted, tally, via)


def brief_of_day(office: Office, on_day: date, caught_up: Sequence[date] = ()) -> "Brief":
    """The brief of one day, from the record: who heard what and why, and how it went.

    `caught_up` are the days that the day's run handled: of several, what a later day superseded is left out.
    """
    first = min(caught_up, default=on_day)
    with office.store.reading() as connection:
        rows = board.notices_between(connection, first, on_day)
        if first < on_day:
            rows = [row for row in rows if row.unsaid is not Unsaid.SUPERSEDED]
        return brief_of(office, on_day, rows, board.messages(connection))


def brief_of(office: Office, on_day: date, rows: list[NoticeRow], messages: list[board.MessageRow]) -> "Brief":
    from notifications.reports.brief import Brief, BriefCounts

    today = [message for message in messages if message.on_day == on_day]
    states = [message.state for message in today]
    return Brief(
        on=on_day,
        rehearsal=office.rehearsal,
        rows=tuple(_brief_row(row, on_day, office.calendar) for row in rows),
        counts=BriefCounts(
            notices=len(rows),
            messages=len(today),
            accepted=states.count(MessageState.ACCEPTED),
            unknown=states.count(MessageState.UNKNOWN),
            rejected=states.count(MessageState.REJECTED),
            waiting=sum(state in _WAITING for state in states),
        ),
        attention=tuple(_attention(rows, messages)),
    )


def _brief_row(row: NoticeRow, on_day: date, calendar: WorkCalendar) -> "BriefRow":
    from notifications.compose import item_of, reason_of, why_of
    from notifications.reports.brief import BriefRow

    item = item_of(row, on_day, calendar)
    return BriefRow(
        party=row.party_name,
        role=item.role,
        measure_no=item.measure_no,
        text=item.text,
        kind=item.kind,
        colour=item.colour,
        stage=item.stage,
        due_on=item.due_on,
        days=item.days,
        provisional=item.provisional,
        reason=reason_of(row, on_day, calendar),
        why=why_of(row),
        fate=fate_zh(row),
    )


_WAITING = (MessageState.PLANNED, MessageState.LEASED, MessageState.HANDING_OVER, MessageState.RETRY_WAIT)
_FATES = {
    MessageState.ACCEPTED: "已送达",
    MessageState.UNKNOWN: "是否送达不明",
    MessageState.REJECTED: "被拒收",
    MessageState.CANCELLED: "已办结，未发",
    MessageState.RETRY_WAIT: "待重试",
}
_UNSAID_ZH = {
    Unsaid.SUPERSEDED: "被后一档取代",
    Unsaid.NO_ADDRESS: "未发：无通知地址",
    Unsaid.SETTLED: "已办结，未发",
}


def fate_zh(row: NoticeRow) -> str:
    """How a notice went, in a word."""
    if row.unsaid:
        return _UNSAID_ZH[row.unsaid]
    return _FATES.get(row.message_state, "待发") if row.message_state else "待发"


def _attention(rows: list[NoticeRow], messages: list[board.MessageRow]) -> Iterator[str]:
    """Lines that need a person: who could not be told, and messages that died or whose fate nobody knows."""
    without = sorted({row.party_name for row in rows if row.unsaid is Unsaid.NO_ADDRESS})
    if without:
        yield f"没有通知地址，未能告知：{'、'.join(without)}。请另行通知，并在通讯录中补录地址。"
    for state, words in (
        (MessageState.REJECTED, "被拒收"),
        (MessageState.UNKNOWN, "是否送达不明，请人工核实"),
    ):
        for message in messages:
            if message.state is state:
                told = f"消息{message.id}（{message.on_day}，{message.party}）{words}"
                yield f"{told}：{message.code} {message.reason}".strip()
