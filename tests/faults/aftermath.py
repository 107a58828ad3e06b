"""What a trial leaves behind: the outbox row by row, read without the product."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from models.tables.outbox import UNFINISHED
from tests.faults.gateway import name_of
from tests.faults.verdict import Due, Row


def is_waiting(home: Path) -> bool:
    """Whether the outbox holds what is still to be handed over."""
    with closing(sqlite3.connect(home / "duban.db")) as raw:
        return bool(raw.execute(f"SELECT EXISTS (SELECT 1 FROM message WHERE {UNFINISHED})").fetchone()[0])


def outbox_of(home: Path, done: int, robots: str = "") -> tuple[list[Row], dict[Due, str]]:
    """The messages after `done`, and what the outbox has a reason on record for not saying. They are known by their
    Message-ID; those of `robots`, their token, by that and their number, and not by bytes, which are signed anew."""
    with closing(sqlite3.connect(home / "duban.db")) as raw:
        raw.row_factory = sqlite3.Row
        if raw.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise RuntimeError("the database is corrupt")
        rows = [_row(raw, found, robots) for found in raw.execute(_MESSAGES, (done,)).fetchall()]
        return rows, {Due(*found[:3]): found["unsaid"] for found in raw.execute(_UNSAID)}


def _row(raw: sqlite3.Connection, found: sqlite3.Row, robots: str) -> Row:
    told = raw.execute(_NEWS if found["kind"] == "action" else _NOTICES, (found["notice_ids"],)).fetchall()
    if len(told) != len(json.loads(found["notice_ids"])):
        raise RuntimeError(f"message {found['id']} tells what is not there")
    lines = raw.execute("SELECT phase, sha256, channel FROM attempt WHERE message_id = ?", (found["id"],)).fetchall()
    return Row(
        id=found["id"],
        state=found["state"],
        ambiguous=found["ambiguous"],
        name=name_of(robots, found["id"]) if robots else found["header_id"],
        sha256=None if robots else found["sha256"],
        dues=tuple(Due(found["code"], what, rung) for what, rung in told),
        doubts=sum(phase == "unknown" for phase, _, _ in lines),
        acceptances=sum(phase == "accepted" for phase, _, _ in lines),
        marked=tuple(named for phase, named, _ in lines if phase == "handing_over"),
        only_by_word=found["kind"] == "escalation" or any(channel in _ROBOTS for _, _, channel in lines),
    )


_ROBOTS = frozenset({"wecom", "dingtalk", "feishu", "lark", "other"})
"""Channels whose receivers could not tell a second copy from a first one."""
_MESSAGES = """
SELECT m.id, p.code, m.kind, m.state, m.ambiguous, m.header_id, y.sha256, m.notice_ids
FROM message m JOIN party p ON p.id = m.party_id LEFT JOIN payload y ON y.message_id = m.id
WHERE m.id > ? ORDER BY m.id"""
_NOTICES = """
SELECT 'clock ' || n.deadline_id || ' due ' || n.due_on, n.rung FROM notice n
WHERE n.id IN (SELECT value FROM json_each(?))"""
_NEWS = "SELECT 'event ' || w.event_seq, w.kind FROM news w WHERE w.id IN (SELECT value FROM json_each(?))"
_UNSAID = """
SELECT p.code, 'clock ' || n.deadline_id || ' due ' || n.due_on, n.rung, n.unsaid
FROM notice n JOIN party p ON p.id = n.party_id WHERE n.unsaid IS NOT NULL"""
