"""What goes to a chat robot, to a webhook or to a further service: the words as JSON, within what one message may hold.

Pure: no channel and no clock. What is made here is kept and never changes after the first marker; a timestamp and a
signature are no part of it (senders/signing.py). Limits are the makers': 企业微信 4096 bytes of markdown or 2048 of
text, 钉钉 20,000 and 飞书 20 KB of the whole body; a little less is used.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notifications.addresses import Channel, Robot, Service
from notifications.addresses.robots import EVERYBODY, MOBILE
from notifications.words.wording import Chat, Slip

Content = Mapping[str, object]
_LONGEST_TITLE = 60
_WECOM_MARKDOWN, _WECOM_TEXT, _BODY = 4000, 2000, 19_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one destination is spoken to. `size` of a content is measured against `most`."""

    markdown: bool
    most: int
    content: Callable[[str, str], Content]  # of a title and a text
    size: Callable[[str, str], int]

    def fitting(self, chat: Chat, slip: Slip) -> bytes | None:
        """The content as bytes, with the slip's mark at its end; None where it is more than one message may hold."""
        text = f"{chat.text}\n\n{slip.mark}".rstrip()
        return self._bytes(chat.subject, text) if self.size(chat.subject, text) <= self.most else None

    def shortened(self, chat: Chat, slip: Slip) -> bytes:
        """The same, cut off where it must be; what the mark says stays."""
        low, high = 0, len(chat.text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.size(chat.subject, _cut(chat.text, middle, slip)) <= self.most:
                low = middle
            else:
                high = middle - 1
        return self._bytes(chat.subject, _cut(chat.text, low, slip))

    def _bytes(self, title: str, text: str) -> bytes:
        # Lone surrogates, which no JSON parser takes, become question marks.
        return json.dumps(self.content(title, text), ensure_ascii=False).encode("utf-8", "replace")


def dialect_of(destination: Robot | Service) -> Dialect:
    """How this robot or service is spoken to, and whom each message calls there."""
    if isinstance(destination, Service):
        return Dialect(False, destination.longest, _service, lambda title, text: len(title) + 1 + len(text))
    match destination.channel:
        case Channel.WECOM:
            return _wecom(destination.mentions)
        case Channel.DINGTALK:
            return _whole_body(True, lambda title, text: _dingtalk(title, text, destination.mentions))
    return _whole_body(False, lambda _, text: _feishu(text, destination.mentions))


def hook_content(subject: str, text: str, facts: Content) -> bytes:
    """What a program is sent. `facts` say for whom it is, and each item on its own."""
    return json.dumps({**facts, "subject": subject, "text": text}, ensure_ascii=False).encode("utf-8", "replace")


def _cut(text: str, length: int, slip: Slip) -> str:
    cut = text if length >= len(text) else f"{text[:length].rstrip()}…"
    return f"{cut}\n\n{slip.mark}".rstrip()


def _wecom(mentions: tuple[str, ...]) -> Dialect:
    """Markdown calls members by their user ids; mobile numbers and everybody can be called by a plain text only."""
    mobiles = [name for name in mentions if MOBILE.fullmatch(name)]
    users = [name for name in mentions if name not in mobiles]
    if not mobiles and EVERYBODY not in users:
        called = "".join(f"<@{name}>" for name in users)
        begun = f"{called}\n" if called else ""
        return Dialect(
            True,
            _WECOM_MARKDOWN,
            lambda _, text: {"msgtype": "markdown", "markdown": {"content": begun + text}},
            lambda _, text: _as_sent(begun + text),
        )
    lists = {"mentioned_list": users, "mentioned_mobile_list": mobiles}
    return Dialect(
        False,
        _WECOM_TEXT,
        lambda _, text: {"msgtype": "text", "text": {"content": text, **{key: of for key, of in lists.items() if of}}},
        lambda _, text: _as_sent(text),
    )


def _dingtalk(title: str, text: str, mentions: tuple[str, ...]) -> Content:
    """A mention counts only where the text has it too. In DingTalk's markdown a lone line break is none."""
    mobiles = [name for name in mentions if MOBILE.fullmatch(name)]
    users = [name for name in mentions if name not in mobiles and name != EVERYBODY]
    called = "".join(f"@{name} " for name in (*mobiles, *users))
    spaced = f"{called}\n{text}".strip().replace("\n", "  \n")
    at = {"atMobiles": mobiles, "atUserIds": users, "isAtAll": EVERYBODY in mentions}
    return {"msgtype": "markdown", "markdown": {"title": title[:_LONGEST_TITLE], "text": spaced}, "at": at}


def _feishu(text: str, mentions: tuple[str, ...]) -> Content:
    called = "".join(
        f'<at user_id="{"all" if name == EVERYBODY else name}">{"所有人" if name == EVERYBODY else ""}</at> '
        for name in mentions
    )
    return {"msg_type": "text", "content": {"text": f"{called}\n{text}".strip()}}


def _service(title: str, text: str) -> Content:
    return {"title": title, "body": text}


def _whole_body(markdown: bool, content: Callable[[str, str], Content]) -> Dialect:
    def size(title: str, text: str) -> int:
        return len(json.dumps(content(title, text), ensure_ascii=False).encode("utf-8", "replace"))

    return Dialect(markdown, _BODY, content, size)


def _as_sent(text: str) -> int:
    """Bytes of a text inside a JSON string, without its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")) - 2
