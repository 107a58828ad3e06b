"""The ledger: rounds, feedback problems, measures and their milestones, cycles and evidence.

Written by models/handling only.
"""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.closure import EvidenceKind
from models.lifecycle import ClosureClass, State
from models.tables.columns import PlainDate, Word, one_of
from models.timelimit import LimitKind

_APART = "({0} <> submitted_by AND {0} <> verified_by)"
_NOT_BOTH = "(closed_by_lead IS NULL OR closed_by_head <> closed_by_lead)"


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
    """整改措施: a ledger row. `due_on` is the ledger's date, whatever the clocks did since; empty for an immediate
    limit until it is assigned, and for a limit that gives no date. `follow_up` is this measure's own interval ("6m",
    "60wd"), empty where the policy's holds. `percent` and `progress` are what was reported last. `version` grows with
    every action; a stale one is refused. `part_of` is the measure that a sub-measure belongs to, empty for one that
    stands by itself. Unit and lead may be missing from a draft, until it is assigned."""

    __table_args__ = (
        UniqueConstraint("round_id", "no"),
        one_of("state", State),
        one_of("closure", ClosureClass),
        one_of("limit_kind", LimitKind),
        CheckConstraint("percent IS NULL OR percent BETWEEN 0 AND 100", name="percent_in_range"),
        CheckConstraint(
            "state = 'drafted' OR state = 'withdrawn' OR (unit_id IS NOT NULL AND lead_id IS NOT NULL)",
            name="parties_once_assigned",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    problem_id: int = Field(foreign_key="feedbackproblem.id")
    position: int
    no: str = Field(index=True)
    text: str
    part_of: str = ""
    unit_id: int | None = Field(default=None, foreign_key="party.id")
    lead_id: int | None = Field(default=None, foreign_key="party.id")
    closure: ClosureClass = Field(sa_type=Word(ClosureClass))
    major: bool
    limit_text: str
    limit_kind: LimitKind = Field(sa_type=Word(LimitKind))
    limit_rule: str
    limit_note: str = ""
    due_on: date | None = Field(default=None, sa_type=PlainDate)
    state: State = Field(default=State.DRAFTED, sa_type=Word(State))
    version: int = 1
    follow_up: str = ""
    percent: int | None = None
    progress: str = ""


class ImportedRow(SQLModel, table=True):
    """A measure's row as its ledger last gave it: what a later file is compared with. `content` is canonical JSON
    (models/ledger/difference.py), `event_seq` the import that had the row last; both stand still while people act."""

    measure_id: int = Field(foreign_key="measure.id", primary_key=True)
    event_seq: int = Field(foreign_key="event.seq")
    content: str


class Milestone(SQLModel, table=True):
    """阶段节点: a dated step of a measure. Its clock opens with the measure's own."""

    __table_args__ = (UniqueConstraint("measure_id", "n"),)

    id: int | None = Field(default=None, primary_key=True)
    measure_id: int = Field(foreign_key="measure.id")
    n: int
    text: str
    due_on: date = Field(sa_type=PlainDate)


class Cooperation(SQLModel, table=True):
    """配合单位 of a measure."""

    measure_id: int = Field(foreign_key="measure.id", primary_key=True)
    party_id: int = Field(foreign_key="party.id", primary_key=True)


class Cycle(SQLModel, table=True):
    """整改周期: one passage from assignment or reopening to closure. The CHECKs are the last line of the separation
    of duties: who submitted may not verify, who submitted or verified may not close, nobody closes for both lead and
    head, who reported in a follow-up may not check it. Where a single-person exception was needed, the cycle names it.

    `opened_seq` is the event that opened it: what was done in it stands in the record from there on.
    """

    __table_args__ = (
        UniqueConstraint("measure_id", "n"),
        *(
            CheckConstraint(f"exception_id IS NOT NULL OR {one} IS NULL OR {apart}", name=f"{name}_is_another")
            for name, one, apart in (
                ("verifier", "verified_by", "verified_by <> submitted_by"),
                ("closing_lead", "closed_by_lead", _APART.format("closed_by_lead")),
                ("closing_head", "closed_by_head", f"({_APART.format('closed_by_head')} AND {_NOT_BOTH})"),
                ("follow_up_checker", "follow_up_checked_by", "follow_up_checked_by <> follow_up_reported_by"),
            )
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    measure_id: int = Field(foreign_key="measure.id", index=True)
    n: int = 1
    opened_on: date = Field(sa_type=PlainDate)
    opened_seq: int = 0
    statement: str = ""
    submitted_by: str | None = None
    verified_by: str | None = None
    closed_by_lead: str | None = None
    closed_by_head: str | None = None
    follow_up_reported_by: str | None = None
    follow_up_checked_by: str | None = None
    exception_id: int | None = Field(default=None, foreign_key="singlepersonexception.id")


class Evidence(SQLModel, table=True):
    """佐证材料: a file of the home, found by its SHA-256; the name is only what the sender called it.

    `version` counts the contents that one measure was given under one kind and name.
    """

    __table_args__ = (UniqueConstraint("cycle_id", "sha256", "kind"), one_of("kind", EvidenceKind))

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id")
    sha256: str
    name: str
    size: int
    kind: EvidenceKind = Field(default=EvidenceKind.PROOF, sa_type=Word(EvidenceKind))
    version: int = 1
    event_seq: int = 0
