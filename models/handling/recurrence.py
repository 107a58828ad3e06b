"""The next time that a recurring limit (每季度末) comes round: when it is assigned late, and for each follow-up."""

from datetime import date

from models.tables import Measure
from models.timelimit import LimitKind, WorkingDays, parse_time_limit


def next_occurrence(measure: Measure, from_day: date, calendar: WorkingDays) -> date | None:
    """The first day on or after `from_day` on which the measure's own text falls due again; None where none recurs."""
    if measure.limit_kind is not LimitKind.RECURRING:
        return None
    limit = parse_time_limit(measure.limit_text, from_day, calendar)
    return limit.due_on if limit.kind is LimitKind.RECURRING else None
