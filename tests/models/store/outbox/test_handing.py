"""The outbox: what is claimed and what drops out, the fence between two runners, and a record that only grows."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from models.ladder import MessageKind
from models.store import outbox
from models.store.outbox import Ending, Orphan, Written
from models.store.owners import this_process
from models.store.parties import party_ids
from models.tables import AttemptPhase, MessageState
from tests.outbox_fixtures import NOW, ON, Outbox, Process, an_outbox, another_process

PLANNED, LEASED, HANDING_OVER = MessageState.PLANNED, MessageState.LEASED, MessageState.HANDING_OVER
RETRY_WAIT, ACCEPTED, CANCELLED = MessageState.RETRY_WAIT, MessageState.ACCEPTED, MessageState.CANCELLED
ME, OTHER = "me", "other"
LATER = NOW + timedelta(minutes=7)
BYTES = b"Message-ID: <1@x>\r\n\r\n\xff"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with an_outbox(tmp_path) as box:
        yield box


def keep(box: Outbox, message: int, payload: bytes = BYTES, owner: str = ME, header: str = "<1@x>") -> None:
    with box.store.writing() as connection:
        outbox.keep(connection, owner, [Written(message, header, payload)])


def mark(box: Outbox, message: int, attempt: int = 1, owner: str = ME) -> bool:
    with box.store.writing() as connection:
        return outbox.mark(connection, owner, message, attempt, NOW, "smtp")


def finish(box: Outbox, ending: Ending, owner: str = ME) -> bool:
    """Nothing is accepted before its marker, so that is put here where a test did not."""
    with box.store.writing() as connection:
        if ending.state is ACCEPTED:
            outbox.mark(connection, owner, ending.message_id, ending.attempt, NOW, "smtp")
        return outbox.finish(connection, owner, ending, NOW)


def orphans(box: Outbox) -> list[Orphan]:
    with box.store.reading() as connection:
        return outbox.orphans(connection)


def accepted(message: int, attempt: int = 1, on: date = ON) -> Ending:
    return Ending(message, attempt, ACCEPTED, AttemptPhase.ACCEPTED, "250", "queued", accepted_on=on)


def waiting(message: int, attempt: int = 1) -> Ending:
    at = LATER
    return Ending(message, attempt, RETRY_WAIT, AttemptPhase.RETRY, "450", next_try_at=at, against_address=True)


def next_address(message: int, attempt: int = 1) -> Ending:
    return Ending(message, attempt, PLANNED, AttemptPhase.REJECTED, "550", "no such user", next_address=True)


def claimed_ids(batch: outbox.Batch) -> list[int]:
    return [one.id for one in batch.messages]


# Planning what actions cause


def plan(box: Outbox, news: int, party: str = "D1", on: date = ON) -> int:
    with box.store.writing() as connection:
        return outbox.plan_news(connection, party_ids(connection)[party], on, news)


def test_news_of_a_day_are_gathered_in_one_message_for_each_party(box: Outbox) -> None:
    first = plan(box, 1)
    others = [plan(box, 2, "L1"), plan(box, 3, on=ON + timedelta(days=1)), box.message("D1")]
    assert plan(box, 4) == first
    assert len({first, *others}) == 4
    row = box.row(first)
    assert (row["kind"], row["state"], row["run_id"], row["on_day"]) == (MessageKind.ACTION, PLANNED, None, ON)
    assert json.loads(row["notice_ids"]) == [1, 4]


@pytest.mark.parametrize("state", [state for state in MessageState if state is not PLANNED])
def test_once_a_message_has_begun_to_go_out_the_next_news_begin_another(box: Outbox, state: MessageState) -> None:
    first = plan(box, 1)
    box.put(first, state)
    second = plan(box, 2)
    assert second != first
    assert plan(box, 3) == second
    assert [json.loads(box.row(message)["notice_ids"]) for message in (first, second)] == [[1], [2, 3]]


# Claiming


def test_the_oldest_go_first_up_to_the_limit(box: Outbox) -> None:
    first, second, third = (box.message(unit) for unit in ("D1", "D2", "D3"))
    assert claimed_ids(box.claim(limit=2)) == [first, second]
    assert claimed_ids(box.claim(limit=2)) == [third]
    assert box.claim(limit=2) == outbox.Batch((), 0)


def test_a_claim_is_a_lease_with_a_line_in_the_record(box: Outbox) -> None:
    message = box.message("D2", kind=MessageKind.ESCALATION)
    (claimed,) = box.claim(ME).messages
    row = box.row(message)
    assert (row["state"], row["owner"], row["attempts"], row["next_try_at"]) == (LEASED, ME, 1, None)
    assert box.phases(message) == [(1, AttemptPhase.LEASED)]
    assert (claimed.party, claimed.kind, claimed.on_day) == ("D2", MessageKind.ESCALATION, ON)
    assert (claimed.attempt, claimed.tries, claimed.address_no, claimed.ambiguous) == (1, 1, 0, 0)
    assert list(claimed.notice_ids) == json.loads(row["notice_ids"])
    assert (claimed.frozen, claimed.header_id, claimed.payload) == (False, None, None)


@pytest.mark.parametrize("state", MessageState)
def test_only_what_waits_is_claimed(box: Outbox, state: MessageState) -> None:
    message = box.message()
    box.put(message, state)
    assert claimed_ids(box.claim()) == ([message] if state in (PLANNED, RETRY_WAIT) else [])


@pytest.mark.parametrize(
    ("wait", "due"),
    [(None, True), (timedelta(hours=-1), True), (timedelta(0), True), (timedelta(microseconds=1), False)],
)
def test_a_message_is_claimed_when_its_time_has_come(box: Outbox, wait: timedelta | None, due: bool) -> None:
    message = box.message()
    box.claim()
    finish(box, replace(waiting(message), next_try_at=None if wait is None else NOW + wait))
    assert claimed_ids(box.claim()) == ([message] if due else [])


CLAIMING = """
import sys
from datetime import date
from config import clock
from models.store.engine import Store
from models.store.outbox import claim
store = Store(sys.argv[1])
while True:
    with store.writing() as connection:
        batch = claim(connection, sys.argv[2], clock.now(), 3, date(2023, 6, 26))
    if not batch.messages:
        break
    print(*(one.id for one in batch.messages))
