"""Drafts of a ledger from a published notice (整改情况通报): its measures, with nobody responsible and no dates.

Runs at `duban import FILE --as notice`, in place of models/ledger/table/reader.py, and stores nothing. `notice_of` is
pure; `read_notice` opens the file. What a notice leaves open is asked of a person in warnings; where its structure
cannot be told at all there are problems and no rows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.errors import Problem
from models.ledger.excerpts import short
from models.ledger.notice.facts import StatedFacts, facts_of
from models.ledger.notice.lines import rejoined
from models.ledger.notice.measures import Measure
from models.ledger.notice.opening import text_of
from models.ledger.notice.outline import NoticeProblem, outline_of
from models.ledger.notice.paragraphs import paragraphs_of
from models.ledger.rows import LedgerReading, LedgerRow
from models.lifecycle import CLOSURE_ZH, ClosureClass
from models.timelimit import TimeLimit, WorkingDays, parse_time_limit

LIMIT_OPEN = "待定"
"""What stands for the time limit that a notice does not give; it reads as a limit without a date."""

_SUSTAINED = re.compile("长期(?:坚持|改进|整改|推进)|持续整改")
_MECHANISM = re.compile("长效机制")
_UNTOLD = (
    "看不出哪些是反馈问题、哪些是整改措施，没有读出草稿；"
    "请把每个问题的标题写成“关于……问题的整改情况”，各占一行，其下用（一）（二）逐条写措施"
)


@dataclass(frozen=True, slots=True)
class PublishedNotice:
    """A notice as it was understood: its problems with their measures, what it states itself, and what is doubtful."""

    name: str
    problems: tuple[NoticeProblem, ...]
    facts: StatedFacts
    told: tuple[Problem, ...]

    @property
    def measures(self) -> tuple[tuple[NoticeProblem, Measure], ...]:
        return tuple((problem, measure) for problem in self.problems for measure in problem.measures)


def read_notice(path: Path, anchor: date, calendar: WorkingDays) -> LedgerReading:
    """Reads a notice into drafts. `anchor` is the feedback day of the round that they are to belong to.

    Raises LedgerRefused where the file cannot be read as text.
    """
    return reading_of(notice_of(text_of(path), path.stem), anchor, calendar)


def notice_of(text: str, name: str) -> PublishedNotice:
    """Understands the text of a notice; lines are counted as an editor counts them."""
    paragraphs, told = rejoined(paragraphs_of(text))
    outline = outline_of(paragraphs)
    return PublishedNotice(name, outline.problems, facts_of(outline.opening), (*told, *outline.told))


def reading_of(notice: PublishedNotice, anchor: date, calendar: WorkingDays) -> LedgerReading:
    """The drafts, numbered through from 1; with none of them a problem instead."""
    if not notice.problems:
        return LedgerReading((), (Problem(_UNTOLD, where=notice.name),), notice.told)
    rows = _drafts(notice, parse_time_limit(LIMIT_OPEN, anchor, calendar))
    warnings = (*_of_feedback(notice.facts, anchor), *_of_numbers(notice), *notice.told, *_of_closures(rows))
    return LedgerReading(rows, (), warnings)


def _drafts(notice: PublishedNotice, limit: TimeLimit) -> tuple[LedgerRow, ...]:
    return tuple(
        LedgerRow(
            row=measure.line,
            sheet=notice.name,
            no=str(number),
            problem=problem.text,
            text=measure.text,
            lead="",
            unit="",
            cooperating=(),
            limit_text=LIMIT_OPEN,
            limit=limit,
            closure=_closure(measure.text),
            major=False,
            part_of=measure.part_of,
            made_no=True,
        )
        for number, (problem, measure) in enumerate(notice.measures, 1)
    )


def _closure(text: str) -> ClosureClass:
    """The class that the measure's own words propose."""
    if _SUSTAINED.search(text):
        return ClosureClass.SUSTAINED
    return ClosureClass.MECHANISM if _MECHANISM.search(text) else ClosureClass.SETTLED


def _of_closures(rows: tuple[LedgerRow, ...]) -> Iterator[Problem]:
    for row in rows:
        if row.closure is not ClosureClass.SETTLED:
            text = f"措施{row.no}的销号类别按其文字暂定为“{CLOSURE_ZH[row.closure]}”，请核对"
            yield Problem(text, row=row.row, value=short(row.text))


def _of_feedback(facts: StatedFacts, anchor: date) -> Iterator[Problem]:
    told = facts.feedback
    if told is None or told.day == anchor:
        return
    if told.day is None:
        yield Problem("通报写的反馈日不是有效日期", row=told.line, value=told.said)
        return
    carried = "（年份按上文）" if told.year_carried else ""
    differs = f"通报写的反馈日是{told.day}{carried}，与本轮次的反馈日{anchor}不同，请核对"
    text = f"{differs}；如应以通报为准，请用 --feedback-on 改为该日期"
    yield Problem(text, row=told.line, value=told.said)


def _of_numbers(notice: PublishedNotice) -> Iterator[Problem]:
    """Stated numbers that are none of those found. Some notices count their measures as problems."""
    rows, problems = len(notice.measures), len(notice.problems)
    whole = len({(problem.line, measure.part_of or measure.line) for problem, measure in notice.measures})
    facts = notice.facts
    if facts.measures is not None and facts.measures not in (rows, whole):
        yield Problem(f"通报写有{facts.measures}条措施，读出{rows}条，请对照原文核对", where=notice.name)
    if facts.problems is not None and facts.problems not in (problems, rows, whole):
        text = f"通报写有{facts.problems}个问题，读出{problems}个问题、{rows}条措施，请对照原文核对"
        yield Problem(text, where=notice.name)
