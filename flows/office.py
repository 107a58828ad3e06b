"""An office, wired: settings, store, directory, policy, calendar, delivery. No Prefect here.

Opened once a command or flow run. Loads what the home says, brings the schema up to date, and knows which day it is.
Apprise, Jinja2 and the senders are loaded only when something is delivered.
"""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session, select

from config import clock
from config.calendars import load_calendar
from config.channels import Channels, load_channels
from config.directory import load_directory
from config.logs import logged
from config.machine import machine_id
from config.policy import DEFAULT_POLICY, load_policy
from config.secrets import striker_of_all
from config.settings import Settings, load_settings
from flows.announcing import Announcer, Related
from flows.prefect_settings import api_url
from models.directory import Directory
from models.errors import HomeError, RunRefused, UsageRefused
from models.evidence import HandedIn, StagedFile, staged
from models.handling.case import Ground
from models.ladder import Policy
from models.store.board import last_action_day
from models.store.engine import Store
from models.store.events import last_seq, since
from models.store.home import site
from models.store.home.beside import remove_beside
from models.store.home.site import Place, Standing, place_of
from models.store.parties import stand_in_terms, sync_parties
from models.store.posting import Basis, watermark
from models.tables import Home, HomeMode
from models.workdays import WorkCalendar
from notifications.addresses import Channel, channel_of, is_served

if TYPE_CHECKING:
    from notifications.packing import Desk

MESSAGE_DOMAIN = "duban.local"
"""The right side of Message-IDs. It names no host: it only keeps them apart from other systems' ids."""


@dataclass(frozen=True)
class Office:
    """Everything a use case or a step of the daily run needs, of one home. `announcer` tells others what was done."""

    settings: Settings
    store: Store
    home: Home
    announcer: Announcer = field(default_factory=lambda: Announcer(lambda: None, {}))

    @property
    def rehearsal(self) -> bool:
        return self.home.mode is HomeMode.REHEARSAL

    @cached_property
    def calendar(self) -> WorkCalendar:
        overlay = self.settings.calendar
        return load_calendar(overlay if overlay.exists() else None)

    @cached_property
    def policy(self) -> Policy:
        return load_policy(self.settings.policy, self.calendar)

    @cached_property
    def channels(self) -> Channels:
        """What the office says about its channels. Raises ChannelsRefused."""
        return load_channels(self.settings.channels)

    @cached_property
    def _directory_file(self) -> Directory:
        return load_directory(self.settings.directory)

    @property
    def directory(self) -> Directory:
        """Who is who: what directory.yaml says, and the stand-ins that were appointed by command."""
        with self.store.reading() as connection:
            return self._directory_file.with_stand_ins(stand_in_terms(connection))

    @property
    def place(self) -> Place:
        """Where this home is opened."""
        return _place(self.settings)

    @property
    def standing(self) -> Standing:
        """Whether this home is the one that hands over, or a copy. One that can say nothing outside is never a copy
        that matters: a rehearsal whose messages all stay in the home lives wherever it is opened."""
        with self.store.reading() as connection:
            found = site.standing_at(connection, self.place)
        return Standing.RESIDENT if found.is_copy and self._keeps_to_itself else found

    @contextmanager
    def sitting(self) -> Iterator[None]:
        """A delivery goes on. It is counted before anything can leave, and again after it, so that any state of the
        home from before its end is known as an older one. Raises CopyRefused where this home is a copy."""
        with self.store.reading() as connection:
            found, counts = site.standing_at(connection, self.place), site.has_unfinished(connection)
        if found.is_copy and not self._keeps_to_itself:
            raise site.refusal(found)
        if found.is_copy:
            with self.store.writing() as connection:
                site.move_in(connection, self.place)
        if counts:
            site.count_sitting(self.store, self.place)
        try:
            yield
        finally:
            if counts:
                site.count_sitting(self.store, self.place)

    @property
    def _keeps_to_itself(self) -> bool:
        addresses = (address for party in self._directory_file.parties for address in party.addresses)
        return self.rehearsal and all(channel_of(address) is Channel.FILE for address in addresses)

    @property
    def basis(self) -> Basis:
        return Basis(self.policy, self.calendar, self.directory)

    def day(self, asked: date | None) -> date:
        """The day to work on. In a rehearsal it can be set; a live home follows the clock. Raises RunRefused."""
        today = clock.today()
        if self.rehearsal:
            return asked or self.settings.today or today
        asked = asked or self.settings.today
        if asked and asked != today:
            when = "还没有到" if asked > today else "已经过去"
            raise RunRefused(
                f"{asked} {when}；正式环境只能办理今天（{today}）的事项。",
                "请去掉 --on（或环境变量 DUBAN_TODAY）；要设定日期，请另建演练环境：duban init --rehearsal。",
            )
        return today

    def come_to(self) -> date:
        """The day to look at things from: today; in a rehearsal the latest day that was run or acted on."""
        if not self.rehearsal or self.settings.today:
            return self.day(None)
        with self.store.reading() as connection:
            days = [day for day in (watermark(connection), last_action_day(connection)) if day]
        return max(days, default=None) or self.day(None)

    @contextmanager
    def acting(self, on_day: date) -> Iterator[tuple[Session, Ground]]:
        """One transaction for one action, on parties that agree with the directory; what happened is then announced
        to a Prefect server, where this home has one that answers."""
        server = self.announcer.listener
        policy, calendar, written = self.policy, self.calendar, self._directory_file
        with self.store.session() as session:
            connection = session.connection()
            before = last_seq(connection)
            directory = written.with_stand_ins(stand_in_terms(connection))
            ground = Ground(directory, policy, calendar, on_day, clock.now())
            sync_parties(connection, directory, on_day, ground.now, is_served)
            yield session, ground
            # Read before the commit: what was decided must not seem to fail because it cannot be announced.
            happened = since(connection, before) if server else []
        if server:
            self.announcer.tell(server, happened)

    @contextmanager
    def handed_in(self, given: Sequence[HandedIn]) -> Iterator[tuple[StagedFile, ...]]:
        """Files that go with an action, checked and copied aside; what no action keeps is gone at the end."""
        with staged(given, self.settings.evidence, self.policy.evidence) as files:
            yield files

    @contextmanager
    def delivering(self) -> Iterator["Desk"]:
        """What delivery works with; its connections are closed at the end."""
        from notifications.packing import Desk
        from notifications.senders.pool import Senders
        from notifications.words.wording import Writer

        templates = self.settings.templates
        senders = Senders(self.settings.outbox, connections=self.channels.smtp_connections)
        try:
            yield Desk(
                store=self.store,
                directory=self.directory,
                calendar=self.calendar,
                writer=Writer(templates if templates.is_dir() else None),
                senders=senders,
                env=self.settings.env,
                key=bytes.fromhex(self.home.message_key),
                domain=self.home.message_domain,
                rehearsal=self.rehearsal,
                clock=clock.now,
                channels=self.channels,
                strike=striker_of_all(self.settings.directory, self.settings.env),
            )
        finally:
            senders.close()


