"""A message that died: on record, its party out of reach, and of an escalation somebody hears, once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from flows.office import Office
from flows.steps import deliver_messages, post_notices
from models import record
from models.directory import Directory
from models.handling.undelivered import alarm
from models.ladder import MessageKind
from models.lifecycle import Role
from models.news import NewsKind
from models.saying import Saying
from models.store import board, outbox
from models.store.board import MessageRow, NewsRow
from models.store.outbox import Ending, Utterance
from models.tables import AttemptPhase, MessageState, Unsaid
from models.tables.core import EVENT
from tests.handling_fixtures import CREW, Line, hand_out, small_office, take_in
from tests.offices import NO_ADDRESS, letters_in, readdressed, replaced

ASSIGNED_ON = date(2023, 6, 12)
LATE = date(2023, 7, 7)
"""Five working days after the due date: the unit hears an escalation, and those above it what is held back."""
NOW = datetime(2023, 7, 7, 1, tzinfo=UTC)
REJECTED, ACCEPTED = MessageState.REJECTED, MessageState.ACCEPTED


def late(folder: Path, *lines: Line, found: Directory = CREW) -> Iterator[Office]:
    """An office whose measures are late, after its first run. Nothing was handed over yet."""
    with small_office(folder, found) as office:
        take_in(office, *lines)
        for line in lines:
            hand_out(office, line.no, ASSIGNED_ON)
        post_notices(office, LATE, "test")
        yield office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    yield from late(tmp_path, Line("1"), Line("2"), Line("3", unit="D2"))


def message_to(office: Office, code: str, kind: MessageKind = MessageKind.ESCALATION) -> MessageRow:
    with office.store.reading() as connection:
        return next(row for row in reversed(board.messages(connection)) if (row.party, row.kind) == (code, kind))


def die(office: Office, message: int, code: str = "550", reason: str = "no such user", *, told: bool = True) -> None:
    """The message is refused for good, and the alarm goes off in the same transaction."""
    ended(office, message, REJECTED, code, reason, told=told)


def ended(office: Office, message: int, state: MessageState, code: str, reason: str, *, told: bool) -> None:
    with office.store.writing() as connection:
        (claimed,) = (one for one in outbox.claim(connection, "me", NOW, 100, LATE).messages if one.id == message)
        assert outbox.mark(connection, "me", message, claimed.attempt, NOW, "smtp")
        day = LATE if state is ACCEPTED else None
        phase = AttemptPhase(state.value)
        ending = Ending(message, claimed.attempt, state, phase, code, reason, accepted_on=day)
        assert outbox.finish(connection, "me", ending, NOW)
        connection.execute(text("UPDATE message SET state = 'planned', owner = NULL WHERE state = 'leased'"))
        if told:
            alarm(connection, message, LATE, NOW)


def news(office: Office) -> list[NewsRow]:
    with office.store.reading() as connection:
        return [row for row in board.news(connection) if row.kind is NewsKind.UNDELIVERED]


def events(office: Office) -> list[Any]:
    with office.store.reading() as connection:
        assert not list(record.verify(connection))
        return list(connection.execute(select(EVENT).where(EVENT.c.action == "undelivered")).mappings())


def reachable(office: Office, code: str) -> bool:
    with office.store.reading() as connection:
        return bool(connection.scalar(text("SELECT reachable FROM party WHERE code = :code"), {"code": code}))


def armed_of(office: Office, code: str, seq: int) -> tuple[int, int]:
    """How many open clocks of that unit there are, and how many of them this event armed."""
    with office.store.reading() as connection:
        found = connection.execute(
            text("SELECT count(*), sum(c.armed_seq = :seq) FROM deadline c JOIN party p ON p.id = c.unit_id "
                 "WHERE p.code = :code AND c.stopped_on IS NULL"), {"code": code, "seq": seq},
        ).one()  # fmt: skip
    return found[0], found[1]


def test_a_dead_escalation_is_on_record_and_the_general_group_hears_what_of_whom_and_why(office: Office) -> None:
    dead = message_to(office, "D1")
    die(office, dead.id)
    (event,) = events(office)
    assert (event["measure_id"], event["person"], event["on_day"]) == (None, "", LATE)
    (told,) = news(office)
    assert (told.party, told.role, told.measure, told.seq) == ("G1", Role.GENERAL, "1", event["seq"])
    assert told.payload == {
        "message": dead.id, "party": "D1", "kind": "escalation", "on": str(LATE), "fate": "rejected", "code": "550",
        "reason": "no such user", "measures": ["1", "2"], "ambiguous": 0, "address_failed": True,
    }  # fmt: skip
    assert told.message_state is MessageState.PLANNED


def test_the_general_group_reads_it_in_plain_words(office: Office) -> None:
    dead = message_to(office, "D1")
    die(office, dead.id)
    deliver_messages(office, LATE)
    letters = [message_from_bytes(one.read_bytes(), policy=policy.default)
               for one in letters_in(office.settings.outbox)["G1"]]  # fmt: skip
    (letter,) = [one for one in letters if "通知未送达" in one["subject"]]
    body = letter.get_body(("plain",))
    assert body
    read = body.get_content()
    for said in (
        f"发给单位D1的督办消息（编号{dead.id}，2023-07-07）被拒收", "涉及措施：1、2", "未送达原因：550 no such user",
        "请用其他方式告知单位D1", "地址改正后会自动重新投递",
        f"duban messages resolve {dead.id} --arrived --by 经办人代码",
    ):  # fmt: skip
        assert said in read


@pytest.mark.parametrize("what", [Saying.ARRIVED, Saying.RESEND])
def test_an_alarm_that_still_waits_is_not_sent_once_its_message_was_resolved(office: Office, what: Saying) -> None:
    dead, other = message_to(office, "D1").id, message_to(office, "D2").id
    for one in (dead, other):
        die(office, one)
    with office.store.writing() as connection:
        assert outbox.settle(connection, Utterance(dead, what, "zhou", LATE), NOW)
        outbox.claim(connection, "me", NOW, 100, LATE)
    assert [(one.payload["message"], one.unsaid) for one in news(office)] == [(dead, Unsaid.SETTLED), (other, None)]


def test_where_nothing_else_is_to_be_said_the_alarm_is_cancelled(office: Office) -> None:
    dead = message_to(office, "D1").id
    die(office, dead)
    with office.store.writing() as connection:
        assert outbox.settle(connection, Utterance(dead, Saying.ARRIVED, "zhou", LATE), NOW)
        outbox.claim(connection, "me", NOW, 100, LATE)
    alarming = message_to(office, "G1", MessageKind.ACTION)
    assert (alarming.state, alarming.reason) == (MessageState.CANCELLED, "所涉事项均已办理，不再需要告知")


def test_its_party_is_out_of_reach_and_all_its_clocks_as_a_unit_are_armed(office: Office) -> None:
    die(office, message_to(office, "D1").id)
    (event,) = events(office)
    assert not reachable(office, "D1")
    clocks, armed = armed_of(office, "D1", event["seq"])
    assert clocks == armed > 2
    assert armed_of(office, "D2", event["seq"])[1] == 0


def test_a_second_one_arms_only_the_clocks_it_is_about(office: Office) -> None:
    with office.store.writing() as connection:
        connection.execute(text("UPDATE party SET reachable = FALSE WHERE code = 'D1'"))
    die(office, message_to(office, "D1").id)
    (event,) = events(office)
    clocks, armed = armed_of(office, "D1", event["seq"])
    assert 0 < armed < clocks


def test_a_dead_digest_is_on_record_and_tells_nobody_but_the_poll(office: Office, tmp_path: Path) -> None:
    die(office, message_to(office, "D2", MessageKind.DIGEST).id)
    assert [event["action"] for event in events(office)] == ["undelivered"]
    assert news(office) == []
    assert not reachable(office, "D2")


def test_the_next_run_tells_the_general_group_of_the_unit(office: Office) -> None:
    die(office, message_to(office, "D2").id)
    post_notices(office, LATE, "test")
    with office.store.reading() as connection:
        found = [(row.rung, row.party, row.unit) for row in board.notices(connection) if row.kind == "address"]
    assert found == [("complete/address", "G1", "单位D2")]


def test_of_the_general_groups_own_message_the_supervision_group_hears(tmp_path: Path) -> None:
    for office in late(tmp_path, Line("1", unit="D3")):
        die(office, message_to(office, "G1").id)
        assert [(one.party, one.role) for one in news(office)] == [("S1", Role.SUPERVISION)]


def test_where_the_general_group_cannot_be_reached_the_supervision_group_hears(office: Office) -> None:
    die(office, message_to(office, "S1").id)
    with office.store.writing() as connection:
        connection.execute(text("UPDATE party SET reachable = FALSE WHERE code = 'G1'"))
    die(office, message_to(office, "D1").id)
    assert [(one.party, one.payload["party"]) for one in news(office)] == [("G1", "S1"), ("G1", "D1")], "S1 failed too"
    with office.store.writing() as connection:
        connection.execute(text("UPDATE party SET reachable = TRUE WHERE code = 'S1'"))
    die(office, message_to(office, "D2").id)
    assert [one.party for one in news(office)] == ["G1", "G1", "S1"]


def test_a_group_without_an_address_is_noted_as_such(tmp_path: Path) -> None:
    found = readdressed(readdressed(CREW, "G1", NO_ADDRESS), "S1", NO_ADDRESS)
    for office in late(tmp_path, Line("1"), found=found):
        die(office, message_to(office, "D1").id)
        assert [(one.party, one.unsaid, one.message_state) for one in news(office)] == [("G1", Unsaid.NO_ADDRESS, None)]


def test_of_an_alarm_that_dies_the_supervision_group_hears_and_then_nobody(office: Office) -> None:
    dead = message_to(office, "D1")
    die(office, dead.id)
    die(office, message_to(office, "G1", MessageKind.ACTION).id)
    assert not reachable(office, "G1")
    assert [(one.party, one.role, one.payload["message"]) for one in news(office)] == [
        ("G1", Role.GENERAL, dead.id), ("S1", Role.SUPERVISION, dead.id),
    ]  # fmt: skip
    die(office, message_to(office, "S1", MessageKind.ACTION).id)
    assert (len(events(office)), len(news(office))) == (3, 2)


def test_an_alarm_about_what_was_resolved_meanwhile_is_passed_on_to_nobody(office: Office) -> None:
    dead = message_to(office, "D1").id
    die(office, dead)
    alarming = message_to(office, "G1", MessageKind.ACTION)
    with office.store.writing() as connection:
        connection.execute(text("UPDATE message SET state = 'accepted' WHERE id = :id"), {"id": dead})
        alarm(connection, alarming.id, LATE, NOW)
    assert [one.party for one in news(office)] == ["G1"]


def test_whose_own_escalation_died_is_not_told_of_it_by_an_alarm_that_died(office: Office) -> None:
    die(office, message_to(office, "S1").id)
    die(office, message_to(office, "G1", MessageKind.ACTION).id)
    assert [one.party for one in news(office)] == ["G1"]


def test_while_one_of_the_general_group_may_hear_the_supervision_group_does_not(tmp_path: Path) -> None:
    """D2 is general group and supervision group at once: it is told once."""
    found = replaced(CREW, "D2", roles=frozenset({Role.UNIT, Role.GENERAL, Role.SUPERVISION}))
    for office in late(tmp_path, Line("1", unit="D1"), found=found):
        die(office, message_to(office, "D1").id)
        die(office, message_to(office, "G1", MessageKind.ACTION).id)
        assert sorted(one.party for one in news(office)) == ["D2", "G1"]
        die(office, message_to(office, "D2", MessageKind.ACTION).id)
        assert sorted(one.party for one in news(office)) == ["D2", "G1", "S1"]


def test_what_could_not_be_put_into_words_says_nothing_of_the_address(office: Office) -> None:
    die(office, message_to(office, "D1").id, "compose", "消息内容无法生成")
    assert reachable(office, "D1")
    assert [one.party for one in news(office)] == ["G1"]


def test_what_was_accepted_before_is_counted_before_and_what_is_accepted_after_shows_it_can_be_reached(
    office: Office,
) -> None:
    ended(office, message_to(office, "D1", MessageKind.ACTION).id, ACCEPTED, "250", "", told=False)
    die(office, message_to(office, "D1").id)
    with office.store.writing() as connection:
        outbox.count_served(connection)
    assert not reachable(office, "D1"), "the refusal came last"
    die(office, message_to(office, "D2").id)
    ended(office, message_to(office, "D2", MessageKind.ACTION).id, ACCEPTED, "250", "", told=False)
    with office.store.writing() as connection:
        outbox.count_served(connection)
    assert reachable(office, "D2")


def test_of_two_rounds_groups_those_of_the_measure_hear(tmp_path: Path) -> None:
    """The group's own other half hears where one of two general groups is the one that could not be told."""
    found = replaced(CREW, "D2", roles=frozenset({Role.UNIT, Role.GENERAL}))
    for office in late(tmp_path, Line("1", unit="D3"), found=found):
        die(office, message_to(office, "G1").id)
        assert [one.party for one in news(office)] == ["D2"]
