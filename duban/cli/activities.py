"""activity: logs what was done in a round (工委会, 督办会, 听取汇报, 专项督查), lists it, and takes a mistake back."""

from datetime import date
from typing import TYPE_CHECKING

import click

from duban.cli.acting import signed_options
from duban.cli.chinese import ChineseGroup
from duban.cli.options import Day, json_option
from duban.cli.output import print_json, print_table
from models.activity import ACTIVITY_ZH, ActivityKind

if TYPE_CHECKING:
    from flows.acting import Who
    from flows.office import Office
    from models.store.activities import ActivityRow

KINDS = {word: kind for kind, zh in ACTIVITY_ZH.items() for word in (zh, kind.value)}


@click.group(cls=ChineseGroup)
def activity() -> None:
    """工作开展情况：登记工委会、督办会、听取汇报、专项督查，供整改情况报告计数。"""


@activity.command("add")
@click.option("--kind", type=click.Choice(list(KINDS)), required=True,
              help="开展了什么：工委会、督办会、听取汇报、专项督查。")  # fmt: skip
@click.option("--on", "on", type=Day(), required=True, help="开展的日期。")
@click.option("--title", required=True, help="标题：研究、督办或检查了什么。")
@click.option("--note", default="", help="备注。")
@click.option("--round", "round_code", default=None, metavar="CODE", help="属于哪个轮次；只有一个轮次时可不写。")
@click.option("--as", "as_party", default=None, metavar="PARTY", help="代表哪个责任主体（代码）。")
@click.option("--by", "by", required=True, metavar="PERSON", help="经办人代码（综合组或督办组）。")
def activity_add(
    kind: str, on: date, title: str, note: str, round_code: str | None, as_party: str | None, by: str
) -> int:
    """登记一次活动（综合组、督办组办理）。"""
    from flows.office import open_office
    from models.handling.activities import NewActivity, log_activity
    from models.handling.case import By

    given = NewActivity(KINDS[kind], on, title, note)
    with open_office() as office, office.acting(_day_of_logging(office, on)) as (session, ground):
        logged = log_activity(session, ground, By(by, as_party), given, round_code)
        said = f"活动{logged.id}：{logged.on_day} {ACTIVITY_ZH[logged.kind]}“{logged.title}”，已登记。"
    click.echo(said)
    return 0


@activity.command("withdraw")
@click.argument("activity_id", metavar="ID", type=click.IntRange(min=1))
@signed_options
def activity_withdraw(activity_id: int, who: "Who") -> int:
    """撤销登错的活动（须写理由）；撤销后不再计数，记录仍保留。"""
    from flows.acting import signed
    from flows.office import open_office
    from models.handling.activities import withdraw_activity

    with open_office() as office:
        day = office.day(who.on) if who.on else office.come_to()
        with signed(office, who) as (by, _), office.acting(day) as (session, ground):
            withdraw_activity(session, ground, by, activity_id)
    click.echo(f"活动{activity_id}：已撤销，不再计数。")
    return 0


@activity.command("list")
@click.option("--round", "round_code", default=None, metavar="CODE", help="只看这一轮次。")
@json_option
def activity_list(round_code: str | None, as_json: bool) -> int:
    """列出登记的活动，含已撤销的；末尾是按类合计（不含已撤销的）。"""
    from flows.office import open_office
    from models.store.activities import activities
    from models.store.rounds import round_meant

    with open_office() as office, office.store.reading() as connection:
        if round_code is not None:
            round_meant(connection, round_code)
        rows = activities(connection, round_code)
    if as_json:
        print_json([_json(row) for row in rows])
        return 0
    print_table(
        f"工作开展情况（共{len(rows)}项）", ("编号", "轮次", "日期", "类别", "标题", "备注", "登记人", "撤销"),
        [(row.id, row.round_code, row.on_day, ACTIVITY_ZH[row.kind], row.title, row.note, row.logged_by,
          _withdrawn_zh(row)) for row in rows],
        "没有登记的活动。",
    )  # fmt: skip
    if rows:
        click.echo(f"计数：{'，'.join(_counts(rows))}")
    return 0


def _day_of_logging(office: "Office", on: date) -> date:
    """The day on which it is logged: today. A rehearsal comes to the day of the activity, if it is not beyond it."""
    from models.store.board import last_action_day
    from models.store.posting import watermark

    if not office.rehearsal or office.settings.today:
        return office.day(None)
    with office.store.reading() as connection:
        days = (on, watermark(connection), last_action_day(connection))
    return max(day for day in days if day)


def _counts(rows: "list[ActivityRow]") -> list[str]:
    counting = [row.kind for row in rows if row.counts]
    return [f"{zh}{counting.count(kind)}次" for kind, zh in ACTIVITY_ZH.items()]


def _withdrawn_zh(row: "ActivityRow") -> str:
    return "" if row.counts else f"{row.withdrawn_on} {row.withdrawn_by}：{row.withdrawn_reason}"


def _json(row: "ActivityRow") -> dict[str, object]:
    kind: ActivityKind = row.kind
    return {
        "id": row.id, "round": row.round_code, "kind": kind.value, "on": row.on_day, "title": row.title,
        "note": row.note, "by": row.logged_by, "logged_on": row.logged_on, "withdrawn_on": row.withdrawn_on,
        "withdrawn_by": row.withdrawn_by or None, "reason": row.withdrawn_reason or None,
    }  # fmt: skip
