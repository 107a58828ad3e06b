"""What of an address is secret, so that it stands in nothing but directory.yaml and the environment.

Used on what is kept of a directory, on every line of the program's log, on what servers answer, and by `duban doctor`.
Of mail only the password is secret; of a robot or another service anything that is written out may be.
"""

import html
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote

MASK = "***"
_MAIL, _HOOKS = ("mailto", "mailtos"), ("json", "jsons", "xml", "xmls", "form", "forms")
_REFERENCE = re.compile(r"\$\{(\w+)\}")
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*"
_URL = re.compile(
    rf"""(?P<quote>["'])(?P<quoted>{_SCHEME})://(?P<inside>(?:(?!(?P=quote)).)*)|(?P<bare>{_SCHEME})://(?P<rest>[^\s"']*)""",
    re.DOTALL,
)
"""In quotes a URL goes on to the next one, whatever stands in it; else up to a blank."""
_OWN = re.compile(r"(.*?(?:\$\{\w+\})?)[\]},]*", re.DOTALL)
"""What is a URL's own, without the brackets of the list around it."""
_PASS = re.compile(r"(?<=[?&])(?P<key>pass(?:word)?)=(?P<value>[^&\s]*)", re.IGNORECASE)
_PORT = re.compile(r"\d{1,5}(?:/.*)?")
_IN_QUERY = re.compile(r"[?&](?:[+:-][^=&]*|[^=&]*(?:auth|token|key|secret|sign|pass)[^=&]*)=([^&]*)", re.IGNORECASE)
_SORT_OF_LOGIN = re.compile(r"(?:basic|bearer|token|apikey)(?:%20|\+|\s)+(?=\$\{\w+\}$)", re.IGNORECASE)
"""What stands before a reference in a header that proves who calls: `Bearer%20${TOKEN}`."""
_CALLED = re.compile(r"[?&]mentions=[^&\s]*", re.IGNORECASE)
"""Whom a robot's messages call: no secret, though it is masked where an address is kept."""
_PARTS = re.compile(r"[/@:?&=,;+#\s]+")
_SHORTEST = 4
"""A shorter value is no secret worth the name, and would be struck out of ordinary words."""


def without_secrets(text: str) -> str:
    """The text with what is secret in its addresses masked. References such as `${SMTP_PASS}` stay."""
    return _URL.sub(lambda found: _told(found, _masked), text)


def writes_a_secret(reference: str) -> bool:
    """Whether this address holds a secret itself, where it should refer to the environment."""
    reference = _CALLED.sub("", reference)
    scheme, _, rest = reference.strip().partition("://")
    if scheme.lower() in _HOOKS:
        user, at, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
        values = [user.partition(":")[2] if at else "", *_IN_QUERY.findall(rest)]
        return any(_is_literal(_SORT_OF_LOGIN.sub("", value)) for value in values)
    return bool(rest) and scheme.lower() != "file" and without_secrets(reference) != reference


def redactor(directory: Path, env: Mapping[str, str]) -> Callable[[str], str]:
    """Strikes out of a text all that this directory, as it then stands, shows to be secret, and what looks like it."""
    known: dict[tuple[int, int], re.Pattern[str] | None] = {}

    def strike(text: str) -> str:
        found = _values_in(directory, env, known)
        shorter = found.sub(MASK, text) if found else text
        return _URL.sub(lambda url: _told(url, _shown_of_url), shorter)

    return strike


def striker_of_all(directory: Path, env: Mapping[str, str]) -> Callable[[str], str]:
    """Strikes every secret of this directory as it stands now out of what a server said, whosesoever it is; also as
    HTTP and SMTP tell logins (base64)."""
    try:
        found = set(_secrets(directory.read_text(encoding="utf-8-sig"), env))
    except (OSError, UnicodeDecodeError):
        return str
    return striker({*found, *(b64encode(value.encode(errors="replace")).decode() for value in found)})


def striker(values: Iterable[str]) -> Callable[[str], str]:
    """Strikes these values out of a text, in whatever spelling a server may say them back, in capitals or not, and
    whichever of their characters it writes as URLs do."""
    long_enough = (value for value in values if len(value) >= _SHORTEST)
    told = sorted({form for value in long_enough for form in _as_answered(value)}, key=len, reverse=True)
    found = re.compile("|".join(map(_partly_quoted, told)), re.IGNORECASE) if told else None
    return lambda text: found.sub(MASK, text) if found else text


def pieces(value: str) -> Iterator[str]:
    """A value, and what stands between its slashes and other marks: a part of it may be the secret."""
    yield from (value, *_PARTS.split(value), *_PARTS.split(unquote(value)))


