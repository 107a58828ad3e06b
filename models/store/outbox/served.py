"""Lets the clocks know whose unit was told, with proof. Runs after each batch, and before each posting."""

from sqlalchemy import Connection, text

from models.tables.outbox import UNCOUNTED


def count_served(connection: Connection) -> None:
    """Lets the clocks know whose unit was told, with proof, and on which day: the served rule reads it there.

    In sets, after each batch; and before each posting, so that a delivery cut short loses none of it.
    """
    if connection.scalar(_ANY_UNCOUNTED):
        connection.execute(_COUNT_SERVED)
        connection.execute(_COUNTED)


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
