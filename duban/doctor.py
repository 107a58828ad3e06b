"""What is wrong with an office's set-up, and what it should do about it. Reads only; sends and changes nothing."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from config.directory import without_passwords
from flows.office import Office
from models.answers.verify import faults
from models.evidence import ASIDE
from models.store import board, outbox
from models.store.engine import wal_is_safe
from models.store.posting import watermark
from models.tables import MessageState
from notifications.addresses import check, label


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


def examine(office: Office) -> list[Finding]:
    """Everything there is to say, errors first. Raises DubanError where the set-up cannot even be read."""
    looks = (_home, _exceptions, _addresses, _deliveries, _leftovers, _record)
    found = [finding for look in looks for finding in look(office)]
    return sorted(found, key=lambda finding: list(Level).index(finding.level))


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
            if without_passwords(reference) != reference:
                what = f"{party.name}（{party.code}）的地址 {label(reference)} 把口令写在了 directory.yaml 里。"
                yield Finding(Level.WARNING, what, "请改成 ${环境变量} 引用，并更换口令。")
            fault = check(reference, office.settings.env)
            if fault:
                yield Finding(Level.ERROR, f"{party.name}（{party.code}）的地址 {label(reference)} 不可用：{fault}。",
                              "请检查 directory.yaml 和环境变量。")  # fmt: skip


def _deliveries(office: Office) -> Iterator[Finding]:
    with office.store.reading() as connection:
        troubled = board.messages(connection, (MessageState.REJECTED, MessageState.UNKNOWN))
        waiting = board.messages(connection, outbox.CLAIMABLE)
        orphans = outbox.orphans(connection)
    if orphans:
        yield Finding(Level.WARNING, f"有{len(orphans)}封消息的投递进程已中断。", "运行 duban deliver 即可恢复。")
    for row in troubled:
        words, cure = _TROUBLE[row.state]
        what = f"消息{row.id}（{row.on_day}，{row.party}）{words}：{row.code} {row.reason}"
        yield Finding(Level.ERROR, what, cure)
    if waiting:
        oldest = min(row.on_day for row in waiting)
        yield Finding(Level.WARNING, f"有{len(waiting)}封消息待发，最早的是{oldest}。", "运行 duban deliver。")


_TROUBLE = {
    MessageState.REJECTED: ("被拒收", "请核对地址，并用其他方式告知。"),
    MessageState.UNKNOWN: ("是否送达不明", "请向对方核实，必要时用其他方式告知。"),
}


def _leftovers(office: Office) -> Iterator[Finding]:
    found = list(office.settings.evidence.glob(f"{ASIDE}*"))
    if found:
        yield Finding(Level.INFO, f"evidence 中有{len(found)}个上报中断后遗留的临时文件（{ASIDE}*）。",
                      "确认没有正在进行的上报后可以删除。")  # fmt: skip


def _record(office: Office) -> Iterator[Finding]:
    with office.store.reading() as connection:
        for fault in faults(connection, office.settings.evidence, contents=False):
            yield Finding(Level.ERROR, fault.what, "请保留现场并查明原因。")
