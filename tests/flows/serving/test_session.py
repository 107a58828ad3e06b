"""What ends a session: the first of a stop, its server, its runner or a watch. SIGTERM is no matter of the runner."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.serving.ending import Ended, Ending
from flows.serving.server_process import Server
from flows.serving.stopping import Stop
from tests.flows.conftest import Prefect

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("swept")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A child that stands for Prefect's server: only its life is looked at."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield Server(tmp_path, 0, child, 0)
        child.kill()


async def _fails() -> None:
    raise LookupError("not foreseen")


async def _ends() -> None:
    await asyncio.sleep(0)


async def _goes_on() -> None:
    await asyncio.sleep(60)


def ended(prefect: Prefect, server: Server, runner: str = "", watch: str = "", stop: bool = False) -> Ended:
    """How a session ends of which a part ends, fails, or is stopped."""
    from flows.serving.session import served_until

    lives = {"": _goes_on, "ends": _ends, "fails": _fails}

    async def serve() -> Ended:
        asked = asyncio.Event()
        parts = [asyncio.create_task(lives[life]()) for life in (runner, watch)]
        if stop:
            asyncio.get_running_loop().call_later(0.2, asked.set)
        async with asyncio.timeout(10):
            found = await served_until(asked, server, parts[0], parts[1:])
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        return found

    found: Ended = prefect.ask(serve())
    return found


@pytest.mark.parametrize("life", ["ends", "fails"])
def test_a_watch_that_does_not_go_on_ends_the_session(prefect: Prefect, server: Server, life: str) -> None:
    assert ended(prefect, server, watch=life).ending is Ending.WATCH_FAILED


@pytest.mark.parametrize("life", ["ends", "fails"])
def test_a_runner_that_does_not_go_on_ends_the_session(prefect: Prefect, server: Server, life: str) -> None:
    assert ended(prefect, server, runner=life).ending is Ending.RUNNER_FAILED


def test_a_server_that_dies_ends_the_session(prefect: Prefect, server: Server) -> None:
    server.child.kill()
    assert ended(prefect, server).ending is Ending.SERVER_FAILED


def test_how_long_it_served_is_measured_when_the_end_is_seen(prefect: Prefect, server: Server) -> None:
    found = ended(prefect, server, stop=True)
    assert found.ending is Ending.STOPPED
    assert found.served_s is not None
    assert 0.1 < found.served_s < 5


def test_a_signal_while_the_runner_comes_up_is_a_request_to_stop(prefect: Prefect) -> None:
    """Prefect's own handler would end the process there and then."""
    from flows.serving.session import ServiceRunner

    stop = Stop()

    async def start_and_stop() -> None:
        asked = asyncio.Event()
        runner = ServiceRunner(stop)
        with stop.ending_by(asked.set):
            running = asyncio.create_task(runner.start())
            await asyncio.sleep(0)
            assert signal.getsignal(signal.SIGTERM) == runner.handle_sigterm
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(10):
                await asked.wait()
                while not runner.started:
                    await asyncio.sleep(0.01)
                await runner.astop()
                await asyncio.wait({running})

    with stop.listening():
        prefect.ask(start_and_stop())
    assert stop.was_asked
