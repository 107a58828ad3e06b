"""Puts a finished file where it was asked for: the whole of it or none, and what was there before stays till then.

Runs at the end of an export or report. A folder that is not there is told, not made.
"""

import os
import secrets
from pathlib import Path

from models.errors import UsageRefused


def put(path: Path, content: bytes) -> None:
    """Writes beside the place and then replaces what stands there. A link is followed, so that it stays one.

    Raises UsageRefused where there can be no such file.
    """
    try:
        place = path.resolve()
        if place.is_dir():
            raise UsageRefused(f"“{path}”是文件夹，不能写成文件。", "请写明文件名。")
        _write(place, content)
    except FileNotFoundError as error:
        raise UsageRefused(f"没有文件夹“{path.parent}”。", "请先建好文件夹，或换一个位置。") from error
    except NotADirectoryError as error:
        raise UsageRefused(f"“{path.parent}”不是文件夹。", "请换一个位置。") from error
    except (PermissionError, ValueError) as error:
        raise UsageRefused(f"“{path}”不能写入。", "请检查文件名和文件夹的权限，或换一个位置。") from error


def _write(place: Path, content: bytes) -> None:
    part = place.with_name(f".duban-{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