@contextmanager
def open_office(settings: Settings | None = None, related: tuple[Related, ...] = ()) -> Iterator[Office]:
    """Opens the home that the settings (by default the environment) name. Raises HomeError where there is none.

    `related` are resources of Prefect that have a part in what is done here: the flow run, where there is one.
    """
    settings = settings or load_settings(os.environ)
    if not _database_file(settings).exists():
        raise HomeError(
            f"“{settings.home}”还不是 duban 的数据目录。",
            "请先运行 duban init（或设置环境变量 DUBAN_HOME）。",
        )
    store = Store(settings.database_url)
    try:
        store.migrate()
        with store.reading() as connection, Session(connection) as session:
            home = session.exec(select(Home)).first()
        if home is None:
            raise HomeError("数据库中没有环境信息，初始化可能未完成。", "请删除该数据目录后重新运行 duban init。")
        if not home.instance:
            with store.writing() as connection:
                site.move_in(connection, _place(settings))
        with logged(settings.log, settings.directory, settings.env):
            announcer = Announcer(lambda: api_url(settings.home, settings.env), settings.env, related)
            yield Office(settings, store, home, announcer)
    finally:
        store.close()


def make_home(settings: Settings, mode: HomeMode, directory: Path, policy: Path = DEFAULT_POLICY) -> None:
    """Makes a home: its folder, directory and policy (both checked first), and an empty database.

    Raises HomeError where a home is there already or the folder cannot be written; nothing is left behind then.
    """
    _refuse_taken(settings.home)
    place = _place(settings)
    load_policy(policy, load_calendar(None))
    load_directory(directory)
    with _emptied_on_failure(settings):
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(directory, settings.directory)
            shutil.copyfile(policy, settings.policy)
        except OSError as error:
            cure = "请检查上级目录是否存在、当前用户是否有写权限。"
            raise HomeError(f"无法在“{settings.home}”中写入。", cure) from error
        remove_beside(place.file)
        _establish(settings, mode, place)


def _place(settings: Settings) -> Place:
    return place_of(machine_id(), settings.home, _database_file(settings))


def _refuse_taken(home: Path) -> None:
    if home.exists() and not home.is_dir():
        raise HomeError(f"“{home}”不是目录，未作任何改动。", "请换一个目录（DUBAN_HOME）。")
    if home.is_dir() and any(home.iterdir()):
        raise HomeError(f"“{home}”不是空目录，未作任何改动。", "请换一个目录（DUBAN_HOME），或先移走其中的内容。")


def _database_file(settings: Settings) -> Path:
    """The file that holds the database. Raises HomeError where the address names none that would last."""
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        raise HomeError(
            "数据库地址不能用：目前只支持 SQLite 数据库文件。",
            "请去掉环境变量 DUBAN_DATABASE_URL，或改为 sqlite:///文件路径。",
        )
    return Path(str(url.database))


@contextmanager
def _emptied_on_failure(settings: Settings) -> Iterator[None]:
    """Takes back what was put into a home that could not be finished, so that init can be run again."""
    home, was_there = settings.home, settings.home.exists()
    try:
        yield
    except BaseException:
        if home.is_dir():
            for file in (settings.directory, settings.policy, *home.glob(f"{settings.database.name}*")):
                file.unlink(missing_ok=True)
            if not was_there:
                home.rmdir()
        raise


def _establish(settings: Settings, mode: HomeMode, place: Place) -> None:
    """Makes the database and writes down what this home is."""
    store = Store(settings.database_url)
    try:
        store.migrate()
        with store.session() as session:
            if session.exec(select(Home)).first() is not None:
                raise UsageRefused("该数据库已属于另一个环境。", "请换一个数据库（DUBAN_DATABASE_URL）。")
            session.add(
                Home(
                    mode=mode,
                    message_key=secrets.token_hex(32),
                    message_domain=MESSAGE_DOMAIN,
                    created_at=clock.now(),
                    instance=secrets.token_hex(16),
                    site=place.site,
                )
            )
    finally:
        store.close()
