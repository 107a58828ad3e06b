"""Which copy of a home hands over: the one that lives where it settled, and delivered nothing since."""

import shutil
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from models.errors import CopyRefused
from models.store.engine import Store
from models.store.home.beside import Beside, read_beside, write_beside
from models.store.home.site import (
    Lodger,
    Place,
    Standing,
    count_sitting,
    has_unfinished,
    move_in,
    place_of,
    standing,
    standing_at,
    take_over,
)
from models.tables import Home
from models.tables.core import HOME
from tests.outbox_fixtures import Outbox, an_outbox

MACHINE = "0123456789abcdef"


class Housed:
    """A home in a folder of its own: its outbox, and how it stands at any place."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox, self.store, self.folder = outbox, outbox.store, outbox.database.parent

    @property
    def place(self) -> Place:
        return place_of(MACHINE, self.folder, self.outbox.database)

    def stands(self) -> Standing:
        return self.standing_at(self.place)

    def standing_at(self, place: Place) -> Standing:
        with self.store.reading() as connection:
            return standing_at(connection, place)

    @property
    def row(self) -> Home:
        with self.store.reading() as connection:
            return Home(**connection.execute(HOME.select()).mappings().one())

    def move_in(self) -> None:
        with self.store.writing() as connection:
            move_in(connection, self.place)

    def put_back(self, backup: Path) -> None:
        """What an office does with a backup: the database as it was, over the one there is."""
        self.store.close()
        shutil.copy(backup, self.outbox.database)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Housed]:
    folder = tmp_path / "home"
    folder.mkdir()
    with an_outbox(folder) as outbox:
        housed = Housed(outbox)
        housed.move_in()
        yield housed


def backup_of(home: Housed, name: str = "backup.db") -> Path:
    return Path(shutil.copy(home.outbox.database, home.folder / name))


# --- The decision


@pytest.mark.parametrize(
    ("site", "beside", "found"),
    [
        ("here", None, Standing.RESIDENT),
        ("here", Beside("me", 4), Standing.RESIDENT),
        ("here", Beside("me", 5), Standing.RESIDENT),
        ("here", Beside("me", 6), Standing.OLDER),
        ("here", Beside("other", 1), Standing.REPLACED),
        ("there", None, Standing.ELSEWHERE),
        ("there", Beside("me", 5), Standing.ELSEWHERE),
        ("there", Beside("other", 9), Standing.ELSEWHERE),
    ],
)
def test_how_a_home_stands(site: str, beside: Beside | None, found: Standing) -> None:
    assert standing(Lodger("me", "here", 5), site, beside) is found
    assert found.is_copy is (found is not Standing.RESIDENT)


def test_machine_folder_and_database_each_make_another_place(tmp_path: Path) -> None:
    home, database = tmp_path / "home", tmp_path / "home" / "duban.db"
    places = {
        place_of(MACHINE, home, database).site,
        place_of("another", home, database).site,
        place_of(MACHINE, tmp_path / "copy", database).site,
        place_of(MACHINE, home, tmp_path / "trial.db").site,
    }
    assert len(places) == 4
    (tmp_path / "link").symlink_to(tmp_path)
    linked = tmp_path / "link" / "home"
    assert place_of(MACHINE, linked, linked / "duban.db") == place_of(MACHINE, home, database)


# --- A home and its copies


def test_a_home_that_moved_in_hands_over_and_its_copy_elsewhere_does_not(home: Housed, tmp_path: Path) -> None:
    count_sitting(home.store, home.place)
    assert home.stands() is Standing.RESIDENT
    before = read_beside(home.place.file)
    there = place_of(MACHINE, tmp_path / "copy", tmp_path / "copy" / "duban.db")
    assert home.standing_at(there) is Standing.ELSEWHERE
    with pytest.raises(CopyRefused, match="从别处复制或搬来") as refusal:
        count_sitting(home.store, there)
    assert "duban doctor --take-over --by" in refusal.value.cure
    assert read_beside(home.place.file) == before, "a copy never touches what lies beside the original"
    assert not there.file.exists()


def test_a_backup_put_back_is_an_older_state_once_there_was_a_delivery(home: Housed) -> None:
    backup = backup_of(home)
    home.put_back(backup)
    assert home.stands() is Standing.RESIDENT, "nothing was handed over since"
    count_sitting(home.store, home.place)
    home.put_back(backup)
    assert home.stands() is Standing.OLDER
    with pytest.raises(CopyRefused, match="较早的备份"):
        count_sitting(home.store, home.place)
    assert home.row.sitting == 0


def test_a_backup_made_while_a_delivery_went_on_is_an_older_state_after_it(home: Housed) -> None:
    count_sitting(home.store, home.place)
    backup = backup_of(home)
    count_sitting(home.store, home.place)
    home.put_back(backup)
    assert home.stands() is Standing.OLDER


def test_another_home_in_its_place_is_told(home: Housed) -> None:
    write_beside(home.place.file, Beside("somebody else", 0))
    assert home.stands() is Standing.REPLACED
    with pytest.raises(CopyRefused, match="后来有过另一个数据目录"):
        count_sitting(home.store, home.place)


def test_a_file_that_was_lost_is_made_again(home: Housed) -> None:
    count_sitting(home.store, home.place)
    home.place.file.unlink()
    assert home.stands() is Standing.RESIDENT
    count_sitting(home.store, home.place)
    assert read_beside(home.place.file) == Beside(home.row.instance, 2)


def test_killed_between_the_database_and_the_file_it_goes_on(home: Housed) -> None:
    """The database knows of one sitting more than the file; nothing was handed over yet."""
    count_sitting(home.store, home.place)
    with home.store.writing() as connection:
        connection.execute(text("UPDATE home SET sitting = sitting + 1"))
    assert home.stands() is Standing.RESIDENT
    count_sitting(home.store, home.place)
    assert read_beside(home.place.file) == Beside(home.row.instance, 3)


def test_deliveries_at_once_leave_the_file_at_the_last_number(home: Housed) -> None:
    def several() -> None:
        for _ in range(5):
            count_sitting(home.store, home.place)

    runners = [threading.Thread(target=several) for _ in range(4)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert home.row.sitting == 20
    assert read_beside(home.place.file) == Beside(home.row.instance, 20)


# --- Moving in


def test_taken_over_it_is_a_home_of_its_own_and_the_original_knows_nothing_of_it(home: Housed, tmp_path: Path) -> None:
    count_sitting(home.store, home.place)
    (tmp_path / "copy").mkdir()
    shutil.copy(home.outbox.database, tmp_path / "copy" / "duban.db")
    copy = Housed(Outbox(Store(f"sqlite:///{tmp_path / 'copy' / 'duban.db'}"), tmp_path / "copy" / "duban.db"))
    with copy.store.writing() as connection:
        take_over(connection, copy.place, date(2026, 10, 12))
    assert copy.stands() is home.stands() is Standing.RESIDENT
    mine, theirs = copy.row, home.row
    assert mine.instance != theirs.instance
    assert mine.message_key != theirs.message_key
    assert (mine.taken_over_on, theirs.taken_over_on) == (date(2026, 10, 12), None)
    copy.store.close()


def test_an_older_state_that_was_taken_over_is_the_only_one_that_hands_over(home: Housed) -> None:
    backup = backup_of(home)
    count_sitting(home.store, home.place)
    newest = backup_of(home, "newest.db")
    home.put_back(backup)
    with home.store.writing() as connection:
        take_over(connection, home.place, date(2026, 10, 12))
    assert home.stands() is Standing.RESIDENT
    count_sitting(home.store, home.place)
    for other in (backup, newest):
        home.put_back(other)
        assert home.stands() is Standing.REPLACED


def test_a_take_over_that_is_not_kept_leaves_a_copy(home: Housed) -> None:
    """The file is written before the commit: should that fail, nobody hands over, and it can be taken over again."""
    count_sitting(home.store, home.place)
    with pytest.raises(ZeroDivisionError), home.store.writing() as connection:
        take_over(connection, home.place, date(2026, 10, 12))
        raise ZeroDivisionError
    assert home.stands() is Standing.REPLACED


def test_a_delivery_is_counted_only_where_something_could_be_handed_over(home: Housed) -> None:
    with home.store.reading() as connection:
        assert not has_unfinished(connection)
    home.outbox.message()
    with home.store.reading() as connection:
        assert has_unfinished(connection)
