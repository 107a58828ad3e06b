"""import again: drafts follow their ledger, what people have decided since is left as it is, and nothing is deleted."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from flows.office import Office
from models.errors import LedgerRefused, StaleVersion
from models.handling.assignment import assign
from models.handling.case import By
from models.handling.drafting import RoundGround, follow
from models.handling.importing import MOST_RECORDED, Imported, import_ledger
from models.handling.reassignment import hand_over, withdraw
from models.ledger.content import Field
from models.ledger.difference import Way
from models.ledger.rows import LedgerReading
from models.lifecycle import ClosureClass, Stage, State
from models.store import board
from tests.handling_fixtures import (
    GENERAL,
    SPEC,
    Line,
    act,
    actions,
    all_clocks_of,
    bring_to,
    contents,
    cooperating,
    hand_out,
    measure,
    reading_of,
    running,
    state_of,
    take_in,
)

ASSIGNED_ON = date(2023, 3, 28)
LATER = date(2023, 4, 10)
ONE, TWO, THREE = Line("1"), Line("2", problem="作风不实", text="改作风"), Line("3", problem="作风不实", text="订制度")


Fields = Mapping[Field, tuple[object, object, Way]]


def found(imported: Imported) -> tuple[list[str], dict[str, Fields], int, list[str]]:
    """New, changed, unchanged and gone, by number."""
    difference = imported.difference
    changed: dict[str, Fields] = {
        one.known.no: {change.of: (change.old, change.new, change.way) for change in one.changes}
        for one in difference.changed
    }
    return [row.no for row in difference.new], changed, difference.unchanged, [one.no for one in difference.gone]


def last_payload(office: Office) -> dict[str, Any]:
    with office.store.reading() as connection:
        written = connection.exec_driver_sql("SELECT payload FROM event ORDER BY seq DESC LIMIT 1").scalar_one()
    payload: dict[str, Any] = json.loads(written)
    return payload


def texts_of_problems(office: Office) -> list[str]:
    with office.store.reading() as connection:
        return list(connection.exec_driver_sql("SELECT text FROM feedbackproblem ORDER BY position").scalars())


# --- The same file, and a changed one


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    take_in(office, ONE, TWO)
    hand_out(office, "1", ASSIGNED_ON)
    before = contents(office)
    assert found(take_in(office, ONE, TWO, on=LATER)) == ([], {}, 2, [])
    assert contents(office) == before


def numbers(office: Office) -> list[str]:
    """The numbers in the board's order."""
    with office.store.reading() as connection:
        return [row.no for row in board.measures(connection)]


def test_what_is_new_becomes_a_draft_at_its_place_in_the_file(office: Office) -> None:
    take_in(office, ONE, TWO)
    assert found(take_in(office, ONE, THREE, TWO)) == (["3"], {}, 2, [])
    assert (numbers(office), state_of(office, "3")) == (["1", "3", "2"], State.DRAFTED)


def test_measures_of_another_file_and_those_that_are_gone_keep_their_places(office: Office) -> None:
    take_in(office, ONE, TWO)
    take_in(office, Line("9", text="列清单"))
    take_in(office, THREE, Line("4", text="建台账"), ONE)
    assert numbers(office) == ["3", "2", "9", "4", "1"]


def test_another_order_alone_is_no_change(office: Office) -> None:
    take_in(office, ONE, TWO)
    assert take_in(office, TWO, ONE).difference.is_nothing
    assert numbers(office) == ["1", "2"]


CHANGES: list[tuple[dict[str, str], Field, object, object]] = [
    ({"problem": "学习不系统"}, Field.PROBLEM, "学习不深入", "学习不系统"),
    ({"text": "每月学习一次"}, Field.TEXT, "订出学习计划", "每月学习一次"),
    ({"unit": "D2"}, Field.UNIT, "D1", "D2"),
    ({"lead": "H1"}, Field.LEAD, "L1", "H1"),
    ({"cooperating": "D3、D2"}, Field.COOPERATING, (), ("D2", "D3")),
    ({"limit": "2023年7月31日前"}, Field.LIMIT, "2023年6月30日前", "2023年7月31日前"),
    ({"closure": "完善长效机制"}, Field.CLOSURE, ClosureClass.SETTLED, ClosureClass.MECHANISM),
    ({"major": "是"}, Field.MAJOR, False, True),
]


