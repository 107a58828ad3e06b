"""Prefect's server as a child process of the service: `python -m flows.serving.server SOCKET`.

Listens on a socket that the service has bound, and lives no longer than the service (flows/serving/lifeline.py). All
settings are in its environment already (flows/serving/environment.py); what it prints goes to a log.
"""

import socket
import sys

from flows.serving.own_pages import OwnPagesOnly
from flows.serving.sound_requests import SoundRequests

_LAST_ANSWERS_S = 3
"""How long open pages are given to take their last answers before they are closed."""


def main() -> None:
    listening = socket.socket(fileno=int(sys.argv[1]))
    import uvicorn
    from prefect.server.api.server import create_app

    guarded = OwnPagesOnly(SoundRequests(create_app(final=True)), listening.getsockname()[1])
    config = uvicorn.Config(guarded, log_level="warning", timeout_graceful_shutdown=_LAST_ANSWERS_S, log_config=None)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
