"""The time limit of a row: from its own cell, a date serial in it, or a label in another one. PURE.

Runs for each row; the grammar of models/timelimit/ is asked once for each different text. What is taken from
elsewhere than the cell of the limit is always told.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from models.ledger.columns import plain
from models.ledger.excerpts import short
from models.ledger.rows import Look
from models.timelimit import LimitFlag, LimitKind, TimeLimit, WorkingDays, parse_time_limit

SERIAL_RULE = "serial"
"""The rule of the grammar that reads a bare number as the day under which spreadsheets keep it."""
_MIDNIGHT = re.compile(r"[ T]0?0:00(?::00(?:\.0+)?)?$", re.ASCII)
"""What programs put behind a day when they write a table as text."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
"""A day as the cell of a date gives it."""

_ELSEWHERE = frozenset({"见备注", "详见备注", "见备注栏", "/", "-", "—", "——"})
_NOT_ADJUSTED = _ELSEWHERE | {
    "无",
    "否",
    "未延期",
    "不延期",
    "未调整",
    "不调整",
    "无调整",
    "未变更",
    "同左",
    "同原时限",
    "不变",
}
_LABELLED = re.compile(
    r"(?:^|[\s,，;；。、(（])(?:(?:整改|完成|办结|办理|整改完成|任务完成)(?:的)?(?:时限|期限|时间)|时限|期限)(?:要求)?(?:[:：]|为)"
    r"\s*([^;；。\n)）]{1,60})"
)
_ADJUSTED = re.compile(
    r"(?:(?:延期|延长|延迟|顺延|推迟|延后|展期|调整|变更|改)(?:至|到|为)|延至)[:：]?\s*([^,，;；。\n)）]{1,60})"
)


@dataclass(frozen=True, slots=True)
class LimitFound:
    """The limit of a row, and the text it was read from. `told` and `look` say what was not plain about it."""

    text: str
    limit: TimeLimit
    told: str = ""
    look: Look | None = None


class LimitBook:
    """Limits by their text, for one anchor and calendar."""

    def __init__(self, anchor: date, calendar: WorkingDays) -> None:
        self.anchor, self.calendar = anchor, calendar
        self._kept: dict[str, LimitFound] = {}

    def found(self, text: str) -> LimitFound:
        """The limit that the text of its cell sets."""
        if (found := self._kept.get(text)) is None:
            found = self._kept[text] = self._read(text)
        return found

    def elsewhere(self, cells: Iterable[tuple[str, str]]) -> LimitFound | None:
        """The limit behind a label (整改时限：…) in other cells, given with their headings; None without just one."""
        said = [(heading, match[1].strip()) for heading, cell in cells for match in _LABELLED.finditer(cell)]
        if len({text for _, text in said}) != 1:
            return None
        heading, text = said[0]
        return LimitFound(text, self.found(text).limit, f"完成时限取自“{heading}”列", Look.LIMIT_ELSEWHERE)

    def adjusted(self, text: str, former: str) -> LimitFound:
        """The limit of the column of adjusted ones, or where there is none the former."""
        if not text or (len(text) <= 8 and plain(text) in _NOT_ADJUSTED):
            return self.found(former)
        found, before = self.found(text), self.found(former)
        if found.told or found.limit.due_on == before.limit.due_on:
            return found
        return replace(found, told=f"时限已由“{short(former)}”调整", look=Look.LIMIT_ADJUSTED)

    def others(self, cells: Iterable[tuple[str, str]], found: LimitFound) -> Iterator[str]:
        """What is told of limits in other cells that set another day than the limit that was found."""
        for heading, cell in cells:
            texts = (match[1].strip() for pattern in (_LABELLED, _ADJUSTED) for match in pattern.finditer(cell))
            for text in dict.fromkeys(texts):
                day = self.found(text).limit.due_on
                if day and day not in {found.limit.due_on, *found.limit.milestones}:
                    yield f"“{heading}”列另写有时限“{text}”（{day}），请核对以哪个为准"

    def _read(self, text: str) -> LimitFound:
        text = _MIDNIGHT.sub("", text)
        limit = parse_time_limit(text, self.anchor, self.calendar)
        if limit.rule == SERIAL_RULE and (day := limit.due_on):
            told = f"按表格软件的日期序号读作{day.year}年{day.month}月{day.day}日，请核对"
            return LimitFound(text, limit, told, Look.LIMIT_SERIAL)
        if limit.due_on and _DAY.fullmatch(text) and text != limit.due_on.isoformat():
            return LimitFound(text, _no_limit(limit))
        return LimitFound(text, limit)


def _no_limit(limit: TimeLimit) -> TimeLimit:
    """A day that can be no limit. It stands in a cell of dates, and says no other day."""
    reason = f"{limit.text}不像完成时限，请填写具体日期。"
    flags = frozenset({LimitFlag.FAR})
    return replace(
        limit, kind=LimitKind.UNRESOLVED, due_on=None, rule="", span=(0, 0), flags=flags, confirm=True, reason=reason
    )


def is_elsewhere(text: str) -> bool:
    """Whether the cell of the limit is blank, or only points to the remarks."""
    return not text or (len(text) <= 8 and plain(text) in _ELSEWHERE)
