"""The lifecycle: milestones, news, stand-ins, exceptions; holds, evidence by kind, messages that an action causes.

SQLite cannot change a column or a CHECK in place: such tables are made anew, filled from the old ones, and renamed.
That needs foreign keys to be off meanwhile (models/store/engine.py sees to it, and has them checked at the end).
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_milestone()
    _make_singlepersonexception()
    _make_standinterm()
    for table, make, indexes in REBUILT:
        _rebuild(table, make, indexes)
    _make_saidbefore()
    _make_news()
    op.create_index("notice_referred", "notice", ["deadline_id"], unique=False, sqlite_where=sa.text("kind = 'refer'"))


def _rebuild(table: str, make: Callable[[str], object], indexes: Callable[[], object]) -> None:
    """The table in its new form under its old name, with the rows it held. New columns take their defaults."""
    make(f"new_{table}")
    kept = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]
    columns = ", ".join(kept)
    added = ADDED.get(table, {})
    names = ", ".join([columns, *added])
    values = ", ".join([columns, *added.values()])
    op.execute(f"INSERT INTO new_{table} ({names}) SELECT {values} FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
    indexes()


ADDED: dict[str, dict[str, str]] = {
    "measure": {"follow_up": "''", "progress": "''"},
    "cycle": {"opened_seq": "0"},
    "evidence": {"kind": "'proof'", "version": "1", "event_seq": "0"},
}
"""What columns that must not be empty hold in the rows there are."""


def _make_milestone() -> None:
    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("measure_id", "n"),
    )


def _make_singlepersonexception() -> None:
    op.create_table(
        "singlepersonexception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("until >= since", name="until_after_since"),
        sa.ForeignKeyConstraint(
            ["event_seq"],
            ["event.seq"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )


def _make_standinterm() -> None:
    op.create_table(
        "standinterm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("stand_in_id <> party_id", name="by_another"),
        sa.CheckConstraint("until >= since", name="until_after_since"),
        sa.ForeignKeyConstraint(
            ["event_seq"],
            ["event.seq"],
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stand_in_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )


def _make_saidbefore() -> None:
    op.create_table(
        "saidbefore",
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("deadline_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deadline_id"],
            ["deadline.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("due_on", "rung", "deadline_id", "party_id"),
        sqlite_with_rowid=False,
    )


def _make_news() -> None:
    op.create_table(
        "news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("clock_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("unsaid", sa.String(32), nullable=True),
        _one_of(
            "kind",
            "assigned",
            "check_wanted",
            "evidence_added",
            "returned",
            "review_wanted",
            "closed",
            "follow_up_wanted",
            "follow_up_passed",
            "extension_asked",
            "extension_granted",
            "extension_refused",
            "limit_set",
            "held",
            "resumed",
            "reopened",
            "handed_over",
            "taken_away",
            "reassigned",
            "taken_up",
            "outcome",
            "withdrawn",
        ),
        _one_of("role", "unit", "cooperating", "lead", "general", "supervision", "accountability", "head"),
        _one_of("unsaid", "superseded", "no_address", "settled"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(
            ["clock_id"],
            ["deadline.id"],
        ),
        sa.ForeignKeyConstraint(
            ["event_seq"],
            ["event.seq"],
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measure.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_seq", "party_id"),
    )
    op.create_index("ix_news_measure_id", "news", ["measure_id"], unique=False)


def _make_measure(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("no", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("closure", sa.String(32), nullable=False),
        sa.Column("major", sa.Boolean(), nullable=False),
        sa.Column("limit_text", sa.String(), nullable=False),
        sa.Column("limit_kind", sa.String(32), nullable=False),
        sa.Column("limit_rule", sa.String(), nullable=False),
        sa.Column("limit_note", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("follow_up", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("progress", sa.String(), nullable=False),
        _one_of("closure", "settled", "mechanism", "sustained"),
        _one_of("limit_kind", "date", "period", "recurring", "immediate", "sustained", "unresolved"),
        _one_of(
            "state",
            "drafted",
            "assigned",
            "in_progress",
            "self_checked",
            "verified",
            "under_review",
            "closed",
            "following_up",
            "withdrawn",
        ),
        sa.CheckConstraint("percent IS NULL OR percent BETWEEN 0 AND 100", name="percent_in_range"),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["feedbackproblem.id"],
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round_id", "no"),
    )


def _index_measure() -> None:
    op.create_index("ix_measure_no", "measure", ["no"], unique=False)


def _make_cycle(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_seq", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=True),
        sa.Column("verified_by", sa.String(), nullable=True),
        sa.Column("closed_by_lead", sa.String(), nullable=True),
        sa.Column("closed_by_head", sa.String(), nullable=True),
        sa.Column("follow_up_reported_by", sa.String(), nullable=True),
        sa.Column("follow_up_checked_by", sa.String(), nullable=True),
        sa.Column("exception_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "exception_id IS NOT NULL OR closed_by_head IS NULL OR "
            "((closed_by_head <> submitted_by AND closed_by_head <> verified_by) AND "
            "(closed_by_lead IS NULL OR closed_by_head <> closed_by_lead))",
            name="closing_head_is_another",
        ),
        sa.CheckConstraint(
            "exception_id IS NOT NULL OR closed_by_lead IS NULL OR "
            "(closed_by_lead <> submitted_by AND closed_by_lead <> verified_by)",
            name="closing_lead_is_another",
        ),
        sa.CheckConstraint(
            "exception_id IS NOT NULL OR follow_up_checked_by IS NULL OR follow_up_checked_by <> follow_up_reported_by",
            name="follow_up_checker_is_another",
        ),
        sa.CheckConstraint(
            "exception_id IS NOT NULL OR verified_by IS NULL OR verified_by <> submitted_by", name="verifier_is_another"
        ),
        sa.ForeignKeyConstraint(
            ["exception_id"],
            ["singlepersonexception.id"],
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("measure_id", "n"),
    )


def _index_cycle() -> None:
    op.create_index("ix_cycle_measure_id", "cycle", ["measure_id"], unique=False)


def _make_deadline(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("policy_digest", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("armed_on", sa.Date(), nullable=False),
        sa.Column("armed_seq", sa.Integer(), nullable=False),
        sa.Column("held_days", sa.Integer(), nullable=True),
        sa.Column("late_by", sa.Integer(), nullable=True),
        sa.Column("taken_up_on", sa.Date(), nullable=True),
        sa.Column("milestone_id", sa.Integer(), nullable=True),
        _one_of("outcome", "met", "late", "void"),
        _one_of(
            "stage", "accept", "complete", "milestone", "check", "open_review", "review", "decide", "follow_up", "refer"
        ),
        sa.CheckConstraint("late_by IS NULL OR coalesce(outcome, '') = 'late'", name="late_by_when_late"),
        sa.CheckConstraint("(held_on IS NULL) = (held_days IS NULL)", name="days_when_held"),
        sa.CheckConstraint("(stopped_on IS NULL) = (outcome IS NULL)", name="outcome_when_stopped"),
        sa.CheckConstraint("armed_on >= opened_on", name="armed_after_opening"),
        sa.ForeignKeyConstraint(
            ["cycle_id"],
            ["cycle.id"],
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measure.id"],
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["milestone.id"],
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )


def _index_deadline() -> None:
    op.create_index(
        "deadline_armed",
        "deadline",
        ["armed_seq"],
        unique=False,
        sqlite_where=sa.text("stopped_on IS NULL AND held_on IS NULL"),
    )
    op.create_index(
        "deadline_armed_on",
        "deadline",
        ["armed_on"],
        unique=False,
        sqlite_where=sa.text("stopped_on IS NULL AND held_on IS NULL"),
    )
    op.create_index(
        "deadline_open",
        "deadline",
        ["stage", "due_on"],
        unique=False,
        sqlite_where=sa.text("stopped_on IS NULL AND held_on IS NULL"),
    )
    op.create_index(
        "deadline_served",
        "deadline",
        ["served_on"],
        unique=False,
        sqlite_where=sa.text("stopped_on IS NULL AND held_on IS NULL"),
    )
    op.create_index(
        "deadline_taken_up",
        "deadline",
        ["taken_up_on"],
        unique=False,
        sqlite_where=sa.text("taken_up_on IS NOT NULL AND stopped_on IS NULL AND held_on IS NULL"),
    )
    op.create_index("ix_deadline_measure_id", "deadline", ["measure_id"], unique=False)


def _make_evidence(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        _one_of("kind", "proof", "rule", "norm", "campaign", "other"),
        sa.ForeignKeyConstraint(
            ["cycle_id"],
            ["cycle.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cycle_id", "sha256", "kind"),
    )


def _index_evidence() -> None:
    """It has none but its keys."""


def _make_message(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("notice_ids", sa.String(), nullable=False),
        sa.Column("address_no", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ambiguous", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("next_try_at", sa.DateTime(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("header_id", sa.String(), nullable=True),
        _one_of("kind", "digest", "escalation", "action"),
        sa.CheckConstraint("(run_id IS NULL) = (kind = 'action')", name="run_unless_action"),
        _one_of(
            "state",
            "planned",
            "leased",
            "handing_over",
            "accepted",
            "retry_wait",
            "rejected",
            "unknown",
            "cancelled",
            "superseded",
            "expired",
            "bounced",
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "party_id", "kind"),
    )


def _index_message() -> None:
    op.create_index(
        "message_uncounted",
        "message",
        ["id"],
        unique=False,
        sqlite_where=sa.text("accepted_on IS NOT NULL AND NOT counted"),
    )
    op.create_index(
        "message_unfinished",
        "message",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'leased', 'handing_over', 'retry_wait')"),
    )


REBUILT = (
    ("measure", _make_measure, _index_measure),
    ("cycle", _make_cycle, _index_cycle),
    ("deadline", _make_deadline, _index_deadline),
    ("evidence", _make_evidence, _index_evidence),
    ("message", _make_message, _index_message),
)


def _one_of(column: str, *words: str) -> sa.CheckConstraint:
    chain = " OR ".join(f"{column} = '{word}'" for word in words)
    return sa.CheckConstraint(f"({chain})", name=f"{column}_known")
