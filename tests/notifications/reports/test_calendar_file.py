"""Calendar files: what an event says, that it is found again, and that a hostile text is only a text."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from models.answers.open_clocks import OpenClock
from models.lifecycle import Stage
from models.workdays import WorkCalendar, YearDays
from notifications.reports.calendar_file import CalendarOf, calendar_file

NOW = datetime(2023, 6, 26, 1, 2, 3, tzinfo=UTC)
OF = CalendarOf("人事科", "a home", WorkCalendar([YearDays(2023, "国办发")]))
CLOCK = OpenClock(
    id=7, measure_id=3, stage=Stage.COMPLETE, opened_on=date(2023, 3, 27), due_on=date(2023, 6, 30),
    first_due_on=date(2023, 6, 30), held_on=None, changed=12, round_code="2023", no="1.2", text="订计划",
    problem="学习不深", milestone="", unit_id=1, unit="人事科", holder_id=1, holder_code="D01", holder="人事科",
)  # fmt: skip


def made(*clocks: OpenClock, of: CalendarOf = OF) -> Any:
    return Calendar.from_ical(calendar_file(of, clocks, NOW))


def event(clock: OpenClock = CLOCK, of: CalendarOf = OF) -> Any:
    (found,) = made(clock, of=of).walk("VEVENT")
    return found


def test_an_event_of_a_whole_day_says_number_stage_and_what_to_do() -> None:
    found = event()
    assert found["summary"] == "措施1.2整改时限，请完成整改并自查上报：订计划"
    assert b"DTSTART;VALUE=DATE:20230630\r\nDTEND;VALUE=DATE:20230701\r\n" in calendar_file(OF, [CLOCK], NOW)
    assert (found["dtstamp"].dt, found["sequence"]) == (NOW, 12)
    assert found["description"].splitlines() == [
        "请完成整改并自查上报，时限2023-06-30。", "整改措施：订计划", "反馈问题：学习不深", "责任单位：人事科",
    ]  # fmt: skip


def test_a_day_that_is_a_forecast_says_so() -> None:
    found = event(replace(CLOCK, due_on=date(2024, 6, 28)))
    assert "时限（推算日期）" in found["summary"]
    assert "节假日安排尚未公布，为推算日期。" in found["description"]


def test_the_step_of_a_milestone_is_what_is_to_be_done() -> None:
    found = event(replace(CLOCK, stage=Stage.MILESTONE, milestone="印发制度"))
    assert found["summary"].endswith("请完成节点任务并报告：印发制度")


@pytest.mark.parametrize(
    ("clock", "of", "same"),
    [
        pytest.param(replace(CLOCK, due_on=date(2023, 7, 7), changed=40, text="改了"), OF, True, id="another date"),
        pytest.param(replace(CLOCK, id=8), OF, False, id="another clock"),
        pytest.param(CLOCK, replace(OF, home="another"), False, id="another home"),
    ],
)
def test_an_event_is_known_by_its_clock(clock: OpenClock, of: CalendarOf, same: bool) -> None:
    assert (event(clock, of)["uid"] == event()["uid"]) is same


def test_of_several_rounds_the_number_says_which() -> None:
    assert event(of=replace(OF, several_rounds=True))["summary"].startswith("措施2023/1.2整改")


def test_a_rehearsal_is_marked() -> None:
    of = replace(OF, rehearsal=True)
    assert event(of=of)["summary"].startswith("【演练】措施")
    assert made(of=of)["x-wr-calname"] == "【演练】人事科督办时限"


def test_without_clocks_it_is_a_calendar_all_the_same() -> None:
    found = made()
    assert [part.name for part in found.subcomponents] == ["VTIMEZONE"]


def test_hostile_texts_stay_texts() -> None:
    text = "订计划\r\nEND:VEVENT\r\nBEGIN:VALARM\nATTACH:x;,\\n\x00\ud800"
    content = calendar_file(OF, [replace(CLOCK, text=text, problem=text)], NOW)
    parsed: Any = Calendar.from_ical(content)
    (found,) = parsed.walk("VEVENT")
    assert found.subcomponents == []
    assert "整改措施：订计划\nEND:VEVENT\nBEGIN:VALARM\nATTACH:x;,\\n" in found["description"]
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
