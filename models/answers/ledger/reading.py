"""The ledger of a round as it is to be written: its measures with their clocks and colours, and the lists beside them.

Runs for `duban export`; a few statements whatever the size. Reads only, and lays nothing out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Connection, text

from models.answers.ledger.deeds import deeds, extensions, follow_ups, sent_back, withdrawals
from models.answers.ledger.messages import messages_of
from models.directory import Directory
from models.ladder import Colour, Policy, colour_at
from models.ledger.columns import Column
from models.ledger.writing.party_names import PartyNames
from models.ledger.writing.values import LedgerMeasure, WrittenLedger
from models.lifecycle import Stage, State
from models.store import board
from models.store.board import MeasureRow
from models.store.last_day import refuse_before_the_last
from models.store.rounds import RoundRow
from models.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Seen:
    """From where a ledger is looked at: the day, and what the office works by."""

    on_day: date
    policy: Policy
    calendar: WorkCalendar
    directory: Directory
    rehearsal: bool


def written_ledger(connection: Connection, round_row: RoundRow, seen: Seen) -> WrittenLedger:
    """Everything that an exported ledger of this round says.

    Raises UsageRefused for a day before the last on which something was done or run.
    """
    refuse_before_the_last(connection, seen.on_day)
    found = [row for row in board.measures(connection) if row.round_code == round_row.code]
    measures = {row.id: one for row, one in zip(found, _measures(connection, round_row, found, seen), strict=True)}
    done = deeds(connection, round_row.id, seen.directory)
    ended = withdrawals(done)
    return WrittenLedger(
        round_code=round_row.code,
        round_name=round_row.name,
        feedback_on=round_row.feedback_on,
        on_day=seen.on_day,
        rehearsal=seen.rehearsal,
        measures=tuple(one for one in measures.values() if one.state is not State.WITHDRAWN),
        withdrawn=tuple((one, ended.get(id_)) for id_, one in measures.items() if one.state is State.WITHDRAWN),
        returns=sent_back(done),
        extensions=extensions(done),
        follow_ups=follow_ups(done),
        messages=messages_of(connection, round_row.id, seen.directory),
    )


def _measures(
    connection: Connection, round_row: RoundRow, found: Sequence[MeasureRow], seen: Seen
) -> Iterator[LedgerMeasure]:
    names, helping = PartyNames(seen.directory), _helping(connection, round_row.id)

    @cache
    def colour(stage: Stage, due_on: date) -> Colour | None:
        ladder = seen.policy.ladders.get(stage)
        return colour_at(ladder, due_on, seen.on_day, seen.calendar) if ladder else None

    for row in found:
        runs = row.held_on is None and row.stage is not None and row.clock_due_on is not None
        stage, due_on = (row.stage, row.clock_due_on) if runs else (None, None)
        yield LedgerMeasure(
            no=row.no,
            problem=row.problem,
            text=row.text,
            part_of=row.part_of,
            lead=names.one(Column.LEAD, row.lead, row.lead_name) if row.lead else "",
            unit=names.one(Column.UNIT, row.unit, row.unit_name) if row.unit else "",
            cooperating=names.several(helping.get(row.id, ())),
            limit=row.limit_text,
            closure=row.closure,
            major=row.major,
            state=row.state,
            held=row.held_on is not None,
            stage=row.stage,
            holder=row.holder_name or "",
            due_on=due_on,
            days=seen.calendar.workdays_between(seen.on_day, due_on) if due_on else None,
            provisional=bool(due_on and seen.calendar.provisional_between(seen.on_day, due_on)),
            colour=colour(stage, due_on) if stage and due_on else None,
            percent=row.percent,
            progress=row.progress,
        )


def _helping(connection: Connection, round_id: int) -> dict[int, tuple[tuple[str, str], ...]]:
    """The cooperating units of each measure that has any, by code and name."""
    found: dict[int, list[tuple[str, str]]] = {}
    for measure_id, code, name in connection.execute(text(_HELPING), {"round": round_id}):
        found.setdefault(measure_id, []).append((code, name))
    return {measure_id: tuple(parties) for measure_id, parties in found.items()}


_HELPING = """
SELECT c.measure_id, p.code, p.name FROM cooperation c
JOIN measure m ON m.id = c.measure_id JOIN party p ON p.id = c.party_id
WHERE m.round_id = :round ORDER BY c.measure_id, p.code"""
