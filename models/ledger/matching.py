"""Which row of a file is which known measure, though numbers move and words change, and what cannot be told. PURE.

Runs before rows are compared in their fields (models/ledger/difference.py). What a measure says goes before its number:
a row put in above moves every number below it. What would make one measure of another is a doubt, never a pair.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from models.ledger.likeness import are_alike

NEAR = 5
"""How many rows, or measures, of the same problem to either side a moved number is looked for."""


class Telling(NamedTuple):
    """What a row, or a measure, is told by: its number as `number_key` gives it, words as `plain` does, its unit."""

    no: str
    problem: str
    text: str
    unit: str

    @property
    def words(self) -> tuple[str, str]:
        return self.problem, self.text


class KnownTelling(NamedTuple):
    """A measure of the round: as its ledger said it last, and as it holds now; `series` as in `KnownRow`."""

    said: Telling
    holds: Telling
    series: int
    withdrawn: bool

    @property
    def faces(self) -> tuple[Telling, ...]:
        return (self.said,) if self.said is self.holds else (self.said, self.holds)


class By(StrEnum):
    """Why a row is taken for a measure: number and words agree; the words alone; the number, and the words are like."""

    BOTH = "both"
    WORDS = "words"
    NUMBER = "number"


class Doubt(StrEnum):
    """Why it cannot be told what a row is.

    ANOTHER: the number of a measure that is about something else. COPY: the number of one measure, the words of
    another. MOVED: the number of one measure, words like those of another, or of which another row has the like.
    OTHER_UNIT: the words of a measure of another ledger, which another unit has under another number.
    """

    ANOTHER = "another"
    COPY = "copy"
    MOVED = "moved"
    OTHER_UNIT = "other_unit"


class Pair(NamedTuple):
    """A measure and the row that is taken for it, as places in what was given."""

    known: int
    row: int
    by: By


class Doubtful(NamedTuple):
    """A row and the measure that it may or may not be. `other_known`, `other_row`: what else speaks for a mistake."""

    row: int
    known: int
    why: Doubt
    other_known: int | None = None
    other_row: int | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs in the order of the measures; `new` and `missing` are what is left of rows and of measures."""

    pairs: tuple[Pair, ...]
    new: tuple[int, ...]
    missing: tuple[int, ...]
    doubts: tuple[Doubtful, ...]


def matched(known: Sequence[KnownTelling], read: Sequence[Telling]) -> Matches:
    """Finds for each row the measure that it is. A withdrawn one is found by its number only.

    Each step looks at what the steps before left, row by row. Of several measures alike the first is taken.
    """
    found = _Matching(known, read)
    found.join_exactly()
    found.join(By.WORDS, _words_and_unit)
    found.join(By.BOTH, _number_and_words, withdrawn_too=True)
    if found.rows_left:
        found.join_unnamed()
        found.join_other_units()
        found.join_reworded_problems()
        found.join_numbers()
        found.join_divided_numbers()
    return found.matches()


def _words_and_unit(one: Telling) -> Hashable:
    return one[1:]


def _number_and_words(one: Telling) -> Hashable:
    return one[:3]


def _words(one: Telling) -> Hashable:
    return one.words


def _text(one: Telling) -> Hashable:
    return one.text


