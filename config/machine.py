"""What the machine says of itself: an id that no two machines share. Read before a delivery; changes nothing."""

from pathlib import Path

_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def machine_id() -> str:
    """The id that the system gave this machine once; empty where it has none, as in most containers."""
    for file in _IDS:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            continue  # not every system has one, and the folder and the database still tell a copy
    return ""
