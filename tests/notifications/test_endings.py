"""How an attempt ends: one end expected for every outcome, kind of message, doubt, try and further address."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ladder import MessageKind
from models.store.outbox import Claimed, Closed, Ending, Orphan
from models.tables import AttemptPhase, MessageState
from notifications.addresses import Channel
from notifications.endings import (
    DETOUR_AFTER,
    LONGEST_BEHIND_A_CHANNEL,
    MOST_TRIES,
    RESEND_AFTER,
    Tried,
    after_breaking_off,
    after_death,
    ending_of,
    given_back,
    held_back,
    may_be_sent_once_more,
    retry_delay,
)
from notifications.outcome import Outcome, OutcomeKind

ON = date(2023, 6, 26)
NOW = datetime(2023, 6, 26, 0, 30, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
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
MAIL = Tried(CLAIMED, Channel.SMTP, more=False)
FRESHLY, LONG = (Closed(SOON, NOW - since, "refused") for since in (timedelta(minutes=59), timedelta(minutes=60)))

# What becomes of a message that goes by mail. Tries count at the present address only; after the twelfth a further
# address has its turn. The gate of a paused one has been failing for an hour, or for less.
#   wait      retry_wait: proved not taken, tried again after the backoff
#   resend    retry_wait: its fate is unknown; sent once more, flagged, after ten minutes
#   next      planned: the next address is tried at once
#   later     retry_wait: the channel fails; tried again when its gate opens, and no try is counted
#   round     planned: the first address on another channel is tried at once
ENDS = """
outcome    message     ambiguous | tries 1 to 11         | try 12
                                 | last address  more    | last address  more
