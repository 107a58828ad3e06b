"""Who hears of an action: never who acted, nor a party whose only reader they are; and what is no news any more."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from flows.office import Office
from flows.steps import deliver_messages
from models.handling.assignment import assign
from models.handling.case import By, Done
from models.handling.closure_review import approve, open_review
from models.handling.persons import Term, appoint_stand_in
from models.handling.supervision_check import fail_check, pass_check
from models.lifecycle import Role, Stage, State
from models.news import NewsKind
from models.store import board
from models.store.board import MessageRow
from models.tables import MessageState, Unsaid
from models.tables.core import MESSAGE, NEWS
from tests.handling_fixtures import (
    CREW,
    GENERAL,
    LEAD,
    SUPERVISION,
    Line,
    act,
    bring_to,
    clocks_at,
    hand_out,
    heard,
    measure,
    news_of,
    nobody_waits_in_vain,
    report,
    small_office,
    take_in,
)
from tests.offices import NO_ADDRESS, party, readdressed, replaced

DAY = date(2023, 4, 3)


def messages(office: Office) -> list[MessageRow]:
    with office.store.reading() as connection:
        return board.messages(connection)


def unsaid(office: Office) -> list[Unsaid | None]:
    with office.store.reading() as connection:
        return list(connection.scalars(select(NEWS.c.unsaid).order_by(NEWS.c.id)))


def handed_out(office: Office, line: Line, by: By = GENERAL) -> Done:
    take_in(office, line)
    return act(office, DAY, assign, line.no, by)


# --- Who


def test_who_cannot_be_reached_is_named_and_goes_into_no_message(crew: Office) -> None:
    done = handed_out(crew, Line("1", unit="D3", cooperating="D2"))
    assert (done.told.told, done.told.untold) == (("单位D2", "单位L1"), ("单位D3",))
    assert {row.party: row.unsaid for row in news_of(crew)} == {"D3": Unsaid.NO_ADDRESS, "D2": None, "L1": None}
    assert sorted(message.party for message in messages(crew)) == ["D2", "L1"]


def test_a_party_whose_only_reader_acted_has_no_news(crew: Office) -> None:
    """SOLO assigns for the general group, and is all of D4."""
    done = handed_out(crew, Line("1", unit="D4", cooperating="D2"), By("solo"))
    assert done.told.told == ("单位D2", "单位L1")
    assert heard(crew) == {"D2": Role.COOPERATING, "L1": Role.LEAD}


def test_the_same_party_hears_of_what_others_do(crew: Office) -> None:
    handed_out(crew, Line("1", unit="D4"))
    assert heard(crew) == {"D4": Role.UNIT, "L1": Role.LEAD}


def test_a_party_with_other_readers_hears_even_where_one_of_them_acted(crew: Office) -> None:
    """Jack assigns for the general group; his colleagues in the unit must hear."""
    handed_out(crew, Line("1"), By("jack", as_party="G1"))
    assert heard(crew) == {"D1": Role.UNIT, "L1": Role.LEAD}


def test_a_reader_who_was_disabled_is_none(tmp_path: Path) -> None:
    gone = tuple(replace(person, disabled=True) for person in party("D4").people)
    solo = next(person for found in CREW.parties if found.code == "D4" for person in found.people)
    with small_office(tmp_path, replaced(CREW, "D4", people=(solo, *gone))) as office:
        handed_out(office, Line("1", unit="D4"), By("solo"))
        assert heard(office) == {"L1": Role.LEAD}
        nobody_waits_in_vain(office)


def test_where_another_stands_in_it_is_they_who_read(crew: Office) -> None:
    """D4 stands in for L1: what solo does for the general group is no news to the lead's reader, who is solo."""
    with crew.acting(DAY) as (session, ground):
        appoint_stand_in(session, ground, By("g1-a", reason="出差"), "L1", "D4", Term(DAY, DAY))
    handed_out(crew, Line("1"), By("solo"))
    assert heard(crew) == {"D1": Role.UNIT}


def test_a_stand_in_with_an_address_makes_a_party_reachable(tmp_path: Path) -> None:
    with small_office(tmp_path, readdressed(CREW, "L1", NO_ADDRESS)) as office:
        with office.acting(DAY) as (session, ground):
            appoint_stand_in(session, ground, By("g1-a", reason="出差"), "L1", "L2", Term(DAY, DAY))
        assert handed_out(office, Line("1")).told.untold == ()
        nobody_waits_in_vain(office)


def test_a_party_that_is_several_things_hears_once_as_the_first_of_them(tmp_path: Path) -> None:
    with small_office(tmp_path, replaced(CREW, "L1", roles=frozenset({Role.LEAD, Role.SUPERVISION}))) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", DAY)
        report(office, DAY)
        act(office, DAY, fail_check, "1", By("s1-a", reason="缺"))
        assert heard(office) == {"D1": Role.UNIT, "L1": Role.LEAD}


# --- One message a party and day


