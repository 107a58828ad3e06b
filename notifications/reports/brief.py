"""The day's brief: what was decided, how the messages went, and what needs a person.

Drawn after delivery, for the command line (rich tables) and for Prefect's page (markdown). Values and layout
only: who was told what is read elsewhere, and nothing is decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby
from typing import TYPE_CHECKING

from models.ladder import COLOUR_ZH, NoticeKind
from models.lifecycle import ROLE_ZH, STAGE_ZH, Role, Stage
from notifications.sentences import Timing, measure_order, when_zh
from notifications.wording import REHEARSAL_MARK

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


@dataclass(frozen=True, slots=True)
class BriefRow:
    """One notice of the day. `days` are working days left (> 0), none left (0), or late (< 0).

    `colour` is a Colour, or empty where none is set; `provisional`: the date rests on a year not announced yet.
    `reason` is the whole sentence, `why` its half without the clock; `fate` is how its message went.
    """

    party: str
    role: Role
    measure_no: str
    text: str
    kind: NoticeKind
    colour: str
    stage: Stage
    due_on: date
    days: int
    provisional: bool
    reason: str
    why: str
    fate: str


@dataclass(frozen=True, slots=True)
class BriefCounts:
    """Notices decided, messages made of them, and where those messages stand."""

    notices: int
    messages: int
    accepted: int
    unknown: int
    rejected: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Brief:
    """One day. `attention` holds the lines that need a person: parties without an address, dead messages."""

    on: date
    rehearsal: bool
    rows: tuple[BriefRow, ...]
    counts: BriefCounts
    attention: tuple[str, ...]


GROUPS: tuple[tuple[str, frozenset[NoticeKind]], ...] = (
    ("问责提请", frozenset({NoticeKind.REFER})),
    ("超期与督办", frozenset({NoticeKind.OVERDUE, NoticeKind.SUPERVISE})),
    ("催办", frozenset({NoticeKind.URGE})),
    ("提醒", frozenset({NoticeKind.REMIND})),
    ("通知无法送达", frozenset({NoticeKind.ADDRESS})),
)
"""The tables of a brief, gravest first. Every kind is in exactly one."""

_OF_CLOCK = ("措施", "时限")
_OF_PARTY = ("告知", "身份", "事由", "送达")
COLUMNS = _OF_CLOCK + _OF_PARTY
"""In a terminal the first two are shown once for all the parties of one measure and clock."""

# In cells: as wide as 超期123个工作日, 责任追究组 and half of 未发：无通知地址. Measure and reason share the rest.
_WIDTHS = {"时限": 15, "告知": 10, "身份": 10, "送达": 8}
_TEXT_SHOWN = 22
"""Characters of a measure's text in a terminal; its number finds the rest."""

_ROLES_IN_ORDER = (
    Role.UNIT, Role.LEAD, Role.COOPERATING, Role.SUPERVISION, Role.GENERAL, Role.ACCOUNTABILITY, Role.HEAD,
)  # fmt: skip
"""Who stands beneath whom under one measure: those who answer for it first, then those above them."""

