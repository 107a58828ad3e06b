"""Who can act and who receives: seats of a person, own and lent, and whoever stands in on a day."""

import hashlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.directory import Directory, DirectoryParty, Person, Seat, StandIn
from models.lifecycle import Role

DAY = timedelta(days=1)
ZHAO, QIAN, SUN = Person("zhao", "赵岚"), Person("qian", "钱一鸣"), Person("sun", "孙怀")


def d(text: str) -> date:
    return date.fromisoformat(f"2023-{text}")


def party(code: str, *people: Person, role: Role = Role.UNIT, stand_ins: tuple[StandIn, ...] = ()) -> DirectoryParty:
    return DirectoryParty(code, f"单位{code}", frozenset({role}), people=people, stand_ins=stand_ins)


def term(code: str, since: str = "06-12", until: str = "06-16") -> StandIn:
    return StandIn(code, d(since), d(until))


def seats(directory: Directory, person: str, day: str) -> list[str]:
    """`D1` for a party of one's own, `D2<D1` for D2, which D1 stands in for."""
    found = directory.seats_of(person, d(day))
    return [f"{seat.party.code}<{seat.stand_in.code}" if seat.stand_in else seat.party.code for seat in found]


# Seats


def test_a_person_sits_in_each_of_their_own_parties_in_the_order_of_the_file() -> None:
    directory = Directory((party("D2", ZHAO), party("D1", QIAN, ZHAO), party("D3", QIAN)))
    assert seats(directory, "zhao", "06-14") == ["D2", "D1"]
    assert seats(directory, "qian", "06-14") == ["D1", "D3"]
    assert seats(directory, "nobody", "06-14") == []


@pytest.mark.parametrize(
    ("day", "lent"),
    [("06-11", False), ("06-12", True), ("06-14", True), ("06-16", True), ("06-17", False)],
    ids=["the day before", "the first day", "between", "the last day", "the day after"],
)
def test_a_seat_is_lent_from_the_first_day_to_the_last_both_included(day: str, lent: bool) -> None:
    directory = Directory((party("L1", QIAN, stand_ins=(term("L2"),)), party("L2", ZHAO)))
    assert seats(directory, "zhao", day) == (["L2", "L1<L2"] if lent else ["L2"])
    receiver = directory.receiver("L1", d(day))
    assert receiver
    assert receiver.code == ("L2" if lent else "L1")


def test_who_is_away_may_still_act() -> None:
    directory = Directory((party("L1", QIAN, stand_ins=(term("L2"),)), party("L2", ZHAO)))
    assert seats(directory, "qian", "06-14") == ["L1"]


def test_a_lent_seat_names_both_parties_and_the_person_as_their_own_party_has_them() -> None:
    """Who left the party that stands in has left this seat too."""
    gone = Person("sun", "孙怀", disabled=True)
    away, here = party("L1", QIAN, stand_ins=(term("L2"),)), party("L2", ZHAO, gone)
    directory = Directory((away, here))
    assert directory.seats_of("zhao", d("06-14")) == (Seat(here, ZHAO), Seat(away, ZHAO, here))
    assert [seat.person.disabled for seat in directory.seats_of("sun", d("06-14"))] == [True, True]


def test_a_disabled_membership_is_that_of_one_party_only() -> None:
    directory = Directory((party("D1", Person("zhao", "赵岚", disabled=True)), party("D2", ZHAO)))
    assert [(seat.party.code, seat.person.disabled) for seat in directory.seats_of("zhao", d("06-14"))] == [
        ("D1", True),
        ("D2", False),
    ]


def test_a_seat_of_ones_own_is_not_lent_besides() -> None:
    directory = Directory((party("L1", ZHAO, stand_ins=(term("L2"),)), party("L2", ZHAO)))
    assert seats(directory, "zhao", "06-14") == ["L1", "L2"]


def test_a_party_may_stand_in_for_several_and_own_seats_come_first() -> None:
    directory = Directory(
        (
            party("L1", QIAN, stand_ins=(term("L3"),)),
            party("L2", QIAN, stand_ins=(term("L3"),)),
            party("L3", ZHAO),
            party("L4", ZHAO, role=Role.HEAD),
        )
    )
    assert seats(directory, "zhao", "06-14") == ["L3", "L4", "L1<L3", "L2<L3"]


def test_the_latest_decision_about_a_day_counts() -> None:
    """A later one may begin in the middle of an earlier one, and end before it."""
    terms = (term("L2", "06-01", "06-30"), term("L3", "06-12", "06-16"))
    directory = Directory((party("L1", QIAN, stand_ins=terms), party("L2", ZHAO), party("L3", SUN)))
    for day, who in (("06-11", "zhao"), ("06-12", "sun"), ("06-16", "sun"), ("06-17", "zhao"), ("07-01", "")):
        lent = {person for person in ("zhao", "sun") if any("<" in seat for seat in seats(directory, person, day))}
        assert lent == ({who} if who else set()), day


