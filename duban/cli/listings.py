"""notices, messages: what was decided and said, and how it went. Imports neither Prefect nor Apprise."""

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from duban.cli.options import json_option, on_option
from duban.cli.output import print_json, print_table

if TYPE_CHECKING:
    from flows.office import Office
    from models.store.board import MessageRow, NewsRow, NoticeRow

MESSAGE_STATES = ("planned", "leased", "handing_over", "accepted", "retry_wait", "rejected", "unknown", "cancelled",
                  "superseded", "expired", "bounced")  # fmt: skip


@click.command()
@on_option("只看这一天的；不给则列出全部。")
@click.option("--actions", is_flag=True, help="改看办理通知：交办、退回、销号等办理事项告知了谁。")
@json_option
def notices(on: date | None, actions: bool, as_json: bool) -> None:
    """通知事项：每日运行按时限定出的，谁该知道什么，为什么，送到没有；--actions 看办理通知。"""
    from flows.office import open_office
    from models.store import board
    from notifications.compose import reason_of

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


@click.command()
@click.option("--state", type=click.Choice(MESSAGE_STATES), default=None, help="只看这一状态。")
@on_option("只看这一天的。")
@json_option
def messages(state: str | None, on: date | None, as_json: bool) -> None:
    """消息：说了什么，投递得怎样。"""
    from flows.office import open_office
    from models.store import board
    from models.tables import MessageState

    with open_office() as office:
        with office.store.reading() as connection:
            rows = board.messages(connection, (MessageState(state),) if state else (), on)
        if as_json:
            print_json([_message_json(row, office) for row in rows])
            return
        print_table(
            f"消息（共{len(rows)}封）", ("序", "日期", "对象", "类别", "状态", "次数", "不明", "代码", "说明"),
            [(row.id, row.on_day, row.party, _KIND_ZH[row.kind], _STATE_ZH[row.state], row.attempts, row.ambiguous,
              row.code, row.reason) for row in rows],
            "没有消息。",
        )  # fmt: skip


def notice_json(row: "NoticeRow", office: "Office") -> dict[str, Any]:
    from models.tables import Unsaid
    from notifications.compose import reason_of

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


def _message_json(row: "MessageRow", office: "Office") -> dict[str, Any]:
    from notifications.packing import header_id, origin_of

    key, domain = bytes.fromhex(office.home.message_key), office.home.message_domain
    message_id = row.header_id or header_id(
        key, domain, row.party, row.on_day, row.kind, origin_of(row.run_id, row.id), row.address_no
    )
    return {
        "message_id": message_id, "party": row.party, "on": row.on_day, "kind": row.kind, "state": row.state,
        "attempts": row.attempts, "ambiguous": row.ambiguous, "code": row.code, "reason": row.reason, "id": row.id,
        "next_try_at": row.next_try_at,
    }  # fmt: skip


def _notice_cells(row: "NoticeRow", reason: str) -> tuple[object, ...]:
    from models.ladder import NOTICE_KIND_ZH
    from notifications.reports.briefing import fate_zh

    return row.on_day, row.party_name, NOTICE_KIND_ZH[row.kind], reason, fate_zh(row)


_KIND_ZH = {"digest": "提醒", "escalation": "督办", "action": "办理"}
_STATE_ZH = {
    "planned": "待发", "leased": "发送中", "handing_over": "发送中", "accepted": "已送达", "retry_wait": "待重试",
    "rejected": "被拒收", "unknown": "不明", "cancelled": "已取消", "superseded": "被取代", "expired": "已过时",
    "bounced": "被退回",
}  # fmt: skip
