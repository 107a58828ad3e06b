"""assign and accept: which clocks open and stop, on which days round the holidays of 2023, and who may do it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from flows.office import Office
from models.answers.desk import desk
from models.errors import ActionRefused, DubanError, NotFound, StaleVersion, UsageRefused
from models.handling.assignment import Filling, accept, assign
from models.handling.case import By
from models.handling.importing import import_ledger
from models.handling.reassignment import withdraw
from models.ledger.rows import LedgerReading
from models.lifecycle import ClosureClass, Role, Stage, State
from models.news import NewsKind
from models.tables import ClockOutcome
from tests.handling_fixtures import (
    GENERAL,
    SPEC,
    Line,
    act,
    actions,
    all_clocks_of,
    break_on,
    clocks_of,
    contents,
    cooperating,
    events_of,
    hand_out,
    measure,
    news_of,
    reading_of,
    refused,
    state_of,
    take_in,
)

MONDAY = date(2023, 3, 27)
UNIT = By("d1-a")


def accept_on(office: Office, no: str, on: date, by: By = UNIT) -> None:
    with office.acting(on) as (session, ground):
        accept(session, ground, no, by)


# --- assign: what a draft lacks


def draft_of(office: Office, *lines: Line) -> None:
    """Drafts that name nobody and have no date, as a notice gives them."""
    rows = reading_of(office, *(replace(line, limit="待定") for line in lines)).rows
    unnamed = LedgerReading(tuple(replace(row, unit="", lead="", limit_text="") for row in rows), (), ())
    with office.acting(MONDAY) as (session, ground):
        import_ledger(session, ground, unnamed, SPEC, "通报.txt")


JUNE = date(2023, 6, 30)


@pytest.mark.parametrize(
    ("due_on", "filling", "lacking"),
    [
        (None, Filling(), "责任单位、牵头领导、完成时限"),
        (JUNE, Filling(), "责任单位、牵头领导"),
        (None, Filling(unit="D1"), "牵头领导、完成时限"),
        (JUNE, Filling(lead="L1"), "责任单位"),
        (JUNE, Filling(unit="D1", cooperating=("D2",)), "牵头领导"),
    ],
)
def test_all_that_a_draft_lacks_is_named_at_once(
    office: Office, due_on: date | None, filling: Filling, lacking: str
) -> None:
    draft_of(office, Line("1"))
    with refused(office, f"该措施还没有确定{lacking}，不能交办", cure="用 --unit 写明责任单位"):
        act(office, MONDAY, assign, "1", GENERAL, due_on, filling)


def test_a_draft_without_a_date_only_is_asked_for_its_date(office: Office) -> None:
    draft_of(office, Line("1"))
    with refused(office, "该措施还没有确定完成时限", cure="交办时用 --due-on 写明日期。"):
        act(office, MONDAY, assign, "1", GENERAL, None, Filling(unit="D1", lead="L1"))


@pytest.mark.parametrize("names", [("D1", "L1", ("D2", "D3")), ("单位D1", "单位L1", ("单位D3", "D2", "D2"))])
def test_what_a_draft_lacks_is_filled_in_by_code_or_name(office: Office, names: tuple[str, str, Sequence[str]]) -> None:
    draft_of(office, Line("1"))
    unit, lead, helping = names
    filling = Filling(unit, lead, tuple(helping), ClosureClass.MECHANISM)
    act(office, MONDAY, assign, "1", GENERAL, JUNE, filling)
    found = measure(office, "1")
    assert (found.state, found.closure, found.due_on, found.version) == (
        State.ASSIGNED, ClosureClass.MECHANISM, JUNE, 2,
    )  # fmt: skip
    assert {stage: (clock.holder, clock.due_on) for stage, clock in clocks_of(office, "1").items()} == {
        Stage.ACCEPT: ("单位D1", date(2023, 3, 29)), Stage.COMPLETE: ("单位D1", JUNE),
    }  # fmt: skip
    assert {row.party for row in news_of(office, "1")} == {"D1", "D2", "D3", "L1"}
    payload = events_of(office, "1")[0].payload
    named = [party.removeprefix("单位") for party in dict.fromkeys(helping)]
    assert payload == {
        "due_on": "2023-06-30", "set_by_person": True,
        "filled": {"unit": "D1", "lead": "L1", "cooperating": list(dict.fromkeys(named)), "closure": "mechanism"},
    }  # fmt: skip


def test_the_head_may_be_named_as_lead(office: Office) -> None:
    draft_of(office, Line("1"))
    act(office, MONDAY, assign, "1", GENERAL, JUNE, Filling(unit="D1", lead="H1"))
    assert state_of(office, "1") is State.ASSIGNED


@pytest.mark.parametrize(
    ("filling", "why"),
    [
        (Filling(unit="D2"), "责任单位已由台账给出"),
        (Filling(lead="L1"), "牵头领导已由台账给出"),
        (Filling(cooperating=("D3",)), "配合单位已由台账给出"),
        (Filling(closure=ClosureClass.SUSTAINED), "销号类别已由台账给出"),
        (Filling("D2", "H1", ("D3",), ClosureClass.SUSTAINED), "责任单位、牵头领导、配合单位、销号类别已由台账给出"),
    ],
)
def test_what_the_ledger_gave_is_not_changed_by_assigning(office: Office, filling: Filling, why: str) -> None:
    take_in(office, Line("1", cooperating="D2"))
    with refused(office, why, cure="重新导入"):
        act(office, MONDAY, assign, "1", GENERAL, None, filling)


def test_cooperating_units_that_the_ledger_left_blank_may_be_named(office: Office) -> None:
    take_in(office, Line("1"))
    act(office, MONDAY, assign, "1", GENERAL, None, Filling(cooperating=("D2",)))
    assert cooperating(office, "1") == 1


@pytest.mark.parametrize(
    ("filling", "error", "why"),
    [
        (Filling(unit="D9"), NotFound, "通讯录中没有“D9”"),
        (Filling(unit="L1"), UsageRefused, "单位L1（L1）不是责任单位"),
        (Filling(lead="D1"), UsageRefused, "单位D1（D1）不是牵头领导或组长"),
        (Filling("D1", "L1", ("D2", "D1")), UsageRefused, "责任单位不能同时是配合单位"),
    ],
)
def test_who_is_filled_in_must_be_known_and_fit(
    office: Office, filling: Filling, error: type[DubanError], why: str
) -> None:
    draft_of(office, Line("1"))
    with refused(office, why, error):
        act(office, MONDAY, assign, "1", GENERAL, JUNE, filling)


def test_only_the_general_group_fills_in(office: Office) -> None:
    draft_of(office, Line("1"))
    with refused(office, "“交办”应由综合组办理"):
        act(office, MONDAY, assign, "1", UNIT, JUNE, Filling("D1", "L1"))


def test_what_was_assigned_is_filled_in_no_more(office: Office) -> None:
    take_in(office, Line("1"))
    hand_out(office, "1", MONDAY)
    with refused(office, "此时不能办理“交办”"):
        act(office, MONDAY, assign, "1", GENERAL, None, Filling(unit="D2"))


def test_a_draft_of_nobody_may_be_withdrawn(office: Office) -> None:
    draft_of(office, Line("1"))
    act(office, MONDAY, withdraw, "1", By("g1-a", reason="重复"))
    assert state_of(office, "1") is State.WITHDRAWN


def test_a_desk_says_what_a_draft_lacks(office: Office) -> None:
    draft_of(office, Line("1"))
    with office.acting(MONDAY) as (session, ground):
        (waiting,) = desk(session, ground, GENERAL)
    assert (waiting.actions, "责任单位、牵头领导、完成时限" in waiting.refusal) == ((), True)


# --- assign


@pytest.mark.parametrize(
    ("assigned_on", "accept_by", "at_once"),
    [
        # Two working days to accept, and five for an immediate limit, neither counting the day of assignment.
        pytest.param(date(2023, 3, 27), date(2023, 3, 29), date(2023, 4, 3), id="a plain Monday"),
        pytest.param(date(2023, 3, 31), date(2023, 4, 4), date(2023, 4, 10), id="over a weekend and Qingming"),
        pytest.param(date(2023, 4, 4), date(2023, 4, 7), date(2023, 4, 12), id="the day before Qingming, a Wednesday"),
        pytest.param(date(2023, 4, 21), date(2023, 4, 24), date(2023, 4, 27), id="a Sunday worked for Labour Day"),
        pytest.param(date(2023, 4, 28), date(2023, 5, 5), date(2023, 5, 9), id="Labour Day, and a Saturday worked"),
        pytest.param(date(2023, 4, 30), date(2023, 5, 5), date(2023, 5, 9), id="assigned on a holiday"),
        pytest.param(date(2023, 6, 21), date(2023, 6, 26), date(2023, 6, 29), id="Dragon Boat, and a Sunday worked"),
        pytest.param(
            date(2023, 9, 28), date(2023, 10, 8), date(2023, 10, 11), id="National Day, then a weekend worked"
        ),
    ],
)
def test_clocks_run_over_the_holidays(office: Office, assigned_on: date, accept_by: date, at_once: date) -> None:
    take_in(office, Line("1", limit="立行立改"))
    hand_out(office, "1", assigned_on)
    clocks = clocks_of(office, "1")
    assert {stage: clock.due_on for stage, clock in clocks.items()} == {
        Stage.ACCEPT: accept_by,
        Stage.COMPLETE: at_once,
    }
    assert measure(office, "1").due_on == at_once
    for clock in clocks.values():
        assert (clock.holder, clock.opened_on, clock.first_due_on) == ("单位D1", assigned_on, clock.due_on)
        assert (clock.stopped_on, clock.outcome) == (None, None)


@pytest.mark.parametrize(
    ("limit", "closure", "due_on"),
    [
        pytest.param("2023年6月30日前", "限时办结", date(2023, 6, 30), id="the ledger's date"),
        pytest.param("长期坚持", "长期坚持", date(2023, 6, 25), id="sustained: the round's end"),
        pytest.param("2023年3月1日前", "限时办结", date(2023, 3, 1), id="a date gone by is still the date"),
    ],
)
def test_the_completion_clock_takes_the_measures_date(office: Office, limit: str, closure: str, due_on: date) -> None:
    take_in(office, Line("1", limit=limit, closure=closure))
    hand_out(office, "1", MONDAY)
    assert clocks_of(office, "1")[Stage.COMPLETE].due_on == due_on


def test_assigning_is_one_event_that_says_the_date(office: Office) -> None:
    take_in(office, Line("1"), Line("2"))
    hand_out(office, "1", MONDAY)
    assert actions(office) == ["import", "assign"]
    (event,) = events_of(office, "1")
    assert (event.action, event.on_day, event.person, event.party) == ("assign", MONDAY, "g1-a", "G1")
    assert (event.from_state, event.to_state) == ("drafted", "assigned")
    assert event.payload == {"due_on": "2023-06-30"}
    assert (state_of(office, "1"), measure(office, "1").version) == (State.ASSIGNED, 2)
    assert (state_of(office, "2"), all_clocks_of(office, "2")) == (State.DRAFTED, [])


def test_a_measure_is_assigned_once(office: Office) -> None:
    take_in(office, Line("1"))
    hand_out(office, "1", MONDAY)
    before = contents(office)
    with pytest.raises(ActionRefused, match="现为“待签收”，自2023-03-27起由责任单位办理，此时不能办理“交办”"):
        hand_out(office, "1", MONDAY)
    assert contents(office) == before


# --- A limit that gives no date


def test_a_draft_without_a_date_waits_for_one(office: Office) -> None:
    take_in(office, Line("1", limit="待定"))
    before = contents(office)
    with pytest.raises(ActionRefused, match="没有确定完成时限"):
        hand_out(office, "1", MONDAY)
    assert contents(office) == before
    hand_out(office, "1", MONDAY, due_on=date(2023, 5, 4))
    assert measure(office, "1").due_on == date(2023, 5, 4)
    assert clocks_of(office, "1")[Stage.COMPLETE].due_on == date(2023, 5, 4)
    assert events_of(office, "1")[0].payload == {"due_on": "2023-05-04", "set_by_person": True}


@pytest.mark.parametrize(
    ("limit", "due_on", "why"),
    [
        pytest.param("2023年6月30日前", date(2023, 7, 31), "已由台账给出（2023年6月30日前）", id="the ledger gave one"),
        pytest.param("立行立改", date(2023, 7, 31), "已由台账给出（立行立改）", id="at once is a limit too"),
        pytest.param("待定", date(2023, 3, 26), "2023-03-26 早于交办日期 2023-03-27", id="a day gone by"),
    ],
)
def test_dates_that_a_person_may_not_set(office: Office, limit: str, due_on: date, why: str) -> None:
    take_in(office, Line("1", limit=limit))
    before = contents(office)
    with pytest.raises(ActionRefused, match=why):
        hand_out(office, "1", MONDAY, due_on=due_on)
    assert contents(office) == before


def test_the_day_of_assignment_itself_may_be_set(office: Office) -> None:
    take_in(office, Line("1", limit="待定"))
    hand_out(office, "1", MONDAY, due_on=MONDAY)
    assert clocks_of(office, "1")[Stage.COMPLETE].due_on == MONDAY


def test_a_date_that_the_ledger_left_in_doubt_may_be_set_right(office: Office) -> None:
    take_in(office, Line("1", limit="1月底前"))  # the reader presumes the January after the feedback
    assert measure(office, "1").due_on == date(2024, 1, 31)
    hand_out(office, "1", MONDAY, due_on=date(2023, 7, 31))
    assert clocks_of(office, "1")[Stage.COMPLETE].due_on == date(2023, 7, 31)


def test_a_date_set_by_somebody_who_may_not_assign_is_not_kept(office: Office) -> None:
    take_in(office, Line("1", limit="待定"))
    before = contents(office)
    with pytest.raises(ActionRefused, match="应由综合组办理"), office.acting(MONDAY) as (session, ground):
        assign(session, ground, "1", By("d1-a"), date(2023, 5, 4))
    assert contents(office) == before


@pytest.mark.parametrize(
    ("by", "error", "why"),
    [
        pytest.param(By("d1-a"), ActionRefused, "“交办”应由综合组办理", id="wrong role"),
        pytest.param(By("gone"), ActionRefused, "该经办人已停用", id="who left"),
        pytest.param(By("g1-a", version=7), StaleVersion, "您看到的是第7版，现在是第1版", id="stale version"),
        pytest.param(By("g1-a", "D1"), UsageRefused, "不能代表“D1”", id="for whom they cannot act"),
    ],
)
@pytest.mark.parametrize("limit", ["待定", "2023年6月30日前"], ids=["no date", "a date"])
@pytest.mark.parametrize("due_on", [date(2023, 5, 4), date(2023, 3, 1)], ids=["ahead", "gone by"])
def test_the_rules_are_asked_before_the_date(
    crew: Office, limit: str, due_on: date, by: By, error: type[DubanError], why: str
) -> None:
    """Whatever is wrong with the date that was given, who may not assign is told that."""
    take_in(crew, Line("1", limit=limit))
    with refused(crew, why, error):
        act(crew, MONDAY, assign, "1", by, due_on)


def test_a_measure_that_was_assigned_is_told_its_state_whatever_date_is_given(crew: Office) -> None:
    take_in(crew, Line("1"), Line("2", limit="待定"))
    hand_out(crew, "1", MONDAY)
    hand_out(crew, "2", MONDAY, date(2023, 5, 4))
    for no in ("1", "2"):
        for due_on in (date(2023, 3, 1), date(2023, 5, 4), date(2023, 7, 31)):
            with refused(crew, "现为“待签收”，自2023-03-27起由责任单位办理，此时不能办理“交办”"):
                act(crew, MONDAY, assign, no, By("g1-a"), due_on)


# --- Who hears


def test_those_concerned_hear_of_an_assignment_with_its_date(office: Office) -> None:
    take_in(office, Line("1", cooperating="D2"))
    with office.acting(MONDAY) as (session, ground):
        done = assign(session, ground, "1", By("g1-a"))
    assert done.told.told == ("单位D1", "单位D2", "单位L1")
    assert [(row.party, row.role, row.kind, row.due_on) for row in news_of(office)] == [
        ("D1", Role.UNIT, NewsKind.ASSIGNED, date(2023, 6, 30)),
        ("D2", Role.COOPERATING, NewsKind.ASSIGNED, date(2023, 6, 30)),
        ("L1", Role.LEAD, NewsKind.ASSIGNED, date(2023, 6, 30)),
    ]


def test_nobody_hears_of_an_acceptance(office: Office) -> None:
    take_in(office, Line("1"))
    hand_out(office, "1", MONDAY)
    accept_on(office, "1", MONDAY)
    assert news_of(office) == []


# --- accept


@pytest.mark.parametrize(
    ("accepted_on", "outcome"),
    [
        (date(2023, 4, 4), ClockOutcome.MET),
        (date(2023, 4, 7), ClockOutcome.MET),
        (date(2023, 4, 8), ClockOutcome.LATE),
        (date(2023, 4, 10), ClockOutcome.LATE),
    ],
)
def test_accepting_stops_that_clock_alone(office: Office, accepted_on: date, outcome: ClockOutcome) -> None:
    take_in(office, Line("1"), Line("2"))
    hand_out(office, "1", date(2023, 4, 4))
    hand_out(office, "2", date(2023, 4, 4))
    accept_on(office, "1", accepted_on)
    clocks = clocks_of(office, "1")
    assert (clocks[Stage.ACCEPT].stopped_on, clocks[Stage.ACCEPT].outcome) == (accepted_on, outcome)
    assert clocks[Stage.ACCEPT].due_on == date(2023, 4, 7)
    assert clocks[Stage.COMPLETE].stopped_on is None
    assert clocks_of(office, "2")[Stage.ACCEPT].stopped_on is None
    assert state_of(office, "1") is State.IN_PROGRESS


def test_accepting_is_one_event(office: Office) -> None:
    take_in(office, Line("1"))
    hand_out(office, "1", MONDAY)
    accept_on(office, "1", MONDAY)
    assert actions(office) == ["import", "assign", "accept"]
    event = events_of(office, "1")[-1]
    assert (event.action, event.person, event.party, event.from_state, event.to_state) == (
        "accept",
        "d1-a",
        "D1",
        "assigned",
        "in_progress",
    )


# --- Who may


@pytest.mark.parametrize(
    ("by", "why"),
    [
        pytest.param(By("d1-a"), "“交办”应由综合组办理，您现在代表的是责任单位", id="the unit"),
        pytest.param(By("d2-a"), "您现在代表的是与该措施无关的一方", id="another unit"),
        pytest.param(By("l1-a"), "您现在代表的是牵头领导", id="the lead"),
        pytest.param(By("s1-a"), "您现在代表的是督办组", id="supervision"),
        pytest.param(By("both", as_party="D1"), "您现在代表的是责任单位", id="one of two, who speaks for the unit"),
    ],
)
def test_only_the_general_group_assigns(office: Office, by: By, why: str) -> None:
    take_in(office, Line("1"))
    before = contents(office)
    with pytest.raises(ActionRefused, match=why), office.acting(MONDAY) as (session, ground):
        assign(session, ground, "1", by)
    assert contents(office) == before


@pytest.mark.parametrize(
    ("by", "why"),
    [
        pytest.param(By("g1-a"), "“签收”应由责任单位办理，您现在代表的是综合组", id="the general group"),
        pytest.param(By("d2-a"), "您现在代表的是配合单位", id="a unit that cooperates"),
        pytest.param(By("d3-a"), "您现在代表的是与该措施无关的一方", id="another unit"),
        pytest.param(By("l1-a"), "您现在代表的是牵头领导", id="the lead"),
        pytest.param(By("both", as_party="G1"), "您现在代表的是综合组", id="one of two, who speaks for the group"),
    ],
)
def test_only_the_unit_accepts(office: Office, by: By, why: str) -> None:
    take_in(office, Line("1", cooperating="D2"))
    hand_out(office, "1", MONDAY)
    before = contents(office)
    with pytest.raises(ActionRefused, match=why):
        accept_on(office, "1", MONDAY, by)
    assert contents(office) == before


def test_who_serves_two_parties_acts_for_the_one_that_may(office: Office) -> None:
    take_in(office, Line("1"))
    with office.acting(MONDAY) as (session, ground):
        assign(session, ground, "1", By("both"))
    accept_on(office, "1", MONDAY, By("both"))
    assert [(event.action, event.party) for event in events_of(office, "1")] == [("assign", "G1"), ("accept", "D1")]


@pytest.mark.parametrize(
    ("by", "error", "why"),
    [
        pytest.param(By("nobody"), NotFound, "没有代码为“nobody”的经办人", id="a stranger"),
        pytest.param(By(""), NotFound, "没有代码为“”的经办人", id="nobody at all"),
        pytest.param(By("g1-a", as_party="D1"), UsageRefused, "G1a不能代表“D1”", id="for a party not theirs"),
        pytest.param(By("g1-a", as_party="X9"), UsageRefused, "G1a不能代表“X9”", id="for a party that is not"),
        pytest.param(By("g1-a", version=2), StaleVersion, "您看到的是第2版，现在是第1版", id="of another version"),
    ],
)
def test_who_cannot_be_told_from_what_was_given(office: Office, by: By, error: type[Exception], why: str) -> None:
    take_in(office, Line("1"))
    before = contents(office)
    with pytest.raises(error, match=why), office.acting(MONDAY) as (session, ground):
        assign(session, ground, "1", by)
    assert contents(office) == before


# --- All or nothing


@pytest.mark.parametrize("when", ["INSERT ON cycle", "INSERT ON event", "UPDATE ON measure", "INSERT ON deadline"])
def test_a_failed_assignment_leaves_nothing(office: Office, when: str) -> None:
    take_in(office, Line("1", limit="待定"))
    break_on(office, when, "NEW.stage = 'complete'" if "deadline" in when else "1")
    before = contents(office)
    with pytest.raises(Exception, match="broken"):
        hand_out(office, "1", MONDAY, due_on=date(2023, 5, 4))
    assert contents(office) == before


@pytest.mark.parametrize("when", ["INSERT ON event", "UPDATE ON measure", "UPDATE ON deadline"])
def test_a_failed_acceptance_leaves_nothing(office: Office, when: str) -> None:
    take_in(office, Line("1"))
    hand_out(office, "1", MONDAY)
    break_on(office, when)
    before = contents(office)
    with pytest.raises(Exception, match="broken"):
        accept_on(office, "1", MONDAY)
    assert contents(office) == before


def test_what_goes_wrong_after_the_action_takes_it_back(office: Office) -> None:
    take_in(office, Line("1"))
    before = contents(office)
    with pytest.raises(RuntimeError, match="later"), office.acting(MONDAY) as (session, ground):
        assign(session, ground, "1", By("g1-a"))
        raise RuntimeError("later")
    assert contents(office) == before
