"""A Prefect server for the flows under test, and what its pages show of their runs."""

import asyncio
import gc
import logging
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from flows.prefect_settings import prepare_prefect

if TYPE_CHECKING:
    from prefect.client.schemas.objects import Artifact, FlowRun, State


@dataclass(frozen=True)
class Shown:
    """A run as Prefect shows it: its name and final state, and the artifacts it made, by key."""

    run: "FlowRun"
    state: str
    type: str
    message: str
    artifacts: dict[str, "Artifact"] = field(default_factory=dict)


class Prefect:
    """Runs flows on a temporary server, in one event loop: Prefect keeps its clients by their loop."""

    def __init__(self, url: str, loop: asyncio.Runner) -> None:
        self.url, self.loop = url, loop

    def run(self, flow: Any, *given: object) -> "State[Any]":
        """The state in which the flow ends."""

        async def once() -> "State[Any]":
            state: State[Any] = await flow(*given, return_state=True)
            return state

        return self.loop.run(once())

    def ask(self, asked: "Coroutine[Any, Any, Any]") -> Any:
        return self.loop.run(asked)

    def show(self, flow: Any, *given: object) -> Shown:
        """Runs the flow and looks at what the page shows afterwards."""
        from prefect.client.orchestration import get_client
        from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

        state = self.run(flow, *given)
        run_id = state.state_details.flow_run_id
        assert isinstance(run_id, UUID)

        async def ask() -> tuple["FlowRun", list["Artifact"]]:
            async with get_client() as client:
                made = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
                return await client.read_flow_run(run_id), await client.read_artifacts(artifact_filter=made)

        run, artifacts = self.loop.run(ask())
        assert run.state is not None
        found = {artifact.key or "": artifact for artifact in artifacts}
        return Shown(run, run.state.name or "", run.state.type.value, run.state.message or "", found)


@contextmanager
def _temporary_home() -> Iterator[Path]:
    with TemporaryDirectory(prefix="duban-prefect-") as folder:
        yield Path(folder)


@pytest.fixture(scope="package")
def prefect() -> Iterator[Prefect]:
    """Prefect's temporary server. The settings must stand before prefect is imported."""
    with pytest.MonkeyPatch.context() as patch, _temporary_home() as home:
        wanted: dict[str, str] = {}
        prepare_prefect(home, wanted)
        for name, value in wanted.items():
            patch.setenv(name, value)
        from prefect.settings import PREFECT_API_URL
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=120), asyncio.Runner() as loop:
            yield Prefect(str(PREFECT_API_URL.value()), loop)


@pytest.fixture
def swept() -> Iterator[None]:
    """What Prefect left open goes here, where it is forgiven, and not in the middle of somebody else's test."""
    yield
    gc.collect()


@pytest.fixture
def open_streams(prefect: Prefect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect's log keeps the stream of the test in which it was set up, closed by now: gives it one that is open."""
    from prefect.logging.handlers import PrefectConsoleHandler
    from rich.console import Console

    loggers = (logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("prefect"))
    for handler in {handler for logger in (logging.root, *loggers) for handler in logger.handlers}:
        if isinstance(handler, PrefectConsoleHandler):
            monkeypatch.setattr(handler, "console", Console(file=sys.__stderr__))
