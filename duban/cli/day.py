"""daily, deliver, rehearse: the daily run, the hand-over alone, and a rehearsal that plays itself."""

import asyncio
import os
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from duban.cli.options import Day, json_option, on_option
from duban.cli.output import print_json, print_rich, progress

if TYPE_CHECKING:
    from flows.office import Office
    from flows.steps import DayResult


MOST_SHOWN = 500
"""Notices that a brief still lists on a terminal; a larger office reads the listing."""


class Via(StrEnum):
    """How the steps of a day are run."""

    AUTO = "auto"
    PREFECT = "prefect"
    DIRECT = "direct"


_VIA = click.option(
    "--via", type=click.Choice([via.value for via in Via]), default=Via.AUTO.value,
    help="经 Prefect 运行、直接运行，或自动选择（默认；有 Prefect 服务应答时用它）。",
)  # fmt: skip


@click.command()
@on_option("办理日期（只用于演练环境）。")
@click.option("--dry-run", is_flag=True, help="只看会说什么，不记录、不发送。")
@click.option("--no-deliver", is_flag=True, help="只生成通知和消息，不投递。")
@_VIA
@click.option("--clock-is-right", is_flag=True, help="确认本机的日期和时间无误（须用 --by 写明由谁确认），再运行。")
@click.option("--by", default=None, metavar="PERSON", help="由谁确认时钟：综合组、督办组或组长的经办人代码。")
@json_option
def daily(
    on: date | None, dry_run: bool, no_deliver: bool, via: str, clock_is_right: bool, by: str | None, as_json: bool
) -> None:
    """每日运行：核对时限，生成并投递通知，列出谁该知道什么、为什么。"""
    from flows import steps
    from flows.office import open_office

    with open_office() as office:
        day = office.day(on)
        _confirm_clock(office, clock_is_right, by)
        if dry_run:
            posted, rows = steps.foresee_notices(office, day)
            if as_json:
                print_json(_json(steps.result_of(posted, None, "dry-run")))
            else:
                click.echo("试运行：以下内容没有记录，也没有发送。")
                _print_brief(steps.foreseen_brief(office, day, rows))
            return
        result = _run(office, day, deliver=not no_deliver, via=Via(via))
        if as_json:
            print_json(_json(result))
        else:
            _print_day(office, result)


def _confirm_clock(office: "Office", clock_is_right: bool, by: str | None) -> None:
    from flows.trust import confirm_clock
    from models.errors import UsageRefused
    from models.handling.case import By

    if clock_is_right != bool(by):
        raise UsageRefused("--clock-is-right 和 --by 须一起使用。", "时钟无误时请写明由谁确认；平时两个都不用写。")
    if by:
        confirm_clock(office, By(by))


@click.command()
@on_option("办理日期（只用于演练环境）。")
@json_option
def deliver(on: date | None, as_json: bool) -> None:
    """投递待发的消息。"""
    from flows import steps
    from flows.office import open_office

    with open_office() as office:
        day = steps.delivery_day(office, on)
        with progress("投递", steps.waiting_messages(office)) as told:
            tally = steps.deliver_messages(office, day, told)
        if as_json:
            print_json(asdict(tally))
        else:
            click.echo(tally.zh)


@click.command()
@click.option("--until", type=Day(), required=True, help="演到哪一天。")
@_VIA
def rehearse(until: date, via: str) -> None:
    """演练：按样例中各单位的办理情况，逐个工作日运行到指定日期，并列出最后一天的简报。"""
    from duban.rehearsal import play
    from flows import steps
    from flows.office import open_office

    with open_office() as office:
        played = play(office, until, lambda day: _run(office, day, deliver=True, via=Via.DIRECT))
        click.echo(f"已演练{played.days}个工作日、{played.actions}次办理，演到{until}。")
        if played.last_day:
            click.echo("最后一天经 Prefect 流程运行……" if Via(via) is Via.PREFECT else "最后一天：")
            _print_day(office, _run(office, until, deliver=True, via=Via(via)))
        else:
            _print_brief(steps.brief_of_day(office, until))


def _run(office: "Office", day: date, *, deliver: bool, via: Via) -> "DayResult":
    from flows import steps
    from flows.prefect_settings import api_url, server_answers
    from models.errors import RunRefused, UsageRefused

    if via is Via.PREFECT and not deliver:
        raise UsageRefused("--no-deliver 不能与 --via prefect 同用。", "请去掉其中一个；不投递时直接运行即可。")
    server = api_url(office.settings.home)
    answers = via is not Via.DIRECT and deliver and server_answers(server)
    if via is Via.PREFECT and server and not answers:
        whose = "环境变量 PREFECT_API_URL 所指的" if os.environ.get("PREFECT_API_URL") else "本数据目录的"
        raise RunRefused(f"{whose} Prefect 服务没有应答。", "请先启动该服务，或改用 --via direct。")
    if via is Via.PREFECT or answers:
        if server:
            os.environ["PREFECT_API_URL"] = server
        return _run_by_prefect(office, day)
    return steps.run_day(office, day, deliver=deliver, follow=partial(progress, "投递"))


def _run_by_prefect(office: "Office", day: date) -> "DayResult":
    """Runs the flow in this process; without a server, on Prefect's own temporary one."""
    from flows.prefect_settings import prepare_prefect

    prepare_prefect(office.settings.home)
    os.environ["DUBAN_HOME"] = str(office.settings.home)
    from flows.daily import daily_run
    from flows.steps import DayResult
    from models.errors import RunRefused

    async def flow() -> "DayResult":
        state: Any = await daily_run(day if office.rehearsal else None, return_state=True)
        if state.is_failed():
            raise RunRefused(state.message or "Prefect 流程运行失败。")
        values = await state.aresult()
        assert isinstance(values, dict)
        return DayResult(**values)

    return asyncio.run(flow())


def _json(result: "DayResult") -> dict[str, Any]:
    return asdict(result)


def _print_day(office: "Office", result: "DayResult") -> None:
    from flows import steps

    ways = {"prefect": "经 Prefect 流程", "direct": "直接"}
    covered = "" if len(result.days) <= 1 else f"，补办{len(result.days)}个工作日（{result.days[0]} 起）"
    posted = f"新增通知事项{result.notices}条，消息{result.messages}封"
    said = f"本次投递（含办理通知）：送达{result.accepted}，不明{result.unknown}，被拒收{result.rejected}"
    click.echo(f"{result.on} 日常运行（{ways.get(result.via, result.via)}）{covered}：{posted}；{said}。")
    if result.held_back:
        click.echo(f"未投递：{result.held_back}")
    _print_brief(steps.brief_of_day(office, result.on, result.days))


def _print_brief(brief: Any) -> None:
    from notifications.reports.brief import brief_headline, brief_summary, brief_tables
    from notifications.reports.coming import coming_lines

    click.echo(brief_headline(brief))
    if brief.rows:
        click.echo(brief_summary(brief))
    if brief.attention:
        click.echo("需要人工处理：")
        for line in brief.attention:
            click.echo(f"  · {line}")
    if len(brief.rows) > MOST_SHOWN:
        click.echo(f"条目较多，不在此逐条列出；明细见 duban notices --on {brief.on}。")
    else:
        print_rich(*brief_tables(brief))
    if not brief.rows:
        click.echo("当日没有需要通知的事项。")
    for line in coming_lines(brief.coming):
        click.echo(line)
