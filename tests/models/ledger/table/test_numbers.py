"""Numbers that stand for problems, for measures and for rows."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ledger.columns import number_key
from models.ledger.table.numbers import Fault, RowNumber, numbered, within


def row_numbers(*said: tuple[str, str] | tuple[str, str, str]) -> list[RowNumber]:
    """Row numbers by (number, problem) or (number, problem, measure); "^" is a number repeated from a merged cell."""
    made: list[RowNumber] = []
    for row, (no, *text) in enumerate(said, 2):
        before = list(said[row - 3][1:]) if row > 2 else []
        written = made[-1].no if no == "^" else no
        part = len(text) > 1 and text == before
        made.append(RowNumber(row, written, no == "^", text[:1] == before[:1], part))
    return made


def numbers(made: Sequence[RowNumber]) -> list[str]:
    return [row.no if row.fault is None else f"{row.fault}:{row.first}" for row in numbered(made).rows]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([("1", "a"), ("2", "a"), ("3", "b")], ["1", "2", "3"], id="each row its own"),
        pytest.param([("（一）", "a"), ("二、", "b"), ("③", "c")], ["（一）", "二、", "③"], id="kept as written"),
        pytest.param([("1", "a"), ("^", "a"), ("2", "b")], ["1.1", "1.2", "2.1"], id="merged over two rows"),
        pytest.param([("1", "a"), ("", "a"), ("2", "b")], ["1.1", "1.2", "2.1"], id="blank below"),
        pytest.param([("1", "a"), ("1", "a"), ("2", "b")], ["1.1", "1.2", "2.1"], id="repeated"),
        pytest.param([("（一）", "a"), ("", "a")], ["一.1", "一.2"], id="brackets go where another follows"),
        pytest.param([("1、", "a"), ("", "a")], ["1.1", "1.2"], id="so does a mark at the end"),
        pytest.param(
            [("1", "a"), ("", "a"), ("（1）", "b")], ["1.1", "1.2", "（1）.1"], id="brackets that matter stay"
        ),
        pytest.param([("1.1", "a"), ("^", "a")], ["1.1.1", "1.1.2"], id="a number of two parts"),
        pytest.param(
            [("1", "a", "x"), ("", "a", "x"), ("2", "a", "y"), ("3", "b", "z")],
            ["1.1", "1.2", "2.1", "3.1"],
            id="numbers of measures with sub-measures",
        ),
        pytest.param([("", "a"), ("1", "a")], ["blank:0", "1"], id="none at the beginning"),
        pytest.param([("1", "a"), ("", "b")], ["1", "blank:0"], id="none for another problem"),
        pytest.param([("1", "a"), ("2", "a"), ("", "a")], ["1", "2", "blank:0"], id="none where each row has one"),
        pytest.param([("1", "a"), ("2", "a"), ("2", "a")], ["1", "2", "twice:3"], id="twice where each has one"),
        pytest.param([("1", "a"), ("1", "b")], ["1", "twice:2"], id="twice for two problems"),
        pytest.param([("(1)", "a"), ("2", "a"), ("（１）", "b")], ["(1)", "2", "twice:2"], id="twice in other widths"),
        pytest.param([("1", "a"), ("1、", "b")], ["1", "twice:2"], id="twice with another mark"),
        pytest.param([("1", "a"), ("", "a"), ("2", "b"), ("1", "c")], ["1.1", "1.2", "2.1", "twice:2"], id="later"),
        pytest.param([], [], id="no rows"),
    ],
)
def test_numbers(said: list[tuple[str, str]], expected: list[str]) -> None:
    assert numbers(row_numbers(*said)) == expected


def test_that_a_number_was_divided_is_told() -> None:
    assert numbered(row_numbers(("1", "a"), ("", "a"))).divided
    assert not numbered(row_numbers(("1", "a"), ("2", "a"))).divided


def test_a_real_round_has_each_row_numbered_once() -> None:
    """33 problems, 97 measures and 171 sub-measures, with numbers merged over the rows of each problem."""
    shares = [171 // 33 + (n < 171 % 33) for n in range(33)]
    said = [("^" if k else str(n), f"p{n}") for n, share in enumerate(shares, 1) for k in range(share)]
    found = numbered(row_numbers(*said))
    assert len({row.no for row in found.rows}) == 171
    assert (found.rows[0].no, found.rows[-1].no) == ("1.1", "33.5")


said_ones = st.tuples(st.sampled_from(["1", "2", "3", "", "^", "（1）"]), st.sampled_from("ab"))


@given(st.lists(said_ones, max_size=8))
def test_numbers_given_are_different_and_every_row_has_one_or_a_fault(said: list[tuple[str, str]]) -> None:
    made = row_numbers(*[("" if no == "^" and not n else no, problem) for n, (no, problem) in enumerate(said)])
    found = numbered(made)
    given_numbers = [number_key(row.no) for row in found.rows if row.fault is None]
    assert len(found.rows) == len(said)
    assert len(set(given_numbers)) == len(given_numbers)
    assert all(given_numbers)
    assert all(row.fault is None or row.no == "" or row.fault is Fault.TWICE for row in found.rows)


@pytest.mark.parametrize(
    ("outer", "inner", "both"), [("3", "（2）", "3.2"), ("（三）", "1.", "三.1"), ("3.1", "②", "3.1.②")]
)
def test_a_number_within_another(outer: str, inner: str, both: str) -> None:
    assert within(outer, inner) == both
