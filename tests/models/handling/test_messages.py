"""What people say of a message: who may say what, what is refused and why, and that each leaves one event."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from flows.office import Office
from flows.steps import post_notices
from models import record
from models.answers.desk import unresolved
from models.errors import NotFound, UsageRefused
from models.handling.case import By
from models.handling.messages import Settled, bounce, receive, resolve
from models.handling.persons import Term, appoint_stand_in
from models.ladder import MessageKind
from models.news import NewsKind
from models.saying import Saying
from models.store import board, fates, outbox
from models.store.outbox import Ending, Report
from models.tables import AttemptPhase, MessageState
from models.tables.core import EVENT
from tests.handling_fixtures import CREW, Line, hand_out, on_paper, refused, small_office, take_in

ASSIGNED_ON, LATE, NEXT = date(2023, 6, 12), date(2023, 7, 7), date(2023, 7, 10)
NOW = datetime(2023, 7, 7, 1, tzinfo=UTC)
ACCEPTED, UNKNOWN, REJECTED, BOUNCED = (
    MessageState.ACCEPTED, MessageState.UNKNOWN, MessageState.REJECTED, MessageState.BOUNCED,
)  # fmt: skip
GENERAL, SUPERVISION, HEAD, UNIT = By("g1-a"), By("s1-a"), By("h1-a"), By("d1-a")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office whose one measure is late, after its first run; one person serves in every group and in D1."""
    with small_office(tmp_path, CREW) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", ASSIGNED_ON)
        post_notices(office, LATE, "test")
        yield office


def escalation(office: Office, state: MessageState) -> int:
    """The escalation to D1, handed over once, with this end."""
    with office.store.writing() as connection:
        batch = outbox.claim(connection, "me", NOW, 100, LATE).messages
        (one,) = (c for c in batch if (c.party, c.kind) == ("D1", MessageKind.ESCALATION))
        assert outbox.mark(connection, "me", one.id, one.attempt, NOW, "smtp")
        day = LATE if state is ACCEPTED else None
        doubt = state is UNKNOWN
        ending = Ending(one.id, one.attempt, state, AttemptPhase(state.value), "1", ambiguous=doubt, accepted_on=day)
        assert outbox.finish(connection, "me", ending, NOW)
        outbox.count_served(connection)
        connection.execute(text("UPDATE message SET state = 'planned', owner = NULL WHERE state = 'leased'"))
    return one.id


class _Undone(Exception):  # noqa: N818 - a signal to roll back, not an error
    """Ends an action that is not kept."""


def saying(what: Saying) -> Callable[..., Settled]:
    """The use case by which it is said."""
    if what in (Saying.ARRIVED, Saying.RESEND):
        return partial(resolve, arrived=what is Saying.ARRIVED)
    return receive if what is Saying.RECEIVED else bounce


def say(office: Office, what: Saying, message: int, by: By, on: date = NEXT, **more: object) -> Settled:
    with office.acting(on) as (session, ground):
        return saying(what)(session, ground, by, message, **more)


def events(office: Office) -> list[Any]:
    with office.store.reading() as connection:
        assert not list(record.verify(connection))
        rows = connection.execute(select(EVENT).where(EVENT.c.action.like("%_message")).order_by(EVENT.c.seq))
        return list(rows.mappings())


def row_of(office: Office, message: int) -> board.MessageRow:
    with office.store.reading() as connection:
        found = fates.message(connection, message)
    assert found
    return found


# Who may


WHO = {
    "d1-a": {Saying.RECEIVED}, "d2-a": set(), "l1-a": set(), "a1-a": set(), "gone": set(),
    "g1-a": {Saying.ARRIVED, Saying.RESEND, Saying.BOUNCED}, "s1-a": {Saying.ARRIVED, Saying.RESEND, Saying.BOUNCED},
    "h1-a": {Saying.ARRIVED, Saying.RESEND}, "jack": set(Saying),
}  # fmt: skip


@pytest.mark.parametrize("what", Saying)
def test_who_may_say_what(office: Office, what: Saying) -> None:
    message = escalation(office, ACCEPTED if what in (Saying.BOUNCED, Saying.RECEIVED) else UNKNOWN)
    able = [person for person, said in WHO.items() if what in said]
    for person in sorted(set(WHO) - set(able)):
        with refused(office, "已停用" if person == "gone" else "应由"):
            say(office, what, message, By(person, reason="因为"))
    for person in able:
        with pytest.raises(_Undone), office.acting(NEXT) as (session, ground):
            saying(what)(session, ground, By(person, reason="因为"), message)
            raise _Undone


