"""The parent's side of Prefect's server: takes the port, starts the child, waits until it answers, ends it.

No Prefect here. The port is taken before anything is started, so that one in use is told at once.
"""

import errno
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from flows.prefect_settings import forget_server, note_server, prefect_home, served_at, server_answers
from flows.serving.logfile import appending, server_log
from models.errors import RunRefused, UsageRefused
from models.store.owners import process_name

HOST = "127.0.0.1"
START_S = 120.0
"""The first start makes a database, which took ten seconds on a small machine."""
STOP_S = 6.0
_DYING_S = 5.0
_LAST_LINES = 8_000


@dataclass(frozen=True, slots=True)
class Server:
    """The child, and where in its log what it says begins."""

    home: Path
    port: int
    child: "subprocess.Popen[bytes]"
    log_from: int

    def wait_until_it_answers(self) -> None:
        """Waits for the first answer, then notes the server for other commands of this home.

        Raises RunRefused where it does not come.
        """
        if not _answers(self.port):
            raise _not_started(self.home, self.log_from)
        note_server(self.home, f"http://{HOST}:{self.port}/api", process_name(self.child.pid))

    @property
    def has_ended(self) -> bool:
        return self.child.poll() is not None


@contextmanager
def started_server(home: Path, listening: socket.socket) -> Iterator[Server]:
    """Prefect's server on this socket, which it takes over; ended at the end. Its settings are in the environment."""
    with appending(server_log(home)) as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "flows.serving.server", str(listening.fileno())],
            pass_fds=[listening.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=prefect_home(home), start_new_session=True,
        )  # fmt: skip
        server = Server(home, listening.getsockname()[1], child, log.tell())
    listening.close()
    try:
        yield server
    finally:
        try:
            _end(child)
        finally:
            forget_server(home)


def take_port(home: Path, port: int) -> socket.socket:
    """A listening socket on this port of this machine alone. Raises RunRefused where it cannot be had."""
    until = time.monotonic() + _DYING_S
    while True:
        try:
            return socket.create_server((HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _unusable(port, error) from error
            if served_at(home) is None or time.monotonic() > until:  # else our own server of before is still ending
                raise _taken(port) from error
        time.sleep(0.1)


def _taken(port: int) -> RunRefused:
    cure = "请先停止占用端口的程序，或换一个端口：在 service.yaml 中写 port，或用 --port。"
    if server_answers(f"http://{HOST}:{port}/api"):
        return RunRefused(f"端口 {port} 已被另一个 Prefect 服务占用（可能是另一个数据目录的 duban serve）。", cure)
    return RunRefused(f"端口 {port} 已被另一个程序占用。", cure)


def _unusable(port: int, error: OSError) -> UsageRefused:
    if error.errno in (errno.EACCES, errno.EPERM):
        return UsageRefused(
            f"没有权限使用端口 {port}。", "请换一个1024以上的端口：在 service.yaml 中写 port，或用 --port。"
        )
    return UsageRefused(
        f"端口 {port} 不能用（{error.strerror or error}）。", "请换一个端口：在 service.yaml 中写 port。"
    )


def _answers(port: int) -> bool:
    """Waits for the first answer. The socket listens already, so the request waits there; where the child ends, its
    socket ends with it, and so does the waiting."""
    connection = HTTPConnection(HOST, port, timeout=START_S)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _not_started(home: Path, log_from: int) -> RunRefused:
    """Why, as far as its log tells."""
    with server_log(home).open("rb") as log:
        log.seek(max(log_from, server_log(home).stat().st_size - _LAST_LINES))
        said = log.read().decode(errors="replace")
    database = prefect_home(home) / "prefect.db"
    if "database is locked" in said:
        return RunRefused(f"Prefect 的数据库 {database} 正被其他程序占用。", "请关闭占用它的程序，稍后再启动。")
    if "malformed" in said or "not a database" in said:
        cure = "请把 prefect 文件夹移走后再启动：其中只有运行记录，整改台账和办理记录不在其中。"
        return RunRefused(f"Prefect 的数据库 {database} 已损坏。", cure)
    if "readonly" in said or "unable to open" in said:
        return RunRefused(f"Prefect 的数据库 {database} 打不开或不可写。", "请检查该文件夹的写权限和磁盘空间。")
    return RunRefused("Prefect 服务没有启动起来。", f"原因见日志 {server_log(home)}。")


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Asks it to end, and does not ask for long."""
    with suppress(ProcessLookupError):
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
