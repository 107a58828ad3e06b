"""What an HTTP reply means for a message. Pure: a whole reply in, an Outcome out.

Success is a 2xx AND the code that the robot calls success; a code nobody knows is a refusal, never an acceptance.
Codes are from the makers' documents: WeCom "全局错误码" and "群机器人配置说明", DingTalk "自定义机器人接入" and its
error codes, Feishu "自定义机器人使用指南". Statuses of HTTP are read by RFC 9110.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from notifications.addresses import Channel
from notifications.outcome import Outcome, OutcomeKind
from notifications.senders.http_exchange import Reply

_PAUSED, _REJECTED, _UNKNOWN = OutcomeKind.PAUSED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN
TEN_MINUTES = 600.0
"""How long DingTalk silences a robot that was too fast."""

STATUSES: Mapping[int, tuple[OutcomeKind, str]] = MappingProxyType(
    {
        # The request was not carried out, says the status itself.
        407: (_PAUSED, "代理服务器要求登录"),
        408: (_PAUSED, "对方没有收完整"),
        425: (_PAUSED, "对方要求稍后再发"),
        429: (_PAUSED, "发送过于频繁，对方要求暂停"),
        501: (_REJECTED, "对方不支持该请求"),
        503: (_PAUSED, "对方暂停服务"),
        505: (_REJECTED, "对方不支持该请求"),
    }
)
"""What else than a 4xx is a refusal, or is none. Any other 5xx (500; a gateway's 502, 504) may come after the deed."""

CODES: Mapping[Channel, Mapping[int, tuple[OutcomeKind, str]]] = MappingProxyType(
    {
        Channel.WECOM: {
            -1: (_PAUSED, "企业微信系统繁忙"),
            40008: (_REJECTED, "消息类型不合法"),
            40058: (_REJECTED, "消息内容不合法或过长"),
            45002: (_REJECTED, "消息内容过长"),
            45009: (_PAUSED, "发送过于频繁"),
            45033: (_PAUSED, "并发发送过多"),
            93000: (_REJECTED, "机器人地址无效，或机器人已被移出群聊"),
            93004: (_REJECTED, "机器人已被停用"),
            93008: (_REJECTED, "机器人不在群聊中"),
        },
        Channel.DINGTALK: {
            -1: (_PAUSED, "钉钉系统繁忙"),
            130101: (_PAUSED, "发送过于频繁，机器人停用十分钟"),
            130102: (_PAUSED, "发送过于频繁"),
            410100: (_PAUSED, "发送过于频繁"),
            300001: (_REJECTED, "机器人令牌无效"),
            300005: (_REJECTED, "机器人令牌无效"),
            310000: (_REJECTED, "未通过机器人的安全设置（关键词、签名或IP地址）"),
            400013: (_REJECTED, "群聊已解散"),
            400101: (_REJECTED, "机器人令牌无效"),
            400102: (_REJECTED, "机器人已停用"),
            400106: (_REJECTED, "机器人不存在"),
            430104: (_REJECTED, "消息含有不合适的内容"),
            460101: (_REJECTED, "消息内容过长"),
        },
        Channel.FEISHU: {
            2200: (_UNKNOWN, "飞书内部错误，是否送达不明"),
            9499: (_REJECTED, "请求格式不合法"),
            11232: (_PAUSED, "发送过于频繁"),
            11233: (_PAUSED, "发送过于频繁"),
            19001: (_REJECTED, "机器人地址无效"),
            19002: (_REJECTED, "请求格式不合法"),
            19021: (_REJECTED, "签名校验失败，或本机时间不准"),
            19022: (_REJECTED, "本机IP地址不在机器人白名单中"),
            19024: (_REJECTED, "消息不含机器人要求的关键词"),
        },
        Channel.WEBHOOK: {},
    }
)
"""What a code other than success means. Any that is not here is a refusal."""
_ASKS: Mapping[tuple[Channel, int], float] = MappingProxyType({(Channel.DINGTALK, 130101): TEN_MINUTES})
_CODE_KEYS: Mapping[Channel, tuple[Sequence[str], Sequence[str]]] = MappingProxyType(
    {
        Channel.WECOM: (("errcode",), ("errmsg",)),
        Channel.DINGTALK: (("errcode",), ("errmsg",)),
        Channel.FEISHU: (("code", "StatusCode"), ("msg", "StatusMessage")),
        Channel.WEBHOOK: (("errcode", "code"), ("errmsg", "msg", "message")),
    }
)
"""Where a reply holds its code, and what is said with it; the first that is there counts."""
_CODE = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the replies of one channel. `one_line` makes what a server said fit to be kept, without secrets."""

    channel: Channel
    one_line: Callable[[str], str]

    def judged(self, reply: Reply, now: datetime) -> Outcome:
        status = reply.status
        if 200 <= status < 300:
            return self._by_body(reply, now)
        if 300 <= status < 400:
            return Outcome(_REJECTED, "redirect", f"对方要求转到别处（HTTP {status}），没有照转")
        kind, reason = STATUSES.get(status, _by_class(status))
        said = self.one_line(reply.body.decode("utf-8", "replace")) if _is_text(reply) else ""
        told = f"{reason}（HTTP {status}）{said and '：'}{said}"
        return Outcome(kind, str(status), told, retry_after(reply, now) if kind is _PAUSED else None)

    def _by_body(self, reply: Reply, now: datetime) -> Outcome:
        found = _object(reply.body)
        if found is None:
            return self._without_code(reply)
        code_keys, said_keys = _CODE_KEYS[self.channel]
        code = next((found[key] for key in code_keys if key in found), None)
        words = next((found[key] for key in said_keys if key in found), "")
        said = self.one_line(words) if isinstance(words, str) else ""
        number = _number(code)
        if code is None and self.channel is Channel.WEBHOOK:
            return Outcome(OutcomeKind.ACCEPTED, str(reply.status), said)
        if number is None:
            return Outcome(_UNKNOWN, "no code", "对方答复中没有结果代码，是否送达不明")
        if number == 0 or (self.channel is Channel.WEBHOOK and 200 <= number < 300):
            return Outcome(OutcomeKind.ACCEPTED, str(number), said)
        kind, reason = CODES[self.channel].get(number, (_REJECTED, "对方拒收"))
        asked = _ASKS.get((self.channel, number), retry_after(reply, now)) if kind is _PAUSED else None
        return Outcome(kind, str(number), f"{reason}{said and '：'}{said}", asked)

    def _without_code(self, reply: Reply) -> Outcome:
        """A 2xx whose body is no JSON object: enough from a webhook, unless it is a page for people."""
        if self.channel is Channel.WEBHOOK and not reply.body.lstrip().startswith(b"<"):
            return Outcome(OutcomeKind.ACCEPTED, str(reply.status))
        return Outcome(_UNKNOWN, "no code", "对方的答复不是约定的格式，是否送达不明")


def retry_after(reply: Reply, now: datetime) -> float | None:
    """Seconds of the pause that the server asks for, in either form of RFC 9110; None where in neither."""
    written = reply.headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        return float(written.lstrip("0")[:9] or 0)
    try:
        at = parsedate_to_datetime(written)
    except (ValueError, OverflowError):  # a year with too many digits for any clock
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)


def _by_class(status: int) -> tuple[OutcomeKind, str]:
    if 400 <= status < 500:
        return _REJECTED, "对方拒收"
    return _UNKNOWN, "对方出错，是否送达不明"


def _is_text(reply: Reply) -> bool:
    return "html" not in reply.headers.get("content-type", "")


def _object(body: bytes) -> Mapping[str, object] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _number(code: object) -> int | None:
    """A code as a number; some gateways write it as text. What is longer than any code is none."""
    if isinstance(code, bool) or not isinstance(code, int | str):
        return None
    return int(code) if _CODE.fullmatch(str(code)) else None
