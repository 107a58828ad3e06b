"""The day's brief: what was decided, how the messages went, and what needs a person.

Drawn after delivery, for the command line (rich tables) and for Prefect's page (markdown). Values and layout
only: who was told what is read elsewhere, and nothing is decided here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from models.ladder import COLOUR_ZH, NoticeKind
from models.lifecycle import ROLE_ZH, Role
from notifications.wording import REHEARSAL_MARK, measure_order

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


@dataclass(frozen=True, slots=True)
class BriefRow:
    """One notice of the day. `days` are working days left (≥ 0) or late (< 0).

    `colour` is a Colour, or empty where none is set; `fate` is how its message went.
    """

    party: str
    role: Role
    measure_no: str
    text: str
    kind: NoticeKind
    colour: str
    due_on: date
    days: int
    reason: str
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

COLUMNS = ("对象", "身份", "措施", "时限", "剩余/超期", "事由", "送达情况")

# How the columns share a terminal. The fixed ones fit what stands in them (责任追究组, a date, 123个工作日,
# 已送达（file）), in cells; the others share the rest, and the reason, which is read most, gets most.
_FIXED = {"身份": 10, "时限": 10, "剩余/超期": 11, "送达情况": 14}
_SHARES = {"对象": 4, "措施": 5, "事由": 10}
_TEXT_SHOWN = 22
"""Characters of a measure's text in a terminal; its number finds the rest."""

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


def brief_markdown(brief: Brief) -> str:
    """The whole brief as GitHub markdown, texts in full, nothing of them read as markup."""
    blocks = [f"# {_escaped(brief_headline(brief))}"]
    if brief.attention:
        blocks.append("## 需要人工处理")
        blocks.append("\n".join(f"- {_escaped(line)}" for line in brief.attention))
    for title, rows in _groups(brief):
        blocks.append(f"## {title}（{len(rows)}条）")
        blocks.append("\n".join(chain(_markdown_head(), (_markdown_row(row) for row in rows))))
    if not brief.rows:
        blocks.append("当日没有需要通知的事项。")
    return "\n\n".join(blocks) + "\n"


def brief_tables(brief: Brief) -> "list[Table]":
    """One table a group that has rows, gravest first, for terminals of 100 columns and more."""
    return [_table(title, rows) for title, rows in _groups(brief)]


def _groups(brief: Brief) -> Iterable[tuple[str, list[BriefRow]]]:
    for title, kinds in GROUPS:
        rows = sorted((row for row in brief.rows if row.kind in kinds), key=_urgency)
        if rows:
            yield title, rows


def _urgency(row: BriefRow) -> tuple[object, ...]:
    return row.due_on, measure_order(row.measure_no), row.party


def _cells(row: BriefRow, shown: Callable[[str], str]) -> tuple[str, ...]:
    measure = f"{row.measure_no}、{shown(' '.join(row.text.split()))}"
    return row.party, ROLE_ZH[row.role], measure, row.due_on.isoformat(), _left_zh(row), row.reason, row.fate


def _left_zh(row: BriefRow) -> str:
    """The colour as a word, and the days on a line of their own: a narrow column would cut them anywhere."""
    colour = _COLOUR_NAMES.get(row.colour, row.colour)
    state = f"{colour} {'剩余' if row.days >= 0 else '超期'}".lstrip()
    return f"{state}\n{abs(row.days)}个工作日"


def _table(title: str, rows: Iterable[BriefRow]) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.HORIZONTALS,
        show_lines=True,
        expand=True,
        padding=(0, 1, 0, 0),
    )
    for heading in COLUMNS:
        table.add_column(heading, overflow="fold", width=_FIXED.get(heading), ratio=_SHARES.get(heading))
    for row in rows:
        table.add_row(*_terminal_cells(row))
    return table


def _terminal_cells(row: BriefRow) -> "Iterable[Text]":
    """Text and not str, since rich reads markup in a str, and a measure's text may hold square brackets."""
    from rich.text import Text

    for heading, cell in zip(COLUMNS, _cells(row, _shortened), strict=True):
        yield Text(cell, style=_STYLES.get(row.colour, "") if heading == "剩余/超期" else "")


def _shortened(text: str) -> str:
    return text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"


def _markdown_head() -> Iterable[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{' --- |' * len(COLUMNS)}"


def _markdown_row(row: BriefRow) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in _cells(row, str))} |"


def _escaped(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPED)
