"""Handing over: keeps the bytes, commits the marker, writes how it ended.

`mark()` commits `handing_over` just before the point of no return, by compare-and-swap on owner and attempt: it is
the fence between two runners. notifications/delivery.py renders and sends.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, text

from models.store.outbox.attempts import Entry, append, append_marker
from models.store.outbox.values import Ending, Written
from models.tables import AttemptPhase
from models.tables.columns import stored
from models.tables.core import PAYLOAD


def keep(connection: Connection, owner: str, written: Sequence[Written]) -> None:
    """Stores the bytes of claimed messages. Those that passed a marker before keep theirs."""
    rows = [
        {
            "message": one.message_id,
            "owner": owner,
            "header": one.header_id,
            "payload": one.payload,
            "sha256": hashlib.sha256(one.payload).hexdigest(),
            "recipient_digest": one.recipient_digest,
        }
        for one in written
    ]
    if rows:
        connection.execute(_NAME, rows)
        connection.execute(_KEEP, rows)


def mark(connection: Connection, owner: str, message_id: int, attempt: int, now: datetime, channel: str) -> bool:
    """Commits (with the caller's transaction) that the point of no return comes next, and on which channel.

    False: another owns the message now.
    """
    values = {"message": message_id, "owner": owner, "attempt": attempt}
    if not connection.exec_driver_sql(_MARK, values).rowcount:
        return False
    append_marker(connection, Entry(message_id, attempt, AttemptPhase.HANDING_OVER, now, owner), channel)
    return True


def finish(connection: Connection, owner: str, ending: Ending, now: datetime) -> bool:
    """Writes how an attempt ended. False where the message is no longer this process's: then nothing is written."""
    values = {
        "message": ending.message_id,
        "owner": owner,
        "attempt": ending.attempt,
        "state": ending.state.value,
        "code": ending.code,
        "reason": ending.reason,
        "next_try_at": stored(ending.next_try_at) if ending.next_try_at else None,
        "ambiguous": int(ending.ambiguous),
        "against": int(ending.against_address),
        "accepted_on": ending.accepted_on.isoformat() if ending.accepted_on else None,
    }
    if not connection.exec_driver_sql(_FINISH, values).rowcount:
        return False
    said = (ending.code, ending.reason, ending.enhanced, ending.took_ms)
    append(connection, [Entry(ending.message_id, ending.attempt, ending.phase, now, owner, *said)])
    if ending.next_address or ending.anew:
        connection.execute(_ANEW, {"message": ending.message_id, "on": ending.next_address})
        connection.execute(delete(PAYLOAD).where(PAYLOAD.c.message_id == ending.message_id))
    return True


_UNFROZEN = "id = :message AND owner = :owner AND state = 'leased' AND NOT frozen"
_NAME = text(f"UPDATE message SET header_id = :header WHERE {_UNFROZEN}")
_KEEP = text(f"""
INSERT INTO payload (message_id, sha256, content, recipient_digest)
SELECT id, :sha256, :payload, :recipient_digest FROM message WHERE {_UNFROZEN}
ON CONFLICT (message_id) DO UPDATE
SET sha256 = excluded.sha256, content = excluded.content, recipient_digest = excluded.recipient_digest""")
_MARK = """
UPDATE message SET state = 'handing_over', frozen = TRUE
WHERE id = :message AND owner = :owner AND attempts = :attempt AND state = 'leased'"""
_FINISH = """
UPDATE message SET state = :state, owner = NULL, code = :code, reason = :reason, next_try_at = :next_try_at,
  ambiguous = ambiguous + :ambiguous, tries = tries + :against, accepted_on = :accepted_on
WHERE id = :message AND owner = :owner AND attempts = :attempt"""
_ANEW = text("""
UPDATE message SET address_no = address_no + :on, tries = 0, frozen = FALSE, header_id = NULL WHERE id = :message""")
"""Another recipient gets bytes of its own."""