accepted   digest      0         | accepted    accepted  | accepted    accepted
accepted   digest      1         | accepted    accepted  | accepted    accepted
accepted   escalation  0         | accepted    accepted  | accepted    accepted
accepted   escalation  1         | accepted    accepted  | accepted    accepted
accepted   action      0         | accepted    accepted  | accepted    accepted
accepted   action      1         | accepted    accepted  | accepted    accepted
retry      digest      0         | wait        wait      | wait        next
retry      digest      1         | wait        wait      | wait        wait
retry      escalation  0         | wait        wait      | wait        next
retry      escalation  1         | wait        wait      | wait        wait
retry      action      0         | wait        wait      | wait        next
retry      action      1         | wait        wait      | wait        wait
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
paused     digest      0         | later       round     | later       round
paused     digest      1         | later       later     | later       later
paused     escalation  0         | later       round     | later       round
paused     escalation  1         | later       later     | later       later
paused     action      0         | later       round     | later       round
paused     action      1         | later       later     | later       later
"""
WHOLE = Ending(7, 20, MessageState.ACCEPTED, AttemptPhase.ACCEPTED, "250", "said", enhanced="2.0.0")
WAITS = replace(WHOLE, state=MessageState.RETRY_WAIT, phase=AttemptPhase.RETRY)
MEANING = {
    "accepted": replace(WHOLE, accepted_on=ON),
    "wait": replace(WAITS, against_address=True),
    "resend": replace(WAITS, phase=AttemptPhase.UNKNOWN, ambiguous=True, next_try_at=NOW + timedelta(minutes=10)),
    "next": replace(WHOLE, state=MessageState.PLANNED, phase=AttemptPhase.REJECTED, next_address=1),
    "rejected": replace(WHOLE, state=MessageState.REJECTED, phase=AttemptPhase.REJECTED, against_address=True),
    "unknown": replace(WHOLE, state=MessageState.UNKNOWN, phase=AttemptPhase.UNKNOWN, ambiguous=True),
    "later": replace(WAITS, next_try_at=SOON),
    "round": replace(WHOLE, state=MessageState.PLANNED, phase=AttemptPhase.RETRY, next_address=2),
}
ROWS = [line.replace("|", " ").split() for line in ENDS.strip().splitlines()[2:]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row[:3]))
def test_every_outcome_has_its_end(row: list[str]) -> None:
    """Of two further addresses only the second is on another channel."""
    kind, message, ambiguous, *cells = row
    columns = [((1, 2, 11), False), ((1, 2, 11), True), ((12, 13), False), ((12, 13), True)]
    for cell, (tries, more) in zip(cells, columns, strict=True):
        for nth in tries:
            claimed = replace(CLAIMED, kind=MessageKind(message), ambiguous=int(ambiguous), tries=nth)
            tried = replace(MAIL, claimed=claimed, more=more, detour=2 * more)
            outcome = Outcome(OutcomeKind(kind), "250", "said", enhanced="2.0.0")
            expected = MEANING[cell]
            if cell == "wait":
                expected = replace(expected, next_try_at=NOW + retry_delay(7, nth, None))
            closed = LONG if kind == "paused" else None
            assert ending_of(tried, outcome, ON, NOW, closed) == expected, (nth, more)


def test_the_table_leaves_nothing_out() -> None:
    told = {(kind, message, ambiguous) for kind, message, ambiguous, *_ in ROWS}
    kinds = [kind for kind in OutcomeKind if kind is not OutcomeKind.FENCED]
    assert told == {(kind, message, n) for kind in kinds for message in MessageKind for n in "01"}
    assert len(ROWS) == len(told)
    assert {cell for row in ROWS for cell in row[3:]} == set(MEANING)
    assert (MOST_TRIES, timedelta(minutes=60)) == (12, DETOUR_AFTER)


@pytest.mark.parametrize(
    ("kind", "tries", "state"),
    [
        (MessageKind.ESCALATION, 35, MessageState.RETRY_WAIT),
        (MessageKind.ESCALATION, 36, MessageState.REJECTED),
        (MessageKind.DIGEST, 36, MessageState.RETRY_WAIT),
        (MessageKind.ACTION, 500, MessageState.RETRY_WAIT),
    ],
)
def test_an_escalation_does_not_wait_unheard_for_ever(kind: MessageKind, tries: int, state: MessageState) -> None:
    """What is overdue stays true: nothing else would end its tries, and only an end alarms."""
    tried = replace(MAIL, claimed=replace(CLAIMED, kind=kind, tries=tries), more=False)
    assert ending_of(tried, Outcome(OutcomeKind.RETRY, "452"), ON, NOW).state is state


@pytest.mark.parametrize("more", [False, True])
def test_a_fenced_message_has_no_end_here(more: bool) -> None:
    with pytest.raises(ValueError, match="another"):
        ending_of(replace(MAIL, more=more), Outcome(OutcomeKind.FENCED), ON, NOW)


def test_what_pauses_a_channel_has_closed_its_gate() -> None:
    with pytest.raises(ValueError, match="closed"):
        ending_of(MAIL, Outcome(OutcomeKind.PAUSED), ON, NOW)


def test_only_an_acceptance_is_proof_of_service() -> None:
    for kind in (OutcomeKind.RETRY, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN, OutcomeKind.PAUSED):
        assert ending_of(MAIL, Outcome(kind), ON, NOW, LONG).accepted_on is None
    day = date(2023, 6, 27)  # the day of the hand-over, not the day of the message
    assert ending_of(MAIL, Outcome(OutcomeKind.ACCEPTED), day, NOW).accepted_on == day


def test_nobody_is_served_before_the_day_of_what_was_said() -> None:
    """A clock that was set back between posting and delivery."""
    assert ending_of(MAIL, Outcome(OutcomeKind.ACCEPTED), date(2023, 6, 23), NOW).accepted_on == ON


# Channels that fail


def test_a_dead_relay_is_gone_round_after_an_hour_and_not_before() -> None:
    tried, outcome = replace(MAIL, more=True, detour=1), Outcome(OutcomeKind.PAUSED, "refused", "said")
    waits, goes_round = (ending_of(tried, outcome, ON, NOW, closed) for closed in (FRESHLY, LONG))
    assert (waits.state, waits.next_try_at, waits.next_address) == (MessageState.RETRY_WAIT, SOON, 0)
    assert (goes_round.state, goes_round.next_try_at, goes_round.next_address) == (MessageState.PLANNED, None, 1)
    assert not waits.against_address
    assert not goes_round.against_address


@pytest.mark.parametrize(("closed", "detour", "ambiguous", "round_it"), [
    (FRESHLY, 1, 0, False),
    (LONG, 1, 0, True),
    (LONG, 2, 0, True),
    (LONG, 0, 0, False),
    (LONG, 1, 1, False),
])  # fmt: skip
def test_what_waits_at_a_closed_gate_costs_no_try_and_says_so(
    closed: Closed, detour: int, ambiguous: int, round_it: bool
) -> None:
    tried = replace(MAIL, claimed=replace(CLAIMED, ambiguous=ambiguous), more=True, detour=detour)
    ending = held_back(tried, closed, NOW)
    assert (ending.phase, ending.code, ending.against_address) == (AttemptPhase.NOT_SENT, "paused", False)
    assert ending.reason == "refused"
    wanted = (MessageState.PLANNED, None, detour) if round_it else (MessageState.RETRY_WAIT, SOON, 0)
    assert (ending.state, ending.next_try_at, ending.next_address) == wanted


@pytest.mark.parametrize(("waited", "more", "detour", "ambiguous", "end"), [
    (timedelta(hours=47, minutes=59), False, 0, 0, "later"),
    (timedelta(hours=48), False, 0, 0, "rejected"),
    (timedelta(hours=48), False, 0, 1, "rejected"),
    (timedelta(hours=48), True, 0, 0, "next"),  # behind the same gate: there it ends too
    (timedelta(hours=48), True, 0, 1, "rejected"),
    (timedelta(hours=48), True, 2, 0, "round"),
    (timedelta(days=-400), False, 0, 0, "later"),
    (None, False, 0, 0, "later"),
])  # fmt: skip
def test_an_escalation_does_not_wait_for_a_channel_for_ever(
    waited: timedelta | None, more: bool, detour: int, ambiguous: int, end: str
) -> None:
    """No try is counted there, and what is overdue stays true: only an end alarms."""
    since = None if waited is None else NOW - waited
    claimed = replace(CLAIMED, kind=MessageKind.ESCALATION, ambiguous=ambiguous, tried_since=since)
    tried = replace(MAIL, claimed=claimed, more=more, detour=detour)
    meant = MEANING[end]
    asked, kept_waiting = (
        ending_of(tried, Outcome(OutcomeKind.PAUSED, "421", "said"), ON, NOW, LONG),
        held_back(tried, LONG, NOW),
    )
    for ending, said in ((asked, "said"), (kept_waiting, "refused")):
        assert (ending.state, ending.next_try_at, ending.next_address) == (
            meant.state, meant.next_try_at, meant.next_address,
        )  # fmt: skip
        assert (f"等候通道已满48小时，仍未能送出：{said}" == ending.reason) == (end in {"rejected", "next"})
    assert timedelta(hours=48) == LONGEST_BEHIND_A_CHANNEL


def test_who_is_given_back_for_others_waits_and_says_why() -> None:
    """However long a channel has failed: this one does not, and is not gone round."""
    ending = given_back(replace(MAIL, more=True, detour=1), SOON, "排队等候")
    expected = Ending(7, 20, MessageState.RETRY_WAIT, AttemptPhase.NOT_SENT, "paused", "排队等候", next_try_at=SOON)
    assert ending == expected


# What a dead process leaves to be done. "told again" and "fate unknown" carry the flag of a doubt.
DEATHS = """
message     ambiguous | before the marker  past it: mail  webhook       chat robots   other         file
digest      0         | not sent           told again     told again    fate unknown  fate unknown  not sent
digest      1         | not sent           fate unknown   fate unknown  fate unknown  fate unknown  not sent
escalation  0         | not sent           fate unknown   fate unknown  fate unknown  fate unknown  not sent
escalation  1         | not sent           fate unknown   fate unknown  fate unknown  fate unknown  not sent
action      0         | not sent           told again     told again    fate unknown  fate unknown  not sent
action      1         | not sent           fate unknown   fate unknown  fate unknown  fate unknown  not sent
"""
AFTER = {
    "not sent": (MessageState.PLANNED, AttemptPhase.NOT_SENT, False),
    "told again": (MessageState.PLANNED, AttemptPhase.UNKNOWN, True),
    "fate unknown": (MessageState.UNKNOWN, AttemptPhase.UNKNOWN, True),
}
DEATH_ROWS = [re.split(r"\s+\|\s+|\s{2,}", line) for line in DEATHS.strip().splitlines()[1:]]
HANDED_TO: tuple[tuple[str | None, ...], ...] = (
    (None,), (Channel.SMTP,), (Channel.WEBHOOK,), (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU),
    (Channel.OTHER, ""), (Channel.FILE,),
)  # fmt: skip


@pytest.mark.parametrize("row", DEATH_ROWS, ids=lambda row: "-".join(row[:2]))
def test_what_a_dead_process_leaves_behind(row: list[str]) -> None:
    kind, ambiguous, *cells = row
    for cell, channels in zip(cells, HANDED_TO, strict=True):
        for handed_to in channels:
            orphan = Orphan(7, "D1", MessageKind(kind), 0, 3, int(ambiguous), "boot:1:2", handed_to)
            ending = after_death(orphan)
            assert (ending.state, ending.phase, ending.ambiguous) == AFTER[cell], handed_to
            assert (ending.message_id, ending.attempt, ending.code) == (7, 3, "interrupted")
            assert (ending.next_try_at, ending.next_address, ending.accepted_on) == (None, 0, None)
            assert ("不明" in ending.reason) == (cell != "not sent")


@pytest.mark.parametrize("row", DEATH_ROWS, ids=lambda row: "-".join(row[:2]))
def test_what_a_delivery_leaves_behind_that_was_broken_off(row: list[str]) -> None:
    """The same; but the answer to what is in doubt may still be on its way, and must not be raced."""
    kind, ambiguous, *cells = row
    for cell, channels in zip(cells, HANDED_TO, strict=True):
        for handed_to in channels:
            held = Orphan(7, "D1", MessageKind(kind), 0, 3, int(ambiguous), "boot:1:2", handed_to)
            expected = after_death(held)
            if cell == "told again":
                at = NOW + (timedelta(minutes=1) if handed_to == Channel.WEBHOOK else timedelta(minutes=10))
                expected = replace(expected, state=MessageState.RETRY_WAIT, next_try_at=at)
            assert after_breaking_off(held, NOW) == expected, handed_to


def test_every_death_is_in_the_table() -> None:
    assert [row[:2] for row in DEATH_ROWS] == [[kind, n] for kind in MessageKind for n in "01"]
    assert {channel for channels in HANDED_TO for channel in channels} == {None, "", *Channel}


def test_only_what_a_receiver_can_tell_is_sent_once_more_and_never_an_escalation() -> None:
    answers = {
        (kind, ambiguous, channel)
        for kind in MessageKind for ambiguous in range(3) for channel in Channel
        if may_be_sent_once_more(kind, ambiguous, channel)
    }  # fmt: skip
    assert answers == {(kind, 0, channel) for kind in (DIGEST, ACTION) for channel in ("smtp", "webhook")}


@pytest.mark.parametrize("channel", Channel)
def test_a_doubt_waits_before_it_is_told_again_or_for_a_person(channel: Channel) -> None:
    ending = ending_of(replace(MAIL, channel=channel), Outcome(OutcomeKind.UNKNOWN), ON, NOW)
    waits = {Channel.SMTP: timedelta(minutes=10), Channel.WEBHOOK: timedelta(minutes=1)}
    assert waits == RESEND_AFTER
    if channel in waits:
        assert (ending.state, ending.next_try_at) == (MessageState.RETRY_WAIT, NOW + waits[channel])
    else:
        assert (ending.state, ending.next_try_at) == (MessageState.UNKNOWN, None)
    assert ending.ambiguous


# When to come again


@pytest.mark.parametrize(
    ("code", "enhanced", "least"),
    [
        ("450", "", 5),
        ("451", "4.3.0", 5),
        ("452", "4.7.1", 5),
        ("452", "4.2.2", 0.8),
        ("", "", 0.8),
        ("471", "4.70.1", 0.8),
    ],
)
def test_a_relay_that_greylists_is_not_asked_again_too_soon(code: str, enhanced: str, least: float) -> None:
    ending = ending_of(MAIL, Outcome(OutcomeKind.RETRY, code, enhanced=enhanced), ON, NOW)
    assert ending.next_try_at
    wait = ending.next_try_at - NOW
    assert timedelta(minutes=least) <= wait <= timedelta(minutes=max(least, 1.2))


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
    outcome = Outcome(OutcomeKind.RETRY, "452", "busy", asked_s)
    assert ending_of(replace(MAIL, more=True), outcome, ON, NOW).next_try_at == at
