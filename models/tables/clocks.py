"""Deadline 时限: the clocks. Opened and stopped by models/handling, read by the poll, which knows nothing else.

It repeats the measure's unit, lead and round so that the poll never fetches the wide measure row.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.lifecycle import Stage
from models.tables.columns import PlainDate, Word, one_of

OPEN = "stopped_on IS NULL AND held_on IS NULL"

TAKEN_UP = f"taken_up_on IS NOT NULL AND {OPEN}"


class ClockOutcome(StrEnum):
    """How a clock ended. Overdue is never stored while it runs: it follows from the due date."""

    MET = "met"
    LATE = "late"
    VOID = "void"


class Deadline(SQLModel, table=True):
    """One running time limit: one measure, one stage, one holder who must act, one due date.

    `first_due_on` never changes, an extension moves `due_on` only. `armed_on` and `armed_seq` say since which day
    and event the clock stands as it does now; `served_on` is the day the unit was first told with proof.
    `held_days`: signed working days that were left to the due date when it was held. `late_by`: working days from the
    due date to an end that came after it. `taken_up_on`: its referral was taken up, which ends the referral's repeats.
    """

    __table_args__ = (
        one_of("stage", Stage),
        one_of("outcome", ClockOutcome),
        CheckConstraint("(stopped_on IS NULL) = (outcome IS NULL)", name="outcome_when_stopped"),
        CheckConstraint("armed_on >= opened_on", name="armed_after_opening"),
        CheckConstraint("(held_on IS NULL) = (held_days IS NULL)", name="days_when_held"),
        CheckConstraint("late_by IS NULL OR coalesce(outcome, '') = 'late'", name="late_by_when_late"),
        Index("deadline_open", "stage", "due_on", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("deadline_armed", "armed_seq", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("deadline_armed_on", "armed_on", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("deadline_taken_up", "taken_up_on", sqlite_where=text(TAKEN_UP), postgresql_where=text(TAKEN_UP)),
        Index("deadline_served", "served_on", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    )

    id: int | None = Field(default=None, primary_key=True)
    measure_id: int = Field(foreign_key="measure.id", index=True)
    cycle_id: int = Field(foreign_key="cycle.id")
    stage: Stage = Field(sa_type=Word(Stage))
    holder_id: int = Field(foreign_key="party.id")
    due_on: date = Field(sa_type=PlainDate)
    first_due_on: date = Field(sa_type=PlainDate)
    opened_on: date = Field(sa_type=PlainDate)
    stopped_on: date | None = Field(default=None, sa_type=PlainDate)
    outcome: ClockOutcome | None = Field(default=None, sa_type=Word(ClockOutcome))
    held_on: date | None = Field(default=None, sa_type=PlainDate)
    policy_digest: str
    unit_id: int = Field(foreign_key="party.id")
    lead_id: int = Field(foreign_key="party.id")
    round_id: int = Field(foreign_key="round.id")
    served_on: date | None = Field(default=None, sa_type=PlainDate)
    armed_on: date = Field(sa_type=PlainDate)
    armed_seq: int
    held_days: int | None = None
    late_by: int | None = None
    taken_up_on: date | None = Field(default=None, sa_type=PlainDate)
    milestone_id: int | None = Field(default=None, foreign_key="milestone.id")


class SaidBefore(SQLModel, table=True):
    """A rung that a clock had said already when it was resumed under a new due date: the poll does not repeat it.

    Apart from the notices, which are what was decided and said, and when. The key is a notice's own.
    """

    __table_args__ = ({"sqlite_with_rowid": False},)

    due_on: date = Field(sa_type=PlainDate, primary_key=True)
    rung: str = Field(primary_key=True)
    deadline_id: int = Field(foreign_key="deadline.id", primary_key=True)
    party_id: int = Field(foreign_key="party.id", primary_key=True)
