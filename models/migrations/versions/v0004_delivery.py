"""Provable delivery: parts, receipts, pacing of channels, which copy of a home sends, which moves a message may make.

SQLite cannot change a CHECK or a UNIQUE in place: such tables are made anew, as in 0002.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for trigger in ("attempt_no_update", "attempt_no_delete", "attempt_no_replace_1"):
        op.execute(f"DROP TRIGGER {trigger}")
    for table, make in REBUILT.items():
        _rebuild(table, make)
    _make_channelgate("channelgate")
    _index()
    _guard_attempts()
    _guard_moves()


def _rebuild(table: str, make: Callable[[str], None]) -> None:
    """The table in its new form under its old name, with the rows it held. New columns take what ADDED says."""
    make(f"new_{table}")
    kept = ", ".join(column["name"] for column in sa.inspect(op.get_bind()).get_columns(table))
    added = ADDED.get(table, {})
    names, values = ", ".join([kept, *added]), ", ".join([kept, *added.values()])
    op.execute(f"INSERT INTO new_{table} ({names}) SELECT {values} FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")


ADDED: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "home": {"instance": "''", "site": "''", "sitting": "0"},
    "party": {"addressed": "reachable", "addresses_digest": "''"},
    "run": {"boot": "''"},
    "payload": {"recipient_digest": "''"},
    "message": {"part": "1", "parts": "1", "tries": "0", "received_by": "''"},
    "attempt": {
        "enhanced": "''", "sha256": "''", "channel": "CASE phase WHEN 'handing_over' THEN code ELSE '' END",
    },
})  # fmt: skip
"""What columns that must not be empty hold in the rows there are."""


def _make_home(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("message_key", sa.String(), nullable=False),
        sa.Column("message_domain", sa.String(), nullable=False),
        sa.Column("directory_digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("instance", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("sitting", sa.Integer(), nullable=False),
        sa.Column("taken_over_on", sa.Date(), nullable=True),
        _one_of("mode", "live", "rehearsal"),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id"),
    )


def _make_party(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("several_roles", sa.Boolean(), nullable=False),
        sa.Column("addressed", sa.Boolean(), nullable=False),
        sa.Column("addresses_digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )


def _make_run(name: str) -> None:
    op.create_table(
        name,
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
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("uptime_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


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
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_by", sa.String(), nullable=False),
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
        sa.UniqueConstraint("run_id", "party_id", "kind", "part"),
    )


def _make_payload(name: str) -> None:
    op.create_table(
        name,
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recipient_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("message_id"),
    )


def _make_attempt(name: str) -> None:
    op.create_table(
        name,
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("enhanced", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        _one_of(
            "phase",
            "leased",
            "handing_over",
            "accepted",
            "retry",
            "rejected",
            "unknown",
            "not_sent",
            "bounced",
            "resolved",
            "received",
            "taken_over",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("message_id", "n", "phase"),
        sqlite_with_rowid=False,
    )


def _make_notice(name: str) -> None:
    op.create_table(
        name,
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
        _one_of("unsaid", "superseded", "no_address", "settled", "expired"),
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


def _make_news(name: str) -> None:
    op.create_table(
        name,
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
            "undelivered",
        ),
        _one_of("role", "unit", "cooperating", "lead", "general", "supervision", "accountability", "head"),
        _one_of("unsaid", "superseded", "no_address", "settled", "expired"),
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
            ["message_id"],
            ["message.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_seq", "party_id"),
    )


def _make_channelgate(name: str) -> None:
    op.create_table(
        name,
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("counted_at", sa.DateTime(), nullable=False),
        sa.Column("closed_until", sa.DateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


REBUILT: Mapping[str, Callable[[str], None]] = MappingProxyType({
    "home": _make_home, "party": _make_party, "run": _make_run, "message": _make_message, "payload": _make_payload,
    "attempt": _make_attempt, "notice": _make_notice, "news": _make_news,
})  # fmt: skip


def _index() -> None:
    unfinished = "state IN ('planned', 'leased', 'handing_over', 'retry_wait')"
    _partial("message_unfinished", "message", "id", unfinished)
    _partial("message_uncounted", "message", "id", "accepted_on IS NOT NULL AND NOT counted")
    _partial("notice_referred", "notice", "deadline_id", "kind = 'refer'")
    _partial("notice_unaddressed", "notice", "party_id", "unsaid = 'no_address'")
    op.create_index("ix_news_measure_id", "news", ["measure_id"], unique=False)


def _partial(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], unique=False, sqlite_where=sa.text(where))


def _guard_attempts() -> None:
    """Refuses UPDATE and DELETE, and the INSERT OR REPLACE that would do both unseen."""
    refuse = "BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END"
    same = "message_id = NEW.message_id AND n = NEW.n AND phase = NEW.phase"
    op.execute(f"CREATE TRIGGER attempt_no_update BEFORE UPDATE ON attempt {refuse}")
    op.execute(f"CREATE TRIGGER attempt_no_delete BEFORE DELETE ON attempt {refuse}")
    op.execute(
        "CREATE TRIGGER attempt_no_replace_1 BEFORE INSERT ON attempt "
        f"WHEN EXISTS (SELECT 1 FROM attempt WHERE {same}) {refuse}"
    )


MOVES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "planned": ("leased", "cancelled", "superseded", "expired", "unknown"),
    "leased": ("handing_over", "planned", "retry_wait", "rejected", "unknown"),
    "handing_over": ("accepted", "planned", "retry_wait", "rejected", "unknown"),
    "retry_wait": ("leased", "cancelled", "superseded", "expired", "unknown"),
    "unknown": ("planned", "accepted", "bounced"),
    "accepted": ("bounced",),
    "bounced": ("planned", "accepted"),
    "rejected": ("planned", "accepted"),
    "expired": ("accepted",),
    "cancelled": (),
    "superseded": (),
})  # fmt: skip
"""From which state a message may go to which; whoever writes, nothing else is kept."""
MOVES_IN_DOUBT: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "planned": ("accepted",), "retry_wait": ("accepted",),
})  # fmt: skip
"""And these where a copy may be out already: somebody says that it arrived, before the next one leaves."""


def _guard_moves() -> None:
    allowed = f"{_any_of(MOVES)} OR OLD.ambiguous > 0 AND ({_any_of(MOVES_IN_DOUBT)})"
    op.execute(
        "CREATE TRIGGER message_moves BEFORE UPDATE OF state ON message "
        f"WHEN NEW.state <> OLD.state AND NOT ({allowed}) "
        "BEGIN SELECT RAISE(ABORT, 'a message does not move like that'); END"
    )


def _any_of(moves: Mapping[str, tuple[str, ...]]) -> str:
    return " OR ".join(
        f"(OLD.state = '{before}' AND NEW.state IN ({', '.join(repr(state) for state in after)}))"
        for before, after in moves.items()
        if after
    )


def _one_of(column: str, *words: str) -> sa.CheckConstraint:
    chain = " OR ".join(f"{column} = '{word}'" for word in words)
    return sa.CheckConstraint(f"({chain})", name=f"{column}_known")
