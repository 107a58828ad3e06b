"""Cutting a message into parts: each a row of its own, told once, numbered, and born with the doubts of the whole."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from models.ladder import MessageKind
from models.store import outbox
from models.store.outbox import Claimed
from models.store.parties import party_ids
from models.tables import MessageState
from tests.outbox_fixtures import NOW, ON, Outbox, an_outbox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with an_outbox(tmp_path) as box:
        yield box


def claimed_of(box: Outbox, message: int) -> Claimed:
    return next(one for one in box.claim().messages if one.id == message)


def split(box: Outbox, claimed: Claimed, *groups: Sequence[int], owner: str = "me") -> Claimed | None:
    with box.store.writing() as connection:
        return outbox.split(connection, owner, claimed, groups)


def parts(box: Outbox) -> list[tuple[int, int, list[int], str]]:
    rows = (box.row(number) for number in range(1, box.scalar("SELECT max(id) FROM message") + 1))
    return [(row["part"], row["parts"], json.loads(row["notice_ids"]), row["state"]) for row in rows]


def test_the_first_group_stays_and_each_other_becomes_a_message(box: Outbox) -> None:
    message = box.message("D1", *(box.clock() for _ in range(4)))
    claimed = claimed_of(box, message)
    first = split(box, claimed, [1, 2], [3], [4])
    assert first == replace(claimed, notice_ids=(1, 2), parts=3)
    assert parts(box) == [(1, 3, [1, 2], "leased"), (2, 3, [3], "planned"), (3, 3, [4], "planned")]
    second, third = box.claim().messages
    assert [(one.part, one.parts, one.notice_ids, one.attempt) for one in (second, third)] == [
        (2, 3, (3,), 1), (3, 3, (4,), 1),
    ]  # fmt: skip
    assert (second.run_id, second.party, second.kind, second.on_day) == (1, "D1", MessageKind.DIGEST, ON)


def test_a_part_that_is_cut_again_counts_on(box: Outbox) -> None:
    """At the next address there is room for less."""
    message = box.message("D1", *(box.clock() for _ in range(4)))
    split(box, claimed_of(box, message), [1, 2], [3, 4])
    (second,) = box.claim().messages
    assert split(box, second, [3], [4]) == replace(second, notice_ids=(3,), parts=3)
    assert parts(box) == [(1, 3, [1, 2], "leased"), (2, 3, [3], "leased"), (3, 3, [4], "planned")]


def test_news_of_actions_are_cut_as_well(box: Outbox) -> None:
    """They have no run that all parts are known by."""
    with box.store.writing() as connection:
        party = party_ids(connection)["D1"]
        connection.exec_driver_sql(
            "INSERT INTO news (event_seq, measure_id, party_id, role, kind, on_day) "
            "SELECT 1, 1, id, 'unit', 'assigned', '2023-06-26' FROM party WHERE id < 4"
        )
        message = [outbox.plan_news(connection, party, ON, news) for news in (1, 2, 3)][-1]
    claimed = claimed_of(box, message)
    assert split(box, claimed, [1], [2, 3]) == replace(claimed, notice_ids=(1,), parts=2)
    assert parts(box) == [(1, 2, [1], "leased"), (2, 2, [2, 3], "planned")]
    (second,) = box.claim().messages
    split(box, second, [2], [3])
    assert parts(box)[1:] == [(2, 3, [2], "leased"), (3, 3, [3], "planned")]


def test_a_doubt_that_a_message_was_born_with_is_a_doubt_of_each_part(box: Outbox) -> None:
    message = box.message("D1", box.clock(), box.clock())
    box.change("UPDATE message SET ambiguous = 1")
    box.change(
        "INSERT INTO attempt (message_id, n, phase, at, owner, code, reason, enhanced, channel, sha256) "
        "VALUES (:id, 0, 'taken_over', '2023-06-26 00:00:00.000000', 'person:p', 'taken_over', '', '', '', '')",
        id=message,
    )
    split(box, claimed_of(box, message), [1], [2])
    assert [box.row(number)["ambiguous"] for number in (1, 2)] == [1, 1]
    assert box.scalar("SELECT count(*) FROM attempt WHERE phase = 'taken_over'") == 2


@pytest.mark.parametrize("why", ["another owner", "another attempt", "past its marker", "frozen"])
def test_what_is_anothers_or_frozen_is_not_cut(box: Outbox, why: str) -> None:
    message = box.message("D1", box.clock(), box.clock())
    claimed = claimed_of(box, message)
    if why == "past its marker":
        with box.store.writing() as connection:
            assert outbox.mark(connection, "me", message, 1, NOW, "smtp")
    if why == "frozen":
        box.change("UPDATE message SET frozen = TRUE")
    if why == "another attempt":
        claimed = replace(claimed, attempt=2)
    before = box.dump()
    assert split(box, claimed, [1], [2], owner="thief" if why == "another owner" else "me") is None
    assert box.dump() == before


@pytest.mark.parametrize("groups", [([1],), ([2], [1]), ([1], [], [2]), ([1, 2], [2]), ()])
def test_the_groups_share_out_all_of_it_in_order(box: Outbox, groups: Sequence[Sequence[int]]) -> None:
    claimed = claimed_of(box, box.message("D1", box.clock(), box.clock()))
    with pytest.raises(ValueError, match="share out"):
        split(box, claimed, *groups)
    assert box.state(claimed.id) is MessageState.LEASED
