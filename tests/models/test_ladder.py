"""Rung dates, names and rows; and today's windows compared with `rung_at` and with a walk day by day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.calendars import load_calendar
from config.policy import DEFAULT_POLICY, PRESETS, load_policy
from models.ladder import (
    FARTHEST,
    LONGEST_MONTHS,
    Colour,
    EvidenceRules,
    Ladder,
    NoticeKind,
    Offset,
    OffsetUnit,
    Policy,
    Rung,
    StageLimit,
    Window,
    colour_at,
    rung_at,
    windows,
)
from models.lifecycle import Role, Stage
from models.redating import ExtensionRules
from models.workdays import Amendment, WorkCalendar

DAY = timedelta(days=1)
REAL = load_calendar(None)
DEFAULT = load_policy(DEFAULT_POLICY, REAL)
THREE_COLOURS = load_policy(PRESETS / "three_colours.yaml", REAL)


def d(text: str) -> date:
    return date.fromisoformat(text)


def rung(at: str, to: str = "unit", every: str = "", served: bool = False, colour: Colour = Colour.YELLOW) -> Rung:
    return Rung(
        Offset.parse(at),
        tuple(Role(role) for role in to.split()),
        NoticeKind.URGE,
        colour,
        Offset.parse(every) if every else None,
        Role.UNIT if served else None,
    )


def ladder(*rungs: Rung, stage: Stage = Stage.COMPLETE) -> Ladder:
    return Ladder(stage, StageLimit(), rungs)


def policy(*ladders: Ladder) -> Policy:
    by_stage = {each.stage: each for each in ladders}
    limit, evidence = StageLimit(workdays=5), EvidenceRules(1, frozenset())
    return Policy("试", MappingProxyType(by_stage), limit, limit, ExtensionRules(), evidence, "", "")


# Offsets


@pytest.mark.parametrize(
    ("at", "due", "reached", "because"),
    [
        ("0", "2023-06-14", "2023-06-14", "a Wednesday due date is its own rung date"),
        ("0", "2023-06-17", "2023-06-16", "0 falls on a Saturday: the working day before"),
        ("0d", "2023-06-18", "2023-06-16", "0 calendar days is the same 0"),
        ("-0wd", "2023-06-18", "2023-06-16", "so is minus 0 working days"),
        (
            "0",
            "2023-10-01",
            "2023-09-28",
            "0 falls into the National Day week: the last working day before it",
        ),
        ("0", "2023-10-07", "2023-10-07", "a Saturday that is worked for a holiday is no rest day"),
        ("+1wd", "2023-06-16", "2023-06-19", "one working day after a Friday is Monday"),
        ("+1wd", "2023-06-17", "2023-06-19", "and so it is after the Saturday"),
        ("+1wd", "2023-09-28", "2023-10-07", "the first working day after the holiday is a Saturday"),
        ("1wd", "2023-06-14", "2023-06-15", "without a sign it is after"),
        ("-1wd", "2023-06-19", "2023-06-16", "one working day before a Monday is Friday"),
        ("-1wd", "2023-06-18", "2023-06-16", "before a Sunday too: here -1wd and 0 are one day"),
        ("-3wd", "2023-10-08", "2023-09-27", "the holiday's eight rest days do not count"),
        ("+5wd", "2023-04-28", "2023-05-09", "five rest days out, a worked Saturday in"),
        ("+30d", "2023-06-14", "2023-07-14", "calendar days count every day"),
        ("+1d", "2023-06-16", "2023-06-19", "a Saturday after the due date: the working day after"),
        ("+2d", "2023-09-28", "2023-10-07", "in the holiday and after the due date: the first day after it"),
        ("-1d", "2023-06-19", "2023-06-16", "a Sunday before the due date: the working day before"),
        ("-3d", "2023-10-07", "2023-09-28", "in the holiday and before the due date: the last day before it"),
        ("-20d", "2023-06-14", "2023-05-25", "twenty calendar days before"),
    ],
)
def test_the_rung_date(at: str, due: str, reached: str, because: str) -> None:
    assert Offset.parse(at).rung_date(d(due), REAL) == d(reached), because


@pytest.mark.parametrize(
    ("text", "n", "unit"),
    [
        ("-20wd", -20, OffsetUnit.WORKDAYS),
        ("+5wd", 5, OffsetUnit.WORKDAYS),
        ("5wd", 5, OffsetUnit.WORKDAYS),
        ("+30d", 30, OffsetUnit.DAYS),
        ("0", 0, OffsetUnit.WORKDAYS),
        ("+0", 0, OffsetUnit.WORKDAYS),
        ("0d", 0, OffsetUnit.DAYS),
        ("+05wd", 5, OffsetUnit.WORKDAYS),
    ],
)
def test_an_offset_keeps_its_text(text: str, n: int, unit: OffsetUnit) -> None:
    assert Offset.parse(text) == Offset(n, unit, text)


# fmt: off
NO_OFFSETS = (
    "", "5", "+5", "wd", "--5wd", "+-5wd", "+ 5wd", "5 wd", "5wd ", "5wd\n", "5WD", "5w", "5m", "1.5d", "12345d",
    "５wd", "٥wd", "²wd", "五wd", "0x5d", "None", "[1]",
)
# fmt: on


@pytest.mark.parametrize("text", NO_OFFSETS)
def test_what_is_no_offset(text: str) -> None:
    with pytest.raises(ValueError):
        Offset.parse(text)


@pytest.mark.parametrize(
    ("limit", "opened", "due"),
    [
        (StageLimit(workdays=2), "2023-06-16", "2023-06-20"),
        (StageLimit(workdays=2), "2023-06-17", "2023-06-20"),
        (StageLimit(months=6), "2023-06-16", "2023-12-16"),
        (StageLimit(months=6), "2023-08-31", "2024-02-29"),
        (StageLimit(), "2023-06-16", None),
    ],
)
def test_a_limit_gives_the_due_date_unless_the_ledger_does(limit: StageLimit, opened: str, due: str | None) -> None:
    assert limit.due_on(d(opened), REAL) == (due and d(due))


@pytest.mark.parametrize(
    ("text", "limit", "zh"),
    [
        ("5wd", StageLimit(workdays=5), "5个工作日"),
        ("1wd", StageLimit(workdays=1), "1个工作日"),
        ("05wd", StageLimit(workdays=5), "5个工作日"),
        ("500wd", StageLimit(workdays=FARTHEST), "500个工作日"),
        ("6m", StageLimit(months=6), "6个月"),
        ("1m", StageLimit(months=1), "1个月"),
        ("60m", StageLimit(months=LONGEST_MONTHS), "60个月"),
    ],
)
def test_a_limit_as_it_is_written(text: str, limit: StageLimit, zh: str) -> None:
    assert StageLimit.parse(text) == limit
    assert limit.zh == zh


def test_a_limit_of_the_ledger_has_no_words() -> None:
    assert StageLimit().zh == ""


# fmt: off
NO_LIMITS = (
    "", "5", "wd", "m", "0wd", "0m", "000wd", "501wd", "61m", "999m", "1000wd", "-5wd", "+5wd", "5d", "5 wd", " 5wd",
    "5wd ", "5wd\n", "5WD", "6M", "6mm", "1.5m", "５wd", "٥wd", "²wd", "五wd", "半年", "ledger", "none", "6m5wd",
)
# fmt: on


@pytest.mark.parametrize("text", NO_LIMITS)
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError):
        StageLimit.parse(text)


@given(st.integers(1, FARTHEST), st.integers(1, LONGEST_MONTHS))
def test_every_limit_in_bounds_is_read_back(workdays: int, months: int) -> None:
    assert StageLimit.parse(f"{workdays}wd") == StageLimit(workdays=workdays)
    assert StageLimit.parse(f"{months}m") == StageLimit(months=months)


# Where one clock stands

ROW = ladder(
    rung("-3wd"),
    rung("0", "unit lead"),
    rung("+1wd", "lead"),
    rung("5wd"),
    rung("+10wd", "unit head", every="5wd", served=True),
)


@pytest.mark.parametrize(
    ("role", "day", "stands", "because"),
    [
        (Role.UNIT, "2023-06-08", None, "four working days before: nobody has heard yet"),
        (Role.UNIT, "2023-06-09", ("complete/-3wd", 0, "2023-06-09"), "the first rung from its own day on"),
        (Role.UNIT, "2023-06-13", ("complete/-3wd", 0, "2023-06-09"), "and until the next one"),
        (Role.UNIT, "2023-06-14", ("complete/0", 1, "2023-06-14"), "the due date itself"),
        (Role.UNIT, "2023-06-15", ("complete/0", 1, "2023-06-14"), "+1wd is the lead's, not the unit's"),
        (Role.LEAD, "2023-06-15", ("complete/+1wd", 2, "2023-06-15"), "each role climbs its own row"),
        (Role.LEAD, "2023-06-13", None, "the lead's row begins at 0"),
        (Role.LEAD, "2024-06-13", ("complete/+1wd", 2, "2023-06-15"), "a last rung that does not repeat stays"),
        (Role.UNIT, "2023-06-21", ("complete/5wd", 3, "2023-06-21"), "named as written, without a sign"),
        (Role.UNIT, "2023-06-29", ("complete/+10wd#1", 4, "2023-06-29"), "an endless rung begins with #1"),
        (Role.UNIT, "2023-07-05", ("complete/+10wd#1", 4, "2023-06-29"), "which stands until +15wd"),
        (Role.UNIT, "2023-07-06", ("complete/+10wd#2", 5, "2023-07-06"), "then comes #2"),
        (Role.HEAD, "2023-07-13", ("complete/+10wd#3", 6, "2023-07-13"), "and #3, without end"),
        (Role.GENERAL, "2023-07-14", None, "a role in no rung never stands anywhere"),
        (Role.UNIT, "2023-06-23", ("complete/5wd", 3, "2023-06-21"), "a rest day adds nothing to the day before"),
    ],
)
def test_the_rung_a_clock_stands_on(role: Role, day: str, stands: tuple[str, int, str] | None, because: str) -> None:
    found = rung_at(ROW, role, d("2023-06-14"), d(day), REAL)
    assert (found and (found.name, found.order, str(found.reached_on))) == stands, because


@pytest.mark.parametrize(
    ("rungs", "due", "day", "name", "because"),
    [
        ("-1wd 0", "2023-06-18", "2023-06-16", "complete/0", "due on a Sunday, both are on the Friday"),
        ("-1wd 0", "2023-06-19", "2023-06-16", "complete/-1wd", "due on a Monday, they are two days"),
        ("+1d +1wd", "2023-06-16", "2023-06-19", "complete/+1wd", "after a Friday, both are on the Monday"),
        ("+1wd +1d", "2023-06-16", "2023-06-19", "complete/+1d", "later is what the ladder has later"),
        ("+5wd +6d", "2023-06-14", "2023-06-20", "complete/+6d", "here +6d is one day before +5wd: it counts"),
        ("+5wd +6d", "2023-06-14", "2023-06-21", "complete/+6d", "and still counts once +5wd is reached"),
        ("+5wd +9d", "2023-09-28", "2023-10-07", "complete/+9d", "over a long holiday the gap is wider"),
        ("+5wd +9d", "2023-06-14", "2023-06-21", "complete/+5wd", "in an ordinary week +5wd is first, and said"),
    ],
)
def test_of_two_reached_rungs_the_later_in_the_ladder_counts(
    rungs: str, due: str, day: str, name: str, because: str
) -> None:
    standing = rung_at(ladder(*map(rung, rungs.split())), Role.UNIT, d(due), d(day), REAL)
    assert standing, because
    assert standing.name == name, because


def test_an_endless_rung_at_0_repeats_in_the_unit_of_its_step() -> None:
    """0 has no unit of its own: every 30 calendar days is not every 30 working days."""
    endless = ladder(rung("0", every="30d"))
    names = {
        day: standing and standing.name
        for day in map(d, ("2023-06-14", "2023-07-13", "2023-07-14", "2023-08-14", "2023-09-12"))
        for standing in [rung_at(endless, Role.UNIT, d("2023-06-14"), day, REAL)]
    }
    assert list(names.values()) == [f"complete/0#{n}" for n in (1, 1, 2, 3, 4)]


def test_rungs_of_one_name_share_one_place() -> None:
    """Two notices are told apart by name alone, so a name must not stand at two places of a ladder."""
    shared = ladder(rung("0"), rung("+1wd"), rung("0", "lead"), rung("+5wd", "lead"))
    due, after = d("2023-06-14"), d("2023-07-14")
    orders = {
        standing.name: standing.order
        for role, day in ((Role.UNIT, due), (Role.LEAD, due), (Role.UNIT, after), (Role.LEAD, after))
        if (standing := rung_at(shared, role, due, day, REAL))
    }
    assert orders == {"complete/0": 0, "complete/+1wd": 1, "complete/+5wd": 3}
    places = {window.rung: window.order for window in windows(policy(shared), REAL, None, after, {Stage.COMPLETE: due})}
    assert places.items() <= orders.items()


# What a clock is painted

PAINTED = ladder(
    rung("-3wd", colour=Colour.GREEN),
    rung("0", "unit lead", colour=Colour.YELLOW),
    rung("+1wd", "lead", colour=Colour.ORANGE),
    rung("+10wd", "head", every="5wd", colour=Colour.RED),
)


@pytest.mark.parametrize(
    ("day", "colour", "because"),
    [
        ("2023-06-08", None, "nobody has heard yet"),
        ("2023-06-09", Colour.GREEN, "the unit alone has"),
        ("2023-06-14", Colour.YELLOW, "unit and lead stand on one rung"),
        ("2023-06-15", Colour.ORANGE, "the lead's rung is later than the unit's"),
        ("2023-06-28", Colour.ORANGE, "up to the day before"),
        ("2023-06-29", Colour.RED, "the head's is the last"),
        ("2024-06-28", Colour.RED, "however often it repeats"),
    ],
)
def test_a_clock_has_the_colour_of_the_last_rung_reached_for_whomever(
    day: str, colour: Colour | None, because: str
) -> None:
    assert colour_at(PAINTED, d("2023-06-14"), d(day), REAL) is colour, because


def test_a_ladder_without_rungs_paints_nothing() -> None:
    assert colour_at(ladder(), d("2023-06-14"), d("2023-06-14"), REAL) is None


# Windows by hand


def spans(found: list[Window], role: Role) -> list[tuple[str, str, str]]:
    return [(w.rung, str(w.due_after), str(w.due_until)) for w in found if w.role is role]


def test_the_windows_of_a_day() -> None:
    """On Wednesday 14 June 2023. What is due after the 19th has reached nothing: -3wd of the 20th is the 15th."""
    found = windows(policy(ROW), REAL, None, d("2023-06-14"), {Stage.COMPLETE: d("2023-05-20")})
    assert spans(found, Role.UNIT) == [
        ("complete/-3wd", "2023-06-14", "2023-06-19"),
        ("complete/0", "2023-06-07", "2023-06-14"),
        ("complete/5wd", "2023-05-31", "2023-06-07"),
        ("complete/+10wd#1", "2023-05-24", "2023-05-31"),
        ("complete/+10wd#2", "2023-05-19", "2023-05-24"),
    ]
    assert spans(found, Role.LEAD) == [
        ("complete/0", "2023-06-13", "2023-06-14"),
        ("complete/+1wd", "2023-05-19", "2023-06-13"),
    ]
    assert spans(found, Role.GENERAL) == []


def test_only_what_crossed_since_the_day_before() -> None:
    found = windows(policy(ROW), REAL, d("2023-06-13"), d("2023-06-14"), {Stage.COMPLETE: d("2023-05-20")})
    assert spans(found, Role.UNIT) == [
        ("complete/-3wd", "2023-06-16", "2023-06-19"),
        ("complete/0", "2023-06-13", "2023-06-14"),
        ("complete/5wd", "2023-06-06", "2023-06-07"),
        ("complete/+10wd#1", "2023-05-30", "2023-05-31"),
        ("complete/+10wd#2", "2023-05-23", "2023-05-24"),
    ]
    assert spans(found, Role.LEAD) == [
        ("complete/0", "2023-06-13", "2023-06-14"),
        ("complete/+1wd", "2023-06-12", "2023-06-13"),
    ]


def test_nothing_crosses_within_a_day() -> None:
    day = d("2023-06-14")
    assert windows(DEFAULT, REAL, day, day, dict.fromkeys(Stage, d("2022-06-14"))) == []


def test_a_stage_without_open_clocks_has_no_windows() -> None:
    day = d("2023-06-14")
    assert windows(DEFAULT, REAL, None, day, {}) == []
    assert {w.stage for w in windows(DEFAULT, REAL, None, day, {Stage.CHECK: day})} == {Stage.CHECK}
    assert windows(policy(ROW), REAL, None, day, {Stage.CHECK: day}) == []


def test_served_holds_back_the_other_roles_of_the_rung() -> None:
    day = d("2023-06-14")
    found = windows(DEFAULT, REAL, None, day, {Stage.COMPLETE: d("2023-05-01")})
    assert {(w.rung, w.role) for w in found if w.held_back} == {
        ("complete/+5wd", Role.LEAD),
        ("complete/+5wd", Role.ACCOUNTABILITY),
        *((f"complete/+10wd#{n}", role) for n in (1, 2, 3, 4, 5) for role in (Role.ACCOUNTABILITY, Role.HEAD)),
    }
    assert ("complete/+5wd", Role.UNIT, False) in {(w.rung, w.role, w.held_back) for w in found}


# Ladders and calendars of all kinds

ROLES = (Role.UNIT, Role.LEAD, Role.HEAD)


@st.composite
def offsets(draw: st.DrawFn) -> Offset:
    n, unit = draw(st.integers(-40, 60)), draw(st.sampled_from(("wd", "d")))
    return Offset.parse(draw(st.sampled_from(("0", "+0", "0d"))) if n == 0 else f"{n:+}{unit}")


@st.composite
def rungs_(draw: st.DrawFn) -> Rung:
    to = draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True))
    kind, colour = draw(st.sampled_from(NoticeKind)), draw(st.sampled_from(Colour))
    served = draw(st.sampled_from((None, Role.UNIT)))
    return Rung(draw(offsets()), tuple(to), kind, colour, served=served)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Also such as the checks of a policy refuse, with rungs out of order: the windows must not care."""
    rungs = draw(st.lists(rungs_(), min_size=1, max_size=6))
    if draw(st.booleans()):
        rungs.sort(key=lambda each: each.at.n * (7 if each.at.unit is OffsetUnit.WORKDAYS else 5))
    if draw(st.booleans()):
        last = rungs[-1]
        unit = draw(st.sampled_from(("wd", "d"))) if last.at.n == 0 else last.at.unit
        step = Offset.parse(f"{draw(st.integers(2, 10))}{unit}")
        rungs[-1] = Rung(last.at, last.to, last.kind, last.colour, step, last.served)
    return ladder(*rungs, stage=draw(st.sampled_from(Stage)))


