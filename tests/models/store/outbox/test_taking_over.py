"""What may still go out of a copy that was taken over has a doubt on record, however it would come to go out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.saying import Saying
from models.store import outbox
from models.store.outbox import Utterance
from models.store.outbox.taking_over import doubt_what_may_go_out
from models.tables import AttemptPhase, MessageState
from tests.outbox_fixtures import NOW, ON, Outbox, an_outbox

ENDS = """
planned       unknown    1
leased        unknown    1
handing_over  unknown    1
retry_wait    unknown    1
rejected      rejected   1
unknown       unknown    1
bounced       bounced    1
accepted      accepted   0
expired       expired    0
superseded    superseded 0
cancelled     cancelled  0
"""
ROWS = [line.split() for line in ENDS.strip().splitlines()]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with an_outbox(tmp_path) as box:
        yield box


def take_over(box: Outbox) -> int:
    with box.store.writing() as connection:
        return doubt_what_may_go_out(connection, "person:li", NOW)


def test_every_state_is_told() -> None:
    assert {MessageState(before) for before, _, _ in ROWS} == set(MessageState)


@pytest.mark.parametrize("doubts_before", [0, 1])
def test_what_could_still_go_out_has_one_more_doubt_on_record(box: Outbox, doubts_before: int) -> None:
    found = {}
    for before, _, _ in ROWS:
        found[before] = box.message("D1")
        box.put(found[before], MessageState(before))
    box.change("UPDATE message SET ambiguous = :doubts, attempts = 4", doubts=doubts_before)
    assert take_over(box) == sum(more == "1" for _, _, more in ROWS)
    for before, after, more in ROWS:
        row = box.row(found[before])
        assert (row["state"], row["ambiguous"]) == (after, doubts_before + int(more)), before
        assert row["attempts"] == 4 + int(more), "who still holds it is fenced"
        assert ((5, AttemptPhase.TAKEN_OVER) in box.phases(found[before])) == (more == "1")


def test_what_was_refused_goes_to_no_new_address_by_itself_and_by_a_word_it_is_flagged(box: Outbox) -> None:
    message = box.message("D1")
    box.put(message, MessageState.REJECTED)
    take_over(box)
    with box.store.writing() as connection:
        assert outbox.send_anew(connection, ["D1"], NOW) == []
        assert outbox.settle(connection, Utterance(message, Saying.RESEND, "li", ON), NOW)
    assert (box.state(message), box.row(message)["ambiguous"]) == (MessageState.PLANNED, 1)
