"""`duban serve` from beginning to end: one service a home, its port, its server, its deployments, and a clean stop.

Runs in the command's own process and main thread, since the lives of its children hang on that thread. Prefect is
imported only after the environment says what it must be.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime
from types import FrameType

from config import clock
from config.service import DailyTimes, DeliverTimes, Service
from flows.office import Office
from flows.prefect_settings import prefect_home
from flows.serving.ending import Ending
from flows.serving.lifeline import leave_no_child
from flows.serving.logfile import appending
from flows.serving.server_process import started_server, take_port
from flows.serving.settings import prepare_service, set_aside
from models.errors import RunRefused
from models.store.owners import run_lock

LEASE = "service"
STEADY_S = 30.0
"""A service that fails sooner than this after it was ready would only fail again."""

Tell = Callable[[str], None]


@dataclass(slots=True)
class _Session:
    """One start of server and runner, and since when it has been ready."""

    office: Office
    service: Service
    tell: Tell
    ready_since: float | None = None

    def run(self) -> Ending:
        home = self.office.settings.home
        with take_port(home, self.service.port) as listening, started_server(home, listening) as server:
            from flows.serving.serving import serve_deployments  # takes a second, while the server comes up

            server.wait_until_it_answers()
            return asyncio.run(serve_deployments(self.office, self.service, server, self.tell, self._ready))

    def _ready(self) -> None:
        self.ready_since = time.monotonic()
        for line in _ready_zh(self.office, self.service):
            self.tell(line)

    @property
    def was_steady(self) -> bool:
        return self.ready_since is not None and time.monotonic() - self.ready_since > STEADY_S


def serve(office: Office, service: Service, tell: Tell) -> None:
    """Serves this home until it is told to stop. `tell` takes one Chinese line each.

    Raises RunRefused where the home is served already, the port is taken, or Prefect does not come up or fails again
    and again; UsageRefused for a port that cannot be used. Nothing that was started is left then.
    """
    busy = "本数据目录的服务已在运行"
    with run_lock(office.store, LEASE, clock.now(), busy, "不必再启动；要重新启动，请先停止它（Ctrl-C）。"):
        for name in set_aside(os.environ):
            tell(f"环境变量 {name} 不用：服务只用本数据目录自己的 Prefect。")
        prepare_service(office.settings.home, service.port, os.environ)
        tell("正在启动……")
        with _chatter_logged(office):
            _serve_steadily(office, service, tell)
        tell("已停止。")


def _serve_steadily(office: Office, service: Service, tell: Tell) -> None:
    """Starts anew where the server or the runner failed after it had gone well: the office's mornings depend on it."""
    while True:
        session = _Session(office, service, tell)
        ending = _ended(session)
        if ending is Ending.STOPPED:
            return
        if not session.was_steady:
            cure = f"原因见日志（{office.settings.log}，以及 {prefect_home(office.settings.home)} 中的）。"
            raise RunRefused(f"{ending}。", cure)
        tell(f"{ending}，正在重新启动……")


def _ended(session: _Session) -> Ending:
    """How the session ended. Being told to stop while it starts is no failure."""
    try:
        with _stoppable():
            return session.run()
    except KeyboardInterrupt:
        return Ending.STOPPED
    finally:
        leave_no_child()


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM stops as Ctrl-C does, also while nothing but the start is going on."""

    def interrupt(_signum: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with ExitStack() as stack:
        for signum in (signal.SIGTERM, signal.SIGINT):
            stack.callback(signal.signal, signum, signal.signal(signum, interrupt))
        yield


@contextmanager
def _chatter_logged(office: Office) -> Iterator[None]:
    """What Prefect and the flow runs print goes to a log: the terminal is the office's."""
    with appending(prefect_home(office.settings.home) / "runs.log") as log, redirect_stdout(log), redirect_stderr(log):
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
