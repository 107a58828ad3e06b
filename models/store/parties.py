"""Keeps the tables of parties in step with directory.yaml. Runs before each action and each daily run.

Where a unit can be reached or no longer can, its open clocks are armed again: what the served rule holds back must
now be told to the general group instead. Where the addresses of a party change, what was refused at the old ones is
sent to the new (store/outbox/settling.py). Where a party joins a group, all clocks are armed: it hears of the rungs
that they stand on already.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Column, Connection, Select, delete, insert, select, text, update

from models import record
from models.directory import Directory, DirectoryParty, StandIn
from models.lifecycle import Role, Stage
from models.store.outbox import send_anew
from models.tables.clocks import OPEN
from models.tables.core import DEADLINE, PARTY, ROUND, ROUND_PARTY

GROUP_ROLES = (Role.GENERAL, Role.SUPERVISION, Role.ACCOUNTABILITY, Role.HEAD)
"""Roles that belong to the round rather than to a measure."""


Usable = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _PartyRow:
    """A party as the tables hold it (see tables/parties.py)."""

    name: str
    reachable: bool
    active: bool
    addressed: bool
    addresses_digest: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the directory says of parties on a day. `usable` tells an address that can ever work from one that no
    sender of ours serves; with `salt` what is kept of the addresses gives none of them away."""

    directory: Directory
    on_day: date
    usable: Usable
    salt: bytes


def sync_parties(
    connection: Connection, directory: Directory, on_day: date, now: datetime, usable: Usable = bool
) -> None:
    """Writes what the directory says of its parties on that day. Costs one small read where nothing changed.

    A party that left the directory stays in its old records, is no longer reachable and is never removed.
    """
    agreed, made_at, is_known = connection.execute(text(_HOME)).first() or ("", "", True)
    if agreed == directory.digest and is_known and not directory.varies_by_day:
        return
    known = _known(connection)
    changed = _changed(known, _Wanted(directory, on_day, usable, made_at.encode()))
    if changed:
        _write(connection, changed, set(known))
    joined = sync_rounds(connection, directory)
    if changed or joined:
        entry = record.Entry("directory_changed", now, on_day, payload={"parties": sorted({*changed, *joined})})
        _follow(connection, known, changed, record.append(connection, entry), joined=bool(joined))
        send_anew(connection, [c for c, row in changed.items() if _is_elsewhere(known.get(c), row)], now)
    if changed:
        refresh_several_roles(connection)
    if agreed != directory.digest:
        connection.execute(text("UPDATE home SET directory_digest = :digest"), {"digest": directory.digest})


def _known(connection: Connection) -> dict[str, _PartyRow]:
    columns = (PARTY.c[name] for name in _PartyRow.__dataclass_fields__)
    return {code: _PartyRow(*values) for code, *values in connection.execute(select(PARTY.c.code, *columns))}


def _changed(known: Mapping[str, _PartyRow], wanted: _Wanted) -> dict[str, _PartyRow]:
    """The parties of which the tables do not say what the directory does, as they are to be written."""
    named = {party.code: _row_of(known.get(party.code), party, wanted) for party in wanted.directory.parties}
    gone = {code: _PartyRow(was.name, False, False, False, "") for code, was in known.items() if code not in named}
    return {code: row for code, row in {**named, **gone}.items() if known.get(code) != row}


def _follow(
    connection: Connection, known: Mapping[str, _PartyRow], changed: Mapping[str, _PartyRow], seq: int, *, joined: bool
) -> None:
    """Arms the clocks for which that event may have another answer: see above."""
    turned = [code for code, row in changed.items() if code in known and known[code].reachable != row.reachable]
    _arm(connection, seq, DEADLINE.c.unit_id, select(PARTY.c.id).where(PARTY.c.code.in_(turned)))
    if joined:
        _arm(connection, seq, DEADLINE.c.round_id, select(ROUND.c.id))


def mark_out_of_reach(connection: Connection, party_id: int, message_id: int, seq: int) -> None:
    """Notes that a party's address failed, as this event says, until a message is accepted or it has another one.

    Its open clocks as a unit are armed: all of them where it could be reached before, else those of the message.
    """
    values = {"message": message_id, "party": party_id, "seq": seq}
    turned = connection.execute(text(_OUT_OF_REACH), values).rowcount
    connection.execute(text(_ARM_ALL if turned else _ARM_ITS_OWN), values)


def mark_within_reach(connection: Connection, codes: Iterable[str]) -> None:
    """Takes back that these parties' addresses failed: what failed is none of theirs any more."""
    connection.execute(update(PARTY).where(PARTY.c.code.in_(list(codes)), PARTY.c.addressed).values(reachable=True))


def stand_in_terms(connection: Connection) -> list[tuple[str, StandIn]]:
    """Every stand-in that was appointed by command, oldest first, with the code of the absent party."""
    rows = connection.execute(text(_STAND_INS)).all()
    return [(row[0], StandIn(row[1], date.fromisoformat(row[2]), _last_day(row[3], row[4]))) for row in rows]


def _last_day(until: str, ended_on: str | None) -> date:
    """The last day of a term, which may have been ended before; then possibly before it began."""
    last = date.fromisoformat(until)
    return min(last, date.fromisoformat(ended_on) - timedelta(days=1)) if ended_on else last


def party_ids(connection: Connection) -> dict[str, int]:
    """The row of each party by its code."""
    return {row[0]: row[1] for row in connection.execute(select(PARTY.c.code, PARTY.c.id))}


def refresh_several_roles(connection: Connection) -> None:
    """Marks the parties that may be two things to one clock. Runs where ledger or directory changed."""
    connection.execute(text(_SEVERAL_ROLES))


