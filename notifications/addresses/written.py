"""An address as it is written, for what Apprise gives a meaning of its own, guesses, or drops. PURE."""

import re
from urllib.parse import unquote


def parameters(url: str) -> list[tuple[str, str]]:
    """Names of the query in lower case, and values. A plus is a plus and no blank: it begins the name of a header."""
    _, _, query = url.partition("?")
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return [(unquote(name).lower(), unquote(value)) for name, _, value in pairs]


def login_fault(url: str) -> str | None:
    """What is wrong with user name and password as they are written, or None."""
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    if authority.count("@") > 1:
        # Apprise would connect to whatever follows the first one: possibly a piece of a password.
        return "用户名或密码中的“@”应写作 %40，或改用 ${环境变量} 引用"
    return None


def http_port(is_secure: bool) -> int:
    """Where HTTPS or HTTP is spoken when an address names no port."""
    return 443 if is_secure else 80
