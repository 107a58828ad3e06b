"""From the courses of measures to the numbers of each day, from clocks to those of each week. PURE."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from models.answers.course.values import BurnDown, Course, Heat, Load, Point, RoundFacts, monday
from models.lifecycle import OPEN_STATES, TO_HAND_IN_STATES, State


def counted(facts: RoundFacts, courses: Iterable[Course]) -> BurnDown:
    """The burn-down of these measures."""
    every = list(courses)
    kept = [one for one in every if one.state_on(facts.on_day) is not State.WITHDRAWN]
    return BurnDown(
        round=facts,
        total=len(kept),
        withdrawn=len(every) - len(kept),
        undated=sum(one.due_on is None for one in kept),
        moved=sum(one.due_on != one.first_due_on for one in kept),
        due_later=sum(one.due_on is not None and one.due_on > facts.ends_on for one in kept),
        open=_recorded(facts, kept, frozenset(OPEN_STATES)),
        with_units=_recorded(facts, kept, TO_HAND_IN_STATES),
        planned_first=_planned(facts, [one.first_due_on for one in kept]),
        planned_now=_planned(facts, [one.due_on for one in kept]),
    )


def _recorded(facts: RoundFacts, courses: Iterable[Course], states: frozenset[State]) -> tuple[Point, ...]:
    """How many are in one of these states, at the end of each day from feedback to the day looked at."""
    steps = Counter[date]()
    for course in courses:
        inside = course.began_as in states
        steps[facts.feedback_on] += inside
        for day, state in course.changes:
            if day <= facts.on_day and (state in states) is not inside:
                inside = not inside
                steps[max(day, facts.feedback_on)] += 1 if inside else -1
    return _summed(steps, facts.feedback_on)


def _planned(facts: RoundFacts, due: Iterable[date | None]) -> tuple[Point, ...]:
    """How many would still be open at the end of each day if each were done on its due date."""
    steps = Counter[date]({facts.feedback_on: 0})
    for day in due:
        steps[facts.feedback_on] += 1
        if day is not None:
            steps[max(day, facts.feedback_on)] -= 1
    return _summed(steps, facts.feedback_on)


def _summed(steps: Mapping[date, int], first: date) -> tuple[Point, ...]:
    """Changes by day as the numbers that hold from there on, days without a change left out."""
    points: list[Point] = []
    count = 0
    for day in sorted({first, *steps}):
        count += steps.get(day, 0)
        if not points or points[-1].count != count:
            points.append(Point(day, count))
    return tuple(points)


def spread(
    facts: RoundFacts, rows: Iterable[tuple[str, date, date | None, date | None]], *, stopped: bool
) -> Heat:  # fmt: skip
    """The heat of these clocks: unit, due date, the day it stopped, the day since which it is held."""
    due, overdue, held = Counter[tuple[str, date]](), Counter[tuple[str, date]](), 0
    for unit, due_on, stopped_on, held_on in rows:
        if held_on is not None and stopped_on is None:
            held += 1
            continue
        due[unit, monday(due_on)] += 1
        overdue[unit, monday(due_on)] += stopped_on is None and due_on < facts.on_day
    load = Counter[str]()
    for (unit, _), number in due.items():
        load[unit] += number
    units = sorted(load, key=lambda unit: (-load[unit], unit))
    return Heat(facts, stopped, tuple(units), {place: Load(n, overdue[place]) for place, n in due.items()}, held)
