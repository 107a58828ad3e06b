"""The daily run as a Prefect flow, on Prefect's temporary server: the same outcome as without it, and what it shows."""

import asyncio
import gc
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from config.settings import Settings, load_settings
from flows.office import open_office
from flows.prefect_settings import prepare_prefect
from flows.steps import DayResult, run_day
from models.store import board
from tests.handling_fixtures import Line, hand_out, small_office, take_in
from tests.offices import letters_in

if TYPE_CHECKING:
    from prefect.client.schemas.objects import Artifact, FlowRun, State

# Prefect 3.8.8 leaves two clients of its result storage open after each flow run (prefect/results.py).
pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

MONDAY, THURSDAY = date(2023, 3, 27), date(2023, 3, 30)
ASSIGNED = ("D1", "D2", "L1")
"""Who hears of the assignment, in one message each."""


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What Prefect left open goes here, where it is forgiven, and not in the middle of somebody else's test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Prefect's temporary server, by the address of its API. The settings must stand before prefect is imported."""
    with pytest.MonkeyPatch.context() as patch:
        wanted: dict[str, str] = {}
        prepare_prefect(tmp_path_factory.mktemp("prefect"), wanted)
        for name, value in wanted.items():
            patch.setenv(name, value)
        from prefect.settings import PREFECT_API_URL
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=120):
            yield str(PREFECT_API_URL.value())


@pytest.fixture
def open_streams(prefect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect's log keeps the stream of the test in which it was set up, closed by now: gives it one that is open."""
    from prefect.logging.handlers import PrefectConsoleHandler
    from rich.console import Console

    loggers = (logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("prefect"))
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        if isinstance(handler, PrefectConsoleHandler):
            monkeypatch.setattr(handler, "console", Console(file=sys.__stderr__))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with one measure whose unit has not accepted it in time; the environment names it."""
    with small_office(tmp_path) as office:
        take_in(office, Line("1", limit="2023年4月28日前"), Line("2", limit="长期坚持", closure="长期坚持", unit="D2"))
        for no in ("1", "2"):
            hand_out(office, no, MONDAY)
    monkeypatch.setenv("DUBAN_HOME", str(office.settings.home))
    monkeypatch.delenv("DUBAN_TODAY", raising=False)
    return office.settings


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for all: Prefect keeps clients by their loop."""
    with asyncio.Runner() as runner:
        yield runner


def run_flow(loop: asyncio.Runner, on: date | None) -> "State[Any]":
    from flows.daily import daily_run

    async def run() -> "State[Any]":
        state: State[Any] = await daily_run(on, return_state=True)
        return state

    return loop.run(run())


def result_of(loop: asyncio.Runner, state: "State[Any]") -> DayResult:
    return DayResult(**loop.run(state.aresult()))