@pytest.mark.parametrize(("change", "field", "old", "new"), CHANGES, ids=[field.value for _, field, _, _ in CHANGES])
def test_a_draft_follows_every_field(
    office: Office, change: dict[str, str], field: Field, old: object, new: object
) -> None:
    changed = replace(ONE, **change)
    take_in(office, ONE, TWO)
    assert found(take_in(office, changed, TWO)) == ([], {"1": {field: (old, new, Way.FOLLOWS)}}, 1, [])
    assert measure(office, "1").version == 2
    before = contents(office)
    assert take_in(office, changed, TWO).difference.is_nothing
    assert contents(office) == before


def test_drafts_become_exactly_what_a_first_import_of_the_changed_file_makes(office: Office) -> None:
    changed = Line("1", limit="5月底前，长期坚持", unit="D2", cooperating="D3", closure="长期坚持",
                   problem="学习走过场", lead="H1", major="是")  # fmt: skip
    take_in(office, ONE, TWO)
    take_in(office, changed, TWO)
    take_in(office, changed, TWO, spec=replace(SPEC, code="2024"))
    followed, fresh = measure(office, "2023/1"), measure(office, "2024/1")
    apart = {"id", "round_id", "problem_id", "version"}
    assert followed.model_dump(exclude=apart) == fresh.model_dump(exclude=apart)
    assert (cooperating(office, "2023/1"), cooperating(office, "2024/1")) == (1, 1)
    assert followed.due_on == date(2023, 5, 31)


def test_milestones_follow_the_limit(office: Office) -> None:
    def days() -> Sequence[str]:
        with office.store.reading() as connection:
            return connection.exec_driver_sql("SELECT due_on FROM milestone ORDER BY n").scalars().all()

    several = "2023年4月30日前完成排查，2023年5月31日前完成整改，2023年6月30日前建立制度"
    take_in(office, replace(ONE, limit=several))
    assert days() == ["2023-04-30", "2023-05-31"]
    take_in(office, replace(ONE, limit=several.replace("4月30日", "4月20日")))
    assert days() == ["2023-04-20", "2023-05-31"]
    take_in(office, ONE)
    assert days() == []


def test_a_problem_that_nobody_has_any_more_is_not_kept(office: Office) -> None:
    take_in(office, ONE, TWO)
    take_in(office, replace(ONE, problem="学习走过场"), TWO)
    assert texts_of_problems(office) == ["作风不实", "学习走过场"]


# --- Numbers that moved


def test_a_row_put_in_above_moves_the_drafts_below_and_makes_none_twice(office: Office) -> None:
    take_in(office, ONE, TWO, THREE)
    ids = {measure(office, no).text: measure(office, no).id for no in ("1", "2", "3")}
    above = [Line("1", text="建台账"), replace(ONE, no="2"), replace(TWO, no="3"), replace(THREE, no="4")]
    new, changed, unchanged, gone = found(take_in(office, *above, on=LATER))
    assert (new, unchanged, gone) == (["1"], 0, [])
    assert changed["2"] == {Field.NO: ("2", "3", Way.FOLLOWS)}
    assert numbers(office) == ["1", "2", "3", "4"]
    assert {measure(office, no).text: measure(office, no).id for no in ("2", "3", "4")} == ids
    assert last_payload(office)["difference"]["renumbered"] == {"1": "2", "2": "3", "3": "4"}
    before = contents(office)
    assert take_in(office, *above, on=LATER).difference.is_nothing
    assert contents(office) == before


def test_numbers_of_drafts_may_be_exchanged(office: Office) -> None:
    take_in(office, ONE, TWO)
    take_in(office, replace(ONE, no="2"), replace(TWO, no="1"))
    assert (measure(office, "1").text, measure(office, "2").text) == (TWO.text, ONE.text)
    assert numbers(office) == ["2", "1"]


