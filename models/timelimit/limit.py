"""What a 完成时限 turns out to be: its kind, its day, what else is to be known of it, and why a person should look.

Values only; made by verdict.py, kept with the measure that bears the text.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from models.timelimit.normal import normalise


class WorkingDays(Protocol):
    """What is asked of a working-day calendar."""

    def add_workdays(self, day: date, n: int, /) -> date:
        """The n-th working day after `day`; before it where n is negative."""

    def is_provisional(self, day: date, /) -> bool:
        """Whether the arrangement for `day` has not been announced yet."""


class LimitKind(StrEnum):
    """What sort of limit a text sets."""

    DATE = "date"
    PERIOD = "period"
    RECURRING = "recurring"
    IMMEDIATE = "immediate"
    SUSTAINED = "sustained"
    UNRESOLVED = "unresolved"

    @property
    def zh(self) -> str:
        return _KIND_ZH[self]


_KIND_ZH = {
    LimitKind.DATE: "固定日期",
    LimitKind.PERIOD: "期限",
    LimitKind.RECURRING: "周期性",
    LimitKind.IMMEDIATE: "立行立改",
    LimitKind.SUSTAINED: "长期坚持",
    LimitKind.UNRESOLVED: "无法确定",
}


class LimitFlag(StrEnum):
    """What else is to be known about a limit. Those that verdict.py gives a reason for ask a person to look."""

    YEAR_INFERRED = "year_inferred"
    NEXT_YEAR = "next_year"
    SUSTAINED = "sustained"
    IMMEDIATE = "immediate"
    RECURRING = "recurring"
    WORKDAYS = "workdays"
    SEVERAL = "several"
    RESIDUE = "residue"
    AMBIGUOUS = "ambiguous"
    IMPOSSIBLE = "impossible"
    UNKNOWN_START = "unknown_start"
    DONE = "done"
    PAST = "past"
    FAR = "far"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """What a 完成时限 says.

    `text` is as written. `span` is where the deciding words stand in `normalise(text)`, not in `text`;
    (0, 0) where nothing was read. `rule` names the rule that read them, "" likewise. `due_on` is the last
    day that is still in time, of a recurring limit the next one; immediate, sustained and unresolved limits have
    none. `confirm` means that a person must look before anything runs on it, and `reason` (Chinese) why; it is
    empty where all is sure. `milestones` are the earlier days of several that are stages of one measure, in order;
    `steps` what the text says is done by each of them, "" where it does not say.
    """

    text: str
    kind: LimitKind
    due_on: date | None
    rule: str
    span: tuple[int, int]
    flags: frozenset[LimitFlag]
    confirm: bool
    reason: str
    milestones: tuple[date, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def matched(self) -> str:
        """The deciding words, normalised."""
        return normalise(self.text)[slice(*self.span)]

    @property
    def lacks_date(self) -> bool:
        """Whether a person must give the date: an immediate limit gets one as it is assigned, a sustained one has the
        round's end.
        """
        return self.due_on is None and self.kind not in {LimitKind.IMMEDIATE, LimitKind.SUSTAINED}
