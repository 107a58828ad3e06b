"""Gathers the day's brief from the record: rows of notices and messages in, values for reports/brief.py out.

Runs after delivery, for the command line and for Prefect's page. Decides nothing and lays out nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from models.ladder import MessageKind
from models.permission import exception_zh
from models.saying import Saying, command_zh
from models.store.board import ExceptionRow, MessageRow, NewsRow, NoticeRow
from models.store.due import DueRow
from models.store.outbox import SAYABLE_IN
from models.tables import MessageState, Unsaid
from models.tables.posting import UNSAID_ZH
from models.workdays import WorkCalendar
from notifications.reports.brief import Brief, BriefCounts, BriefRow
from notifications.reports.coming import coming_of
from notifications.words.compose import item_of, reason_of, why_of

_WAITING = (MessageState.PLANNED, MessageState.LEASED, MessageState.HANDING_OVER, MessageState.RETRY_WAIT)
_FATES: Mapping[MessageState, str] = MappingProxyType(
    {
        MessageState.ACCEPTED: "已送达",
        MessageState.UNKNOWN: "是否送达不明",
        MessageState.REJECTED: "被拒收",
        MessageState.CANCELLED: "已办结，未发",
        MessageState.RETRY_WAIT: "待重试",
        MessageState.SUPERSEDED: "被后来的取代，未发",
        MessageState.EXPIRED: "已过时，未发",
        MessageState.BOUNCED: "被退回",
    }
)
_NOT_TOLD: Mapping[MessageState, str] = MappingProxyType(
    {
        MessageState.PLANNED: "尚未投递",
        MessageState.LEASED: "正在投递",
        MessageState.HANDING_OVER: "正在投递",
        MessageState.RETRY_WAIT: "投递未成，待重试",
        MessageState.REJECTED: "被拒收",
        MessageState.UNKNOWN: "是否送达不明，请人工核实",
        MessageState.CANCELLED: "发出前已办结",
        MessageState.SUPERSEDED: "被后来的消息取代",
        MessageState.EXPIRED: "已过期，未发",
        MessageState.BOUNCED: "被退回",
    }
)
_NOT_SAID: Mapping[Unsaid, str] = MappingProxyType(
    {
        Unsaid.SUPERSEDED: "被同一时限的后一档取代",
        Unsaid.NO_ADDRESS: "没有通知地址",
        Unsaid.SETTLED: "发出前已办结",
        Unsaid.EXPIRED: "发出前已过时",
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was read for a brief. `today` are the day's messages, `unresolved` those of any day that wait for a
    person's word.

    `coming` are the first of the clocks that fall due next, `coming_total` how many there are. `exceptions` are the
    single-person exceptions that hold on the day: no brief is silent about them. `late` tells of mornings
    without a run, where there were any; `failing` of channels that do not work, a sentence each.
    """

    rows: Sequence[NoticeRow]
    coming: Sequence[DueRow]
    coming_total: int
    exceptions: Sequence[ExceptionRow]
    today: Sequence[MessageRow] = ()
    unresolved: Sequence[MessageRow] = ()
    late: str = ""
    failing: Sequence[str] = ()


def brief_of(on_day: date, found: Found, calendar: WorkCalendar, rehearsal: bool) -> Brief:
    """The brief of that day."""
    states = [message.state for message in found.today]
    rows = tuple(_row(row, on_day, calendar) for row in found.rows)
    counts = BriefCounts(
        notices=len(rows),
        said=sum(not row.unsaid for row in rows),
        messages=len(found.today),
        accepted=states.count(MessageState.ACCEPTED),
        unknown=states.count(MessageState.UNKNOWN),
        rejected=states.count(MessageState.REJECTED),
        waiting=sum(state in _WAITING for state in states),
        bounced=states.count(MessageState.BOUNCED),
        expired=states.count(MessageState.EXPIRED),
        unreceived=sum(_is_unreceived(message) for message in found.today),
    )
    late = (found.late,) if found.late else ()
    attention = (*late, *found.failing, *_attention(found.rows, found.unresolved), *map(told_of, found.exceptions))
    coming = coming_of(found.coming, found.coming_total, on_day, calendar)
    return Brief(on_day, rehearsal, rows, counts, attention, coming)


def told_of(exception: ExceptionRow) -> str:
    """A single-person exception as reports print it."""
    return exception_zh(exception.person, exception.granted_by, exception.since, exception.until, exception.reason)


def fate_zh(row: NoticeRow | NewsRow) -> str:
    """How a notice or a news went, in a word."""
    if row.unsaid:
        return UNSAID_ZH[row.unsaid]
    return _FATES.get(row.message_state, "待发") if row.message_state else "待发"


def unsaid_zh(row: NoticeRow) -> str:
    """Why a notice has not reached anybody, with the relay's answer where there is one; empty where it was accepted."""
    if row.unsaid:
        return _NOT_SAID[row.unsaid]
    if row.message_state is MessageState.ACCEPTED:
        return ""
    why = _NOT_TOLD[row.message_state or MessageState.PLANNED]
    return f"{why}：{row.message_reason}" if row.message_reason else why


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
        unsaid=unsaid_zh(row),
    )


def _attention(rows: Sequence[NoticeRow], unresolved: Sequence[MessageRow]) -> Iterator[str]:
    """Lines that need a person: who could not be told, and messages that died or whose fate nobody knows."""
    without = sorted({row.party_name for row in rows if row.unsaid is Unsaid.NO_ADDRESS})
    if without:
        yield f"没有通知地址，未能告知：{'、'.join(without)}。请另行通知，并在通讯录中补录地址。"
    for message in unresolved:
        why = " ".join(filter(None, (message.code, message.reason)))
        told = f"消息{message.id}（{message.on_day}，{message.party}）{_NOT_TOLD[message.state]}"
        yield f"{told}：{why}" if why else told
    if unresolved:
        yield f"以上消息对方已经收到或已另行告知的，请登记：{command_zh(Saying.ARRIVED, '编号')}。"
    if resendable := [str(message.id) for message in unresolved if message.state in SAYABLE_IN[Saying.RESEND]]:
        which = "" if len(resendable) == len(unresolved) else f"（消息{'、'.join(resendable)}可以重发）"
        yield f"要再发一次的：{command_zh(Saying.RESEND, '编号')}{which}。"


def _is_unreceived(message: MessageRow) -> bool:
    """An escalation that was accepted, and that nobody has said to have received."""
    accepted = message.state is MessageState.ACCEPTED and message.received_on is None
    return accepted and message.kind is MessageKind.ESCALATION
