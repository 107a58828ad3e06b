"""Apprise's further services, with a real server behind one of them: what is proved, and what stays in doubt."""

import json
import logging
from dataclasses import replace
from time import monotonic

import pytest

from notifications.addresses import Service
from notifications.outcome import Letter, Outcome, OutcomeKind
from notifications.senders.http_exchange import HttpPatience
from notifications.senders.other import OtherSender
from tests.chat_server import HANG, TAKE_AND_DRIP, TAKE_AND_RESET, ChatServer, Fault, Reply

ACCEPTED, PAUSED, UNKNOWN, FENCED = OutcomeKind.ACCEPTED, OutcomeKind.PAUSED, OutcomeKind.UNKNOWN, OutcomeKind.FENCED
CANARY = "hunter2canary"
LETTER = Letter(
    "<m1@x>", json.dumps({"title": "整改提醒", "body": "正文 〔编号 7〕"}, ensure_ascii=False).encode(), "", ""
)
QUICK = HttpPatience(connect=0.3, command=0.3, total=0.6)


def hand_over(server: ChatServer, fenced: bool = False) -> Outcome:
    """Through json://, which is one of Apprise's services too."""
    service = Service("json", f"json://127.0.0.1:{server.port}/{CANARY}")
    return OtherSender(service, QUICK).hand_over(LETTER, lambda: not fenced)


def test_what_it_calls_a_success_is_one() -> None:
    with ChatServer() as server:
        assert hand_over(server) == Outcome(ACCEPTED, "ok")
        (request,) = server.requests
    said = json.loads(request.body)
    assert (said["title"], said["message"]) == ("整改提醒", "正文 〔编号 7〕")


@pytest.mark.parametrize(
    "do", [Reply(400), Reply(429), Reply(503), Reply(302, headers={"Location": "/elsewhere"}), TAKE_AND_RESET, HANG]
)
def test_it_never_says_why_it_failed_so_all_of_it_is_unknown(do: str | Reply) -> None:
    with ChatServer(faults=[Fault("", do)]) as server:
        outcome = hand_over(server)
        assert (outcome.kind, outcome.code) == (UNKNOWN, "failed")
        assert len(server.requests) == 1, "no redirect is followed, and nothing is tried twice"


def test_a_service_that_drips_is_left_behind_in_time() -> None:
    with ChatServer(faults=[Fault("", TAKE_AND_DRIP)]) as server:
        began = monotonic()
        outcome = hand_over(server)
        assert monotonic() - began < 1.5
    assert (outcome.kind, outcome.code) == (UNKNOWN, "timeout")


def test_a_service_whose_program_breaks_is_unknown_at_once(caplog: pytest.LogCaptureFixture) -> None:
    with ChatServer() as server:
        service = Service("json", f"json://127.0.0.1:{server.port}/{CANARY}")
        outcome = OtherSender(service, HttpPatience(total=30)).hand_over(
            replace(LETTER, payload=b'{"body": "x"}'), lambda: True
        )
    assert (outcome.kind, outcome.code) == (UNKNOWN, "fault")
    assert "KeyError" in caplog.text and CANARY not in caplog.text


def test_a_closed_fence_calls_nobody() -> None:
    with ChatServer() as server:
        assert hand_over(server, fenced=True).kind is FENCED
        assert server.connections == 0


def test_what_apprise_cannot_load_is_proved_unsent() -> None:
    outcome = OtherSender(Service("slack", "slack://x"), QUICK).hand_over(LETTER, pytest.fail)
    assert (outcome.kind, outcome.code) == (PAUSED, "address")


def test_no_secret_shows_in_a_log_even_where_everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    for name in ("apprise", "urllib3.connectionpool"):
        caplog.set_level(1, name)
    with ChatServer(faults=[Fault("", Reply(403, CANARY), 1)]) as server:
        shown = [repr(hand_over(server)), repr(hand_over(server))]
    assert all(CANARY not in text for text in (*shown, caplog.text))
    assert not logging.getLogger("apprise").disabled
