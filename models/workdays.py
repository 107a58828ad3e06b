"""Working days as a rank table: is it one, add, count, roll, and what decided it. PURE.

Built once a run from the announced years, a forecast for all others, and what an office lays over both.
A day beyond the table is no error and no quiet guess: whole years are added as they are asked for, and they
are provisional. No answer, rank or digest depends on what was asked before. Facts: config/calendars.py.
"""

import calendar
import hashlib
import json
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date
from functools import cached_property
from itertools import accumulate, compress
from typing import Any, NamedTuple

WEEKDAYS_ONLY = "按周一至周五推算"
_WEEKS = bytes((1, 1, 1, 1, 1, 0, 0)) * 54  # Monday first; a year and the six days before it fit in
_FIRST_YEAR = 2000  # where ranks start when no year is announced


@dataclass(frozen=True, slots=True)
class YearDays:
    """One year, as its exceptions to "Monday to Friday are worked".

    `off` are weekdays at rest, `work` weekend days worked, `source` is what decided the year, by the name an
    office knows (国办发明电〔2022〕16号); `named` gives the same for the days that something else decided.
    Raises ValueError for a day of another year and for one that is both off and worked.
    """

    year: int
    source: str
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    named: Mapping[date, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if any(day.year != self.year for days in (self.off, self.work, self.named) for day in days):
            raise ValueError(f"a day outside the year {self.year}")
        if both := self.off & self.work:
            raise ValueError(f"both off and worked: {min(both)}")

    def amended(self, amendment: "Amendment") -> "YearDays":
        """This year with that amendment laid over it; days of other years in it are passed over."""
        off = frozenset(day for day in amendment.off if day.year == self.year)
        work = frozenset(day for day in amendment.work if day.year == self.year)
        year = self._announced_by(amendment.source) if self.year in amendment.announces else self
        if not off and not work:
            return year
        return replace(
            year,
            off=(year.off - work) | off,
            work=(year.work - off) | work,
            named={**year.named, **dict.fromkeys(off | work, amendment.source)},
        )

    def _announced_by(self, source: str) -> "YearDays":
        """Decided by that notice now; exceptions it may not name keep what decided them."""
        kept = dict.fromkeys(self.off | self.work, self.source)
        return replace(self, source=source, named={**kept, **self.named})


@dataclass(frozen=True, slots=True)
class Amendment:
    """A notice, or an office's own rule, laid over the calendar. A later one wins over an earlier one.

    It settles the days it names, and as a whole the years it `announces`: their other days stay as the
    calendar has them and are no longer provisional.
    """

    source: str
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    announces: frozenset[int] = frozenset()


def weekdays_only(year: int) -> YearDays:
    """The forecast that knows no holiday."""
    return YearDays(year, WEEKDAYS_ONLY)


class _Table(NamedTuple):
    """Whole years, first..last, as arrays over their days. Never changed: a longer one takes its place."""

    first: int
    last: int
    low: int  # the ordinal of the first day
    end: int  # the ordinal after the last day
    flags: bytes  # a day: 1 worked, 0 at rest
    ranks: "array[int]"  # one longer than the days: [i + 1] is the rank of day i, [i] that of the day before
    days: "array[int]"  # the ordinals of the working days, in order
    before: int  # how many of them lie before rank 1

    @classmethod
    def of(cls, first: int, last: int, flags: bytes, start: int) -> "_Table":
        """`start` is the ordinal from which ranks count; it lies in the table."""
        low = date(first, 1, 1).toordinal()
        end = low + len(flags)
        before = flags.count(1, 0, start - low)
        ranks = array("i", accumulate(flags, initial=-before))
        return cls(first, last, low, end, flags, ranks, array("i", compress(range(low, end), flags)), before)


class WorkCalendar:
    """Which days are worked, and how firmly that is known. Its answers never change.

    A day is **provisional** unless its year is announced and, from 29 December on, the next year too (a
    notice may set the last days of the year before). A day that the overlay names is never provisional.

    Ranks number the working days: rank 1 is the first one of the first announced year, 0 and below lie before
    it. So `workday_at(rank(day) + n)`, n > 0, is the n-th working day after `day`. Both look-ups are O(1).

    Raises OverflowError only where the answer would lie outside the years 1 to 9999.
    """

    def __init__(
        self,
        announced: Iterable[YearDays] = (),
        forecast: Callable[[int], YearDays] = weekdays_only,
        *,
        forecast_rule: str = WEEKDAYS_ONLY,
        overlay: Iterable[Amendment] = (),
    ) -> None:
        """`forecast` gives any other year, each time the same; `forecast_rule` names it, with its version."""
        self._given = {days.year: days for days in announced}
        self._forecast, self._rule, self._overlay = forecast, forecast_rule, tuple(overlay)
        self._announced = frozenset(self._given).union(*(entry.announces for entry in self._overlay))
        self._overlaid = frozenset[date]().union(*(entry.off | entry.work for entry in self._overlay))
        self._settled: dict[int, YearDays] = {}
        first = min(self._given, default=_FIRST_YEAR)
        self._start = date(first, 1, 1).toordinal()
        last = self._last_without_gap(first)
        self._table = _Table.of(first, last, self._flags(first, last), self._start)

    # Asking for days

    def is_workday(self, day: date) -> bool:
        ordinal = day.toordinal()
        table = self._table
        if not table.low <= ordinal < table.end:
            table = self._reach(day.year)
        return table.flags[ordinal - table.low] == 1

    def add_workdays(self, day: date, n: int) -> date:
        """n > 0: the n-th working day after `day`; n < 0: the |n|-th before it; 0: `day`, worked or not."""
        if n > 0:
            return self.workday_at(self.rank(day) + n)
        if n < 0:
            return self.workday_at(self._rank_before(day) + 1 + n)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Working days in (start, end]; where end < start, minus the number of them in (end, start]."""
        return self.rank(end) - self.rank(start)

    def on_or_before(self, day: date) -> date:
        """`day` if it is worked, else the last working day before it."""
        return self.workday_at(self.rank(day))

    def on_or_after(self, day: date) -> date:
        """`day` if it is worked, else the first working day after it."""
        return self.workday_at(self._rank_before(day) + 1)

    def rank(self, day: date) -> int:
        """Working days from the start of the first announced year up to and including `day`.

        For a day before that start: minus the number of working days after `day` and before the start.
        """
        ordinal = day.toordinal()
        table = self._table
        if not table.low <= ordinal < table.end:
            table = self._reach(day.year)
        return table.ranks[ordinal - table.low + 1]

    def workday_at(self, rank: int) -> date:
        """The working day of that rank, any whole number: `rank(workday_at(k)) == k`; rank 1 is the first."""
        table = self._table
        if not 0 < rank + table.before <= len(table.days):
            table = self._reach_rank(rank)
        return date.fromordinal(table.days[rank + table.before - 1])

    # Asking how firm an answer is

    def is_provisional(self, day: date) -> bool:
        """Whether a notice to come may still change this day."""
        start = self._open_from(day.year)
        return start is not None and day >= start and day not in self._overlaid

    def provisional_between(self, a: date, b: date) -> date | None:
        """The first provisional day from `a` to `b` (both included, in either order), or None."""
        first, last = min(a, b), max(a, b)
        for year in range(first.year, last.year + 1):
            if start := self._open_from(year):
                span = range(max(start, first).toordinal(), min(date(year, 12, 31), last).toordinal() + 1)
                found = next((day for day in map(date.fromordinal, span) if day not in self._overlaid), None)
                if found:
                    return found
        return None

    def source(self, day: date) -> str:
        """What decided this day; for a day that nothing names, what decided its year."""
        year = self._year(day.year)
        return year.named.get(day, year.source)

    # What the calendar is

    @cached_property
    def content(self) -> str:
        """All that decides this calendar, as canonical JSON; the forecast stands in it by its name only."""
        content = {
            "announced": [_year_content(self._given[year]) for year in sorted(self._given)],
            "overlay": [_amendment_content(entry) for entry in self._overlay],
            "forecast": self._rule,
            "provisional": list(self._open_ranges()),
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `content` in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    # Building the table

    def _last_without_gap(self, first: int) -> int:
        """The table starts with announced years alone, since a forecast can be slow to load."""
        last = first
        while last + 1 in self._given:
            last += 1
        return last

    def _year(self, year: int) -> YearDays:
        if year not in self._settled:
            days = self._given.get(year) or self._forecast(year)
            for amendment in self._overlay:
                days = days.amended(amendment)
            self._settled[year] = days
        return self._settled[year]

    def _flags(self, first: int, last: int) -> bytes:
        return b"".join(_year_flags(self._year(year)) for year in range(first, last + 1))

    def _reach(self, year: int) -> _Table:
        """The table up to and including that year, put in place in one assignment: threads may read it."""
        if not MINYEAR <= year <= MAXYEAR:
            raise OverflowError(f"no such day: year {year}")
        old = self._table
        first, last = min(old.first, year), max(old.last, year)
        flags = self._flags(first, old.first - 1) + old.flags + self._flags(old.last + 1, last)
        self._table = table = _Table.of(first, last, flags, self._start)
        return table

    def _reach_rank(self, rank: int) -> _Table:
        table = self._table
        while True:
            index = rank + table.before
            if index < 1:
                table = self._reach(table.first - _least_years(1 - index))
            elif index > len(table.days):
                table = self._reach(table.last + _least_years(index - len(table.days)))
            else:
                return table

    def _rank_before(self, day: date) -> int:
        return self.rank(day) - self.is_workday(day)

    def _open_from(self, year: int) -> date | None:
        """The first day of the year that awaits a notice; None: the whole year is settled."""
        if year not in self._announced:
            return date(year, 1, 1)
        return None if year + 1 in self._announced else date(year, 12, 29)

    def _open_ranges(self) -> Iterator[str]:
        begins = ""
        for year in sorted(self._announced):
            if year - 1 not in self._announced:
                yield f"{begins}..{year - 1:04}-12-31"
            begins = f"{year:04}-12-29"
        yield f"{begins}.."


def _year_flags(year: YearDays) -> bytes:
    low = date(year.year, 1, 1).toordinal()
    monday = (low - 1) % 7  # how far 1 January is from a Monday: ordinal 1 is one
    flags = bytearray(_WEEKS[monday : monday + 365 + calendar.isleap(year.year)])
    for days, flag in ((year.off, 0), (year.work, 1)):
        for day in days:
            flags[day.toordinal() - low] = flag
    return bytes(flags)


def _least_years(workdays: int) -> int:
    """No fewer years can hold so many working days; so a step of this size never oversteps the last year."""
    return -(-workdays // 366)


def _year_content(year: YearDays) -> dict[str, Any]:
    return {
        "year": year.year,
        "source": year.source,
        "off": _iso(year.off),
        "work": _iso(year.work),
        "named": {day.isoformat(): year.named[day] for day in sorted(year.named)},
    }


def _amendment_content(entry: Amendment) -> dict[str, Any]:
    return {
        "source": entry.source,
        "announces": sorted(entry.announces),
        "off": _iso(entry.off),
        "work": _iso(entry.work),
    }


def _iso(days: Collection[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]
