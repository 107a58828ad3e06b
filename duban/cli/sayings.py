"""messages resolve, received, bounced: what people say became of a message. Part of `duban messages`.

What their word means stands in models/handling/messages.py.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

import click

from duban.cli.acting import signed_options
from duban.cli.options import FILE, either
from models.errors import DubanError, NotFound, RuleBroken, UsageRefused

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.acting import Who
    from flows.office import Office
    from models.handling.case import By, Ground
    from models.handling.messages import Settled
    from notifications.bounces import Bounce

    Say = Callable[[Session, Ground, By, int], Settled]

_IDS = click.argument("message_ids", nargs=-1, required=True, type=click.IntRange(min=1), metavar="ID...")


@click.command("resolve")
@_IDS
@either("arrived", "已核实对方收到，或已另行告知。", "resend", "对方没有收到，重新发送。", given_as="arrived")
@signed_options
def resolve_(message_ids: Sequence[int], arrived: bool, who: "Who") -> int:
    """处理不明、被拒收、被退回的消息，或登记已过时的已另行告知（由综合组、督办组或组长办理）。"""
    from models.handling.messages import resolve

    return _say_each(message_ids, who, partial(resolve, arrived=arrived))


@click.command("received")
@_IDS
@signed_options
def received(message_ids: Sequence[int], who: "Who") -> int:
    """签收：收件的一方（或其代办方）确认收到了消息。"""
    from models.handling.messages import receive

    return _say_each(message_ids, who, receive)


@click.command("bounced")
@click.argument("message_ids", nargs=-1, type=click.IntRange(min=1), metavar="[ID...]")
@click.option("--dsn", "reports", multiple=True, type=FILE, metavar="FILE", help="邮件系统的退信（.eml），可多次给出。")
@signed_options
def bounced(message_ids: Sequence[int], reports: Sequence[Path], who: "Who") -> int:
    """登记退信：已送达或不明的消息被退了回来（须写理由）；或用 --dsn 读取退信文件。"""
    from models.handling.messages import bounce

    if bool(message_ids) == bool(reports):
        raise UsageRefused("请写明消息编号，或用 --dsn 给出退信文件（不能同用）。")
    return _record_reports(reports, who) if reports else _say_each(message_ids, who, bounce)


def _say_each(message_ids: Sequence[int], who: "Who", say: "Say") -> int:
    """Says it of each message, one transaction each. Exit 0 where nothing was refused."""
    from flows.acting import signed
    from flows.office import open_office

    with open_office() as office:
        day = office.day(who.on) if who.on else office.come_to()
        with signed(office, who) as (by, _):
            said = [_said(office, day, by, one, say) for one in message_ids]
    return 0 if all(said) else 1


def _said(office: "Office", day: date, by: "By", message_id: int, say: "Say", of: str = "") -> bool:
    """Says it of one message, and tells what came of it; whether it was not refused. `of`: the file that says so."""
    try:
        with office.acting(day) as (session, ground):
            settled = say(session, ground, by, message_id)
    except (RuleBroken, NotFound) as error:
        _refused(error, of)
        return False
    _tell(settled)
    return True


def _refused(error: DubanError, of: str) -> None:
    click.echo(f"{of}{error.zh}", err=True)
    if error.cure:
        click.echo(error.cure, err=True)


def _tell(settled: "Settled") -> None:
    from models.tables.outbox import MESSAGE_STATE_ZH

    click.echo(f"消息{settled.message_id}（{settled.party}）：{MESSAGE_STATE_ZH[settled.state]}")


# Reports of non-delivery


def _record_reports(paths: Sequence[Path], who: "Who") -> int:
    """Records what reports say. Exit 0 where each failure fitted a message; a report of a delay changes nothing."""
    from flows.acting import signed
    from flows.office import open_office
    from notifications.bounces import bounces_in

    read = {path: bounces_in(_content_of(path)) for path in paths}
    fitting = []
    with open_office() as office:
        day = office.day(who.on) if who.on else office.come_to()
        with signed(office, who) as (by, _):
            for path, found in read.items():
                if not found:
                    click.echo(f"“{path}”不是退信：其中没有投递报告。", err=True)
                fitting += [_record_one(office, day, by, path, one) for one in found] or [False]
    return 0 if all(fitting) else 1


def _record_one(office: "Office", day: date, by: "By", path: Path, one: "Bounce") -> bool:
    """Records what a report says of one recipient, and tells what came of it; whether it fitted."""
    from models.handling.messages import bounce
    from models.store.outbox import Report

    if not one.is_failure:
        click.echo(f"“{path}”只说明{_ACTIONS_ZH.get(one.action, one.action)}，未作改动。")
        return True
    message_id = _message_of(office, one.message_ids)
    if message_id is None:
        named = "、".join(one.message_ids[:_NAMED]) or "没有写明编号"
        click.echo(f"“{path}”所退的邮件（{named}）不是本系统发出的消息。", err=True)
        return False
    say = partial(bounce, report=Report(one.status, one.diagnostic))
    return _said(office, day, by, message_id, say, of=f"“{path}”：")


_NAMED = 3
"""Mails that are named where none is ours."""
_ACTIONS_ZH = {"delayed": "投递有延迟", "delivered": "已投递", "relayed": "已转发", "expanded": "已分发"}


def _content_of(path: Path) -> bytes:
    """Raises OSError where there is none. A pipe or a device might never end, and is not waited for."""
    from notifications.bounces import MOST_BYTES

    if not S_ISREG(path.stat().st_mode):
        raise UsageRefused(f"“{path}”不是普通文件，未读取。", "请给出另存的退信文件（.eml）。")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UsageRefused(f"“{path}”太大，不像是退信。", "请检查文件。")
    return content


def _message_of(office: "Office", header_ids: Sequence[str]) -> int | None:
    from models.store import fates

    with office.store.reading() as connection:
        found = (fates.with_header(connection, one) for one in header_ids)
        return next((one for one in found if one is not None), None)
