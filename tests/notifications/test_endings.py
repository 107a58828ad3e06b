"""How an attempt ends: one end expected for every outcome, kind of message, doubt, try and further address."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ladder import MessageKind
from models.store.outbox import Claimed, Ending, Orphan
from models.tables import AttemptPhase, MessageState
from notifications.addresses import Channel
from notifications.endings import (
    MOST_TRIES,
    UNKNOWN_WAIT,
    after_death,
    ending_of,
    may_be_sent_once_more,
    retry_delay,
)
from notifications.outcome import Outcome, OutcomeKind

ON = date(2023, 6, 26)
NOW = datetime(2023, 6, 26, 0, 30, tzinfo=UTC)
DIGEST, ESCALATION, ACTION = MessageKind
CLAIMED = Claimed(
    id=7,
    run_id=1,
    party_id=1,
    party="D1",
    on_day=ON,
    kind=DIGEST,
    notice_ids=(1,),
    address_no=0,
    attempt=20,
    tries=1,
    ambiguous=0,
    frozen=False,
    header_id=None,
    payload=None,
)

# What becomes of a message. Tries count at the present address only; the twelfth is the last.
#   wait      retry_wait: proved not taken, tried again after the backoff
#   resend    retry_wait: its fate is unknown; sent once more, flagged, after ten minutes
#   next      planned: the next address is tried at once
ENDS = """
outcome    message     ambiguous | tries 1 to 11         | try 12
                                 | last address  more    | last address  more
