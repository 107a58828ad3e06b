"""What every use case shares: which measure is meant, which version was seen, for whom a person acts, what is written.

`accept` stands for all of them here; what each does alone is tested in a file of its own.
"""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session

from flows.office import Office
from models import record
from models.directory import StandIn
from models.errors import ActionRefused, DubanError, NotFound, StaleVersion, UsageRefused
from models.handling.assignment import accept, assign
from models.handling.case import By, Done, find_measure
from models.handling.follow_up import look_back
from models.handling.holding import hold
from models.handling.importing import RoundSpec
from models.handling.rectification import report_progress
from models.lifecycle import Action, State
from tests.handling_fixtures import (
    CREW,
    Line,
    break_on,
    bring_to,
    contents,
    events_of,
    hand_out,
    last_event,
    measure,
    on_paper,
    refused,
    small_office,
    state_of,
    stored,
    take_in,
)
from tests.offices import replaced

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
    assert (refusal.value.zh, refusal.value.cure) == ("两处任职不能代表“S1”。", "可代表：D1（单位D1）、G1（单位G1）。")


def test_a_held_measure_waits(assigned: Office) -> None:
    with assigned.acting(MONDAY) as (session, ground):
        hold(session, ground, "1", By("s1-a", reason="等待批复"))
    with pytest.raises(ActionRefused, match="已挂起"):
        act(assigned, By("d1-a"))


# --- Who left, and who stands in


def test_who_was_disabled_acts_no_more(crew: Office) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", MONDAY)
    with refused(crew, "该经办人已停用，不能办理“签收”；如需恢复，请与综合组联系"):
        act(crew, By("gone"))


STANDING_IN = replaced(CREW, "D1", stand_ins=(StandIn("D2", TUESDAY, date(2023, 3, 29)),))
"""D2 stands in for D1 on Tuesday and Wednesday, as directory.yaml says."""


def test_a_stand_in_acts_in_the_others_place_and_the_record_says_so(tmp_path: Path) -> None:
    with small_office(tmp_path, STANDING_IN) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", MONDAY)
        act(office, By("d2-a"))
        event = last_event(office)
        assert (event.person, event.party, event.payload) == ("d2-a", "D1", {"stand_in": "D2"})


@pytest.mark.parametrize("on", [MONDAY, date(2023, 3, 30)], ids=["before", "after"])
def test_a_stand_in_is_one_for_their_days_only(tmp_path: Path, on: date) -> None:
    with small_office(tmp_path, STANDING_IN) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", MONDAY)
        with refused(office, "您现在代表的是与该措施无关的一方"), office.acting(on) as (session, ground):
            accept(session, ground, "1", By("d2-a"))


def test_the_absent_party_may_still_act_itself(tmp_path: Path) -> None:
    with small_office(tmp_path, STANDING_IN) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", MONDAY)
        act(office, By("d1-a"))
        assert last_event(office).payload == {}


def test_what_a_stand_in_is_themselves_goes_first(tmp_path: Path) -> None:
    """D2 helps with this measure; where both would do, they report progress as themselves."""
    with small_office(tmp_path, STANDING_IN) as office:
        take_in(office, Line("1", cooperating="D2"))
        hand_out(office, "1", MONDAY)
        act(office, By("d2-a"))
        with office.acting(TUESDAY) as (session, ground):
            report_progress(session, ground, "1", By("d2-a"), "进展", 10)
            report_progress(session, ground, "1", By("d2-a", as_party="D1"), "进展", 20)
        assert [(event.party, event.payload.get("stand_in")) for event in events_of(office, "1")[1:]] == [
            ("D1", "D2"), ("D2", None), ("D1", "D2"),
        ]  # fmt: skip


# --- Decided on paper, typed in by another


def test_who_typed_it_in_and_on_what_paper_stands_in_the_record(assigned: Office) -> None:
    with on_paper(assigned, By("d1-a", recorded_by="g1-a"), "签批件.pdf") as by:
        act(assigned, by)
    event = last_event(assigned)
    assert (event.person, event.party, event.payload["recorded_by"]) == ("d1-a", "D1", "g1-a")
    basis = event.payload["basis"]
    assert (basis["name"], basis["size"]) == ("签批件.pdf", 13)
    assert basis["sha256"] in stored(assigned)


def test_what_was_typed_in_for_another_needs_the_paper(assigned: Office) -> None:
    with refused(assigned, "代录他人签批的决定须附签批件", UsageRefused, "--basis"):
        act(assigned, By("d1-a", recorded_by="g1-a"))


