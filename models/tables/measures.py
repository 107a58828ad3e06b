"""The ledger: rounds, feedback problems, measures, their cycles and evidence. Written by models/handling only."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.lifecycle import ClosureClass, State
from models.tables.columns import PlainDate, Word, one_of
from models.timelimit import LimitKind


class Round(SQLModel, table=True):
    """整改轮次: one inspection's rectification. `ends_on` closes the 集中整改期, three months unless said otherwise."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    feedback_on: date = Field(sa_type=PlainDate)
    ends_on: date = Field(sa_type=PlainDate)


class FeedbackProblem(SQLModel, table=True):
    """反馈问题: a finding, in the ledger's order."""

    __table_args__ = (UniqueConstraint("round_id", "text"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    position: int
    text: str


class Measure(SQLModel, table=True):
    """整改措施: a ledger row. `due_on` is empty for an immediate limit until it is assigned, and for a limit that
    gives no date. `version` grows with every action; a stale one is refused."""

    __table_args__ = (
        UniqueConstraint("round_id", "no"),
        one_of("state", State),
        one_of("closure", ClosureClass),
        one_of("limit_kind", LimitKind),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    problem_id: int = Field(foreign_key="feedbackproblem.id")
    position: int
    no: str = Field(index=True)
    text: str
    unit_id: int = Field(foreign_key="party.id")
    lead_id: int = Field(foreign_key="party.id")
    closure: ClosureClass = Field(sa_type=Word(ClosureClass))
    major: bool
    limit_text: str
    limit_kind: LimitKind = Field(sa_type=Word(LimitKind))
    limit_rule: str
    limit_note: str = ""
    due_on: date | None = Field(default=None, sa_type=PlainDate)
    state: State = Field(default=State.DRAFTED, sa_type=Word(State))
    version: int = 1


class Cooperation(SQLModel, table=True):
    """配合单位 of a measure."""

    measure_id: int = Field(foreign_key="measure.id", primary_key=True)
    party_id: int = Field(foreign_key="party.id", primary_key=True)


class Cycle(SQLModel, table=True):
    """整改周期: one passage from assignment or reopening to closure. The CHECKs are the last line of the separation
    of duties: who submitted may not verify, who submitted or verified may not close."""

    __table_args__ = (
        UniqueConstraint("measure_id", "n"),
        CheckConstraint("verified_by IS NULL OR verified_by <> submitted_by", name="verifier_is_another"),
        CheckConstraint(
            "closed_by_lead IS NULL OR (closed_by_lead <> submitted_by AND closed_by_lead <> verified_by)",
            name="closing_lead_is_another",
        ),
        CheckConstraint(
            "closed_by_head IS NULL OR (closed_by_head <> submitted_by AND closed_by_head <> verified_by)",
            name="closing_head_is_another",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    measure_id: int = Field(foreign_key="measure.id", index=True)
    n: int = 1
    opened_on: date = Field(sa_type=PlainDate)
    statement: str = ""
    submitted_by: str | None = None
    verified_by: str | None = None
    closed_by_lead: str | None = None
    closed_by_head: str | None = None


class Evidence(SQLModel, table=True):
    """佐证材料: a file of the home, found by its SHA-256; the name is only what the sender called it."""

    __table_args__ = (UniqueConstraint("cycle_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id")
    sha256: str
    name: str
    size: int
