"""Keys of Prefect's artifacts: lower-case letters, digits and dashes only, and one measure one key for good.

A key's versions are the history of what it names, so no two measures may share one. No Prefect here.
"""

import hashlib
import re

from sqlmodel import Session, col, func, select

from models.tables import Measure, Round

_OTHERS = re.compile(r"[^a-z0-9]+")


def measure_key(session: Session, measure: Measure) -> str:
    """`measure-<no>` for the first measure of the home with this number, in whatever case.

    A measure of a later round with the same number, or a number with other characters, gets a tail that is its own.
    """
    slug = _OTHERS.sub("-", measure.no.lower()).strip("-")
    if slug == measure.no.lower():
        first = session.exec(select(func.min(Measure.id)).where(func.lower(col(Measure.no)) == slug)).one()
        if first == measure.id:
            return f"measure-{slug}"
    round_code = session.get_one(Round, measure.round_id).code
    tail = hashlib.sha256(f"{round_code}/{measure.no}".encode()).hexdigest()[:8]
    return "-".join(filter(None, ("measure", slug, tail)))
