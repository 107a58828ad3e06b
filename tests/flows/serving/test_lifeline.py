"""Children that end with the service that started them, by real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flows.serving.lifeline import MARK
from tests.served_offices import until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel of Linux does it")

TIED = "import time, flows.serving.lifeline as lifeline; {how}; print('tied', flush=True); time.sleep(60)"
"""A child: it ties itself to its parent, says so, and would go on for a minute."""
PARENT = """
import os, subprocess, sys, time
os.environ[{mark!r}] = str(os.getpid())
child = subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


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
        "lifeline.die_with(__import__('os').getppid())",
        "lifeline.hold()",
        "__import__('flows')",
        "import threading; thread = threading.Thread(target=lambda: (lifeline.hold(), time.sleep(60))); thread.start()",
    ],
    ids=["the server", "by the mark", "by importing flows", "from a thread, as Prefect imports"],
)
def test_a_child_ends_with_a_parent_that_is_killed(started: list[int], how: str) -> None:
    script = PARENT.format(mark=MARK, child=TIED.format(how=how))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8") as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        started += [child, parent.pid]
        assert alive(child)
        parent.kill()
        until(lambda: not alive(child), "the child lives on", patience_s=5)


def run_marked(mark: str) -> int:
    code = "import flows; print('went on')"
    return subprocess.run([sys.executable, "-c", code], env={**os.environ, MARK: mark}, check=False).returncode


def test_a_child_whose_service_has_ended_before_ends_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert run_marked(str(ended.pid)) == 1


@pytest.mark.parametrize("mark", ["", "nonsense", "1"], ids=["no mark", "no pid", "a living process, not the parent"])
def test_others_go_on(mark: str) -> None:
    assert run_marked(mark) == 0


def test_ctrl_c_is_left_to_the_service() -> None:
    code = f"""
import os, subprocess, sys
os.environ[{MARK!r}] = str(os.getpid())
child = "import flows, os, signal; os.kill(os.getpid(), signal.SIGINT); print('went on')"
sys.exit(subprocess.run([sys.executable, "-c", child]).returncode)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
