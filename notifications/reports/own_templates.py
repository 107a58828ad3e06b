"""Looks at an office's own templates of reports without filling them, so that a broken one is known in time.

Runs in `duban doctor`. Names that are not there are found by filling alone.
"""

from collections.abc import Iterator
from pathlib import Path

from models.errors import TemplateRefused
from notifications.reports.paper.templates import FILES, find


def broken(folder: Path) -> Iterator[TemplateRefused]:
    """What is wrong with each of those that lie in the folder."""
    for name, file in FILES.items():
        if not (folder / file).exists():
            continue
        try:
            _check(folder, name)
        except TemplateRefused as refusal:
            yield refusal


def _check(folder: Path, name: str) -> None:
    path = folder / FILES[name]
    if path.suffix == ".docx":
        from notifications.reports.paper.document import check as check_document

        check_document(str(path), find(folder, name).content)
    else:
        from notifications.reports.weekly.page import check as check_page

        check_page(path)
