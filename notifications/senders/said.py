"""What a server said, fit to be stored and shown: one line, not too long, without our own secrets. Pure."""

from collections.abc import Callable
from unicodedata import category

LONGEST_REASON = 200


def one_line(said: bytes | str, strike: Callable[[str], str] = str) -> str:
    """`strike` takes our secrets out, before anything is cut off. What has no width must not hide one."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    seen = "".join(mark if mark.isprintable() else " " for mark in text if mark != "\0" and category(mark) != "Cf")
    return " ".join(strike(seen).split())[:LONGEST_REASON]
