"""The home that every trial begins with: the morning of a day on which messages of every kind are to be said.

Made once and kept aside; a trial gets it back at one and the same place, so that no trial runs in a copy, with a key
of its own, so that no two trials have a Message-ID in common. It lies in memory where that can be: what kill -9
leaves does not depend on the disk.
"""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from sqlmodel import Session, select

from config import clock
from config.calendars import load_calendar
from config.directory import load_directory
from config.policy import load_policy
from config.settings import Settings, load_settings
from flows.office import Office, open_office
from flows.steps import run_day
from models.directory import Directory
from models.handling.case import By
from models.handling.extension import ask_extension
from models.ladder import Policy
from models.lifecycle import Role
from models.store.engine import Store
from models.tables import Home
from models.workdays import WorkCalendar
from notifications.packing import Desk
from notifications.senders.pool import Senders
from notifications.words.wording import Writer
from tests.faults.processes import RunFailedError
from tests.offices import Row, assigned_home, directory, party

ASSIGNED, EVE, DAY, NEXT = date(2023, 6, 20), date(2023, 6, 25), date(2023, 6, 26), date(2023, 6, 27)
DUE = {Row("M1", "D1"): date(2023, 6, 29), Row("M2", "D2"): date(2023, 6, 25)}
"""One measure three working days before its date: a reminder. One late since yesterday: that goes up."""
ROLES = {
    "D1": Role.UNIT, "D2": Role.UNIT, "L1": Role.LEAD, "G1": Role.GENERAL, "S1": Role.SUPERVISION,
    "A1": Role.ACCOUNTABILITY, "H1": Role.HEAD,
}  # fmt: skip
PORT, TOKEN = "FAULTS_PORT", "FAULTS_TOKEN"
"""Stand in the addresses: each server has a port of its own, each trial a token, and the directory stays as it is."""
MAIL = {code: f"mailto://127.0.0.1:${{{PORT}}}/?from=duban@example.cn&to={code}@example.cn" for code in ROLES}
ROBOTS = {
    **dict.fromkeys(ROLES, f"json://127.0.0.1:${{{PORT}}}/hook/${{{TOKEN}}}"),
    "D1": f"wecombot://${{{TOKEN}}}", "D2": f"dingtalk://${{{TOKEN}}}", "S1": f"feishu://${{{TOKEN}}}",
}  # fmt: skip
"""Every kind of robot and webhook, where channels.yaml says they are."""
_CHANNELS = """
webhook_hosts: ["127.0.0.1:{port}"]
robots: {{wecom: "http://127.0.0.1:{port}", dingtalk: "http://127.0.0.1:{port}", feishu: "http://127.0.0.1:{port}"}}
smtp: {{connections: 4}}
"""
MEMORY = Path("/dev/shm")


def scratch() -> Path | None:
    """Where trials keep their files: in memory; None leaves it to the system."""
    return MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None


@dataclass(frozen=True, slots=True)
class Warmth:
    """What a trial need not read again, since no trial changes it."""

    policy: Policy
    calendar: WorkCalendar
    directory: Directory
    writer: Writer


def connected(outbox: Path) -> Senders:
    """Senders that may use several connections to a relay."""
    return Senders(outbox, connections=4)


@dataclass(frozen=True)
class WarmOffice(Office):
    """An office whose files were read before, and whose outbox lives `ahead` of the clock: retries are due at once.

    `senders` are those that it delivers with.
    """

    warmth: Warmth = field(kw_only=True)
    ahead: timedelta = timedelta()
    senders: Callable[[Path], Senders] = connected

    def __post_init__(self) -> None:
        warm = {
            "policy": self.warmth.policy,
            "calendar": self.warmth.calendar,
            "_directory_file": self.warmth.directory,
        }
        self.__dict__.update(warm)  # where cached_property looks first

    @contextmanager
    def delivering(self) -> Iterator[Desk]:
        with closing(self.senders(self.settings.outbox)) as senders:
            yield Desk(
                store=self.store, directory=self.directory, calendar=self.calendar, writer=self.warmth.writer,
                senders=senders, env=self.settings.env, key=bytes.fromhex(self.home.message_key),
                domain=self.home.message_domain, rehearsal=self.rehearsal, clock=lambda: clock.now() + self.ahead,
                channels=self.channels,
            )  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """A folder for a home, and the same folder as it was made. `done`: the newest message that was said before."""

    folder: Path
    kept: Path
    done: int

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def restore(self) -> None:
        """The home as it was made, but for its key."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.kept, self.folder)
        with closing(sqlite3.connect(self.home / "duban.db")) as raw, raw:
            raw.execute("UPDATE home SET message_key = ?", (secrets.token_hex(32),))
        self._token_file.write_text(secrets.token_hex(16))

    def point_to(self, port: int) -> None:
        """From the next `restore` on the robots are at this port."""
        (self.kept / "home" / "channels.yaml").write_text(_CHANNELS.format(port=port))

    @property
    def token(self) -> str:
        """Of this trial's robots."""
        return self._token_file.read_text()

    @property
    def _token_file(self) -> Path:
        return self.folder / "token"

    def settings(self, port: int) -> Settings:
        return load_settings({"DUBAN_HOME": str(self.home), PORT: str(port), TOKEN: self.token})

    @contextmanager
    def office(
        self, port: int, ahead: timedelta = timedelta(), senders: Callable[[Path], Senders] = connected
    ) -> Iterator[WarmOffice]:
        """The home, opened as `open_office` does, without reading again what no trial changes."""
        settings = self.settings(port)
        store = Store(settings.database_url)
        try:
            with store.reading() as connection, Session(connection) as session:
                home = session.exec(select(Home)).one()
            yield WarmOffice(settings, store, home, warmth=warmth(self.kept), ahead=ahead, senders=senders)
        finally:
            store.close()


@cache
def warmth(kept: Path) -> Warmth:
    settings = load_settings({"DUBAN_HOME": str(kept / "home")})
    calendar = load_calendar(None)
    return Warmth(load_policy(settings.policy, calendar), calendar, load_directory(settings.directory), Writer())


def prepare(folder: Path, port: int, addresses: Mapping[str, str] = MAIL) -> Prepared:
    """Makes the home in `folder`/office: the eve's run is done and its messages are out of the way; a unit has asked
    for an extension since, which nobody was told yet. `port`: of whoever takes the eve's messages."""
    found = directory(*(party(code, role, addresses=(addresses[code],)) for code, role in ROLES.items()))
    prepared = Prepared(folder / "office", folder / "kept", 0)
    assigned_home(prepared.folder, DUE, ASSIGNED, found)
    (prepared.folder / "token").write_text(secrets.token_hex(16))
    (prepared.home / "channels.yaml").write_text(_CHANNELS.format(port=port))
    with open_office(prepared.settings(port)) as office:
        _play_the_eve(office)
        done = count_messages(prepared.home)
        with office.acting(DAY) as (session, ground):
            ask_extension(session, ground, "M1", By("d1-a", reason="等候批复"), date(2023, 7, 10))
    shutil.copytree(prepared.folder, prepared.kept)
    warmth(prepared.kept)
    return Prepared(prepared.folder, prepared.kept, done)


def _play_the_eve(office: Office) -> None:
    try:
        run_day(office, EVE)
    except Exception as error:
        raise RunFailedError(f"the eve's run fails: {error}") from error


def count_messages(home: Path) -> int:
    with closing(sqlite3.connect(home / "duban.db")) as raw:
        count: int = raw.execute("SELECT count(*) FROM message").fetchone()[0]
        return count
