"""A message that died: its party cannot be reached that way, and of an escalation somebody must hear.

Called in the transaction that ended the message as rejected, as expired after refusals, or as bounced. The general
group hears of a dead escalation, or the supervision group where it was the general group's own. There is no alarm
about an alarm: what tells of it is no escalation.
"""

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
        role, hearers = _hearers(connection, round_id, dead["party_id"])
        for hearer in hearers:
            _tell(connection, hearer, role, seq, measure_id, on_day)


def _hearers(connection: Connection, round_id: int, dead_party: int) -> tuple[Role, Sequence[_Hearer]]:
    """The general group but for the party whose message died; the next group where none of those can be reached."""
    found = {role: _group(connection, round_id, role, dead_party) for role in (Role.GENERAL, Role.SUPERVISION)}
    for role, group in found.items():
        if any(hearer.reachable for hearer in group):
            return role, group
    return next(((role, group) for role, group in found.items() if group), (Role.GENERAL, ()))


def _group(connection: Connection, round_id: int, role: Role, dead_party: int) -> list[_Hearer]:
    values = {"round": round_id, "role": role, "dead": dead_party}
    rows = connection.execute(text(_GROUP), values)
    return [_Hearer(party_id, bool(addressed), bool(reachable)) for party_id, addressed, reachable in rows]


def _tell(
    connection: Connection, hearer: _Hearer, role: Role, seq: int, measure_id: int, on_day: date
) -> None:  # fmt: skip
    """As handling/telling.py does for an action; here nobody acted, and any number of messages may die at once."""
    values = {
        "event_seq": seq, "measure_id": measure_id, "party_id": hearer.party_id, "role": role,
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
WHERE g.round_id = :round AND g.role = :role AND p.active AND p.id <> :dead ORDER BY p.id"""
