"""`duban serve` from beginning to end: one service a home, its port, its server, its deployments, and a clean stop.

Runs in the command's own process and main thread, since the lives of its children hang on that thread. Prefect is
imported only after the environment says what it must be.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from datetime import date, datetime

from config import clock
from config.service import DailyTimes, DeliverTimes, Service
from flows.office import Office
from flows.prefect_settings import prefect_home
from flows.serving.ending import USUAL, Ended, Ending, Next, Pace, next_step
from flows.serving.environment import prepare_service, set_aside
from flows.serving.lifeline import leave_no_child
from flows.serving.logfile import appending, runs_log
from flows.serving.server_process import started_server, take_port
from flows.serving.stopping import Stop
from models.errors import DubanError, RunRefused
from models.store.owners import run_lock

LEASE = "service"
log = logging.getLogger("duban.serving")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Start:
    """A start of server and runner; every one is the same."""

    office: Office
    service: Service
    stop: Stop
    tell: Tell

    def run(self) -> Ended:
        """Serves until it ends, and says how. What stands in the way of a start is given as a value."""
        home = self.office.settings.home
        try:
            with take_port(home, self.service.port) as listening, started_server(home, listening) as server:
                from flows.serving.session import serve_deployments  # takes a second, while the server comes up

                server.wait_until_it_answers()
                return asyncio.run(
                    serve_deployments(self.office, self.service, server, self.stop, self.tell, self._ready)
                )
        except DubanError as refusal:
            return Ended(Ending.NOT_STARTED, refusal=refusal)
        finally:
            leave_no_child()

    def _ready(self) -> None:
        for line in _ready_zh(self.office, self.service):
            self.tell(line)


def serve(office: Office, service: Service, tell: Tell, pace: Pace = USUAL) -> None:
    """Serves this home until it is told to stop. `tell` takes one Chinese line each.

    Raises RunRefused where the home is served already, the port is taken, or Prefect does not come up or fails again
    and again; UsageRefused for a port that cannot be used. Nothing that was started is left then.
    """
    busy, stop = "本数据目录的服务已在运行", Stop()
    with run_lock(office.store, LEASE, clock.now(), busy, "不必再启动；要重新启动，请先停止它（Ctrl-C）。"):
        if foreign := set_aside(os.environ):
            tell(f"环境变量 {'、'.join(foreign)} 不用：服务只用本数据目录自己的 Prefect。")
        prepare_service(office.settings.home, service.port, os.environ)
        tell("正在启动……")
        with _chatter_logged(office), stop.listening(), suppress(KeyboardInterrupt):
            _serve_steadily(_Start(office, service, stop, tell), pace)
        tell("已停止。")


def _serve_steadily(start: _Start, pace: Pace) -> None:
    """Starts anew where the server or the runner failed after it had gone well: the office's mornings depend on it."""
    retries = 0
    while True:
        ended = start.run()
        following = next_step(ended.ending, ended.served_s, retries, pace.steady_s)
        if following is Next.STOP or start.stop.was_asked:
            return
        if following is Next.GIVE_UP:
            raise ended.refusal or _failed(start.office, ended)
        log.error("starting anew: %s", ended.zh, exc_info=ended.refusal)
        if ended.served_s is None:
            retries -= 1
            start.tell(f"{ended.zh}，{pace.pause_s:.0f}秒后再试……")
            time.sleep(pace.pause_s)
        else:
            retries = pace.retries
            start.tell(f"{ended.zh}，正在重新启动……")


def _failed(office: Office, ended: Ended) -> RunRefused:
    cure = f"原因见日志（{office.settings.log}，以及 {prefect_home(office.settings.home)} 中的）。"
    return RunRefused(f"{ended.zh}。", cure)


@contextmanager
def _chatter_logged(office: Office) -> Iterator[None]:
    """What Prefect and the flow runs print goes to a log: the terminal is the office's."""
    with appending(runs_log(office.settings.home)) as kept, redirect_stdout(kept), redirect_stderr(kept):
        yield


def _ready_zh(office: Office, service: Service) -> Iterator[str]:
    now, base = clock.now(), f"http://127.0.0.1:{service.port}"
    yield f"管理页面：{base}　　接口：{base}/api"
    yield _daily_zh(service.daily, now)
    yield _deliver_zh(service.deliver, now)
    if office.rehearsal and not service.daily.paused:
        yield f"演练环境：定时的日常运行{_rehearsed_zh(office.settings.today)}。"
    yield "服务已就绪。停止请按 Ctrl-C。"


def _daily_zh(times: DailyTimes, now: datetime) -> str:
    if times.paused:
        return "日常运行：已暂停（service.yaml）。"
    return f"日常运行：每天 {times.at:%H:%M}，下一次 {times.next_due(now):%m月%d日 %H:%M}。"


def _deliver_zh(times: DeliverTimes, now: datetime) -> str:
    if times.paused:
        return "投递：已暂停（service.yaml）。"
    hours, following = f"{times.opens:02}:00至{times.closes:02}:00", f"{times.next_due(now):%m月%d日 %H:%M}"
    return f"投递：每天 {hours} 每{times.every}分钟一次，下一次 {following}；新的办理通知随即投递。"


def _rehearsed_zh(today: date | None) -> str:
    if today is None:
        return "不推进日期；要推进，请设环境变量 DUBAN_TODAY"
    return f"按环境变量 DUBAN_TODAY 的日期（{today}）办理"
