"""Opening, stopping, moving and pausing clocks, as the lifecycle's table says. Used by the use cases only.

It decides no date itself: whoever acts hands the dates over.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlmodel import Session

from models.ladder import Policy
from models.lifecycle import Role, Stage, State
from models.permission import Step
from models.store.posting_sql import CARRY_ON
from models.tables import ClockOutcome, Cycle, Deadline, Measure
from models.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class NewClock:
    """A clock to open: whose it is, when it is due, the day it runs from, the event that opened it, and the policy."""

    stage: Stage
    holder_id: int
    due_on: date
    opened_on: date
    seq: int
    policy: Policy
    milestone_id: int | None = None


def start(session: Session, measure: Measure, cycle: Cycle, new: NewClock) -> Deadline:
    """Opens a clock of this measure and cycle."""
    assert measure.id and cycle.id and measure.unit_id and measure.lead_id
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
        milestone_id=new.milestone_id,
    )
    session.add(clock)
    return clock


def stop(
    running: Sequence[Deadline], step: Step, on_day: date, calendar: WorkCalendar,
    signer_ids: Collection[int] = (), only: int | None = None,
) -> None:  # fmt: skip
    """Stops the clocks that this step meets, as met or late, and those that fall away, as void.

    A closure decision meets the clock of the role it was made for (`signer_ids`: the parties that hold it); once the
    closure is decided, the other role's falls away. `only` names the one clock that is met, where several could be.
    """
    reviews = [clock for clock in running if clock.stage is Stage.REVIEW]
    signed = next((clock for clock in reviews if clock.holder_id in signer_ids), None)
    for clock in running:
        if clock.stage in step.voids:
            _end(clock, on_day, ClockOutcome.VOID)
        elif clock.stage not in step.stops or only not in (None, clock.id):
            continue
        elif step.signed_as is None or clock is signed:
            _meet(clock, on_day, calendar)
        elif step.target is not State.UNDER_REVIEW:
            _end(clock, on_day, ClockOutcome.VOID)


def _meet(clock: Deadline, on_day: date, calendar: WorkCalendar) -> None:
    in_time = on_day <= clock.due_on
    clock.late_by = None if in_time else calendar.workdays_between(clock.due_on, on_day)
    _end(clock, on_day, ClockOutcome.MET if in_time else ClockOutcome.LATE)


def _end(clock: Deadline, on_day: date, outcome: ClockOutcome) -> None:
    clock.stopped_on, clock.outcome = on_day, outcome


def move(clock: Deadline, due_on: date, on_day: date, seq: int) -> None:
    """Gives a clock another date, under which its ladder begins anew; its first date stays."""
    clock.due_on, clock.taken_up_on = due_on, None
    _arm(clock, on_day, seq)


def hold(running: Iterable[Deadline], on_day: date, calendar: WorkCalendar) -> None:
    """Pauses clocks and keeps, in signed working days, what is left to their dates."""
    for clock in running:
        clock.held_on, clock.held_days = on_day, calendar.workdays_between(on_day, clock.due_on)


def resume(session: Session, held: Iterable[Deadline], on_day: date, seq: int, calendar: WorkCalendar) -> None:
    """Lets clocks run on with the working days they had left; what they had said already is not said again."""
    for clock in held:
        assert clock.held_days is not None
        due_on = calendar.add_workdays(on_day, clock.held_days)
        if due_on != clock.due_on:
            values = {"clock": clock.id, "old": clock.due_on.isoformat(), "new": due_on.isoformat()}
            session.connection().execute(text(CARRY_ON), values)
        clock.due_on, clock.held_on, clock.held_days = due_on, None, None
        _arm(clock, on_day, seq)


def hand_over(
    running: Iterable[Deadline], measure: Measure, role: Role, held: Collection[int], on_day: date, seq: int
) -> None:
    """Lets clocks know another unit or lead, who holds those in `held` from now on.

    Where the unit changed, nobody has told the new one anything yet.
    """
    assert measure.unit_id and measure.lead_id
    for clock in running:
        clock.unit_id, clock.lead_id = measure.unit_id, measure.lead_id
        if clock.id in held:
            clock.holder_id = measure.unit_id if role is Role.UNIT else measure.lead_id
        if role is Role.UNIT:
            clock.served_on = None
        _arm(clock, on_day, seq)


def _arm(clock: Deadline, on_day: date, seq: int) -> None:
    clock.armed_on, clock.armed_seq = on_day, seq
