"""init, import, doctor: making a home, filling it from a ledger, and seeing what is wrong with it."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duban.cli.options import FILE, Day, json_option, on_option
from duban.cli.output import print_json

if TYPE_CHECKING:
    from flows.office import Office
    from models.handling.importing import Imported

SAMPLE = Path(__file__).parents[2] / "config" / "sample"
SAMPLE_ROUND = "2023"
SAMPLE_NAME = "2023年巡察整改（演练样例）"
SAMPLE_FEEDBACK = date(2023, 3, 25)
SAMPLE_ASSIGNED = date(2023, 3, 27)


@click.command()
@click.option("--sample", is_flag=True, help="建演练环境，导入34条措施的样例台账并于2023-03-27交办。")
@click.option("--rehearsal", is_flag=True, help="建演练环境：可设定日期，消息带【演练】字样。")
@click.option("--directory", type=FILE, default=None, help="通讯录 directory.yaml；不给则放一份待填写的样例。")
@click.option("--policy", default=None, metavar="FILE|PRESET", help="升级阶梯文件，或预设名 three_colours。")
def init(sample: bool, rehearsal: bool, directory: Path | None, policy: str | None) -> None:
    """建立数据目录（DUBAN_HOME）。"""
    from config.policy import DEFAULT_POLICY, PRESETS, preset_path
    from config.settings import load_settings
    from flows.office import make_home
    from models.errors import UsageRefused
    from models.tables import HomeMode

    chosen = DEFAULT_POLICY if policy is None else preset_path(policy) or Path(policy)
    if not chosen.is_file():
        known = "、".join(sorted(path.stem for path in PRESETS.glob("*.yaml")))
        raise UsageRefused(f"没有升级阶梯文件“{policy}”。", f"请给出文件路径，或预设名：{known}。")
    settings = load_settings(os.environ)
    mode = HomeMode.REHEARSAL if sample or rehearsal else HomeMode.LIVE
    make_home(settings, mode, directory or SAMPLE / "directory.yaml", chosen)
    click.echo(f"已建立{'演练' if mode is HomeMode.REHEARSAL else '正式'}环境：{settings.home}")
    if sample:
        shutil.copyfile(SAMPLE / "story.yaml", settings.story)
        _fill_with_sample()
    elif directory is None:
        click.echo("其中的 directory.yaml 是样例，请改成本单位的通讯录，再用 duban import 导入台账。")


def _fill_with_sample() -> None:
    from flows.office import open_office
    from models.handling.assignment import assign
    from models.handling.case import By
    from models.handling.importing import RoundSpec, import_ledger
    from models.ledger.reader import read_ledger
    from models.lifecycle import Role

    ledger = SAMPLE / "ledger.xlsx"
    with open_office() as office:
        reading = read_ledger(ledger, office.directory, SAMPLE_FEEDBACK, office.calendar)
        general = office.directory.holding(Role.GENERAL)[0].people[0]
        with office.acting(SAMPLE_ASSIGNED) as (session, ground):
            spec = RoundSpec(SAMPLE_ROUND, SAMPLE_NAME, SAMPLE_FEEDBACK)
            imported = import_ledger(session, ground, reading, spec, ledger.name)
        for row in reading.rows:
            with office.acting(SAMPLE_ASSIGNED) as (session, ground):
                assign(session, ground, row.no, By(general.code))
    click.echo(f"已导入样例台账：{imported.problems}个问题、{imported.measures}条措施，并于{SAMPLE_ASSIGNED}交办。")


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--round", "round_code", default=None, metavar="CODE", help="整改轮次代码；只有一个轮次时可不写。")
@click.option("--feedback-on", type=Day(), default=None, help="反馈日期，时限由此起算。")
@click.option("--closed", is_flag=True, help="上一轮次的台账：作为已销号的措施导入，可再开展回头看。")
@click.option("--dry-run", is_flag=True, help="只检查，不导入。")
@on_option("导入日期（只用于演练环境）。")
def import_(
    file: Path, round_code: str | None, feedback_on: date | None, closed: bool, dry_run: bool, on: date | None
) -> None:
    """读入台账（.xlsx 或 .csv）。有问题则全部列出，一条也不导入；不发送任何消息。"""
    from flows.office import open_office

    with open_office() as office:
        imported = _import(office, file, round_code, feedback_on, _How(office.day(on), closed, dry_run))
    if dry_run:
        click.echo(f"检查通过：{imported.measures}条措施。未导入（--dry-run）。")
        return
    state = "均作为已销号，可用 duban look-back 开展回头看" if closed else "均待交办"
    click.echo(f"已导入轮次 {imported.round_code}：{imported.problems}个问题、{imported.measures}条措施，{state}。")
    if imported.undated and not closed:
        click.echo(f"以下措施的完成时限未能定出日期，交办时须用 --due-on 写明：{'、'.join(imported.undated)}")


class _Undone(Exception):  # noqa: N818 - a signal to roll back, not an error
    """Ends the transaction of a dry run, which did all there is to do and keeps nothing."""


@dataclass(frozen=True, slots=True)
class _How:
    """On which day a ledger is taken in, whether as one settled before, and whether anything is kept."""

    day: date
    closed: bool
    dry_run: bool


def _import(office: "Office", file: Path, round_code: str | None, feedback_on: date | None, how: _How) -> "Imported":
    from sqlmodel import Session

    from models.handling.importing import import_ledger, round_for
    from models.ledger.reader import read_ledger

    with office.store.reading() as connection, Session(connection) as session:
        spec, assumed = round_for(session, round_code, feedback_on, how.day)
    if assumed:
        click.echo(assumed, err=True)
    # Read before anything is locked: a large workbook takes longer than others can be made to wait.
    reading = read_ledger(file, office.directory, spec.feedback_on, office.calendar)
    for warning in reading.warnings:
        click.echo(f"  提示 {warning}", err=True)
    with suppress(_Undone), office.acting(how.day) as (session, ground):
        imported = import_ledger(session, ground, reading, spec, file.name, closed=how.closed)
        if how.dry_run:
            raise _Undone
    return imported


@click.command()
@json_option
def doctor(as_json: bool) -> int:
    """检查本单位的设置和运行情况；有须处理的问题时退出码为1。"""
    from duban.doctor import Level, examine
    from flows.office import open_office

    with open_office() as office:
        findings = examine(office)
    healthy = all(finding.level is not Level.ERROR for finding in findings)
    if as_json:
        listed = [{"level": f.level, "what": f.what, "cure": f.cure} for f in findings]
        print_json({"healthy": healthy, "findings": listed})
        return 0 if healthy else 1
    for finding in findings:
        click.echo(f"[{finding.level.zh}] {finding.what}{f' {finding.cure}' if finding.cure else ''}")
    click.echo("一切正常。" if healthy else "有须处理的问题，见上。")
    return 0 if healthy else 1
