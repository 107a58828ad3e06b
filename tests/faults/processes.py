"""Forked processes of the harness: started, killed at a moment, waited for. What they raise is told, never lost."""

import gc
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass


class RunFailedError(Exception):
    """A run did not come to its end, or to a wrong one, though nobody had killed it: the product is at fault."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended. `failed`: by an error of its own, which it has printed."""

    killed: bool
    failed: bool


def start(work: Callable[[], object]) -> int:
    """Does the work in a forked process; gives its pid. The harness itself has no threads, so this is safe."""
    sys.stdout.flush()
    gc.freeze()  # else the first collection of the child copies every page of the parent, which takes 0.2 s
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except BaseException:  # noqa: BLE001 - a forked process must end here, never return into the harness
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def wait(pid: int) -> Ended:
    _, status = os.waitpid(pid, 0)
    return Ended(os.WIFSIGNALED(status), os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0)


def result_of(work: Callable[[], bytes]) -> bytes:
    """What the work gives, done in a forked process, which it may change as it likes. Raises where it fails."""
    with tempfile.TemporaryFile() as told:
        ended = wait(start(lambda: os.pwrite(told.fileno(), work(), 0)))
        if ended.killed or ended.failed:
            raise RunFailedError("a run that nobody disturbs fails")
        return told.read()


def kill_after(pid: int, seconds: float) -> Ended:
    """Kills it at that moment, unless it has ended before."""
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)  # a zombie takes it without harm
    return wait(pid)
