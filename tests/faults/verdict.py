"""What a trial is judged by: the outbox, row by row, against what the relay has in its log.

Nothing lost: all that was due stands in the outbox, and each message of it is out, or its doubt is on record. Nothing
said twice unflagged: no more copies than one, and one for each attempt recorded as ambiguous.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Due(NamedTuple):
    """One occurrence that must be told: to whom, of which clock and date, on which rung; or of which event."""

    party: str
    told: str
    rung: str


@dataclass(frozen=True, slots=True)
class Row:
    """A message as the outbox has it in the end. `name`: what its copies are known by. `sha256`: of its bytes, None
    where those are signed anew for each copy. Of its delivery record: `doubts` are the lines that say unknown,
    `acceptances` those that say accepted, `marked` the digests of bytes that its markers name, one a marker.
    `only_by_word`: an escalation, or one for a robot, which nothing but a person's word sends a second time."""

    id: int
    state: str
    ambiguous: int
    name: str | None
    sha256: str | None
    dues: tuple[Due, ...]
    doubts: int
    acceptances: int
    marked: tuple[str, ...]
    only_by_word: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """One message that the channel took, and a digest of what it says."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`breaches` is empty where the guarantee held. `flagged` messages; `needless` of them were taken once only."""

    breaches: tuple[str, ...]
    messages: int
    copies: int
    flagged: int
    needless: int


OUT, IN_DOUBT = "accepted", "unknown"
OVER = frozenset({"cancelled", "superseded", "expired"})


def judge(wanted: Counter[Due], unsaid: Mapping[Due, str], rows: Sequence[Row], copies: Sequence[Copy]) -> Verdict:
    """`wanted` is what an undisturbed run says; `unsaid` what this outbox may have left out, each with the reason that
    it has on record."""
    taken = Counter(copy.name for copy in copies)
    breaches = [
        *_never_planned(wanted, unsaid, rows),
        *(breach for row in rows for breach in _of_row(row, unsaid, taken)),
        *_of_bytes(rows, copies),
        *(f"a letter that no message knows: {name}" for name in taken.keys() - {row.name for row in rows}),
    ]
    flagged = [row for row in rows if row.ambiguous]
    needless = [row for row in flagged if taken[row.name or ""] <= (row.state == OUT)]
    return Verdict(tuple(breaches), len(rows), len(copies), len(flagged), len(needless))


def _never_planned(wanted: Counter[Due], unsaid: Mapping[Due, str], rows: Sequence[Row]) -> Iterator[str]:
    told = Counter(due for row in rows if row.state not in OVER for due in row.dues)
    for due, times in (wanted - told).items():
        if due not in unsaid:
            yield f"lost: {due} is in {told[due]} of {times} messages"
    for due, times in (told - wanted).items():
        yield f"said without being due: {due} in {times} messages too many"


def _of_row(row: Row, unsaid: Mapping[Due, str], taken: Mapping[str, int]) -> Iterator[str]:
    copies = taken.get(row.name or "", 0)
    is_over = row.state in OVER and all(due in unsaid for due in row.dues)
    if row.state not in {OUT, IN_DOUBT} and not is_over:
        yield f"message {row.id} ends as {row.state}"
    if row.state == OUT and not copies:
        yield f"lost: message {row.id} is accepted and nobody has it"
    if row.state == IN_DOUBT and not row.ambiguous:
        yield f"message {row.id} is unknown without a doubt on record"
    if copies > min(row.acceptances, 1) + row.ambiguous:
        yield f"message {row.id} was said {copies} times, with {row.ambiguous} doubts on record"
    if copies > len(row.marked):
        yield f"message {row.id} was said {copies} times, with {len(row.marked)} markers"
    if copies > 1 and row.only_by_word:
        yield f"message {row.id} was said {copies} times, and nobody asked for it"
    if row.doubts != row.ambiguous:
        yield f"message {row.id} counts {row.ambiguous} doubts, its delivery record {row.doubts}"


def _of_bytes(rows: Sequence[Row], copies: Sequence[Copy]) -> Iterator[str]:
    """After the first marker the bytes never change: each copy is what the outbox keeps, and what the marker names."""
    said = {copy.name: copy.sha256 for copy in copies}
    kept = {row.name: row for row in rows}
    for copy in copies:
        row = kept.get(copy.name)
        if row and copy.sha256 != (row.sha256 or said[copy.name]):
            yield f"message {row.id} went out with other bytes than are kept for it"
        if row and row.sha256 and not {*row.marked} <= {row.sha256}:
            yield f"message {row.id} was marked with other bytes than are kept for it"
