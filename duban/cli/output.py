"""How results are shown: JSON for programs, tables for people. Nothing is decided or read here."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, TextIO

import click

_PATIENCE_S = 1.0
_PIECE = 10_000


def print_json(value: object) -> None:
    """One JSON value, written piece by piece: what an import has to say of 100,000 rows is long."""
    pieces = json.JSONEncoder(ensure_ascii=False, indent=1, default=_plain).iterencode(value)
    while piece := "".join(islice(pieces, _PIECE)):
        click.echo(piece, nl=False)
    click.echo()


def print_json_line(value: object) -> None:
    """One object on one line, for output that is read line by line."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """A table as wide as the terminal allows; `empty` where there is nothing to show."""
    from rich.table import Table

    listed = [[_cell(value) for value in row] for row in rows]
    if not listed:
        click.echo(empty)
        return
    table = Table(title=title, title_justify="left", show_lines=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in listed:
        table.add_row(*row)
    print_rich(table)


def print_rich(*things: object) -> None:
    from rich.console import Console

    console = Console(width=None if _is_terminal(sys.stdout) else 120, highlight=False)
    for thing in things:
        console.print(thing)


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """Gives a function to tell how many steps were done, and what is waited for, if anything; draws a bar on a terminal
    once it waits, or a second has gone by."""
    if not _is_terminal(sys.stderr) or total == 0:
        yield lambda _, __: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=total)
    began = time.monotonic()

    def step(done: int, waits_for: str) -> None:
        bar.update(task, advance=done, description=f"{title}（{waits_for}）" if waits_for else title)
        if not bar.live.is_started and (waits_for or time.monotonic() - began > _PATIENCE_S):
            bar.start()

    try:
        yield step
    finally:
        bar.stop()


def _is_terminal(stream: TextIO | None) -> bool:
    """A stream closed by whoever started us is None."""
    return stream is not None and stream.isatty()


def _cell(value: object) -> Any:
    from rich.text import Text

    return Text("" if value is None else str(value))


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(type(value).__name__)
