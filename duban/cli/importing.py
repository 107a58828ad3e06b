"""import: shows how a ledger or a notice was understood, takes it in, and says what that came to.

What asks for a look goes to standard error; how the file was understood, and the result, to standard output. Of a file
that is refused the problems are told below what asks for a look, and nothing of how it was understood. With --json all
of it is one object on standard output.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from duban.cli.options import FILE, Day, json_option, on_option
from duban.cli.output import print_json

if TYPE_CHECKING:
    from duban.cli.difference_lines import Calling
    from flows.office import Office
    from models.errors import InputRefused, Problem
    from models.handling.importing import Imported, RoundSpec
    from models.ledger.preview import Preview
    from models.ledger.rows import LedgerReading

KINDS = ("ledger", "notice")
WARNINGS_MOST = 100
"""Warnings that are printed; a long file may have one a row."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be taken in, under which round, and how."""

    file: Path
    kind: str
    round_code: str | None
    feedback_on: date | None
    sheet: str | None
    columns: Path | None
    closed: bool
    dry_run: bool


@dataclass(slots=True)
class _Told:
    """What there is to say of an import, whether it came about or not."""

    spec: "RoundSpec"
    assumed: str = ""
    reading: "LedgerReading | None" = None
    imported: "Imported | None" = None
    refused: "InputRefused | None" = None
    several_rounds: bool = False
    parties: dict[str, str] = field(default_factory=dict)


@click.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--as", "kind", type=click.Choice(KINDS), default="ledger",
    help="文件是什么：ledger 台账（默认）；notice 公开的整改通报，据以起草措施，责任主体和时限待补。",
)  # fmt: skip
@click.option("--round", "round_code", default=None, metavar="CODE", help="整改轮次代码；只有一个轮次时可不写。")
@click.option("--feedback-on", type=Day(), default=None, help="反馈日期，时限由此起算。")
@click.option("--sheet", default=None, metavar="NAME", help="只读这一张工作表；不给则读全部有表头的。")
@click.option("--columns", type=FILE, default=None, help="列名对照表；不给则用数据目录中的 columns.yaml（如有）。")
@click.option("--closed", is_flag=True, help="上一轮次的台账：作为已销号的措施导入，可再开展回头看。")
@click.option("--dry-run", is_flag=True, help="只检查，不导入。")
@on_option("导入日期（只用于演练环境）。")
@json_option
def import_(on: date | None, as_json: bool, **asked: Any) -> int:
    """读入台账（.xlsx、.docx、.csv）。有问题则全部列出，一条也不导入；不发送任何消息。

    同一轮次再次导入时列出与上次的差别：草稿随台账更新，已交办的不改动。
    """
    from flows.office import open_office

    wanted = _Asked(**asked)
    _refuse_unfit(wanted)
    with open_office() as office:
        told = _told(office, wanted, office.day(on))
    if as_json:
        print_json(_json(told, wanted))
        return 0 if told.refused is None else 1
    return _say(told, wanted)


def _refuse_unfit(asked: _Asked) -> None:
    from models.errors import UsageRefused

    if asked.kind == "notice" and (asked.sheet or asked.columns or asked.closed):
        raise UsageRefused("--sheet、--columns、--closed 只用于台账。", "请去掉，或去掉 --as notice。")


class _Undone(Exception):  # noqa: N818 - a signal to roll back, not an error
    """Ends the transaction of a dry run, which did all there is to do and keeps nothing."""


def _told(office: "Office", asked: _Asked, day: date) -> _Told:
    """Reads the file and takes it in. A ledger that is refused is told like any other."""
    from sqlmodel import Session

    from models.errors import InputRefused
    from models.handling.importing import round_for

    with office.store.reading() as connection, Session(connection) as session:
        spec, assumed = round_for(session, asked.round_code, asked.feedback_on, day)
    told = _Told(spec, assumed, parties={party.code: party.name for party in office.directory.parties})
    try:
        # Read before anything is locked: a large workbook takes longer than others can be made to wait.
        told.reading = _read(office, asked, spec.feedback_on)
        _take_in(office, asked, day, told, told.reading)
    except InputRefused as refused:
        told.refused = refused
    return told


def _take_in(office: "Office", asked: _Asked, day: date, told: _Told, reading: "LedgerReading") -> None:
    """Takes a reading in, in one transaction, which a dry run undoes."""
    from models.handling.importing import import_ledger
    from models.store import board

    with suppress(_Undone), office.acting(day) as (session, ground):
        told.imported = import_ledger(session, ground, reading, told.spec, asked.file.name, closed=asked.closed)
        told.several_rounds = board.count_rounds(session.connection()) > 1
        if asked.dry_run:
            raise _Undone


