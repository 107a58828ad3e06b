"""Apprise's further services: which there are, on whose hosts, and what is refused."""

import pytest

from config.channels import Channels
from notifications.addresses import AddressFault, Service, apprise_held_quiet, caution, check, is_served, resolve
from notifications.addresses.hooks import HOOK_SCHEMES
from notifications.addresses.mail import MAIL_SCHEMES
from notifications.addresses.robots import MAKES
from notifications.addresses.services import SERVICE_SCHEMES, SHOWN_HERE_ONLY

LISTED = Channels(frozenset({"127.0.0.1"}))


def test_every_scheme_that_apprise_knows_has_its_place() -> None:
    with apprise_held_quiet():
        from apprise.manager_plugins import NotificationManager

        known = set(NotificationManager().schemas())  # type: ignore[no-untyped-call]
    ours = {*SERVICE_SCHEMES, *SHOWN_HERE_ONLY, *MAIL_SCHEMES, *HOOK_SCHEMES, *MAKES}
    assert known == ours
    assert all(map(is_served, (f"{scheme}://x" for scheme in SERVICE_SCHEMES)))
    assert not any(map(is_served, (f"{scheme}://x" for scheme in SHOWN_HERE_ONLY)))


def test_a_makers_service_is_its_url_and_a_caution_to_the_office() -> None:
    found = resolve("schan://${TOKEN}", {"TOKEN": "abcdef123456"})
    assert found == Service("schan", "schan://abcdef123456", 32_768)
    assert "abcdef123456" not in repr(found)
    assert caution("schan://${TOKEN}") == "经第三方服务“schan”发送，消息内容会交给该服务，且不易查明是否送达"


def test_a_service_on_a_host_of_ones_own_needs_that_host_listed() -> None:
    reference = "form://127.0.0.1:8080/x"
    assert isinstance(resolve(reference, {}, LISTED), Service)
    assert check(reference, {}) == "所写的主机未列入 channels.yaml 的 webhook_hosts"
    assert check("xml://169.254.169.254/", {}, LISTED) == "所写的主机未列入 channels.yaml 的 webhook_hosts"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("slack://x", "地址不完整，或所用服务在本机不可用"),
        ("tgram://123456789:abcdefg_hijklmnop/1/2", "一个地址只能有一个接收方"),
        ("form://127.0.0.1/?verify=no", "不支持跳过证书检查"),
        ("form://127.0.0.1/?optional=yes", "地址不支持参数 optional"),
        ("form://127.0.0.1/?retry=3", "地址不支持参数 retry"),
    ],
)
def test_what_is_refused_and_why(reference: str, says: str) -> None:
    found = resolve(reference, {}, LISTED)
    assert isinstance(found, AddressFault)
    assert says in found.reason
