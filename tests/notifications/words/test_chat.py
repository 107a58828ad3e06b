"""What robots and services are sent: whom it calls, and what fits into one message."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.addresses import Channel, Robot, Service
from notifications.words.chat import Dialect, dialect_of
from notifications.words.wording import Chat, Slip

SLIP = Slip(1207)
SAID = Chat("整改督办：1项措施超期（2023-06-26）", "**整改督办**\n\n人事科：\n1. 序号3，整改已超期4个工作日")
LONG = Chat("整改督办", "措施“\n\\" * 9000)


def robot(channel: Channel, *mentions: str) -> Robot:
    return Robot(channel, channel.value, "https://h/", "", mentions)


def content(dialect: Dialect, chat: Chat = SAID) -> Mapping[str, Any]:
    sent = dialect.fitting(chat, SLIP)
    assert sent is not None
    found: Mapping[str, Any] = json.loads(sent)
    return found


def test_wecom_hears_markdown_that_calls_members_by_their_ids() -> None:
    assert content(dialect_of(robot(Channel.WECOM, "zhangsan", "lisi"))) == {
        "msgtype": "markdown", "markdown": {"content": f"<@zhangsan><@lisi>\n{SAID.text}\n\n〔编号 1207〕"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mentions", "lists"),
    [
        (("@all",), {"mentioned_list": ["@all"]}),
        (("zhangsan", "13800138000"), {"mentioned_list": ["zhangsan"], "mentioned_mobile_list": ["13800138000"]}),
    ],
)
def test_wecom_calls_everybody_and_mobiles_by_plain_text_only(
    mentions: tuple[str, ...], lists: Mapping[str, list[str]]
) -> None:
    dialect = dialect_of(robot(Channel.WECOM, *mentions))
    assert not dialect.markdown
    assert content(dialect) == {"msgtype": "text", "text": {"content": f"{SAID.text}\n\n〔编号 1207〕", **lists}}


def test_dingtalk_hears_markdown_whose_text_has_the_mentions_too() -> None:
    sent = content(dialect_of(robot(Channel.DINGTALK, "13800138000", "user01", "@all")))
    assert sent["markdown"]["title"] == SAID.subject
    assert sent["markdown"]["text"].startswith("@13800138000 @user01   \n**整改督办**  \n  \n人事科：")
    assert sent["markdown"]["text"].endswith("〔编号 1207〕")
    assert sent["at"] == {"atMobiles": ["13800138000"], "atUserIds": ["user01"], "isAtAll": True}


def test_feishu_hears_text_with_its_own_tags() -> None:
    sent = content(dialect_of(robot(Channel.FEISHU, "ou_1", "@all")))
    assert sent["msg_type"] == "text"
    assert sent["content"]["text"].startswith('<at user_id="ou_1"></at> <at user_id="all">所有人</at> \n**整改')


def test_another_service_hears_a_title_and_a_text() -> None:
    assert content(dialect_of(Service("schan", "schan://t"))) == {
        "title": SAID.subject, "body": f"{SAID.text}\n\n〔编号 1207〕",
    }  # fmt: skip


def bytes_that_count(channel: Channel, sent: bytes) -> int:
    """What the maker counts, as the test server does."""
    if channel is not Channel.WECOM:
        return len(sent)
    found = json.loads(sent)
    return len(str(found[found["msgtype"]]["content"]).encode())


LIMITS = [
    (robot(Channel.WECOM), 4096),
    (robot(Channel.WECOM, "@all"), 2048),
    (robot(Channel.DINGTALK, "13800138000"), 20_000),
    (robot(Channel.FEISHU), 20_480 - 120),  # timestamp and signature are added later
]


@pytest.mark.parametrize(("to", "most"), LIMITS)
def test_what_is_too_long_is_told_and_can_be_shortened_with_its_number_kept(to: Robot, most: int) -> None:
    dialect = dialect_of(to)
    assert dialect.fitting(LONG, SLIP) is None
    sent = dialect.shortened(LONG, SLIP)
    # Of WeCom's text the escapes of JSON are counted as well, which the maker may not.
    assert most * 0.6 < bytes_that_count(to.channel, sent) <= most
    assert "…" in sent.decode()
    assert "〔编号 1207〕" in sent.decode()


@given(text=st.text(max_size=3000))
def test_what_fits_is_within_the_makers_limit_however_it_is_written(text: str) -> None:
    for to, most in LIMITS:
        dialect, chat = dialect_of(to), Chat("题", text)
        sent = dialect.fitting(chat, SLIP) or dialect.shortened(chat, SLIP)
        assert bytes_that_count(to.channel, sent) <= most
        json.loads(sent)


def test_a_title_stays_short_enough_to_be_read() -> None:
    sent = content(dialect_of(robot(Channel.DINGTALK)), Chat("题" * 200, "文"))
    assert len(sent["markdown"]["title"]) == 60
