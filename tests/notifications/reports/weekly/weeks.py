"""Weeks made by hand, for the words and pages of a weekly brief."""

from dataclasses import replace
from datetime import date

from config.reporting import NO_REPORTING
from models.answers.week.colours import meanings
from models.answers.week.values import (
    Due,
    MeasureNamed,
    Move,
    Moved,
    Overdue,
    RoundNamed,
    Span,
    Told,
    UnitWeek,
    Untold,
    WeekFacts,
)
from models.days_spent import Holder
from models.ladder import Colour, MessageKind, NoticeKind
from models.lifecycle import Role, Stage
from models.news import NewsKind
from models.store.board import ExceptionRow
from models.tables import MessageState, Unsaid
from notifications.reports.weekly.context import Values, context_of
from tests.offices import calendar, policy

DAY = date(2023, 6, 14)
HOSTILE = "甲\x00\x07\ud800\u202e<script>alert(1)</script>{{ 7*7 }}&\"'=1+1\r\n乙\U0001f600" + "长" * 3000
MEASURE = MeasureNamed("4", "订出学习计划", "人事科")
OVERDUE = Due(
    MEASURE, Stage.COMPLETE, "", "人事科", date(2023, 6, 9), date(2023, 6, 9), -3, rest=False, provisional=False
)
UNIT = UnitWeek(
    "人事科", {Colour.RED: 1}, uncoloured=2, held=0, drafted=0, following_up=0, closed=3, late=1, late_itself=1,
    days=dict.fromkeys(Holder, 0) | {Holder.UNIT: 12, Holder.SUPERVISION: 3},
)  # fmt: skip
TOLD = Told(date(2023, 6, 12), date(2023, 6, 9), NoticeKind.OVERDUE, ("人事科", "林致远"))
EMPTY = WeekFacts(
    RoundNamed("2023", "2023年整改"), DAY, Span.holding(DAY), meanings(policy()), (), 0, (), (), (), (), (), (), DAY
)


def busy() -> WeekFacts:
    """One of everything."""
    dead = Untold(
        "督办组", Role.SUPERVISION, "4", NoticeKind.OVERDUE, DAY, MessageState.REJECTED, 41, MessageKind.ESCALATION,
        "550", "查无此人",
    )  # fmt: skip
    return replace(
        EMPTY,
        units=(UNIT,),
        withdrawn=1,
        due=(OVERDUE,),
        due_next=(replace(OVERDUE, due_on=date(2023, 6, 24), days=5, rest=True, provisional=True),),
        overdue=(Overdue(OVERDUE, TOLD, None, UNIT.days),),
        moved=(Moved(MEASURE, Move.RETURNED, DAY, "督办组", "佐证不足", "", date(2023, 6, 20)),),
        untold=(
            dead,
            replace(dead, measure="5", what=NewsKind.RETURNED),
            Untold("直属学校", Role.UNIT, "7", NoticeKind.REFER, DAY, Unsaid.NO_ADDRESS),
        ),
        exceptions=(ExceptionRow("甲", "乙", "人手少", DAY, None, None),),
    )


def hostile() -> WeekFacts:
    """Everything that people wrote is hostile."""
    named = MeasureNamed(HOSTILE, HOSTILE, HOSTILE)
    due = replace(OVERDUE, measure=named, holder=HOSTILE, stage=Stage.MILESTONE, milestone=HOSTILE)
    untold = Untold(HOSTILE, Role.UNIT, HOSTILE, NoticeKind.REFER, DAY, MessageState.BOUNCED, 1, None, HOSTILE, HOSTILE)
    return replace(
        EMPTY,
        round=RoundNamed(HOSTILE, HOSTILE),
        units=(replace(UNIT, name=HOSTILE),),
        due=(due,),
        due_next=(due,),
        overdue=(Overdue(due, replace(TOLD, parties=(HOSTILE,) * 9), None, UNIT.days),),
        moved=(Moved(named, Move.OUTCOME, DAY, HOSTILE, HOSTILE, HOSTILE, None),),
        untold=(untold,),
        exceptions=(ExceptionRow(HOSTILE, HOSTILE, HOSTILE, DAY, None, None),),
    )


def context(facts: WeekFacts, *, rehearsal: bool = False) -> Values:
    return context_of(facts, calendar(), NO_REPORTING, rehearsal)
