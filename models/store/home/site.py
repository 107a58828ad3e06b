"""Where a home lives, and whether it is the one that hands over: a copy decides and records, but says nothing.

Runs before and after each delivery. The site (machine, folder, database) tells a home that was copied elsewhere; the
number of its sittings, also kept beside the home, tells an older state that was put back in its place.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Connection, select, text, update

from models.errors import CopyRefused
from models.store.engine import Store
from models.store.home.beside import Beside, file_beside, read_beside, write_beside
from models.tables.core import HOME
from models.tables.outbox import UNFINISHED


class Standing(StrEnum):
    """How a home stands to the place where it is opened."""

    RESIDENT = "resident"  # it lives here, and hands over
    ELSEWHERE = "elsewhere"  # it settled in another folder, on another machine or with another database
    OLDER = "older"  # it lives here, but delivered since: this is an earlier state of it
    REPLACED = "replaced"  # it lived here, but another home took its place

    @property
    def is_copy(self) -> bool:
        return self is not Standing.RESIDENT


@dataclass(frozen=True, slots=True)
class Place:
    """Where a home is opened: a fingerprint of machine, folder and database, and the file beside it."""

    site: str
    file: Path


@dataclass(frozen=True, slots=True)
class Lodger:
    """What a home knows of itself: its name, the site where it lives, and how often it has sat to deliver."""

    instance: str
    site: str
    sitting: int


def place_of(machine: str, home: Path, database: Path) -> Place:
    """The place, whatever links lead to it. No part of it can be read out of the fingerprint."""
    told = "\n".join(("duban-site-1", machine, str(home.resolve()), str(database.resolve())))
    return Place(hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest(), file_beside(home))


def standing(lodger: Lodger, site: str, beside: Beside | None) -> Standing:
    """The decision. Without a file beside it nothing speaks against the home: somebody may have removed it.

    A number beside the home that is lower than its own is no sign of a copy: the database is written first.
    """
    if lodger.site != site:
        return Standing.ELSEWHERE
    if beside is None:
        return Standing.RESIDENT
    if beside.instance != lodger.instance:
        return Standing.REPLACED
    return Standing.OLDER if beside.sitting > lodger.sitting else Standing.RESIDENT


def standing_at(connection: Connection, place: Place) -> Standing:
    """How this home stands to the place. The site comes first: a copy elsewhere has no business with the file here."""
    lodger = _lodger(connection)
    beside = read_beside(place.file) if lodger.site == place.site else None
    return standing(lodger, place.site, beside)


def move_in(connection: Connection, place: Place) -> None:
    """Lets a home live here from now on, without a doubt about what it said: it is new, or says nothing outside."""
    beside = read_beside(place.file)
    lodger = _lodger(connection)
    mine = Lodger(lodger.instance or token_hex(16), place.site, max(lodger.sitting, beside.sitting if beside else 0))
    _write(connection, mine)
    write_beside(place.file, Beside(mine.instance, mine.sitting))


def take_over(connection: Connection, place: Place, on_day: date) -> None:
    """Makes a copy a home of its own, taken over on that day: another name, and other Message-IDs than the original.

    The file is written before the commit: should that fail, the home is still a copy.
    """
    beside = read_beside(place.file)
    lodger = _lodger(connection)
    mine = Lodger(token_hex(16), place.site, max(lodger.sitting, beside.sitting if beside else 0) + 1)
    _write(connection, mine)
    connection.execute(update(HOME).values(message_key=token_hex(32), taken_over_on=on_day))
    write_beside(place.file, Beside(mine.instance, mine.sitting))


def has_unfinished(connection: Connection) -> bool:
    """Whether a delivery could find anything to hand over or to recover."""
    return bool(connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM message WHERE {UNFINISHED})")))


def count_sitting(store: Store, place: Place) -> None:
    """Counts it: in the database, then beside the home, both durably. Raises CopyRefused, and counts nothing.

    In this order the file never says more than the database of the home that wrote it, whenever either is killed.
    The lock of the second transaction keeps two processes from writing the file in the wrong order.
    """
    with store.writing() as connection:
        _refuse_copy(connection, place)
        connection.execute(update(HOME).values(sitting=HOME.c.sitting + 1))
    with store.writing() as connection:
        _refuse_copy(connection, place)
        lodger = _lodger(connection)
        write_beside(place.file, Beside(lodger.instance, lodger.sitting))


def refusal(found: Standing) -> CopyRefused:
    """Why a copy hands nothing over, and who may change that."""
    return CopyRefused(_COPY_ZH[found], TAKE_OVER_ZH)


def _refuse_copy(connection: Connection, place: Place) -> None:
    found = standing_at(connection, place)
    if found.is_copy:
        raise refusal(found)


def _lodger(connection: Connection) -> Lodger:
    row = connection.execute(select(HOME.c.instance, HOME.c.site, HOME.c.sitting)).one()
    return Lodger(*row)


def _write(connection: Connection, lodger: Lodger) -> None:
    connection.execute(update(HOME).values(instance=lodger.instance, site=lodger.site, sitting=lodger.sitting))


TAKE_OVER_ZH = (
    "请先确认原来的数据目录不会再投递，再由综合组、督办组或组长的经办人接管：duban doctor --take-over --by 经办人代码。"
)
_COPY_ZH = {
    Standing.ELSEWHERE: "本数据目录是从别处复制或搬来的，原来的数据目录可能仍在投递；为免重复告知，什么也没有发出。",
    Standing.OLDER: "本数据目录是较早的备份，在它之后还投递过；为免重复告知，什么也没有发出。",
    Standing.REPLACED: "本数据目录的位置上后来有过另一个数据目录；为免重复告知，什么也没有发出。",
}
