"""The sentences of a notice: why a party hears, how long is left, what to do now. Pure: plain facts in, Chinese out.

Used by messages, listings and the brief, so that all of them say the same. Who hears what is decided elsewhere
(models/ladder.py); nothing here knows a message, a template or a database.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.ladder import NoticeKind
from models.lifecycle import ROLE_ZH, STAGE_ZH, Role, Stage

PROVISIONAL_ZH = "节假日安排尚未公布，为推算日期"


class Timing(StrEnum):
    """Where a day stands to a due date."""

    LATE = "late"
    TODAY = "today"
    AHEAD = "ahead"

    @classmethod
    def of(cls, due_on: date, on: date) -> "Timing":
        """By the dates and not the count: none is left on a Friday for what is due on the Sunday."""
        if due_on == on:
            return cls.TODAY
        return cls.AHEAD if due_on > on else cls.LATE


HOLDERS: Mapping[Stage, frozenset[Role]] = MappingProxyType(
    {
        Stage.ACCEPT: frozenset({Role.UNIT}),
        Stage.COMPLETE: frozenset({Role.UNIT}),
        Stage.MILESTONE: frozenset({Role.UNIT}),
        Stage.CHECK: frozenset({Role.SUPERVISION}),
        Stage.OPEN_REVIEW: frozenset({Role.SUPERVISION}),
        Stage.REVIEW: frozenset({Role.LEAD, Role.HEAD}),
        Stage.DECIDE: frozenset({Role.LEAD}),
        Stage.FOLLOW_UP: frozenset({Role.UNIT, Role.SUPERVISION}),
        Stage.REFER: frozenset({Role.ACCOUNTABILITY}),
    }
)
"""Who must act while a clock runs; every other role only hears of it, and is spoken to differently."""


# In which way a party hears: first said to the holder, then to anybody else.
_HEARING: Mapping[NoticeKind, tuple[str, str]] = MappingProxyType(
    {
        NoticeKind.REMIND: ("提醒{who}办理", "提请{who}关注"),
        NoticeKind.URGE: ("向{who}催办", "提请{who}督促"),
        NoticeKind.OVERDUE: ("通知{who}已超期", "提请{who}关注"),
        NoticeKind.SUPERVISE: ("向{who}发出督办单", "提请{who}督办"),
        NoticeKind.REFER: ("告知{who}按规定提请问责", "提请{who}关注问责事项"),
        NoticeKind.ADDRESS: ("改为通知{who}", "改为通知{who}"),
    }
)


# What to do now. The first that fits is said: by kind and role, by stage, role and timing, by stage and role,
# by role.
_TODO_BY_KIND: Mapping[tuple[NoticeKind, Role], str] = MappingProxyType(
    {
        (NoticeKind.SUPERVISE, Role.UNIT): "本通知即为督办单，请立即办理{stage}事项，并书面说明原因。",
        (NoticeKind.REFER, Role.UNIT): "本事项按规定提请问责，请立即办理{stage}事项，并书面说明原因。",
        (NoticeKind.REFER, Role.ACCOUNTABILITY): "提请启动问责程序，由贵组研究是否受理。",
        (NoticeKind.REFER, Role.HEAD): "本事项按规定提请问责，请督促有关方面立即办理。",
    }
)


_TODO_ADDRESS = "{unit}无可用通知地址，请另行通知该单位，并补录通知地址。"


_TODO_BY_TIMING: Mapping[tuple[Stage, Role, Timing], str] = MappingProxyType(
    {
        (Stage.ACCEPT, Role.UNIT, Timing.LATE): "签收时限已过，请立即签收。",
        (Stage.COMPLETE, Role.UNIT, Timing.TODAY): "请于今日完成整改，并提交自查上报和佐证材料。",
        (
            Stage.COMPLETE,
            Role.UNIT,
            Timing.LATE,
        ): "请立即完成整改，提交自查上报和佐证材料，并书面说明超期原因。",
        (Stage.COMPLETE, Role.LEAD, Timing.LATE): "请督促{unit}立即整改，并研究是否需要重定时限。",
        (Stage.MILESTONE, Role.UNIT, Timing.LATE): "请立即完成本节点任务并报告，同时书面说明超期原因。",
    }
)


_TODO: Mapping[tuple[Stage, Role], str] = MappingProxyType(
    {
        (Stage.ACCEPT, Role.UNIT): "请签收，并明确经办人。",
        (Stage.COMPLETE, Role.UNIT): "请抓紧整改，按期提交自查上报和佐证材料；确需延期的，请提前申请。",
        (Stage.MILESTONE, Role.UNIT): "请按节点要求推进整改，并按期报告节点完成情况。",
        (Stage.DECIDE, Role.UNIT): "延期尚未批准，请仍按原时限推进整改。",
        (Stage.FOLLOW_UP, Role.UNIT): "请开展回头看自查，并报告长期坚持情况。",
        (Stage.REFER, Role.UNIT): "请配合责任追究组核实情况。",
        (Stage.ACCEPT, Role.LEAD): "请督促{unit}尽快签收。",
        (Stage.COMPLETE, Role.LEAD): "请督促{unit}抓紧整改。",
        (Stage.MILESTONE, Role.LEAD): "请督促{unit}按节点推进整改。",
        (Stage.REVIEW, Role.LEAD): "请作出是否同意销号的决定。",
        (Stage.DECIDE, Role.LEAD): "请作出是否同意延期的决定。",
        (Stage.FOLLOW_UP, Role.LEAD): "请督促{unit}长期坚持，做好回头看。",
        (Stage.ACCEPT, Role.SUPERVISION): "请督促{unit}尽快签收。",
        (Stage.COMPLETE, Role.SUPERVISION): "请跟踪督办，督促{unit}抓紧整改。",
        (Stage.MILESTONE, Role.SUPERVISION): "请跟踪督办，督促{unit}按节点推进整改。",
        (Stage.CHECK, Role.SUPERVISION): "请组织督查核查，作出核查通过或退回整改的意见。",
        (Stage.OPEN_REVIEW, Role.SUPERVISION): "请核对销号条件，发起销号审核。",
        (Stage.FOLLOW_UP, Role.SUPERVISION): "请组织回头看核查。",
        (Stage.REFER, Role.ACCOUNTABILITY): "请抓紧办理已受理的问责事项，并登记处理结果。",
        (Stage.REVIEW, Role.HEAD): "请作出是否同意销号的决定。",
    }
)


_TODO_BY_ROLE: Mapping[Role, str] = MappingProxyType(
    {
        Role.UNIT: "请配合做好{stage}工作。",
        Role.COOPERATING: "请配合{unit}做好{stage}工作。",
        Role.LEAD: "请关注{stage}进展，督促有关方面抓紧办理。",
        Role.GENERAL: "请掌握情况，协调有关方面抓紧办理。",
        Role.SUPERVISION: "请跟踪{stage}进展，督促有关方面抓紧办理。",
        Role.ACCOUNTABILITY: "请关注本事项办理进展。",
        Role.HEAD: "请督促有关方面抓紧办理。",
    }
)


def when_zh(due_on: date, days: int, on: date) -> str:
    """Working days left or late, as a message says it on its day: 还有4个工作日, 今日到期, 已超期4个工作日"""
    match Timing.of(due_on, on):
        case Timing.AHEAD:
            return f"还有{days}个工作日" if days else "今日为到期前最后一个工作日"
        case Timing.TODAY:
            return "今日到期"
        case Timing.LATE:
            return f"已超期{workdays_late_zh(-days)}"


def workdays_late_zh(days: int) -> str:
    """How late something is that is past its date: none has passed on a Sunday after what was due on the Friday."""
    return f"{days}个工作日" if days else "不足1个工作日"


def day_zh(day: date | None) -> str:
    """2023年7月4日; nothing where there is none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def one_line(text: str) -> str:
    """A cell of a spreadsheet may hold line breaks; what a message says of it is one line."""
    return " ".join(text.split())


