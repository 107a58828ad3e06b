"""The day's brief: what was decided, how the messages went, what needs a person, and what falls due next.

Drawn after delivery, here for the command line (rich tables), in brief_page.py for Prefect's page. Values, words and
layout only: who was told what is read elsewhere, and nothing is decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from models.ladder import NoticeKind
from models.lifecycle import ROLE_ZH, STAGE_ZH, Role, Stage
from models.rehearsal import REHEARSAL_MARK
from notifications.reports.coming import Coming
from notifications.words.sentences import Timing, measure_order, when_zh

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


@dataclass(frozen=True, slots=True)
class BriefRow:
    """One notice of the day. `days` are working days left (> 0), none left (0), or late (< 0).

    `colour` is a Colour, or empty where none is set; `provisional`: the date rests on a year not announced yet.
    `reason` is the whole sentence, `why` its half without the clock; `fate` is how its message went;
    `unsaid`, in full, why it has reached nobody yet, empty where its message was accepted.
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
    unsaid: str


@dataclass(frozen=True, slots=True)
class BriefCounts:
    """Notices decided, how many of them were accepted in a message, the messages and where those stand.

    `unreceived`: escalations among the accepted that nobody has said to have received 签收.
    """

    notices: int
    said: int
    messages: int
    accepted: int
    unknown: int
    rejected: int
    waiting: int
    bounced: int = 0
    expired: int = 0
    unreceived: int = 0


@dataclass(frozen=True, slots=True)
class Brief:
    """One day. `attention` holds the lines that need a person: parties without an address, dead messages."""

    on: date
    rehearsal: bool
    rows: tuple[BriefRow, ...]
    counts: BriefCounts
    attention: tuple[str, ...]
    coming: Coming


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
"""Characters of a measure's text in a table; its number finds the rest."""

_ROLES_IN_ORDER = (
    Role.UNIT, Role.LEAD, Role.COOPERATING, Role.SUPERVISION, Role.GENERAL, Role.ACCOUNTABILITY, Role.HEAD,
)  # fmt: skip
"""Who stands beneath whom under one measure: those who answer for it first, then those above them."""

_STYLES = {"blue": "blue", "green": "green", "yellow": "yellow", "orange": "dark_orange", "red": "red"}


def brief_title(brief: Brief) -> str:
    """What it is and of which day, with the mark of a rehearsal."""
    return f"{REHEARSAL_MARK if brief.rehearsal else ''}{brief.on.isoformat()} 督办简报"


def brief_headline(brief: Brief) -> str:
    """The day in one line, with the mark of a rehearsal."""
    counts = brief.counts
    said = f"{brief_title(brief)}：通知事项{counts.notices}条，消息{counts.messages}封"
    fates = (
        ("已送达", counts.accepted),
        ("待发", counts.waiting),
        ("结果不明", counts.unknown),
        ("被拒收", counts.rejected),
        ("被退回", counts.bounced),
        ("已过时", counts.expired),
    )
    told = "、".join(f"{name}{number}" for name, number in fates if number)
    unreceived = f"；督办消息待签收{counts.unreceived}封" if counts.unreceived else ""
    return f"{said}（{told}）{unreceived}" if told else said


def brief_summary(brief: Brief) -> str:
    """How many notices each group holds, gravest first: 问责提请8条 · 催办4条. Empty on a quiet day."""
    return " · ".join(f"{title}{len(rows)}条" for title, rows in groups(brief))


def brief_tables(brief: Brief) -> "list[Table]":
    """One table a group that has rows, gravest first, for terminals of 100 columns and more."""
    return [_table(title, rows, brief.on) for title, rows in groups(brief)]


def groups(brief: Brief) -> Iterable[tuple[str, list[BriefRow]]]:
    """The groups that have rows, gravest first, their rows most urgent first."""
    for title, kinds in GROUPS:
        rows = sorted((row for row in brief.rows if row.kind in kinds), key=_urgency)
        if rows:
            yield title, rows


def _urgency(row: BriefRow) -> tuple[object, ...]:
    return *clock_of(row), _ROLES_IN_ORDER.index(row.role), row.party


def clock_of(row: BriefRow) -> tuple[object, ...]:
    """What rows share that stand under one measure, most urgent first. Two rounds may use the same number."""
    return row.due_on, measure_order(row.measure_no), row.measure_no, row.text, row.stage, row.colour


def measure_zh(row: BriefRow, text: str) -> str:
    """The measure by its number, with as much of its text as there is room for."""
    return f"{row.measure_no}、{text}"


def limit_zh(row: BriefRow) -> str:
    """The date, with its stage where it is not the limit of the measure itself."""
    stage = "" if row.stage is Stage.COMPLETE else f"{STAGE_ZH[row.stage]} "
    return f"{stage}{row.due_on.isoformat()}{' （推算日期）' if row.provisional else ''}"


def state_zh(row: BriefRow, on: date) -> str:
    """As messages say it, but shorter where late."""
    if Timing.of(row.due_on, on) is Timing.LATE and row.days:
        return f"超期{-row.days}个工作日"
    return when_zh(row.due_on, row.days, on)


def told(row: BriefRow) -> tuple[str, ...]:
    """What a row says of its party, as under the last of COLUMNS."""
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
    for _, block in groupby(rows, key=clock_of):
        table.add_row(*_terminal_cells(list(block), on))
    return table


def _terminal_cells(block: list[BriefRow], on: date) -> "tuple[Text, Text, Table]":
    from rich.text import Text

    first = block[0]
    state = (state_zh(first, on), _STYLES.get(first.colour, ""))
    return (
        Text(measure_zh(first, shortened(first.text))),
        Text.assemble(limit_zh(first), "\n", state),
        _parties(map(told, block)),
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


def shortened(text: str) -> str:
    """As much of a measure's text as a narrow column shows."""
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"
