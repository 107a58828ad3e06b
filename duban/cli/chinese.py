"""What click itself says, in Chinese: the frame of its help pages, and what was wrong with how a command was called.

Used by app.py alone. What a command means and says stays with the command.
"""

from collections.abc import Iterable

import click
from click.exceptions import NoSuchCommand

_PHRASES = {
    "[OPTIONS]": "[选项]",
    "[COMMAND] [ARGS]...": "[命令] [参数]...",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "Options": "选项",
    "Commands": "命令",
    "[required]": "[必填]",
    "Show the version and exit.": "显示版本。",
    "Show this message and exit.": "显示这段说明。",
}


class ChineseFormatter(click.HelpFormatter):
    """Writes help pages with Chinese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _in_chinese(args), prefix or "用法：")

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_in_chinese(heading)}：\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(first, _in_chinese(second)) for first, second in rows], col_max, col_spacing)


class ChineseContext(click.Context):
    """A context whose help pages are Chinese."""

    formatter_class = ChineseFormatter


class ChineseGroup(click.Group):
    """A command that has commands of its own, with Chinese help pages throughout."""

    context_class = ChineseContext

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command:
            command.context_class = ChineseContext
        return command


def usage_zh(error: click.UsageError, command: click.Command) -> str:
    """One sentence for a wrong call of `command`."""
    match error:
        case NoSuchCommand():
            return f"没有“{error.command_name}”这个命令，可用：{'、'.join(_names(command, error))}。"
        case click.NoSuchOption():
            meant = f"您要的是 {error.possibilities[0]} 吗？" if error.possibilities else ""
            return f"没有选项 {error.option_name}。{meant}"
        case click.BadOptionUsage():
            needs = "后面不能写值" if _is_flag(command, error.option_name) else "后面须写值"
            return f"选项 {error.option_name} {needs}。"
        case click.MissingParameter():
            return f"缺少 {_shown(error.param)}。"
        case click.BadParameter():
            return f"{_shown(error.param)} 的值不对：{_choices_zh(error) or _range_zh(error) or error.message}"
    return _other_zh(error.message)


def _other_zh(message: str) -> str:
    """For what click has no class of its own."""
    if "extra argument" in message:
        return f"多出了参数：{message.partition('(')[2].removesuffix(')')}。"
    return "没有写要执行的命令。" if "Missing command" in message else f"参数写法不对（{message}）。"


def _in_chinese(text: str) -> str:
    for english, chinese in _PHRASES.items():
        text = text.replace(english, chinese)
    return text


def _names(command: click.Command, error: NoSuchCommand) -> list[str]:
    return command.list_commands(error.ctx) if isinstance(command, click.Group) and error.ctx else []


def _is_flag(command: click.Command, option: str) -> bool:
    return any(option in param.opts and isinstance(param, click.Option) and param.is_flag for param in command.params)


def _shown(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return param.opts[0]
    return param.human_readable_name if param else "参数"


def _range_zh(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    if not isinstance(kind, click.IntRange):
        return ""
    return f"请写不小于{kind.min}的整数。" if kind.max is None else f"请写{kind.min}到{kind.max}之间的整数。"


def _choices_zh(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    return f"可用 {'、'.join(kind.choices)}。" if isinstance(kind, click.Choice) else ""
