"""Planning: puts what an action causes into a message; the poll plans its own (models/store/posting.py)."""

from datetime import date

from sqlalchemy import Connection, func, select, text

from models.ladder import MessageKind
from models.tables import MessageState
from models.tables.core import MESSAGE
from models.tables.outbox import UNFINISHED


def plan_news(connection: Connection, party_id: int, on_day: date, news_id: int) -> int:
    """Puts a news into the party's message of the day, or into a new one once that has begun to be handed over.

    Returns the number of the message.
    """
    values = {"party": party_id, "on_day": on_day.isoformat(), "news": news_id}
    gathered = connection.execute(_ADD_NEWS, values).scalar()
    return int(gathered or connection.execute(_PLAN_NEWS, values).scalar_one())


def newest_untried_action(connection: Connection) -> int:
    """The number of the newest message of an action that nobody has begun to hand over; 0 where there is none."""
    untried = (text(UNFINISHED), MESSAGE.c.kind == MessageKind.ACTION, MESSAGE.c.state == MessageState.PLANNED)
    return connection.scalar(select(func.max(MESSAGE.c.id)).where(*untried)) or 0


_ADD_NEWS = text(f"""
UPDATE message SET notice_ids = json_insert(notice_ids, '$[#]', :news)
WHERE id = (
  SELECT max(id) FROM message
  WHERE {UNFINISHED} AND party_id = :party AND on_day = :on_day AND kind = 'action' AND state = 'planned'
    AND attempts = 0)
RETURNING id""")
_PLAN_NEWS = text("""
INSERT INTO message (party_id, on_day, kind, state, notice_ids, address_no, attempts, ambiguous, code, reason,
  frozen, counted, part, parts, tries, received_by)
VALUES (:party, :on_day, 'action', 'planned', json_array(:news), 0, 0, 0, '', '', FALSE, FALSE, 1, 1, 0, '')
RETURNING id""")
