"""佐证材料 as files of the home, found by their SHA-256. The sender's file name is kept only as words about it.

In two steps: `staged()` checks and copies all files aside before anything is decided, `keep()` moves one to its place
once the rules have allowed the action, and what was not kept is gone at the end. So a refused action leaves nothing,
and an accepted one never lacks a file.
"""

import hashlib
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.closure import EvidenceKind
from models.errors import HomeError, UsageRefused
from models.ladder import EvidenceRules

_CHUNK = 1 << 20
ASIDE = "incoming-"
"""How the names of copies begin that are not in their place yet."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file as somebody gives it: where it lies, and what it is evidence of."""

    path: Path
    kind: EvidenceKind = EvidenceKind.PROOF


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file copied aside: its hash, what it was called, its size in bytes, its kind, and the copy."""

    sha256: str
    name: str
    size: int
    kind: EvidenceKind
    copy: Path
    store: Path


@contextmanager
def staged(given: Sequence[HandedIn], store: Path, rules: EvidenceRules) -> Iterator[tuple[StagedFile, ...]]:
    """Checks all files, copies them aside durably, and removes what was not kept when the caller is done.

    Raises UsageRefused for the first that is no file, is empty, too large or of a type that is not taken; HomeError
    where one cannot be read or stored.
    """
    for one in given:
        _check(one.path, rules)
    copies: list[StagedFile] = []
    try:
        for one in given:
            copies.append(_copied(one, store))
            if copies[-1].size > rules.max_bytes:  # it grew while it was copied
                raise _too_large(one.path.name, copies[-1].size, rules)
        yield tuple(copies)
    finally:
        for copy in copies:
            copy.copy.unlink(missing_ok=True)


def keep(file: StagedFile) -> None:
    """Moves a staged file to its place, durably. The same content twice is one file."""
    target = path_of(file.sha256, file.store)
    try:
        target.parent.mkdir(exist_ok=True)
        if not (target.exists() and sha256_of(target) == file.sha256):
            file.copy.replace(target)
        _sync_folder(target.parent)
        _sync_folder(file.store)
    except OSError as error:
        raise _not_stored(file.name) from error


def path_of(sha256: str, store: Path) -> Path:
    """Where the content with this hash lies."""
    return store / sha256[:2] / sha256


def sha256_of(path: Path) -> str:
    """The hash of a file's content as it is now. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(path: Path, rules: EvidenceRules) -> None:
    name = path.name
    if path.is_dir():
        raise UsageRefused(f"佐证材料“{name or path}”是目录，不是文件。", "请先打包成一个文件（如 zip）再上报。")
    if not path.is_file():
        raise UsageRefused(f"佐证材料“{path}”不存在或不是文件。", "请检查文件的路径。")
    if path.suffix.lower().removeprefix(".") not in rules.types:
        kind = f"“{path.suffix}”类型" if path.suffix else "没有扩展名"
        raise UsageRefused(
            f"佐证材料“{name}”{kind}，不在可接收的类型之内。",
            f"可接收：{'、'.join(sorted(rules.types))}；如需增加，请修改 policy.yaml 的 evidence.types。",
        )
    size = path.stat().st_size
    if size == 0:
        raise UsageRefused(f"佐证材料“{name}”是空文件。", "请检查文件内容后重新上报。")
    if size > rules.max_bytes:
        raise _too_large(name, size, rules)


def _too_large(name: str, size: int, rules: EvidenceRules) -> UsageRefused:
    return UsageRefused(
        f"佐证材料“{name}”有{_size_zh(size)}，超过上限{_size_zh(rules.max_bytes)}。",
        "请压缩或拆分后重新上报；上限由 policy.yaml 的 evidence.max_size 设定。",
    )


def _size_zh(size: int) -> str:
    """A size for people; rounded up, so that what is too large never looks as if it were not."""
    unit, name = (1 << 20, "MB") if size >= 1 << 20 else (1 << 10, "KB")
    return f"{math.ceil(size * 10 / unit) / 10:.1f}{name}"


def _copied(given: HandedIn, store: Path) -> StagedFile:
    digest, size = hashlib.sha256(), 0
    copy = None
    try:
        store.mkdir(parents=True, exist_ok=True)
        with given.path.open("rb") as incoming, _aside(store) as outgoing:
            copy = Path(outgoing.name)
            while chunk := incoming.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                outgoing.write(chunk)
            outgoing.flush()
            os.fsync(outgoing.fileno())
    except OSError as error:
        if copy:
            copy.unlink(missing_ok=True)
        raise _not_stored(given.path.name) from error
    name = "".join(char for char in given.path.name if char.isprintable())
    return StagedFile(digest.hexdigest(), name, size, given.kind, copy, store)


def _aside(store: Path) -> "tempfile._TemporaryFileWrapper[bytes]":
    """A file beside the store's own; what a killed process left of it says so by its name."""
    return tempfile.NamedTemporaryFile(dir=store, prefix=ASIDE, delete=False)


def _not_stored(name: str) -> HomeError:
    return HomeError(f"佐证材料“{name}”未能存入数据目录。", "请检查该文件能否读取、磁盘是否已满、数据目录是否可写。")


def _sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable: fsync of a file does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
