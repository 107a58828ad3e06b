"""Addresses of programs: only listed hosts, what is carried over, and that no secret ever shows."""

from base64 import b64decode

import pytest

from config.channels import Channels
from notifications.addresses import AddressFault, Hook, check, gate_of, is_served, resolve

CANARY = "hunter2-canary"
ENV = {"TOKEN": CANARY}
LISTED = Channels(frozenset({"oa.example.cn", "127.0.0.1:8080", "[::1]"}))


def hook(reference: str) -> Hook:
    found = resolve(reference, ENV, LISTED)
    assert isinstance(found, Hook), found
    return found


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("jsons://oa.example.cn/notify", "https://oa.example.cn:443/notify"),
        ("json://oa.example.cn", "http://oa.example.cn:80/"),
        ("jsons://oa.example.cn:8443/a/b/?-k=v&-汉=字", "https://oa.example.cn:8443/a/b/?k=v&%E6%B1%89=%E5%AD%97"),
        ("json://127.0.0.1:8080/通知", "http://127.0.0.1:8080/%E9%80%9A%E7%9F%A5"),
        ("json://[::1]:9000/x", "http://[::1]:9000/x"),
        ("JSONS://OA.example.cn/${TOKEN}", f"https://OA.example.cn:443/{CANARY}"),
    ],
)
def test_where_it_goes(reference: str, url: str) -> None:
    assert hook(reference).url == url


def test_headers_and_a_login_are_carried_over() -> None:
    found = hook("jsons://oa.example.cn/?+Authorization=Bearer%20${TOKEN}&+X-Office=duban")
    assert found.headers == (("Authorization", f"Bearer {CANARY}"), ("X-Office", "duban"))
    ((name, value),) = hook("jsons://duban:${TOKEN}@oa.example.cn/").headers
    assert (name, b64decode(value.removeprefix("Basic ")).decode()) == ("Authorization", f"duban:{CANARY}")


def test_what_the_environment_gave_is_remembered_and_makes_no_difference() -> None:
    found = hook("jsons://oa.example.cn/x-${TOKEN}/${TOKEN}")
    assert found.filled_in == (CANARY,)
    assert found == hook(f"jsons://oa.example.cn/x-{CANARY}/{CANARY}")


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("jsons://elsewhere.example.cn/", "未列入 channels.yaml 的 webhook_hosts"),
        ("jsons://oa.example.cn.evil.cn/", "未列入"),
        ("json://127.0.0.1:8081/", "未列入"),
        ("json://169.254.169.254/latest", "未列入"),
        ("jsons://", "网络接口地址无效"),
        ("jsons://oa.example.cn:0/", "主机名或端口无效"),
        ("jsons://oa.example.cn:70000/", "无效"),
        ("jsons://a@b@oa.example.cn/", "应写作 %40"),
        ("jsons://oa.example.cn/?method=GET", "只支持 POST"),
        ("jsons://oa.example.cn/?verify=no", "只支持“+信头=值”和“-参数=值”"),
        ("jsons://oa.example.cn/?:extra=1", "只支持"),
        ("jsons://oa.example.cn/?+Host=evil.cn", "信头 Host 由系统填写"),
        ("jsons://oa.example.cn/?+Idempotency-Key=1", "信头 Idempotency-Key 由系统填写"),
        ("jsons://oa.example.cn/?+X-A=a%0d%0aX-B:c", "信头无效"),
        ("jsons://oa.example.cn/?+X:A=1", "信头无效"),
        ("jsons://oa.example.cn/?+X-A=汉", "信头无效"),
    ],
)
def test_what_is_refused_and_why(reference: str, says: str) -> None:
    found = resolve(reference, ENV, LISTED)
    assert isinstance(found, AddressFault)
    assert says in found.reason
    assert check(reference, ENV, LISTED) == found.reason


def test_without_a_list_no_webhook_goes_anywhere() -> None:
    assert is_served("json://127.0.0.1/")
    assert check("json://127.0.0.1/", {}) == "所写的主机未列入 channels.yaml 的 webhook_hosts"


def test_no_secret_shows_in_a_repr_a_reason_a_gate_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    caplog.set_level(1, "apprise")
    good = [hook("jsons://u:${TOKEN}@oa.example.cn/${TOKEN}?+X=${TOKEN}&-q=${TOKEN}")]
    references = [
        "json://${TOKEN}", "jsons://${TOKEN}@${TOKEN}@h/", "jsons://u:a@${TOKEN}/", "jsons://oa.example.cn:${TOKEN}/",
        "jsons://oa.example.cn/?${TOKEN}=1", "jsons://oa.example.cn/?+${TOKEN}%20=1", "jsons://u:p@h:${TOKEN}",
    ]  # fmt: skip
    bad = [resolve(reference, ENV, LISTED) for reference in references]
    assert all(isinstance(found, AddressFault) for found in bad)
    shown = [repr(good), repr(bad), repr(gate_of(good[0], b"key")), caplog.text]
    assert not any(CANARY in text for text in shown)
