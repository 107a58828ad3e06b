"""The sentences of a weekly brief: days, weeks, limits, who was told, what was asked for. Pure; plain texts out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from models.answers.week.values import Answer, Due, Moved, Overdue, Span, Told, Untold
from models.days_spent import HOLDER_ZH, Holder
from models.ladder import NOTICE_KIND_ZH, NoticeKind, Offset, OffsetUnit
from models.lifecycle import STAGE_ZH, Stage
from models.news import NEWS_ZH, NewsKind
from models.tables import MessageState, Unsaid
from models.tables.outbox import MESSAGE_STATE_ZH
from models.tables.posting import UNSAID_ZH
from models.workdays import WorkCalendar
from notifications.reports.paper.plain_text import clean
from notifications.words.sentences import day_zh, workdays_late_zh

TEXT_MOST, NAME_MOST, REASON_MOST, NO_MOST = 60, 30, 80, 20
"""Characters that a brief shows of a measure's text, a name, a reason, a number; its number finds the rest."""
PARTIES_MOST, MEASURES_MOST = 6, 10
_WEEKDAYS = "一二三四五六日"
_ASKED: Mapping[Answer, str] = {
    Answer.PENDING: "{on}申请延至{until}，待审批", Answer.GRANTED: "{on}同意延至{until}",
    Answer.REFUSED: "{on}未同意延至{until}", Answer.LAPSED: "{on}申请延至{until}，未作审批",
    Answer.SET: "{on}重定时限为{until}",
}  # fmt: skip


def shown(text: str, most: int) -> str:
    """What a person wrote, in one line without anything that cannot be shown, and no longer than that."""
    line = " ".join(clean(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def named(names: Iterable[str], most: int, counted: str) -> str:
    """The first of several names, and how many there are where not all are said: D1、D2等5个."""
    listed = list(names)
    more = f"等{len(listed)}{counted}" if len(listed) > most else ""
    return f"{'、'.join(shown(name, NAME_MOST) for name in listed[:most])}{more}"


# Days


def full_day_zh(day: date) -> str:
    """2023年6月28日（周三）"""
    return f"{day_zh(day)}（{weekday_zh(day)}）"


def weekday_zh(day: date) -> str:
    return f"周{_WEEKDAYS[day.weekday()]}"


def span_zh(span: Span) -> str:
    """2023年6月26日（周一）至7月2日（周日）; the second year is said where it is another."""
    until = full_day_zh(span.last)
    return f"{full_day_zh(span.first)}至{until if span.last.year != span.first.year else until.partition('年')[2]}"


def workdays_zh(span: Span, calendar: WorkCalendar) -> str:
    """How many days of a week are worked, what is otherwise than usual, and whether that may change."""
    days = [span.first + timedelta(days=n) for n in range(7)]
    worked = [day for day in days if calendar.is_workday(day)]
    said = [f"工作日{len(worked)}天"]
    if off := [day for day in days[:5] if day not in worked]:
        said.append(f"{_days_zh(off)}放假")
    if on := [day for day in days[5:] if day in worked]:
        said.append(f"{_days_zh(on)}调休上班")
    if calendar.provisional_between(span.first, span.last):
        said.append("节假日安排尚未公布，为推算")
    return "，".join(said)


def _days_zh(days: Sequence[date]) -> str:
    return "、".join(f"{day.month}月{day.day}日（{weekday_zh(day)}）" for day in days)


def due_note_zh(due: Due) -> str:
    """What is to be known of a date: 周六，休息日，推算日期; and the first date where that was another."""
    notes = [weekday_zh(due.due_on)]
    if due.rest:
        notes.append("休息日")
    elif due.due_on.weekday() >= 5:
        notes.append("调休上班")
    if due.provisional:
        notes.append("推算日期")
    if due.first_due_on != due.due_on:
        notes.append(f"原定{due.first_due_on}")
    return "，".join(notes)


def offset_zh(at: Offset) -> str:
    """From when on a rung stands, seen from the due date: 到期前10个工作日, 到期当日, 超期5天."""
    if at.n == 0:
        return "到期当日"
    unit = "个工作日" if at.unit is OffsetUnit.WORKDAYS else "天"
    return f"{'到期前' if at.n < 0 else '超期'}{abs(at.n)}{unit}"


def begins_zh(begins: Iterable[tuple[Stage, Offset]]) -> str:
    """Where a colour begins, alike stages together: 签收到期当日；整改、节点超期1个工作日."""
    alike: dict[str, list[str]] = {}
    for stage, at in begins:
        alike.setdefault(offset_zh(at), []).append(STAGE_ZH[stage])
    return "；".join(f"{'、'.join(stages)}{offset}起" for offset, stages in alike.items())


# Clocks


def stage_zh(due: Due) -> str:
    """The stage, of a milestone with what is to be done."""
    return f"{STAGE_ZH[due.stage]}（{shown(due.milestone, NAME_MOST)}）" if due.milestone else STAGE_ZH[due.stage]


def late_zh(due: Due) -> str:
    return workdays_late_zh(-due.days)


def told_zh(told: Told | None, due: Due) -> str:
    """Who was told last, when and of what."""
    if told is None:
        return "尚无送达的通知"
    under = "" if told.due_on == due.due_on else f"（按原时限{told.due_on}）"
    return f"{told.on} {NOTICE_KIND_ZH[told.kind]}：{named(told.parties, PARTIES_MOST, '方')}{under}"


def extension_zh(overdue: Overdue) -> str:
    """What was asked or decided about the date; only that of the rectification itself can be put off."""
    found = overdue.extension
    if found:
        return _ASKED[found.answer].format(on=found.on, until=found.until)
    return "未申请延期" if overdue.clock.stage is Stage.COMPLETE else "—"


def days_zh(days: Mapping[Holder, int]) -> str:
    """责任单位12、督办组3, those without a day left out."""
    return "、".join(f"{HOLDER_ZH[holder]}{days[holder]}" for holder in Holder if days.get(holder)) or "0"


# What happened, and what was not said


def moved_zh(moved: Moved) -> str:
    """What is known of it beside who did what: outcome, reason, the date that now holds."""
    said = [shown(moved.outcome, NAME_MOST), f"理由：{shown(moved.reason, REASON_MOST)}" if moved.reason else ""]
    if moved.due_on:
        said.append(f"时限{moved.due_on}")
    return "；".join(filter(None, said))


def why_zh(untold: Untold) -> str:
    """Why it was not said, in a word."""
    if isinstance(untold.why, Unsaid):
        return UNSAID_ZH[untold.why]
    return "是否送达不明" if untold.why is MessageState.UNKNOWN else MESSAGE_STATE_ZH[untold.why]


def matters_zh(items: Sequence[Untold]) -> str:
    """What was not said: 超期2条、退回整改1条，措施12、14."""
    kinds = Counter(_what_zh(item.what) for item in items)
    counted = "、".join(f"{kind}{number}条" for kind, number in kinds.items())
    numbers = dict.fromkeys(shown(item.measure, NO_MOST) for item in items)
    return f"{counted}，措施{named(numbers, MEASURES_MOST, '条')}"


def _what_zh(what: NoticeKind | NewsKind) -> str:
    return NOTICE_KIND_ZH[what] if isinstance(what, NoticeKind) else NEWS_ZH[what]
