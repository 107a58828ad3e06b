"""A calendar file (.ics) of what one party has to do by when: an event of a whole day for each of its running clocks.

Made anew at each export. An event keeps its UID for the life of its clock, so that a calendar that takes the file in
again moves it with its date. Reads nothing and writes nothing; icalendar is loaded here only.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from models.answers.open_clocks import OpenClock
from models.ledger.excerpts import short
from models.ledger.files.cell_text import plain_text
from models.lifecycle import STAGE_ZH, Stage
from models.rehearsal import REHEARSAL_MARK
from models.workdays import WorkCalendar
from notifications.words.sentences import PROVISIONAL_ZH

PRODUCT = "-//duban//ledger//ZH"
_ZONE, _FROM_UTC, _SINCE = "Asia/Shanghai", timedelta(hours=8), datetime(1970, 1, 1)  # noqa: DTZ001 - of that zone
_DAY = timedelta(days=1)
_ASKED: Mapping[Stage, str] = MappingProxyType({
    Stage.ACCEPT: "请签收", Stage.COMPLETE: "请完成整改并自查上报", Stage.MILESTONE: "请完成节点任务并报告",
    Stage.CHECK: "请督查核查", Stage.OPEN_REVIEW: "请发起销号审核", Stage.REVIEW: "请决定是否同意销号",
    Stage.DECIDE: "请决定是否同意延期", Stage.FOLLOW_UP: "请开展回头看并报告", Stage.REFER: "请办理问责并登记处理结果",
})  # fmt: skip
"""What the holder of a clock must do by its date."""


@dataclass(frozen=True, slots=True)
class CalendarOf:
    """Whose calendar it is, by name, and of which home (its own name). `several_rounds`: numbers need their round."""

    party: str
    home: str
    calendar: WorkCalendar
    rehearsal: bool = False
    several_rounds: bool = False


def calendar_file(of: CalendarOf, clocks: Iterable[OpenClock], now: datetime) -> bytes:
    """The bytes of the file; `now`, in UTC, is the moment of the export. Without clocks it is a calendar all the same,
    so that what was done vanishes from whoever reads the file again."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", plain_text(f"{_mark(of)}{of.party}督办时限"))
    # A calendar must hold something, and one without clocks would else hold nothing.
    made.add_component(_zone())
    for clock in clocks:
        made.add_component(_event(of, clock, now))
    content: bytes = made.to_ical()
    return content


def _event(of: CalendarOf, clock: OpenClock, now: datetime) -> Event:
    event = Event()
    event.add("uid", _uid(of, clock))
    event.add("dtstamp", now)
    event.add("sequence", clock.changed)
    event.add("dtstart", clock.due_on)
    event.add("dtend", clock.due_on + _DAY)
    event.add("summary", plain_text(_summary(of, clock)))
    event.add("description", plain_text("\n".join(_description(of, clock))))
    event.add("categories", [STAGE_ZH[clock.stage]])
    event.add("transp", "TRANSPARENT")
    return event


def _uid(of: CalendarOf, clock: OpenClock) -> str:
    """One for each clock of each home, whatever it is about by now."""
    return f"{hashlib.sha256(f'{of.home}/{clock.id}'.encode()).hexdigest()[:32]}@duban.local"


def _summary(of: CalendarOf, clock: OpenClock) -> str:
    provisional = "（推算日期）" if of.calendar.is_provisional(clock.due_on) else ""
    what = short(clock.milestone or clock.text)
    return f"{_mark(of)}措施{_no(of, clock)}{STAGE_ZH[clock.stage]}时限{provisional}，{_ASKED[clock.stage]}：{what}"


def _description(of: CalendarOf, clock: OpenClock) -> Iterable[str]:
    yield f"{_ASKED[clock.stage]}，时限{clock.due_on}。"
    if of.calendar.is_provisional(clock.due_on):
        yield f"{PROVISIONAL_ZH}。"
    if clock.milestone:
        yield f"阶段节点：{clock.milestone}"
    yield f"整改措施：{clock.text}"
    yield f"反馈问题：{clock.problem}"
    yield f"责任单位：{clock.unit}"


def _no(of: CalendarOf, clock: OpenClock) -> str:
    return f"{clock.round_code}/{clock.no}" if of.several_rounds else clock.no


def _mark(of: CalendarOf) -> str:
    return REHEARSAL_MARK if of.rehearsal else ""


def _zone() -> Timezone:
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", _ZONE)
    standard.add("dtstart", _SINCE)
    standard.add("tzoffsetfrom", _FROM_UTC)
    standard.add("tzoffsetto", _FROM_UTC)
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone
