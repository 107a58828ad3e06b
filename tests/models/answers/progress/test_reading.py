"""Every figure and rate of a lived-in office, counted again by SQL that knows nothing of the code that counts."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from sqlalchemy import text

from flows.office import Office
from models.answers.progress.reading import progress
from models.answers.progress.values import MeasureProgress, Progress, TurnKind
from models.errors import NotFound, UsageRefused
from models.handling.case import By
from models.handling.follow_up import reopen
from models.handling.rectification import report_progress
from models.lifecycle import State
from models.rates import RateFormula
from tests.handling_fixtures import UNIT, Line, act, bring_to, on_paper, take_in
from tests.models.answers.progress.lived_in import SUSTAINED, TODAY


@pytest.fixture(scope="module")
def office(lived_in_office: Office) -> Office:
    return lived_in_office


@pytest.fixture(scope="module")
def found(office: Office) -> Progress:
    with office.store.reading() as connection:
        return progress(connection, "2023", TODAY, office.calendar)


def measure(found: Progress, no: str) -> MeasureProgress:
    return next(one for one in found.measures if one.no == no)


# --- Counted again

DONE = "m.state IN ('closed', 'following_up')"
OPEN = "m.state NOT IN ('closed', 'following_up', 'withdrawn')"
LIMIT = "FROM deadline d WHERE d.measure_id = m.id AND d.stage = 'complete'"


def of_measures(condition: str) -> str:
    return (
        "SELECT count(*) FROM measure m JOIN round r ON r.id = m.round_id"
        f" WHERE r.code = '2023' AND m.state <> 'withdrawn' AND ({condition})"
    )


def happened(*actions: str, more: str = "1") -> str:
    """That the record has one of these events of a measure."""
    named = ", ".join(f"'{action}'" for action in actions)
    return f"FROM event e WHERE e.measure_id = m.id AND e.action IN ({named}) AND {more}"


def times(*actions: str, more: str = "1") -> str:
    return (
        f"SELECT coalesce(sum((SELECT count(*) {happened(*actions, more=more)})), 0) FROM measure m"
        " WHERE m.round_id = (SELECT id FROM round WHERE code = '2023') AND m.state <> 'withdrawn'"
    )


def of_problems(condition: str) -> str:
    return (
        "SELECT count(*) FROM (SELECT sum(m.state <> 'withdrawn') AS counting,"
        f" sum(m.state <> 'withdrawn' AND NOT {DONE}) AS left_open FROM measure m JOIN feedbackproblem f"
        " ON f.id = m.problem_id JOIN round r ON r.id = f.round_id WHERE r.code = '2023' GROUP BY f.id)"
        f" WHERE {condition}"
    )


DOCUMENTS = f"""
WITH held AS (
  SELECT m.id AS measure, e.id, e.kind, e.name, e.sha256,
         {DONE} AND e.event_seq <= (
           SELECT max(x.seq) FROM event x WHERE x.measure_id = m.id
           AND (x.action = 'approve' AND x.to_state <> 'under_review' OR x.action = 'follow_up_check')) AS passed
  FROM evidence e JOIN cycle y ON y.id = e.cycle_id JOIN measure m ON m.id = y.measure_id
  JOIN round r ON r.id = m.round_id
  WHERE r.code = '2023' AND m.state <> 'withdrawn' AND y.n = (SELECT max(n) FROM cycle WHERE measure_id = m.id)
), newest AS (
  SELECT * FROM held h WHERE NOT EXISTS (
    SELECT 1 FROM held o WHERE o.measure = h.measure AND o.kind = h.kind AND o.name = h.name AND o.id > h.id
    AND o.passed = h.passed)
), accepted AS (SELECT DISTINCT kind, sha256 FROM newest WHERE passed),
pending AS (SELECT DISTINCT kind, sha256 FROM newest EXCEPT SELECT kind, sha256 FROM accepted),
earlier AS (
  SELECT kind, sha256 FROM held EXCEPT SELECT kind, sha256 FROM accepted EXCEPT SELECT kind, sha256 FROM pending)
