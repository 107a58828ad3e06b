"""export: writes the ledger of a round as a workbook or .csv, or the open clocks of parties as calendar files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from duban.cli.options import FILE, on_option

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flows.office import Office
    from models.answers.open_clocks import OpenClock
    from models.directory import DirectoryParty
    from models.ledger.writing.values import WrittenLedger

ENDINGS = (".xlsx", ".csv", ".ics")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be written where, of which round and for whom."""

    file: Path
    round_code: str | None
    party: str | None
    each_party: bool

    @property
    def is_of_clocks(self) -> bool:
        """Whether calendars are asked for, and not a ledger."""
        return self.each_party or _is_calendar(self.file)


@click.command("export")
@click.argument("file", type=FILE)
@click.option("--round", "round_code", default=None, metavar="CODE", help="整改轮次代码；只有一个轮次时可不写。")
@click.option("--party", default=None, metavar="PARTY", help="写成 .ics 时：哪一责任主体的时限（代码或名称）。")
@click.option("--each-party", is_flag=True, help="FILE 是目录：每个责任主体各写一个 .ics。")
@on_option("按这一天的时限和颜色（只用于演练环境；默认今天，演练环境为已进行到的日期）。")
def export(on: date | None, **asked: Any) -> None:
    """写出台账（.xlsx、.csv），或各责任主体在计的时限（.ics 日历）。已有的文件由新的替换。

    写出的台账可以再用 duban import 导入。
    """
    from flows.office import open_office

    wanted = _Asked(**asked)
    _refuse_unfit(wanted)
    if on and wanted.is_of_clocks:
        _refuse_day()
    with open_office() as office:
        day = office.day(on) if on else office.come_to()
        lines = _write_calendars(office, wanted) if wanted.is_of_clocks else _write_ledger(office, wanted, day)
        for line in lines:
            click.echo(line)


def _refuse_unfit(asked: _Asked) -> None:
    from models.errors import UsageRefused
    from notifications.reports.files import refuse_other_than

    if asked.each_party and asked.party:
        raise UsageRefused("--party 与 --each-party 不能同用。", "请只用其中一个。")
    if asked.each_party:
        _refuse_no_folder(asked.file)
        return
    refuse_other_than(asked.file, *ENDINGS)
    if _is_calendar(asked.file) != bool(asked.party):
        if asked.party:
            raise UsageRefused("--party 只用于 .ics。", "请去掉 --party，或把文件名改为以 .ics 结尾。")
        raise UsageRefused("没有写明是哪一责任主体的时限。", "请写明 --party，或给出目录并用 --each-party。")


def _refuse_day() -> None:
    from models.errors import UsageRefused

    raise UsageRefused("日历写的总是现行时限，不能用 --on 指定日期。", "请去掉 --on。")


def _refuse_no_folder(folder: Path) -> None:
    from models.errors import UsageRefused

    if folder.exists() and not folder.is_dir():
        raise UsageRefused(f"“{folder}”不是目录。", "用 --each-party 时请给出目录。")
    if not folder.absolute().parent.is_dir():
        raise UsageRefused(f"没有目录“{folder.absolute().parent}”。", "请先建立该目录，或换一个位置。")


def _is_calendar(file: Path) -> bool:
    return file.suffix.lower() == ".ics"


# The ledger


def _write_ledger(office: "Office", asked: _Asked, day: date) -> Iterator[str]:
    from models.answers.ledger.reading import Seen, written_ledger
    from models.store.rounds import round_meant
    from notifications.reports.files import put

    seen = Seen(day, office.policy, office.calendar, office.directory, office.rehearsal)
    with office.store.reading() as connection:
        ledger = written_ledger(connection, round_meant(connection, asked.round_code), seen)
    content, cut = _as_csv(ledger) if asked.file.suffix.lower() == ".csv" else _as_workbook(ledger)
    put(asked.file, content)
    return _told(ledger, asked.file, cut)


