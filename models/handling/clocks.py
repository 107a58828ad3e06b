"""Opening and stopping clocks, as the lifecycle's table says. Used by the use cases only; decides no date itself."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.ladder import Policy
from models.lifecycle import Stage, Step
from models.tables import ClockOutcome, Cycle, Deadline, Measure


@dataclass(frozen=True, slots=True)
class NewClock:
    """A clock to open: whose it is, when it is due, the day it runs from, the event that opened it, and the policy."""

    stage: Stage
    holder_id: int
    due_on: date
    opened_on: date
    seq: int
    policy: Policy


def start(session: Session, measure: Measure, cycle: Cycle, new: NewClock) -> Deadline:
    """Opens a clock of this measure and cycle."""
    assert measure.id and cycle.id
    clock = Deadline(
        measure_id=measure.id,
        cycle_id=cycle.id,
        stage=new.stage,
        holder_id=new.holder_id,
        due_on=new.due_on,
        first_due_on=new.due_on,
        opened_on=new.opened_on,
        policy_digest=new.policy.digest,
        unit_id=measure.unit_id,
        lead_id=measure.lead_id,
        round_id=measure.round_id,
        armed_on=new.opened_on,
        armed_seq=new.seq,
    )
    session.add(clock)
    return clock


def stop(session: Session, measure: Measure, step: Step, on_day: date) -> None:
    """Stops the clocks that this step meets, as met or late, and those that fall away, as void."""
    touched = [*step.stops, *step.voids]
    running = session.exec(
        select(Deadline).where(
            Deadline.measure_id == measure.id,
            col(Deadline.stopped_on).is_(None),
            col(Deadline.stage).in_(touched),
        )
    ).all()
    for clock in running:
        clock.stopped_on = on_day
        clock.outcome = ClockOutcome.VOID if clock.stage in step.voids else _kept(clock, on_day)
        session.add(clock)


def _kept(clock: Deadline, on_day: date) -> ClockOutcome:
    return ClockOutcome.MET if on_day <= clock.due_on else ClockOutcome.LATE