@st.composite
def weird_calendars(draw: st.DrawFn) -> WorkCalendar:
    """Long closures, worked weekends, and weeks of one to seven working days, announced by nobody."""
    years = [date(2021, 1, 1) + timedelta(days=n) for n in range(6 * 365)]
    closed = draw(st.sets(st.integers(0, 6), max_size=6))
    weekly = Amendment(
        "每周",
        frozenset(day for day in years if day.weekday() in closed and day.weekday() < 5),
        frozenset(day for day in years if day.weekday() not in closed and day.weekday() >= 5),
    )
    starts, lengths = st.dates(date(2022, 1, 1), date(2025, 12, 31)), st.integers(1, 40)
    stretches = [
        frozenset(start + timedelta(days=n) for n in range(length))
        for start, length in draw(st.lists(st.tuples(starts, lengths), max_size=8))
    ]
    worked = draw(st.lists(st.booleans(), min_size=len(stretches), max_size=len(stretches)))
    overlay = [
        Amendment("加班", work=days) if works else Amendment("放假", off=days)
        for days, works in zip(stretches, worked, strict=True)
    ]
    return WorkCalendar(overlay=[weekly, *overlay])


calendars = st.one_of(st.just(REAL), weird_calendars())
policies = st.one_of(st.sampled_from((DEFAULT, THREE_COLOURS)), ladders().map(policy))
days = st.dates(date(2022, 9, 1), date(2025, 6, 30))

