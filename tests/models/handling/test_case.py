"""What every use case shares: which measure is meant, which version was seen, for whom a person acts, what is written.

`accept` stands for all of them here; what each does alone is tested in a file of its own.
"""

from datetime import date

import pytest
from sqlmodel import Session

from flows.office import Office
from models import record
from models.errors import ActionRefused, NotFound, StaleVersion, UsageRefused
from models.handling.assignment import accept, assign
from models.handling.case import By, Done, find_measure
from models.handling.importing import RoundSpec
from models.lifecycle import Action, State
from models.tables.core import DEADLINE
from tests.handling_fixtures import (
    Line,
    contents,
    events_of,
    hand_out,
    measure,
    state_of,
    take_in,
)

MONDAY, TUESDAY = date(2023, 3, 27), date(2023, 3, 28)
LATER_ROUND = RoundSpec("2024", "2024年整改", date(2024, 3, 25))


@pytest.fixture
def assigned(office: Office) -> Office:
    take_in(office, Line("1"))
    hand_out(office, "1", MONDAY)
    return office


def act(office: Office, by: By, no: str = "1") -> Done:
    with office.acting(TUESDAY) as (session, ground):
        return accept(session, ground, no, by)


def found_text(office: Office, no: str) -> str:
    with office.store.reading() as connection, Session(connection) as session:
        return find_measure(session, no).text


# --- Which measure


@pytest.mark.parametrize(
    "no", ["", " ", "2", "01", "1 ", "１", "/1", "2023/", "2023/2", "2022/1", "2023/1/", "/", "//"]
)
def test_a_number_is_taken_as_the_ledger_writes_it(assigned: Office, no: str) -> None:
    with pytest.raises(NotFound) as refusal:
        found_text(assigned, no)
    assert refusal.value.zh == f"没有编号为“{no}”的措施。"
    assert "duban measures" in refusal.value.cure


def test_a_number_of_two_rounds_must_say_which(office: Office) -> None:
    take_in(office, Line("1", text="前一轮"), Line("2", text="只有前一轮"))
    take_in(office, Line("1", text="后一轮"), spec=LATER_ROUND)
    with pytest.raises(UsageRefused) as refusal:
        found_text(office, "1")
    assert refusal.value.zh == "有2个轮次用了编号“1”。"
    assert "2023/1" in refusal.value.cure
    assert [found_text(office, no) for no in ("2023/1", "2024/1", "2")] == ["前一轮", "后一轮", "只有前一轮"]


def test_numbers_may_hold_a_slash(office: Office) -> None:
    take_in(office, Line("1/2", text="一之二"), Line("1", text="一"), Line("2", text="二"))
    assert [found_text(office, no) for no in ("1/2", "2023/1/2", "2023/2")] == ["一之二", "一之二", "二"]


def test_a_round_and_number_go_before_a_number_that_looks_like_them(office: Office) -> None:
    take_in(office, Line("1", text="第一条"), Line("2023/1", text="像轮次的编号"))
    assert [found_text(office, no) for no in ("2023/1", "2023/2023/1")] == ["第一条", "像轮次的编号"]


# --- Which version


@pytest.mark.parametrize("version", [0, 1, 3, -1])
def test_a_version_that_is_not_the_present_one_is_a_conflict(assigned: Office, version: int) -> None:
    before = contents(assigned)
    with pytest.raises(StaleVersion) as refusal:
        act(assigned, By("d1-a", version=version))
    assert (refusal.value.expected, refusal.value.found) == (version, 2)
    assert f"第{version}版，现在是第2版" in refusal.value.zh
    assert contents(assigned) == before


@pytest.mark.parametrize("version", [2, None])
def test_the_present_version_or_none_goes_through(assigned: Office, version: int | None) -> None:
    assert act(assigned, By("d1-a", version=version)).version == 3


def test_of_two_who_saw_the_same_version_the_first_acts(office: Office) -> None:
    take_in(office, Line("1"))
    hand_out(office, "1", MONDAY)
    act(office, By("d1-a", version=2))
    with pytest.raises(StaleVersion):
        act(office, By("d1-b", version=2))
    assert [event.person for event in events_of(office, "1")] == ["g1-a", "d1-a"]


def test_a_stale_version_is_told_before_what_the_rules_say(assigned: Office) -> None:
    with pytest.raises(StaleVersion):
        act(assigned, By("l1-a", version=1))


# --- For whom


def test_who_serves_two_parties_is_told_what_helps_most(office: Office) -> None:
    """For the unit they may not assign at all; for the general group they may, once there is a date."""
    take_in(office, Line("1", limit="待定"))
    with pytest.raises(ActionRefused, match="还没有确定完成时限"), office.acting(MONDAY) as (session, ground):
        assign(session, ground, "1", By("both"))


def test_a_choice_of_party_that_is_not_theirs_lists_theirs(assigned: Office) -> None:
    with pytest.raises(UsageRefused) as refusal:
        act(assigned, By("both", as_party="S1"))
    assert (refusal.value.zh, refusal.value.cure) == ("两处任职不属于“S1”。", "可代表：D1（单位D1）、G1（单位G1）。")


def test_a_held_measure_waits(assigned: Office) -> None:
    with assigned.store.writing() as connection:
        connection.execute(DEADLINE.update().values(held_on=MONDAY))
    with pytest.raises(ActionRefused, match="已挂起"):
        act(assigned, By("d1-a"))


# --- What is written


def test_done_says_what_there_is_now(assigned: Office) -> None:
    assert act(assigned, By("d1-a")) == Done("1", Action.ACCEPT, State.IN_PROGRESS, 3)
    assert (state_of(assigned, "1"), measure(assigned, "1").version) == (State.IN_PROGRESS, 3)


def test_a_reason_given_stands_in_the_event(assigned: Office) -> None:
    act(assigned, By("d1-a", reason="收到纸质交办单"))
    assert events_of(assigned, "1")[-1].payload == {"reason": "收到纸质交办单"}


def test_the_record_holds_together(assigned: Office) -> None:
    act(assigned, By("d1-a"))
    with assigned.store.reading() as connection:
        assert list(record.verify(connection)) == []
    days = [event.on_day for event in events_of(assigned, "1")]
    assert days == [MONDAY, TUESDAY]


def test_what_is_done_on_a_measure_happens_in_order(office: Office) -> None:
    take_in(office, Line("1"))
    hand_out(office, "1", TUESDAY)
    with (
        pytest.raises(ActionRefused, match=f"在 {TUESDAY} 已有办理，不能再按 {MONDAY} 办理"),
        office.acting(MONDAY) as (session, ground),
    ):
        accept(session, ground, "1", By("d1-a"))
    assert act(office, By("d1-a")).state is State.IN_PROGRESS
