"""The command as a process of its own: what it loads, terminals and pipes of every sort, and Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.duban.conftest import OURS

DUBAN = (sys.executable, "-m", "duban")
PATIENCE_S = 60.0
DECISION_S = 3.0
LONG_AFTER = "2023-05-31"
"""Some seconds of rehearsal away."""


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "DUBAN_HOME": str(home), **more}


def start(command: Sequence[str | bytes], home: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, env=environment(home, **more), capture_output=True, encoding="utf-8", check=False, timeout=PATIENCE_S
    )


def duban(home: Path, *arguments: str | bytes, **more: str) -> "subprocess.CompletedProcess[str]":
    return start((*DUBAN, *arguments), home, **more)


# --- Started as people and timers start it


def test_the_installed_command_and_the_module_are_one(played: Path) -> None:
    installed = start((str(Path(sys.executable).with_name("duban")), "measures", "--json"), played)
    module = duban(played, "measures", "--json")
    assert (installed.returncode, installed.stderr) == (0, "")
    assert installed.stdout == module.stdout
    assert len(json.loads(installed.stdout)) == 34


@pytest.mark.parametrize(("line", "code"), [("--version", 0), ("show 99", 1), ("nonsense", 2)])
def test_exit_codes_reach_the_shell(played: Path, line: str, code: int) -> None:
    done = duban(played, *line.split())
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_light_commands_load_neither_prefect_nor_apprise(played: Path) -> None:
    lines = ["measures", "show 1", "notices", "messages --json", "--help", "accept 1 --by x", "desk --by zhuhe",
             "verify", "notices --actions", "exception list", "check 3 --pass --by zhuhe"]  # fmt: skip
    code = f"""
import sys
from duban.cli.app import run
for line in {lines}:
    run(line.split())
    print(line, *sys.modules, file=sys.stderr)
"""
    said = start((sys.executable, "-c", code), played).stderr.splitlines()
    for line in lines:
        (loaded,) = [told.removeprefix(line).split() for told in said if told.startswith(f"{line} sys ")]
        assert "click" in loaded, line
        assert {name.partition(".")[0] for name in loaded}.isdisjoint({"prefect", "apprise"}), line


def test_a_decision_takes_a_person_no_time_to_wait_for(homes: Path, place: Path) -> None:
    """Under a second on a machine of its own; the bound is for one that tests share."""
    home = shutil.copytree(homes / "played", place / "home")
    (place / "佐证.pdf").write_text("佐证", encoding="utf-8")
    took = []
    for line in ("check 24 --pass --by zhuhe", "check 31 --fail --reason 不实 --by zhuhe",
                 f"self-check 3 --statement 已整改 --evidence {place / '佐证.pdf'} --by fengzhu"):  # fmt: skip
        began = time.monotonic()
        done = duban(home, *line.split(), "--on", "2023-06-26")
        took.append(time.monotonic() - began)
        assert (done.returncode, done.stderr) == (0, "")
    assert min(took) < DECISION_S


# --- Terminals and pipes


@pytest.mark.parametrize("line", ["notices", "measures --json", "--help"])
def test_who_reads_only_the_beginning_gets_no_complaint(played: Path, line: str) -> None:
    command = [*DUBAN, *line.split()]
    with subprocess.Popen(
        command, env=environment(played), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait(PATIENCE_S)) == ("", 0)


def test_closed_streams_are_no_reason_to_fail(played: Path) -> None:
    for closed, line, code in ((">&-", "measures", 0), (">&- 2>&-", "show 99", 1)):
        script = f'"$0" -m duban {line} {closed}'
        done = start(("sh", "-c", script, sys.executable), played)
        assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_told(played: Path) -> None:
    done = start(("sh", "-c", '"$0" -m duban measures --json > /dev/full', sys.executable), played)
    assert done.stderr.splitlines()[:2] == [
        "系统读写出错（No space left on device）。",
        "请检查磁盘空间、文件权限和路径后重试。",
    ]
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "code", "terminal"),
    [
        ("measures", 0, {"PYTHONIOENCODING": "ascii"}),
        ("show 99", 1, {"PYTHONIOENCODING": "latin-1"}),
        ("--help", 0, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        ("nonsense", 2, {"LC_ALL": "C"}),
    ],
)
def test_a_terminal_that_cannot_show_chinese(played: Path, line: str, code: int, terminal: dict[str, str]) -> None:
    done = duban(played, *line.split(), **terminal)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert done.stdout or done.stderr


def test_json_survives_a_terminal_without_chinese(played: Path) -> None:
    done = duban(played, "show", "24", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)[0]["text"].startswith("编发支部工作手册")


def test_a_terminal_in_gb18030(played: Path) -> None:
    done = subprocess.run(
        [*DUBAN, "show", "24"],
        env=environment(played, PYTHONIOENCODING="gb18030"),
        capture_output=True,
        check=False,
    )
    assert done.stdout.decode("gb18030").startswith("措施24　编发支部工作手册")


@pytest.mark.parametrize("arguments", [(b"show", b"\xff"), (b"import", b"\xb1\xed.csv")])
def test_arguments_that_are_no_text(played: Path, arguments: tuple[bytes, ...]) -> None:
    done = duban(played, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("参数中有无法识别的文字")


# --- Interrupted


def test_ctrl_c_leaves_a_sentence_and_a_home_that_goes_on(sample: Path) -> None:
    command = [*DUBAN, "rehearse", "--until", LONG_AFTER, "--via", "direct"]
    with subprocess.Popen(
        command,
        env=environment(sample),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=heeding_ctrl_c,  # noqa: PLW1509 - no thread of ours runs beside it
    ) as process:
        wait_for_letters(sample)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said.splitlines()[-1]) == (1, "已中断。")
    done = duban(sample, "rehearse", "--until", LONG_AFTER, "--via", "direct")
    assert (done.returncode, done.stderr) == (0, "")
    messages = json.loads(duban(sample, "messages", "--json").stdout)
    letters = list((sample / "outbox").rglob("*.eml"))
    assert {row["state"] for row in messages} <= {"accepted", "cancelled"}
    assert len(letters) == sum(row["state"] == "accepted" for row in messages)


def heeding_ctrl_c() -> None:
    """A shell that runs the tests in the background hands down that Ctrl-C is ignored; at a terminal it is not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for_letters(home: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while not any((home / "outbox").rglob("*.eml")):
        assert time.monotonic() < until
        time.sleep(0.05)
