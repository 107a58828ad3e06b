"""What was returned, extended, followed up and withdrawn in a round, from the record: one row an action. Reads only."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, text

from models.directory import Directory
from models.ledger.writing.values import Deed, ExtensionCase
from models.lifecycle import DATE_DECISIONS, REOPENINGS, RETURNS, Action, State

_SENT_BACK = RETURNS | REOPENINGS
_FOLLOW_UPS = frozenset({Action.LOOK_BACK, Action.FOLLOW_UP_REPORT, Action.FOLLOW_UP_CHECK, Action.FAIL_FOLLOW_UP})
_SOUGHT = _SENT_BACK | _FOLLOW_UPS | DATE_DECISIONS | {Action.APPROVE, Action.WITHDRAW}


@dataclass(frozen=True, slots=True)
class Done:
    """A deed, of which measure, where it left it, and whether a request of it still waits for its answer."""

    measure_id: int
    deed: Deed
    to_state: str
    awaited: bool


def deeds(connection: Connection, round_id: int, directory: Directory) -> tuple[Done, ...]:
    """Every action of these kinds on the measures of a round, in the order in which it was done."""
    statement = text(_DEEDS).bindparams(bindparam("actions", expanding=True))
    rows = connection.execute(statement, {"round": round_id, "actions": sorted(_SOUGHT)}).mappings()
    return tuple(_done(row, directory) for row in rows)


def sent_back(done: Iterable[Done]) -> tuple[Deed, ...]:
    """What went back to its unit: returns within a cycle, and reopenings after a closure."""
    return tuple(one.deed for one in done if one.deed.action in _SENT_BACK)


def follow_ups(done: Iterable[Done]) -> tuple[Deed, ...]:
    """What a follow-up was opened by, and what came of it."""
    return tuple(
        one.deed
        for one in done
        if one.deed.action in _FOLLOW_UPS or (one.deed.action is Action.APPROVE and one.to_state == State.FOLLOWING_UP)
    )


def extensions(done: Sequence[Done]) -> tuple[ExtensionCase, ...]:
    """Each request with its answer, and each date set anew, in the order of asking."""
    found: list[list[Done]] = []
    waiting: dict[int, list[Done]] = {}
    for one in done:
        if one.deed.action is Action.DECIDE_EXTENSION and one.measure_id in waiting:
            waiting.pop(one.measure_id).append(one)
        elif one.deed.action in DATE_DECISIONS:
            found.append([one])
            if one.deed.action is Action.ASK_EXTENSION:
                waiting[one.measure_id] = found[-1]
    last = {id(case) for case in waiting.values()}
    return tuple(
        ExtensionCase(case[0].deed, case[1].deed if len(case) > 1 else None, id(case) in last and case[0].awaited)
        for case in found
    )


def withdrawals(done: Iterable[Done]) -> dict[int, Deed]:
    """The deed that ended each withdrawn measure."""
    return {one.measure_id: one.deed for one in done if one.deed.action is Action.WITHDRAW}


def _done(row: Mapping[Any, Any], directory: Directory) -> Done:
    payload = json.loads(row["payload"])
    person = directory.person(row["person"])
    deed = Deed(
        no=row["no"],
        text=row["text"],
        unit=row["unit"],
        on_day=date.fromisoformat(row["on_day"]),
        action=Action(row["action"]),
        by=row["by_party"],
        person=person.name if person else row["person"],
        said=str(payload.get("statement") or payload.get("reason") or ""),
        missing=tuple(_texts(payload.get("missing"))),
        old=_day(payload.get("old_due_on")),
        new=_day(payload.get("new_due_on") or payload.get("due_on") or payload.get("next_due_on")),
        granted=payload.get("granted"),
    )
    return Done(row["measure_id"], deed, row["to_state"], bool(row["awaited"]))


def _texts(listed: object) -> Iterator[str]:
    return map(str, listed if isinstance(listed, list) else ())


def _day(written: object) -> date | None:
    return date.fromisoformat(str(written)) if written else None


_DEEDS = """
SELECT e.measure_id, m.no, m.text, coalesce(u.name, '') AS unit, e.on_day, e.action, e.person, e.payload, e.to_state,
       coalesce(b.name, e.party) AS by_party,
       EXISTS (SELECT 1 FROM deadline d WHERE d.measure_id = m.id AND d.stage = 'decide' AND d.stopped_on IS NULL)
         AS awaited
FROM event e
JOIN measure m ON m.id = e.measure_id
LEFT JOIN party u ON u.id = m.unit_id
LEFT JOIN party b ON b.code = e.party
WHERE m.round_id = :round AND e.action IN :actions
ORDER BY e.seq"""