# The twin


@dataclass
class Walk:
    """The same decision for one clock on one day, by walking from its due date one day at a time."""

    due_on: date
    day: date
    works: frozenset[date]
    after: list[date] = field(init=False)
    before: list[date] = field(init=False)

    def __post_init__(self) -> None:
        """Working days after the due date up to the day in question; before it, as many as -40wd needs."""
        self.after, self.before = [], []
        walked = self.due_on
        while walked < self.day:
            walked += DAY
            self.after += [walked] if walked in self.works else []
        walked = self.due_on
        while len(self.before) < 40:
            walked -= DAY
            self.before += [walked] if walked in self.works else []

    def rung_date(self, n: int, unit: OffsetUnit) -> date:
        """`date.max` where that lies beyond the day in question."""
        if unit is OffsetUnit.WORKDAYS and n > 0:
            return self.after[n - 1] if n <= len(self.after) else date.max
        if unit is OffsetUnit.WORKDAYS and n < 0:
            return self.before[-n - 1]
        moved = self.due_on + timedelta(days=n)
        while moved not in self.works:
            moved += DAY if n > 0 else -DAY
        return moved

    def stands_on(self, ladder: Ladder, role: Role) -> str | None:
        name = None
        for each in ladder.rungs:
            if role in each.to:
                for n, suffix in self.repeats(each):
                    unit = each.every.unit if each.every else each.at.unit
                    if self.rung_date(n, unit) <= self.day:
                        name = f"{ladder.stage.value}/{each.at.text}{suffix}"
                    elif each.every:
                        break
        return name

    def repeats(self, each: Rung) -> Iterator[tuple[int, str]]:
        if each.every is None:
            yield each.at.n, ""
            return
        for nth in count(1):
            yield each.at.n + each.every.n * (nth - 1), f"#{nth}"


