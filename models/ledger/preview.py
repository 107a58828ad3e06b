"""What an import is about to take in, for a person to look over before it is done. PURE.

Made from a reading, with problems or without: how each heading was understood, how many problems, measures and
sub-measures there are, which dates were inferred, and which rows need a person. It decides nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.ledger.columns import letter
from models.ledger.excerpts import left_out_zh, short
from models.ledger.rows import LedgerReading, LedgerRow, MatchedBy, MatchedHeading, ReadSheet, UnreadHeading
from models.timelimit import LimitFlag, LimitKind, TimeLimit

LINES_MOST = 40
"""Lines that the text form gives to one heading. The whole is in the JSON form."""

_INFERRED_ZH = {
    LimitKind.PERIOD: "自反馈日期起算",
    LimitKind.RECURRING: "下一次",
    LimitKind.DATE: "未写年份",
}


@dataclass(frozen=True, slots=True)
class Levels:
    """How many problems, measures and sub-measures: a real round has 33, 97 and 171. `rows` become measures."""

    problems: int
    measures: int
    sub_measures: int
    rows: int


@dataclass(frozen=True, slots=True)
class LimitRead:
    """A limit whose date was inferred, or at which a person must look; `reason` says why (Chinese).

    Inferred is the year that was not written, the end of a period and the next day of what recurs.
    """

    sheet: str
    row: int
    no: str
    text: str
    kind: LimitKind
    due_on: date | None
    flags: tuple[LimitFlag, ...]
    confirm: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ForPerson:
    """A row that needs a person, and each reason why (Chinese)."""

    sheet: str
    row: int
    no: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole preview. `lines` is its Chinese text form, `as_json` plain values."""

    sheets: tuple[ReadSheet, ...]
    headings: tuple[MatchedHeading, ...]
    unread: tuple[UnreadHeading, ...]
    levels: Levels
    limits: tuple[LimitRead, ...]
    for_person: tuple[ForPerson, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "sheets": [{"name": one.name, "header_row": one.header_row, "rows": one.rows} for one in self.sheets],
            "headings": [_heading(one) for one in self.headings],
            "unread": [_unread(one) for one in self.unread],
            "levels": {
                "problems": self.levels.problems,
                "measures": self.levels.measures,
                "sub_measures": self.levels.sub_measures,
                "rows": self.levels.rows,
            },
            "limits": [_limit(one) for one in self.limits],
            "for_person": [
                {"sheet": one.sheet, "row": one.row, "no": one.no, "why": list(one.why)} for one in self.for_person
            ],
        }

    def lines(self) -> list[str]:
        """The preview as lines of Chinese text; long lists are cut short, and say so."""
        return [*self._headings_zh(), self._levels_zh(), *self._limits_zh(), *self._persons_zh()]

    def _headings_zh(self) -> Iterator[str]:
        for sheet in self.sheets:
            yield f"工作表“{sheet.name}”：表头在第{sheet.header_row}行，读出{sheet.rows}行"
            matched = (one for one in self.headings if one.sheet == sheet.name)
            yield from _cut(f"  {letter(one.place)}列 {short(one.heading)} → {_column_zh(one)}" for one in matched)
            unread = (one for one in self.unread if one.sheet == sheet.name)
            yield from _cut(f"  {letter(one.place)}列 {short(one.heading)} → {_unread_zh(one)}" for one in unread)

    def _levels_zh(self) -> str:
        parts = f"、子措施{self.levels.sub_measures}条" if self.levels.sub_measures else ""
        return f"共{self.levels.problems}个问题、{self.levels.measures}条措施{parts}"

    def _limits_zh(self) -> Iterator[str]:
        """Equal texts with equal dates on one line: a ledger repeats a few limits many times."""
        alike: dict[tuple[str, date | None, str], list[str]] = {}
        for one in self.limits:
            why = f"：{one.reason}" if one.reason else f"（{_INFERRED_ZH.get(one.kind, '推定')}）"
            alike.setdefault((one.text, one.due_on, why), []).append(one.no)
        if alike:
            yield f"推断或须核对的完成时限{len(self.limits)}条："
        for_limits = (f"  {short(text)} → {due or '未定'}{why} {_nos(nos)}" for (text, due, why), nos in alike.items())
        yield from _cut(for_limits)

    def _persons_zh(self) -> Iterator[str]:
        alike: dict[str, list[str]] = {}
        for one in self.for_person:
            for why in one.why:
                alike.setdefault(why, []).append(one.no)
        if alike:
            yield f"须核对的措施{len(self.for_person)}条："
        yield from (f"  {why} {_nos(nos)}" for why, nos in alike.items())


