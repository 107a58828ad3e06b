"""Templates made by hand for tests, and papers read back."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import docx

from models.errors import TemplateRefused
from notifications.reports.paper import Template, fill


def template(*paragraphs: str, table: Sequence[Sequence[str]] = (), header: str = "") -> Template:
    """A template x.docx with these paragraphs, then a table."""
    paper = docx.Document()
    for text in paragraphs:
        paper.add_paragraph(text)
    if table:
        made = paper.add_table(len(table), len(table[0]))
        for row, texts in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if header:
        paper.sections[0].header.paragraphs[0].text = header
    buffer = BytesIO()
    paper.save(buffer)
    return Template(Path("x.docx"), buffer.getvalue())


def texts_of(content: bytes) -> list[str]:
    """The paragraphs of a paper, then those of its tables' cells."""
    paper = docx.Document(BytesIO(content))
    return [
        *(paragraph.text for paragraph in paper.paragraphs),
        *(cell.text for table in paper.tables for row in table.rows for cell in row.cells),
    ]


def problems_of(made: Template, context: Mapping[str, object]) -> list[str]:
    """What is said of a template that cannot be filled; nothing where it can."""
    try:
        fill(made, context)
    except TemplateRefused as error:
        return [str(problem) for problem in error.problems]
    return []
