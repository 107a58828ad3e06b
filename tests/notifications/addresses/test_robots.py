"""Addresses of chat robots: what each means, what is refused and why, and that no token ever shows."""

import pytest

from config.channels import NO_CHANNELS, Channels
from notifications.addresses import AddressFault, Channel, Robot, caution, check, gate_of, resolve

CANARY = "hunter2canary"
ENV = {"KEY": CANARY, "SECRET": f"SEC{CANARY}"}


def robot(reference: str, channels: Channels = NO_CHANNELS) -> Robot:
    found = resolve(reference, ENV, channels)
    assert isinstance(found, Robot), found
    return found


@pytest.mark.parametrize(
    ("reference", "channel", "url"),
    [
        ("wecombot://${KEY}", Channel.WECOM, f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={CANARY}"),
        ("WECOMBOT://Ab-1_c", Channel.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=Ab-1_c"),
        ("wecombot://?key=abc", Channel.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc"),
        ("dingtalk://${KEY}", Channel.DINGTALK, f"https://oapi.dingtalk.com/robot/send?access_token={CANARY}"),
        ("feishu://${KEY}", Channel.FEISHU, f"https://open.feishu.cn/open-apis/bot/v2/hook/{CANARY}"),
        ("lark://${KEY}", Channel.FEISHU, f"https://open.larksuite.com/open-apis/bot/v2/hook/{CANARY}"),
    ],
)  # fmt: skip
def test_where_a_makers_robot_is(reference: str, channel: Channel, url: str) -> None:
    found = robot(reference)
    assert (found.channel, found.url, found.secret, found.mentions) == (channel, url, "", ())
    assert not found.is_listed


@pytest.mark.parametrize(
    "reference", ["dingtalk://${SECRET}@${KEY}", "feishu://${SECRET}@t", "lark://t?secret=${SECRET}"]
)
def test_a_signing_secret_goes_before_the_token(reference: str) -> None:
    assert robot(reference).secret == ENV["SECRET"]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://127.0.0.1:9001", "http://127.0.0.1:9001/cgi-bin/webhook/send?key=k"),
        ("https://wx.example.gov.cn/proxy", "https://wx.example.gov.cn/proxy/cgi-bin/webhook/send?key=k"),
        ("https://wx.example.gov.cn/cgi-bin/webhook/send", "https://wx.example.gov.cn/cgi-bin/webhook/send?key=k"),
    ],
)
def test_an_office_says_where_its_own_robots_are(base: str, url: str) -> None:
    found = robot("wecombot://k", Channels(robots={"wecom": base}))
    assert (found.url, found.is_listed) == (url, True)
    assert not robot("feishu://k", Channels(robots={"wecom": base})).is_listed


@pytest.mark.parametrize(
    ("reference", "mentions"),
    [
        ("wecombot://k?mentions=zhangsan,@all", ("zhangsan", "@all")),
        ("wecombot://k?mentions=zhangsan，lisi; 13800138000", ("zhangsan", "lisi", "13800138000")),
        ("wecombot://k?mentions=zhang.san@example.cn,zhang.san@example.cn", ("zhang.san@example.cn",)),
        ("dingtalk://k/13800138000/?mentions=user01", ("13800138000", "user01")),
        ("dingtalk://k?to=13800138000", ("13800138000",)),
        ("feishu://k?mentions=ou_abc,@all", ("ou_abc", "@all")),
    ],
)
def test_whom_each_message_calls(reference: str, mentions: tuple[str, ...]) -> None:
    assert robot(reference).mentions == mentions


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("wecombot://", "企业微信群机器人地址无效，应写作 wecombot://KEY"),
        ("wecombot://a b", "地址无效"),
        ("wecombot://x@k", "没有签名密钥"),
        ("wecombot://k:8080", "地址无效"),
        ("wecombot://k/path", "地址无效"),
        ("wecombot://k?verify=no", "只能写 mentions"),
        ("wecombot://k?mentions=张三", "mentions 有1处无法识别，可写成员的用户编号、手机号或 @all"),
        ("wecombot://k?mentions=<@all>", "mentions 有1处无法识别"),
        ("wecombot://${NONE}", "环境变量 NONE 未设置或为空"),
        ("dingtalk://!", "钉钉群机器人地址无效"),
        ("dingtalk://k/123", "TOKEN 之后只能写手机号"),
        ("dingtalk://a:b@k", "地址无效"),
        ("feishu://k?mentions=13800138000", "可写成员的用户编号或 @all"),
        ("feishu://se%20cret@k", "签名密钥无效"),
        ("lark://k/x", "Lark群机器人地址无效"),
    ],
)
def test_what_is_refused_and_why(reference: str, says: str) -> None:
    found = resolve(reference, ENV)
    assert isinstance(found, AddressFault)
    assert says in found.reason
    assert check(reference, ENV) == found.reason


def test_no_token_shows_in_a_repr_a_reason_a_gate_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    caplog.set_level(1, "apprise")
    good = [robot(f"{scheme}://${{KEY}}") for scheme in ("wecombot", "dingtalk", "feishu", "lark")]
    good += [robot("dingtalk://${SECRET}@${KEY}"), robot("feishu://${SECRET}@${KEY}")]
    bad = [
        resolve(f"{scheme}://{rest}", ENV)
        for scheme in ("wecombot", "dingtalk", "feishu", "lark")
        for rest in ("${KEY}/${KEY}", "${KEY}:${KEY}@${KEY}:${KEY}", "k?${KEY}=1", "k?mentions=${KEY}%20!", "${KEY}%2F")
    ]
    shown = [repr(good), repr(bad), repr([gate_of(one, b"key") for one in good]), caplog.text]
    assert not any(CANARY in text for text in shown)


def test_messages_to_one_robot_share_a_gate_and_others_do_not() -> None:
    one, same, other = robot("wecombot://a"), robot("wecombot://a?mentions=zhangsan"), robot("wecombot://b")
    assert gate_of(one, b"key") == gate_of(same, b"key") != gate_of(other, b"key")
    assert gate_of(one, b"key") != gate_of(one, b"another home")
    gate = gate_of(one, b"key")
    assert gate.per_minute is not None
    assert gate.per_minute + gate.burst <= 20, "WeCom allows 20 in any minute"
    assert gate.label.startswith("wecombot:")


def test_a_robot_needs_no_caution() -> None:
    assert caution("wecombot://a") is None
