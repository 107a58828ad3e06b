"""Looking hosts up in time, with name services made for the purpose."""

import socket
import threading
from collections.abc import Sequence
from time import monotonic

import pytest

from notifications.senders.looking_up import Found, addresses_of


def no_service(*_: object, **__: object) -> Sequence[Found]:
    raise AssertionError("nobody was to be asked")


@pytest.mark.parametrize("number", ["127.0.0.1", "::1"])
def test_a_number_is_nobodys_to_look_up(number: str) -> None:
    assert addresses_of(number, 25, 1.0, no_service)[0][4][:2] == (number, 25)


def test_a_name_is_looked_up() -> None:
    found = socket.getaddrinfo("127.0.0.1", 25)
    assert addresses_of("mail.example.cn", 25, 5.0, lambda *_, **__: found) == found


def test_a_service_that_does_not_answer_is_given_up() -> None:
    over = threading.Event()

    def silent(*_: object, **__: object) -> Sequence[Found]:
        over.wait(10)
        return ()

    started = monotonic()
    with pytest.raises(TimeoutError):
        addresses_of("mail.example.cn", 25, 0.1, silent)
    assert monotonic() - started < 2
    over.set()


@pytest.mark.parametrize("fault", [socket.gaierror(socket.EAI_NONAME, "nobody of that name"), UnicodeError("label")])
def test_what_the_service_says_against_a_name_is_raised(fault: Exception) -> None:
    def refusing(*_: object, **__: object) -> Sequence[Found]:
        raise fault

    with pytest.raises(type(fault)):
        addresses_of("mail.example.cn", 25, 5.0, refusing)
