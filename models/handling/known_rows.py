"""The measures of a round as a later ledger is compared with them: what holds now, and what was imported last.

Read inside the import's transaction; nothing is written here.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, text

from models.ledger.columns import number_key
from models.ledger.content import Content
from models.ledger.known import KnownRow
from models.lifecycle import ClosureClass, State

BEFORE_ALL = 0
"""The series of measures that were imported before rows were remembered."""


def known_rows(connection: Connection, round_id: int) -> Iterator[KnownRow]:
    """Every measure of the round, in its order. One whose row was not remembered said what holds now."""
    helping: dict[int, list[str]] = {}
    for measure_id, code in connection.execute(text(_HELPING), {"round": round_id}):
        helping.setdefault(measure_id, []).append(code)
    for row in connection.execute(text(_KNOWN), {"round": round_id}).mappings():
        now = Content(
            row["problem"], row["text"], row["part_of"], row["lead"], row["unit"],
            tuple(sorted(helping.get(row["id"], ()))), row["limit_text"], ClosureClass(row["closure"]),
            bool(row["major"]), number_key(row["no"]),
        )  # fmt: skip
        imported = _imported(row["content"], now)
        due_on = date.fromisoformat(row["due_on"]) if row["due_on"] else None
        series = row["event_seq"] or BEFORE_ALL
        yield KnownRow(row["id"], row["no"], row["version"], State(row["state"]), due_on, now, imported, series)


def _imported(content: str | None, now: Content) -> Content:
    """What was imported last; `now` itself where that holds, so that it is kept once. Once no number was kept."""
    if not content:
        return now
    imported = Content.read(content)
    imported = imported if imported.no else replace(imported, no=now.no)
    return now if imported == now else imported


_HELPING = """
SELECT c.measure_id, p.code FROM cooperation c
JOIN measure m ON m.id = c.measure_id JOIN party p ON p.id = c.party_id WHERE m.round_id = :round"""

_KNOWN = """
SELECT m.id, m.no, m.version, m.state, f.text AS problem, m.text, m.part_of, coalesce(l.code, '') AS lead,
       coalesce(u.code, '') AS unit, m.limit_text, m.closure, m.major, i.event_seq, i.content,
       coalesce((SELECT d.due_on FROM deadline d WHERE d.measure_id = m.id AND d.stage = 'complete'
                 ORDER BY d.id DESC LIMIT 1), m.due_on) AS due_on
FROM measure m
JOIN feedbackproblem f ON f.id = m.problem_id
LEFT JOIN party l ON l.id = m.lead_id
LEFT JOIN party u ON u.id = m.unit_id
LEFT JOIN importedrow i ON i.measure_id = m.id
WHERE m.round_id = :round
ORDER BY m.position"""
