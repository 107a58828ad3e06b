"""When a due date may move and where to: each boundary by hand, then every day held against a walk day by day.

14 June 2023 is a Wednesday. 22 to 24 June 2023 are the Dragon Boat days, and Sunday the 25th is worked.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.calendars import load_calendar
from models.redating import (
    DateFault,
    DateFaultCode,
    ExtensionRules,
    extension_fault,
    fresh_limit,
    grant_fault,
    new_limit_fault,
)
from models.workdays import Amendment, WorkCalendar

DAY = timedelta(days=1)
REAL = load_calendar(None)
RULES = ExtensionRules()


def d(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


# Asking for more time
# fmt: off
ASKED = [
    # asked on, due on, until, working days before, days at most: what is wrong
    ("06-13", "06-14", "06-30", 1, 30, None, "one working day before is in time"),
    ("06-14", "06-14", "06-30", 1, 30, "too_late_to_ask", "the day itself is too late"),
    ("06-15", "06-14", "06-30", 1, 30, "too_late_to_ask", "and so is any day after"),
    ("06-16", "06-19", "06-30", 1, 30, None, "before a Monday, Friday is in time"),
    ("06-17", "06-19", "06-30", 1, 30, "too_late_to_ask", "Saturday is not: no working day is left"),
    ("06-16", "06-18", "06-30", 1, 30, None, "before a Sunday, Friday is the working day before"),
    ("06-17", "06-18", "06-30", 1, 30, "too_late_to_ask", "and Saturday is after it"),
    ("06-21", "06-25", "07-10", 1, 30, None, "before a worked Sunday: over the holiday"),
    ("06-22", "06-25", "07-10", 1, 30, "too_late_to_ask", "in the holiday"),
    ("06-25", "06-26", "07-10", 1, 30, None, "a worked Sunday is a working day before"),
    ("06-07", "06-14", "06-30", 5, 30, None, "five working days before"),
    ("06-08", "06-14", "06-30", 5, 30, "too_late_to_ask", "four are too few"),
    ("06-14", "06-14", "06-30", 0, 30, None, "an office may take it on the day itself"),
    ("06-15", "06-14", "06-30", 0, 30, "too_late_to_ask", "but not after"),
    ("06-18", "06-18", "06-30", 0, 30, None, "also where that is a rest day"),
    ("06-01", "06-14", "06-15", 1, 30, None, "a day more"),
    ("06-01", "06-14", "06-14", 1, 30, "not_later", "the same day is no extension"),
    ("06-01", "06-14", "06-13", 1, 30, "not_later", "an earlier one even less"),
    ("06-01", "06-14", "07-14", 1, 30, None, "thirty days more"),
    ("06-01", "06-14", "07-15", 1, 30, "beyond_the_bound", "thirty-one are too many"),
    ("06-01", "06-14", "06-21", 1, 7, None, "an office may allow a week"),
    ("06-01", "06-14", "06-22", 1, 7, "beyond_the_bound", "and no day more"),
    ("06-01", "06-14", "06-15", 1, 0, "beyond_the_bound", "or nothing at all"),
    ("06-14", "06-14", "06-14", 1, 30, "too_late_to_ask", "of two faults the first is told"),
]
# fmt: on


@pytest.mark.parametrize("row", ASKED, ids=[row[-1] for row in ASKED])
def test_what_is_wrong_with_an_extension(row: tuple[str, str, str, int, int, str | None, str]) -> None:
    asked_on, due_on, until, before, at_most, code, _ = row
    fault = extension_fault(d(asked_on), d(due_on), d(until), ExtensionRules(before, at_most), REAL)
    assert (fault and fault.code) == code


def test_the_usual_rules() -> None:
    assert (RULES.ask_before_workdays, RULES.at_most_days) == (1, 30)


# Granting it
# fmt: off
GRANTED = [
    # on, due on by now, until: what is wrong
    ("06-13", "06-14", "06-30", None, "before the date"),
    ("06-20", "06-14", "06-30", None, "after the date that it was"),
    ("06-30", "06-14", "06-30", None, "on the last day that was asked for"),
    ("07-01", "06-14", "06-30", "in_the_past", "a day after it"),
    ("06-13", "06-29", "06-30", None, "a hold left a day to give"),
    ("06-13", "06-30", "06-30", "not_later", "a hold gave as much"),
    ("06-13", "07-03", "06-30", "not_later", "a hold gave more"),
    ("07-05", "07-03", "06-30", "not_later", "of two faults the first is told"),
]
# fmt: on


@pytest.mark.parametrize("row", GRANTED, ids=[row[-1] for row in GRANTED])
def test_what_is_wrong_with_granting_it(row: tuple[str, str, str, str | None, str]) -> None:
    on_day, due_on, until, code, _ = row
    fault = grant_fault(d(on_day), d(due_on), d(until))
    assert (fault and fault.code) == code


# A new limit
# fmt: off
SET = [
    # on, due on, the new date: what is wrong
    ("06-15", "06-14", "06-15", None, "the day on which it is set is no past day"),
    ("06-15", "06-14", "06-16", None, "a day to come"),
    ("06-15", "06-14", "12-31", None, "as far as the lead will have it"),
    ("06-20", "06-14", "06-19", "in_the_past", "later than the old date, but over"),
    ("06-20", "06-14", "06-14", "not_later", "the old date again"),
    ("06-20", "06-14", "06-13", "not_later", "an earlier one"),
]
# fmt: on


@pytest.mark.parametrize("row", SET, ids=[row[-1] for row in SET])
def test_what_is_wrong_with_a_new_limit(row: tuple[str, str, str, str | None, str]) -> None:
    on_day, due_on, new_due_on, code, _ = row
    fault = new_limit_fault(d(on_day), d(due_on), d(new_due_on))
    assert (fault and fault.code) == code


# Work sent back, or begun again
# fmt: off
BACK = [
    # on, the old date, the date given, working days: the new date, or what is wrong
    ("06-14", "06-16", None, 5, "06-21", "five working days are later than the old date"),
    ("06-14", "06-21", None, 5, "06-21", "both fall on one day"),
    ("06-14", "06-30", None, 5, "06-30", "the old date is later and stays"),
    ("06-14", "05-30", None, 5, "06-21", "the old date is over"),
    ("06-14", None, None, 5, "06-21", "there never was one"),
    ("06-21", "06-16", None, 5, "06-29", "the holiday does not count, the worked Sunday does"),
    ("06-17", None, None, 1, "06-19", "from a rest day on"),
    ("06-14", "06-16", None, 10, "06-29", "an office may leave more"),
    ("06-14", "06-16", "06-16", 5, "06-16", "the old date may be given, though five working days would be later"),
    ("06-14", "06-16", "06-15", 5, "before_the_old", "but nothing before it"),
    ("06-14", "06-16", "06-20", 5, "06-20", "any day after it, however soon"),
    ("06-14", "06-16", "06-13", 5, "in_the_past", "a past day"),
    ("06-14", "06-14", "06-14", 5, "06-14", "the old date on its own day"),
    ("06-14", "06-13", "06-14", 5, "06-14", "an old date that is over takes nothing away"),
    ("06-14", "06-13", "06-13", 5, "in_the_past", "nor is it given again"),
    ("06-14", "05-01", "06-18", 5, "06-18", "a rest day, as it was given"),
    ("06-14", None, "06-14", 5, "06-14", "a day given where there never was one"),
    ("06-14", None, "06-13", 5, "in_the_past", "but no past one"),
]
# fmt: on


@pytest.mark.parametrize("row", BACK, ids=[row[-1] for row in BACK])
def test_the_date_of_work_sent_back(row: tuple[str, str | None, str | None, int, str, str]) -> None:
    on_day, old, given_, workdays, expected, _ = row
    found = fresh_limit(d(on_day), d(old) if old else None, d(given_) if given_ else None, workdays, REAL)
    assert (found.code if isinstance(found, DateFault) else f"{found:%m-%d}") == expected


# What is said


@pytest.mark.parametrize(
    ("fault", "zh", "cure"),
    [
        (
            extension_fault(d("06-17"), d("06-19"), d("06-30"), RULES, REAL),
            "延期须在时限 2023-06-19 之前至少1个工作日（2023-06-16 及以前）申请。",
            "请按时办理；时限过后确需调整的，请牵头领导办理“重定时限”。",
        ),
        (
            extension_fault(d("06-01"), d("06-14"), d("06-14"), RULES, REAL),
            "申请延至 2023-06-14，不晚于现时限 2023-06-14。",
            "请给出 2023-06-14 之后的日期。",
        ),
        (
            extension_fault(d("06-01"), d("06-14"), d("07-15"), RULES, REAL),
            "一次延期最多30天，2023-07-15 超出了上限。",
            "请给出 2023-07-14 或之前的日期。",
        ),
        (
            new_limit_fault(d("06-20"), d("06-14"), d("06-14")),
            "新时限 2023-06-14 不晚于原时限 2023-06-14。",
            "请给出 2023-06-20 或之后的日期。",
        ),
        (
            new_limit_fault(d("06-20"), d("06-14"), d("06-19")),
            "给出的日期 2023-06-19 已经过去（办理日期 2023-06-20）。",
            "请给出 2023-06-20 或之后的日期。",
        ),
        (
            fresh_limit(d("06-14"), d("06-16"), d("06-15"), 5, REAL),
            "给出的时限 2023-06-15 早于原时限 2023-06-16。",
            "请给出 2023-06-16 或之后的日期，或不写日期。",
        ),
    ],
    ids=["too late", "not later", "too far", "no later limit", "a past limit", "before the old"],
)
def test_a_fault_says_why_and_what_would_do(fault: DateFault | date | None, zh: str, cure: str) -> None:
    assert isinstance(fault, DateFault)
    assert (fault.zh, fault.cure) == (zh, cure)


# Day by day

days = st.dates(date(2022, 9, 1), date(2024, 12, 31))
near = st.integers(-50, 50).map(timedelta)
rules = st.builds(ExtensionRules, st.integers(0, 8), st.integers(0, 60))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """The real one, or one with weekdays off and weekend days worked anywhere."""
    spans = st.tuples(days, st.integers(1, 12))
    off, work = draw(st.lists(spans, max_size=6)), draw(st.lists(spans, max_size=6))

    def every(found: list[tuple[date, int]]) -> frozenset[date]:
        return frozenset(start + DAY * n for start, length in found for n in range(length))

    return draw(
        st.just(REAL)
        | st.just(WorkCalendar(overlay=[Amendment("放假", off=every(off)), Amendment("加班", work=every(work))]))
    )


def workdays_left(day: date, due_on: date, calendar: WorkCalendar) -> int:
    """Working days on which something can still be done before the due date, `day` included; counted one by one."""
    found = 0
    while day < due_on:
        found += calendar.is_workday(day)
        day += DAY
    return found


@settings(max_examples=300, deadline=None)
@given(days, near, near, rules, calendars())
def test_an_extension_is_refused_for_what_a_walk_finds(
    due_on: date, asked: timedelta, moved: timedelta, office: ExtensionRules, calendar: WorkCalendar
) -> None:
    asked_on, until = due_on + asked, due_on + moved
    fault = extension_fault(asked_on, due_on, until, office, calendar)
    if office.ask_before_workdays == 0:
        too_late = asked_on > due_on
    else:
        # So many working days must lie between the asking and the date: that of the asking counts among them.
        too_late = workdays_left(asked_on, due_on, calendar) < office.ask_before_workdays
    steps = 0
    while due_on + DAY * steps < until:
        steps += 1
    expected = (
        DateFaultCode.TOO_LATE_TO_ASK
        if too_late
        else DateFaultCode.NOT_LATER
        if steps == 0
        else DateFaultCode.BEYOND_THE_BOUND
        if steps > office.at_most_days
        else None
    )
    assert (fault and fault.code) == expected


@settings(max_examples=300, deadline=None)
@given(days, st.none() | near, st.none() | near, st.integers(1, 12), calendars())
def test_work_sent_back_gets_the_date_that_a_walk_finds(
    on_day: date, old: timedelta | None, given_: timedelta | None, workdays: int, calendar: WorkCalendar
) -> None:
    old_due_on = on_day + old if old is not None else None
    wanted = on_day + given_ if given_ is not None else None
    found = fresh_limit(on_day, old_due_on, wanted, workdays, calendar)
    had = [on_day + DAY * n for n in range(1, (old_due_on - on_day).days + 1)] if old_due_on else []
    if wanted is None:
        day, left = on_day, workdays
        while left or (had and day < had[-1]):
            day += DAY
            left -= calendar.is_workday(day) and left > 0
        assert found == day
    elif isinstance(found, DateFault):
        past = wanted < on_day
        assert found.code is (DateFaultCode.IN_THE_PAST if past else DateFaultCode.BEFORE_THE_OLD)
        assert past or any(day > wanted for day in had), "refused, though it takes nothing away"
    else:
        assert found == wanted >= on_day
        assert not any(day > wanted for day in had), "days that the unit had were taken away"


@settings(max_examples=200, deadline=None)
@given(days, st.integers(1, 50), near)
def test_a_new_limit_is_neither_before_the_old_one_nor_over(on_day: date, expired: int, moved: timedelta) -> None:
    due_on, new = on_day - DAY * expired, on_day + moved
    fault = new_limit_fault(on_day, due_on, new)
    later = [due_on + DAY * n for n in range(1, 200)]
    expected = None if new in later and new not in later[: expired - 1] else "fault"
    assert (fault is None) == (expected is None)
    assert fault is None or (fault.code is DateFaultCode.NOT_LATER) == (new not in later)
