"""Options that several commands share, and how they read their values. No output here."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from config.settings import read_day

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day as 2023-06-26."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else read_day(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


FILE = click.Path(path_type=Path)


def on_option(meaning: str) -> Callable[[_Command], _Command]:
    return click.option("--on", "on", type=Day(), default=None, help=meaning)


def json_option(command: _Command) -> _Command:
    return click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")(command)


def by_options(command: _Command) -> _Command:
    """Who acts, for which party, on which day."""
    for option in (
        click.option("--on", "on", type=Day(), default=None, help="办理日期（只用于演练环境）。"),
        click.option("--as", "as_party", default=None, metavar="PARTY", help="代表哪个责任主体（代码）。"),
        click.option("--by", "by", required=True, metavar="PERSON", help="经办人代码。"),
    ):
        command = option(command)
    return command
