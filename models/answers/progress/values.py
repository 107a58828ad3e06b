"""What a progress report says, as values: where each measure stands, numbers that are never without their rows. PURE.

Counted by figures.py, read from the database by reading.py, worded by notifications/reports. What each number means
stands with its figure there and, for an office, in docs/how-to/counts.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.activity import ActivityKind
from models.closure import EvidenceKind
from models.lifecycle import DONE_STATES, ClosureClass, State
from models.rates import Rate, RateFormula

__all__ = [
    "TURN_ZH", "ActivityItem", "EvidenceItem", "Figure", "MeasureProgress", "ProblemProgress", "Progress", "Rate",
    "RateFormula", "Row", "Turn", "TurnKind",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """What a number counts: one row as the appendix shows it.

    `key` is unique in its figure ("措施12", "活动3", "佐证a1b2c3d4"); `text` is what people wrote, as it stands.
    """

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a report, with its rows. `key` is dotted and stable; no key is the beginning of another."""

    key: str
    zh: str
    rows: tuple[Row, ...]

    @property
    def value(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A file handed in during the present cycle. `accepted`: it was there when the closure, or since then a follow-up,
    was passed, and that still stands; what came after it, or to an open measure, is handed in and no more."""

    id: int
    kind: EvidenceKind
    name: str
    version: int
    sha256: str
    accepted: bool = False


class TurnKind(StrEnum):
    """What happened to a measure on its way. `returned`: by the check or the closure review, within its cycle;
    `reopened`: after it was closed, also by a follow-up that failed; `extended`: granted, not merely asked for."""

    RETURNED = "returned"
    EXTENDED = "extended"
    NEW_LIMIT = "new_limit"
    REOPENED = "reopened"


TURN_ZH: Mapping[TurnKind, str] = MappingProxyType({
    TurnKind.RETURNED: "退回", TurnKind.EXTENDED: "延期", TurnKind.NEW_LIMIT: "重定时限",
    TurnKind.REOPENED: "重新整改",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """One such thing: the event that says so, its day, and the reason that was written."""

    seq: int
    kind: TurnKind
    on_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class MeasureProgress:
    """A measure as a report speaks of it. Unit and lead are names, "" where a draft has none yet.

    `due_on` is the completion limit that stands (a draft's is the ledger's; None where there is none), `first_due_on`
    the one with which the present cycle began. `provisional`: a holiday notice to come may change that day.
    `closed_on` is the day of the approval, for what is closed or followed up. `overdue_days`: working days since the
    limit passed, 0 on a rest day right after it; None where it did not pass, was met or is held. `statement` is the
    latest self-check of the present cycle, which may have been returned since: `state` tells whether it was accepted.
    `progress` and `percent` were reported in the present cycle. `turns` are those of the whole life, and `returns`
    and `extensions` count them. `next_follow_up` is None while none is due, or one is being checked;
    `follow_up_overdue_days` are working days since it was due, `draft_overdue_days` since the ledger's limit of a draft
    passed, for which no clock runs; None where that has not passed.
    """

    no: str
    text: str
    unit: str
    cooperating: tuple[str, ...]
    lead: str
    closure: ClosureClass
    major: bool
    state: State
    limit_text: str
    due_on: date | None
    first_due_on: date | None
    provisional: bool
    closed_on: date | None
    overdue_days: int | None
    statement: str
    progress: str
    percent: int | None
    evidence: tuple[EvidenceItem, ...]
    returns: int
    extensions: int
    next_follow_up: date | None
    held: bool
    follow_up_overdue_days: int | None = None
    draft_overdue_days: int | None = None
    turns: tuple[Turn, ...] = ()
    part_of: str = ""

    @property
    def accepted(self) -> bool:
        """Its closure was approved and stands: it is closed, or watched since."""
        return self.state in DONE_STATES

    @property
    def withdrawn(self) -> bool:
        return self.state is State.WITHDRAWN

    def turned(self, kind: TurnKind) -> tuple[Turn, ...]:
        """What of this kind happened to it, in order."""
        return tuple(turn for turn in self.turns if turn.kind is kind)


@dataclass(frozen=True, slots=True)
class ProblemProgress:
    """A finding with its measures, withdrawn ones included, in the ledger's order. `position` counts from 1."""

    position: int
    text: str
    measures: tuple[MeasureProgress, ...]


@dataclass(frozen=True, slots=True)
class ActivityItem:
    """An activity that counts: logged, and not withdrawn."""

    id: int
    on_day: date
    kind: ActivityKind
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a round stands on a day."""

    round_code: str
    round_name: str
    feedback_on: date
    ends_on: date
    on_day: date
    problems: tuple[ProblemProgress, ...]
    activities: tuple[ActivityItem, ...]
    figures: Mapping[str, Figure]
    rates: Mapping[RateFormula, Rate]

    @property
    def measures(self) -> tuple[MeasureProgress, ...]:
        """All measures, withdrawn ones included, in the ledger's order."""
        return tuple(measure for problem in self.problems for measure in problem.measures)
