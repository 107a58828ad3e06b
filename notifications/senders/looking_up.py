"""Finds the network addresses of a host, within a time: getaddrinfo has no limit of its own.

Runs before each new connection. It connects to nothing.
"""

import socket
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

Found = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
"""A line of getaddrinfo."""
LookUp = Callable[..., Sequence[Found]]


def addresses_of(host: str, port: int, within: float, look_up: LookUp = socket.getaddrinfo) -> Sequence[Found]:
    """Where to connect to, in order. Raises TimeoutError after `within` seconds, and what `look_up` raises."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        """A name, which somebody has to be asked about."""
    answers: SimpleQueue[Sequence[Found] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(look_up(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as fault:  # handed on to the one who waits
            answers.put(fault)

    # A resolver cannot be interrupted: where it takes too long it is left behind, and dies with the process.
    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=within)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
