"""Hands messages to chat robots and webhooks: one POST each, on a connection of its own.

The first byte of the request is the point of no return. What fails before it is proved unsent and the channel's own
fault; what fails after it without a whole reply is unknown. No queue and no retries here.
"""

import json
import socket
import ssl
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import h11

from config import clock
from config.secrets import pieces, striker
from notifications.addresses import Channel, Hook, Robot
from notifications.outcome import Letter, Mark, Outcome, OutcomeKind
from notifications.senders import signing
from notifications.senders.http_exchange import (
    HTTP_PATIENCE,
    HttpConnection,
    HttpPatience,
    Opening,
    OversizeError,
    Target,
    UnsafeTargetError,
    connection_to,
    request_for,
)
from notifications.senders.looking_up import LookUp
from notifications.senders.replies import Reader
from notifications.senders.said import one_line
from notifications.senders.tls import tls_context
from notifications.words.letters import idempotency_key

_BEFORE: tuple[tuple[type[Exception], str, str], ...] = (  # the first that fits
    (UnsafeTargetError, "address", "对方的网络地址不允许访问，内部网络的主机须列入 channels.yaml"),
    (TimeoutError, "timeout", "连接对方服务器超时"),
    (ConnectionRefusedError, "refused", "对方服务器拒绝连接"),
    (socket.gaierror, "dns", "查不到对方服务器的网络地址"),
    (ssl.SSLCertVerificationError, "tls", "对方服务器的证书未通过检查"),
    (ssl.SSLError, "tls", "与对方服务器的加密连接失败"),
    (OSError, "lost", "连接不上对方服务器"),
    (ValueError, "address", "对方服务器的名称无法识别"),
)
_AFTER: tuple[tuple[type[Exception], str, str], ...] = (
    (TimeoutError, "timeout", "消息已发出，等候答复超时"),
    (OversizeError, "garbled", "消息已发出，对方的答复过长"),
    (h11.RemoteProtocolError, "garbled", "消息已发出，对方的答复不完整或无法识别"),
    (OSError, "lost", "消息已发出，未得到答复而连接中断"),
)


class HttpSender:
    """Serves one robot or one webhook. One thread at a time."""

    def __init__(
        self,
        destination: Robot | Hook,
        patience: HttpPatience = HTTP_PATIENCE,
        tls: ssl.SSLContext | None = None,
        look_up: LookUp = socket.getaddrinfo,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._to = destination
        self._opening = Opening(patience, lambda: tls or tls_context(), look_up)
        self._now = now
        strike = striker(piece for secret in _secrets_of(destination) for piece in pieces(secret))
        self._reader = Reader(destination.channel, lambda said: one_line(said, strike))

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        """Whatever the server or the network does becomes an Outcome; what `mark` raises passes through."""
        try:
            target, request, body = self._written(letter)
            connection = connection_to(target, self._opening)
        except (OSError, ValueError) as fault:
            return _outcome_of(fault, _BEFORE, OutcomeKind.PAUSED)
        with closing(connection):
            if not mark():
                return Outcome(OutcomeKind.FENCED)
            return self._posted(connection, request, body)

    def close(self) -> None:
        """Nothing is kept open."""

    def _posted(self, connection: HttpConnection, request: h11.Request, body: bytes) -> Outcome:
        try:
            reply = connection.converse(request, body)
        except (OSError, h11.RemoteProtocolError) as fault:
            return _outcome_of(fault, _AFTER, OutcomeKind.UNKNOWN)
        return self._reader.judged(reply, self._now())

    def _written(self, letter: Letter) -> tuple[Target, h11.Request, bytes]:
        """Where it goes, and what is said there."""
        url, body = self._to.url, letter.payload
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "duban",
            "Accept": "application/json",
        }
        if isinstance(self._to, Hook):
            headers |= {"Idempotency-Key": idempotency_key(letter.message_id), **dict(self._to.headers)}
        elif self._to.secret:
            url, body = _signed(self._to, url, body, self._now())
        target = Target.of(url, self._to.is_listed)
        return target, request_for(target, headers, body), body


def _signed(robot: Robot, url: str, body: bytes, now: datetime) -> tuple[str, bytes]:
    """The signature is made for each try and is no part of what is kept: it is good for an hour only."""
    if robot.channel is Channel.DINGTALK:
        return url + signing.dingtalk_query(robot.secret, now), body
    stamp, sign = signing.feishu_fields(robot.secret, now)
    content: Mapping[str, object] = json.loads(body)
    return url, json.dumps({"timestamp": stamp, "sign": sign, **content}, ensure_ascii=False).encode()


def _outcome_of(fault: Exception, table: Sequence[tuple[type[Exception], str, str]], kind: OutcomeKind) -> Outcome:
    for of, code, reason in table:
        if isinstance(fault, of):
            return Outcome(kind, code, reason)
    raise fault


def _secrets_of(destination: Robot | Hook) -> Iterator[str]:
    """What a server may say back that stands in the address only. Of a webhook all but its host may be a secret."""
    yield from destination.filled_in
    url = urlsplit(destination.url)
    if isinstance(destination, Robot):
        yield from (destination.secret, (url.query or url.path).rpartition("=")[2].rpartition("/")[2])
        return
    yield from (url.path, *(value or name for name, value in parse_qsl(url.query, keep_blank_values=True)))
    for _, value in destination.headers:
        scheme, _, told = value.partition(" ")
        yield told or value
        if scheme == "Basic":
            yield b64decode(told).decode(errors="replace")
