"""The first schema: ledger, parties, clocks, notices, outbox, and the append-only record with its guards."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = {"event": ("seq", "hash"), "attempt": ("message_id, n, phase",)}
"""Tables whose lines are never changed or removed, and every unique key by which a REPLACE could meet an old line."""


def upgrade() -> None:
    op.create_table(
        "home",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("message_key", sa.String(), nullable=False),
        sa.Column("message_domain", sa.String(), nullable=False),
        sa.Column("directory_digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        _one_of("mode", "live", "rehearsal"),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("several_roles", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("feedback_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("posted_through", sa.Date(), nullable=True),
        sa.Column("seen_seq", sa.Integer(), nullable=False),
        sa.Column("notices_after", sa.Integer(), nullable=False),
        sa.Column("notices_until", sa.Integer(), nullable=False),
        sa.Column("policy_digest", sa.String(), nullable=False),
        sa.Column("calendar_digest", sa.String(), nullable=False),
        sa.Column("directory_digest", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "snapshot",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "feedbackproblem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round_id", "text"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
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
        _one_of("kind", "digest", "escalation"),
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
    op.create_table(
        "roundparty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        _one_of("role", "unit", "cooperating", "lead", "general", "supervision", "accountability", "head"),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round_id", "role", "party_id"),
    )
    op.create_table(
        "payload",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_table(
        "attempt",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _one_of("phase", "leased", "handing_over", "accepted", "retry", "rejected", "unknown", "not_sent"),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("message_id", "n", "phase"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "measure",
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
    op.create_index(op.f("ix_measure_no"), "measure", ["no"], unique=False)
    op.create_table(
        "cooperation",
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measure.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("measure_id", "party_id"),
    )
    op.create_table(
        "cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=True),
        sa.Column("verified_by", sa.String(), nullable=True),
        sa.Column("closed_by_lead", sa.String(), nullable=True),
        sa.Column("closed_by_head", sa.String(), nullable=True),
        sa.CheckConstraint(
            "closed_by_head IS NULL OR (closed_by_head <> submitted_by AND closed_by_head <> verified_by)",
            name="closing_head_is_another",
        ),
        sa.CheckConstraint(
            "closed_by_lead IS NULL OR (closed_by_lead <> submitted_by AND closed_by_lead <> verified_by)",
            name="closing_lead_is_another",
        ),
        sa.CheckConstraint("verified_by IS NULL OR verified_by <> submitted_by", name="verifier_is_another"),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("measure_id", "n"),
    )
    op.create_index(op.f("ix_cycle_measure_id"), "cycle", ["measure_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measure.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index(op.f("ix_event_measure_id"), "event", ["measure_id"], unique=False)
    op.create_table(
        "deadline",
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
        _one_of("outcome", "met", "late", "void"),
        _one_of(
            "stage", "accept", "complete", "milestone", "check", "open_review", "review", "decide", "follow_up", "refer"
        ),
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
            ["round_id"],
            ["round.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
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
    op.create_index(op.f("ix_deadline_measure_id"), "deadline", ["measure_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"],
            ["cycle.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cycle_id", "sha256"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("deadline_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("unsaid", sa.String(32), nullable=True),
        _one_of("kind", "remind", "urge", "overdue", "supervise", "refer", "address"),
        _one_of("role", "unit", "cooperating", "lead", "general", "supervision", "accountability", "head"),
        _one_of("unsaid", "superseded", "no_address", "settled"),
        sa.ForeignKeyConstraint(
            ["deadline_id"],
            ["deadline.id"],
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
        sa.UniqueConstraint("due_on", "rung", "deadline_id", "party_id", name="notice_said_once"),
    )
    op.create_index(
        "notice_unaddressed",
        "notice",
        ["party_id"],
        unique=False,
        sqlite_where=sa.text("unsaid = 'no_address'"),
    )

    for table, keys in APPEND_ONLY.items():
        _guard(table, keys)


def _one_of(column: str, *words: str) -> sa.CheckConstraint:
    chain = " OR ".join(f"{column} = '{word}'" for word in words)
    return sa.CheckConstraint(f"({chain})", name=f"{column}_known")


def _guard(table: str, keys: tuple[str, ...]) -> None:
    """Refuses UPDATE and DELETE, and the INSERT OR REPLACE that would do both unseen."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    for n, key in enumerate(keys, 1):
        same = " AND ".join(f"{column} = NEW.{column}" for column in key.split(", "))
        op.execute(
            f"CREATE TRIGGER {table}_no_replace_{n} BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )
