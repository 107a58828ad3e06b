"""What a message says: digests and bulletins, rendered by Jinja2 templates into subject, text and HTML, or for a chat.

Runs when a message is composed, and again at each claim until its first hand-over. Pure: no database, no
channel, no clock. The sentences are plain Chinese office prose; an office may put a template of the same name
into its own folder. What counts as due, late or said already is decided elsewhere (models/ladder.py); what
each is made of stands in digest.py, bulletin.py and bulletin_context.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import InputRefused, Problem
from models.rehearsal import REHEARSAL_MARK
from notifications.words import bulletin_context, digest
from notifications.words.bulletin import Bulletin
from notifications.words.digest import Digest
from notifications.words.sentences import one_line

if TYPE_CHECKING:
    from jinja2 import Environment, Template

SUBJECT, TEXT, HTML, CHAT = "subject.txt.j2", "body.txt.j2", "body.html.j2", "chat.txt.j2"
"""The names of the templates; only names that end in .html.j2 escape what they are given."""
ACTION_SUBJECT, ACTION_TEXT, ACTION_HTML, ACTION_CHAT = (f"action_{name}" for name in (SUBJECT, TEXT, HTML, CHAT))
"""The same for bulletins."""

_OWN_TEMPLATES = Path(__file__).parents[1] / "templates"

Told = Digest | Bulletin


@dataclass(frozen=True, slots=True)
class Slip:
    """What tells one message from all others: its number, and which of how many parts it is. 0: not numbered yet."""

    number: int = 0
    part: int = 1
    parts: int = 1

    @property
    def mark(self) -> str:
        """What every message shows, so that people can say which one they mean."""
        return f"〔编号 {self.number}〕" if self.number else ""

    @property
    def place(self) -> str:
        """（2/3）, where there are several parts."""
        return f"（{self.part}/{self.parts}）" if self.parts > 1 else ""


NO_SLIP = Slip()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it is read. `subject` is one line; `text` and `html` say the same."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Chat:
    """A message as it is read in a chat, without the slip's mark: `subject` stands alone, and in the text as well."""

    subject: str
    text: str


class Writer:
    """Renders digests and bulletins, by templates compiled once. `templates` is an office's own folder.

    Raises InputRefused, with file and line, where an office's template cannot be read or used.
    """

    def __init__(self, templates: Path | None = None) -> None:
        environment, chats = _environment(templates), _environment(templates, harmless)
        self._digest = _Templates.of(environment, chats, (SUBJECT, TEXT, HTML, CHAT))
        self._bulletin = _Templates.of(environment, chats, (ACTION_SUBJECT, ACTION_TEXT, ACTION_HTML, ACTION_CHAT))
        if templates is not None:
            # A name misspelt by the office must come to light here and not in the middle of a daily run.
            trials: tuple[Told, ...] = (*digest.TRIALS, *bulletin_context.TRIALS)
            for told in trials:
                self.render(told, Slip(1, 1, 2))
                self.render_chat(told, Slip(1, 1, 2), markdown=True)

    def render(self, told: Told, slip: Slip = NO_SLIP) -> Rendered:
        """As a letter."""
        return self._templates_for(told).filled(context_of(told, slip), told.rehearsal, slip)

    def render_chat(self, told: Told, slip: Slip = NO_SLIP, *, markdown: bool) -> Chat:
        """For a chat, which understands a little markdown, or none."""
        context = {**context_of(told, slip), "markdown": markdown}
        return self._templates_for(told).filled_chat(context, told.rehearsal)

    def _templates_for(self, told: Told) -> "_Templates":
        return self._bulletin if isinstance(told, Bulletin) else self._digest


def context_of(told: Told, slip: Slip) -> dict[str, object]:
    """Everything a template may name. It is what offices write against: names here are kept."""
    found = bulletin_context.context_of(told) if isinstance(told, Bulletin) else digest.context_of(told)
    return {**found, "number": slip.number, "part": slip.part, "parts": slip.parts}


def harmless(value: object) -> object:
    """What a ledger says, kept from calling people or making links in a chat: no tag and no link begins in it."""
    if not isinstance(value, str):
        return value
    return value.replace("<", "＜").replace(">", "＞").replace("](", "] (")


def brief(text: str, longest: int) -> str:
    """The beginning of a text, as a filter of the templates."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@dataclass(frozen=True, slots=True)
class _Templates:
    """The templates of one sort of message."""

    subject: "Template"
    text: "Template"
    html: "Template"
    chat: "Template"

    @classmethod
    def of(cls, environment: "Environment", chats: "Environment", names: tuple[str, str, str, str]) -> "_Templates":
        subject, text, html = (_compiled(environment, name) for name in names[:3])
        return cls(subject, text, html, _compiled(chats, names[3]))

    def filled(self, context: Mapping[str, object], rehearsal: bool, slip: Slip) -> Rendered:
        subject = one_line(_filled(self.subject, context))
        text, html = _filled(self.text, context), _filled(self.html, context)
        if slip.mark not in text:
            text = f"{text.rstrip()}\n\n{slip.mark}\n"
        if slip.mark not in html:
            head, end, tail = html.rpartition("</body>")
            html = f"{head}<p>{slip.mark}</p>{end}{tail}" if end else f"{html}<p>{slip.mark}</p>"
        if not rehearsal:
            return Rendered(subject, text, html)
        # An office's template may have dropped the mark; a rehearsal must never pass for the real thing.
        return Rendered(_marked(subject), _marked(text), _marked(html))

    def filled_chat(self, context: Mapping[str, object], rehearsal: bool) -> Chat:
        subject, text = one_line(_filled(self.subject, context)), _filled(self.chat, context).strip()
        return Chat(_marked(subject), _marked(text)) if rehearsal else Chat(subject, text)


def _marked(text: str) -> str:
    return text if REHEARSAL_MARK in text else REHEARSAL_MARK + text


def _environment(templates: Path | None, finalize: Callable[[object], object] | None = None) -> "Environment":
    # Imported here: it costs 60 ms, which a listing that only wants reason_zh should not pay.
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape

    # utf-8-sig, because editors on office machines like to begin a file with a byte order mark.
    folders = [_OWN_TEMPLATES] if templates is None else [templates, _OWN_TEMPLATES]
    environment = Environment(
        finalize=finalize,
        loader=ChoiceLoader([FileSystemLoader(folder, encoding="utf-8-sig") for folder in folders]),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["brief"] = brief
    return environment


def _compiled(environment: "Environment", name: str) -> "Template":
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        return environment.get_template(name)
    except TemplateSyntaxError as error:
        raise _refused(f"{error.name or name}:{error.lineno}", str(error.message)) from error
    except UnicodeDecodeError as error:
        raise _refused(name, "文件不是 UTF-8 编码") from error
    except TemplateError as error:
        raise _refused(name, str(error)) from error


def _filled(template: "Template", context: Mapping[str, object]) -> str:
    from jinja2 import TemplateError

    try:
        return template.render(context)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise _refused(template.name or "", str(error)) from error


def _refused(where: str, found: str) -> InputRefused:
    return InputRefused(
        f"通知模板 {where} 无法使用：{found}。",
        [Problem(found, where=where)],
        "请改正该模板，或将其移出模板文件夹，改用系统自带的模板。",
    )
