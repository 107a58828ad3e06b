"""What an answer means, as a table; and the pauses that servers ask for, in both forms."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.addresses import Channel
from notifications.outcome import OutcomeKind
from notifications.senders.http_exchange import Reply
from notifications.senders.replies import CODES, Reader, retry_after

NOW = datetime(2023, 6, 26, 0, 30, tzinfo=UTC)
ACCEPTED, REJECTED, PAUSED, UNKNOWN = (
    OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.PAUSED, OutcomeKind.UNKNOWN,
)  # fmt: skip
ROBOTS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)


def kind_of(channel: Channel, status: int, body: object = "", **headers: str) -> OutcomeKind:
    content = body if isinstance(body, str) else json.dumps(body)
    return Reader(channel, str).judged(Reply(status, headers, content.encode()), NOW).kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, REJECTED) for status in (300, 301, 302, 303, 307, 308)),
        *((status, REJECTED) for status in (400, 401, 403, 404, 405, 410, 413, 415, 422, 451)),
        *((status, PAUSED) for status in (407, 408, 425, 429, 503)),
        *((status, REJECTED) for status in (501, 505)),
        *((status, UNKNOWN) for status in (500, 502, 504, 507, 520, 599)),
    ],
)
@pytest.mark.parametrize("channel", [*ROBOTS, Channel.WEBHOOK])
def test_a_status_that_is_no_success_means_the_same_everywhere(
    channel: Channel, status: int, kind: OutcomeKind
) -> None:
    # Not even a body that says success makes one of it.
    assert kind_of(channel, status, {"errcode": 0, "code": 0}) is kind


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
@pytest.mark.parametrize("channel", ROBOTS)
def test_a_robot_must_say_success_in_its_own_words(channel: Channel, status: int) -> None:
    key = "code" if channel is Channel.FEISHU else "errcode"
    assert kind_of(channel, status, {key: 0}) is ACCEPTED
    assert kind_of(channel, status, {key: "0"}) is ACCEPTED
    for refusal in (1, -2, "17", 424242):
        assert kind_of(channel, status, {key: refusal}) is REJECTED
    for nothing in ("", "ok", "null", "[]", "0", {}, {"other": 0}, {key: None}, {key: True}, {key: 0.0}, {key: "x"}):
        assert kind_of(channel, status, nothing) is UNKNOWN, nothing
    for number_of_a_kind in ("--5", "5-", "-", "9" * 5000, f"-{'0' * 5000}", "²", 10**30):
        assert kind_of(channel, status, {key: number_of_a_kind}) is UNKNOWN, number_of_a_kind


def test_feishu_has_an_older_way_to_say_it() -> None:
    assert kind_of(Channel.FEISHU, 200, {"StatusCode": 0, "StatusMessage": "success"}) is ACCEPTED
    assert kind_of(Channel.FEISHU, 200, {"StatusCode": 0, "code": 19024}) is REJECTED


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, "", ACCEPTED),
        (204, "", ACCEPTED),
        (202, "ok", ACCEPTED),
        (200, {"id": 5}, ACCEPTED),
        (200, {"errcode": 0}, ACCEPTED),
        (200, {"code": 200}, ACCEPTED),
        (200, {"code": 500}, REJECTED),
        (200, {"errcode": 93000, "errmsg": "no"}, REJECTED),
        (200, {"code": "weird"}, UNKNOWN),
        (200, "<!DOCTYPE html>", UNKNOWN),
        (200, "  <html>", UNKNOWN),
    ],
)
def test_a_webhook_says_success_by_its_status_unless_its_body_says_otherwise(
    status: int, body: object, kind: OutcomeKind
) -> None:
    assert kind_of(Channel.WEBHOOK, status, body) is kind


def test_every_known_code_means_what_the_table_says() -> None:
    for channel, codes in CODES.items():
        key = "code" if channel is Channel.FEISHU else "errcode"
        for code, (kind, reason) in codes.items():
            outcome = Reader(channel, str).judged(Reply(200, {}, json.dumps({key: code}).encode()), NOW)
            assert (outcome.kind, outcome.code, outcome.reason) == (kind, str(code), reason)
        assert 0 not in codes
        assert ACCEPTED not in {kind for kind, _ in codes.values()}


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("99999999999999", 999_999_999.0),
        ("9" * 5000, 999_999_999.0),
        ("000000000000120", 120.0),
        ("Mon, 26 Jun 2023 00:31:00 GMT", 60.0),
        ("Mon, 26 Jun 2023 08:31:00 +0800", 60.0),
        ("Mon, 26 Jun 2023 00:31:00 -0000", 60.0),
        ("Monday, 26-Jun-23 00:31:00 GMT", 60.0),
        ("Sun, 25 Jun 2023 00:00:00 GMT", 0.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("１２", None),
        ("Mon, 99 Jun 2023 00:31:00 GMT", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        (f"Mon, 01 Jan {'9' * 5000} 00:00:00 GMT", None),
        ("Mon, 26 Jun 2023 00:31:00 +9999999999999999999999", None),
    ],
)
def test_a_pause_is_asked_for_in_seconds_or_as_a_date(written: str, seconds: float | None) -> None:
    assert retry_after(Reply(429, {"retry-after": written}, b""), NOW) == seconds


def test_a_pause_until_a_day_that_no_clock_knows_is_a_pause_all_the_same() -> None:
    reply = Reply(429, {"retry-after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, b"")
    for channel in (*ROBOTS, Channel.WEBHOOK):
        outcome = Reader(channel, str).judged(reply, NOW)
        assert (outcome.kind, outcome.retry_after) == (PAUSED, None)


_ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    st.lists,
    max_leaves=4,
)
_BODIES = st.binary(max_size=60) | st.builds(
    lambda content: json.dumps(content).encode(),
    st.dictionaries(st.sampled_from(["errcode", "code", "StatusCode", "errmsg", "msg"]), _ANY_VALUE, max_size=3),
)
_PAUSES = st.text(max_size=30) | st.builds(
    "{}, {} Jan {} {}:00:00 {}".format,
    *(st.sampled_from(["Mon", "", "-1", "0", "9" * 30, "+9999", "GMT"]) for _ in range(5)),
)


@given(st.sampled_from([*ROBOTS, Channel.WEBHOOK]), st.integers(100, 999), _BODIES, _PAUSES)
def test_no_reply_whatever_it_is_goes_without_an_outcome(
    channel: Channel, status: int, body: bytes, pause: str
) -> None:
    outcome = Reader(channel, str).judged(Reply(status, {"retry-after": pause}, body), NOW)
    assert outcome.retry_after is None or outcome.retry_after >= 0


def test_what_is_said_with_a_code_is_text_or_is_passed_over() -> None:
    for said in (None, 5, ["a"], {"a": 1}):
        body = json.dumps({"errcode": 40058, "errmsg": said}).encode()
        assert Reader(Channel.WECOM, str).judged(Reply(200, {}, body), NOW).reason == "消息内容不合法或过长"


def test_what_is_paused_hands_on_how_long() -> None:
    for channel in (*ROBOTS, Channel.WEBHOOK):
        outcome = Reader(channel, str).judged(Reply(503, {"retry-after": "30"}, b""), NOW)
        assert (outcome.kind, outcome.retry_after) == (PAUSED, 30.0)
    refused = Reader(Channel.WECOM, str).judged(Reply(403, {"retry-after": "30"}, b""), NOW)
    assert (refused.kind, refused.retry_after) == (REJECTED, None)
