"""A message that died: its party cannot be reached that way, and of an escalation somebody must hear.

Called in the transaction that ended the message as rejected, as expired after refusals, or as bounced. The general
group hears of a dead escalation, or the supervision group where it was the general group's own. Where what tells the
general group of it dies too, the supervision group hears of the same escalation; there the row of alarms ends.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, text, update

from models import record
from models.ladder import MessageKind
from models.lifecycle import Role
from models.news import NewsKind
from models.store import outbox
from models.store.parties import mark_out_of_reach
from models.tables import Unsaid
from models.tables.core import NEWS

UNDELIVERED = "undelivered"
"""What it is called in the record."""
NOT_OF_THE_ADDRESS = frozenset({"compose"})
"""Codes of an ending that say nothing of the address: the message could not even be put into words."""


@dataclass(frozen=True, slots=True)
class _Hearer:
    """A group that could hear of it."""

    party_id: int
    addressed: bool
    reachable: bool


@dataclass(frozen=True, slots=True)
class _Matter:
    """What is to be heard of: the event of an escalation's end, and the first of its measures."""

    seq: int
    measure_id: int
    round_id: int


def alarm(connection: Connection, message_id: int, on_day: date, now: datetime) -> None:
    """Records that a message died, marks its party as out of reach, and tells of an escalation.

    The next run then tells the general group what the served rule holds back (see store/parties.py).
    """
    outbox.count_served(connection)  # what was accepted before this came first
    dead = connection.execute(text(_DEAD), {"message": message_id}).mappings().one()
    measures = connection.execute(text(_MEASURES), {"message": message_id}).all()
    payload = {
        "message": message_id, "party": dead["party"], "kind": dead["kind"], "on": dead["on_day"],
        "fate": dead["state"], "code": dead["code"], "reason": dead["reason"],
        "measures": [no for _, no, _ in measures], "ambiguous": dead["ambiguous"],
        "address_failed": dead["code"] not in NOT_OF_THE_ADDRESS,
    }  # fmt: skip
    seq = record.append(connection, record.Entry(UNDELIVERED, now, on_day, payload=payload))
    if payload["address_failed"]:
        mark_out_of_reach(connection, dead["party_id"], message_id, seq)
    if dead["kind"] == MessageKind.ESCALATION and measures:
        measure_id, _, round_id = measures[0]
        matter = _Matter(seq, measure_id, round_id)
        role, hearers = _hearers(connection, matter, dead["party_id"])
        for hearer in hearers:
            _tell(connection, hearer, role, matter, on_day)
    if dead["kind"] == MessageKind.ACTION:
        _pass_on(connection, message_id, dead["party_id"], on_day)


def _pass_on(connection: Connection, message_id: int, dead_party: int, on_day: date) -> None:
    """Tells the supervision group of the escalations that this message was to tell the general group of, where it was
    the last that could: nobody of that group can hear of them now."""
    for *about, first_dead in connection.execute(text(_UNHEARD), {"message": message_id}).all():
        matter = _Matter(*about)
        for hearer in _group(connection, matter, Role.SUPERVISION, dead_party, first_dead):
            _tell(connection, hearer, Role.SUPERVISION, matter, on_day)


def _hearers(connection: Connection, matter: _Matter, dead_party: int) -> tuple[Role, Sequence[_Hearer]]:
    """The general group but for the party whose message died; the next group where none of those can be reached."""
    found = {role: _group(connection, matter, role, dead_party) for role in (Role.GENERAL, Role.SUPERVISION)}
    for role, group in found.items():
        if any(hearer.reachable for hearer in group):
            return role, group
    return next(((role, group) for role, group in found.items() if group), (Role.GENERAL, ()))


def _group(connection: Connection, matter: _Matter, role: Role, *without: int) -> list[_Hearer]:
    """The parties of a group that were not told of it yet."""
    values = {"round": matter.round_id, "role": role, "without": json.dumps(without), "seq": matter.seq}
    rows = connection.execute(text(_GROUP), values)
    return [_Hearer(party_id, bool(addressed), bool(reachable)) for party_id, addressed, reachable in rows]


def _tell(connection: Connection, hearer: _Hearer, role: Role, matter: _Matter, on_day: date) -> None:
    """As handling/telling.py does for an action; here nobody acted, and any number of messages may die at once."""
    values = {
        "event_seq": matter.seq, "measure_id": matter.measure_id, "party_id": hearer.party_id, "role": role,
        "kind": NewsKind.UNDELIVERED, "on_day": on_day, "unsaid": None if hearer.addressed else Unsaid.NO_ADDRESS,
    }  # fmt: skip
    key = connection.execute(insert(NEWS).values(values)).inserted_primary_key
    assert key
    if hearer.addressed:
        planned = outbox.plan_news(connection, hearer.party_id, on_day, key[0])
        connection.execute(update(NEWS).where(NEWS.c.id == key[0]).values(message_id=planned))


_DEAD = """
SELECT m.party_id, p.code AS party, m.kind, m.on_day, m.state, m.code, m.reason, m.ambiguous
FROM message m JOIN party p ON p.id = m.party_id WHERE m.id = :message"""
_MEASURES = """
SELECT DISTINCT e.id, e.no, e.round_id
FROM message m CROSS JOIN json_each(m.notice_ids) j
LEFT JOIN notice n ON m.kind <> 'action' AND n.id = j.value LEFT JOIN deadline c ON c.id = n.deadline_id
LEFT JOIN news w ON m.kind = 'action' AND w.id = j.value
JOIN measure e ON e.id = coalesce(c.measure_id, w.measure_id)
WHERE m.id = :message ORDER BY e.round_id, e.position"""
_GROUP = """
SELECT p.id, p.addressed, p.reachable FROM roundparty g JOIN party p ON p.id = g.party_id
WHERE g.round_id = :round AND g.role = :role AND p.active AND p.id NOT IN (SELECT value FROM json_each(:without))
  AND NOT EXISTS (SELECT 1 FROM news w WHERE w.event_seq = :seq AND w.party_id = p.id)
ORDER BY p.id"""
_UNHEARD = """
SELECT w.event_seq, w.measure_id, e.round_id, first.party_id
FROM message m CROSS JOIN json_each(m.notice_ids) j JOIN news w ON w.id = j.value
JOIN measure e ON e.id = w.measure_id JOIN event v ON v.seq = w.event_seq
JOIN message first ON first.id = json_extract(v.payload, '$.message')
WHERE m.id = :message AND w.kind = 'undelivered' AND w.role = 'general'
  AND first.state IN ('rejected', 'expired', 'bounced') AND NOT EXISTS (
    SELECT 1 FROM news other JOIN message o ON o.id = other.message_id
    WHERE other.event_seq = w.event_seq AND other.id <> w.id AND o.state NOT IN ('rejected', 'expired', 'bounced'))
ORDER BY w.id"""
