"""The sheet of a ledger: its columns, its rows in order, problems merged over their measures. PURE.

The columns of the importer stand under their canonical headings, so that the file can be imported again; behind them
stands how each measure is doing, under headings that the importer knows and does not read.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from models.ladder import COLOUR_ZH
from models.ledger.columns import Column
from models.ledger.writing.grid import Grid, Heading, Merge
from models.ledger.writing.values import LedgerMeasure, WrittenLedger
from models.lifecycle import CLOSURE_ZH, STAGE_ZH, STATE_ZH

SHEET = "整改台账"
HELD = "\n（已挂起）"
_SIGN, _COLOUR = "序号", "亮灯"
_BEFORE = (Heading(Column.NO, 6), Heading(Column.PROBLEM, 22, short=False))
_WHOLE = (Heading(Column.TEXT, 34, short=False),)
_PARTED = (Heading(Column.TEXT, 22, short=False), Heading(Column.SUB, 26, short=False))
_BEHIND = (
    Heading(Column.LEAD, 9), Heading(Column.UNIT, 11), Heading(Column.COOPERATING, 12),
    Heading(Column.LIMIT, 14), Heading(Column.CLOSURE, 9), Heading(Column.MAJOR, 5),
    Heading("状态", 9), Heading("办理环节", 12), Heading("现行时限", 13), Heading(_COLOUR, 5),
    Heading("进展情况", 20, short=False),
)  # fmt: skip
_PROBLEM, _TEXT, _SUB = 1, 2, 3


def ledger_grid(ledger: WrittenLedger) -> Grid:
    """The sheet of the measures that were not withdrawn."""
    parted = any(one.part_of for one in ledger.measures)
    headings = (*_BEFORE, *(_PARTED if parted else _WHOLE), *_BEHIND)
    texts = list(_texts(ledger.measures)) if parted else [(one.text,) for one in ledger.measures]
    rows = tuple(
        (one.no, one.problem, *said, *_behind(one, ledger.on_day))
        for one, said in zip(ledger.measures, texts, strict=True)
    )
    names = [heading.text for heading in headings]
    return Grid(
        name=SHEET,
        title=ledger.title,
        note=_note(ledger),
        headings=headings,
        rows=rows,
        merges=tuple(_merges(rows, parted)),
        colours=tuple(one.colour for one in ledger.measures),
        painted=frozenset({names.index(_SIGN), names.index(_COLOUR)}),
    )


def _note(ledger: WrittenLedger) -> str:
    counted = f"反馈问题{ledger.problems}个，整改措施{len(ledger.measures)}条"
    withdrawn = f"（另有作废{len(ledger.withdrawn)}条，见附表）" if ledger.withdrawn else ""
    return (f"轮次：{ledger.round_code}　反馈日期：{ledger.feedback_on}　截至：{ledger.on_day}　{counted}{withdrawn}"
            "　亮灯按升级阶梯，尚未到提醒日期的不亮灯")  # fmt: skip


def _texts(measures: Sequence[LedgerMeasure]) -> Iterator[tuple[str, str]]:
    """Measure and sub-measure of each row.

    One that stands by itself says itself twice where it would else be taken for a part of the row above, which the
    importer does with a blank below the same words.
    """
    above = ("", "")
    for one in measures:
        text = one.part_of or one.text
        stands_apart = not one.part_of and above != (one.problem, text)
        yield text, "" if stands_apart else one.text
        above = one.problem, text


def _behind(one: LedgerMeasure, on_day: date) -> tuple[str, ...]:
    percent = f"{one.percent}%" if one.percent is not None else ""
    return (
        one.lead, one.unit, one.cooperating, one.limit, CLOSURE_ZH[one.closure], "是" if one.major else "否",
        f"{STATE_ZH[one.state]}{HELD if one.held else ''}", _stage_zh(one), due_zh(one, on_day),
        COLOUR_ZH[one.colour] if one.colour else "", "　".join(filter(None, (percent, one.progress))),
    )  # fmt: skip


def _stage_zh(one: LedgerMeasure) -> str:
    return f"{STAGE_ZH[one.stage]}\n{one.holder}" if one.stage else ""


def due_zh(one: LedgerMeasure, on_day: date) -> str:
    """The date, that it is a forecast where it is one, and how far off it is."""
    if one.due_on is None:
        return ""
    left = "" if one.days is None else f"\n{_days_zh(one.days, one.due_on, on_day)}"
    return f"{one.due_on}{'（推算）' if one.provisional else ''}{left}"


def _days_zh(days: int, due_on: date, on_day: date) -> str:
    if days == 0:
        return "超期不足1个工作日" if due_on < on_day else "最后1个工作日"
    return f"余{days}个工作日" if days > 0 else f"超期{-days}个工作日"


def _merges(rows: Sequence[tuple[str, ...]], parted: bool) -> Iterator[Merge]:
    """A problem over its measures, a measure over its parts; a measure without parts over both columns."""
    yield from _runs(rows, _PROBLEM, [_same_problem(*pair) for pair in pairwise(rows)])
    if parted:
        yield from _runs(rows, _TEXT, [_same_measure(*pair) for pair in pairwise(rows)])
        yield from (Merge(n, _TEXT, n, _SUB) for n, row in enumerate(rows) if not row[_SUB])


def _same_problem(one: tuple[str, ...], next_one: tuple[str, ...]) -> bool:
    return one[_PROBLEM] == next_one[_PROBLEM]


def _same_measure(one: tuple[str, ...], next_one: tuple[str, ...]) -> bool:
    both_parts = bool(one[_SUB]) and bool(next_one[_SUB])
    return both_parts and _same_problem(one, next_one) and one[_TEXT] == next_one[_TEXT]


def _runs(rows: Sequence[tuple[str, ...]], place: int, goes_on: Sequence[bool]) -> Iterator[Merge]:
    top = 0
    for row, more in enumerate((*goes_on, False)):
        if not more:
            if row > top and rows:
                yield Merge(top, place, row, place)
            top = row + 1
