"""Who was told of an overdue clock, and what reached nobody: notices, news and their messages. Reads in sets."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, text

from models.answers.week.values import Span, Told, Untold
from models.ladder import MessageKind, NoticeKind
from models.lifecycle import Role
from models.news import NewsKind
from models.store.posting_sql import in_message
from models.tables import MessageState, Unsaid
from models.tables.outbox import UNFINISHED, UNRESOLVED


def told_of(connection: Connection, round_id: int, day: date) -> Mapping[int, Told]:
    """By overdue clock, the last day on which notices of it were accepted, and who was told then."""
    found: dict[int, Told] = {}
    for clock, kind, due_on, party, accepted_on in connection.execute(text(_TOLD), _values(round_id, day)):
        on = date.fromisoformat(accepted_on)
        before = found.get(clock)
        parties = (*before.parties, party) if before and before.on == on else (party,)
        found[clock] = Told(on, date.fromisoformat(due_on), NoticeKind(kind), tuple(dict.fromkeys(parties)))
    return found


def untold(connection: Connection, round_id: int, span: Span) -> tuple[Untold, ...]:
    """What could not be said: of the week what is in no message for want of an address or time, or whose message
    expired; of any day what stands in a message that waits for a person's word or is still to leave."""
    values = {"round": round_id, "first": span.first.isoformat(), "last": span.last.isoformat()}
    found = [*_unsaid(connection, values), *_in_dead_messages(connection, values)]
    return tuple(sorted(found, key=lambda one: (one.party, one.why, one.message or 0, one.on)))


def _unsaid(connection: Connection, values: Mapping[str, object]) -> Iterable[Untold]:
    for party, role, no, kind, is_news, on, why in connection.execute(text(_UNSAID), values):
        what = NewsKind(kind) if is_news else NoticeKind(kind)
        yield Untold(party, Role(role), no, what, date.fromisoformat(on), Unsaid(why))


def _in_dead_messages(connection: Connection, values: Mapping[str, object]) -> Iterable[Untold]:
    for row in connection.execute(text(_DEAD), values):
        party, role, no, kind, is_news, on, state, message, of_kind, code, reason = row
        what = NewsKind(kind) if is_news else NoticeKind(kind)
        day, why = date.fromisoformat(on), MessageState(state)
        yield Untold(party, Role(role), no, what, day, why, message, MessageKind(of_kind), code, reason)


def _values(round_id: int, day: date) -> Mapping[str, object]:
    return {"round": round_id, "day": day.isoformat()}


_TOLD = f"""
SELECT n.deadline_id, n.kind, n.due_on, p.name, g.accepted_on
FROM notice n CROSS JOIN deadline c ON c.id = n.deadline_id
JOIN message g ON {in_message("n", "g")} JOIN party p ON p.id = n.party_id
WHERE n.unsaid IS NULL AND c.round_id = :round AND c.stopped_on IS NULL AND c.held_on IS NULL AND c.due_on < :day
  AND g.state = '{MessageState.ACCEPTED}' AND g.accepted_on <= :day
ORDER BY n.deadline_id, g.accepted_on, n.id"""  # noqa: S608
"""Every notice is looked at once; an index by clock is not worth its cost to the poll."""

_FAILED = f"'{Unsaid.NO_ADDRESS}', '{Unsaid.EXPIRED}'"
_UNSAID = f"""
SELECT p.name, n.role, m.no, n.kind, 0, n.on_day, n.unsaid
FROM notice n JOIN deadline c ON c.id = n.deadline_id JOIN measure m ON m.id = c.measure_id
JOIN party p ON p.id = n.party_id
WHERE n.unsaid IN ({_FAILED}) AND n.on_day BETWEEN :first AND :last AND m.round_id = :round
UNION ALL
SELECT p.name, w.role, m.no, w.kind, 1, w.on_day, w.unsaid
FROM news w JOIN measure m ON m.id = w.measure_id JOIN party p ON p.id = w.party_id
WHERE w.unsaid IN ({_FAILED}) AND w.on_day BETWEEN :first AND :last AND m.round_id = :round"""  # noqa: S608
"""What was settled or superseded before it could be said is no failure, and not among this."""

_DEAD = f"""
WITH dead AS MATERIALIZED (
  SELECT id, run_id, party_id, on_day, kind, state, code, reason, notice_ids FROM message
  WHERE {UNRESOLVED} OR {UNFINISHED} OR (state = '{MessageState.EXPIRED}' AND on_day BETWEEN :first AND :last))
SELECT p.name, coalesce(n.role, w.role), m.no, coalesce(n.kind, w.kind), w.id IS NOT NULL,
       coalesce(n.on_day, w.on_day), g.state, g.id, g.kind, g.code, g.reason
FROM dead g CROSS JOIN json_each(g.notice_ids) j
LEFT JOIN notice n ON g.kind <> '{MessageKind.ACTION}' AND n.id = j.value AND n.unsaid IS NULL
LEFT JOIN deadline c ON c.id = n.deadline_id
LEFT JOIN news w ON g.kind = '{MessageKind.ACTION}' AND w.id = j.value AND w.unsaid IS NULL
JOIN measure m ON m.id = coalesce(c.measure_id, w.measure_id)
JOIN party p ON p.id = g.party_id
WHERE m.round_id = :round"""  # noqa: S608
