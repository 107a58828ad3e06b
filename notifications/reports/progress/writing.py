"""From the record to the bytes of a progress report: reads the round, draws its pictures, fills the template.

Runs in `duban report`. A machine without a Chinese font gets the report without pictures, and is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from config.reporting import Reporting
from models.answers.progress.reading import progress
from models.errors import FontRefused
from models.workdays import WorkCalendar
from notifications.reports.paper import Picture, fill
from notifications.reports.paper.templates import find
from notifications.reports.progress.context import context_of
from notifications.words.wording import REHEARSAL_MARK

PICTURE_WIDTH_MM = 155.0


@dataclass(frozen=True, slots=True)
class Written:
    """A report as bytes, and what whoever asked for it should hear."""

    content: bytes
    remarks: tuple[str, ...]


def report_of(  # noqa: PLR0913 - what a report depends on
    connection: Connection, home: Path, round_code: str | None, on_day: date, calendar: WorkCalendar,
    reporting: Reporting, *, rehearsal: bool, env: Mapping[str, str],
) -> Written:  # fmt: skip
    """The report of a round on a day. Raises TemplateRefused, NotFound and UsageRefused."""
    template = find(home, "progress")
    found = progress(connection, round_code, on_day, calendar)
    pictures: dict[str, Picture] = {}
    remarks: tuple[str, ...] = ()
    try:
        if found.figures["measures.all"].value:
            pictures = _pictures(connection, found.round_code, on_day, env, rehearsal=rehearsal)
    except FontRefused as error:
        remarks = (f"报告中没有图：{error.zh}{error.cure}",)
    context = context_of(found, reporting, rehearsal=rehearsal, pictures=pictures)
    return Written(fill(template, context, REHEARSAL_MARK if rehearsal else ""), remarks)


def _pictures(
    connection: Connection, code: str, on_day: date, env: Mapping[str, str], *, rehearsal: bool
) -> dict[str, Picture]:  # fmt: skip
    from models.answers import course
    from notifications.reports.pictures import drawing, fonts

    font = fonts.needed(env)
    drawn = {"burn_down": drawing.burn_down(course.burn_down(connection, code, on_day), font, rehearsal=rehearsal)}
    heat = course.heat(connection, code, on_day)
    if heat.cells:  # no unit has a completion limit running: an empty field says nothing
        drawn["heat"] = drawing.heat(heat, font, rehearsal=rehearsal)
    return {
        name: Picture(drawing.as_png(one), PICTURE_WIDTH_MM, f"{one.title}。{one.description}")
        for name, one in drawn.items()
    }
