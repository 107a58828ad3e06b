"""Options that several commands share, and how they read their values. No output here."""

import functools
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from config.settings import read_day
from models.errors import UsageRefused

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


def either(
    yes: str, yes_zh: str, no: str, no_zh: str, *, given_as: str = "passed"
) -> Callable[[_Command], _Command]:  # fmt: skip
    """Two flags of which exactly one must be given; whether it was the first, is handed on by that name."""

    def decorate(command: _Command) -> _Command:
        @functools.wraps(command)
        def run(*args: Any, **options: Any) -> Any:
            first, second = options.pop(_YES), options.pop(_NO)
            if first == second:
                raise UsageRefused(f"须写明 --{yes} 或 --{no} 之一。")
            return command(*args, **{given_as: first}, **options)

        wrapped = click.option(f"--{no}", _NO, is_flag=True, help=no_zh)(run)
        return click.option(f"--{yes}", _YES, is_flag=True, help=yes_zh)(wrapped)  # type: ignore[return-value]

    return decorate


_YES, _NO = "chosen_yes", "chosen_no"
