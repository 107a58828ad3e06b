"""From the record to the bytes of a progress report: reads the round, draws its pictures, fills the template.

Runs in `duban report`, which puts them into a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from config.reporting import Reporting
from models.answers.progress.reading import progress
from models.rehearsal import REHEARSAL_MARK
from models.workdays import WorkCalendar
from notifications.reports.illustrating import illustrations
from notifications.reports.paper import fill
from notifications.reports.paper.templates import find
from notifications.reports.progress.context import context_of


@dataclass(frozen=True, slots=True)
class Written:
    """A report as bytes, and what whoever asked for it should hear."""

    content: bytes
    remarks: tuple[str, ...]


def report_of(  # noqa: PLR0913 - what a report depends on
    connection: Connection, templates: Path, round_code: str | None, on_day: date, calendar: WorkCalendar,
    reporting: Reporting, *, rehearsal: bool, env: Mapping[str, str],
) -> Written:  # fmt: skip
    """The report of a round on a day. Raises TemplateRefused, NotFound and UsageRefused."""
    template = find(templates, "progress")
    found = progress(connection, round_code, on_day, calendar)
    shown = illustrations(connection, found.round_code, on_day, env, rehearsal=rehearsal)
    context = {**context_of(found, reporting, rehearsal=rehearsal), **shown.of_document()}
    remarks = (shown.why_none,) if shown.why_none else ()
    return Written(fill(template, context, REHEARSAL_MARK if rehearsal else ""), remarks)
