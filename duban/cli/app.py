"""The command line's one door: finds the command, runs it, and answers for what went wrong.

Commands are loaded by name when asked for, so `duban measures` never pays for what `duban daily` needs.
Exit 0 done, 1 refused by a rule or nothing valid, 2 wrong usage. No traceback for anything foreseen.
"""

import importlib
from collections.abc import Sequence

import click

from duban.cli.chinese import ChineseContext, usage_zh
from models.errors import DubanError, InputRefused, LedgerRefused, UsageRefused
from models.ledger.excerpts import left_out_zh

PROBLEMS_MOST = 100
"""Problems of a ledger that are printed."""

COMMANDS = {
    "init": ("duban.cli.home", "init"),
    "import": ("duban.cli.importing", "import_"),
    "export": ("duban.cli.exporting", "export"),
    "timelimit": ("duban.cli.timelimits", "timelimit"),
    "doctor": ("duban.cli.home", "doctor"),
    "assign": ("duban.cli.lifecycle", "assign"),
    "accept": ("duban.cli.lifecycle", "accept"),
    "progress": ("duban.cli.lifecycle", "progress"),
    "milestone": ("duban.cli.lifecycle", "milestone"),
    "self-check": ("duban.cli.lifecycle", "self_check"),
    "evidence": ("duban.cli.lifecycle", "evidence_"),
    "check": ("duban.cli.deciding", "check"),
    "review": ("duban.cli.deciding", "review"),
    "follow-up": ("duban.cli.deciding", "follow_up"),
    "look-back": ("duban.cli.deciding", "look_back"),
    "reopen": ("duban.cli.deciding", "reopen"),
    "extend": ("duban.cli.dates", "extend"),
    "set-limit": ("duban.cli.dates", "set_limit"),
    "hold": ("duban.cli.dates", "hold"),
    "resume": ("duban.cli.dates", "resume"),
    "take-up": ("duban.cli.answering", "take_up"),
    "outcome": ("duban.cli.answering", "outcome"),
    "hand-over": ("duban.cli.answering", "hand_over"),
    "withdraw": ("duban.cli.answering", "withdraw"),
    "stand-in": ("duban.cli.persons", "stand_in_"),
    "exception": ("duban.cli.persons", "exception"),
    "activity": ("duban.cli.activities", "activity"),
    "daily": ("duban.cli.day", "daily"),
    "deliver": ("duban.cli.day", "deliver"),
    "rehearse": ("duban.cli.day", "rehearse"),
    "measures": ("duban.cli.measures", "measures"),
    "show": ("duban.cli.measures", "show"),
    "desk": ("duban.cli.measures", "desk"),
    "notices": ("duban.cli.listings", "notices"),
    "messages": ("duban.cli.messages", "messages"),
    "weekly": ("duban.cli.weekly", "weekly"),
    "picture": ("duban.cli.picturing", "picture"),
    "serve": ("duban.cli.serving", "serve"),
    "report": ("duban.cli.reporting", "report"),
    "template": ("duban.cli.reporting", "template"),
    "verify": ("duban.cli.verifying", "verify"),
}


class _Commands(click.Group):
    """Knows every command by name and loads only the one that is asked for."""

    context_class = ChineseContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        command.context_class = ChineseContext
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="duban", message="duban %(version)s")
def cli() -> None:
    """督办：整改台账的时限、提醒、升级和送达。

    数据放在环境变量 DUBAN_HOME 指定的目录（默认 ./duban-home）。"""


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code."""
    try:
        _refuse_unreadable(arguments)
        code = cli.main(args=list(arguments), prog_name="duban", standalone_mode=False)
    except click.UsageError as error:
        return _misused(error, arguments)
    except DubanError as error:
        return _refused(error)
    except (click.Abort, KeyboardInterrupt):
        return _say("已中断。", code=1)
    except OSError as error:
        what = f"{error.strerror or error}{f'：{error.filename}' if error.filename else ''}"
        return _say(f"系统读写出错（{what}）。", "请检查磁盘空间、文件权限和路径后重试。", code=1)
    except SystemExit:  # click's way to end where whoever read our output has left, and of shell completion
        code = 0
    return code if isinstance(code, int) else 0


def _misused(error: click.UsageError, arguments: Sequence[str]) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return _say(error.ctx.get_help(), code=2)
    path, command = _called(arguments)
    return _say(f"用法不对：{usage_zh(error, command)}", f"用法见 {path} --help", code=2)


def _refused(error: DubanError) -> int:
    problems = error.problems if isinstance(error, InputRefused) else ()
    # A ledger may have one in each of its rows; --json has them all.
    most = PROBLEMS_MOST if isinstance(error, LedgerRefused) else len(problems)
    listed = [f"  · {problem}" for problem in problems[:most]]
    if len(problems) > most:
        listed.append(left_out_zh(len(problems) - most, "处"))
    return _say(error.zh, *listed, error.cure, code=2 if isinstance(error, UsageRefused) else 1)


def _refuse_unreadable(arguments: Sequence[str]) -> None:
    """Bytes that are no text could be neither stored nor shown."""
    try:
        "".join(arguments).encode()
    except UnicodeEncodeError as error:
        raise UsageRefused(
            "参数中有无法识别的文字，应为 UTF-8 编码。", "请检查终端的文字编码；文件名有此问题的，请先改名。"
        ) from error


def _called(arguments: Sequence[str]) -> tuple[str, click.Command]:
    """The command that was called, as far as it can be told, and how it is written."""
    path: list[str] = ["duban"]
    command: click.Command = cli
    for word in arguments:
        found = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if found is None:
            break
        path, command = [*path, word], found
    return " ".join(path), command


def _say(*lines: str, code: int) -> int:
    for line in lines:
        if line:
            click.echo(line, err=True)
    return code
