"""import: what a ledger becomes, which round it belongs to, and that a ledger with any fault leaves nothing behind."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import Session

from flows.office import Office
from models.errors import LedgerRefused, UsageRefused
from models.handling.importing import RoundSpec, import_ledger, round_for
from models.ledger.rows import LedgerReading
from models.lifecycle import ClosureClass, State
from models.store import board
from tests.handling_fixtures import (
    SPEC,
    Line,
    actions,
    all_clocks_of,
    break_on,
    contents,
    cooperating,
    cycles_of,
    measure,
    reading_of,
    take_in,
)

TODAY = date(2023, 3, 27)


def refused(office: Office, reading: LedgerReading, spec: RoundSpec = SPEC) -> LedgerRefused:
    with pytest.raises(LedgerRefused) as found, office.acting(TODAY) as (session, ground):
        import_ledger(session, ground, reading, spec, "台账.csv")
    return found.value


# --- What a ledger becomes


def test_every_row_becomes_a_draft_of_its_round(office: Office) -> None:
    line = Line("1", unit="D1", cooperating="D2、D3", closure="完善长效机制", major="是", limit="2023年6月30日前")
    imported = take_in(office, line, Line("2", problem="作风不实"), Line("3", problem="学习不深入"))
    assert (imported.round_code, imported.measures, imported.problems, imported.undated) == ("2023", 3, 2, ())
    with office.store.reading() as connection:
        rows = board.measures(connection)
    assert [(row.no, row.unit, row.lead, row.problem) for row in rows] == [
        ("1", "D1", "L1", "学习不深入"),
        ("2", "D1", "L1", "作风不实"),
        ("3", "D1", "L1", "学习不深入"),
    ]
    first = measure(office, "1")
    assert (first.state, first.version, first.closure, first.major) == (
        State.DRAFTED,
        1,
        ClosureClass.MECHANISM,
        True,
    )
    assert (first.limit_text, first.due_on) == ("2023年6月30日前", date(2023, 6, 30))
    assert cooperating(office, "1") == 2


def test_an_import_is_one_event_and_opens_no_clock(office: Office) -> None:
    take_in(office, Line("1"), Line("2"))
    assert actions(office) == ["import"]
    assert all_clocks_of(office, "1") == []


def test_parties_may_be_named_by_name_or_code(office: Office) -> None:
    take_in(office, Line("1", unit="单位D2", lead="单位L1", cooperating="单位D1"))
    with office.store.reading() as connection:
        (row,) = board.measures(connection)
    assert (row.unit, row.lead) == ("D2", "L1")


@pytest.mark.parametrize(
    ("limit", "closure", "due_on", "undated"),
    [
        pytest.param("2023年6月30日前", "限时办结", date(2023, 6, 30), False, id="a date stands"),
        pytest.param("两个月内", "限时办结", date(2023, 5, 25), False, id="a period counts from the feedback"),
        pytest.param("立行立改", "限时办结", None, False, id="an immediate limit waits for the assignment"),
        pytest.param("长期坚持", "长期坚持", date(2023, 6, 25), False, id="sustained is due at the round's end"),
        pytest.param("5月底前，长期坚持", "长期坚持", date(2023, 5, 31), False, id="unless it has a date of its own"),
        pytest.param("待定", "限时办结", None, True, id="what gives no date waits for a person"),
    ],
)
def test_due_dates(office: Office, limit: str, closure: str, due_on: date | None, undated: bool) -> None:
    imported = take_in(office, Line("1", limit=limit, closure=closure))
    assert measure(office, "1").due_on == due_on
    assert imported.undated == (("1",) if undated else ())


@pytest.mark.parametrize(
    ("feedback_on", "ends_on"),
    [
        (date(2023, 3, 25), date(2023, 6, 25)),
        (date(2022, 11, 30), date(2023, 2, 28)),
        (date(2023, 11, 30), date(2024, 2, 29)),
        (date(2023, 8, 31), date(2023, 11, 30)),
        (date(2023, 12, 1), date(2024, 3, 1)),
    ],
)
def test_a_round_ends_three_months_after_its_feedback(office: Office, feedback_on: date, ends_on: date) -> None:
    spec = RoundSpec("R", "一轮", feedback_on)
    assert spec.ends_on == ends_on
    take_in(office, Line("1", limit="长期坚持", closure="长期坚持"), spec=spec)
    assert measure(office, "1").due_on == ends_on


# --- All or nothing


def test_problems_of_the_ledger_are_told_together_and_nothing_is_kept(office: Office) -> None:
    before = contents(office)
    error = refused(office, reading_of(office, Line("1"), Line("2", limit=""), Line("3", unit="D9")))
    assert [(problem.row, problem.column) for problem in error.problems] == [(3, "完成时限"), (4, "责任单位")]
    assert "2处问题" in error.zh
    assert contents(office) == before


def test_a_ledger_imported_twice_leaves_the_first(office: Office) -> None:
    lines = (Line("1"), Line("2"), Line("3"))
    take_in(office, *lines)
    before = contents(office)
    assert take_in(office, *lines).difference.is_nothing
    assert contents(office) == before


@pytest.mark.parametrize(("first", "again"), [("（1）", "(1)"), ("(1)", "（1）"), ("1 . 2", "1.2")])
def test_the_same_number_in_another_width_is_the_same_number(office: Office, first: str, again: str) -> None:
    take_in(office, Line(first))
    before = contents(office)
    assert take_in(office, Line(again)).difference.unchanged == 1
    assert contents(office) == before


def test_more_of_a_round_may_come_later_under_other_numbers(office: Office) -> None:
    take_in(office, Line("1", problem="作风不实"))
    assert take_in(office, Line("2", problem="作风不实", text="改作风")).problems == 1
    assert measure(office, "2").state is State.DRAFTED
    with office.store.reading() as connection:
        assert len({row.problem for row in board.measures(connection)}) == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM feedbackproblem").scalar() == 1


def test_a_failure_in_the_middle_leaves_nothing(office: Office) -> None:
    break_on(office, "INSERT ON measure", "NEW.no = '3'")
    before = contents(office)
    with pytest.raises(Exception, match="broken"):
        take_in(office, Line("1"), Line("2"), Line("3"), Line("4"))
    assert contents(office) == before


def test_a_round_keeps_its_feedback_day(office: Office) -> None:
    take_in(office, Line("1"))
    before = contents(office)
    with pytest.raises(UsageRefused, match="2023-03-25，与 2023-04-01 不符"):
        take_in(office, Line("2"), spec=RoundSpec("2023", "2023年整改", date(2023, 4, 1)))
    assert contents(office) == before


# --- Which round


def round_of(office: Office, code: str | None, feedback_on: date | None) -> tuple[RoundSpec, str]:
    with office.store.reading() as connection, Session(connection) as session:
        return round_for(session, code, feedback_on, TODAY)


def test_the_first_round_is_named_after_its_year(office: Office) -> None:
    spec, assumed = round_of(office, None, date(2022, 12, 30))
    assert (spec.code, spec.feedback_on, assumed) == ("R2022", date(2022, 12, 30), "")


def test_without_a_feedback_day_a_new_round_counts_from_today_and_says_so(office: Office) -> None:
    spec, assumed = round_of(office, None, None)
    assert (spec.code, spec.feedback_on) == ("R2023", TODAY)
    assert "2023-03-27" in assumed


def test_the_only_round_there_is_needs_no_code_and_no_day(office: Office) -> None:
    take_in(office, Line("1"))
    assert round_of(office, None, None) == (SPEC, "")
    assert round_of(office, "2023", None) == (SPEC, "")


def test_of_several_rounds_one_must_be_named(office: Office) -> None:
    take_in(office, Line("1"))
    take_in(office, Line("1"), spec=RoundSpec("2022", "2022年整改", date(2022, 3, 1)))
    with pytest.raises(UsageRefused) as refusal:
        round_of(office, None, None)
    assert "2023、2022" in refusal.value.cure
    assert round_of(office, "2022", None)[0].feedback_on == date(2022, 3, 1)


@pytest.mark.parametrize("code", ["", " ", "2023/1", " 2023", "2023\n"])
def test_codes_that_could_not_be_written_again_are_refused(office: Office, code: str) -> None:
    with pytest.raises(UsageRefused, match="轮次代码"):
        round_of(office, code, TODAY)


def test_two_rounds_may_use_the_same_numbers(office: Office) -> None:
    take_in(office, Line("1", text="前一轮"))
    take_in(office, Line("1", text="后一轮"), spec=RoundSpec("2024", "2024年整改", date(2024, 3, 25)))
    assert (measure(office, "2023/1").text, measure(office, "2024/1").text) == ("前一轮", "后一轮")


def test_a_further_ledger_of_a_round_comes_after_the_ones_before(office: Office) -> None:
    take_in(office, Line("1"), Line("2"))
    take_in(office, Line("3", text="列清单"), Line("4", text="建台账"))
    with office.store.reading() as connection:
        assert [row.no for row in board.measures(connection)] == ["1", "2", "3", "4"]


# --- An earlier round, settled before


def test_what_was_settled_before_is_taken_in_once(office: Office) -> None:
    take_in(office, Line("1"), closed=True)
    before = contents(office)
    with pytest.raises(LedgerRefused) as refusal:
        take_in(office, Line("1"), Line("2"), closed=True)
    assert [(p.sheet, p.row, p.column, p.value) for p in refusal.value.problems] == [("台账", 2, "序号", "1")]
    assert contents(office) == before


def test_what_was_settled_before_had_somebody(office: Office) -> None:
    before = contents(office)
    rows = reading_of(office, Line("1"), Line("2"), Line("3")).rows
    unnamed = LedgerReading((rows[0], replace(rows[1], unit="", lead=""), replace(rows[2], lead="")), (), ())
    with pytest.raises(LedgerRefused) as refusal, office.acting(TODAY) as (session, ground):
        import_ledger(session, ground, unnamed, SPEC, "通报.txt", closed=True)
    assert [(p.row, p.column) for p in refusal.value.problems] == [(3, "责任单位"), (4, "牵头领导")]
    assert contents(office) == before


def test_a_ledger_of_what_was_settled_before_is_closed_without_a_clock(office: Office) -> None:
    take_in(office, Line("1"), Line("2", closure="长期坚持"), Line("3", limit="待定"), closed=True)
    for no in ("1", "2", "3"):
        assert (measure(office, no).state, measure(office, no).version) == (State.CLOSED, 1)
        assert all_clocks_of(office, no) == []
        (cycle,) = cycles_of(office, no)
        assert (cycle.n, cycle.opened_on, cycle.submitted_by) == (1, TODAY, None)
    with office.store.reading() as connection:
        payload = connection.exec_driver_sql("SELECT payload FROM event WHERE action = 'import'").scalar()
        assert connection.exec_driver_sql("SELECT count(*) FROM news").scalar() == 0
    assert payload is not None
    assert '"closed":true' in payload
