"""The contract of every command: exit codes, what goes where, and wrong usage told in Chinese with the way on."""

import json
import re
from pathlib import Path

import click
import pytest

from duban.cli.app import COMMANDS, cli
from tests.duban.conftest import Duban

HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b(Usage|Options|Commands|Error|Missing|Invalid|Show this|Try|not one of|unexpected)\b")
TAKES_JSON = ("daily", "deliver", "measures", "show", "notices", "messages", "doctor", "desk", "verify",
              "exception list", "messages show")  # fmt: skip
CONTRACT = ("init", "import", "assign", "accept", "progress", "milestone", "self-check", "evidence", "check", "review",
            "follow-up", "look-back", "reopen", "extend", "set-limit", "hold", "resume", "take-up", "outcome",
            "hand-over", "withdraw", "stand-in", "exception", "daily", "deliver", "rehearse", "measures", "show",
            "desk", "notices", "messages", "verify", "doctor")  # fmt: skip
SUBCOMMANDS = {"review": ("open", "decide"), "follow-up": ("report", "check"), "extend": ("ask", "decide"),
               "exception": ("grant", "end", "list"), "activity": ("add", "list", "withdraw"),
               "picture": ("burn-down", "heat", "clocks"),
               "messages": ("show", "resolve", "received", "bounced")}  # fmt: skip
EVERY = (*COMMANDS, *(f"{group} {name}" for group, names in SUBCOMMANDS.items() for name in names))
NO_MEASURE = ("stand-in", "exception grant", "exception end")
"""Actions that concern no measure, so that there is no version to expect."""
ACTIONS = ("assign", "accept", "progress", "milestone", "self-check", "evidence", "check", "review open",
           "review decide", "follow-up report", "follow-up check", "look-back", "reopen", "extend ask", "extend decide",
           "set-limit", "hold", "resume", "take-up", "outcome", "hand-over", "withdraw", *NO_MEASURE)  # fmt: skip


def found(path: str) -> click.Command:
    """A command or a command of a group, by what is written."""
    command: click.Command = cli
    for word in path.split():
        assert isinstance(command, click.Group)
        below = command.get_command(click.Context(command), word)
        assert below
        command = below
    return command


def parameters(path: str) -> list[click.Parameter]:
    return found(path).params


def options(path: str) -> set[str]:
    return {name for option in parameters(path) for name in option.opts}


# --- Help


def test_every_command_of_the_contract_is_there(duban: Duban) -> None:
    assert set(CONTRACT) <= set(COMMANDS)
    page = duban("--help").out
    assert all(f"  {name} " in page for name in CONTRACT)


def test_every_command_of_a_group_is_named_here() -> None:
    groups = {name: command for name in COMMANDS if isinstance(command := found(name), click.Group)}
    assert {name: set(group.commands) for name, group in groups.items()} == {
        name: set(names) for name, names in SUBCOMMANDS.items()
    }


@pytest.mark.parametrize("command", ["", *EVERY])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_is_in_chinese_and_a_success(duban: Duban, command: str, flag: str) -> None:
    answer = duban(*command.split(), flag)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"用法：duban {command}".rstrip())
    assert "选项：" in answer.out
    assert not ENGLISH.search(answer.out)


@pytest.mark.parametrize("command", EVERY)
def test_every_option_says_what_it_is_for(command: str) -> None:
    for option in parameters(command):
        if isinstance(option, click.Option):
            assert option.help, option.name
            assert HAN.search(option.help), option.name


def test_without_a_command_the_help_is_shown_as_a_mistake(duban: Duban) -> None:
    answer = duban()
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("用法：duban [选项] 命令 [参数]...")


def test_the_version(duban: Duban) -> None:
    answer = duban("--version")
    assert answer.code == 0
    assert re.fullmatch(r"duban \d+\.\d+\.\d+\n", answer.out)


@pytest.mark.parametrize("command", EVERY)
def test_every_command_and_subcommand_says_in_chinese_what_it_does(command: str) -> None:
    said = found(command).help
    assert said
    assert HAN.search(said)


@pytest.mark.parametrize("command", TAKES_JSON)
def test_listings_take_json(command: str) -> None:
    assert "--json" in options(command)


@pytest.mark.parametrize("command", ACTIONS)
def test_every_action_says_who_for_whom_when_why_and_on_which_paper(command: str) -> None:
    wanted = {"--by", "--as", "--on", "--reason", "--recorded-by", "--basis"}
    assert wanted <= options(command)
    assert ("--expect-version" in options(command)) == (command not in NO_MEASURE)


# --- Wrong usage


