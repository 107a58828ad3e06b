"""Connecting to a host of several addresses: real sockets on 127.0.0.1."""

import socket
from collections.abc import Iterator
from contextlib import closing
from time import monotonic

import pytest

from notifications.senders.connecting import connected, left
from notifications.senders.looking_up import Found


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def at(port: int) -> Found:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_the_first_address_that_answers_is_taken(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with connected([at(closed_port()), at(port), at(closed_port())], monotonic() + 5) as sock:
        assert sock.getpeername()[1] == port


def test_the_last_ones_fault_is_told() -> None:
    with pytest.raises(ConnectionRefusedError):
        connected([at(closed_port()), at(closed_port())], monotonic() + 5)


def test_each_address_gets_its_share_of_the_time_that_is_left(listener: socket.socket) -> None:
    shares = []

    def prepared(sock: socket.socket, until: float) -> socket.socket:
        shares.append(until - monotonic())
        if len(shares) < 3:
            raise TimeoutError
        return sock

    with closing(connected([at(listener.getsockname()[1])] * 3, monotonic() + 6, prepared)):
        assert shares == pytest.approx([2, 3, 6], abs=0.5)


def test_a_fault_of_ours_is_told_at_once_and_leaves_nothing_open(listener: socket.socket) -> None:
    opened = []

    def prepared(sock: socket.socket, _: float) -> socket.socket:
        opened.append(sock)
        raise ValueError("no host's name")

    with pytest.raises(ValueError, match="name"):
        connected([at(listener.getsockname()[1])] * 2, monotonic() + 5, prepared)
    assert [sock.fileno() for sock in opened] == [-1]


def test_no_address_is_no_name() -> None:
    with pytest.raises(socket.gaierror):
        connected([], monotonic() + 5)


def test_no_time_is_left_after_it_is_over() -> None:
    assert 0 < left(monotonic() + 5) <= 5
    with pytest.raises(TimeoutError):
        left(monotonic())
