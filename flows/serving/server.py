"""Prefect's server as a child process of the service: `python -m flows.serving.server SOCKET PARENT`.

Listens on a socket that the parent has bound, and lives no longer than the parent. All settings are in its
environment already (flows/serving/settings.py); what it prints goes to a log.
"""

import socket
import sys

from flows.serving.lifeline import die_with
from flows.serving.own_pages import OwnPagesOnly

_LAST_ANSWERS_S = 3
"""How long open pages are given to take their last answers before they are closed."""


def main() -> None:
    die_with(int(sys.argv[2]))
    listening = socket.socket(fileno=int(sys.argv[1]))
    import uvicorn
    from prefect.server.api.server import create_app

    guarded = OwnPagesOnly(create_app(final=True), listening.getsockname()[1])
    config = uvicorn.Config(guarded, log_level="warning", timeout_graceful_shutdown=_LAST_ANSWERS_S, log_config=None)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