Stands = Mapping[tuple[Stage, Role, date], Window]


def each_due_date(found: list[Window]) -> Stands:
    """The windows opened up. Fails where two of one role share a due date, or one is empty."""
    stands: dict[tuple[Stage, Role, date], Window] = {}
    for window in found:
        assert window.due_after < window.due_until
        for n in range(1, (window.due_until - window.due_after).days + 1):
            key = (window.stage, window.role, window.due_after + timedelta(days=n))
            assert key not in stands
            stands[key] = window
    return stands


def check_full(each: Policy, calendar: WorkCalendar, day: date, oldest: date) -> None:
    stands = each_due_date(windows(each, calendar, None, day, dict.fromkeys(Stage, oldest)))
    assert all(oldest <= due_on for _, _, due_on in stands)
    around = (day + timedelta(days=n) for n in range(-1300, 1300))
    works = frozenset(other for other in around if calendar.is_workday(other))
    for due_on in (day + timedelta(days=n) for n in range(max(-400, (oldest - day).days), 401)):
        walk = Walk(due_on, day, works)
        for stage_ladder in each.ladders.values():
            for role in Role:
                standing = rung_at(stage_ladder, role, due_on, day, calendar)
                window = stands.get((stage_ladder.stage, role, due_on))
                assert walk.stands_on(stage_ladder, role) == (standing and standing.name)
                assert (window and (window.rung, window.order, window.kind, window.held_back)) == (
                    standing
                    and (
                        standing.name,
                        standing.order,
                        standing.rung.kind,
                        standing.rung.served is Role.UNIT and role is not Role.UNIT,
                    )
                )


