"""What the end of an attempt means for a message: accepted, tried again and when, dead, or unknown.

Pure decisions over values: no database, no channel, no clock. models/store/outbox writes them down.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import inf
from types import MappingProxyType

from models.ladder import MessageKind
from models.store.outbox import Claimed, Closed, Ending, Orphan
from models.store.outbox.waits import LONGEST_WAIT, backoff
from models.tables import AttemptPhase, MessageState
from notifications.addresses import Channel
from notifications.outcome import Outcome, OutcomeKind

MOST_TRIES = 12
"""Tries at one address before the next one gets its turn: about eight hours."""
MOST_TRIES_OF_ESCALATION = 36
"""Tries of an escalation at the last address before it counts as dead, which alarms: about a day and a half. What is
overdue stays true, so that nothing else would end it, and nobody would hear that nobody heard."""
LONGEST_BEHIND_A_CHANNEL = timedelta(hours=48)
"""For how long from its first try an escalation waits for channels that fail or ask for patience; then it goes the way
of one that was refused for now too often. A gate counts no tries, so that nothing else would end that."""
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

    What was refused for now is tried again, at the last address until the message's useful life ends it, and what a
    channel keeps waiting waits; but for an escalation, which must not fail unheard. What a dead address refused goes to
    the party's next one, but never what may be out already.
    """
    claimed = tried.claimed
    match outcome.kind:
        case OutcomeKind.ACCEPTED:
            # A clock that was set back must not make anybody told before the day of what they were told.
            accepted = _ended(claimed, outcome, MessageState.ACCEPTED, AttemptPhase.ACCEPTED)
            return replace(accepted, accepted_on=max(on_day, claimed.on_day))
        case OutcomeKind.UNKNOWN:
            return _in_doubt(tried, outcome, now)
        case OutcomeKind.PAUSED:
            if closed is None:
                raise ValueError("what pauses a channel has closed its gate")
            return _held_back(tried, outcome, AttemptPhase.RETRY, closed, now)
        case OutcomeKind.RETRY if claimed.tries < _most_tries(tried):
            at = now + max(retry_delay(claimed.id, claimed.tries, outcome.retry_after), _least_wait(outcome))
            retried = _ended(claimed, outcome, MessageState.RETRY_WAIT, AttemptPhase.RETRY)
            return replace(retried, next_try_at=at, against_address=True)
        case OutcomeKind.FENCED:
            raise ValueError("a fenced message is another's to end")
    return _refused(tried, outcome)


def given_back(tried: Tried, until: datetime, reason: str) -> Ending:
    """A message given back unsent, since others are before it: it costs no try."""
    outcome = Outcome(OutcomeKind.PAUSED, PAUSED, reason)
    ending = _ended(tried.claimed, outcome, MessageState.RETRY_WAIT, AttemptPhase.NOT_SENT)
    return replace(ending, next_try_at=until)


def held_back(tried: Tried, closed: Closed, now: datetime) -> Ending:
    """A message given back unsent, since its channel is closed: it costs no try. An escalation that has waited for too
    long ends here as well."""
    outcome = Outcome(OutcomeKind.PAUSED, PAUSED, closed.reason)
    return _held_back(tried, outcome, AttemptPhase.NOT_SENT, closed, now)


def composed_anew(claimed: Claimed) -> Ending:
    """A message whose bytes are for another recipient than it goes to now: it gets others, and another try at once.

    What was proved not taken goes on where it stands; what is in doubt goes on by a person's word alone, from the first
    address on.
    """
    why = ("readdressed", "收件人已变更，重新拟写后投递")
    back = -claimed.address_no if claimed.ambiguous else 0
    planned = Ending(claimed.id, claimed.attempt, MessageState.PLANNED, AttemptPhase.NOT_SENT, *why)
    return replace(planned, next_address=back, anew=True)


def stranded(claimed: Claimed, reason: str) -> Ending:
    """A message that may be out already, and can go on to nobody else: a person must look after it. Nothing was sent
    now, so that there is no further doubt."""
    return Ending(claimed.id, claimed.attempt, MessageState.UNKNOWN, AttemptPhase.NOT_SENT, "address", reason)


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