@pytest.mark.parametrize(
    ("line", "sentence", "hint"),
    [
        ("nonsense", "没有“nonsense”这个命令，可用：init、import、", "duban"),
        ("--nonsense", "没有选项 --nonsense。", "duban"),
        ("--", "没有写要执行的命令。", "duban"),
        ("--version=1", "选项 --version 后面不能写值。", "duban"),
        ("daily --nonsense", "没有选项 --nonsense。", "duban daily"),
        ("daily --ony 2023-06-26", "没有选项 --ony。您要的是 --on 吗？", "duban daily"),
        ("daily --on", "选项 --on 后面须写值。", "duban daily"),
        ("daily --json=yes", "选项 --json 后面不能写值。", "duban daily"),
        ("daily today", "多出了参数：today。", "duban daily"),
        ("show 1 2 3", "多出了参数：2 3。", "duban show"),
        ("daily --via pigeon", "--via 的值不对：可用 auto、prefect、direct。", "duban daily"),
        ("measures --state open", "--state 的值不对：可用 drafted、assigned、", "duban measures"),
        ("messages --state sent", "--state 的值不对：可用 planned、leased、", "duban messages"),
        ("daily --on today", "--on 的值不对：“today”不是日期，应写成 2023-06-26 的形式。", "duban daily"),
        ("daily --on 2023-02-30", "--on 的值不对：日历上没有“2023-02-30”这一天。", "duban daily"),
        ("daily --on 9999-12-31", "--on 的值不对：“9999-12-31”不在2000年至2100年之间", "duban daily"),
        ("rehearse --until 0001-01-01", "--until 的值不对：“0001-01-01”不在2000年至2100年之间", "duban rehearse"),
        ("import x.csv --feedback-on 昨天", "--feedback-on 的值不对：“昨天”不是日期", "duban import"),
        ("show", "缺少 NO。", "duban show"),
        ("import", "缺少 FILE。", "duban import"),
        ("rehearse", "缺少 --until。", "duban rehearse"),
        ("accept --by x", "缺少 NO...。", "duban accept"),
        ("accept 1", "缺少 --by。", "duban accept"),
        ("assign --all", "缺少 --by。", "duban assign"),
        ("self-check 1 --by x", "缺少 --statement。", "duban self-check"),
    ],
)
def test_wrong_usage(duban: Duban, line: str, sentence: str, hint: str) -> None:
    answer = duban(*line.split())
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.lines) == 2
    assert answer.lines[0].startswith(f"用法不对：{sentence}")
    assert answer.lines[1] == f"用法见 {hint} --help"
    assert not ENGLISH.search(answer.err)


def test_bytes_that_are_no_text_are_told(duban: Duban) -> None:
    answer = duban("show", "\udcff")
    assert answer.code == 2
    assert answer.lines == [
        "参数中有无法识别的文字，应为 UTF-8 编码。",
        "请检查终端的文字编码；文件名有此问题的，请先改名。",
    ]


# --- Where there is no home

NEEDS_A_HOME = ("import 台账.csv", "assign 1 --by x", "accept 1 --by x", "self-check 1 --by x --statement y", "daily",
                "daily --json", "daily --dry-run", "deliver", "measures --json", "show 1", "notices", "messages",
                "doctor", "doctor --json", "rehearse --until 2023-06-26", "progress 1 --text x --percent 1 --by x",
                "milestone 1 --statement x --by x", "evidence 1 --by x", "check 1 --pass --by x",
                "review open 1 --by x", "review decide 1 --approve --by x", "follow-up report 1 --statement x --by x",
                "follow-up check 1 --pass --by x", "look-back 1 --by x", "reopen 1 --by x",
                "extend ask 1 --until 2023-06-26 --by x", "extend decide 1 --grant --by x",
                "set-limit 1 --due-on 2023-06-26 --by x", "hold 1 --by x", "resume 1 --by x", "take-up 1 --by x",
                "outcome 1 --outcome talk --by x", "hand-over 1 --unit D01 --by x", "withdraw 1 --by x",
                "stand-in L01 --party L02 --from 2023-06-26 --until 2023-06-26 --by x",
                "exception grant --person x --by x", "exception end --person x --by x", "exception list",
                "desk --by x", "verify --json", "notices --actions", "messages show 1",
                "messages resolve 1 --arrived --by x", "messages received 1 --by x",
                "messages bounced 1 --reason x --by x")  # fmt: skip


@pytest.mark.parametrize("line", NEEDS_A_HOME)
def test_every_command_says_where_a_home_comes_from(duban: Duban, place: Path, line: str) -> None:
    answer = duban(*line.split())
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines == [
        f"“{place / 'home'}”还不是 duban 的数据目录。",
        "请先运行 duban init（或设置环境变量 DUBAN_HOME）。",
    ]
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("line", NEEDS_A_HOME)
def test_a_wrong_day_in_the_environment_is_wrong_usage(
    duban: Duban, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_TODAY", "2023年6月26日")
    answer = duban(*line.split())
    assert (answer.code, answer.out) == (2, "")
    assert answer.lines[0] == ("环境变量 DUBAN_TODAY 的值不对：“2023年6月26日”不是日期，应写成 2023-06-26 的形式。")


# --- Standard output


@pytest.mark.parametrize("line", ["measures", "show 1", "notices", "messages", "doctor"])
@pytest.mark.usefixtures("played")
def test_json_is_all_there_is_and_errors_are_empty(duban: Duban, line: str) -> None:
    answer = duban(*line.split(), "--json")
    assert (answer.code, answer.err) == (0, "")
    kind = dict if line == "doctor" else list
    assert isinstance(json.loads(answer.out), kind)
    assert json.dumps(answer.json, ensure_ascii=False, indent=1) == answer.out.rstrip("\n")


@pytest.mark.usefixtures("played")
def test_chinese_stands_in_json_as_it_is_read(duban: Duban) -> None:
    assert "直属学校" in duban("doctor", "--json").out
    assert "\\u" not in duban("measures", "--json").out
