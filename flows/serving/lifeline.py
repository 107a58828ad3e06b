"""Ties the life of a child process to the service that started it: nothing outlives `duban serve`, however it ends.

Called in the children when they import `flows`: the server, and each flow run's process. No Prefect here. The kernel
of Linux does it; elsewhere a service that was killed leaves its children to be ended by hand.
"""

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

SERVICE = "DUBAN_SERVICE"
"""The environment variable by which a service tells its children whose they are; it holds the name of its process."""
_PR_SET_PDEATHSIG = 1


def tie_to_service() -> None:
    """Ties this process to the service that its environment names. Nothing happens where it names none, or where
    another process than the service started this one; where the service is gone already, this process ends."""
    owner = os.environ.get(SERVICE, "")
    _, _, pid_on = owner.partition(":")
    pid = pid_on.partition(":")[0]
    if not pid.isdigit() or not sys.platform.startswith("linux"):
        return
    from models.store.owners import is_alive  # loads SQLAlchemy: only for children of a service

    if not is_alive(owner):
        os._exit(1)
    if os.getppid() == int(pid):
        _die_with(int(pid))
        _leave_ctrl_c_to_the_service()


def leave_no_child() -> None:
    """Ends the children that this process still has, without asking them."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, children.read_text().split()):
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _die_with(parent: int) -> None:
    """Has the kernel end this process, without asking it, as soon as the one that started it ends.

    Had that ended just before, nobody would send the signal, so we end at once.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _leave_ctrl_c_to_the_service() -> None:
    """It ends its runs itself. By the C library, since Prefect imports flows in a thread, where Python refuses to."""
    ignore = ctypes.CDLL(None).signal
    ignore.argtypes, ignore.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
    ignore(signal.SIGINT, int(signal.SIG_IGN))
