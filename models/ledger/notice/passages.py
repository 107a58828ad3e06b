"""A paragraph of a published notice with all that its own words say: number, label, title, chapter.

Made once for each paragraph, for models/ledger/notice/gathering.py, which finds what it is at its place. PURE.
"""

from dataclasses import dataclass

from models.ledger.notice.paragraphs import Paragraph
from models.ledger.notice.titles import Chapter, Title, chapter_of, next_step, title_of
from models.ledger.notice.words import Label, Mark, Style, labelled, marked


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

    @property
    def says_next_step(self) -> bool:
        return self.mark is None and next_step(self.text) is not None


def passage_of(paragraph: Paragraph) -> Passage:
    mark, text = marked(paragraph.text)
    label, rest = labelled(text)
    title = None if label else title_of(text)
    # 二、整改情况 is a chapter, or, where labels are numbered so, a label: that shows only at its place.
    both = label is Label.PROGRESS and not rest and mark is not None and mark.style is Style.CHAPTER
    may_be_chapter = not title and (both or not label) and (mark is None or mark.style <= Style.ROUND)
    chapter = chapter_of(text) if may_be_chapter else None
    return Passage(paragraph.line, paragraph.text, mark, text, title, label, chapter)
