"""Column types and checks that all tables share: plain dates, enums by value, one CHECK a closed set of words.

A DATE column would silently cut a datetime, and SQLModel stores enums by name and unchecked; these do neither.
Instants are plain `datetime` fields: SQLModel stores them as UTC and hands them back aware.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

LARGEST_ID = 2**63 - 1
"""No row has a larger number: SQLite keeps 64 bits. Asking for one would be an error and no answer."""


class PlainDate(TypeDecorator[date]):
    """A calendar day. Refuses a datetime, whose day depends on a zone."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> date | None:  # noqa: ARG002
        if isinstance(value, datetime):
            raise TypeError("a datetime was given for a day")
        return value if value is None else date(value.year, value.month, value.day)


class Word(TypeDecorator[StrEnum]):
    """A StrEnum stored by its value. Anything outside the enum is refused before it reaches the database."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__(32)
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        return None if value is None else self.words(value)


def stored(moment: datetime) -> str:
    """An aware moment as the tables hold it, for statements that go to the driver as they stand."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """The CHECK that keeps a column inside its closed set of words, whoever writes.

    Spelled as a chain of ORs: SQLite builds the list of an IN anew for every row that it checks, which made up to
    a quarter of the poll's cost (docs/adr/0003).
    """
    chain = " OR ".join(f"{column} = '{word}'" for word in words)
    return CheckConstraint(f"({chain})", name=f"{column}_known")
