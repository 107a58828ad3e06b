"""Writes a letter as an .eml file into the outbox folder of the home, one folder per recipient.

For offices without a mail server, for rehearsals, and to read what would go out. A file is complete or
absent, and on the disk before the sender says so. Handing the same letter over again leaves one file.
"""

import errno
import hashlib
import os
import re
from pathlib import Path

from notifications.outcome import Letter, Mark, Outcome, OutcomeKind

_LONGEST_NAME = 200  # bytes; file systems end at 255, and the temporary name is longer


class FileSender:
    """Hands letters over to the folder `outbox`, which it makes when it is missing."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        """ACCEPTED with the file's place in the outbox as reason, or RETRY when the disk said no."""
        if not mark():
            return Outcome(OutcomeKind.FENCED)
        place = Path(safe_name(letter.recipient), safe_name(letter.message_id.strip("<>")) + ".eml")
        try:
            _write_durably(self._outbox / place, letter.payload)
        except OSError as fault:
            code = errno.errorcode.get(fault.errno or 0, "")
            return Outcome(OutcomeKind.RETRY, code, f"写入发件夹失败：{fault.strerror or '原因不明'}")
        return Outcome(OutcomeKind.ACCEPTED, reason=place.as_posix())

    def close(self) -> None:
        """Nothing is kept open."""


def safe_name(text: str) -> str:
    """One file name for one text, and never the same for two. Letters, digits and 汉字 stay readable."""
    name = re.sub(r"[^\w.@+=-]|^\.", lambda match: f"%{match[0].encode().hex().upper()}", text)
    if len(name.encode()) > _LONGEST_NAME:
        return hashlib.sha256(text.encode()).hexdigest()
    return name or "%"


def _write_durably(file: Path, content: bytes) -> None:
    """The whole file or none of it, whatever happens to the process or the power. Raises OSError."""
    if not file.parent.is_dir():
        file.parent.mkdir(parents=True, exist_ok=True)
        _sync_folder(file.parent.parent)
    # The process id keeps two runners from writing into each other's half-made file.
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable: fsync of a file does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
