"""A daily run without Prefect: what it counts, what a dry run leaves, one run at a time, and how a run ends."""

import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from config.settings import load_settings
from flows import steps
from flows.office import Office, open_office
from flows.steps import DayResult, run_day
from models.errors import RunRefused
from models.ladder import MessageKind
from models.lifecycle import Stage
from models.store import board
from models.store.board import MessageRow
from models.tables import MessageState
from models.tables.core import LEASE, RUN
from notifications.delivery import Tally
from tests.handling_fixtures import DIRECTORY, Line, contents, hand_out, small_office, take_in
from tests.offices import NO_ADDRESS, letters_in, readdressed
from tests.smtp_sink import Fault, SmtpSink

MONDAY, THURSDAY, FRIDAY = date(2023, 3, 27), date(2023, 3, 30), date(2023, 3, 31)
SATURDAY, NEXT_MONDAY = date(2023, 4, 1), date(2023, 4, 3)
WORKDAYS = tuple(date(2023, 3, day) for day in (27, 28, 29, 30))
"""From the assignment to the Thursday on which the unit has missed its two working days to accept."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """One measure, assigned on a Monday: to be accepted by 29 March, completed by 28 April."""
    with small_office(tmp_path) as found:
        take_in(found, Line("1", limit="2023年4月28日前"))
        hand_out(found, "1", MONDAY)
        yield found


def messages(office: Office) -> list[MessageRow]:
    with office.store.reading() as connection:
        return board.messages(connection)


def told(office: Office, on: date) -> list[tuple[str, str]]:
    with office.store.reading() as connection:
        return sorted((row.party, row.rung) for row in board.notices_between(connection, on, on))


def readdress(office: Office, code: str, addresses: tuple[str, ...]) -> None:
    """Writes other addresses of a party into directory.yaml; an office opened after it knows them."""
    office.settings.directory.write_text(readdressed(DIRECTORY, code, addresses).content, encoding="utf-8")


# --- What a run counts


def test_a_run_tells_who_must_hear_and_counts_it(office: Office) -> None:
    result = run_day(office, THURSDAY)
    assert result == DayResult(THURSDAY, 3, 3, accepted=5, unknown=0, rejected=0, via="direct", days=WORKDAYS)
    assert told(office, THURSDAY) == [("D1", "accept/+1wd"), ("S1", "accept/+1wd"), ("S2", "accept/+1wd")]
    assert {box: len(letters) for box, letters in letters_in(office.settings.outbox).items()} == {
        "D1": 2,
        "L1": 1,
        "S1": 1,
        "S2": 1,
    }, "unit and lead also hear of the assignment"


def test_a_second_run_on_the_day_adds_nothing(office: Office) -> None:
    run_day(office, THURSDAY)
    before = letters_in(office.settings.outbox)
    result = run_day(office, THURSDAY)
    assert (result.notices, result.messages, result.accepted) == (0, 0, 0)
    assert letters_in(office.settings.outbox) == before


def test_a_rest_day_adds_nothing_of_its_own(office: Office) -> None:
    run_day(office, FRIDAY)
    assert run_day(office, SATURDAY) == DayResult(SATURDAY, 0, 0, 0, 0, 0, "direct", ())


def test_days_missed_are_made_up_in_order(office: Office) -> None:
    run_day(office, THURSDAY)
    result = run_day(office, NEXT_MONDAY)
    assert result.days == (FRIDAY, NEXT_MONDAY)
    assert told(office, FRIDAY) == [("D1", "complete/-20wd")]
    assert told(office, NEXT_MONDAY) == [("G1", "accept/+3wd"), ("L1", "accept/+3wd")]
    assert (result.notices, result.messages, result.accepted) == (3, 3, 3)


def test_a_day_before_what_was_handled_is_refused_and_leaves_nothing(office: Office) -> None:
    run_day(office, THURSDAY)
    before = contents(office)
    with pytest.raises(RunRefused, match="2023-03-29 早于已处理到的日期 2023-03-30"):
        run_day(office, date(2023, 3, 29))
    assert contents(office) == before
    assert run_day(office, FRIDAY).notices == 1


def test_an_address_that_cannot_be_used_leaves_its_message_waiting(office: Office) -> None:
    readdress(office, "D1", ("mailto://u:${NOT_SET}@127.0.0.1:1/?from=a@example.cn&to=b@example.cn",))
    with open_office(office.settings) as again:
        result = run_day(again, THURSDAY)
    assert (result.messages, result.accepted, result.rejected, result.unknown) == (3, 3, 0, 0)
    waiting = [(row.party, row.kind) for row in messages(office) if row.state is MessageState.RETRY_WAIT]
    assert waiting == [("D1", MessageKind.ACTION), ("D1", MessageKind.DIGEST)]


def test_each_message_tried_is_heard_of(office: Office) -> None:
    heard: list[tuple[int, str]] = []

    @contextmanager
    def follow(waiting: int) -> Iterator[Callable[[int, str], None]]:
        assert waiting == 5
        yield lambda ended, waits_for: heard.append((ended, waits_for))

    run_day(office, THURSDAY, follow=follow)
    assert heard == [(1, "")] * 5


# --- Without delivery, and delivery alone


def test_a_delivery_in_a_rehearsal_is_made_on_the_day_it_has_come_to(office: Office) -> None:
    run_day(office, THURSDAY, deliver=False)
    assert steps.delivery_day(office, None) == THURSDAY
    assert steps.delivery_day(office, FRIDAY) == FRIDAY
    with pytest.raises(RunRefused, match="早于已处理到的日期"):
        steps.delivery_day(office, MONDAY)


def test_a_delivery_acts_on_a_changed_directory_by_itself(office: Office) -> None:
    """What was refused at the old address goes to the new one, without a daily run or an action in between."""
    with SmtpSink(faults=[Fault("RCPT", "550 5.1.1 no such user")]) as sink:
        readdress(office, "D1", (f"mailto://127.0.0.1:{sink.port}/?from=a@example.cn&to=old@example.cn",))
        with open_office(office.settings) as again:
            assert run_day(again, THURSDAY).rejected == 2
    readdress(office, "D1", ("file:",))
    with open_office(office.settings) as again:
        before = contents(again)["event"]
        assert steps.deliver_messages(again, THURSDAY) == Tally(accepted=2)
        settled = contents(again)
        assert steps.deliver_messages(again, THURSDAY) == Tally()
        assert contents(again) == settled, "the second time nothing had changed"
    (event,) = settled["event"][len(before) :]
    assert "directory_changed" in str(event)


class Turning(SmtpSink):
    """A mail server that knows nobody, and before it says so for the first time something happens elsewhere."""

    meanwhile: Callable[[], object] | None = None

    def fault_at(self, place: str) -> str | None:
        if place != "RCPT":
            return super().fault_at(place)
        act, self.meanwhile = self.meanwhile, None
        if act:
            act()
        return "550 5.1.1 no such user"


def test_what_is_refused_at_an_address_that_changed_meanwhile_goes_to_the_new_one_by_itself(office: Office) -> None:
    """The other process sees the change while the messages are under way, and nobody sees it again."""
    with Turning() as sink:
        readdress(office, "D1", (f"mailto://127.0.0.1:{sink.port}/?from=a@example.cn&to=old@example.cn",))

        def change() -> None:
            readdress(office, "D1", ("file:",))
            with open_office(office.settings) as other:
                assert steps.deliver_messages(other, THURSDAY).rejected == 0

        sink.meanwhile = change
        with open_office(office.settings) as under_way:
            assert run_day(under_way, THURSDAY).rejected == 2
    dead = [row.id for row in messages(office) if row.state is MessageState.REJECTED]
    assert (len(dead), reach(office, "D1")) == (2, False)
    with open_office(office.settings) as again:
        assert steps.deliver_messages(again, THURSDAY).accepted >= 2
        assert {row.state for row in messages(again) if row.id in dead} == {MessageState.ACCEPTED}
        assert {row.ambiguous for row in messages(again)} == {0}
        assert reach(again, "D1")


def test_before_anything_is_decided_a_party_is_within_reach_again_whose_old_address_failed(office: Office) -> None:
    """Only while it is not refused where it is now, and never what may be out already."""
    with SmtpSink(faults=[Fault("RCPT", "550 5.1.1 no such user")]) as sink:
        here = f"mailto://127.0.0.1:{sink.port}/?from=a@example.cn&to="
        readdress(office, "D1", (f"{here}${{BOX}}@example.cn",))
        with opened_with(office, BOX="old") as found:
            run_day(found, THURSDAY)
            [first, second] = [row.id for row in messages(found) if row.state is MessageState.REJECTED]
            with found.store.writing() as connection:
                connection.execute(text("UPDATE message SET ambiguous = 1 WHERE id = :id"), {"id": second})
        with opened_with(office) as found:
            steps.deliver_messages(found, THURSDAY)
            assert state(found, first) is MessageState.REJECTED, "nobody knows where it would go"
        with opened_with(office, BOX="old") as found:
            steps.deliver_messages(found, THURSDAY)
            assert (state(found, first), reach(found, "D1")) == (MessageState.REJECTED, False)
        with opened_with(office, BOX="new") as found:
            steps.post_notices(found, FRIDAY, "test")
            assert (state(found, first), state(found, second)) == (MessageState.PLANNED, MessageState.REJECTED)
            assert reach(found, "D1")
            steps.deliver_messages(found, FRIDAY)
            assert (state(found, first), reach(found, "D1")) == (MessageState.REJECTED, False)


def test_what_a_server_says_of_another_addresss_secret_is_kept_nowhere(office: Office) -> None:
    secret = "geheim-canary"
    coded = b64encode(secret.encode()).decode()
    with SmtpSink(faults=[Fault("RCPT", f"550 5.1.1 {secret} {coded}")]) as sink:
        first, second = (f"mailto://{who}127.0.0.1:{sink.port}/?from=a@b.cn&to=c@d.cn" for who in ("", "u:${OTHER}@"))
        readdress(office, "D1", (first, second))
        with opened_with(office, OTHER=secret) as found:
            run_day(found, THURSDAY)
    assert [kept for kept in map(str, contents(office).values()) if secret in kept or coded in kept] == []
    assert "*** ***" in str(contents(office)["attempt"])


def opened_with(office: Office, **env: str) -> AbstractContextManager[Office]:
    return open_office(load_settings({"DUBAN_HOME": str(office.settings.home), **env}))


def state(office: Office, message: int) -> MessageState:
    return next(row.state for row in messages(office) if row.id == message)


def reach(office: Office, code: str) -> bool:
    with office.store.reading() as connection:
        return bool(connection.scalar(text("SELECT reachable FROM party WHERE code = :code"), {"code": code}))


def test_what_was_not_delivered_waits_and_goes_out_later(office: Office) -> None:
    result = run_day(office, THURSDAY, deliver=False)
    assert (result.notices, result.messages, result.accepted) == (3, 3, 0)
    assert {row.state for row in messages(office)} == {MessageState.PLANNED}
    assert letters_in(office.settings.outbox) == {}
    assert steps.waiting_messages(office) == 3 + 2
    tally = steps.deliver_messages(office, THURSDAY)
    assert (tally.accepted, tally.waiting, tally.cancelled) == (3 + 2, 0, 0)
    assert steps.waiting_messages(office) == 0


# --- Dry run


def test_a_dry_run_says_what_a_run_would_and_changes_not_one_row(office: Office) -> None:
    run_day(office, date(2023, 3, 29))
    before, letters = contents(office), letters_in(office.settings.outbox)
    posted, rows = steps.foresee_notices(office, THURSDAY)
    assert contents(office) == before
    assert letters_in(office.settings.outbox) == letters
    foreseen = [(row.party, row.rung, row.on_day, row.unsaid) for row in rows]
    result = run_day(office, THURSDAY)
    assert (posted.notices, posted.messages, posted.days) == (result.notices, result.messages, result.days)
    with office.store.reading() as connection:
        said = board.notices_between(connection, THURSDAY, THURSDAY)
    assert foreseen == [(row.party, row.rung, row.on_day, row.unsaid) for row in said]


def test_a_dry_run_does_not_even_take_in_a_changed_directory(office: Office) -> None:
    before = contents(office)
    office.settings.directory.write_text(DIRECTORY.content.replace("单位L1", "新领导"), encoding="utf-8")
    with open_office(office.settings) as again:
        _, rows = steps.foresee_notices(again, NEXT_MONDAY)
    assert "新领导" in {row.party_name for row in rows}
    assert contents(office) == before


def test_a_dry_run_refuses_what_a_run_refuses(office: Office) -> None:
    run_day(office, THURSDAY)
    with pytest.raises(RunRefused, match="早于已处理到的日期"):
        steps.foresee_notices(office, MONDAY)


# --- One at a time

_HOLD_THE_LOCK = """
import sys
from config import clock
from models.store.engine import Store
from models.store.owners import run_lock
with run_lock(Store(sys.argv[1]), "daily", clock.now()):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_run(office: Office) -> Iterator["subprocess.Popen[str]"]:
    """A process in the middle of a daily run, until its input is closed."""
    command = [sys.executable, "-c", _HOLD_THE_LOCK, office.settings.database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_two_runs_at_once_are_refused_until_the_first_is_gone(office: Office) -> None:
    with another_run(office) as other:
        before = contents(office)
        with pytest.raises(RunRefused, match=f"另一次日常运行正在进行（进程 {other.pid}）"):
            run_day(office, THURSDAY)
        assert contents(office) == before
        other.kill()
        other.wait()
        assert run_day(office, THURSDAY).accepted == 5


def test_a_run_that_fails_does_not_keep_the_lock(office: Office) -> None:
    run_day(office, THURSDAY)
    with pytest.raises(RunRefused):
        run_day(office, MONDAY)
    with office.store.reading() as connection:
        assert connection.execute(select(LEASE)).all() == []


# --- A run's end


def test_a_run_is_closed_with_its_way_and_times(office: Office) -> None:
    run_day(office, THURSDAY)
    run_day(office, FRIDAY, deliver=False, via="test")
    with office.store.reading() as connection:
        runs = connection.execute(select(RUN).order_by(RUN.c.id)).mappings().all()
    assert [(run["on_day"], run["via"]) for run in runs] == [(THURSDAY, "direct"), (FRIDAY, "test")]
    for run in runs:
        assert run["finished_at"] >= run["started_at"]


# --- The brief


def test_the_brief_tells_who_heard_what_and_how_it_went(office: Office) -> None:
    run_day(office, THURSDAY)
    brief = steps.brief_of_day(office, THURSDAY)
    assert (brief.on, brief.rehearsal, brief.attention) == (THURSDAY, True, ())
    assert [(row.party, row.measure_no, row.due_on, row.days, row.fate) for row in brief.rows] == [
        ("单位D1", "1", date(2023, 3, 29), -1, "已送达"),
        ("单位S1", "1", date(2023, 3, 29), -1, "已送达"),
        ("单位S2", "1", date(2023, 3, 29), -1, "已送达"),
    ]
    counts = brief.counts
    assert (counts.notices, counts.messages, counts.accepted, counts.waiting) == (3, 3, 3, 0)


def test_the_brief_says_who_could_not_be_told(office: Office) -> None:
    readdress(office, "D1", NO_ADDRESS)
    with open_office(office.settings) as again:
        run_day(again, THURSDAY)
        brief = steps.brief_of_day(again, THURSDAY)
    assert [row.fate for row in brief.rows if row.party == "单位D1"] == ["未发：无通知地址"]
    assert brief.attention == ("没有通知地址，未能告知：单位D1。请另行通知，并在通讯录中补录地址。",)


def test_an_address_that_no_sender_serves_is_no_address_that_works(office: Office) -> None:
    """The general group hears of it where it matters; nothing is tried in vain."""
    readdress(office, "D1", ("telex://botkey",))
    with open_office(office.settings) as again:
        run_day(again, THURSDAY)
        brief = steps.brief_of_day(again, THURSDAY)
    assert [row.fate for row in brief.rows if row.party == "单位D1"] == ["未发：无通知地址"]


def test_what_is_said_late_stands_in_the_brief_of_the_day_it_is_said(office: Office) -> None:
    readdress(office, "D1", NO_ADDRESS)
    with open_office(office.settings) as without:
        run_day(without, THURSDAY)
    readdress(office, "D1", ("file:",))
    with open_office(office.settings) as again:
        run_day(again, FRIDAY)
        brief = steps.brief_of_day(again, FRIDAY)
    late = [(row.measure_no, row.stage, row.fate) for row in brief.rows if row.party == "单位D1"]
    assert (("1", Stage.ACCEPT, "已送达")) in late


def test_a_day_so_far_ahead_that_it_must_be_a_slip_is_refused(tmp_path: Path) -> None:
    with small_office(tmp_path) as office:
        take_in(office, Line("1"))
        hand_out(office, "1", date(2023, 3, 27))
        before = contents(office)
        with pytest.raises(RunRefused) as found:
            steps.run_day(office, date(2099, 1, 1))
        assert "一次不能处理这么多" in found.value.zh
        assert contents(office) == before
