"""The columns of a ledger by their canonical headings, and how what is written is compared.

What headings mean is in models/ledger/table/headings.py; this is what they can mean. PURE.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Column(StrEnum):
    """A column by its canonical heading."""

    NO = "序号"
    PROBLEM = "反馈问题"
    TEXT = "整改措施"
    SUB = "具体措施"
    LEAD = "牵头领导"
    UNIT = "责任单位"
    COOPERATING = "配合单位"
    LIMIT = "完成时限"
    CLOSURE = "销号类别"
    MAJOR = "重大"


OPTIONAL = frozenset({Column.NO, Column.SUB, Column.COOPERATING, Column.CLOSURE, Column.MAJOR})
"""Without 序号 rows are numbered as they come, and that is told."""
REQUIRED = tuple(column for column in Column if column not in OPTIONAL)

ColumnMapping = Mapping[str, Column | None]
"""What an office says of headings that nobody else knows, by `heading_key`; None is a column not to be read."""
NO_MAPPING: ColumnMapping = MappingProxyType({})


def plain(text: str) -> str:
    """The text with full-width forms folded and every blank and line break taken out, for comparing."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(unicodedata.normalize("NFKC", text).split())


NUMBER_END = "、.．,，。:："
"""Signs behind a number that do not count."""


def number_key(no: str) -> str:
    """The number for comparing: （１）and (1), 1. and 1、 and ① and 1 are the same."""
    return plain(no).rstrip(NUMBER_END)


def letter(place: int) -> str:
    """The letter of the column at a 0-based place, as a spreadsheet shows it: A, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, last = divmod(place - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters
