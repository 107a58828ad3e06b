"""serve: what is refused before anything is started. What it does when it serves is in tests/flows/serving."""

import shutil
import socket
from pathlib import Path

import pytest

from tests.served_offices import duban, living, note_of


@pytest.fixture
def home(homes: Path, place: Path) -> Path:
    return Path(shutil.copytree(homes / "new", place / "home"))


def refused(home: Path, *options: str, code: int = 1, **env: str) -> list[str]:
    """What is said of a service that is not to be started."""
    done = duban(home, "serve", *options, **env)
    assert done.returncode == code, done.stdout
    assert "Traceback" not in done.stderr
    assert living(home) == {}
    assert note_of(home) is None
    return done.stderr.splitlines()


def test_without_a_home_there_is_nothing_to_serve(place: Path) -> None:
    lines = refused(place / "none")
    assert lines[0] == f"“{place / 'none'}”还不是 duban 的数据目录。"
    assert not (place / "none").exists()


def test_settings_with_faults_are_told_all_at_once(home: Path) -> None:
    (home / "service.yaml").write_text('port: many\ndaily: {at: "25:00"}\n', encoding="utf-8")
    assert refused(home) == [
        "服务设置 service.yaml 有2处问题，未采用。",
        "  · port：端口应为1到65535之间的整数（原值：many）",
        '  · daily.at：时刻写法不对，应如 "08:30"（原值：25:00）',
        "请按提示修改后重试；不写的项目按默认办理。",
    ]
    assert not (home / "prefect").exists(), "nothing was begun"


@pytest.mark.parametrize("by", ["settings", "option"])
def test_a_port_that_a_program_holds_is_told_with_the_cure(home: Path, by: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (home / "service.yaml").write_text(f"port: {port if by == 'settings' else 4200}", encoding="utf-8")
        lines = refused(home, *(["--port", str(port)] if by == "option" else []))
    assert lines == [
        f"端口 {port} 已被另一个程序占用。",
        "请先停止占用端口的程序，或换一个端口：在 service.yaml 中写 port，或用 --port。",
    ]


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_a_port_that_is_none_is_wrong_usage(home: Path, port: str) -> None:
    assert refused(home, "--port", port, code=2)[0].startswith("用法不对：--port 的值不对")


def test_what_the_environment_says_of_prefect_is_put_aside_and_said_at_once(home: Path) -> None:
    named = {"PREFECT_API_URL": "http://prefect.example.cn/api", "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false"}
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = duban(home, "serve", "--port", str(other.getsockname()[1]), **named)
    assert done.stdout.splitlines() == [
        f"环境变量 {'、'.join(named)} 不用：服务只用本数据目录自己的 Prefect。",
        "正在启动……",
    ]


def test_a_refused_start_leaves_the_home_to_the_next(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        for _ in range(2):
            assert "已被另一个程序占用" in refused(home, "--port", str(other.getsockname()[1]))[0]
