"""What is not said any more: overtaken by a later rung, past its useful life; and the end of a message it leaves."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.ladder import MessageKind
from models.store import outbox
from models.store.outbox import Ending, Written
from models.tables import AttemptPhase, MessageState
from tests.outbox_fixtures import NOW, ON, Outbox, an_outbox

ESCALATION, ACTION = MessageKind.ESCALATION, MessageKind.ACTION
CANCELLED, SUPERSEDED, EXPIRED = MessageState.CANCELLED, MessageState.SUPERSEDED, MessageState.EXPIRED
DUE = ON + timedelta(days=3)
AFTER = DUE + timedelta(days=1)
STOP = "UPDATE deadline SET stopped_on = opened_on, outcome = 'met' WHERE id = :clock"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with an_outbox(tmp_path) as box:
        yield box


def unsaid(box: Outbox, table: str = "notice") -> list[str | None]:
    """Why each was not said, in their order."""
    with box.store.reading() as connection:
        return list(connection.exec_driver_sql(f"SELECT unsaid FROM {table} ORDER BY id").scalars())


def refused(box: Outbox, message: int, attempt: int = 1, *, frozen: bool = False) -> None:
    """The message was tried and refused for now; past the marker where it is to be `frozen`."""
    box.claim(limit=1)
    ending = Ending(
        message, attempt, MessageState.RETRY_WAIT, AttemptPhase.RETRY, next_try_at=NOW, against_address=True
    )
    with box.store.writing() as connection:
        if frozen:
            outbox.keep(connection, "me", [Written(message, "<1@x>", b"bytes", "whose")])
            assert outbox.mark(connection, "me", message, attempt, NOW, "smtp")
        assert outbox.finish(connection, "me", ending, NOW)


# Overtaken


def test_what_a_later_rung_of_a_later_run_says_is_not_said_before_it(box: Outbox) -> None:
    clock = box.clock()
    first, second = box.message("D1", clock), box.message("D1", clock, kind=ESCALATION)
    batch = box.claim()
    assert ([one.id for one in batch.messages], batch.cancelled, batch.expired) == ([second], 1, 0)
    assert (box.state(first), unsaid(box)) == (SUPERSEDED, ["superseded", None])
    assert box.row(first)["reason"] == "送出之前，所涉事项已有后一档通知"


def test_only_what_was_overtaken_drops_out(box: Outbox) -> None:
    overtaken, other = box.clock(), box.clock()
    first, second = box.message("D1", overtaken, other), box.message("D1", overtaken, kind=ESCALATION)
    batch = box.claim()
    assert [(one.id, one.notice_ids) for one in batch.messages] == [(first, (2,)), (second, (3,))]
    assert unsaid(box) == ["superseded", None, None]


NOT_OVERTAKING = [
    ("told to another party", "UPDATE notice SET party_id = party_id + 1 WHERE id = 2"),
    ("about another clock", "UPDATE notice SET deadline_id = :other WHERE id = 2"),
    ("unsaid itself", "UPDATE notice SET unsaid = 'no_address' WHERE id = 2"),
    ("of the same run", "UPDATE notice SET run_id = 1 WHERE id = 2"),
    ("about an address", "UPDATE notice SET kind = 'address', rung = 'complete/address' WHERE id = 2"),
]


@pytest.mark.parametrize("change", [row[1] for row in NOT_OVERTAKING], ids=[row[0] for row in NOT_OVERTAKING])
def test_what_overtakes_nothing(box: Outbox, change: str) -> None:
    clock, other = box.clock(), box.clock()
    first, _ = box.message("D1", clock), box.message("D1", clock, kind=ESCALATION)
    box.change(change, **({"other": other} if ":other" in change else {}))
    assert first in [one.id for one in box.claim().messages]
    assert unsaid(box)[0] is None


def test_a_notice_of_an_address_takes_no_part(box: Outbox) -> None:
    clock = box.clock()
    first, _ = box.message("L1", clock), box.message("L1", clock, kind=ESCALATION)
    box.change("UPDATE notice SET kind = 'address', rung = 'complete/address' WHERE id = 1")
    assert first in [one.id for one in box.claim().messages]


def test_bytes_that_may_be_out_are_not_sent_again_once_all_of_them_is_overtaken(box: Outbox) -> None:
    clock = box.clock()
    message = box.message("D1", clock)
    refused(box, message, frozen=True)
    box.message("D1", clock, kind=ESCALATION)
    assert box.claim().cancelled == 1
    assert (box.state(message), unsaid(box)) == (SUPERSEDED, ["superseded", None])


def test_frozen_bytes_go_on_while_anything_in_them_is_of_use(box: Outbox) -> None:
    overtaken, other = box.clock(), box.clock()
    message = box.message("D1", overtaken, other)
    refused(box, message, frozen=True)
    box.message("D1", overtaken, kind=ESCALATION)
    assert message in [one.id for one in box.claim().messages]
    assert unsaid(box) == [None, None, None]


# Past its useful life

LIVES = [
    ("complete/-3wd", "urge", DUE, False),
    ("complete/-3wd", "urge", AFTER, True),
    ("complete/-20wd", "remind", AFTER, True),
    ("complete/0", "urge", DUE, False),
    ("complete/0", "urge", AFTER, True),
    ("complete/+0wd", "urge", AFTER, True),
    ("accept/+1wd", "urge", AFTER, False),  # a reminder that comes after the due date
    ("complete/+1wd", "overdue", AFTER, False),
    ("complete/-3wd", "supervise", AFTER, False),
    ("complete/+10wd#3", "refer", AFTER + timedelta(days=400), False),
    ("complete/address", "address", AFTER + timedelta(days=400), False),
]


@pytest.mark.parametrize(("rung", "kind", "on", "over"), LIVES, ids=str)
def test_a_notice_from_before_its_due_date_is_of_no_use_after_it(
    box: Outbox, rung: str, kind: str, on: date, over: bool
) -> None:
    message = box.message("D1")
    box.change("UPDATE notice SET rung = :rung, kind = :kind", rung=rung, kind=kind)
    batch = box.claim(on_day=on)
    assert (len(batch.messages), batch.cancelled, batch.expired) == ((0, 0, 1) if over else (1, 0, 0))
    assert (box.state(message) is EXPIRED, unsaid(box) == ["expired"]) == (over, over)


def test_what_expired_after_refusals_is_reported_and_what_was_never_tried_is_not(box: Outbox) -> None:
    tried, untried, elsewhere = (box.message(unit) for unit in ("D1", "D2", "D3"))
    refused(box, tried)
    box.change("UPDATE message SET address_no = 1 WHERE id = :id", id=elsewhere)
    batch = box.claim(on_day=AFTER)
    assert (batch.expired, {*batch.dead}) == (3, {tried, elsewhere})
    assert {box.state(message) for message in (tried, untried, elsewhere)} == {EXPIRED}


def test_the_gravest_of_several_reasons_names_the_end(box: Outbox) -> None:
    settled, overtaken, expired = box.clock(), box.clock(), box.clock()
    message = box.message("D1", settled, overtaken, expired)
    box.message("D1", overtaken, kind=ESCALATION)
    box.change(STOP, clock=settled)
    box.claim(on_day=AFTER)
    assert (box.state(message), unsaid(box)) == (EXPIRED, ["settled", "superseded", "expired", None])


def test_what_was_settled_is_settled_whatever_else_it_is(box: Outbox) -> None:
    clock = box.clock()
    message = box.message("D1", clock)
    box.message("D1", clock, kind=ESCALATION)
    box.change(STOP, clock=clock)
    box.claim(on_day=AFTER)
    assert (box.state(message), unsaid(box)) == (CANCELLED, ["settled", "settled"])


# What may be out all the same

SETTLE, OVERTAKE, OUTLIVE = "settled", "overtaken", "expired"


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (SETTLE, "是否送达不明；所涉事项均已办理，不再重发"),
        (OVERTAKE, "是否送达不明；所涉事项已有后一档通知，不再重发"),
        (OUTLIVE, "是否送达不明；已经过时，不再重发"),
    ],
)
@pytest.mark.parametrize("frozen", [False, True])
def test_a_message_in_doubt_is_unknown_and_not_hidden_behind_another_end(
    box: Outbox, how: str, reason: str, *, frozen: bool
) -> None:
    """Nor is what it told noted as unsaid: should somebody say that it arrived, its clock is to know."""
    clock = box.clock()
    message = box.message("D1", clock)
    refused(box, message, frozen=frozen)
    box.change("UPDATE message SET ambiguous = 1")
    if how == SETTLE:
        box.change(STOP, clock=clock)
    if how == OVERTAKE:
        box.message("D1", clock, kind=ESCALATION)
    batch = box.claim(on_day=AFTER if how == OUTLIVE else ON)
    assert (batch.in_doubt, batch.cancelled, batch.expired, batch.dead) == (1, 0, 0, ())
    row = box.row(message)
    assert (row["state"], row["reason"], row["ambiguous"]) == (MessageState.UNKNOWN, reason, 1)
    assert unsaid(box)[0] is None


# News


def news(box: Outbox, on: date, clock: int | None = None) -> int:
    """A message of one news of that day."""
    with box.store.writing() as connection:
        made = connection.exec_driver_sql(
            "INSERT INTO news (event_seq, measure_id, party_id, role, kind, on_day, clock_id) "
            "SELECT max(seq), 1, 1, 'unit', 'assigned', ?, ? FROM event RETURNING id", (on.isoformat(), clock),
        ).scalar_one()  # fmt: skip
        return outbox.plan_news(connection, 1, on, made)


@pytest.mark.parametrize(("days", "over"), [(0, False), (30, False), (31, True), (400, True)])
def test_news_are_told_for_a_month(box: Outbox, days: int, over: bool) -> None:
    message = news(box, ON)
    box.claim(on_day=ON + timedelta(days=days))
    assert (box.state(message) is EXPIRED, unsaid(box, "news") == ["expired"]) == (over, over)


def test_news_that_ask_for_what_was_done_are_cancelled_at_any_age(box: Outbox) -> None:
    clock = box.clock()
    message = news(box, ON, clock)
    box.change(STOP, clock=clock)
    box.claim(on_day=ON + timedelta(days=31))
    assert (box.state(message), unsaid(box, "news")) == (CANCELLED, ["settled"])


# A clock of the machine that was set


@pytest.mark.parametrize(
    ("ahead", "due"),
    [
        (timedelta(minutes=1), False),
        (timedelta(days=1), False),
        (timedelta(days=1, seconds=1), True),
        (timedelta(days=400), True),
    ],
)
def test_a_moment_farther_off_than_any_wait_was_set_by_a_clock_that_ran_ahead(
    box: Outbox, ahead: timedelta, due: bool
) -> None:
    message = box.message("D1")
    refused(box, message)
    stored = (NOW + ahead).replace(tzinfo=None).isoformat(" ", "microseconds")
    box.change("UPDATE message SET next_try_at = :at", at=stored)
    assert [one.id for one in box.claim().messages] == ([message] if due else [])


def test_a_claim_says_what_a_part_is_and_whose_frozen_bytes_are(box: Outbox) -> None:
    message = box.message("D1")
    box.change("UPDATE message SET part = 2, parts = 3")
    refused(box, message, frozen=True)
    (claimed,) = box.claim().messages
    assert (claimed.recipient_digest, claimed.part, claimed.parts, claimed.tries) == ("whose", 2, 3, 2)
    assert json.loads(box.row(message)["notice_ids"]) == list(claimed.notice_ids)
