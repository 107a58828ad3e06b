"""What a sender answers, and what it is given. Values only; no channel and no database here."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class OutcomeKind(StrEnum):
    """How one try to hand a message over ended."""

    ACCEPTED = "accepted"  # the channel said so
    RETRY = "retry"  # proved not taken; may work later
    PAUSED = "paused"  # proved not taken; the channel itself fails or asks for a pause, whoever is written to
    REJECTED = "rejected"  # proved not taken; will never work at this address
    UNKNOWN = "unknown"  # past the point of no return, and no answer
    FENCED = "fenced"  # another runner owns the message now; nothing was handed over


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` as the channel gave it ("250", "550", "timeout", "45009"); `reason` one line without secrets.

    `retry_after` in seconds, where the channel asked for a pause. `enhanced`: a relay's code of RFC 3463 ("5.1.1").
    """

    kind: OutcomeKind
    code: str = ""
    reason: str = ""
    retry_after: float | None = None
    enhanced: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one recipient, as it goes out. `payload` is RFC 5322 bytes with CRLF lines."""

    message_id: str  # with angle brackets, as in the header
    payload: bytes
    sender: str  # envelope from
    recipient: str  # envelope to; for the file channel the party's code


Mark = Callable[[], bool]
"""Commits the `handing_over` marker. False: the fence closed, stop before the point of no return."""


class Sender(Protocol):
    """A channel."""

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        """Goes up to the point of no return, calls `mark()` once, passes it, and reports."""
        ...

    def close(self) -> None: ...
