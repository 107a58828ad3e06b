"""The office's calendar: every official day of nine years, the years nobody announced, and the overlay file.

An overlay is accepted as a whole or refused with all its problems; each row below is one slip of a pen.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

import config.calendars
from config.calendars import STATUTORY, load_calendar
from models.errors import CalendarRefused
from models.workdays import WEEKDAYS_ONLY, WorkCalendar
from tests.config.official_days import FIRST, LAST, NOTICES, official_days

DAY = timedelta(days=1)
OFFICIAL = official_days()
CALENDAR = load_calendar(None)
LAST_ANNOUNCED = max(chinese_calendar.holidays).year
EXAMPLE = Path(config.calendars.__file__).parent / "overlays" / "example.yaml"

Laid = Callable[[str], WorkCalendar]


def d(text: str) -> date:
    return date.fromisoformat(text)


def span(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]


@pytest.fixture
def laid(tmp_path: Path) -> Laid:
    """A calendar under an overlay of that text."""

    def load(text: str) -> WorkCalendar:
        path = tmp_path / "calendar.yaml"
        path.write_text(text, encoding="utf-8")
        return load_calendar(path)

    return load


# Announced years


def test_every_day_of_nine_years_is_as_the_notices_say() -> None:
    wrong = [
        day
        for day in span(FIRST, LAST)
        if CALENDAR.is_workday(day) is not OFFICIAL.get(day, (day.weekday() < 5, ""))[0]
    ]
    assert len(OFFICIAL) == 314
    assert wrong == []


def test_every_day_a_notice_names_is_told_with_that_notice() -> None:
    assert {day: CALENDAR.source(day) for day in OFFICIAL} == {day: notice for day, (_, notice) in OFFICIAL.items()}


def test_every_earlier_day_is_as_chinesecalendar_says() -> None:
    wrong = [
        day
        for day in span(d("2004-01-01"), d("2017-12-31"))
        if CALENDAR.is_workday(day) is not chinese_calendar.is_workday(day)
    ]
    assert wrong == []


def test_a_year_whose_notice_has_no_number_here_is_told_by_its_title() -> None:
    assert CALENDAR.source(d("2016-10-03")) == "国务院办公厅关于2016年部分节假日安排的通知"


def test_announced_days_are_settled_and_the_last_ones_are_not() -> None:
    assert CALENDAR.provisional_between(d("2004-01-01"), date(LAST_ANNOUNCED, 12, 28)) is None
    tail = span(date(LAST_ANNOUNCED, 12, 29), date(LAST_ANNOUNCED, 12, 31))
    assert [day for day in tail if not CALENDAR.is_provisional(day)] == []


# Years nobody announced


@pytest.mark.parametrize("year", [1949, 1990, 2003, 2031, 2101, 2150])
def test_a_year_no_source_announces_is_provisional_through_and_through(year: int) -> None:
    assert [day for day in span(date(year, 1, 1), date(year, 12, 31)) if not CALENDAR.is_provisional(day)] == []


@pytest.mark.parametrize(
    ("day", "worked", "source", "why"),
    [
        ("2031-10-01", False, STATUTORY, "National Day, a Wednesday"),
        ("2031-04-07", False, STATUTORY, "in lieu of the Tomb-Sweeping Day that falls on a Saturday"),
        ("2031-10-08", True, STATUTORY, "an ordinary Wednesday"),
        ("2031-10-11", False, STATUTORY, "no weekend day is worked before a notice says so"),
        ("1990-05-01", False, STATUTORY, "Labour Day"),
        ("2150-10-01", True, WEEKDAYS_ONLY, "where no holiday is known either, weekdays are all there is"),
        ("1949-10-03", True, WEEKDAYS_ONLY, "before the law"),
    ],
)
def test_a_day_of_an_unannounced_year(day: str, worked: bool, source: str, why: str) -> None:
    assert CALENDAR.is_workday(d(day)) is worked, why
    assert CALENDAR.source(d(day)) == source, why


def test_the_forecast_is_loaded_only_for_a_year_nobody_announced() -> None:
    script = """
import sys
from datetime import date
from config.calendars import load_calendar
calendar = load_calendar(None)
calendar.add_workdays(date(2023, 3, 25), 20), calendar.digest, calendar.is_provisional(date(2031, 1, 1))
assert "holidays" not in sys.modules
calendar.is_workday(date(2031, 1, 1))
assert "holidays" in sys.modules
"""
    root = Path(config.calendars.__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


# The twin: one day after another, asked of the packages themselves

FORECAST = country_holidays("CN", years=range(1998, 2037))


def works(day: date) -> bool:
    if 2018 <= day.year <= 2026:
        return OFFICIAL.get(day, (day.weekday() < 5, ""))[0]
    if 2004 <= day.year <= LAST_ANNOUNCED:
        return chinese_calendar.is_workday(day) is True
    return FORECAST.is_working_day(day)


def walk(day: date, n: int) -> date:
    step, left = (DAY, n) if n > 0 else (-DAY, -n)
    while left:
        day += step
        left -= works(day)
    return day


@given(st.dates(d("1999-01-01"), d("2034-12-31")), st.integers(-40, 40))
@settings(max_examples=150, deadline=None)
def test_adding_and_counting_are_walking_in_every_kind_of_year(day: date, n: int) -> None:
    there = walk(day, n)
    assert CALENDAR.add_workdays(day, n) == there
    assert CALENDAR.workdays_between(day, there) == (n if n >= 0 else n + 1 - works(day))


@given(st.lists(st.dates(d("1940-01-01"), d("2160-12-31")), max_size=4))
@settings(max_examples=20, deadline=None)
def test_the_digest_does_not_depend_on_the_days_asked(asked: list[date]) -> None:
    calendar = load_calendar(None)
    for day in asked:
        calendar.is_workday(day)
    assert calendar.digest == CALENDAR.digest


# The overlay

ANNOUNCEMENT = """
- source: 国办发明电〔2040〕9号
  announces: 2041          # the whole year is settled
  off: [2041-10-01, 2041-10-04..2041-10-07]
  work: [2041-09-28]
