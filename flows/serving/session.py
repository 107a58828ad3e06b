"""Serves the deployments of an office on a Prefect server that answers: clears up, registers, catches up, runs.

Runs in the service's own process, from its main thread, until it is told to stop or the server or the runner fails.
Every start is the same start: what happened before, a clean stop or a crash, makes no difference here.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
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
from flows.serving.ending import Ended, Ending
from flows.serving.logfile import begin_anew_if_large, runs_log, server_log
from flows.serving.missed import why_to_catch_up
from flows.serving.outbox_watch import watch_outbox
from flows.serving.server_process import Server
from flows.serving.stopping import Stop
from flows.serving.sweeping import Swept, catch_up, forget_idle, sweep

POLL_S = 2.0
PLACES = 4
"""Runs that go on at once; each is a process of some 80 MB."""
IDLE_KEPT = timedelta(days=1)
"""How long a delivery that found nothing is kept among the runs."""
_LOOK_S = 0.5
_START_S, _START_LOOK_S = 30.0, 0.05
_STOP_S, _STOP_ALONE_S = 15.0, 2.0
"""How long runs are given to be cancelled; and where no server is left that could note it."""
_TIDY_S = 3600.0

log = logging.getLogger("duban.serving")
Tell = Callable[[str], None]


async def serve_deployments(
    office: Office, service: Service, server: Server, stop: Stop, tell: Tell, ready: Callable[[], None]
) -> Ended:
    """Serves until it is told to stop, or something fails. Calls `ready` once runs are made."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    with stop.ending_by(partial(loop.call_soon_threadsafe, asked.set)):
        runner = ServiceRunner(stop)
        try:
            await _prepare(office, service, runner, tell)
        except (HTTPError, PrefectException, DeploymentApplyError):
            log.exception("the server did not take the deployments")
            return Ended(_whose_failure(server))
        running = asyncio.create_task(runner.start())
        try:
            if not await _started(runner, running):
                return Ended(_whose_failure(server))
            ready()
            with _beside(_tidy(office), watch_outbox(office, service.deliver)) as watches:
                return await served_until(asked, server, running, watches)
        finally:
            await _stop(runner, running, _STOP_ALONE_S if server.has_ended else _STOP_S)


class ServiceRunner(Runner):
    """Prefect's runner, which by itself would end the process there and then on SIGTERM."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(name="duban", query_seconds=POLL_S, limit=PLACES, pause_on_shutdown=False)
        self._asked_to_stop = stop

    def handle_sigterm(self, *_: Any, **__: Any) -> None:
        self._asked_to_stop.ask()


async def served_until(
    asked: asyncio.Event, server: Server, running: "asyncio.Task[None]", watches: Sequence["asyncio.Task[None]"]
) -> Ended:
    """Waits for the first of them: a stop that is asked for, or the end of what should go on. Measures until then."""
    ready_at, stopping = time.monotonic(), asyncio.create_task(asked.wait())
    try:
        while not (ending := _ending(stopping, server, running, watches)):
            await asyncio.wait({stopping, running, *watches}, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        return Ended(ending, time.monotonic() - ready_at)
    finally:
        stopping.cancel()


def _ending(
    stopping: "asyncio.Task[Any]",
    server: Server,
    running: "asyncio.Task[None]",
    watches: Sequence["asyncio.Task[None]"],
) -> Ending | None:
    if stopping.done():
        return Ending.STOPPED
    if server.has_ended:
        return Ending.SERVER_FAILED
    if running.done():
        return Ending.RUNNER_FAILED
    return Ending.WATCH_FAILED if any(watch.done() for watch in watches) else None


def _whose_failure(server: Server) -> Ending:
    return Ending.SERVER_FAILED if server.has_ended else Ending.RUNNER_FAILED


@contextmanager
def _beside(*watches: Coroutine[Any, Any, None]) -> Iterator[Sequence["asyncio.Task[None]"]]:
    """What goes on while it serves, and never ends by itself."""
    tasks = [asyncio.create_task(one) for one in watches]
    try:
        yield tasks
    finally:
        for task in tasks:
            _log_failure(task, "a watch failed")
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


async def _tidy(office: Office) -> None:
    """Keeps Prefect's database and the logs small, every hour. What goes wrong here is no reason to stop serving."""
    home = office.settings.home
    while True:
        try:
            for file in (server_log(home), runs_log(home)):
                begin_anew_if_large(file)
            async with get_client() as client:
                await forget_idle(client, clock.now() - IDLE_KEPT)
        except (HTTPError, PrefectException, OSError):
            log.exception("the logs or idle deliveries were not cleared away")
        await asyncio.sleep(_TIDY_S)


async def _stop(runner: Runner, running: "asyncio.Task[None]", patience_s: float) -> None:
    """Runs that go on are cancelled. What does not end in time ends with this process."""
    if runner.started:
        stopping = asyncio.create_task(runner.astop())
        await asyncio.wait({stopping}, timeout=patience_s)
        _log_failure(stopping, "the runner did not stop in order")
        stopping.cancel()
    running.cancel()
    await asyncio.wait({running}, timeout=patience_s)
    _log_failure(running, "the runner failed")


def _log_failure(task: "asyncio.Task[None]", what: str) -> None:
    if task.done() and not task.cancelled() and (error := task.exception()):
        log.error(what, exc_info=error)


def _swept_zh(swept: Swept) -> list[str]:
    told = [
        (swept.missed, "服务停着时错过的运行{}次，已注明“错过”。"),
        (swept.broken_off, "服务中断时没有做完的运行{}次，已注明“中断”。"),
        (swept.queued, "服务中断时还没有开始的办理{}次，已重新排队。"),
    ]
    return [sentence.format(number) for number, sentence in told if number]
