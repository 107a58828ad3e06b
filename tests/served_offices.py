"""`duban serve` as a process of its own, for tests: started, listened to, asked, stopped, killed; nothing is left.

Every process that a service starts carries DUBAN_HOME in its environment, so the process table tells what lives of it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PATIENCE_S = 90.0
READY = "服务已就绪"


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a command of this home finds in its environment: nothing of other homes, servers or tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "PREFECT_"))}
    return {**kept, "DUBAN_HOME": str(home), **more}


def duban(home: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "duban", *arguments],
        env=environment(home, **more), capture_output=True, encoding="utf-8", check=False, timeout=PATIENCE_S,
    )  # fmt: skip


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def until(found: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Waits until something is found, and gives it."""
    limit = time.monotonic() + patience_s
    while not (value := found()):
        assert time.monotonic() < limit, what
        time.sleep(0.05)
    return value


def living(home: Path) -> Mapping[int, str]:
    """The processes of a service of this home, by pid, with their commands; zombies do not live."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            named = f"DUBAN_HOME={home}".encode() in (entry / "environ").read_bytes().split(b"\0")
            dead = (entry / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
            if named and not dead and int(entry.name) != os.getpid():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


@dataclass
class Serving:
    """A service that was started, and what it has said."""

    home: Path
    port: int
    process: "subprocess.Popen[str]"
    said: list[str] = field(default_factory=list)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))

    def wait_until_ready(self) -> None:
        until(lambda: self.heard(READY) or self.process.poll() is not None, "the service does not become ready")
        assert self.heard(READY), self.said

    def heard(self, words: str) -> bool:
        return any(words in line for line in self.said)

    def asked(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """What a query of Prefect's API finds."""
        found: list[dict[str, Any]] = self.post(f"{path}/filter", filters).json()
        return found

    def post(self, path: str, sent: object, method: str = "POST") -> httpx.Response:
        """What Prefect's API answers. Where much goes on at once it answers 503 for a while, as its clients know."""

        def answered() -> httpx.Response | None:
            answer = httpx.request(method, f"{self.api}/{path}", json=sent, timeout=30)
            return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer.raise_for_status()

        answer: httpx.Response = until(answered, "the server is too busy to answer")
        return answer

    def runs_of(self, deployment: str) -> list[dict[str, Any]]:
        return self.asked("flow_runs", deployments={"name": {"any_": [deployment]}})

    def stop(self, signum: int = signal.SIGTERM) -> int:
        self.process.send_signal(signum)
        return self.process.wait(PATIENCE_S)

    def nothing_is_left(self) -> None:
        limit = time.monotonic() + 20
        while left := living(self.home):
            assert time.monotonic() < limit, f"left: {left}"
            time.sleep(0.05)


IMPATIENT = """
import sys
from dataclasses import replace
from functools import partial
from config.service import load_service
from flows.office import open_office
from flows.serving.ending import Pace
from flows.serving.service import serve
with open_office() as office:
    service = replace(load_service(office.settings.service), port=int(sys.argv[-1]))
    serve(office, service, partial(print, file=sys.stdout, flush=True), Pace(steady_s=1, pause_s=1))
"""
"""As the command does, but steady after a second already."""


@contextmanager
def serving(home: Path, impatient: bool = False, **env: str) -> Iterator[Serving]:
    """A service of this home, started; whatever the test does, none of its processes is left."""
    port = free_port()
    command = ["-c", IMPATIENT] if impatient else ["-m", "duban", "serve"]
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)],
        env=environment(home, **env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        start_new_session=True,
    )  # fmt: skip
    service = Serving(home, port, process)
    listener = threading.Thread(target=service.listen)
    listener.start()
    try:
        yield service
    finally:
        process.kill()
        process.wait()
        for pid in living(home):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        listener.join()
        assert process.stdout
        process.stdout.close()


def note_of(home: Path) -> Any:
    """What the home notes of its server; None where it notes none."""
    path = home / "prefect" / "service.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
