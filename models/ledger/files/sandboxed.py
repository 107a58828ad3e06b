"""The process that reads one hostile file: `python -m models.ledger.files.sandboxed NAME PARENT`, the file its input.

Started by sandbox.py and by nobody else. Before it looks at the file it sees to it that it can write no file, start no
process and take no more than its share of memory and time; it can still read what its user can. It tells what it finds
as lines on its output, and dies with the process that started it.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from typing import BinaryIO

from models.errors import LedgerRefused
from models.ledger.files.bounds import MEMORY_MOST, MIB, SECONDS_MOST, refused
from models.ledger.files.opening import rows_of_file
from models.ledger.files.wire import END, line_of_refusal, lines_of

_PR_SET_PDEATHSIG = 1
_FILES_MOST = 32


def main() -> None:
    name, parent = sys.argv[1], int(sys.argv[2])
    _confine(parent)
    with os.fdopen(0, "rb") as file, os.fdopen(1, "wb", buffering=0) as out:
        for line in _lines(name, file):
            _write(out.fileno(), line)
    os._exit(0)  # nothing is left to be tidied; to take down what was built takes time


def _lines(name: str, file: BinaryIO) -> Iterator[bytes]:
    try:
        yield from lines_of(rows_of_file(file, name))
        yield END + b"\n"
    except LedgerRefused as refusal:
        yield line_of_refusal(refusal)
    except MemoryError:
        yield line_of_refusal(out_of_memory(name))


def out_of_memory(name: str) -> LedgerRefused:
    return refused(
        f"读取台账文件 {name} 需要的内存超过{MEMORY_MOST // MIB} MiB，不像台账。",
        "请把台账内容复制到新文件，另存为 .xlsx 后再导入。",
    )


def _confine(parent: int) -> None:
    """Limits that cannot be raised again. Where the parent ended just before, nobody would tell us, so we end."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MOST, MEMORY_MOST))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MOST, SECONDS_MOST + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES_MOST, _FILES_MOST))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _write(place: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(place, rest) :]


if __name__ == "__main__":
    main()
