"""Live homes: a clock that was set is asked about, mornings without a run are told, copies decide but say nothing."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from config import clock
from config.settings import load_settings
from flows.office import Office, make_home, open_office
from flows.steps import brief_of_day, deliver_messages, run_day
from flows.trust import confirm_clock, doubt_of_clock, late_mornings, missing_run, take_over
from models.errors import ActionRefused, ClockDoubted, CopyRefused, UsageRefused
from models.leap import Leap
from models.store import board
from models.store.home.site import Standing
from models.tables import HomeMode, MessageState
from tests.handling_fixtures import CREW, GENERAL, UNIT, Line, contents, hand_out, new_home, small_office, take_in
from tests.offices import letters_in, moved_home

HOUR, DAY = 3600.0, 86400.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A live home with one measure, assigned today, whose daily run was made."""
    home = tmp_path_factory.mktemp("made") / "home"
    with open_office(new_home(home, HomeMode.LIVE, CREW)) as found:
        assign_one(found, "1")
        run_day(found, clock.today())
    return home


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Iterator[Office]:
    """That home, for one test alone."""
    with open_office(load_settings({"DUBAN_HOME": str(moved_home(made, tmp_path / "home"))})) as found:
        yield found


def assign_one(office: Office, no: str) -> None:
    """A measure that is due far ahead is assigned today: its unit and lead must hear of it."""
    take_in(office, Line(no, limit=f"{clock.today().year + 1}年12月31日前", text=f"措施{no}"), on=clock.today())
    hand_out(office, no, clock.today())


