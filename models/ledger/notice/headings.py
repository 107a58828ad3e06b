"""The titles of a published notice, each with the paragraphs that stand below it.

One walk through the paragraphs of a notice, for models/ledger/notice/outline.py. PURE. A title in one of the known
forms decides; where only the numbering or what follows does, the title says so, and what stands under no title is
told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.errors import Problem
from models.ledger.notice.measures import Item, excerpt
from models.ledger.notice.paragraphs import Paragraph
from models.ledger.notice.titles import (
    QUOTATION_MARKS,
    Chapter,
    Says,
    Title,
    chapter_of,
    ends,
    is_sentence,
    may_name_finding,
    title_of,
    unquoted,
)
from models.ledger.notice.words import OF_MEASURES, Label, Mark, Style, labelled, marked, pieces_of

_BESIDE_A_NUMBER = 0.5
"""How much lower a title without a number stands than the numbered one above it."""
_OF_ASPECTS = ("关于", "针对", "在", "围绕", "聚焦", *QUOTATION_MARKS)
_SENTENCE_ENDS = "。；;！!？?"
_AFTER_TITLE = "。：:；; "


@dataclass(frozen=True, slots=True)
class Line:
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
class Heading:
    """A title while the paragraphs below it are gathered.

    `says` is None where only its place makes it one; `told_in` are the lines that say the problem, where these are
    no title but sentences.
    """

    line: int
    rank: float
    mark: Mark | None
    title: str
    says: Says | None
    items: list[Item] = field(default_factory=list)
    numbers: set[tuple[Style, int]] = field(default_factory=set)
    labels: set[Label] = field(default_factory=set)
    headings_below: int = 0
    told_in: list[Item] = field(default_factory=list)

    @property
    def problem(self) -> str:
        """The finding: the title, or else the lines that say it."""
        if len(self.told_in) == 1:
            return self.title + self.told_in[0].text.strip(_AFTER_TITLE)
        return self.title + "".join(item.said for item in self.told_in).strip(_AFTER_TITLE)

    def add(self, item: Item) -> None:
        self.items.append(item)
        if item.mark:
            self.numbers.add((item.mark.style, item.mark.number))
        if item.label:
            self.labels.add(item.label)

    def is_above(self, mark: Mark) -> bool:
        """Whether a number of this style stands below a title that surely names a finding."""
        names_one = self.says in (Says.PROBLEM, Says.IN_PASSING) and not self.headings_below
        return names_one and mark.style > self.rank


def read_line(paragraph: Paragraph) -> Line:
    mark, text = marked(paragraph.text)
    label, rest = labelled(text)
    title = None if label else title_of(text)
    # 二、整改情况 is a chapter, or, where labels are numbered so, a label: that shows only at its place.
    both = label is Label.PROGRESS and not rest and mark is not None and mark.style is Style.CHAPTER
    may_be_chapter = not title and (both or not label) and (mark is None or mark.style <= Style.ROUND)
    chapter = chapter_of(text) if may_be_chapter else None
    return Line(paragraph.line, paragraph.text, mark, text, title, label, chapter)


class Gatherer:
    """Walks through the paragraphs once and gathers them under their titles."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.headings: list[Heading] = []
        self.told: list[Problem] = []
        self.open: list[Heading] = []
        self.label: Label | None = None
        self.body: Line | None = None
        self.numbers: dict[tuple[int, Style], int] = {}
        self.last: dict[Style, int] = {}
        self.sentences = 0

    def headings_in_order(self) -> list[Heading]:
        for place, line in enumerate(self.lines):
            self.take(line, self.lines[place + 1] if place + 1 < len(self.lines) else None)
            self.sentences += is_sentence(line.text)
        return self.headings

    def tell(self, text: str, line: Line) -> None:
        self.told.append(Problem(text, row=line.line, value=excerpt(line.whole)))

    def take(self, line: Line, after: Line | None) -> None:
        if line.title and self.is_finding(line, line.title):
            self.open_title(line, line.title)
        elif self.is_chapter(line):
            self.open_chapter(line)
        elif line.label:
            self.take_labelled(line, line.label)
        elif self.is_stated_at_length(line, after):
            self.open_heading(line, "", None).told_in.append(Item(line.line, line.mark, line.text))
        elif self.is_next_number(line) or self.is_heading(line, after):
            self.open_by_place(line)
        else:
            self.take_plain(line)

    # --- What a paragraph is, at its place

    def is_finding(self, line: Line, title: Title) -> bool:
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

    def is_chapter(self, line: Line) -> bool:
        if line.chapter is Chapter.ENDING and line.mark is None:
            return False  # with findings after it, a word on what is next in between
        if line.chapter and line.mark is None and not self.sentences:
            return False  # the notice's own title
        if line.chapter and not (line.label and self.label):
            return not (line.mark and any(heading.is_above(line.mark) for heading in self.open))
        return self.leaves_body(line)

    def leaves_body(self, line: Line) -> bool:
        """Whether this is the next chapter after that of the findings."""
        of_body = self.body.mark if self.body else None
        same = line.mark and of_body and line.mark.style is of_body.style
        return bool(same and line.is_plain and not is_sentence(line.text))

    def is_next_number(self, line: Line) -> bool:
        """Whether the number goes on from that of an open title, and from none of its measures."""
        mark = line.mark
        if mark is None or not line.is_plain:
            return False
        before = (mark.style, mark.number - 1)
        titles = [(heading.mark.style, heading.mark.number) for heading in self.open if heading.mark]
        return before in titles and before not in self.open[-1].numbers

    def is_heading(self, line: Line, after: Line | None) -> bool:
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

    def is_stated_at_length(self, line: Line, after: Line | None) -> bool:
        """Whether a line is a problem told in sentences, since 整改措施： or 整改情况： follows it."""
        if after is None or after.label not in (Label.MEASURE, Label.PROGRESS) or not line.is_plain:
            return False
        above = self.open[-1] if self.open else None
        if above and (above.labels or self.label):
            return self.label is not Label.PROBLEM and after.label in above.labels
        if line.mark:
            return above is None or (line.mark.style, line.mark.number - 1) not in above.numbers
        return above.says in (Says.ASPECT, None) if above else self.body is not None

    def has_label_inside(self, text: str) -> bool:
        return any(labelled(piece)[0] in OF_MEASURES for piece in list(pieces_of(text))[1:])

    # --- What is done with it

    def open_heading(self, line: Line, title: str, says: Says | None) -> Heading:
        numbered = [heading for heading in self.open if heading.mark]
        rank = line.mark.style if line.mark else (numbered[-1].rank if numbered else 0) + _BESIDE_A_NUMBER
        while self.open and (self.open[-1].rank >= rank or (line.mark is None and self.open[-1].items)):
            self.open.pop()
        if line.mark and not line.label:
            self.check_number(line, line.mark)
        if self.open:
            self.open[-1].headings_below += 1
        heading = Heading(line.line, rank, line.mark, title.strip(_AFTER_TITLE), says)
        self.open.append(heading)
        self.headings.append(heading)
        self.label = None
        return heading

    def check_number(self, line: Line, mark: Mark) -> None:
        """Titles are numbered anew under each title above them, or on through the whole notice."""
        above = self.open[-1].line if self.open else self.body.line if self.body else 0
        last, before = self.numbers.get((above, mark.style), 0), self.last.get(mark.style, 0)
        self.numbers[above, mark.style] = self.last[mark.style] = mark.number
        if mark.number == last:
            self.tell("与上一个问题的编号相同", line)
        elif mark.number not in (last + 1, before + 1):
            self.tell("问题的编号不连续，可能漏了问题", line)

    def put_under(self, heading: Heading, line: Line, rest: str) -> None:
        """What stands on the line of a title: with labels, or as it is."""
        for piece in pieces_of(rest):
            label, text = labelled(piece)
            heading.add(Item(line.line, None, text if label else piece, label, beside=True))

    def open_title(self, line: Line, title: Title) -> None:
        if title.note:
            self.tell(f"标题后注有{title.note}，未读取", line)
        self.put_under(self.open_heading(line, title.problem, title.says), line, title.rest)

    def open_chapter(self, line: Line) -> None:
        if line.chapter is not Chapter.FINDINGS and self.headings:
            self.tell("不是反馈问题的一章，未读取", line)
        self.open_body(line if line.chapter is Chapter.FINDINGS else None)

    def open_body(self, line: Line | None) -> None:
        self.open, self.label, self.body = [], None, line

    def open_by_place(self, line: Line) -> None:
        problem, *rest = pieces_of(line.text)
        if not rest and is_sentence(problem):
            end = next((place for place, sign in enumerate(problem) if sign in _SENTENCE_ENDS), len(problem))
            problem, rest = problem[:end], [problem[end + 1 :]]
        self.put_under(self.open_heading(line, unquoted(problem.strip(_AFTER_TITLE)), None), line, "\n".join(rest))

    def take_labelled(self, line: Line, label: Label) -> None:
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

    def put_labelled(self, line: Line, text: str, label: Label) -> None:
        """What stands on the line of a label, up to the next label on it."""
        first, *rest = [*pieces_of(text)] or [""]
        if first:
            self.open[-1].add(Item(line.line, None, first, label))
        self.put_under(self.open[-1], line, "\n".join(rest))

    def take_plain(self, line: Line) -> None:
        if not self.open:
            if self.body or self.headings:
                self.tell("不在任何问题之下，未读取", line)
            return
        heading = self.open[-1]
        if self.label is Label.PROBLEM:
            heading.told_in.append(Item(line.line, line.mark, line.text))
        elif line.mark is None and ends(line.text):
            self.tell("是下一步打算、联系方式一类，未当作措施", line)
        else:
            heading.add(Item(line.line, line.mark, line.text, self.label))