def test_standing_in_is_not_handed_on() -> None:
    """Who stands in for a party that itself stands in for another acts for the first alone."""
    directory = Directory(
        (party("L1", QIAN, stand_ins=(term("L2"),)), party("L2", SUN, stand_ins=(term("L3"),)), party("L3", ZHAO))
    )
    assert seats(directory, "zhao", "06-14") == ["L3", "L2<L3"]
    assert seats(directory, "sun", "06-14") == ["L2", "L1<L2"]


parties_ = st.sampled_from(["L1", "L2", "L3"])
terms = st.lists(st.tuples(parties_, parties_, st.integers(0, 9), st.integers(0, 4)), max_size=6)


@given(terms, st.lists(st.sets(st.sampled_from(["zhao", "qian"])), min_size=3, max_size=3), st.integers(0, 12))
def test_seats_are_what_a_look_at_every_party_and_every_term_finds(
    decided: list[tuple[str, str, int, int]], members: list[set[str]], after: int
) -> None:
    """A twin by hand: own parties, then of each other party the last term in which the day lies."""
    start = d("06-12")
    codes = dict(zip(("L1", "L2", "L3"), members, strict=True))
    stand_ins = [(away, StandIn(here, start + DAY * s, start + DAY * (s + n))) for away, here, s, n in decided]
    people = {"zhao": ZHAO, "qian": QIAN}
    parties = (party(code, *(people[who] for who in sorted(inside))) for code, inside in codes.items())
    directory = Directory(tuple(parties)).with_stand_ins(stand_ins)
    day = start + DAY * after
    for person in people:
        expected = [code for code, inside in codes.items() if person in inside]
        for code, inside in codes.items():
            standing = [here for away, here, s, n in decided if away == code and s <= after <= s + n]
            if standing and person in codes[standing[-1]] and person not in inside:
                expected.append(f"{code}<{standing[-1]}")
        assert seats(directory, person, f"{day:%m-%d}") == expected


# Stand-ins by command


def test_terms_are_added_after_those_of_the_file_and_change_the_digest() -> None:
    """What a run used is found by digest: two decisions are two directories."""
    written = Directory((party("L1", QIAN, stand_ins=(term("L2"),)), party("L2"), party("L3")), "parties: []", "d0")
    decided = written.with_stand_ins([("L1", term("L3", "06-13", "06-14")), ("L2", term("L3"))])
    assert decided.by_code("L1") == party("L1", QIAN, stand_ins=(term("L2"), term("L3", "06-13", "06-14")))
    assert decided.by_code("L2") == party("L2", stand_ins=(term("L3"),))
    assert decided.by_code("L3") == party("L3")
    assert decided.content == (
        "parties: []\n# L1: {stand_in: L3, from: 2023-06-13, until: 2023-06-14}\n"
        "# L2: {stand_in: L3, from: 2023-06-12, until: 2023-06-16}"
    )
    assert decided.digest == hashlib.sha256(decided.content.encode()).hexdigest()
    assert written.by_code("L2") == party("L2"), "the one that was read is not changed"


def test_no_terms_change_nothing() -> None:
    directory = Directory((party("L1"),), "parties: []", "d0")
    assert directory.with_stand_ins([]) is directory


def test_a_term_of_a_party_that_left_the_file_is_passed_over() -> None:
    decided = Directory((party("L1"),)).with_stand_ins([("L9", term("L1"))])
    assert decided.parties == (party("L1"),)


def test_whether_it_depends_on_the_day() -> None:
    directory = Directory((party("L1"), party("L2")))
    assert not directory.varies_by_day
    assert directory.with_stand_ins([("L1", term("L2"))]).varies_by_day


def test_a_stand_in_that_is_not_in_the_file_receives_nothing() -> None:
    directory = Directory((party("L1", stand_ins=(term("L9"),)),))
    assert directory.receiver("L1", d("06-14")) == directory.by_code("L1")
    assert directory.receiver("L9", d("06-14")) is None


# Looking up


def test_parties_are_found_by_code_name_and_role() -> None:
    unit, head = party("D1", ZHAO), party("H1", QIAN, role=Role.HEAD)
    directory = Directory((unit, head))
    assert directory.by_code("D1") == directory.by_name("单位D1") == unit
    assert directory.by_code("单位D1") is directory.by_name("D1") is None
    assert directory.holding(Role.HEAD) == (head,)
    assert directory.person("qian") == QIAN
    assert directory.person("sun") is None