def test_below_assigned_measures_a_row_put_in_under_their_number_is_refused(office: Office) -> None:
    take_in(office, ONE, TWO, THREE)
    hand_out(office, "1", ASSIGNED_ON)
    before = contents(office)
    with pytest.raises(LedgerRefused) as refusal:
        take_in(office, Line("1", text="建台账"), replace(ONE, no="2"), replace(TWO, no="3"), replace(THREE, no="4"))
    (problem,) = refusal.value.problems
    assert (problem.row, problem.value) == (2, "1")
    assert "第3行，编为2" in problem.text
    assert contents(office) == before


def test_a_row_more_of_one_problem_divides_its_number_and_makes_one_draft(office: Office) -> None:
    apart = [ONE, TWO, replace(TWO, text="列清单"), replace(THREE, problem="纪律松弛")]
    take_in(office, *(line for line in apart if line.text != "列清单"))
    hand_out(office, "2", ASSIGNED_ON)
    assert found(take_in(office, *apart, on=LATER)) == (["2.2"], {}, 3, [])
    assert numbers(office) == ["1", "2", "2.2", "3"]
    before = contents(office)
    assert take_in(office, *apart, on=LATER).difference.is_nothing
    assert contents(office) == before
    back = found(take_in(office, *(line for line in apart if line.text != "列清单"), on=LATER))
    assert back == ([], {}, 3, ["2.2"])
    assert numbers(office) == ["1", "2", "2.2", "3"]


def test_a_withdrawn_measure_may_be_imported_under_a_new_number(office: Office) -> None:
    take_in(office, ONE, TWO)
    hand_out(office, "1", ASSIGNED_ON)
    act(office, LATER, withdraw, "1", By("g1-a", reason="改销号类别"))
    assert found(take_in(office, replace(ONE, no="3", closure="长期坚持"), TWO, on=LATER)) == (["3"], {}, 1, [])


def test_a_file_of_several_that_is_whole_later_misses_what_it_loses(office: Office) -> None:
    take_in(office, ONE, TWO)
    take_in(office, THREE)
    assert not take_in(office, ONE, TWO, THREE, on=LATER).difference.is_nothing
    assert found(take_in(office, ONE, TWO, on=LATER)) == ([], {}, 2, ["3"])


# --- What people have decided since


@pytest.mark.parametrize(
    ("change", "field", "way"),
    [
        ({"problem": "学习走过场"}, Field.PROBLEM, Way.NEW_NUMBER),
        ({"unit": "D2"}, Field.UNIT, Way.HAND_OVER),
        ({"lead": "H1"}, Field.LEAD, Way.HAND_OVER),
        ({"limit": "2023年7月31日前"}, Field.LIMIT, Way.EXTEND),
        ({"limit": "2023年5月31日前"}, Field.LIMIT, Way.NEW_NUMBER),
        ({"limit": "待定"}, Field.LIMIT, Way.NEW_NUMBER),
        ({"closure": "长期坚持"}, Field.CLOSURE, Way.NEW_NUMBER),
        ({"cooperating": "D3"}, Field.COOPERATING, Way.NEW_NUMBER),
        ({"major": "是"}, Field.MAJOR, Way.NEW_NUMBER),
    ],
)
def test_what_was_assigned_is_left_as_it_is_and_the_way_is_told(
    office: Office, change: dict[str, str], field: Field, way: Way
) -> None:
    take_in(office, ONE, TWO)
    hand_out(office, "1", ASSIGNED_ON)
    before, clocks = measure(office, "1").model_dump(), all_clocks_of(office, "1")
    _, changed, unchanged, _ = found(take_in(office, replace(ONE, **change), TWO, on=LATER))
    assert {no: {field: way for field, (_, _, way) in fields.items()} for no, fields in changed.items()} == {
        "1": {field: way}
    }
    assert unchanged == 1
    assert (measure(office, "1").model_dump(), all_clocks_of(office, "1")) == (before, clocks)
    assert cooperating(office, "1") == 0


