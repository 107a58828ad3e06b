"""What a message need not say any more: settled, overtaken by a later rung, or past its useful life.

Asked at each claim, in sets. A notice that comes before its due date is of no use after that day; one that comes after
it stays true as long as its clock runs under the same date. News are told for a month at most; that a message died,
until somebody resolved it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sqlalchemy import Connection, Table, text

from models.ladder import DIGEST_KINDS
from models.store.outbox.values import Claimed
from models.tables import MessageState, Unsaid
from models.tables.clocks import OPEN
from models.tables.core import NOTICE

NEWS_DAYS = 30
"""For how many days after it happened a thing is still news."""


@dataclass(frozen=True, slots=True)
class Outlived:
    """The end of a message with nothing left to say, and what people read there; and what they read where it may be out
    all the same, so that its state is unknown."""

    state: MessageState
    zh: str
    in_doubt_zh: str


OUTLIVED: Mapping[Unsaid, Outlived] = MappingProxyType({
    Unsaid.SETTLED: Outlived(
        MessageState.CANCELLED, "所涉事项均已办理，不再需要告知", "是否送达不明；所涉事项均已办理，不再重发"
    ),
    Unsaid.SUPERSEDED: Outlived(
        MessageState.SUPERSEDED, "送出之前，所涉事项已有后一档通知", "是否送达不明；所涉事项已有后一档通知，不再重发"
    ),
    Unsaid.EXPIRED: Outlived(
        MessageState.EXPIRED, "送出之前已经过时，未能告知", "是否送达不明；已经过时，不再重发"
    ),
})  # fmt: skip


def outlived(connection: Connection, told: Table, messages: Sequence[Claimed], on_day: date) -> dict[int, Unsaid]:
    """Which of the things that these messages tell need not be said any more on that day, and why.

    `told` is where they stand: notices or news.
    """
    if not messages:
        return {}
    ids = json.dumps([one for message in messages for one in message.notice_ids])
    if told is not NOTICE:
        return _why(connection, _NEWS, {"ids": ids, "on_day": on_day.isoformat(), "days": f"-{NEWS_DAYS} days"})
    why = _why(connection, _NOTICES, {"ids": ids, "on_day": on_day.isoformat()})
    # What the newest run said nothing can have overtaken; of the others all notices after the oldest are looked at.
    newest = connection.scalar(text("SELECT max(id) FROM run"))
    earlier = [one for message in messages if message.run_id != newest for one in message.notice_ids]
    overtaken = _why(connection, _OVERTAKEN, {"ids": json.dumps(earlier)}) if earlier else {}
    settled = {one: reason for one, reason in why.items() if reason is Unsaid.SETTLED}
    return {**why, **overtaken, **settled}


def _why(connection: Connection, statement: str, values: Mapping[str, object]) -> dict[int, Unsaid]:
    return {number: Unsaid(why) for number, why in connection.execute(text(statement), values) if why}


_NOTICES = f"""
SELECT j.value, CASE
  WHEN n.unsaid IN ('superseded', 'expired') THEN n.unsaid
  WHEN n.id IS NULL OR n.unsaid IS NOT NULL OR c.due_on IS NOT n.due_on OR NOT ({OPEN}) THEN 'settled'
  WHEN n.kind IN ({", ".join(f"'{kind}'" for kind in sorted(DIGEST_KINDS))}) AND n.due_on < :on_day
    AND CAST(substr(n.rung, instr(n.rung, '/') + 1) AS INTEGER) <= 0 THEN 'expired' END
FROM json_each(:ids) j LEFT JOIN notice n ON n.id = j.value LEFT JOIN deadline c ON c.id = n.deadline_id"""
"""The offset of a rung stands after the slash: `complete/-3wd`."""
_OVERTAKEN = """
WITH mine AS MATERIALIZED (
  SELECT id, run_id, deadline_id, party_id, due_on FROM notice
  WHERE id IN (SELECT value FROM json_each(:ids)) AND kind <> 'address')
SELECT DISTINCT mine.id, 'superseded'
FROM notice later CROSS JOIN mine
WHERE later.id > (SELECT min(id) FROM mine) AND later.unsaid IS NULL AND later.kind <> 'address'
  AND mine.deadline_id = later.deadline_id AND mine.party_id = later.party_id AND mine.due_on = later.due_on
  AND mine.id < later.id AND mine.run_id < later.run_id"""
"""`address` is no rung: it takes no part."""
_NEWS = """
SELECT j.value, CASE
  WHEN w.unsaid IN ('superseded', 'expired') THEN w.unsaid
  WHEN w.id IS NULL OR w.unsaid IS NOT NULL OR c.stopped_on IS NOT NULL THEN 'settled'
  WHEN w.kind = 'undelivered' AND d.state NOT IN ('rejected', 'expired', 'bounced') THEN 'settled'
  WHEN w.on_day < date(:on_day, :days) THEN 'expired' END
FROM json_each(:ids) j LEFT JOIN news w ON w.id = j.value LEFT JOIN deadline c ON c.id = w.clock_id
LEFT JOIN event e ON w.kind = 'undelivered' AND e.seq = w.event_seq
LEFT JOIN message d ON d.id = json_extract(e.payload, '$.message')"""
"""That a message died is no news any more once it was resolved, or is on its way again."""
