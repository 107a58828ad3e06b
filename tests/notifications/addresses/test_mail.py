"""Reading addresses: what each kind means, what is refused and why, and that no secret ever shows."""

import logging
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.addresses import (
    AddressFault,
    Channel,
    FileBox,
    Mailbox,
    Security,
    channel_of,
    check,
    label,
    resolve,
)

CANARY = "hunter2-canary"
ENV = {"SMTP_USER": "duban@example.cn", "SMTP_PASS": CANARY, "RSK": "rsk@example.cn", "EMPTY": ""}
HEAD = "mailto://mail.example.cn:25/?from=duban@example.cn"


def mailbox(reference: str) -> Mailbox:
    found = resolve(reference, ENV)
    assert isinstance(found, Mailbox), found
    return found


def fault(reference: str) -> AddressFault:
    found = resolve(reference, ENV)
    assert isinstance(found, AddressFault), found
    return found


def test_the_address_of_the_guide() -> None:
    reference = "mailtos://${SMTP_USER}:${SMTP_PASS}@mail.example.cn/?from=duban@example.cn&to=rsk@example.cn"
    assert mailbox(reference) == Mailbox(
        host="mail.example.cn",
        port=587,
        security=Security.STARTTLS,
        user="duban@example.cn",
        password=CANARY,
        sender="duban@example.cn",
        recipient="rsk@example.cn",
    )


@pytest.mark.parametrize(
    ("why", "url", "host", "port", "security"),
    [
        ("plain, as a test sink is", "mailto://127.0.0.1:2525/", "127.0.0.1", 2525, "none"),
        ("plain, its own port", "mailto://m.cn/", "m.cn", 25, "none"),
        ("localhost", "mailto://localhost:2525/", "localhost", 2525, "none"),
        ("IPv6", "mailto://[::1]:2525/", "::1", 2525, "none"),
        ("STARTTLS asked for", "mailto://m.cn:2525/?mode=starttls", "m.cn", 2525, "starttls"),
        ("TLS asked for", "mailtos://m.cn/?mode=ssl", "m.cn", 465, "tls"),
        ("port 465 means TLS at once", "mailtos://m.cn:465/", "m.cn", 465, "tls"),
        ("unless said otherwise", "mailtos://m.cn:465/?mode=starttls", "m.cn", 465, "starttls"),
        ("a server named apart", "mailtos://u:p@x.cn/?smtp=smtp.x.cn", "smtp.x.cn", 587, "starttls"),
        ("a provider by its domain", "mailtos://u:p@qq.com/", "smtp.qq.com", 587, "starttls"),
        ("a given port keeps its host", "mailtos://u:p@qq.com:2525/", "qq.com", 2525, "starttls"),
        ("capitals", "MAILTO://m.cn/", "m.cn", 25, "none"),
    ],
)
def test_where_and_how_a_mail_goes(why: str, url: str, host: str, port: int, security: str) -> None:
    envelope = "from=a@x.cn&to=b@y.cn"
    found = mailbox(f"{url}&{envelope}" if "?" in url else f"{url}?{envelope}")
    assert (found.host, found.port, found.security.value) == (host, port, security), why