def test_after_its_date_a_later_limit_is_set_anew(office: Office) -> None:
    take_in(office, ONE)
    hand_out(office, "1", ASSIGNED_ON)
    later = replace(ONE, limit="2023年8月31日前")
    _, changed, _, _ = found(take_in(office, later, on=date(2023, 7, 3)))
    assert changed["1"][Field.LIMIT][2] is Way.SET_LIMIT


@pytest.mark.parametrize("state", [State.SELF_CHECKED, State.VERIFIED, State.UNDER_REVIEW])
def test_once_reported_a_limit_has_no_way(office: Office, state: State) -> None:
    take_in(office, ONE)
    bring_to(office, state, ASSIGNED_ON)
    _, changed, _, _ = found(take_in(office, replace(ONE, limit="2023年7月31日前"), on=LATER))
    assert changed["1"][Field.LIMIT][2] is Way.TOO_LATE


def test_what_was_closed_stays_closed(office: Office) -> None:
    take_in(office, ONE)
    bring_to(office, State.CLOSED, ASSIGNED_ON)
    _, changed, _, _ = found(take_in(office, replace(ONE, unit="D2"), on=LATER))
    assert changed["1"][Field.UNIT][2] is Way.TOO_LATE
    assert measure(office, "1").state is State.CLOSED


def test_a_change_is_told_once(office: Office) -> None:
    changed = replace(ONE, unit="D2")
    take_in(office, ONE)
    hand_out(office, "1", ASSIGNED_ON)
    assert not take_in(office, changed, on=LATER).difference.is_nothing
    before = contents(office)
    assert take_in(office, changed, on=LATER).difference.is_nothing
    assert contents(office) == before


def test_what_was_carried_over_already_is_no_change(office: Office) -> None:
    take_in(office, ONE)
    hand_out(office, "1", ASSIGNED_ON)
    act(office, LATER, hand_over, "1", By("g1-a", reason="分工调整"), "D2")
    assert found(take_in(office, replace(ONE, unit="D2"), on=LATER)) == ([], {}, 1, [])


def test_what_was_decided_against_the_ledger_is_no_change_of_the_ledger(office: Office) -> None:
    take_in(office, ONE)
    hand_out(office, "1", ASSIGNED_ON)
    act(office, LATER, hand_over, "1", By("g1-a", reason="分工调整"), "D2")
    before = contents(office)
    assert found(take_in(office, ONE, on=LATER)) == ([], {}, 1, [])
    assert contents(office) == before


def test_a_restated_row_is_remembered_though_nothing_changed(office: Office) -> None:
    """The ledger took over what was decided; a later decision is then not its change either."""
    follows = replace(ONE, unit="D2")
    take_in(office, ONE)
    hand_out(office, "1", ASSIGNED_ON)
    act(office, LATER, hand_over, "1", By("g1-a", reason="分工调整"), "D2")
    assert take_in(office, follows, on=LATER).difference.restated == 1
    act(office, LATER, hand_over, "1", By("g1-a", reason="再次调整"), "D3")
    assert take_in(office, follows, on=LATER).difference.is_nothing


def test_a_limit_that_is_worded_otherwise_for_the_date_that_holds_is_no_change(office: Office) -> None:
    take_in(office, replace(ONE, limit="待定"))
    hand_out(office, "1", ASSIGNED_ON, due_on=date(2023, 6, 30))
    assert found(take_in(office, ONE, on=LATER)) == ([], {}, 1, [])
    assert running(office)[Stage.COMPLETE] == date(2023, 6, 30)


# --- Gone


def test_what_is_gone_is_told_once_and_stays(office: Office) -> None:
    take_in(office, ONE, TWO, THREE)
    hand_out(office, "2", ASSIGNED_ON)
    assert found(take_in(office, ONE, on=LATER)) == ([], {}, 1, ["2", "3"])
    before = contents(office)
    assert take_in(office, ONE, on=LATER).difference.is_nothing
    assert contents(office) == before
    assert (measure(office, "2").state, measure(office, "3").state) == (State.ASSIGNED, State.DRAFTED)


