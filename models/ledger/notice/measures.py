"""The measures under one problem of a published notice: which of its paragraphs are measures of their own.

Runs for each problem while a notice is read into drafts. PURE. Numbers decide, and a paragraph without one is
taken for the number that is missing at its place; whatever rests on less than that is told, with its line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from models.errors import Problem
from models.ledger.excerpts import short
from models.ledger.notice.series import counted, points_of
from models.ledger.notice.titles import is_sentence
from models.ledger.notice.words import OF_MEASURES, Label, Mark, Style

_GOES_ON = ("同时", "此外", "另外", "目前", "截至", "其中", "通过", "并", "该问题", "上述", "以上")
"""How a paragraph begins that goes on with the one before it."""
_SENTENCE_ENDS = tuple("。；;！!")


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph under a problem, without its number. `beside` means that it stands on the line of the title."""

    line: int
    mark: Mark | None
    text: str
    label: Label | None = None
    beside: bool = False

    @property
    def said(self) -> str:
        return f"{self.mark.written}{self.text}" if self.mark else self.text


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as the notice words it, at the 1-based line where it begins; `part_of` as in a ledger row."""

    line: int
    text: str
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class _Section:
    """A numbered paragraph, or the start without one; the paragraphs after it that have no number; those below it."""

    head: Item | None
    loose: list[Item] = field(default_factory=list)
    below: list[Item] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.head.mark.number if self.head and self.head.mark else 0


@dataclass(frozen=True, slots=True)
class _Draft:
    """The paragraphs of one measure: its own, and the numbered ones below it."""

    own: tuple[Item, ...]
    below: tuple[Item, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(item.text for item in self.own if item.text)

    @property
    def whole(self) -> str:
        return "\n".join(filter(None, (self.text, *(item.said for item in self.below))))


Tell = Callable[[str, Item], None]


def last_mark(items: Sequence[Item]) -> Mark | None:
    """The last number of the shallowest level."""
    marks = [item.mark for item in items if item.mark]
    style = min((mark.style for mark in marks), default=None)
    return next((mark for mark in reversed(marks) if mark.style is style), None)


def measures_of(items: Sequence[Item], before: Mark | None) -> tuple[tuple[Measure, ...], tuple[Problem, ...]]:
    """The measures among the paragraphs of a problem, in order, and what a person should look at.

    `before` is the last number in the problem before it: some notices number their measures on from there.
    """
    told: list[Problem] = []

    def tell(text: str, item: Item) -> None:
        told.append(Problem(text, row=item.line, value=short(item.said)))

    drafts = _drafts(_in_series(_said_to_be_measures(items, tell), tell), tell, before)
    measures = tuple(measure for draft in drafts for measure in _measures(draft, tell))
    return measures, tuple(sorted(told, key=lambda problem: problem.row or 0))


def _said_to_be_measures(items: Sequence[Item], tell: Tell) -> list[Item]:
    """The paragraphs under the label that holds the measures; without such a label all that have none."""
    labels = {item.label for item in items}
    wanted = next((label for label in OF_MEASURES if label in labels), None)
    if wanted is Label.RESULT and None in labels:
        wanted = None  # only what came of the measures has a label
    if labels <= {Label.NEXT, Label.OTHER} and Label.NEXT in labels:
        wanted = Label.NEXT
        tell("只写有下一步打算，当作这个问题的措施，请核对", next(item for item in items if item.label is wanted))
    for item in items:
        if item.label is not wanted:
            tell("不是整改措施，未读取", item)
    return [item for item in items if item.label is wanted]


def _in_series(items: list[Item], tell: Tell) -> list[Item]:
    """One paragraph that says 一是 … 二是 …, or 1. … 2. …, as that many; anything else as it stands."""
    if not items or (items[0].mark and items[0].mark.number != 1):
        return items
    item, *more = items
    points = points_of(item.mark, item.text)
    if not points or (more and not _counts_on(points[-1][0], more[0].mark)):
        return items
    tell(f"一段中写有{counted(points)}，各作一条措施，其前的文字未读取", item)
    return [*(Item(item.line, mark, text, item.label) for mark, text in points), *more]


def _counts_on(last: Mark, mark: Mark | None) -> bool:
    return mark is not None and (mark.style, mark.number) == (last.style, last.number + 1)


def _drafts(items: Sequence[Item], tell: Tell, before: Mark | None = None) -> list[_Draft]:
    """The measures on the shallowest level of numbers that occurs."""
    styles = [item.mark.style for item in items if item.mark]
    if not styles:
        return _without_numbers(items, tell)
    sections = _sections(items, styles[0] if styles[0] is Style.ORDINAL else min(styles))
    drafts: list[_Draft] = []
    last = past = _past(sections, before)
    for section, after in zip(sections, [*sections[1:], None], strict=True):
        if section.head:
            _tell_number(section.head, section.number, last, tell)
        found, last = _settled(section, after, section.number or past, tell)
        drafts.extend(found)
    return drafts


def _sections(items: Sequence[Item], style: Style) -> list[_Section]:
    sections = [_Section(None)]
    for item in items:
        if item.mark and item.mark.style is style:
            sections.append(_Section(item))
        elif item.mark or sections[-1].below:
            sections[-1].below.append(item)
        else:
            sections[-1].loose.append(item)
    return sections


def _past(sections: Sequence[_Section], before: Mark | None) -> int:
    """The number from which this problem goes on: 0 where it begins anew, which is preferred where both can be."""
    start, first = sections[0], sections[1]
    if before is None or first.head is None or first.head.mark is None or first.head.mark.style is not before.style:
        return 0
    return before.number if first.number == before.number + 1 + len(start.loose) != 1 + len(start.loose) else 0


def _tell_number(item: Item, number: int, last: int, tell: Tell) -> None:
    if number == last:
        tell("编号与上一条相同，两条都已列出", item)
    elif number < last:
        tell("编号又从前面的数开始，可能漏了一个问题标题；仍列在同一问题下", item)
    elif number > last + 1:
        tell(f"前一条是第{last}条，编号不连续，可能漏了措施" if last else "编号不是从第1条开始，可能漏了措施", item)


def _settled(section: _Section, after: _Section | None, number: int, tell: Tell) -> tuple[list[_Draft], int]:
    """The measures of a section that has this number, or comes after it, and the number that the last of them has."""
    head, loose, below = section.head, section.loose, tuple(section.below)
    missing = after.number - number - 1 if after else 0
    if loose and len(loose) == missing and not below:
        for taken, item in enumerate(loose, number + 1):
            tell(f"没有编号，按前后的编号当作第{taken}条措施", item)
        return [*([_Draft((head,))] if head else []), *(_Draft((item,)) for item in loose)], number + missing
    if head:
        if len(loose) > 1 or is_sentence(head.text) or head.text.endswith(_SENTENCE_ENDS):
            for item in loose:
                tell("没有编号，当作上一条措施的续文；如是另一条措施请拆开", item)
        return [_Draft((head, *loose), below)], number
    found = _before_numbers(loose, below, missing, tell)
    return found, number + bool(found)


def _before_numbers(loose: list[Item], below: tuple[Item, ...], missing: int, tell: Tell) -> list[_Draft]:
    """What stands before the first number: an introduction where no number is missing, else a measure."""
    if not loose and not below:
        return []
    if missing <= 0 and not below:
        for item in loose:
            tell("在编号的措施之前，当作引言，未读取", item)
        return []
    if not loose:
        tell("编号比后面的低一级，暂各作一条措施", below[0])
        return _drafts(below, tell)
    for item in loose:
        tell("没有编号，合并为一条措施；如是几条措施请拆开", item)
    return [_Draft(tuple(loose), below)]


def _without_numbers(items: Sequence[Item], tell: Tell) -> list[_Draft]:
    groups: list[list[Item]] = []
    for item in items:
        if groups and item.text.startswith(_GOES_ON):
            tell("没有编号，当作上一段的续文；如是另一条措施请拆开", item)
            groups[-1].append(item)
            continue
        if len(items) > 1 or not (item.beside or item.label):
            tell("没有编号，当作一条措施", item)
        groups.append([item])
    return [_Draft(tuple(group)) for group in groups]


def _measures(draft: _Draft, tell: Tell) -> Iterator[Measure]:
    """The measure itself, or the numbered ones below it, which then are parts of it."""
    if not draft.whole:
        tell("只有编号，没有内容，未读取", draft.own[0])
        return
    if not draft.below:
        yield Measure(draft.own[0].line, draft.text)
        return
    for part in _drafts(draft.below, tell):
        if part.whole:
            yield Measure(part.own[0].line, part.whole, draft.text)
