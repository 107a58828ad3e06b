"""Keys of Prefect's artifacts: lower-case letters, digits and dashes only, and one measure one key for good.

A key's versions are the history of what it names, so no two measures may share one. No Prefect here.
"""

import hashlib
import re

from sqlalchemy import Connection

from models.store import board
from models.store.board import MeasureRow

_OTHERS = re.compile(r"[^a-z0-9]+")


def measure_key(connection: Connection, measure: MeasureRow) -> str:
    """`measure-<no>` for the first measure of the home with this number, in whatever case.

    A measure of a later round with the same number, or a number with other characters, gets a tail that is its own.
    """
    slug = _OTHERS.sub("-", measure.no.lower()).strip("-")
    if slug == measure.no.lower() and board.is_first_with_number(connection, measure.id, measure.no):
        return f"measure-{slug}"
    tail = hashlib.sha256(f"{measure.round_code}/{measure.no}".encode()).hexdigest()[:8]
    return "-".join(filter(None, ("measure", slug, tail)))
