"""Children that end with the service that started them, by real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from flows.serving.lifeline import SERVICE
from models.store.owners import is_alive, process_name
from tests.served_offices import until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel of Linux does it")

TIED = "import time, flows.serving.lifeline as lifeline; {how}; print('tied', flush=True); time.sleep(60)"
"""A child: it ties itself to its parent, says so, and would go on for a minute."""
PARENT = """
import os, subprocess, sys, time
from models.store.owners import this_process
os.environ[{service!r}] = this_process()
child = subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def started() -> Iterator[list[int]]:
    """Processes to be ended whatever happens."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, 9)


@pytest.mark.parametrize(
    "how",
    [
        "__import__('flows')",
        "import threading; threading.Thread(target=lambda: (lifeline.tie_to_service(), time.sleep(60))).start()",
    ],
    ids=["by importing flows", "from a thread, as Prefect imports"],
)
def test_a_child_ends_with_a_parent_that_is_killed(started: list[int], how: str) -> None:
    script = PARENT.format(service=SERVICE, child=TIED.format(how=how))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8") as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        started += [child, parent.pid]
        name = process_name(child)
        assert is_alive(name)
        parent.kill()
        until(lambda: not is_alive(name), "the child lives on", patience_s=5)


def run_as_child_of(service: str) -> int:
    env = {**os.environ, SERVICE: service}
    return subprocess.run([sys.executable, "-c", "import flows"], env=env, check=False).returncode


def test_a_child_whose_service_has_ended_before_ends_at_once() -> None:
    """Also where the service is a zombie, and where its pid belongs to another process by now."""
    ending = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_name(ending.pid)
    assert ending.stdin
    ending.stdin.close()
    until(lambda: not is_alive(name), "it does not end")
    assert run_as_child_of(name) == 1, "a zombie, for nobody has waited for it yet"
    ending.wait()
    assert run_as_child_of(name) == 1
    assert run_as_child_of(f"{process_name(os.getpid())}0") == 1, "another process of the same pid"


@pytest.mark.parametrize(
    "service", ["", "nonsense", process_name(os.getppid())], ids=["none", "no name", "not its own"]
)
def test_others_go_on(service: str) -> None:
    assert run_as_child_of(service) == 0


def test_ctrl_c_is_left_to_the_service() -> None:
    code = f"""
import os, subprocess, sys
from models.store.owners import this_process
os.environ[{SERVICE!r}] = this_process()
child = "import flows, os, signal; os.kill(os.getpid(), signal.SIGINT); print('went on')"
sys.exit(subprocess.run([sys.executable, "-c", child]).returncode)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
