"""Connects to a host that may have several addresses, within a time, so that a dead one does not hide the others.

Runs at the making of a connection, to mail servers and to HTTP servers alike. What is said on it is the sender's.
"""

import socket
from collections.abc import Callable, Sequence
from time import monotonic

from notifications.senders.looking_up import Found

Prepare = Callable[[socket.socket, float], socket.socket]
"""Makes a connected socket fit for use, until a moment of the monotonic clock. Raises OSError."""


def left(until: float) -> float:
    """Seconds up to a moment of the monotonic clock. Raises TimeoutError where it has passed."""
    seconds = until - monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def connected(found: Sequence[Found], until: float, prepared: Prepare = lambda sock, _: sock) -> socket.socket:
    """A socket to the first address that answers and can be `prepared`; each gets its share of the time that is left.

    Raises what the last one raised, an OSError; the error of `prepared` at once where it is none.
    """
    for number, place in enumerate(found, 1):
        share = left(until) / (len(found) + 1 - number)
        try:
            return _one(place, monotonic() + share, prepared)
        except OSError:
            if number == len(found):
                raise
    raise socket.gaierror(socket.EAI_NONAME, "no address")


def _one(place: Found, until: float, prepared: Prepare) -> socket.socket:
    family, kind, protocol, _, address = place
    sock = socket.socket(family, kind, protocol)
    try:
        # The dot of a mail is a small write after a large one: Nagle would hold it back until the body is acknowledged.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(left(until))
        sock.connect(address)
        return prepared(sock, until)
    except BaseException:
        sock.close()
        raise
