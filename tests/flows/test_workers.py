"""Workers on prefect.yaml, as docs/how-to/workers.md says: one dies in mid-delivery, and the other does the rest.

A real Prefect server (its own small database), two worker processes and a mail server that is slow at first. Every
process carries DUBAN_HOME in its environment, so that none is left, whatever the test does.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from flows.prefect_settings import prepare_prefect, server_answers
from tests.scenarios.test_killed import DAY, check, home_with_port, made_home, outbox_of, undisturbed
from tests.served_offices import PATIENCE_S, duban, environment, free_port, living, until
from tests.smtp_sink import SLOW, Fault, SmtpSink

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
BEFORE_THE_KILL = 5
LONG_ENOUGH = 15
"""So many letters half a second each, that the run cannot end before it is killed."""
ON = {"on": str(DAY)}


@dataclass
class Staff:
    """A Prefect server with prefect.yaml's deployments, and workers that are started on it."""

    home: Path
    api: str
    env: dict[str, str]

    @property
    def log(self) -> Path:
        return self.home.parent / "prefect.log"

    def prefect(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True)

    def do(self, *arguments: str) -> None:
        with self.prefect(*arguments) as process:
            assert process.wait(60) == 0, self.log.read_text(encoding="utf-8")

    def asked(self, path: str, **given: Any) -> Any:
        """Asked again where the server's database is locked just then (503), as Prefect's own client does."""
        answer = httpx.post(f"{self.api}/{path}", json=given, timeout=30)
        for pause_s in (1, 2, 4, 8):
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(pause_s)
            answer = httpx.post(f"{self.api}/{path}", json=given, timeout=30)
        return answer.raise_for_status().json()

    def ask_for(self, deployment: str) -> str:
        """A run of this deployment for the day; gives its id."""
        found = httpx.get(f"{self.api}/deployments/name/{deployment}", timeout=30).raise_for_status().json()
        asked = self.asked(f"deployments/{found['id']}/create_flow_run", parameters=ON, state={"type": "SCHEDULED"})
        return str(asked["id"])

    def run(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.api}/flow_runs/{run}", timeout=30).raise_for_status().json()
        return found

    def state_of(self, run: str) -> str:
        return str(self.run(run)["state_name"])

    def wait_for_end_of(self, run: str) -> None:
        """Until the run is over, however it ends; says where it stands if it does not."""
        limit = time.monotonic() + PATIENCE_S
        while self.run(run)["end_time"] is None:
            assert time.monotonic() < limit, f"{self.run(run)['state']}\n{self.log.read_text(encoding='utf-8')}"
            time.sleep(0.2)

    def engine_of(self, run: str) -> int:
        """The process that makes this run."""
        mark = f"PREFECT__FLOW_RUN_ID={run}".encode()
        found = [pid for pid in living(self.home) if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")]
        return found[0]

    def kill(self, *pids: int) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def staffed(home: Path) -> Iterator[Staff]:
    """A server and the deployments; whatever the test does, no process of this home is left."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    env = environment(home, PREFECT_API_URL=api, PREFECT_WORKER_QUERY_SECONDS="1")
    env["PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED"] = "false"  # nothing but what the test asks for
    prepare_prefect(home, env)
    staff = Staff(home, api, env)
    started = [staff.prefect("server", "start", "--host", "127.0.0.1", "--port", str(port))]
    try:
        until(lambda: server_answers(api), "the server does not come up")
        staff.do("work-pool", "create", "duban-process", "--type", "process")
        staff.do("deploy", "--all")
        yield staff
    finally:
        for pid in living(home):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        started[0].wait(10)


@contextmanager
def working(staff: Staff, *names: str) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    workers = {
        name: staff.prefect("worker", "start", "--pool", "duban-process", "--name", name, "--limit", "1")
        for name in names
    }
    try:
        yield workers
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


@pytest.fixture(scope="module")
def sink() -> Iterator[SmtpSink]:
    with SmtpSink(faults=[Fault("DOT", SLOW, times=LONG_ENOUGH)]) as sink:
        yield sink


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """The home of an office whose directory names a mail server that is still to be given a port."""
    with TemporaryDirectory(prefix="duban-workers-") as folder:
        address = "mailto://127.0.0.1:{port}/?from=duban@example.cn&to={code}@x.cn"
        yield made_home(Path(folder), address)


@pytest.fixture(scope="module")
def staff(made: Path, sink: SmtpSink) -> Iterator[Staff]:
    with staffed(home_with_port(made, made.parent / "worked", sink.port)) as staff:
        yield staff


def test_events_ask_for_steps_with_their_whole_payload_as_the_form(staff: Staff) -> None:
    """Prefect fills in templates of its own while it deploys, and must have left this one alone."""
    asked = {
        expected: action["parameters"]["form"]["template"]
        for one in staff.asked("automations/filter")
        for expected in one["trigger"]["expect"]
        for action in one["actions"]
    }
    steps = ("assignment", "self_check", "supervision_check", "closure_review", "follow_up")
    assert asked == {f"duban.request.{step}": "{{ event.payload | tojson }}" for step in steps}


def test_what_a_killed_worker_left_the_other_delivers(staff: Staff, sink: SmtpSink, made: Path, tmp_path: Path) -> None:
    """Nothing is lost, nothing is said twice unflagged, and the run lock of the dead is no lock."""
    wanted = undisturbed(made, tmp_path)
    with working(staff, "a", "b") as workers:
        daily = staff.ask_for("daily-run/日常运行")
        until(lambda: len(sink.received) >= BEFORE_THE_KILL, "no letters")
        engine = staff.engine_of(daily)
        dead = next(name for name, worker in workers.items() if worker.pid == parent_of(engine))
        staff.kill(workers[dead].pid, engine)
        deliver = staff.ask_for("deliver/投递")
        staff.wait_for_end_of(deliver)
        assert staff.state_of(deliver) == "已投递"
        assert [name for name, worker in workers.items() if worker.poll() is not None] == [dead]
    assert staff.state_of(daily) == "Running", "Prefect does not know of it"
    done = duban(staff.home, "daily", "--on", str(DAY), "--via", "direct")
    assert done.returncode == 0, done.stderr
    check(staff.home, wanted, Counter(one.message_id for one in sink.received))
    assert sum(one.ambiguous for one in outbox_of(staff.home)) <= 1, "only the last letter before the crash is in doubt"