def test_a_stand_in_signs_for_a_message_in_the_partys_place(office: Office) -> None:
    message = escalation(office, ACCEPTED)
    with refused(office, "应由单位D1办理"):
        say(office, Saying.RECEIVED, message, By("d2-a"))
    with office.acting(NEXT) as (session, ground):
        appoint_stand_in(session, ground, By("g1-a", reason="出差"), "D1", "D2", Term(NEXT, NEXT))
    assert say(office, Saying.RECEIVED, message, By("d2-a")).state is ACCEPTED
    assert row_of(office, message).received_by == "d2-a"
    (event,) = events(office)
    assert (event["party"], '"stand_in":"D2"' in event["payload"]) == ("D1", True)


def test_who_acts_for_several_can_say_for_whom(office: Office) -> None:
    message = escalation(office, UNKNOWN)
    with refused(office, "应由综合组或督办组或组长办理"):
        say(office, Saying.ARRIVED, message, By("jack", "A1"))
    say(office, Saying.ARRIVED, message, By("jack", "S1"))
    (event,) = events(office)
    assert (event["person"], event["party"]) == ("jack", "S1")


def test_nobody_unknown_says_anything_and_nothing_is_said_of_a_message_that_is_not_there(office: Office) -> None:
    message = escalation(office, UNKNOWN)
    with refused(office, "没有代码为“nobody”的经办人", NotFound):
        say(office, Saying.ARRIVED, message, By("nobody"))
    for number in (999, 2**63, 10**40):
        with refused(office, f"没有编号为{number}的消息", NotFound, "duban messages"):
            say(office, Saying.ARRIVED, number, GENERAL)
    with refused(office, "须附签批件", UsageRefused):
        say(office, Saying.ARRIVED, message, replace(GENERAL, recorded_by="g1-b"))


# What comes of it


@pytest.mark.parametrize(
    ("what", "by", "state", "action", "after"),
    [
        (Saying.ARRIVED, GENERAL, UNKNOWN, "resolve_message", ACCEPTED),
        (Saying.RESEND, SUPERVISION, REJECTED, "resolve_message", MessageState.PLANNED),
        (Saying.RECEIVED, UNIT, UNKNOWN, "receive_message", ACCEPTED),
        (Saying.BOUNCED, SUPERVISION, ACCEPTED, "bounce_message", BOUNCED),
    ],
)
def test_each_is_one_event_without_a_measure_and_one_move(
    office: Office, what: Saying, by: By, state: MessageState, action: str, after: MessageState
) -> None:
    message = escalation(office, state)
    assert say(office, what, message, replace(by, reason="问过\x07了")) == Settled(message, "单位D1", after)
    (event,) = events(office)
    assert (event["action"], event["person"], event["measure_id"], event["on_day"]) == (action, by.person, None, NEXT)
    payload = f'{{"message":{message},"party":"D1","reason":"问过了","what":"{what.value}"}}'
    assert event["payload"] == payload
    with office.store.reading() as connection:
        line = fates.attempts_of(connection, message)[-1]
    assert (line.owner, line.reason) == (f"person:{by.person}", "问过了")


def test_what_is_settled_already_is_not_settled_again(office: Office) -> None:
    message = escalation(office, UNKNOWN)
    say(office, Saying.ARRIVED, message, GENERAL)
    with refused(office, f"消息{message}现为“已送达”，不能办理“重新发送”", cure="不明、被拒收、被退回"):
        say(office, Saying.RESEND, message, SUPERVISION)
    with refused(office, "不能办理“确认送达”"):
        say(office, Saying.ARRIVED, message, SUPERVISION)


def test_of_what_waits_to_be_sent_once_more_people_say_that_it_arrived_unless_it_is_under_way(office: Office) -> None:
    message = escalation(office, UNKNOWN)
    say(office, Saying.RESEND, message, GENERAL)
    with refused(office, f"消息{message}现为“待发”，不能办理“重新发送”"):
        say(office, Saying.RESEND, message, GENERAL)
    with office.store.writing() as connection:
        connection.execute(text("UPDATE message SET state = 'leased' WHERE id = :id"), {"id": message})
    for what, by in ((Saying.ARRIVED, GENERAL), (Saying.RECEIVED, UNIT)):
        with refused(office, f"消息{message}正在投递", cure="请稍候再试"):
            say(office, what, message, by)
    with office.store.writing() as connection:
        connection.execute(text("UPDATE message SET state = 'retry_wait' WHERE id = :id"), {"id": message})
    assert say(office, Saying.RECEIVED, message, UNIT).state is ACCEPTED


def test_of_what_surely_was_not_taken_nobody_says_that_it_arrived(office: Office) -> None:
    with office.store.reading() as connection:
        found = connection.scalar(text("SELECT id FROM message WHERE state = 'planned' AND kind = 'escalation'"))
    with refused(office, "现为“待发”，不能办理“确认送达”"):
        say(office, Saying.ARRIVED, found, GENERAL)


