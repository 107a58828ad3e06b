"""A mail server for tests: real sockets on 127.0.0.1, a thread for each connection, faults on request.

In a test: `with SmtpSink(log) as sink`. On its own, so that it outlives a kill -9 of the sender:
`python -m tests.smtp_sink LOGFILE`, which prints its port as its first line and serves until it is killed.
A message is on the disk before its 250 leaves: the log is the truth about what was accepted.
"""

import re
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests import faulty_server

HANG = "hang"  # says nothing until the sink closes
CLOSE = "close"  # hangs up (FIN)
RESET = "reset"  # tears the line (RST)
DRIP = "drip"  # a reply that never ends, one byte at a time
ENDLESS = "endless"  # one reply line of megabytes
GARBAGE = "\x00\x01\x7f ?!"  # no reply at all
SLOW = "slow"  # the usual, half a second late
TAKE_AND_CLOSE = "take and close"  # at DOT only: accepts the message, then hangs up without a word
TAKE_AND_RESET = "take and reset"  # the same, but the line is torn
TAKE_AND_HANG = "take and hang"  # the same, but it stays and is silent
_TAKEN = frozenset({TAKE_AND_CLOSE, TAKE_AND_RESET, TAKE_AND_HANG})
_LINGER_NOT = struct.pack("ii", 1, 0)


class Fault(faulty_server.Fault[str]):
    """`at` CONNECT, HANDSHAKE (of TLS), a verb, BODY (its first line) or DOT: `do` one of the words above, or the
    reply to give.
    """


@dataclass(frozen=True, slots=True)
class Received:
    """One accepted message. `payload` is the bytes between DATA and the dot, as text in latin-1."""

    message_id: str
    sender: str
    recipient: str
    payload: str


def read_log(log: Path) -> list[Received]:
    """What a sink accepted, in order."""
    return faulty_server.read(log, Received)


class SmtpSink(faulty_server.FaultyServer[str, Received]):
    """Listens from its making until `close`. With `tls` it offers STARTTLS, or speaks TLS at once.

    `window`: so many bytes may be on their way to it unread; by default what the system lets be, which is megabytes.
    """

    def __init__(
        self,
        log: Path | None = None,
        faults: Sequence[Fault] = (),
        *,
        extensions: Sequence[str] = ("8BITMIME", "SIZE 10485760"),
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
        window: int | None = None,
    ) -> None:
        super().__init__(log, faults)
        self.connections = 0
        self.commands: list[str] = []  # every line heard outside of DATA
        self.heard_in_the_clear: list[str] = []  # those of them that came without TLS
        self.extensions = list(extensions)
        self.tls_at_once = tls_at_once
        self.offer(tls)
        self._sessions: list[_Session] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        if window is not None:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    @property
    def received(self) -> list[Received]:
        return self.kept

    def close(self) -> None:
        """Stops listening, ends hangs, hears out what has already arrived, and closes every connection."""
        self.closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        self._acceptor.join(5)
        self.hang_up()
        self.close_log()

    def offer(self, tls: ssl.SSLContext | None) -> None:
        """From the next connection on, encryption by this context, or none."""
        self.tls = tls
        offered = [name for name in self.extensions if name != "STARTTLS"]
        self.extensions = [*offered, *(["STARTTLS"] if tls and not self.tls_at_once else [])]

    def hang_up(self) -> None:
        """Closes every connection, as a server does with idle ones."""
        for session in self._sessions:
            session.end()

    def is_left(self) -> bool:
        """Whether every client has hung up by itself, within two seconds."""
        for session in self._sessions:
            session.wait(2)
        return not any(session.is_open() for session in self._sessions)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sessions.append(_Session(self, sock))


class _LineOverError(Exception):
    """The session is over."""


