"""What the end of an attempt means for a message: accepted, tried again and when, dead, or unknown.

Pure decisions over values: no database, no channel, no clock. models/store/outbox.py writes them down.
"""

import hashlib
from datetime import date, datetime, timedelta

from models.ladder import MessageKind
from models.store.outbox import Claimed, Ending, Orphan
from models.tables import AttemptPhase, MessageState
from notifications.addresses import Channel
from notifications.outcome import Outcome, OutcomeKind

MOST_TRIES = 12
"""Tries at one address before it counts as dead: about eight hours."""
BACKOFF_MINUTES = (1, 5, 15, 60)
UNKNOWN_WAIT = timedelta(minutes=10)
"""RFC 5321 lets a relay take ten minutes after the final dot; a resend before that would race its answer."""
LEAVE_ONE_COPY = frozenset({Channel.FILE})
"""Channels on which the same letter handed over again is still one letter, so that no try is ever ambiguous."""
_LONGEST_WAIT_S = 86_400


def ending_of(claimed: Claimed, outcome: Outcome, more_addresses: bool, on_day: date, now: datetime) -> Ending:
    """What an outcome means for its message.

    A message whose fate is unknown is sent once more, flagged as ambiguous; but an escalation waits for a person.
    A dead address gives way to the party's next one.
    """

    def ending(state: MessageState, phase: AttemptPhase, **more: object) -> Ending:
        return Ending(claimed.id, claimed.attempt, state, phase, outcome.code, outcome.reason, **more)  # type: ignore[arg-type]

    match outcome.kind:
        case OutcomeKind.ACCEPTED:
            return ending(MessageState.ACCEPTED, AttemptPhase.ACCEPTED, accepted_on=on_day)
        case OutcomeKind.UNKNOWN:
            if may_be_sent_once_more(claimed.kind, claimed.ambiguous):
                at = now + UNKNOWN_WAIT
                return ending(MessageState.RETRY_WAIT, AttemptPhase.UNKNOWN, ambiguous=True, next_try_at=at)
            return ending(MessageState.UNKNOWN, AttemptPhase.UNKNOWN, ambiguous=True)
        case OutcomeKind.RETRY if claimed.tries < MOST_TRIES:
            at = now + retry_delay(claimed.id, claimed.tries, outcome.retry_after)
            return ending(MessageState.RETRY_WAIT, AttemptPhase.RETRY, next_try_at=at)
        case OutcomeKind.FENCED:
            raise ValueError("a fenced message is another's to end")
    if more_addresses and claimed.ambiguous == 0:
        return ending(MessageState.PLANNED, AttemptPhase.REJECTED, next_address=True)
    return ending(MessageState.REJECTED, AttemptPhase.REJECTED)


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
    once_more = may_be_sent_once_more(orphan.kind, orphan.ambiguous)
    state = MessageState.PLANNED if once_more else MessageState.UNKNOWN
    reason = "上次投递中断，是否送达不明"
    return Ending(orphan.id, orphan.attempt, state, AttemptPhase.UNKNOWN, "interrupted", reason, ambiguous=True)


def may_be_sent_once_more(kind: MessageKind, ambiguous: int) -> bool:
    return kind is not MessageKind.ESCALATION and ambiguous == 0


def retry_delay(message_id: int, tries: int, asked_s: float | None) -> timedelta:
    """1, 5, 15, 60 minutes, then hourly, spread by ±20 % a message; never sooner than the channel asked for."""
    minutes = BACKOFF_MINUTES[min(tries, len(BACKOFF_MINUTES)) - 1]
    place = int.from_bytes(hashlib.sha256(f"{message_id}/{tries}".encode()).digest()[:2]) / 0xFFFF
    return max(
        timedelta(minutes=minutes) * (0.8 + 0.4 * place),
        timedelta(seconds=min(asked_s or 0.0, _LONGEST_WAIT_S)),
    )