def after_breaking_off(held: Orphan, now: datetime) -> Ending:
    """What is left to do with a message whose delivery ended without it. Its answer may still be on the way, so that
    what is sent once more waits as after any other doubt."""
    ending = after_death(held)
    if ending.ambiguous and ending.state is MessageState.PLANNED:
        return replace(ending, state=MessageState.RETRY_WAIT, next_try_at=now + RESEND_AFTER[held.handed_to or ""])
    return ending


def may_be_sent_once_more(kind: MessageKind, ambiguous: int, channel: str) -> bool:
    """Whether a message that may be out already may be sent again without a person's word: once, flagged, where the
    receiver can tell a double, and never an escalation."""
    return kind is not MessageKind.ESCALATION and ambiguous == 0 and channel in RESEND_AFTER


def retry_delay(message_id: int, tries: int, asked_s: float | None) -> timedelta:
    """1, 5, 15, 60 minutes, then hourly, spread by ±20 % a message; never sooner than the channel asked for."""
    place = int.from_bytes(hashlib.sha256(f"{message_id}/{tries}".encode()).digest()[:2]) / 0xFFFF
    asked = timedelta(seconds=min(asked_s or 0.0, LONGEST_WAIT.total_seconds()))
    return max(backoff(tries) * (0.8 + 0.4 * place), asked)


def _ended(claimed: Claimed, outcome: Outcome, state: MessageState, phase: AttemptPhase) -> Ending:
    """The ending of this try with what the channel said."""
    said = (outcome.code, outcome.reason)
    return Ending(claimed.id, claimed.attempt, state, phase, *said, enhanced=outcome.enhanced)


def _refused(tried: Tried, outcome: Outcome) -> Ending:
    """What is over at this address: the next one has its turn, or there is none."""
    if tried.more and tried.claimed.ambiguous == 0:
        return replace(_ended(tried.claimed, outcome, MessageState.PLANNED, AttemptPhase.REJECTED), next_address=1)
    rejected = _ended(tried.claimed, outcome, MessageState.REJECTED, AttemptPhase.REJECTED)
    return replace(rejected, against_address=True)


def _in_doubt(tried: Tried, outcome: Outcome, now: datetime) -> Ending:
    claimed = tried.claimed
    ending = replace(_ended(claimed, outcome, MessageState.UNKNOWN, AttemptPhase.UNKNOWN), ambiguous=True)
    if may_be_sent_once_more(claimed.kind, claimed.ambiguous, tried.channel):
        return replace(ending, state=MessageState.RETRY_WAIT, next_try_at=now + RESEND_AFTER[tried.channel])
    return ending


def _held_back(tried: Tried, outcome: Outcome, phase: AttemptPhase, closed: Closed, now: datetime) -> Ending:
    """Waits until the gate opens; or goes round it, where it was closed for long and what is sent is not in doubt. An
    escalation does not wait for ever."""
    is_certain, is_dead = tried.claimed.ambiguous == 0, now - closed.since >= DETOUR_AFTER
    if tried.detour and is_certain and is_dead:
        return replace(_ended(tried.claimed, outcome, MessageState.PLANNED, phase), next_address=tried.detour)
    since = tried.claimed.tried_since
    if since and now - since >= LONGEST_BEHIND_A_CHANNEL:
        hours = LONGEST_BEHIND_A_CHANNEL // timedelta(hours=1)
        return _refused(tried, replace(outcome, reason=f"等候通道已满{hours}小时，仍未能送出：{outcome.reason}"))
    return replace(_ended(tried.claimed, outcome, MessageState.RETRY_WAIT, phase), next_try_at=closed.until)


def _most_tries(tried: Tried) -> float:
    """After how many tries a refusal for now is one for good at this address."""
    if tried.more and tried.claimed.ambiguous == 0:
        return MOST_TRIES
    return MOST_TRIES_OF_ESCALATION if tried.claimed.kind is MessageKind.ESCALATION else inf


def _least_wait(outcome: Outcome) -> timedelta:
    greylisted = outcome.code in _GREYLISTING or outcome.enhanced.startswith("4.7.")
    return GREYLISTED if greylisted else timedelta()
