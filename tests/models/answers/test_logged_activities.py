"""verify on activities: what was changed, added or taken away past the record is told."""

import sqlite3
from contextlib import closing
from datetime import date

import pytest

from flows.office import Office
from models.activity import ActivityKind
from models.answers.verify import faults
from models.handling.activities import NewActivity, log_activity, withdraw_activity
from models.handling.case import By
from tests.handling_fixtures import GENERAL, Line, take_in

DAY = date(2023, 4, 3)


@pytest.fixture
def logged(crew: Office) -> Office:
    """Events 3 to 5: 活动1 with and 活动2 without a note, and 活动2 withdrawn."""
    take_in(crew, Line("1"))
    for title, note in (("研究整改", "第一次"), ("再次研究", "")):
        with crew.acting(DAY) as (session, ground):
            log_activity(session, ground, GENERAL, NewActivity(ActivityKind.COMMITTEE, DAY, title, note))
    with crew.acting(DAY) as (session, ground):
        withdraw_activity(session, ground, By("s1-a", reason="登错"), 2)
    return crew


def found(office: Office) -> list[str]:
    with office.store.reading() as connection:
        return [fault.what for fault in faults(connection, office.settings.evidence)]


def test_an_untouched_list_has_no_fault(logged: Office) -> None:
    assert found(logged) == []


TAMPERED = [
    ("UPDATE activity SET kind = 'meeting' WHERE id = 1", ["活动1与流转记录不符。"]),
    ("UPDATE activity SET on_day = '2023-04-04' WHERE id = 1", ["活动1与流转记录不符。"]),
    ("UPDATE activity SET title = '别的' WHERE id = 1", ["活动1与流转记录不符。"]),
    ("UPDATE activity SET note = '' WHERE id = 1", ["活动1与流转记录不符。"]),
    ("UPDATE activity SET note = '后加的' WHERE id = 2", ["活动2与流转记录不符。"]),
    ("UPDATE activity SET round_id = 99 WHERE id = 1", ["活动1与流转记录不符。"]),
    ("UPDATE activity SET withdrawn_seq = NULL WHERE id = 2", ["流转记录第5条的撤销没有记在活动清单中。"]),
    ("UPDATE activity SET withdrawn_seq = 4 WHERE id = 1", ["活动1的撤销与流转记录不符。"]),
    ("UPDATE activity SET withdrawn_seq = 5 WHERE id = 1", ["活动1的撤销与流转记录不符。"]),
    ("DELETE FROM activity WHERE id = 1", ["流转记录第3条登记的活动不在清单中。"]),
    (
        "INSERT INTO activity (round_id, kind, on_day, title, note, event_seq)"
        " VALUES (1, 'meeting', '2023-04-03', '多出的', '', 1)",
        ["活动3与流转记录不符。"],
    ),
]


@pytest.mark.parametrize(("statement", "faults_zh"), TAMPERED)
def test_what_was_changed_past_the_record_is_told(logged: Office, statement: str, faults_zh: list[str]) -> None:
    with closing(sqlite3.connect(logged.settings.database)) as raw, raw:
        raw.execute("DROP TRIGGER activity_no_delete")
        raw.execute(statement)
    assert found(logged) == faults_zh
