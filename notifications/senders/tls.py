"""TLS for the connections of all senders: whose certificates count, and a handshake that ends in time."""

import functools
import socket
import ssl

from notifications.senders.connecting import left


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The process's one TLS context, with the system's trusted certificates: making one takes long."""
    return ssl.create_default_context()


def under_tls(sock: socket.socket, context: ssl.SSLContext, host: str, until: float) -> ssl.SSLSocket:
    """The socket under TLS in the host's name; the caller closes. Raises OSError, or ValueError for no host's name."""
    sock.settimeout(left(until))
    sock.getpeername()  # raises where the line is torn already: there ssl itself would leave a socket open
    return context.wrap_socket(sock, server_hostname=host)
