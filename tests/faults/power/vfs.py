"""A SQLite file system that notes every write, sync and name, and passes it on to the real one."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from tests.faults.power.disk import Create, Delete, Step, Sync, Truncate, Write

NAME = "duban-noting"


class NotingVfs(apsw.VFS):
    """Registered for as long as it is referred to. Files without a name are SQLite's own scratch, and not noted."""

    def __init__(self, note: Callable[[Step], object]) -> None:
        self._note = note
        super().__init__(NAME, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        if name is None:
            return apsw.VFSFile("", name, flags)
        path = name if isinstance(name, str) else name.filename()
        is_new = not Path(path).exists()
        opened = NotingFile(name, flags, os.path.basename(path), self._note)  # noqa: PTH119 - a name, thousands of times
        if is_new:
            self._note(Create(opened.short))
        return opened

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self._note(Delete(Path(filename).name, bool(syncdir)))


class NotingFile(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], short: str, note: Callable[[Step], object]) -> None:
        super().__init__("", name, flags)
        self.short = short
        self._note = note

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._note(Write(self.short, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._note(Truncate(self.short, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._note(Sync(self.short))