@pytest.mark.parametrize(
    ("url", "sender", "recipient"),
    [
        (f"{HEAD}&to=B.b@Y.cn", "duban@example.cn", "B.b@Y.cn"),
        (f"{HEAD}&to=${{RSK}}", "duban@example.cn", "rsk@example.cn"),
        (f"{HEAD}&to=b%2Bc@y.cn", "duban@example.cn", "b+c@y.cn"),
        (f"{HEAD}&to=人事科 <rsk@example.cn>", "duban@example.cn", "rsk@example.cn"),
        ("mailto://m.cn:25/rsk@example.cn?from=a@x.cn", "a@x.cn", "rsk@example.cn"),
        ("mailto://m.cn:25/?from=督办 <a@x.cn>&to=b@y.cn", "a@x.cn", "b@y.cn"),
        ("mailto://u:p@m.cn:25/?to=b@y.cn", "u@m.cn", "b@y.cn"),
    ],
)
def test_from_whom_to_whom(url: str, sender: str, recipient: str) -> None:
    assert (mailbox(url).sender, mailbox(url).recipient) == (sender, recipient)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mailto://${NOBODY}:${SMTP_PASS}@m.cn/?to=b@y.cn", "环境变量 NOBODY 未设置或为空"),
        ("mailto://${A_A}:${B}@m.cn/?to=${A_A}", "环境变量 A_A、B 未设置或为空"),
        ("mailto://u:${EMPTY}@m.cn/?to=b@y.cn", "环境变量 EMPTY 未设置或为空"),
        ("mailto://u:${SMTP-PASS}@m.cn/?to=b@y.cn", "环境变量引用有误"),
        ("mailto://u:${SMTP_PASS@m.cn/?to=b@y.cn", "环境变量引用有误"),
        ("mailto://", "必须有且只有一个收件人"),
        (HEAD, "必须有且只有一个收件人"),
        (f"{HEAD}&to=b@y.cn,c@y.cn", "收件人地址无效"),
        (f"{HEAD}&to=b@y.cn&to=c@y.cn", "必须有且只有一个收件人"),
        ("mailto://m.cn:25/c@y.cn?from=a@x.cn&to=b@y.cn", "必须有且只有一个收件人"),
        (f"{HEAD}&to=张三@y.cn", "收件人地址无效"),
        (f"{HEAD}&to=张san@y.cn", "收件人地址无效"),
        (f"{HEAD}&to=b@中国.cn", "收件人地址无效"),
        (f"{HEAD}&to=b@y.cn%0d%0aDATA", "收件人地址无效"),
        (f"{HEAD}&to=b", "收件人地址无效"),
        ("mailto://u:p@m.cn:25/?from=张san@y.cn&to=b@y.cn", "发件人地址无效"),
        ("mailto://m.cn:25/?to=b@y.cn", "邮件地址无效"),
        ("mailto://m.cn:25/?from=a@x.cn&to=b@y.cn&mode=tls", "邮件地址无效"),
        ("mailto://m.cn:0/?from=a@x.cn&to=b@y.cn", "名称或端口无效"),
        ("mailto://m.cn:65536/?from=a@x.cn&to=b@y.cn", "名称或端口无效"),
        ("mailto://邮件.cn/?from=a@x.cn&to=b@y.cn", "名称或端口无效"),
        ("mailto://m_m.cn/?from=a@x.cn&to=b@y.cn", "名称或端口无效"),
        ("mailto://[::1/?from=a@x.cn&to=b@y.cn", "邮件地址无效"),
        ("mailto://duban@x.cn:p@m.cn/?from=a@x.cn&to=b@y.cn", "应写作 %40"),
        ("mailto://u:密码@m.cn/?from=a@x.cn&to=b@y.cn", "用户名和密码只能由"),
        ("mailto://u:p%00x@m.cn/?from=a@x.cn&to=b@y.cn", "用户名和密码只能由"),
        (f"{HEAD}&to=b@y.cn&cc=c@y.cn", "不支持参数 cc"),
        (f"{HEAD}&to=b@y.cn&BCC=c@y.cn&reply=d@y.cn", "不支持参数 bcc、reply"),
        (f"{HEAD}&to=b@y.cn&pgp=encrypt", "不支持参数 pgp"),
        (f"{HEAD}&to=b@y.cn&%2BX-Tag=1", "不支持自定义信头"),
        (f"{HEAD}&to=b@y.cn&verify=no", "不支持跳过证书检查"),
        ("nosuch://0123456789", "不支持“nosuch://”地址"),
        ("dbus://", "不支持“dbus://”地址"),  # would show it on this machine's screen
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "不支持“https://”地址"),
        ("${WHOLE}", "地址无效"),
        ("rsk@example.cn", "地址无效"),
        ("mailto:rsk@example.cn", "地址无效"),
        ("", "地址无效"),
        ("file:/etc", "“file:”之后不应再写内容"),
    ],
)
def test_what_is_refused_and_why(url: str, says: str) -> None:
    assert says in fault(url).reason
    assert check(url, ENV) == fault(url).reason


