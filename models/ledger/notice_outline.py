"""The structure of a published notice: its findings with their measures, and all that a person should look at.

Runs once a notice, from its paragraphs to frozen values. PURE. A title in one of the known forms decides; where
only the numbering does, that is told, and what stands under no finding is left out and told too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from models.errors import Problem
from models.ledger.notice_measures import Item, Measure, excerpt, last_mark, measures_of
from models.ledger.notice_text import Paragraph
from models.ledger.notice_titles import (
    QUOTATION_MARKS,
    Chapter,
    Says,
    Title,
    chapter_of,
    ends,
    is_date_line,
    is_sentence,
    may_name_finding,
    may_sign,
    promises,
    title_of,
    unquoted,
)
from models.ledger.notice_words import OF_MEASURES, Label, Mark, Style, labelled, marked, pieces_of

_BESIDE_A_NUMBER = 0.5
"""How much lower a title without a number stands than the numbered one above it."""
_OF_ASPECTS = ("关于", "针对", "在", "围绕", "聚焦", *QUOTATION_MARKS)
_SENTENCE_ENDS = "。；;！!？?"
_AFTER_TITLE = "。：:；; "


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


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph with all that its own words say."""

    line: int
    whole: str
    mark: Mark | None
    text: str
    title: Title | None
    label: Label | None
    chapter: Chapter | None

    @property
    def is_plain(self) -> bool:
        return self.title is None and self.label is None and self.chapter is None

    @property
    def opens_findings(self) -> bool:
        return self.title is not None or self.label is Label.PROBLEM or self.chapter is Chapter.FINDINGS


@dataclass(slots=True)
class _Heading:
    """A title while the paragraphs below it are gathered.

    `says` is None where only its place makes it one; `below_label` are the lines that say the problem, where the
    label of it stands alone.
    """

    line: int
    rank: float
    mark: Mark | None
    problem: str
    says: Says | None
    items: list[Item] = field(default_factory=list)
    numbers: set[tuple[Style, int]] = field(default_factory=set)
    headings_below: int = 0
    below_label: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> None:
        self.items.append(item)
        if item.mark:
            self.numbers.add((item.mark.style, item.mark.number))

    def is_above(self, mark: Mark) -> bool:
        """Whether a number of this style stands below a title that surely names a finding."""
        names_one = self.says in (Says.PROBLEM, Says.IN_PASSING) and not self.headings_below
        return names_one and mark.style > self.rank


def outline_of(paragraphs: Sequence[Paragraph]) -> Outline:
    """The findings of a notice and their measures, in order. Nothing is left out without being told."""
    lines = [_read(paragraph) for paragraph in paragraphs]
    end = _end(lines)
    gatherer = _Gatherer(lines[:end])
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


def _read(paragraph: Paragraph) -> _Line:
    mark, text = marked(paragraph.text)
    label, rest = labelled(text)
    title = None if label else title_of(text)
    # 二、整改情况 is a chapter, or, where labels are numbered so, a label: that shows only at its place.
    both = label is Label.PROGRESS and not rest and mark is not None and mark.style is Style.CHAPTER
    may_be_chapter = not title and (both or not label) and (mark is None or mark.style <= Style.ROUND)
    chapter = chapter_of(text) if may_be_chapter else None
    return _Line(paragraph.line, paragraph.text, mark, text, title, label, chapter)


def _end(lines: Sequence[_Line]) -> int:
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


def _may_end(line: _Line) -> bool:
    if line.chapter is Chapter.ENDING:
        return True
    return ends(line.text) and (line.mark is None or line.mark.style is Style.CHAPTER)


def _left_out(part: str, paragraphs: Sequence[Paragraph]) -> Iterator[Problem]:
    if paragraphs:
        first, last = paragraphs[0], paragraphs[-1]
        which = f"第{first.line}行" if first is last else f"第{first.line}至{last.line}行"
        yield Problem(f"{which}当作通报的{part}，未读取为措施", row=first.line, value=excerpt(first.text))


