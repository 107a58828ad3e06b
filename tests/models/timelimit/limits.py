"""What the tests of time limits share: an anchor, a calendar of plain weekdays, and one way to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models.timelimit import LimitFlag, TimeLimit, parse_time_limit

ANCHOR = date(2023, 3, 25)  # a Saturday
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Weekdays:
    """A calendar of Mondays to Fridays, unsettled on the days given."""

    unsettled: frozenset[date] = frozenset()

    def add_workdays(self, day: date, n: int) -> date:
        step = DAY if n > 0 else -DAY
        while n:
            day += step
            n -= (day.weekday() < 5) * (1 if n > 0 else -1)
        return day

    def is_provisional(self, day: date) -> bool:
        return day in self.unsettled


def parse(text: str, anchor: date = ANCHOR) -> TimeLimit:
    return parse_time_limit(text, anchor, Weekdays())


def d(text: str) -> date:
    return date.fromisoformat(text)


def flags(names: str) -> frozenset[LimitFlag]:
    return frozenset(map(LimitFlag, names.split()))


def days(texts: Sequence[str]) -> tuple[date, ...]:
    return tuple(map(d, texts))
