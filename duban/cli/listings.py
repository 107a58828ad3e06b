"""measures, show, notices, messages: what people and programs read. Imports neither Prefect nor Apprise."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from duban.cli.options import json_option, on_option
from duban.cli.output import print_json, print_table

if TYPE_CHECKING:
    from flows.office import Office
    from models.store.board import MeasureRow, MessageRow, NoticeRow

STATES = ("drafted", "assigned", "in_progress", "self_checked", "verified", "under_review", "closed", "following_up",
          "withdrawn")  # fmt: skip
MESSAGE_STATES = ("planned", "leased", "handing_over", "accepted", "retry_wait", "rejected", "unknown", "cancelled",
                  "superseded", "expired", "bounced")  # fmt: skip


@click.command()
@click.option("--state", type=click.Choice(STATES), default=None, help="只看这一状态。")
@click.option("--unit", default=None, help="只看这一责任单位（代码或名称）。")
@click.option("--overdue", is_flag=True, help="只看已超期的。")
@on_option("按这一天计算剩余天数（默认今天，演练环境为已处理到的日期）。")
@json_option
def measures(state: str | None, unit: str | None, overdue: bool, on: date | None, as_json: bool) -> None:
    """措施一览：状态、办理方、时限、剩余工作日。"""
    from flows.office import open_office
    from models.store import board

    with open_office() as office:
        day = on or _board_day(office)
        with office.store.reading() as connection:
            rows = board.measures(connection)
        rows = [
            row
            for row in rows
            if (state is None or row.state == state)
            and (unit is None or unit in (row.unit, row.unit_name))
            and (not overdue or (row.clock_due_on is not None and row.clock_due_on < day))
        ]
        if as_json:
            print_json([_measure_json(row, day, office) for row in rows])
            return
        print_table(
            f"措施一览（{day}，共{len(rows)}条）",
            ("编号", "整改措施", "责任单位", "牵头领导", "状态", "当前环节", "办理方", "时限", "剩余/超期"),
            [_measure_cells(row, day, office) for row in rows],
            "没有符合条件的措施。",
        )


@click.command()
@click.argument("no", metavar="NO")
@json_option
def show(no: str, as_json: bool) -> None:
    """一条措施的全貌：时限、流转记录、通知。"""
    from flows.office import open_office
    from models.handling.case import find_measure
    from models.lifecycle import CLOSURE_ZH, STAGE_ZH, STATE_ZH
    from models.store import board
    from notifications.compose import reason_of

    with open_office() as office, office.store.reading() as connection:
        from sqlmodel import Session

        with Session(connection) as session:
            measure_id = find_measure(session, no).id
        row = next(row for row in board.measures(connection) if row.id == measure_id)
        clocks = board.clocks_of(connection, row.id)
        events = board.events_of(connection, row.id)
        notices = board.notices_of_measure(connection, row.id)
        if as_json:
            print_json([{
                **_measure_json(row, _board_day(office), office),
                "clocks": [asdict(clock) for clock in clocks],
                "events": [asdict(event) for event in events],
                "notices": [_notice_json(notice, office) for notice in notices],
            }])  # fmt: skip
            return
        click.echo(f"措施{row.no}　{row.text}")
        click.echo(f"反馈问题：{row.problem}")
        click.echo(f"责任单位：{row.unit_name}　牵头领导：{row.lead_name}　销号类别：{CLOSURE_ZH[row.closure]}"
                   f"{'　重大' if row.major else ''}")  # fmt: skip
        click.echo(f"状态：{STATE_ZH[row.state]}（第{row.version}版）　台账所列完成时限：{row.limit_text}"
                   f"{f'（{row.limit_note}）' if row.limit_note else ''}")  # fmt: skip
        print_table(
            "时限", ("环节", "办理方", "时限", "起算", "停止", "结果"),
            [(STAGE_ZH[c.stage], c.holder, c.due_on, c.opened_on, c.stopped_on, _OUTCOME_ZH[c.outcome])
             for c in clocks],
            "尚未交办，没有时限在计。",
        )  # fmt: skip
        print_table(
            "流转记录", ("序", "日期", "事项", "经办", "状态", "说明"),
            [(e.seq, e.on_day, _action_zh(e.action), f"{e.person}（{e.party}）", _states_zh(e.from_state, e.to_state),
              e.payload.get("statement") or e.payload.get("reason") or "") for e in events],
            "没有流转记录。",
        )  # fmt: skip
        print_table(
            "通知", ("日期", "对象", "类别", "事由", "送达"),
            [_notice_cells(notice, reason_of(notice, notice.on_day, office.calendar)) for notice in notices],
            "没有通知。",
        )  # fmt: skip


@click.command()
@on_option("只看这一天的；不给则列出全部。")
@json_option
def notices(on: date | None, as_json: bool) -> None:
    """通知事项：谁该知道什么，为什么，送到没有。"""
    from flows.office import open_office
    from models.store import board
    from notifications.compose import reason_of

    with open_office() as office:
        with office.store.reading() as connection:
            rows = board.notices_between(connection, on, on) if on else board.notices(connection)
        if as_json:
            print_json([_notice_json(row, office) for row in rows])
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


def _board_day(office: "Office") -> date:
    """Today; in a rehearsal the day it has come to, unless the environment sets one."""
    from models.store.posting import watermark

    if not office.rehearsal or office.settings.today:
        return office.day(None)
    with office.store.reading() as connection:
        return watermark(connection) or office.day(None)


def _days(row: "MeasureRow", day: date, office: "Office") -> int | None:
    return office.calendar.workdays_between(day, row.clock_due_on) if row.clock_due_on else None


def _measure_json(row: "MeasureRow", day: date, office: "Office") -> dict[str, Any]:
    return {
        "measure": row.no, "round": row.round_code, "problem": row.problem, "text": row.text, "unit": row.unit,
        "lead": row.lead, "state": row.state, "closure": row.closure, "major": row.major, "limit": row.limit_text,
        "due_on": row.due_on, "stage": row.stage, "clock_due_on": row.clock_due_on, "holder": row.holder_name,
        "days": _days(row, day, office), "version": row.version,
    }  # fmt: skip


def _measure_cells(row: "MeasureRow", day: date, office: "Office") -> tuple[object, ...]:
    from models.lifecycle import STAGE_ZH, STATE_ZH
    from notifications.sentences import when_zh

    stage = STAGE_ZH[row.stage] if row.stage else ""
    due = row.clock_due_on or row.limit_text
    days = _days(row, day, office)
    when = when_zh(row.clock_due_on, days, day) if row.clock_due_on and days is not None else ""
    return (row.no, row.text, row.unit_name, row.lead_name, STATE_ZH[row.state], stage, row.holder_name, due,
            when)  # fmt: skip


def _notice_json(row: "NoticeRow", office: "Office") -> dict[str, Any]:
    from models.tables import Unsaid
    from notifications.compose import reason_of

    return {
        "measure": row.measure, "stage": row.stage, "due_on": row.due_on, "rung": row.rung, "kind": row.kind,
        "colour": row.colour, "role": row.role, "party": row.party, "on": row.on_day,
        "superseded": row.unsaid is Unsaid.SUPERSEDED, "reason": reason_of(row, row.on_day, office.calendar),
        "unsaid": row.unsaid, "message_state": row.message_state,
    }  # fmt: skip


def _message_json(row: "MessageRow", office: "Office") -> dict[str, Any]:
    from notifications.packing import header_id

    key, domain = bytes.fromhex(office.home.message_key), office.home.message_domain
    message_id = row.header_id or header_id(key, domain, row.party, row.on_day, row.kind, row.run_id, row.address_no)
    return {
        "message_id": message_id, "party": row.party, "on": row.on_day, "kind": row.kind, "state": row.state,
        "attempts": row.attempts, "ambiguous": row.ambiguous, "code": row.code, "reason": row.reason, "id": row.id,
        "next_try_at": row.next_try_at,
    }  # fmt: skip


def _notice_cells(row: "NoticeRow", reason: str) -> tuple[object, ...]:
    from models.ladder import NOTICE_KIND_ZH
    from notifications.reports.briefing import fate_zh

    return row.on_day, row.party_name, NOTICE_KIND_ZH[row.kind], reason, fate_zh(row)


def _action_zh(action: str) -> str:
    from models.lifecycle import ACTION_ZH, Action

    return ACTION_ZH[Action(action)] if action in set(Action) else action


def _states_zh(before: str, after: str) -> str:
    from models.lifecycle import STATE_ZH, State

    return f"{STATE_ZH[State(before)]} → {STATE_ZH[State(after)]}" if before and after else ""


_OUTCOME_ZH = {None: "在计", "met": "按期", "late": "逾期", "void": "作废"}
_KIND_ZH = {"digest": "提醒", "escalation": "督办"}
_STATE_ZH = {
    "planned": "待发", "leased": "发送中", "handing_over": "发送中", "accepted": "已送达", "retry_wait": "待重试",
    "rejected": "被拒收", "unknown": "不明", "cancelled": "已取消", "superseded": "被取代", "expired": "已过时",
    "bounced": "被退回",
}  # fmt: skip
