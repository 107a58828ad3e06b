"""When a due date may move and where to: extension, a new limit, the date of work sent back. PURE.

Each function answers with a `DateFault`, which holds a Chinese sentence and the cure, or with the date. They know
neither who asks nor how often: that is permission.py's.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.workdays import WorkCalendar


class DateFaultCode(StrEnum):
    """Why a date is refused."""

    TOO_LATE_TO_ASK = "too_late_to_ask"
    NOT_LATER = "not_later"
    BEYOND_THE_BOUND = "beyond_the_bound"
    IN_THE_PAST = "in_the_past"
    BEFORE_THE_OLD = "before_the_old"


@dataclass(frozen=True, slots=True)
class DateFault:
    """A date that cannot be: one Chinese sentence that says why, and what would do."""

    code: DateFaultCode
    zh: str
    cure: str


@dataclass(frozen=True, slots=True)
class ExtensionRules:
    """How an office grants more time: asked this many working days before, by at most so many calendar days."""

    ask_before_workdays: int = 1
    at_most_days: int = 30


def extension_fault(
    asked_on: date, due_on: date, new_due_on: date, rules: ExtensionRules, calendar: WorkCalendar
) -> DateFault | None:
    """What is wrong with an extension asked for on that day; None where nothing is."""
    last_day = calendar.add_workdays(due_on, -rules.ask_before_workdays) if rules.ask_before_workdays else due_on
    if asked_on > last_day:
        return DateFault(
            DateFaultCode.TOO_LATE_TO_ASK,
            f"延期须在时限 {due_on} 之前至少{rules.ask_before_workdays}个工作日（{last_day} 及以前）申请。",
            "请按时办理；时限过后确需调整的，请牵头领导办理“重定时限”。",
        )
    if new_due_on <= due_on:
        return DateFault(
            DateFaultCode.NOT_LATER, f"申请延至 {new_due_on}，不晚于现时限 {due_on}。", f"请给出 {due_on} 之后的日期。"
        )
    bound = due_on + timedelta(days=rules.at_most_days)
    if new_due_on > bound:
        return DateFault(
            DateFaultCode.BEYOND_THE_BOUND,
            f"一次延期最多{rules.at_most_days}天，{new_due_on} 超出了上限。",
            f"请给出 {bound} 或之前的日期。",
        )
    return None


def grant_fault(on_day: date, due_on: date, new_due_on: date) -> DateFault | None:
    """What is wrong with granting now what was asked for then: a hold may have moved the date meanwhile."""
    cure = "请不予延期；确需调整的，时限过后办理“重定时限”。"
    if new_due_on <= due_on:
        return DateFault(DateFaultCode.NOT_LATER, f"申请延至的 {new_due_on} 已不晚于现时限 {due_on}，无需同意。", cure)
    if new_due_on < on_day:
        return DateFault(DateFaultCode.IN_THE_PAST, f"申请延至的 {new_due_on} 已经过去，不能再同意。", cure)
    return None


def new_limit_fault(on_day: date, due_on: date, new_due_on: date) -> DateFault | None:
    """What is wrong with a limit that the lead sets after the old one expired."""
    if new_due_on <= due_on:
        return DateFault(
            DateFaultCode.NOT_LATER, f"新时限 {new_due_on} 不晚于原时限 {due_on}。", f"请给出 {on_day} 或之后的日期。"
        )
    return _past(on_day, new_due_on)


def fresh_limit(
    on_day: date, old_due_on: date | None, given: date | None, workdays: int, calendar: WorkCalendar
) -> date | DateFault:
    """The due date of work sent back or begun again.

    Without a date given: the later of the old date and so many working days from that day. One given may neither
    lie in the past nor take away time that the unit had.
    """
    if given is None:
        usual = calendar.add_workdays(on_day, workdays)
        return max(usual, old_due_on) if old_due_on else usual
    if fault := _past(on_day, given):
        return fault
    if old_due_on and given < old_due_on:
        return DateFault(
            DateFaultCode.BEFORE_THE_OLD,
            f"给出的时限 {given} 早于原时限 {old_due_on}。",
            f"请给出 {old_due_on} 或之后的日期，或不写日期。",
        )
    return given


def _past(on_day: date, given: date) -> DateFault | None:
    if given >= on_day:
        return None
    return DateFault(
        DateFaultCode.IN_THE_PAST,
        f"给出的日期 {given} 已经过去（办理日期 {on_day}）。",
        f"请给出 {on_day} 或之后的日期。",
    )
