"""TLS: a line that is torn before the handshake is an error like others, and leaves nothing open."""

import socket
import ssl
from time import monotonic

import pytest

from notifications.senders.tls import under_tls


def test_a_line_that_is_torn_already_leaves_no_socket_open() -> None:
    """Warnings are errors here, also of sockets that are thrown away open."""
    alone = socket.socket()
    with pytest.raises(ConnectionResetError):
        under_tls(alone, ssl.create_default_context(), "mail.example.cn", monotonic() + 5)
    assert alone.fileno() == -1