@settings(max_examples=60, deadline=None)
@given(ladders().map(policy), calendars, days, st.integers(-400, 400))
def test_windows_give_what_one_clock_gets_and_what_a_walk_finds(
    each: Policy, calendar: WorkCalendar, day: date, since_due: int
) -> None:
    day = calendar.on_or_after(day)
    check_full(each, calendar, day, day + timedelta(days=since_due))


@settings(max_examples=8, deadline=None)
@given(st.sampled_from((DEFAULT, THREE_COLOURS)), calendars, days)
def test_so_they_do_for_the_policies_we_ship(each: Policy, calendar: WorkCalendar, day: date) -> None:
    day = calendar.on_or_after(day)
    check_full(each, calendar, day, day - timedelta(days=400))


@settings(max_examples=100, deadline=None)
@given(policies, calendars, st.tuples(days, days), st.integers(-400, 100))
def test_what_crossed_is_what_stands_now_and_did_not_before(
    each: Policy, calendar: WorkCalendar, both: tuple[date, date], oldest_due: int
) -> None:
    since, day = (calendar.on_or_after(end) for end in sorted(both))
    oldest = dict.fromkeys(Stage, day + timedelta(days=oldest_due))
    before = each_due_date(windows(each, calendar, None, since, oldest))
    now = each_due_date(windows(each, calendar, None, day, oldest))
    crossed = each_due_date(windows(each, calendar, since, day, oldest))
    assert {key: window.rung for key, window in crossed.items()} == {
        key: window.rung for key, window in now.items() if key not in before or before[key].rung != window.rung
    }


