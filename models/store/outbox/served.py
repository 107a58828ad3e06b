"""Lets the clocks know whose unit was told, with proof, and the parties that they can be reached.

Runs after each batch, before each posting, and wherever somebody says what became of a message.
"""

from sqlalchemy import Connection, text

from models.tables.outbox import UNCOUNTED


def count_served(connection: Connection, *, by_channel: bool = True) -> None:
    """Lets the clocks know whose unit was told, with proof, and on which day: the served rule reads it there.

    In sets, after each batch; and before each posting, so that a delivery cut short loses none of it. What a channel
    accepted shows that its party can be reached again; what a person says (not `by_channel`) tells nothing of that.
    """
    if connection.scalar(_ANY_UNCOUNTED):
        connection.execute(_COUNT_SERVED)
        if by_channel:
            connection.execute(_REACHED)
        connection.execute(_COUNTED)


def recount_served(connection: Connection, message_id: int) -> None:
    """Takes back what an acceptance proved, since the message came back: other acceptances may still prove it."""
    connection.execute(_RECOUNT, {"message": message_id})


_ANY_UNCOUNTED = text(f"SELECT EXISTS (SELECT 1 FROM message WHERE {UNCOUNTED})")
_COUNT_SERVED = text(f"""
UPDATE deadline SET served_on = told.day
FROM (
  SELECT c.id, min(m.accepted_on) AS day
  FROM message m CROSS JOIN json_each(m.notice_ids) j CROSS JOIN notice n CROSS JOIN deadline c
  WHERE {UNCOUNTED} AND m.kind <> 'action' AND n.id = j.value AND n.unsaid IS NULL AND c.id = n.deadline_id
    AND c.unit_id = m.party_id
  GROUP BY c.id) told
WHERE deadline.id = told.id AND deadline.served_on IS NULL""")
_COUNTED = text(f"UPDATE message SET counted = TRUE WHERE {UNCOUNTED}")
_REACHED = text(f"""
UPDATE party SET reachable = TRUE
WHERE NOT reachable AND addressed AND id IN (SELECT party_id FROM message WHERE {UNCOUNTED})""")
_RECOUNT = text("""
UPDATE deadline SET served_on = (
  SELECT min(m.accepted_on)
  FROM message m CROSS JOIN json_each(m.notice_ids) j JOIN notice n ON n.id = j.value
  WHERE m.party_id = deadline.unit_id AND m.state = 'accepted' AND m.kind <> 'action' AND n.unsaid IS NULL
    AND n.deadline_id = deadline.id)
WHERE id IN (
  SELECT n.deadline_id
  FROM message m CROSS JOIN json_each(m.notice_ids) j JOIN notice n ON n.id = j.value
  WHERE m.id = :message AND m.kind <> 'action' AND m.party_id = deadline.unit_id)""")
