"""timelimit: reads 完成时限 texts by the grammar of the import, and says what each comes to. Needs no home."""

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from duban.cli.options import Day, json_option
from duban.cli.output import print_json_line

if TYPE_CHECKING:
    from models.timelimit import TimeLimit


@click.command()
@click.argument("texts", nargs=-1, metavar="[TEXT...]")
@click.option("--anchor", type=Day(), required=True, help="起算日：反馈日期；未写年份的日期取此日或其后最近的一天。")
@json_option
def timelimit(texts: tuple[str, ...], anchor: date, as_json: bool) -> None:
    """识别完成时限。不写 TEXT 则从标准输入逐行读取，空行也算一条。"""
    from config.calendars import load_calendar
    from config.settings import load_settings
    from models.timelimit import parse_time_limit

    calendar = load_calendar(load_settings(os.environ).calendar)
    for text in texts or _lines(sys.stdin.buffer if sys.stdin else ()):
        limit = parse_time_limit(text, anchor, calendar)
        if as_json:
            print_json_line(_as_json(limit))
        else:
            click.echo(_in_chinese(limit))


def _lines(stream: Iterable[bytes]) -> Iterator[str]:
    """Lines as a file has them: nothing but a line feed ends one, so that none is split or lost."""
    for line in stream:
        yield line.decode("utf-8-sig", errors="replace").removesuffix("\n").removesuffix("\r")


def _as_json(limit: "TimeLimit") -> dict[str, object]:
    return {
        "text": limit.text,
        "kind": limit.kind,
        "due_on": limit.due_on,
        "flags": sorted(limit.flags),
        "confirm": limit.confirm,
        "reason": limit.reason,
        "rule": limit.rule,
        "matched": limit.matched,
        "span": list(limit.span),
        "milestones": list(limit.milestones),
        "steps": list(limit.steps),
    }


def _in_chinese(limit: "TimeLimit") -> str:
    found = limit.due_on.isoformat() if limit.due_on else "无日期"
    why = f"  须核对：{limit.reason}" if limit.confirm else ""
    return f"{limit.text or '（空）'}  {limit.kind.zh}  {found}{why}"
