"""How duban wants Prefect to behave. Must run before anything imports prefect, which reads its settings once.

What an office has set itself stays. Nothing leaves the machine: telemetry is off, servers listen on loopback.
"""

import os
from collections.abc import Mapping, MutableMapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

_ASK_S = 0.5


def prepare_prefect(home: Path, env: MutableMapping[str, str] = os.environ) -> None:
    """Sets Prefect's defaults for this home: its database lies in the home, apart from duban's own."""
    wanted = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "duban",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }
    for name, value in wanted.items():
        env.setdefault(name, value)


def api_url(home: Path, env: Mapping[str, str] = os.environ) -> str | None:  # noqa: ARG001
    """The API of the Prefect server to use: the one that the environment names, else the one this home started."""
    return env.get("PREFECT_API_URL") or None


def server_answers(api_url: str | None) -> bool:
    """Whether a Prefect server answers a plain GET at this API address. Costs next to nothing where none does."""
    if not api_url:
        return False
    try:
        parts = urlsplit(api_url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        with closing(kind(parts.hostname or "", parts.port, timeout=_ASK_S)) as connection:
            connection.request("GET", f"{parts.path.rstrip('/')}/health")
            return connection.getresponse().status == 200
    except (OSError, HTTPException, ValueError):  # nobody there, no web server, no address
        return False
