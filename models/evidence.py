"""佐证材料 as files of the home, found by their SHA-256. The sender's file name is kept only as words about it.

Copies before the action is written: a file left over by a refused action harms nobody, a missing one would.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from models.errors import HomeError, UsageRefused

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies in the store: its hash, what it was called, and its size in bytes."""

    sha256: str
    name: str
    size: int


def store_file(source: Path, store: Path) -> StoredFile:
    """Copies `source` under its hash, durably. The same content twice is one file.

    Raises UsageRefused where `source` is no file, HomeError where it cannot be read or stored.
    """
    if not source.is_file():
        raise UsageRefused(f"佐证材料“{source.name}”不存在或不是文件。", "请给出文件的路径；目录请先打包。")
    try:
        return _copy(source, store)
    except OSError as error:
        raise HomeError(
            f"佐证材料“{source.name}”未能存入数据目录。",
            "请检查该文件能否读取、磁盘是否已满、数据目录是否可写。",
        ) from error


def path_of(sha256: str, store: Path) -> Path:
    """Where the content with this hash lies."""
    return store / sha256[:2] / sha256


def _copy(source: Path, store: Path) -> StoredFile:
    digest, size = hashlib.sha256(), 0
    store.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as incoming, tempfile.NamedTemporaryFile(dir=store, delete=False) as copy:
        while chunk := incoming.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    target = path_of(digest.hexdigest(), store)
    target.parent.mkdir(exist_ok=True)
    Path(copy.name).replace(target)
    _sync_folder(target.parent)
    _sync_folder(store)
    return StoredFile(digest.hexdigest(), source.name, size)


def _sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable: fsync of a file does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
