"""The titles of a published notice, each with the paragraphs that stand below it.

One walk through the paragraphs of a notice, for models/ledger/notice/outline.py. PURE. A title in one of the known
forms decides; where only the numbering or what follows does, the title says so, and what stands under no title is
told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.errors import Problem
from models.ledger.excerpts import short
from models.ledger.notice.measures import Item
from models.ledger.notice.paragraphs import Paragraph
from models.ledger.notice.titles import (
    QUOTATION_MARKS,
    Chapter,
    Says,
    Title,
    chapter_of,
    ends,
    is_sentence,
    may_name_problem,
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
class Passage:
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
    def opens_problems(self) -> bool:
        return self.title is not None or self.label is Label.PROBLEM or self.chapter is Chapter.PROBLEMS


@dataclass(slots=True)
class GatheredTitle:
    """A title while the paragraphs below it are gathered.

    `says` is None where only its place makes it one; `told_in` are the lines that say the problem, where these are
    no title but sentences.
    """

    line: int
    rank: float
    mark: Mark | None
    text: str
    says: Says | None
    items: list[Item] = field(default_factory=list)
    numbers: set[tuple[Style, int]] = field(default_factory=set)
    labels: set[Label] = field(default_factory=set)
    titles_below: int = 0
    told_in: list[Item] = field(default_factory=list)

    @property
    def problem(self) -> str:
        """The problem: the title, or else the lines that say it."""
        if len(self.told_in) == 1:
            return self.text + self.told_in[0].text.strip(_AFTER_TITLE)
        return self.text + "".join(item.said for item in self.told_in).strip(_AFTER_TITLE)

    def add(self, item: Item) -> None:
        self.items.append(item)
        if item.mark:
            self.numbers.add((item.mark.style, item.mark.number))
        if item.label:
            self.labels.add(item.label)

    def is_above(self, mark: Mark) -> bool:
        """Whether a number of this style stands below a title that surely names a problem."""
        names_one = self.says in (Says.PROBLEM, Says.IN_PASSING) and not self.titles_below
        return names_one and mark.style > self.rank


def passage_of(paragraph: Paragraph) -> Passage:
    mark, text = marked(paragraph.text)
    label, rest = labelled(text)
    title = None if label else title_of(text)
    # 二、整改情况 is a chapter, or, where labels are numbered so, a label: that shows only at its place.
    both = label is Label.PROGRESS and not rest and mark is not None and mark.style is Style.CHAPTER
    may_be_chapter = not title and (both or not label) and (mark is None or mark.style <= Style.ROUND)
    chapter = chapter_of(text) if may_be_chapter else None
    return Passage(paragraph.line, paragraph.text, mark, text, title, label, chapter)


class Gatherer:
    """Walks through the paragraphs once and gathers them under their titles."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.titles: list[GatheredTitle] = []
        self.told: list[Problem] = []
        self.open: list[GatheredTitle] = []
        self.label: Label | None = None
        self.body: Passage | None = None
        self.numbers: dict[tuple[int, Style], int] = {}
        self.last: dict[Style, int] = {}
        self.sentences = 0

    def titles_in_order(self) -> list[GatheredTitle]:
        for place, passage in enumerate(self.passages):
            self.take(passage, self.passages[place + 1] if place + 1 < len(self.passages) else None)
            self.sentences += is_sentence(passage.text)
        return self.titles

    def tell(self, text: str, passage: Passage) -> None:
        self.told.append(Problem(text, row=passage.line, value=short(passage.whole)))

    def take(self, passage: Passage, after: Passage | None) -> None:
        if passage.title and self.is_problem(passage, passage.title):
            self.open_title(passage, passage.title)
        elif self.is_chapter(passage):
            self.open_chapter(passage)
        elif passage.label:
            self.take_labelled(passage, passage.label)
        elif self.is_stated_at_length(passage, after):
            self.begin_title(passage, "", None).told_in.append(Item(passage.line, passage.mark, passage.text))
        elif self.is_next_number(passage) or self.is_title_by_place(passage, after):
            self.open_by_place(passage)
        else:
            self.take_plain(passage)

    # --- What a paragraph is, at its place

    def is_problem(self, passage: Passage, title: Title) -> bool:
        """Whether a title is one at its place: below a problem 针对“…”问题，… begins a measure."""
        if title.says is Says.ASPECT:
            return passage.mark is not None or passage.text.startswith(_OF_ASPECTS)
        if title.says is Says.PROBLEM:
            return True
        in_problems = self.body or self.open or passage.text[2:3] in QUOTATION_MARKS
        if in_problems and passage.mark and not any(one.is_above(passage.mark) for one in self.open):
            return True
        if self.open:
            self.tell("以问题开头的一句，当作上一个问题的措施", passage)
        return False

    def is_chapter(self, passage: Passage) -> bool:
        if passage.chapter is Chapter.ENDING and passage.mark is None:
            return False  # with problems after it, a word on what is next in between
        if passage.chapter and passage.mark is None and not self.sentences:
            return False  # the notice's own title
        if passage.chapter and not (passage.label and self.label):
            return not (passage.mark and any(one.is_above(passage.mark) for one in self.open))
        return self.leaves_body(passage)

    def leaves_body(self, passage: Passage) -> bool:
        """Whether this is the next chapter after that of the problems."""
        of_body = self.body.mark if self.body else None
        same = passage.mark and of_body and passage.mark.style is of_body.style
        return bool(same and passage.is_plain and not is_sentence(passage.text))

    def is_next_number(self, passage: Passage) -> bool:
        """Whether the number goes on from that of an open title, and from none of its measures."""
        mark = passage.mark
        if mark is None or not passage.is_plain:
            return False
        before = (mark.style, mark.number - 1)
        titles = [(one.mark.style, one.mark.number) for one in self.open if one.mark]
        return before in titles and before not in self.open[-1].numbers

    def is_title_by_place(self, passage: Passage, after: Passage | None) -> bool:
        """Whether a numbered paragraph is a title by what follows it, or by a label on the same line."""
        if passage.mark is None or not passage.is_plain:
            return False
        under = any(one.is_above(passage.mark) for one in self.open)
        if self.has_label_inside(passage.text):
            return not under
        if after is None or is_sentence(passage.text) or after.chapter:
            return False
        is_below = after.mark is None or after.mark.style > passage.mark.style
        if after.title:
            return is_below and (after.mark is not None or not self.open)
        by_label = after.label in (*OF_MEASURES, Label.PROBLEM)
        may_be = self.body or self.open or by_label or may_name_problem(passage.text)
        return is_below and not under and not ends(after.text) and bool(may_be)

    def is_stated_at_length(self, passage: Passage, after: Passage | None) -> bool:
        """Whether a paragraph is a problem told in sentences, since 整改措施： or 整改情况： follows it."""
        if after is None or after.label not in (Label.MEASURE, Label.PROGRESS) or not passage.is_plain:
            return False
        above = self.open[-1] if self.open else None
        if above and (above.labels or self.label):
            return self.label is not Label.PROBLEM and after.label in above.labels
        if passage.mark:
            return above is None or (passage.mark.style, passage.mark.number - 1) not in above.numbers
        return above.says in (Says.ASPECT, None) if above else self.body is not None

    def has_label_inside(self, text: str) -> bool:
        return any(labelled(piece)[0] in OF_MEASURES for piece in list(pieces_of(text))[1:])

    # --- What is done with it

    def begin_title(self, passage: Passage, text: str, says: Says | None) -> GatheredTitle:
        numbered = [one for one in self.open if one.mark]
        rank = passage.mark.style if passage.mark else (numbered[-1].rank if numbered else 0) + _BESIDE_A_NUMBER
        while self.open and (self.open[-1].rank >= rank or (passage.mark is None and self.open[-1].items)):
            self.open.pop()
        if passage.mark and not passage.label:
            self.check_number(passage, passage.mark)
        if self.open:
            self.open[-1].titles_below += 1
        title = GatheredTitle(passage.line, rank, passage.mark, text.strip(_AFTER_TITLE), says)
        self.open.append(title)
        self.titles.append(title)
        self.label = None
        return title

    def check_number(self, passage: Passage, mark: Mark) -> None:
        """Titles are numbered anew under each title above them, or on through the whole notice."""
        above = self.open[-1].line if self.open else self.body.line if self.body else 0
        last, before = self.numbers.get((above, mark.style), 0), self.last.get(mark.style, 0)
        self.numbers[above, mark.style] = self.last[mark.style] = mark.number
        if mark.number == last:
            self.tell("与上一个问题的编号相同", passage)
        elif mark.number not in (last + 1, before + 1):
            self.tell("问题的编号不连续，可能漏了问题", passage)

    def put_under(self, above: GatheredTitle, passage: Passage, rest: str) -> None:
        """What stands on the line of a title: with labels, or as it is."""
        for piece in pieces_of(rest):
            label, text = labelled(piece)
            above.add(Item(passage.line, None, text if label else piece, label, beside=True))

    def open_title(self, passage: Passage, title: Title) -> None:
        if title.note:
            self.tell(f"标题后注有{title.note}，未读取", passage)
        self.put_under(self.begin_title(passage, title.problem, title.says), passage, title.rest)

    def open_chapter(self, passage: Passage) -> None:
        if passage.chapter is not Chapter.PROBLEMS and self.titles:
            self.tell("不是反馈问题的一章，未读取", passage)
        self.open_body(passage if passage.chapter is Chapter.PROBLEMS else None)

    def open_body(self, passage: Passage | None) -> None:
        self.open, self.label, self.body = [], None, passage

    def open_by_place(self, passage: Passage) -> None:
        problem, *rest = pieces_of(passage.text)
        if not rest and is_sentence(problem):
            end = next((place for place, sign in enumerate(problem) if sign in _SENTENCE_ENDS), len(problem))
            problem, rest = problem[:end], [problem[end + 1 :]]
        self.put_under(self.begin_title(passage, unquoted(problem.strip(_AFTER_TITLE)), None), passage, "\n".join(rest))

    def take_labelled(self, passage: Passage, label: Label) -> None:
        text = labelled(passage.text)[1]
        if label is Label.PROBLEM:
            problem, *rest = [*pieces_of(text)] or [""]
            title = title_of(problem.strip(_AFTER_TITLE))
            begun = self.begin_title(passage, title.problem if title else problem, Says.PROBLEM)
            self.put_under(begun, passage, "\n".join(rest))
            self.label = None if problem else label
        elif self.open:
            self.label = label
            self.put_labelled(passage, text, label)
        elif not text and self.sentences:
            self.open_body(passage)
        else:
            self.take_plain(passage)

    def put_labelled(self, passage: Passage, text: str, label: Label) -> None:
        """What stands on the line of a label, up to the next label on it."""
        first, *rest = [*pieces_of(text)] or [""]
        if first:
            self.open[-1].add(Item(passage.line, None, first, label))
        self.put_under(self.open[-1], passage, "\n".join(rest))

    def take_plain(self, passage: Passage) -> None:
        if not self.open:
            if self.body or self.titles:
                self.tell("不在任何问题之下，未读取", passage)
            return
        above = self.open[-1]
        if self.label is Label.PROBLEM:
            above.told_in.append(Item(passage.line, passage.mark, passage.text))
        elif passage.mark is None and ends(passage.text):
            self.tell("是下一步打算、联系方式一类，未当作措施", passage)
        else:
            above.add(Item(passage.line, passage.mark, passage.text, self.label))