@dataclass(slots=True)
class _Matching:
    """Rows and measures, and which of them are left."""

    known: Sequence[KnownTelling]
    read: Sequence[Telling]
    pairs: list[Pair] = field(default_factory=list)
    doubts: list[Doubtful] = field(default_factory=list)
    known_left: dict[int, None] = field(init=False)
    rows_left: dict[int, None] = field(init=False)

    def __post_init__(self) -> None:
        self.known_left = dict.fromkeys(range(len(self.known)))
        self.rows_left = dict.fromkeys(range(len(self.read)))

    def matches(self) -> Matches:
        new, missing = tuple(self.rows_left), tuple(self.known_left)
        return Matches(tuple(sorted(self.pairs)), new, missing, tuple(sorted(self.doubts, key=lambda one: one.row)))

    # --- Equal words

    def join_exactly(self) -> None:
        """Pairs each measure with the row that says what its ledger said last, else with one that says what holds."""
        places = dict(zip(reversed(self.read), reversed(self.rows_left), strict=True))
        for one, known in enumerate(self.known):
            for face in known.faces:
                if (row := places.pop(face, None)) is not None:
                    self._pair(one, row, By.BOTH)
                    break

    def join(self, by: By, key: Callable[[Telling], Hashable], *, withdrawn_too: bool = False) -> None:
        """Pairs rows with measures that have the same key."""
        waiting = self._left_by(key, withdrawn_too=withdrawn_too) if self.rows_left else {}
        for row in list(self.rows_left):
            self._pair_first(row, waiting.get(key(self.read[row]), ()), by)

    def join_unnamed(self) -> None:
        """The same words, where row or measure names no unit: a notice, or the drafts that were made of one."""
        waiting = self._left_by(_words)
        for row in list(self.rows_left):
            said = self.read[row]
            owning = waiting.get(said.words, ())
            self._pair_first(row, (one for one in owning if not said.unit or _names_nobody(self.known[one])), By.WORDS)

    def join_other_units(self) -> None:
        """The same words under another number and with another unit: of the same ledger it is the measure, handed on.

        Of another ledger it may be a measure of its own. Words that stand in several rows tell nothing.
        """
        owners, times = self._owners(), Counter(row.words for row in self.read)
        series = {self.known[pair.known].series for pair in self.pairs}
        for row in list(self.rows_left):
            words = self.read[row].words
            owning = owners.get(words, ())
            if not len(owning) == times[words] == 1 or owning[0] not in self.known_left:
                continue
            if self.known[owning[0]].series in series:
                self._pair(owning[0], row, By.WORDS)
            else:
                self._doubt(Doubtful(row, owning[0], Doubt.OTHER_UNIT))

    def join_reworded_problems(self) -> None:
        """The same measure of a problem that is worded otherwise, where both have such a measure once only."""
        waiting = self._left_by(_text)
        times = Counter(self.read[row].text for row in self.rows_left)
        for row in list(self.rows_left):
            said = self.read[row]
            owning = waiting.get(said.text, ())
            if len(owning) == times[said.text] == 1 and _is_of_reworded_problem(self.known[owning[0]], said):
                self._pair(owning[0], row, By.WORDS)

    # --- Equal numbers

    def join_numbers(self) -> None:
        """The same number, and like words; or other words of the same problem, which no other measure has."""
        owners, unlike = self._owners(), []
        for row, one in self._of_same_number():
            known, said = self.known[one], self.read[row]
            if copied := [other for other in owners.get(said.words, ()) if other != one]:
                self._doubt(Doubtful(row, one, Doubt.COPY, other_known=copied[0]))
            elif _is_like(known, said):
                self._pair(one, row, By.NUMBER)
            elif not known.withdrawn and _has_problem(known, said):
                unlike.append((row, one))
            else:
                self._doubt(Doubtful(row, one, Doubt.ANOTHER))
        near = _Near(self)
        moved = [near.moved(row, one) for row, one in unlike]
        for (row, one), doubt in zip(unlike, moved, strict=True):
            if doubt:
                self._doubt(doubt)
            else:
                self._pair(one, row, By.NUMBER)

    def join_divided_numbers(self) -> None:
        """Like words, where one has the number 2, the other 2.1, made where rows share a 2."""
        owners = self._owners()
        whole, divided = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        for one in self._standing():
            for no in {face.no for face in self.known[one].faces}:
                whole[no].append(one)
                divided[_undivided(no)].append(one)
        for row in list(self.rows_left):
            said = self.read[row]
            owning = (*whole.get(_undivided(said.no), ()), *divided.get(said.no, ()))
            if said.words not in owners:
                self._pair_first(row, (one for one in owning if _is_like(self.known[one], said)), By.NUMBER)

    def _of_same_number(self) -> list[tuple[int, int]]:
        """Rows and the measure of their number: the one that its ledger called so last, else the one called so now."""
        found: dict[int, int] = {}
        for name in ("said", "holds"):
            taken = set(found.values())
            by_no = {getattr(self.known[one], name).no: one for one in reversed(self.known_left) if one not in taken}
            for row in self.rows_left:
                if row not in found and (one := by_no.pop(self.read[row].no, None)) is not None:
                    found[row] = one
        return sorted(found.items())

    # --- What is left

    def _standing(self) -> Iterator[int]:
        return (one for one in self.known_left if not self.known[one].withdrawn)

    def _left_by(
        self, key: Callable[[Telling], Hashable], *, withdrawn_too: bool = False
    ) -> Mapping[Hashable, Sequence[int]]:
        """The measures that are left, by the key of what they say; each once under each key."""
        found: dict[Hashable, list[int]] = {}
        for one in self.known_left if withdrawn_too else self._standing():
            for each in {key(face) for face in self.known[one].faces}:
                found.setdefault(each, []).append(one)
        return found

    def _owners(self) -> Mapping[Hashable, Sequence[int]]:
        """Whose words they are, of all measures that are not withdrawn."""
        found: dict[Hashable, list[int]] = {}
        for one, known in enumerate(self.known):
            for words in () if known.withdrawn else {face.words for face in known.faces}:
                found.setdefault(words, []).append(one)
        return found

    def _pair_first(self, row: int, owning: Iterable[int], by: By) -> None:
        one = next((one for one in owning if one in self.known_left), None)
        if one is not None:
            self._pair(one, row, by)

    def _pair(self, one: int, row: int, by: By) -> None:
        self.pairs.append(Pair(one, row, by))
        del self.known_left[one], self.rows_left[row]

    def _doubt(self, doubt: Doubtful) -> None:
        self.doubts.append(doubt)
        del self.known_left[doubt.known], self.rows_left[doubt.row]


