"""Whether a home can be trusted to act: is the clock right, is this the home or a copy of it, was a run missed.

Asked before anything is decided or handed over, and by `duban doctor`. Rules stand in models/leap.py, mornings.py and
store/home/site.py; here they meet the machine.
"""

from datetime import date, datetime

from sqlalchemy import Connection

from config import clock
from flows.office import Office
from models import mornings
from models.errors import ClockDoubted, UsageRefused
from models.handling import home
from models.handling.case import By
from models.leap import Doubt, Sign, doubt, doubt_zh
from models.store.home import signs
from models.store.posting import watermark


def check_clock(office: Office) -> None:
    """Raises ClockDoubted where a live home's clock may have been set since the last run, and nobody confirmed it."""
    if found := doubt_of_clock(office):
        today = clock.in_office(clock.now())
        cure = (
            f"请核对日期和时间（本机现在是 {today:%Y-%m-%d %H:%M}）；确实无误的，由综合组、督办组或组长的经办人确认："
            "duban daily --clock-is-right --by 经办人代码。"
        )
        raise ClockDoubted(f"{doubt_zh(found)}；没有办理，也没有发出任何消息。", cure)


def doubt_of_clock(office: Office) -> Doubt | None:
    """What speaks against this machine's clock. In a rehearsal the day is set by people, so nothing does."""
    if office.rehearsal:
        return None
    now = sign_now()
    with office.store.reading() as connection:
        found = doubt(signs.sign_of_runs(connection), now)
        confirmed = signs.sign_of_persons(connection) if found else None
    return doubt(confirmed, now) if found and confirmed else found


def confirm_clock(office: Office, by: By) -> None:
    """A person says the clock is right: that goes on record, where it was in doubt. Raises UsageRefused."""
    if office.rehearsal:
        raise UsageRefused("演练环境不核对本机时钟。", "请去掉 --clock-is-right。")
    if doubt_of_clock(office):
        with office.acting(office.day(None)) as (session, ground):
            home.confirm_clock(session, ground, by, sign_now())


def take_over(office: Office, by: By) -> int:
    """A person makes this copy the home that hands over. Returns how many messages wait for a person from now on."""
    if not office.standing.is_copy:
        raise UsageRefused(home.NO_COPY_ZH)
    with office.acting(office.come_to()) as (session, ground):
        return home.take_over(session, ground, by, office.place)


def sign_now() -> Sign:
    """This moment, by both clocks of the machine."""
    return Sign(clock.now(), clock.boot_id(), clock.uptime_s())


def late_mornings(connection: Connection, office: Office, on_day: date, now: datetime) -> str:
    """On which mornings since the last run of a live home none had finished in time; empty where there is none."""
    last = None if office.rehearsal else signs.last_finished_day(connection, on_day)
    if last is None:
        return ""
    finished = [clock.in_office(end) for end in signs.finished_since(connection, last)]
    days, day = [], office.calendar.add_workdays(last, 1)
    while day <= on_day:
        days.append(day)
        day = office.calendar.add_workdays(day, 1)
    return mornings.late_zh(mornings.late(days, finished, clock.in_office(now)))


def missing_run(office: Office, now: datetime) -> date | None:
    """The day whose daily run is missing: today, where a live home should have made it by now; else None."""
    if office.rehearsal:
        return None
    here = clock.in_office(now)
    with office.store.reading() as connection:
        if watermark(connection) is None:
            return None
        finished = [clock.in_office(end) for end in signs.finished_since(connection, here.date())]
    return here.date() if mornings.is_missing(here, office.calendar.is_workday(here.date()), finished) else None
