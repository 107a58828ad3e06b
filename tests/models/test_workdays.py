"""The rank table compared with its slow obvious twin, a walk day by day, inside the table and beyond it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.workdays import WEEKDAYS_ONLY, Amendment, WorkCalendar, YearDays, weekdays_only

DAY = timedelta(days=1)
NOTICE = "国办发明电〔2022〕16号"


def d(text: str) -> date:
    return date.fromisoformat(text)


def days(*texts: str) -> frozenset[date]:
    return frozenset(map(d, texts))


def may_day_only(year: int) -> YearDays:
    """A forecast with a weekday off and a Saturday worked, so that no year is mere weeks."""
    may = date(year, 5, 1)
    off = frozenset({may} if may.weekday() < 5 else ())
    saturday = next(day for day in (date(year, 2, n) for n in range(1, 8)) if day.weekday() == 5)
    return YearDays(year, "推算", off, frozenset({saturday}))


SPRING = YearDays(
    2023,
    NOTICE,
    off=days("2023-01-23", "2023-01-24", "2023-01-25", "2023-01-26", "2023-01-27", "2023-04-05"),
    work=days("2023-01-28", "2023-01-29", "2023-04-23"),
)
CALENDAR = WorkCalendar([SPRING], may_day_only, forecast_rule="一天")


# The twin


@dataclass(frozen=True)
class Walk:
    """The same facts, asked one day at a time."""

    announced: Sequence[YearDays]
    overlay: Sequence[Amendment] = ()

    def works(self, day: date) -> bool:
        for amendment in reversed(self.overlay):
            if day in amendment.off or day in amendment.work:
                return day in amendment.work
        year = next((y for y in self.announced if y.year == day.year), None) or may_day_only(day.year)
        return day in year.work or (day.weekday() < 5 and day not in year.off)

    def add(self, day: date, n: int) -> date:
        step, left = (DAY, n) if n > 0 else (-DAY, -n)
        while left:
            day += step
            left -= self.works(day)
        return day

    def count(self, start: date, end: date) -> int:
        """Working days in (start, end], start <= end."""
        return sum(self.works(start + DAY * n) for n in range(1, (end - start).days + 1))

    def provisional(self, day: date) -> bool:
        years = {y.year for y in self.announced}.union(*(a.announces for a in self.overlay))
        if any(day in a.off | a.work for a in self.overlay):
            return False
        return day.year not in years or (day.month == 12 and day.day > 28 and day.year + 1 not in years)


def dates(first: int, last: int) -> st.SearchStrategy[date]:
    return st.dates(date(first, 1, 1), date(last, 12, 31))


@st.composite
def year_days(draw: st.DrawFn, year: int) -> YearDays:
    named = draw(st.sets(dates(year, year), max_size=30))
    off = frozenset(day for day in named if day.weekday() < 5)
    return YearDays(year, f"{year}年", off, frozenset(named - off))


@st.composite
def amendments(draw: st.DrawFn) -> Amendment:
    off, work = (draw(st.frozensets(dates(2019, 2026), max_size=12)) for _ in "ab")
    return Amendment("补充", off - work, work, draw(st.frozensets(st.integers(2019, 2026), max_size=2)))


@st.composite
def twins(draw: st.DrawFn) -> tuple[WorkCalendar, Walk]:
    years = draw(st.sets(st.sampled_from([2020, 2021, 2022, 2024]), max_size=4))
    announced = [draw(year_days(year)) for year in sorted(years)]
    overlay = draw(st.lists(amendments(), max_size=3))
    return WorkCalendar(announced, may_day_only, overlay=overlay), Walk(announced, overlay)


@given(twins(), dates(2018, 2027), st.integers(-70, 70))
def test_adding_is_walking(pair: tuple[WorkCalendar, Walk], day: date, n: int) -> None:
    calendar, walk = pair
    assert calendar.add_workdays(day, n) == walk.add(day, n)


@given(twins(), dates(2018, 2027), dates(2018, 2027))
@settings(max_examples=60)
def test_counting_is_walking(pair: tuple[WorkCalendar, Walk], a: date, b: date) -> None:
    calendar, walk = pair
    start, end = min(a, b), max(a, b)
    between = walk.count(start, end)
    assert calendar.workdays_between(start, end) == between
    assert calendar.workdays_between(end, start) == -between


@given(twins(), dates(2018, 2027))
def test_a_day_is_what_the_walk_says_and_rolls_to_its_neighbours(pair: tuple[WorkCalendar, Walk], day: date) -> None:
    calendar, walk = pair
    assert calendar.is_workday(day) is walk.works(day)
    assert calendar.on_or_before(day) == (day if walk.works(day) else walk.add(day, -1))
    assert calendar.on_or_after(day) == (day if walk.works(day) else walk.add(day, 1))
    assert calendar.is_provisional(day) is walk.provisional(day)


@given(twins(), dates(2018, 2027), st.integers(0, 500))
@settings(max_examples=60)
def test_the_first_provisional_day_between_two_is_the_walks(
    pair: tuple[WorkCalendar, Walk], first: date, length: int
) -> None:
    calendar, walk = pair
    span = [first + DAY * n for n in range(length + 1)]
    expected = next((day for day in span if walk.provisional(day)), None)
    assert calendar.provisional_between(first, span[-1]) == expected
    assert calendar.provisional_between(span[-1], first) == expected


@given(twins(), st.integers(-3000, 3000))
def test_rank_and_day_are_inverse(pair: tuple[WorkCalendar, Walk], rank: int) -> None:
    calendar, _ = pair
    day = calendar.workday_at(rank)
    assert calendar.is_workday(day)
    assert calendar.rank(day) == rank
    assert calendar.workday_at(rank + 1) > day


@given(twins(), st.lists(dates(1900, 2200), max_size=4), dates(2018, 2027), st.integers(-70, 70))
@settings(max_examples=40)
def test_no_answer_depends_on_what_was_asked_before(
    pair: tuple[WorkCalendar, Walk], asked: list[date], day: date, n: int
) -> None:
    calendar, walk = pair
    fresh = WorkCalendar(walk.announced, may_day_only, overlay=walk.overlay)
    for other in asked:
        calendar.add_workdays(other, n)
    assert calendar.rank(day) == fresh.rank(day)
    assert calendar.add_workdays(day, n) == fresh.add_workdays(day, n)
    assert calendar.digest == fresh.digest


# Cases a person can check


@pytest.mark.parametrize(
    ("day", "n", "expected", "why"),
    [
        ("2023-03-25", 20, "2023-04-23", "the make-up Sunday is the twentieth"),
        ("2023-04-21", 1, "2023-04-23", "after a Friday comes the make-up Sunday"),
        ("2023-04-23", 1, "2023-04-24", "the day itself is not counted"),
        ("2023-04-24", -1, "2023-04-23", "backwards too it is worked"),
        ("2023-01-24", 1, "2023-01-28", "from within a holiday"),
        ("2023-01-24", -1, "2023-01-20", "and back out of it"),
        ("2023-01-24", 0, "2023-01-24", "no days is the day itself, at rest"),
        ("2023-01-20", 0, "2023-01-20", "and worked"),
        ("2022-12-30", 1, "2023-01-02", "from a year nobody announced into an announced one"),
        ("2023-12-29", 1, "2024-01-01", "and out again"),
    ],
)
def test_add_workdays(day: str, n: int, expected: str, why: str) -> None:
    assert CALENDAR.add_workdays(d(day), n) == d(expected), why


@pytest.mark.parametrize(
    ("start", "end", "expected", "why"),
    [
        ("2023-01-20", "2023-01-28", 1, "only the make-up Saturday, and the end counts"),
        ("2023-01-28", "2023-01-20", -1, "turned round, it is the same days with a minus"),
        ("2023-01-20", "2023-01-20", 0, "no day lies between a day and itself"),
        ("2023-01-19", "2023-01-20", 1, "the start is not counted"),
        ("2023-01-21", "2023-01-27", 0, "a holiday holds none"),
    ],
)
def test_workdays_between(start: str, end: str, expected: int, why: str) -> None:
    assert CALENDAR.workdays_between(d(start), d(end)) == expected, why


def test_ranks_start_with_the_first_announced_year() -> None:
    assert CALENDAR.workday_at(1) == d("2023-01-02")
    assert CALENDAR.workday_at(0) == d("2022-12-30")
    assert CALENDAR.rank(d("2023-01-01")) == 0
    assert CALENDAR.rank(d("2022-12-29")) == -1


def test_every_day_of_every_leap_pattern_goes_by_its_weekday_where_nothing_else_is_known() -> None:
    calendar = WorkCalendar()
    span = [date(1996, 1, 1) + DAY * n for n in range(366 * 12)]
    assert [day for day in span if calendar.is_workday(day) is not (day.weekday() < 5)] == []


# Far from everything


@pytest.mark.parametrize("year", [1, 1700, 1990, 2031, 2150, 9999])
def test_a_year_no_one_announced_is_answered_and_provisional(year: int) -> None:
    calendar = WorkCalendar([SPRING], may_day_only)
    wednesday = next(day for day in (date(year, 6, n) for n in range(1, 8)) if day.weekday() == 2)
    assert calendar.add_workdays(wednesday, 5) == wednesday + 7 * DAY
    assert calendar.add_workdays(wednesday, -5) == wednesday - 7 * DAY
    assert calendar.workdays_between(wednesday, wednesday + 7 * DAY) == 5
    assert calendar.is_provisional(wednesday)
    assert calendar.source(wednesday) == "推算"


@pytest.mark.parametrize(("start", "end", "step"), [(9998, date.max, 1), (2, date.min, -1)])
def test_only_an_answer_outside_the_years_of_a_date_is_an_error(start: int, end: date, step: int) -> None:
    calendar = WorkCalendar([weekdays_only(start)])
    last = WorkCalendar([weekdays_only(start)]).rank(end)
    assert calendar.workday_at(last) == end
    assert calendar.add_workdays(end - step * 7 * DAY, step * 5) == end
    with pytest.raises(OverflowError):
        calendar.add_workdays(end, step)


# How firm an answer is

ANNOUNCED = Amendment("国办发明电〔2023〕7号", announces=frozenset({2024}), off=days("2024-02-12"))
TERM = Amendment("本单位安排", off=days("2024-08-05", "2023-12-30"))


@pytest.mark.parametrize(
    ("overlay", "day", "provisional", "why"),
    [
        ((), "2023-01-01", False, "an announced year is settled"),
        ((), "2023-12-28", False, "up to 28 December"),
        ((), "2023-12-29", True, "whose last days the next notice may set"),
        ((), "2022-12-31", True, "and the year before is not announced"),
        ((), "2024-06-05", True, "nor the year after"),
        ((ANNOUNCED,), "2024-06-05", False, "until a notice announces it"),
        ((ANNOUNCED,), "2023-12-31", False, "and so the end of the year before"),
        ((ANNOUNCED,), "2024-12-29", True, "but not its own end"),
        ((TERM,), "2024-08-05", False, "a day the overlay names is settled"),
        ((TERM,), "2024-08-06", True, "and nothing else of that year"),
        ((TERM,), "2023-12-30", False, "also in the last days"),
    ],
)
def test_is_provisional(overlay: tuple[Amendment, ...], day: str, provisional: bool, why: str) -> None:
    assert WorkCalendar([SPRING], overlay=overlay).is_provisional(d(day)) is provisional, why


def test_a_later_amendment_wins() -> None:
    first = Amendment("甲", off=days("2023-06-05"))
    second = Amendment("乙", work=days("2023-06-05"))
    assert WorkCalendar([SPRING], overlay=[first, second]).is_workday(d("2023-06-05"))
    assert WorkCalendar([SPRING], overlay=[first, second]).source(d("2023-06-05")) == "乙"
    assert not WorkCalendar([SPRING], overlay=[second, first]).is_workday(d("2023-06-05"))


@pytest.mark.parametrize(
    ("day", "source", "why"),
    [
        ("2023-01-23", NOTICE, "a day the notice of its year sets off"),
        ("2023-06-05", NOTICE, "a day no notice names: that of its year left it alone"),
        ("2024-02-12", "国办发明电〔2023〕7号", "a day the overlay names"),
        ("2024-06-05", "国办发明电〔2023〕7号", "a day of a year the overlay announces"),
        ("2024-05-01", "推算", "an exception the announcement does not name keeps its own"),
        ("2024-08-05", "本单位安排", "an office's own day"),
        ("2025-06-05", "推算", "a year nobody announced"),
    ],
)
def test_source(day: str, source: str, why: str) -> None:
    calendar = WorkCalendar([SPRING], may_day_only, overlay=[ANNOUNCED, TERM])
    assert calendar.source(d(day)) == source, why


def test_the_forecast_is_not_asked_before_a_day_needs_it() -> None:
    asked = []

    def forecast(year: int) -> YearDays:
        asked.append(year)
        return weekdays_only(year)

    calendar = WorkCalendar([SPRING], forecast, overlay=[ANNOUNCED])
    calendar.add_workdays(d("2023-06-05"), 20)
    assert calendar.is_provisional(d("2025-06-05"))
    assert calendar.digest
    assert asked == []
    calendar.add_workdays(d("2023-12-28"), 20)
    calendar.add_workdays(d("2023-12-28"), 20)
    assert asked == [2024]


# What the calendar is


def test_the_content_says_all_that_decides_and_the_digest_is_its_hash() -> None:
    calendar = WorkCalendar([SPRING], may_day_only, forecast_rule="一天 1.0", overlay=[ANNOUNCED])
    content = json.loads(calendar.content)
    assert content["announced"] == [
        {
            "year": 2023,
            "source": NOTICE,
            "off": ["2023-01-23", "2023-01-24", "2023-01-25", "2023-01-26", "2023-01-27", "2023-04-05"],
            "work": ["2023-01-28", "2023-01-29", "2023-04-23"],
            "named": {},
        }
    ]
    assert content["overlay"] == [
        {"source": "国办发明电〔2023〕7号", "announces": [2024], "off": ["2024-02-12"], "work": []}
    ]
    assert content["forecast"] == "一天 1.0"
    assert content["provisional"] == ["..2022-12-31", "2024-12-29.."]
    assert calendar.digest == hashlib.sha256(calendar.content.encode()).hexdigest()


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ((), [".."]),
        ((2023,), ["..2022-12-31", "2023-12-29.."]),
        ((2023, 2024, 2027), ["..2022-12-31", "2024-12-29..2026-12-31", "2027-12-29.."]),
    ],
)
def test_the_content_names_the_provisional_ranges(years: tuple[int, ...], expected: list[str]) -> None:
    content = json.loads(WorkCalendar([weekdays_only(year) for year in years]).content)
    assert content["provisional"] == expected


OTHER_CALENDARS = {
    "one day more": WorkCalendar([YearDays(2023, NOTICE, SPRING.off | days("2023-05-01"), SPRING.work)], may_day_only),
    "another source": WorkCalendar([YearDays(2023, "甲", SPRING.off, SPRING.work)], may_day_only),
    "another source of one day": WorkCalendar(
        [YearDays(2023, NOTICE, SPRING.off, SPRING.work, {d("2023-01-23"): "甲"})], may_day_only
    ),
    "another forecast": WorkCalendar([SPRING], may_day_only, forecast_rule="乙"),
    "an overlay": WorkCalendar([SPRING], may_day_only, overlay=[TERM]),
    "no year": WorkCalendar(),
}


def test_the_digest_tells_calendars_apart() -> None:
    digests = {WorkCalendar([SPRING], may_day_only).digest: "itself"}
    for name, calendar in OTHER_CALENDARS.items():
        assert calendar.digest not in digests, (name, digests)
        digests[calendar.digest] = name


def test_the_digest_does_not_depend_on_the_order_in_which_facts_were_given() -> None:
    years = [SPRING, YearDays(2024, "甲", days("2024-05-01", "2024-05-02"))]
    assert WorkCalendar(years).digest == WorkCalendar(list(reversed(years))).digest


# A year's own consistency


def test_a_year_refuses_a_day_of_another_year() -> None:
    with pytest.raises(ValueError, match="outside the year 2023"):
        YearDays(2023, NOTICE, off=days("2024-01-01"))


def test_a_year_refuses_a_day_both_off_and_worked() -> None:
    with pytest.raises(ValueError, match="2023-01-28"):
        YearDays(2023, NOTICE, off=days("2023-01-28"), work=days("2023-01-28"))


def test_weekdays_only_says_that_it_is_a_guess() -> None:
    assert WorkCalendar().source(d("2150-06-03")) == WEEKDAYS_ONLY
