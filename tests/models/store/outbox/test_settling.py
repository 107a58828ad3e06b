"""What people's word, a report of non-delivery and a new address make of a message: one move and one line each."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from models.ladder import MessageKind
from models.saying import Saying
from models.store import outbox
from models.store.outbox import BY_DIRECTORY, Ending, Report, Utterance, Written
from models.tables import AttemptPhase, MessageState
from tests.outbox_fixtures import NOW, ON, Outbox, an_outbox

ARRIVED, RESEND, RECEIVED, BOUNCED = Saying
NEXT = date(2023, 6, 27)
DEAD = (MessageState.UNKNOWN, MessageState.REJECTED, MessageState.BOUNCED)
BYTES = b"Message-ID: <1@x>\r\n\r\nfirst"
HAND = {
    MessageState.ACCEPTED: (AttemptPhase.ACCEPTED, False), MessageState.REJECTED: (AttemptPhase.REJECTED, False),
    MessageState.UNKNOWN: (AttemptPhase.UNKNOWN, True), MessageState.RETRY_WAIT: (AttemptPhase.RETRY, False),
}  # fmt: skip


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with an_outbox(tmp_path) as box:
        yield box


def handed(
    box: Outbox, state: MessageState, party: str = "D1", *clocks: int, on: date = ON,
    kind: MessageKind = MessageKind.ESCALATION,
) -> int:  # fmt: skip
    """A message that was handed over once and came to this end; bounced and expired by what follows on another."""
    message = box.message(party, *clocks, kind=kind)
    if state in {MessageState.EXPIRED, MessageState.SUPERSEDED}:
        box.change("UPDATE message SET state = :state WHERE id = :id", state=state, id=message)
        return message
    (claimed,) = (one for one in box.claim(on_day=on).messages if one.id == message)
    first = MessageState.ACCEPTED if state is MessageState.BOUNCED else state
    if first is MessageState.LEASED:
        return message
    phase, ambiguous = HAND[first]
    day = on if first is MessageState.ACCEPTED else None
    with box.store.writing() as connection:
        outbox.keep(connection, "me", [Written(message, f"<{message}@x>", BYTES)])
        assert outbox.mark(connection, "me", message, claimed.attempt, NOW, "smtp")
        ending = Ending(message, claimed.attempt, first, phase, "1", "2", accepted_on=day, ambiguous=ambiguous)
        assert outbox.finish(connection, "me", ending, NOW)
        outbox.count_served(connection)
    if state is MessageState.BOUNCED:
        assert say(box, message, BOUNCED)
    return message


def say(box: Outbox, message: int, what: Saying, on: date = NEXT) -> bool:
    with box.store.writing() as connection:
        return outbox.settle(connection, Utterance(message, what, "li", on, "因为"), NOW)


def served_on(box: Outbox, clock: int) -> object:
    return box.scalar("SELECT served_on FROM deadline WHERE id = :id", id=clock)


@pytest.mark.parametrize("what", Saying)
@pytest.mark.parametrize(
    "state",
    [*HAND, MessageState.BOUNCED, MessageState.LEASED, MessageState.EXPIRED, MessageState.SUPERSEDED],
)
def test_a_word_counts_only_where_a_message_stands_so_that_it_can_be_said(
    box: Outbox, state: MessageState, what: Saying
) -> None:
    expected = {
        ARRIVED: {*DEAD, MessageState.EXPIRED},
        RESEND: {*DEAD},
        RECEIVED: {MessageState.ACCEPTED, MessageState.UNKNOWN},
        BOUNCED: {MessageState.ACCEPTED, MessageState.UNKNOWN},
    }
    message = handed(box, state)
    before = box.dump()
    assert say(box, message, what) == (state in expected[what])
    assert (box.dump() == before) == (state not in expected[what])


@pytest.mark.parametrize("what", Saying)
@pytest.mark.parametrize("state", [MessageState.PLANNED, MessageState.RETRY_WAIT, MessageState.LEASED])
def test_of_what_waits_in_doubt_it_can_be_said_that_it_arrived(box: Outbox, state: MessageState, what: Saying) -> None:
    """So that no second copy need go out. Not while a process has it."""
    clock = box.clock()
    message = handed(box, MessageState.LEASED if state is MessageState.LEASED else MessageState.UNKNOWN, "D1", clock)
    if state is not MessageState.LEASED:
        assert say(box, message, RESEND)
    if state is MessageState.RETRY_WAIT:
        (claimed,) = box.claim(on_day=ON).messages
        waits = Ending(message, claimed.attempt, state, AttemptPhase.RETRY, next_try_at=NOW)
        with box.store.writing() as connection:
            assert outbox.finish(connection, "me", waits, NOW)
    box.change("UPDATE message SET ambiguous = 1")
    sayable = state is not MessageState.LEASED and what in (ARRIVED, RECEIVED)
    assert say(box, message, what) == sayable
    assert box.state(message) is (MessageState.ACCEPTED if sayable else state)
    assert (served_on(box, clock), box.claim(on_day=NEXT).messages == ()) == (
        (str(NEXT), True) if sayable else (None, state is MessageState.LEASED)
    )


@pytest.mark.parametrize("state", [*DEAD, MessageState.EXPIRED])
def test_what_arrived_counts_as_accepted_that_day_and_lets_the_clock_know(box: Outbox, state: MessageState) -> None:
    clock = box.clock()
    message = handed(box, state, "D1", clock)
    assert say(box, message, ARRIVED)
    row = box.row(message)
    assert (row["state"], row["accepted_on"], row["counted"]) == (MessageState.ACCEPTED, NEXT, True)
    assert served_on(box, clock) == str(NEXT)


def test_a_word_says_nothing_of_whether_the_address_works(box: Outbox) -> None:
    box.change("UPDATE party SET reachable = FALSE WHERE code = 'D1'")
    assert say(box, handed(box, MessageState.REJECTED), ARRIVED)
    assert not box.scalar("SELECT reachable FROM party WHERE code = 'D1'")
    handed(box, MessageState.ACCEPTED)
    assert box.scalar("SELECT reachable FROM party WHERE code = 'D1'"), "an acceptance does"


def test_an_acceptance_that_nobody_counted_yet_shows_that_the_address_works_also_where_a_word_comes_first(
    box: Outbox,
) -> None:
    rejected, accepted = handed(box, MessageState.REJECTED), handed(box, MessageState.ACCEPTED)
    box.change("UPDATE message SET counted = FALSE WHERE id = :id", id=accepted)
    box.change("UPDATE party SET reachable = FALSE WHERE code = 'D1'")
    assert say(box, rejected, ARRIVED)
    assert box.scalar("SELECT reachable FROM party WHERE code = 'D1'")


def test_what_nobody_knows_is_sent_again_with_the_same_bytes_and_name(box: Outbox) -> None:
    message = handed(box, MessageState.UNKNOWN)
    before = box.row(message)
    assert say(box, message, RESEND)
    (again,) = box.claim(on_day=NEXT).messages
    assert (again.payload, again.header_id, again.frozen) == (BYTES, before["header_id"], True)
    assert (again.ambiguous, again.attempt, again.tries) == (1, 2, 1)


def test_a_word_counts_for_one_hand_over(box: Outbox) -> None:
    """What was tried since then, and is in doubt again, waits for another word. What became of others is theirs."""
    other = handed(box, MessageState.UNKNOWN)
    box.change("UPDATE message SET attempts = 9 WHERE id = :id", id=other)
    assert say(box, other, RESEND)
    (claimed,) = box.claim().messages
    with box.store.writing() as connection:
        assert outbox.mark(connection, "me", other, claimed.attempt, NOW, "smtp")
    message = handed(box, MessageState.UNKNOWN)
    assert say(box, message, RESEND)
    for attempt, by_word in ((2, True), (3, True), (4, False)):
        (again,) = box.claim(on_day=NEXT).messages
        assert (again.attempt, again.resent_by_word) == (attempt, by_word)
        with box.store.writing() as connection:
            if attempt == 3:
                assert outbox.mark(connection, "me", message, attempt, NOW, "smtp")
            ending = Ending(message, attempt, MessageState.RETRY_WAIT, AttemptPhase.RETRY, next_try_at=NOW)
            assert outbox.finish(connection, "me", ending, NOW)


@pytest.mark.parametrize(("state", "ambiguous"), [(MessageState.REJECTED, 0), (MessageState.BOUNCED, 1)])
def test_what_was_refused_or_came_back_is_said_anew_at_the_first_address(
    box: Outbox, state: MessageState, ambiguous: int
) -> None:
    """What came back was taken once: the second copy is flagged."""
    message = handed(box, state)
    box.change("UPDATE message SET address_no = 1, tries = 3 WHERE id = :id", id=message)
    assert say(box, message, RESEND)
    (again,) = box.claim(on_day=NEXT).messages
    assert (again.address_no, again.tries, again.frozen, again.header_id, again.payload) == (0, 1, False, None, None)
    assert again.ambiguous == ambiguous
    assert (box.row(message)["accepted_on"], box.row(message)["counted"]) == (None, False)


def test_a_second_acceptance_is_counted_too(box: Outbox) -> None:
    clock = box.clock()
    message = handed(box, MessageState.BOUNCED, "D1", clock)
    assert say(box, message, RESEND)
    (again,) = box.claim(on_day=NEXT).messages
    ending = Ending(message, again.attempt, MessageState.ACCEPTED, AttemptPhase.ACCEPTED, accepted_on=NEXT)
    with box.store.writing() as connection:
        assert outbox.mark(connection, "me", message, again.attempt, NOW, "smtp")
        assert outbox.finish(connection, "me", ending, NOW)
        outbox.count_served(connection)
    assert served_on(box, clock) == str(NEXT)


def test_what_came_back_proves_nothing_but_another_acceptance_still_does(box: Outbox) -> None:
    alone, shared = box.clock(), box.clock()
    message = handed(box, MessageState.ACCEPTED, "D1", alone, shared)
    other = handed(box, MessageState.ACCEPTED, "D1", shared, on=NEXT, kind=MessageKind.DIGEST)
    assert (served_on(box, alone), served_on(box, shared)) == (str(ON), str(ON))
    assert say(box, message, BOUNCED)
    assert (served_on(box, alone), served_on(box, shared)) == (None, str(NEXT))
    assert box.state(other) is MessageState.ACCEPTED


def test_what_people_say_arrived_does_not_come_back_until_a_channel_takes_it_again(box: Outbox) -> None:
    for state in DEAD:
        message = handed(box, state)
        assert say(box, message, ARRIVED)
        before = box.dump()
        assert not say(box, message, BOUNCED)
        assert box.dump() == before
    message = handed(box, MessageState.BOUNCED)
    assert say(box, message, RESEND)
    (again,) = box.claim(on_day=NEXT).messages
    with box.store.writing() as connection:
        assert outbox.mark(connection, "me", message, again.attempt, NOW, "smtp")
        ending = Ending(message, again.attempt, MessageState.ACCEPTED, AttemptPhase.ACCEPTED, accepted_on=NEXT)
        assert outbox.finish(connection, "me", ending, NOW)
    assert say(box, message, BOUNCED)


def test_what_was_signed_for_does_not_come_back(box: Outbox) -> None:
    for state in (MessageState.ACCEPTED, MessageState.UNKNOWN):
        message = handed(box, state)
        assert say(box, message, RECEIVED)
        assert not say(box, message, BOUNCED)
        assert box.state(message) is MessageState.ACCEPTED


def test_what_was_in_doubt_and_came_back_proves_nothing_and_is_said_anew(box: Outbox) -> None:
    clock = box.clock()
    message = handed(box, MessageState.UNKNOWN, "D1", clock)
    assert say(box, message, BOUNCED)
    assert (box.state(message), served_on(box, clock)) == (MessageState.BOUNCED, None)
    assert say(box, message, RESEND)
    (again,) = box.claim(on_day=NEXT).messages
    assert (again.frozen, again.header_id, again.ambiguous) == (False, None, 2)


def test_a_receipt_names_the_day_and_the_person_and_leaves_the_rest(box: Outbox) -> None:
    message = handed(box, MessageState.ACCEPTED)
    before = dict(box.row(message))
    assert say(box, message, RECEIVED)
    assert dict(box.row(message)) == {**before, "received_on": NEXT, "received_by": "li"}


def test_each_word_is_a_line_and_two_of_one_kind_have_numbers_of_their_own(box: Outbox) -> None:
    message = handed(box, MessageState.UNKNOWN)
    for what in (RESEND, BOUNCED, ARRIVED, RECEIVED):
        if what is BOUNCED:
            box.change("UPDATE message SET state = 'leased' WHERE id = :id", id=message)
            box.change("UPDATE message SET state = 'unknown' WHERE id = :id", id=message)
        assert say(box, message, what)
    assert box.phases(message)[3:] == [
        (1, AttemptPhase.BOUNCED), (1, AttemptPhase.RESOLVED), (2, AttemptPhase.RESOLVED), (2, AttemptPhase.RECEIVED),
    ]  # fmt: skip
    assert box.row(message)["attempts"] == 2
    lines = box.scalar("SELECT group_concat(DISTINCT owner || ' ' || reason) FROM attempt WHERE phase = 'resolved'")
    assert lines == "person:li 因为"


def test_another_address_gets_what_was_surely_never_taken(box: Outbox) -> None:
    """Refused, to be tried again, or on its way to the second address; not what may have arrived, nor another's."""
    refused, doubtful = handed(box, MessageState.REJECTED), handed(box, MessageState.REJECTED)
    others, unknown = handed(box, MessageState.REJECTED, "D2"), handed(box, MessageState.UNKNOWN)
    waiting, second, fresh = handed(box, MessageState.RETRY_WAIT), box.message("D1"), box.message("D1")
    box.change("UPDATE message SET ambiguous = 1 WHERE id = :id", id=doubtful)
    box.change("UPDATE message SET address_no = 1 WHERE id IN (:a, :b)", a=second, b=waiting)
    with box.store.writing() as connection:
        assert outbox.send_anew(connection, ["D1"], NOW) == [refused, waiting, second]
        assert outbox.send_anew(connection, [], NOW) == []
    states = [box.state(one) for one in (refused, waiting, second, doubtful, others, unknown)]
    planned, rejected, unsure = MessageState.PLANNED, MessageState.REJECTED, MessageState.UNKNOWN
    assert states == [planned, MessageState.RETRY_WAIT, planned, rejected, rejected, unsure]
    for one in (refused, waiting, second):
        row = box.row(one)
        assert (row["address_no"], row["tries"], row["frozen"], row["next_try_at"], row["payload"]) == (
            0, 0, False, None, None,
        )  # fmt: skip
        assert box.phases(one)[-1][1] is AttemptPhase.RESOLVED
        assert (
            box.scalar("SELECT owner FROM attempt WHERE message_id = :m AND phase = 'resolved'", m=one) == BY_DIRECTORY
        )
    assert box.phases(fresh) == []


def test_a_report_leaves_its_code_and_words(box: Outbox) -> None:
    message = handed(box, MessageState.ACCEPTED)
    word = Utterance(message, BOUNCED, "li", NEXT, report=Report("5.1.1", "no such user"))
    with box.store.writing() as connection:
        assert outbox.settle(connection, word, NOW)
        assert not outbox.settle(connection, replace(word, what=RECEIVED), NOW)
    row = box.row(message)
    assert (row["state"], row["code"], row["reason"]) == (MessageState.BOUNCED, "5.1.1", "no such user")
    line = "owner || ' ' || code || ' ' || enhanced || ' ' || reason"
    assert box.scalar(f"SELECT {line} FROM attempt WHERE phase = 'bounced'") == "dsn:li 5.1.1 5.1.1 no such user"
