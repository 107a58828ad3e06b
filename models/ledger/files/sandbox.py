"""Has a hostile file read by a process of its own, and hears from it line by line.

Runs at import, in the program that wants the sheets. That process gets the open file, no shell and no environment; it
writes nothing, starts nothing, and has limits on memory and time. However it ends, here it is one LedgerRefused, and
it is gone.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from time import monotonic
from typing import BinaryIO

from models.errors import LedgerRefused
from models.ledger.files.bounds import MIB, SECONDS_MOST, refused
from models.ledger.files.grid import Found
from models.ledger.files.wire import END, heard

_LINE_LONGEST = 32 * MIB
_CHUNK = 1 * MIB
_PATIENCES = 4
_PASSED_ON = ("LD_LIBRARY_PATH",)
"""What an interpreter may need to start at all."""


def read_in_sandbox(
    file: BinaryIO, name: str, command: Sequence[str] = (), patience_s: float = SECONDS_MOST
) -> Generator[Found]:
    """Each sheet by its name, followed by its rows. Raises LedgerRefused. `name` is for what is said of the file.

    `patience_s` is how long it may say nothing, and a fourth of how long it is waited for in all; the time that is
    spent here with the rows does not count. On a machine that is busy a second of its work takes several.
    """
    try:
        child = _Child(file, command or reader_command(name), patience_s)
    except OSError as error:
        raise _stopped(name, 0) from error
    try:
        yield from _heard(child, name)
    except _SilentError as error:
        raise _too_slow(name) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise _stopped(name, 0) from error
    finally:
        child.end()


def _heard(child: "_Child", name: str) -> Iterator[Found]:
    """Everything that it tells, up to its last line."""
    for line in child.lines():
        if line == END:
            return
        yield from heard(line)
    raise _stopped(name, child.ended())


def reader_command(name: str) -> tuple[str, ...]:
    return sys.executable, "-I", "-X", "utf8", "-m", "models.ledger.files.sandboxed", name, str(os.getpid())


def _too_slow(name: str) -> LedgerRefused:
    return refused(
        f"读取台账文件 {name} 用时过长，已停止。",
        "请把台账内容复制到新文件，另存为 .xlsx 后再导入；行数很多的，请拆分后分别导入。",
    )


def _stopped(name: str, status: int) -> LedgerRefused:
    """The reader ended without saying why, or said what it never says."""
    if status == -signal.SIGXCPU:
        return _too_slow(name)
    return refused(
        f"台账文件 {name} 读取意外中断，未读取任何内容。",
        "文件可能已损坏或不安全：请用表格软件打开检查，把内容复制到新文件，另存为 .xlsx 后再导入。",
    )


class _SilentError(Exception):
    """Nothing was heard for as long as we are willing to wait."""


class _Child:
    """The process that reads: started at once, and ended by `end` whatever it does."""

    def __init__(self, file: BinaryIO, command: Sequence[str], patience_s: float) -> None:
        self._patience_s, self._left_s = patience_s, patience_s * _PATIENCES
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        self._process = subprocess.Popen(
            command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, bufsize=0
        )

    def lines(self) -> Iterator[bytes]:
        """Each line that has ended. Raises _SilentError, or ValueError for a line that never ends."""
        pieces: list[bytes] = []
        while chunk := self._read():
            rest, *begun = chunk.split(b"\n")
            pieces.append(rest)
            for piece in begun:
                yield b"".join(pieces)
                pieces = [piece]
            if sum(map(len, pieces)) > _LINE_LONGEST:
                raise ValueError("a line without end")

    def ended(self) -> int:
        """How it ended by itself, as subprocess says it."""
        try:
            return self._process.wait(min(self._patience_s, max(self._left_s, 0)))
        except subprocess.TimeoutExpired as error:
            raise _SilentError from error

    def end(self) -> None:
        self._process.kill()
        if self._process.stdout:
            self._process.stdout.close()
        self._process.wait()

    def _read(self) -> bytes:
        assert self._process.stdout
        waiting = select.poll()
        waiting.register(self._process.stdout, select.POLLIN)
        since = monotonic()
        ready = waiting.poll(min(self._patience_s, max(self._left_s, 0)) * 1000)
        self._left_s -= monotonic() - since
        if not ready:
            raise _SilentError
        return os.read(self._process.stdout.fileno(), _CHUNK)
