"""The day's brief as people look at it in Prefect: a page in markdown, and tables that can be searched.

Drawn after delivery, from the values of brief.py. Layout only: nothing is read or decided here. Prefect's page breaks
no line in a table, so the wide columns come last and the page shortens texts; the tables have them in full.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from models.ladder import COLOUR_ZH
from models.lifecycle import ROLE_ZH
from notifications.reports.brief import (
    Brief,
    BriefRow,
    brief_title,
    clock_of,
    groups,
    limit_zh,
    measure_zh,
    shortened,
    state_zh,
)
from notifications.reports.coming import COLUMNS as COMING
from notifications.reports.coming import coming_cells, coming_title, left_out_zh
from notifications.reports.markdown import escaped, table

MOST_SHOWN = 1_000
"""Rows that a page or a table lists; Prefect's database is no place for more, and `duban notices` has them all."""

TableRow = dict[str, str]

_COUNTED = (
    "通知事项", "其中未送达", "消息", "已送达", "待发", "结果不明", "被拒收", "被退回", "已过时", "督办待签收",
    "今后五个工作日到期",
)  # fmt: skip
_UNSAID = ("对象", "措施", "未送达原因", "时限")
_DECIDED = ("措施", "告知", "送达", "时限", "事由")
_NOTHING = "说明"
_COLOUR_NAMES = {str(colour): zh for colour, zh in COLOUR_ZH.items()}


def brief_markdown(brief: Brief, most: int = MOST_SHOWN) -> str:
    """The brief as GitHub markdown, at most so many rows of each kind, nothing of them read as markup."""
    blocks = [
        f"# {escaped(brief_title(brief))}",
        table(_COUNTED, [_counted(brief)]),
        *_attention(brief),
        *_unsaid(brief, most),
        *_decided(brief, most),
        *_coming(brief),
    ]
    return "\n\n".join(blocks) + "\n"


def said_table(brief: Brief) -> list[TableRow]:
    """What was said: one row a notice whose message was accepted."""
    rows = (
        {"对象": row.party, "措施": row.measure_no, "事由": row.reason, "整改措施": row.text}
        for row in _in_order(brief)
        if not row.unsaid
    )
    return _filled(rows, "当日没有已送达的通知事项。")


def unsaid_table(brief: Brief) -> list[TableRow]:
    """What has reached nobody, and why."""
    rows = (
        {
            "对象": row.party,
            "措施": row.measure_no,
            "未送达原因": row.unsaid,
            "事由": row.reason,
            "整改措施": row.text,
        }
        for row in _in_order(brief)
        if row.unsaid
    )
    return _filled(rows, "当日的通知事项都已送达。" if brief.rows else "当日没有需要通知的事项。")


def coming_table(brief: Brief) -> list[TableRow]:
    """What falls due in the next working days."""
    rows = (dict(zip(COMING, coming_cells(row, brief.on), strict=True)) for row in brief.coming.rows)
    return _filled(rows, f"至{brief.coming.until}没有到期的时限。")


def _filled(rows: Iterable[TableRow], nothing: str) -> list[TableRow]:
    """The rows; where there are none one that says so, since an empty table looks as if it were broken."""
    return list(islice(rows, MOST_SHOWN)) or [{_NOTHING: nothing}]


def _in_order(brief: Brief) -> Iterator[BriefRow]:
    """Every notice, those of the gravest group first."""
    for _, rows in groups(brief):
        yield from rows


def _counted(brief: Brief) -> tuple[str, ...]:
    counts = brief.counts
    numbers = (
        counts.notices, counts.notices - counts.said, counts.messages, counts.accepted, counts.waiting, counts.unknown,
        counts.rejected, counts.bounced, counts.expired, counts.unreceived, brief.coming.total,
    )  # fmt: skip
    return tuple(map(str, numbers))


def _attention(brief: Brief) -> Iterator[str]:
    if brief.attention:
        yield "## 需要人工处理"
        yield "\n".join(f"- {escaped(line)}" for line in brief.attention)


def _unsaid(brief: Brief, most: int) -> Iterator[str]:
    rows = [row for row in _in_order(brief) if row.unsaid]
    if rows:
        yield f"## 未送达的通知事项（{len(rows)}条）"
        yield table(_UNSAID, map(_unsaid_cells, rows[:most]))
        yield from _left_out(brief, len(rows) - most)


def _unsaid_cells(row: BriefRow) -> tuple[str, ...]:
    return _party_zh(row), measure_zh(row, shortened(row.text)), row.unsaid, limit_zh(row)


def _decided(brief: Brief, most: int) -> Iterator[str]:
    """The groups, gravest first: where there are too many rows, the less grave are left out."""
    left = most
    for title, rows in groups(brief):
        yield f"## {title}（{len(rows)}条）"
        if left > 0:
            yield table(_DECIDED, _decided_rows(rows[:left], brief))
        left -= len(rows)
    yield from _left_out(brief, -left)
    if not brief.rows:
        yield "当日没有需要通知的事项。"


def _decided_rows(rows: Iterable[BriefRow], brief: Brief) -> Iterator[tuple[str, ...]]:
    """A measure stands once, over all who hear of its clock."""
    for _, block in groupby(rows, key=clock_of):
        for place, row in enumerate(block):
            measure = "" if place else measure_zh(row, shortened(row.text))
            yield measure, _party_zh(row), row.fate, _state_zh(row, brief), row.why


def _state_zh(row: BriefRow, brief: Brief) -> str:
    colour = _COLOUR_NAMES.get(row.colour, row.colour)
    return " ".join(filter(None, (limit_zh(row), colour, state_zh(row, brief.on))))


def _party_zh(row: BriefRow) -> str:
    role = ROLE_ZH[row.role]
    return row.party if row.party == role else f"{row.party}（{role}）"


def _left_out(brief: Brief, rest: int) -> Iterator[str]:
    if rest > 0:
        yield f"另有{rest}条未在此列出，见 duban notices --on {brief.on}。"


def _coming(brief: Brief) -> Iterator[str]:
    coming = brief.coming
    if not coming.rows:
        yield f"今后五个工作日（至{coming.until}）没有到期的时限。"
        return
    yield f"## {coming_title(coming)}"
    yield table(COMING, (coming_cells(row, brief.on) for row in coming.rows))
    if left_out := left_out_zh(coming):
        yield left_out
