"""The whole service, as an office starts it: real processes, killed and started again; what runs, what is left."""

import json
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config import clock
from flows.prefect_settings import server_answers
from tests.served_offices import Serving, duban, living, note_of, serving, until

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ASSIGNED, THURSDAY, FRIDAY = "2023-03-27", "2023-03-30", "2023-03-31"
SCHEDULED = ("日常运行", "投递")


@pytest.fixture(scope="module")
def sample() -> Iterator[Path]:
    """The sample: 34 measures, assigned on a Monday in March 2023 and never run. To be copied."""
    with TemporaryDirectory(prefix="duban-sample-") as folder:
        home = Path(folder) / "home"
        done = duban(home, "init", "--sample")
        assert done.returncode == 0, done.stderr
        yield home


@pytest.fixture(scope="module")
def run_once(sample: Path) -> Path:
    """The sample, served on its first day until that was run, and stopped. No daily run comes by the clock soon."""
    home = Path(shutil.copytree(sample, sample.with_name("run-once")))
    far = clock.now().astimezone(ZoneInfo(clock.OFFICE_ZONE)) + timedelta(hours=12)
    (home / "service.yaml").write_text(f'daily: {{at: "{far:%H:%M}"}}\n', encoding="utf-8")
    with serving(home, DUBAN_TODAY=ASSIGNED) as service:
        service.wait_until_ready()
        until(lambda: runs_in(home) == [(ASSIGNED, "prefect", True)], "the first day is not run")
        until(lambda: not begun(home), "the run does not end")
        until(lambda: all(scheduled_for(service, name) for name in SCHEDULED), "no runs are scheduled")
        assert service.stop() == 0
    return home


@pytest.fixture
def home(sample: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample, tmp_path / "home"))


def runs_in(home: Path) -> list[tuple[str, str, bool]]:
    """Every daily run of the home: its day, by what, whether it came to its end."""
    with closing(sqlite3.connect(home / "duban.db")) as database:
        rows = database.execute("SELECT on_day, via, finished_at IS NOT NULL FROM run ORDER BY id")
        return [(day, via, bool(finished)) for day, via, finished in rows]


def notices_by(home: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "duban.db")) as database:
        return database.execute("SELECT on_day, rung, party_id, unsaid FROM notice ORDER BY 1, 2, 3, 4").fetchall()


def put_into_the_past(home: Path) -> int:
    """As if the service had stood still for three days: the runs that Prefect made beforehand are late."""
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database, database:
        late = "UPDATE flow_run SET next_scheduled_start_time = datetime(next_scheduled_start_time, '-3 days')"
        return database.execute(f"{late} WHERE state_type = 'SCHEDULED' AND auto_scheduled").rowcount


def begun(home: Path) -> bool:
    return any("prefect.engine" in command for command in living(home).values())


# --- Killed, started again


def test_killed_and_started_again_it_runs_what_was_missed_once_and_in_order(
    run_once: Path, sample: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(run_once, tmp_path / "home"))
    assert put_into_the_past(home) > 0
    with serving(home, DUBAN_TODAY=THURSDAY) as service:
        until(lambda: begun(home), "the missed days are not caught up")
        assert service.heard("服务停着时错过的运行")
        service.process.kill()
        service.process.wait()
        service.nothing_is_left()
    with serving(home, DUBAN_TODAY=FRIDAY) as service:
        service.wait_until_ready()
        assert service.heard("没有做完的运行1次")
        assert service.heard(f"{FRIDAY}及之前的日常运行有遗漏，现在补办一次。")
        until(lambda: runs_in(home)[-1] == (FRIDAY, "prefect", True), "the missed days are not caught up")
        until(lambda: not begun(home), "the run does not end")
        assert late_runs_of(service) == []
        assert schedules_of(service) == {name: [True] for name in SCHEDULED}
        assert service.stop() == 0
        service.nothing_is_left()
    assert [day for day, _, finished in runs_in(home) if finished] in ([ASSIGNED, FRIDAY], [ASSIGNED, THURSDAY, FRIDAY])
    assert_same_as_by_hand(home, Path(shutil.copytree(sample, tmp_path / "by-hand")))


def assert_same_as_by_hand(home: Path, other: Path) -> None:
    """The days caught up say what they would have said one by one, but for what a later day superseded."""
    for day in (ASSIGNED, FRIDAY):
        assert duban(other, "daily", "--on", day, "--via", "direct").returncode == 0
    if len({day for day, _, _ in runs_in(home)}) == 2:
        assert notices_by(home) == notices_by(other)
    assert {row[:3] for row in notices_by(home)} == {row[:3] for row in notices_by(other)}