class _Near:
    """The rows and measures that are left of each problem, to see whether a number has moved on to a neighbour."""

    def __init__(self, of: _Matching) -> None:
        self.known, self.read = of.known, of.read
        self.rows, self.measures = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        for row in of.rows_left:
            self.rows[self.read[row].problem].append(row)
        for one in of.known_left:
            for problem in () if self.known[one].withdrawn else {face.problem for face in self.known[one].faces}:
                self.measures[problem].append(one)

    def moved(self, row: int, one: int) -> Doubtful | None:
        """The doubt that the row is rather like a neighbour of the measure, or the measure like one of the row."""
        said = self.read[row]
        for other in _neighbours(self.rows[said.problem], row):
            if _has_like_text(self.known[one], self.read[other]):
                return Doubtful(row, one, Doubt.MOVED, other_row=other)
        for other in _neighbours(self.measures[said.problem], one):
            if _has_like_text(self.known[other], said):
                return Doubtful(row, one, Doubt.MOVED, other_known=other)
        return None


def _neighbours(places: Sequence[int], place: int) -> Iterator[int]:
    at = bisect_left(places, place)
    return (other for other in places[max(at - NEAR, 0) : at + NEAR + 1] if other != place)


def _names_nobody(known: KnownTelling) -> bool:
    return not all(face.unit for face in known.faces)


def _has_problem(known: KnownTelling, said: Telling) -> bool:
    return any(face.problem == said.problem for face in known.faces)


def _has_like_text(known: KnownTelling, said: Telling) -> bool:
    return any(are_alike(face.text, said.text) for face in known.faces)


def _is_like(known: KnownTelling, said: Telling) -> bool:
    """Whether the text is the same, or it is like and so is the problem."""
    return any(
        face.text == said.text or (are_alike(face.problem, said.problem) and are_alike(face.text, said.text))
        for face in known.faces
    )


def _is_of_reworded_problem(known: KnownTelling, said: Telling) -> bool:
    return any(
        face.text == said.text and face.unit == said.unit and are_alike(face.problem, said.problem)
        for face in known.faces
    )


def _undivided(no: str) -> str:
    """The number before it was divided, 2 of 2.1; empty where it was not."""
    return no.rpartition(".")[0]
