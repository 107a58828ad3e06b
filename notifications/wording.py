"""What a message says: digests and bulletins, rendered by Jinja2 templates into subject, text and HTML, or for a chat.

Runs when a message is composed, and again at each claim until its first hand-over. Pure: no database, no
channel, no clock. The sentences are plain Chinese office prose; an office may put a template of the same name
into its own folder. What counts as due, late or said already is decided elsewhere (models/ladder.py); what a
bulletin is made of stands in bulletin.py and bulletin_context.py.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from models.errors import InputRefused, Problem
from models.ladder import COLOUR_ZH, MessageKind, NoticeKind
from models.lifecycle import ROLE_ZH, STAGE_ZH, Role, Stage
from notifications import bulletin_context
from notifications.bulletin import Bulletin
from notifications.sentences import PROVISIONAL_ZH, Timing, measure_order, one_line, reason_zh, todo_zh, when_zh

if TYPE_CHECKING:
    from jinja2 import Environment, Template

REHEARSAL_MARK = "【演练】"
"""What the subject and both bodies of every message of a rehearsal bear."""

SUBJECT, TEXT, HTML, CHAT = "subject.txt.j2", "body.txt.j2", "body.html.j2", "chat.txt.j2"
"""The names of the templates; only names that end in .html.j2 escape what they are given."""
ACTION_SUBJECT, ACTION_TEXT, ACTION_HTML, ACTION_CHAT = (f"action_{name}" for name in (SUBJECT, TEXT, HTML, CHAT))
"""The same for bulletins."""

_OWN_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Item:
    """One notice, ready to be said. Names are as the ledger writes them.

    `days` are working days: left (> 0), none left (0), or late (< 0). `role` is what the party is to
    this measure; where it receives for another, what the other is. `colour` is a Colour, or empty where none
    is set. `provisional`: the date rests on a day of a year not announced yet. `limit_text` is the ledger's.
    """

    measure_no: str
    problem: str
    text: str
    unit: str
    lead: str
    role: Role
    stage: Stage
    rung: str
    kind: NoticeKind
    colour: str
    due_on: date
    days: int
    provisional: bool
    limit_text: str


@dataclass(frozen=True, slots=True)
class Digest:
    """One message to one party. `stand_in_for` names the party in whose place it is received, else empty."""

    party: str
    party_code: str
    on: date
    kind: MessageKind
    items: tuple[Item, ...]
    round_name: str
    rehearsal: bool
    stand_in_for: str = ""


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


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a template sees it: each field one line of text. `paint` is the CSS colour of `colour`."""

    measure_no: str
    problem: str
    text: str
    unit: str
    lead: str
    stage: str
    colour: str
    paint: str
    due_on: str
    provisional: str
    limit_text: str
    when: str
    todo: str
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one role, most urgent first."""

    title: str
    entries: tuple[Entry, ...]


_PAINT: Mapping[str, str] = MappingProxyType(
    {
        "blue": "#1565c0",
        "green": "#2e7d32",
        "yellow": "#8a6d00",
        "orange": "#c75000",
        "red": "#c62828",
    }
)
_COLOUR_NAMES: Mapping[str, str] = MappingProxyType({str(colour): zh for colour, zh in COLOUR_ZH.items()})


def headline_zh(digest: Digest) -> str:
    """What the message is about, in one line: 整改督办：3项措施超期，其中1项提请问责."""
    told = [item for item in digest.items if item.kind is not NoticeKind.ADDRESS]
    unreachable = {item.unit for item in digest.items if item.kind is NoticeKind.ADDRESS}
    clauses = []
    if told:
        referred = {item.measure_no for item in told if item.kind is NoticeKind.REFER}
        counts = "、".join(_counts_zh(told, digest.on))
        clauses.append(f"{counts}，其中{len(referred)}项提请问责" if referred else counts)
    if unreachable:
        clauses.append(f"{len(unreachable)}个单位无可用通知地址")
    return f"{_title_zh(digest)}：{'；'.join(clauses)}"


class Writer:
    """Renders digests and bulletins, by templates compiled once. `templates` is an office's own folder.

    Raises InputRefused, with file and line, where an office's template cannot be read or used.
    """

    def __init__(self, templates: Path | None = None) -> None:
        environment, chats = _environment(templates), _environment(templates, harmless)
        self._digest = _Form.of(environment, chats, (SUBJECT, TEXT, HTML, CHAT))
        self._bulletin = _Form.of(environment, chats, (ACTION_SUBJECT, ACTION_TEXT, ACTION_HTML, ACTION_CHAT))
        if templates is not None:
            # A name misspelt by the office must come to light here and not in the middle of a daily run.
            trials: tuple[Digest | Bulletin, ...] = (*_TRIALS, *bulletin_context.TRIALS)
            for told in trials:
                self.render(told, Slip(1, 1, 2))
                self.render_chat(told, Slip(1, 1, 2), markdown=True)

    def render(self, told: Digest | Bulletin, slip: Slip = NO_SLIP) -> Rendered:
        """As a letter."""
        return self._form(told).filled(context_of(told, slip), told.rehearsal, slip)

    def render_bulletin(self, bulletin: Bulletin, slip: Slip = NO_SLIP) -> Rendered:
        return self.render(bulletin, slip)

    def render_chat(self, told: Digest | Bulletin, slip: Slip = NO_SLIP, *, markdown: bool) -> Chat:
        """For a chat, which understands a little markdown, or none."""
        context = {**context_of(told, slip), "markdown": markdown}
        return self._form(told).filled_chat(context, told.rehearsal)

    def _form(self, told: Digest | Bulletin) -> "_Form":
        return self._bulletin if isinstance(told, Bulletin) else self._digest


def context_of(told: Digest | Bulletin, slip: Slip) -> dict[str, object]:
    """Everything a template may name. It is what offices write against: names here are kept."""
    found = bulletin_context.context_of(told) if isinstance(told, Bulletin) else _context(told)
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
class _Form:
    """The templates of one sort of message."""

    subject: "Template"
    text: "Template"
    html: "Template"
    chat: "Template"

    @classmethod
    def of(cls, environment: "Environment", chats: "Environment", names: tuple[str, str, str, str]) -> "_Form":
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


def _title_zh(digest: Digest) -> str:
    kinds = {item.kind for item in digest.items}
    if digest.kind is MessageKind.DIGEST:
        return "整改催办" if NoticeKind.URGE in kinds else "整改提醒"
    return "通知无法送达" if kinds == {NoticeKind.ADDRESS} else "整改督办"


def _counts_zh(items: Iterable[Item], on: date) -> Iterable[str]:
    """How many measures are late, due and near, with the stage where it is one and another than complete."""
    groups: dict[Timing, list[Item]] = {timing: [] for timing in Timing}
    for item in items:
        groups[Timing.of(item.due_on, on)].append(item)
    states = {Timing.LATE: "超期", Timing.TODAY: "今日到期", Timing.AHEAD: "临近时限"}
    for timing, group in groups.items():
        if group:
            measures = len({item.measure_no for item in group})
            yield f"{measures}项措施{_of_stages({item.stage for item in group})}{states[timing]}"


def _of_stages(stages: set[Stage]) -> str:
    if stages == {Stage.COMPLETE}:
        return ""
    return STAGE_ZH[next(iter(stages))] if len(stages) == 1 else "有事项"


def _context(digest: Digest) -> dict[str, object]:
    return {
        "party": one_line(digest.party),
        "stand_in_for": one_line(digest.stand_in_for),
        "on": digest.on.isoformat(),
        "round_name": one_line(digest.round_name),
        "kind": str(digest.kind),
        "rehearsal": digest.rehearsal,
        "headline": headline_zh(digest),
        "count": len(digest.items),
        "sections": _sections(digest.items, digest.on),
    }


def _sections(items: Iterable[Item], on: date) -> tuple[Section, ...]:
    by_role: dict[Role, list[Item]] = {role: [] for role in Role}
    for item in items:
        by_role[item.role].append(item)
    return tuple(
        Section(f"作为{ROLE_ZH[role]}", tuple(_entry(item, on) for item in sorted(own, key=_urgency)))
        for role, own in by_role.items()
        if own
    )


def _urgency(item: Item) -> tuple[object, ...]:
    return item.due_on, measure_order(item.measure_no)


def _entry(item: Item, on: date) -> Entry:
    unit = one_line(item.unit)
    return Entry(
        measure_no=one_line(item.measure_no),
        problem=one_line(item.problem),
        text=one_line(item.text),
        unit=unit,
        lead=one_line(item.lead),
        stage=STAGE_ZH[item.stage],
        colour=_COLOUR_NAMES.get(item.colour, item.colour),
        paint=_PAINT.get(item.colour, "#555555"),
        due_on=item.due_on.isoformat(),
        provisional=PROVISIONAL_ZH if item.provisional else "",
        limit_text=one_line(item.limit_text),
        when=when_zh(item.due_on, item.days, on),
        todo=todo_zh(stage=item.stage, kind=item.kind, role=item.role, timing=Timing.of(item.due_on, on), unit=unit),
        reason=reason_zh(
            stage=item.stage,
            rung=item.rung,
            kind=item.kind,
            role=item.role,
            due_on=item.due_on,
            days=item.days,
            provisional=item.provisional,
            unit=unit,
        ),
    )


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


def _trials() -> tuple[Digest, ...]:
    """Two digests that between them pass through every branch a template may have."""
    day = date(2023, 6, 26)
    near = Item("1", "问题", "措施", "单位", "领导", Role.UNIT, Stage.COMPLETE, "complete/-5wd",
                NoticeKind.REMIND, "yellow", day, 0, True, "6月底前")  # fmt: skip
    late = Item("2", "", "措施", "单位", "", Role.LEAD, Stage.ACCEPT, "accept/+5wd",
                NoticeKind.OVERDUE, "", day, -5, False, "")  # fmt: skip
    return (
        Digest("单位", "D01", day, MessageKind.DIGEST, (near,), "轮次", rehearsal=True, stand_in_for="单位"),
        Digest("单位", "D01", day, MessageKind.ESCALATION, (near, late), "", rehearsal=False),
    )


_TRIALS = _trials()