def calendar_went(office: Office, seconds: float, boot: str | None = None) -> None:
    """As if the calendar's clock had gone so far since the last run; `boot`: in another boot of the machine."""
    with office.store.writing() as connection:
        moved = (clock.now() - timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")
        connection.execute(
            text("UPDATE run SET started_at = :at, boot = coalesce(:boot, boot)"), {"at": moved, "boot": boot}
        )


def states(office: Office) -> set[MessageState]:
    with office.store.reading() as connection:
        return {message.state for message in board.messages(connection)}


# --- The clock


def test_a_run_notes_the_machines_time(office: Office) -> None:
    with office.store.reading() as connection:
        boot, uptime = connection.execute(text("SELECT boot, uptime_s FROM run")).one()
    now = clock.uptime_s()
    assert now is not None
    assert boot == clock.boot_id() != ""
    assert 0 <= now - uptime < 60
    assert doubt_of_clock(office) is None


@pytest.mark.parametrize(
    ("calendar", "leap"), [(3 * DAY, Leap.FORWARD), (400 * DAY, Leap.FORWARD), (-3 * DAY, Leap.BACK)]
)
def test_a_clock_that_was_set_lets_nothing_be_decided_or_sent(office: Office, calendar: float, leap: Leap) -> None:
    assign_one(office, "2")
    calendar_went(office, calendar)
    before = contents(office)
    with pytest.raises(ClockDoubted, match="本机的时钟被改动过") as refusal:
        run_day(office, clock.today())
    with pytest.raises(ClockDoubted):
        deliver_messages(office, clock.today())
    found = doubt_of_clock(office)
    assert found and found.leap is leap
    assert "duban daily --clock-is-right --by" in refusal.value.cure
    assert contents(office) == before


@pytest.mark.parametrize("calendar", [HOUR, -HOUR, 0.0])
def test_an_hour_is_put_right_without_a_question(office: Office, calendar: float) -> None:
    calendar_went(office, calendar)
    assert doubt_of_clock(office) is None


@pytest.mark.parametrize("days", [1, 3, 30])
def test_a_machine_that_was_off_catches_up_without_a_question(office: Office, days: int) -> None:
    calendar_went(office, days * DAY, "an earlier boot")
    assert doubt_of_clock(office) is None
    assert run_day(office, clock.today()).on == clock.today()


def test_a_machine_that_was_off_for_very_long_is_asked_about(office: Office) -> None:
    calendar_went(office, 400 * DAY, "an earlier boot")
    with pytest.raises(ClockDoubted, match="距上次运行已有400天"):
        run_day(office, clock.today())


def test_a_person_confirms_the_clock_and_the_run_goes_on(office: Office) -> None:
    assign_one(office, "2")
    calendar_went(office, 3 * DAY)
    with pytest.raises(ActionRefused):
        confirm_clock(office, UNIT)
    confirm_clock(office, GENERAL)
    assert doubt_of_clock(office) is None
    assert run_day(office, clock.today()).accepted > 0


def test_what_was_confirmed_holds_until_the_clock_is_set_again(office: Office) -> None:
    calendar_went(office, 3 * DAY)
    confirm_clock(office, GENERAL)
    with office.store.writing() as connection:
        connection.execute(text("DROP TRIGGER event_no_update"))
        payload = "json_set(payload, '$.uptime_s', json_extract(payload, '$.uptime_s') - 86400.0)"
        connection.execute(text(f"UPDATE event SET payload = {payload} WHERE action = 'clock_confirmed'"))
    found = doubt_of_clock(office)
    assert found and found.leap is Leap.BACK


def test_a_clock_nobody_doubts_needs_no_confirmation(office: Office) -> None:
    before = contents(office)
    confirm_clock(office, GENERAL)
    assert contents(office) == before


def test_in_a_rehearsal_people_set_the_day(tmp_path: Path) -> None:
    with small_office(tmp_path, CREW) as office:
        assign_one(office, "1")
        run_day(office, clock.today())
        calendar_went(office, 400 * DAY)
        assert doubt_of_clock(office) is None
        with pytest.raises(UsageRefused, match="演练环境不核对"):
            confirm_clock(office, GENERAL)


# --- Mornings


def morning(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of the office's day."""
    here = clock.in_office(datetime(day.year, day.month, day.day, 4, tzinfo=clock.now().tzinfo))
    return here.replace(hour=hour, minute=minute)


def finish(office: Office, day: date, at: datetime | None) -> None:
    """A run for that day that finished at that moment, or did not."""
    with office.store.writing() as connection:
        values = {"day": str(day), "at": at and at.astimezone(clock.now().tzinfo).strftime("%Y-%m-%d %H:%M:%S.%f")}
        connection.execute(text("UPDATE run SET on_day = :day, finished_at = :at"), values)


WEDNESDAY, THURSDAY, FRIDAY = date(2026, 9, 16), date(2026, 9, 17), date(2026, 9, 18)
SUNDAY_WORKED, REST = date(2026, 9, 20), date(2026, 9, 19)


@pytest.mark.parametrize(
    ("run", "now", "missing"),
    [
        (morning(WEDNESDAY, 8, 31), morning(THURSDAY, 9, 59), None),
        (morning(WEDNESDAY, 8, 31), morning(THURSDAY, 10), THURSDAY),
        (morning(THURSDAY, 16), morning(THURSDAY, 17), None),
        (morning(FRIDAY, 8, 31), morning(REST, 17), None),
        (morning(FRIDAY, 8, 31), morning(SUNDAY_WORKED, 17), SUNDAY_WORKED),
        (None, morning(WEDNESDAY, 10), WEDNESDAY),
    ],
)
def test_a_run_is_missing_on_a_working_day_from_ten_on(
    office: Office, run: datetime | None, now: datetime, missing: date | None
) -> None:
    finish(office, run.date() if run else WEDNESDAY, run)
    assert missing_run(office, now) == missing


def test_no_run_is_missing_where_nothing_runs_yet_nor_in_a_rehearsal(tmp_path: Path) -> None:
    with open_office(new_home(tmp_path / "live", HomeMode.LIVE, CREW)) as office:
        assert missing_run(office, morning(THURSDAY, 17)) is None
    with small_office(tmp_path, CREW) as office:
        assign_one(office, "1")
        assert missing_run(office, morning(THURSDAY, 17)) is None


def test_the_brief_tells_of_each_morning_since_the_last_run(office: Office) -> None:
    finish(office, WEDNESDAY, morning(WEDNESDAY, 8, 31))
    with office.store.reading() as connection:
        told = [late_mornings(connection, office, SUNDAY_WORKED, morning(SUNDAY_WORKED, hour)) for hour in (8, 11)]
    assert told[0].startswith("2026-09-17、2026-09-18没有在10时前完成日常运行。")
    assert told[1].startswith("2026-09-17、2026-09-18、2026-09-20没有在10时前完成日常运行。")


def test_the_line_stands_first_among_what_needs_a_person(office: Office) -> None:
    before = clock.today() - timedelta(days=9)
    finish(office, before, morning(before, 8, 31))
    run_day(office, clock.today())
    assert "没有在10时前完成日常运行" in brief_of_day(office, clock.today()).attention[0]


def test_a_first_run_has_no_mornings_before_it(office: Office) -> None:
    with office.store.reading() as connection:
        assert late_mornings(connection, office, clock.today(), clock.now()) == ""


# --- Copies


def test_a_copy_decides_and_records_and_hands_nothing_over(office: Office, tmp_path: Path) -> None:
    assign_one(office, "2")
    shutil.copytree(office.settings.home, tmp_path / "copy")
    with open_office(load_settings({"DUBAN_HOME": str(tmp_path / "copy")})) as copy:
        letters = letters_in(copy.settings.outbox)
        result = run_day(copy, clock.today())
        assert copy.standing is Standing.ELSEWHERE
        assert (result.accepted, "从别处复制或搬来" in result.held_back) == (0, True)
        assert letters_in(copy.settings.outbox) == letters
        assert MessageState.PLANNED in states(copy)
        with pytest.raises(CopyRefused):
            deliver_messages(copy, clock.today())
    assert run_day(office, clock.today()).accepted > 0, "the original goes on"
    assert not (tmp_path / ".copy.duban-sitting").exists()


def test_taken_over_it_hands_over_what_comes_after(office: Office, tmp_path: Path) -> None:
    assign_one(office, "2")
    shutil.copytree(office.settings.home, tmp_path / "copy")
    settings = load_settings({"DUBAN_HOME": str(tmp_path / "copy")})
    with open_office(settings) as copy:
        assert take_over(copy, GENERAL) > 0
    with open_office(settings) as copy:
        key = office.home.message_key
        assert copy.home.message_key != key
        assign_one(copy, "3")
        assert deliver_messages(copy, clock.today()).accepted > 0
        assert states(copy) == {MessageState.ACCEPTED, MessageState.UNKNOWN}


def test_a_backup_put_back_says_nothing_until_it_is_taken_over(office: Office, tmp_path: Path) -> None:
    home = office.settings.home
    shutil.copytree(home, tmp_path / "backup")
    assign_one(office, "2")
    run_day(office, clock.today())
    office.store.close()
    shutil.rmtree(home)
    shutil.copytree(tmp_path / "backup", home)
    with open_office(load_settings({"DUBAN_HOME": str(home)})) as back:
        assert back.standing is Standing.OLDER
        assign_one(back, "3")
        assert "较早的备份" in run_day(back, clock.today()).held_back
        assert take_over(back, GENERAL) > 0
        assert not back.standing.is_copy


def test_a_delivery_that_breaks_off_is_counted_at_its_end_all_the_same(office: Office) -> None:
    def sitting() -> int:
        with office.store.reading() as connection:
            return int(connection.execute(text("SELECT sitting FROM home")).scalar_one())

    assign_one(office, "2")
    before = sitting()
    with pytest.raises(KeyboardInterrupt), office.sitting():
        assert sitting() == before + 1
        raise KeyboardInterrupt
    assert sitting() == before + 2


def test_a_copy_with_nothing_to_say_is_one_all_the_same(office: Office, tmp_path: Path) -> None:
    shutil.copytree(office.settings.home, tmp_path / "copy")
    with (
        open_office(load_settings({"DUBAN_HOME": str(tmp_path / "copy")})) as copy,
        pytest.raises(CopyRefused),
    ):
        deliver_messages(copy, clock.today())


def test_a_rehearsal_that_keeps_its_letters_lives_wherever_it_is_opened(tmp_path: Path) -> None:
    """Nothing of it can be said twice outside, so that a sample may be moved and copied at will."""
    with small_office(tmp_path, CREW) as office:
        assign_one(office, "1")
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    with open_office(load_settings({"DUBAN_HOME": str(tmp_path / "copy")})) as copy:
        assert copy.standing is Standing.RESIDENT
        with pytest.raises(UsageRefused, match="不是副本"):
            take_over(copy, GENERAL)
        assert deliver_messages(copy, clock.today()).accepted > 0
        assert (tmp_path / ".copy.duban-sitting").exists()


def test_a_rehearsal_with_mailboxes_does_not(tmp_path: Path) -> None:
    with small_office(tmp_path, CREW) as office:
        assign_one(office, "1")
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    names = tmp_path / "copy" / "directory.yaml"
    names.write_text(CREW.content.replace("file:", "mailto://127.0.0.1:9/?from=a@x.cn&to=b@x.cn", 1), encoding="utf-8")
    with (
        open_office(load_settings({"DUBAN_HOME": str(tmp_path / "copy")})) as copy,
        pytest.raises(CopyRefused),
    ):
        deliver_messages(copy, clock.today())


def test_a_home_from_before_there_were_sites_takes_one_when_it_is_opened(office: Office, tmp_path: Path) -> None:
    with office.store.writing() as connection:
        connection.execute(text("UPDATE home SET instance = '', site = '', sitting = 0"))
    assign_one(office, "2")
    with open_office(office.settings) as again:
        assert again.standing is Standing.RESIDENT
        assert deliver_messages(again, clock.today()).accepted > 0


def test_a_new_home_in_the_place_of_an_old_one_is_none_of_its_copies(office: Office, tmp_path: Path) -> None:
    shutil.move(office.settings.home, tmp_path / "old")
    make_home(office.settings, HomeMode.LIVE, tmp_path / "old" / "directory.yaml")
    with open_office(office.settings) as new:
        assert new.standing is Standing.RESIDENT
        assign_one(new, "1")
        assert run_day(new, clock.today()).accepted > 0
    shutil.rmtree(office.settings.home)
    shutil.move(tmp_path / "old", office.settings.home)
    with open_office(office.settings) as back:
        assert back.standing is Standing.REPLACED
