"""The file beside a home that holds whose home it is and how often it has delivered. Read and written, not judged.

It lies outside the home, so that an older state of the home that is put back does not bring it along. Where the folder
around the home cannot be written there is none, and a home that was put back cannot be told by it.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from models.errors import HomeError


@dataclass(frozen=True, slots=True)
class Beside:
    """What the file says: the instance that lives here, and the number of its sittings."""

    instance: str
    sitting: int


def file_beside(home: Path) -> Path:
    """Where the file of this home lies. The folder may be called by a link: the file lies beside the real one."""
    real = home.resolve()
    return real.with_name(f".{real.name}.duban-sitting")


def read_beside(file: Path) -> Beside | None:
    """What it says; None where there is none, none can be kept, or it is not ours. Raises HomeError."""
    if not can_be_kept(file):
        return None
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Beside(str(said["instance"]), int(said["sitting"]))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(file, "读") from error
    except (ValueError, KeyError, TypeError):
        return None  # it is written whole or not at all, so this was made by other hands: it proves nothing


def write_beside(file: Path, beside: Beside) -> None:
    """Writes it durably, whole or not at all. Raises HomeError where the disk does not take it."""
    if not can_be_kept(file):
        return
    fresh = file.with_name(f"{file.name}.new")
    try:
        with fresh.open("w", encoding="utf-8") as out:
            out.write(json.dumps({"instance": beside.instance, "sitting": beside.sitting}) + "\n")
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
        _sync_folder(file.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _unusable(file, "写") from error


def remove_beside(file: Path) -> None:
    """Takes away what an earlier home of the same name left. Raises HomeError where that cannot be done."""
    if can_be_kept(file):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(file, "删") from error


def can_be_kept(file: Path) -> bool:
    """Whether the folder around the home takes such a file."""
    return os.access(file.parent, os.W_OK | os.X_OK)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _unusable(file: Path, doing: str) -> HomeError:
    return HomeError(f"数据目录旁的“{file.name}”{doing}不了，没有投递。", "请检查该文件和上级目录的权限、磁盘空间。")
