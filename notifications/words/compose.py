"""From notices and news to a message's words: gathers what a digest or a bulletin says, at each claim anew.

Reads rows, sends nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.directory import Directory
from models.ladder import MessageKind
from models.lifecycle import Role
from models.news import NewsKind
from models.store.board import NewsRow, NoticeRow
from models.workdays import WorkCalendar
from notifications.words.bulletin import Bulletin, NewsItem
from notifications.words.digest import Digest, Item
from notifications.words.particulars import Particulars, particulars_of
from notifications.words.sentences import HOLDERS, reason_zh, why_zh


def item_of(row: NoticeRow, on_day: date, calendar: WorkCalendar) -> Item:
    """One notice as it is said on `on_day`: working days are counted from there."""
    return Item(
        measure_no=row.measure,
        problem=row.problem,
        text=row.text,
        unit=row.unit,
        lead=row.lead,
        role=row.role,
        stage=row.stage,
        rung=row.rung,
        kind=row.kind,
        colour=row.colour,
        due_on=row.due_on,
        days=days_left(row.due_on, on_day, calendar),
        provisional=calendar.provisional_between(on_day, row.due_on) is not None,
        limit_text=row.limit_text,
    )


def days_left(due_on: date, on_day: date, calendar: WorkCalendar) -> int:
    """Working days left (> 0), due that day (0), or late (< 0), seen from `on_day`."""
    return calendar.workdays_between(on_day, due_on)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who reads a message: the party itself, or its stand-in, with the name of the party it stands in for."""

    code: str
    name: str
    stand_in_for: str = ""


def digest_of(
    rows: Iterable[NoticeRow], to: Addressee, kind: MessageKind, on_day: date, calendar: WorkCalendar, rehearsal: bool
) -> Digest:
    """The digest that tells these notices."""
    found = tuple(rows)
    return Digest(
        party=to.name,
        party_code=to.code,
        on=on_day,
        kind=kind,
        items=tuple(item_of(row, on_day, calendar) for row in found),
        round_name="、".join(dict.fromkeys(row.round_name for row in found)),
        rehearsal=rehearsal,
        stand_in_for=to.stand_in_for,
    )


def news_item_of(row: NewsRow, on_day: date, calendar: WorkCalendar, directory: Directory) -> NewsItem:
    """One news as it is said on `on_day`: working days are counted from there."""
    told = particulars_of(row.payload, row.person, directory)
    due_on = row.due_on or told.due_on
    if row.kind is NewsKind.RESUMED:
        due_on = _own_due(told, row.role)
    return NewsItem(
        seq=row.seq,
        measure_no=row.measure,
        problem=row.problem,
        text=row.text,
        unit=row.unit,
        lead=row.lead,
        closure=row.closure,
        role=row.role,
        kind=row.kind,
        by_party=row.by_party,
        due_on=due_on,
        days=days_left(due_on, on_day, calendar) if due_on else 0,
        provisional=due_on is not None and calendar.provisional_between(on_day, due_on) is not None,
        limit_text=row.limit_text,
        told=told,
    )


def _own_due(told: Particulars, role: Role) -> date | None:
    """Of the clocks that run on, the first that waits for this role."""
    return min((day for stage, day in told.due if role in HOLDERS[stage]), default=None)


def bulletin_of(
    rows: Iterable[NewsRow], to: Addressee, on_day: date, calendar: WorkCalendar, rehearsal: bool, directory: Directory
) -> Bulletin:  # fmt: skip
    """The bulletin that tells these news. `directory` names the persons whom the events know by code."""
    found = tuple(rows)
    return Bulletin(
        party=to.name,
        party_code=to.code,
        on=on_day,
        items=tuple(news_item_of(row, on_day, calendar, directory) for row in found),
        round_name="、".join(dict.fromkeys(row.round_name for row in found)),
        rehearsal=rehearsal,
        stand_in_for=to.stand_in_for,
    )


def reason_of(row: NoticeRow, on_day: date, calendar: WorkCalendar) -> str:
    """Why this notice was posted, in one sentence, as it was on `on_day`."""
    return reason_zh(
        stage=row.stage,
        rung=row.rung,
        kind=row.kind,
        role=row.role,
        due_on=row.due_on,
        days=days_left(row.due_on, on_day, calendar),
        provisional=calendar.provisional_between(on_day, row.due_on) is not None,
        unit=row.unit,
    )


def why_of(row: NoticeRow) -> str:
    """The half of its reason that is the party's own, the same on every day."""
    return why_zh(stage=row.stage, rung=row.rung, kind=row.kind, role=row.role, unit=row.unit)
