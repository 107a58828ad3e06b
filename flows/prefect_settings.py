"""How duban wants Prefect to behave, and which server is to be used. No Prefect here.

`prepare_prefect` must run before anything imports prefect, which reads its settings once. What an office has set itself
stays; under `duban serve` nearly nothing of it does (flows/serving/environment.py). Nothing leaves the machine:
telemetry is off, servers listen on loopback.
"""

import json
import os
from collections.abc import Mapping, MutableMapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.store.owners import is_alive

if TYPE_CHECKING:
    from http.client import HTTPConnection

_ASK_S = 0.5


def prefect_home(home: Path) -> Path:
    """Where Prefect keeps its own database, apart from duban's; the service's logs lie there too."""
    return home / "prefect"


def prepare_prefect(home: Path, env: MutableMapping[str, str] = os.environ) -> None:
    """Sets Prefect's defaults for this home: its database lies in the home, apart from duban's own."""
    wanted = {
        "PREFECT_HOME": str(prefect_home(home)),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "duban",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",  # the service itself logs, and is no run
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }
    for name, value in wanted.items():
        env.setdefault(name, value)


def api_url(home: Path, env: Mapping[str, str] = os.environ) -> str | None:
    """The API of the Prefect server to use: the one that the environment names, else the one this home started,
    where that still runs."""
    return env.get("PREFECT_API_URL") or served_at(home)


def served_at(home: Path) -> str | None:
    """The API of the server that `duban serve` started for this home, where its process lives."""
    try:
        noted = json.loads(_note(home).read_text(encoding="utf-8"))
        url, owner = str(noted["api_url"]), str(noted["owner"])
    except (OSError, ValueError, TypeError, KeyError):  # not served, or broken off while it was written
        return None
    return url if is_alive(owner) else None


def note_server(home: Path, api_url: str, owner: str) -> None:
    """Notes the server that this home started, by its address and the name of its process: whole or not at all."""
    half = _note(home).with_suffix(".new")
    half.write_text(json.dumps({"api_url": api_url, "owner": owner}), encoding="utf-8")
    half.replace(_note(home))


def forget_server(home: Path) -> None:
    _note(home).unlink(missing_ok=True)


def _note(home: Path) -> Path:
    return prefect_home(home) / "service.json"


def server_answers(api_url: str | None) -> bool:
    """Whether a Prefect server answers a plain GET at this API address. Costs next to nothing where none does."""
    from http.client import HTTPException

    if not api_url:
        return False
    try:
        with closing(connection_to(api_url, _ASK_S)) as connection:
            connection.request("GET", f"{base_path(api_url)}/health")
            return connection.getresponse().status == 200
    except (OSError, HTTPException, ValueError):  # nobody there, no web server, no address
        return False


def connection_to(api_url: str, timeout_s: float) -> "HTTPConnection":
    """A connection to the server of this address, not opened yet. Raises ValueError for what is no address.

    Loaded only here: a command that asks no server pays nothing for it.
    """
    from http.client import HTTPConnection, HTTPSConnection

    parts = urlsplit(api_url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=timeout_s)


def base_path(api_url: str) -> str:
    """What the paths of the API begin with."""
    return urlsplit(api_url).path.rstrip("/")
