"""One HTTP/1.1 exchange on a connection of its own, in two steps: between them the sender commits its marker.

Spoken by h11, which does no input or output of its own: so it is seen here that connecting says nothing of a request,
that no redirect is followed, and that every wait ends. No proxy, no keeping open, no retries.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from urllib.parse import SplitResult, urlsplit

import h11

from notifications.addresses.written import http_port
from notifications.senders.connecting import connected, left
from notifications.senders.looking_up import LookUp, addresses_of
from notifications.senders.tls import under_tls

_LONGEST_BODY = 65_536
_SHARED = ipaddress.ip_network("100.64.0.0/10")  # between a carrier and its customers (RFC 6598)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class HttpPatience:
    """The longest each wait may last, in seconds of the monotonic clock."""

    connect: float = 30.0  # looking up, TCP and TLS together
    command: float = 60.0  # until something moves again
    total: float = 120.0  # all of one exchange, however it drips


HTTP_PATIENCE = HttpPatience()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `is_listed`: the office listed the host, so plain HTTP and its own networks are meant."""

    url: SplitResult
    is_listed: bool

    @classmethod
    def of(cls, url: str, is_listed: bool) -> "Target":
        return cls(urlsplit(url), is_listed)

    @property
    def host(self) -> str:
        return self.url.hostname or ""

    @property
    def port(self) -> int:
        return self.url.port or http_port(self.is_secure)

    @property
    def is_secure(self) -> bool:
        return self.url.scheme == "https"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole one. Names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class UnsafeTargetError(OSError):
    """The host is at an address that this machine must not be made to call."""


class OversizeError(OSError):
    """The reply does not end where a reply should."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How connections are made: the longest waits, whose certificates count, and who is asked for addresses."""

    patience: HttpPatience
    tls: Callable[[], ssl.SSLContext]
    look_up: LookUp = socket.getaddrinfo


def request_for(target: Target, headers: Mapping[str, str], body: bytes) -> h11.Request:
    """A POST of this body."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    asked = f"?{target.url.query}" if target.url.query else ""
    written = {
        "Host": host if target.port == http_port(target.is_secure) else f"{host}:{target.port}",
        **headers,
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    return h11.Request(method="POST", target=f"{target.url.path or '/'}{asked}", headers=list(written.items()))


def connection_to(target: Target, opening: Opening) -> "HttpConnection":
    """A connection on which nothing was said yet, to an address that was looked at, under TLS in the host's name.

    Raises OSError, or ValueError where the host's name is none.
    """
    if not (target.is_secure or target.is_listed):
        raise UnsafeTargetError("plain HTTP")
    patience, began = opening.patience, monotonic()
    found = addresses_of(target.host, target.port, patience.connect, opening.look_up)
    for *_, address in found:
        if not may_be_called(target, str(address[0])):
            raise UnsafeTargetError("address")

    def prepared(sock: socket.socket, until: float) -> socket.socket:
        return under_tls(sock, opening.tls(), target.host, until) if target.is_secure else sock

    sock = connected(found, began + patience.connect, prepared)
    return HttpConnection(sock, patience.command, began + patience.total)


def may_be_called(target: Target, address: str) -> bool:
    """Whether a host may be called at this address of it, in all the spellings one address has in the other's clothes.

    A listed name may lie in an office's own networks; this machine itself, and what is next to it (link-local, where
    clouds keep their secrets), are meant only where just that address was written.
    """
    found = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    if found.is_global and not found.is_multicast:
        return True
    if not target.is_listed:
        return False
    nearer = found.is_loopback or found.is_link_local or found.is_reserved or found.is_unspecified or found.is_multicast
    if not nearer and (found.is_private or found in _SHARED):
        return True
    with suppress(ValueError):
        return _unwrapped(ipaddress.ip_address(target.host)) == found
    return target.host == "localhost" and found.is_loopback


def _unwrapped(address: _IPAddress) -> _IPAddress:
    """An IPv4 address that travels as IPv6, as itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


class HttpConnection:
    """For one exchange: every wait is bounded, and all of them together."""

    def __init__(self, sock: socket.socket, step: float, deadline: float) -> None:
        self._sock = sock
        self._step = step
        self._deadline = deadline
        self._http = h11.Connection(h11.CLIENT)

    def close(self) -> None:
        self._sock.close()

    def converse(self, request: h11.Request, body: bytes) -> Reply:
        """Says it and gives the whole reply. Raises OSError or h11.RemoteProtocolError where there is none."""
        spoken = [self._http.send(event) for event in (request, h11.Data(data=body), h11.EndOfMessage())]
        # A server that refuses before it has heard all may have said why.
        with suppress(OSError):
            self._pour(b"".join(piece for piece in spoken if piece))
        return self._reply()

    def _pour(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            self._sock.settimeout(min(self._step, left(self._deadline)))
            rest = rest[self._sock.send(rest) :]

    def _reply(self) -> Reply:
        response: h11.Response | None = None
        body = b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._sock.settimeout(min(self._step, left(self._deadline)))
                self._http.receive_data(self._sock.recv(16_384))
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _LONGEST_BODY:
                    raise OversizeError
            elif isinstance(event, h11.EndOfMessage) and response is not None:
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
                return Reply(response.status_code, headers, body)
            elif not isinstance(event, h11.InformationalResponse):
                raise ConnectionResetError("closed")
