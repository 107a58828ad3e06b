"""Messages of actions on their way: composed from the news, one letter each, never the bytes of another."""

from contextlib import closing
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from models import record
from models.directory import Directory
from models.ladder import MessageKind
from models.lifecycle import Role
from models.news import NewsKind
from models.store import outbox
from models.store.parties import party_ids
from models.tables import MessageState
from models.tables.core import NEWS
from notifications.delivery import Delivery, Tally
from notifications.packing import Desk, header_id, origin_of
from notifications.senders.pool import Senders
from notifications.words.wording import Writer
from tests.offices import PLAIN_DIRECTORY, calendar, readdressed
from tests.outbox_fixtures import NOW, ON, Moments, Outbox, an_outbox

DIGEST, ESCALATION, ACTION = MessageKind


def news(box: Outbox, reason: str, kind: NewsKind = NewsKind.RETURNED) -> int:
    """News for D1 of an action on its measure, put into the outbox as an action does it."""
    with box.store.writing() as connection:
        measure = connection.scalar(text("SELECT id FROM measure WHERE no = 'M-D1'"))
        entry = record.Entry("fail_check", NOW, ON, measure, "s1-a", "S1", payload={"reason": reason})
        party = party_ids(connection)["D1"]
        values = {
            "event_seq": record.append(connection, entry), "measure_id": measure, "party_id": party, "role": Role.UNIT,
            "kind": kind, "on_day": ON, "due_on": ON + timedelta(days=4),
        }  # fmt: skip
        key = connection.execute(insert(NEWS).values(values)).inserted_primary_key
        assert key
        outbox.plan_news(connection, party, ON, int(key[0]))
        return int(key[0])


def deliver(box: Outbox, folder: Path, directory: Directory = PLAIN_DIRECTORY) -> Tally:
    with closing(Senders(folder)) as senders:
        desk = Desk(box.store, directory, calendar(), Writer(), senders, {}, b"key", "test.local", False, Moments())
        return Delivery(desk, ON).run()


def letters(box: Outbox) -> list[EmailMessage]:
    """What was handed over, by the order of the messages."""
    with box.store.reading() as connection:
        found = connection.scalars(text("SELECT content FROM payload ORDER BY message_id")).all()
    return [message_from_bytes(content, EmailMessage, policy=policy.default) for content in found]


def words(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content())


def test_the_news_of_a_day_go_out_in_one_letter_beside_the_digest(tmp_path: Path) -> None:
    with an_outbox(tmp_path) as box:
        box.message("D1")
        news(box, "佐证不足")
        news(box, "已阅", NewsKind.HELD)
        assert deliver(box, tmp_path / "outbox") == Tally(accepted=2)
        digest, bulletin = letters(box)
    assert digest["Subject"].startswith("整改催办：")
    assert bulletin["Subject"] == "整改办理通知：1项措施退回整改、1项挂起（2023-06-26）"
    assert "单位S1将本措施退回整改" in words(bulletin)
    assert "理由：佐证不足" in words(bulletin)
    assert "理由：已阅" in words(bulletin)


def test_two_messages_of_one_day_are_two_letters_whose_names_do_not_change(tmp_path: Path) -> None:
    with an_outbox(tmp_path) as box:
        news(box, "第一次")
        deliver(box, tmp_path / "outbox")
        news(box, "第二次")
        deliver(box, tmp_path / "outbox")
        first, second = letters(box)
        numbers = [box.scalar("SELECT min(id) FROM message"), box.scalar("SELECT max(id) FROM message")]
    assert "第一次" in words(first)
    assert "第一次" not in words(second)
    assert [first["Message-ID"], second["Message-ID"]] == [
        header_id(b"key", "test.local", "D1", ON, ACTION, f"m{number}", 0) for number in numbers
    ]
    assert first["Message-ID"] != second["Message-ID"]


def test_a_news_to_a_party_that_lost_its_address_waits_with_a_reason(tmp_path: Path) -> None:
    with an_outbox(tmp_path) as box:
        news(box, "佐证不足")
        assert deliver(box, tmp_path / "outbox", readdressed(PLAIN_DIRECTORY, "D1", ())) == Tally(waiting=1)
        row = box.row(box.scalar("SELECT id FROM message"))
    assert (row["state"], row["code"]) == (MessageState.RETRY_WAIT, "address")


@pytest.mark.parametrize(
    ("kind", "address_no", "known"),
    [(DIGEST, 0, "db88d5fc2b5453779f29edd3565eb711"), (ESCALATION, 1, "35c498ce0c260c35bd5f64b000ae3427")],
)
def test_message_ids_of_runs_are_what_they_always_were(kind: MessageKind, address_no: int, known: str) -> None:
    found = header_id(b"key", "test.local", "D1", ON, kind, origin_of(12, 99), address_no)
    assert found == f"<{known}@test.local>"


def test_a_run_and_a_message_of_one_number_are_two_origins() -> None:
    assert {origin_of(12, 12), origin_of(None, 12)} == {"12", "m12"}
