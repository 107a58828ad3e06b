"""What is wrong with an office's set-up, and what it should do about it. Reads only; sends and changes nothing."""

import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from sqlalchemy import Connection

from config.secrets import writes_a_secret
from config.settings import font_file
from flows.failing import FailingChannel, failing_channels
from flows.office import Office
from flows.trust import doubt_of_clock, missing_run
from models.answers.verify import faults
from models.errors import FontRefused, InputRefused, ReportRefused
from models.evidence import ASIDE
from models.leap import doubt_zh
from models.mornings import LATEST_ZH
from models.saying import Saying, command_zh
from models.store import board, outbox, vitals
from models.store.board import MessageRow
from models.store.engine import wal_is_safe
from models.store.home import site
from models.store.home.beside import can_be_kept
from models.store.posting import watermark
from models.tables import MessageState
from models.tables.outbox import is_unresolved
from notifications.addresses import caution, check, label

MOST_LISTED = 20
"""Messages that need a person and are named one by one; a copy that was taken over may have hundreds."""


class Level(StrEnum):
    """How much it matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def zh(self) -> str:
        return {"error": "须处理", "warning": "注意", "info": "情况"}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing seen, and the cure."""

    level: Level
    what: str
    cure: str = ""


def examine(office: Office, now: datetime) -> list[Finding]:
    """Everything there is to say by now, errors first. Raises DubanError where the set-up cannot even be read."""
    trust, channels, deliveries = (partial(look, now=now) for look in (_trust, _channels, _deliveries))
    looks = (_home, trust, _exceptions, _addresses, channels, deliveries, _leftovers, _font, _reports, _record)
    found = [finding for look in looks for finding in look(office)]
    return sorted(found, key=lambda finding: list(Level).index(finding.level))


