"""Whether a daily run must be caught up when a service starts, from duban's own tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from config.service import DailyTimes
from flows.office import Office
from flows.serving.missed import why_to_catch_up
from flows.steps import one_run_at_a_time, run_day
from models.tables import HomeMode
from models.tables.core import RUN
from tests.handling_fixtures import Line, hand_out, small_office, take_in

MONDAY, TUESDAY = date(2023, 3, 27), date(2023, 3, 28)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A home with one measure, assigned and run on Monday."""
    with small_office(tmp_path) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", MONDAY)
        run_day(office, MONDAY)
        yield office


@contextmanager
def live(office: Office) -> Iterator[Office]:
    """The same office as a live home: its day follows the clock."""
    mode = office.home.mode
    office.home.mode = HomeMode.LIVE
    yield office
    office.home.mode = mode


def on(office: Office, day: date | None) -> Office:
    return replace(office, settings=replace(office.settings, today=day))


def at(day: date, time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}+08:00")


def why(office: Office, now: datetime, times: DailyTimes | None = None) -> str | None:
    return why_to_catch_up(office, times or DailyTimes(), now)


def test_a_day_whose_time_has_passed_is_caught_up(office: Office) -> None:
    with live(office):
        assert why(office, at(TUESDAY, "08:31")) == "已处理到2023-03-27，2023-03-28及之前的日常运行有遗漏"


def test_a_day_whose_time_is_still_to_come_is_not(office: Office) -> None:
    with live(office):
        assert why(office, at(TUESDAY, "08:29")) is None


def test_what_was_handled_is_not_caught_up(office: Office) -> None:
    with live(office):
        assert why(office, at(MONDAY, "23:00")) is None


def test_a_run_that_was_broken_off_is_made_again(office: Office) -> None:
    with office.store.writing() as connection:
        connection.execute(update(RUN).values(finished_at=None))
    with live(office):
        assert why(office, at(MONDAY, "09:00")) == "2023-03-27的日常运行没有做完"


def test_a_run_that_goes_on_now_is_not_made_again(office: Office) -> None:
    with office.store.writing() as connection:
        connection.execute(update(RUN).values(finished_at=None))
    with live(office), one_run_at_a_time(office):
        assert why(office, at(MONDAY, "09:00")) is None
        assert why(office, at(TUESDAY, "09:00")) is None


def test_an_office_that_paused_its_runs_is_left_in_peace(office: Office) -> None:
    with live(office):
        assert why(office, at(TUESDAY, "12:00"), DailyTimes(paused=True)) is None


def test_a_rehearsal_stands_still_until_somebody_sets_its_day(office: Office) -> None:
    assert why(office, at(TUESDAY, "12:00")) is None
    assert why(on(office, MONDAY), at(TUESDAY, "12:00")) is None
    assert why(on(office, TUESDAY), at(TUESDAY, "00:00")) == "已处理到2023-03-27，2023-03-28及之前的日常运行有遗漏"


def test_a_home_without_clocks_has_nothing_to_catch_up(tmp_path: Path) -> None:
    with small_office(tmp_path / "other") as empty, live(empty):
        assert why(empty, at(TUESDAY, "12:00")) is None
