"""Whose days were used: the working days of a measure, split by who had it. PURE.

Overdue often means waited three weeks in review; so every working day from assignment on belongs to exactly one of
unit, supervision, review and hold, until the measure is closed; in a follow-up to the unit until it has reported.
Computed from the record, never stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.lifecycle import Action, State
from models.workdays import WorkCalendar


class Holder(StrEnum):
    """Who had the measure, or that it was on hold."""

    UNIT = "unit"
    SUPERVISION = "supervision"
    REVIEW = "review"
    HOLD = "hold"


HOLDER_ZH: Mapping[Holder, str] = MappingProxyType({
    Holder.UNIT: "责任单位", Holder.SUPERVISION: "督办组", Holder.REVIEW: "销号审核", Holder.HOLD: "挂起",
})  # fmt: skip
_OF_STATE: Mapping[State, Holder] = MappingProxyType({
    State.ASSIGNED: Holder.UNIT, State.IN_PROGRESS: Holder.UNIT, State.FOLLOWING_UP: Holder.UNIT,
    State.SELF_CHECKED: Holder.SUPERVISION, State.VERIFIED: Holder.SUPERVISION, State.UNDER_REVIEW: Holder.REVIEW,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """An action on the measure, as the record has it: the day, what was done, and the state after it."""

    on_day: date
    action: str
    state: State


def days_spent(changes: Iterable[Change], until: date, calendar: WorkCalendar) -> dict[Holder, int]:
    """Working days by holder up to `until`, that day included; a day belongs to whoever had the measure at its start.

    The changes are in the order of the record.
    """
    spent = dict.fromkeys(Holder, 0)
    holder: Holder | None = None
    since, held, reported = until, False, False
    for change in changes:
        if change.on_day > until:
            break
        if holder:
            spent[holder] += calendar.workdays_between(since, change.on_day)
        held = change.action == Action.HOLD or (held and change.action != Action.RESUME)
        reported = change.action == Action.FOLLOW_UP_REPORT or (reported and change.action not in _TURNS)
        holder, since = _holder(change.state, held, reported), change.on_day
    if holder and until > since:
        spent[holder] += calendar.workdays_between(since, until)
    return spent


_TURNS = frozenset({Action.APPROVE, Action.FOLLOW_UP_CHECK, Action.FAIL_FOLLOW_UP, Action.REOPEN})


def _holder(state: State, held: bool, reported: bool) -> Holder | None:
    """A follow-up that was reported is supervision's until it is checked."""
    if held:
        return Holder.HOLD if state in _OF_STATE else None
    return Holder.SUPERVISION if state is State.FOLLOWING_UP and reported else _OF_STATE.get(state)