def _measures(heading: _Heading, before: Mark | None) -> tuple[tuple[Measure, ...], tuple[Problem, ...]]:
    """The measures under a title, and what is to be told. Under a title over other titles only numbers are measures.

    `before` is the last number in the finding before it.
    """
    title = excerpt(heading.problem)
    if not heading.problem:
        lost = (
            Problem("所属的问题没有写明，未读取", row=item.line, value=excerpt(item.said)) for item in heading.items
        )
        return (), (*((Problem("没有写问题的内容", row=heading.line),) if not heading.headings_below else ()), *lost)
    if not heading.headings_below:
        if not heading.items:
            none = Problem("这个问题下面没有整改措施", row=heading.line, value=title)
            return (), (none, *_told("当作问题的内容，不是措施", heading.below_label))
        measures, told = measures_of(heading.items, before)
        by_place = Problem("标题没有写明是问题，按编号和位置当作反馈问题", row=heading.line, value=title)
        return measures, told if heading.says else (by_place, *told)
    loose = [*heading.below_label, *(item for item in heading.items if not (item.mark or item.label))]
    told = tuple(_told("在下一级标题之前，当作引言，未读取；如是措施请补上", loose))
    measures, more = measures_of([item for item in heading.items if item.mark or item.label], before)
    return measures, told + more


def _told(text: str, items: Iterable[Item]) -> Iterator[Problem]:
    return (Problem(text, row=item.line, value=excerpt(item.said)) for item in items)