@pytest.mark.parametrize(
    ("recorder", "error", "why"),
    [("nobody", NotFound, "没有代码为“nobody”的经办人"), ("gone", ActionRefused, "代录人已调离已停用")],
)
def test_who_types_must_be_somebody(crew: Office, recorder: str, error: type[DubanError], why: str) -> None:
    take_in(crew, Line("1"))
    hand_out(crew, "1", MONDAY)
    with refused(crew, why, error), on_paper(crew, By("d1-a", recorded_by=recorder)) as by:
        act(crew, by)


def test_the_rules_look_at_who_decided_not_at_who_typed(assigned: Office) -> None:
    with refused(assigned, "您现在代表的是督办组"), on_paper(assigned, By("s1-a", recorded_by="d1-a")) as by:
        act(assigned, by)


# --- What a refusal says


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.DRAFTED, "该措施现为“待交办”，此时不能办理“开展回头看”；您现在可以办理：交办。"),
        (
            State.ASSIGNED,
            "该措施现为“待签收”，自2023-03-27起由责任单位办理，此时不能办理“开展回头看”；"
            "现在可以办理：签收、自查上报（责任单位）。",
        ),
        (
            State.IN_PROGRESS,
            "该措施现为“整改中”，自2023-03-27起由责任单位办理，此时不能办理“开展回头看”；"
            "现在可以办理：自查上报（责任单位）。",
        ),
        (
            State.SELF_CHECKED,
            "该措施现为“待核查”，自2023-03-27起由督办组办理，此时不能办理“开展回头看”；"
            "现在可以办理：核查通过、退回整改（督办组）。",
        ),
        (
            State.VERIFIED,
            "该措施现为“待发起审核”，自2023-03-27起由督办组办理，此时不能办理“开展回头看”；"
            "现在可以办理：发起销号审核（督办组）。",
        ),
        (
            State.UNDER_REVIEW,
            "该措施现为“销号审核中”，自2023-03-27起由牵头领导办理，此时不能办理“开展回头看”；"
            "现在可以办理：同意销号、不予销号（牵头领导）。",
        ),
    ],
)
def test_a_wrong_state_says_since_when_with_whom_and_what_one_can_do(crew: Office, state: State, sentence: str) -> None:
    take_in(crew, Line("1"))
    if state is not State.DRAFTED:
        bring_to(crew, state, MONDAY)
    with refused(crew, f"措施1：{sentence}"), crew.acting(TUESDAY) as (session, ground):
        look_back(session, ground, "1", By("g1-a"))


def test_whose_turn_it_is_hears_what_they_can_do(crew: Office) -> None:
    take_in(crew, Line("1"))
    bring_to(crew, State.IN_PROGRESS, MONDAY)
    with refused(crew, "此时不能办理“签收”；您现在可以办理：自查上报。"):
        act(crew, By("d1-a"))


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


# --- Papers


@pytest.mark.parametrize(
    "when",
    ["INSERT ON event", "INSERT ON cycle", "INSERT ON deadline", "UPDATE ON measure", "INSERT ON news",
     "INSERT ON message"],
)  # fmt: skip
def test_a_paper_is_kept_only_after_everything_else_was_written(crew: Office, when: str) -> None:
    take_in(crew, Line("1"))
    break_on(crew, when)
    before = contents(crew)
    with (
        on_paper(crew, By("g1-a", reason="按会议意见", recorded_by="s1-a")) as by,
        pytest.raises(Exception, match="broken"),
        crew.acting(MONDAY) as (session, ground),
    ):
        assign(session, ground, "1", by)
    assert contents(crew) == before
    assert stored(crew) == set()


def test_once_everything_was_written_the_paper_is_there(crew: Office) -> None:
    take_in(crew, Line("1"))
    with on_paper(crew, By("g1-a", reason="按会议意见", recorded_by="s1-a")) as by:
        with crew.acting(MONDAY) as (session, ground):
            assign(session, ground, "1", by)
        assert by.basis
        assert stored(crew) == {by.basis.sha256}


def test_control_characters_are_neither_a_reason_nor_kept_in_one() -> None:
    assert By("d1-a", reason="\x07\u202e \u200b").reason == ""
    assert By("d1-a", reason=" 缺少\x1b[31m凭证\n见附件 ").reason == "缺少[31m凭证\n见附件"
