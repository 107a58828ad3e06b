"""Clocks that were set, days without a run, and homes that are copies: nothing is said wrongly, early or twice."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text

from config import clock
from config.settings import load_settings
from flows.office import Office, open_office
from flows.steps import deliver_messages, run_day
from flows.trust import confirm_clock, take_over
from models.errors import ClockDoubted
from models.tables import HomeMode, MessageState
from tests.faults import copies as copies_of
from tests.faults.matrix_cases import ASKED, BELIEVED, HOME, SAME_DAYS, SENT_SINCE, TIME, Case
from tests.faults.office_under_fault import HIT, a_scene
from tests.handling_fixtures import CREW, GENERAL, Line, default_rules, hand_out, new_home, take_in
from tests.offices import Row, assigned_home, calendar, directory, letters_in, moved_home
from tests.outbox_fixtures import ON
from tests.smtp_sink import Fault, SmtpSink

HOURS = {"−1 h": -1, "+1 h": 1, "−3 d": -72, "+3 d": 72, "+400 d": 9600}
DAY = timedelta(days=1)
PORT = "MATRIX_RELAY_PORT"
"""Stands in the addresses of a home until there is a mail server."""
T = TypeVar("T")


def hours(case: Case) -> timedelta:
    """By how much the clock is wrong."""
    return timedelta(hours=HOURS[case.what.removeprefix("clock ")])


# Before a run


@pytest.fixture(scope="module")
def live_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A live home whose run of today was made, and that has something new to say since."""
    home = tmp_path_factory.mktemp("live") / "home"
    with open_office(new_home(home, HomeMode.LIVE, CREW)) as office:
        assign_one(office, "1")
        run_day(office, clock.today())
        assign_one(office, "2")
    return home


def assign_one(office: Office, no: str) -> None:
    take_in(office, Line(no, limit="2099年6月30日前", text=f"措施{no}"), on=clock.today())
    hand_out(office, no, clock.today())


def letters(office: Office) -> int:
    return sum(len(found) for found in letters_in(office.settings.outbox).values())


@pytest.mark.parametrize("case", [case for case in TIME if case.end in {BELIEVED, ASKED}], ids=str)
def test_a_clock_that_was_set_is_asked_about_before_anything_is_said(
    case: Case, live_home: Path, tmp_path: Path
) -> None:
    home = moved_home(live_home, tmp_path / "home")
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        said = letters(office)
        waiting = office_messages(office, MessageState.PLANNED)
        set_clock(office, hours(case))
        if case.end == ASKED:
            with pytest.raises(ClockDoubted):
                run_day(office, clock.today())
            assert (letters(office), office_messages(office, MessageState.PLANNED)) == (said, waiting)
            confirm_clock(office, GENERAL)
        run_day(office, clock.today())
        assert office_messages(office, case.state) == office_messages(office)
        assert letters(office) == said + waiting * case.copies


def set_clock(office: Office, by: timedelta) -> None:
    """As if the machine's clock had been set since the last run: that run is moved, not the clock."""
    moved = (clock.now() - by).strftime("%Y-%m-%d %H:%M:%S.%f")
    with office.store.writing() as connection:
        connection.execute(text("UPDATE run SET started_at = :at"), {"at": moved})


def office_messages(office: Office, state: MessageState | None = None) -> int:
    with office.store.reading() as connection:
        where, values = ("WHERE state = :state", {"state": state.value}) if state else ("", {})
        found: int = connection.execute(text(f"SELECT count(*) FROM message {where}"), values).scalar_one()
        return found


# While messages wait

ALL_DAY = 26
"""Deliveries, one an hour, after which a day is over."""


@pytest.mark.parametrize(
    "case", [case for case in TIME if "within a day" in case.end or "at most" in case.end], ids=str
)
def test_a_clock_that_was_set_while_a_message_waits_puts_it_off_for_a_day_at_most(case: Case) -> None:
    reply = "421 4.3.2 closing" if "channel" in case.when else "452 4.2.2 full"
    with SmtpSink(faults=[Fault("RCPT", reply, times=1)]) as sink, a_scene(mailboxes(sink), case.kind) as scene:
        right = scene.clock.now
        if "then put right" in case.when:
            scene.clock.now += hours(case)
            scene.deliver()
            scene.clock.now = right
        else:
            scene.deliver()
            scene.clock.now += hours(case)
        assert scene.box.state(HIT) is MessageState.RETRY_WAIT
        for _ in range(ALL_DAY):
            scene.clock.now += timedelta(hours=1)
            scene.deliver()
        row = scene.box.row(HIT)
        assert (row["state"], row["ambiguous"], copies(sink, row["header_id"])) == (
            case.state,
            case.doubts,
            case.copies,
        )


def mailboxes(sink: SmtpSink) -> Mapping[str, Sequence[str]]:
    return {code: (f"mailto://127.0.0.1:{sink.port}/?from=a@x.cn&to={code}@x.cn",) for code in ("D1", "D2")}


def copies(sink: SmtpSink, header_id: str) -> int:
    return [received.message_id for received in sink.received].count(header_id)


# Days without a run

FIRST = date(2023, 6, 1)
DUE = {Row(f"M{n}", f"D{n % 3 + 1}"): calendar().add_workdays(FIRST, 3 * n) for n in range(1, 12)}
Said = tuple[int, str, str, str]
"""A notice: clock, party, rung, and the day it is of."""


