"""The rest of the fault matrix as data: what goes wrong around a message, when, and the one end that is expected. PURE

Faults of channels stand in matrix.py, as tables; here each case is a sentence. The tests test_matrix_*.py run them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from models.ladder import MessageKind
from models.tables import MessageState

ACCEPTED, REJECTED, UNKNOWN = MessageState.ACCEPTED, MessageState.REJECTED, MessageState.UNKNOWN
CANCELLED, EXPIRED = MessageState.CANCELLED, MessageState.EXPIRED
SUPERSEDED = MessageState.SUPERSEDED
DIGEST, ESCALATION = MessageKind.DIGEST, MessageKind.ESCALATION


@dataclass(frozen=True, slots=True)
class Case:
    """`what` is wrong `when`; `end` says in words what holds then. At the end of all the message stands at `state`
    with so many `doubts`, and the other side has it `copies` times."""

    what: str
    when: str
    end: str
    state: MessageState = ACCEPTED
    doubts: int = 0
    copies: int = 1
    kind: MessageKind = DIGEST

    def __str__(self) -> str:
        return f"{self.what}-{self.when}-{self.kind}"


WAITS = "the run waits for it and goes on"
KEPT = "the answer is kept in hand and written when the lock is gone; what comes after it waits for the next run"
UNDONE = "the run ends with a sentence and has done nothing by halves; the next one goes on"
IN_DOUBT = "it was taken and that could not be written down: once more, flagged"
FOR_A_PERSON = "it was taken and that could not be written down: flagged, a person decides"
STAGES = ("plan", "claim", "marker", "result")


def database_cases() -> Iterator[Case]:
    """A transaction waits ten seconds for a lock. What lasts longer ends the run, but for an answer that is in hand:
    that is kept for five minutes. Nothing ever costs a message."""
    for stage in STAGES:
        yield Case("locked 1 s", stage, WAITS)
        yield Case("locked 10 s", stage, KEPT if stage == "result" else UNDONE)
        for what in ("locked for ever", "disk full"):
            yield from _broken(what, stage)
    for stage in ("plan", "claim"):
        yield Case("read-only", stage, UNDONE)


def _broken(what: str, stage: str) -> Iterator[Case]:
    if stage != "result":
        yield Case(what, stage, UNDONE)
        return
    doubtful = Case(what, stage, IN_DOUBT, ACCEPTED, doubts=1, copies=2)
    yield doubtful
    yield replace(doubtful, end=FOR_A_PERSON, state=UNKNOWN, copies=1, kind=ESCALATION)


MEANTIME: Sequence[Case] = (
    Case("measure closed", "before it was tried", "nothing is said of it", CANCELLED, copies=0),
    Case("measure closed", "after a refusal past the dot", "the frozen words are no longer true: not sent", CANCELLED,
         copies=0),
    Case("measure closed", "one of two told", "only the other is said"),
    Case("date moved", "before it was tried", "what was said of the old date is not", CANCELLED, copies=0),
    Case("later rung posted", "before it was tried", "the later one is said instead", SUPERSEDED, copies=0),
    Case("policy changed", "before it was tried", "what was decided is said; the new policy decides from the next run"),
    Case("recipient removed", "before it was tried", "it waits for an address until its life is over", EXPIRED,
         copies=0),
    Case("recipient removed", "and put back", "it goes out"),
    Case("recipient moved", "before it was tried", "the new address has it, the old one nothing"),
    Case("unit renamed", "before it was tried", "it goes out under the new name"),
)  # fmt: skip
CLOSED: Sequence[Case] = (
    Case("a relay that answers 421", "for more than two days", "it dies, which alarms", REJECTED, copies=0,
         kind=ESCALATION),
    Case("a relay that answers 421", "for a day and a half", "it goes out as soon as the relay takes it",
         kind=ESCALATION),
    Case("a relay that nobody reaches", "for more than two days", "it dies, which alarms", REJECTED, copies=0,
         kind=ESCALATION),
    Case("a relay that nobody reaches", "for more than two days", "it waits until its life is over", EXPIRED, copies=0),
)  # fmt: skip
POISON: Sequence[Case] = (
    Case("a template that fails", "rendering", "this one is for a person, the others go out", REJECTED, copies=0),
    Case("a line break in the subject", "writing", "it becomes a blank and hides no header"),
    Case("half a surrogate pair", "writing", "it is replaced, the message goes out"),
    Case("10 MB", "a relay that takes them", "it goes out"),
    Case("10 MB", "a relay that takes 1 MB", "this one is for a person, the others go out", REJECTED, copies=0),
    Case("a letter at which the relay hangs up", "every time", "the others go out; this one, until its life is over",
         EXPIRED, copies=0),
)  # fmt: skip

BELIEVED = "an hour is put right often: the run goes on"
ASKED = "nothing is decided and nothing leaves until a person says that the clock is right"
SAME_DAYS = "what is due is what daily runs had found; of several for one clock and party the last is said"
TIME: Sequence[Case] = (
    Case("clock −1 h", "before a run", BELIEVED),
    Case("clock +1 h", "before a run", BELIEVED),
    Case("clock −3 d", "before a run", ASKED),
    Case("clock +3 d", "before a run", ASKED),
    Case("clock +400 d", "before a run", ASKED),
    Case("clock +3 d", "while a message is tried again, then put right", "it waits for a day at most"),
    Case("clock +400 d", "while a message is tried again, then put right", "it waits for a day at most",
         kind=ESCALATION),
    Case("clock +400 d", "while a channel is closed, then put right", "the channel is closed for a day at most",
         kind=ESCALATION),
    Case("clock −3 d", "between two tries", "it goes out when the clock has come there, within a day"),
    Case("1 missed day", "before a run", SAME_DAYS),
    Case("3 missed days", "before a run", SAME_DAYS),
    Case("30 missed days", "before a run", SAME_DAYS),
)  # fmt: skip
HOME: Sequence[Case] = (
    Case("a backup put back", "before its messages went out", "it decides and hands nothing over; taken over, what the "
         "home may have said is for a person", UNKNOWN, doubts=1),
    Case("a copy elsewhere", "before its messages went out", "the same, and the home goes on", UNKNOWN, doubts=1),
)  # fmt: skip
SENT_SINCE: Sequence[Case] = (
    Case("a backup put back", "refused then, sent since to a new address", "taken over, it goes to no address by "
         "itself; by a person's word, flagged", doubts=1, copies=2),
    Case("a backup put back", "in doubt then, resent since by a person", "taken over, it goes out by a person's word, "
         "flagged once more", doubts=2, copies=3, kind=ESCALATION),
)  # fmt: skip

CASES: Sequence[tuple[str, Sequence[Case]]] = (
    ("Database", tuple(database_cases())), ("Between the plan and the hand-over", MEANTIME),
    ("A channel that stays closed", CLOSED), ("Poison", POISON),
    ("Clocks and days", TIME), ("Copies of a home", (*HOME, *SENT_SINCE)),
)  # fmt: skip