def _partly_quoted(form: str) -> str:
    """A pattern for a form of which any character may be written as `%XX`."""
    return "".join(f"(?:{re.escape(sign)}|{_quoted(sign)})" for sign in form)


def _quoted(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode(errors="replace"))


def _as_answered(value: str) -> Iterator[str]:
    """As URLs spell it, and each of those as JSON and HTML do."""
    for form in _in_urls(value):
        escaped = json.dumps(form)[1:-1]
        yield from (form, escaped, escaped.replace("/", r"\/"), html.escape(form))


def _in_urls(value: str) -> tuple[str, ...]:
    quoted = (quote(value, safe=safe, errors="replace") for safe in ("", "/"))
    return (value, unquote(value), *quoted, quote_plus(value, errors="replace"))


def _values_in(
    directory: Path, env: Mapping[str, str], known: dict[tuple[int, int], re.Pattern[str] | None]
) -> re.Pattern[str] | None:
    """What to strike out, of the file as it is now. Where it cannot be read, nothing is known."""
    try:
        stat = directory.stat()
        if (version := (stat.st_mtime_ns, stat.st_size)) not in known:
            known.clear()
            known[version] = _pattern(set(_secrets(directory.read_text(encoding="utf-8-sig"), env)))
    except (OSError, UnicodeDecodeError):
        return None
    return known[version]


def _secrets(text: str, env: Mapping[str, str]) -> Iterator[str]:
    """Every secret value that the text refers to or holds, in all the ways in which it may be written."""
    found = [env[name] for name in _REFERENCE.findall(text) if env.get(name)]
    for url in _URL.finditer(text):
        scheme, rest = url["quoted"] or url["bare"], url["inside"] if url["quoted"] else url["rest"]
        found += _written_in(scheme.lower(), rest)
    for value in found:
        yield from _in_urls(value)


def _written_in(scheme: str, rest: str) -> list[str]:
    """The secrets that stand in one address."""
    if scheme in _MAIL:
        return [value for value in (_password(rest), *(found["value"] for found in _PASS.finditer(rest))) if value]
    if scheme in _HOOKS:
        user, _, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
        return [
            *_PARTS.split(user),
            *(part for value in _IN_QUERY.findall(rest) for part in (value, *_PARTS.split(value))),
        ]
    return _PARTS.split(_REFERENCE.sub("/", rest))


def _pattern(values: set[str]) -> re.Pattern[str] | None:
    told = sorted((value for value in values if len(value) >= _SHORTEST and not _REFERENCE.search(value)), key=len)
    return re.compile("|".join(re.escape(value) for value in reversed(told))) if told else None


def _told(found: re.Match[str], told_of: Callable[[str, str], str]) -> str:
    if found["quoted"]:
        return f"{found['quote']}{found['quoted']}://{told_of(found['quoted'].lower(), found['inside'])}"
    own = _OWN.fullmatch(found["rest"])
    assert own
    rest = own[1]
    return f"{found['bare']}://{told_of(found['bare'].lower(), rest)}{found['rest'][len(rest) :]}"


def _masked(scheme: str, rest: str) -> str:
    if scheme in _MAIL:
        password = _password(rest)
        kept = rest.replace(f":{password}@", f":{MASK}@", 1) if password else rest
        return _PASS.sub(lambda found: f"{found['key']}={_mask(found['value'])}", kept)
    return "".join(
        piece if _REFERENCE.fullmatch(piece) or not _is_literal(piece) else MASK
        for piece in re.split(r"(\$\{\w+\})", rest)
    )


def _shown_of_url(scheme: str, rest: str) -> str:
    """What a log may show of a URL: of the web the host, of mail all but the password, of others nothing."""
    if scheme in ("http", "https"):
        host, slash, _ = rest.partition("/")
        return f"{host.rpartition('@')[2].partition('?')[0]}{f'/{MASK}' if slash or '?' in rest else ''}"
    return _masked(scheme, rest)


def _password(rest: str) -> str:
    """What stands for the password in `user:password@`, where it is written out; a port is none."""
    user, at, _ = rest.partition("?")[0].rpartition("@")
    password = user.partition(":")[2] if at else ""
    return "" if _PORT.fullmatch(password) and "/" in password else password if _is_literal(password) else ""


def _mask(value: str) -> str:
    return MASK if _is_literal(value) else value


def _is_literal(value: str) -> bool:
    """Whether anything but references and punctuation stands there."""
    return any(sign.isalnum() for sign in _REFERENCE.sub("", value)) and value != MASK
