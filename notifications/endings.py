"""What the end of an attempt means for a message: accepted, tried again and when, dead, or unknown.

Pure decisions over values: no database, no channel, no clock. models/store/outbox writes them down.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from models.ladder import MessageKind
from models.store.outbox import Claimed, Closed, Ending, Orphan
from models.tables import AttemptPhase, MessageState
from notifications.addresses import Channel
from notifications.outcome import Outcome, OutcomeKind

MOST_TRIES = 12
"""Tries at one address before the next one gets its turn: about eight hours."""
BACKOFF_MINUTES = (1, 5, 15, 60)
GREYLISTED = timedelta(minutes=5)
"""A relay that answers 450, 451 or 4.7.x to whom it does not know yet wants them to come again, but not sooner."""
DETOUR_AFTER = timedelta(minutes=60)
"""A channel that has failed for so long is gone round, where the party has an address on another one."""
RESEND_AFTER: Mapping[str, timedelta] = MappingProxyType({
    Channel.SMTP: timedelta(minutes=10), Channel.WEBHOOK: timedelta(minutes=1),
})  # fmt: skip
"""Channels whose receivers can tell a double by its number, and how long to wait before one. RFC 5321 lets a relay take
ten minutes after the final dot: a resend before that would race its answer."""
LEAVE_ONE_COPY = frozenset({Channel.FILE})
"""Channels on which the same letter handed over again is still one letter, so that no try is ever ambiguous."""
PAUSED = "paused"
"""The code of an attempt that was never made, since its channel is closed, or others are before it."""
_LONGEST_WAIT_S = 86_400
_GREYLISTING = frozenset({"450", "451"})


@dataclass(frozen=True, slots=True)
class Tried:
    """A message, the channel it goes over, and what else its party has: `more` addresses, and how many addresses on
    the next one over another gate stands (`detour`, 0 for none)."""

    claimed: Claimed
    channel: str
    more: bool
    detour: int = 0


def ending_of(tried: Tried, outcome: Outcome, on_day: date, now: datetime, closed: Closed | None = None) -> Ending:
    """What an outcome means for its message. `closed` is the gate that a paused one has closed.

    What was refused for now is tried again, at the last address without end: the message's useful life ends it. What
    a dead address refused goes to the party's next one, but never what may be out already.
    """
    claimed = tried.claimed
    end = _Writing(claimed, outcome)
    certain = claimed.ambiguous == 0
    match outcome.kind:
        case OutcomeKind.ACCEPTED:
            # A clock that was set back must not make anybody told before the day of what they were told.
            return end(MessageState.ACCEPTED, AttemptPhase.ACCEPTED, accepted_on=max(on_day, claimed.on_day))
        case OutcomeKind.UNKNOWN:
            return _in_doubt(tried, end, now)
        case OutcomeKind.PAUSED:
            return _paused(tried, end, now, closed)
        case OutcomeKind.RETRY if claimed.tries < MOST_TRIES or not (tried.more and certain):
            at = now + max(retry_delay(claimed.id, claimed.tries, outcome.retry_after), _least_wait(outcome))
            return end(MessageState.RETRY_WAIT, AttemptPhase.RETRY, next_try_at=at, against_address=True)
        case OutcomeKind.FENCED:
            raise ValueError("a fenced message is another's to end")
    if tried.more and certain:
        return end(MessageState.PLANNED, AttemptPhase.REJECTED, next_address=1)
    return end(MessageState.REJECTED, AttemptPhase.REJECTED, against_address=True)


def not_tried(tried: Tried, until: datetime, now: datetime, closed: Closed | None = None) -> Ending:
    """A message given back unsent, since its channel is closed or others are before it: it costs no try."""
    reason = closed.reason if closed else "通道限速，排队等候"
    end = _Writing(tried.claimed, Outcome(OutcomeKind.PAUSED, PAUSED, reason))
    if closed and _goes_round(tried, closed, now):
        return end(MessageState.PLANNED, AttemptPhase.NOT_SENT, next_address=tried.detour)
    return end(MessageState.RETRY_WAIT, AttemptPhase.NOT_SENT, next_try_at=until)


def after_death(orphan: Orphan) -> Ending:
    """What is left to do with a message whose process died.

    Before the marker nothing was sent, that is proved. After it nobody knows, unless the channel leaves one
    copy however often it is told the same.
    """
    if orphan.handed_to is None or orphan.handed_to in LEAVE_ONE_COPY:
        return Ending(
            orphan.id,
            orphan.attempt,
            MessageState.PLANNED,
            AttemptPhase.NOT_SENT,
            "interrupted",
            "上次投递中断，重新投递",
        )
    once_more = may_be_sent_once_more(orphan.kind, orphan.ambiguous, orphan.handed_to)
    state = MessageState.PLANNED if once_more else MessageState.UNKNOWN
    reason = "上次投递中断，是否送达不明"
    return Ending(orphan.id, orphan.attempt, state, AttemptPhase.UNKNOWN, "interrupted", reason, ambiguous=True)


def may_be_sent_once_more(kind: MessageKind, ambiguous: int, channel: str) -> bool:
    """Whether a message that may be out already may be sent again without a person's word: once, flagged, where the
    receiver can tell a double, and never an escalation."""
    return kind is not MessageKind.ESCALATION and ambiguous == 0 and channel in RESEND_AFTER


def retry_delay(message_id: int, tries: int, asked_s: float | None) -> timedelta:
    """1, 5, 15, 60 minutes, then hourly, spread by ±20 % a message; never sooner than the channel asked for."""
    minutes = BACKOFF_MINUTES[min(tries, len(BACKOFF_MINUTES)) - 1]
    place = int.from_bytes(hashlib.sha256(f"{message_id}/{tries}".encode()).digest()[:2]) / 0xFFFF
    return max(
        timedelta(minutes=minutes) * (0.8 + 0.4 * place),
        timedelta(seconds=min(asked_s or 0.0, _LONGEST_WAIT_S)),
    )


@dataclass(frozen=True, slots=True)
class _Writing:
    """Writes an ending of this message with what the channel said."""

    claimed: Claimed
    outcome: Outcome

    def __call__(self, state: MessageState, phase: AttemptPhase, **more: object) -> Ending:
        said = {"code": self.outcome.code, "reason": self.outcome.reason, "enhanced": self.outcome.enhanced}
        return Ending(self.claimed.id, self.claimed.attempt, state, phase, **said, **more)  # type: ignore[arg-type]


def _in_doubt(tried: Tried, end: _Writing, now: datetime) -> Ending:
    claimed = tried.claimed
    if may_be_sent_once_more(claimed.kind, claimed.ambiguous, tried.channel):
        at = now + RESEND_AFTER[tried.channel]
        return end(MessageState.RETRY_WAIT, AttemptPhase.UNKNOWN, ambiguous=True, next_try_at=at)
    return end(MessageState.UNKNOWN, AttemptPhase.UNKNOWN, ambiguous=True)


def _paused(tried: Tried, end: _Writing, now: datetime, closed: Closed | None) -> Ending:
    if closed is None:
        raise ValueError("what pauses a channel has closed its gate")
    if _goes_round(tried, closed, now):
        return end(MessageState.PLANNED, AttemptPhase.RETRY, next_address=tried.detour)
    return end(MessageState.RETRY_WAIT, AttemptPhase.RETRY, next_try_at=closed.until)


def _goes_round(tried: Tried, closed: Closed, now: datetime) -> bool:
    return bool(tried.detour) and tried.claimed.ambiguous == 0 and now - closed.since >= DETOUR_AFTER


def _least_wait(outcome: Outcome) -> timedelta:
    greylisted = outcome.code in _GREYLISTING or outcome.enhanced.startswith("4.7.")
    return GREYLISTED if greylisted else timedelta()