@pytest.fixture(scope="module")
def unserved_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without the rule that holds others back until the unit was told in an earlier run: another story."""
    folder = tmp_path_factory.mktemp("unserved")
    rules = folder / "rules.yaml"
    rules.write_text(default_rules((", served: unit", "")), encoding="utf-8")
    return assigned_home(folder / "office", DUE, FIRST, rules=rules).home


@pytest.mark.parametrize("case", [case for case in TIME if case.end == SAME_DAYS], ids=str)
def test_missed_days_are_made_up_for_in_order(case: Case, unserved_home: Path, tmp_path: Path) -> None:
    missed = int(case.what.split()[0])
    days = [calendar().add_workdays(FIRST, n) for n in range(1, missed + 2)]
    daily = decided_on(moved_home(unserved_home, tmp_path / "daily"), days)
    at_once = decided_on(moved_home(unserved_home, tmp_path / "once"), days[-1:])
    assert at_once.keys() == daily.keys()
    assert last_said(at_once) == last_said(daily)
    said = [key[:2] for key, is_said in at_once.items() if is_said]
    assert len(said) == len(set(said)), "one of several is said"
    with open_office(load_settings({"DUBAN_HOME": str(tmp_path / "once")})) as office:
        deliver_messages(office, days[-1])
        with office.store.reading() as connection:  # what people did is no news any more after a month
            states = set(connection.scalars(text("SELECT state FROM message WHERE run_id IS NOT NULL")))
        assert states == {case.state}
        assert letters(office) == office_messages(office, case.state) * case.copies


def decided_on(home: Path, days: Sequence[date]) -> Mapping[Said, bool]:
    """What runs on these days found to be due, and whether each was said."""
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        for day in days:
            run_day(office, day, deliver=False)
        with office.store.reading() as connection:
            rows = connection.execute(text(_NOTICES)).tuples()
            return {(clock_id, party, rung, on): bool(is_said) for clock_id, party, rung, on, is_said in rows}


def last_said(found: Mapping[Said, bool]) -> Mapping[tuple[int, str], Said]:
    """For each clock and party what was said last."""
    return {key[:2]: key for key in sorted(found, key=lambda key: key[3]) if found[key]}


_NOTICES = """
SELECT n.deadline_id, p.code, n.rung, n.on_day, n.unsaid IS NULL FROM notice n JOIN party p ON p.id = n.party_id"""


# Copies of a home


@pytest.fixture(scope="module")
def mail_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsal whose parties have mailboxes; the day is posted, and nothing was handed over."""
    address = f"mailto://127.0.0.1:${{{PORT}}}/?from=duban@example.cn&to="
    units = [replace(one, addresses=(f"{address}{one.code}@example.cn",)) for one in CREW.parties]
    home = assigned_home(tmp_path_factory.mktemp("mail"), {Row("M1", "D1"): date(2023, 6, 29)}, date(2023, 6, 21),
                         directory(*units)).home  # fmt: skip
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as office:
        run_day(office, ON, deliver=False)
    return home


@pytest.mark.parametrize("case", HOME, ids=str)
def test_a_copy_says_nothing_that_the_home_may_have_said(case: Case, mail_home: Path, tmp_path: Path) -> None:
    home, copy = moved_home(mail_home, tmp_path / "home"), tmp_path / "copy"
    with SmtpSink() as sink:
        shutil.copytree(home, copy)
        opened(home, sink, lambda office: deliver_messages(office, ON))
        said = len(sink.received)
        if case.what == "a backup put back":
            shutil.rmtree(home)
            shutil.move(copy, home)
            copy = home
        opened(copy, sink, lambda office: run_day(office, ON + DAY))
        opened(copy, sink, lambda office: take_over(office, GENERAL))
        opened(copy, sink, lambda office: deliver_messages(office, ON + DAY))
        found = opened(copy, sink, ends)
        assert len(sink.received) == said == len(found) * case.copies > 0
        assert set(found) == {(case.state, case.doubts)}
        if copy != home:
            assert opened(home, sink, lambda office: run_day(office, ON + DAY)).accepted > 0


@pytest.fixture(scope="module")
def posted_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copies_of.home_with_mailboxes(tmp_path_factory.mktemp("posted"))


@pytest.mark.parametrize("case", SENT_SINCE, ids=str)
def test_what_the_home_said_after_its_backup_is_never_said_again_unflagged(
    case: Case, posted_home: Path, tmp_path: Path
) -> None:
    """Of each message at most one copy, and one for each doubt on record, whichever home said it."""
    before, moves = (copies_of.REFUSED, True) if case.when.startswith("refused") else (copies_of.IN_DOUBT, False)
    with copies_of.Fickle() as sink:
        home = moved_home(posted_home, tmp_path / "home")
        ends = copies_of.put_back_and_taken_over(home, sink, before, moves=moves, asks=True)
    assert copies_of.breaches_of(ends) == []
    found = {(end.state, end.doubts, end.copies) for end in ends.values() if end.kind is case.kind}
    assert found == {(case.state, case.doubts, case.copies)}


def opened(home: Path, sink: SmtpSink, act: Callable[[Office], T]) -> T:
    with open_office(load_settings({"DUBAN_HOME": str(home), PORT: str(sink.port)})) as office:
        return act(office)


def ends(office: Office) -> Sequence[tuple[MessageState, int]]:
    """The state and the doubts of every message that was planned before the copy was made."""
    rows = text("SELECT state, ambiguous FROM message WHERE on_day <= :on")
    with office.store.reading() as connection:
        found = connection.execute(rows, {"on": str(ON)}).tuples()
        return [(MessageState(state), doubts) for state, doubts in found]
