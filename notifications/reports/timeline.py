"""A measure from beginning to end: what people did and who heard of it, in the order in which it happened."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection

from models.ladder import NOTICE_KIND_ZH
from models.lifecycle import ACTION_ZH, STATE_ZH, Action, State
from models.news import NEWS_ZH
from models.store import board
from models.store.board import EventRow, NewsRow, NoticeRow
from models.workdays import WorkCalendar
from notifications.reports.briefing import fate_zh
from notifications.words.compose import reason_of

Line = tuple[object, ...]


def timeline(connection: Connection, measure_id: int, calendar: WorkCalendar) -> list[Line]:
    """Rows of day, what, who or to whom, and details. What an action told comes under it; reminders by their day."""
    told: dict[int, list[NewsRow]] = {}
    for one in board.news_of_measure(connection, measure_id):
        told.setdefault(one.seq, []).append(one)
    lines: list[tuple[date, int, Line]] = []
    for event in board.events_of(connection, measure_id):
        lines.append((event.on_day, 0, _event_line(event)))
        lines += [(event.on_day, 0, _news_line(one)) for one in told.pop(event.seq, ())]
    for of_no_action in told.values():  # that a message died concerns the measure, but is nothing done on it
        lines += [(one.on_day, 2, (one.on_day, *_news_line(one)[1:])) for one in of_no_action]
    for notice in board.notices_of_measure(connection, measure_id):
        lines.append((notice.on_day, 1, _notice_line(notice, calendar)))
    return [line for *_, line in sorted(lines, key=lambda entry: entry[:2])]


def action_zh(action: str) -> str:
    return ACTION_ZH[Action(action)] if action in set(Action) else action


def details_zh(payload: dict[str, Any]) -> str:
    """What an event says besides who and what, in one line; a single-person exception is never left out."""
    return "；".join(_details(payload))


def _details(payload: dict[str, Any]) -> Iterator[str]:
    for key, title in _TITLES.items():
        if payload.get(key) not in (None, "", []):
            yield f"{title}{_value_zh(payload[key])}"
    if "percent" in payload:
        yield f"进度{payload['percent']}%"
    if payload.get("evidence"):
        names = [one["name"] if isinstance(one, dict) else one[:12] for one in payload["evidence"]]
        yield f"材料：{'、'.join(names)}"
    if "basis" in payload:
        yield f"依据：{payload['basis']['name']}"
    if exception := payload.get("single_person_exception"):
        yield f"单人例外（组长 {exception['granted_by']} 准许：{exception['reason']}）"


_TITLES = {
    "statement": "", "text": "", "milestone": "", "outcome": "处理结果：", "reason": "理由：", "missing": "缺少：",
    "due_on": "时限 ", "old_due_on": "原时限 ", "new_due_on": "新时限 ", "next_due_on": "下次回头看 ",
    "interval": "回头看间隔 ", "unit_before": "原责任单位 ", "unit_after": "改由 ", "lead_before": "原牵头领导 ",
    "lead_after": "改由 ", "recorded_by": "代录：", "stand_in": "代办：",
}  # fmt: skip


def _value_zh(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _event_line(event: EventRow) -> Line:
    what = action_zh(event.action)
    if event.to_state and event.to_state != event.from_state:
        what = f"{what} → {STATE_ZH[State(event.to_state)]}"
    return event.on_day, what, f"{event.person}（{event.party}）", details_zh(dict(event.payload))


def _news_line(one: NewsRow) -> Line:
    return "", f"　告知：{NEWS_ZH[one.kind]}", one.party_name, fate_zh(one)


def _notice_line(notice: NoticeRow, calendar: WorkCalendar) -> Line:
    reason = reason_of(notice, notice.on_day, calendar)
    return notice.on_day, f"　{NOTICE_KIND_ZH[notice.kind]}", notice.party_name, f"{reason}。{fate_zh(notice)}"