class _Session:
    """One connection, in a thread of its own."""

    def __init__(self, sink: SmtpSink, sock: socket.socket) -> None:
        self._sink = sink
        self._sock = sock
        self._sender = self._recipient = ""
        self._reader: BinaryIO
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        with suppress(OSError):
            # The plain socket's method, on a TLS socket too: what has arrived can still be read.
            socket.socket.shutdown(self._sock, socket.SHUT_RD)
        self.wait(5)

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def is_open(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._sink.tls_at_once:
                self._secure()
            self._reader = self._sock.makefile("rb")
            self._say("CONNECT", "220 sink.example.cn ESMTP")
            while line := self._reader.readline():
                self._hear(line.decode("latin-1").rstrip("\r\n"))
        except (OSError, _LineOverError):
            pass
        finally:
            if hasattr(self, "_reader"):
                self._reader.close()
            self._sock.close()

    def _hear(self, line: str) -> None:
        self._sink.commands.append(line)
        if not isinstance(self._sock, ssl.SSLSocket):
            self._sink.heard_in_the_clear.append(line)
        verb = line.partition(" ")[0].upper()
        if verb == "EHLO":
            offered = "".join(f"250-{name}\r\n" for name in ("sink", *self._sink.extensions))
            self._say(verb, offered + "250 OK")
        elif verb == "STARTTLS":
            if self._say(verb, "220 go ahead"):
                self._reader.close()
                self._secure()
                self._reader = self._sock.makefile("rb")
        elif verb == "AUTH":
            self._say(verb, "235 2.7.0 welcome")
        elif verb == "DATA":
            if self._say(verb, "354 go ahead"):
                self._take()
        elif verb == "QUIT":
            self._say(verb, "221 bye")
            raise _LineOverError
        elif verb in {"HELO", "MAIL", "RCPT", "RSET", "NOOP"}:
            self._remember(verb, line)
            self._say(verb, "250 2.0.0 OK")
        else:
            self._say(verb, "502 5.5.2 unknown command")

    def _remember(self, verb: str, line: str) -> None:
        address = line[line.find("<") + 1 : line.find(">")]
        if verb == "MAIL":
            self._sender = address
        elif verb == "RCPT":
            self._recipient = address

    def _take(self) -> None:
        """The body up to the dot, and the answer to it."""
        lines: list[bytes] = []
        while (line := self._reader.readline()) != b".\r\n":
            if not line:
                raise _LineOverError  # the client went away before the dot: nothing was handed over
            if not lines and (fault := self._sink.fault_at("BODY")):
                self._do(fault, "")
            lines.append(line[1:] if line.startswith(b".") else line)
        payload = b"".join(lines)
        fault = self._sink.fault_at("DOT")
        if fault in {None, SLOW} | _TAKEN:
            found = re.search(rb"^Message-ID:[ \t]*(\S+)", payload, re.IGNORECASE | re.MULTILINE)
            name = found[1].decode("latin-1") if found else ""
            self._sink.keep(Received(name, self._sender, self._recipient, payload.decode("latin-1")))
        usual = "250 2.0.0 Ok: queued as 4F1D2"
        self._do(fault or usual, usual)

    def _say(self, place: str, usual: str) -> bool:
        """The usual reply, or what a fault wants; True when its code was the usual."""
        said = self._sink.fault_at(place) or usual
        self._do(said, usual)
        return said[:3] == usual[:3]

    def _do(self, what: str, usual: str) -> None:
        if what == SLOW:
            self._sink.closing.wait(0.5)
            what = usual
        if what in {HANG, TAKE_AND_HANG}:
            self._sink.closing.wait()
        if what in {RESET, TAKE_AND_RESET}:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        if what in {HANG, CLOSE, RESET} | _TAKEN:
            raise _LineOverError
        while what == DRIP:
            self._sock.sendall(b"2")
            if self._sink.closing.wait(0.02):
                raise _LineOverError
        if what == ENDLESS:
            what = "250 " + "x" * 8_000_000
        self._sock.sendall(what.encode() + b"\r\n")
        if "421" in {reply[:3] for reply in what.split("\r\n")}:
            raise _LineOverError

    def _secure(self) -> None:
        assert self._sink.tls is not None
        if fault := self._sink.fault_at("HANDSHAKE"):
            self._do(fault, "")
        self._sock = self._sink.tls.wrap_socket(self._sock, server_side=True)


def main() -> None:
    """Serves until killed; every accepted message is a line of the log file named by the first argument."""
    with SmtpSink(Path(sys.argv[1])) as sink:
        sys.stdout.write(f"{sink.port}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
