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
from models.ledger.notice.passages import Passage
from models.ledger.notice.series import last_number, lone, points_of, without_lone_number
from models.ledger.notice.titles import (
    QUOTATION_MARKS,
    Chapter,
    Says,
    Title,
    ends,
    is_sentence,
    may_name_problem,
    next_step,
    says_how_far,
    title_of,
    unquoted,
)
from models.ledger.notice.words import OF_MEASURES, Label, Mark, Style, labelled, pieces_of

_BESIDE_A_NUMBER = 0.5
"""How much lower a title without a number stands than the numbered one above it."""
_COUNTED_OUT = 0.75
"""How much lower than that above it the first title stands that is counted 第一， which has no level of its own."""
_OF_ASPECTS = ("关于", "针对", "在", "围绕", "聚焦", *QUOTATION_MARKS)
_SENTENCE_ENDS = "。；;！!？?"
_AFTER_TITLE = "。：:；; "


@dataclass(slots=True)
class GatheredTitle:
    """A title while the paragraphs below it are gathered.

    `says` is None where only its place makes it one; `told_in` are the lines that say the problem, where these are
    no title but sentences; `listing` is the label of its first list.
    """

    line: int
    rank: float
    mark: Mark | None
    text: str
    says: Says | None
    items: list[Item] = field(default_factory=list)
    numbers: set[tuple[Style, int]] = field(default_factory=set)
    last: dict[tuple[Label | None, Style], int] = field(default_factory=dict)
    labels: set[Label] = field(default_factory=set)
    titles_below: int = 0
    told_in: list[Item] = field(default_factory=list)
    listing: Label | None = None

    @property
    def problem(self) -> str:
        """The problem: the title, or else the lines that say it."""
        if len(self.told_in) == 1:
            (item,) = self.told_in
            return self.text + (item.said if points_of(item.mark, item.text) else item.text).strip(_AFTER_TITLE)
        return self.text + "".join(item.said for item in self.told_in).strip(_AFTER_TITLE)

    def add(self, item: Item) -> None:
        self.items.append(item)
        if item.mark:
            self.listing = self.listing if self.last else item.label
            self.numbers.add((item.mark.style, item.mark.number))
            self.last[item.label, item.mark.style] = last_number(item.mark, item.text)
        if item.label:
            self.labels.add(item.label)

    def is_above(self, mark: Mark) -> bool:
        """Whether a number of this style stands below a title that surely names a problem."""
        names_one = self.says in (Says.PROBLEM, Says.IN_PASSING) and not self.titles_below
        beside = self.mark is not None and self.mark.style is mark.style
        return names_one and not beside and mark.style > self.rank

    def counts_on_to(self, mark: Mark, label: Label | None) -> bool:
        """Whether this number is the next in the list that the last paragraph under this label stands in.

        That is the number after the last one of its style, or a first one on a level below the last paragraph.
        """
        above = self.items[-1] if self.items else None
        if above is None or above.label is not label:
            return False
        is_below = above.mark is not None and above.mark.style < mark.style and mark.number == 1
        return is_below or self.last.get((label, mark.style)) == mark.number - 1

    def resumes_at(self, mark: Mark, label: Label | None) -> bool:
        """Whether the first list goes on after a word under another label: who answers for one of its measures."""
        above = self.items[-1] if self.items else None
        between = above is not None and above.mark is None and above.label is label is not self.listing
        return between and self.last.get((self.listing, mark.style)) == mark.number - 1


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
        elif self.is_chapter(passage) or self.is_chapter_of_some(passage, after):
            self.open_chapter(passage)
        elif passage.label:
            self.take_labelled(passage, passage.label)
        elif passage.mark and self.is_in_list(passage, passage.mark, after):
            self.take_in_list(passage, passage.mark)
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
        of_list = passage.mark and (self.is_in_measures(passage.mark) or self.is_under_problem(passage.mark))
        if in_problems and passage.mark and not of_list:
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
            of_list = passage.mark and passage.mark.style > Style.CHAPTER and self.is_in_measures(passage.mark)
            return not of_list and not (passage.mark and self.is_under_problem(passage.mark))
        return self.leaves_body(passage)

    def is_chapter_of_some(self, passage: Passage, after: Passage | None) -> bool:
        """Whether a chapter of those problems that are settled, or that are not, begins: one of them follows."""
        mark = passage.mark
        if mark is None or mark.style is not Style.CHAPTER or not passage.is_plain or not says_how_far(passage.text):
            return False
        if after is None or after.mark is None or after.mark.style is Style.CHAPTER or self.is_after_title(mark):
            return False
        return (after.opens_problems or may_name_problem(after.text)) and not self.is_under_problem(mark)

    def leaves_body(self, passage: Passage) -> bool:
        """Whether this is the next chapter after that of the problems."""
        of_body = self.body.mark if self.body else None
        same = passage.mark and of_body and passage.mark.style is of_body.style
        return bool(same and passage.is_plain and not is_sentence(passage.text))

    def is_next_number(self, passage: Passage) -> bool:
        """Whether the number goes on from that of an open title, and from none of its measures."""
        mark = passage.mark
        if mark is None or not passage.is_plain or not self.is_after_title(mark):
            return False
        return (mark.style, mark.number - 1) not in self.open[-1].numbers

    def is_after_title(self, mark: Mark) -> bool:
        before = (mark.style, mark.number - 1)
        return any((one.mark.style, one.mark.number) == before for one in self.open if one.mark)

    def is_under_problem(self, mark: Mark) -> bool:
        return any(one.is_above(mark) for one in self.open)

    def is_in_measures(self, mark: Mark) -> bool:
        """Whether the number goes on in the list under 整改措施： or a label like it."""
        return self.label in OF_MEASURES and self.open[-1].counts_on_to(mark, self.label)

    def is_in_list(self, passage: Passage, mark: Mark, after: Passage | None) -> bool:
        """Whether the number begins the list under 整改措施： or goes on in a list, whatever label comes after it."""
        if not passage.is_plain or not self.open:
            return False
        above, both = self.open[-1], self.is_after_title(mark)
        begins = self.label is Label.MEASURE and self.label not in above.labels and mark.number == 1
        goes_on = above.counts_on_to(mark, self.label) or (not both and above.resumes_at(mark, self.label))
        if not (begins or goes_on) or (after and self.begins_anew(after, both)):
            return False
        if both and (self.label is None or may_name_problem(passage.text)):
            return False
        ends_list = after is not None and after.label in (Label.RESULT, Label.OTHER)
        return self.label is not None or (ends_list and not self.is_under_problem(mark))

    def begins_anew(self, after: Passage, both: bool) -> bool:
        """Whether what comes after shows that the paragraph before it is a title: a problem, or a label again.

        A number that no title has may be that of a measure with its own 责任单位：.
        """
        above = self.open[-1]
        again = after.label is not None and after.label in (self.label, *above.labels)
        return after.opens_problems or (again and (both or after.label is above.listing or not above.last))

    def is_title_by_place(self, passage: Passage, after: Passage | None) -> bool:
        """Whether a numbered paragraph is a title by what follows it, or by a label on the same line."""
        if passage.mark is None or not passage.is_plain:
            return False
        under = self.is_under_problem(passage.mark)
        if self.has_label_inside(passage.text):
            return not under
        if after is None or is_sentence(passage.text) or (after.chapter and not after.says_next_step):
            return False
        is_below = after.mark is None or after.mark.style > passage.mark.style
        if after.title:
            return is_below and (after.mark is not None or not self.open)
        by_label = after.label in (*OF_MEASURES, Label.PROBLEM)
        may_be = self.body or self.open or by_label or may_name_problem(passage.text)
        may_follow = not ends(after.text) or (after.says_next_step and self.may_be_unsettled(passage, passage.mark))
        return is_below and not under and may_follow and bool(may_be)

    def may_be_unsettled(self, passage: Passage, mark: Mark) -> bool:
        """Whether a word on what is next, after this paragraph, may be all that is said of it as a problem."""
        above = self.open[-1] if self.open else None
        if above is None or (above.says is None and not above.items and says_how_far(above.text)):
            return True
        return may_name_problem(passage.text) and not above.counts_on_to(mark, self.label)

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
        rank = self.rank_of(passage.mark)
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

    def rank_of(self, mark: Mark | None) -> float:
        """How low a title stands: by the style of its number, or below the numbered title above it."""
        if mark and mark.style is not Style.ORDINAL:
            return mark.style
        counted = [one.rank for one in self.open if one.mark and one.mark.style is Style.ORDINAL]
        if mark and counted:
            return counted[-1]
        numbered = [one.rank for one in self.open if one.mark]
        return (numbered[-1] if numbered else 0) + (_COUNTED_OUT if mark else _BESIDE_A_NUMBER)

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
            above.add(Item(passage.line, *lone(text if label else piece), label, beside=True))

    def open_title(self, passage: Passage, title: Title) -> None:
        if title.note:
            self.tell(f"标题后注有{title.note}，未读取", passage)
        self.put_under(self.begin_title(passage, title.problem, title.says), passage, title.rest)

    def open_chapter(self, passage: Passage) -> None:
        of_some = passage.chapter is None and says_how_far(passage.text)
        of_problems = passage.chapter is Chapter.PROBLEMS or of_some
        if not of_problems and self.titles:
            self.tell("不是反馈问题的一章，未读取", passage)
        self.open_body(passage if of_problems else None)

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
            named = title.problem if title else without_lone_number(problem)
            begun = self.begin_title(passage, named, Says.PROBLEM)
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
            self.open[-1].add(Item(passage.line, *lone(first), label))
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
            self.take_ending(passage, above)
        else:
            above.add(Item(passage.line, passage.mark, passage.text, self.label))

    def take_in_list(self, passage: Passage, mark: Mark) -> None:
        """A measure by its number; that is told where a title could have it, or no label says what the list is."""
        if self.is_after_title(mark):
            self.tell("编号既接上一条措施，也接上一个问题，当作措施；如是问题请在标题中写明", passage)
        elif self.label is None:
            self.tell("编号接上一条，当作措施；如是问题请在标题中写明", passage)
        elif self.open[-1].resumes_at(mark, self.label):
            self.label = self.open[-1].listing
        self.take_plain(passage)

    def take_ending(self, passage: Passage, above: GatheredTitle) -> None:
        """What is next is kept as all that a problem says until it says more; anything else that ends is told."""
        step = next_step(passage.text)
        if step and not above.items and self.label in (None, *OF_MEASURES):
            above.add(Item(passage.line, None, step, Label.NEXT))
        else:
            self.tell("是下一步打算、联系方式一类，未当作措施", passage)
