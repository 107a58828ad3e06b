"""Whether the activities, which notices count, are what the record says of them, both ways. A part of verify."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

from models.activity import ActivityEvent


def faults_of_activities(connection: Connection) -> Iterator[str]:
    """Every activity that was changed, added or taken away past the record, in one Chinese sentence each."""
    rows = {row.event_seq: row for row in connection.execute(text(_ACTIVITIES))}
    logged, withdrawn = (_events(connection, event) for event in ActivityEvent)
    for seq, row in rows.items():
        said = {"round": row.code, "kind": row.kind, "on": row.on_day, "title": row.title, "note": row.note}
        if seq not in logged or not _same(logged[seq], said):
            yield f"活动{row.id}与流转记录不符。"
        taken_back = withdrawn.get(row.withdrawn_seq or 0)
        if row.withdrawn_seq is not None and (taken_back is None or taken_back.get("activity") != row.id):
            yield f"活动{row.id}的撤销与流转记录不符。"
    for seq in sorted(logged.keys() - rows.keys()):
        yield f"流转记录第{seq}条登记的活动不在清单中。"
    for seq in sorted(withdrawn.keys() - {row.withdrawn_seq for row in rows.values()}):
        yield f"流转记录第{seq}条的撤销没有记在活动清单中。"


def _same(event: dict[str, Any], said: dict[str, str]) -> bool:
    return {name: event.get(name, "") for name in said} == said


def _events(connection: Connection, event: ActivityEvent) -> dict[int, dict[str, Any]]:
    found = connection.execute(text("SELECT seq, payload FROM event WHERE action = :action"), {"action": event.value})
    return {seq: _content(payload) for seq, payload in found}


def _content(payload: str) -> dict[str, Any]:
    """What is no such thing was told already: its line does not fit its hash."""
    try:
        content = json.loads(payload)
    except (ValueError, TypeError):
        return {}
    return content if isinstance(content, dict) else {}


_ACTIVITIES = """
SELECT a.id, a.event_seq, a.withdrawn_seq, a.kind, a.on_day, a.title, a.note, r.code
FROM activity a LEFT JOIN round r ON r.id = a.round_id ORDER BY a.id"""
