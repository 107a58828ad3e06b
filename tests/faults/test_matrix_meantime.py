"""What changes between the plan of a message and its hand-over, and messages that no relay or template can stand."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import load_settings
from flows.office import Office, open_office
from flows.steps import deliver_messages, run_day
from models.ladder import MessageKind
from models.store.parties import sync_parties
from models.tables import MessageState
from notifications.words.wording import Writer
from tests.faults.matrix_cases import CLOSED, ESCALATION, MEANTIME, POISON, Case
from tests.faults.office_under_fault import BYSTANDER, HIT, Scene, a_scene
from tests.offices import Row, assigned_home, directory, moved_home, replaced
from tests.outbox_fixtures import NOW, ON
from tests.smtp_sink import CLOSE, Fault, Received, SmtpSink

Change = Callable[[Scene, SmtpSink], None]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def scene(sink: SmtpSink) -> Iterator[Scene]:
    with a_scene({code: (to(sink, code),) for code in ("D1", "D2")}) as scene:
        yield scene


def to(sink: SmtpSink, name: str) -> str:
    return f"mailto://127.0.0.1:{sink.port}/?from=duban@example.cn&to={name}@example.cn"


def letters(sink: SmtpSink, scene: Scene, message: int) -> list[Received]:
    """The copies of this message that the relay has."""
    header_id = scene.box.row(message)["header_id"]
    return [received for received in sink.received if received.message_id == header_id]


def read(letter: Received) -> EmailMessage:
    parsed = message_from_bytes(letter.payload.encode("latin-1"), policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def words(letter: Received) -> str:
    body = read(letter).get_body(("plain",))
    assert body is not None
    found: str = body.get_content()
    return found


def check_the_end(scene: Scene, sink: SmtpSink, case: Case) -> None:
    row, by = scene.box.row(HIT), scene.box.row(BYSTANDER)
    assert (row["state"], row["ambiguous"], len(letters(sink, scene, HIT))) == (case.state, case.doubts, case.copies)
    assert (by["state"], by["ambiguous"], len(letters(sink, scene, BYSTANDER))) == (MessageState.ACCEPTED, 0, 1)
    known = scene.box.scalar("SELECT json_group_array(header_id) FROM message WHERE header_id IS NOT NULL")
    assert {received.message_id for received in sink.received} <= set(json.loads(known))


# What changes meanwhile


def close_measure(scene: Scene, _: SmtpSink) -> None:
    scene.box.change(f"UPDATE deadline SET stopped_on = opened_on, outcome = 'met' WHERE id = {_FIRST_CLOCK}")


def refuse_then_close(scene: Scene, sink: SmtpSink) -> None:
    sink.fail(Fault("DOT", "451 4.3.0 later", times=1))
    scene.deliver()
    assert scene.box.row(HIT)["frozen"]
    close_measure(scene, sink)


def close_one_of_two(scene: Scene, sink: SmtpSink) -> None:
    second = scene.box.clock("D1")
    scene.box.change(_ANOTHER_NOTICE, clock=second, message=HIT)
    scene.box.change(_TELL_LAST_NOTICE, message=HIT)
    close_measure(scene, sink)


def move_date(scene: Scene, _: SmtpSink) -> None:
    scene.box.change(f"UPDATE deadline SET due_on = '2023-07-31' WHERE id = {_FIRST_CLOCK}")


def post_later_rung(scene: Scene, _: SmtpSink) -> None:
    scene.box.message("D1", scene.box.scalar(f"SELECT {_FIRST_CLOCK}"), kind=MessageKind.ESCALATION)


def remove(scene: Scene, _: SmtpSink) -> None:
    scene.directory = directory(*(one for one in scene.directory.parties if one.code != "D1"))


def remove_and_put_back(scene: Scene, sink: SmtpSink) -> None:
    there = scene.directory
    remove(scene, sink)
    scene.deliver()
    assert (scene.box.state(HIT), scene.box.row(HIT)["code"]) == (MessageState.RETRY_WAIT, "address")
    scene.directory = there


def move(scene: Scene, sink: SmtpSink) -> None:
    scene.directory = replaced(scene.directory, "D1", addresses=(to(sink, "moved"),))


def rename(scene: Scene, _: SmtpSink) -> None:
    scene.directory = replaced(scene.directory, "D1", name=NEW_NAME)
    with scene.box.store.writing() as connection:  # as any command does that decides something
        sync_parties(connection, scene.directory, ON, scene.clock.now)


NEW_NAME = "改名后的单位"
_FIRST_NOTICE = f"(SELECT j.value FROM message m, json_each(m.notice_ids) j WHERE m.id = {HIT} LIMIT 1)"
_FIRST_CLOCK = f"(SELECT n.deadline_id FROM notice n WHERE n.id = {_FIRST_NOTICE})"
_ANOTHER_NOTICE = f"""
INSERT INTO notice (run_id, party_id, on_day, role, deadline_id, due_on, kind, rung)
SELECT run_id, party_id, on_day, role, :clock, due_on, kind, rung FROM notice WHERE id = {_FIRST_NOTICE}"""
_TELL_LAST_NOTICE = """
UPDATE message SET notice_ids = json_insert(notice_ids, '$[#]', (SELECT max(id) FROM notice)) WHERE id = :message"""
CHANGES: Mapping[tuple[str, str], Change] = {
    ("measure closed", "before it was tried"): close_measure,
    ("measure closed", "after a refusal past the dot"): refuse_then_close,
    ("measure closed", "one of two told"): close_one_of_two,
    ("date moved", "before it was tried"): move_date,
    ("later rung posted", "before it was tried"): post_later_rung,
    ("recipient removed", "before it was tried"): remove,
    ("recipient removed", "and put back"): remove_and_put_back,
    ("recipient moved", "before it was tried"): move,
    ("unit renamed", "before it was tried"): rename,
}


def nothing_more(_: str, __: Received) -> None:
    """The state and the copies say it all."""


def says_one_thing(said: str, _: Received) -> None:
    assert "共1条" in said


def goes_to_the_new_address(_: str, letter: Received) -> None:
    assert letter.recipient == "moved@example.cn"


def bears_the_new_name(said: str, letter: Received) -> None:
    assert NEW_NAME in str(read(letter)["To"])
    assert "单位D1" not in said


LOOKS: Mapping[tuple[str, str], Callable[[str, Received], None]] = {
    ("measure closed", "one of two told"): says_one_thing,
    ("recipient moved", "before it was tried"): goes_to_the_new_address,
    ("unit renamed", "before it was tried"): bears_the_new_name,
}


@pytest.mark.parametrize("case", [case for case in MEANTIME if case.what != "policy changed"], ids=str)
def test_what_changed_meanwhile_is_heeded(case: Case, scene: Scene, sink: SmtpSink) -> None:
    CHANGES[case.what, case.when](scene, sink)
    live_out(scene)
    check_the_end(scene, sink, case)
    for letter in letters(sink, scene, HIT):
        LOOKS.get((case.what, case.when), nothing_more)(words(letter), letter)


def live_out(scene: Scene) -> None:
    """Deliveries now, an hour later, and once the due date is over."""
    for wait in (timedelta(), HOUR, 5 * DAY):
        scene.clock.now += wait
        scene.deliver()


@pytest.fixture(scope="module")
def planned_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose one unit is to be reminded on the day; the day is posted and nothing was handed over."""
    rows = {Row("M1", "D1"): date(2023, 6, 29)}
    home = assigned_home(tmp_path_factory.mktemp("planned"), rows, date(2023, 6, 21)).home
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        run_day(office, ON, deliver=False)
    return home


