"""The command line's one door: finds the command, runs it, and answers for what went wrong.

Commands are loaded by name when asked for, so `duban measures` never pays for what `duban daily` needs.
Exit 0 done, 1 refused by a rule or nothing valid, 2 wrong usage. No traceback for anything foreseen.
"""

import importlib
import sys
from collections.abc import Sequence

import click

from models.errors import DubanError, InputRefused, UsageRefused

COMMANDS = {
    "init": ("duban.cli.home", "init"),
    "import": ("duban.cli.home", "import_"),
    "doctor": ("duban.cli.home", "doctor"),
    "assign": ("duban.cli.lifecycle", "assign"),
    "accept": ("duban.cli.lifecycle", "accept"),
    "self-check": ("duban.cli.lifecycle", "self_check"),
    "daily": ("duban.cli.day", "daily"),
    "deliver": ("duban.cli.day", "deliver"),
    "rehearse": ("duban.cli.day", "rehearse"),
    "measures": ("duban.cli.listings", "measures"),
    "show": ("duban.cli.listings", "show"),
    "notices": ("duban.cli.listings", "notices"),
    "messages": ("duban.cli.listings", "messages"),
}


class _Commands(click.Group):
    """Knows every command by name and loads only the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="duban", message="duban %(version)s")
def cli() -> None:
    """督办：整改台账的时限、提醒、升级和送达。

    数据放在环境变量 DUBAN_HOME 指定的目录（默认 ./duban-home）。"""


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code."""
    try:
        code = cli.main(args=list(arguments), prog_name="duban", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return 2
    except click.UsageError as error:
        return _say(f"用法不对：{_usage_zh(error)}", _help_hint(error), 2)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return _say("已中断。", "", 1)
    except InputRefused as error:
        click.echo(error.zh, err=True)
        for problem in error.problems:
            click.echo(f"  · {problem}", err=True)
        return _say("", error.cure, 1)
    except DubanError as error:
        return _say(error.zh, error.cure, 2 if isinstance(error, UsageRefused) else 1)
    except KeyboardInterrupt:
        return _say("已中断。", "", 1)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0


def _say(sentence: str, cure: str, code: int) -> int:
    for line in (sentence, cure):
        if line:
            click.echo(line, err=True)
    return code


def _usage_zh(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            return f"没有选项 {error.option_name}。"
        case click.MissingParameter():
            name = error.param.human_readable_name if error.param else ""
            shown = error.param.opts[0] if isinstance(error.param, click.Option) else name
            return f"缺少 {shown}。"
        case click.BadParameter():
            name = error.param.opts[0] if error.param else ""
            return f"{name} 的值不对：{error.message}"
    if "No such command" in error.message:
        return f"没有这个命令（{error.message.split()[-1].strip('.')}），可用：{'、'.join(COMMANDS)}。"
    return error.message


def _help_hint(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx else "duban"
    return f"用法见 {command} --help"
