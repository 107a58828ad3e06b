"""What servers for tests have in common: faults on request, and a log that is on the disk before a reply leaves."""

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Deed = TypeVar("Deed")
Taken = TypeVar("Taken", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Fault(Generic[Deed]):
    """What to `do` at a place ("" for any) instead of the usual thing; `times` ends it, None means always."""

    at: str
    do: Deed
    times: int | None = None


def read(log: Path, kind: type[Taken]) -> list[Taken]:
    """What a server took, in order."""
    return [kind(**json.loads(line)) for line in log.read_text("ascii").splitlines()]


class FaultyServer(Generic[Deed, Taken]):
    """Serves from its making until `close`, which a server of a kind has to bring."""

    def __init__(self, log: Path | None, faults: Sequence[Fault[Deed]]) -> None:
        self.closing = threading.Event()
        self.kept: list[Taken] = []
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if log else None
        self._faults = list(faults)
        self._used = [0] * len(self._faults)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        raise NotImplementedError

    def fail(self, *faults: Fault[Deed]) -> None:
        """From now on these faults too."""
        with self._lock:
            self._faults += faults
            self._used += [0] * len(faults)

    def fault_at(self, place: str, /) -> Deed | None:
        """What to do here instead of the usual thing; uses up one of its times."""
        with self._lock:
            for number, fault in enumerate(self._faults):
                if fault.at in {"", place} and (fault.times is None or self._used[number] < fault.times):
                    self._used[number] += 1
                    return fault.do
        return None

    def keep(self, taken: Taken, /) -> None:
        """Takes a message: after this it is on the disk."""
        with self._lock:
            self.kept.append(taken)
            if self._log is not None:
                os.write(self._log, json.dumps(asdict(taken)).encode() + b"\n")
                os.fsync(self._log)

    def close_log(self) -> None:
        if self._log is not None:
            os.close(self._log)
            self._log = None