store.close()
"""


def test_no_message_is_claimed_by_two_processes(box: Outbox) -> None:
    messages = box.messages(*["D1"] * 30)
    arguments = [sys.executable, "-c", CLAIMING, box.store.url]
    running = [subprocess.Popen([*arguments, name], stdout=subprocess.PIPE, text=True) for name in "ab"]
    taken = {name: process.communicate()[0].split() for name, process in zip("ab", running, strict=True)}
    assert sorted(int(n) for found in taken.values() for n in found) == messages
    for name, found in taken.items():
        assert all(box.row(int(n))["owner"] == name for n in found)


# What is no longer true

UNTRUE = [
    ("stopped", "UPDATE deadline SET stopped_on = opened_on, outcome = 'met' WHERE id = :clock"),
    ("held", "UPDATE deadline SET held_on = opened_on, held_days = 0 WHERE id = :clock"),
    ("given a later date", "UPDATE deadline SET due_on = date(due_on, '+5 days') WHERE id = :clock"),
    ("given an earlier date", "UPDATE deadline SET due_on = date(due_on, '-5 days') WHERE id = :clock"),
]
EVENTS = pytest.mark.parametrize("event", [row[1] for row in UNTRUE], ids=[row[0] for row in UNTRUE])


def unsaid(box: Outbox) -> list[str | None]:
    """Why each notice was not said, in their order."""
    with box.store.reading() as connection:
        return list(connection.exec_driver_sql("SELECT unsaid FROM notice ORDER BY id").scalars())


@EVENTS
def test_what_is_no_longer_true_drops_out_with_a_reason(box: Outbox, event: str) -> None:
    kept, gone = box.clock(), box.clock()
    message = box.message("D1", kept, gone)
    box.change(event, clock=gone)
    batch = box.claim()
    assert [one.notice_ids for one in batch.messages] == [(1,)]
    assert (batch.cancelled, unsaid(box)) == (0, [None, "settled"])
    assert box.state(message) is LEASED


def test_what_dropped_out_is_not_said_by_that_message_should_it_become_true_again(box: Outbox) -> None:
    """Another message says it then: it must not be said twice."""
    kept, gone = box.clock(), box.clock()
    message = box.message("D1", kept, gone)
    box.change("UPDATE deadline SET held_on = opened_on, held_days = 0 WHERE id = :clock", clock=gone)
    box.claim()
    assert json.loads(box.row(message)["notice_ids"]) == [1]


@EVENTS
def test_a_message_with_nothing_left_is_cancelled(box: Outbox, event: str) -> None:
    clock = box.clock()
    empty, other = box.message("D1", clock), box.message("D2")
    box.change(event, clock=clock)
    batch = box.claim()
    assert (claimed_ids(batch), batch.cancelled) == ([other], 1)
    row = box.row(empty)
    assert (row["state"], row["owner"], row["attempts"]) == (CANCELLED, None, 0)
    assert row["reason"]
    assert (box.phases(empty), unsaid(box)) == ([], ["settled", None])
    assert box.claim() == outbox.Batch((), 0)


def test_what_dropped_out_stays_out(box: Outbox) -> None:
    """A clock that was held and runs on would be said by the message, while the record says that it was not."""
    kept, held = box.clock(), box.clock()
    message = box.message("D1", kept, held)
    box.change("UPDATE deadline SET held_on = opened_on, held_days = 0 WHERE id = :clock", clock=held)
    box.claim()
    finish(box, replace(waiting(message), next_try_at=NOW))
    box.change("UPDATE deadline SET held_on = NULL, held_days = NULL")
    assert [one.notice_ids for one in box.claim().messages] == [(1,)]
    assert unsaid(box) == [None, "settled"]


def test_each_party_is_asked_for_itself(box: Outbox) -> None:
    """Two parties hear of one clock: both notices drop out, and the other clock of one of them does not."""
    shared, own = box.clock(), box.clock()
    unit, lead = box.message("D1", shared), box.message("L1", shared, own)
    box.change(UNTRUE[0][1], clock=shared)
    batch = box.claim()
    assert (claimed_ids(batch), batch.cancelled) == ([lead], 1)
    assert (box.state(unit), unsaid(box)) == (CANCELLED, ["settled", "settled", None])


def test_bytes_that_may_be_out_cannot_unsay_a_part_of_themselves(box: Outbox) -> None:
    kept, gone = box.clock(), box.clock()
    message = box.message("D1", kept, gone)
    handed_over_in_vain(box, message)
    box.change(UNTRUE[0][1], clock=gone)
    (claimed,) = box.claim(now=LATER).messages
    assert (claimed.notice_ids, claimed.payload) == ((1,), BYTES)
    assert unsaid(box) == [None, None], "the letter that goes out still says both"


def test_bytes_that_are_all_untrue_do_not_go_out_again(box: Outbox) -> None:
    clock = box.clock()
    message = box.message("D1", clock)
    handed_over_in_vain(box, message)
    box.change(UNTRUE[0][1], clock=clock)
    assert box.claim(now=LATER) == outbox.Batch((), 1)
    assert (box.state(message), unsaid(box)) == (CANCELLED, ["settled"])


def handed_over_in_vain(box: Outbox, message: int) -> None:
    """A first attempt that passed the marker, and was refused in a way that may pass."""
    box.claim()
    keep(box, message)
    assert mark(box, message)
    assert finish(box, waiting(message))


# The marker


def test_the_marker_is_set_once(box: Outbox) -> None:
    message = box.message()
    box.claim()
    keep(box, message)
    assert mark(box, message)
    row = box.row(message)
    assert (row["state"], row["owner"], row["header_id"]) == (HANDING_OVER, ME, "<1@x>")
    assert row["payload"] == BYTES
    assert box.phases(message) == [(1, AttemptPhase.LEASED), (1, AttemptPhase.HANDING_OVER)]
    before = box.dump()
    assert not mark(box, message)
    assert box.dump() == before


@pytest.mark.parametrize(("owner", "attempt"), [(OTHER, 1), (ME, 0), (ME, 2), (OTHER, 2), ("", 1)])
def test_who_does_not_own_the_attempt_gets_no_marker(box: Outbox, owner: str, attempt: int) -> None:
    message = box.message()
    box.claim()
    keep(box, message)
    before = box.dump()
    assert not mark(box, message, attempt, owner)
    assert box.dump() == before


@pytest.mark.parametrize("state", [state for state in MessageState if state is not LEASED])
def test_only_what_is_leased_gets_a_marker(box: Outbox, state: MessageState) -> None:
    message = box.message()
    box.claim()
    box.put(message, state)
    before = box.dump()
    assert not mark(box, message)
    assert box.dump() == before


def test_a_marker_is_for_one_message_only(box: Outbox) -> None:
    first, second = box.message("D1"), box.message("D2")
    box.claim()
    assert mark(box, second)
    assert (box.state(first), box.state(second)) == (LEASED, HANDING_OVER)


@pytest.mark.parametrize("owner", [OTHER, ""])
def test_bytes_are_kept_for_the_owner_only(box: Outbox, owner: str) -> None:
    message = box.message()
    box.claim()
    before = box.dump()
    keep(box, message, owner=owner)
    assert box.dump() == before


# The bytes


def test_bytes_never_change_after_the_first_marker(box: Outbox) -> None:
    message = box.message()
    box.claim()
    keep(box, message, b"drafted, and dropped")
    keep(box, message)
    assert mark(box, message)
    finish(box, waiting(message))
    for attempt in (2, 3):
        (claimed,) = box.claim(now=LATER).messages
        assert (claimed.frozen, claimed.header_id, claimed.payload) == (True, "<1@x>", BYTES)
        keep(box, message, b"another letter", header="<2@x>")
        assert mark(box, message, attempt)
        assert (box.row(message)["payload"], box.row(message)["header_id"]) == (BYTES, "<1@x>")
        finish(box, waiting(message, attempt))


def test_the_hash_is_that_of_the_bytes(box: Outbox) -> None:
    message = box.message()
    box.claim()
    keep(box, message, b"123456789")
    wanted = "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"
    assert box.row(message)["payload_sha256"] == wanted


def test_before_the_first_marker_nothing_is_frozen(box: Outbox) -> None:
    message = box.message()
    box.claim()
    keep(box, message)
    finish(box, waiting(message))
    (claimed,) = box.claim(now=LATER).messages
    assert not claimed.frozen
    keep(box, message, b"written anew", header="<2@x>")
    assert (box.row(message)["payload"], box.row(message)["header_id"]) == (b"written anew", "<2@x>")


def test_another_address_gets_bytes_and_tries_of_its_own(box: Outbox) -> None:
    message = box.message()
    box.claim()
    keep(box, message)
    assert mark(box, message)
    assert finish(box, next_address(message))
    row = box.row(message)
    assert (row["state"], row["address_no"], row["owner"]) == (PLANNED, 1, None)
    assert (row["header_id"], row["payload"], row["payload_sha256"]) == (None, None, None)
    (claimed,) = box.claim().messages
    assert (claimed.attempt, claimed.tries, claimed.address_no, claimed.frozen) == (2, 1, 1, False)


def test_tries_are_counted_at_the_present_address(box: Outbox) -> None:
    message = box.message()
    counted = []
    for attempt, end in enumerate([waiting, waiting, next_address, waiting, waiting, next_address, waiting], start=1):
        (claimed,) = box.claim(now=LATER).messages
        counted.append((claimed.attempt, claimed.address_no, claimed.tries))
        finish(box, end(message, attempt))
    assert counted == [(1, 0, 1), (2, 0, 2), (3, 0, 3), (4, 1, 1), (5, 1, 2), (6, 1, 3), (7, 2, 1)]


# The end of an attempt


def test_an_acceptance_is_written_down(box: Outbox) -> None:
    message = box.message()
    box.claim()
    assert mark(box, message)
    assert finish(box, accepted(message))
    row = box.row(message)
    assert (row["state"], row["owner"], row["code"], row["reason"]) == (ACCEPTED, None, "250", "queued")
    assert [phase for _, phase in box.phases(message)] == [
        AttemptPhase.LEASED,
        AttemptPhase.HANDING_OVER,
        AttemptPhase.ACCEPTED,
    ]
    assert box.scalar("SELECT code || ' ' || reason FROM attempt WHERE phase = 'accepted'") == "250 queued"


def test_a_failure_says_when_to_try_again(box: Outbox) -> None:
    message = box.message()
    box.claim()
    assert finish(box, waiting(message))
    row = box.row(message)
    assert (row["state"], row["next_try_at"], row["code"], row["ambiguous"]) == (RETRY_WAIT, LATER, "450", 0)


def test_doubts_add_up(box: Outbox) -> None:
    message = box.message()
    for attempt in (1, 2):
        box.claim(now=LATER)
        doubt = Ending(message, attempt, RETRY_WAIT, AttemptPhase.UNKNOWN, ambiguous=True)
        assert finish(box, doubt)
    box.claim(now=LATER)
    assert finish(box, waiting(message, 3))
    assert box.row(message)["ambiguous"] == 2


@pytest.mark.parametrize(("owner", "attempt"), [(OTHER, 1), (ME, 0), (ME, 2)])
@pytest.mark.parametrize("end", [accepted, waiting, next_address])
def test_who_does_not_own_the_attempt_ends_nothing(box: Outbox, owner: str, attempt: int, end: object) -> None:
    message = box.message()
    box.claim()
    keep(box, message)
    assert mark(box, message)
    before = box.dump()
    assert callable(end)
    assert not finish(box, end(message, attempt), owner)
    assert box.dump() == before


def test_an_attempt_ends_once(box: Outbox) -> None:
    message = box.message()
    box.claim()
    assert finish(box, accepted(message))
    before = box.dump()
    assert not finish(box, waiting(message))
    assert box.dump() == before


# Served


def served(box: Outbox) -> dict[int, str | None]:
    with box.store.writing() as connection:
        outbox.count_served(connection)
        return dict(connection.exec_driver_sql("SELECT id, served_on FROM deadline").tuples().all())


def tell(box: Outbox, party: str, *clocks: int, on: date = ON) -> None:
    message = box.message(party, *clocks)
    box.claim()
    assert finish(box, accepted(message, on=on))


def test_an_accepted_message_serves_the_clocks_of_its_unit(box: Outbox) -> None:
    told, also_told, untold = box.clock("D1"), box.clock("D1"), box.clock("D1")
    tell(box, "D1", told, also_told)
    assert served(box) == {told: str(ON), also_told: str(ON), untold: None}


def test_telling_somebody_else_serves_nobody(box: Outbox) -> None:
    clock, others = box.clock("D1"), box.clock("D2")
    tell(box, "L1", clock, others)
    tell(box, "D1", others)
    assert served(box) == {clock: None, others: None}


def test_a_clock_is_served_once_and_keeps_the_first_day(box: Outbox) -> None:
    clock = box.clock("D1")
    tell(box, "D1", clock, on=date(2023, 6, 27))
    assert served(box) == {clock: "2023-06-27"}
    box.change("UPDATE notice SET rung = 'complete/-10wd'")
    tell(box, "D1", clock, on=date(2023, 6, 28))
    assert served(box) == {clock: "2023-06-27"}


def test_of_two_acceptances_counted_together_the_first_day_counts(box: Outbox) -> None:
    clock = box.clock("D1")
    tell(box, "D1", clock, on=date(2023, 6, 28))
    box.change("UPDATE notice SET rung = 'complete/-10wd'")
    tell(box, "D1", clock, on=date(2023, 6, 27))
    assert served(box) == {clock: "2023-06-27"}


@pytest.mark.parametrize("end", [waiting, next_address])
def test_without_acceptance_nobody_is_served(box: Outbox, end: object) -> None:
    message = box.message("D1", clock := box.clock("D1"))
    box.claim()
    assert callable(end)
    assert finish(box, end(message))
    assert served(box) == {clock: None}


def test_what_dropped_out_of_a_message_serves_nobody(box: Outbox) -> None:
    kept, gone = box.clock("D1"), box.clock("D1")
    message = box.message("D1", kept, gone)
    box.change("UPDATE deadline SET held_on = opened_on, held_days = 0 WHERE id = :clock", clock=gone)
    box.claim()
    finish(box, accepted(message))
    assert served(box) == {kept: str(ON), gone: None}


# Dead owners


@pytest.fixture
def other() -> Iterator[Process]:
    with another_process() as process:
        yield process


def test_the_leases_of_the_living_are_left_alone(box: Outbox, other: Process) -> None:
    for owner, unit in ((other.name, "D1"), (this_process(), "D2")):
        message = box.message(unit)
        box.claim(owner)
        assert mark(box, message, owner=owner)
        box.message(unit, box.clock(unit))
        box.claim(owner)
    assert orphans(box) == []


def test_the_leases_of_the_dead_are_void_at_once(box: Outbox, other: Process) -> None:
    leased, marked = box.message("D1"), box.message("D2", kind=MessageKind.ESCALATION)
    ended, mine = box.message("D3"), box.message("L1", box.clock("D3"))
    assert claimed_ids(box.claim(other.name, limit=3)) == [leased, marked, ended]
    box.claim(this_process())
    assert mark(box, marked, owner=other.name)
    assert finish(box, waiting(ended), other.name)
    other.kill()
    wanted = [
        Orphan(leased, "D1", MessageKind.DIGEST, 0, 1, 0, other.name, handed_to=None),
        Orphan(marked, "D2", MessageKind.ESCALATION, 0, 1, 0, other.name, handed_to="smtp"),
    ]
    assert orphans(box) == wanted
    other.bury()
    assert orphans(box) == wanted
    assert box.row(mine)["owner"] == this_process()


def test_an_orphan_is_freed_in_the_name_of_the_dead(box: Outbox) -> None:
    message = box.message()
    box.claim("nobody:0:0")
    assert mark(box, message, owner="nobody:0:0")
    (orphan,) = orphans(box)
    ending = Ending(message, orphan.attempt, PLANNED, AttemptPhase.UNKNOWN, "interrupted", ambiguous=True)
    assert finish(box, ending, orphan.owner)
    assert not finish(box, ending, orphan.owner)
    assert orphans(box) == []
    assert (box.state(message), box.row(message)["ambiguous"]) == (PLANNED, 1)


# A record that only grows

COLUMNS = "message_id, n, phase, at, owner, code, reason"
FORBIDDEN = [
    "UPDATE attempt SET code = '250'",
    "UPDATE attempt SET code = code WHERE n = 1",
    "UPDATE OR REPLACE attempt SET n = 2",
    "DELETE FROM attempt WHERE n = 1",
    "DELETE FROM attempt",
    f"REPLACE INTO attempt ({COLUMNS}) SELECT {COLUMNS} FROM attempt",
    f"INSERT OR REPLACE INTO attempt ({COLUMNS}) SELECT message_id, n, phase, at, 'x', '250', '' FROM attempt",
    f"INSERT INTO attempt ({COLUMNS}) SELECT {COLUMNS} FROM attempt WHERE true "
    "ON CONFLICT (message_id, n, phase) DO UPDATE SET code = '250'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_attempts_are_append_only_for_any_connection(box: Outbox, statement: str) -> None:
    """Also for one without our pragmas: `recursive_triggers` is off there, and REPLACE deletes unseen."""
    box.message()
    box.claim()
    before = box.dump()
    with closing(sqlite3.connect(box.database)) as raw:
        assert raw.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError, match="attempt is append-only"):
            raw.execute(statement)
        raw.commit()
    with pytest.raises(IntegrityError, match="attempt is append-only"):
        box.change(statement)
    assert box.dump() == before
