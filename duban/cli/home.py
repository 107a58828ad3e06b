"""init, doctor: making a home, filling it with the sample, and seeing what is wrong with it."""

import os
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duban.cli.options import FILE, json_option
from duban.cli.output import print_json

if TYPE_CHECKING:
    from flows.office import Office

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
    from models.ledger.table.reader import read_ledger
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


@click.command()
@click.option(
    "--take-over", is_flag=True, help="本数据目录是副本：由它接替原来的数据目录投递（须用 --by 写明由谁决定）。"
)
@click.option("--by", default=None, metavar="PERSON", help="由谁决定接管：综合组、督办组或组长的经办人代码。")
@click.option("--as", "as_party", default=None, metavar="PARTY", help="代表哪个责任主体（代码）。")
@click.option("--reason", default="", help="接管的缘由。")
@json_option
def doctor(take_over: bool, by: str | None, as_party: str | None, reason: str, as_json: bool) -> int:
    """检查本单位的设置和运行情况；有须处理的问题时退出码为1。"""
    from flows.office import open_office
    from models.errors import UsageRefused

    if take_over != bool(by):
        raise UsageRefused("--take-over 和 --by 须一起使用。", "只作检查时两个都不用写。")
    with open_office() as office:
        if by:
            return _take_over(office, by, as_party, reason, as_json=as_json)
        return _examine(office, as_json=as_json)


def _take_over(office: "Office", by: str, as_party: str | None, reason: str, *, as_json: bool) -> int:
    from flows.trust import take_over
    from models.handling.case import By

    waiting = take_over(office, By(by, as_party, reason))
    if as_json:
        print_json({"taken_over": True, "unknown": waiting})
        return 0
    click.echo("已接管：今后由本数据目录投递。请确保原来的数据目录不再运行。")
    if waiting:
        click.echo(f"有{waiting}封消息原数据目录可能已经发出，不会自动再发，须逐封核实：duban doctor")
    return 0


def _examine(office: "Office", *, as_json: bool) -> int:
    from config import clock
    from duban.doctor import Level, examine, vitals_of

    now = clock.now()
    findings = examine(office, now)
    healthy = all(finding.level is not Level.ERROR for finding in findings)
    if as_json:
        listed = [{"level": f.level, "what": f.what, "cure": f.cure} for f in findings]
        print_json({"healthy": healthy, "findings": listed, **vitals_of(office, now)})
        return 0 if healthy else 1
    for finding in findings:
        click.echo(f"[{finding.level.zh}] {finding.what}{f' {finding.cure}' if finding.cure else ''}")
    click.echo("一切正常。" if healthy else "有须处理的问题，见上。")
    return 0 if healthy else 1
