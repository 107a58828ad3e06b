"""The columns of a ledger: their canonical headings, a few exact synonyms, and the search for the header row.

Runs while a sheet is read. A heading is matched as a whole, after widths and blanks are made alike; nothing
is matched by likeness, so a column is never taken for another one.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

HEADER_WITHIN = 20
"""The header is one of the first so many rows; titles and notes may stand above it."""
HEADER_AT_LEAST = 3
"""A row with this many known headings is the header, so that a missing column can be told."""


class Column(StrEnum):
    """A column by its canonical heading; the names are those of the fields of a ledger row."""

    NO = "序号"
    PROBLEM = "反馈问题"
    TEXT = "整改措施"
    LEAD = "牵头领导"
    UNIT = "责任单位"
    COOPERATING = "配合单位"
    LIMIT = "完成时限"
    CLOSURE = "销号类别"
    MAJOR = "重大"


ColumnMapping = Mapping[str, Column | None]
"""What an office says of headings that nobody else knows, by `plain` heading; None is a column not to be read."""
NO_MAPPING: ColumnMapping = MappingProxyType({})

OPTIONAL = frozenset({Column.COOPERATING, Column.CLOSURE, Column.MAJOR})
REQUIRED = tuple(column for column in Column if column not in OPTIONAL)

FIELDS: Mapping[Column, str] = MappingProxyType(
    {
        Column.NO: "no",
        Column.PROBLEM: "problem",
        Column.TEXT: "text",
        Column.LEAD: "lead",
        Column.UNIT: "unit",
        Column.COOPERATING: "cooperating",
        Column.LIMIT: "limit_text",
        Column.CLOSURE: "closure",
        Column.MAJOR: "major",
    }
)
"""The field of `LedgerRow` that each column fills."""

SYNONYMS: Mapping[str, Column] = MappingProxyType(
    {
        "编号": Column.NO,
        "具体问题": Column.PROBLEM,
        "整改举措": Column.TEXT,
        "具体措施": Column.TEXT,
        "责任领导": Column.LEAD,
        "责任科室": Column.UNIT,
        "责任科室(单位)": Column.UNIT,
        "责任部门": Column.UNIT,
        "协办单位": Column.COOPERATING,
        "整改时限": Column.LIMIT,
        "完成期限": Column.LIMIT,
        "是否重大": Column.MAJOR,
    }
)
_BY_HEADING: Mapping[str, Column] = MappingProxyType({**{column.value: column for column in Column}, **SYNONYMS})


@dataclass(frozen=True, slots=True)
class Header:
    """A header row. `places` are 0-based cell positions, `headings` what stands there; `ignored` are headings
    from which nothing is read; `doubled` are columns that two headings of equal standing claim.
    """

    row: int
    places: Mapping[Column, int]
    headings: Mapping[Column, str]
    ignored: tuple[str, ...] = ()
    doubled: tuple[Column, ...] = ()

    @property
    def missing(self) -> tuple[Column, ...]:
        return tuple(column for column in REQUIRED if column not in self.places)


def plain(text: str) -> str:
    """The text with full-width forms folded and every blank and line break taken out, for comparing."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def column_of(heading: str) -> Column | None:
    """The column this heading names, by its canonical name or a synonym; None where it names none."""
    return _BY_HEADING.get(plain(heading))


def header_of(row: int, headings: Sequence[str]) -> Header | None:
    """Reads one row as a header; None with too few known headings. Canonical headings beat synonyms."""
    claims: dict[Column, list[int]] = {}
    for place, heading in enumerate(headings):
        if column := column_of(heading):
            claims.setdefault(column, []).append(place)
    if len(claims) < HEADER_AT_LEAST:
        return None
    best = {column: _best(column, places, headings) for column, places in claims.items()}
    places = {column: winners[0] for column, winners in best.items()}
    ignored = (text.strip() for place, text in enumerate(headings) if place not in places.values())
    return Header(
        row,
        MappingProxyType(places),
        MappingProxyType({column: plain(headings[place]) for column, place in places.items()}),
        tuple(filter(None, ignored)),
        tuple(column for column, winners in best.items() if len(winners) > 1),
    )


def _best(column: Column, places: list[int], headings: Sequence[str]) -> list[int]:
    return [place for place in places if plain(headings[place]) == column] or places
