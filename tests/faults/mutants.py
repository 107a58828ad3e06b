"""Mistakes that the proof must catch: a line of the product, changed in a copy that only one harness process loads.

`install` must come before the product is imported. The files on the disk stay what they are. Where the line that a
mistake changes is no longer there, that is an error: the proof must follow the product.
"""

import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType


@dataclass(frozen=True, slots=True)
class Mutant:
    """`old` stands once in the module, and becomes `new`. `family` of trials must catch it within `trials`."""

    module: str
    old: str
    new: str
    family: str
    trials: int
    journal: str = "delete"


_MARKER = "UPDATE message SET state = 'handing_over', frozen = TRUE\nWHERE id = :message"
_SETTINGS = '("WAL", "FULL") if wal_is_safe() else ("DELETE", "EXTRA")'

MUTANTS: Mapping[str, Mutant] = MappingProxyType({
    "the marker comes after the dot": Mutant(
        "notifications.senders.smtp",
        "            if not mark():\n"
        "                self._drop()  # closing before the dot is how SMTP takes a letter back\n"
        "                return Outcome(OutcomeKind.FENCED)\n"
        "            return self._past_the_dot(ready) if",
        "            outcome = self._past_the_dot(ready)\n"
        "            mark()\n"
        "            return outcome if",
        "points", 300,
    ),
    "there is no marker": Mutant(
        "notifications.senders.smtp", "            if not mark():\n", "            if False:\n", "points", 300
    ),
    "a death past the marker counts as one before it": Mutant(
        "notifications.endings",
        "if orphan.handed_to is None or orphan.handed_to in LEAVE_ONE_COPY:",
        "if True:",
        "points", 300,
    ),
    "a death past the marker counts as an acceptance": Mutant(
        "notifications.endings",
        "if orphan.handed_to is None or orphan.handed_to in LEAVE_ONE_COPY:",
        "if orphan.handed_to is not None:\n"
        "        return Ending(orphan.id, orphan.attempt, MessageState.ACCEPTED, AttemptPhase.ACCEPTED)\n"
        "    if True:",
        "points", 300,
    ),
    "words are made anew after the marker": Mutant(
        "notifications.words.contents",
        "if claimed.frozen and claimed.payload", "if not claimed.frozen and claimed.payload",
        "points", 300,
    ),
    "the marker comes after the request": Mutant(
        "notifications.senders.http",
        "            if not mark():\n"
        "                return Outcome(OutcomeKind.FENCED)\n"
        "            return self._posted(connection, request, body)\n",
        "            outcome = self._posted(connection, request, body)\n"
        "            mark()\n"
        "            return outcome\n",
        "robots", 300,
    ),
    "the fence asks for no owner": Mutant(
        "models.store.outbox.handing",
        f"{_MARKER} AND owner = :owner AND attempts = :attempt AND state = 'leased'",
        f"{_MARKER} AND state IN ('leased', 'handing_over')",
        "runners", 200,
    ),
    "a take-over doubts only what was not at its end": Mutant(
        "models.store.outbox.taking_over",
        "({UNFINISHED} OR state IN ('rejected', 'unknown', 'bounced'))", "({UNFINISHED})",
        "copies", 6,
    ),
    "WAL is synced at checkpoints only": Mutant(
        "models.store.engine", _SETTINGS, '("WAL", "NORMAL")', "cuts", 1000, "wal"
    ),
    "WAL is not synced": Mutant("models.store.engine", _SETTINGS, '("WAL", "OFF")', "cuts", 1000, "wal"),
    "the journal's end is not synced": Mutant("models.store.engine", _SETTINGS, '("DELETE", "FULL")', "cuts", 1000),
    "nothing is synced": Mutant("models.store.engine", _SETTINGS, '("DELETE", "OFF")', "cuts", 1000),
})  # fmt: skip


def install(mutant: Mutant) -> None:
    """From now on this process imports the module with its mistake in it."""
    if mutant.module in sys.modules:
        raise RuntimeError(f"{mutant.module} is loaded already")
    sys.meta_path.insert(0, _Finder(mutant))


def mutated(source: str, mutant: Mutant) -> str:
    """Raises LookupError where the line to be changed is not there, or more than once."""
    if source.count(mutant.old) != 1:
        raise LookupError(f"{mutant.module} has changed: bring the mutant up to date with it")
    return source.replace(mutant.old, mutant.new)


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert found and found.origin
        loader = _Loader(fullname, found.origin, self._mutant)
        return importlib.util.spec_from_file_location(fullname, found.origin, loader=loader)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, mutant: Mutant) -> None:
        super().__init__(fullname, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        source = mutated(Path(self.path).read_text("utf-8"), self._mutant)
        code: CodeType = compile(source, self.path, "exec", dont_inherit=True)
        return code
