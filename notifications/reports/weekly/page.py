"""The weekly brief as one page of HTML, by the office's own template where it has one. Writes no file.

The template is filled in the same sandbox as those of documents: values are escaped, nothing that matters is
called, and what is wrong with it is told with file and line.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import Problem, TemplateRefused
from notifications.reports.paper.plain_text import cleaned
from notifications.reports.paper.templates import own_or_shipped

if TYPE_CHECKING:
    from notifications.reports.paper.missing import Missing

TEMPLATE_MOST = 1_000_000
"""Characters of a template."""
PAGE_MOST = 50_000_000
"""Characters of a page; a full one has about a million."""


def page(templates: Path, context: Mapping[str, object]) -> str:
    """The page that comes of the office's `weekly.html.j2` in that folder, or of the shipped template.

    A page whose template has dropped `context["mark"]`, 【演练】, gets it as its first line. Raises TemplateRefused.
    """
    from notifications.reports.paper.missing import noting
    from notifications.reports.paper.rendering import not_there, rendered
    from notifications.reports.paper.sandbox import sandbox

    path = own_or_shipped(templates, "weekly-page")
    missing: list[Missing] = []
    environment = sandbox(noting(missing))
    environment.trim_blocks = environment.lstrip_blocks = True
    values = {key: cleaned(value) for key, value in context.items()}
    done = rendered(environment, _source(path), values, PAGE_MOST, missing)
    problems = [_problem(path, one.line, not_there(one, values)) for one in missing]
    if done.fault:
        problems.append(_problem(path, done.line, done.fault))
    if problems:
        raise _refused(path, *dict.fromkeys(problems))
    return _marked(done.text, str(context["mark"]))


def check(path: Path) -> None:
    """Reads a template without filling it. Raises TemplateRefused."""
    from jinja2 import TemplateSyntaxError, Undefined

    from notifications.reports.paper.rendering import syntax_zh
    from notifications.reports.paper.sandbox import sandbox

    try:
        sandbox(Undefined).from_string(_source(path))
    except TemplateSyntaxError as error:
        raise _refused(path, _problem(path, error.lineno, syntax_zh(error))) from error


def _source(path: Path) -> str:
    """Without the byte order mark that editors on office machines like to begin a file with."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            source = file.read(TEMPLATE_MOST + 1)
    except UnicodeDecodeError as error:
        raise _refused(path, _problem(path, 0, "文件不是 UTF-8 编码")) from error
    except OSError as error:
        raise _refused(path, _problem(path, 0, "读不了，请检查它是否为文件、是否有权读取")) from error
    if len(source) > TEMPLATE_MOST:
        raise _refused(path, _problem(path, 0, f"超过{TEMPLATE_MOST}个字符"))
    return source


def _problem(path: Path, line: int, what: str) -> Problem:
    return Problem(what, f"{path.name}:{line}" if line else path.name)


def _refused(path: Path, *problems: Problem) -> TemplateRefused:
    from notifications.reports.paper.rendering import refused

    return refused(str(path), list(problems))


def _marked(text: str, mark: str) -> str:
    """A rehearsal must never pass for the real thing: the mark stands where it is read, in no title or attribute."""
    body = re.search(r"<body\b[^>]*>", text, re.IGNORECASE)
    start = body.end() if body else 0
    if mark in re.sub(r"<[^>]*>", "", text[start:]):
        return text
    return f"{text[:start]}<p>{mark}</p>{text[start:]}"
