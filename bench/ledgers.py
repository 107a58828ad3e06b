"""Generated ledgers for the benchmarks: the same number of measures and mix give the same ledger, always.

Plain values, made one at a time, so that a million need no memory. Besides the measures there are the ladder
and the calendar of the floor (bench/floor.py); the product has its own of both, and takes the measures only.
Not sample data: nothing here is meant to be read by an office.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import accumulate, pairwise
from random import Random
from types import MappingProxyType

RUN_DAY = date(2026, 11, 23)
FIRST_DAY, LAST_DAY = date(2025, 6, 1), date(2028, 1, 31)
HOLIDAYS = frozenset(
    [date(2026, 10, day) for day in range(1, 8)] + [date(2027, 1, 1)] + [date(2027, 2, day) for day in range(5, 12)]
)
SEED = 20261123


class Mix(StrEnum):
    """How a ledger is spread. EVEN is the one that figures are quoted for; SKEWED is there to catch luck.

    EVEN: units alike; 30 % closed, 12 % open on a rung on RUN_DAY, 8 % overdue off a rung, the rest later.
    SKEWED: three units hold about 60 %; due dates gather at ends of months; half of the open are overdue.
    """

    EVEN = "even"
    SKEWED = "skewed"


class GeneratedState(StrEnum):
    """Only what the floor must tell apart."""

    OPEN = "open"
    CLOSED = "closed"


class Told(StrEnum):
    """Whom a rung tells: the measure's own unit or lead, one of two groups, or the head."""

    UNIT = "unit"
    LEAD = "lead"
    SUPERVISION = "supervision"
    ACCOUNTABILITY = "accountability"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class FloorRung:
    """`days_left`: working days from the run day to the due date; negative when overdue."""

    step: str
    days_left: int
    told: Told


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """`ordinal`: how many working days there are from FIRST_DAY up to and including this day."""

    day: date
    working: bool
    ordinal: int


@dataclass(frozen=True, slots=True)
class GeneratedMeasure:
    """One measure; `no` counts from 1. `due_on` is always a working day."""

    no: int
    title: str
    problem: str
    unit: str
    lead: str
    due_on: date
    state: GeneratedState
    assigned_on: date


@dataclass(frozen=True, slots=True)
class Parties:
    """How many units and leads share a ledger."""

    units: int
    leads: int


LADDER = (
    *(FloorRung(f"r{days}", days, Told.UNIT) for days in (30, 15, 7, 3, 1, 0)),
    FloorRung("o1", -1, Told.UNIT),
    FloorRung("o1", -1, Told.LEAD),
    FloorRung("o3", -3, Told.SUPERVISION),
    FloorRung("o7", -7, Told.ACCOUNTABILITY),
    FloorRung("o15", -15, Told.HEAD),
)

# These lists, and the order of the draws, are part of the ledger: change one, and all figures measured before
# are of another ledger. The lengths of the words decide the size of a digest.
_ON_RUNG = tuple(sorted({rung.days_left for rung in LADDER}))
_LATER_OFF_RUNG = tuple(days for days in range(2, 200) if days not in _ON_RUNG)
_OVERDUE_OFF_RUNG = tuple(days for days in range(-120, -1) if days not in _ON_RUNG)
_OFFICES = (
    *("办公室", "教学运行部", "学生事务部", "计划财务部", "人力资源部", "科学研究部", "网络中心", "档案馆"),
    *(
        "治安保卫部",
        "资产管理部",
        "基本建设部",
        "对外合作部",
        "组织人事部",
        "新闻中心",
        "后勤集团",
        "继续教育院",
    ),
)
_VERBS = ("健全", "制定", "细化", "组织", "强化", "加快", "清理", "公开")
_MATTERS = (
    *("公务用车管理细则", "消防隐患清单", "学业预警机制", "招标程序", "请假规定", "校务公开事项"),
    *("印章使用制度", "轮训方案", "奖惩规则", "闲置资产目录"),
)
_BIG_UNITS = 3
_BIG_SHARE = 0.6