_COLOUR_NAMES = {str(colour): zh for colour, zh in COLOUR_ZH.items()}
_STYLES = {"blue": "blue", "green": "green", "yellow": "yellow", "orange": "dark_orange", "red": "red"}
# No underscore: rungs are full of them, and inside a word they mean nothing.
_ESCAPED = str.maketrans({mark: f"\\{mark}" for mark in "\\`*[]|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def brief_headline(brief: Brief) -> str:
    """The day in one line, with the mark of a rehearsal."""
    counts = brief.counts
    mark = REHEARSAL_MARK if brief.rehearsal else ""
    said = f"{mark}{brief.on.isoformat()} 督办简报：通知事项{counts.notices}条，消息{counts.messages}封"
    fates = (
        ("已送达", counts.accepted),
        ("待发", counts.waiting),
        ("结果不明", counts.unknown),
        ("被拒收", counts.rejected),
    )
    told = "、".join(f"{name}{number}" for name, number in fates if number)
    return f"{said}（{told}）" if told else said


def brief_summary(brief: Brief) -> str:
    """How many notices each group holds, gravest first: 问责提请8条 · 催办4条. Empty on a quiet day."""
    return " · ".join(f"{title}{len(rows)}条" for title, rows in _groups(brief))


def brief_markdown(brief: Brief) -> str:
    """The whole brief as GitHub markdown, texts in full, nothing of them read as markup."""
    blocks = [f"# {_escaped(brief_headline(brief))}"]
    if brief.attention:
        blocks.append("## 需要人工处理")
        blocks.append("\n".join(f"- {_escaped(line)}" for line in brief.attention))
    for title, rows in _groups(brief):
        blocks.append(f"## {title}（{len(rows)}条）")
        blocks.append("\n".join(chain(_markdown_head(), (_markdown_row(row, brief.on) for row in rows))))
    if not brief.rows:
        blocks.append("当日没有需要通知的事项。")
    return "\n\n".join(blocks) + "\n"


def brief_tables(brief: Brief) -> "list[Table]":
    """One table a group that has rows, gravest first, for terminals of 100 columns and more."""
    return [_table(title, rows, brief.on) for title, rows in _groups(brief)]


def _groups(brief: Brief) -> Iterable[tuple[str, list[BriefRow]]]:
    for title, kinds in GROUPS:
        rows = sorted((row for row in brief.rows if row.kind in kinds), key=_urgency)
        if rows:
            yield title, rows


def _urgency(row: BriefRow) -> tuple[object, ...]:
    return *_clock(row), _ROLES_IN_ORDER.index(row.role), row.party


def _clock(row: BriefRow) -> tuple[object, ...]:
    """What rows share that stand under one measure, most urgent first. Two rounds may use the same number."""
    return row.due_on, measure_order(row.measure_no), row.measure_no, row.text, row.stage, row.colour


def _measure_zh(row: BriefRow, text: str) -> str:
    return f"{row.measure_no}、{text}"


def _limit_zh(row: BriefRow) -> str:
    """The date, with its stage where it is not the limit of the measure itself."""
    stage = "" if row.stage is Stage.COMPLETE else f"{STAGE_ZH[row.stage]} "
    return f"{stage}{row.due_on.isoformat()}{' （推算日期）' if row.provisional else ''}"


def _state_zh(row: BriefRow, on: date) -> str:
    """As messages say it, but shorter where late."""
    if Timing.of(row.due_on, on) is Timing.LATE and row.days:
        return f"超期{-row.days}个工作日"
    return when_zh(row.due_on, row.days, on)


def _told(row: BriefRow) -> tuple[str, ...]:
    return row.party, ROLE_ZH[row.role], row.why, row.fate


def _table(title: str, rows: Iterable[BriefRow], on: date) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.HORIZONTALS, show_lines=True, expand=True,
        padding=(0, 1, 0, 0), pad_edge=False,
    )  # fmt: skip
    measure, limit = _OF_CLOCK
    table.add_column(measure, overflow="fold", ratio=2)
    table.add_column(limit, overflow="fold", width=_WIDTHS[limit])
    table.add_column(_parties([_OF_PARTY]), ratio=7)
    for _, block in groupby(rows, key=_clock):
        table.add_row(*_terminal_cells(list(block), on))
    return table


def _terminal_cells(block: list[BriefRow], on: date) -> "tuple[Text, Text, Table]":
    from rich.text import Text

    first = block[0]
    state = (_state_zh(first, on), _STYLES.get(first.colour, ""))
    return (
        Text(_measure_zh(first, _shortened(first.text))),
        Text.assemble(_limit_zh(first), "\n", state),
        _parties(map(_told, block)),
    )


def _parties(rows: Iterable[tuple[str, ...]]) -> "Table":
    """A grid of its own, or the first of several parties would be as tall as the measure beside them.

    Its cells are Text and not str, since rich reads markup in a str, and a name may hold square brackets.
    """
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for heading in _OF_PARTY:
        width = _WIDTHS.get(heading)
        grid.add_column(overflow="fold", width=width, ratio=None if width else 1)
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"


def _markdown_head() -> Iterable[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{' --- |' * len(COLUMNS)}"


def _markdown_row(row: BriefRow, on: date) -> str:
    colour = _COLOUR_NAMES.get(row.colour, row.colour)
    limit = " ".join(filter(None, (_limit_zh(row), colour, _state_zh(row, on))))
    cells = (_measure_zh(row, row.text), limit, *_told(row))
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPED)
