"""Who receives at a destination: the digest tells two recipients apart, and nothing else."""

from dataclasses import replace

from notifications.addresses import Channel, FileBox, Hook, Mailbox, Robot, Security, Service, recipient_digest

MAILBOX = Mailbox("mx.example.cn", 25, Security.NONE, "u", "p", "duban@example.cn", "li@example.cn")
HOOK = Hook("bus.example.cn", 443, "https://bus.example.cn/li", (("X-Key", "1"),))
ROBOT = Robot(Channel.WECOM, "wecombot", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1")
SERVICE = Service("ntfy", "ntfy://li")


def digest(destination: FileBox | Mailbox | Hook | Robot | Service, code: str = "D1", key: bytes = b"key") -> str:
    return recipient_digest(destination, code, key)


def test_a_mailbox_is_its_address_whatever_the_way_there() -> None:
    for same in (replace(MAILBOX, host="mx2", port=587, password="q"), replace(MAILBOX, sender="x@example.cn")):
        assert digest(same, "D2") == digest(MAILBOX)
    assert digest(replace(MAILBOX, recipient="wang@example.cn")) != digest(MAILBOX)


def test_what_is_called_by_a_url_is_that_url() -> None:
    assert digest(replace(HOOK, headers=())) == digest(HOOK)
    assert digest(replace(ROBOT, mentions=("@all",), secret="s")) == digest(ROBOT)
    for one in (HOOK, ROBOT, SERVICE):
        assert digest(replace(one, url=one.url + "2")) != digest(one)


def test_a_file_is_its_partys() -> None:
    assert digest(FileBox()) == digest(FileBox())
    assert digest(FileBox(), "D2") != digest(FileBox())


def test_no_two_channels_and_no_two_homes_share_a_digest() -> None:
    assert len({digest(one) for one in (FileBox(), MAILBOX, HOOK, ROBOT, SERVICE)}) == 5
    assert digest(replace(ROBOT, channel=Channel.FEISHU)) != digest(ROBOT)
    assert digest(MAILBOX, key=b"another") != digest(MAILBOX)
