"""Activities: who may log and withdraw them, for which days, and that none is counted twice or lost."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from flows.office import Office
from models.activity import ActivityKind
from models.errors import ActionRefused, NotFound, UsageRefused
from models.handling.activities import NOTE_MOST, TITLE_MOST, NewActivity, log_activity, withdraw_activity
from models.handling.case import By
from models.handling.importing import RoundSpec
from models.handling.persons import Term, appoint_stand_in
from models.store.activities import ActivityRow, activities
from models.tables.core import EVENT
from tests.handling_fixtures import (
    ACCOUNTABILITY,
    GENERAL,
    HEAD,
    LEAD,
    SPEC,
    SUPERVISION,
    UNIT,
    Line,
    actions,
    break_on,
    contents,
    file_of,
    refused,
    stored,
    take_in,
)

TODAY = date(2023, 4, 12)
GIVEN = NewActivity(ActivityKind.COMMITTEE, date(2023, 4, 3), "研究巡察整改", "第一次")
MISTAKE = By("s1-a", reason="日期写错")


@pytest.fixture
def ready(crew: Office) -> Office:
    take_in(crew, Line("1"))
    return crew


def log(
    office: Office, given: NewActivity = GIVEN, by: By = GENERAL, round_code: str | None = None, on: date = TODAY
) -> int:
    with office.acting(on) as (session, ground):
        found = log_activity(session, ground, by, given, round_code).id
        assert found
        return found


def take_back(office: Office, activity: int, by: By = MISTAKE) -> None:
    with office.acting(TODAY) as (session, ground):
        withdraw_activity(session, ground, by, activity)


def listed(office: Office, round_code: str | None = None) -> list[ActivityRow]:
    with office.store.reading() as connection:
        return activities(connection, round_code)


def last_payload(office: Office) -> dict[str, Any]:
    """What the newest event of the record says."""
    with office.store.reading() as connection:
        found: dict[str, Any] = json.loads(
            connection.scalar(select(EVENT.c.payload).order_by(EVENT.c.seq.desc())) or ""
        )
    return found


def test_what_is_logged_is_one_row_and_one_event(ready: Office) -> None:
    number = log(ready)
    assert listed(ready) == [
        ActivityRow(
            number,
            "2023",
            ActivityKind.COMMITTEE,
            date(2023, 4, 3),
            "研究巡察整改",
            "第一次",
            "g1-a",
            TODAY,
            "",
            None,
            "",
        )
    ]
    assert actions(ready) == ["import", "activity_logged"]
    assert last_payload(ready) == {
        "round": "2023", "kind": "committee", "on": "2023-04-03", "title": "研究巡察整改", "note": "第一次",
    }  # fmt: skip


def test_a_mistake_is_withdrawn_and_stays(ready: Office) -> None:
    number = log(ready)
    take_back(ready, number)
    (row,) = listed(ready)
    assert (row.counts, row.withdrawn_by, row.withdrawn_on, row.withdrawn_reason) == (False, "s1-a", TODAY, "日期写错")
    assert actions(ready)[-1] == "activity_withdrawn"
    assert log(ready) != number, "what was withdrawn is no hindrance to logging it right"


@pytest.mark.parametrize("by", [GENERAL, SUPERVISION, By("jack")], ids=lambda by: by.person)
def test_general_and_supervision_group_may(ready: Office, by: By) -> None:
    assert log(ready, by=by)


@pytest.mark.parametrize("by", [UNIT, LEAD, ACCOUNTABILITY, HEAD, By("jack", "D1")], ids=lambda by: by.person)
def test_nobody_else_may_log_or_withdraw(ready: Office, by: By) -> None:
    number = log(ready)
    with refused(ready, "不能登记工作开展情况", cure="综合组或督办组"):
        log(ready, NewActivity(ActivityKind.MEETING, TODAY, "调度"), by)
    with refused(ready, "不能撤销已登记的活动", cure="综合组或督办组"):
        take_back(ready, number, By(by.person, by.as_party, reason="不该有"))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (TODAY + timedelta(days=1), "还没有到"),
        (date(9999, 12, 31), "还没有到"),
        (SPEC.feedback_on - timedelta(days=1), "早于轮次 2023 的反馈日期"),
        (date(1, 1, 1), "早于轮次 2023 的反馈日期"),
    ],
)
def test_a_day_to_come_or_before_the_feedback_is_refused(ready: Office, day: date, why: str) -> None:
    with refused(ready, why):
        log(ready, NewActivity(ActivityKind.HEARING, day, "听取汇报"))


@pytest.mark.parametrize("day", [TODAY, SPEC.feedback_on])
def test_today_and_the_day_of_the_feedback_are_allowed(ready: Office, day: date) -> None:
    assert log(ready, NewActivity(ActivityKind.HEARING, day, "听取汇报"))


def test_the_same_is_not_logged_twice(ready: Office) -> None:
    number = log(ready)
    for same in (GIVEN, NewActivity(GIVEN.kind, GIVEN.on_day, " 研究\t巡察整改\u202e ".replace("\t", ""))):
        with refused(ready, f"已登记为活动{number}", cure="不同的标题"):
            log(ready, same)
    for other in (
        NewActivity(ActivityKind.MEETING, GIVEN.on_day, GIVEN.title),
        NewActivity(GIVEN.kind, TODAY, GIVEN.title),
        NewActivity(GIVEN.kind, GIVEN.on_day, "再次研究"),
    ):
        assert log(ready, other)


@pytest.mark.parametrize("title", ["", " \t\n", "\u202e\u200b\x00"])
def test_a_title_of_nothing_is_refused(ready: Office, title: str) -> None:
    with refused(ready, "须写明活动的标题", UsageRefused):
        log(ready, NewActivity(ActivityKind.MEETING, TODAY, title))


def test_what_is_too_long_is_refused_and_the_longest_kept(ready: Office) -> None:
    with refused(ready, "标题有201个字", UsageRefused):
        log(ready, NewActivity(ActivityKind.MEETING, TODAY, "长" * (TITLE_MOST + 1)))
    with refused(ready, "备注有2001个字", UsageRefused):
        log(ready, NewActivity(ActivityKind.MEETING, TODAY, "会", "长" * (NOTE_MOST + 1)))
    assert log(ready, NewActivity(ActivityKind.MEETING, TODAY, "长" * TITLE_MOST, "长" * NOTE_MOST))


def test_hostile_text_is_kept_plain(ready: Office) -> None:
    log(ready, NewActivity(ActivityKind.MEETING, TODAY, "=cmd|'/c'!A0\x07\n{{x}}\ud800 🙂", "一\n二\x1b[2J"))
    (row,) = listed(ready)
    assert (row.title, row.note) == ("=cmd|'/c'!A0 {{x}} 🙂", "一\n二[2J")


def test_of_several_rounds_one_must_be_named(ready: Office) -> None:
    take_in(ready, Line("1"), spec=RoundSpec("2021", "2021年整改", date(2021, 3, 25)))
    with refused(ready, "已有多个整改轮次", UsageRefused, cure="2023、2021"):
        log(ready)
    with refused(ready, "没有代码为“2020”的轮次", NotFound):
        log(ready, round_code="2020")
    log(ready, round_code="2021")
    log(ready, round_code="2023")
    assert [row.round_code for row in listed(ready)] == ["2023", "2021"]
    assert [row.round_code for row in listed(ready, "2021")] == ["2021"]


def test_without_a_ledger_there_is_no_round(crew: Office) -> None:
    with refused(crew, "还没有导入台账", NotFound):
        log(crew)


def test_what_cannot_be_withdrawn(ready: Office) -> None:
    number = log(ready)
    with refused(ready, "须写明理由"):
        take_back(ready, number, By("s1-a"))
    for unknown in (number + 1, 0, -1, 2**70):
        with refused(ready, f"没有编号为 {unknown} 的活动", NotFound):
            take_back(ready, unknown)
    take_back(ready, number)
    with refused(ready, f"活动{number}已经撤销"):
        take_back(ready, number)


def test_a_basis_is_kept_with_what_is_withdrawn(ready: Office) -> None:
    number = log(ready)
    with ready.handed_in([file_of(ready, "说明.pdf")]) as (basis,):
        take_back(ready, number, By("s1-a", reason="登错", basis=basis))
    assert stored(ready) == {basis.sha256}


@pytest.mark.parametrize("when", ["INSERT ON activity", "UPDATE ON activity"])
def test_a_failure_half_way_leaves_nothing(ready: Office, when: str) -> None:
    number = log(ready)
    before = contents(ready)
    break_on(ready, when)
    with pytest.raises(Exception, match="broken"):
        log(ready, NewActivity(ActivityKind.MEETING, TODAY, "调度")) if "INSERT" in when else take_back(ready, number)
    assert contents(ready) == before


def test_a_stand_in_of_the_group_may_and_is_named(ready: Office) -> None:
    with ready.acting(TODAY) as (session, ground):
        appoint_stand_in(session, ground, By("g1-a", reason="出差"), "G1", "D2", Term(TODAY, TODAY))
    log(ready, by=By("d2-a"))
    assert last_payload(ready)["stand_in"] == "D2"
    with pytest.raises(ActionRefused):
        log(ready, NewActivity(ActivityKind.MEETING, TODAY, "调度"), By("d2-a"), on=TODAY + timedelta(days=1))
