"""The environment of an embedded service: what Prefect's server, the runner and the flow runs are told.

No Prefect here: it must be in the environment before anything imports prefect. Unlike elsewhere, what the environment
says of other Prefect servers and databases is put aside: a service serves its own home and nothing else.
"""

import os
from collections.abc import MutableMapping
from datetime import timedelta
from pathlib import Path

from flows.prefect_settings import prefect_home, prepare_prefect
from flows.serving.lifeline import MARK

FOREIGN = (
    "PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_HOME", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH",
    "PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_SERVER_API_BASE_PATH",
    "PREFECT_SERVER_API_HOST", "PREFECT_SERVER_API_PORT", "PREFECT_UI_API_URL", "PREFECT_SERVER_UI_API_URL",
)  # fmt: skip
"""What would make a service serve, or look at, something else than its home."""
KEPT = timedelta(days=400)
"""How long Prefect keeps runs, and with them the pages of measures; the events of Prefect it keeps for a week."""


def set_aside(env: MutableMapping[str, str]) -> tuple[str, ...]:
    """Takes what names another server or database out of the environment; says what it was."""
    return tuple(name for name in FOREIGN if env.pop(name, ""))


def prepare_service(home: Path, port: int, env: MutableMapping[str, str]) -> str:
    """Sets what the embedded service needs; gives the address of its API."""
    api_url = f"http://127.0.0.1:{port}/api"
    prepare_prefect(home, env)
    env.update(
        {
            "DUBAN_HOME": str(home),
            MARK: str(os.getpid()),
            "PREFECT_HOME": str(prefect_home(home)),
            "PREFECT_API_URL": api_url,
            "PREFECT_UI_API_URL": api_url,
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port},http://localhost:{port}",
            "PREFECT_LOGGING_LEVEL": "INFO",  # a run's page then says how it ended, also where it went well
            "PREFECT_SERVER_UI_V2_ENABLED": "false",  # it asks a server outside on every page, whatever is set
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(int(KEPT.total_seconds())),
            "PYTHONSAFEPATH": "1",  # the folder in which the service is started holds no modules of ours
        }
    )
    return api_url
