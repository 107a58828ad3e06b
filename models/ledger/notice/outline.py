"""The structure of a published notice: its findings with their measures, and all that a person should look at.

Runs once a notice, from its paragraphs to frozen values. PURE. Nothing is left out without being told: what is no
measure is named with its line, and so is every measure that rests on a guess.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.errors import Problem
from models.ledger.notice.headings import Gatherer, Heading, Line, read_line
from models.ledger.notice.measures import Item, Measure, excerpt, last_mark, measures_of
from models.ledger.notice.paragraphs import Paragraph
from models.ledger.notice.titles import Chapter, ends, is_date_line, may_sign, promises
from models.ledger.notice.words import Mark, Style


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as the notice words it, at the line of its title, with its measures."""

    line: int
    problem: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The findings that have measures; what is to be told; the paragraphs before and after all findings."""

    findings: tuple[Finding, ...]
    told: tuple[Problem, ...]
    opening: tuple[Paragraph, ...]
    closing: tuple[Paragraph, ...]


def outline_of(paragraphs: Sequence[Paragraph]) -> Outline:
    """The findings of a notice and their measures, in order. Nothing is left out without being told."""
    lines = [read_line(paragraph) for paragraph in paragraphs]
    end = _end(lines)
    gatherer = Gatherer(lines[:end])
    headings = gatherer.headings_in_order()
    told = list(gatherer.told)
    findings = []
    before: Mark | None = None
    for heading in headings:
        measures, doubts = _measures(heading, before)
        before = last_mark(heading.items)
        told.extend(doubts)
        if measures:
            findings.append(Finding(heading.line, heading.problem, measures))
    first = headings[0].line if headings else None
    opening = tuple(paragraph for paragraph in paragraphs[:end] if first is None or paragraph.line < first)
    closing = tuple(paragraphs[end:])
    told.extend((*_left_out("开头", opening), *_left_out("结尾", closing)))
    told.sort(key=lambda problem: problem.row or 0)
    return Outline(tuple(findings), tuple(told), opening, closing)


def _end(lines: Sequence[Line]) -> int:
    """Where the closing part begins: what is next, contact, signature and date, with no finding after it."""
    last = max((place for place, line in enumerate(lines) if line.opens_findings or line.label), default=-1)
    end = next((place for place in range(last + 1, len(lines)) if _may_end(lines[place])), len(lines))
    signed = end < len(lines) and is_date_line(lines[end].text)
    if signed and end - 1 > last and may_sign(lines[end - 1].whole):
        end -= 1
    # After its measures the last finding may be followed by a promise that has no title of its own.
    while end < len(lines) and end - 2 > last and lines[end - 1].mark is None and promises(lines[end - 1].whole):
        end -= 1
    return end


def _may_end(line: Line) -> bool:
    if line.chapter is Chapter.ENDING:
        return True
    return ends(line.text) and (line.mark is None or line.mark.style is Style.CHAPTER)


def _left_out(part: str, paragraphs: Sequence[Paragraph]) -> Iterator[Problem]:
    if paragraphs:
        first, last = paragraphs[0], paragraphs[-1]
        which = f"第{first.line}行" if first is last else f"第{first.line}至{last.line}行"
        yield Problem(f"{which}当作通报的{part}，未读取为措施", row=first.line, value=excerpt(first.text))


Found = tuple[tuple[Measure, ...], tuple[Problem, ...]]


def _measures(heading: Heading, before: Mark | None) -> Found:
    """The measures under a title, and what is to be told. `before` is the last number in the finding before it."""
    if not heading.problem:
        unsaid = () if heading.headings_below else (Problem("没有写问题的内容", row=heading.line),)
        return (), (*unsaid, *_told("所属的问题没有写明，未读取", heading.items))
    if heading.headings_below:
        return _measures_beside_titles(heading, before)
    title = excerpt(heading.problem)
    if not heading.items:
        none = Problem("这个问题下面没有整改措施", row=heading.line, value=title)
        return (), (none, *_told("当作问题的内容，不是措施", heading.told_in))
    measures, told = measures_of(heading.items, before)
    by_place = Problem("标题没有写明是问题，按编号和位置当作反馈问题", row=heading.line, value=title)
    return measures, told if heading.says else (by_place, *told)


def _measures_beside_titles(heading: Heading, before: Mark | None) -> Found:
    """Under a title over other titles only what has a number or a label is a measure."""
    loose = [*heading.told_in, *(item for item in heading.items if not (item.mark or item.label))]
    told = tuple(_told("在下一级标题之前，当作引言，未读取；如是措施请补上", loose))
    measures, more = measures_of([item for item in heading.items if item.mark or item.label], before)
    return measures, told + more


def _told(text: str, items: Iterable[Item]) -> Iterator[Problem]:
    return (Problem(text, row=item.line, value=excerpt(item.said)) for item in items)
