"""Taking over a copy of a home, and confirming its clock: who may, what is kept, and what becomes of messages."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from config.settings import load_settings
from flows.office import Office, open_office
from flows.steps import deliver_messages, post_notices, run_day
from models import record
from models.errors import ActionRefused, NotFound, UsageRefused
from models.handling.case import By
from models.handling.home import confirm_clock, take_over
from models.leap import Sign
from models.store import board
from models.store.board import MessageRow
from models.store.home.signs import sign_of_persons
from models.store.home.site import Standing
from models.tables import AttemptPhase, MessageState
from models.tables.core import ATTEMPT, EVENT
from tests.handling_fixtures import CREW, GENERAL, HEAD, LEAD, SUPERVISION, UNIT, Line, hand_out, small_office, take_in
from tests.offices import AT

MONDAY, THURSDAY, FRIDAY = date(2023, 3, 27), date(2023, 3, 30), date(2023, 3, 31)
TUESDAY_AFTER = date(2023, 4, 4)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Office]:
    """A copy of an office with news and a digest that wait, made after its run of Thursday."""
    with small_office(tmp_path, CREW) as original:
        take_in(original, Line("1", limit="2023年4月28日前"))
        hand_out(original, "1", MONDAY)
        run_day(original, THURSDAY, deliver=False)
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    with open_office(load_settings({"DUBAN_HOME": str(tmp_path / "copy")})) as found:
        yield found


def taken_over(office: Office, by: By = GENERAL, on: date = THURSDAY) -> int:
    with office.acting(on) as (session, ground):
        return take_over(session, ground, by, office.place)


def messages(office: Office) -> list[MessageRow]:
    with office.store.reading() as connection:
        return board.messages(connection)


def lines(office: Office, phase: AttemptPhase) -> list[tuple[int, int, str]]:
    """Message, number and owner of each line of that phase."""
    with office.store.reading() as connection:
        query = select(ATTEMPT.c.message_id, ATTEMPT.c.n, ATTEMPT.c.owner).where(ATTEMPT.c.phase == phase)
        return [tuple(row) for row in connection.execute(query.order_by(ATTEMPT.c.message_id))]


def test_what_the_original_may_have_sent_waits_for_a_person(copy: Office) -> None:
    waiting = [row.id for row in messages(copy)]
    assert taken_over(copy) == len(waiting) > 2
    assert {(row.state, row.ambiguous, row.code) for row in messages(copy)} == {(MessageState.UNKNOWN, 1, "taken_over")}
    assert lines(copy, AttemptPhase.TAKEN_OVER) == [(message, 1, "person:g1-a") for message in waiting]
    assert deliver_messages(copy, THURSDAY).accepted == 0
    assert not copy.settings.outbox.exists()


def test_it_is_one_event_that_says_who_and_how_much(copy: Office) -> None:
    count = taken_over(copy, By("s1-a", reason="换了服务器"))
    with copy.store.reading() as connection:
        event = connection.execute(select(EVENT).order_by(EVENT.c.seq.desc()).limit(1)).mappings().one()
        assert list(record.verify(connection)) == []
    assert (event["action"], event["person"], event["party"], event["on_day"]) == ("taken_over", "s1-a", "S1", THURSDAY)
    assert event["payload"] == f'{{"messages":{count},"reason":"换了服务器","standing":"elsewhere"}}'


def test_a_process_that_still_holds_a_message_is_fenced(copy: Office) -> None:
    held = messages(copy)[0].id
    with copy.store.writing() as connection:
        connection.execute(
            text("UPDATE message SET state = 'leased', owner = 'x', attempts = 3 WHERE id = :id"), {"id": held}
        )
    taken_over(copy)
    row = messages(copy)[0]
    assert (row.state, row.attempts) == (MessageState.UNKNOWN, 4)
    assert lines(copy, AttemptPhase.TAKEN_OVER)[0] == (held, 4, "person:g1-a")


@pytest.mark.parametrize("by", [GENERAL, SUPERVISION, HEAD], ids=lambda by: by.person)
def test_the_keepers_of_the_ledger_may_take_over(copy: Office, by: By) -> None:
    assert taken_over(copy, by) > 0


@pytest.mark.parametrize(("by", "why"), [(UNIT, "D1a不能接管副本"), (LEAD, "L1a不能"), (By("gone"), "已调离不能")])
def test_others_may_not_and_nothing_changes(copy: Office, by: By, why: str) -> None:
    before = messages(copy)
    with pytest.raises(ActionRefused, match=why) as refusal:
        taken_over(copy, by)
    assert "综合组、督办组或组长" in refusal.value.cure
    assert messages(copy) == before


def test_nobody_takes_over_without_a_name(copy: Office) -> None:
    with pytest.raises(NotFound):
        taken_over(copy, By("nobody"))


def test_a_home_that_hands_over_needs_no_take_over(tmp_path: Path) -> None:
    with small_office(tmp_path, CREW) as office, pytest.raises(UsageRefused, match="不是副本"):
        taken_over(office)


def test_twice_taken_over_each_doubt_is_on_record(copy: Office, tmp_path: Path) -> None:
    taken_over(copy)
    with copy.store.writing() as connection:
        connection.execute(text("UPDATE message SET state = 'planned'"))
    shutil.copytree(copy.settings.home, tmp_path / "second")
    with open_office(load_settings({"DUBAN_HOME": str(tmp_path / "second")})) as second:
        taken_over(second)
        assert {row.ambiguous for row in messages(second)} == {2}
        assert {n for _, n, _ in lines(second, AttemptPhase.TAKEN_OVER)} == {1, 2}


# --- What the days before it call for


def test_days_that_the_original_may_have_handled_are_said_with_a_doubt(copy: Office) -> None:
    taken_over(copy, on=FRIDAY)
    with open_office(copy.settings) as again:
        before = {row.id for row in messages(again)}
        posted = post_notices(again, TUESDAY_AFTER, "test")
        assert posted.days[0] == FRIDAY
        born = [row for row in messages(again) if row.id not in before]
        assert born
        assert {(row.state, row.ambiguous) for row in born} == {(MessageState.PLANNED, 1)}
        flagged = {(message, n) for message, n, _ in lines(again, AttemptPhase.TAKEN_OVER)}
        assert {(row.id, 0) for row in born} <= flagged
        assert deliver_messages(again, TUESDAY_AFTER).accepted == len(born)


def test_later_days_are_said_without_one(copy: Office) -> None:
    taken_over(copy, on=THURSDAY)
    with open_office(copy.settings) as again:
        before = {row.id for row in messages(again)}
        post_notices(again, TUESDAY_AFTER, "test")
        born = [row for row in messages(again) if row.id not in before]
        assert born
        assert {row.ambiguous for row in born} == {0}


def test_a_copy_knows_itself_until_then(copy: Office) -> None:
    with copy.store.reading() as connection:
        assert connection.scalar(text("SELECT site FROM home")) != copy.place.site
    taken_over(copy)
    with open_office(copy.settings) as again:
        assert again.standing is Standing.RESIDENT


# --- The clock


def test_whoever_confirms_the_clock_is_on_record_with_the_machines_time(copy: Office) -> None:
    sign = Sign(AT, "boot-1", 12.5)
    with copy.acting(THURSDAY) as (session, ground):
        confirm_clock(session, ground, HEAD, sign)
        now: datetime = ground.now
    with copy.store.reading() as connection:
        event = connection.execute(select(EVENT).order_by(EVENT.c.seq.desc()).limit(1)).mappings().one()
        found = sign_of_persons(connection)
        assert list(record.verify(connection)) == []
    assert (event["action"], event["person"]) == ("clock_confirmed", "h1-a")
    assert found and (found.boot, found.uptime_s) == ("boot-1", 12.5)
    assert abs(found.at - now) < timedelta(seconds=1)


def test_a_unit_cannot_say_what_time_it_is(copy: Office) -> None:
    with (
        pytest.raises(ActionRefused, match="D1a不能确认本机时钟"),
        copy.acting(THURSDAY) as (session, ground),
    ):
        confirm_clock(session, ground, UNIT, Sign(AT))
    with copy.store.reading() as connection:
        assert sign_of_persons(connection) is None
