"""What the record says of a round's measures: what moved in the week, who had the days, what was asked for. In sets."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from models.answers.week.values import Answer, Extension, MeasureNamed, Move, Moved, Span
from models.days_spent import Change, Holder, days_spent
from models.lifecycle import DATE_DECISIONS, REOPENINGS, RETURNS, Action, State
from models.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the record about a measure; `by` is the name of the party that acted. Only what _SAYING names has
    a payload."""

    seq: int
    measure_id: int
    on: date
    action: str
    from_state: str
    to_state: str
    by: str
    payload: Mapping[str, Any]


History = Mapping[int, tuple[Happening, ...]]
"""By measure, in the order of the record."""


def histories(connection: Connection, round_id: int, until: date) -> History:
    """What happened to each measure of the round up to that day."""
    values = {"round": round_id, "until": until.isoformat()}
    rows = (
        Happening(
            seq, measure, date.fromisoformat(on), action, before, after, by, json.loads(payload) if payload else {}
        )
        for seq, measure, on, action, before, after, by, payload in connection.execute(text(_EVENTS), values)
    )
    return {measure: tuple(events) for measure, events in groupby(rows, key=lambda event: event.measure_id)}


def days_of(events: Iterable[Happening], day: date, calendar: WorkCalendar) -> Mapping[Holder, int]:
    """Working days of one measure up to that day, by who had it."""
    changes = (Change(event.on, event.action, State(event.to_state)) for event in events if event.to_state)
    return days_spent(changes, day, calendar)


def moves(
    found: History, names: Mapping[int, MeasureNamed], withdrawn: Collection[int], span: Span
) -> tuple[Moved, ...]:
    """What moved in that week, in the order of Move, of each the first first. Of a withdrawn measure only that."""
    moved = [
        (move, event)
        for events in found.values()
        for event in events
        if event.on in span and (move := _move(event))
        if move is Move.WITHDRAWN or event.measure_id not in withdrawn
    ]
    order = list(Move)
    moved.sort(key=lambda each: (order.index(each[0]), each[1].seq))
    return tuple(_moved(move, event, names[event.measure_id]) for move, event in moved)


def extension_of(events: Iterable[Happening], pending: bool) -> Extension | None:
    """The last that was asked or decided about the date in the present cycle. `pending`: the lead's clock runs."""
    found: Extension | None = None
    for event in events:
        if event.action in REOPENINGS:
            found = None
        elif event.action in DATE_DECISIONS:
            found = Extension(date.fromisoformat(event.payload["new_due_on"]), _answer(event, pending), event.on)
    return found


def _answer(event: Happening, pending: bool) -> Answer:
    if event.action == Action.ASK_EXTENSION:
        return Answer.PENDING if pending else Answer.LAPSED
    if event.action == Action.SET_NEW_LIMIT:
        return Answer.SET
    return Answer.GRANTED if event.payload.get("granted") else Answer.REFUSED


def _move(event: Happening) -> Move | None:
    """None where nothing of note moved: of two who must approve, the first closes nothing."""
    match event.action:
        case Action.APPROVE | Action.FOLLOW_UP_CHECK if event.to_state == State.CLOSED:
            return Move.CLOSED
        case Action.APPROVE if event.to_state == State.FOLLOWING_UP:
            return Move.SUSTAINED
        case Action.DECIDE_EXTENSION:
            return Move.GRANTED if event.payload.get("granted") else Move.REFUSED
        case Action.FOLLOW_UP_CHECK:
            return Move.FOLLOWED_UP
    return _MOVES.get(event.action)


_MOVES: Mapping[str, Move] = {
    Action.LOOK_BACK: Move.LOOKED_BACK,
    **dict.fromkeys(RETURNS, Move.RETURNED), **dict.fromkeys(REOPENINGS, Move.REOPENED),
    Action.SUBMIT_SELF_CHECK: Move.SUBMITTED, Action.SET_NEW_LIMIT: Move.REDATED,
    Action.HOLD: Move.HELD, Action.RESUME: Move.RESUMED, Action.HAND_OVER: Move.HANDED_OVER,
    Action.TAKE_UP: Move.TAKEN_UP, Action.RECORD_OUTCOME: Move.OUTCOME, Action.WITHDRAW: Move.WITHDRAWN,
}  # fmt: skip
_SAYING = (
    *RETURNS, *DATE_DECISIONS, *REOPENINGS, Action.HOLD, Action.RESUME, Action.HAND_OVER, Action.RECORD_OUTCOME,
    Action.WITHDRAW,
)  # fmt: skip
"""Actions whose payload is read: of the many others it would only be parsed and forgotten."""
_DATED: Mapping[Move, str] = {
    Move.RETURNED: "due_on", Move.REOPENED: "due_on", Move.GRANTED: "new_due_on", Move.REFUSED: "old_due_on",
    Move.REDATED: "new_due_on",
}  # fmt: skip


def _moved(move: Move, event: Happening, measure: MeasureNamed) -> Moved:
    written = event.payload.get(_DATED.get(move, ""))
    return Moved(
        measure=measure,
        move=move,
        on=event.on,
        by=event.by,
        reason=event.payload.get("reason", ""),
        outcome=event.payload.get("outcome", "") if move is Move.OUTCOME else "",
        due_on=date.fromisoformat(written) if written else None,
    )


_EVENTS = f"""
SELECT e.seq, e.measure_id, e.on_day, e.action, e.from_state, e.to_state, coalesce(p.name, e.party),
       CASE WHEN e.action IN ({", ".join(f"'{action}'" for action in sorted(_SAYING))}) THEN e.payload END
FROM measure m CROSS JOIN event e ON e.measure_id = m.id LEFT JOIN party p ON p.code = e.party
WHERE m.round_id = :round AND e.on_day <= :until ORDER BY e.measure_id, e.seq"""  # noqa: S608 - put together from this project's own words
