"""The query of an address as it is written: Apprise gives some parameters a meaning by the sign they begin with."""

from urllib.parse import unquote


def parameters(url: str) -> list[tuple[str, str]]:
    """Names in lower case, and values. A plus is a plus and no blank: it begins the name of a header."""
    _, _, query = url.partition("?")
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return [(unquote(name).lower(), unquote(value)) for name, _, value in pairs]