def test_a_policy_that_changed_decides_from_the_next_run_on(planned_home: Path, tmp_path: Path) -> None:
    [case] = [case for case in MEANTIME if case.what == "policy changed"]
    home = moved_home(planned_home, tmp_path / "home")
    rules = (home / "policy.yaml").read_text(encoding="utf-8")
    (home / "policy.yaml").write_text(rules.replace("{at: -3wd, to: [unit]", "{at: -2wd, to: [unit]"), encoding="utf-8")
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        deliver_messages(office, ON)
        assert told_d1(office) == [("complete/-3wd", case.state)]
        with office.store.reading() as connection:
            [digest] = connection.scalars(text(f"SELECT header_id FROM ({_TOLD})"))
        assert len(list(home.rglob(f"{digest.strip('<>')}.eml"))) == case.copies
        run_day(office, ON + DAY)
        assert told_d1(office) == [("complete/-3wd", case.state), ("complete/-2wd", MessageState.ACCEPTED)]


def told_d1(office: Office) -> Sequence[tuple[str, MessageState]]:
    """Every rung of the measure's date that D1 was told, in order, with the state of its message."""
    with office.store.reading() as connection:
        rows = connection.execute(text(_TOLD)).tuples()
        return [(rung, MessageState(state)) for rung, state, _ in rows]