"""


def test_an_overlay_announces_a_year(laid: Laid) -> None:
    calendar = laid(ANNOUNCEMENT)
    assert calendar.add_workdays(d("2041-09-30"), 1) == d("2041-10-08")
    assert CALENDAR.add_workdays(d("2041-09-30"), 1) == d("2041-10-04")
    assert calendar.add_workdays(d("2041-09-27"), 1) == d("2041-09-28")
    assert calendar.source(d("2041-10-07")) == "国办发明电〔2040〕9号"
    assert calendar.source(d("2041-06-05")) == "国办发明电〔2040〕9号"
    assert calendar.provisional_between(d("2041-01-01"), d("2041-12-28")) is None
    assert calendar.is_provisional(d("2041-12-29"))
    assert calendar.digest != CALENDAR.digest


def test_announcing_the_next_year_settles_the_last_days_of_this_one(laid: Laid) -> None:
    calendar = laid(f"- source: 甲\n  announces: {LAST_ANNOUNCED + 1}\n")
    settled = date(LAST_ANNOUNCED, 12, 1), date(LAST_ANNOUNCED + 1, 12, 28)
    assert calendar.provisional_between(*settled) is None
    assert CALENDAR.provisional_between(*settled) == date(LAST_ANNOUNCED, 12, 29)


def test_a_statutory_day_that_an_announcement_forgets_stays_off_and_says_why(laid: Laid) -> None:
    calendar = laid(ANNOUNCEMENT)
    assert not calendar.is_workday(d("2041-01-01"))
    assert calendar.source(d("2041-01-01")) == STATUTORY


def test_an_offices_own_days_settle_no_year(laid: Laid) -> None:
    calendar = laid("- source: 本单位暑期安排\n  off: [2041-08-05..2041-08-09]\n")
    assert calendar.add_workdays(d("2041-08-02"), 1) == d("2041-08-12")
    assert calendar.source(d("2041-08-07")) == "本单位暑期安排"
    assert not calendar.is_provisional(d("2041-08-07"))
    assert calendar.is_provisional(d("2041-08-12"))


def test_a_later_entry_changes_an_earlier_one_and_a_known_notice(laid: Laid) -> None:
    calendar = laid("- source: 甲\n  off: [2026-06-01..2026-06-05]\n- source: 乙\n  work: [2026-06-03, 2026-10-05]\n")
    assert list(filter(calendar.is_workday, span(d("2026-06-01"), d("2026-06-05")))) == [d("2026-06-03")]
    assert calendar.is_workday(d("2026-10-05"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "an empty file"),
        ("# 尚无补充\n", "only a remark"),
        ("[]\n", "an empty list"),
    ],
)
def test_an_overlay_that_says_nothing_changes_nothing(laid: Laid, text: str, why: str) -> None:
    assert laid(text).digest == CALENDAR.digest, why


def test_an_overlay_need_not_exist(tmp_path: Path) -> None:
    assert load_calendar(tmp_path / "none.yaml").digest == CALENDAR.digest


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "- source: 甲\n  announces: [2041, 2042]\n  off:\n  work:\n",
            "several years, and fields left blank",
        ),
        ("- {source: 甲, announces: '2041', off: ['2041-10-01 .. 2041-10-07']}\n", "quotes and spaces"),
        ("\ufeff- source: 甲\n  announces: 2041\n", "a byte order mark, as Windows writes"),
    ],
)
def test_an_overlay_may_be_written_so(laid: Laid, text: str, why: str) -> None:
    assert not laid(text).is_provisional(d("2041-06-02")), why


PLAIN = "- source: 甲\n"
DATES = "日期应写成2027-10-01，一段日期应写成2027-10-04..2027-10-07。"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("source: 甲\n", [": 应是一个列表，每条依据以“- source:”开头。 "]),
        ("放假\n", [": 应是一个列表，每条依据以“- source:”开头。 放假"]),
        ("- source: [1\n", ["第2行: 不是有效的YAML，请检查缩进、冒号和括号。 "]),
        ("- 甲\n", ["[1]: 每条依据应由source、announces、off、work等栏目组成。 甲"]),
        ("- off: [2027-10-01]\n", ["[1].source: 请写明依据，例如通知的文号。 "]),
        ("- source:\n  off: [2027-10-01]\n", ["[1].source: 请写明依据，例如通知的文号。 "]),
        (PLAIN, ["[1]: announces、off、work至少写一项。 "]),
        (
            PLAIN + "  off: [2027-10-01]\n  rest: [2027-10-02]\n",
            ["[1]: 没有这个栏目，可用的是source、announces、off、work。 rest"],
        ),
        (PLAIN + "  off: [2027-10-01]\n  off: [2027-10-02]\n", ["[1].off: 同一栏目写了两次。 "]),
        (
            PLAIN + "  off: 2027-10-01\n",
            ["[1].off: 应是一个列表，例如[2027-10-01, 2027-10-04..2027-10-07]。 2027-10-01"],
        ),
        (PLAIN + "  off: [10月1日]\n", [f"[1].off[1]: {DATES} 10月1日"]),
        (PLAIN + "  off: [2027-10-1]\n", [f"[1].off[1]: {DATES} 2027-10-1"]),
        (PLAIN + "  off: [20271001]\n", [f"[1].off[1]: {DATES} 20271001"]),
        (PLAIN + "  off: [2027-10-01..]\n", [f"[1].off[1]: {DATES} 2027-10-01.."]),
        (PLAIN + "  off: [2027-10-01...2027-10-03]\n", [f"[1].off[1]: {DATES} 2027-10-01...2027-10-03"]),
        (PLAIN + "  off: [[2027-10-01]]\n", [f"[1].off[1]: {DATES} "]),
        (PLAIN + "  off: [2027-02-29]\n", ["[1].off[1]: 日历上没有这一天。 2027-02-29"]),
        (
            PLAIN + "  work: [2027-10-07..2027-10-04]\n",
            ["[1].work[1]: 起止日期颠倒。 2027-10-07..2027-10-04"],
        ),
        (
            PLAIN + "  off: [2027-10-04..2072-10-07]\n",
            ["[1].off[1]: 一段超过一年，请核对年份。 2027-10-04..2072-10-07"],
        ),
        (
            PLAIN + "  off: [2027-10-04..2028-10-04]\n",
            ["[1].off[1]: 一段超过一年，请核对年份。 2027-10-04..2028-10-04"],
        ),
        (
            PLAIN + "  off: [1027-10-04]\n",
            ["[1].off[1]: 应在2000年至2100年之间，请核对年份。 1027-10-04"],
        ),
        (
            PLAIN + "  off: [2027-10-01..2027-10-03]\n  work: [2027-10-02, 2027-10-03, 2027-10-09]\n",
            ["[1]: 同一天既写放假又写上班。 2027-10-02、2027-10-03"],
        ),
        (PLAIN + "  announces: 明年\n", ["[1].announces: 应是2000年至2100年之间的年份。 明年"]),
        (PLAIN + "  announces: [2027, 20]\n", ["[1].announces[2]: 应是2000年至2100年之间的年份。 20"]),
        (PLAIN + "  announces: {2027: 是}\n", ["[1].announces: 应是一个年份，或年份的列表。 "]),
    ],
)
def test_a_slip_is_told_with_its_place(laid: Laid, text: str, problems: list[str]) -> None:
    with pytest.raises(CalendarRefused) as refused:
        laid(text)
    assert [f"{p.where}: {p.text} {p.value}" for p in refused.value.problems] == problems


def test_all_problems_of_a_file_are_told_at_once(laid: Laid) -> None:
    with pytest.raises(CalendarRefused) as refused:
        laid(
            "- source: 甲\n  off: [2027-02-30, 2027-10-07..2027-10-01]\n  holiday: 是\n"
            "- 乙\n"
            "- announces: 27\n  work: [2027-10-09, 十月十日]\n"
        )
    places = [problem.where for problem in refused.value.problems]
    assert places == ["[1]", "[1].off[1]", "[1].off[2]", "[2]", "[3].work[2]", "[3].announces", "[3].source"]
    assert refused.value.zh == "工作日历补充文件calendar.yaml有7处问题，未予采用。"
    assert refused.value.cure


@pytest.mark.parametrize(
    ("name", "text"),
    [("gbk.yaml", "文件不是UTF-8编码，请另存为UTF-8。"), ("folder", "文件无法读取。")],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "gbk.yaml").write_bytes("- source: 甲\n".encode("gbk"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(CalendarRefused) as refused:
        load_calendar(tmp_path / name)
    assert [problem.text for problem in refused.value.problems] == [text]


def test_the_example_is_a_real_notice_and_changes_no_day() -> None:
    calendar = load_calendar(EXAMPLE)
    changed = [day for day in span(FIRST, LAST) if calendar.is_workday(day) is not CALENDAR.is_workday(day)]
    assert changed == []
    text = EXAMPLE.read_text(encoding="utf-8")
    off, work = next(row[1:] for row in NOTICES if row[0] in text)
    assert [part for part in f"{off} {work}".split() if part not in text] == []
    assert calendar.digest != CALENDAR.digest
