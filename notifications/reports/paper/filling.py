"""The way in to fill a template: plain values in, the bytes of a .docx out. Writes no file."""

from collections.abc import Mapping

from notifications.reports.paper.templates import Template
from notifications.reports.paper.values import Picture

__all__ = ["Picture", "fill"]


def fill(template: Template, context: Mapping[str, object], mark: str = "") -> bytes:
    """The template with the context's values put in: texts, numbers, lists, mappings and `Picture`s.

    `context["title"]` also becomes the document's title. A paper whose template has dropped `mark`, 【演练】 for one,
    gets it as its first paragraph. Raises TemplateRefused with every problem and its place.
    """
    from notifications.reports.paper.document import filled

    return filled(str(template.path), template.content, context, mark)
