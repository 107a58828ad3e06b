"""A disk whose power is cut: what may be on it afterwards, given every operation that was asked of it before.

What was synced is there. Of what was not, each 512-byte sector may be there or not, in any mixture; a new size too.
A name that was made or removed may be there or not until the folder was synced, which SQLite asks for by the first
sync of a new journal and by a removal that is to last. The model trusts the disk's own word, as SQLite does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    name: str


@dataclass(frozen=True, slots=True)
class Create:
    name: str


@dataclass(frozen=True, slots=True)
class Delete:
    """`lasting`: the folder is synced with it."""

    name: str
    lasting: bool


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A commit came back. `content` is a digest of all that the database held then; `beside` is what the file beside
    the home said, which is written whole and synced."""

    content: str
    beside: bytes = b""


@dataclass(frozen=True, slots=True)
class Taken:
    """The channel took this letter, and whatever happens, it has it."""

    header_id: str
    sha256: str


Step = Write | Truncate | Sync | Create | Delete | Acknowledged | Taken
Files = Mapping[str, bytes]


@dataclass(slots=True)
class _Content:
    """What a file holds: what is sure to be there, and what was asked for since its last sync."""

    synced: bytearray
    asked: list[Write | Truncate] = field(default_factory=list)
    folder_knows: bool = True

    def sync(self) -> None:
        self.synced = self._with(self.asked)
        self.asked.clear()

    def after_cut(self, dice: Random, share: float) -> bytes:
        """`share` of what was not synced survives."""
        return bytes(self._with(piece for step in self.asked for piece in _pieces(step) if dice.random() < share))

    def _with(self, steps: Iterable[Write | Truncate]) -> bytearray:
        found = bytearray(self.synced)
        for step in steps:
            match step:
                case Truncate(_, size):
                    del found[size:]
                    found.extend(bytes(size - len(found)))
                case Write(_, offset, data):
                    found.extend(bytes(max(0, offset - len(found))))
                    found[offset : offset + len(data)] = data
        return found


def _pieces(step: Write | Truncate) -> Iterable[Write | Truncate]:
    """The parts of a step that may survive one without the other: sectors."""
    if isinstance(step, Truncate):
        yield step
        return
    place, end = step.offset, step.offset + len(step.data)
    while place < end:
        until = min(end, (place // SECTOR + 1) * SECTOR)
        yield Write(step.name, place, step.data[place - step.offset : until - step.offset])
        place = until


class Disk:
    """Replays steps; `after_cut` says what may be left."""

    def __init__(self, files: Files) -> None:
        # Under each name, what it may mean after a cut: the last is what it means now, None that there is no file.
        self._names: dict[str, list[_Content | None]] = {
            name: [_Content(bytearray(content))] for name, content in files.items()
        }

    def play(self, step: Step) -> None:
        match step:
            case Write(name) | Truncate(name):
                self._content(name).asked.append(step)
            case Sync(name):
                content = self._content(name)
                content.sync()
                if not content.folder_knows:
                    self._sync_folder()
            case Create(name):
                self._names.setdefault(name, [None]).append(_Content(bytearray(), folder_knows=False))
            case Delete(name, lasting):
                self._names.setdefault(name, [None]).append(None)
                if lasting:
                    self._sync_folder()
            case Acknowledged() | Taken():
                pass  # the disk hears nothing of it

    def after_cut(self, dice: Random) -> dict[str, bytes]:
        """One of the states in which the files may be found."""
        share = dice.choice((0.0, 1.0, dice.random()))
        left = {name: dice.choice(meanings) for name, meanings in self._names.items()}
        return {name: content.after_cut(dice, share) for name, content in left.items() if content}

    def _content(self, name: str) -> _Content:
        content = self._names[name][-1]
        assert content, "SQLite writes to what it has opened"
        return content

    def _sync_folder(self) -> None:
        for meanings in self._names.values():
            del meanings[:-1]
            if meanings[0]:
                meanings[0].folder_knows = True


def around(steps: Sequence[Step], cut: int, before: Acknowledged) -> tuple[Acknowledged, Acknowledged]:
    """The last commit that had come back at a cut before step `cut`, `before` where none had, and the one under way;
    what is found afterwards is of one of the two."""
    done = [step for step in steps[:cut] if isinstance(step, Acknowledged)]
    last = done[-1] if done else before
    return last, next((step for step in steps[cut:] if isinstance(step, Acknowledged)), last)
