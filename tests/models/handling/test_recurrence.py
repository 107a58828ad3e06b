"""A recurring limit (每季度末) becomes follow-ups at its own times, before the policy's interval of six months."""

from datetime import date

import pytest

from flows.office import Office
from models.handling.assignment import assign
from models.handling.case import By
from models.handling.closure_review import open_review
from models.handling.follow_up import follow_up_check, follow_up_report, look_back
from models.lifecycle import ClosureClass, Stage, State
from models.timelimit import LimitKind
from tests.handling_fixtures import (
    GENERAL,
    SUPERVISION,
    UNIT,
    Line,
    act,
    bring_to,
    hand_out,
    last_event,
    measure,
    running,
    state_of,
    take_in,
)

QUARTERLY = Line("1", limit="每季度末", closure="")


def test_every_quarter_end_is_looked_back_on(office: Office) -> None:
    take_in(office, QUARTERLY)
    found = measure(office, "1")
    assert (found.closure, found.limit_kind, found.due_on) == (
        ClosureClass.SUSTAINED, LimitKind.RECURRING, date(2023, 3, 31),
    )  # fmt: skip
    hand_out(office, "1", date(2023, 3, 27))
    assert running(office)[Stage.COMPLETE] == date(2023, 3, 31)
    bring_to(office, State.FOLLOWING_UP, date(2023, 3, 31))
    for reported, checked, next_due in (
        (date(2023, 6, 29), date(2023, 6, 30), date(2023, 9, 30)),
        (date(2023, 9, 28), date(2023, 10, 9), date(2023, 12, 31)),
        (date(2023, 12, 29), date(2023, 12, 29), date(2023, 12, 31)),
    ):
        act(office, reported, follow_up_report, "1", UNIT, "仍在执行")
        done = act(office, checked, follow_up_check, "1", SUPERVISION)
        assert (done.notes, running(office)) == ((f"下次回头看时限：{next_due}。",), {Stage.FOLLOW_UP: next_due})
    assert state_of(office, "1") is State.FOLLOWING_UP


def test_a_review_is_told_how_often(office: Office) -> None:
    take_in(office, QUARTERLY)
    bring_to(office, State.VERIFIED, date(2023, 3, 28))
    assert act(office, date(2023, 3, 29), open_review, "1", SUPERVISION).notes == ("回头看间隔：每季度末。",)
    assert last_event(office).payload["interval"] == "每季度末"


def test_an_interval_that_people_set_goes_before(office: Office) -> None:
    take_in(office, QUARTERLY)
    bring_to(office, State.VERIFIED, date(2023, 3, 28))
    act(office, date(2023, 3, 28), open_review, "1", SUPERVISION, "3m")
    bring_to(office, State.FOLLOWING_UP, date(2023, 3, 28))
    assert running(office) == {Stage.FOLLOW_UP: date(2023, 6, 28)}


def test_one_that_does_not_recur_waits_for_the_interval_of_the_policy(office: Office) -> None:
    take_in(office, Line("1", limit="长期坚持", closure="长期坚持"))
    bring_to(office, State.FOLLOWING_UP, date(2023, 3, 28))
    assert running(office) == {Stage.FOLLOW_UP: date(2023, 9, 28)}


def test_a_closed_one_is_looked_back_on_when_it_comes_round(office: Office) -> None:
    take_in(office, Line("1", limit="每月5日前", closure="限时办结"))
    bring_to(office, State.CLOSED, date(2023, 3, 28))
    act(office, date(2023, 4, 5), look_back, "1", SUPERVISION)
    assert running(office) == {Stage.FOLLOW_UP: date(2023, 5, 5)}


@pytest.mark.parametrize(("limit", "due_on"), [("每季度末", date(2023, 6, 30)), ("2023年3月31日前", date(2023, 3, 31))])
def test_assigned_after_its_first_time_it_is_due_at_the_next(office: Office, limit: str, due_on: date) -> None:
    take_in(office, Line("1", limit=limit))
    act(office, date(2023, 4, 3), assign, "1", GENERAL)
    assert running(office)[Stage.COMPLETE] == due_on
    assert measure(office, "1").due_on == due_on


def test_a_time_that_is_today_is_not_too_late(office: Office) -> None:
    take_in(office, QUARTERLY)
    act(office, date(2023, 3, 31), assign, "1", By("g1-a"))
    assert running(office)[Stage.COMPLETE] == date(2023, 3, 31)