@pytest.mark.parametrize("reference", ["file:", " file: ", "FILE:"])
def test_our_own_file_address(reference: str) -> None:
    assert resolve(reference, {}) == FileBox()
    assert channel_of(reference) is Channel.FILE
    assert check(reference, {}) is None


@pytest.mark.parametrize(
    ("reference", "shown", "channel"),
    [
        ("mailtos://${U}:${P}@m.cn/?from=a@x.cn&to=rsk@Example.cn", "mailtos:example.cn", Channel.SMTP),
        (f"mailto://u:{CANARY}@m.cn/?to=rsk%40example.cn", "mailto:example.cn", Channel.SMTP),
        (f"mailto://u:{CANARY}@m.cn/?to=${{RSK}}", "mailto:", Channel.SMTP),
        (f"mailto://{CANARY}", "mailto:", Channel.SMTP),
        (f"wecombot://{CANARY}", "wecombot:", Channel.WECOM),
        (f"dingtalk://{CANARY}@{CANARY}", "dingtalk:", Channel.DINGTALK),
        (f"feishu://{CANARY}", "feishu:", Channel.FEISHU),
        (f"lark://{CANARY}", "lark:", Channel.FEISHU),
        (f"json://u:{CANARY}@h/?to=a@b.cn", "json:", Channel.WEBHOOK),
        (f"schan://{CANARY}", "schan:", Channel.OTHER),
        (f"u:{CANARY}@m.cn", "无效地址", Channel.OTHER),
        ("file:", "file:", Channel.FILE),
        (f"file:{CANARY}", "file:", Channel.FILE),
    ],
)
def test_a_label_shows_no_more_than_scheme_and_domain(reference: str, shown: str, channel: Channel) -> None:
    assert label(reference) == shown
    assert channel_of(reference) is channel


@settings(max_examples=60, deadline=None)
@given(
    user=st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1),
    password=st.text(string.printable[:95], min_size=1),
)
def test_any_login_survives_the_url(user: str, password: str) -> None:
    reference = "mailtos://${U}:${P}@mail.example.cn/?from=duban@example.cn&to=rsk@example.cn"
    found = resolve(reference, {"U": user, "P": password})
    assert isinstance(found, Mailbox)
    assert (found.user, found.password, found.host) == (user, password, "mail.example.cn")


def test_no_secret_shows_in_a_repr_a_reason_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    caplog.set_level(1, "apprise")
    good = mailbox(f"{HEAD}&to=b@y.cn".replace("://", "://${SMTP_USER}:${SMTP_PASS}@"))
    bad = [
        fault(f"mailto://u:${{SMTP_PASS}}@m.cn/?from=a@x.cn&to=b@y.cn&mode={CANARY}"),
        fault(f"mailto://u:${{SMTP_PASS}}@m.cn:{CANARY}/?to=b@y.cn"),
        fault("mailto://${SMTP_PASS}/?to=${SMTP_PASS}"),
        fault("mailto://m.cn/?from=a@x.cn&to=${SMTP_PASS}"),
        fault(f"json://{CANARY}"),
    ]
    assert good.password == CANARY
    for shown in (repr(good), str(good), repr(bad), caplog.text):
        assert CANARY not in shown
        assert "duban@example.cn:" not in shown
    assert "user" not in repr(good)


def test_apprise_may_speak_again_afterwards() -> None:
    resolve(f"{HEAD}&to=b@y.cn", {})
    assert not logging.getLogger("apprise").disabled
