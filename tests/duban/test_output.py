"""What a terminal shows of something that takes its time."""

from contextlib import redirect_stderr
from io import StringIO

from duban.cli.output import progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_waited_for_is_said_at_once() -> None:
    terminal = Terminal()
    with redirect_stderr(terminal), progress("投递", 3) as step:
        step(1, "")
        assert terminal.getvalue() == "", "what goes on is shown only where it lasts"
        step(0, "等候通道发送频率")
    shown = terminal.getvalue()
    assert "投递（等候通道发送频率）" in shown
    assert "1/3" in shown


def test_a_file_gets_no_bar() -> None:
    file = StringIO()
    with redirect_stderr(file), progress("投递", 3) as step:
        step(0, "等候通道发送频率")
    assert file.getvalue() == ""