def test_a_second_receipt_says_when_and_by_whom_the_first_was(office: Office) -> None:
    message = escalation(office, ACCEPTED)
    say(office, Saying.RECEIVED, message, UNIT)
    assert row_of(office, message).received_on == NEXT
    with refused(office, f"消息{message}已于 2023-07-10 由D1a签收", cure="无需"):
        say(office, Saying.RECEIVED, message, By("d1-b"))


def test_a_return_needs_a_reason_makes_its_party_unreachable_and_alarms(office: Office) -> None:
    message = escalation(office, ACCEPTED)
    with refused(office, "须写明理由", cure="--reason"):
        say(office, Saying.BOUNCED, message, GENERAL)
    say(office, Saying.BOUNCED, message, replace(GENERAL, reason="查无此人"))
    with office.store.reading() as connection:
        told = [one for one in board.news(connection) if one.kind is NewsKind.UNDELIVERED]
        assert not connection.scalar(text("SELECT reachable FROM party WHERE code = 'D1'"))
        assert connection.scalar(text("SELECT count(*) FROM deadline WHERE served_on IS NOT NULL")) == 0
    assert [(one.party, one.payload["fate"], one.payload["reason"]) for one in told] == [("G1", "bounced", "查无此人")]


def test_a_return_settles_a_doubt_and_alarms_all_the_same(office: Office) -> None:
    message = escalation(office, UNKNOWN)
    say(office, Saying.BOUNCED, message, GENERAL, report=Report("5.1.1", "no such user"))
    row = row_of(office, message)
    assert (row.state, row.code, row.reason) == (BOUNCED, "5.1.1", "no such user")
    with office.store.reading() as connection:
        assert [one.party for one in board.news(connection) if one.kind is NewsKind.UNDELIVERED] == ["G1"]


def test_what_was_signed_for_does_not_come_back(office: Office) -> None:
    message = escalation(office, ACCEPTED)
    say(office, Saying.RECEIVED, message, UNIT)
    for report in (None, Report("5.1.1", "no such user")):
        with refused(office, f"消息{message}已于 2023-07-10 由D1a签收，不能登记退信", cure="重复的一封"):
            say(office, Saying.BOUNCED, message, replace(GENERAL, reason="查无此人"), report=report)
    assert row_of(office, message).state is ACCEPTED


@pytest.mark.parametrize("state", [UNKNOWN, REJECTED])
def test_what_only_people_say_arrived_does_not_come_back(office: Office, state: MessageState) -> None:
    message = escalation(office, state)
    say(office, Saying.ARRIVED, message, GENERAL)
    with refused(office, f"消息{message}由人确认送达，此后没有通道接收过，不能登记退信", cure="另行告知"):
        say(office, Saying.BOUNCED, message, replace(GENERAL, reason="查无此人"))
    say(office, Saying.RECEIVED, message, UNIT)


def test_a_relays_report_speaks_for_itself(office: Office) -> None:
    message = escalation(office, ACCEPTED)
    say(office, Saying.BOUNCED, message, GENERAL, report=Report("5.1.1", "no such user"))
    row = row_of(office, message)
    assert (row.state, row.code, row.reason) == (BOUNCED, "5.1.1", "no such user")
    with office.store.reading() as connection:
        line = fates.attempts_of(connection, message)[-1]
    assert (line.owner, line.enhanced) == ("dsn:g1-a", "5.1.1")


def test_nothing_is_said_of_a_message_on_a_day_before_its_own(office: Office) -> None:
    message = escalation(office, UNKNOWN)
    with refused(office, "不能按 2023-07-06 办理", cure="2023-07-07"):
        say(office, Saying.ARRIVED, message, GENERAL, date(2023, 7, 6))


def test_paper_on_which_it_rests_is_kept(office: Office) -> None:
    message = escalation(office, UNKNOWN)
    with on_paper(office, GENERAL, "回执.pdf") as by:
        say(office, Saying.ARRIVED, message, by)
    (event,) = events(office)
    assert '"name":"回执.pdf"' in event["payload"]
    assert list(office.settings.evidence.rglob("*"))


def test_whoever_keeps_the_messages_has_the_unresolved_ones_on_the_desk(office: Office) -> None:
    message = escalation(office, REJECTED)
    for person, seen in (("g1-a", [(message, "G1")]), ("h1-a", [(message, "H1")]), ("d1-a", []), ("l1-a", [])):
        with office.acting(NEXT) as (session, ground):
            found = unresolved(session, ground, By(person))
        assert [(one.message.id, one.party) for one in found] == seen
    say(office, Saying.ARRIVED, message, HEAD)
    with office.acting(NEXT) as (session, ground):
        assert unresolved(session, ground, GENERAL) == []