def _as_csv(ledger: "WrittenLedger") -> tuple[bytes, int]:
    """The file, and how many cells were cut."""
    from models.ledger.writing.delimited import csv_of
    from models.ledger.writing.grid import fit
    from models.ledger.writing.layout import ledger_grid

    grid, cut = fit(ledger_grid(ledger))
    return csv_of(grid), cut


def _as_workbook(ledger: "WrittenLedger") -> tuple[bytes, int]:
    """The file, and how many cells were cut."""
    from models.ledger.writing.annexes import annex_grids
    from models.ledger.writing.grid import fit
    from models.ledger.writing.layout import ledger_grid
    from models.ledger.writing.workbook import workbook_of

    grids, cuts = zip(*map(fit, (ledger_grid(ledger), *annex_grids(ledger))), strict=True)
    return workbook_of(grids), sum(cuts)


def _told(ledger: "WrittenLedger", file: Path, cut: int) -> Iterator[str]:
    from duban.cli.difference_lines import nos_zh

    counted = f"{ledger.problems}个问题、{len(ledger.measures)}条措施"
    withdrawn = ""
    if ledger.withdrawn:
        where = "未写入" if file.suffix.lower() == ".csv" else "另列"
        withdrawn = f"，作废的{len(ledger.withdrawn)}条{where}"
    yield f"已写出轮次 {ledger.round_code} 的台账：{counted}{withdrawn}（截至{ledger.on_day}）：{file}"
    if cut:
        yield f"有{cut}格文字超过表格软件一格所能容纳的字数，已截短并注明。"
    if unnamed := tuple(one.no for one in ledger.measures if not (one.unit and one.lead)):
        yield f"以下措施没有责任单位或牵头领导，补全后才能再导入：{nos_zh(unnamed)}"


# Calendars


def _write_calendars(office: "Office", asked: _Asked) -> Iterator[str]:
    from models.answers.open_clocks import running_by_party
    from models.store import board
    from notifications.reports.files import put

    with office.store.reading() as connection:
        clocks = running_by_party(connection, _round_id(connection, asked))
        several = board.count_rounds(connection) > 1
    files = _files(office, asked)
    contents = [(file, _calendar(office, party, clocks, several)) for file, party in files.items()]
    if asked.each_party:
        asked.file.mkdir(exist_ok=True)
    for file, content in contents:
        put(file, content)
    return _told_of_calendars(asked, files, clocks)


def _round_id(connection: "Connection", asked: _Asked) -> int | None:
    from models.store.rounds import round_meant

    return round_meant(connection, asked.round_code).id if asked.round_code else None


def _files(office: "Office", asked: _Asked) -> "dict[Path, DirectoryParty]":
    """Which file each party's clocks go to."""
    from models.errors import NotFound
    from notifications.senders.file import safe_name

    directory = office.directory
    if asked.each_party:
        return {asked.file / f"{safe_name(party.code)}.ics": party for party in directory.parties}
    assert asked.party
    party = directory.by_code(asked.party) or directory.by_name(asked.party)
    if party is None:
        raise NotFound(f"通讯录中没有责任主体“{asked.party}”。", "请核对代码或名称。")
    return {asked.file: party}


def _calendar(
    office: "Office", party: "DirectoryParty", clocks: "Mapping[str, list[OpenClock]]", several: bool
) -> bytes:
    from config import clock
    from notifications.reports.calendar_file import CalendarOf, calendar_file

    of = CalendarOf(party.name, office.home.instance, office.calendar, office.rehearsal, several)
    return calendar_file(of, clocks.get(party.code, ()), clock.now())


def _told_of_calendars(
    asked: _Asked, files: "dict[Path, DirectoryParty]", clocks: "Mapping[str, list[OpenClock]]"
) -> Iterator[str]:
    for file, party in files.items():
        count = len(clocks.get(party.code, ()))
        if count or not asked.each_party:
            yield f"{party.name}：在计的时限{count}项：{file}"
    if asked.each_party:
        yield f"已在 {asked.file} 写出{len(files)}个责任主体的日历，没有在计时限的日历为空。"