def test_what_was_gone_may_come_back(office: Office) -> None:
    take_in(office, ONE, TWO)
    take_in(office, ONE)
    assert found(take_in(office, ONE, replace(TWO, unit="D3"))) == (
        [], {"2": {Field.UNIT: ("D1", "D3", Way.FOLLOWS)}}, 1, [],
    )  # fmt: skip


def test_another_ledger_of_the_round_is_not_gone(office: Office) -> None:
    take_in(office, ONE, TWO)
    take_in(office, THREE)
    assert found(take_in(office, ONE)) == ([], {}, 1, ["2"])


def test_what_was_withdrawn_is_not_gone(office: Office) -> None:
    take_in(office, ONE, TWO)
    act(office, LATER, withdraw, "2", By("g1-a", reason="并入其他措施"))
    assert found(take_in(office, ONE, on=LATER)) == ([], {}, 1, [])


# --- Another ledger under the same numbers


def test_another_ledger_under_the_same_numbers_is_refused(office: Office) -> None:
    take_in(office, ONE, TWO)
    before = contents(office)
    other = replace(TWO, problem="公车管理不严", text="登记用车")
    with pytest.raises(LedgerRefused) as refusal:
        take_in(office, replace(ONE, unit="D2"), other, THREE)
    (problem,) = refusal.value.problems
    assert (problem.row, problem.column, problem.value) == (3, "序号", "2")
    assert "改作风" in problem.text
    assert "--round" in problem.text
    assert contents(office) == before


# --- The record, and others who act


def test_a_difference_is_one_event_that_says_it_in_short(office: Office) -> None:
    take_in(office, ONE, TWO, THREE)
    hand_out(office, "2", ASSIGNED_ON)
    take_in(office, replace(ONE, unit="D2", major="是"), replace(TWO, lead="H1"), Line("4", text="建台账"), on=LATER)
    assert actions(office) == ["import", "assign", "import"]
    assert last_payload(office) == {
        "round": "2023",
        "rows": 3,
        "file": "台账.csv",
        "difference": {
            "new": 1, "followed": 1, "left": 1, "gone": 1, "unchanged": 0,
            "fields": {"1": ["unit", "major"], "2": ["lead"]}, "gone_nos": ["3"],
        },
    }  # fmt: skip


def test_the_event_lists_the_first_of_very_many_rows_of_each_kind_and_counts_all(office: Office) -> None:
    many, assigned = MOST_RECORDED + 1, Line("末")
    following = [Line(str(no)) for no in range(1, many + 1)]
    take_in(office, *following, assigned, *[Line(f"去{no}") for no in range(many)])
    hand_out(office, assigned.no, ASSIGNED_ON)
    take_in(office, *[replace(line, unit="D2") for line in (*following, assigned)], on=LATER)
    told = last_payload(office)["difference"]
    assert (told["followed"], told["left"], told["gone"]) == (many, 1, many)
    assert set(told["fields"]) == {str(no) for no in range(1, many)} | {assigned.no}
    assert told["gone_nos"] == [f"去{no}" for no in range(MOST_RECORDED)]


def test_who_assigns_meanwhile_waits_and_hands_out_what_the_file_says(office: Office) -> None:
    take_in(office, ONE)
    reading = reading_of(office, replace(ONE, unit="D2"))
    with ThreadPoolExecutor(1) as other:
        with office.acting(LATER) as (session, ground):
            import_ledger(session, ground, reading, SPEC, "台账.csv")
            waiting = other.submit(hand_out, office, "1", LATER)
            with pytest.raises(TimeoutError):
                waiting.result(0.1)
        waiting.result(10)
    assert {clock.holder for clock in all_clocks_of(office, "1")} == {"单位D2"}


def test_an_import_waits_for_who_assigns_and_leaves_what_was_assigned(office: Office) -> None:
    take_in(office, ONE)
    with ThreadPoolExecutor(1) as other:
        with office.acting(LATER) as (session, ground):
            assign(session, ground, "1", GENERAL)
            waiting = other.submit(take_in, office, replace(ONE, unit="D2"), on=LATER)
            with pytest.raises(TimeoutError):
                waiting.result(0.1)
        assert found(waiting.result(10))[1]["1"][Field.UNIT][2] is Way.HAND_OVER
    assert {clock.holder for clock in all_clocks_of(office, "1")} == {"单位D1"}


