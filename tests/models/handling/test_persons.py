"""Stand-ins appointed for a time and single-person exceptions: who may decide them, for how long, and what is kept."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session

from flows.office import Office
from models.directory import StandIn
from models.errors import ActionRefused, DubanError, NotFound, UsageRefused
from models.handling.assignment import accept, assign
from models.handling.case import By
from models.handling.facts import exception_for
from models.handling.persons import Term, appoint_stand_in, end_exception, end_stand_in, grant_exception
from models.handling.supervision_check import pass_check
from models.store import board
from models.store.board import ExceptionRow
from tests.handling_fixtures import (
    CREW,
    GENERAL,
    HEAD,
    Line,
    act,
    actions,
    break_on,
    contents,
    file_of,
    hand_out,
    heard,
    last_event,
    on_paper,
    refused,
    report,
    small_office,
    stored,
    take_in,
)
from tests.offices import replaced

DAY = date(2023, 4, 3)
LAST = date(2023, 4, 7)
TERM = Term(DAY, LAST)
AWAY, SHORT = By("g1-a", reason="出差"), By("h1-a", reason="人手不足")
BACK = By("g1-a", reason="提前返岗")
FOR_GOOD = Term(DAY, None)


def appoint(office: Office, by: By = AWAY, absent: str = "D1", stand_in: str = "D2", term: Term = TERM) -> StandIn:
    with office.acting(DAY) as (session, ground):
        return appoint_stand_in(session, ground, by, absent, stand_in, term)


def grant(office: Office, by: By = SHORT, person: str = "jack", term: Term = TERM) -> None:
    with office.acting(DAY) as (session, ground):
        grant_exception(session, ground, by, person, term)


def end(office: Office, on: date, by: By = HEAD, person: str = "jack") -> int:
    with office.acting(on) as (session, ground):
        return end_exception(session, ground, by, person)


def take_back(office: Office, on: date, by: By = BACK, absent: str = "D1") -> int:
    with office.acting(on) as (session, ground):
        return end_stand_in(session, ground, by, absent)


def receiver(office: Office, code: str, on: date) -> str | None:
    found = office.directory.receiver(code, on)
    return found.code if found else None


def leave_of(office: Office, on: date, person: str = "jack") -> int | None:
    """The exception that holds for a person on a day, by its number."""
    with office.store.reading() as connection, Session(connection) as session:
        found = exception_for(session, person, on)
        return found.id if found else None


def exceptions(office: Office, on: date | None = None) -> list[ExceptionRow]:
    with office.store.reading() as connection:
        return board.exceptions(connection, on)


def record_of(office: Office) -> tuple[object, ...]:
    """The last event that is about no measure."""
    *_, last = (row for row in contents(office)["event"] if row[3] not in ("directory_changed",))
    return last


# --- Stand-ins


def test_a_stand_in_acts_and_receives_for_the_days_given(crew: Office) -> None:
    take_in(crew, Line("1"), Line("2"))
    for no in ("1", "2"):
        hand_out(crew, no, DAY)
    assert appoint(crew) == StandIn("D2", DAY, LAST)
    receivers = {}
    for day in (date(2023, 4, 2), DAY, LAST, date(2023, 4, 8)):
        found = crew.directory.receiver("D1", day)
        receivers[day] = found.code if found else None
    assert list(receivers.values()) == ["D1", "D2", "D2", "D1"]
    act(crew, LAST, accept, "1", By("d2-a"))
    assert last_event(crew).payload == {"stand_in": "D2"}
    with refused(crew, "与该措施无关的一方"):
        act(crew, date(2023, 4, 8), accept, "2", By("d2-a"))


def test_an_appointment_is_one_event_with_its_reason(crew: Office) -> None:
    appoint(crew, By("d1-a", reason="培训"), "单位D1", "单位D2")
    assert actions(crew) == ["stand_in"]
    row = record_of(crew)
    assert {"stand_in", "d1-a", "D1"} <= set(row)
    payload = '{"party":"D1","reason":"培训","since":"2023-04-03","stand_in":"D2","until":"2023-04-07"}'
    assert payload in row


def test_the_later_of_two_appointments_counts(crew: Office) -> None:
    appoint(crew)
    appoint(crew, stand_in="D4")
    found = crew.directory.receiver("D1", DAY)
    assert found
    assert found.code == "D4"


def test_who_stands_in_for_the_unit_is_still_bound_by_what_they_handed_in(crew: Office) -> None:
    """The unit stands in for supervision: its people may check what colleagues handed in, nobody their own."""
    take_in(crew, Line("1"))
    hand_out(crew, "1", DAY)
    report(crew, DAY, file_of(crew))
    appoint(crew, absent="S1", stand_in="D1")
    with refused(crew, "本周期的自查或佐证由您上报"):
        act(crew, DAY, pass_check, "1", By("d1-a"))
    act(crew, DAY, pass_check, "1", By("d1-b"))
    assert (last_event(crew).party, last_event(crew).payload) == ("S1", {"stand_in": "D1"})


@pytest.mark.parametrize(
    ("by", "absent", "stand_in", "term", "error", "why"),
    [
        pytest.param(AWAY, "X9", "D2", TERM, NotFound, "通讯录中没有“X9”", id="nobody is absent"),
        pytest.param(AWAY, "D1", "X9", TERM, NotFound, "通讯录中没有“X9”", id="nobody stands in"),
        pytest.param(AWAY, "D1", "D1", TERM, UsageRefused, "单位D1不能由自己代办", id="itself"),
        pytest.param(
            AWAY,
            "D1",
            "D2",
            Term(DAY, date(2023, 4, 2)),
            UsageRefused,
            "截止日 2023-04-02 早于起始日",
            id="turned round",
        ),
        pytest.param(
            AWAY, "D1", "D2", Term(date(2023, 3, 27), date(2023, 4, 2)), UsageRefused, "早于办理日期", id="over already"
        ),
        pytest.param(By("g1-a"), "D1", "D2", TERM, ActionRefused, "须写明理由", id="no reason"),
        pytest.param(
            By("d2-a", reason="想代"),
            "D1",
            "D2",
            TERM,
            ActionRefused,
            "“安排代办”应由综合组本人办理",
            id="who would stand in",
        ),
        pytest.param(
            By("gone", reason="走了"), "D1", "D2", TERM, ActionRefused, "“安排代办”应由综合组本人办理", id="who left"
        ),
        pytest.param(By("nobody", reason="?"), "D1", "D2", TERM, NotFound, "没有代码为“nobody”", id="a stranger"),
    ],
)
def test_appointments_that_are_refused(
    crew: Office, by: By, absent: str, stand_in: str, term: Term, error: type[DubanError], why: str
) -> None:
    with refused(crew, why, error):
        appoint(crew, by, absent, stand_in, term)


def test_a_stand_in_without_an_end_is_none(crew: Office) -> None:
    with refused(crew, "代办须写明截止日", UsageRefused, cure="--until"):
        appoint(crew, term=FOR_GOOD)


@pytest.mark.parametrize(
    ("absent", "by"),
    [
        pytest.param("D1", By("d2-a", reason="再代几日"), id="for whom they stand in"),
        pytest.param("D1", By("d2-a", "D1", "再代几日"), id="for whom they stand in, in so many words"),
        pytest.param("G1", By("d2-a", reason="再代几日"), id="for the general group"),
        pytest.param("G1", By("d2-a", "G1", "再代几日"), id="for the general group, in so many words"),
        pytest.param("H1", By("d2-a", "H1", "再代几日"), id="for the head"),
    ],
)
def test_who_stands_in_does_not_decide_who_stands_in(crew: Office, absent: str, by: By) -> None:
    """Nor takes it back. D2 stands in for them all."""
    for away, appointed_by in (("D1", AWAY), ("G1", AWAY), ("H1", SHORT)):
        appoint(crew, appointed_by, away)
    longer = Term(DAY, date(2023, 12, 29))
    for person_away in (absent, "D3"):
        with refused(crew, "“安排代办”应由"):
            appoint(crew, by, person_away, "D4", longer)
    with refused(crew, "“终止代办”应由"):
        take_back(crew, DAY, by, absent)


def test_what_a_stand_in_is_themselves_they_still_decide(crew: Office) -> None:
    """G1 stands in for D2, and appoints as the general group that it is."""
    appoint(crew, absent="D2", stand_in="G1")
    appoint(crew, AWAY, "D2", "D4")
    assert receiver(crew, "D2", DAY) == "D4"
    assert "G1" in record_of(crew)


@pytest.mark.parametrize("by", [AWAY, By("s1-a", reason="出差"), By("jack", "G1", "出差")])
def test_for_the_head_only_the_head_appoints(crew: Office, by: By) -> None:
    with refused(crew, "“安排代办”应由组长本人办理"):
        appoint(crew, by, "H1", "L1")
    appoint(crew, SHORT, "H1", "L1")
    assert receiver(crew, "H1", DAY) == "L1"
    with refused(crew, "“终止代办”应由组长本人办理"):
        take_back(crew, DAY, by, "H1")
    assert take_back(crew, DAY, By("h1-b", reason="返岗"), "H1") == 1


# --- Taking a stand-in back


def test_taken_back_a_stand_in_neither_receives_nor_acts_from_that_day(crew: Office) -> None:
    take_in(crew, Line("1"), Line("2"), Line("3"))
    appoint(crew)
    for no in ("1", "2"):
        act(crew, DAY, assign, no, GENERAL)
    act(crew, DAY, accept, "1", By("d2-a"))
    assert take_back(crew, date(2023, 4, 6)) == 1
    assert [receiver(crew, "D1", date(2023, 4, day)) for day in (3, 4, 6, 7)] == ["D2", "D2", "D1", "D1"]
    with refused(crew, "与该措施无关的一方"):
        act(crew, date(2023, 4, 6), accept, "2", By("d2-a"))
    act(crew, date(2023, 4, 6), assign, "3", GENERAL)
    assert "D1" in heard(crew, "3")
    act(crew, date(2023, 4, 6), accept, "2", By("d1-a"))
    assert "stand_in" not in last_event(crew, "2").payload


def test_taking_back_is_one_event_with_its_reason(crew: Office) -> None:
    appoint(crew)
    take_back(crew, date(2023, 4, 4), By("d1-b", reason="提前返岗"), "单位D1")
    assert actions(crew) == ["stand_in", "stand_in_ended"]
    row = record_of(crew)
    assert {"stand_in_ended", "d1-b", "D1", '{"party":"D1","reason":"提前返岗"}'} <= set(row)


def test_taken_back_on_its_first_day_it_never_was(crew: Office) -> None:
    appoint(crew)
    take_back(crew, DAY)
    assert receiver(crew, "D1", DAY) == "D1"
    appoint(crew, stand_in="D4")
    assert receiver(crew, "D1", DAY) == "D4"


def test_all_terms_to_come_are_taken_back_together_and_others_left(crew: Office) -> None:
    appoint(crew, term=Term(date(2023, 4, 10), date(2023, 4, 14)))
    appoint(crew, stand_in="D4")
    appoint(crew, absent="L1", stand_in="L2")
    assert take_back(crew, date(2023, 4, 4)) == 2
    days = [date(2023, 4, day) for day in (3, 4, 7, 10, 14)]
    assert [receiver(crew, "D1", day) for day in days] == ["D4", "D1", "D1", "D1", "D1"]
    assert receiver(crew, "L1", date(2023, 4, 4)) == "L2"


def test_where_no_term_runs_there_is_nothing_to_take_back(crew: Office) -> None:
    why = "单位D1没有用命令安排的、生效中的代办"
    with refused(crew, why, NotFound):
        take_back(crew, DAY)
    appoint(crew)
    with refused(crew, why, NotFound):
        take_back(crew, date(2023, 4, 8))
    with refused(crew, "通讯录中没有“X9”", NotFound):
        take_back(crew, DAY, absent="X9")
    take_back(crew, date(2023, 4, 4))
    with refused(crew, why, NotFound):
        take_back(crew, date(2023, 4, 4))


def test_what_the_directory_says_is_not_taken_back_by_command(tmp_path: Path) -> None:
    found = replaced(CREW, "D1", stand_ins=(StandIn("D2", DAY, LAST),))
    with small_office(tmp_path, found) as office:
        with office.acting(DAY):
            """The directory comes into the tables."""
        with refused(office, "没有用命令安排的", NotFound, cure="directory.yaml"):
            take_back(office, DAY)
        appoint(office, stand_in="D4")
        assert take_back(office, DAY) == 1
        assert receiver(office, "D1", DAY) == "D2"


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (By("g1-a"), "须写明理由"),
        (By("g1-a", reason=" "), "须写明理由"),
        (By("d2-a", reason="不代了"), "“终止代办”应由综合组本人办理"),
        (By("gone", reason="走了"), "“终止代办”应由综合组本人办理"),
    ],
)
def test_who_takes_back_and_says_why(crew: Office, by: By, why: str) -> None:
    appoint(crew)
    with refused(crew, why):
        take_back(crew, DAY, by)


# --- Exceptions


def test_an_exception_is_the_heads_and_is_kept_with_its_paper(crew: Office) -> None:
    with on_paper(crew, By("h1-a", reason="人手不足", recorded_by="g1-a"), "批示.pdf") as by:
        grant(crew, by)
    (found,) = exceptions(crew)
    assert (found.person, found.granted_by, found.reason, found.since, found.until) == (
        "jack", "h1-a", "人手不足", TERM.since, TERM.until,
    )  # fmt: skip
    assert actions(crew) == ["single_person_exception"]
    assert len(stored(crew)) == 1


@pytest.mark.parametrize(("on", "holds"), [(date(2023, 4, 2), 0), (DAY, 1), (TERM.until, 1), (date(2023, 4, 8), 0)])
def test_it_holds_from_its_first_day_to_its_last(crew: Office, on: date, holds: int) -> None:
    grant(crew)
    assert len(exceptions(crew, on)) == holds


def test_ended_it_no_longer_holds_that_day(crew: Office) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", DAY)
    report(crew, DAY, by=By("jack", as_party="D1"))
    grant(crew)
    assert end(crew, date(2023, 4, 4)) == 1
    assert [len(exceptions(crew, on)) for on in (DAY, date(2023, 4, 4))] == [1, 0]
    assert actions(crew)[-1] == "single_person_exception_ended"
    with refused(crew, "由您上报"):
        act(crew, date(2023, 4, 4), pass_check, "1", By("jack", as_party="S1"))


def test_ended_on_its_first_day_it_never_held(crew: Office) -> None:
    grant(crew)
    end(crew, DAY)
    assert exceptions(crew, DAY) == []


def test_all_that_run_end_together(crew: Office) -> None:
    grant(crew)
    grant(crew, term=Term(date(2023, 5, 4), date(2023, 5, 31)))
    assert end(crew, date(2023, 4, 4)) == 2
    assert exceptions(crew, date(2023, 5, 4)) == []


def test_what_was_decided_under_an_exception_that_ended_stays(crew: Office) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", DAY)
    report(crew, DAY, by=By("jack", as_party="D1"))
    grant(crew)
    act(crew, DAY, pass_check, "1", By("jack", as_party="S1"))
    end(crew, DAY)
    assert last_event(crew).payload["single_person_exception"]["granted_by"] == "h1-a"


@pytest.mark.parametrize(
    ("by", "person", "term", "error", "why"),
    [
        (By("h1-a"), "jack", TERM, ActionRefused, "须写明理由"),
        (By("g1-a", reason="人手"), "jack", TERM, ActionRefused, "“设定单人例外”应由组长本人办理"),
        (By("jack", "D1", "人手"), "jack", TERM, ActionRefused, "“设定单人例外”应由组长本人办理"),
        (SHORT, "nobody", TERM, NotFound, "没有代码为“nobody”的经办人"),
        (SHORT, "jack", Term(DAY, date(2023, 4, 2)), UsageRefused, "早于起始日"),
        (SHORT, "jack", Term(date(2023, 3, 1), date(2023, 4, 2)), UsageRefused, "早于办理日期"),
        (By("h1-a", reason="人手", recorded_by="g1-a"), "jack", TERM, UsageRefused, "须附签批件"),
    ],
)
def test_exceptions_that_are_refused(
    crew: Office, by: By, person: str, term: Term, error: type[DubanError], why: str
) -> None:
    with refused(crew, why, error):
        grant(crew, by, person, term)


def test_only_the_head_ends_one_and_only_where_there_is_one(crew: Office) -> None:
    with refused(crew, "“jack”没有生效中的单人例外", NotFound):
        end(crew, DAY)
    grant(crew)
    with refused(crew, "“终止单人例外”应由组长本人办理"):
        end(crew, DAY, By("g1-a"))
    with refused(crew, "没有生效中的单人例外", NotFound):
        end(crew, date(2023, 4, 8))


def test_an_exception_without_an_end_holds_for_good(crew: Office) -> None:
    grant(crew, term=FOR_GOOD)
    (found,) = exceptions(crew)
    assert (found.since, found.until, found.ended_on) == (DAY, None, None)
    assert '"until"' not in str(record_of(crew))
    days = [date(2023, 4, 2), DAY, date(2033, 4, 3)]
    assert [len(exceptions(crew, on)) for on in days] == [0, 1, 1]
    assert [leave_of(crew, on) for on in days] == [None, 1, 1]
    take_in(crew, Line("1"))
    hand_out(crew, "1", DAY)
    report(crew, DAY, by=By("jack", as_party="D1"))
    done = act(crew, DAY, pass_check, "1", By("jack", as_party="S1"))
    assert done.notes[-1] == (
        "单人例外：jack一人兼办应当回避的事项，由组长（h1-a）准许，自2023-04-03起，理由：人手不足"
    )


def test_one_for_good_ends_on_the_day_it_is_ended(crew: Office) -> None:
    grant(crew, term=FOR_GOOD)
    assert end(crew, date(2024, 4, 3)) == 1
    (found,) = exceptions(crew)
    assert (found.until, found.ended_on) == (None, date(2024, 4, 3))
    days = [date(2024, 4, 2), date(2024, 4, 3), date(2033, 4, 3)]
    assert [len(exceptions(crew, on)) for on in days] == [1, 0, 0]
    assert [leave_of(crew, on) for on in days] == [1, None, None]


def test_ended_and_granted_again_the_same_day_it_holds(crew: Office) -> None:
    grant(crew)
    end(crew, DAY)
    assert (exceptions(crew, DAY), leave_of(crew, DAY)) == ([], None)
    grant(crew, By("h1-b", reason="仍缺人"))
    assert [(one.granted_by, one.ended_on) for one in exceptions(crew)] == [("h1-a", DAY), ("h1-b", None)]
    assert [one.granted_by for one in exceptions(crew, DAY)] == ["h1-b"]
    assert leave_of(crew, DAY) == 2
    assert end(crew, DAY) == 1


def test_of_several_that_hold_the_latest_is_the_one_that_is_named(crew: Office) -> None:
    grant(crew, term=FOR_GOOD)
    grant(crew, By("h1-b", reason="专项任务"))
    assert [leave_of(crew, on) for on in (DAY, LAST, date(2023, 4, 8))] == [2, 2, 1]
    assert leave_of(crew, DAY, "solo") is None


@pytest.mark.parametrize("by", [SHORT, By("jack", "H1", "人手不足"), By("jack", reason="人手不足")])
def test_nobody_grants_an_exception_to_themselves(crew: Office, by: By) -> None:
    with refused(crew, "不能为自己设定单人例外", cure="另一位经办人"):
        grant(crew, by, by.person)
    grant(crew, By("h1-b", reason="人手不足"), by.person)
    assert leave_of(crew, DAY, by.person) == 1


@pytest.mark.parametrize("by", [By("d2-a", reason="人手"), By("d2-a", "H1", "人手")])
def test_who_stands_in_for_the_head_grants_no_exception_and_ends_none(crew: Office, by: By) -> None:
    appoint(crew, SHORT, "H1", "D2")
    with refused(crew, "“设定单人例外”应由组长本人办理"):
        grant(crew, by)
    grant(crew)
    with refused(crew, "“终止单人例外”应由组长本人办理"):
        end(crew, DAY, by)


# --- Papers


def appoint_for_head(office: Office, by: By) -> None:
    appoint(office, by, "H1", "L1")


@pytest.mark.parametrize(
    ("when", "decide"),
    [
        ("INSERT ON event", grant),
        ("INSERT ON event", appoint_for_head),
        ("INSERT ON singlepersonexception", grant),
        ("INSERT ON standinterm", appoint_for_head),
    ],
)
def test_a_decision_that_fails_leaves_neither_rows_nor_its_paper(
    crew: Office, when: str, decide: Callable[[Office, By], None]
) -> None:
    with crew.acting(DAY):
        """The directory comes into the tables."""
    break_on(crew, when)
    before = contents(crew)
    with (
        on_paper(crew, By("h1-a", reason="人手不足", recorded_by="g1-a"), "批示.pdf") as by,
        pytest.raises(Exception, match="broken"),
    ):
        decide(crew, by)
    assert contents(crew) == before
    assert stored(crew) == set()


def test_the_paper_of_a_stand_in_is_kept_with_it(crew: Office) -> None:
    with on_paper(crew, By("h1-a", reason="出差", recorded_by="g1-a"), "批示.pdf") as by:
        appoint_for_head(crew, by)
        assert by.basis
        assert stored(crew) == {by.basis.sha256}
