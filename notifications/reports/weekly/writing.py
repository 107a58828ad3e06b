"""From the record to the bytes of a weekly brief: reads the round, draws its pictures, fills page or document.

Runs in `duban weekly`, which puts them into a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from config.reporting import Reporting
from models.answers.week.reading import week_facts
from models.answers.week.values import WeekFacts
from models.ladder import Policy
from models.workdays import WorkCalendar
from notifications.reports.illustrating import illustrations
from notifications.reports.paper import fill
from notifications.reports.paper.templates import find
from notifications.reports.weekly.context import context_of
from notifications.reports.weekly.page import page

PAGES = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class Asked:
    """For which day a brief is written, by which templates, and what decides in it."""

    templates: Path
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
    shown = illustrations(connection, facts.round.code, asked.on_day, asked.env, rehearsal=asked.rehearsal)
    remarks = (shown.why_none,) if shown.why_none else ()
    if ending in PAGES:
        content = page(asked.templates, {**context, **shown.of_page()}).encode()
    else:
        content = fill(find(asked.templates, "weekly"), {**context, **shown.of_document()}, str(context["mark"]))
    return Written(content, facts, remarks)
