"""How fast each kind of channel may be used, as gates that all processes share (models/store/outbox/gates.py).

What chat robots allow is from their makers' documents; in any 60 seconds no more pass than `burst` and `per_minute`
together. PURE: nothing waits here.
"""

import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType

from models.store.outbox import Gate
from notifications.addresses.values import Channel, Destination, FileBox, Hook, Mailbox

PACE: Mapping[Channel, tuple[int | None, int]] = MappingProxyType(
    {
        Channel.FILE: (None, 1),
        Channel.SMTP: (None, 1),
        Channel.WECOM: (18, 2),  # 20 a minute and robot
        Channel.DINGTALK: (18, 2),  # 20 a minute and robot, else it is silenced for ten minutes
        Channel.FEISHU: (90, 4),  # 100 a minute and 5 a second
        Channel.WEBHOOK: (60, 10),
        Channel.OTHER: (18, 2),  # nobody knows
    }
)
"""Messages a minute in the long run, and at once. None: as fast as it goes."""


def gate_of(destination: Destination, key: bytes) -> Gate:
    """The gate of a destination. Messages to one robot, or over one relay under one login, share one.

    `key` is the home's own: without it no address can be guessed and compared.
    """
    digest = hmac.new(key, "\n".join(_identity(destination)).encode(), hashlib.sha256).hexdigest()
    per_minute, burst = PACE[destination.channel]
    return Gate(digest, _label(destination, digest), per_minute, burst)


def _identity(destination: Destination) -> tuple[str, ...]:
    match destination:
        case FileBox():
            return ("file",)
        case Mailbox(host=host, port=port, user=user):
            return "smtp", host.lower(), str(port), user
        case Hook(host=host, port=port):
            return "webhook", host.lower(), str(port)
    return destination.channel.value, destination.url


def _label(destination: Destination, digest: str) -> str:
    """What may be shown: hosts, but of robots and services, whose URLs are secrets, a piece of the digest."""
    match destination:
        case FileBox():
            return "file:"
        case Mailbox(host=host) | Hook(host=host):
            return f"{destination.channel}:{host}"
    return f"{destination.scheme}:{digest[:6]}"
