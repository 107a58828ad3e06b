"""The weekly brief as one page of HTML, by the office's own template where it has one. Writes no file.

The template is filled in the same sandbox as those of papers: values are escaped, nothing is called, and what is wrong
with it is told with file and line.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import Problem, TemplateRefused
from notifications.reports.paper.plain_text import cleaned

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from notifications.reports.paper.missing import Missing

NAME = "weekly.html.j2"
TEMPLATE_MOST = 1_000_000
"""Characters of a template."""
PAGE_MOST = 50_000_000
"""Characters of a page; a full one has about a million."""
_SHIPPED = Path(__file__).parents[2] / "templates" / NAME


def page(home: Path, context: Mapping[str, object]) -> str:
    """The page that comes of `<home>/templates/weekly.html.j2`, or of the shipped template. Raises TemplateRefused.

    A page whose template has dropped `context["mark"]`, 【演练】, gets it as its first line.
    """
    from notifications.reports.paper.missing import noting
    from notifications.reports.paper.sandbox import sandbox

    own = home / "templates" / NAME
    path = own if own.exists() else _SHIPPED
    missing: list[Missing] = []
    environment = sandbox(noting(missing))
    environment.trim_blocks = environment.lstrip_blocks = True
    template = _compiled(environment, path)
    text = _filled(template, path, {key: cleaned(value) for key, value in context.items()}, missing)
    return _marked(text, str(context["mark"]))


def _compiled(environment: "Environment", path: Path) -> "Template":
    from jinja2 import TemplateSyntaxError

    try:
        return environment.from_string(_source(path))
    except TemplateSyntaxError as error:
        raise _refused(path, [_problem(path, error.lineno, f"写法有误（{error.message}）")]) from error


def _source(path: Path) -> str:
    """Without the byte order mark that editors on office machines like to begin a file with."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            source = file.read(TEMPLATE_MOST + 1)
    except UnicodeDecodeError as error:
        raise _refused(path, [_problem(path, 0, "文件不是 UTF-8 编码")]) from error
    except OSError as error:
        raise _refused(path, [_problem(path, 0, "读不了，请检查它是否为文件、是否有权读取")]) from error
    if len(source) > TEMPLATE_MOST:
        raise _refused(path, [_problem(path, 0, f"超过{TEMPLATE_MOST}个字符")])
    return source


def _filled(template: "Template", path: Path, context: Mapping[str, object], missing: "list[Missing]") -> str:
    """The page. Names that are missing are all found before anything is refused."""
    from jinja2 import TemplateError

    from notifications.reports.paper.missing import line_of_error

    pieces, room = [], PAGE_MOST
    broken: list[Problem] = []
    try:
        for piece in template.root_render_func(template.new_context(dict(context))):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                raise _refused(path, [_problem(path, 0, "填写后过长，请检查其中的循环")])
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        if not missing:  # else what is missing broke it off
            broken.append(_problem(path, line_of_error(error), "算不出来，请核对写法"))
    if problems := [*dict.fromkeys(_missing(path, one, context) for one in missing), *broken]:
        raise _refused(path, problems)
    return "".join(pieces)


def _missing(path: Path, one: "Missing", context: Mapping[str, object]) -> Problem:
    from difflib import get_close_matches

    near = get_close_matches(one.name, tuple(context) if one.among is None else one.among, n=1)
    perhaps = f"，是否为“{near[0]}”" if near else ""
    what = f"不能使用“{one.name}”" if one.forbidden else f"没有名为“{one.name}”的内容{perhaps}"
    return _problem(path, one.line, what)


def _problem(path: Path, line: int, what: str) -> Problem:
    return Problem(what, f"{path.name}:{line}" if line else path.name)


def _refused(path: Path, problems: list[Problem]) -> TemplateRefused:
    return TemplateRefused(
        f"模板 {path} 有{len(problems)}处问题，未写出督办通报。",
        problems,
        "请在该模板中改正；或将其移出 templates 文件夹，改用系统自带的模板。",
    )


def _marked(text: str, mark: str) -> str:
    """A rehearsal must never pass for the real thing."""
    if mark in text:
        return text
    head, body, rest = text.partition("<body>")
    return f"{head}{body}<p>{mark}</p>{rest}" if body else f"<p>{mark}</p>{text}"