SELECT count(*) FROM """
OF_ROUND = "JOIN round r ON r.id = a.round_id WHERE r.code = '2023'"
ACTIVITIES = f"SELECT count(*) FROM activity a {OF_ROUND} AND a.withdrawn_seq IS NULL AND a.kind"
RETURNED, REOPENED = ("fail_check", "reject"), ("reopen", "fail_follow_up")
GRANTED = "json_extract(e.payload, '$.granted')"

RECOUNT = {
    "problems.all": of_problems("counting > 0"),
    "problems.completed": of_problems("counting > 0 AND left_open = 0"),
    "problems.open": of_problems("left_open > 0"),
    "problems.without_measure": of_problems("counting = 0"),
    "measures.all": of_measures("1"),
    "measures.withdrawn": of_measures("1").replace("<> 'withdrawn'", "= 'withdrawn'"),
    "measures.major": of_measures("m.major"),
    "measures.accepted": of_measures(DONE),
    "measures.class.not_sustained": of_measures("m.closure IN ('settled', 'mechanism')"),
    "measures.closed.all": of_measures(f"{DONE} AND m.closure IN ('settled', 'mechanism')"),
    "measures.closed.settled": of_measures(f"{DONE} AND m.closure = 'settled'"),
    "measures.closed.mechanism": of_measures(f"{DONE} AND m.closure = 'mechanism'"),
    "measures.sustained": of_measures(f"{DONE} AND m.closure = 'sustained'"),
    "measures.looked_back": of_measures("m.state = 'following_up' AND m.closure <> 'sustained'"),
    "measures.open.all": of_measures(OPEN),
    "measures.overdue": of_measures(
        f"EXISTS (SELECT 1 {LIMIT} AND d.stopped_on IS NULL AND d.held_on IS NULL AND d.due_on < '{TODAY}')"
    ),
    "measures.draft_overdue": of_measures(f"m.state = 'drafted' AND m.due_on < '{TODAY}'"),
    "measures.follow_up_overdue": of_measures(
        "EXISTS (SELECT 1 FROM deadline d WHERE d.measure_id = m.id AND d.stage = 'follow_up'"
        f" AND d.stopped_on IS NULL AND d.held_on IS NULL AND d.due_on < '{TODAY}')"
    ),
    "measures.undated": of_measures(f"{OPEN} AND m.due_on IS NULL AND NOT EXISTS (SELECT 1 {LIMIT})"),
    "measures.held": of_measures(
        "EXISTS (SELECT 1 FROM deadline d WHERE d.measure_id = m.id AND d.held_on <> '' AND d.stopped_on IS NULL)"
    ),
    "measures.returned": of_measures(f"EXISTS (SELECT 1 {happened(*RETURNED)})"),
    "measures.extended": of_measures(f"EXISTS (SELECT 1 {happened('decide_extension', more=GRANTED)})"),
    "measures.new_limit": of_measures(f"EXISTS (SELECT 1 {happened('set_new_limit')})"),
    "measures.reopened": of_measures(f"EXISTS (SELECT 1 {happened(*REOPENED)})"),
    "times.returned": times(*RETURNED),
    "times.extended": times("decide_extension", more=GRANTED),
    "times.new_limit": times("set_new_limit"),
    "times.reopened": times(*REOPENED),
    "activities.all": f"{ACTIVITIES} <> ''",
    **{f"activities.{kind}": f"{ACTIVITIES} = '{kind}'" for kind in ("committee", "meeting", "hearing", "inspection")},
    **{
        f"measures.class.{name}": of_measures(f"m.closure = '{name}'") for name in ("settled", "mechanism", "sustained")
    },
    **{
        f"measures.open.{state}": of_measures(f"m.state = '{state}'")
        for state in ("drafted", "assigned", "in_progress", "self_checked", "verified", "under_review")
    },
    **{
        f"evidence.{kind}.{how}": f"{DOCUMENTS} {how} WHERE kind = '{kind}'"
        for kind in ("rule", "norm", "campaign")
        for how in ("accepted", "pending", "earlier")
    },
}
NEVER_HERE = {"evidence.campaign.earlier", "measures.draft_overdue", "measures.follow_up_overdue"}
"""The last two have a test of their own below."""


def test_every_figure_is_what_the_database_says(office: Office, found: Progress) -> None:
    assert found.figures.keys() == RECOUNT.keys()
    with office.store.reading() as connection:
        counted = {key: connection.scalar(text(statement)) for key, statement in RECOUNT.items()}
    assert {key: figure.value for key, figure in found.figures.items()} == counted
    assert {key for key, value in counted.items() if not value} == NEVER_HERE, (
        "a number that is never lived proves little"
    )


def test_every_rate_is_what_the_database_says(office: Office, found: Progress) -> None:
    divided = {
        RateFormula.WITH_SUSTAINED: (DONE, "1"),
        RateFormula.CLOSED_ONLY: (f"{DONE} AND m.closure <> 'sustained'", "1"),
        RateFormula.SUSTAINED_APART: (f"{DONE} AND m.closure <> 'sustained'", "m.closure <> 'sustained'"),
    }
    with office.store.reading() as connection:
        for formula, conditions in divided.items():
            done, of = (int(connection.scalar(text(of_measures(one))) or 0) for one in conditions)
            percent = (Decimal(done) * 100 / of).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert found.rates[formula].percent_zh == f"{percent}%"
            assert (found.rates[formula].done_count, found.rates[formula].of_count) == (done, of)
    assert [rate.zh for rate in found.rates.values()] == ["35.29%（6/17）", "23.53%（4/17）", "28.57%（4/14）"]


def test_the_numbers_are_those_counted_by_hand(found: Progress) -> None:
    """From the story in lived_in.py, for a reader who trusts neither SQL nor code."""
    rows = {key: [row.key for row in figure.rows] for key, figure in found.figures.items()}
    assert rows["measures.closed.settled"] == ["措施1"]
    assert rows["measures.closed.mechanism"] == ["措施2", "措施4", "措施12"]
    assert rows["measures.sustained"] == ["措施3", "措施18"]
    assert rows["measures.looked_back"] == ["措施12"]
    assert rows["measures.overdue"] == ["措施6", "措施17"]
    assert sorted(rows["measures.withdrawn"]) == ["措施13", "措施20", "措施9"]
    assert rows["times.returned"] == ["措施4第1次退回", "措施4第2次退回"]
    assert rows["problems.without_measure"] == ["问题6"]
    said = {key: [row.text for row in figure.rows] for key, figure in found.figures.items()}
    assert said["evidence.rule.accepted"] == [
        "财务制度.txt（措施1、措施2）", "学习制度.txt（措施3）", "采购制度.txt（措施4）", "第12号旧制度.txt（措施12）",
        "第18号新制度.txt（措施18）",
    ]  # fmt: skip
    assert said["evidence.rule.pending"] == ["学习制度二.txt（措施3）", "新制度.txt（措施7）"]
    assert said["evidence.norm.accepted"] == ["规范.txt（措施2）", "另一规范.txt（措施2）"]
    assert said["activities.meeting"] == ["2023-04-03 督办会：第一次meeting", "2023-06-14 督办会：第二次"]


# --- What is said of a measure


def test_dates_returns_and_follow_ups_of_a_measure(found: Progress) -> None:
    extended, new_limit, returned = (measure(found, no) for no in ("5", "6", "4"))
    assert (extended.due_on, extended.first_due_on, extended.extensions) == (date(2023, 6, 20), date(2023, 5, 31), 1)
    assert (new_limit.due_on, new_limit.overdue_days, new_limit.extensions) == (date(2023, 6, 12), 2, 0)
    assert [turn.kind for turn in new_limit.turns] == [TurnKind.NEW_LIMIT]
    assert (returned.returns, returned.closed_on) == (2, date(2023, 5, 12))
    assert [turn.reason for turn in returned.turned(TurnKind.RETURNED)] == ["佐证不足", "不够具体"]
    assert (measure(found, "12").next_follow_up, measure(found, "12").closed_on) == (
        date(2023, 11, 15),
        date(2023, 5, 10),
    )
    assert measure(found, "3").next_follow_up is None, "a report of it is being checked"
    held = measure(found, "10")
    assert (held.held, held.overdue_days, held.percent, held.progress) == (True, None, 60, "坚持中")
    assert (measure(found, "17").overdue_days, measure(found, "19").overdue_days) == (1, None)
    assert (measure(found, "16").due_on, measure(found, "16").unit, measure(found, "1").cooperating) == (
        None, "单位D1", ("单位D2",),
    )  # fmt: skip
    assert (measure(found, "1").statement, measure(found, "7").statement) == ("第1件已办", "")


def test_problems_stand_in_the_order_of_the_ledger(found: Progress) -> None:
    assert [(one.position, one.text, len(one.measures)) for one in found.problems] == [
        (1, "一", 3), (2, "二", 4), (3, "三", 4), (4, "四", 6), (5, "五", 2), (6, "六", 1),
    ]  # fmt: skip
    assert (found.round_code, found.round_name, found.ends_on) == ("2023", "2023年整改", date(2023, 6, 25))


def test_a_settled_round_of_before_has_its_own_numbers(office: Office) -> None:
    with office.store.reading() as connection:
        old = progress(connection, "2021", TODAY, office.calendar)
    assert old.rates[RateFormula.WITH_SUSTAINED].zh == "100.00%（1/1）"
    assert [one.title for one in old.activities] == ["旧轮次"]
    assert measure(old, "1").closed_on is None, "it was closed before duban knew it"


def test_the_round_must_be_clear_and_the_day_not_before_the_last_action(office: Office) -> None:
    with office.store.reading() as connection:
        with pytest.raises(UsageRefused, match="已有多个整改轮次"):
            progress(connection, None, TODAY, office.calendar)
        with pytest.raises(NotFound, match="2020"):
            progress(connection, "2020", TODAY, office.calendar)
        with pytest.raises(UsageRefused, match="已经办理或运行到 2023-06-14"):
            progress(connection, "2023", date(2023, 6, 13), office.calendar)


def test_overdue_is_counted_in_working_days(office: Office) -> None:
    """18 June 2023 is a Sunday."""
    with office.store.reading() as connection:
        found = progress(connection, "2023", date(2023, 6, 18), office.calendar)
    assert {one.no: one.overdue_days for one in found.measures if one.overdue_days is not None} == {"6": 4, "17": 3}
    assert not any(one.provisional for one in found.measures)


# --- A life of one measure


def read(office: Office, on: date) -> MeasureProgress:
    with office.store.reading() as connection:
        (found,) = progress(connection, None, on, office.calendar).measures
        return found


def test_what_an_earlier_cycle_said_is_not_said_of_the_present_one(crew: Office) -> None:
    day = date(2023, 4, 3)
    take_in(crew, Line("1", closure=SUSTAINED))
    bring_to(crew, State.IN_PROGRESS, day)
    act(crew, day, report_progress, "1", UNIT, "已完成", 100)
    assert (read(crew, day).percent, read(crew, day).progress) == (100, "已完成")
    bring_to(crew, State.FOLLOWING_UP, day)
    assert (read(crew, day).closed_on, len(read(crew, day).evidence)) == (day, 2)
    with on_paper(crew, By("s1-a", reason="反弹")) as by:
        act(crew, day, reopen, "1", by, date(2023, 7, 31))
    again = read(crew, day)
    assert (again.percent, again.progress, again.closed_on, again.evidence) == (None, "", None, ())
    assert (again.due_on, again.first_due_on) == (date(2023, 7, 31), date(2023, 7, 31))
    assert [turn.kind for turn in again.turns] == [TurnKind.REOPENED]


def test_a_draft_whose_limit_passed_is_counted_though_no_clock_runs(crew: Office) -> None:
    take_in(crew, Line("1", limit="2023年6月30日前"))
    days = [read(crew, date(2023, month, 3)) for month in (6, 7)]
    assert [(one.overdue_days, one.draft_overdue_days) for one in days] == [(None, None), (None, 1)]
    bring_to(crew, State.ASSIGNED, date(2023, 7, 3))
    assert (read(crew, date(2023, 7, 3)).draft_overdue_days, read(crew, date(2023, 7, 3)).overdue_days) == (None, 1)


def test_a_follow_up_that_was_not_reported_in_time_is_counted(crew: Office) -> None:
    """Due on 3 October 2023, in the holidays: after it people work from the 7th on, a Saturday."""
    take_in(crew, Line("1", closure=SUSTAINED))
    bring_to(crew, State.FOLLOWING_UP, date(2023, 4, 3))
    due = read(crew, date(2023, 4, 3)).next_follow_up
    assert due
    assert read(crew, due).follow_up_overdue_days is None
    late = read(crew, due + timedelta(days=7))
    assert (late.next_follow_up, late.follow_up_overdue_days) == (due, 4)
    with crew.store.reading() as connection:
        figures = progress(connection, None, due + timedelta(days=7), crew.calendar).figures
    assert (figures["measures.follow_up_overdue"].value, figures["measures.overdue"].value) == (1, 0)


def test_a_limit_beyond_the_announced_years_is_provisional(crew: Office) -> None:
    take_in(crew, Line("1", limit="2040年6月30日前"))
    assert not read(crew, date(2023, 4, 3)).provisional, "a draft has no clock"
    bring_to(crew, State.ASSIGNED, date(2023, 4, 3))
    assert read(crew, date(2023, 4, 3)).provisional