def _read(office: "Office", asked: _Asked, anchor: date) -> "LedgerReading":
    if asked.kind == "notice":
        from models.ledger.notice.reader import read_notice

        return read_notice(asked.file, anchor, office.calendar)
    from config.columns import load_columns
    from models.ledger.table.reader import read_ledger

    own = office.settings.columns
    mapping = load_columns(asked.columns or (own if own.exists() else None))
    return read_ledger(asked.file, office.directory, anchor, office.calendar, mapping=mapping, sheet=asked.sheet)


def _calling(told: _Told) -> "Calling":
    from duban.cli.difference_lines import Calling

    code = told.spec.code
    return Calling(lambda no: f"{code}/{no}" if told.several_rounds else no, told.parties)


# For people


def _say(told: _Told, asked: _Asked) -> int:
    if told.assumed:
        click.echo(told.assumed, err=True)
    for line in _warnings(told.reading.warnings if told.reading else ()):
        click.echo(line, err=True)
    if told.refused:
        raise told.refused
    preview, imported = _preview(told), told.imported
    assert preview and imported
    for line in (*preview.lines(), *_result(told, imported, asked)):
        click.echo(line)
    return 0


def _warnings(warnings: "Sequence[Problem]") -> Iterator[str]:
    from models.ledger.excerpts import left_out_zh

    for warning in warnings[:WARNINGS_MOST]:
        yield f"  提示 {warning}"
    if len(warnings) > WARNINGS_MOST:
        yield left_out_zh(len(warnings) - WARNINGS_MOST, "条提示")


def _result(told: _Told, imported: "Imported", asked: _Asked) -> Iterator[str]:
    from duban.cli.difference_lines import difference_lines

    found = imported.difference
    again = bool(found.met)
    if again and found.changes_nothing:
        if found.restated and not asked.dry_run:
            yield f"{found.restated}条的台账原文已按本次文件更新，作为今后比对的依据；措施本身未改动。"
        yield f"没有变化：{found.unchanged}条措施与已导入的一致。"
    elif again:
        yield from difference_lines(found, _calling(told))
    if asked.dry_run:
        yield f"检查通过：{imported.measures}条措施。未导入（--dry-run）。"
    elif not again:
        state = "均作为已销号，可用 duban look-back 开展回头看" if asked.closed else "均待交办"
        yield f"已导入轮次 {imported.round_code}：{imported.problems}个问题、{imported.measures}条措施，{state}。"
    if not asked.closed and not asked.dry_run:
        yield from _wanting(imported)


def _wanting(imported: "Imported") -> Iterator[str]:
    """What new drafts lack before they can be assigned."""
    from duban.cli.difference_lines import nos_zh

    if imported.unnamed:
        yield f"以下措施没有责任单位或牵头领导，交办时须用 --unit、--lead 写明：{nos_zh(imported.unnamed)}"
    if imported.undated:
        yield f"以下措施的完成时限未能定出日期，交办时须用 --due-on 写明：{nos_zh(imported.undated)}"


# For programs


def _json(told: _Told, asked: _Asked) -> dict[str, Any]:
    from duban.cli.difference_lines import difference_json

    preview, refused, imported = _preview(told), told.refused, told.imported
    written = imported is not None and not imported.difference.is_nothing
    return {
        "round": told.spec.code,
        "feedback_on": told.spec.feedback_on,
        "imported": written and not asked.dry_run,
        "dry_run": asked.dry_run,
        "assumed": told.assumed,
        "preview": preview.as_json() if preview else None,
        "difference": difference_json(imported.difference, _calling(told)) if imported else None,
        "undated": list(imported.undated) if imported else [],
        "unnamed": list(imported.unnamed) if imported else [],
        "refused": {"zh": refused.zh, "cure": refused.cure} if refused else None,
        "problems": _problems(refused.problems if refused else ()),
        "warnings": _problems(told.reading.warnings if told.reading else ()),
    }


def _preview(told: _Told) -> "Preview | None":
    from models.ledger.preview import preview_of

    return preview_of(told.reading) if told.reading else None


def _problems(problems: "Sequence[Problem]") -> list[dict[str, Any]]:
    return [
        {"text": one.text, "where": one.where, "sheet": one.sheet, "row": one.row, "column": one.column,
         "value": one.value}
        for one in problems
    ]  # fmt: skip
