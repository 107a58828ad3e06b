"""The text of a message as it went out, read back from its bytes. Pure; for people who look at a message."""

from email import message_from_bytes, policy


def text_of(content: bytes) -> str:
    """The readable text of a letter; what is no letter was text to begin with."""
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain", "html")) if mail["message-id"] else None
    if body is None:
        return content.decode("utf-8", "replace")
    return str(body.get_content())
