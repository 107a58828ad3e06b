"""The structure of a published notice: its problems with their measures, and all that a person should look at.

Runs once a notice, from its paragraphs to frozen values. PURE. Nothing is left out without being told: what is no
measure is named with its line, and so is every measure that rests on a guess.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.errors import Problem
from models.ledger.excerpts import short
from models.ledger.notice.gathering import GatheredTitle, Gatherer
from models.ledger.notice.measures import Item, Measure, last_mark, measures_of
from models.ledger.notice.paragraphs import Paragraph
from models.ledger.notice.passages import Passage, passage_of
from models.ledger.notice.series import counted, points_of
from models.ledger.notice.titles import (
    Chapter,
    ends,
    is_date_line,
    is_sentence,
    may_name_problem,
    may_sign,
    promises,
    says_how_far,
)
from models.ledger.notice.words import Label, Mark, Style


@dataclass(frozen=True, slots=True)
class NoticeProblem:
    """A problem as the notice words it, at the line of its title, with its measures."""

    line: int
    text: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The problems that have measures; what is to be told; the paragraphs before and after all problems."""

    problems: tuple[NoticeProblem, ...]
    told: tuple[Problem, ...]
    opening: tuple[Paragraph, ...]
    closing: tuple[Paragraph, ...]


def outline_of(paragraphs: Sequence[Paragraph]) -> Outline:
    """The problems of a notice and their measures, in order. Nothing is left out without being told."""
    passages = [passage_of(paragraph) for paragraph in paragraphs]
    end = _end(passages)
    gatherer = Gatherer(passages[:end])
    titles = gatherer.titles_in_order()
    told = list(gatherer.told)
    problems = []
    before: Mark | None = None
    for title in titles:
        measures, doubts = _measures(title, before)
        before = last_mark(title.items)
        told.extend(doubts)
        if measures:
            problems.append(NoticeProblem(title.line, title.problem, measures))
    first = titles[0].line if titles else None
    opening = tuple(paragraph for paragraph in paragraphs[:end] if first is None or paragraph.line < first)
    closing = tuple(paragraphs[end:])
    told += [*_left_out("开头", opening), *_left_out("结尾", closing)]
    return Outline(tuple(problems), tuple(sorted(told, key=lambda one: one.row or 0)), opening, closing)


def _end(passages: Sequence[Passage]) -> int:
    """Where the closing part begins: what is next, contact, signature and date, with no problem after it."""
    last = max((place for place, passage in enumerate(passages) if passage.opens_problems or passage.label), default=-1)
    of_problems = _next_steps_of_problems(passages)
    ending = (place for place in range(last + 1, len(passages)) if _may_end(passages[place]))
    end = next((place for place in ending if place not in of_problems), len(passages))
    signed = end < len(passages) and is_date_line(passages[end].text)
    if signed and end - 1 > last and may_sign(passages[end - 1].whole):
        end -= 1
    # After its measures the last problem may be followed by a promise that has no title of its own.
    while (
        end < len(passages) and end - 2 > last and passages[end - 1].mark is None and promises(passages[end - 1].whole)
    ):
        end -= 1
    return end


def _may_end(passage: Passage) -> bool:
    if passage.chapter is Chapter.ENDING:
        return True
    return ends(passage.text) and (passage.mark is None or passage.mark.style is Style.CHAPTER)


def _next_steps_of_problems(passages: Sequence[Passage]) -> set[int]:
    """Where a word on what is next stands directly below the title of a problem, as it does of an open one."""
    places, in_open = set(), False
    for place, (above, passage) in enumerate(itertools.pairwise(passages), 1):
        if above.mark and above.mark.style is Style.CHAPTER:
            in_open = says_how_far(above.text)
        titled = above.title is not None or above.label is Label.PROBLEM
        by_place = above.mark is not None and above.is_plain and (in_open or may_name_problem(above.text))
        if (titled or by_place) and not is_sentence(above.text) and passage.says_next_step:
            places.add(place)
    return places


def _left_out(part: str, paragraphs: Sequence[Paragraph]) -> Iterator[Problem]:
    if paragraphs:
        first, last = paragraphs[0], paragraphs[-1]
        which = f"第{first.line}行" if first is last else f"第{first.line}至{last.line}行"
        yield Problem(f"{which}当作通报的{part}，未读取为措施", row=first.line, value=short(first.text))


Found = tuple[tuple[Measure, ...], tuple[Problem, ...]]


def _measures(title: GatheredTitle, before: Mark | None) -> Found:
    """The measures under a title, and what is to be told. `before` is the last number in the problem before it."""
    if not title.problem:
        unsaid = () if title.titles_below else (Problem("没有写问题的内容", row=title.line),)
        return (), (*unsaid, *_told("所属的问题没有写明，未读取", title.items))
    if title.titles_below:
        return _measures_beside_titles(title, before)
    problem = short(title.problem)
    if not title.items:
        none = Problem("这个问题下面没有整改措施", row=title.line, value=problem)
        return (), (none, *_told("当作问题的内容，不是措施", title.told_in))
    measures, told = measures_of(title.items, before)
    return measures, (*_doubts_of(title, problem), *told)


def _doubts_of(title: GatheredTitle, problem: str) -> Iterator[Problem]:
    if title.says is None:
        yield Problem("标题没有写明是问题，按编号和位置当作反馈问题", row=title.line, value=problem)
    if points := points_of(None, title.problem):
        text = f"问题中写有{counted(points)}，合作一个问题，下面的措施都属于它；如是几个问题请各写一个标题"
        yield Problem(text, row=title.line, value=problem)


def _measures_beside_titles(title: GatheredTitle, before: Mark | None) -> Found:
    """Under a title over other titles only what has a number or a label is a measure."""
    counted_or_labelled = [item for item in title.items if (item.mark or item.label) and item.label is not Label.NEXT]
    loose = [*title.told_in, *(item for item in title.items if item not in counted_or_labelled)]
    told = tuple(_told("在下一级标题之前，当作引言，未读取；如是措施请补上", loose))
    measures, more = measures_of(counted_or_labelled, before)
    return measures, told + more


def _told(text: str, items: Iterable[Item]) -> Iterator[Problem]:
    return (Problem(text, row=item.line, value=short(item.said)) for item in items)
