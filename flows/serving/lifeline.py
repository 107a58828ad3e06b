"""Ties the life of a child process to the service that started it: nothing outlives `duban serve`, however it ends.

Called in the children: by the server at its start, by each flow run's process when it imports `flows`. No Prefect
here. The kernel of Linux does it; elsewhere a service that was killed leaves its children to be ended by hand.
"""

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

MARK = "DUBAN_SERVICE_PID"
"""The environment variable by which a service tells the processes of its flow runs whose they are."""
_PR_SET_PDEATHSIG = 1


def hold() -> None:
    """Ties this process to the service that its environment names. Nothing happens where it names none, or where
    another process than the service started this one; where the service is gone already, this process ends."""
    mark = os.environ.get(MARK, "")
    if not mark.isdigit() or not sys.platform.startswith("linux"):
        return
    if os.getppid() == int(mark):
        die_with(int(mark))
        _leave_ctrl_c_to_the_service()
    elif not Path(f"/proc/{mark}").exists():
        os._exit(1)


def die_with(parent: int) -> None:
    """Has the kernel end this process, without asking it, as soon as the one that started it ends.

    `parent` is whom we believe that to be: had it ended before, nobody would send the signal, so we end at once.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def leave_no_child() -> None:
    """Ends the children that this process still has, without asking them."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, children.read_text().split()):
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _leave_ctrl_c_to_the_service() -> None:
    """It ends its runs itself. By the C library, since Prefect imports flows in a thread, where Python refuses to."""
    ignore = ctypes.CDLL(None).signal
    ignore.argtypes, ignore.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
    ignore(signal.SIGINT, int(signal.SIG_IGN))
