"""Hands messages to Apprise's further services: one address, one call, and no second try of Apprise's own.

Apprise says that it worked, or that it did not, and never why. So whatever fails once it was called is unknown; a
person decides. Which services these are, and what they cost in proof, stands in docs/how-to/channels.md.
"""

import json
import logging
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from notifications.addresses import Service, apprise_held_quiet
from notifications.outcome import Letter, Mark, Outcome, OutcomeKind
from notifications.senders.http_exchange import HTTP_PATIENCE, HttpPatience

log = logging.getLogger("duban.delivery")

_UNREADABLE = Outcome(OutcomeKind.PAUSED, "address", "该服务在本机不可用，或地址无法识别")


class OtherSender:
    """Serves one address. One thread at a time."""

    def __init__(self, service: Service, patience: HttpPatience = HTTP_PATIENCE) -> None:
        self._service = service
        self._patience = patience

    def hand_over(self, letter: Letter, mark: Mark) -> Outcome:
        """ACCEPTED, UNKNOWN, or PAUSED where Apprise was not even called; what `mark` raises passes through."""
        content: Mapping[str, str] = json.loads(letter.payload)
        notify = self._prepared()
        if notify is None:
            return _UNREADABLE
        if not mark():
            return Outcome(OutcomeKind.FENCED)
        return self._called(lambda: notify(title=content["title"], body=content["body"], body_format="text"))

    def close(self) -> None:
        """Nothing is kept open."""

    def _prepared(self) -> Callable[..., bool | None] | None:
        """Apprise's `notify` for this one address, without its pauses, redirects and second tries."""
        with apprise_held_quiet():
            import apprise

            asset = apprise.AppriseAsset(app_id="duban", async_mode=False, secure_logging=True)
            plugin: Any = apprise.Apprise.instantiate(self._service.url, asset=asset)
            if not plugin:
                return None
            plugin.request_rate_per_sec = 0
            plugin.redirects = False
            plugin.retry = 0
            plugin.socket_connect_timeout = self._patience.connect
            plugin.socket_read_timeout = self._patience.command
            one = apprise.Apprise(asset=asset)
            one.add(plugin)
            notify: Callable[..., bool | None] = one.notify
            return notify

    def _called(self, notify: Callable[[], bool | None]) -> Outcome:
        answers: SimpleQueue[bool | Exception | None] = SimpleQueue()

        def call() -> None:
            with apprise_held_quiet():
                try:
                    answers.put(notify())
                except Exception as fault:  # noqa: BLE001 - a plugin's own, told to the one who waits
                    answers.put(fault)

        # Apprise bounds single reads only. A call that takes too long is left behind, and may still succeed.
        Thread(target=call, daemon=True).start()
        try:
            answer = answers.get(timeout=self._patience.total)
        except Empty:
            return Outcome(OutcomeKind.UNKNOWN, "timeout", "消息已交给该服务，等候结果超时")
        return _meaning(answer)


def _meaning(answer: bool | Exception | None) -> Outcome:
    if isinstance(answer, Exception):
        # Its words may hold the address: only its name is told.
        log.warning("a further service failed: %s", type(answer).__name__)
        return Outcome(OutcomeKind.UNKNOWN, "fault", "该服务的程序出错，是否送达不明")
    if answer:
        return Outcome(OutcomeKind.ACCEPTED, "ok")
    return Outcome(OutcomeKind.UNKNOWN, "failed", "该服务报告失败，未说明原因，是否送达不明")
