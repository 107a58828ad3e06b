"""Filling one source in the sandbox, within bounds, and what is said of one that cannot be filled.

Used for the parts of a document and for a page of HTML; each of them knows the places of its own lines.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from jinja2 import TemplateError, TemplateSyntaxError

from models.errors import Problem, TemplateRefused
from notifications.reports.paper.missing import Missing, line_of_error
from notifications.reports.paper.sandbox import Sandbox

PROBLEMS_MOST = 50
"""Problems of a template that are told: a table that is copied a hundred times has each of its own a hundred times."""
TOO_LONG = "填写后过长，请检查其中的循环"
_BREAKING = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError)
"""All by which a filling may break off in the sandbox: a template is code, and computes with any value."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a source; where it broke off, what is wrong there (Chinese) and at which line, 0 if unknown."""

    text: str = ""
    fault: str = ""
    line: int = 0


def rendered(
    environment: Sandbox, source: str, context: Mapping[str, object], longest: int, missing: list[Missing]
) -> Rendered:  # fmt: skip
    """Fills the source with at most so many characters.

    `missing` is the list into which the environment notes names that are not there. Where there are any, they and not
    this tell what is wrong: what is missing also breaks a filling off.
    """
    pieces, room = [], longest
    try:
        template = environment.from_string(source)
        for piece in template.root_render_func(template.new_context(dict(context))):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                return Rendered(fault=TOO_LONG)
    except TemplateSyntaxError as error:
        return Rendered(fault=syntax_zh(error), line=error.lineno)
    except _BREAKING as error:
        return Rendered() if missing else Rendered(fault="算不出来，请核对写法", line=line_of_error(error))
    return Rendered("".join(pieces))


def syntax_zh(error: TemplateSyntaxError) -> str:
    """What is said of a tag that cannot be read. Jinja2 says it in English."""
    message = error.message or ""
    for pattern, zh in _SYNTAX:
        if found := pattern.match(message):
            return zh.format(*found.groups())
    return "写法有误，请核对括号、引号和标签"


_SYNTAX: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"Encountered unknown tag '(.*?)'"), "没有名为“{0}”的标签，或其开头标签缺失"),
    (re.compile(r"No filter named '(.*?)'"), "没有名为“{0}”的过滤器"),
    (re.compile(r"Unexpected end of template"), "到末尾仍有标签没有结束，如缺少 endfor 或 endif"),
    (re.compile(r"unexpected '?end of |Missing end of "), "标签没有写完"),
    (re.compile(r"(?:unexpected char ['\"]|unexpected '|expected token '.*?', got ')(.*?)['\"](?: at \d+)?$"),
     "此处不应有“{0}”"),
)  # fmt: skip


def not_there(one: Missing, context: Mapping[str, object]) -> str:
    """What is said of a name that is not there, with the nearest that is, or that must not be looked at."""
    if one.forbidden:
        return f"不能使用“{one.name}”"
    near = get_close_matches(one.name, tuple(context) if one.among is None else one.among, n=1)
    return f"没有名为“{one.name}”的内容{f'，是否为“{near[0]}”' if near else ''}"


def refused(where: str, problems: list[Problem]) -> TemplateRefused:
    """The refusal of one template, with all that was found, or the first of very much."""
    many = f"（列出前{PROBLEMS_MOST}处）" if len(problems) > PROBLEMS_MOST else ""
    return TemplateRefused(
        f"模板 {where} 有{len(problems)}处问题{many}，没有写出文件。",
        problems[:PROBLEMS_MOST],
        "请在该模板中改正；或将其移出 templates 文件夹，改用系统自带的模板。",
    )