def _row_of(was: _PartyRow | None, party: DirectoryParty, wanted: _Wanted) -> _PartyRow:
    """How a party of the directory stands on that day. That its address failed holds until it has another."""
    receiver = wanted.directory.receiver(party.code, wanted.on_day)
    assert receiver
    addressed = any(wanted.usable(reference) for reference in receiver.addresses)
    digest = hmac.new(wanted.salt, "\n".join(receiver.addresses).encode(), hashlib.sha256).hexdigest()
    now = _PartyRow(party.name, addressed, True, addressed, digest)
    if was and not was.reachable and addressed and was.addressed and not _is_elsewhere(was, now):
        return replace(now, reachable=False)
    return now


def _is_elsewhere(was: _PartyRow | None, now: _PartyRow) -> bool:
    """Whether a known party is told at another address now. What a home of an older version had is not known: it counts
    as another, once, so that what was refused goes to the address there is."""
    if was is None or not now.addressed:
        return False
    return was.addresses_digest != now.addresses_digest or not was.addressed


def _write(connection: Connection, changed: Mapping[str, _PartyRow], known: set[str]) -> None:
    rows = [{"code": code, **asdict(row)} for code, row in changed.items()]
    fresh = [{**row, "several_roles": False} for row in rows if row["code"] not in known]
    if fresh:
        connection.execute(insert(PARTY), fresh)
    for row in rows:
        if row["code"] in known:
            connection.execute(update(PARTY).where(PARTY.c.code == row["code"]).values(row))


def _arm(connection: Connection, seq: int, column: Column[int], among: Select[tuple[int]]) -> None:
    connection.execute(update(DEADLINE).where(column.in_(among), text(OPEN)).values(armed_seq=seq))


def sync_rounds(connection: Connection, directory: Directory) -> set[str]:
    """Gives every round the groups and the head that the directory names; a new round has none before.

    Returns the codes of the parties that are something to a round now that they were not.
    """
    ids = party_ids(connection)
    wanted = {
        (round_id, role, ids[party.code])
        for round_id in connection.scalars(select(ROUND.c.id))
        for role in GROUP_ROLES
        for party in directory.holding(role)
    }
    columns = (ROUND_PARTY.c.round_id, ROUND_PARTY.c.role, ROUND_PARTY.c.party_id)
    found = {(row[0], row[1], row[2]) for row in connection.execute(select(*columns))}
    if wanted == found:
        return set()
    connection.execute(delete(ROUND_PARTY))
    if wanted:
        rows = [{"round_id": r, "role": role, "party_id": p} for r, role, p in sorted(wanted)]
        connection.execute(insert(ROUND_PARTY), rows)
    for role, stages in HELD_BY_GROUP.items():
        listed = ", ".join(f"'{stage}'" for stage in stages)
        connection.execute(text(_TAKE_OVER.format(stages=listed)), {"role": role})
    refresh_several_roles(connection)
    joined = {party_id for _, _, party_id in wanted - found}
    return {code for code, row_id in ids.items() if row_id in joined}


HELD_BY_GROUP: Mapping[Role, tuple[Stage, ...]] = {
    Role.SUPERVISION: (Stage.CHECK, Stage.OPEN_REVIEW),
    Role.ACCOUNTABILITY: (Stage.REFER,),
    Role.HEAD: (Stage.REVIEW,),
}
"""Stages whose clocks a group of the round holds. Where a round has several such groups, any of them may act."""

_TAKE_OVER = """
UPDATE deadline SET holder_id = (
  SELECT min(g.party_id) FROM roundparty g WHERE g.round_id = deadline.round_id AND g.role = :role)
WHERE stopped_on IS NULL AND stage IN ({stages}) AND (stage <> 'review' OR holder_id <> lead_id)
  AND EXISTS (SELECT 1 FROM roundparty g WHERE g.round_id = deadline.round_id AND g.role = :role)
  AND NOT EXISTS (
    SELECT 1 FROM roundparty g
    WHERE g.round_id = deadline.round_id AND g.role = :role AND g.party_id = deadline.holder_id)"""
"""Whoever is in the group now holds what somebody held who left it. Of two reviews the lead holds one."""

_OUT_OF_REACH = "UPDATE party SET reachable = FALSE WHERE id = :party AND reachable"
_ARM_ALL = f"UPDATE deadline SET armed_seq = :seq WHERE unit_id = :party AND {OPEN}"
_ARM_ITS_OWN = f"""{_ARM_ALL} AND id IN (
  SELECT n.deadline_id FROM message m CROSS JOIN json_each(m.notice_ids) j JOIN notice n ON n.id = j.value
  WHERE m.id = :message AND m.kind <> 'action')"""

_HOME = """
SELECT directory_digest, created_at, NOT EXISTS (SELECT 1 FROM party WHERE active AND addresses_digest = '')
FROM home"""
"""The salt is when the home was made, which a take-over keeps: after one, no address may look like another. A home of
an older version knows no digest."""
_STAND_INS = """
SELECT p.code, s.code, t.since, t.until, t.ended_on
FROM standinterm t JOIN party p ON p.id = t.party_id JOIN party s ON s.id = t.stand_in_id ORDER BY t.id"""

_SEVERAL_ROLES = """
UPDATE party SET several_roles = id IN (
  SELECT party_id FROM (
    SELECT DISTINCT unit_id AS party_id, 'unit' AS capacity FROM measure WHERE unit_id IS NOT NULL
    UNION SELECT DISTINCT lead_id, 'lead' FROM measure WHERE lead_id IS NOT NULL
    UNION SELECT DISTINCT party_id, 'cooperating' FROM cooperation
    UNION SELECT DISTINCT party_id, role FROM roundparty)
  GROUP BY party_id HAVING count(*) > 1)"""