def test_a_draft_that_somebody_assigned_meanwhile_is_not_overwritten(office: Office) -> None:
    """Within one transaction it cannot happen; where another store lets it, the version tells."""
    take_in(office, ONE)
    with office.acting(LATER) as (session, ground):
        stale = import_ledger(session, ground, reading_of(office, replace(ONE, unit="D2")), SPEC, "台账.csv").difference
        session.rollback()
    hand_out(office, "1", LATER)
    before = contents(office)
    with pytest.raises(StaleVersion), office.acting(LATER) as (session, _):
        parties = {code: n for n, code in enumerate(("D1", "D2", "L1"), 1)}
        follow(session.connection(), RoundGround(1, SPEC.ends_on, parties), stale.changed)
    assert contents(office) == before


# --- Drafts of a notice, which names nobody


def of_notice(office: Office, *lines: Line) -> LedgerReading:
    rows = reading_of(office, *(replace(line, limit="待定") for line in lines)).rows
    return LedgerReading(tuple(replace(row, unit="", lead="", limit_text="") for row in rows), (), ())


def take_in_notice(office: Office, *lines: Line, on: date = LATER) -> Imported:
    with office.acting(on) as (session, ground):
        return import_ledger(session, ground, of_notice(office, *lines), SPEC, "通报.txt")


def test_a_notice_gives_drafts_of_nobody(office: Office) -> None:
    imported = take_in_notice(office, ONE, TWO)
    assert (imported.unnamed, imported.undated) == (("1", "2"), ("1", "2"))
    with office.store.reading() as connection:
        rows = board.measures(connection)
    assert [(row.unit, row.unit_name, row.lead, row.lead_name) for row in rows] == [("", "未定", "", "未定")] * 2


def test_a_completed_ledger_fills_the_drafts_of_a_notice(office: Office) -> None:
    take_in_notice(office, ONE, TWO)
    _, changed, _, _ = found(take_in(office, ONE, TWO, on=LATER))
    assert changed["1"] == {
        Field.LEAD: ("", "L1", Way.FOLLOWS),
        Field.UNIT: ("", "D1", Way.FOLLOWS),
        Field.LIMIT: ("", "2023年6月30日前", Way.FOLLOWS),
    }
    act(office, LATER, assign, "1", GENERAL)
    assert running(office)[Stage.COMPLETE] == date(2023, 6, 30)


def test_the_notice_again_takes_nothing_back(office: Office) -> None:
    take_in_notice(office, ONE, TWO)
    take_in(office, replace(ONE, closure="长期坚持"), TWO, on=LATER)
    before = contents(office)
    assert take_in_notice(office, ONE, TWO).difference.is_nothing
    assert contents(office) == before


def test_a_notice_that_is_worded_anew_is_followed_in_its_words_only(office: Office) -> None:
    take_in_notice(office, ONE)
    take_in(office, ONE, on=LATER)
    imported = take_in_notice(office, replace(ONE, text="订出学习计划，每月一次"))
    assert found(imported)[1] == {"1": {Field.TEXT: (ONE.text, "订出学习计划，每月一次", Way.FOLLOWS)}}
    assert (measure(office, "1").unit_id, measure(office, "1").due_on) != (None, None)


# --- A home from before rows were remembered


def test_rows_that_were_not_remembered_said_what_holds(office: Office) -> None:
    take_in(office, ONE, TWO)
    with office.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM importedrow")
    assert take_in(office, ONE, TWO).difference.is_nothing
    changed = {Field.UNIT: ("D1", "D2", Way.FOLLOWS)}
    assert found(take_in(office, replace(ONE, unit="D2"))) == ([], {"1": changed}, 0, ["2"])
    assert take_in(office, replace(ONE, unit="D2")).difference.is_nothing
