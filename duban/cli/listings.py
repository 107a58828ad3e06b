"""notices: what was decided and for whom, and how it went. Imports neither Prefect nor Apprise."""

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from duban.cli.options import json_option, on_option
from duban.cli.output import print_json, print_table

if TYPE_CHECKING:
    from flows.office import Office
    from models.store.board import NewsRow, NoticeRow


@click.command()
@on_option("只看这一天的；不给则列出全部。")
@click.option("--actions", is_flag=True, help="改看办理通知：交办、退回、销号等办理事项告知了谁。")
@json_option
def notices(on: date | None, actions: bool, as_json: bool) -> None:
    """通知事项：每日运行按时限定出的，谁该知道什么，为什么，送到没有；--actions 看办理通知。"""
    from flows.office import open_office
    from models.store import board
    from notifications.words.compose import reason_of

    with open_office() as office:
        if actions:
            _list_news(office, on, as_json=as_json)
            return
        with office.store.reading() as connection:
            rows = board.notices_between(connection, on, on) if on else board.notices(connection)
        if as_json:
            print_json([notice_json(row, office) for row in rows])
            return
        print_table(
            f"通知事项（{on or '全部'}，共{len(rows)}条）", ("措施", "日期", "对象", "类别", "事由", "送达"),
            [(row.measure, *_notice_cells(row, reason_of(row, row.on_day, office.calendar))) for row in rows],
            "没有通知事项。",
        )  # fmt: skip


def notice_json(row: "NoticeRow", office: "Office") -> dict[str, Any]:
    from models.tables import Unsaid
    from notifications.words.compose import reason_of

    return {
        "measure": row.measure, "round": row.round_code, "stage": row.stage, "due_on": row.due_on, "rung": row.rung,
        "kind": row.kind, "colour": row.colour, "role": row.role, "party": row.party, "on": row.on_day,
        "superseded": row.unsaid is Unsaid.SUPERSEDED, "reason": reason_of(row, row.on_day, office.calendar),
        "unsaid": row.unsaid, "message_state": row.message_state,
    }  # fmt: skip


def _list_news(office: "Office", on: date | None, *, as_json: bool) -> None:
    from models.lifecycle import ROLE_ZH
    from models.news import NEWS_ZH
    from models.store import board
    from notifications.reports.briefing import fate_zh

    with office.store.reading() as connection:
        rows = board.news(connection, on)
    if as_json:
        print_json([news_json(row) for row in rows])
        return
    print_table(
        f"办理通知（{on or '全部'}，共{len(rows)}条）", ("措施", "日期", "对象", "身份", "事项", "时限", "送达"),
        [(row.measure, row.on_day, row.party_name, ROLE_ZH[row.role], NEWS_ZH[row.kind], row.due_on, fate_zh(row))
         for row in rows],
        "没有办理通知。",
    )  # fmt: skip


def news_json(row: "NewsRow") -> dict[str, Any]:
    return {
        "measure": row.measure, "round": row.round_code, "event": row.seq, "kind": row.kind, "role": row.role,
        "party": row.party, "on": row.on_day, "due_on": row.due_on, "by": row.person, "unsaid": row.unsaid,
        "message_state": row.message_state,
    }  # fmt: skip


def _notice_cells(row: "NoticeRow", reason: str) -> tuple[object, ...]:
    from models.ladder import NOTICE_KIND_ZH
    from notifications.reports.briefing import fate_zh

    return row.on_day, row.party_name, NOTICE_KIND_ZH[row.kind], reason, fate_zh(row)