accepted   digest      0         | accepted    accepted  | accepted    accepted
accepted   digest      1         | accepted    accepted  | accepted    accepted
accepted   escalation  0         | accepted    accepted  | accepted    accepted
accepted   escalation  1         | accepted    accepted  | accepted    accepted
accepted   action      0         | accepted    accepted  | accepted    accepted
accepted   action      1         | accepted    accepted  | accepted    accepted
retry      digest      0         | wait        wait      | rejected    next
retry      digest      1         | wait        wait      | rejected    rejected
retry      escalation  0         | wait        wait      | rejected    next
retry      escalation  1         | wait        wait      | rejected    rejected
retry      action      0         | wait        wait      | rejected    next
retry      action      1         | wait        wait      | rejected    rejected
rejected   digest      0         | rejected    next      | rejected    next
rejected   digest      1         | rejected    rejected  | rejected    rejected
rejected   escalation  0         | rejected    next      | rejected    next
rejected   escalation  1         | rejected    rejected  | rejected    rejected
rejected   action      0         | rejected    next      | rejected    next
rejected   action      1         | rejected    rejected  | rejected    rejected
unknown    digest      0         | resend      resend    | resend      resend
unknown    digest      1         | unknown     unknown   | unknown     unknown
unknown    escalation  0         | unknown     unknown   | unknown     unknown
unknown    escalation  1         | unknown     unknown   | unknown     unknown
unknown    action      0         | resend      resend    | resend      resend
unknown    action      1         | unknown     unknown   | unknown     unknown
"""
WHOLE = Ending(7, 20, MessageState.ACCEPTED, AttemptPhase.ACCEPTED, "250", "said")
MEANING = {
    "accepted": replace(WHOLE, accepted_on=ON),
    "wait": replace(WHOLE, state=MessageState.RETRY_WAIT, phase=AttemptPhase.RETRY),
    "resend": replace(
        WHOLE,
        state=MessageState.RETRY_WAIT,
        phase=AttemptPhase.UNKNOWN,
        ambiguous=True,
        next_try_at=NOW + timedelta(minutes=10),
    ),
    "next": replace(WHOLE, state=MessageState.PLANNED, phase=AttemptPhase.REJECTED, next_address=True),
    "rejected": replace(WHOLE, state=MessageState.REJECTED, phase=AttemptPhase.REJECTED),
    "unknown": replace(WHOLE, state=MessageState.UNKNOWN, phase=AttemptPhase.UNKNOWN, ambiguous=True),
}
ROWS = [line.replace("|", " ").split() for line in ENDS.strip().splitlines()[2:]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row[:3]))
def test_every_outcome_has_its_end(row: list[str]) -> None:
    kind, message, ambiguous, *cells = row
    columns = [((1, 2, 11), False), ((1, 2, 11), True), ((12, 13), False), ((12, 13), True)]
    for cell, (tries, more) in zip(cells, columns, strict=True):
        for nth in tries:
            claimed = replace(CLAIMED, kind=MessageKind(message), ambiguous=int(ambiguous), tries=nth)
            outcome = Outcome(OutcomeKind(kind), "250", "said")
            expected = MEANING[cell]
            if cell == "wait":
                expected = replace(expected, next_try_at=NOW + retry_delay(7, nth, None))
            assert ending_of(claimed, outcome, more, ON, NOW) == expected, (nth, more)


def test_the_table_leaves_nothing_out() -> None:
    told = {(kind, message, ambiguous) for kind, message, ambiguous, *_ in ROWS}
    kinds = [kind for kind in OutcomeKind if kind is not OutcomeKind.FENCED]
    assert told == {(kind, message, n) for kind in kinds for message in MessageKind for n in "01"}
    assert len(ROWS) == len(told)
    assert {cell for row in ROWS for cell in row[3:]} == set(MEANING)
    assert (MOST_TRIES, timedelta(minutes=10)) == (12, UNKNOWN_WAIT)


@pytest.mark.parametrize("more", [False, True])
def test_a_fenced_message_has_no_end_here(more: bool) -> None:
    with pytest.raises(ValueError, match="another"):
        ending_of(CLAIMED, Outcome(OutcomeKind.FENCED), more, ON, NOW)


def test_only_an_acceptance_is_proof_of_service() -> None:
    for kind in (OutcomeKind.RETRY, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN):
        assert ending_of(CLAIMED, Outcome(kind), True, ON, NOW).accepted_on is None
    day = date(2023, 6, 27)  # the day of the hand-over, not the day of the message
    assert ending_of(CLAIMED, Outcome(OutcomeKind.ACCEPTED), True, day, NOW).accepted_on == day


# What a dead process leaves to be done. "told again" and "fate unknown" carry the flag of a doubt.
DEATHS = """
message     ambiguous | before the marker  past it        | past it, where one copy is left
digest      0         | not sent           told again     | not sent
digest      1         | not sent           fate unknown   | not sent
escalation  0         | not sent           fate unknown   | not sent
escalation  1         | not sent           fate unknown   | not sent
action      0         | not sent           told again     | not sent
action      1         | not sent           fate unknown   | not sent
"""
AFTER = {
    "not sent": (MessageState.PLANNED, AttemptPhase.NOT_SENT, False),
    "told again": (MessageState.PLANNED, AttemptPhase.UNKNOWN, True),
    "fate unknown": (MessageState.UNKNOWN, AttemptPhase.UNKNOWN, True),
}
DEATH_ROWS = [re.split(r"\s+\|?\s+", line) for line in DEATHS.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", DEATH_ROWS, ids=lambda row: "-".join(row[:2]))
def test_what_a_dead_process_leaves_behind(row: list[str]) -> None:
    kind, ambiguous, *cells = row
    for cell, handed_to in zip(cells, (None, Channel.SMTP, Channel.FILE), strict=True):
        orphan = Orphan(7, "D1", MessageKind(kind), 0, 3, int(ambiguous), "boot:1:2", handed_to)
        ending = after_death(orphan)
        assert (ending.state, ending.phase, ending.ambiguous) == AFTER[cell]
        assert (ending.message_id, ending.attempt, ending.code) == (7, 3, "interrupted")
        assert (ending.next_try_at, ending.next_address, ending.accepted_on) == (None, False, None)
        assert ("不明" in ending.reason) == (cell != "not sent")


def test_every_death_is_in_the_table() -> None:
    assert [row[:2] for row in DEATH_ROWS] == [[kind, n] for kind in MessageKind for n in "01"]


def test_only_an_escalation_is_never_sent_once_more_and_others_only_once() -> None:
    answers = {
        (kind, ambiguous): may_be_sent_once_more(kind, ambiguous) for kind in MessageKind for ambiguous in range(3)
    }
    assert [key for key, answer in answers.items() if answer] == [(DIGEST, 0), (ACTION, 0)]


@given(message_id=st.integers(1, 10**9), tries=st.integers(1, 200))
def test_the_backoff_keeps_its_bounds(message_id: int, tries: int) -> None:
    minutes = {1: 1, 2: 5, 3: 15}.get(tries, 60)
    delay = retry_delay(message_id, tries, None)
    assert timedelta(minutes=minutes * 0.8) <= delay <= timedelta(minutes=minutes * 1.2)
    assert delay == retry_delay(message_id, tries, None)


def test_the_backoff_spreads_a_burst_over_its_whole_width() -> None:
    seconds = sorted(retry_delay(message_id, 4, None).total_seconds() for message_id in range(1, 501))
    assert seconds[0] < 3600 * 0.82
    assert seconds[-1] > 3600 * 1.18
    assert len(set(seconds)) > 490


@given(tries=st.integers(1, 20), asked_s=st.floats(-10, 10**7))
def test_never_sooner_than_the_channel_asked_and_never_later_than_a_day(tries: int, asked_s: float) -> None:
    own = retry_delay(7, tries, None)
    delay = retry_delay(7, tries, asked_s)
    assert delay == max(own, timedelta(seconds=min(asked_s, 86_400.0)))
    assert delay <= timedelta(days=1)


@pytest.mark.parametrize(
    ("asked_s", "at"),
    [
        (600.0, NOW + timedelta(minutes=10)),
        (10**9, NOW + timedelta(days=1)),
        (1.0, NOW + retry_delay(7, 1, None)),
    ],
)
def test_a_pause_the_channel_asked_for_is_kept(asked_s: float, at: datetime) -> None:
    outcome = Outcome(OutcomeKind.RETRY, "429", "busy", asked_s)
    assert ending_of(CLAIMED, outcome, True, ON, NOW).next_try_at == at