@settings(max_examples=100, deadline=None)
@given(ladders(), calendars, days, st.integers(-60, 120))
def test_the_colour_is_that_of_the_last_rung_that_somebody_stands_on(
    each: Ladder, calendar: WorkCalendar, due_on: date, after: int
) -> None:
    """By `rung_at` for every role there is; and, where no name stands twice, by walking down the ladder itself."""
    day = calendar.on_or_after(due_on + timedelta(days=after))
    colour = colour_at(each, due_on, day, calendar)
    stood_on = [one for role in Role if (one := rung_at(each, role, due_on, day, calendar))]
    last = max((one.order for one in stood_on), default=None)
    assert colour in {one.rung.colour for one in stood_on if one.order == last} or (colour is None and last is None)
    if len({one.at.text for one in each.rungs}) == len(each.rungs):
        reached = (one for one in reversed(each.rungs) if one.at.rung_date(due_on, calendar) <= day)
        lowest = next(reached, None)
        assert colour is (lowest and lowest.colour)


@settings(max_examples=100, deadline=None)
@given(offsets(), calendars, days)
def test_a_rung_date_never_moves_backwards_as_the_due_date_grows(
    at: Offset, calendar: WorkCalendar, first: date
) -> None:
    reached = [at.rung_date(first + timedelta(days=n), calendar) for n in range(120)]
    assert reached == sorted(reached)
    assert all(map(calendar.is_workday, reached))
