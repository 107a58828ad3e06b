"""The record of what happened 流转记录: append one event, verify the chain. Append-only, and triggers guard it.

Every event holds the SHA-256 of the one before, over canonical JSON, so that a changed, removed or inserted line
shows. It does not prove that an event was true, nor can it see a tail cut off: that needs an anchor kept elsewhere.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from models.tables.core import EVENT

FIRST_HASH = "0" * 64
_TAG = "duban-event-1"


@dataclass(frozen=True, slots=True)
class Entry:
    """What there is to record. `person` and `party` are codes; `payload` is plain JSON without personal secrets."""

    action: str
    at: datetime
    on_day: date
    measure_id: int | None = None
    person: str = ""
    party: str = ""
    from_state: str = ""
    to_state: str = ""
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """An event whose content, place or link does not fit."""

    seq: int
    what: str


def append(connection: Connection, entry: Entry) -> int:
    """Adds an event and returns its number. The caller's write transaction keeps the chain in one line."""
    last = connection.execute(select(EVENT.c.seq, EVENT.c.hash).order_by(EVENT.c.seq.desc()).limit(1)).first()
    seq, prev_hash = (last[0] + 1, last[1]) if last else (1, FIRST_HASH)
    row = {
        "seq": seq,
        "at": entry.at.astimezone(UTC),
        "on_day": entry.on_day,
        "action": entry.action,
        "measure_id": entry.measure_id,
        "person": entry.person,
        "party": entry.party,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "payload": _canonical(dict(entry.payload or {})),
        "prev_hash": prev_hash,
    }
    connection.execute(insert(EVENT).values(**row, hash=event_hash(row)))
    return int(seq)


def event_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over a domain tag and the canonical JSON of all columns but `hash`."""
    content = {
        key: value.isoformat() if isinstance(value, date) else value for key, value in row.items() if key != "hash"
    }
    return hashlib.sha256(f"{_TAG}\n{_canonical(content)}".encode()).hexdigest()


def verify(connection: Connection) -> Iterator[BrokenLink]:
    """Recomputes the whole chain and yields every event that does not fit."""
    prev_hash: str | None = FIRST_HASH
    expected = 1
    for row in _rows(connection):
        if row is None:
            yield BrokenLink(expected, "内容无法读取")
            prev_hash, expected = None, expected + 1
            continue
        if row["seq"] != expected:
            yield BrokenLink(row["seq"], f"序号不连续，此处应为第{expected}条")
        if prev_hash is not None and row["prev_hash"] != prev_hash:
            yield BrokenLink(row["seq"], "与上一条的衔接不符")
        if not _fits(row):
            yield BrokenLink(row["seq"], "内容与校验值不符")
        prev_hash, expected = row["hash"], row["seq"] + 1


def _rows(connection: Connection) -> Iterator[RowMapping | None]:
    """The events in order; None for one whose days or moments are no longer such."""
    found = connection.execute(select(EVENT).order_by(EVENT.c.seq)).mappings()
    while True:
        try:
            row = found.fetchone()
        except (ValueError, TypeError):
            yield None
            continue
        if row is None:
            return
        yield row


def _fits(row: RowMapping) -> bool:
    try:
        return event_hash(dict(row)) == str(row["hash"])
    except TypeError:  # a blob where there was text
        return False


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
