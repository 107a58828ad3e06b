"""Splitting: what one message of a channel cannot hold goes out as several, each a row of its own.

Runs between claiming and the first marker, before a byte is kept. Where the cuts are is decided where it is put into
words (notifications/packing.py); here each part gets what it tells.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, text

from models.store.outbox.values import Claimed


def split(connection: Connection, owner: str, claimed: Claimed, groups: Sequence[Sequence[int]]) -> Claimed | None:
    """Leaves the first group to the claimed message and plans one more for each of the others; they are claimed next.

    `groups` share out its `notice_ids` in order. Returns the message as it is now; None where it is another's by now
    or its bytes are frozen. A part that is cut again counts on from the last of its parts.
    """
    if [told for group in groups for told in group] != list(claimed.notice_ids) or not all(groups):
        raise ValueError("the groups must share out what the message tells")
    first, *others = (json.dumps(list(group)) for group in groups)
    values = {"message": claimed.id, "owner": owner, "attempt": claimed.attempt}
    last = connection.scalar(_LAST_PART, values)
    if last is None:
        return None
    connection.execute(_SHORTEN, {**values, "told": first})
    cut = [claimed.id]
    for part, told in enumerate(others, start=last + 1):
        cut.append(connection.execute(_PLAN_PART, {**values, "told": told, "part": part}).scalar_one())
        connection.execute(_BORN_FLAGGED, {**values, "part": cut[-1]})
    parts = last + len(others)
    connection.execute(_COUNT_PARTS, {**values, "cut": json.dumps(cut), "parts": parts})
    return replace(claimed, notice_ids=tuple(groups[0]), parts=parts)


_LAST_PART = text("""
SELECT max(s.parts) FROM message m JOIN message s ON s.id = m.id OR (
  s.run_id = m.run_id AND s.party_id = m.party_id AND s.kind = m.kind)
WHERE m.id = :message AND m.owner = :owner AND m.attempts = :attempt AND m.state = 'leased' AND NOT m.frozen""")
_SHORTEN = text("UPDATE message SET notice_ids = :told WHERE id = :message")
_PLAN_PART = text("""
INSERT INTO message (run_id, party_id, on_day, kind, state, notice_ids, address_no, attempts, ambiguous, code, reason,
  frozen, counted, part, parts, tries, received_by)
SELECT run_id, party_id, on_day, kind, 'planned', :told, address_no, 0, ambiguous, '', '', FALSE, FALSE, :part, :part,
  0, ''
FROM message WHERE id = :message RETURNING id""")
_COUNT_PARTS = text("""
UPDATE message SET parts = :parts
WHERE id IN (SELECT value FROM json_each(:cut))
  OR (run_id, party_id, kind) = (SELECT run_id, party_id, kind FROM message WHERE id = :message)""")
"""All parts of a run's message are known by it; of what actions caused, those that were cut just now."""
_BORN_FLAGGED = text("""
INSERT INTO attempt (message_id, n, phase, at, owner, code, reason, enhanced, channel, sha256, took_ms)
SELECT :part, n, phase, at, owner, code, reason, enhanced, channel, sha256, took_ms
FROM attempt WHERE message_id = :message AND n = 0""")
"""A doubt that the message was born with is a doubt of each of its parts."""
