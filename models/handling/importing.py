"""import: a ledger that was read without problems becomes a round's drafts. All or nothing; nobody is told.

A ledger whose numbers the round has already is compared with them (models/ledger/difference.py): what is new becomes a
draft, drafts follow, and what was assigned or decided since is left as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from sqlmodel import Session, select

from models import record
from models.errors import LedgerRefused, UsageRefused
from models.handling.case import Ground
from models.handling.drafting import (
    RoundGround,
    add_drafts,
    follow,
    free_numbers,
    open_settled_cycles,
    put_in_order,
    remember,
)
from models.handling.known_rows import known_rows
from models.ledger.content import Field, content_of
from models.ledger.difference import ChangedRow, Difference, difference, not_settled
from models.ledger.rows import LedgerReading, LedgerRow
from models.lifecycle import State
from models.store.parties import party_ids, refresh_several_roles, sync_rounds
from models.tables import Round
from models.timelimit import add_months

PERIOD_MONTHS = 3
"""集中整改期, counted from the feedback. Two to six months are seen; three is the notice's."""
MOST_RECORDED = 200
"""Rows of a difference that the record lists one by one, of each kind (followed, left, gone); it counts them all."""


@dataclass(frozen=True, slots=True)
class RoundSpec:
    """Which round a ledger belongs to, and the day of its feedback."""

    code: str
    name: str
    feedback_on: date

    @property
    def ends_on(self) -> date:
        """The same day of the month three months on, clamped to the month's end."""
        return add_months(self.feedback_on, PERIOD_MONTHS)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made of a ledger of so many measures and problems.

    `undated` are the numbers of new drafts whose limit gives no date: a person must set it. `unnamed` likewise those
    without unit or lead. `difference` says what was new, and what a ledger that was imported before changed.
    """

    round_code: str
    measures: int
    problems: int
    undated: tuple[str, ...]
    unnamed: tuple[str, ...] = ()
    difference: Difference = field(default_factory=Difference)


def round_for(session: Session, code: str | None, feedback_on: date | None, today: date) -> tuple[RoundSpec, str]:
    """The round an import belongs to, and what had to be assumed about it (empty where nothing was).

    Without a code the only round there is; without a day that round's, or today for a new one.
    """
    rounds = session.exec(select(Round)).all()
    if code is None and len(rounds) > 1:
        raise UsageRefused(
            "已有多个整改轮次，须写明导入哪一个。",
            f"请用 --round，可用：{'、'.join(r.code for r in rounds)}。",
        )
    known = next((found for found in rounds if code in (None, found.code)), None)
    if known:
        return RoundSpec(known.code, known.name, feedback_on or known.feedback_on), ""
    code = f"R{(feedback_on or today).year}" if code is None else _sound(code)
    spec = RoundSpec(code, f"{code}整改", feedback_on or today)
    assumed = "" if feedback_on else f"未写反馈日期（--feedback-on），按今天 {today} 起算时限。"
    return spec, assumed


def _sound(code: str) -> str:
    """A slash would make ROUND/NO ambiguous."""
    if not code or "/" in code or not code.isprintable() or code != code.strip():
        raise UsageRefused(f"轮次代码“{code}”不能用。", "请写一个简短的代码，如 2023，不含斜杠，首尾不留空格。")
    return code


def import_ledger(
    session: Session, ground: Ground, reading: LedgerReading, spec: RoundSpec, source: str, *, closed: bool = False
) -> Imported:
    """Takes the rows in under their round. Raises LedgerRefused with every problem, and writes nothing.

    The same file again writes nothing either. `closed`: the ledger of an earlier round, whose measures were settled
    before; they can be looked back on, and such a ledger is taken in once.
    """
    found = _difference(session, ground, reading.rows, spec)
    settled = not_settled(reading.rows, found, spec.code) if closed else ()
    problems = [*reading.problems, *(settled if closed else found.clashes)]
    if problems:
        raise LedgerRefused(f"台账有{len(problems)}处问题，未导入任何内容。", problems, "请按提示修改台账后重新导入。")
    if not found.is_nothing:
        _take_in(session, ground, found, _Import(spec, source, reading.rows, closed))
    undated = tuple(row.no for row in found.new if row.limit.lacks_date)
    unnamed = tuple(row.no for row in found.new if not (row.unit and row.lead))
    return Imported(spec.code, len(reading.rows), len({row.problem for row in reading.rows}), undated, unnamed, found)


@dataclass(frozen=True, slots=True)
class _Import:
    """Under which round a ledger is taken in, the name of its file, its rows, and whether they were settled before."""

    spec: RoundSpec
    source: str
    rows: Sequence[LedgerRow]
    closed: bool


def _difference(session: Session, ground: Ground, rows: Sequence[LedgerRow], spec: RoundSpec) -> Difference:
    round_row = _known_round(session, spec)
    known = known_rows(session.connection(), round_row.id) if round_row and round_row.id else ()
    return difference(known, rows, round_row.ends_on if round_row else spec.ends_on, ground.on_day)


def _take_in(session: Session, ground: Ground, found: Difference, how: _Import) -> None:
    connection, round_row = session.connection(), _round(session, how.spec)
    sync_rounds(connection, ground.directory)
    assert round_row.id
    at = RoundGround(round_row.id, round_row.ends_on, party_ids(connection))
    free_numbers(connection, found.followed)
    ids = add_drafts(connection, at, found.new, State.CLOSED if how.closed else State.DRAFTED)
    follow(connection, at, found.followed)
    if found.met:
        put_in_order(connection, at.round_id, _in_order(found, ids))
    refresh_several_roles(connection)
    seq = record.append(connection, record.Entry("import", ground.now, ground.on_day, payload=_payload(found, how)))
    remember(connection, seq, _contents(found, ids, how.rows))
    if how.closed:
        open_settled_cycles(connection, ids, ground.on_day, seq)


def _in_order(found: Difference, new_ids: Sequence[int]) -> list[int]:
    """The measures of the file in its order."""
    at = {one.place: one.measure_id for one in found.met} | dict(zip(found.places, new_ids, strict=True))
    return [at[place] for place in sorted(at)]


def _contents(found: Difference, new_ids: Sequence[int], rows: Sequence[LedgerRow]) -> Iterator[tuple[int, str]]:
    """What each measure's row says, under the number that the file gives it."""
    for one in found.met:
        yield one.measure_id, one.said.written()
    for measure_id, place in zip(new_ids, found.places, strict=True):
        yield measure_id, content_of(rows[place]).written()


