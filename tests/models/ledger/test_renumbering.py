"""The numbers after a file that numbers anew: nobody loses one, no two have the same, drafts take theirs where free."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ledger.renumbering import Numbering, Standing, Wish, is_divided, renumbering


def draft(no: str, row: str) -> Standing:
    return Standing(no, Wish(row), moves=True)


def stays(no: str, row: str = "") -> Standing:
    return Standing(no, Wish(row) if row else None)


def test_drafts_move_on_together() -> None:
    found = renumbering([draft("1", "2"), draft("2", "3"), draft("3", "1")], [])
    assert found.moved == {0, 1, 2}


def test_a_draft_whose_number_is_kept_by_another_keeps_its_own_and_so_do_those_behind() -> None:
    found = renumbering([stays("3", "4"), draft("2", "3"), draft("1", "2"), draft("4", "5")], [])
    assert found.moved == {3}


def test_a_new_row_does_not_get_the_number_of_another() -> None:
    found = renumbering([stays("1", "2"), draft("2", "3")], [Wish("1"), Wish("2"), Wish("1、"), Wish("9")])
    assert found == Numbering(frozenset({1}), {}, {0: 0, 2: 0})


@pytest.mark.parametrize(("made", "given"), [("1", "4"), ("1.1", "1.3"), ("二", "4"), ("9" * 5_000, "4")])
def test_a_number_that_was_made_is_made_anew(made: str, given: str) -> None:
    standing = [stays(no) for no in ("1", "1.1", "1.2", "2", "二", "9" * 5_000)]
    found = renumbering([*standing, stays("9", "3")], [Wish(made, made=True), Wish("五")])
    assert (found.given, found.taken) == ({0: given}, {})


def test_the_numbers_of_one_row_and_of_several_that_share_it() -> None:
    assert is_divided("2", "2.1")
    assert is_divided("（2）.3", "(2)")
    assert not any(is_divided(*two) for two in (("2", "2"), ("2", "3.1"), ("2.1", "2.2"), ("2", "21"), ("2", "2.1.1")))


NUMBERS = st.sampled_from("123456")


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, st.booleans()), max_size=6, unique_by=lambda one: one[0]),
    st.lists(st.tuples(NUMBERS, st.booleans()), max_size=4, unique_by=lambda one: one[0]),
)
def test_no_two_measures_have_one_number_and_none_is_kept_back_without_need(
    known: list[tuple[str, str, bool]], new: list[tuple[str, bool]]
) -> None:
    rows = {row for _, row, _ in known}
    if len(rows) < len(known) or rows & {no for no, _ in new}:
        return
    standing = [Standing(no, Wish(row), moves=moves) for no, row, moves in known]
    found = renumbering(standing, [Wish(*one) for one in new])
    after = [row if at in found.moved else no for at, (no, row, _) in enumerate(known)]
    fresh = [found.given.get(at, no) for at, (no, _) in enumerate(new) if at not in found.taken]
    assert len({*after, *fresh}) == len(after) + len(fresh)
    for at, (_, row, moves) in enumerate(known):
        assert at in found.moved or not moves or row in after
        assert moves or at not in found.moved
    for at, holder in found.taken.items():
        assert after[holder] == new[at][0]
        assert not new[at][1]
