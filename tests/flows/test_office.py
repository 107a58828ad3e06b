"""An office wired: how a home is made and what is refused, which day it works on, and one transaction an action."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from config import clock
from config.policy import DEFAULT_POLICY
from config.settings import Settings, load_settings
from flows.office import make_home, open_office
from models.errors import (
    CalendarRefused,
    DirectoryRefused,
    DubanError,
    HomeError,
    PolicyRefused,
    RunRefused,
    UsageRefused,
)
from models.store.board import measures
from models.store.engine import SCHEMA_HEAD, Store
from models.tables import HomeMode
from models.tables.core import PARTY
from tests.handling_fixtures import DIRECTORY, Line, new_home, take_in

FOREIGN_DATABASES = ("postgresql://localhost/duban", "nonsense", "sqlite://", "sqlite:///:memory:", "oracle+x://h/d")


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "given.yaml"
    path.write_text(DIRECTORY.content, encoding="utf-8")
    return path


def settings_of(home: Path, **env: str) -> Settings:
    return load_settings({"DUBAN_HOME": str(home), **env})


def make(settings: Settings, directory: Path, policy: Path = DEFAULT_POLICY) -> None:
    make_home(settings, HomeMode.REHEARSAL, directory, policy)


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Files with what they hold; None for a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


# --- Making a home


def test_a_new_home_holds_what_it_was_given_and_an_empty_ledger(tmp_path: Path, given: Path) -> None:
    settings = settings_of(tmp_path / "deep" / "home")
    make(settings, given)
    assert settings.directory.read_bytes() == given.read_bytes()
    assert settings.policy.read_bytes() == DEFAULT_POLICY.read_bytes()
    with open_office(settings) as office:
        assert office.rehearsal
        assert (office.directory.digest, office.policy.name) == (DIRECTORY.digest, "默认阶梯")
        with office.store.reading() as connection:
            assert measures(connection) == []


def test_two_homes_never_share_the_key_of_their_message_ids(tmp_path: Path, given: Path) -> None:
    keys = set()
    for name in ("one", "two"):
        make(settings_of(tmp_path / name), given)
        with open_office(settings_of(tmp_path / name)) as office:
            keys.add(bytes.fromhex(office.home.message_key))
    assert [len(key) for key in keys] == [32, 32]


def test_an_empty_folder_may_become_a_home(tmp_path: Path, given: Path) -> None:
    (tmp_path / "home").mkdir()
    make(settings_of(tmp_path / "home"), given)
    assert settings_of(tmp_path / "home").database.is_file()


def a_file(place: Path) -> None:
    place.write_text("x", encoding="utf-8")


def a_full_folder(place: Path) -> None:
    place.mkdir()
    (place / "别人的文件.txt").write_text("x", encoding="utf-8")


def a_hidden_file_only(place: Path) -> None:
    place.mkdir()
    (place / ".hidden").touch()


@pytest.mark.parametrize(
    ("what", "why"),
    [(a_file, "不是目录，未作任何改动"), (a_full_folder, "不是空目录"), (a_hidden_file_only, "不是空目录")],
    ids=lambda found: getattr(found, "__name__", ""),
)
def test_what_is_in_the_way_stays_as_it_is(tmp_path: Path, given: Path, what: Callable[[Path], None], why: str) -> None:
    what(tmp_path / "home")
    before = everything_in(tmp_path)
    with pytest.raises(HomeError, match=why) as refusal:
        make(settings_of(tmp_path / "home"), given)
    assert "DUBAN_HOME" in refusal.value.cure
    assert everything_in(tmp_path) == before


def test_a_home_that_is_there_already_is_not_made_again(tmp_path: Path, given: Path) -> None:
    make(settings_of(tmp_path / "home"), given)
    before = everything_in(tmp_path)
    with pytest.raises(HomeError, match="不是空目录"):
        make(settings_of(tmp_path / "home"), given)
    assert everything_in(tmp_path) == before


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, given: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeError, match=r"无法在“.*/file/home”中写入") as refusal:
        make(settings_of(tmp_path / "file" / "home"), given)
    assert "写权限" in refusal.value.cure


@pytest.mark.parametrize("was_there", [False, True])
def test_a_home_that_cannot_be_finished_leaves_nothing(tmp_path: Path, given: Path, was_there: bool) -> None:
    """The database belongs to another home, which is seen only once the folder was made."""
    make(settings_of(tmp_path / "first"), given)
    home = tmp_path / "second"
    if was_there:
        home.mkdir()
    before = everything_in(tmp_path)
    with pytest.raises(UsageRefused, match="已属于另一个环境"):
        make(settings_of(home, DUBAN_DATABASE_URL=f"sqlite:///{tmp_path / 'first' / 'duban.db'}"), given)
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("url", FOREIGN_DATABASES)
def test_a_database_that_is_no_file_of_ours_makes_no_home(tmp_path: Path, given: Path, url: str) -> None:
    with pytest.raises(HomeError, match="数据库地址不能用") as refusal:
        make(settings_of(tmp_path / "home", DUBAN_DATABASE_URL=url), given)
    assert "DUBAN_DATABASE_URL" in refusal.value.cure
    assert not (tmp_path / "home").exists()


def test_directory_and_policy_are_read_before_anything_is_made(tmp_path: Path, given: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("parties: []", encoding="utf-8")
    with pytest.raises(DirectoryRefused):
        make(settings_of(tmp_path / "home"), broken)
    with pytest.raises(PolicyRefused):
        make(settings_of(tmp_path / "home"), given, policy=broken)
    with pytest.raises(DirectoryRefused):
        make(settings_of(tmp_path / "home"), tmp_path)
    assert not (tmp_path / "home").exists()


# --- Opening a home


def test_where_there_is_no_home_init_is_the_cure(tmp_path: Path) -> None:
    with (
        pytest.raises(HomeError, match="还不是 duban 的数据目录") as refusal,
        open_office(settings_of(tmp_path / "no")),
    ):
        pass
    assert "duban init" in refusal.value.cure
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("place", ["file", "file/home"])
def test_a_file_is_no_home(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeError, match="还不是"), open_office(settings_of(tmp_path / place)):
        pass


def test_a_home_without_its_database_is_none(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    settings.database.unlink()
    with pytest.raises(HomeError, match="还不是"), open_office(settings):
        pass
    assert not settings.database.exists()


def test_a_database_that_nobody_filled_is_half_a_home(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    settings.database.write_bytes(b"")
    with pytest.raises(HomeError, match="初始化可能未完成"), open_office(settings):
        pass


def test_a_database_of_a_newer_duban_is_left_alone(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    store = Store(settings.database_url)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    before = settings.database.read_bytes()
    with pytest.raises(HomeError, match=f"结构版本 9999.*只认识到 {SCHEMA_HEAD}") as refusal, open_office(settings):
        pass
    assert "升级 duban" in refusal.value.cure
    assert settings.database.read_bytes() == before


@pytest.mark.parametrize("url", FOREIGN_DATABASES)
def test_a_database_that_is_no_file_of_ours_is_not_opened(tmp_path: Path, url: str) -> None:
    new_home(tmp_path / "home")
    settings = settings_of(tmp_path / "home", DUBAN_DATABASE_URL=url)
    with pytest.raises(HomeError, match="数据库地址不能用"), open_office(settings):
        pass


def test_a_database_elsewhere_is_opened_there(tmp_path: Path, given: Path) -> None:
    settings = settings_of(tmp_path / "home", DUBAN_DATABASE_URL=f"sqlite:///{tmp_path / 'elsewhere.db'}")
    make(settings, given)
    assert not settings.database.exists()
    with open_office(settings) as office:
        assert take_in(office, Line("1")).measures == 1
    assert (tmp_path / "elsewhere.db").is_file()


def test_a_broken_file_is_told_when_it_is_needed_and_not_before(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    settings.policy.write_text("stages: {complete: {limit: soon}}", encoding="utf-8")
    settings.directory.unlink()
    settings.calendar.write_text("- 元旦", encoding="utf-8")
    with open_office(settings) as office:
        for read, error in ((lambda: office.directory, DirectoryRefused), (lambda: office.calendar, CalendarRefused)):
            with pytest.raises(error):
                read()
    settings.calendar.unlink()
    with open_office(settings) as office, pytest.raises(PolicyRefused):
        _ = office.policy


# --- Which day


def test_in_a_rehearsal_the_day_asked_for_goes_before_the_environments_and_that_before_the_clock(
    tmp_path: Path,
) -> None:
    asked, set_day = date(2023, 6, 26), date(2023, 6, 1)
    new_home(tmp_path / "home")
    with open_office(settings_of(tmp_path / "home", DUBAN_TODAY=set_day.isoformat())) as office:
        assert (office.day(asked), office.day(None)) == (asked, set_day)
    with open_office(settings_of(tmp_path / "home")) as office:
        assert (office.day(asked), office.day(None)) == (asked, clock.today())


@pytest.mark.parametrize(("away", "when"), [(1, "还没有到"), (-1, "已经过去"), (30, "还没有到"), (-30, "已经过去")])
@pytest.mark.parametrize("said_by", ["the command", "the environment"])
def test_a_live_home_knows_only_today(tmp_path: Path, away: int, when: str, said_by: str) -> None:
    day = clock.today() + timedelta(days=away)
    env = {"DUBAN_TODAY": day.isoformat()} if said_by == "the environment" else {}
    with open_office(new_home(tmp_path / "home", HomeMode.LIVE, DIRECTORY, "", **env)) as office:
        with pytest.raises(RunRefused, match=f"{day} {when}；正式环境只能办理今天") as refusal:
            office.day(None if env else day)
        assert "duban init --rehearsal" in refusal.value.cure


def test_today_may_be_said_to_a_live_home(tmp_path: Path) -> None:
    today = clock.today()
    with open_office(new_home(tmp_path / "home", HomeMode.LIVE, DUBAN_TODAY=today.isoformat())) as office:
        assert (office.day(None), office.day(today), office.rehearsal) == (today, today, False)


# --- One transaction


def test_parties_follow_the_directory_at_each_action(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    for name in ("单位D2", "新名称"):
        settings.directory.write_text(DIRECTORY.content.replace("单位D2", name), encoding="utf-8")
        with open_office(settings) as office, office.acting(date(2023, 3, 27)) as (session, _):
            known = session.connection().scalars(PARTY.select().with_only_columns(PARTY.c.name)).all()
        assert name in known


def test_an_action_that_is_refused_is_taken_back_whole(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    before = shutil.copy(settings.database, tmp_path / "before.db")
    with (
        open_office(settings) as office,
        pytest.raises(DubanError),
        office.acting(date(2023, 3, 27)) as (session, _),
    ):
        session.connection().execute(text("UPDATE home SET message_domain = 'changed.local'"))
        raise DubanError("不办了。")
    assert settings.database.read_bytes() == Path(before).read_bytes()
