"""A unit whose relay refuses it for good: nobody above it is told to blame it, the general group hears, and once its
address is mended the unit hears first, and then those held back.

Whole daily runs on a small office; the relays are real sockets.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.office import Office, open_office
from flows.steps import brief_of_day, run_day
from models.directory import Directory
from models.ladder import MessageKind
from models.lifecycle import Stage
from models.news import NewsKind
from models.store import board
from models.tables import MessageState
from notifications.reports.timeline import timeline
from tests.handling_fixtures import CREW, Line, hand_out, small_office, take_in
from tests.offices import letters_in, readdressed
from tests.smtp_sink import Fault, SmtpSink

ASSIGNED_ON = date(2023, 6, 12)
LATE, HELD_BACK, MENDED, AFTER = date(2023, 7, 3), date(2023, 7, 7), date(2023, 7, 10), date(2023, 7, 11)
"""One working day after the due date, then five: from there those above the unit hear once it was told."""
REFUSAL = Fault("RCPT", "550 5.1.1 no such user")


@pytest.fixture(scope="module")
def relays() -> Iterator[tuple[SmtpSink, SmtpSink]]:
    """One that knows no such user, and one that takes everything."""
    with SmtpSink(faults=[REFUSAL]) as wrong, SmtpSink() as right:
        yield wrong, right


def told_at(relay: SmtpSink) -> Directory:
    return readdressed(CREW, "D1", (f"mailto://127.0.0.1:{relay.port}/?from=duban@example.cn&to=d1@example.cn",))


def heard(office: Office, day: date) -> set[tuple[str, str]]:
    """Who was told what of the completion limit with the run of that day, as its channel took it."""
    with office.store.reading() as connection:
        rows = board.notices_between(connection, day, day)
        told = [row for row in rows if row.message_state is MessageState.ACCEPTED]
        return {(row.party, row.rung) for row in told if row.stage is Stage.COMPLETE}


def fates(office: Office) -> list[tuple[MessageKind, MessageState]]:
    """How the messages to the unit went, oldest first."""
    with office.store.reading() as connection:
        return [(one.kind, one.state) for one in board.messages(connection) if one.party == "D1"]


def test_a_unit_that_cannot_be_told_is_told_before_it_is_blamed(
    tmp_path: Path, relays: tuple[SmtpSink, SmtpSink]
) -> None:
    wrong, right = relays
    with small_office(tmp_path, told_at(wrong)) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", ASSIGNED_ON)
        run_day(office, LATE)
        assert wrong.received == []
        assert heard(office, LATE) == {("S1", "complete/+1wd"), ("L1", "complete/+1wd")}
        with office.store.reading() as connection:
            alarms = [one for one in board.news(connection) if one.kind is NewsKind.UNDELIVERED]
            past = timeline(connection, 1, office.calendar)
        assert {(one.party, one.payload["code"], one.message_state) for one in alarms} == {
            ("G1", "550", MessageState.ACCEPTED)
        }, "the general group hears with the same run"
        assert (LATE, "　告知：通知未送达", "单位G1", "已送达") in past
        assert {state for _, state in fates(office)} == {MessageState.REJECTED}
        assert any("被拒收：550" in line for line in brief_of_day(office, LATE).attention)

        run_day(office, HELD_BACK)
        assert heard(office, HELD_BACK) == {("G1", "complete/address")}, "and nobody of the unit's fault"
        settings = office.settings
    settings.directory.write_text(told_at(right).content, encoding="utf-8")
    with open_office(settings) as office:
        run_day(office, MENDED)
        assert fates(office) == [
            (MessageKind.ACTION, MessageState.ACCEPTED),
            (MessageKind.DIGEST, MessageState.ACCEPTED),
            (MessageKind.ESCALATION, MessageState.SUPERSEDED),  # overtaken by the one after it
            (MessageKind.ESCALATION, MessageState.ACCEPTED),
        ]
        assert len(right.received) == 3
        assert heard(office, HELD_BACK) == {("G1", "complete/address"), ("D1", "complete/+5wd")}
        assert heard(office, MENDED) == set(), "on the day on which it is told nobody else is"

        run_day(office, AFTER)
        assert heard(office, AFTER) == {("L1", "complete/+5wd"), ("A1", "complete/+5wd")}
        assert "A1" in letters_in(settings.outbox)