def _payload(found: Difference, how: _Import) -> dict[str, Any]:
    """What the record keeps of an import; of a difference, which fields of which measures, shortened."""
    payload: dict[str, Any] = {"round": how.spec.code, "rows": len(how.rows), "file": how.source}
    if how.closed:
        payload["closed"] = True
    if found.met:
        followed, left = found.followed, found.left
        payload["difference"] = {
            "new": len(found.new), "followed": len(followed), "left": len(left), "gone": len(found.gone),
            "unchanged": found.unchanged, "fields": _fields(followed) | _fields(left),
            "gone_nos": [one.no for one in found.gone[:MOST_RECORDED]],
        }  # fmt: skip
        if renumbered := {one.known.no: one.row.no for one in followed if Field.NO in one.fields_followed}:
            payload["difference"]["renumbered"] = dict(islice(renumbered.items(), MOST_RECORDED))
    return payload


def _fields(changed: Sequence[ChangedRow]) -> dict[str, list[str]]:
    return {one.known.no: [change.of.value for change in one.changes] for one in changed[:MOST_RECORDED]}


def _known_round(session: Session, spec: RoundSpec) -> Round | None:
    """The round of that code, which must have that feedback day."""
    found = session.exec(select(Round).where(Round.code == spec.code)).first()
    if found and found.feedback_on != spec.feedback_on:
        raise UsageRefused(
            f"轮次 {spec.code} 的反馈日期是 {found.feedback_on}，与 {spec.feedback_on} 不符。",
            "请改用原反馈日期，或另起一个轮次代码。",
        )
    return found


def _round(session: Session, spec: RoundSpec) -> Round:
    found = _known_round(session, spec)
    if found:
        return found
    fresh = Round(code=spec.code, name=spec.name, feedback_on=spec.feedback_on, ends_on=spec.ends_on)
    session.add(fresh)
    session.flush()
    return fresh