def shown_by(loop: asyncio.Runner, state: "State[Any]") -> tuple["FlowRun", dict[str, "Artifact"]]:
    """The run as Prefect shows it, and the artifacts it made, by key."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

    run_id = state.state_details.flow_run_id
    assert isinstance(run_id, UUID)

    async def ask() -> tuple["FlowRun", list["Artifact"]]:
        async with get_client() as client:
            made = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
            return await client.read_flow_run(run_id), await client.read_artifacts(artifact_filter=made)

    run, artifacts = loop.run(ask())
    return run, {artifact.key or "": artifact for artifact in artifacts}


def outcome(settings: Settings) -> dict[str, object]:
    """What a run left: who was told what, how each message stands, and which letters lie in the outbox."""
    with open_office(settings) as office, office.store.reading() as connection:
        notices = [
            (row.measure, row.rung, row.party, row.on_day, row.unsaid, row.message_state)
            for row in board.notices(connection)
        ]
        messages = [
            (row.party, row.on_day, row.kind, row.state, row.attempts, row.header_id)
            for row in board.messages(connection)
        ]
        letters = {box: [path.name for path in found] for box, found in letters_in(settings.outbox).items()}
    return {"notices": notices, "messages": messages, "letters": letters}


@pytest.mark.usefixtures("prefect")
def test_it_does_what_a_run_without_prefect_does(settings: Settings, tmp_path: Path, loop: asyncio.Runner) -> None:
    shutil.copytree(settings.home, tmp_path / "copy")
    copy = load_settings({"DUBAN_HOME": str(tmp_path / "copy")})
    with open_office(copy) as office:
        direct = run_day(office, THURSDAY)
    assert result_of(loop, run_flow(loop, THURSDAY)) == replace(direct, via="prefect")
    assert direct.accepted == direct.messages + len(ASSIGNED) > len(ASSIGNED)
    assert outcome(settings) == outcome(copy)


@pytest.mark.usefixtures("prefect")
def test_it_shows_the_run_by_its_day_with_a_table_a_brief_and_the_progress(
    settings: Settings, loop: asyncio.Runner
) -> None:
    run, artifacts = shown_by(loop, run_flow(loop, THURSDAY))
    assert run.name == "日常运行 2023-03-30"
    assert {key: artifact.type for key, artifact in artifacts.items()} == {
        "notices": "table",
        "brief": "markdown",
        "delivery": "progress",
    }
    rows = json.loads(str(artifacts["notices"].data))
    assert {row["对象"] for row in rows} == {"单位D1", "单位D2", "单位S1", "单位S2"}
    assert {row["送达情况"] for row in rows} == {"已送达"}
    assert "督办简报" in str(artifacts["brief"].data)
    assert artifacts["delivery"].data == 100.0


@pytest.mark.usefixtures("prefect")
def test_a_run_that_is_refused_ends_by_name_and_reason(
    settings: Settings, loop: asyncio.Runner, capfd: pytest.CaptureFixture[str]
) -> None:
    run_flow(loop, THURSDAY)
    before = outcome(settings)
    state = run_flow(loop, MONDAY)
    assert (state.type.value, state.name) == ("FAILED", "未执行")
    assert state.message == "2023-03-27 早于已处理到的日期 2023-03-30，不能回头处理。请处理 2023-03-30 或之后的日期。"
    assert outcome(settings) == before
    printed = "".join(capfd.readouterr())
    assert "Traceback" not in printed, printed


@pytest.mark.usefixtures("prefect", "settings")
def test_a_day_given_by_the_environment_names_the_run(monkeypatch: pytest.MonkeyPatch, loop: asyncio.Runner) -> None:
    monkeypatch.setenv("DUBAN_TODAY", "2023-03-29")
    state = run_flow(loop, None)
    assert result_of(loop, state).on == date(2023, 3, 29)
    assert shown_by(loop, state)[0].name == "日常运行 2023-03-29"


@pytest.mark.usefixtures("open_streams")
@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda settings: settings.policy.write_text("stages: 1", encoding="utf-8"), "升级阶梯文件"),
        (lambda settings: settings.directory.unlink(), "读不了通讯录"),
        (lambda settings: settings.database.unlink(), "还不是 duban 的数据目录"),
    ],
    ids=["a broken policy", "no directory", "no home"],
)
def test_a_home_that_is_not_in_order_is_a_refusal_too(
    settings: Settings, loop: asyncio.Runner, break_it: Any, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    break_it(settings)
    state = run_flow(loop, THURSDAY)
    assert state.name == "未执行"
    assert why in str(state.message)
    printed = "".join(capfd.readouterr())
    assert "Traceback" not in printed, printed


def test_the_command_runs_it_where_a_server_answers_and_says_so(prefect: str, settings: Settings) -> None:
    env = {**os.environ, "PREFECT_API_URL": prefect, "DUBAN_HOME": str(settings.home)}

    def daily(on: date) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "duban", "daily", "--on", str(on), "--json"]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    done = daily(THURSDAY)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["on"], found["via"]) == ("2023-03-30", "prefect")
    assert found["accepted"] == found["messages"] + len(ASSIGNED)
    refused = daily(MONDAY)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "早于已处理到的日期" in refused.stderr
    assert "Traceback" not in refused.stderr