_TOLD = """
SELECT n.rung, m.state, m.header_id
FROM message m, json_each(m.notice_ids) j JOIN notice n ON n.id = j.value JOIN party p ON p.id = n.party_id
WHERE p.code = 'D1' AND m.kind = 'digest' AND n.rung LIKE 'complete/%' ORDER BY n.id"""


# A channel that stays closed


SIX_HOURS = range(0, 120, 6)
"""Deliveries, fewer than the gate opens."""


@pytest.mark.parametrize("case", CLOSED, ids=str)
def test_nothing_waits_for_a_closed_channel_unheard(case: Case, sink: SmtpSink) -> None:
    with SmtpSink() as closed, a_scene({"D1": (to(closed, "D1"),), "D2": (to(sink, "D2"),)}, case.kind) as scene:
        if "421" in case.what:
            closed.fail(Fault("MAIL", "421 4.3.2 closing", times=7 if "half" in case.when else None))
        else:
            closed.close()
        for hours in SIX_HOURS:
            scene.clock.now = NOW + hours * HOUR
            scene.deliver()
            if hours <= 36 and case.kind is ESCALATION:
                assert (scene.box.state(HIT), alarms(scene)) == (MessageState.RETRY_WAIT, 0), hours
        row, has_it = scene.box.row(HIT), letters(closed, scene, HIT)
        assert (row["state"], row["ambiguous"], len(has_it)) == (case.state, case.doubts, case.copies)
        assert alarms(scene) == (case.state is MessageState.REJECTED)
        assert (scene.box.state(BYSTANDER), len(sink.received)) == (MessageState.ACCEPTED, 1)


def alarms(scene: Scene) -> int:
    return int(scene.box.scalar("SELECT count(*) FROM event WHERE action = 'undelivered'"))


# Poison


class Narrow(SmtpSink):
    """A mail server that takes letters of one megabyte at most."""

    def fault_at(self, place: str) -> str | None:
        size = re.search(r"SIZE=(\d+)", self.commands[-1]) if place == "MAIL" else None
        return "552 5.3.4 too big" if size and int(size[1]) > 1 << 20 else super().fault_at(place)


class Allergic(SmtpSink):
    """A mail server that hangs up in the middle of every letter to D1."""

    def fault_at(self, place: str) -> str | None:
        is_it = place == "DATA" and "<D1@" in self.commands[-2]
        return CLOSE if is_it else super().fault_at(place)


TEMPLATES: Mapping[str, tuple[str, str]] = {
    "a template that fails": ("subject.txt.j2", "{{ 1 / 0 if party == '单位D1' else '提醒' }}"),
    "a line break in the subject": ("subject.txt.j2", "提醒\r\nBcc: somebody@example.cn\r\n\r\n正文"),
    "10 MB": ("body.txt.j2", "{{ 'x' * 7500000 if party == '单位D1' else '正文' }}"),
}
RELAYS: Mapping[str, type[SmtpSink]] = {"a relay that takes 1 MB": Narrow, "every time": Allergic}
HALF_A_PAIR = "单位\ud800"


@pytest.mark.parametrize("case", POISON, ids=str)
def test_poison_holds_nobody_up(case: Case, tmp_path: Path) -> None:
    relay = RELAYS.get(case.when, SmtpSink)
    with relay() as sink, a_scene({code: (to(sink, code),) for code in ("D1", "D2")}) as scene:
        poison(scene, case, tmp_path)
        live_out(scene)
        check_the_end(scene, sink, case)
        for letter in letters(sink, scene, HIT):
            headers = read(letter)
            assert (headers["Bcc"], len(headers.get_all("Subject", []))) == (None, 1)
            assert headers.get_all("Message-ID") == [letter.message_id]


def poison(scene: Scene, case: Case, folder: Path) -> None:
    if case.what in TEMPLATES:
        name, content = TEMPLATES[case.what]
        (folder / name).write_text(content, encoding="utf-8", newline="")
        scene.writer = Writer(folder)
    if case.what == "half a surrogate pair":
        scene.directory = replaced(scene.directory, "D1", name=HALF_A_PAIR)
