"""The weekly brief as a document, by the office's own weekly.docx where it has one. Writes no file."""

from collections.abc import Mapping
from pathlib import Path

from notifications.reports.paper import fill, templates


def document(home: Path, context: Mapping[str, object]) -> bytes:
    """The bytes of the .docx. Raises TemplateRefused."""
    return fill(templates.find(home, "weekly"), context, str(context["mark"]))