@cache
def calendar() -> tuple[CalendarDay, ...]:
    """Every day from FIRST_DAY to LAST_DAY: Monday to Friday works, less HOLIDAYS."""
    days = [FIRST_DAY + timedelta(n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    working = [day.weekday() < 5 and day not in HOLIDAYS for day in days]
    return tuple(CalendarDay(*row) for row in zip(days, working, accumulate(map(int, working)), strict=True))


@cache
def _working_days() -> tuple[date, ...]:
    return tuple(row.day for row in calendar() if row.working)


@cache
def _days_left(due_on: date) -> int:
    """Working days from RUN_DAY to a working day; negative when it is past."""
    days = _working_days()
    return days.index(due_on) - days.index(RUN_DAY)


@cache
def _due_on(days_left: int) -> date:
    days = _working_days()
    return days[days.index(RUN_DAY) + days_left]


@cache
def _month_ends() -> tuple[int, ...]:
    """`days_left` of the last working day of each month from June 2026 to June 2027."""
    days = _working_days()
    ends = [day for day, after in pairwise(days) if day.month != after.month]
    return tuple(_days_left(day) for day in ends if date(2026, 6, 1) <= day < date(2027, 7, 1))


def parties_of(count: int) -> Parties:
    """One unit for 50 measures, 8 to 2,000 of them; a lead for two units, at least 4."""
    units = max(8, min(2000, count // 50))
    return Parties(units, max(4, units // 2))


def generate(count: int, mix: Mix = Mix.EVEN) -> Iterator[GeneratedMeasure]:
    """`count` measures, numbered from 1. A smaller ledger is another one, not the beginning of this."""
    draw, parties = Random(SEED + count), parties_of(count)
    draw_unit, draw_due = _SPREADS[mix]
    for no in range(1, count + 1):
        unit = unit_name(draw_unit(draw, parties.units))
        lead = lead_name(draw.randrange(parties.leads))
        state, days_left = draw_due(draw)
        due_on = _due_on(days_left)
        assigned_on = due_on - timedelta(draw.randrange(20, 200))
        title = f"{draw.choice(_VERBS)}{draw.choice(_MATTERS)}（第{no}条）"
        problem = f"问题{draw.randrange(1, 400)}：{draw.choice(_MATTERS)}有缺失"
        yield GeneratedMeasure(no, title, problem, unit, lead, due_on, state, assigned_on)


def lead_name(number: int) -> str:
    """The name of one of `Parties.leads`, from 0."""
    return f"lead{number:05d}"


def unit_name(number: int) -> str:
    """The name of one of `Parties.units`, from 0."""
    return f"{_OFFICES[number % len(_OFFICES)]}{number // len(_OFFICES) or ''}"


def _even_unit(draw: Random, units: int) -> int:
    return draw.randrange(units)


def _even_due(draw: Random) -> tuple[GeneratedState, int]:
    share = draw.random()
    if share < 0.30:
        return GeneratedState.CLOSED, draw.randrange(-120, 150)
    if share < 0.42:
        return GeneratedState.OPEN, draw.choice(_ON_RUNG)
    if share < 0.50:
        return GeneratedState.OPEN, draw.choice(_OVERDUE_OFF_RUNG)
    return GeneratedState.OPEN, draw.choice(_LATER_OFF_RUNG)


def _skewed_unit(draw: Random, units: int) -> int:
    if draw.random() < _BIG_SHARE:
        return draw.randrange(_BIG_UNITS)
    return draw.randrange(_BIG_UNITS, units)


def _skewed_due(draw: Random) -> tuple[GeneratedState, int]:
    share = draw.random()
    if share < 0.20:
        return GeneratedState.CLOSED, draw.choice(_month_ends())
    if share < 0.35:
        return GeneratedState.OPEN, draw.choice(_ON_RUNG)
    if share < 0.55:
        return GeneratedState.OPEN, draw.choice(_OVERDUE_OFF_RUNG)
    return GeneratedState.OPEN, draw.choice(_month_ends())


_Spread = tuple[Callable[[Random, int], int], Callable[[Random], tuple[GeneratedState, int]]]
_SPREADS: Mapping[Mix, _Spread] = MappingProxyType(
    {
        Mix.EVEN: (_even_unit, _even_due),
        Mix.SKEWED: (_skewed_unit, _skewed_due),
    }
)
