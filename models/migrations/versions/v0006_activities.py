"""Activities: meetings, hearings and inspections of a round, which a notice to the public counts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("withdrawn_seq", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'committee' OR kind = 'meeting' OR kind = 'hearing' OR kind = 'inspection')", name="kind_known"
        ),
        sa.CheckConstraint("title <> ''", name="title_given"),
        sa.CheckConstraint("withdrawn_seq > event_seq", name="withdrawn_after_logging"),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"]),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"]),
        sa.ForeignKeyConstraint(["withdrawn_seq"], ["event.seq"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_seq"),
    )
    op.execute(
        "CREATE TRIGGER activity_no_delete BEFORE DELETE ON activity "
        "BEGIN SELECT RAISE(ABORT, 'an activity is withdrawn, never deleted'); END"
    )
