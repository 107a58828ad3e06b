"""Where working days come from: announced years, statutory days of the others, and the office's own overlay.

Runs once at the start of a command. Announced years are chinesecalendar's. `holidays` takes 90 ms to load, so
that waits until a day of another year is asked for. How days are counted is in models/workdays.py.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

import yaml
from chinese_calendar.constants import holidays as days_off
from chinese_calendar.constants import workdays as days_worked

from models.errors import CalendarRefused, Problem
from models.workdays import Amendment, WorkCalendar, YearDays, weekdays_only

STATUTORY = "法定节假日推算"

# The notice that arranged a year, where its number is known to us.
_NOTICES: Mapping[int, str] = MappingProxyType(
    {
        2018: "国办发明电〔2017〕12号",
        2019: "国办发明电〔2018〕15号",
        2020: "国办发明电〔2019〕16号",
        2021: "国办发明电〔2020〕27号",
        2022: "国办发明电〔2021〕11号",
        2023: "国办发明电〔2022〕16号",
        2024: "国办发明电〔2023〕7号",
        2025: "国办发明电〔2024〕12号",
        2026: "国办发明电〔2025〕7号",
    }
)
# Days decided by another notice than that of their year: the next year's, or one that changed it.
_DECIDED_APART = (
    (date(2018, 12, 29), date(2018, 12, 31), "国办发明电〔2018〕15号"),
    (date(2019, 4, 28), date(2019, 5, 5), "国办发明电〔2019〕3号"),
    (date(2020, 1, 31), date(2020, 2, 2), "国办发明电〔2020〕1号"),
    (date(2022, 12, 31), date(2022, 12, 31), "国办发明电〔2022〕16号"),
)
_STATUTORY_YEARS = range(1950, 2101)  # what `holidays` covers; of other years it says nothing, silently

_OVERLAY_YEARS = range(2000, 2101)  # a year outside is a slip of the pen
_LONGEST_RANGE = 366  # days; a longer range is a slip in its year
_KEYS = ("source", "announces", "off", "work")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_YEARS_ZH = f"{_OVERLAY_YEARS[0]}年至{_OVERLAY_YEARS[-1]}年"


def load_calendar(overlay: Path | None) -> WorkCalendar:
    """The office's calendar. `overlay` is its file of further notices and local days; it need not exist.

    Raises CalendarRefused with every problem of that file.
    """
    return WorkCalendar(
        _announced_years(),
        _statutory_year,
        forecast_rule=f"{STATUTORY}（holidays {version('holidays')}）",
        overlay=_read_overlay(overlay) if overlay else (),
    )


def _announced_years() -> list[YearDays]:
    """Every year chinesecalendar holds. A year is announced when its National Day is there."""
    off: defaultdict[int, set[date]] = defaultdict(set)
    work: defaultdict[int, set[date]] = defaultdict(set)
    for day in days_off:
        if day.weekday() < 5:
            off[day.year].add(day)
    for day in days_worked:
        if day.weekday() >= 5:
            work[day.year].add(day)
    years = sorted(day.year for day in days_off if (day.month, day.day) == (10, 1))
    return [YearDays(year, _notice(year), frozenset(off[year]), frozenset(work[year]), _apart(year)) for year in years]


def _notice(year: int) -> str:
    return _NOTICES.get(year, f"国务院办公厅关于{year}年部分节假日安排的通知")


def _apart(year: int) -> dict[date, str]:
    return {day: notice for first, last, notice in _DECIDED_APART if first.year == year for day in _days(first, last)}


def _statutory_year(year: int) -> YearDays:
    """The days off by law, one in lieu of each that falls on a weekend, and arrangements `holidays` knows."""
    if year not in _STATUTORY_YEARS:
        return weekdays_only(year)
    from holidays import country_holidays

    known = country_holidays("CN", years=year)
    return YearDays(
        year,
        STATUTORY,
        off=frozenset(day for day in known if day.year == year and day.weekday() < 5),
        work=frozenset(day for day in known.weekend_workdays if day.year == year),
    )


def _read_overlay(path: Path) -> tuple[Amendment, ...]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError:
        raise _refused(path, [Problem("文件不是UTF-8编码，请另存为UTF-8。")]) from None
    except OSError as error:
        raise _refused(path, [Problem("文件无法读取。", value=error.strerror or "")]) from None
    reading = _OverlayReading()
    amendments = reading.amendments(text)
    if reading.problems:
        raise _refused(path, reading.problems)
    return amendments


def _refused(path: Path, problems: Sequence[Problem]) -> CalendarRefused:
    return CalendarRefused(
        f"工作日历补充文件{path.name}有{len(problems)}处问题，未予采用。",
        problems,
        "请按所列位置逐项改正后再试。",
    )


class _OverlayReading:
    """One reading of an overlay: walks the YAML nodes, whose values stand as written, and notes problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def amendments(self, text: str) -> tuple[Amendment, ...]:
        try:
            root = yaml.compose(text, Loader=yaml.BaseLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self._note(f"第{mark.line + 1}行" if mark else "", "不是有效的YAML，请检查缩进、冒号和括号。")
            return ()
        entries = self._items(root, "", "应是一个列表，每条依据以“- source:”开头。")
        return tuple(self._amendment(node, f"[{index}]") for index, node in enumerate(entries, start=1))

    def _note(self, where: str, text: str, value: str = "") -> None:
        self.problems.append(Problem(text, where, value=value))

    def _amendment(self, node: yaml.Node, where: str) -> Amendment:
        if not isinstance(node, yaml.MappingNode):
            self._note(where, f"每条依据应由{'、'.join(_KEYS)}等栏目组成。", _as_written(node))
            return Amendment("")
        fields = self._fields(node, where)
        off = self._dates(fields.get("off"), f"{where}.off")
        work = self._dates(fields.get("work"), f"{where}.work")
        if both := sorted(off & work):
            self._note(where, "同一天既写放假又写上班。", "、".join(day.isoformat() for day in both))
        years = self._years(fields.get("announces"), f"{where}.announces")
        return Amendment(self._source(fields.get("source"), f"{where}.source"), off, work, years)

    def _fields(self, node: yaml.MappingNode, where: str) -> dict[str, yaml.Node]:
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = _as_written(key)
            if name not in _KEYS:
                self._note(where, f"没有这个栏目，可用的是{'、'.join(_KEYS)}。", name)
            elif name in fields:
                self._note(f"{where}.{name}", "同一栏目写了两次。")
            fields[name] = value
        if fields.keys().isdisjoint(("announces", "off", "work")):
            self._note(where, "announces、off、work至少写一项。")
        return fields

    def _source(self, node: yaml.Node | None, where: str) -> str:
        source = _as_written(node).strip() if node else ""
        if not source:
            self._note(where, "请写明依据，例如通知的文号。")
        return source

    def _items(self, node: yaml.Node | None, where: str, otherwise: str) -> list[yaml.Node]:
        """The items of a list; what is absent or blank has none. Of anything else it notes `otherwise`."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if node and node.value != "":
            self._note(where, otherwise, _as_written(node))
        return []

    def _years(self, node: yaml.Node | None, where: str) -> frozenset[int]:
        if isinstance(node, yaml.ScalarNode) and node.value:
            return self._year(node, where)
        items = self._items(node, where, "应是一个年份，或年份的列表。")
        return frozenset[int]().union(*(self._year(item, f"{where}[{i}]") for i, item in enumerate(items, 1)))

    def _year(self, node: yaml.Node, where: str) -> frozenset[int]:
        written = _as_written(node)
        if _YEAR.fullmatch(written) and int(written) in _OVERLAY_YEARS:
            return frozenset((int(written),))
        self._note(where, f"应是{_YEARS_ZH}之间的年份。", written)
        return frozenset()

    def _dates(self, node: yaml.Node | None, where: str) -> frozenset[date]:
        items = self._items(node, where, "应是一个列表，例如[2027-10-01, 2027-10-04..2027-10-07]。")
        return frozenset[date]().union(*(self._range(item, f"{where}[{i}]") for i, item in enumerate(items, 1)))

    def _range(self, node: yaml.Node, where: str) -> frozenset[date]:
        written = _as_written(node)
        first_written, dots, last_written = (part.strip() for part in written.partition(".."))
        first = self._date(first_written, where, written)
        last = self._date(last_written, where, written) if dots and first else first
        if not first or not last:
            return frozenset()
        if last < first:
            self._note(where, "起止日期颠倒。", written)
        elif (last - first).days >= _LONGEST_RANGE:
            self._note(where, "一段超过一年，请核对年份。", written)
        else:
            return frozenset(_days(first, last))
        return frozenset()

    def _date(self, text: str, where: str, written: str) -> date | None:
        if not _DATE.fullmatch(text):
            self._note(where, "日期应写成2027-10-01，一段日期应写成2027-10-04..2027-10-07。", written)
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self._note(where, "日历上没有这一天。", written)
            return None
        if day.year not in _OVERLAY_YEARS:
            self._note(where, f"应在{_YEARS_ZH}之间，请核对年份。", written)
            return None
        return day


def _as_written(node: yaml.Node) -> str:
    """A plain value's own text; nothing for a list or a mapping."""
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def _days(first: date, last: date) -> list[date]:
    return [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]
