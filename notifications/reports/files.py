"""Puts a finished paper where a person asked for it: whole or not at all. A refusal leaves an old file as it was."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from models.errors import UsageRefused


def refuse_other_than(path: Path, *endings: str) -> None:
    """Before any work is done: raises UsageRefused for a name that does not end as the file will have to."""
    if path.suffix.lower() not in endings:
        raise UsageRefused(f"“{path.name}”不是可以写出的文件类型。", f"文件名请以 {' 或 '.join(endings)} 结尾。")
    if path.is_dir():
        raise UsageRefused(f"“{path}”是目录，不能写成文件。", "请换一个文件名。")
    if not path.absolute().parent.is_dir():
        raise UsageRefused(f"没有目录“{path.absolute().parent}”。", "请先建立该目录，或换一个位置。")


def put(path: Path, content: bytes) -> None:
    """Writes beside it first, then takes its place. Raises UsageRefused where nothing can be written."""
    target = path.resolve()
    aside = target.with_name(f".duban-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    except OSError as error:
        cure = "请检查磁盘空间和写权限；该文件若正被其他程序打开，请先关闭。"
        raise UsageRefused(f"无法写入“{path}”（{error.strerror or error}）。", cure) from error
    finally:
        with suppress(OSError):  # gone, or never there
            aside.unlink()
