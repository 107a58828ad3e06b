"""Who holds a lease: a process, named so that its death can be seen by the next command. No waiting, no clocks.

A name holds the boot id, the pid and the process's start time, so a pid used again, or a restarted machine, is
never taken for the owner. The run lock lives here; the leases on messages are in outbox/.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from models.errors import RunRefused
from models.store.engine import Store
from models.tables.core import LEASE

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def this_process() -> str:
    """The name of the running process: `boot:pid:start`."""
    return process_name(os.getpid())


def process_name(pid: int) -> str:
    """The name of a running process of this machine: `boot:pid:start`."""
    return f"{_boot()}:{pid}:{_start_time(pid)}"


def is_alive(owner: str) -> bool:
    """Whether the process that this name begins with still runs on this machine."""
    boot, pid, start, *_ = [*owner.split(":"), "", ""]
    if boot != _boot() or not pid.isdigit():
        return False
    found = _start_time(int(pid))
    return bool(found) and found == start


def is_held(connection: Connection, name: str) -> bool:
    """Whether a living process holds the named lock."""
    holder = connection.scalar(select(LEASE.c.owner).where(LEASE.c.name == name))
    return holder is not None and is_alive(holder)


@contextmanager
def run_lock(
    store: Store, name: str, now: datetime, busy: str = "另一次日常运行正在进行", cure: str = "请等它结束后再试。"
) -> Iterator[None]:
    """Holds the named lock, or raises RunRefused while a living process, this one included, holds it.

    `busy` and `cure` are what the refusal says.
    """
    owner = this_process()
    with store.writing() as connection:
        holder = connection.scalar(select(LEASE.c.owner).where(LEASE.c.name == name))
        if holder and is_alive(holder):
            pid = holder.split(":")[1]
            raise RunRefused(f"{busy}（进程 {pid}）。", cure)
        connection.execute(delete(LEASE).where(LEASE.c.name == name))
        connection.execute(insert(LEASE).values(name=name, owner=owner, taken_at=now))
    try:
        yield
    finally:
        with store.writing() as connection:
            connection.execute(delete(LEASE).where(LEASE.c.name == name, LEASE.c.owner == owner))


def _boot() -> str:
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else "-"


def _start_time(pid: int) -> str:
    """Clock ticks since boot at which the process began; empty where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return _start_time_elsewhere(pid)
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]


def _start_time_elsewhere(pid: int) -> str:
    """Without /proc only whether the pid is in use can be told; that errs on the side of waiting."""
    if _BOOT_ID.exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "-"
    return "-"
