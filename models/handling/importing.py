"""import: a ledger that was read without problems becomes a round's drafts. All or nothing; nobody is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pendulum
from sqlmodel import Session, col, func, select

from models import record
from models.errors import LedgerRefused, Problem, UsageRefused
from models.handling.case import Ground
from models.ledger.columns import plain
from models.ledger.rows import LedgerReading, LedgerRow
from models.lifecycle import State
from models.store.parties import party_ids, refresh_several_roles, sync_rounds
from models.tables import Cooperation, Cycle, FeedbackProblem, Measure, Milestone, Round
from models.timelimit import LimitKind

PERIOD_MONTHS = 3
"""集中整改期, counted from the feedback. Two to six months are seen; three is the notice's."""


@dataclass(frozen=True, slots=True)
class RoundSpec:
    """Which round a ledger belongs to, and the day of its feedback."""

    code: str
    name: str
    feedback_on: date

    @property
    def ends_on(self) -> date:
        """The same day of the month three months on, clamped to the month's end."""
        day = pendulum.Date(self.feedback_on.year, self.feedback_on.month, self.feedback_on.day)
        end = day.add(months=PERIOD_MONTHS)
        return date(end.year, end.month, end.day)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made. `undated` are the numbers whose limit gives no date: a person must set it."""

    round_code: str
    measures: int
    problems: int
    undated: tuple[str, ...]


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
    """Writes every row as a draft under its round. Raises LedgerRefused with every problem, and writes nothing.

    `closed`: the ledger of an earlier round, whose measures were settled before; they can be looked back on.
    """
    clashes = _clashes(session, reading.rows, spec)
    problems = [*reading.problems, *clashes]
    if problems:
        raise LedgerRefused(f"台账有{len(problems)}处问题，未导入任何内容。", problems, "请按提示修改台账后重新导入。")
    round_row = _round(session, spec)
    session.flush()
    sync_rounds(session.connection(), ground.directory)
    ids = party_ids(session.connection())
    codes = {party.name: party.code for party in ground.directory.parties}
    findings = _findings(session, round_row, reading.rows)
    measures = [
        _draft(session, round_row, findings[row.problem], row, position, codes, ids)
        for position, row in enumerate(reading.rows, start=_next_position(session, round_row))
    ]
    session.flush()
    refresh_several_roles(session.connection())
    payload = {"round": spec.code, "rows": len(reading.rows), "file": source, **({"closed": True} if closed else {})}
    seq = record.append(session.connection(), record.Entry("import", ground.now, ground.on_day, payload=payload))
    if closed:
        _close(session, measures, ground.on_day, seq)
    undated = tuple(row.no for row in reading.rows if _due_on(row, round_row) is None
                    and row.limit.kind is not LimitKind.IMMEDIATE)  # fmt: skip
    return Imported(spec.code, len(reading.rows), len(findings), undated)


def _clashes(session: Session, rows: Sequence[LedgerRow], spec: RoundSpec) -> list[Problem]:
    """Numbers that the round already has, in whatever width: importing a ledger twice must not double it."""
    known = select(Measure.no).join(Round, col(Round.id) == Measure.round_id).where(Round.code == spec.code)
    taken = {plain(no) for no in session.exec(known)}
    return [
        Problem(f"轮次 {spec.code} 中已有此编号", sheet=row.sheet, row=row.row, column="序号", value=row.no)
        for row in rows
        if plain(row.no) in taken
    ]


def _round(session: Session, spec: RoundSpec) -> Round:
    found = session.exec(select(Round).where(Round.code == spec.code)).first()
    if found:
        if found.feedback_on != spec.feedback_on:
            raise UsageRefused(
                f"轮次 {spec.code} 的反馈日期是 {found.feedback_on}，与 {spec.feedback_on} 不符。",
                "请改用原反馈日期，或另起一个轮次代码。",
            )
        return found
    fresh = Round(code=spec.code, name=spec.name, feedback_on=spec.feedback_on, ends_on=spec.ends_on)
    session.add(fresh)
    return fresh


def _findings(session: Session, round_row: Round, rows: Sequence[LedgerRow]) -> dict[str, FeedbackProblem]:
    known = {
        found.text: found
        for found in session.exec(select(FeedbackProblem).where(FeedbackProblem.round_id == round_row.id))
    }
    for row in rows:
        if row.problem not in known:
            assert round_row.id
            fresh = FeedbackProblem(round_id=round_row.id, position=len(known) + 1, text=row.problem)
            session.add(fresh)
            known[row.problem] = fresh
    session.flush()
    return known


def _next_position(session: Session, round_row: Round) -> int:
    """A further ledger of a round comes after the ones before."""
    last = session.exec(select(func.max(Measure.position)).where(Measure.round_id == round_row.id)).one()
    return (last or 0) + 1


def _draft(
    session: Session, round_row: Round, finding: FeedbackProblem, row: LedgerRow, position: int,
    codes: dict[str, str], ids: dict[str, int],
) -> Measure:  # fmt: skip
    def party_id(name: str) -> int:
        return ids[codes.get(name, name)]

    assert round_row.id and finding.id
    measure = Measure(
        round_id=round_row.id,
        problem_id=finding.id,
        position=position,
        no=row.no,
        text=row.text,
        unit_id=party_id(row.unit),
        lead_id=party_id(row.lead),
        closure=row.closure,
        major=row.major,
        limit_text=row.limit_text,
        limit_kind=row.limit.kind,
        limit_rule=row.limit.rule,
        limit_note=row.limit.reason,
        due_on=_due_on(row, round_row),
    )
    session.add(measure)
    session.flush()
    assert measure.id
    for name in row.cooperating:
        session.add(Cooperation(measure_id=measure.id, party_id=party_id(name)))
    for n, due_on in enumerate(row.limit.milestones, 1):
        session.add(Milestone(measure_id=measure.id, n=n, text=f"阶段节点{n}", due_on=due_on))
    return measure


def _close(session: Session, measures: Sequence[Measure], on_day: date, seq: int) -> None:
    """What an earlier round settled: closed in a cycle of its own, without a clock."""
    for measure in measures:
        assert measure.id
        measure.state = State.CLOSED
        session.add(measure)
        session.add(Cycle(measure_id=measure.id, opened_on=on_day, opened_seq=seq))


def _due_on(row: LedgerRow, round_row: Round) -> date | None:
    """A sustained limit without a date is due at the round's end; an immediate one counts from assignment."""
    if row.limit.kind is LimitKind.SUSTAINED and row.limit.due_on is None:
        return round_row.ends_on
    return row.limit.due_on
