"""The generated ledgers: always the same, spread as their mix promises, comparable with earlier figures."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from bench.ledgers import (
    FIRST_DAY,
    HOLIDAYS,
    LADDER,
    LAST_DAY,
    RUN_DAY,
    FloorRung,
    GeneratedMeasure,
    GeneratedState,
    Mix,
    Parties,
    Told,
    calendar,
    generate,
    parties_of,
)

COUNT = 5000


def days_left_by_walking(due_on: date) -> int:
    """The obvious twin of the calendar's ordinals: one day after another."""
    step = 1 if due_on >= RUN_DAY else -1
    count, day = 0, RUN_DAY
    while day != due_on:
        day += timedelta(step)
        count += step * (day.weekday() < 5 and day not in HOLIDAYS)
    return count


def open_ones(measures: Iterable[GeneratedMeasure]) -> list[GeneratedMeasure]:
    return [measure for measure in measures if measure.state is GeneratedState.OPEN]


def recipient(rung: FloorRung, measure: GeneratedMeasure) -> str:
    return {Told.UNIT: f"unit {measure.unit}", Told.LEAD: f"lead {measure.lead}"}.get(rung.told, rung.told.value)


@pytest.mark.parametrize("mix", Mix)
def test_the_same_size_and_mix_give_the_same_ledger(mix: Mix) -> None:
    assert list(generate(300, mix)) == list(generate(300, mix))


def test_the_two_mixes_differ() -> None:
    assert list(generate(300, Mix.EVEN)) != list(generate(300, Mix.SKEWED))


@pytest.mark.parametrize("mix", Mix)
def test_every_measure_is_numbered_and_due_on_a_working_day_after_it_was_assigned(mix: Mix) -> None:
    working = {row.day for row in calendar() if row.working}
    measures = list(generate(COUNT, mix))
    assert [measure.no for measure in measures] == list(range(1, COUNT + 1))
    assert {measure.due_on for measure in measures} <= working
    assert {(measure.due_on - measure.assigned_on).days for measure in measures} <= set(range(20, 200))


@pytest.mark.parametrize("mix", Mix)
@pytest.mark.parametrize(
    ("count", "parties"),
    [
        pytest.param(34, Parties(8, 4), id="a small body has 8 units"),
        pytest.param(1000, Parties(20, 10), id="one unit for 50 measures"),
        pytest.param(1_000_000, Parties(2000, 1000), id="never more than 2,000 units"),
    ],
)
def test_units_and_leads_follow_the_size(count: int, parties: Parties, mix: Mix) -> None:
    assert parties_of(count) == parties
    seen = list(generate(min(count, 1000), mix))
    expected = parties_of(len(seen))
    assert len({measure.unit for measure in seen}) <= expected.units
    assert len({measure.lead for measure in seen}) <= expected.leads


def test_all_units_and_leads_of_an_even_ledger_have_something_to_do() -> None:
    measures = list(generate(1000))
    assert len({measure.unit for measure in measures}) == 20
    assert len({measure.lead for measure in measures}) == 10


def test_an_even_ledger_is_spread_as_promised() -> None:
    on_rung = {rung.days_left for rung in LADDER}
    opened = open_ones(generate(COUNT))
    left = [days_left_by_walking(measure.due_on) for measure in opened]
    assert (COUNT - len(opened)) / COUNT == pytest.approx(0.30, abs=0.02)
    assert sum(days in on_rung for days in left) / COUNT == pytest.approx(0.12, abs=0.02)
    assert sum(days < 0 and days not in on_rung for days in left) / COUNT == pytest.approx(0.08, abs=0.02)
    assert sum(days > 0 and days not in on_rung for days in left) / COUNT == pytest.approx(0.50, abs=0.02)


def test_a_skewed_ledger_has_big_units_month_ends_and_much_overdue() -> None:
    measures = list(generate(COUNT, Mix.SKEWED))
    opened = open_ones(measures)
    biggest = Counter(measure.unit for measure in measures).most_common(3)
    last_of_month = {month_end(day) for day in {measure.due_on for measure in measures}}
    assert sum(count for _, count in biggest) / COUNT == pytest.approx(0.60, abs=0.03)
    assert sum(measure.due_on in last_of_month for measure in measures) / COUNT > 0.60
    assert sum(measure.due_on < RUN_DAY for measure in opened) / len(opened) > 0.45


def month_end(day: date) -> date:
    """The last working day of the month that `day` is in."""
    return max(row.day for row in calendar() if row.working and (row.day.year, row.day.month) == (day.year, day.month))


@pytest.mark.parametrize(
    ("count", "items", "digests"),
    [pytest.param(1000, 135, 31, id="1,000 measures"), pytest.param(10_000, 1289, 274, id="10,000 measures")],
)
def test_an_even_ledger_gives_the_counts_that_figures_were_quoted_for(count: int, items: int, digests: int) -> None:
    due = {row.day: row.ordinal for row in calendar()}
    told = [
        recipient(rung, measure)
        for measure in open_ones(generate(count))
        for rung in LADDER
        if due[measure.due_on] - due[RUN_DAY] == rung.days_left
    ]
    assert (len(told), len(set(told))) == (items, digests)


@pytest.mark.parametrize(
    ("told", "days_left"),
    [
        pytest.param(Told.UNIT, [30, 15, 7, 3, 1, 0, -1], id="the unit before, on and one day after the day"),
        pytest.param(Told.LEAD, [-1], id="the lead one working day after"),
        pytest.param(Told.SUPERVISION, [-3], id="supervision three after"),
        pytest.param(Told.ACCOUNTABILITY, [-7], id="accountability seven after"),
        pytest.param(Told.HEAD, [-15], id="the head fifteen after"),
    ],
)
def test_the_ladder_tells_each_in_turn(told: Told, days_left: list[int]) -> None:
    assert [rung.days_left for rung in LADDER if rung.told is told] == days_left


def test_the_calendar_counts_every_working_day_once() -> None:
    rows = calendar()
    assert [row.day for row in rows] == [FIRST_DAY + timedelta(n) for n in range(len(rows))]
    assert rows[-1].day == LAST_DAY
    ordinals = {row.day: row.ordinal for row in rows}
    for row in rows[::37]:
        if row.working:
            assert ordinals[row.day] - ordinals[RUN_DAY] == days_left_by_walking(row.day)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        pytest.param(RUN_DAY, True, id="the run day, a Monday"),
        pytest.param(date(2026, 11, 22), False, id="a Sunday"),
        pytest.param(date(2026, 10, 7), False, id="the last day of the October holiday, a Wednesday"),
        pytest.param(date(2026, 10, 8), True, id="the day after it"),
        pytest.param(date(2026, 10, 10), False, id="a Saturday stays a rest day: nothing is worked in exchange"),
    ],
)
def test_a_day_works_from_monday_to_friday_less_the_holidays(day: date, working: bool) -> None:
    assert [row.working for row in calendar() if row.day == day] == [working]
