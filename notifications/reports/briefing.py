"""Gathers the day's brief from the record: rows of notices and messages in, values for reports/brief.py out.

Runs after delivery, for the command line and for Prefect's page. Decides nothing and lays out nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from models.permission import exception_zh
from models.store.board import ExceptionRow, MessageRow, NewsRow, NoticeRow
from models.tables import MessageState, Unsaid
from models.workdays import WorkCalendar
from notifications.compose import item_of, reason_of, why_of
from notifications.reports.brief import Brief, BriefCounts, BriefRow

TROUBLED = (MessageState.REJECTED, MessageState.UNKNOWN)
"""States of messages that need a person, whatever day they are from."""
_WAITING = (MessageState.PLANNED, MessageState.LEASED, MessageState.HANDING_OVER, MessageState.RETRY_WAIT)
_FATES: Mapping[MessageState, str] = MappingProxyType(
    {
        MessageState.ACCEPTED: "已送达",
        MessageState.UNKNOWN: "是否送达不明",
        MessageState.REJECTED: "被拒收",
        MessageState.CANCELLED: "已办结，未发",
        MessageState.RETRY_WAIT: "待重试",
    }
)
_UNSAID_ZH: Mapping[Unsaid, str] = MappingProxyType(
    {
        Unsaid.SUPERSEDED: "被后一档取代",
        Unsaid.NO_ADDRESS: "未发：无通知地址",
        Unsaid.SETTLED: "已办结，未发",
    }
)
_TROUBLE_ZH: Mapping[MessageState, str] = MappingProxyType(
    {
        MessageState.REJECTED: "被拒收",
        MessageState.UNKNOWN: "是否送达不明，请人工核实",
    }
)


def brief_of(
    on_day: date, rows: Sequence[NoticeRow], today: Sequence[MessageRow], troubled: Sequence[MessageRow],
    calendar: WorkCalendar, rehearsal: bool, exceptions: Sequence[ExceptionRow] = (),
) -> Brief:  # fmt: skip
    """The brief of these notices; `today` are the day's messages, `troubled` those of any day that need a person.

    `exceptions` are the single-person exceptions that hold on the day: no brief is silent about them.
    """
    states = [message.state for message in today]
    counts = BriefCounts(
        notices=len(rows),
        messages=len(today),
        accepted=states.count(MessageState.ACCEPTED),
        unknown=states.count(MessageState.UNKNOWN),
        rejected=states.count(MessageState.REJECTED),
        waiting=sum(state in _WAITING for state in states),
    )
    found = tuple(_row(row, on_day, calendar) for row in rows)
    attention = (*_attention(rows, troubled), *map(told_of, exceptions))
    return Brief(on_day, rehearsal, found, counts, attention)


def told_of(exception: ExceptionRow) -> str:
    """A single-person exception as reports print it."""
    return exception_zh(exception.person, exception.granted_by, exception.since, exception.until, exception.reason)


def fate_zh(row: NoticeRow | NewsRow) -> str:
    """How a notice or a news went, in a word."""
    if row.unsaid:
        return _UNSAID_ZH[row.unsaid]
    return _FATES.get(row.message_state, "待发") if row.message_state else "待发"


def _row(row: NoticeRow, on_day: date, calendar: WorkCalendar) -> BriefRow:
    item = item_of(row, on_day, calendar)
    return BriefRow(
        party=row.party_name,
        role=item.role,
        measure_no=item.measure_no,
        text=item.text,
        kind=item.kind,
        colour=item.colour,
        stage=item.stage,
        due_on=item.due_on,
        days=item.days,
        provisional=item.provisional,
        reason=reason_of(row, on_day, calendar),
        why=why_of(row),
        fate=fate_zh(row),
    )


def _attention(rows: Sequence[NoticeRow], troubled: Sequence[MessageRow]) -> Iterator[str]:
    """Lines that need a person: who could not be told, and messages that died or whose fate nobody knows."""
    without = sorted({row.party_name for row in rows if row.unsaid is Unsaid.NO_ADDRESS})
    if without:
        yield f"没有通知地址，未能告知：{'、'.join(without)}。请另行通知，并在通讯录中补录地址。"
    for message in troubled:
        told = f"消息{message.id}（{message.on_day}，{message.party}）{_TROUBLE_ZH[message.state]}"
        yield f"{told}：{message.code} {message.reason}".strip()
