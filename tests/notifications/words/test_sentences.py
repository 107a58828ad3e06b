"""The sentences of a notice: every stage, kind and role has one, and each is true of the day it is said on."""

from datetime import date
from itertools import product

import pytest

from models.ladder import NoticeKind
from models.lifecycle import Role, Stage
from notifications.words.sentences import Timing, clock_zh, measure_order, reason_zh, todo_zh, when_zh, why_zh

DAY = date(2023, 6, 26)
REMIND, URGE, OVERDUE, REFER = NoticeKind.REMIND, NoticeKind.URGE, NoticeKind.OVERDUE, NoticeKind.REFER
REASONS = [
    (
        "a unit is reminded",
        ("complete/-5wd", REMIND, Role.UNIT, 4),
        "整改时限2023-06-30还有4个工作日，按升级阶梯“complete/-5wd”提醒责任单位人事科办理",
    ),
    (
        "due on the day, or on the rest days after it",
        ("complete/0", REMIND, Role.UNIT, 0),
        "整改时限2023-06-30已到最后一个工作日，按升级阶梯“complete/0”提醒责任单位人事科办理",
    ),
    (
        "a lead hears of another's clock",
        ("complete/-5wd", REMIND, Role.LEAD, 4),
        "整改时限2023-06-30还有4个工作日，按升级阶梯“complete/-5wd”提请牵头领导关注",
    ),
    (
        "a lead hears of its own clock",
        ("review/-1wd", REMIND, Role.LEAD, 1),
        "销号审核时限2023-06-30还有1个工作日，按升级阶梯“review/-1wd”提醒牵头领导办理",
    ),
    (
        "a unit is urged",
        ("complete/-5wd", URGE, Role.UNIT, 4),
        "整改时限2023-06-30还有4个工作日，按升级阶梯“complete/-5wd”向责任单位人事科催办",
    ),
    (
        "accountability hears before a referral",
        ("complete/+5wd", OVERDUE, Role.ACCOUNTABILITY, -5),
        "整改时限2023-06-30已超过5个工作日，按升级阶梯“complete/+5wd”提请责任追究组关注",
    ),
    (
        "accountability is referred to",
        ("complete/+10wd", REFER, Role.ACCOUNTABILITY, -10),
        "整改时限2023-06-30已超过10个工作日，按升级阶梯“complete/+10wd”提请责任追究组研究问责",
    ),
    (
        "the unit hears that its measure is referred",
        ("complete/+10wd", REFER, Role.UNIT, -10),
        "整改时限2023-06-30已超过10个工作日，按升级阶梯“complete/+10wd”告知责任单位人事科按规定提请问责",
    ),
    (
        "the unit hears so of another's clock too",
        ("check/+9wd", REFER, Role.UNIT, -9),
        "督查核查时限2023-06-30已超过9个工作日，按升级阶梯“check/+9wd”告知责任单位人事科按规定提请问责",
    ),
]


@pytest.mark.parametrize(("facts", "said"), [row[1:] for row in REASONS], ids=[row[0] for row in REASONS])
def test_reasons(facts: tuple[str, NoticeKind, Role, int], said: str) -> None:
    rung, kind, role, days = facts
    reason = reason_zh(
        stage=Stage(rung.split("/")[0]),
        rung=rung,
        kind=kind,
        role=role,
        due_on=date(2023, 6, 30),
        days=days,
        provisional=False,
        unit="人事科",
    )
    assert reason == said


HALVES = [
    (
        "days are left",
        (Stage.COMPLETE, NoticeKind.REMIND, Role.LEAD, 4, False),
        "整改时限2023-06-30还有4个工作日",
        "按升级阶梯“complete/0”提请牵头领导关注",
        "{clock}，{why}",
    ),
    (
        "late, and the date is provisional",
        (Stage.CHECK, NoticeKind.OVERDUE, Role.SUPERVISION, -1, True),
        "督查核查时限2023-06-30（推算日期）已超过1个工作日",
        "按升级阶梯“check/0”通知督办组已超期",
        "{clock}，{why}",
    ),
    (
        "a unit without an address: the clock stands inside the other half",
        (Stage.ACCEPT, NoticeKind.ADDRESS, Role.GENERAL, 0, False),
        "签收时限2023-06-30已到最后一个工作日",
        "责任单位人事科无可用通知地址，按“accept/0”改为通知综合组",
        "责任单位人事科无可用通知地址，{clock}，按“accept/0”改为通知综合组",
    ),
]


@pytest.mark.parametrize(
    ("facts", "clock", "why", "joined"), [row[1:] for row in HALVES], ids=[row[0] for row in HALVES]
)
def test_the_halves_of_a_reason(
    facts: tuple[Stage, NoticeKind, Role, int, bool], clock: str, why: str, joined: str
) -> None:
    stage, kind, role, days, provisional = facts
    due_on, rung, unit = date(2023, 6, 30), f"{stage}/0", "人事科"
    assert clock_zh(stage, due_on, days, provisional) == clock
    assert why_zh(stage=stage, rung=rung, kind=kind, role=role, unit=unit) == why
    reason = reason_zh(
        stage=stage, rung=rung, kind=kind, role=role, due_on=due_on, days=days, provisional=provisional, unit=unit
    )
    assert reason == joined.format(clock=clock, why=why)


def test_every_case_has_its_sentences() -> None:
    """No stage, role, kind and timing is left without a request and a reason, nor with a hole in them."""
    days_of = {Timing.LATE: -3, Timing.TODAY: 0, Timing.AHEAD: 3}
    for stage, role, kind, timing in product(Stage, Role, NoticeKind, Timing):
        todo = todo_zh(stage=stage, kind=kind, role=role, timing=timing, unit="人事科")
        reason = reason_zh(
            stage=stage,
            rung=f"{stage}/0",
            kind=kind,
            role=role,
            due_on=DAY,
            days=days_of[timing],
            provisional=False,
            unit="人事科",
        )
        assert todo.endswith("。")
        assert not set("{}") & set(todo + reason)


FRIDAY = date(2023, 6, 30)
TIMES = [
    ("days are left", date(2023, 7, 6), 4, Timing.AHEAD, "还有4个工作日"),
    ("due on the Sunday: not due today", date(2023, 7, 2), 0, Timing.AHEAD, "今日为到期前最后一个工作日"),
    ("due on the day", FRIDAY, 0, Timing.TODAY, "今日到期"),
    ("late", date(2023, 6, 26), -4, Timing.LATE, "已超期4个工作日"),
    ("late, and only rest days since", date(2023, 6, 29), 0, Timing.LATE, "已超期不足1个工作日"),
]


@pytest.mark.parametrize(
    ("due_on", "days", "timing", "said"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES]
)
def test_where_a_day_stands_to_a_date(due_on: date, days: int, timing: Timing, said: str) -> None:
    assert Timing.of(due_on, FRIDAY) is timing
    assert when_zh(due_on, days, FRIDAY) == said


def test_measure_order_counts_as_people_do() -> None:
    assert sorted(["3-10", "10", "3-2", "2", "", "三-2", "A1"], key=measure_order) == [
        "", "2", "3-2", "3-10", "10", "A1", "三-2",
    ]  # fmt: skip