def preview_of(reading: LedgerReading) -> Preview:
    """What a person should see of this reading before it is taken in."""
    return Preview(
        reading.sheets,
        reading.headings,
        reading.unread,
        levels_of(reading.rows),
        tuple(_limit_read(row) for row in reading.rows if row.limit.confirm or _is_inferred(row.limit)),
        tuple(ForPerson(row.sheet, row.row, row.no, why) for row in reading.rows if (why := _why(row))),
    )


def levels_of(rows: Iterable[LedgerRow]) -> Levels:
    """Problems by their text; sub-measures are rows that are part of a measure, which is counted once."""
    problems, whole, parts = set(), 0, 0
    divided: set[tuple[str, str]] = set()
    for row in rows:
        problems.add(row.problem)
        if row.part_of:
            divided.add((row.problem, row.part_of))
            parts += 1
        else:
            whole += 1
    return Levels(len(problems - {""}), whole + len(divided), parts, whole + parts)


def _why(row: LedgerRow) -> tuple[str, ...]:
    limit = "完成时限没有得出日期" if row.limit.lacks_date else "完成时限须核对" if row.limit.confirm else ""
    nobody = "没有责任单位或牵头领导" if not (row.unit and row.lead) else ""
    return tuple(filter(None, (nobody, limit, *(look.zh for look in row.looks))))


def _is_inferred(limit: TimeLimit) -> bool:
    return limit.kind in {LimitKind.PERIOD, LimitKind.RECURRING} or LimitFlag.YEAR_INFERRED in limit.flags


def _limit_read(row: LedgerRow) -> LimitRead:
    limit: TimeLimit = row.limit
    flags = tuple(sorted(limit.flags))
    return LimitRead(
        row.sheet, row.row, row.no, row.limit_text, limit.kind, limit.due_on, flags, limit.confirm, limit.reason
    )


def _heading(one: MatchedHeading) -> dict[str, Any]:
    return {
        "sheet": one.sheet,
        "letter": letter(one.place),
        "heading": one.heading,
        "column": one.column.value,
        "by": one.by.value,
    }


def _unread(one: UnreadHeading) -> dict[str, Any]:
    return {
        "sheet": one.sheet,
        "letter": letter(one.place),
        "heading": one.heading,
        "known": bool(one.kind),
        "kind": one.kind,
    }


def _limit(one: LimitRead) -> dict[str, Any]:
    return {
        "sheet": one.sheet,
        "row": one.row,
        "no": one.no,
        "text": one.text,
        "kind": one.kind.value,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "flags": [flag.value for flag in one.flags],
        "confirm": one.confirm,
        "reason": one.reason,
    }


def _column_zh(one: MatchedHeading) -> str:
    return one.column.value if one.by is MatchedBy.NAME else f"{one.column.value}（{one.by.zh}）"


def _unread_zh(one: UnreadHeading) -> str:
    return f"不读取（{one.kind}）" if one.kind else "不认识，未读取"


def _nos(nos: list[str]) -> str:
    shown = "、".join(nos[:10])
    return f"（{shown}等{len(nos)}条）" if len(nos) > 10 else f"（{shown}）"


def _cut(lines: Iterable[str]) -> Iterator[str]:
    """The lines, at most LINES_MOST of them; how many more there are is said."""
    left_out = 0
    for count, line in enumerate(lines):
        if count < LINES_MOST:
            yield line
        else:
            left_out += 1
    if left_out:
        yield left_out_zh(left_out, "项")
