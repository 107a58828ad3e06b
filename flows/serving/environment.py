"""The environment of an embedded service: what Prefect's server, the runner and the flow runs are told.

No Prefect here: it must be in the environment before anything imports prefect. Unlike elsewhere, what the environment
says of Prefect is put aside: a service serves its own home and nothing else, and in the way that was tried.
"""

from collections.abc import MutableMapping
from datetime import timedelta
from pathlib import Path

from flows.prefect_settings import prefect_home, prepare_prefect
from flows.serving.lifeline import SERVICE
from models.store.owners import this_process

STAYS = ("PREFECT_LOGGING_LEVEL", "PREFECT_SERVER_LOGGING_LEVEL")
"""All of Prefect's settings that a user of the service may make. Any other might have it serve something else, refuse
its own requests, or never run what is scheduled, without a word."""
KEPT = timedelta(days=400)
"""How long Prefect keeps runs, and with them the pages of measures; the events of Prefect it keeps for a week."""


def set_aside(env: MutableMapping[str, str]) -> tuple[str, ...]:
    """Takes Prefect's settings out of the environment; says which there were. Prefect reads them in any case."""
    set_by_user = sorted(name for name in env if name.upper().startswith("PREFECT_"))
    return tuple(name for name in set_by_user if not (name in STAYS and env[name]) and env.pop(name))


def prepare_service(home: Path, port: int, env: MutableMapping[str, str]) -> str:
    """Sets what the embedded service needs; gives the address of its API."""
    api_url = f"http://127.0.0.1:{port}/api"
    env.setdefault("PREFECT_LOGGING_LEVEL", "INFO")  # a run's page then says how it ended, also where it went well
    prepare_prefect(home, env)
    env.update(
        {
            "DUBAN_HOME": str(home),
            SERVICE: this_process(),
            "PREFECT_HOME": str(prefect_home(home)),
            "PREFECT_API_URL": api_url,
            "PREFECT_UI_API_URL": api_url,
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port},http://localhost:{port}",
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