def scheduled_for(service: Serving, deployment: str) -> list[dict[str, Any]]:
    """The runs that Prefect made beforehand because a cron says so."""
    runs = service.runs_of(deployment)
    return [run for run in runs if run["state_name"] == "Scheduled" and run["auto_scheduled"]]


def late_runs_of(service: Serving) -> list[str]:
    return [run["name"] for run in service.asked("flow_runs") if run["state_name"] == "Late"]


def schedules_of(service: Serving) -> dict[str, list[bool]]:
    deployments = service.asked("deployments")
    assert not any(one["paused"] for one in deployments)
    return {one["name"]: [kept["active"] for kept in one["schedules"]] for one in deployments if one["schedules"]}


# --- While it serves


@pytest.fixture(scope="module")
def served(run_once: Path) -> Iterator[Serving]:
    """A service of the sample, brought up to its day, at the usual times."""
    with TemporaryDirectory(prefix="duban-served-") as folder:
        home = Path(shutil.copytree(run_once, Path(folder) / "home"))
        (home / "service.yaml").unlink()
        with serving(home, DUBAN_TODAY=ASSIGNED) as service:
            service.wait_until_ready()
            yield service


def test_it_says_where_it_listens_and_what_it_will_do_when(served: Serving) -> None:
    assert served.heard(f"管理页面：http://127.0.0.1:{served.port}")
    assert served.heard("日常运行：每天 08:30")
    assert served.heard("投递：每天 07:00至20:00 每5分钟一次")
    assert served.heard("停止请按 Ctrl-C")


@pytest.mark.parametrize("deployment", SCHEDULED)
def test_a_served_cron_yields_scheduled_runs(served: Serving, deployment: str) -> None:
    """With SQLAlchemy 2.1 Prefect 3.8 never schedules a run, and says so in the log of its server only."""
    scheduled = until(lambda: scheduled_for(served, deployment), f"no runs of {deployment} are scheduled")
    if deployment == "日常运行":
        assert {run["expected_start_time"][11:16] for run in scheduled} == {"00:30"}, "08:30 in Shanghai, in UTC"


def test_the_daily_command_runs_through_it(served: Serving) -> None:
    assert note_of(served.home)["api_url"] == served.api
    done = duban(served.home, "daily", "--on", "2023-03-28", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["via"] == "prefect"
    assert duban(served.home, "daily", "--on", "2023-03-28", "--via", "direct", "--json").returncode == 0


def test_a_second_service_of_the_home_is_refused(served: Serving) -> None:
    done = duban(served.home, "serve")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"本数据目录的服务已在运行（进程 {served.process.pid}）。",
        "不必再启动；要重新启动，请先停止它（Ctrl-C）。",
    ]


def test_a_port_that_another_homes_service_holds_is_refused(served: Serving, home: Path) -> None:
    done = duban(home, "serve", "--port", str(served.port))
    assert done.returncode == 1
    assert f"端口 {served.port} 已被另一个 Prefect 服务占用" in done.stderr
    assert not living(home)


def test_what_prefect_and_the_runs_print_is_not_the_offices_business(served: Serving) -> None:
    foreign = [line for line in served.said if not any("\u4e00" <= char <= "\u9fff" for char in line)]
    assert foreign == []


# --- Stopped


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_while_it_starts(home: Path, signum: signal.Signals) -> None:
    with serving(home) as service:
        until(lambda: any("flows.serving.server" in command for command in living(home).values()), "no server")
        assert service.stop(signum) == 0
        service.nothing_is_left()
        assert note_of(home) is None


def test_ctrl_c_stops_it_and_leaves_nothing(served: Serving) -> None:
    """The last test on this service. Whoever asks again while it ends does no harm, and is given the same end."""
    until(lambda: not begun(served.home), "a run does not end")
    served.process.send_signal(signal.SIGINT)
    until(lambda: not server_answers(served.api) or served.process.poll() is not None, "it does not begin to end")
    assert served.stop(signal.SIGTERM) == 0
    served.nothing_is_left()
    until(lambda: served.heard("已停止。"), "nothing is said")
    assert note_of(served.home) is None
    assert_stops_while_it_registers(served.home)


def assert_stops_while_it_registers(home: Path) -> None:
    """Its server answers, and is told of the deployments; the runner comes up next."""
    with serving(home, DUBAN_TODAY=ASSIGNED) as service:
        until(lambda: server_answers(service.api), "the server does not answer")
        assert service.stop(signal.SIGTERM) == 0
        service.nothing_is_left()
        until(lambda: service.heard("已停止。"), "nothing is said")
