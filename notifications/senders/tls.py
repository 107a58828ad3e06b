"""TLS for the connections of all senders: whose certificates count, and a handshake that ends in time."""

import errno
import functools
import os
import socket
import ssl
from typing import Any

from notifications.senders.connecting import left


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The process's one TLS context, with the system's trusted certificates: making one takes long."""
    return ssl.create_default_context()


def under_tls(sock: socket.socket, context: ssl.SSLContext, host: str, until: float) -> ssl.SSLSocket:
    """The socket under TLS in the host's name; the caller closes. Raises OSError, or ValueError for no host's name."""
    sock.settimeout(left(until))
    context.sslsocket_class = _Socket
    return context.wrap_socket(sock, server_hostname=host)


class _Socket(ssl.SSLSocket):
    """Closed where it has nobody at its other end, which ssl asks first of all: of a line that was torn a moment ago,
    ssl itself would leave the socket open."""

    def getpeername(self) -> Any:
        try:
            return super().getpeername()
        except OSError as fault:
            self.close()
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)) from fault
