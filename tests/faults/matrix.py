"""The fault matrix as data: what is done at which stage, and the one end that is expected of it. PURE

The tests test_matrix_*.py run every cell; `python -m tests.faults.matrix > docs/faults.md` writes it down for people.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from models.ladder import MessageKind
from models.tables import AttemptPhase, MessageState

ACCEPTED, REJECTED, UNKNOWN = MessageState.ACCEPTED, MessageState.REJECTED, MessageState.UNKNOWN
RETRY_WAIT = MessageState.RETRY_WAIT
DIGEST, ESCALATION = MessageKind.DIGEST, MessageKind.ESCALATION


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a message whose channel fails once in a certain way, and then works.

    `state`, `phase`, `doubts`, `tries` after the first run, `minutes` until the next try; `end` when all is quiet,
    after so many `attempts`; the other side has it `copies` times. `closes`: the channel waits, and so does every
    other message that goes through it.
    """

    means: str
    state: MessageState
    phase: AttemptPhase
    end: MessageState
    attempts: int
    copies: int
    minutes: tuple[float, float] | None = None
    tries: int = 0
    doubts: int = 0
    closes: bool = False


FINE = Fate("taken, and said to be", ACCEPTED, AttemptPhase.ACCEPTED, ACCEPTED, attempts=1, copies=1)
PAUSED = Fate(
    "proved not taken, and not the recipient's fault: the channel rests, and all that goes through it",
    RETRY_WAIT, AttemptPhase.RETRY, ACCEPTED, attempts=2, copies=1, minutes=(0.8, 1.2), closes=True,
)  # fmt: skip
LATER = Fate(
    "proved not taken, this one message is tried again",
    RETRY_WAIT, AttemptPhase.RETRY, ACCEPTED, attempts=2, copies=1, minutes=(0.8, 1.2), tries=1,
)  # fmt: skip
GREY = replace(LATER, means="the same, but not before five minutes have gone (greylisting)", minutes=(5.0, 6.0))
REFUSED = Fate(
    "refused for good: the next address, or a person",
    REJECTED, AttemptPhase.REJECTED, REJECTED, attempts=1, copies=0, tries=1,
)  # fmt: skip
DOUBT = Fate(
    "nobody knows (and it was not taken): once more after ten minutes, flagged",
    RETRY_WAIT, AttemptPhase.UNKNOWN, ACCEPTED, attempts=2, copies=1, minutes=(10.0, 10.0), doubts=1,
)  # fmt: skip
MUTE = replace(DOUBT, means=f"{DOUBT.means}; the channel rests, or the next ones would be in doubt too", closes=True)
TWICE = replace(DOUBT, means="nobody knows (and it was taken): once more after ten minutes, flagged", copies=2)
MUTE_TWICE = replace(TWICE, means=f"{TWICE.means}; the channel rests", closes=True)

FATES = {
    "paused": PAUSED, "later": LATER, "grey": GREY, "refused": REFUSED, "doubt": DOUBT, "mute": MUTE, "twice": TWICE,
    "mutetwice": MUTE_TWICE,
}  # fmt: skip


def for_a_person(fate: Fate) -> Fate:
    """The same for an escalation: what nobody knows is not sent again by itself."""
    if not fate.doubts:
        return fate
    means = fate.means.partition(":")[0] + ": a person decides"
    return replace(fate, means=means, state=UNKNOWN, end=UNKNOWN, attempts=1, copies=fate.copies - 1, minutes=None)


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one stage. `code` is what the delivery record says; `waits` names the patience that it takes."""

    stage: str
    fault: str
    fate: Fate
    code: str
    enhanced: str = ""
    kind: MessageKind = DIGEST
    waits: str = ""

    def __str__(self) -> str:
        return f"{self.stage}-{self.fault}-{self.kind}"


SMTP_GRID = """
        banner EHLO   STARTTLS AUTH   MAIL    RCPT    DATA    body    dot
421     paused paused paused   paused paused  paused  paused  paused  paused
450     paused paused paused   paused grey    grey    grey    grey    grey
451     paused paused paused   paused grey    grey    grey    grey    grey
452     paused paused paused   paused later   later   later   later   later
535     paused paused paused   paused paused  paused  paused  paused  paused
550     paused paused paused   paused refused refused refused refused refused
552     paused paused paused   paused refused refused refused refused refused
554     paused paused paused   paused refused refused refused refused refused
hang    paused paused paused   paused paused  paused  paused  paused  mute
reset   paused paused paused   paused paused  paused  paused  paused  doubt
close   paused paused paused   paused paused  paused  paused  paused  doubt
drip    paused paused paused   paused paused  paused  paused  paused  mute
endless paused paused paused   paused paused  paused  paused  paused  doubt
garbage paused paused paused   paused paused  paused  paused  paused  doubt
"""
"""Faults down, stages across. `body`: in the middle of a long one. `dot`: after it, before the reply."""
AFTER_TAKING = ("hang", "reset", "close")
"""What a relay does that has taken the message and does not say so."""
HANDSHAKE = ("expired", "another host", "stripped", "garbage", "hang", "reset", "close", "drip")
"""What may be wrong with TLS. Never does a letter or a login go in the clear."""
ENHANCED = {
    "421": "4.3.2", "450": "4.2.0", "451": "4.3.0", "452": "4.2.2", "535": "5.7.8", "550": "5.1.1", "552": "5.3.4",
    "554": "5.7.1",
}  # fmt: skip
_CODES = {"hang": "timeout", "drip": "timeout", "reset": "lost", "close": "lost", "endless": "garbled",
          "garbage": "garbled"}  # fmt: skip


def smtp_cells() -> Iterator[Cell]:
    """Every cell of the three tables of mail. After the dot both kinds of messages are tried."""
    for stage, fault, word in read_grid(SMTP_GRID):
        code = _CODES.get(fault, fault)
        cell = Cell(stage, fault, FATES[word], code, ENHANCED.get(fault, ""), waits=_wait(stage, fault))
        yield cell
        if stage == "dot":
            yield replace(cell, kind=ESCALATION, fate=for_a_person(cell.fate))
    for fault in AFTER_TAKING:
        fate = MUTE_TWICE if fault == "hang" else TWICE
        for kind, found in (DIGEST, fate), (ESCALATION, for_a_person(fate)):
            yield Cell("taken", fault, found, _CODES[fault], kind=kind, waits=_wait("dot", fault))
    for fault in HANDSHAKE:
        yield Cell("handshake", fault, PAUSED, "timeout" if fault == "hang" else "tls", waits=_wait("handshake", fault))


def read_grid(grid: str) -> Iterator[tuple[str, str, str]]:
    """Column, row and word of each cell."""
    header, *rows = (line.split() for line in grid.strip("\n").splitlines())
    for fault, *words in rows:
        for stage, word in zip(header, words, strict=True):
            yield stage, fault, word


def _wait(stage: str, fault: str) -> str:
    """Which patience (see Patience) ends the wait; none where there is nothing to wait for."""
    if (stage, fault) == ("body", "endless"):
        return "command"  # it talks and does not read: we hear it once the body does not move
    if fault == "hang" or (fault == "drip" and stage != "handshake"):
        return "after_dot" if stage == "dot" else "command"
    return ""
