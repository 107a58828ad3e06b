"""What a server said, fit to be stored and shown: one line, not too long, without our own secrets. Pure."""

from collections.abc import Sequence

LONGEST_REASON = 200


def one_line(said: bytes | str, secrets: Sequence[str]) -> str:
    """`secrets` in every spelling that a server may have been told them in, the longest first."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    for secret in secrets:
        text = text.replace(secret, "***")
    words = "".join(mark if mark.isprintable() else " " for mark in text).split()
    return " ".join(words)[:LONGEST_REASON]
