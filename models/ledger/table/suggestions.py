"""What an unknown heading may be, judged by the cells below it: only ever a suggestion in a message. PURE.

Runs where a needed column is missing. The person decides, in columns.yaml or in the ledger.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from models.ledger.columns import Column
from models.ledger.excerpts import short
from models.ledger.files.grid import SheetRow
from models.ledger.table.header import Header
from models.ledger.table.limits import LimitBook
from models.ledger.table.party_cells import PartyBook
from models.ledger.table.synonyms import GOAL
from models.timelimit import LimitKind

MOSTLY = 0.6
"""The share of cells that must fit a column, so that it is suggested."""
_MAY_BE: Mapping[Column, frozenset[str]] = {
    Column.TEXT: frozenset({GOAL, "困难和下一步"}),
    Column.LEAD: frozenset({"责任人", "督导"}),
    Column.UNIT: frozenset({"督导", "其他单位"}),
}
"""What columns hold that are known and not read, and might after all be this one."""
_WHEN_DONE = re.compile("实际|上报|报送|填报|反馈|已|开始|启动")
"""What a heading says that is of days, but of no time limit."""
HEADING_MOST = 20
"""Characters of a heading that are told."""
LONG_TEXT = 6
"""Characters from which a cell may say what is wrong or what is done."""


def suggestions(
    column: Column, header: Header, sample: Sequence[SheetRow], parties: PartyBook, limits: LimitBook
) -> str:
    """The unread headings that may be this column, and the line that says so; "" where every heading is known."""
    may_be = _MAY_BE.get(column, frozenset()) | {""}
    unread = {one.place: one.heading for one in header.unread if one.kind in may_be}
    if data := data_among(unread.values(), parties):
        return f"；这一行写有“{_flat(data)}”，不像表头：一条措施一张表的，请改为一行一条"
    if column is Column.LIMIT:
        unread = {place: heading for place, heading in unread.items() if not _WHEN_DONE.search(heading)}
    if not unread:
        return ""
    likely = guess(column, unread, sample, parties, limits)
    listed = "、".join(f"“{_flat(heading)}”" for heading in unread.values())
    seems = f"，其中“{_flat(likely)}”像是" if likely else ""
    example = _flat(likely) or "列名"
    return f"；未读取的列有{listed}{seems}。如果就是，请在 columns.yaml（或 --columns 文件）写一行“{example}: {column}”"


def data_among(words: Iterable[str], parties: PartyBook) -> str:
    """The first of these words that names a party: no heading, but what stands in cells; "" where none does."""
    columns = (Column.LEAD, Column.UNIT)
    return next((word for word in words if any(parties.named(column, word).codes for column in columns)), "")


def guesses(row: SheetRow, below: Sequence[SheetRow], parties: PartyBook, limits: LimitBook) -> str:
    """How to say in columns.yaml what the words of a row mean that looks like a header, as far as can be guessed."""
    words = {place: text for place, text in enumerate(row.texts) if text}
    lines = []
    for column in (Column.UNIT, Column.LEAD, Column.LIMIT, Column.TEXT, Column.PROBLEM):
        if likely := guess(column, words, below, parties, limits):
            words = {place: text for place, text in words.items() if text != likely}
            lines.append(f"“{_flat(likely)}: {column}”")
    listed = "、".join(_flat(text) for text in row.texts if text)
    like = f"，比如{'、'.join(lines)}" if lines else ""
    cure = f"请在 columns.yaml（或 --columns 文件）为各列写一行“列名: 标准列名”{like}"
    return f"像是表头的一行写有：{listed}。如果就是，{cure}"


def guess(
    column: Column, headings: Mapping[int, str], sample: Sequence[SheetRow], parties: PartyBook, limits: LimitBook
) -> str:
    """The heading whose cells fit this column best, if most of them do; "" otherwise."""
    fits = _fit(column, parties, limits)
    shares = {heading: _share(place, sample, fits) for place, heading in headings.items()}
    best = max(shares, key=lambda heading: shares[heading], default="")
    return best if shares.get(best, 0) >= MOSTLY else ""


def _fit(column: Column, parties: PartyBook, limits: LimitBook) -> Callable[[str], bool]:
    if column in {Column.LEAD, Column.UNIT}:
        return lambda text: bool(parties.named(column, text).codes)
    if column is Column.LIMIT:
        return lambda text: limits.found(text).limit.kind is not LimitKind.UNRESOLVED
    return lambda text: len(text) >= LONG_TEXT


def _share(place: int, sample: Sequence[SheetRow], fits: Callable[[str], bool]) -> float:
    texts = [text for row in sample if (text := row.texts[place] if place < len(row.cells) else "")]
    return sum(map(fits, texts)) / len(texts) if texts else 0.0


def _flat(heading: str) -> str:
    """The heading as it is compared with those of columns.yaml: its blanks are there for its width."""
    return short("".join(heading.split()), HEADING_MOST)
