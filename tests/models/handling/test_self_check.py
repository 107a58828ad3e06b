"""submit_self_check: the unit's clocks stop, the check's opens, and statement and evidence are kept for the cycle."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, select

from flows.office import Office
from models.errors import ActionRefused
from models.evidence import StoredFile, store_file
from models.handling import clocks
from models.handling.assignment import accept
from models.handling.case import By, Done, find_measure
from models.handling.self_check import submit_self_check
from models.lifecycle import Stage, State
from models.tables import ClockOutcome, Cycle, Deadline, Evidence
from tests.handling_fixtures import (
    Line,
    actions,
    all_clocks_of,
    break_on,
    clocks_of,
    contents,
    events_of,
    hand_out,
    state_of,
    take_in,
)

ASSIGNED = date(2023, 3, 27)
UNIT = By("d1-a")
PHOTO = StoredFile("a" * 64, "现场照片.jpg", 10)
MINUTES = StoredFile("b" * 64, "会议纪要.pdf", 20)


@pytest.fixture
def assigned(office: Office) -> Office:
    take_in(office, Line("1", limit="2023年4月28日前"))
    hand_out(office, "1", ASSIGNED)
    return office


def report(office: Office, on: date, *evidence: StoredFile, by: By = UNIT, statement: str = "制度已印发") -> Done:
    with office.acting(on) as (session, ground):
        return submit_self_check(session, ground, "1", by, statement, evidence)


def accepted(office: Office, on: date) -> None:
    with office.acting(on) as (session, ground):
        accept(session, ground, "1", By("d1-a"))


def cycle_of(office: Office) -> tuple[Cycle, list[str]]:
    with office.store.reading() as connection, Session(connection, expire_on_commit=False) as session:
        cycle = session.exec(select(Cycle)).one()
        names = session.exec(select(Evidence.name).where(Evidence.cycle_id == cycle.id)).all()
        session.expunge(cycle)
        return cycle, sorted(names)


def open_milestone(session: Session, office: Office, cycle: Cycle, due_on: date) -> Deadline:
    measure = find_measure(session, "1")
    new = clocks.NewClock(Stage.MILESTONE, measure.unit_id, due_on, ASSIGNED, 1, office.policy)
    return clocks.start(session, measure, cycle, new)


# --- Clocks


@pytest.mark.parametrize(
    ("reported_on", "check_by"),
    [
        pytest.param(date(2023, 4, 3), date(2023, 4, 11), id="over Qingming and a weekend"),
        pytest.param(date(2023, 4, 4), date(2023, 4, 12), id="the day before Qingming"),
        pytest.param(date(2023, 4, 21), date(2023, 4, 27), id="with a Sunday worked"),
        pytest.param(date(2023, 4, 28), date(2023, 5, 9), id="over Labour Day, with a Saturday worked"),
    ],
)
def test_supervision_has_five_working_days_to_check(assigned: Office, reported_on: date, check_by: date) -> None:
    accepted(assigned, ASSIGNED)
    report(assigned, reported_on)
    check = clocks_of(assigned, "1")[Stage.CHECK]
    assert (check.due_on, check.first_due_on, check.opened_on) == (check_by, check_by, reported_on)
    assert (check.holder, check.stopped_on) == ("单位S1", None)
    assert state_of(assigned, "1") is State.SELF_CHECKED


@pytest.mark.parametrize(
    ("reported_on", "outcome"),
    [
        (date(2023, 4, 27), ClockOutcome.MET),
        (date(2023, 4, 28), ClockOutcome.MET),
        (date(2023, 4, 29), ClockOutcome.LATE),
        (date(2023, 5, 4), ClockOutcome.LATE),
    ],
)
def test_completion_is_met_to_the_day_and_late_after_it(
    assigned: Office, reported_on: date, outcome: ClockOutcome
) -> None:
    accepted(assigned, date(2023, 3, 28))
    report(assigned, reported_on)
    found = clocks_of(assigned, "1")
    assert (found[Stage.COMPLETE].stopped_on, found[Stage.COMPLETE].outcome) == (reported_on, outcome)
    assert (found[Stage.ACCEPT].stopped_on, found[Stage.ACCEPT].outcome) == (date(2023, 3, 28), ClockOutcome.MET)


def test_reporting_without_having_accepted_stops_that_clock_too_each_by_its_own_date(assigned: Office) -> None:
    report(assigned, date(2023, 4, 10))
    found = clocks_of(assigned, "1")
    assert {stage: clock.outcome for stage, clock in found.items()} == {
        Stage.ACCEPT: ClockOutcome.LATE,  # was due on 29 March
        Stage.COMPLETE: ClockOutcome.MET,
        Stage.CHECK: None,
    }


def test_milestones_left_fall_away_and_those_reported_stay(assigned: Office) -> None:
    with assigned.acting(ASSIGNED) as (session, _):
        cycle = session.exec(select(Cycle)).one()
        due_days = (date(2023, 4, 10), date(2023, 4, 20))
        opened = [open_milestone(session, assigned, cycle, due_on) for due_on in due_days]
        opened[0].stopped_on, opened[0].outcome = date(2023, 4, 7), ClockOutcome.MET
    report(assigned, date(2023, 4, 21))
    milestones = [clock for clock in all_clocks_of(assigned, "1") if clock.stage is Stage.MILESTONE]
    assert [(clock.stopped_on, clock.outcome) for clock in milestones] == [
        (date(2023, 4, 7), ClockOutcome.MET),
        (date(2023, 4, 21), ClockOutcome.VOID),
    ]


def test_other_measures_keep_their_clocks(assigned: Office) -> None:
    take_in(assigned, Line("2"))
    hand_out(assigned, "2", ASSIGNED)
    report(assigned, date(2023, 4, 3))
    assert all(clock.stopped_on is None for clock in all_clocks_of(assigned, "2"))


# --- What is kept


def test_statement_submitter_and_evidence_belong_to_the_cycle(assigned: Office) -> None:
    done = report(assigned, date(2023, 4, 3), PHOTO, MINUTES, statement="  已整改，附纪要  ")
    cycle, names = cycle_of(assigned)
    assert (cycle.statement, cycle.submitted_by) == ("已整改，附纪要", "d1-a")
    assert names == ["会议纪要.pdf", "现场照片.jpg"]
    assert (done.no, done.state, done.version) == ("1", State.SELF_CHECKED, 3)
    event = events_of(assigned, "1")[-1]
    assert (event.person, event.party, event.from_state) == ("d1-a", "D1", "assigned")
    assert event.payload == {"statement": "已整改，附纪要", "evidence": [PHOTO.sha256, MINUTES.sha256]}


def test_it_is_one_event(assigned: Office) -> None:
    report(assigned, date(2023, 4, 3), PHOTO)
    assert actions(assigned) == ["import", "assign", "submit_self_check"]


def test_the_same_file_given_twice_is_kept_once(assigned: Office, tmp_path: Path) -> None:
    paths = [tmp_path / "甲.txt", tmp_path / "乙.txt"]
    for path in paths:
        path.write_text("同样的内容", encoding="utf-8")
    files = [store_file(path, assigned.settings.evidence) for path in paths]
    report(assigned, date(2023, 4, 3), *files)
    assert len(cycle_of(assigned)[1]) == 1
    assert events_of(assigned, "1")[-1].payload["evidence"] == [files[0].sha256]


def test_evidence_that_the_cycle_has_already_is_not_added_again(assigned: Office) -> None:
    with assigned.acting(ASSIGNED) as (session, _):
        cycle = session.exec(select(Cycle)).one()
        assert cycle.id
        session.add(Evidence(cycle_id=cycle.id, sha256=PHOTO.sha256, name="上次的照片.jpg", size=10))
    report(assigned, date(2023, 4, 3), PHOTO, MINUTES)
    assert cycle_of(assigned)[1] == ["上次的照片.jpg", "会议纪要.pdf"]


# --- What is refused


@pytest.mark.parametrize("statement", ["", " ", "\n\t", "　"])
def test_a_blank_statement_is_none(assigned: Office, statement: str) -> None:
    before = contents(assigned)
    with pytest.raises(ActionRefused, match="须写明整改情况"):
        report(assigned, date(2023, 4, 3), statement=statement)
    assert contents(assigned) == before


@pytest.mark.parametrize(
    ("by", "why"),
    [
        pytest.param(By("d2-a"), "与该措施无关的一方", id="another unit"),
        pytest.param(By("s1-a"), "您现在代表的是督办组", id="who is to check it"),
        pytest.param(By("g1-a"), "您现在代表的是综合组", id="the general group"),
    ],
)
def test_only_the_unit_reports(assigned: Office, by: By, why: str) -> None:
    before = contents(assigned)
    with pytest.raises(ActionRefused, match=why):
        report(assigned, date(2023, 4, 3), PHOTO, by=by)
    assert contents(assigned) == before


def test_a_draft_cannot_be_reported(office: Office) -> None:
    take_in(office, Line("1"))
    with pytest.raises(ActionRefused, match="现为“待交办”"):
        report(office, date(2023, 4, 3))


def test_it_is_reported_once(assigned: Office) -> None:
    report(assigned, date(2023, 4, 3), PHOTO)
    before = contents(assigned)
    with pytest.raises(ActionRefused, match="现为“待核查”"):
        report(assigned, date(2023, 4, 3), MINUTES)
    assert contents(assigned) == before


@pytest.mark.parametrize(
    "when", ["UPDATE ON cycle", "INSERT ON evidence", "INSERT ON event", "UPDATE ON deadline", "INSERT ON deadline"]
)
def test_a_failure_in_the_middle_leaves_nothing(assigned: Office, when: str) -> None:
    break_on(assigned, when)
    before = contents(assigned)
    with pytest.raises(Exception, match="broken"):
        report(assigned, date(2023, 4, 3), PHOTO)
    assert contents(assigned) == before
