"""Which moves a message may make: the database keeps no other, whoever writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from models.tables import MessageState
from tests.outbox_fixtures import an_outbox

MOVES = """
planned       leased cancelled superseded expired unknown
leased        handing_over planned retry_wait rejected unknown
handing_over  accepted planned retry_wait rejected unknown
retry_wait    leased cancelled superseded expired unknown
unknown       planned accepted bounced
accepted      bounced
bounced       planned accepted
rejected      planned accepted
expired       accepted
cancelled
superseded
"""
IN_DOUBT = {(MessageState.PLANNED, MessageState.ACCEPTED), (MessageState.RETRY_WAIT, MessageState.ACCEPTED)}
"""And these where a copy may be out already."""
ALLOWED = {before: set(after) for before, *after in map(str.split, MOVES.strip().splitlines())}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A plain connection to a database with one message."""
    with an_outbox(tmp_path_factory.mktemp("moves")) as box:
        box.message("D1")
        with closing(sqlite3.connect(box.database, isolation_level=None)) as raw:
            yield raw


def test_every_state_has_its_moves() -> None:
    assert ALLOWED.keys() == set(MessageState)


@pytest.mark.parametrize("before", MessageState)
@pytest.mark.parametrize("after", MessageState)
@pytest.mark.parametrize("ambiguous", [0, 1])
def test_a_message_makes_no_other_move(
    raw: sqlite3.Connection, before: MessageState, after: MessageState, ambiguous: int
) -> None:
    raw.execute("BEGIN")
    (guard,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'message_moves'").fetchone()
    raw.execute("DROP TRIGGER message_moves")
    raw.execute("UPDATE message SET state = ?, ambiguous = ?", (before, ambiguous))
    raw.execute(guard)
    try:
        if after in ALLOWED[before] or after is before or (ambiguous and (before, after) in IN_DOUBT):
            assert raw.execute("UPDATE message SET state = ?", (after,)).rowcount == 1
        else:
            with pytest.raises(sqlite3.IntegrityError, match="does not move like that"):
                raw.execute("UPDATE message SET state = ?", (after,))
    finally:
        raw.execute("ROLLBACK")
