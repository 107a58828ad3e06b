"""The text of a message as it went out, read back from its bytes. Pure; for people who look at a message."""

import json
from collections.abc import Mapping
from email import message_from_bytes, policy

_KEPT_AT = (
    ("markdown", "content"),
    ("markdown", "text"),
    ("text", "content"),
    ("content", "text"),
    ("text",),
    ("body",),
)
"""Where what goes to robots, programs and services (chat.py) holds its words."""


def text_of(content: bytes) -> str:
    """The readable text of a letter, or of JSON for a robot; what is neither was text to begin with."""
    if (said := _said(content)) is not None:
        return said
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain", "html")) if mail["message-id"] else None
    if body is None:
        return content.decode("utf-8", "replace")
    return str(body.get_content())


def _said(content: bytes) -> str | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    for path in _KEPT_AT:
        place: object = found
        for key in path:
            place = place.get(key) if isinstance(place, Mapping) else None
        if isinstance(place, str):
            return place
    return None
