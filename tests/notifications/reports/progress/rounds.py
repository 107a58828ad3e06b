"""Rounds made by hand, counted by the rules that count real ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from models.answers.progress.figures import figures, rates
from models.answers.progress.values import (
    ActivityItem,
    MeasureProgress,
    ProblemProgress,
    Progress,
)
from models.lifecycle import ClosureClass, State

TODAY = date(2023, 7, 4)
PLAIN = MeasureProgress(
    no="1", text="订出计划", unit="人事科", cooperating=(), lead="林致远", closure=ClosureClass.SETTLED, major=False,
    state=State.IN_PROGRESS, limit_text="7月底前", due_on=date(2023, 7, 31), first_due_on=date(2023, 7, 31),
    provisional=False, closed_on=None, overdue_days=None, statement="", progress="", percent=None, evidence=(),
    returns=0, extensions=0, next_follow_up=None, held=False,
)  # fmt: skip


def measure(no: str = "1", **changes: Any) -> MeasureProgress:
    return replace(PLAIN, no=no, **changes)


def closed(no: str, closure: ClosureClass = ClosureClass.SETTLED, **changes: Any) -> MeasureProgress:
    """One whose closure was approved on 20 June; to be kept up where it is sustained."""
    state = State.FOLLOWING_UP if closure is ClosureClass.SUSTAINED else State.CLOSED
    given = {"state": state, "closed_on": date(2023, 6, 20), "statement": "计划已印发", **changes}
    return measure(no, closure=closure, **given)


def round_of(
    *problems: Sequence[MeasureProgress], activities: Sequence[ActivityItem] = (), name: str = "2023年巡察整改"
) -> Progress:  # fmt: skip
    """A round whose problems have these measures."""
    held = tuple(ProblemProgress(n, f"问题之{n}", tuple(measures)) for n, measures in enumerate(problems, 1))
    counted = figures(held, activities)
    return Progress(
        round_code="2023", round_name=name, feedback_on=date(2023, 3, 25), ends_on=date(2023, 6, 25), on_day=TODAY,
        problems=held, activities=tuple(activities), figures=counted, rates=rates(counted),
    )  # fmt: skip
