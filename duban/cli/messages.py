"""messages: what was said and how it went. Imports neither Prefect nor Apprise."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from config.clock import in_office
from duban.cli.chinese import ChineseGroup
from duban.cli.options import json_option, on_option
from duban.cli.output import print_json, print_table
from duban.cli.sayings import bounced, received, resolve_
from models.errors import NotFound, UsageRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flows.office import Office
    from models.directory import Directory
    from models.store.board import MessageRow
    from models.store.fates import AttemptRow, HandedTo

MESSAGE_STATES = ("planned", "leased", "handing_over", "accepted", "retry_wait", "rejected", "unknown", "cancelled",
                  "superseded", "expired", "bounced")  # fmt: skip


@click.group(cls=ChineseGroup, invoke_without_command=True)
@click.option("--state", type=click.Choice(MESSAGE_STATES), default=None, help="只看这一状态。")
@on_option("只看这一天的。")
@json_option
@click.pass_context
def messages(ctx: click.Context, state: str | None, on: date | None, as_json: bool) -> None:
    """消息：说了什么，投递得怎样；不写子命令则列出。"""
    if ctx.invoked_subcommand is None:
        _list(state, on, as_json=as_json)
    elif state or on or as_json:
        raise UsageRefused(
            f"--state、--on、--json 在这里只用于列出消息，不能写在 {ctx.invoked_subcommand} 之前。",
            f"请写在后面：duban messages {ctx.invoked_subcommand} …",
        )


@click.command("show")
@click.argument("message_id", type=click.IntRange(min=1), metavar="ID")
@json_option
def show(message_id: int, as_json: bool) -> None:
    """一封消息：投递的每一步、所含事项和发出的正文。"""
    from flows.office import open_office
    from models.store import fates

    with open_office() as office, office.store.reading() as connection:
        row = fates.message(connection, message_id)
        if row is None:
            raise NotFound(f"没有编号为{message_id}的消息。", "请用 duban messages 查看编号。")
        record, content = fates.attempts_of(connection, row.id), fates.content_of(connection, row.id)
        handed = fates.handed_to(connection, (row.id,)).get(row.id)
        told, directory = _told(office, connection, row), office.directory
    if as_json:
        entries = [asdict(entry) for entry in record]
        print_json({**_json(row, handed, office), "record": entries, "text": _text(content), **told})
    else:
        _show(row, record, told, content, directory)


# Listing


def _list(state: str | None, on: date | None, *, as_json: bool) -> None:
    from flows.office import open_office
    from models.store import board, fates
    from models.tables import MessageState
    from models.tables.outbox import MESSAGE_STATE_ZH

    with open_office() as office:
        with office.store.reading() as connection:
            rows = board.messages(connection, (MessageState(state),) if state else (), on)
            handed = fates.handed_to(connection, [row.id for row in rows]) if as_json else {}
        if as_json:
            print_json([_json(row, handed.get(row.id), office) for row in rows])
            return
        print_table(
            f"消息（共{len(rows)}封）",
            ("编号", "日期", "对象", "类别", "状态", "签收", "次数", "不明", "代码", "说明"),
            [(row.id, row.on_day, row.party, _kind_zh(row), MESSAGE_STATE_ZH[row.state], row.received_on, row.attempts,
              row.ambiguous, row.code, row.reason) for row in rows],
            "没有消息。",
        )  # fmt: skip


def _json(row: "MessageRow", handed: "HandedTo | None", office: "Office") -> dict[str, Any]:
    return {
        "message_id": _header_id(row, office), "party": row.party, "on": row.on_day, "kind": row.kind,
        "state": row.state, "attempts": row.attempts, "ambiguous": row.ambiguous, "code": row.code,
        "reason": row.reason, "id": row.id, "next_try_at": row.next_try_at, "part": row.part, "parts": row.parts,
        "accepted_on": row.accepted_on, "received_on": row.received_on, "received_by": row.received_by,
        "channel": handed.channel if handed else "", "enhanced": handed.enhanced if handed else "",
    }  # fmt: skip


def _header_id(row: "MessageRow", office: "Office") -> str:
    """The Message-ID that it has, or will have as things stand."""
    from notifications.packing import header_id, origin_of

    if row.header_id:
        return row.header_id
    key, domain = bytes.fromhex(office.home.message_key), office.home.message_domain
    origin = origin_of(row.run_id, row.id, row.part, row.ambiguous)
    return header_id(key, domain, row.party, row.on_day, row.kind, origin, row.address_no)


def _kind_zh(row: "MessageRow") -> str:
    from models.ladder import MESSAGE_KIND_ZH

    return f"{MESSAGE_KIND_ZH[row.kind]}{f' {row.part}/{row.parts}' if row.parts > 1 else ''}"


# One message


def _told(office: "Office", connection: "Connection", row: "MessageRow") -> dict[str, list[dict[str, Any]]]:
    """The notices or news in it, as their listings give them."""
    from duban.cli.listings import news_json, notice_json
    from models.store import board

    ids = json.loads(row.notice_ids)
    if row.kind == "action":
        return {"notices": [], "news": [news_json(one) for one in board.news_by_id(connection, ids)]}
    return {"notices": [notice_json(one, office) for one in board.notices_by_id(connection, ids)], "news": []}


def _text(content: bytes | None) -> str | None:
    from notifications.words.as_sent import text_of

    return text_of(content) if content is not None else None


def _show(
    row: "MessageRow", record: "Sequence[AttemptRow]", told: dict[str, Any], content: bytes | None,
    directory: "Directory",
) -> None:  # fmt: skip
    from models.news import NEWS_ZH
    from models.tables.outbox import MESSAGE_STATE_ZH

    click.echo(f"消息{row.id}　{row.on_day}　{row.party}　{_kind_zh(row)}　{MESSAGE_STATE_ZH[row.state]}")
    if row.received_on:
        click.echo(f"签收：{row.received_on}，{_person_zh(row.received_by, directory)}")
    if row.ambiguous:
        click.echo(f"有{row.ambiguous}次是否送达不明，对方可能收到不止一封。")
    columns = ("次", "时间", "事项", "通道", "代码", "说明", "毫秒", "经手")
    print_table("投递记录", columns, [_entry_cells(entry, directory) for entry in record], "还没有投递过。")
    things = [(one["measure"], one.get("reason") or NEWS_ZH[one["kind"]]) for one in chain(*told.values())]
    print_table("所含事项", ("措施", "事由"), things, "没有事项。")
    click.echo(_text(content) if content is not None else "正文在投递时生成。")


def _entry_cells(entry: "AttemptRow", directory: "Directory") -> tuple[object, ...]:
    code = " ".join(dict.fromkeys(filter(None, (entry.code, entry.enhanced))))
    at = in_office(entry.at).strftime("%m-%d %H:%M:%S")
    by = _owner_zh(entry.owner, directory)
    return entry.n, at, _PHASE_ZH[entry.phase], entry.channel, code, entry.reason, entry.took_ms, by


def _owner_zh(owner: str, directory: "Directory") -> str:
    """Who wrote an entry of the delivery record, for people; see models/tables/outbox.py."""
    from models.store.outbox import BY_DIRECTORY

    who, _, code = owner.partition(":")
    match who:
        case "person":
            return _person_zh(code, directory)
        case "dsn":
            return f"退信（{_person_zh(code, directory)}登记）"
        case _:
            return "通讯录变更" if owner == BY_DIRECTORY else "程序"


def _person_zh(code: str, directory: "Directory") -> str:
    """A person's name; the code of somebody whom the directory no longer holds."""
    found = directory.person(code)
    return found.name if found else code


_PHASE_ZH = {
    "leased": "取出待投", "handing_over": "开始递交", "accepted": "对方接收", "retry": "暂未接收，待重试",
    "rejected": "拒收", "unknown": "是否送达不明", "not_sent": "未发出", "bounced": "退信", "resolved": "人工处理",
    "received": "签收", "taken_over": "接管副本，是否送达不明",
}  # fmt: skip


for _command in (show, resolve_, received, bounced):
    messages.add_command(_command)