def measure_order(measure_no: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts numbers as people count: 2 before 10, 3-2 before 3-10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", measure_no)
    return tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts)


def reason_zh(  # noqa: PLR0913 - plain facts, so that a listing need not build an Item
    *,
    stage: Stage,
    rung: str,
    kind: NoticeKind,
    role: Role,
    due_on: date,
    days: int,
    provisional: bool,
    unit: str,
) -> str:
    """Why a party hears: which clock, its date, days left or late, the rung, and in which capacity.

    One sentence without its full stop. `unit` is the name of the responsible unit; `days` are working days,
    seen from the working day on which the notice was decided.
    """
    before, after = _around_the_clock(stage, rung, kind, role, unit)
    return f"{before}{clock_zh(stage, due_on, days, provisional)}，{after}"


def clock_zh(stage: Stage, due_on: date, days: int, provisional: bool) -> str:
    """The half of a reason that every party of one clock shares: which clock, its date, days left or late."""
    clock = f"{STAGE_ZH[stage]}时限{due_on.isoformat()}{'（推算日期）' if provisional else ''}"
    if days == 0:  # the due day itself, or the last working day before it: the sentence is true of both
        return f"{clock}已到最后一个工作日"
    return f"{clock}还有{days}个工作日" if days > 0 else f"{clock}已超过{-days}个工作日"


def why_zh(*, stage: Stage, rung: str, kind: NoticeKind, role: Role, unit: str) -> str:
    """The half of a reason that is a party's own: the rung, and in which capacity. No date and no full stop."""
    return "".join(_around_the_clock(stage, rung, kind, role, unit))


def todo_zh(*, stage: Stage, kind: NoticeKind, role: Role, timing: Timing, unit: str) -> str:
    """What this party should do now, as one sentence."""
    if kind is NoticeKind.ADDRESS:
        sentence = _TODO_ADDRESS
    else:
        sentence = (
            _TODO_BY_KIND.get((kind, role))
            or _TODO_BY_TIMING.get((stage, role, timing))
            or _TODO.get((stage, role))
            or _TODO_BY_ROLE[role]
        )
    return sentence.format(unit=unit, stage=STAGE_ZH[stage])


def _around_the_clock(stage: Stage, rung: str, kind: NoticeKind, role: Role, unit: str) -> tuple[str, str]:
    """What a reason says before its clock, and after it."""
    who = f"责任单位{unit}" if role is Role.UNIT else ROLE_ZH[role]
    if kind is NoticeKind.ADDRESS:
        return f"责任单位{unit}无可用通知地址，", f"按“{rung}”改为通知{who}"
    return "", f"按升级阶梯“{rung}”{_hearing_zh(stage, kind, role).format(who=who)}"


def _hearing_zh(stage: Stage, kind: NoticeKind, role: Role) -> str:
    if kind is NoticeKind.REFER and role is Role.ACCOUNTABILITY:
        return "提请{who}研究问责"
    if kind is NoticeKind.REFER and role is Role.UNIT:
        return _HEARING[kind][0]
    to_holder, to_others = _HEARING[kind]
    return to_holder if role in HOLDERS[stage] else to_others
