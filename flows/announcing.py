"""Tells a Prefect server what happened, so that an office's automations can hang on it: `duban.measure.<action>`.

Called after an action was committed, wherever it was made; imports no Prefect, which would cost the command line a
second. The record is the truth: a server that does not answer is asked once and then left alone, and no action fails
because of it.
"""

import base64
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from flows.prefect_settings import base_path, connection_to
from models.activity import ACTIVITY_EVENT_ZH, ActivityEvent
from models.lifecycle import ACTION_ZH, STATE_ZH, Action, State
from models.store.events import Happened

if TYPE_CHECKING:
    from http.client import HTTPConnection

Announcement = dict[str, Any]
"""An event as Prefect's API takes it: id, occurred, event, resource, related, payload."""
Related = Mapping[str, str]
"""A resource that has a part in the event, by Prefect's labels."""

_ANSWER_S = 1.0
_LEFT_ALONE_S = 60.0
_OK, _TAKEN = 200, 204
log = logging.getLogger("duban.announcing")


def announcement_of(happened: Happened, related: Sequence[Related] = ()) -> Announcement:
    """What is said of it: the measure as the resource, no person and nothing that people wrote.

    The id follows from the record, so that telling it twice is one event.
    """
    about = "measure" if happened.no else "office"
    return {
        "id": str(uuid5(NAMESPACE_URL, f"duban:{happened.hash}")),
        "occurred": happened.at.isoformat(),
        "event": f"duban.{about}.{happened.action}",
        "resource": _resource(happened),
        "related": [dict(one) for one in related],
        "payload": {
            "seq": happened.seq,
            "action": happened.action,
            "action_zh": _action_zh(happened.action),
            "measure": happened.no,
            "round": happened.round_code,
            "party": happened.party,
            "on": str(happened.on_day),
            "from_state": happened.from_state,
            "to_state": happened.to_state,
            "to_state_zh": STATE_ZH[State(happened.to_state)] if happened.to_state else "",
        },
    }


class Announcer:
    """Tells what happened to the server that `find` names, if any; one that did not answer is left alone for a minute,
    so that an action on a thousand measures does not wait a thousand times."""

    def __init__(self, find: Callable[[], str | None], env: Mapping[str, str], related: Sequence[Related] = ()) -> None:
        self._find, self._env, self._related = find, env, related
        self._left_alone_until = 0.0

    @property
    def listener(self) -> str | None:
        """The server to tell, by the address of its API."""
        return self._find() if time.monotonic() >= self._left_alone_until else None

    def tell(self, server: str, happened: Sequence[Happened]) -> None:
        if not announce(server, [announcement_of(one, self._related) for one in happened], self._env):
            self._left_alone_until = time.monotonic() + _LEFT_ALONE_S


def announce(api_url: str, events: Sequence[Announcement], env: Mapping[str, str]) -> bool:
    """Hands events to the server at this address, if it answers; whether it took them. Never raises for a server."""
    from http.client import HTTPException

    if not events:
        return True
    try:
        with closing(connection_to(api_url, _ANSWER_S)) as connection:
            base = base_path(api_url)
            if _asked(connection, "GET", f"{base}/health") != _OK:
                return False
            body = json.dumps(events, ensure_ascii=False).encode()
            status = _asked(connection, "POST", f"{base}/events", body, _headers(env))
    except (OSError, HTTPException, ValueError) as error:
        log.info("no Prefect server took %d events: %s", len(events), error)
        return False
    if status != _TAKEN:
        log.warning("the Prefect server answered %d to %d events", status, len(events))
    return status == _TAKEN


def _asked(
    connection: "HTTPConnection", method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}
) -> int:  # fmt: skip
    """The status of one exchange on a connection that can be used again."""
    connection.request(method, path, body=body, headers=dict(headers))
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _headers(env: Mapping[str, str]) -> dict[str, str]:
    """A server with a password wants it in Prefect's own way."""
    headers = {"Content-Type": "application/json"}
    if password := env.get("PREFECT_API_AUTH_STRING"):
        headers["Authorization"] = f"Basic {base64.b64encode(password.encode()).decode()}"
    elif key := env.get("PREFECT_API_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    return headers


def _resource(happened: Happened) -> dict[str, str]:
    if not happened.no:
        return {"prefect.resource.id": "duban.office", "prefect.resource.name": "本单位"}
    return {
        "prefect.resource.id": f"duban.measure.{happened.round_code}/{happened.no}",
        "prefect.resource.name": f"措施{happened.no}",
        "duban.measure": happened.no,
        "duban.round": happened.round_code,
        "duban.state": happened.to_state,
    }


def _action_zh(action: str) -> str:
    if action in set(ActivityEvent):
        return ACTIVITY_EVENT_ZH[ActivityEvent(action)]
    return ACTION_ZH[Action(action)] if action in set(Action) else ""
