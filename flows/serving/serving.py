"""Serves the deployments of an office on a Prefect server that answers: clears up, registers, catches up, runs.

Runs in the service's own process, from its main thread, until it is told to stop or the server or the runner fails.
Every start is the same start: what happened before, a clean stop or a crash, makes no difference here.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from httpx import HTTPError
from prefect.client.orchestration import get_client
from prefect.deployments.runner import DeploymentApplyError
from prefect.exceptions import PrefectException
from prefect.runner import Runner

from config import clock
from config.service import Service
from flows.deployments import deployments
from flows.office import Office
from flows.serving.ending import Ending
from flows.serving.missed import why_to_catch_up
from flows.serving.outbox_watch import watch_outbox
from flows.serving.server_process import Server
from flows.serving.sweeping import Swept, catch_up, forget_idle, sweep

POLL_S = 2.0
PLACES = 4
"""Runs that go on at once; each is a process of some 80 MB."""
IDLE_KEPT = timedelta(days=1)
"""How long a delivery that found nothing is kept among the runs."""
_LOOK_S = 0.5
_START_S, _START_LOOK_S = 30.0, 0.05
_STOP_S = 15.0
_TIDY_S = 3600.0

log = logging.getLogger("duban.serving")
Tell = Callable[[str], None]


async def serve_deployments(
    office: Office, service: Service, server: Server, tell: Tell, ready: Callable[[], None]
) -> Ending:
    """Serves until it is told to stop (Ctrl-C, SIGTERM), or something fails. Calls `ready` once runs are made."""
    stop = _Stop()
    stop.listen()
    runner = Runner(name="duban", query_seconds=POLL_S, limit=PLACES, pause_on_shutdown=False)
    try:
        await _prepare(office, service, runner, tell)
    except (HTTPError, PrefectException, DeploymentApplyError):
        log.exception("the server did not take the deployments")
        return Ending.SERVER_FAILED if server.has_ended else Ending.RUNNER_FAILED
    running = asyncio.create_task(runner.start())
    try:
        if not await _started(runner, running):
            return Ending.SERVER_FAILED if server.has_ended else Ending.RUNNER_FAILED
        stop.listen()  # the runner has set a handler of its own, which would end the process there and then
        ready()
        with _beside(_tidy(), watch_outbox(office, service.deliver)):
            return await _watch(stop, server, running)
    finally:
        await _stop(runner, running)


@contextmanager
def _beside(*watches: Coroutine[Any, Any, None]) -> Iterator[None]:
    """What goes on while it serves, and never ends by itself."""
    tasks = [asyncio.create_task(one) for one in watches]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def _prepare(office: Office, service: Service, runner: Runner, tell: Tell) -> None:
    async with get_client() as client:
        swept = await sweep(client)
        for deployment in await deployments(service):
            await runner.aadd_deployment(deployment)
        why = why_to_catch_up(office, service.daily, clock.now())
        if why:
            await catch_up(client, why)
    for line in (*_swept_zh(swept), *([f"{why}，现在补办一次。"] if why else [])):
        tell(line)


async def _started(runner: Runner, running: "asyncio.Task[None]") -> bool:
    """Whether it came up, and in time."""
    for _ in range(round(_START_S / _START_LOOK_S)):
        if runner.started or running.done():
            break
        await asyncio.sleep(_START_LOOK_S)
    return runner.started and not running.done()


async def _watch(stop: "_Stop", server: Server, running: "asyncio.Task[None]") -> Ending:
    while not stop.asked.is_set():
        if server.has_ended:
            return Ending.SERVER_FAILED
        if running.done():
            return Ending.RUNNER_FAILED
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.asked.wait(), _LOOK_S)
    return Ending.STOPPED


async def _tidy() -> None:
    """Keeps Prefect's database small, every hour. What goes wrong here is no reason to stop serving."""
    while True:
        try:
            async with get_client() as client:
                await forget_idle(client, clock.now() - IDLE_KEPT)
        except (HTTPError, PrefectException):
            log.exception("idle deliveries were not deleted")
        await asyncio.sleep(_TIDY_S)


async def _stop(runner: Runner, running: "asyncio.Task[None]") -> None:
    """Runs that go on are cancelled. What does not end in time ends with this process."""
    if runner.started:
        await asyncio.wait({asyncio.create_task(runner.astop())}, timeout=_STOP_S)
    running.cancel()
    await asyncio.wait({running}, timeout=_STOP_S)
    if running.done() and not running.cancelled() and (error := running.exception()):
        log.error("the runner failed", exc_info=error)


class _Stop:
    """That somebody asked the service to stop."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, self.asked.set)


def _swept_zh(swept: Swept) -> list[str]:
    told = [
        (swept.missed, "服务停着时错过的运行{}次，已注明“错过”。"),
        (swept.broken_off, "服务中断时没有做完的运行{}次，已注明“中断”。"),
        (swept.queued, "服务中断时还没有开始的办理{}次，已重新排队。"),
    ]
    return [sentence.format(number) for number, sentence in told if number]
