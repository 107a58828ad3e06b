"""Reading: drafts that still lack unit or lead, sub-measures, and each measure's row as its ledger last gave it.

SQLite cannot take a NOT NULL from a column in place: the measure table is made anew, as in 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rebuild_measure()
    op.create_table(
        "importedrow",
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"]),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"]),
        sa.PrimaryKeyConstraint("measure_id"),
    )


def _rebuild_measure() -> None:
    """The table in its new form under its old name, with the rows it held."""
    kept = ", ".join(column["name"] for column in sa.inspect(op.get_bind()).get_columns("measure"))
    _make_measure("new_measure")
    op.execute(f"INSERT INTO new_measure ({kept}, part_of) SELECT {kept}, '' FROM measure")
    op.execute("DROP TABLE measure")
    op.execute("ALTER TABLE new_measure RENAME TO measure")
    op.create_index("ix_measure_no", "measure", ["no"], unique=False)


def _make_measure(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("no", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("part_of", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
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
        sa.CheckConstraint(
            "state = 'drafted' OR state = 'withdrawn' OR (unit_id IS NOT NULL AND lead_id IS NOT NULL)",
            name="parties_once_assigned",
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["party.id"]),
        sa.ForeignKeyConstraint(["problem_id"], ["feedbackproblem.id"]),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["party.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round_id", "no"),
    )


def _one_of(column: str, *words: str) -> sa.CheckConstraint:
    chain = " OR ".join(f"{column} = '{word}'" for word in words)
    return sa.CheckConstraint(f"({chain})", name=f"{column}_known")