class _Gatherer:
    """Walks through the paragraphs once and gathers them under their titles."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self.lines = lines
        self.headings: list[_Heading] = []
        self.told: list[Problem] = []
        self.open: list[_Heading] = []
        self.label: Label | None = None
        self.body: _Line | None = None
        self.numbers: dict[tuple[int, Style], int] = {}
        self.last: dict[Style, int] = {}
        self.sentences = 0

    def headings_in_order(self) -> list[_Heading]:
        for place, line in enumerate(self.lines):
            self.take(line, self.lines[place + 1] if place + 1 < len(self.lines) else None)
            self.sentences += is_sentence(line.text)
        return self.headings

    def tell(self, text: str, line: _Line) -> None:
        self.told.append(Problem(text, row=line.line, value=excerpt(line.whole)))

    def take(self, line: _Line, after: _Line | None) -> None:
        if line.title and self.is_finding(line, line.title):
            self.open_title(line, line.title)
        elif self.is_chapter(line):
            self.open_chapter(line)
        elif line.label:
            self.take_labelled(line, line.label)
        elif self.is_next_number(line) or self.is_heading(line, after):
            self.open_by_place(line)
        else:
            self.take_plain(line)

    # --- What a paragraph is, at its place

    def is_finding(self, line: _Line, title: Title) -> bool:
        """Whether a title is one at its place: below a finding 针对“…”问题，… begins a measure."""
        if title.says is Says.ASPECT:
            return line.mark is not None or line.text.startswith(_OF_ASPECTS)
        if title.says is Says.PROBLEM:
            return True
        in_findings = self.body or self.open or line.text[2:3] in QUOTATION_MARKS
        if in_findings and line.mark and not any(heading.is_above(line.mark) for heading in self.open):
            return True
        if self.open:
            self.tell("以问题开头的一句，当作上一个问题的措施", line)
        return False

    def is_chapter(self, line: _Line) -> bool:
        if line.chapter is Chapter.ENDING and line.mark is None:
            return False  # with findings after it, a word on what is next in between
        if line.chapter and line.mark is None and not self.sentences:
            return False  # the notice's own title
        if line.chapter and not (line.label and self.label):
            return not (line.mark and any(heading.is_above(line.mark) for heading in self.open))
        return self.leaves_body(line)

    def leaves_body(self, line: _Line) -> bool:
        """Whether this is the next chapter after that of the findings."""
        of_body = self.body.mark if self.body else None
        same = line.mark and of_body and line.mark.style is of_body.style
        return bool(same and line.is_plain and not is_sentence(line.text))

    def is_next_number(self, line: _Line) -> bool:
        """Whether the number goes on from that of an open title, and from none of its measures."""
        mark = line.mark
        if mark is None or not line.is_plain:
            return False
        before = (mark.style, mark.number - 1)
        titles = [(heading.mark.style, heading.mark.number) for heading in self.open if heading.mark]
        return before in titles and before not in self.open[-1].numbers

    def is_heading(self, line: _Line, after: _Line | None) -> bool:
        """Whether a numbered line is a title by what follows it, or by a label on the same line."""
        if line.mark is None or not line.is_plain:
            return False
        under = any(heading.is_above(line.mark) for heading in self.open)
        if self.has_label_inside(line.text):
            return not under
        if after is None or is_sentence(line.text) or after.chapter:
            return False
        is_below = after.mark is None or after.mark.style > line.mark.style
        if after.title:
            return is_below and (after.mark is not None or not self.open)
        by_label = after.label in (*OF_MEASURES, Label.PROBLEM)
        may_be = self.body or self.open or by_label or may_name_finding(line.text)
        return is_below and not under and not ends(after.text) and bool(may_be)

    def has_label_inside(self, text: str) -> bool:
        return any(labelled(piece)[0] in OF_MEASURES for piece in list(pieces_of(text))[1:])

    # --- What is done with it

    def open_heading(self, line: _Line, problem: str, says: Says | None) -> _Heading:
        numbered = [heading for heading in self.open if heading.mark]
        rank = line.mark.style if line.mark else (numbered[-1].rank if numbered else 0) + _BESIDE_A_NUMBER
        while self.open and (self.open[-1].rank >= rank or (line.mark is None and self.open[-1].items)):
            self.open.pop()
        if line.mark and not line.label:
            self.check_number(line, line.mark)
        if self.open:
            self.open[-1].headings_below += 1
        heading = _Heading(line.line, rank, line.mark, problem.strip(_AFTER_TITLE), says)
        self.open.append(heading)
        self.headings.append(heading)
        self.label = None
        return heading

    def check_number(self, line: _Line, mark: Mark) -> None:
        """Titles are numbered anew under each title above them, or on through the whole notice."""
        above = self.open[-1].line if self.open else self.body.line if self.body else 0
        last, before = self.numbers.get((above, mark.style), 0), self.last.get(mark.style, 0)
        self.numbers[above, mark.style] = self.last[mark.style] = mark.number
        if mark.number == last:
            self.tell("与上一个问题的编号相同", line)
        elif mark.number not in (last + 1, before + 1):
            self.tell("问题的编号不连续，可能漏了问题", line)

    def put_under(self, heading: _Heading, line: _Line, rest: str) -> None:
        """What stands on the line of a title: with labels, or as it is."""
        for piece in pieces_of(rest):
            label, text = labelled(piece)
            heading.add(Item(line.line, None, text if label else piece, label, beside=True))

    def open_title(self, line: _Line, title: Title) -> None:
        if title.note:
            self.tell(f"标题后注有{title.note}，未读取", line)
        self.put_under(self.open_heading(line, title.problem, title.says), line, title.rest)

    def open_chapter(self, line: _Line) -> None:
        if line.chapter is not Chapter.FINDINGS and self.headings:
            self.tell("不是反馈问题的一章，未读取", line)
        self.open_body(line if line.chapter is Chapter.FINDINGS else None)

    def open_body(self, line: _Line | None) -> None:
        self.open, self.label, self.body = [], None, line

    def open_by_place(self, line: _Line) -> None:
        problem, *rest = pieces_of(line.text)
        if not rest and is_sentence(problem):
            end = next((place for place, sign in enumerate(problem) if sign in _SENTENCE_ENDS), len(problem))
            problem, rest = problem[:end], [problem[end + 1 :]]
        self.put_under(self.open_heading(line, unquoted(problem.strip(_AFTER_TITLE)), None), line, "\n".join(rest))

    def take_labelled(self, line: _Line, label: Label) -> None:
        text = labelled(line.text)[1]
        if label is Label.PROBLEM:
            problem, *rest = [*pieces_of(text)] or [""]
            title = title_of(problem.strip(_AFTER_TITLE))
            heading = self.open_heading(line, title.problem if title else problem, Says.PROBLEM)
            self.put_under(heading, line, "\n".join(rest))
            self.label = None if problem else label
        elif self.open:
            self.label = label
            self.put_labelled(line, text, label)
        elif not text and self.sentences:
            self.open_body(line)
        else:
            self.take_plain(line)

    def put_labelled(self, line: _Line, text: str, label: Label) -> None:
        """What stands on the line of a label, up to the next label on it."""
        first, *rest = [*pieces_of(text)] or [""]
        if first:
            self.open[-1].add(Item(line.line, None, first, label))
        self.put_under(self.open[-1], line, "\n".join(rest))

    def take_plain(self, line: _Line) -> None:
        if not self.open:
            if self.body or self.headings:
                self.tell("不在任何问题之下，未读取", line)
            return
        heading = self.open[-1]
        if self.label is Label.PROBLEM:
            heading.problem = "".join((heading.problem, line.whole)).strip(_AFTER_TITLE)
            heading.below_label.append(Item(line.line, line.mark, line.text))
        elif line.mark is None and ends(line.text):
            self.tell("是下一步打算、联系方式一类，未当作措施", line)
        else:
            heading.add(Item(line.line, line.mark, line.text, self.label))
