"""The time limit of a row: from its own cell, a date serial in it, or a label in another one. PURE.

Runs for each row; the grammar of models/timelimit/ is asked once for each different text. What is taken from
elsewhere than the cell of the limit is always told.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.ledger.columns import plain
from models.ledger.rows import Look
from models.timelimit import TimeLimit, WorkingDays, parse_time_limit

SERIAL_RULE = "serial"
"""The rule of the grammar that reads a bare number as the day under which spreadsheets keep it."""
_MIDNIGHT = re.compile(r"[ T]0?0:00(?::00(?:\.0+)?)?$", re.ASCII)
"""What programs put behind a day when they write a table as text."""

_ELSEWHERE = frozenset({"见备注", "详见备注", "见备注栏", "/", "-", "—", "——"})
_LABELLED = re.compile(
    r"(?:^|[\s,，;；。、(（])(?:(?:整改|完成|办结|办理|整改完成|任务完成)(?:的)?(?:时限|期限|时间)|时限|期限)(?:要求)?(?:[:：]|为)"
    r"\s*([^;；。\n)）]{1,60})"
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

    def _read(self, text: str) -> LimitFound:
        text = _MIDNIGHT.sub("", text)
        limit = parse_time_limit(text, self.anchor, self.calendar)
        if limit.rule == SERIAL_RULE and (day := limit.due_on):
            told = f"按表格软件的日期序号读作{day.year}年{day.month}月{day.day}日，请核对"
            return LimitFound(text, limit, told, Look.LIMIT_SERIAL)
        return LimitFound(text, limit)


def is_elsewhere(text: str) -> bool:
    """Whether the cell of the limit is blank, or only points to the remarks."""
    return not text or (len(text) <= 8 and plain(text) in _ELSEWHERE)
