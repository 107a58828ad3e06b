"""A lighter outbox: what a hand-over writes, it writes into fewer pages. Nothing is added, nothing means anything else.

One partial index in place of two, which a message left and entered at each acceptance; and the trigger that knows the
moves of a message compares words, where it built a list for each row.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from models.migrations.versions.v0004_delivery import MOVES, MOVES_IN_DOUBT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PENDING = "state IN ('planned', 'leased', 'handing_over', 'retry_wait') OR counted < (accepted_on IS NOT NULL)"


def upgrade() -> None:
    op.drop_index("message_unfinished", "message")
    op.drop_index("message_uncounted", "message")
    op.create_index("message_pending", "message", ["id"], unique=False, sqlite_where=sa.text(_PENDING))
    op.execute("DROP TRIGGER message_moves")
    _guard_moves()


def _guard_moves() -> None:
    allowed = f"CASE OLD.state {_whens(MOVES)} ELSE FALSE END"
    in_doubt = f"OLD.ambiguous > 0 AND CASE OLD.state {_whens(MOVES_IN_DOUBT)} ELSE FALSE END"
    op.execute(
        "CREATE TRIGGER message_moves BEFORE UPDATE OF state ON message "
        f"WHEN NEW.state <> OLD.state AND NOT ({allowed}) AND NOT ({in_doubt}) "
        "BEGIN SELECT RAISE(ABORT, 'a message does not move like that'); END"
    )


def _whens(moves: Mapping[str, tuple[str, ...]]) -> str:
    return " ".join(
        f"WHEN '{before}' THEN {' OR '.join(f'NEW.state = {state!r}' for state in after)}"
        for before, after in moves.items()
        if after
    )
