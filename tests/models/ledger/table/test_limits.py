"""Where a row's time limit is found: its cell, a date serial, a label in the remarks."""

from datetime import date

import pytest

from models.ledger.rows import Look
from models.ledger.table.limits import LimitBook, is_elsewhere
from tests.models.ledger.table.ledgers_made import CALENDAR, FEEDBACK

BOOK = LimitBook(FEEDBACK, CALENDAR)


def test_a_text_is_read_by_the_grammar_and_once() -> None:
    found = BOOK.found("2023年6月30日前")
    assert (found.text, found.limit.due_on, found.told, found.look) == (
        "2023年6月30日前",
        date(2023, 6, 30),
        "",
        None,
    )
    assert BOOK.found("2023年6月30日前") is found


@pytest.mark.parametrize("text", ["45107", "４５１０７", "45107.0"])
def test_a_date_serial_is_a_date_and_told(text: str) -> None:
    found = BOOK.found(text)
    assert (found.text, found.limit.due_on, found.look) == (text, date(2023, 6, 30), Look.LIMIT_SERIAL)
    assert "2023年6月30日" in found.told


@pytest.mark.parametrize("text", ["2023-06-30 00:00:00", "2023/6/30 0:00", "2023-06-30T00:00:00.000"])
def test_the_midnight_that_programs_write_behind_a_day_is_no_part_of_it(text: str) -> None:
    found = BOOK.found(text)
    assert (found.limit.due_on, found.limit.confirm, found.look) == (date(2023, 6, 30), False, None)


@pytest.mark.parametrize("text", ["2206-10-30", "0226-06-30"])
def test_a_day_that_can_be_no_limit_is_no_other_day(text: str) -> None:
    """As the cell of a date gives it. The grammar would take the year for a slip, and read the rest."""
    limit = BOOK.found(text).limit
    assert (limit.due_on, limit.lacks_date, limit.confirm) == (None, True, True)
    assert text in limit.reason


@pytest.mark.parametrize("text", ["39999", "55000", "20230630", "45107.5", "第45107号"])
def test_other_numbers_are_no_date_serials(text: str) -> None:
    found = BOOK.found(text)
    assert (found.told, found.look) == ("", None)


@pytest.mark.parametrize(
    ("remark", "text"),
    [
        ("整改时限：6月30日", "6月30日"),
        ("已部署。完成时间:2023年6月底；责任人张三", "2023年6月底"),
        ("（时限：3个月内）", "3个月内"),
        ("办结期限为6月30日前，逾期通报", "6月30日前，逾期通报"),
        ("完成时限要求：长期坚持", "长期坚持"),
    ],
)
def test_a_limit_behind_a_label_is_taken_from_the_remarks(remark: str, text: str) -> None:
    found = BOOK.elsewhere([("备注", remark)])
    assert found is not None
    assert (found.text, found.look) == (text, Look.LIMIT_ELSEWHERE)
    assert "“备注”" in found.told


@pytest.mark.parametrize(
    "remark",
    [
        pytest.param("", id="nothing"),
        pytest.param("6月30日前报送", id="a date without a label"),
        pytest.param("报送期限：6月30日", id="another limit"),
        pytest.param("反馈时间：6月30日", id="another time"),
        pytest.param("整改时限：6月30日；完成时限：9月30日", id="two that differ"),
        pytest.param("整改时限：", id="a label alone"),
    ],
)
def test_no_other_text_is_taken(remark: str) -> None:
    assert BOOK.elsewhere([("备注", remark)]) is None


def test_the_same_limit_in_two_cells_is_one() -> None:
    found = BOOK.elsewhere([("整改要求", "时限：6月30日"), ("备注", "整改时限：6月30日")])
    assert found is not None
    assert "“整改要求”" in found.told


@pytest.mark.parametrize(("text", "is_so"), [("", True), ("见备注", True), ("/", True), ("6月底", False)])
def test_a_cell_may_point_to_the_remarks(text: str, is_so: bool) -> None:
    assert is_elsewhere(text) is is_so
