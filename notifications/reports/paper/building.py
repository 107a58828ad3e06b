"""Makes the shipped templates: `python -m notifications.reports.paper.building [NAME…]`. A test holds them equal.

Each is laid out by a module of the report it belongs to, whose `build()` gives its bytes.
"""

import importlib
import sys

from notifications.reports.paper.templates import shipped

LAYOUTS = {"progress": "notifications.reports.progress.layout", "weekly": "notifications.reports.weekly.layout"}
"""Where each shipped template is laid out."""


def built(name: str) -> bytes:
    """The template as its layout makes it now."""
    content: bytes = importlib.import_module(LAYOUTS[name]).build()
    return content


def main(names: list[str]) -> None:
    for name in names or LAYOUTS:
        shipped(name).write_bytes(built(name))


if __name__ == "__main__":
    main(sys.argv[1:])