def vitals_of(office: Office, now: datetime) -> dict[str, object]:
    """The numbers behind the findings, for a program that watches: see docs/how-to/doctor.md."""
    with office.store.reading() as connection:
        found, oldest = vitals.counters(connection, now), vitals.oldest_due(connection, now)
        failing = _failing(connection, office, now)
        run, handed = vitals.newest_run(connection), vitals.last_hand_over(connection)
    return {
        "counters": asdict(found),
        "oldest_due_minutes": None if oldest is None else int(oldest.total_seconds() // 60),
        "failing_channels": [asdict(channel) for channel in failing],
        "last_run": run and asdict(run),
        "last_delivery": handed,
        "copy": office.standing.is_copy,
    }


def _home(office: Office) -> Iterator[Finding]:
    mode = "演练" if office.rehearsal else "正式"
    with office.store.reading() as connection:
        mark = watermark(connection)
        measures = len(board.measures(connection))
    yield Finding(Level.INFO, f"{(mark and f'已处理到{mark}') or '还没有运行过'}；{mode}环境，{measures}条措施。")
    yield Finding(Level.INFO, f"升级阶梯“{office.policy.name}”，版本 {office.policy.digest[:12]}。")
    if not wal_is_safe():
        yield Finding(
            Level.INFO,
            f"本机 SQLite {sqlite3.sqlite_version} 的 WAL 日志有已知缺陷，已改用更稳妥的回滚日志，数据安全不受影响。",
        )
    today = office.day(None)
    ahead = office.calendar.add_workdays(today, 20)
    if office.calendar.is_provisional(ahead):
        yield Finding(Level.INFO, f"{ahead.year}年节假日安排尚未公布或未收录，{ahead}前后的日期为推算。",
                      "公布后请写入 calendar.yaml。")  # fmt: skip


def _trust(office: Office, now: datetime) -> Iterator[Finding]:
    """What keeps this home from deciding or handing over, and what it should have done by now."""
    standing = office.standing
    if standing.is_copy:
        refusal = site.refusal(standing)
        yield Finding(Level.ERROR, refusal.zh, refusal.cure)
    if not can_be_kept(office.place.file):
        yield Finding(Level.INFO, "数据目录的上级目录不可写：把旧备份放回原处时，系统无法自行识别。",
                      "放回备份前请先停用原来的数据目录；或允许写入上级目录。")  # fmt: skip
    if doubt := doubt_of_clock(office):
        yield Finding(Level.ERROR, f"{doubt_zh(doubt)}；在有人确认之前不办理、不投递。",
                      "请核对本机日期和时间；无误后运行 duban daily --clock-is-right --by 经办人代码。")  # fmt: skip
    if day := missing_run(office, now):
        yield Finding(Level.ERROR, f"{day}的日常运行到{LATEST_ZH}仍没有完成。",
                      "请运行 duban daily，并检查定时任务或服务为何没有运行。")  # fmt: skip


def _exceptions(office: Office) -> Iterator[Finding]:
    from notifications.reports.briefing import told_of

    day = office.come_to()
    with office.store.reading() as connection:
        for exception in board.exceptions(connection, day):
            yield Finding(Level.WARNING, f"{told_of(exception)}。", "人手充足后请组长终止：duban exception end。")


def _addresses(office: Office) -> Iterator[Finding]:
    for party in office.directory.parties:
        if not party.addresses:
            yield Finding(Level.WARNING, f"{party.name}（{party.code}）没有通知地址。", "请在 directory.yaml 中补录。")
        for reference in party.addresses:
            if writes_a_secret(reference):
                what = f"{party.name}（{party.code}）的地址 {label(reference)} 把口令写在了 directory.yaml 里。"
                yield Finding(Level.WARNING, what, "请改成 ${环境变量} 引用，并更换口令。")
            fault = check(reference, office.settings.env, office.channels)
            if fault:
                yield Finding(Level.ERROR, f"{party.name}（{party.code}）的地址 {label(reference)} 不可用：{fault}。",
                              "请检查 directory.yaml 和环境变量。")  # fmt: skip
            elif warning := caution(reference):
                yield Finding(Level.WARNING, f"{party.name}（{party.code}）的地址 {label(reference)} {warning}。",
                              "请确认允许使用该服务。")  # fmt: skip


def _failing(connection: Connection, office: Office, now: datetime) -> list[FailingChannel]:
    return failing_channels(connection, office, office.come_to(), now)


def _channels(office: Office, now: datetime) -> Iterator[Finding]:
    """Whom no message reaches, though nobody refused one: after a day somebody must look after it."""
    with office.store.reading() as connection:
        failing = _failing(connection, office, now)
    for channel in failing:
        level = Level.ERROR if channel.needs_a_person(now) else Level.WARNING
        yield Finding(level, f"{channel.zh}。", "请检查该通道（服务器、密码、机器人）；急需告知的请用其他方式。")


def _deliveries(office: Office, now: datetime) -> Iterator[Finding]:
    with office.store.reading() as connection:
        ended_badly = board.messages(connection, tuple(_BAD_ENDS))
        waiting = board.messages(connection, outbox.CLAIMABLE)
        orphans = outbox.orphans(connection)
    if orphans:
        yield Finding(Level.WARNING, f"有{len(orphans)}封消息的投递进程已中断。", "运行 duban deliver 即可恢复。")
    named = sorted(ended_badly, key=lambda row: not is_unresolved(row.state, row.kind))
    yield from map(_bad_end, named[:MOST_LISTED])
    if more := sum(is_unresolved(row.state, row.kind) for row in named[MOST_LISTED:]):
        yield Finding(Level.ERROR, f"另有{more}封消息须人工处理。", "见 duban messages。")
    if waiting:
        oldest = min(row.on_day for row in waiting)
        is_due = any(row.next_try_at is None or row.next_try_at <= now for row in waiting)
        cure = "运行 duban deliver。" if is_due else "未到重试时间，到时由定时运行的 duban deliver 重试。"
        yield Finding(Level.WARNING, f"有{len(waiting)}封消息待发，最早的是{oldest}。", cure)


def _bad_end(row: MessageRow) -> Finding:
    """A message that came to no good end, and the command by which a person puts that on record."""
    words, cure = _BAD_ENDS[row.state]
    why = " ".join(filter(None, (row.code, row.reason)))
    what = f"消息{row.id}（{row.on_day}，{row.party}）{words}{f'：{why}' if why else ''}"
    arrived, resend = command_zh(Saying.ARRIVED, row.id), command_zh(Saying.RESEND, row.id)
    again = f"；要再发一次的：{resend}" if row.state in outbox.SAYABLE_IN[Saying.RESEND] else ""
    level = Level.ERROR if is_unresolved(row.state, row.kind) else Level.WARNING
    return Finding(level, what, f"{cure}对方已经知悉的：{arrived}{again}。")


_BAD_ENDS = {
    MessageState.REJECTED: ("被拒收", "请核对 directory.yaml 中的地址。"),
    MessageState.UNKNOWN: ("是否送达不明", "请向对方核实。"),
    MessageState.BOUNCED: ("被退回", "请核对 directory.yaml 中的地址。"),
    MessageState.EXPIRED: ("过了时效仍没有送出", "请用其他方式告知。"),
}


def _leftovers(office: Office) -> Iterator[Finding]:
    found = list(office.settings.evidence.glob(f"{ASIDE}*"))
    if found:
        yield Finding(Level.INFO, f"evidence 中有{len(found)}个上报中断后遗留的临时文件（{ASIDE}*）。",
                      "确认没有正在进行的上报后可以删除。")  # fmt: skip


def _font(office: Office) -> Iterator[Finding]:
    """What pictures are lettered with. An office without it is sound otherwise."""
    from notifications.reports.pictures import fonts

    try:
        font = fonts.needed(office.settings.env)
    except FontRefused as refusal:
        named = font_file(office.settings.env) is not None
        yield Finding(Level.WARNING if named else Level.INFO, refusal.zh, refusal.cure)
    else:
        yield Finding(Level.INFO, f"图表用字体“{font.name}”（{font.path}）。")


def _reports(office: Office) -> Iterator[Finding]:
    """What the next report would stumble over: its settings, and templates of the office's own."""
    from config.reporting import load_reporting
    from notifications.reports import own_templates

    refusals: list[InputRefused] = list(own_templates.broken(office.settings.templates))
    try:
        load_reporting(office.settings.report)
    except ReportRefused as refusal:
        refusals.append(refusal)
    for one in refusals:
        first = f"第一处：{one.problems[0]}。" if one.problems else ""
        yield Finding(Level.WARNING, f"{one.zh}{first}", one.cure)


def _record(office: Office) -> Iterator[Finding]:
    with office.store.reading() as connection:
        for fault in faults(connection, office.settings.evidence, contents=False):
            yield Finding(Level.ERROR, fault.what, "请保留现场并查明原因。")