def test_what_actions_of_a_day_cause_goes_into_one_message_until_it_left(crew: Office) -> None:
    for no in ("1", "2", "3"):
        handed_out(crew, Line(no, text=f"措施{no}"))
    assert sorted(message.party for message in messages(crew)) == ["D1", "L1"]
    deliver_messages(crew, DAY)
    handed_out(crew, Line("4", text="措施4"))
    assert sorted((message.party, message.state) for message in messages(crew)) == [
        ("D1", MessageState.ACCEPTED), ("D1", MessageState.PLANNED),
        ("L1", MessageState.ACCEPTED), ("L1", MessageState.PLANNED),
    ]  # fmt: skip


def test_another_day_is_another_message(crew: Office) -> None:
    handed_out(crew, Line("1"))
    take_in(crew, Line("2", text="措施2"))
    act(crew, date(2023, 4, 4), assign, "2", GENERAL)
    assert sorted((message.party, message.on_day.day) for message in messages(crew)) == [
        ("D1", 3), ("D1", 4), ("L1", 3), ("L1", 4),
    ]  # fmt: skip


def test_each_news_knows_its_message_and_shows_how_that_went(crew: Office) -> None:
    handed_out(crew, Line("1", unit="D3", cooperating="D2"))
    handed_out(crew, Line("2", text="措施2"))
    with crew.store.reading() as connection:
        of_news = connection.execute(select(NEWS.c.party_id, NEWS.c.message_id, NEWS.c.unsaid)).all()
        ids = {
            row[0]: set(json.loads(row[1])) for row in connection.execute(select(MESSAGE.c.id, MESSAGE.c.notice_ids))
        }
    assert [message is None for _, message, _ in of_news] == [unsaid is not None for *_, unsaid in of_news]
    gathered: dict[int, set[int]] = {}
    for number, (_, message, _) in enumerate(of_news, start=1):
        if message:
            gathered.setdefault(message, set()).add(number)
    assert gathered == ids
    told = {"D3": None, "D2": MessageState.PLANNED, "L1": MessageState.PLANNED}
    assert {row.party: row.message_state for row in news_of(crew, "1")} == told
    deliver_messages(crew, DAY)
    handed_out(crew, Line("3", text="措施3"))
    told |= {"D2": MessageState.ACCEPTED, "L1": MessageState.ACCEPTED}
    assert {row.party: row.message_state for row in news_of(crew, "1")} == told
    assert {row.message_state for row in news_of(crew, "3")} == {MessageState.PLANNED}
    with crew.store.reading() as connection:
        shown = [(row.measure, row.party, row.message_state) for row in board.news(connection, DAY)]
    assert shown == [
        ("1", "D3", None), ("1", "D2", MessageState.ACCEPTED), ("1", "L1", MessageState.ACCEPTED),
        ("2", "D1", MessageState.ACCEPTED), ("2", "L1", MessageState.ACCEPTED),
        ("3", "D1", MessageState.PLANNED), ("3", "L1", MessageState.PLANNED),
    ]  # fmt: skip


# --- No news any more


@pytest.mark.parametrize(("done_at_once", "state"), [(True, MessageState.CANCELLED), (False, MessageState.ACCEPTED)])
def test_nobody_is_asked_for_what_was_done_meanwhile(crew: Office, done_at_once: bool, state: MessageState) -> None:
    handed_out(crew, Line("1"))
    deliver_messages(crew, DAY)
    report(crew, DAY)
    if done_at_once:
        act(crew, DAY, pass_check, "1", SUPERVISION)
    deliver_messages(crew, DAY)
    assert [message.state for message in messages(crew) if message.party == "S1"] == [state]
    assert unsaid(crew)[-1] is (Unsaid.SETTLED if done_at_once else None)


def test_what_was_done_needs_no_question_but_what_happened_is_still_told(crew: Office) -> None:
    """The lead signs at once: nobody asks them to, and the unit hears that it was closed."""
    take_in(crew, Line("1"))
    bring_to(crew, State.VERIFIED, DAY)
    deliver_messages(crew, DAY)
    act(crew, DAY, open_review, "1", SUPERVISION)
    act(crew, DAY, approve, "1", LEAD)
    deliver_messages(crew, DAY)
    told = {row.party: (row.kind, row.message_state) for row in news_of(crew)}
    assert told["D1"] == (NewsKind.CLOSED, MessageState.ACCEPTED)
    assert [message.state for message in messages(crew) if message.party == "L1"] == [
        MessageState.ACCEPTED, MessageState.CANCELLED,
    ]  # fmt: skip


def test_of_two_groups_neither_is_asked_for_what_the_other_did(office: Office) -> None:
    """Two supervision groups: both are asked to check, by the same date; once one did, the other need not be asked."""
    take_in(office, Line("1"))
    hand_out(office, "1", DAY)
    deliver_messages(office, DAY)
    report(office, DAY)
    assert {row.party: row.due_on for row in news_of(office)} == dict.fromkeys(
        ("S1", "S2"), clocks_at(office, Stage.CHECK)[0].due_on
    )
    act(office, DAY, pass_check, "1", By("s2-a"))
    deliver_messages(office, DAY)
    assert {message.party: message.state for message in messages(office) if message.party in ("S1", "S2")} == {
        "S1": MessageState.CANCELLED,
        "S2": MessageState.CANCELLED,
    }
    assert measure(office, "1").state is State.VERIFIED
