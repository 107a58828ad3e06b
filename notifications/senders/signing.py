"""How requests to chat robots are signed: each maker in its own way. PURE.

DingTalk ("自定义机器人安全设置"): HMAC-SHA256 under the secret over milliseconds, newline and secret, in the query.
Feishu ("自定义机器人使用指南"): HMAC-SHA256 over nothing, under seconds, newline and secret, in the body.
"""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime
from urllib.parse import quote


def dingtalk_query(secret: str, now: datetime) -> str:
    """The end of a query, with its ampersand. Base64 is percent-encoded once: twice, and the robot refuses (310000)."""
    stamp = str(int(now.timestamp() * 1000))
    sign = _mac(secret, f"{stamp}\n{secret}")
    return f"&timestamp={stamp}&sign={quote(sign, safe='')}"


def feishu_fields(secret: str, now: datetime) -> tuple[str, str]:
    """Timestamp and signature, for the body."""
    stamp = str(int(now.timestamp()))
    return stamp, _mac(f"{stamp}\n{secret}", "")


def _mac(key: str, message: str) -> str:
    return b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()
