"""In which order messages are taken: what a message did to its channel must not keep the others back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.ladder import MessageKind
from models.store import outbox
from models.store.outbox import Ending
from models.tables import AttemptPhase, MessageState
from tests.outbox_fixtures import NOW, Outbox, an_outbox

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with an_outbox(tmp_path) as box:
        yield box


def end(box: Outbox, message: int, phase: AttemptPhase, attempt: int, code: str) -> None:
    """An attempt that ends without an acceptance, to be made again at once."""
    with box.store.writing() as connection:
        ending = Ending(message, attempt, MessageState.RETRY_WAIT, phase, code, next_try_at=LATER)
        assert outbox.finish(connection, "me", ending, NOW)


def claimed(box: Outbox, now: datetime = LATER, limit: int = 50) -> list[int]:
    return [one.id for one in box.claim(now=now, limit=limit).messages]


def test_those_that_failed_come_after_all_others(box: Outbox) -> None:
    poison, second, third = box.messages("D1", "D2", "D3")
    assert claimed(box, NOW) == [poison, second, third]
    end(box, poison, AttemptPhase.RETRY, 1, "lost")
    for other in (second, third):
        end(box, other, AttemptPhase.NOT_SENT, 1, "paused")
    assert claimed(box) == [second, third, poison]


def test_what_failed_once_is_not_forgotten_while_its_channel_is_closed(box: Outbox) -> None:
    """Else two such letters would take turns at being the first."""
    first, second, other = box.messages("D1", "D2", "D3")
    claimed(box, NOW)
    end(box, first, AttemptPhase.RETRY, 1, "lost")
    end(box, second, AttemptPhase.UNKNOWN, 1, "timeout")
    end(box, other, AttemptPhase.NOT_SENT, 1, "paused")
    claimed(box)
    for message in (first, second, other):
        end(box, message, AttemptPhase.NOT_SENT, 2, "paused")
    assert claimed(box) == [other, first, second]


def test_those_that_failed_fill_up_what_is_left_of_a_batch(box: Outbox) -> None:
    failed = box.messages("D1", "D2")
    claimed(box, NOW)
    for message in failed:
        end(box, message, AttemptPhase.RETRY, 1, "450")
    fresh = box.message("D3")
    assert claimed(box, limit=2) == [fresh, failed[0]]


def test_an_escalation_knows_since_when_it_is_tried(box: Outbox) -> None:
    """From its first try on, and from another first one after somebody said that it goes out anew."""
    escalation, digest = box.message("D1", kind=MessageKind.ESCALATION), box.message("D2")
    found = []
    for hour in range(4):
        now = NOW + timedelta(hours=hour)
        batch = {one.id: one.tried_since for one in box.claim(now=now).messages}
        assert batch[digest] is None
        found.append(batch[escalation])
        with box.store.writing() as connection:
            for message in (escalation, digest):
                last = Ending(message, hour + 1, MessageState.RETRY_WAIT, AttemptPhase.RETRY, "421", next_try_at=now)
                assert outbox.finish(connection, "me", last, now)
            if hour == 1:
                assert outbox.send_anew(connection, ["D1"], now) == [escalation]
    assert found == [None, NOW, None, NOW + timedelta(hours=2)]


def test_a_try_of_a_clock_that_ran_ahead_is_none(box: Outbox) -> None:
    message = box.message("D1", kind=MessageKind.ESCALATION)
    ahead = NOW + timedelta(days=400)
    box.claim(now=ahead)
    end(box, message, AttemptPhase.RETRY, 1, "421")
    (one,) = box.claim(now=LATER).messages
    assert one.tried_since is None
