"""Which row is which known measure: by what it says, then by its number; against a twin that tries pair after pair."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ledger.likeness import are_alike
from models.ledger.matching import NEAR, By, Doubt, KnownTelling, Matches, Telling, matched

BOOKS, CARS, TALKS = "修订经费使用管理办法", "清退超标准配备的车辆", "开展一次集体谈话提醒"
BOOKS_ANEW = "修订经费使用管理办法，并公示"


def row(no: str, text: str, problem: str = "经费管理不规范", unit: str = "D1") -> Telling:
    return Telling(no, problem, text, unit)


def known(no: str, text: str, problem: str = "经费管理不规范", unit: str = "D1", *, series: int = 1) -> KnownTelling:
    told = row(no, text, problem, unit)
    return KnownTelling(told, told, series, False)


def withdrawn(no: str, text: str) -> KnownTelling:
    return known(no, text)._replace(withdrawn=True)


def numbers(known: Sequence[KnownTelling], read: Sequence[Telling]) -> dict[str, str]:
    """The number of each row that was told, and that of its measure."""
    found = matched(known, read)
    assert not found.doubts
    return {read[pair.row].no: known[pair.known].holds.no for pair in found.pairs}


def doubts(known: Sequence[KnownTelling], read: Sequence[Telling]) -> list[tuple[str, str, Doubt]]:
    return [(read[one.row].no, known[one.known].holds.no, one.why) for one in matched(known, read).doubts]


ROUND = (known("1", BOOKS), known("2", CARS), known("3", TALKS))


# --- Numbers that moved


def test_a_row_put_in_above_moves_the_numbers_and_no_measure() -> None:
    read = (row("1", "新添的一条"), row("2", BOOKS), row("3", CARS), row("4", TALKS))
    assert numbers(ROUND, read) == {"2": "1", "3": "2", "4": "3"}
    assert matched(ROUND, read).new == (0,)


def test_a_row_taken_out_leaves_its_measure_missing() -> None:
    read = (row("1", CARS), row("2", TALKS))
    assert numbers(ROUND, read) == {"1": "2", "2": "3"}
    assert matched(ROUND, read).missing == (0,)


@pytest.mark.parametrize(("before", "after"), [("1", "1.1"), ("1.1", "1")])
def test_a_number_that_was_divided_or_no_longer_is_stays_that_of_its_measure(before: str, after: str) -> None:
    assert numbers([known(before, BOOKS)], [row(after, BOOKS)]) == {after: before}
    assert numbers([known(before, BOOKS)], [row(after, BOOKS_ANEW)]) == {after: before}
    assert not matched([known(before, BOOKS)], [row(after, CARS)]).pairs


def test_what_a_ledger_said_last_tells_its_row_as_well_as_what_holds() -> None:
    apart = KnownTelling(row("4", BOOKS_ANEW), row("1", BOOKS), 1, False)
    for one in (row("4", BOOKS), row("1", BOOKS_ANEW), row("9", BOOKS), row("4", "财务制度修订完毕")):
        assert matched([apart], [one]).pairs, one


def test_the_number_that_a_ledger_gave_last_goes_before_the_one_that_stayed() -> None:
    stayed = KnownTelling(row("2", BOOKS), row("1", BOOKS), 1, False)
    read = [row("1", CARS + "和船"), row("2", BOOKS_ANEW)]
    assert numbers([stayed, known("3", CARS)], read) == {"2": "1"}


# --- Words that stand more than once


def test_of_equal_measures_each_unit_keeps_its_own() -> None:
    two = (known("1", BOOKS, unit="D1"), known("2", BOOKS, unit="D2"))
    assert numbers(two, [row("1", CARS), row("2", BOOKS, unit="D1"), row("3", BOOKS, unit="D2")]) == {
        "2": "1",
        "3": "2",
    }
    assert numbers(two, [row("1", BOOKS, unit="D1"), row("7", BOOKS, unit="D3")]) == {"1": "1"}


def test_a_row_that_names_nobody_is_told_by_its_words() -> None:
    assert numbers(ROUND, [row("5", BOOKS, unit="")]) == {"5": "1"}
    assert numbers([known("1", BOOKS, unit="")], [row("5", BOOKS)]) == {"5": "1"}


def test_a_measure_handed_on_and_moved_is_told_in_its_own_ledger_only() -> None:
    moved = row("4", TALKS, unit="D9")
    assert numbers(ROUND, [row("1", BOOKS), moved]) == {"1": "1", "4": "3"}
    other = known("11", TALKS, series=2)
    assert doubts([*ROUND[:2], other], [row("1", BOOKS), moved]) == [("4", "11", Doubt.OTHER_UNIT)]


def test_a_withdrawn_measure_is_known_by_its_number_only() -> None:
    assert numbers([withdrawn("1", BOOKS)], [row("1", BOOKS)]) == {"1": "1"}
    assert matched([withdrawn("1", BOOKS)], [row("2", BOOKS)]).new == (0,)
    assert doubts([withdrawn("1", BOOKS)], [row("1", CARS)]) == [("1", "1", Doubt.ANOTHER)]


# --- Words that changed


def test_the_same_number_with_like_words_or_the_same_problem_is_the_measure() -> None:
    for changed in (row("1", BOOKS_ANEW), row("1", CARS), row("1", BOOKS, "用车不规范")):
        assert numbers([known("1", BOOKS)], [changed]) == {"1": "1"}
    assert numbers([known("1", BOOKS)], [row("1", BOOKS_ANEW, "经费管理不够规范")]) == {"1": "1"}
    assert doubts([known("1", BOOKS)], [row("1", CARS, "用车不规范")]) == [("1", "1", Doubt.ANOTHER)]


def test_a_reworded_problem_does_not_hide_its_measures_behind_moved_numbers() -> None:
    anew = [row(no, text, "经费管理很不规范") for no, text in (("1", "新添的一条"), ("2", BOOKS), ("3", CARS))]
    assert numbers(ROUND[:2], anew) == {"2": "1", "3": "2"}
    elsewhere = [row("9", BOOKS, "用车不规范")]
    assert matched(ROUND, elsewhere).new == (0,)


def test_a_row_with_the_words_of_another_measure_is_no_change_of_the_measure_of_its_number() -> None:
    read = (row("1", BOOKS), row("2", CARS), row("3", CARS))
    (doubt,) = matched(ROUND, read).doubts
    assert (doubt.row, doubt.known, doubt.why, doubt.other_known) == (2, 2, Doubt.COPY, 1)


def test_a_number_that_moved_while_words_changed_is_asked_about() -> None:
    (doubt,) = matched(ROUND[:1], [row("1", CARS), row("2", BOOKS_ANEW)]).doubts
    assert (doubt.row, doubt.known, doubt.why, doubt.other_row) == (0, 0, Doubt.MOVED, 1)
    (doubt,) = matched(ROUND[:2], [row("1", f"{CARS}，逐一登记")]).doubts
    assert (doubt.row, doubt.known, doubt.why, doubt.other_known) == (0, 0, Doubt.MOVED, 1)


def test_like_words_far_away_say_nothing() -> None:
    between = [row(f"补{n}", f"{n}") for n in range(NEAR)]
    assert not matched(ROUND[:1], [row("1", CARS), *between, row("2", BOOKS_ANEW)]).doubts


# --- The twin


class Twin:
    """One step after another; in each step every row is held against every measure."""

    def __init__(self, known: Sequence[KnownTelling], read: Sequence[Telling]) -> None:
        self.known, self.read = known, read
        self.pairs: list[tuple[int, int, By]] = []
        self.asked: list[tuple[int, int, Doubt]] = []

    def found(self) -> tuple[object, ...]:
        self.same()
        self.step(By.WORDS, lambda one, face, said: not one.withdrawn and face[1:] == said[1:])
        self.step(By.BOTH, lambda _, face, said: face[:3] == said[:3])
        self.step(By.WORDS, lambda one, face, said: not one.withdrawn and face.words == said.words
                  and not (said.unit and all(face.unit for face in one.faces)))  # fmt: skip
        self.other_units()
        self.reworded_problems()
        self.numbers()
        self.step(By.NUMBER, lambda one, face, said: not one.withdrawn and not self.owners(said)
                  and _is_like(face, said) and _is_divided(one, said))  # fmt: skip
        told = [(k, r) for k, r, _ in self.pairs] + [(k, r) for r, k, _ in self.asked]
        new = [r for r in range(len(self.read)) if r not in [r for _, r in told]]
        missing = [k for k in range(len(self.known)) if k not in [k for k, _ in told]]
        return sorted(self.pairs), new, missing, sorted(self.asked)

    def left(self) -> list[tuple[int, int]]:
        told = [(k, r) for k, r, _ in self.pairs] + [(k, r) for r, k, _ in self.asked]
        return [(k, r) for k in range(len(self.known)) for r in range(len(self.read))
                if k not in [k for k, _ in told] and r not in [r for _, r in told]]  # fmt: skip

    def same(self) -> None:
        for k, one in enumerate(self.known):
            for face in one.faces:
                for r, said in enumerate(self.read):
                    if said == face and (k, r) in self.left():
                        self.pairs.append((k, r, By.BOTH))

    def step(self, by: By, suits: Callable[[KnownTelling, Telling, Telling], bool]) -> None:
        for r, said in enumerate(self.read):
            for k, one in enumerate(self.known):
                if (k, r) in self.left() and any(suits(one, face, said) for face in one.faces):
                    self.pairs.append((k, r, by))

    def owners(self, said: Telling) -> list[int]:
        return [k for k, one in enumerate(self.known)
                if not one.withdrawn and said.words in [face.words for face in one.faces]]  # fmt: skip

    def other_units(self) -> None:
        ledger = {self.known[k].series for k, _, _ in self.pairs}
        for r, said in enumerate(self.read):
            owning = self.owners(said)
            once = [one.words for one in self.read].count(said.words) == 1 == len(owning)
            if once and (owning[0], r) in self.left() and self.known[owning[0]].series in ledger:
                self.pairs.append((owning[0], r, By.WORDS))
            elif once and (owning[0], r) in self.left():
                self.asked.append((r, owning[0], Doubt.OTHER_UNIT))

    def reworded_problems(self) -> None:
        free = [(k, r) for k, r in self.left() if not self.known[k].withdrawn]
        for k, r in free:
            said = self.read[r]
            has_text = [j for j in {k for k, _ in free} if said.text in [face.text for face in self.known[j].faces]]
            same = [j for j in {r for _, r in free} if self.read[j].text == said.text]
            like = [face for face in self.known[k].faces
                    if face[2:] == said[2:] and are_alike(face.problem, said.problem)]  # fmt: skip
            if len(has_text) == len(same) == 1 and like:
                self.pairs.append((k, r, By.WORDS))

    def of_same_number(self) -> list[tuple[int, int]]:
        chosen: list[tuple[int, int]] = []
        for holds in (False, True):
            for k, r in sorted(self.left(), key=lambda pair: (pair[1], pair[0])):
                face = self.known[k].holds if holds else self.known[k].said
                unchosen = k not in [k for k, _ in chosen] and r not in [r for _, r in chosen]
                if unchosen and face.no == self.read[r].no:
                    chosen.append((k, r))
        return chosen

    def numbers(self) -> None:
        unlike = []
        for k, r in self.of_same_number():
            one, said = self.known[k], self.read[r]
            if set(self.owners(said)) - {k}:
                self.asked.append((r, k, Doubt.COPY))
            elif any(_is_like(face, said) for face in one.faces):
                self.pairs.append((k, r, By.NUMBER))
            elif any(face.problem == said.problem for face in one.faces) and not one.withdrawn:
                unlike.append((k, r))
            else:
                self.asked.append((r, k, Doubt.ANOTHER))
        left = self.left()
        for k, r in unlike:
            if self.has_like_neighbour(k, r, left):
                self.asked.append((r, k, Doubt.MOVED))
            else:
                self.pairs.append((k, r, By.NUMBER))

    def has_like_neighbour(self, k: int, r: int, left: Sequence[tuple[int, int]]) -> bool:
        said = self.read[r]
        rows = [self.read[j] for _, j in left if j != r and self.read[j].problem == said.problem]
        measures = [self.known[j] for j, _ in left if j != k and not self.known[j].withdrawn]
        of_problem = [one for one in measures if said.problem in [face.problem for face in one.faces]]
        return any(are_alike(face.text, row.text) for face in self.known[k].faces for row in rows) or any(
            are_alike(face.text, said.text) for one in of_problem for face in one.faces
        )


def _is_like(face: Telling, said: Telling) -> bool:
    return face.text == said.text or (are_alike(face.problem, said.problem) and are_alike(face.text, said.text))


def _is_divided(one: KnownTelling, said: Telling) -> bool:
    return any(face.no.startswith(f"{said.no}.") or said.no.startswith(f"{face.no}.") for face in one.faces)


def told(found: Matches) -> tuple[object, ...]:
    return (
        [tuple(pair) for pair in found.pairs],
        list(found.new),
        list(found.missing),
        [(one.row, one.known, one.why) for one in found.doubts],
    )


NUMBERS = st.sampled_from(["1", "2", "2.1", "2.2", "3"])
TELLINGS = st.builds(
    Telling,
    NUMBERS,
    st.sampled_from(["作风不实", "作风很不实", "学习"]),
    st.sampled_from(["订计划", "订计划表", "谈话", "谈话提醒", "公示"]),
    st.sampled_from(["", "D1", "D2"]),
)
KNOWN = st.builds(
    lambda said, holds, series, withdrawn: KnownTelling(said, said if said == holds else holds, series, withdrawn),
    TELLINGS, TELLINGS, st.integers(1, 2), st.booleans(),
) | TELLINGS.map(lambda said: KnownTelling(said, said, 1, False))  # fmt: skip


@given(
    st.lists(KNOWN, max_size=5, unique_by=lambda one: one.holds.no),
    st.lists(TELLINGS, max_size=5, unique_by=lambda one: one.no),
)
def test_rows_are_matched_as_trying_pair_after_pair_does(known: list[KnownTelling], read: list[Telling]) -> None:
    assert told(matched(known, read)) == Twin(known, read).found()


@given(st.lists(KNOWN, max_size=5), st.lists(TELLINGS, max_size=5))
def test_each_row_and_each_measure_is_told_of_once(known: list[KnownTelling], read: list[Telling]) -> None:
    found = matched(known, read)
    rows = [one.row for one in found.pairs] + [one.row for one in found.doubts]
    measures = [one.known for one in found.pairs] + [one.known for one in found.doubts]
    assert sorted([*rows, *found.new]) == list(range(len(read)))
    assert sorted([*measures, *found.missing]) == list(range(len(known)))
