"""From the record to the bytes of a weekly brief: reads the round, draws its pictures, fills page or document.

Runs in `duban weekly`. A machine without a Chinese font gets the brief without pictures, and is told.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from config.reporting import Reporting
from models.answers.week.reading import week_facts
from models.answers.week.values import WeekFacts
from models.errors import FontRefused
from models.ladder import Policy
from models.workdays import WorkCalendar
from notifications.reports.weekly.context import context_of

if TYPE_CHECKING:
    from notifications.reports.pictures.drawing import Picture

PAGES = (".html", ".htm")
PICTURE_WIDTH_MM = 155.0
NO_PICTURES: Mapping[str, object] = {"burn_down": "", "heat": ""}


@dataclass(frozen=True, slots=True)
class Asked:
    """For which home a brief is written, on which day, and what decides in it."""

    home: Path
    on_day: date
    policy: Policy
    calendar: WorkCalendar
    reporting: Reporting
    rehearsal: bool
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A brief as bytes, and what whoever asked for it should hear: its first sentences, and what is missing."""

    content: bytes
    facts: WeekFacts
    remarks: tuple[str, ...]


def brief_of_week(connection: Connection, round_code: str | None, ending: str, asked: Asked) -> Written:
    """The brief of the week, as a page where the file's name ends so, else as a document.

    Raises TemplateRefused, NotFound and UsageRefused.
    """
    facts = week_facts(connection, round_code, asked.on_day, asked.policy, asked.calendar)
    context = context_of(facts, asked.calendar, asked.reporting, asked.rehearsal)
    drawn: dict[str, Picture] = {}
    remarks: tuple[str, ...] = ()
    try:
        drawn = dict(_drawn(connection, facts, asked))
    except FontRefused as error:
        remarks = (f"通报中没有图：{error.zh}{error.cure}",)
    write = _as_page if ending in PAGES else _as_document
    return Written(write({**context, **NO_PICTURES}, drawn, asked.home), facts, remarks)


def _drawn(connection: Connection, facts: WeekFacts, asked: Asked) -> "Iterator[tuple[str, Picture]]":
    """The burn-down, and due dates by unit and week, where there is anything to show. Raises FontRefused."""
    from models.answers import course
    from notifications.reports.pictures import drawing, fonts

    font = fonts.needed(asked.env)
    code, day = facts.round.code, asked.on_day
    if any(unit.open for unit in facts.units):
        yield "burn_down", drawing.burn_down(course.burn_down(connection, code, day), font, rehearsal=asked.rehearsal)
    heat = course.heat(connection, code, day)
    if heat.cells:
        yield "heat", drawing.heat(heat, font, rehearsal=asked.rehearsal)


def _as_page(context: Mapping[str, object], drawn: "Mapping[str, Picture]", home: Path) -> bytes:
    from notifications.reports.pictures.drawing import as_svg
    from notifications.reports.weekly.page import page

    pictures = {
        name: {
            "alt": f"{one.title}。{one.description}",
            "src": f"data:image/svg+xml;base64,{b64encode(as_svg(one)).decode()}",
        }
        for name, one in drawn.items()
    }
    return page(home, {**context, **pictures}).encode()


def _as_document(context: Mapping[str, object], drawn: "Mapping[str, Picture]", home: Path) -> bytes:
    from notifications.reports.paper import Picture as PaperPicture
    from notifications.reports.pictures.drawing import as_png
    from notifications.reports.weekly.document import document

    pictures = {name: PaperPicture(as_png(one), PICTURE_WIDTH_MM) for name, one in drawn.items()}
    return document(home, {**context, **pictures})
